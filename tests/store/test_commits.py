"""Commits that are lost are noticed at the next start, and a crash is never taken for a loss."""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from sla_console.domain.errors import StoreDamaged, StoreGone
from sla_console.store.companion import CommitMark, Companion
from sla_console.store.key import load_or_create_key
from sla_console.store.store import Store

KILLS = int(os.environ.get("SLA_CONSOLE_KILLS", "4"))


@pytest.fixture
async def start(path, find_key, clock):
    """Opens the database as a console does, and closes what was opened before."""
    opened: list[Store] = []

    async def begin() -> Store:
        for store in opened:
            await store.close()
        opened[:] = [await Store.open(path, find_key(), clock.now)]
        return opened[0]

    yield begin
    for store in opened:
        await store.close()


def leave_log(path: Path, to: Path) -> None:
    """Copy the files as a killed console would leave them."""
    to.mkdir()
    for file in path.parent.iterdir():
        if not file.name.endswith("-shm"):
            shutil.copyfile(file, to / file.name)


def put_back(kept: Path, folder: Path, *names: str) -> None:
    for name in names or [file.name for file in kept.iterdir()]:
        shutil.copyfile(kept / name, folder / name)


async def test_each_commit_is_counted_inside_and_beside(start, path):
    store = await start()
    before = Companion(path).read()
    for number in range(3):
        await store.meta.set("a", str(number))
    after = Companion(path).read()
    assert after.commits == before.commits + 3
    assert await store.meta.get("commits") == str(after.commits)


async def test_what_changes_nothing_is_not_counted(start, path, now):
    store = await start()
    before = Companion(path).read()
    async with store._database.transaction() as transaction:
        await transaction.rows("SELECT * FROM meta")
    assert Companion(path).read() == before


async def test_a_log_whose_end_is_damaged_is_said_and_written_into_the_history(
    start, path, tmp_path
):
    """Five commits, of which the last two frames of the log are cut off: SQLite says nothing."""
    store = await start()
    for number in range(5):
        await store.meta.set("a", str(number))
    leave_log(path, tmp_path / "killed")
    await store.close()
    log = tmp_path / "killed" / "console.db-wal"
    os.truncate(log, log.stat().st_size - 2 * (4096 + 24))
    for file in path.parent.iterdir():
        file.unlink()
    put_back(tmp_path / "killed", path.parent)
    store = await start()
    setback = (await store.look(leading=False)).setback
    assert "changes are missing from the database" in setback
    (entry,) = await store.audit.for_subject("store")
    assert entry.action == "lost commits"
    store = await start()
    assert len(await store.audit.for_subject("store")) == 1, "it is found once"
    assert (await store.look(leading=False)).setback == setback


async def test_an_older_copy_put_back_is_noticed(start, path, tmp_path):
    store = await start()
    await store.meta.set("a", "old")
    await store.close()
    shutil.copyfile(path, tmp_path / "copy")
    store = await start()
    await store.meta.set("a", "new")
    await store.meta.set("a", "newer")
    await store.close()
    shutil.copyfile(tmp_path / "copy", path)
    store = await start()
    assert "the last 2 changes are missing" in (await store.look(leading=False)).setback


async def test_an_older_copy_beside_a_newer_log_is_refused(start, path, tmp_path):
    """SQLite would take the two for one database and mix them."""
    store = await start()
    await store.meta.set("a", "old")
    await store._database.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copyfile(path, tmp_path / "copy")
    await store.meta.set("a", "new")
    await store._database.fold()
    await store.meta.set("b", "newer")
    leave_log(path, tmp_path / "killed")
    await store.close()
    for file in path.parent.iterdir():
        file.unlink()
    put_back(tmp_path / "killed", path.parent)
    shutil.copyfile(tmp_path / "copy", path)
    with pytest.raises(StoreDamaged, match=r"is an older copy than console\.db-wal beside it"):
        await start()
    path.with_name("console.db-wal").unlink()
    store = await start()
    assert await store.meta.get("a") == "old"
    assert "changes are missing" in (await store.look(leading=False)).setback


