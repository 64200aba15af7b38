"""Alerts of what time does to a breach: escalation steps, reminders, snoozes that end."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from sla_console.alerting.alert import Alert, HeldBack, Sending
from sla_console.alerting.routing import Router, distinct
from sla_console.domain.alerts.alert import ASSIGNEE, AlertEvent, Route
from sla_console.domain.alerts.escalation import StepPage
from sla_console.domain.alerts.escalation_state import EscalationState
from sla_console.domain.alerts.notification import notification_of
from sla_console.domain.alerts.timer_events import FiredEvent, TimerEvent
from sla_console.domain.sla.breach import SLABreach
from sla_console.domain.sla.calendar import BusinessCalendar

_ANEW: Final = "it is escalated anew"
_ANEW_LATER: Final = "it is escalated anew when its ticket waits no more"
_REMINDERS: Final[Mapping[TimerEvent, str]] = {
    TimerEvent.REMIND: "the acknowledgement runs out soon; acknowledge again to keep it",
    TimerEvent.EXPIRED: "the acknowledgement ran out; it is nobody's again, and {anew}",
    TimerEvent.WOKE: "the snooze is over; {anew}",
    TimerEvent.WORSE: "its ticket became more urgent; it is nobody's again, and {anew}",
}


def timer_alert(
    router: Router, breach: SLABreach, fired: FiredEvent, hours: BusinessCalendar, now: datetime
) -> tuple[Alert, Route | None]:
    """Return the alert of what time did to a breach, and of a page whom its step means.

    Args:
        router: Knows who is reached through what.
        breach: As it is then.
        fired: What happened.
        hours: The business hours of the client.
        now: The moment.
    """
    if fired.page is not None and breach.escalation_state is not None:
        return _page(router, breach, breach.escalation_state, fired.page, hours, now)
    held = breach.escalation_state is not None and breach.escalation_state.held_since is not None
    reason = _REMINDERS[fired.event].format(anew=_ANEW_LATER if held else _ANEW)
    notification = notification_of(breach, AlertEvent.REMINDER, now, by=fired.had, reason=reason)
    quiet = hours if router.quiet_hours else None
    sendings: list[Sending] = []
    if fired.event is TimerEvent.REMIND:
        asked = replace(notification, technician=fired.had)
        sendings = router.by_route(Route(people=(ASSIGNEE,)), asked, now, "reminder", quiet)
    named, muted = router.by_name(notification, hours, now)
    told_of = replace(notification, event=AlertEvent.BREACH)
    sendings = distinct([*sendings, *named]) or router.by_rules(told_of, hours, now)
    identity = f"{breach.id}:{fired.event}:{breach.revision}"
    held_back = HeldBack(muted) if muted else None
    return Alert(notification, identity, now, hours, tuple(sendings), held_back), None


def _page(
    router: Router,
    breach: SLABreach,
    escalation_state: EscalationState,
    page: StepPage,
    hours: BusinessCalendar,
    now: datetime,
) -> tuple[Alert, Route]:
    step, count = escalation_state.plan.steps[page.step], len(escalation_state.plan.steps)
    notification = notification_of(
        breach,
        AlertEvent.ESCALATION,
        escalation_state.base + page.after,
        step=f"{page.step + 1} of {count}" + (f", again {page.repeat}" if page.repeat else ""),
    )
    name = f"{escalation_state.plan.name}, step {page.step + 1}"
    quiet = hours if router.quiet_hours else None
    sendings = router.by_route(step.route, notification, now, name, quiet)
    named, muted = router.by_name(notification, hours, now)
    gone = router.gone(step.route)
    if gone:
        # What a running plan names may have left the configuration since it was copied.
        why = f"its step names what is no longer configured ({', '.join(gone)})"
        notification = replace(notification, reason=why)
        if not sendings and muted is None:
            sendings = router.instead(notification, hours, now)
    identity = f"{breach.id}:{escalation_state.round}:{page.step}:{page.repeat}"
    held_back = HeldBack(muted) if muted else None
    found = tuple(distinct([*sendings, *named]))
    return Alert(notification, identity, now, hours, found, held_back), step.route
