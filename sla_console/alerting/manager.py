"""Decides who is told what, and puts it where it cannot be lost."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sla_console.alerting.planner import HeldBack, Planner, Sending, distinct
from sla_console.alerting.ports import AlertLedger
from sla_console.alerting.rules import matching, mutes, naming
from sla_console.alerting.still_broken import still_broken
from sla_console.alerting.stirring import telling
from sla_console.domain.alert import (
    AlertEvent,
    AlertRule,
    Notified,
    OutboxMessage,
    Route,
    WaitReason,
)
from sla_console.domain.breach import SLABreach, SLAWarning
from sla_console.domain.calendar import BusinessCalendar
from sla_console.domain.clock import Clock
from sla_console.domain.directory import Directory, Recipient
from sla_console.domain.episode import Episode
from sla_console.domain.errors import UserError
from sla_console.domain.escalating import Stirred, hasten
from sla_console.domain.escalation import EscalationPlan, Escalations, EscalationStep
from sla_console.domain.flapping import Flap, FlapWatch
from sla_console.domain.notice import Notice, notice_of
from sla_console.domain.operation import AuditEntry
from sla_console.domain.risk import RiskLevel

ACTOR = "sla-console"
_ALWAYS: Final = BusinessCalendar.always()
_EVERYTHING: Final = "everything"


class AlertManager:
    """Says who is told what.

    Args:
        ledger: Stores events with their messages.
        planner: Turns a notice into messages.
        clock: The moment of each message.
        escalations: What happens to a breach that nobody takes.
    """

    def __init__(
        self,
        ledger: AlertLedger,
        planner: Planner,
        clock: Clock,
        escalations: Escalations | None = None,
    ) -> None:
        self._ledger = ledger
        self._clock = clock
        self._escalations = escalations or Escalations()
        self.planner = planner
        self.flaps = FlapWatch()
        self.term: int | None = None
        """The term of the lease that writes are made under."""
        self._use([])

    async def configure_alert_rules(self, rules: list[AlertRule]) -> None:
        """Replace the rules; none: every channel is told everything but forecasts.

        Raises:
            UserError: if a rule names a channel or an escalation that does not exist.
        """
        known = self.planner.channels
        for rule in rules:
            for name in (*rule.whole_route.channels, *rule.route.fallback):
                if name not in known:
                    raise UserError(
                        f"alerts.rules: {rule.name!r} names the channel {name!r}, which does not "
                        f"exist; there are {', '.join(known) or 'none'}."
                    )
            if rule.escalation is not None and rule.escalation not in self._escalations.plans:
                raise UserError(
                    f"alerts.rules: {rule.name!r} names the escalation {rule.escalation!r}, which "
                    f"does not exist; there are {', '.join(self._escalations.plans) or 'none'}."
                )
        self._use(rules)

    def _use(self, rules: Sequence[AlertRule]) -> None:
        everything = AlertRule(_EVERYTHING, self.planner.channels)
        self.planner.rules = tuple(rules) or (everything,)

    # -- the seed's steps: store, and tell ---------------------------------------------------

    async def send_breach_alert(self, breach: SLABreach) -> None:
        """Store a new breach and queue what is said about it; a known one changes nothing.

        Raises:
            StoreError: if it could not be stored.
        """
        now = self._clock.now()
        audit = AuditEntry(now, ACTOR, "breach", breach.ticket_id, breach.breach_type.words)
        opened = self.opened(breach)
        await self._ledger.record_breach(opened, self.plan_breach(opened), audit, self.term)

    async def send_warning_alert(self, warning: SLAWarning) -> None:
        """Store that a warning was given and queue it; a known one changes nothing.

        Raises:
            StoreError: if it could not be stored.
        """
        await self._ledger.record_warning(warning, self.plan_warning(warning), self.term)

    async def escalate_breach(self, breach: SLABreach) -> None:
        """Hand a breach up in the console's own name, and tell those it concerns.

        Raises:
            NotAllowed: if the breach is over.
            StoreError: if it could not be stored.
        """
        now = self._clock.now()
        after, messages = self.plan_escalation(breach.escalate(ACTOR, None, now), None, None)
        audit = AuditEntry(now, ACTOR, "escalate", breach.ticket_id, breach.breach_type.words)
        await self._ledger.record_step(after, breach.state, messages, [], audit, self.term)

    # -- plans -------------------------------------------------------------------------------

    def opened(self, breach: SLABreach, hours: BusinessCalendar = _ALWAYS) -> SLABreach:
        """Return a new breach with its timer."""
        now = self._clock.now()
        plan = self.plan_of(breach, in_hours=hours.is_open(now))
        return replace(breach, episode=Episode.open(plan, now))

    def acknowledged_for(self, breach: SLABreach) -> timedelta | None:
        """Return how long an acknowledgement holds where nobody asks otherwise; None: for ever."""
        planned = breach.episode and breach.episode.plan.acknowledged_for
        if planned:
            return planned
        urgent = breach.severity is RiskLevel.CRITICAL
        known = self._escalations
        return known.acknowledged_urgent if urgent else known.acknowledged

    def plan_of(self, breach: SLABreach, *, in_hours: bool = True) -> EscalationPlan:
        """Return the plan of the policy, of the first rule that names one, or the default.

        Args:
            breach: The breach.
            in_hours: Whether it begins inside the business hours of its client.
        """
        policy, plans = breach.sla_policy, self._escalations.plans
        if policy is not None and policy.escalation_rules:
            steps = tuple(
                EscalationStep(timedelta(minutes=rule.after_minutes), Route(rule.channels))
                for rule in policy.escalation_rules
            )
            return EscalationPlan(f"policy {policy.name}", steps)
        notice = notice_of(breach, AlertEvent.BREACH, breach.breach_time)
        rules = matching(self.planner.rules, notice, in_hours=in_hours)
        named = next((rule.escalation for rule in rules if rule.escalation), None)
        name = named or self._escalations.default or ""
        return plans.get(name, EscalationPlan("none"))

    def plan_breach(
        self, breach: SLABreach, hours: BusinessCalendar = _ALWAYS
    ) -> list[OutboxMessage]:
        """Return the messages that say a promise is broken."""
        now = self._clock.now()
        notice = notice_of(breach, AlertEvent.BREACH, breach.detected_at or now)
        flap = self.flaps.broke(notice.thread, breach.id, now)
        if flap is Flap.BEGINS:
            notice = replace(
                notice, reason="it comes and goes; you hear of it once an hour, and how it ends"
            )
        muted = _FLAPS if flap is Flap.MUTED else None
        sendings = self.planner.by_rules(notice, hours, now)
        return self.planner.plan(notice, breach.id, sendings, now, hours, muted=muted)

    def plan_warning(
        self, warning: SLAWarning, hours: BusinessCalendar = _ALWAYS
    ) -> list[OutboxMessage]:
        """Return the messages that say a promise is about to break."""
        now = self._clock.now()
        notice = notice_of(warning, AlertEvent.WARNING, warning.level_at or now)
        sendings = self.planner.by_rules(notice, hours, now)
        return self.planner.plan(notice, warning.id, sendings, now, hours)

    def plan_forecast(
        self, notice: Notice, identity: str, hours: BusinessCalendar = _ALWAYS
    ) -> list[OutboxMessage]:
        """Return the messages that say a promise will probably break, where a rule names them."""
        if not naming(self.planner.rules, AlertEvent.FORECAST):
            return []
        now = self._clock.now()
        sendings = self.planner.by_rules(notice, hours, now)
        return self.planner.plan(notice, identity, sendings, now, hours)

    def plan_recovery(
        self,
        breach: SLABreach,
        notified: Sequence[Notified] = (),
        hours: BusinessCalendar = _ALWAYS,
        why: str | None = None,
    ) -> list[OutboxMessage]:
        """Return the messages that say a breach is over, to those alone who were told of it.

        Whoever would still have been told hears once that it broke and is over.

        Args:
            breach: As it is now.
            notified: Who was notified of it by which way.
            hours: The business hours of the client.
            why: What else there is to say of it.
        """
        now = self._clock.now()
        notice = notice_of(breach, AlertEvent.RECOVERY, breach.resolved_at or now)
        notice = replace(notice, reason=why)
        heard = {one.channel: one.person for one in notified if one.reached}
        coming = {one.channel: one.person for one in notified if one.coming}
        muted = mutes(self.planner.rules, notice, in_hours=hours.is_open(now))
        if muted or self.flaps.is_muted(notice.thread, now):
            return []
        found: list[OutboxMessage] = []
        for channel, person in (heard | coming).items():
            first = channel not in heard
            found += self.planner.plan(
                replace(notice, first_told=first),
                breach.id,
                _to([channel], "told of the breach", person),
                now,
            )
        return found

    def plan_stirred(
        self, breach: SLABreach, stirred: Stirred, hours: BusinessCalendar = _ALWAYS
    ) -> list[OutboxMessage]:
        """Return the messages of what time did to a breach.

        Args:
            breach: As it is now.
            stirred: What happened.
            hours: The business hours of the client.
        """
        now = self._clock.now()
        told, episode = telling(self.planner, breach, stirred, hours, now), breach.episode
        # A first step that comes with the breach itself says nothing that was not said of it.
        page = stirred.page if episode is not None and not episode.round else None
        at_once = page is not None and not page.after
        flaps = at_once and self.flaps.was_muted(told.notice.thread, breach.id)
        muted = _FLAPS if flaps else HeldBack(told.muted) if told.muted else None
        return self.planner.plan(told.notice, told.identity, told.sendings, now, hours, muted=muted)

    def plan_escalation(
        self,
        breach: SLABreach,
        by: str | None = None,
        reason: str | None = None,
        hours: BusinessCalendar = _ALWAYS,
    ) -> tuple[SLABreach, list[OutboxMessage]]:
        """Return a breach whose next step was taken because a person said so, and its messages.

        Args:
            breach: Escalated already.
            by: Who.
            reason: Why.
            hours: The business hours of the client.
        """
        now = self._clock.now()
        after, page = hasten(breach, now)
        notice = replace(notice_of(breach, AlertEvent.ESCALATION, now), by=by, reason=reason)
        identity = f"{breach.id}:{int(now.timestamp() * 1000)}"
        episode = after.episode
        if page is not None and episode is not None:
            notice = replace(notice, step=f"{page.step + 1} of {len(episode.plan.steps)}")
        sendings = self._handed_up(breach, notice, now, hours)
        return after, self.planner.plan(notice, identity, sendings, now)

    def escalation_targets(
        self, breach: SLABreach, hours: BusinessCalendar = _ALWAYS
    ) -> tuple[str, ...]:
        """Return whom an escalation by hand reaches, such as ``sms (ada)``."""
        now = self._clock.now()
        notice = notice_of(breach, AlertEvent.ESCALATION, now)
        people = [sending.recipient for sending in self._handed_up(breach, notice, now, hours)]
        return tuple(
            f"{one.channel} ({one.person})" if one.person else one.channel for one in people
        )

    def _handed_up(
        self, breach: SLABreach, notice: Notice, now: datetime, hours: BusinessCalendar
    ) -> list[Sending]:
        """Return whom to tell: the next step's, the configured, or those of the rules."""
        plan = self.plan_of(breach, in_hours=hours.is_open(now))
        episode = breach.episode or Episode.open(plan, now)
        _, page = episode.hasten(now)
        by_step: list[Sending] = []
        if page is not None:
            name = f"{episode.plan.name}, step {page.step + 1}"
            step = episode.plan.steps[page.step]
            by_step = self.planner.by_route(step.route, notice, now, name)
        by_hand = Route(self._escalations.by_hand)
        own = by_step or self.planner.by_route(by_hand, notice, now, "escalation by hand")
        named, _ = self.planner.by_name(notice, hours, now)
        return (
            distinct([*own, *named])
            or self.planner.by_rules(notice, hours, now)
            or self.planner.by_rules(replace(notice, event=AlertEvent.BREACH), hours, now)
        )

    @property
    def directory(self) -> Directory:
        """Who is reached through which channel, and who is on call."""
        return self.planner.directory

    def plan_monitor(
        self,
        identity: str,
        headline: str,
        lines: Sequence[str] = (),
        *,
        about: str = "",
        ended_at: datetime | None = None,
    ) -> list[OutboxMessage]:
        """Return the messages about trouble of the console itself.

        Where no rule is for them, or those that are reach nobody, they go to every channel: it is
        what nobody may miss. A rule that names nobody mutes them all the same. ``about`` is what
        the beginning and the end of one trouble have in common, so that a pager closes with the
        end what it opened with the beginning.
        """
        now = self._clock.now()
        notice = Notice(
            AlertEvent.MONITOR,
            now,
            headline=headline,
            lines=tuple(lines),
            severity=RiskLevel.CRITICAL,
            about=about,
            ended_at=ended_at,
        )
        sendings = self.planner.by_rules(notice, _ALWAYS, now)
        found = self.planner.meeting(notice, _ALWAYS, now)
        if not sendings and all(rule.whole_route for rule in found):
            sendings = _to(
                self.planner.channels, "no rule reaches anybody for trouble of the console"
            )
        return self.planner.plan(notice, identity, sendings, now)

    def breach_notice(self, breach: SLABreach) -> Notice:
        """Return what there is to tell of a breach."""
        return notice_of(breach, AlertEvent.BREACH, breach.detected_at or self._clock.now())

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
        broken = [(self.breach_notice(breach), hours) for breach, hours in breaches]
        return still_broken(self.planner, broken, identity, headline, self._clock.now())

    def recall(self, last: Mapping[str, datetime], broke: Sequence[SLABreach] = ()) -> None:
        """Take over from whoever monitored before.

        Args:
            last: When each group was last told of something.
            broke: What was found broken lately, oldest first.
        """
        self.planner.groups.restore(last)
        self.flaps.recall(
            (self.breach_notice(one).thread, one.id, one.detected_at or one.breach_time)
            for one in broke
        )

    def hold_while_blind(self, since: datetime | None) -> None:
        """Hold back what follows from old data since a moment; None: no more."""
        self.planner.blind_since = since

    def plan_test(self, identity: str, channels: Sequence[str]) -> list[OutboxMessage]:
        """Return messages that try these channels and say so."""
        now = self._clock.now()
        notice = Notice(AlertEvent.TEST, now, headline="TEST: nothing is wrong")
        return self.planner.plan(notice, identity, _to(channels, "test"), now)


_FLAPS: Final = HeldBack("it comes and goes; told once an hour", WaitReason.FLAPPING)


def _to(channels: Sequence[str], rule: str, person: str | None = None) -> list[Sending]:
    return [
        Sending(Recipient(name, person), rule, Route((name,)), quiet=False) for name in channels
    ]
