"""What the service needs from alerting, as it uses it."""

from datetime import timedelta
from typing import Protocol

from sla_console.alerting.planner import Planner
from sla_console.domain.alert import OutboxMessage
from sla_console.domain.breach import SLABreach
from sla_console.domain.calendar import BusinessCalendar
from sla_console.domain.escalation import EscalationPlan


class EscalationPlans(Protocol):
    """Says who is told when a breach is handed up, and how long an acknowledgement holds."""

    @property
    def planner(self) -> Planner: ...
    def plan_escalation(
        self,
        breach: SLABreach,
        by: str | None = None,
        reason: str | None = None,
        hours: BusinessCalendar = ...,
    ) -> tuple[SLABreach, list[OutboxMessage]]: ...
    def escalation_targets(
        self, breach: SLABreach, hours: BusinessCalendar = ...
    ) -> tuple[str, ...]: ...
    def acknowledged_for(self, breach: SLABreach) -> timedelta | None: ...
    def plan_of(self, breach: SLABreach, *, in_hours: bool = ...) -> EscalationPlan: ...
