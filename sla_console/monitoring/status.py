"""How one ticket stands, as the seed's model says it."""

from datetime import datetime, timedelta

from sla_console.domain.figures.report import TicketSLAStatus
from sla_console.domain.forecast.risk import RiskThresholds
from sla_console.domain.sla.sla_clock import ClockState, EvaluatedTicket, SLAClock
from sla_console.domain.sla.verdict import Outcome


def sla_status(
    judged: EvaluatedTicket, now: datetime, thresholds: RiskThresholds
) -> TicketSLAStatus:
    """Return the status of a judged ticket at ``now``."""
    return TicketSLAStatus(
        ticket_id=judged.ticket.id,
        sla_policy=judged.policy,
        response_time_remaining=_left(judged.response, now),
        resolution_time_remaining=_left(judged.resolution, now),
        is_response_breached=_broken(judged.response, now),
        is_resolution_breached=_broken(judged.resolution, now),
        breach_risk_level=judged.risk(now, thresholds),
        last_updated=judged.ticket.updated_at or now,
    )


def _left(clock: SLAClock, now: datetime) -> timedelta | None:
    return None if clock.ended() else clock.remaining(now)


def _broken(clock: SLAClock, now: datetime) -> bool:
    """Return whether a target is missed; a verdict stays, whatever became of the due time since."""
    missed = clock.verdict is not None and clock.verdict.outcome is Outcome.MISSED
    return missed or clock.state(now) is ClockState.BREACHED
