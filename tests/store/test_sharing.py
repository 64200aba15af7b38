"""Several consoles share one file, and a killed one takes nothing acknowledged with it."""

import asyncio
import signal
import subprocess

import pytest

from sla_console.store.key import load_or_create_key
from sla_console.store.store import Store

WRITER = """
import asyncio, sys
from pathlib import Path
from sla_console.store.key import load_or_create_key
from sla_console.store.store import Store
async def main():
    path, key_file = map(Path, sys.argv[1:3])
    store = await Store.open(path, load_or_create_key(key_file, None, {}))
    number = int(await store.meta.get("last") or 0)
    while True:
        number += 1
        await store.meta.set(f"row {number}", "x" * 900)
        await store.meta.set("last", str(number))
        print(number, flush=True)
asyncio.run(main())
"""

FIRST_START = """
import asyncio, sys
from pathlib import Path
from sla_console.store.key import load_or_create_key
from sla_console.store.store import Store
async def main():
    path, key_file = map(Path, sys.argv[1:3])
    store = await Store.open(path, load_or_create_key(key_file, None, {}))
    await store.meta.set(sys.argv[3], "here")
    await store.close()
asyncio.run(main())
"""

LEAVES_IT_OPEN = """
import asyncio, sys
from pathlib import Path
from sla_console.store.key import load_or_create_key
from sla_console.store.store import Store
async def main():
    path, key_file = map(Path, sys.argv[1:3])
    global store
    store = await Store.open(path, load_or_create_key(key_file, None, {}))
    await store.meta.set("a", "b")
    raise SystemExit(7)
asyncio.run(main())
"""


def arguments(python, program, path, key_file, *more):
    return [python, "-c", program, str(path), str(key_file), *more]


def test_a_killed_writer_loses_no_acknowledged_row(python, path, key_file):
    async def rows() -> tuple[int, set[str], bool]:
        store = await Store.open(path, load_or_create_key(key_file, None, {}))
        try:
            found = await store._database.rows("SELECT name FROM meta WHERE name LIKE 'row %'")
            last = int(await store.meta.get("last") or 0)
            return last, {name for (name,) in found}, await store._database._writer.sound()
        finally:
            await store.close()

    acknowledged = 0
    for kill in range(4):
        with subprocess.Popen(
            arguments(python, WRITER, path, key_file), stdout=subprocess.PIPE, text=True
        ) as writer:
            for line in writer.stdout:
                acknowledged = int(line)
                if acknowledged >= (kill + 1) * 37:
                    break
            writer.send_signal(signal.SIGKILL)
            # What was printed before the kill was promised too.
            acknowledged = max([acknowledged, *map(int, writer.stdout.read().split())])
        last, names, sound = asyncio.run(rows())
        assert sound
        assert last >= acknowledged
        assert {f"row {number}" for number in range(1, acknowledged + 1)} <= names
    assert acknowledged >= 4 * 37


def test_first_starts_at_once_share_one_database(python, path, key_file):
    starts = [
        subprocess.Popen(
            arguments(python, FIRST_START, path, key_file, f"console {number}"),
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(4)
    ]
    for start in starts:
        _, errors = start.communicate(timeout=30)
        assert start.returncode == 0, errors

    async def names() -> set[str]:
        store = await Store.open(path, load_or_create_key(key_file, None, {}))
        try:
            return {name for (name,) in await store._database.rows("SELECT name FROM meta")}
        finally:
            await store.close()

    assert asyncio.run(names()) == {f"console {number}" for number in range(4)}


def test_a_process_that_never_closes_its_store_still_ends(python, path, key_file):
    done = subprocess.run(
        arguments(python, LEAVES_IT_OPEN, path, key_file), timeout=20, check=False
    )
    assert done.returncode == 7


async def test_another_console_reads_while_one_writes(store, open_store, make_ticket):
    other = await open_store()
    await store.tickets.save([make_ticket("1")], set())
    async with store._database.transaction() as transaction:
        await transaction.run("INSERT INTO meta VALUES ('half', 'done')")
        async with asyncio.timeout(2):
            assert [ticket.id for ticket in await other.tickets.load_open()] == ["1"]
            assert await other.meta.get("half") is None
            assert await store.meta.get("half") is None
    assert await other.meta.get("half") == "done"


async def test_consoles_that_write_at_once_wait_for_each_other(store, open_store, make_entry):
    other = await open_store()
    await asyncio.gather(
        *(console.audit.append(make_entry(f"{n}")) for n in range(25) for console in (store, other))
    )
    assert len(await store.audit.recent(99)) == 50


async def test_a_change_by_another_console_is_noticed_and_an_own_one_is_not(store, open_store):
    other = await open_store()
    before = await store.version_of_others()
    await store.meta.set("mine", "1")
    assert await store.version_of_others() == before
    await other.meta.set("theirs", "1")
    assert await store.version_of_others() != before


async def test_use_from_another_loop_is_refused(store):
    """A lock that two loops share breaks only now and then, so it is refused always."""

    def elsewhere() -> None:
        asyncio.run(store.meta.get("a"))

    with pytest.raises(RuntimeError, match="event loop that opened it"):
        await asyncio.to_thread(elsewhere)
