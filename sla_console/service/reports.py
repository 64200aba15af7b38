"""The figures of a span of time, from the records of its targets."""

from sla_console.domain.clock import Clock
from sla_console.domain.figures.counting import count_of
from sla_console.domain.figures.record import Span
from sla_console.domain.figures.report import DateRange, SLAReport
from sla_console.domain.figures.technicians import metrics_by_technician
from sla_console.monitoring.data_access import SLADataAccess


async def report_of(data: SLADataAccess, date_range: DateRange, clock: Clock) -> SLAReport:
    """Return what was promised and kept: the targets that are due in a span of time."""
    span = Span(date_range.start, date_range.end)
    found = await data.target_records(date_range.start, date_range.end, names=await data.names())
    records = [one for one in found.records if one.due in span]
    count = count_of(records)
    people = metrics_by_technician(records, span, clock.now(), found.complete_since)
    return SLAReport(
        date_range=date_range,
        total_tickets=len({one.key[0] for one in records}),
        promises_met=round(count.met),
        promises_missed=round(count.missed),
        compliance_rate=count.compliance,
        breach_count=round(count.missed),
        technicians=tuple(people),
        promises_open=round(count.open),
        promises_in_doubt=round(count.in_doubt),
    )
