"""A thousand damages of the main file and of its log: each is refused, said, or does no harm.

Some sixty run by default; ``SLA_CONSOLE_DAMAGES=1000`` runs as many as it says.
"""

import asyncio
import hashlib
import os
import random
import shutil
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sla_console.domain.errors import StoreError
from sla_console.domain.tickets.operation import AuditEntry
from sla_console.domain.tickets.ticket import Ticket
from sla_console.store.key import StoreKey
from sla_console.store.store import Store

DAMAGES = int(os.environ.get("SLA_CONSOLE_DAMAGES", "60"))
PAGE = 4096
KEY = StoreKey(bytes(range(32)), "the test")
NOW = datetime(2026, 10, 12, 9, 0, tzinfo=UTC)
_OWN = ("commits", "store_id", "store_setback", "store_probe")


async def digest(store: Store) -> str:
    """All rows of all tables, but for what the store keeps about itself."""
    found = hashlib.sha256()
    rows = await store._database.rows(
        "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
    )
    for (name,) in rows:
        own = f" WHERE name NOT IN {_OWN}" if name == "meta" else ""
        for row in await store._database.rows(f"SELECT * FROM {name}{own} ORDER BY rowid"):
            found.update(repr(row).encode())
    return found.hexdigest()


@pytest.fixture(scope="module")
def killed(tmp_path_factory) -> tuple[Path, str]:
    """The files of a console that was killed: much in the main file, some in the log alone."""
    folder, left = tmp_path_factory.mktemp("running"), tmp_path_factory.mktemp("killed")

    async def work() -> str:
        store = await Store.open(folder / "a.db", KEY, lambda: NOW)
        tickets = [
            Ticket(id=str(n), display_id=f"T{n}", subject="x" * 300, status="Open")
            for n in range(400)
        ]
        await store.tickets.save(tickets, set())
        for number in range(8):  # these overflow their pages
            await store.meta.set(f"large {number}", f"{number}" * 15_000)
        await store.look(leading=False)
        await store._database.fold()
        for number in range(40):
            await store.audit.append(AuditEntry(NOW, "ada", "note", f"{number}", "y" * 700))
            await store.tickets.save([tickets[number]], {str(number)})
        expected = await digest(store)
        for file in folder.iterdir():
            if not file.name.endswith("-shm"):
                shutil.copyfile(file, left / file.name)
        await store.close()
        return expected

    return left, asyncio.run(work())


def damage(chance: random.Random, folder: Path) -> str:
    """Do something to one of the two files, and say what."""
    file = folder / chance.choice(("a.db", "a.db-wal"))
    data = bytearray(file.read_bytes())
    kind = chance.choice(("bits", "zeroes", "rubbish", "cut", "cut to a page", "swapped"))
    at = chance.randrange(len(data))
    page = at // PAGE * PAGE
    other = chance.randrange(len(data)) // PAGE * PAGE
    if kind == "bits":
        for _ in range(chance.choice((1, 1, 5, 64))):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    elif kind == "zeroes":
        count = min(chance.choice((1, 1, 3)) * PAGE, len(data) - page)
        data[page : page + count] = bytes(count)
    elif kind == "rubbish":
        count = min(chance.randrange(1, 3 * PAGE), len(data) - at)
        data[at : at + count] = chance.randbytes(count)
    elif kind == "swapped":
        data[page : page + PAGE], data[other : other + PAGE] = (
            data[other : other + PAGE],
            data[page : page + PAGE],
        )
    else:
        del data[at if kind == "cut" else page :]
    file.write_bytes(data)
    return f"{file.name}: {kind} at {at}"


async def outcome(folder: Path, expected: str) -> str:
    """Open the database as a monitor does, and return what comes of it."""
    try:
        store = await Store.open(folder / "a.db", KEY, lambda: NOW)
    except StoreError as error:
        return "refused" if str(folder) in str(error) and str(error).endswith(".") else "UNCLEAR"
    try:
        try:
            same = await digest(store) == expected
        except StoreError:
            return "found by reading"
        state = await store.look(leading=True)
        if state.trouble or state.setback:
            return "found by looking" if state.trouble else "said to be lost"
        return "harmless" if same else "SILENT"
    finally:
        await store.close()


async def test_no_damage_is_silent(killed, tmp_path) -> None:
    left, expected = killed
    found: Counter[str] = Counter()
    silent = []
    for seed in range(DAMAGES):
        folder = tmp_path / str(seed)
        shutil.copytree(left, folder)
        what = damage(random.Random(seed), folder)
        result = await outcome(folder, expected)
        found[result] += 1
        if result.isupper():
            silent.append(f"seed {seed}: {what}")
        shutil.rmtree(folder)
    print(dict(found))
    assert silent == []
    assert len(found) >= 4, found


async def test_what_was_not_damaged_is_called_well(killed, tmp_path) -> None:
    left, expected = killed
    shutil.copytree(left, tmp_path / "a")
    assert await outcome(tmp_path / "a", expected) == "harmless"
