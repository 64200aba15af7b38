"""Whatever keeps a database shut is told apart, in one sentence, and nothing is deleted."""

import asyncio
import logging
import os
import random
import subprocess
import tempfile
from pathlib import Path

import pytest

from sla_console.domain.errors import (
    StoreDamaged,
    StoreError,
    StoreFull,
    StoreTooNew,
    WrongKey,
)
from sla_console.store import connection
from sla_console.store.key import StoreKey
from sla_console.store.store import Store

PAGE = 4096


def is_one_sentence_about(error: Exception, path: Path) -> bool:
    text = str(error)
    return str(path) in text and "\n" not in text and text.endswith(".")


@pytest.fixture
async def tickets(store, make_ticket):
    """A closed database of some hundred pages, and what is in it."""
    tickets = [make_ticket(str(n), subject=f"{n} " + "x" * 300) for n in range(600)]
    await store.tickets.save(tickets, set())
    await store.close()
    return tickets


async def test_another_key_is_told_and_changes_nothing(path, tickets):
    before = path.read_bytes()
    with pytest.raises(WrongKey, match="another key") as caught:
        await Store.open(path, StoreKey(bytes(32), "somewhere"))
    assert is_one_sentence_about(caught.value, path)
    assert path.read_bytes() == before


async def test_another_key_without_the_check_value_is_not_called_damage(path, tickets):
    path.with_name(path.name + ".keycheck").unlink()
    with pytest.raises(WrongKey, match="or its first page is damaged"):
        await Store.open(path, StoreKey(bytes(32), "somewhere"))


async def test_a_lost_check_value_is_written_again(path, tickets, open_store):
    check = path.with_name(path.name + ".keycheck")
    value = check.read_text()
    check.unlink()
    await open_store()
    assert check.read_text() == value


async def test_a_damaged_first_page_is_damage_because_the_key_is_right(path, tickets, find_key):
    with path.open("r+b") as file:
        file.seek(100)
        file.write(b"\0" * 64)
    before = path.read_bytes()
    with pytest.raises(StoreDamaged, match="damaged") as caught:
        await Store.open(path, find_key())
    assert is_one_sentence_about(caught.value, path)
    assert path.read_bytes() == before


async def test_a_truncated_database_is_damage(path, tickets, open_store):
    os.truncate(path, 20 * PAGE + 7)
    with pytest.raises(StoreDamaged):
        await (await open_store()).tickets.load_open()


async def test_no_flipped_bit_ever_gives_a_wrong_row(path, tickets, find_key):
    """Each damage is either found or did not matter."""
    sound = path.read_bytes()
    spots = random.Random(7)
    found = 0
    for _ in range(25):
        damaged = bytearray(sound)
        damaged[spots.randrange(len(sound))] ^= 1 << spots.randrange(8)
        path.write_bytes(damaged)
        try:
            store = await Store.open(path, find_key())
        except StoreDamaged:
            found += 1
            continue
        try:
            rows = await store.tickets.load_open()
        except StoreDamaged:
            found += 1
        else:
            assert sorted(rows, key=lambda ticket: int(ticket.id)) == tickets
        finally:
            await store.close()
        for leftover in ("-wal", "-shm"):
            path.with_name(path.name + leftover).unlink(missing_ok=True)
    assert found >= 10


async def test_damage_while_running_is_found_by_reading_and_by_writing(
    path, tickets, open_store, make_ticket
):
    store = await open_store()
    sound = path.read_bytes()
    path.write_bytes(sound[: 10 * PAGE] + os.urandom(len(sound) - 10 * PAGE))
    with pytest.raises(StoreDamaged):
        await store.tickets.load_open()
    with pytest.raises(StoreDamaged):
        await store.tickets.save([make_ticket(str(n), status="New") for n in range(600)], set())
    path.write_bytes(sound)
    assert len(await store.tickets.load_open()) == 600


async def test_a_fault_that_passes_is_not_called_damage(path, tickets, open_store, monkeypatch):
    """What looks like damage is looked at again through a new connection."""
    store = await open_store()
    sound = path.read_bytes()
    path.write_bytes(sound[: 10 * PAGE] + os.urandom(len(sound) - 10 * PAGE))
    real = store._database._reopen_if_sound

    async def mended_meanwhile():
        path.write_bytes(sound)
        await real()

    monkeypatch.setattr(store._database, "_reopen_if_sound", mended_meanwhile)
    assert len(await store.tickets.load_open()) == 600


async def test_a_newer_schema_is_refused_naming_both(store, path, find_key):
    async with store._database.transaction() as transaction:
        await transaction.run("PRAGMA user_version = 4711")
    await store.close()
    before = path.read_bytes()
    with pytest.raises(StoreTooNew, match=r"schema 4711.*up to \d+") as caught:
        await Store.open(path, find_key())
    assert str(path) in str(caught.value)
    assert path.read_bytes() == before


async def test_a_full_database_keeps_what_it_has_and_goes_on_when_there_is_space(
    store, path, make_ticket
):
    """The limit on pages is the engine's own way to run out of space."""
    await store.tickets.save([make_ticket("1")], set())
    pages = (await store._database.row("PRAGMA page_count"))[0]
    await store._database._writer.rows(f"PRAGMA max_page_count = {pages + 5}")
    many = [make_ticket(str(n), subject="x" * 500) for n in range(500)]
    with pytest.raises(StoreFull, match="no space is left") as caught:
        await store.tickets.save(many, set())
    assert is_one_sentence_about(caught.value, path)
    assert [ticket.id for ticket in await store.tickets.load_open()] == ["1"]
    await store._database._writer.rows("PRAGMA max_page_count = 1000000")
    await store.tickets.save(many, set())
    assert len(await store.tickets.load_open()) == 500


