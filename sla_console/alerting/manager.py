"""The entrance of alerting: breaches, warnings and escalations are stored with what is sent of them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from sla_console.alerting.alert import ALWAYS
from sla_console.alerting.breach_opener import BreachOpener, Found
from sla_console.alerting.burst_notice import burst_notice
from sla_console.alerting.escalation_timers import EscalationTimers
from sla_console.alerting.incidents import Incidents
from sla_console.alerting.planner import AlertPlanner
from sla_console.alerting.ports import AlertStore
from sla_console.alerting.steps import ME, LeaseTerm, Recorder
from sla_console.domain import fault_points
from sla_console.domain.alerts.action_link import LinkUse
from sla_console.domain.alerts.alert import (
    AlertEvent,
    AlertRule,
    DeliveryState,
    Notified,
    OutboxMessage,
)
from sla_console.domain.alerts.bursts import Burst
from sla_console.domain.alerts.notification import Notification
from sla_console.domain.alerts.usual_rates import GroupKind
from sla_console.domain.clock import Clock
from sla_console.domain.errors import UserError
from sla_console.domain.sla.breach import BreachState, SLABreach, SLAWarning
from sla_console.domain.sla.calendar import BusinessCalendar
from sla_console.domain.tickets.operation import AuditEntry, Operation

_EVERYTHING = "everything"
_EARLIER: Final = 5
"""Breaches of one target before the last that may still be believed in."""
_TAKEN: Final = frozenset({BreachState.ACKNOWLEDGED, BreachState.SNOOZED})


class AlertManager:
    """Takes what monitoring finds out, stores it, and sends what there is to send of it.

    Args:
        store: Where events stand with their messages.
        planner: Says who is notified of what.
        incidents: The breaches that are not over, and their tickets.
        clock: The moment.
        recorder: Stores steps.
        opener: Opens breaches.
        timers: Fires the timers of breaches.
        term: Under which this console leads.
    """

    def __init__(
        self,
        store: AlertStore,
        planner: AlertPlanner,
        incidents: Incidents,
        clock: Clock,
        recorder: Recorder,
        opener: BreachOpener,
        timers: EscalationTimers,
        term: LeaseTerm,
    ) -> None:
        self._store, self._clock, self._recorder = store, clock, recorder
        self._opener, self.term = opener, term
        self.planner, self.incidents, self.timers = planner, incidents, timers
        self._use([])

    async def configure_alert_rules(self, rules: list[AlertRule]) -> None:
        """Replace the rules; none: every channel is notified of everything but forecasts.

        Raises:
            UserError: if a rule names a channel or an escalation that does not exist.
        """
        known, plans = self.planner.router.channels, self.planner.escalations.plans
        for rule in rules:
            for name in (*rule.whole_route.channels, *rule.route.fallback):
                if name not in known:
                    raise UserError(
                        f"alerts.rules: {rule.name!r} names the channel {name!r}, which does not "
                        f"exist; there are {', '.join(known) or 'none'}."
                    )
            if rule.escalation is not None and rule.escalation not in plans:
                raise UserError(
                    f"alerts.rules: {rule.name!r} names the escalation {rule.escalation!r}, which "
                    f"does not exist; there are {', '.join(plans) or 'none'}."
                )
        self._use(rules)

    def _use(self, rules: Sequence[AlertRule]) -> None:
        router = self.planner.router
        router.rules = tuple(rules) or (AlertRule(_EVERYTHING, router.channels),)

    # -- what monitoring finds out -----------------------------------------------------------

    async def send_breach_alert(self, breach: SLABreach) -> None:
        """Store a new breach and queue what is sent of it; a known one changes nothing.

        Raises:
            LostLease: if another term has begun.
            StoreError: if it could not be stored.
        """
        await self.send_breach_alerts([Found(breach, self.incidents.hours_of(breach.ticket_id))])

    async def send_breach_alerts(self, found: Sequence[Found]) -> None:
        """Do the same for many breaches, in one transaction.

        Raises:
            LostLease: if another term has begun.
            StoreError: if they could not be stored.
        """
        await self._opener.open(found, self._clock.now())

    async def send_warning_alert(self, warning: SLAWarning, *, quietly: bool = False) -> None:
        """Store that a warning was given and queue it; a known one changes nothing.

        Args:
            warning: The warning.
            quietly: Store it and notify nobody, because it comes too late to say so.

        Raises:
            LostLease: if another term has begun.
            StoreError: if it could not be stored.
        """
        hours = self.incidents.hours_of(warning.ticket_id)
        messages = [] if quietly else self.planner.plan_warning(warning, hours)
        fault_points.hit("warning.give")
        await self._store.record_warning(warning, messages, self.term.number)

    async def escalate_breach(
        self,
        breach: SLABreach,
        by: str | None = None,
        reason: str | None = None,
        notes: Sequence[Operation] = (),
        now: datetime | None = None,
    ) -> SLABreach | None:
        """Escalate a breach, and notify those whom it concerns.

        Args:
            breach: As it is known.
            by: Who wants it; None: the console itself.
            reason: Why.
            notes: What SuperOps shall have of it.
            now: The moment, where this machine's clock is known to be wrong; None: by that.

        Returns:
            The breach as it is then; None: a colleague was quicker.

        Raises:
            NotAllowed: if the breach is over.
            StoreError: if it could not be stored.
        """
        now = now or self._clock.now()
        hours = self.incidents.hours_of(breach.ticket_id)
        escalated = breach.escalate(by or ME, reason, now)
        after, messages = self.planner.plan_escalation(escalated, by, reason, hours, now)
        detail = f"{breach.breach_type.words}{f': {reason}' if reason else ''}"
        audit = AuditEntry(now, by or ME, "escalate", breach.ticket_id, detail)
        stored = await self._recorder.by_person(after, breach.state, messages, notes, audit)
        return after if stored else None

    async def change_breach(
        self,
        before: SLABreach,
        after: SLABreach,
        audit: AuditEntry,
        notes: Sequence[Operation] = (),
        use: LinkUse | None = None,
    ) -> bool:
        """Store what a person did to a breach.

        Nobody is notified, but of one that is nobody's again and was told to nobody.

        Args:
            before: As it was known.
            after: As it is then.
            audit: What the history says.
            notes: What SuperOps shall have of it.
            use: The use of a message's links that it is; None: it was done without one.

        Returns:
            False if a colleague was quicker; then nothing is written.

        Raises:
            StoreError: if it could not be stored.
        """
        messages: list[OutboxMessage] = []
        if after.state is BreachState.OPEN and before.state in _TAKEN:
            notified = await self._store.deliveries.notified([after.id])
            if not any(one.reached or one.coming for one in notified):
                hours = self.incidents.hours_of(after.ticket_id)
                messages = self.planner.plan_breach(after, hours, f"{after.id}:{after.revision}")
        return await self._recorder.by_person(after, before.state, messages, notes, audit, use)

    async def end_breach(self, breach: SLABreach, why: str | None = None) -> None:
        """Note that a breach is over, and notify those who were notified of it.

        Args:
            breach: Which.
            why: The reason where the promise was not kept, in words.

        Raises:
            LostLease: if another term has begun.
            StoreError: if it could not be stored.
        """
        now = self._clock.now()
        over = breach.resolve(now) if why is None else replace(breach.resolve(now), note=why)
        about = breach.breach_type.words if why is None else f"{breach.breach_type.words}: {why}"
        step = "resolve" if why is None else "end"
        entry = AuditEntry(now, ME, step, breach.ticket_id, about)
        notified = await self._who_believes(breach)
        hours = self.incidents.hours_of(breach.ticket_id)
        messages = self.planner.plan_recovery(over, notified, hours, why)
        fault_points.hit("breach.end")
        await self._recorder.change([(over, breach.state, messages, entry)])
        left = self.incidents.get(breach.id)
        if left is not None and left.revision != breach.revision:
            # A person did something to it meanwhile; it is over all the same.
            await self.end_breach(left, why)

    async def _who_believes(self, breach: SLABreach) -> list[Notified]:
        """Return who was notified that the target is missed, or is to be, and not that it is over.

        Also of an earlier breach of the same target, whose end was not told because of this one.
        """
        stored = await self._store.breaches.for_ticket(breach.ticket_id)
        known = {b.id: b for b in stored if b.breach_type is breach.breach_type}
        earlier = sorted(
            known.keys() - {breach.id}, key=lambda one: known[one].detected_at or breach.breach_time
        )
        found = await self._store.deliveries.notified([*earlier[-_EARLIER:], breach.id])
        said = {
            one.channel: place
            for place, one in enumerate(found)
            if one.event is AlertEvent.RECOVERY and (one.reached or one.coming)
        }
        return [
            one
            for place, one in enumerate(found)
            if one.event is not AlertEvent.RECOVERY and place > said.get(one.channel, -1)
        ]

    async def move_breach(self, breach: SLABreach, found: Found) -> None:
        """Follow a due time that moved while the target stays missed: an acknowledgement is kept.

        What nobody has ends, and is a new breach that is sent like any other.

        Raises:
            LostLease: if another term has begun.
            StoreError: if it could not be stored.
        """
        if breach.state not in _TAKEN or not await self._opener.move(
            breach, found, self._clock.now()
        ):
            await self.end_breach(breach)

    async def follow_ticket(self, breach: SLABreach, found: SLABreach, *, waits: bool) -> None:
        """Follow what happened to a breach's ticket.

        Args:
            breach: As it is known.
            found: As it would be found now.
            waits: Whether its ticket waits.

        Raises:
            LostLease: if another term has begun.
            StoreError: if it could not be stored.
        """
        await self.timers.follow(breach, found, waits=waits)

    async def send_burst(self, burst: Burst, again: int = 0) -> bool:
        """Queue a burst, once; return False where all of it is held back.

        Args:
            burst: Which; told twice under one number it changes nothing.
            again: How often it was held back before.
        """
        first = burst.tickets[0] if burst.tickets else ""
        hours = self.incidents.hours_of(first) if burst.kind is GroupKind.CLIENT else ALWAYS
        messages = self.planner.plan_burst(burst, hours, again)
        await self._store.outbox.enqueue(messages)
        notified = await self._store.deliveries.notified([burst.id])
        held = [one for one in notified if one.own_state is DeliveryState.SUPPRESSED]
        return len(held) < len(notified) or any(one.discarded for one in held) or not held

    def mutes_burst(self, burst: Burst) -> bool:
        """Return whether a silence or a maintenance window holds a burst back now."""
        now = self._clock.now()
        return self.planner.pipeline.muted(burst_notice(burst, now), now) is not None

    async def end_burst(self, burst: Burst, why: str) -> bool:
        """Notify those who were notified of a burst that it is over; return whether anybody was.

        Args:
            burst: Which.
            why: The reason in words, as a sentence.
        """
        notified = await self._store.deliveries.notified([burst.id])
        messages = self.planner.plan_burst_end(burst, why, notified)
        return await self._store.outbox.enqueue(messages) > 0

    async def send_forecasts(
        self, forecasts: Sequence[tuple[Notification, str, BusinessCalendar]]
    ) -> int:
        """Queue what will probably break, once each; return how many messages are new.

        Args:
            forecasts: Each with what makes it one event and no other, and the client's hours.
        """
        messages: list[OutboxMessage] = []
        for notification, identity, hours in forecasts:
            messages += self.planner.plan_forecast(notification, identity, hours)
        return await self._store.outbox.enqueue(messages)
