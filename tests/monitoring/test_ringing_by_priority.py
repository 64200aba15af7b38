"""Which priorities ring: by the names that desks give them, and by the configuration."""

import pytest

from sla_console.domain.alerts.alert import AlertRule
from sla_console.domain.forecast.risk import RiskLevel
from sla_console.domain.tickets.priority import PriorityRanks

LOUD = AlertRule("loud", ("ops",), min_risk=RiskLevel.HIGH)


async def rang(console, desk, clock, priority) -> list[str]:
    """What the phone heard of a ticket whose first response was missed."""
    desk.targets["1", priority] = desk.targets["1", "High"]
    desk.open("T1", clock.now(), priority=priority)
    await console.sync()
    await console.pass_time(clock, hours=1, minutes=5)
    await console.send()
    return [event for event, _ in console.ops.rang()]


@pytest.mark.parametrize("priority", ["Emergency", "P0", "Blocker", "Highest", "Kritisch", "Zack"])
async def test_these_ring(begin, desk, clock, priority):
    console = await begin(warn_at=(), rules=[LOUD])
    assert await rang(console, desk, clock, priority) == ["breach"]


@pytest.mark.parametrize("priority", ["Non-Urgent", "Not critical", "Niedrig"])
async def test_these_do_not(begin, desk, clock, priority):
    console = await begin(warn_at=(), rules=[LOUD])
    assert await rang(console, desk, clock, priority) == []


async def test_the_configurations_word_counts(begin, desk, clock):
    ranks = PriorityRanks({RiskLevel.LOW: ["Emergency"]})
    console = await begin(warn_at=(), rules=[LOUD], priorities=ranks)
    assert await rang(console, desk, clock, "Emergency") == []


async def test_what_nothing_ranks_is_said_in_the_policies_view(begin, desk, clock):
    console = await begin(warn_at=(), rules=[LOUD])
    await rang(console, desk, clock, "Zack")
    lints = (await console.service.policies_in_force()).lints
    assert any("'Zack' is not ranked and taken as critical" in lint for lint in lints)
