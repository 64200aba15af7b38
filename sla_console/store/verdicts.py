"""Verdicts, each written once; corrections stand beside them as later revisions."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any, Final

from sla_console.domain.sla.breach import BreachType
from sla_console.domain.sla.verdict import Outcome, Verdict
from sla_console.store import lease
from sla_console.store.among import AMONG, among
from sla_console.store.connection import Params, Row
from sla_console.store.database import Database
from sla_console.store.timestamps import from_ms, to_ms

_RENAMED: Final = {"target": "breach_type", "group": "tech_group"}
_NAMES: Final = tuple(field.name for field in fields(Verdict))
_COLUMNS: Final = tuple(_RENAMED.get(name, name) for name in _NAMES)
COLUMNS: Final = ", ".join(_COLUMNS)
"""In the order of ``Verdict``'s fields."""
_MOMENTS: Final = frozenset({"due", "fell_at", "stopped_at", "written_at"})
_SPANS: Final = frozenset({"allowed", "used", "late"})
_MS: Final = timedelta(milliseconds=1)

# A first verdict is written once; a correction only where the revision before it is there.
_WRITE: Final = (
    f"INSERT INTO verdict ({COLUMNS}) SELECT {', '.join(f':{name}' for name in _COLUMNS)} "  # noqa: S608 - our own names
    "WHERE :revision = 1 OR EXISTS (SELECT 1 FROM verdict WHERE ticket_id = :ticket_id "
    "AND breach_type = :breach_type AND cycle = :cycle AND revision = :revision - 1) "
    "ON CONFLICT (ticket_id, breach_type, cycle, revision) DO NOTHING"
)
_STOP: Final = (
    "UPDATE verdict SET stopped_at = :stopped_at, used = :used, late = :late "
    "WHERE ticket_id = :ticket_id AND breach_type = :breach_type AND cycle = :cycle "
    "AND revision = :revision AND stopped_at IS NULL"
)


class VerdictStore:
    """Stores the verdicts on the targets of each ticket."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def write(self, verdicts: Sequence[Verdict], term: int | None = None) -> None:
        """Write verdicts and corrections; one that is there already stays as it is.

        Args:
            verdicts: With revision 1 as they fell, with a higher one as corrections.
            term: Under which the caller leads; None: needs no lease.

        Raises:
            LostLease: if another term has begun.
            StoreError: if they could not be stored.
        """
        if not verdicts:
            return
        async with self._database.transaction() as transaction:
            await lease.require(transaction, term)
            await transaction.many(_WRITE, _params(verdicts))

    async def stop(self, verdicts: Sequence[Verdict], term: int | None = None) -> None:
        """Add the stop of targets that were missed and still owed; one that has a stop keeps it.

        Raises:
            LostLease: if another term has begun.
            StoreError: if they could not be stored.
        """
        if not verdicts:
            return
        async with self._database.transaction() as transaction:
            await lease.require(transaction, term)
            await transaction.many(_STOP, _params(verdicts))

    async def for_ticket(self, ticket_id: str) -> tuple[Verdict, ...]:
        """Return all verdicts of one ticket, corrections included, oldest cycle first."""
        rows = await self._database.rows(
            f"SELECT {COLUMNS} FROM verdict WHERE ticket_id = :id "  # noqa: S608
            "ORDER BY breach_type DESC, cycle, revision",
            {"id": ticket_id},
        )
        return tuple(map(verdict_of, rows))

    async def of_open(self) -> dict[str, tuple[Verdict, ...]]:
        """Return all verdicts of open tickets by ticket id, oldest cycle first."""
        return _by_ticket(
            await self._database.rows(
                f"SELECT {COLUMNS} FROM verdict "  # noqa: S608
                "WHERE ticket_id IN (SELECT id FROM ticket WHERE closed_at IS NULL) "
                "ORDER BY ticket_id, breach_type DESC, cycle, revision"
            )
        )

    async def among(self, ids: Sequence[str]) -> dict[str, tuple[Verdict, ...]]:
        """Return all verdicts of some tickets by ticket id, oldest cycle first."""
        if not ids:
            return {}
        return _by_ticket(
            await self._database.rows(
                f"SELECT {COLUMNS} FROM verdict "  # noqa: S608
                f"WHERE ticket_id {AMONG} ORDER BY ticket_id, breach_type DESC, cycle, revision",
                among(ids),
            )
        )

    async def due_between(self, start: datetime, end: datetime) -> list[Verdict]:
        """Return all verdicts, corrections included, whose due time is in [start, end)."""
        rows = await self._database.rows(
            f"SELECT {COLUMNS} FROM verdict WHERE due >= :start AND due < :end "  # noqa: S608
            "ORDER BY due, ticket_id, breach_type DESC, cycle, revision",
            {"start": to_ms(start), "end": to_ms(end)},
        )
        return list(map(verdict_of, rows))


def _by_ticket(rows: Iterable[Row]) -> dict[str, tuple[Verdict, ...]]:
    found: dict[str, list[Verdict]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(verdict_of(row))
    return {ticket_id: tuple(mine) for ticket_id, mine in found.items()}


def verdict_of(row: Row) -> Verdict:
    """Return the verdict of a row in the order of ``COLUMNS``."""
    values: dict[str, Any] = dict(zip(_NAMES, row, strict=True))
    for name in _MOMENTS:
        values[name] = None if values[name] is None else from_ms(values[name])
    for name in _SPANS:
        values[name] = None if values[name] is None else values[name] * _MS
    values["target"] = BreachType(values["target"])
    values["outcome"] = Outcome(values["outcome"])
    values["by_times"] = None if values["by_times"] is None else Outcome(values["by_times"])
    return Verdict(**values)


def _params(verdicts: Sequence[Verdict]) -> Iterator[Params]:
    for verdict in verdicts:
        values: dict[str, Any] = {
            column: getattr(verdict, name) for name, column in zip(_NAMES, _COLUMNS, strict=True)
        }
        for name in _MOMENTS:
            values[name] = None if values[name] is None else to_ms(values[name])
        for name in _SPANS:
            values[name] = None if values[name] is None else values[name] // _MS
        yield values
