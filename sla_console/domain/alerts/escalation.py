"""Escalation plans: who is told when a breach stays without an answer, step by step.

A plan is copied into the episode when it opens, so that editing it never disturbs a running one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from sla_console.domain.alerts.route import Route

_ZERO: Final = timedelta()


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
    pages: tuple["StepPage", ...] = field(init=False, repr=False, compare=False)
    """When whom to tell, in order of time; of two at once, the earlier step first."""

    def __post_init__(self) -> None:
        """Lay the pages out once: they are asked for with every look at a running escalation."""
        found = [
            StepPage(step.after + (step.repeat_every or _ZERO) * repeat, place, repeat)
            for place, step in enumerate(self.steps)
            for repeat in range(1 + (step.repeats if step.repeat_every else 0))
        ]
        object.__setattr__(self, "pages", tuple(sorted(found)))


@dataclass(frozen=True, slots=True, order=True)
class StepPage:
    """One time that one step tells its people."""

    after: timedelta
    """Wall time since the episode began or was resumed."""
    step: int
    """Which step, from 0."""
    repeat: int
    """0: the first time."""


@dataclass(frozen=True, slots=True)
class Escalations:
    """What happens to a breach that nobody takes."""

    plans: Mapping[str, EscalationPlan] = field(default_factory=dict)
    default: str | None = None
    """Name of the plan of breaches whose policy and rules name none."""
    by_hand: tuple[str, ...] = ()
    """Channels told when somebody escalates a breach that has no further step."""
    acknowledged_urgent: timedelta | None = timedelta(minutes=30)
    """How long an acknowledgement of a critical breach holds; None: for ever."""
    acknowledged: timedelta | None = timedelta(hours=4)
    """How long any other holds."""
