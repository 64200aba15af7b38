"""Who would be told what of a ticket, when and why, if nothing happened."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sla_console.alerting.alert import Sending
from sla_console.alerting.planner import AlertPlanner
from sla_console.alerting.timer_alerts import timer_alert
from sla_console.domain.alerts.alert import AlertEvent, Notification
from sla_console.domain.alerts.escalation_state import EscalationState
from sla_console.domain.alerts.timer_events import FiredEvent, TimerEvent, advance, next_moment
from sla_console.domain.sla.breach import SLABreach
from sla_console.domain.sla.calendar import BusinessCalendar
from sla_console.domain.sla.sla_clock import EvaluatedTicket, SLAClock
from sla_console.monitoring.evaluator import Evaluator
from sla_console.monitoring.events import breach_of, notification_for

_LATE: Final = timedelta(days=30)
_MOST: Final = 200
"""Things that time does to one breach."""


@dataclass(frozen=True, slots=True)
class PreviewedAlert:
    """One message that would be sent. Times aware UTC."""

    at: datetime
    event: AlertEvent
    what: str
    """Such as ``90% of the first response`` or ``step 2 of 3``."""
    channel: str | None
    """None: nobody would be told."""
    person: str | None
    why: str
    """Which rule or step."""
    held_back: str | None
    """What would keep it back; None: nothing."""


class AlertPreview:
    """Looks ahead. Nothing is sent, and nothing stored.

    Args:
        planner: Who is told.
        evaluator: Knows the levels of warnings, and the hours of a ticket's client.
    """

    def __init__(self, planner: AlertPlanner, evaluator: Evaluator) -> None:
        self._planner, self._router, self._evaluator = planner, planner.router, evaluator

    def of(
        self, judged: EvaluatedTicket, breaches: Sequence[SLABreach], now: datetime
    ) -> list[PreviewedAlert]:
        """Return what would be told, in order of time.

        Args:
            judged: The ticket.
            breaches: Its breaches that are not over.
            now: The moment.
        """
        hours = self._evaluator.calendar_of(judged.ticket)
        found: list[PreviewedAlert] = []
        for clock in judged.clocks:
            if clock.due is None or clock.ended():
                continue
            breach = next((b for b in breaches if b.breach_type is clock.target), None)
            if breach is None:
                found += self._before(judged, clock, now, hours)
                breach = self._supposed(judged, clock, now, hours)
            if breach is not None:
                found += self._after(breach, hours)
        return sorted(found, key=lambda one: (one.at, one.channel or ""))

    def _before(
        self, judged: EvaluatedTicket, clock: SLAClock, now: datetime, hours: BusinessCalendar
    ) -> Iterator[PreviewedAlert]:
        """Yield the warnings to come, and the breach."""
        for level in self._evaluator.warn_at:
            at = level.moment(clock)
            if at is not None and at > now:
                notification = notification_for(
                    judged, clock.target, AlertEvent.WARNING, at, level.key
                )
                yield from self._by_rules(
                    notification, f"{level.key} of the {clock.target.words}", hours
                )
        at = clock.breaks_at()
        if at is not None:
            notification = notification_for(judged, clock.target, AlertEvent.BREACH, max(at, now))
            yield from self._by_rules(notification, f"the {clock.target.words} is broken", hours)

    def _supposed(
        self, judged: EvaluatedTicket, clock: SLAClock, now: datetime, hours: BusinessCalendar
    ) -> SLABreach | None:
        """Return the breach there will be, with its timer."""
        at = clock.breaks_at()
        breach = None if at is None else breach_of(judged, clock.target, max(now, at + _LATE))
        if at is None or breach is None:
            return None
        begins = max(at, now)
        plan = self._planner.plan_of(breach, in_hours=hours.is_open(begins))
        return replace(breach, escalation_state=EscalationState.open(plan, begins))

    def _after(self, breach: SLABreach, hours: BusinessCalendar) -> Iterator[PreviewedAlert]:
        """Yield what time does to a breach, by letting it do so."""
        for _ in range(_MOST):
            at = next_moment(breach)
            breach, fired = (breach, None) if at is None else advance(breach, at)
            if at is None or fired is None:
                return
            alert, route = timer_alert(self._router, breach, fired, hours, at)
            notification = replace(alert.notification, at=at)
            missing = (
                self._router.directory.missing(route, at, notification.technician) if route else ()
            )
            muted = alert.held_back.words if alert.held_back else None
            sendings = alert.sendings or ()
            yield from self._told(
                notification, _what(breach, fired), sendings, hours, missing, muted
            )

    def _by_rules(
        self, notification: Notification, what: str, hours: BusinessCalendar
    ) -> Iterator[PreviewedAlert]:
        router, at = self._router, notification.at
        missing = [
            f"rule {rule.name}: {why}"
            for rule in router.meeting(notification, hours, at)
            for why in router.directory.missing(rule.whole_route, at, notification.technician)
        ]
        yield from self._told(
            notification, what, router.by_rules(notification, hours, at), hours, missing
        )

    def _told(
        self,
        notification: Notification,
        what: str,
        sendings: Sequence[Sending],
        hours: BusinessCalendar,
        missing: Sequence[str],
        muted: str | None = None,
    ) -> Iterator[PreviewedAlert]:
        at, event = notification.at, notification.event
        if not sendings and not missing:
            missing = ("no rule matches, or it names nobody",)
        for why in missing:
            yield PreviewedAlert(at, event, what, None, None, why, None)
        for one in sendings:
            held = muted or self._planner.pipeline.held_back(notification, one, at, hours)
            whom = one.recipient
            yield PreviewedAlert(at, event, what, whom.channel, whom.person, one.rule, held)


def _what(breach: SLABreach, fired: FiredEvent) -> str:
    words = breach.breach_type.words
    if fired.page is not None and breach.escalation_state is not None:
        plan, page = breach.escalation_state.plan, fired.page
        again = f", again {page.repeat}" if page.repeat else ""
        return f"{plan.name}: step {page.step + 1} of {len(plan.steps)}{again}"
    had = f"{fired.had}'s" if fired.had else "the"
    if fired.event is TimerEvent.REMIND:
        return f"{had} acknowledgement of the {words} runs out soon"
    if fired.event is TimerEvent.EXPIRED:
        return f"{had} acknowledgement of the {words} has run out"
    return f"the snooze of the {words} is over"
