"""The figures of a span of time, from what the store knows."""

from sla_console.domain.clock import Clock
from sla_console.domain.performance import technician_metrics
from sla_console.domain.report import DateRange, SLAReport
from sla_console.domain.sla_clock import ClockState, JudgedTicket
from sla_console.monitoring.judging import Judge
from sla_console.monitoring.ports import Records


async def report_of(
    records: Records, judge: Judge, date_range: DateRange, clock: Clock
) -> SLAReport:
    """Return what was promised and kept.

    A promise belongs to the span in which it was due. It is judged if it has ended or is broken;
    what still runs counts as neither.
    """
    now = min(clock.now(), date_range.end)
    tickets = await records.tickets.load_open()
    tickets += await records.tickets.load_closed_since(date_range.start)
    met = missed = 0
    touched: dict[str, list[JudgedTicket]] = {}
    names: dict[str, str] = {}
    count = 0
    for ticket in tickets:
        judged = judge.judge(ticket)
        verdicts = []
        for promise in judged.clocks:
            if promise.due is None or not date_range.start <= promise.due < date_range.end:
                continue
            state = promise.state(now)
            if state is ClockState.BREACHED or (state is ClockState.MET and promise.ended()):
                verdicts.append(state is ClockState.MET)
        if not verdicts:
            continue
        count += 1
        met += verdicts.count(True)
        missed += verdicts.count(False)
        if ticket.technician_id is not None:
            touched.setdefault(ticket.technician_id, []).append(judged)
            names[ticket.technician_id] = ticket.technician or ticket.technician_id
    breaches = [
        b for b in await records.breaches.since(date_range.start) if b.breach_time < date_range.end
    ]
    people = [
        technician_metrics(identity, names[identity], mine, date_range.start, now)
        for identity, mine in touched.items()
    ]
    return SLAReport(
        date_range=date_range,
        total_tickets=count,
        promises_met=met,
        promises_missed=missed,
        compliance_rate=100.0 * met / (met + missed) if met + missed else None,
        breach_count=len(breaches),
        technicians=tuple(sorted(people, key=lambda m: m.technician_name)),
    )
