"""The promises in force, how they go, and what looks wrong in them."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sla_console.domain.clock import Clock
from sla_console.domain.figures.performance import PerformanceFigures, figures_by
from sla_console.domain.figures.record import Span
from sla_console.domain.sla.lint import (
    conflict_lints,
    default_lints,
    priority_lints,
    unreachable_lints,
)
from sla_console.domain.sla.policy import SLAPolicy
from sla_console.monitoring.engine import SLAMonitoringEngine

_LATELY: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class PoliciesInForce:
    """What is promised here."""

    policies: tuple[SLAPolicy, ...] = ()
    lately: dict[str, PerformanceFigures] | None = None
    """By the name of a policy, its figures of the last thirty days."""
    lints: tuple[str, ...] = ()
    """What looks wrong, a sentence each."""


class PolicyReader:
    """Answers what is promised.

    Args:
        engine: The running engine.
        clock: The moment.
    """

    def __init__(self, engine: SLAMonitoringEngine, clock: Clock) -> None:
        self._data, self._clock, self._evaluator = engine.data, clock, engine.tracker.evaluator

    async def in_force(self) -> PoliciesInForce:
        """Return the policies with their figures of the last thirty days."""
        policies = await self._data.get_cached_sla_policies()
        now = self._clock.now()
        found = await self._data.target_records(now - _LATELY, now)
        span = Span(now - _LATELY, now)
        # Beside the engine's loop: a month of a large desk takes its time.
        lately = await asyncio.to_thread(figures_by, "policy", found.records, span)
        described = [policy for policy in policies if policy.targets]
        lints = (
            *unreachable_lints(described),
            *conflict_lints(described),
            *default_lints(described),
            *priority_lints(sorted(self._evaluator.unranked)),
        )
        return PoliciesInForce(tuple(policies), lately, lints)
