"""The database in memory, for as long as its file cannot be used.

What can be read of the file is copied, so that everything goes on as before; what changes from then
on is remembered by its keys, and written to the file when that can be used again. A process that
dies meanwhile takes the changes with it.
"""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sla_console.store import migrate
from sla_console.store.connection import Connection, Row
from sla_console.store.database import Transaction
from sla_console.store.faults import DriverError

_STEP: Final = 4096
_FINEST: Final = 16
_PATIENCE: Final = 400
"""Unreadable places of one table after which the rest of it is given up."""
_OWN: Final = frozenset({"lease"})
"""Tables left out: the lease is decided in the file alone."""
_OWN_NAMES: Final = "('commits', 'store_id', 'store_setback')"
_GUARDS: Final[Mapping[str, str]] = {
    "breach": "excluded.revision >= breach.revision",
    # What was sent from the file meanwhile stays sent.
    "outbox": "outbox.state <> 'accepted'",
}


@dataclass(frozen=True, slots=True)
class _Table:
    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    """The columns of the primary key; none: the table is replaced whole."""
    guarded: bool
    """Whether triggers refuse changes of it."""

    def key_of(self, row: str) -> str:
        """Return the key of a row as an expression."""
        return f"json_array({', '.join(f'{row}.{name}' for name in self.key)})"


class MemoryCopy:
    """The copy, and what changed in it.

    Args:
        connection: To the database in memory.
        tables: Its tables.
        whole: Whether everything could be read from the file.
    """

    def __init__(self, connection: Connection, tables: Sequence[_Table], *, whole: bool) -> None:
        self.connection, self._tables = connection, tables
        self.whole = whole

    @classmethod
    async def of(cls, source: Connection, path: Path) -> "MemoryCopy":
        """Copy what can be read.

        Args:
            source: A connection to the file.
            path: The file, for messages.
        """
        memory = await Connection.in_memory()
        await migrate.migrate(memory, path)
        tables = [await _table(memory, name) for name in await _names(memory)]
        whole = True
        await memory.rows("BEGIN")
        for table in tables:
            whole = await _copy(table, source, memory) and whole
        await memory.rows("COMMIT")
        await memory.rows(
            "CREATE TABLE touched (tbl TEXT, key TEXT, new INTEGER, UNIQUE (tbl, key))"
        )
        for table in tables:
            for statement in _triggers(table):
                await memory.rows(statement)
        # What is sent from memory may be sent again after a crash, and says so.
        await memory.rows(
            "CREATE TRIGGER may_repeat AFTER INSERT ON outbox BEGIN UPDATE outbox "
            "SET attempts = attempts + 1 WHERE message_key = NEW.message_key; END"
        )
        return cls(memory, tables, whole=whole)

    async def changes(self) -> int:
        """Return how many rows changed since it was copied."""
        return int((await self.connection.rows("SELECT COUNT(*) FROM touched"))[0][0])

    async def write_to(self, target: Transaction) -> None:
        """Write what changed into the file, inside one transaction.

        Raises:
            DriverError: if it cannot be written; then nothing is.
        """
        for table in self._tables:
            if table.name in _OWN:
                continue
            if not table.key:
                await self._replace(table, target)
                continue
            await self._delete(table, target)
            await self._upsert(table, target)

    async def close(self) -> None:
        """Let go of it."""
        await self.connection.close()

    async def _replace(self, table: _Table, target: Transaction) -> None:
        touched = await self.connection.rows(
            "SELECT 1 FROM touched WHERE tbl = :table", {"table": table.name}
        )
        if not touched:
            return
        rows = await self.connection.rows(f"SELECT {', '.join(table.columns)} FROM {table.name}")  # noqa: S608 - names of the schema
        await target.run(f"DELETE FROM {table.name}")  # noqa: S608
        await target.many(_insert(table), (_params(row) for row in rows))

    async def _delete(self, table: _Table, target: Transaction) -> None:
        keys = await self.connection.rows(
            f"SELECT key FROM touched WHERE tbl = :table AND key NOT IN "  # noqa: S608
            f"(SELECT {table.key_of(table.name)} FROM {table.name})",
            {"table": table.name},
        )
        where = " AND ".join(f"{name} = :p{place}" for place, name in enumerate(table.key))
        await target.many(
            f"DELETE FROM {table.name} WHERE {where}",  # noqa: S608
            (_params(json.loads(key)) for (key,) in keys),
        )

    async def _upsert(self, table: _Table, target: Transaction) -> None:
        own = f" AND mine.name NOT IN {_OWN_NAMES}" if table.name == "meta" else ""
        rows = await self.connection.rows(
            f"SELECT {', '.join(f'mine.{name}' for name in table.columns)}, touched.new "  # noqa: S608
            f"FROM {table.name} AS mine JOIN touched ON touched.tbl = :table "
            f"AND touched.key = {table.key_of('mine')}{own} ORDER BY mine.rowid",
            {"table": table.name},
        )
        found = [list(row) for row in rows]
        if table.key == ("position",):
            await _renumber(table, found, target)
        other = [name for name in table.columns if name not in table.key]
        changes = ", ".join(f"{name} = excluded.{name}" for name in other)
        guard = f" WHERE {_GUARDS[table.name]}" if table.name in _GUARDS else ""
        update = f"DO UPDATE SET {changes}{guard}" if changes else "DO NOTHING"
        if table.guarded:
            # Its triggers refuse what must not change, so only what did change is named.
            for row in found:
                await _change(table, row[:-1], target)
            update = "DO NOTHING"
        await target.many(
            f"{_insert(table)} ON CONFLICT {update}", (_params(r[:-1]) for r in found)
        )


