"""Counting the commits of a database, and finding that some are lost."""

import json
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sla_console.domain.tickets.operation import AuditEntry
from sla_console.store import audit as audit_rows
from sla_console.store.companion import CommitMark, Companion
from sla_console.store.database import Database, Transaction

_STORE: Final = "store_id"
_SETBACK: Final = "store_setback"
_SHOWN: Final = timedelta(days=1)


async def reconcile(database: Database, now: datetime, known: CommitMark | None = None) -> None:
    """Compare a database that was just opened with the file beside it; note what is lost.

    It is in the history and in the database's own memory once, whatever happens afterwards.

    Args:
        database: The open database.
        now: The moment.
        known: How far the caller knows that it had come; None: it knows nothing.

    Raises:
        StoreError: if it cannot be read or written.
    """
    companion = Companion(database.path)
    # First, because other consoles go on committing while this one looks.
    noted = companion.read()
    marks = [mark for mark in (known, noted) if mark is not None]
    name, commits = await _inside(database)
    if name is not None and noted is not None and _lost(marks, name, commits) is None:
        database.counts_as(CommitMark(name, commits, noted.folded))
        return
    async with database.transaction() as transaction:
        name, commits = await _inside(transaction)
        if name is None:
            name, commits = secrets.token_hex(8), 0
            await _set(transaction, _STORE, name)
            await _set(transaction, "commits", "0")
        words = _lost(marks, name, commits)
        if words is not None:
            commits = max(commits, *(mark.commits for mark in marks))
            await _set(transaction, "commits", str(commits))
            await _set(transaction, _SETBACK, json.dumps([now.isoformat(), words]))
            await note(transaction, now, "lost commits", words)
    mark = CommitMark(name, commits)
    # Only now, when it is written inside: a crash before finds the loss again.
    companion.accept(mark)
    database.counts_as(mark)


async def setback(database: Database, now: datetime) -> str | None:
    """Return what the database lost, found within the last day; None: nothing.

    Raises:
        StoreError: if it cannot be read.
    """
    row = await database.row("SELECT value FROM meta WHERE name = :name", {"name": _SETBACK})
    if row is None:
        return None
    at, words = json.loads(row[0])
    found = datetime.fromisoformat(at)
    return f"{words} (found {found:%Y-%m-%d %H:%M} UTC)" if now - found < _SHOWN else None


async def note(transaction: Transaction, now: datetime, action: str, words: str) -> None:
    """Write into the history what happened to the database."""
    await audit_rows.insert(transaction, [AuditEntry(now, "sla-console", action, "store", words)])


async def commits_of(database: Database) -> int:
    """Return the number of commits, read back from the database.

    Raises:
        StoreError: if it cannot be read.
    """
    return (await _inside(database))[1]


def _lost(marks: Sequence[CommitMark], name: str, commits: int) -> str | None:
    if any(mark.store != name for mark in marks):
        return (
            "another database stands in the place of the one that was used here; what the other "
            "one held is not in it"
        )
    lost = max((mark.commits - commits for mark in marks), default=0)
    if lost <= 0:
        return None
    return (
        f"the last {lost} changes are missing from the database: the end of its log was damaged, or "
        "an older copy was put in its place; what was acknowledged, sent or changed in them is not "
        "known any more, and alerts of that time may come again"
    )


async def _inside(where: Database | Transaction) -> tuple[str | None, int]:
    found = await where.rows(
        "SELECT name, value FROM meta WHERE name IN (:store, 'commits')", {"store": _STORE}
    )
    rows = {str(name): str(value) for name, value in found}
    return rows.get(_STORE), int(rows.get("commits") or 0)


async def _set(transaction: Transaction, name: str, value: str) -> None:
    await transaction.run(
        "INSERT INTO meta (name, value) VALUES (:name, :value) "
        "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        {"name": name, "value": value},
    )
