"""Escalation plans: who is told when a breach stays without an answer, step by step.

A plan is copied into the episode when it opens, so that editing it never disturbs a running one.
"""

from dataclasses import dataclass
from datetime import timedelta

from sla_console.domain.alert import Route


@dataclass(frozen=True, slots=True)
class EscalationStep:
    """One step. Times are wall time since the episode began or was resumed."""

    after: timedelta
    route: Route
    repeat_every: timedelta | None = None
    """Tell them again so often; None: once."""
    repeats: int = 0
    """How many times again."""


@dataclass(frozen=True, slots=True)
class EscalationPlan:
    """The steps of one escalation, rising in time."""

    name: str
    steps: tuple[EscalationStep, ...] = ()
    acknowledged_for: timedelta | None = None
    """How long an acknowledgement holds; None: for ever."""
