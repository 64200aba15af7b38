"""From a moment that has come to an event with a name of its own."""

from datetime import datetime

from sla_console.domain.alerts.alert import AlertEvent, Notification
from sla_console.domain.alerts.warning import WarningLevel
from sla_console.domain.forecast.risk import RiskLevel
from sla_console.domain.sla.breach import BreachType, SLABreach, SLAWarning, event_id
from sla_console.domain.sla.policy import SLAPolicy
from sla_console.domain.sla.sla_clock import ClockState, EvaluatedTicket


def _promise(judged: EvaluatedTicket) -> SLAPolicy | None:
    """Return the policy of the configuration, else the SLA that SuperOps says the ticket is under."""
    ticket = judged.ticket
    if judged.policy is not None or not ticket.sla_name:
        return judged.policy
    return SLAPolicy(ticket.sla_id or ticket.sla_name, ticket.sla_name, sla_name=ticket.sla_name)


def breach_of(judged: EvaluatedTicket, target: BreachType, now: datetime) -> SLABreach | None:
    """Return the breach of one promise, None if it is not broken and still owed at ``now``."""
    clock = judged.clock(target)
    cycle = clock.round_at()
    if clock.due is None or cycle is None or clock.ended():
        return None
    if clock.state(now) is not ClockState.BREACHED:
        return None
    ticket = judged.ticket
    return SLABreach(
        id=event_id(ticket.id, target, cycle),
        ticket_id=ticket.id,
        breach_type=target,
        breach_time=clock.due,
        sla_policy=_promise(judged),
        technician_id=ticket.technician_id,
        severity=judged.severity,
        customer_impact=f"{ticket.client or 'unknown client'}, "
        f"{ticket.priority or 'no'} priority, {target.words}",
        escalation_required=judged.severity.rank >= RiskLevel.HIGH.rank,
        display_id=ticket.display_id,
        subject=ticket.subject,
        client=ticket.client,
        priority=ticket.priority,
        technician=ticket.technician,
        group=ticket.group,
        detected_at=now,
    )


def warning_of(
    judged: EvaluatedTicket, target: BreachType, level: WarningLevel, now: datetime
) -> SLAWarning | None:
    """Return the warning that a level of a target is reached, None if nothing is to warn of."""
    clock = judged.clock(target)
    if clock.due is None or clock.ended() or clock.state(now) is not ClockState.RUNNING:
        return None
    ticket = judged.ticket
    used = level.percent if level.percent is not None else int(100 * (clock.consumed(now) or 0.0))
    return SLAWarning(
        id=event_id(ticket.id, target, clock.due, level.percent or level.key),
        ticket_id=ticket.id,
        breach_type=target,
        threshold_percent=used,
        due=clock.due,
        severity=judged.severity,
        sla_policy=_promise(judged),
        display_id=ticket.display_id,
        subject=ticket.subject,
        client=ticket.client,
        priority=ticket.priority,
        technician=ticket.technician,
        technician_id=ticket.technician_id,
        group=ticket.group,
        level=level.key,
        level_at=level.moment(clock),
    )


def is_over(breach: SLABreach, judged: EvaluatedTicket | None, now: datetime) -> bool:
    """Return whether a breach has ended: kept late, closed, gone, or its due time moved."""
    if judged is None:
        return True
    clock = judged.clock(breach.breach_type)
    cycle = clock.round_at()
    if clock.ended() or cycle is None:
        return True
    if event_id(breach.ticket_id, breach.breach_type, cycle) != breach.id.partition("-")[0]:
        return True
    return clock.state(now) is not ClockState.BREACHED


def is_early(breach: SLABreach, judged: EvaluatedTicket, now: datetime) -> bool:
    """Return whether the due time of a breach, still owed, has not even come."""
    clock = judged.clock(breach.breach_type)
    return breach.breach_time > now and clock.due == breach.breach_time and not clock.ended()


def notification_for(
    judged: EvaluatedTicket, target: BreachType, event: AlertEvent, at: datetime, level: str = ""
) -> Notification:
    """Return what there would be to tell of a ticket if something happened at a moment."""
    ticket, promise = judged.ticket, _promise(judged)
    return Notification(
        event,
        at,
        ticket_id=ticket.id,
        display_id=ticket.display_id,
        subject=ticket.subject,
        client=ticket.client,
        priority=ticket.priority,
        group=ticket.group,
        policy=promise.name if promise else None,
        technician=ticket.technician,
        technician_id=ticket.technician_id,
        target=target,
        due=judged.clock(target).due,
        severity=judged.severity,
        level=level,
    )