WRITES_AGAINST_A_LIMIT = """
import asyncio, resource, signal, sys
from pathlib import Path
from sla_console.domain.errors import StoreError
from sla_console.store.key import load_or_create_key
from sla_console.store.store import Store
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
async def main():
    folder = Path(sys.argv[1])
    store = await Store.open(folder / "a.db", load_or_create_key(folder / "key", None, {}))
    await store.meta.set("before", "x")
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
    refused = 0
    for number in range(40):
        try:
            await store.meta.set(str(number), "y" * 20_000)
        except StoreError as error:
            assert str(folder) in str(error), error
            refused += 1
    assert refused, "the limit was never met"
    assert await store.meta.get("before") == "x"
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    await store.meta.set("after", "z")
    assert await store._database._writer.sound()
    await store.close()
    store = await Store.open(folder / "a.db", load_or_create_key(folder / "key", None, {}))
    assert await store.meta.get("after") == "z"
    await store.close()
asyncio.run(main())
"""


def test_a_file_size_limit_stops_writes_and_nothing_else(tmp_path, python):
    done = subprocess.run(
        [python, "-c", WRITES_AGAINST_A_LIMIT, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


OPENS_READ_ONLY = """
import asyncio, os, sys, tempfile
from pathlib import Path
from sla_console.domain.errors import StoreError
from sla_console.store.key import StoreKey
from sla_console.store.store import Store
async def main():
    # Before rights are dropped: what is imported late may lie in a home folder.
    with tempfile.TemporaryDirectory() as name:
        await (await Store.open(Path(name) / "a.db", StoreKey(bytes(32), "test"))).close()
    if os.geteuid() == 0:
        os.setgid(65534), os.setuid(65534)
    for name in sys.argv[1:]:
        try:
            await Store.open(Path(name), StoreKey(bytes(32), "test"))
        except StoreError as error:
            print(error)
asyncio.run(main())
"""


def test_a_folder_that_may_not_be_written_is_told(python):
    async def make(path: Path) -> None:
        await (await Store.open(path, StoreKey(bytes(32), "test"))).close()

    # Not under pytest's own folder, which another user may not even enter.
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "a.db"
        asyncio.run(make(path))
        for file in folder.iterdir():
            file.chmod(0o444)
        folder.chmod(0o555)
        done = subprocess.run(
            [python, "-c", OPENS_READ_ONLY, str(path), str(folder / "new.db")],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        folder.chmod(0o700)
        assert done.stderr == ""
        there, new = done.stdout.splitlines()
        assert there.startswith(f"{path}: the database cannot be opened or written by this user")
        assert new.startswith(f"{folder / 'new.db'}: it cannot be used (Permission denied)")
        assert not (folder / "new.db").exists()


async def test_an_engine_that_can_lose_data_is_refused(path, find_key, monkeypatch):
    monkeypatch.setattr(connection.sqlcipher3, "sqlite_version_info", (3, 51, 2))
    with pytest.raises(StoreError, match=r"SQLite 3\.51\.3 or newer"):
        await Store.open(path, find_key())
    assert not path.exists()


async def test_every_connection_is_set_up_to_be_safe(store):
    expected = {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "recursive_triggers": 1,
        "busy_timeout": 5000,
        "wal_autocheckpoint": 200,
    }
    for link in (store._database._writer, store._database._reader):
        for pragma, value in expected.items():
            assert await link.rows(f"PRAGMA {pragma}") == [(value,)], pragma


async def test_the_reading_connection_cannot_write(store):
    with pytest.raises(StoreError):
        await store._database.rows("INSERT INTO meta VALUES ('a', 'b')")
    assert await store.meta.get("a") is None


async def test_no_plain_text_reaches_the_disk(store, path, make_ticket):
    marker = "CANARY-in-the-subject"
    await store.tickets.save([make_ticket("1", subject=marker)], set())
    files = list(path.parent.iterdir())
    assert len(files) >= 3  # the log with the new row is among them
    for file in files:
        assert marker.encode() not in file.read_bytes()
        assert b"CREATE TABLE" not in file.read_bytes()
        assert b"SQLite format" not in file.read_bytes()


async def test_nothing_that_is_stored_reaches_the_log(store, make_ticket, caplog, capfd):
    with caplog.at_level(logging.DEBUG):
        await store.tickets.save([make_ticket("1", subject="CANARY")], set())
        await store.meta.set("name", "CANARY")
        await store.tickets.get("CANARY")
    assert "CANARY" not in caplog.text
    assert capfd.readouterr() == ("", "")


async def test_damage_prints_nothing_where_the_board_is_drawn(path, tickets, find_key, capfd):
    path.write_bytes(os.urandom(path.stat().st_size))
    with pytest.raises(StoreDamaged):
        await Store.open(path, find_key())
    assert capfd.readouterr() == ("", "")


async def test_a_closed_store_says_so(store):
    await store.close()
    with pytest.raises(StoreError, match="closed"):
        await store.meta.get("a")
    with pytest.raises(StoreError, match="closed"):
        await store.meta.set("a", "b")
    await store.close()
