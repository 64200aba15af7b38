"""Breaches and their lives. They are written only together with what follows from them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sla_console.domain.forecast.risk import RiskLevel
from sla_console.domain.sla.breach import BreachState, BreachType, SLABreach
from sla_console.domain.sla.policy import SLAPolicy
from sla_console.store import escalation_states, policies
from sla_console.store.among import AMONG, among
from sla_console.store.connection import Row
from sla_console.store.database import Database, Transaction
from sla_console.store.timestamps import from_ms, from_ms_or_none, to_ms, to_ms_or_none

_COLUMNS: Final = (
    "id, ticket_id, breach_type, breach_time, policy, technician_id, severity, customer_impact, "
    "escalation_required, state, display_id, subject, client, priority, technician, detected_at, "
    "acknowledged_by, acknowledged_at, note, snoozed_until, escalated_by, escalated_at, "
    "resolved_at, tech_group, episode, revision, moved_from"
)
"""In the order of ``SLABreach``'s fields."""

_NAMES: Final = _COLUMNS.split(", ")
_SELECT: Final = f"SELECT {_COLUMNS} FROM breach"  # noqa: S608 - our own names
_INSERT: Final = (
    f"INSERT INTO breach ({_COLUMNS}) "  # noqa: S608
    f"VALUES ({', '.join('?' for _ in _NAMES)})"
)
_FIXED: Final = 4
"""Columns that stay: they say which promise was broken."""
_UPDATE: Final = (
    f"UPDATE breach SET {', '.join(f'{name} = ?' for name in _NAMES[_FIXED:])} "  # noqa: S608
    "WHERE id = ?"
)


class BreachStore:
    """Breaches to read; see ``Store`` for the steps that write them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load_active(self) -> list[SLABreach]:
        """Return the breaches that are not resolved, oldest first."""
        return _breaches(
            await self._database.rows(
                f"{_SELECT} WHERE state <> 'resolved' ORDER BY breach_time, id"
            )
        )

    async def get(self, breach_id: str) -> SLABreach | None:
        """Return one breach, resolved or not."""
        found = _breaches(await self._database.rows(f"{_SELECT} WHERE id = :id", {"id": breach_id}))
        return found[0] if found else None

    async def for_ticket(self, ticket_id: str) -> list[SLABreach]:
        """Return all breaches of a ticket, newest first."""
        return _breaches(
            await self._database.rows(
                f"{_SELECT} WHERE ticket_id = :ticket_id ORDER BY breach_time DESC, id",
                {"ticket_id": ticket_id},
            )
        )

    async def since(self, moment: datetime) -> list[SLABreach]:
        """Return the breaches whose promise ran out at ``moment`` or later, oldest first."""
        return _breaches(
            await self._database.rows(
                f"{_SELECT} WHERE breach_time >= :since ORDER BY breach_time, id",
                {"since": to_ms(moment)},
            )
        )

    async def found_since(self, moment: datetime) -> list[SLABreach]:
        """Return the breaches that were found at ``moment`` or later, oldest first."""
        return _breaches(
            await self._database.rows(
                f"{_SELECT} WHERE detected_at >= :since ORDER BY detected_at, id",
                {"since": to_ms(moment)},
            )
        )

    async def among(self, ids: Sequence[str]) -> list[SLABreach]:
        """Return those of some breaches that are known, resolved or not."""
        if not ids:
            return []
        return _breaches(await self._database.rows(f"{_SELECT} WHERE id {AMONG}", among(ids)))


async def insert(transaction: Transaction, breaches: Sequence[SLABreach]) -> list[bool]:
    """Add breaches together; return for each whether it was new. One that is known stays."""
    known = set(await _revisions(transaction, breaches))
    new = []
    for breach in breaches:
        new.append(breach.id not in known)
        known.add(breach.id)
    added = (_values(breach) for breach, is_new in zip(breaches, new, strict=True) if is_new)
    await transaction.many(_INSERT, added)
    return new


async def replace(
    transaction: Transaction, steps: Sequence[tuple[SLABreach, BreachState]]
) -> list[bool]:
    """Write breaches over the stored ones together, each with the state it is expected in.

    Returns:
        For each False if the stored one is in another state, or was changed since it was read.
    """
    stored = await _revisions(transaction, [breach for breach, _ in steps])
    written = []
    for breach, expected in steps:
        written.append(stored.get(breach.id) == (expected, breach.revision - 1))
        if written[-1]:
            stored[breach.id] = (breach.state, breach.revision)
    taken = (breach for (breach, _), is_taken in zip(steps, written, strict=True) if is_taken)
    await transaction.many(_UPDATE, ((*_values(one)[_FIXED:], one.id) for one in taken))
    return written


async def _revisions(
    transaction: Transaction, breaches: Sequence[SLABreach]
) -> dict[str, tuple[str, int]]:
    """Return state and revision of those breaches that are stored, by id."""
    rows = await transaction.rows(
        f"SELECT id, state, revision FROM breach WHERE id {AMONG}",  # noqa: S608 - our own words
        among([breach.id for breach in breaches]),
    )
    return {breach_id: (state, revision) for breach_id, state, revision in rows}


def _values(breach: SLABreach) -> Row:
    """Return a breach as the table has it, in the order of ``_NAMES``."""
    ms = to_ms_or_none
    return (
        breach.id,
        breach.ticket_id,
        breach.breach_type,
        to_ms(breach.breach_time),
        None if breach.sla_policy is None else policies.encode(breach.sla_policy),
        breach.technician_id,
        breach.severity,
        breach.customer_impact,
        breach.escalation_required,
        breach.state,
        breach.display_id,
        breach.subject,
        breach.client,
        breach.priority,
        breach.technician,
        ms(breach.detected_at),
        breach.acknowledged_by,
        ms(breach.acknowledged_at),
        breach.note,
        ms(breach.snoozed_until),
        breach.escalated_by,
        ms(breach.escalated_at),
        ms(breach.resolved_at),
        breach.group,
        None
        if breach.escalation_state is None
        else escalation_states.encode(breach.escalation_state),
        breach.revision,
        breach.moved_from,
    )


def _breaches(rows: list[Row]) -> list[SLABreach]:
    # Thousands of breaches share a handful of policies.
    known: dict[str | None, SLAPolicy | None] = {None: None}
    found = []
    for row in rows:
        document = row[4]
        if document not in known:
            known[document] = policies.decode(document)
        found.append(
            SLABreach(
                id=row[0],
                ticket_id=row[1],
                breach_type=BreachType(row[2]),
                breach_time=from_ms(row[3]),
                sla_policy=known[document],
                technician_id=row[5],
                severity=RiskLevel(row[6]),
                customer_impact=row[7],
                escalation_required=bool(row[8]),
                state=BreachState(row[9]),
                display_id=row[10],
                subject=row[11],
                client=row[12],
                priority=row[13],
                technician=row[14],
                detected_at=from_ms_or_none(row[15]),
                acknowledged_by=row[16],
                acknowledged_at=from_ms_or_none(row[17]),
                note=row[18],
                snoozed_until=from_ms_or_none(row[19]),
                escalated_by=row[20],
                escalated_at=from_ms_or_none(row[21]),
                resolved_at=from_ms_or_none(row[22]),
                group=row[23],
                escalation_state=None if row[24] is None else escalation_states.decode(row[24]),
                revision=row[25],
                moved_from=row[26],
            )
        )
    return found
