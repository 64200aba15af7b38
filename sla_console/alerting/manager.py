"""Decides who is told what, and puts it where it cannot be lost."""

from collections.abc import Callable, Sequence

from sla_console.alerting.messages import (
    breach_text,
    escalation_text,
    recovery_text,
    warning_text,
)
from sla_console.alerting.ports import AlertLedger
from sla_console.alerting.rules import route
from sla_console.domain.alert import AlertEvent, AlertRule, OutboxMessage
from sla_console.domain.breach import SLABreach, SLAWarning
from sla_console.domain.clock import Clock
from sla_console.domain.errors import UserError
from sla_console.domain.operation import AuditEntry
from sla_console.domain.risk import RiskLevel

ACTOR = "sla-console"


class AlertManager:
    """Says who is told what.

    Args:
        ledger: Stores events with their messages.
        channels: Names of the channels there are.
        clock: The moment of each message.
        portal_url: Returns the link to a ticket; None: there is none.
        escalation_channels: Told of each escalation; none: the channels whose rules say so.
    """

    def __init__(
        self,
        ledger: AlertLedger,
        channels: Sequence[str],
        clock: Clock,
        portal_url: Callable[[str], str | None] | None = None,
        escalation_channels: Sequence[str] = (),
    ) -> None:
        self._ledger = ledger
        self._channels = tuple(channels)
        self._clock = clock
        self._link = portal_url or (lambda _: None)
        self._escalation = tuple(escalation_channels)
        self._rules: tuple[AlertRule, ...] = (AlertRule("everything", self._channels),)
        self.term: int | None = None
        """The term of the lease that writes are made under."""

    async def configure_alert_rules(self, rules: list[AlertRule]) -> None:
        """Replace the rules; none: everything goes to every channel.

        Raises:
            UserError: if a rule names a channel that does not exist.
        """
        for rule in rules:
            for name in rule.channels:
                if name not in self._channels:
                    raise UserError(
                        f"alerts.rules: {rule.name!r} names the channel {name!r}, which does not "
                        f"exist; there are {', '.join(self._channels) or 'none'}."
                    )
        self._rules = tuple(rules) or (AlertRule("everything", self._channels),)

    async def send_breach_alert(self, breach: SLABreach) -> None:
        """Store a new breach and queue what is said about it; a known one changes nothing.

        Raises:
            StoreError: if it could not be stored.
        """
        audit = AuditEntry(
            self._clock.now(), ACTOR, "breach", breach.ticket_id, breach.breach_type.words
        )
        await self._ledger.record_breach(breach, self.plan_breach(breach), audit, self.term)

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
        after = breach.escalate(ACTOR, None, now)
        audit = AuditEntry(now, ACTOR, "escalate", breach.ticket_id, breach.breach_type.words)
        messages = self.plan_escalation(after, ACTOR, None)
        await self._ledger.record_step(after, breach.state, messages, [], audit, self.term)

    def escalation_targets(self, breach: SLABreach) -> tuple[str, ...]:
        """Return the channels an escalation reaches: the policy's, the configured, the rules'."""
        policy = breach.sla_policy
        by_policy = (
            [name for step in policy.escalation_rules for name in step.channels] if policy else []
        )
        named = [name for name in by_policy if name in self._channels]
        return (
            tuple(dict.fromkeys(named))
            or self._escalation
            or self._route(AlertEvent.ESCALATION, breach.priority, breach.client)
            or self._route(AlertEvent.BREACH, breach.priority, breach.client)
        )

    def plan_breach(self, breach: SLABreach) -> list[OutboxMessage]:
        """Return the messages that say a promise is broken."""
        channels = self._route(AlertEvent.BREACH, breach.priority, breach.client)
        text = breach_text(breach, self._clock.now(), self._link(breach.ticket_id))
        return self._messages(AlertEvent.BREACH, breach.id, breach, text, channels)

    def plan_warning(self, warning: SLAWarning) -> list[OutboxMessage]:
        """Return the messages that say a promise is about to break."""
        channels = self._route(AlertEvent.WARNING, warning.priority, warning.client)
        text = warning_text(warning, self._clock.now(), self._link(warning.ticket_id))
        return self._messages(AlertEvent.WARNING, warning.id, warning, text, channels)

    def plan_recovery(self, breach: SLABreach) -> list[OutboxMessage]:
        """Return the messages that say a breach is over, where a rule asks for them by name."""
        rules = [rule for rule in self._rules if AlertEvent.RECOVERY in rule.events]
        channels = route(rules, AlertEvent.RECOVERY, breach.priority, breach.client)
        text = recovery_text(breach, self._link(breach.ticket_id))
        return self._messages(AlertEvent.RECOVERY, breach.id, breach, text, channels)

    def plan_escalation(
        self, breach: SLABreach, by: str | None = None, reason: str | None = None
    ) -> list[OutboxMessage]:
        """Return the messages that hand a breach up; each time it is escalated they are new."""
        now = self._clock.now()
        text = escalation_text(breach, now, by, reason, self._link(breach.ticket_id))
        identity = f"{breach.id}:{int(now.timestamp())}"
        channels = self.escalation_targets(breach)
        return self._messages(AlertEvent.ESCALATION, identity, breach, text, channels)

    def _route(
        self, event: AlertEvent, priority: str | None, client: str | None
    ) -> tuple[str, ...]:
        return route(self._rules, event, priority, client)

    def _messages(
        self,
        event: AlertEvent,
        identity: str,
        about: SLABreach | SLAWarning,
        text: tuple[str, str],
        channels: Sequence[str],
    ) -> list[OutboxMessage]:
        now = self._clock.now()
        urgent = about.severity is RiskLevel.CRITICAL or event is AlertEvent.ESCALATION
        return [
            OutboxMessage(
                key=f"{event}:{identity}:{channel}",
                channel=channel,
                event=event,
                title=text[0],
                body=text[1],
                ticket_id=about.ticket_id,
                created_at=now,
                urgent=urgent,
                next_at=now,
            )
            for channel in channels
        ]
