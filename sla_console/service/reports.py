"""The figures of a span of time, from what the store knows."""

from collections.abc import Iterable

from sla_console.domain.clock import Clock
from sla_console.domain.performance import (
    PerformanceFigures,
    figures_by,
    technician_metrics,
    verdict_of,
)
from sla_console.domain.report import DateRange, SLAReport
from sla_console.domain.sla_clock import JudgedTicket
from sla_console.monitoring.data_access import SLADataAccess


async def report_of(data: SLADataAccess, date_range: DateRange, clock: Clock) -> SLAReport:
    """Return what was promised and kept.

    A promise belongs to the span in which it was due. It is judged if it has ended or is broken;
    what still runs counts as neither.
    """
    now = min(clock.now(), date_range.end)
    met = missed = count = 0
    hands = await data.records.lives.changed_hands()
    touched: dict[str, list[JudgedTicket]] = {}
    names: dict[str, str] = {}
    for judged in await data.judged_since(date_range.start):
        verdicts = []
        for promise in judged.clocks:
            if promise.due is not None and date_range.start <= promise.due < date_range.end:
                kept = verdict_of(promise, now)
                verdicts += [] if kept is None else [kept]
        if not verdicts:
            continue
        count += 1
        met += verdicts.count(True)
        missed += verdicts.count(False)
        had = {hand.technician_id: hand.technician for hand in hands.get(judged.ticket.id, ())}
        had[judged.ticket.technician_id] = judged.ticket.technician
        for technician_id, name in had.items():
            if technician_id is not None:
                touched.setdefault(technician_id, []).append(judged)
                names[technician_id] = name or technician_id
    breaches = await data.records.breaches.since(date_range.start)
    people = [
        technician_metrics(identity, names[identity], mine, date_range.start, now, hands=hands)
        for identity, mine in touched.items()
    ]
    return SLAReport(
        date_range=date_range,
        total_tickets=count,
        promises_met=met,
        promises_missed=missed,
        compliance_rate=100.0 * met / (met + missed) if met + missed else None,
        breach_count=sum(breach.breach_time < date_range.end for breach in breaches),
        technicians=tuple(sorted(people, key=lambda m: m.technician_name)),
    )


def performance_of(
    tickets: Iterable[JudgedTicket], dimension: str, date_range: DateRange, clock: Clock
) -> dict[str, PerformanceFigures]:
    """Return the figures by one dimension of the tickets created in a span of time."""
    inside = (
        judged
        for judged in tickets
        if judged.ticket.created_at is not None
        and date_range.start <= judged.ticket.created_at < date_range.end
    )
    return figures_by(dimension, inside, min(clock.now(), date_range.end))
