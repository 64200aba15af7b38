"""What the service needs from alerting, as it uses it."""

from typing import Protocol

from sla_console.domain.alert import OutboxMessage
from sla_console.domain.breach import SLABreach


class EscalationPlan(Protocol):
    """Says who is told when a breach is handed up."""

    def plan_escalation(
        self, breach: SLABreach, by: str | None = None, reason: str | None = None
    ) -> list[OutboxMessage]: ...
    def escalation_targets(self, breach: SLABreach) -> tuple[str, ...]: ...
