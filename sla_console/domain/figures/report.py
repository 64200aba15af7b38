"""A span of dates and the figures for it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sla_console.domain.figures.technicians import TechnicianSLAMetrics
from sla_console.domain.forecast.risk import RiskLevel
from sla_console.domain.sla.policy import SLAPolicy


@dataclass(frozen=True, slots=True)
class DateRange:
    """From ``start`` up to, but not including, ``end``; aware UTC."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        """Refuse naive moments and ranges that end before they begin."""
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("a date range needs moments with a time zone")
        if self.end <= self.start:
            raise ValueError("a date range must end after it starts")


@dataclass(frozen=True, slots=True)
class SLAReport:
    """Figures of the targets that are due in a span of time."""

    date_range: DateRange
    total_tickets: int
    promises_met: int
    promises_missed: int
    compliance_rate: float | None
    """Percent of judged promises kept; None where none was judged."""
    breach_count: int
    technicians: tuple[TechnicianSLAMetrics, ...]
    promises_open: int = 0
    """Due in the span and not judged yet; in no percentage."""
    promises_in_doubt: int = 0
    """Due in the span, and what is known does not decide them; in no percentage."""


@dataclass(frozen=True, slots=True)
class KeptReport:
    """A report as it was frozen."""

    name: str
    """Which period and which tickets it is about."""
    at: datetime
    by: str
    inputs: bytes
    """What it was made of, compressed."""
    inputs_hash: str
    figures: bytes
    """What it said, compressed."""
    figures_hash: str


@dataclass(frozen=True, slots=True)
class TicketSLAStatus:
    """How one ticket stands with its SLA. Times left are counted in its hours."""

    ticket_id: str
    sla_policy: SLAPolicy | None
    response_time_remaining: timedelta | None
    """Negative when late; None where nothing is promised or the clock has stopped."""
    resolution_time_remaining: timedelta | None
    is_response_breached: bool
    """Its verdict is that it was missed, or it is overdue now."""
    is_resolution_breached: bool
    breach_risk_level: RiskLevel
    last_updated: datetime


SLAStatus = TicketSLAStatus
"""The seed's name for what the engine computes."""