async def test_another_database_in_its_place_is_noticed(start, path, tmp_path, find_key, clock):
    store = await start()
    await store.close()
    other = await Store.open(tmp_path / "other" / "b.db", find_key(), clock.now)
    await other.close()
    shutil.copyfile(tmp_path / "other" / "b.db", path)
    store = await start()
    assert "another database stands in the place" in (await store.look(leading=False)).setback


async def test_a_database_from_before_commits_were_counted_opens_and_is_counted(
    start, path, find_key
):
    store = await Store.open(path, find_key())
    await store.meta.set("a", "b")
    await store.close()
    store = await start()
    assert (await store.look(leading=False)).setback is None
    await store.meta.set("a", "c")
    assert Companion(path).read().commits == 1


@pytest.mark.parametrize("what", ["empty", "rubbish", "folder", "pipe", "link", "gone", "huge"])
async def test_a_file_beside_it_that_says_nothing_keeps_nobody_from_working(start, path, what):
    store = await start()
    await store.meta.set("a", "b")
    await store.close()
    beside = Companion(path).path
    beside.unlink()
    match what:
        case "empty":
            beside.touch()
        case "rubbish":
            beside.write_bytes(os.urandom(5000))
        case "folder":
            beside.mkdir()
        case "pipe":
            os.mkfifo(beside)
        case "link":
            beside.symlink_to("nowhere")
        case "huge":
            with beside.open("wb") as file:
                file.truncate(1 << 40)
    store = await start()
    await store.meta.set("a", "c")
    state = await store.look(leading=True)
    assert (state.setback, state.in_memory) == (None, False)
    assert await store.meta.get("a") == "c"


async def test_of_two_consoles_the_higher_count_stays(tmp_path):
    beside = Companion(tmp_path / "a.db")
    beside.note(CommitMark("x", 6))
    beside.note(CommitMark("x", 5))
    assert beside.read() == CommitMark("x", 6)


@pytest.mark.parametrize("left", [".keycheck", "-wal", ".commits"])
@pytest.mark.parametrize("how", ["gone", "empty"])
async def test_no_new_database_begins_where_there_was_one(start, path, left, how):
    store = await start()
    await store.close()
    for file in path.parent.iterdir():
        if file != path and not file.name.endswith(left):
            file.unlink()
    path.with_name(path.name + left).touch()
    path.unlink() if how == "gone" else os.truncate(path, 0)
    with pytest.raises(StoreGone, match=f"the database is {how}, but console.db{left}") as caught:
        await start()
    assert "put it back from a copy, or move every file" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not path.exists() or not path.stat().st_size


async def test_an_empty_file_alone_is_a_first_start_that_was_killed(start, path):
    path.parent.mkdir(parents=True)
    path.touch()
    store = await start()
    await store.meta.set("a", "b")


WRITER = """
import asyncio, sys
from datetime import datetime, UTC
from pathlib import Path
from sla_console.store.key import load_or_create_key
from sla_console.store.store import Store
async def main():
    path, key_file = map(Path, sys.argv[1:3])
    now = lambda: datetime(2026, 10, 12, tzinfo=UTC)
    store = await Store.open(path, load_or_create_key(key_file, None, {}), now)
    assert (await store.look(leading=False)).setback is None
    number = 0
    while True:
        number += 1
        await store.meta.set(sys.argv[3], str(number) + "x" * 3000)
        if number == 1:
            print("began", flush=True)
asyncio.run(main())
"""


def test_no_kill_is_taken_for_a_loss(python, path, key_file, clock):
    """Two consoles write as fast as they can, each killed at a moment of its own."""

    async def setback() -> str | None:
        store = await Store.open(path, load_or_create_key(key_file, None, {}), clock.now)
        try:
            return (await store.look(leading=False)).setback
        finally:
            await store.close()

    for kill in range(KILLS):
        arguments = [python, "-c", WRITER, str(path), str(key_file)]
        writers = [
            subprocess.Popen([*arguments, name], stdout=subprocess.PIPE) for name in ("a", "b")
        ]
        for writer in writers:
            assert writer.stdout.readline() == b"began\n"
        with contextlib.suppress(subprocess.TimeoutExpired):
            writers[0].wait(0.02 + 0.007 * kill)
        for writer in writers:
            writer.send_signal(signal.SIGKILL)
            writer.wait()
            writer.stdout.close()
        assert asyncio.run(setback()) is None
