"""How one ticket stands, as the seed's model says it."""

from datetime import datetime, timedelta

from sla_console.domain.report import TicketSLAStatus
from sla_console.domain.risk import RiskThresholds
from sla_console.domain.sla_clock import ClockState, JudgedTicket, SLAClock


def sla_status(judged: JudgedTicket, now: datetime, thresholds: RiskThresholds) -> TicketSLAStatus:
    """Return the status of a judged ticket at ``now``."""
    return TicketSLAStatus(
        ticket_id=judged.ticket.id,
        sla_policy=judged.policy,
        response_time_remaining=_left(judged.response, now),
        resolution_time_remaining=_left(judged.resolution, now),
        is_response_breached=judged.response.state(now) is ClockState.BREACHED,
        is_resolution_breached=judged.resolution.state(now) is ClockState.BREACHED,
        breach_risk_level=judged.risk(now, thresholds),
        last_updated=judged.ticket.updated_at or now,
    )


def _left(clock: SLAClock, now: datetime) -> timedelta | None:
    left = clock.remaining(now)
    return None if clock.ended() else left
