"""Tickets with their clocks and lives, and the records that figures are counts of, from the store."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sla_console.domain.figures.names import Names
from sla_console.domain.figures.record import NOBODY, Basis, TargetRecord
from sla_console.domain.figures.records import RecordMaker
from sla_console.domain.forecast.risk import RiskLevel
from sla_console.domain.tickets.sighting import observed_of
from sla_console.domain.tickets.ticket_history import StoredHistory, TicketHistory
from sla_console.monitoring.evaluator import IMPOSSIBLE, Evaluator
from sla_console.monitoring.history import history_from
from sla_console.monitoring.ports import StorePort

_PAGE: Final = 2000
_YIELD_EVERY: Final = 200


@dataclass(slots=True)
class TargetRecords:
    """The records of a span of time, and what else figures of it need."""

    now: datetime
    records: list[TargetRecord] = field(default_factory=list)
    complete_since: datetime | None = None
    """From when on no ticket is missing; None: nothing was ever seen."""
    holding: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Open tickets and those at risk among them that each technician has now, by technician id."""


async def lives_of(
    records: StorePort, evaluator: Evaluator, ids: Sequence[str]
) -> AsyncIterator[list[TicketHistory]]:
    """Give some tickets with their clocks, in pages."""
    for place in range(0, len(ids), _PAGE):
        found = []
        for count, stored in enumerate(await records.pages.lives(ids[place : place + _PAGE]), 1):
            if count % _YIELD_EVERY == 0:
                await asyncio.sleep(0)  # deadlines go first
            found.append(_life(evaluator, stored))
        yield found


async def records_between(
    records: StorePort,
    evaluator: Evaluator,
    now: datetime,
    span: tuple[datetime, datetime],
    names: Names,
    basis: Basis = Basis.DUE,
) -> TargetRecords:
    """Return the records of all targets that belong to a span of time, and some around it.

    Args:
        records: The store.
        evaluator: Evaluates tickets.
        now: The moment.
        span: Start and end.
        names: The names of clients and technicians.
        basis: By which day a target belongs to the span.
    """
    pages = records.pages
    find = pages.due_between if basis is Basis.DUE else pages.settled_between
    found = TargetRecords(now, complete_since=await history_from(records))
    maker = RecordMaker(now, names)
    async for page in lives_of(records, evaluator, await find(*span)):
        # Beside the engine's loop: a month of a large desk takes its time.
        await asyncio.to_thread(_take, found, maker, page, evaluator)
    return found


def _take(
    found: TargetRecords, maker: RecordMaker, page: list[TicketHistory], evaluator: Evaluator
) -> None:
    for life in page:
        found.records.extend(maker.records_of(life))
        if life.sightings:
            first = life.sightings[0].at
            found.complete_since = min(found.complete_since or first, first)
        judged = life.judged
        if judged is None or judged.resolution.ended() or life.gone_at is not None:
            continue
        key = life.ticket.technician_id or NOBODY
        open_, at_risk = found.holding.get(key, (0, 0))
        risky = (
            not judged.breached(found.now)
            and judged.risk(found.now, evaluator.thresholds).rank >= RiskLevel.HIGH.rank
        )
        found.holding[key] = open_ + 1, at_risk + risky


def _life(evaluator: Evaluator, stored: StoredHistory) -> TicketHistory:
    seen = stored.sightings
    observed = observed_of(seen, stored.holds, stored.verdicts, evaluator.phases)
    judged = evaluator.evaluate(stored.ticket, observed)
    impossible = IMPOSSIBLE in judged.degraded
    return TicketHistory(
        stored.ticket,
        None if impossible else judged,
        seen,
        "its times are impossible" if impossible else "",
        stored.verdicts,
        stored.gone_at,
    )
