"""The figures of a span of time, from what the store knows."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sla_console.domain.clock import Clock
from sla_console.domain.credit import NOBODY, holders_of
from sla_console.domain.hands import Hand
from sla_console.domain.performance import (
    PerformanceFigures,
    figures_by,
    figures_of,
    technician_metrics,
)
from sla_console.domain.report import DateRange, SLAReport
from sla_console.domain.settling import Span, settled_of
from sla_console.domain.sla_clock import JudgedTicket, SLAClock
from sla_console.monitoring.data_access import SLADataAccess


async def report_of(data: SLADataAccess, date_range: DateRange, clock: Clock) -> SLAReport:
    """Return what was promised and kept.

    A promise belongs to the span in which it was settled: when it was kept, or its due time if it
    was missed. What still runs counts as neither. So each promise counts in one span only, and a
    span that is over stays as it is.
    """
    now = clock.now()
    span = Span(date_range.start, date_range.end)
    hands = await data.records.lives.changed_hands(date_range.start)
    first_seen = await data.records.lives.first_seen(date_range.start)
    complete = min(first_seen.values(), default=None)
    tickets = [
        judged
        for judged in await data.judged_since(date_range.start)
        if any(_settled_within(span, judged, promise, now) for promise in judged.clocks)
    ]
    touched: dict[str, list[JudgedTicket]] = {}
    names: dict[str, str] = {}
    for judged in tickets:
        for identity, name in holders_of(judged, hands).items():
            touched.setdefault(identity, []).append(judged)
            names[identity] = name
    whole = figures_of(tickets, now, span)
    breaches = await data.records.breaches.since(date_range.start)
    people = [
        technician_metrics(
            identity, names[identity], mine, date_range.start, now, 0, hands,
            first_seen, date_range.end, complete,
        )
        for identity, mine in touched.items()
    ]  # fmt: skip
    return SLAReport(
        date_range=date_range,
        total_tickets=len(tickets),
        promises_met=whole.met,
        promises_missed=whole.missed,
        compliance_rate=whole.compliance,
        breach_count=sum(breach.breach_time < date_range.end for breach in breaches),
        technicians=tuple(
            sorted(people, key=lambda m: (m.technician_id == NOBODY, m.technician_name))
        ),
    )


def _settled_within(span: Span, judged: JudgedTicket, promise: SLAClock, now: datetime) -> bool:
    settled = settled_of(judged, promise, now)
    return settled is not None and settled[0] in span


def performance_of(
    tickets: Iterable[JudgedTicket],
    dimension: str,
    date_range: DateRange,
    clock: Clock,
    hands: Mapping[str, Sequence[Hand]] | None = None,
    complete_since: datetime | None = None,
) -> dict[str, PerformanceFigures]:
    """Return the figures by one dimension of the promises settled in a span of time.

    Args:
        tickets: Those that were open, or ended, since the span began.
        dimension: By what they are told apart.
        date_range: The span.
        clock: The moment.
        hands: Who had each ticket when, by its id; for technicians.
        complete_since: From when on no settled ticket is missing.
    """
    span = Span(date_range.start, date_range.end)
    return figures_by(dimension, tickets, clock.now(), span, hands, complete_since)