async def _names(memory: Connection) -> list[str]:
    rows = await memory.rows(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    )
    return [str(name) for (name,) in rows]


async def _table(memory: Connection, name: str) -> _Table:
    facts = await memory.rows(f"PRAGMA table_info({name})")
    key = sorted((int(fact[5]), str(fact[1])) for fact in facts if fact[5])
    guarded = await memory.rows(
        "SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :name", {"name": name}
    )
    columns = tuple(str(fact[1]) for fact in facts)
    return _Table(name, columns, tuple(column for _, column in key), bool(guarded))


def _triggers(table: _Table) -> list[str]:
    """Return the triggers that remember which rows change."""

    def noted(row: str, new: int) -> str:
        key = table.key_of(row) if table.key else "''"
        # Not OR IGNORE: the way in which the statement outside meets conflicts would overrule it.
        return (
            f"INSERT INTO touched SELECT '{table.name}', {key}, {new} WHERE NOT EXISTS "  # noqa: S608
            f"(SELECT 1 FROM touched WHERE tbl = '{table.name}' AND key = {key});"
        )

    return [
        f"CREATE TRIGGER touched_{word.lower()}_{table.name} AFTER {word} ON {table.name} "
        f"BEGIN {' '.join(noted(row, word == 'INSERT') for row in rows)} END"
        for word, rows in (("INSERT", ("NEW",)), ("UPDATE", ("OLD", "NEW")), ("DELETE", ("OLD",)))
    ]


def _insert(table: _Table) -> str:
    values = ", ".join(f":p{place}" for place in range(len(table.columns)))
    return f"INSERT INTO {table.name} ({', '.join(table.columns)}) VALUES ({values})"  # noqa: S608


def _params(row: Sequence[Any]) -> dict[str, Any]:
    return {f"p{place}": value for place, value in enumerate(row)}


async def _renumber(table: _Table, found: list[list[Any]], target: Transaction) -> None:
    """Give rows that are new the next positions of the file: others may have added rows there."""
    last = await target.row(f"SELECT COALESCE(MAX(position), 0) FROM {table.name}")  # noqa: S608
    place = table.columns.index("position")
    position = max([0 if last is None else int(last[0]), *(r[place] for r in found if not r[-1])])
    for row in found:
        if row[-1]:
            position += 1
            row[place] = position


async def _change(table: _Table, row: Sequence[Any], target: Transaction) -> None:
    """Change a row of the file where it is there, and is another."""
    values = dict(zip(table.columns, row, strict=True))
    key = {name: values[name] for name in table.key}
    where = " AND ".join(f"{name} = :{name}" for name in table.key)
    there = await target.row(
        f"SELECT {', '.join(table.columns)} FROM {table.name} WHERE {where}",  # noqa: S608
        key,
    )
    pairs = zip(table.columns, there or row, row, strict=True)
    changed = [name for name, old, mine in pairs if old != mine]
    if changed:
        news = ", ".join(f"{name} = :{name}" for name in changed)
        await target.run(f"UPDATE {table.name} SET {news} WHERE {where}", values)  # noqa: S608


async def _copy(table: _Table, source: Connection, memory: Connection) -> bool:
    """Copy what can be read of a table; return whether that was all."""
    whole = True
    try:
        ends = await source.rows(f"SELECT MIN(rowid), MAX(rowid) FROM {table.name}")  # noqa: S608
    except DriverError:
        return False
    first, last = ends[0]
    if first is None:
        return True
    async for rows in _readable(table, source, int(first), int(last)):
        if rows is None:
            whole = False
        elif rows:
            await memory.many(f"{_insert(table)} ON CONFLICT DO NOTHING", map(_params, rows))
    return whole


async def _readable(
    table: _Table, source: Connection, first: int, last: int
) -> AsyncIterator[list[Row] | None]:
    """Yield rows from place to place; None for a place that cannot be read."""
    sql = (
        f"SELECT {', '.join(table.columns)} FROM {table.name} "  # noqa: S608
        "WHERE rowid BETWEEN :first AND :last ORDER BY rowid"
    )
    spans = [
        (start, min(start + _STEP - 1, last))
        for start in range(last - last % _STEP, first - _STEP, -_STEP)
    ]
    left = _PATIENCE
    while spans and left:
        start, end = spans.pop()
        try:
            yield await source.rows(sql, {"first": start, "last": end})
        except DriverError:
            left -= 1
            if end - start < _FINEST:
                yield None
                continue
            middle = (start + end) // 2
            spans += [(middle + 1, end), (start, middle)]
    if spans:
        yield None
