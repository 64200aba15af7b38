"""How promises were kept: by technician, over a span of time.

Compliance is met / (met + missed); a ticket whose promise is still open counts as neither,
unless it is already broken: a broken promise is missed from the moment it breaks.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sla_console.domain.sla_clock import ClockState, JudgedTicket


class Trend(StrEnum):
    """Where performance is going."""

    IMPROVING = "IMPROVING"
    STABLE = "STABLE"
    DECLINING = "DECLINING"


@dataclass(frozen=True, slots=True)
class TechnicianSLAMetrics:
    """One technician's figures over [period_start, period_end)."""

    technician_id: str
    technician_name: str
    total_tickets: int
    sla_compliant_tickets: int
    """Tickets with at least one judged promise and none missed."""
    compliance_rate: float | None
    """Percent of judged promises kept, 0 to 100; None where none was judged."""
    average_response_time: timedelta | None
    """Wall time from creation to first response."""
    average_resolution_time: timedelta | None
    """Wall time from creation to resolution."""
    breach_count: int
    performance_trend: Trend
    period_start: datetime
    period_end: datetime
    open_tickets: int = 0
    at_risk: int = 0


PerformanceMetrics = TechnicianSLAMetrics
"""The seed's name for what the engine computes."""
TechnicianMetrics = TechnicianSLAMetrics
"""The seed's name for what the data access fetches."""

_TREND_MINIMUM = 8
_TREND_STEP = 10.0


def technician_metrics(
    technician_id: str,
    technician_name: str,
    tickets: Iterable[JudgedTicket],
    period_start: datetime,
    now: datetime,
    at_risk: int = 0,
) -> TechnicianSLAMetrics:
    """Return the figures of one technician from the tickets in hand or closed in the period.

    The trend compares the compliance of the older half of the judged promises with the newer
    half: a step of ten percent points is a trend, and with fewer than eight judged promises
    there is none.
    """
    total = compliant = breaches = still_open = 0
    responses: list[timedelta] = []
    resolutions: list[timedelta] = []
    verdicts: list[tuple[datetime, bool]] = []
    for judged in tickets:
        ticket = judged.ticket
        total += 1
        still_open += not judged.resolution.ended()
        mine: list[bool] = []
        for clock in judged.clocks:
            state = clock.state(now)
            if state is ClockState.BREACHED or (state is ClockState.MET and clock.ended()):
                kept = state is ClockState.MET
                mine.append(kept)
                verdicts.append((clock.stopped_at or clock.due or now, kept))
        breaches += mine.count(False)
        compliant += bool(mine) and all(mine)
        if ticket.created_at is not None:
            if ticket.responded_at is not None:
                responses.append(ticket.responded_at - ticket.created_at)
            if judged.resolution.stopped_at is not None:
                resolutions.append(judged.resolution.stopped_at - ticket.created_at)
    verdicts.sort()
    return TechnicianSLAMetrics(
        technician_id=technician_id,
        technician_name=technician_name,
        total_tickets=total,
        sla_compliant_tickets=compliant,
        compliance_rate=_rate([kept for _, kept in verdicts]),
        average_response_time=_average(responses),
        average_resolution_time=_average(resolutions),
        breach_count=breaches,
        performance_trend=_trend([kept for _, kept in verdicts]),
        period_start=period_start,
        period_end=now,
        open_tickets=still_open,
        at_risk=at_risk,
    )


def _rate(kept: list[bool]) -> float | None:
    return 100.0 * sum(kept) / len(kept) if kept else None


def _average(spans: list[timedelta]) -> timedelta | None:
    return sum(spans, timedelta()) / len(spans) if spans else None


def _trend(kept: list[bool]) -> Trend:
    if len(kept) < _TREND_MINIMUM:
        return Trend.STABLE
    middle = len(kept) // 2
    change = (_rate(kept[middle:]) or 0.0) - (_rate(kept[:middle]) or 0.0)
    if abs(change) < _TREND_STEP:
        return Trend.STABLE
    return Trend.IMPROVING if change > 0 else Trend.DECLINING
