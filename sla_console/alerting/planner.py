"""Plans who is notified of each event, and of what; the pipeline makes messages of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sla_console.alerting.alert import ALWAYS, Alert, Sending
from sla_console.alerting.burst_notice import burst_end, burst_notice
from sla_console.alerting.pipeline import FLAPPING, Pipeline
from sla_console.alerting.routing import distinct, matching, mutes, naming
from sla_console.alerting.still_broken import still_broken
from sla_console.alerting.timer_alerts import timer_alert
from sla_console.domain.alerts.alert import AlertEvent, Notified, OutboxMessage, Route
from sla_console.domain.alerts.bursts import Burst
from sla_console.domain.alerts.escalation import EscalationPlan, Escalations, EscalationStep
from sla_console.domain.alerts.escalation_state import EscalationState
from sla_console.domain.alerts.notification import Notification, notification_of
from sla_console.domain.alerts.timer_events import FiredEvent, hasten
from sla_console.domain.clock import Clock
from sla_console.domain.forecast.risk import RiskLevel
from sla_console.domain.sla.breach import SLABreach, SLAWarning
from sla_console.domain.sla.calendar import BusinessCalendar


class AlertPlanner:
    """Turns events into messages, by way of the pipeline; nothing is stored here.

    Args:
        pipeline: The stages.
        clock: The moment of each message.
        escalations: What happens to a breach that nobody takes.
    """

    def __init__(
        self, pipeline: Pipeline, clock: Clock, escalations: Escalations | None = None
    ) -> None:
        self.pipeline, self.router = pipeline, pipeline.router
        self._clock = clock
        self.escalations = escalations or Escalations()

    def opened(self, breach: SLABreach, hours: BusinessCalendar = ALWAYS) -> SLABreach:
        """Return a new breach with its timer."""
        now = self._clock.now()
        plan = self.plan_of(breach, in_hours=hours.is_open(now))
        return replace(breach, escalation_state=EscalationState.open(plan, now))

    def acknowledged_for(self, breach: SLABreach) -> timedelta | None:
        """Return how long an acknowledgement holds by default; None: without end."""
        planned = breach.escalation_state and breach.escalation_state.plan.acknowledged_for
        if planned:
            return planned
        urgent = breach.severity is RiskLevel.CRITICAL
        return self.escalations.acknowledged_urgent if urgent else self.escalations.acknowledged

    def plan_of(self, breach: SLABreach, *, in_hours: bool = True) -> EscalationPlan:
        """Return the plan of the policy, of the first rule that names one, or the default.

        Args:
            breach: The breach.
            in_hours: Whether it begins inside the business hours of its client.
        """
        policy, plans = breach.sla_policy, self.escalations.plans
        if policy is not None and policy.escalation_rules:
            steps = tuple(
                EscalationStep(timedelta(minutes=rule.after_minutes), Route(rule.channels))
                for rule in policy.escalation_rules
            )
            return EscalationPlan(f"policy {policy.name}", steps)
        notification = notification_of(breach, AlertEvent.BREACH, breach.breach_time)
        rules = matching(self.router.rules, notification, in_hours=in_hours)
        named = next((rule.escalation for rule in rules if rule.escalation), None)
        name = named or self.escalations.default or ""
        return plans.get(name, EscalationPlan("none"))

    def plan_breach(
        self, breach: SLABreach, hours: BusinessCalendar = ALWAYS, identity: str = ""
    ) -> list[OutboxMessage]:
        """Return the messages that say a promise is broken.

        Args:
            breach: The breach.
            hours: The business hours of its client.
            identity: What makes it this time and no other; empty: it is the first.
        """
        now = self._clock.now()
        return self.pipeline(Alert(self.breach_notice(breach), identity or breach.id, now, hours))

    def plan_warning(
        self, warning: SLAWarning, hours: BusinessCalendar = ALWAYS
    ) -> list[OutboxMessage]:
        """Return the messages that say a promise is about to break."""
        now = self._clock.now()
        notification = notification_of(warning, AlertEvent.WARNING, warning.level_at or now)
        return self.pipeline(Alert(notification, warning.id, now, hours))

    def plan_forecast(
        self, notification: Notification, identity: str, hours: BusinessCalendar = ALWAYS
    ) -> list[OutboxMessage]:
        """Return the messages that say a promise will probably break, where a rule names them."""
        if not naming(self.router.rules, AlertEvent.FORECAST):
            return []
        return self.pipeline(Alert(notification, identity, self._clock.now(), hours))

    def plan_recovery(
        self,
        breach: SLABreach,
        notified: Sequence[Notified] = (),
        hours: BusinessCalendar = ALWAYS,
        why: str | None = None,
    ) -> list[OutboxMessage]:
        """Return the messages that say a breach is over, to those alone who were notified of it.

        Whoever would still have been notified learns once that it broke and is over.

        Args:
            breach: As it is now.
            notified: Who was notified of it by which way.
            hours: The business hours of the client.
            why: What else there is to say of it.
        """
        now = self._clock.now()
        at = breach.resolved_at or now
        notification = notification_of(breach, AlertEvent.RECOVERY, at, reason=why)
        muted = mutes(self.router.rules, notification, in_hours=hours.is_open(now))
        if muted or self.pipeline.flaps.is_muted(notification.thread, now):
            return []
        return self._to_notified(notification, breach.id, notified, "breach")

    def _to_notified(
        self, notification: Notification, identity: str, notified: Sequence[Notified], what: str
    ) -> list[OutboxMessage]:
        """Return the messages of an end, to those alone who were or would be notified before."""
        now = self._clock.now()
        known = [(self.router.present(one.channel), one) for one in notified]
        reached = {name: one.person for name, one in known if name and one.reached}
        coming = {name: one.person for name, one in known if name and one.coming}
        unsure = {name: one.person for name, one in known if name and one.unsure}
        found: list[OutboxMessage] = []
        for channel, person in (unsure | coming | reached).items():
            sendings = self.router.to([channel], f"notified of the {what}", person)
            said = replace(notification, first_told=channel not in reached)
            found += self.pipeline(Alert(said, identity, now, sendings=tuple(sendings)))
        return found

    def plan_burst(
        self, burst: Burst, hours: BusinessCalendar = ALWAYS, again: int = 0
    ) -> list[OutboxMessage]:
        """Return the messages that say that many tickets of one group came at once.

        Args:
            burst: Which.
            hours: The business hours of the client.
            again: How often it was held back before.
        """
        identity = f"{burst.id}:{again}" if again else burst.id
        now = self._clock.now()
        return self.pipeline(Alert(burst_notice(burst, now), identity, now, hours))

    def plan_burst_end(
        self, burst: Burst, why: str, notified: Sequence[Notified]
    ) -> list[OutboxMessage]:
        """Return the messages that say that a burst is over, to those who were notified of it."""
        notification = burst_end(burst, why, self._clock.now())
        return self._to_notified(notification, f"over:{burst.id}", notified, "burst")

    def plan_stirred(
        self, breach: SLABreach, fired: FiredEvent, hours: BusinessCalendar = ALWAYS
    ) -> list[OutboxMessage]:
        """Return the messages of what time did to a breach.

        Args:
            breach: As it is now.
            fired: What happened.
            hours: The business hours of the client.
        """
        alert, _ = timer_alert(self.router, breach, fired, hours, self._clock.now())
        # A first step that comes with the breach itself says nothing that was not said of it.
        escalation_state = breach.escalation_state
        page = fired.page if escalation_state is not None and not escalation_state.round else None
        at_once = page is not None and not page.after
        if at_once and self.pipeline.flaps.was_muted(alert.notification.thread, breach.id):
            alert = replace(alert, held_back=FLAPPING)
        return self.pipeline(alert)

    def plan_escalation(
        self,
        breach: SLABreach,
        by: str | None = None,
        reason: str | None = None,
        hours: BusinessCalendar = ALWAYS,
        at: datetime | None = None,
    ) -> tuple[SLABreach, list[OutboxMessage]]:
        """Return a breach whose next step was taken because a person said so, and its messages.

        Args:
            breach: Escalated already.
            by: Who.
            reason: Why.
            hours: The business hours of the client.
            at: When, where the clock is known to be wrong; None: now.
        """
        now = self._clock.now()
        after, page = hasten(breach, at or now)
        notification = notification_of(breach, AlertEvent.ESCALATION, now, by=by, reason=reason)
        identity = f"{breach.id}:{int(now.timestamp() * 1000)}"
        escalation_state = after.escalation_state
        if page is not None and escalation_state is not None:
            notification = replace(
                notification, step=f"{page.step + 1} of {len(escalation_state.plan.steps)}"
            )
        sendings = tuple(self._escalated_to(breach, notification, hours))
        return after, self.pipeline(Alert(notification, identity, now, sendings=sendings))

    def escalation_targets(
        self, breach: SLABreach, hours: BusinessCalendar = ALWAYS
    ) -> tuple[str, ...]:
        """Return whom an escalation by hand reaches, such as ``sms (ada)``."""
        notification = notification_of(breach, AlertEvent.ESCALATION, self._clock.now())
        people = [sending.recipient for sending in self._escalated_to(breach, notification, hours)]
        return tuple(
            f"{one.channel} ({one.person})" if one.person else one.channel for one in people
        )

    def _escalated_to(
        self, breach: SLABreach, notification: Notification, hours: BusinessCalendar
    ) -> list[Sending]:
        """Return whom to notify: the next step's, the configured, or those of the rules."""
        now, router = self._clock.now(), self.router
        plan = self.plan_of(breach, in_hours=hours.is_open(now))
        escalation_state = breach.escalation_state or EscalationState.open(plan, now)
        _, page = escalation_state.hasten(now)
        by_step: list[Sending] = []
        if page is not None:
            name = f"{escalation_state.plan.name}, step {page.step + 1}"
            step = escalation_state.plan.steps[page.step]
            by_step = router.by_route(step.route, notification, now, name)
        by_hand = Route(self.escalations.by_hand)
        own = by_step or router.by_route(by_hand, notification, now, "escalation by hand")
        named, _ = router.by_name(notification, hours, now)
        return (
            distinct([*own, *named])
            or router.by_rules(notification, hours, now)
            or router.by_rules(replace(notification, event=AlertEvent.BREACH), hours, now)
        )

    def plan_monitor(
        self,
        identity: str,
        headline: str,
        lines: Sequence[str] = (),
        about: str = "",
        times: Sequence[datetime] = (),
    ) -> list[OutboxMessage]:
        """Return the messages about trouble of the console itself.

        Where no rule is for them, or those that are reach nobody, they go to every channel: it is
        what nobody may miss. A rule that names nobody mutes them all the same.

        Args:
            identity: What makes it one event and no other.
            headline: What it is, in one line.
            lines: The facts.
            about: What its beginning and its end have in common, so that a pager closes with the
                end what it opened with the beginning.
            times: Moments that headline and lines write in UTC.
        """
        notification = Notification(
            AlertEvent.MONITOR,
            self._clock.now(),
            headline=headline,
            lines=tuple(lines),
            severity=RiskLevel.CRITICAL,
            about=about,
            times=tuple(times),
        )
        return self.pipeline(self._monitor(notification, identity))

    def plan_monitor_end(
        self, identity: str, headline: str, lines: Sequence[str], about: str
    ) -> list[OutboxMessage]:
        """Return the messages that say that trouble of the console is over."""
        now = self._clock.now()
        notification = Notification(
            AlertEvent.MONITOR,
            now,
            headline=headline,
            lines=tuple(lines),
            severity=RiskLevel.CRITICAL,
            about=about,
            ended_at=now,
        )
        return self.pipeline(self._monitor(notification, identity))

    def _monitor(self, notification: Notification, identity: str) -> Alert:
        now, router = notification.at, self.router
        rules = router.meeting(notification, ALWAYS, now)
        sendings = router.by_rules(notification, ALWAYS, now)
        if not sendings and all(rule.whole_route for rule in rules):
            why = "no rule reaches anybody for trouble of the console"
            sendings = router.to(router.channels, why)
        return Alert(notification, identity, now, sendings=tuple(sendings))

    def breach_notice(self, breach: SLABreach) -> Notification:
        """Return what there is to notify of a breach."""
        return notification_of(breach, AlertEvent.BREACH, breach.detected_at or self._clock.now())

    def plan_still_broken(
        self,
        breaches: Sequence[tuple[SLABreach, BusinessCalendar]],
        identity: str,
        headline: str,
    ) -> list[OutboxMessage]:
        """Return the messages that say once more that something is broken.

        Args:
            breaches: Each with the business hours of its client.
            identity: What makes it this time and no other.
            headline: Why it is said once more.
        """
        now = self._clock.now()
        alerts = [
            Alert(self.breach_notice(one), f"{identity}:{one.id}", now, hours, repeat=True)
            for one, hours in breaches
        ]
        return still_broken([(a, self.pipeline(a)) for a in alerts], headline, now)

    def plan_test(self, identity: str, channels: Sequence[str]) -> list[OutboxMessage]:
        """Return messages that try these channels and say so."""
        now = self._clock.now()
        notification = Notification(AlertEvent.TEST, now, headline="TEST: nothing is wrong")
        sendings = tuple(self.router.to(channels, "test"))
        return self.pipeline(Alert(notification, identity, now, sendings=sendings))

    def plan_report(
        self,
        identity: str,
        headline: str,
        lines: Sequence[str],
        channels: Sequence[str],
        attachment: str | None,
        schedule: str,
    ) -> list[OutboxMessage]:
        """Return the messages that carry a report.

        Args:
            identity: What makes it this report and no other.
            headline: What it is, in one line.
            lines: What it says in short.
            channels: Through which channels.
            attachment: Path of its file; None: it has none.
            schedule: Name of what sends it.
        """
        now = self._clock.now()
        notification = Notification(
            AlertEvent.REPORT, now, headline=headline, lines=tuple(lines), severity=RiskLevel.LOW
        )
        sendings = tuple(self.router.to(channels, f"schedule {schedule}"))
        alert = Alert(notification, identity, now, sendings=sendings, attachment=attachment)
        return self.pipeline(alert)
