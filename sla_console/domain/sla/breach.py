"""A broken or endangered promise, and the life of a breach.

::

    OPEN ──► ACKNOWLEDGED ──► ESCALATED
      │  ◄────────┘ (un-acknowledge, or the acknowledgement runs out; whoever has it may
      │              acknowledge it again, to keep it)
      ├──► SNOOZED ──► OPEN (snooze over, or the ticket begins or ends to wait)
      ├──► ESCALATED ──► ACKNOWLEDGED
      └──► RESOLVED  (from any of them: the promise was kept late, or its due time moved)
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sla_console.domain.alerts.escalation_state import EscalationState
from sla_console.domain.copies import copy_with
from sla_console.domain.errors import NotAllowed
from sla_console.domain.forecast.risk import RiskLevel
from sla_console.domain.sla.policy import SLAPolicy


class BreachType(StrEnum):
    """Which of a ticket's two promises."""

    RESPONSE = "RESPONSE"
    RESOLUTION = "RESOLUTION"

    @property
    def words(self) -> str:
        """The promise in words: ``first response`` or ``resolution``."""
        return "first response" if self is BreachType.RESPONSE else "resolution"


class BreachState(StrEnum):
    """Where a breach stands in its life."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    ESCALATED = "escalated"
    RESOLVED = "resolved"


_ALLOWED: Final[dict[BreachState, frozenset[BreachState]]] = {
    BreachState.OPEN: frozenset(
        {BreachState.ACKNOWLEDGED, BreachState.SNOOZED, BreachState.ESCALATED, BreachState.RESOLVED}
    ),
    BreachState.ACKNOWLEDGED: frozenset(
        {BreachState.OPEN, BreachState.SNOOZED, BreachState.ESCALATED, BreachState.RESOLVED}
    ),
    BreachState.SNOOZED: frozenset(BreachState),
    BreachState.ESCALATED: frozenset(BreachState),
    BreachState.RESOLVED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class SLABreach:
    """One promise broken on one ticket. All times aware UTC."""

    id: str
    """Deterministic: the same broken promise always has the same id. See ``event_id``."""
    ticket_id: str
    breach_type: BreachType
    breach_time: datetime
    """The due time that was missed."""
    sla_policy: SLAPolicy | None
    technician_id: str | None
    severity: RiskLevel
    customer_impact: str
    """Who is affected, in words: the client and the ticket's priority."""
    escalation_required: bool
    state: BreachState = BreachState.OPEN
    display_id: str = ""
    subject: str = ""
    client: str | None = None
    priority: str | None = None
    technician: str | None = None
    detected_at: datetime | None = None
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    note: str | None = None
    """The reason given with the last step."""
    snoozed_until: datetime | None = None
    """While SNOOZED: until when; None: until the ticket's clock changes what it does."""
    escalated_by: str | None = None
    escalated_at: datetime | None = None
    resolved_at: datetime | None = None
    group: str | None = None
    escalation_state: EscalationState | None = None
    """The timer of its escalation."""
    revision: int = 0
    """Rises with each change, so that two who change it at once cannot both win."""
    moved_from: str | None = None
    """Client that the ticket belonged to before it moved to another one while broken."""

    def moved_to(self, state: BreachState, **changes: Any) -> "SLABreach":
        """Return this breach in another state.

        Args:
            state: The state.
            **changes: What else is different in it.

        Raises:
            NotAllowed: if its life has no such step.
        """
        if state not in _ALLOWED[self.state]:
            raise NotAllowed(
                f"{self.display_id or self.ticket_id}: a breach that is {self.state} "
                f"cannot become {state}."
            )
        return copy_with(self, state=state, revision=self.revision + 1, **changes)

    def acknowledge(
        self, by: str, reason: str | None, now: datetime, lasts: timedelta | None = None
    ) -> "SLABreach":
        """Return this breach as seen by somebody, who now has it, or has it for longer.

        Args:
            by: Who.
            reason: Why, or what they do.
            now: The moment.
            lasts: For how long; None: as its escalation says, else for ever.
        """
        keeps = self.state is BreachState.ACKNOWLEDGED and self.acknowledged_by == by
        free = replace(self, state=BreachState.OPEN) if keeps else self
        return free.moved_to(
            BreachState.ACKNOWLEDGED,
            acknowledged_by=by,
            acknowledged_at=now,
            note=reason or self.note,
            snoozed_until=None,
            escalation_state=self.escalation_state
            and self.escalation_state.acknowledge(now, lasts),
        )

    def unacknowledge(self, reason: str | None, now: datetime | None = None) -> "SLABreach":
        """Return this breach as nobody's again; its escalation begins anew."""
        return self.moved_to(
            BreachState.OPEN,
            acknowledged_by=None,
            acknowledged_at=None,
            snoozed_until=None,
            note=reason or self.note,
            escalation_state=self.escalation_state.begin_anew(now)
            if self.escalation_state and now
            else self.escalation_state,
        )

    def snooze(
        self, by: str, reason: str | None, now: datetime, until: datetime | None
    ) -> "SLABreach":
        """Return this breach as put off.

        Args:
            by: Who; the breach stays nobody's.
            reason: Why.
            now: The moment.
            until: When it wakes; None: when the ticket begins or ends to wait.

        Raises:
            NotAllowed: if it would wake in the past, or the breach is over.
        """
        if until is not None and until <= now:
            raise NotAllowed(
                f"{self.display_id or self.ticket_id}: a snooze must end in the future."
            )
        return self.moved_to(
            BreachState.SNOOZED,
            acknowledged_by=None,
            acknowledged_at=None,
            snoozed_until=until,
            note=reason or f"snoozed by {by}",
            escalation_state=self.escalation_state and self.escalation_state.sleep(),
        )

    def escalate(
        self,
        by: str,
        reason: str | None,
        now: datetime,
        escalation_state: EscalationState | None = None,
    ) -> "SLABreach":
        """Return this breach as handed up: nobody has it until somebody takes it.

        Args:
            by: Who hands it up.
            reason: Why.
            now: The moment.
            escalation_state: The timer after it; None: as it is.
        """
        return self.moved_to(
            BreachState.ESCALATED,
            escalated_by=by,
            escalated_at=now,
            acknowledged_by=None,
            acknowledged_at=None,
            snoozed_until=None,
            note=reason or self.note,
            escalation_state=escalation_state or self.escalation_state,
        )

    def resolve(self, now: datetime) -> "SLABreach":
        """Return this breach as over: the promise was kept late, or is no longer owed."""
        return self.moved_to(
            BreachState.RESOLVED,
            resolved_at=now,
            escalation_state=self.escalation_state and self.escalation_state.sleep(),
        )


