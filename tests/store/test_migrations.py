"""The schema moves in numbered steps, each whole or not at all."""

import pytest

from sla_console.domain.errors import StoreError
from sla_console.store import migrate
from sla_console.store.connection import Connection
from sla_console.store.faults import DriverError
from sla_console.store.key import StoreKey

KEY = StoreKey(bytes(32), "test")


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "0001_first.sql").write_text("CREATE TABLE one (a TEXT);\n")
    (folder / "0002_second.sql").write_text(
        "-- A comment; with a semicolon.\n\n"
        "CREATE TABLE two (a TEXT);\n"
        "INSERT INTO one VALUES ('from two;');\n"
        "CREATE TRIGGER keep BEFORE DELETE ON one\nBEGIN\n"
        "    SELECT RAISE(ABORT, 'kept');\nEND;\n"
        "INSERT INTO two VALUES ('last');\n"
    )
    return folder


@pytest.fixture
async def connection(tmp_path):
    (tmp_path / "a.db").touch()
    connection = await Connection.open(tmp_path / "a.db", KEY)
    yield connection
    await connection.close()


async def tables(connection) -> set[str]:
    return {name for (name,) in await connection.rows("SELECT name FROM sqlite_master")}


async def version(connection) -> int:
    return (await connection.rows("PRAGMA user_version"))[0][0]


async def test_each_step_runs_once_in_order(connection, folder, tmp_path):
    steps = migrate.migrations(folder)
    await migrate.migrate(connection, tmp_path / "a.db", steps)
    await migrate.migrate(connection, tmp_path / "a.db", steps)
    assert await version(connection) == 2
    assert await tables(connection) == {"one", "two", "keep"}
    assert await connection.rows("SELECT * FROM one") == [("from two;",)]


@pytest.mark.parametrize("statement", range(5))
async def test_a_step_that_dies_half_way_leaves_the_one_before_and_can_run_again(
    connection, folder, tmp_path, statement
):
    steps = migrate.migrations(folder)
    whole = steps[1].statements

    class Dies(migrate.Migration):
        def statements(self):
            for number, text in enumerate(whole()):
                if number == statement:
                    raise KeyboardInterrupt
                yield text
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await migrate.migrate(connection, tmp_path / "a.db", [steps[0], Dies(2, steps[1].path)])
    assert await version(connection) == 1
    assert await tables(connection) == {"one"}
    await migrate.migrate(connection, tmp_path / "a.db", steps)
    assert await version(connection) == 2
    assert await connection.rows("SELECT * FROM two") == [("last",)]


async def test_a_faulty_statement_undoes_its_step(connection, folder, tmp_path):
    (folder / "0003_bad.sql").write_text("CREATE TABLE three (a TEXT);\nINSERT INTO nowhere;\n")
    with pytest.raises(DriverError):
        await migrate.migrate(connection, tmp_path / "a.db", migrate.migrations(folder))
    assert await version(connection) == 2
    assert "three" not in await tables(connection)


def test_a_gap_in_the_numbers_is_refused(folder):
    (folder / "0004_gap.sql").write_text("SELECT 1;")
    with pytest.raises(ValueError, match="gap"):
        migrate.migrations(folder)


def test_a_statement_without_end_is_refused(folder):
    (folder / "0003_open.sql").write_text("CREATE TABLE three (a TEXT)")
    with pytest.raises(ValueError, match="no end"):
        list(migrate.migrations(folder)[2].statements())


async def test_the_real_schema_is_as_far_as_its_files(store):
    assert (await store._database.row("PRAGMA user_version"))[0] == len(migrate.migrations())


async def test_stores_without_rows_are_not_errors(store):
    assert await store.tickets.load_open() == []
    assert await store.holds.load() == {}
    assert await store.breaches.load_active() == []
    assert await store.outbox.records() == []
    with pytest.raises(StoreError):
        await store._database.rows("SELECT * FROM no_such_table")


@pytest.mark.parametrize("tickets", [0, 1])
async def test_categories_are_known_from_the_upgrade_on_where_there_were_tickets(
    connection, tmp_path, tickets
):
    """A store of an earlier version has tickets without a category; a new one has none at all."""
    steps = migrate.migrations()
    await migrate.migrate(connection, tmp_path / "a.db", steps[:13])
    for number in range(tickets):
        await connection.rows(
            "INSERT INTO ticket (id, display_id, subject, status, next_due) "
            f"VALUES ('{number}', 'T', '', 'Open', 0)"
        )
    await migrate.migrate(connection, tmp_path / "a.db", steps[:14])
    known = await connection.rows("SELECT value FROM meta WHERE name = 'categories known from'")
    assert len(known) == tickets
