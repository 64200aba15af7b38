"""What time does to a breach: pages, reminders, acknowledgements that run out, snoozes that end.

Pure steps: each takes a breach and the moment, and returns the breach as it is then with what there
is to tell about it.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sla_console.domain.alerts.escalation import StepPage
from sla_console.domain.alerts.escalation_state import EscalationState
from sla_console.domain.copies import copy_with
from sla_console.domain.forecast.risk import RiskLevel
from sla_console.domain.sla.breach import BreachState, SLABreach


class TimerEvent(StrEnum):
    """What happened to a breach by the mere passing of time."""

    PAGE = "page"
    """A step of its escalation is due."""
    REMIND = "remind"
    """Whoever has it will soon have it no more."""
    EXPIRED = "expired"
    """The acknowledgement ran out: it is nobody's again."""
    WOKE = "woke"
    """The snooze is over."""
    WORSE = "worse"
    """Its ticket became more urgent, so whoever had it is asked again."""


@dataclass(frozen=True, slots=True)
class FiredEvent:
    """What there is to tell."""

    event: TimerEvent
    page: StepPage | None = None
    had: str | None = None
    """Who had it until now."""


def next_moment(breach: SLABreach) -> datetime | None:
    """Return when the mere passing of time will next do something to a breach."""
    escalation_state = breach.escalation_state
    if breach.state is BreachState.SNOOZED:
        return breach.snoozed_until
    if escalation_state is None or breach.state is BreachState.RESOLVED:
        return None
    if breach.state is BreachState.ACKNOWLEDGED:
        waits = escalation_state.held_since is not None
        return None if waits else escalation_state.remind_at or escalation_state.acknowledged_until
    return escalation_state.next_at


def advance(
    breach: SLABreach, now: datetime, by: str | None = None
) -> tuple[SLABreach, FiredEvent | None]:
    """Return a breach as it is at ``now``, and what there is to tell.

    One thing at a time: ask again until there is nothing more.

    Args:
        breach: The breach.
        now: The moment.
        by: Who hands an open breach up with a step of its escalation; None: it stays open.
    """
    due = next_moment(breach)
    if due is None or due > now:
        return breach, None
    if breach.state is BreachState.SNOOZED:
        return breach.unacknowledge(None, now), FiredEvent(TimerEvent.WOKE)
    if breach.state is BreachState.ACKNOWLEDGED:
        return _runs_out(breach, now)
    after, page = breach.escalation_state.advance(now) if breach.escalation_state else (None, None)
    if after is None or page is None:
        return breach, None
    fired = FiredEvent(TimerEvent.PAGE, page)
    if by is not None and breach.state is BreachState.OPEN:
        return breach.escalate(by, None, now, after), fired
    return _changed(breach, escalation_state=after), fired


def _runs_out(breach: SLABreach, now: datetime) -> tuple[SLABreach, FiredEvent | None]:
    escalation_state, had = breach.escalation_state, breach.acknowledged_by
    if escalation_state is None:
        return breach, None
    if (
        escalation_state.acknowledged_until is not None
        and escalation_state.acknowledged_until <= now
    ):
        return breach.unacknowledge(None, now), FiredEvent(TimerEvent.EXPIRED, had=had)
    return _changed(breach, escalation_state=escalation_state.reminded()), FiredEvent(
        TimerEvent.REMIND, had=had
    )


def hasten(breach: SLABreach, now: datetime) -> tuple[SLABreach, StepPage | None]:
    """Return a breach whose next step was taken now, because a person asked for it."""
    if breach.escalation_state is None:
        return breach, None
    after, page = breach.escalation_state.hasten(now)
    return replace(breach, escalation_state=after), page


def held(breach: SLABreach, now: datetime, *, waits: bool) -> tuple[SLABreach, FiredEvent | None]:
    """Return a breach whose ticket waits, or does no more; unchanged where that is known.

    A snooze without an end lasts until this changes, and then there is that to tell.
    """
    escalation_state = breach.escalation_state
    if escalation_state is None or breach.state is BreachState.RESOLVED:
        return breach, None
    if waits == (escalation_state.held_since is not None):
        return breach, None
    after = escalation_state.hold(now) if waits else escalation_state.release(now)
    if breach.state is BreachState.SNOOZED and breach.snoozed_until is None:
        breach = replace(breach, escalation_state=after)
        return breach.unacknowledge(None, now), FiredEvent(TimerEvent.WOKE)
    return _changed(breach, escalation_state=after), None


def worsened(
    breach: SLABreach, severity: RiskLevel, priority: str | None, now: datetime
) -> tuple[SLABreach, FiredEvent | None]:
    """Return a breach whose ticket has another priority now.

    One that becomes more urgent while somebody has it is asked about again (ALERTA's rule that a
    higher severity opens what was acknowledged).
    """
    if (severity, priority) == (breach.severity, breach.priority):
        return breach, None
    rises = severity.rank > breach.severity.rank
    had = breach.acknowledged_by
    changed = replace(breach, severity=severity, priority=priority)
    if rises and breach.state in {BreachState.ACKNOWLEDGED, BreachState.SNOOZED}:
        return changed.unacknowledge(None, now), FiredEvent(TimerEvent.WORSE, had=had)
    return replace(changed, revision=breach.revision + 1), None


def _changed(breach: SLABreach, *, escalation_state: EscalationState) -> SLABreach:
    return copy_with(breach, escalation_state=escalation_state, revision=breach.revision + 1)