@dataclass(frozen=True, slots=True)
class SLAWarning:
    """A promise that is close to being broken. All times aware UTC."""

    id: str
    ticket_id: str
    breach_type: BreachType
    threshold_percent: int
    """The share of the target, in percent, whose passing this warns of."""
    due: datetime
    severity: RiskLevel
    sla_policy: SLAPolicy | None = None
    display_id: str = ""
    subject: str = ""
    client: str | None = None
    priority: str | None = None
    technician: str | None = None
    technician_id: str | None = None
    level: str = ""
    """Which level was reached, such as ``75%`` used or ``30m`` before it is due."""
    level_at: datetime | None = None
    """When the level was reached."""
    group: str | None = None


@dataclass(frozen=True, slots=True)
class PotentialBreach:
    """A running clock that is likely to be broken."""

    ticket_id: str
    breach_type: BreachType
    due: datetime
    severity: RiskLevel
    display_id: str = ""
    subject: str = ""
    client: str | None = None
    technician: str | None = None
    probability: float | None = None
    """That it will be broken, 0 to 1; None: not enough history to say."""
    why: str = ""
    """What the probability rests on, in one line."""


def event_id(ticket_id: str, target: BreachType, due: datetime, threshold: int | str = 100) -> str:
    """Return the id of one event in the life of a promise.

    A due time that moves, in whole seconds, starts a new cycle; a restart, a second monitor or a
    repeated answer meets the same id again.

    Args:
        ticket_id: Whose promise.
        target: Which promise.
        due: What tells the cycle from the next, as ``SLAClock.cycle`` for a breach.
        threshold: Which event in the cycle; 100 is the breach.
    """
    cycle = int(due.timestamp())
    digest = hashlib.sha256(f"{ticket_id}|{target}|{cycle}|{threshold}".encode())
    return digest.hexdigest()[:20]


def again_of(breach: SLABreach) -> SLABreach:
    """Return the breach of a promise that broke, recovered, and broke again with the same due time.

    Its id is that of the first with a number that rises each time.
    """
    first, _, times = breach.id.partition("-")
    return replace(breach, id=f"{first}-{int(times or 1) + 1}")
