"""SLA policies: what was promised, and which promise a ticket is under."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sla_console.domain.ticket import Ticket


@dataclass(frozen=True, slots=True)
class EscalationRule:
    """Who is told when a breach stays unacknowledged."""

    after_minutes: int
    """Minutes of wall time after the breach."""
    channels: tuple[str, ...]
    """Names of alert channels."""


@dataclass(frozen=True, slots=True)
class SLAPolicy:
    """One promise: a first response and a resolution within so much time."""

    id: str
    name: str
    priority_level: str | None = None
    """The priority this promise is for; None: any."""
    response_time_minutes: int | None = None
    """Target of the first response in minutes; None: not promised or not known."""
    resolution_time_hours: float | None = None
    """Target of the resolution in hours; None: not promised or not known."""
    business_hours_only: bool = True
    escalation_rules: tuple[EscalationRule, ...] = ()
    created_at: datetime | None = None
    updated_at: datetime | None = None
    sla_name: str | None = None
    """SuperOps' name of the SLA this promise describes; None: any."""
    client: str | None = None
    """Name of the client this promise is for; None: any."""
    default: bool = False
    """Used where no other policy matches."""

    @property
    def response_target(self) -> timedelta | None:
        """Target of the first response."""
        minutes = self.response_time_minutes
        return None if minutes is None else timedelta(minutes=minutes)

    @property
    def resolution_target(self) -> timedelta | None:
        """Target of the resolution."""
        hours = self.resolution_time_hours
        return None if hours is None else timedelta(hours=hours)

    def specificity(self, ticket: Ticket) -> int | None:
        """Return how many conditions of this policy the ticket meets, or None if one is not met."""
        met = 0
        for wanted, found in (
            (self.sla_name, ticket.sla_name),
            (self.client, ticket.client),
            (self.priority_level, ticket.priority),
        ):
            if wanted is None:
                continue
            if found is None or wanted.casefold() != found.casefold():
                return None
            met += 1
        return met


def match_policy(ticket: Ticket, policies: Sequence[SLAPolicy]) -> SLAPolicy | None:
    """Return the promise that a ticket is under.

    The most specific match wins, then the order in which they were written. A policy marked
    ``default`` is used only where nothing else matches; a policy without any condition and
    without that mark matches nothing.
    """
    best: SLAPolicy | None = None
    best_score = 0
    fallback: SLAPolicy | None = None
    for policy in policies:
        if policy.default:
            fallback = fallback or policy
            continue
        score = policy.specificity(ticket)
        if score is not None and score > best_score:
            best, best_score = policy, score
    return best or fallback
