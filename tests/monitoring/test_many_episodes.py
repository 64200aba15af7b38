"""Ten thousand escalations that run; what a look at them costs, counted, not timed."""

from datetime import timedelta

import pytest

from sla_console.domain.alerts.escalation import EscalationPlan, EscalationStep
from sla_console.domain.alerts.escalation_state import EscalationState
from sla_console.domain.alerts.route import Route
from sla_console.domain.forecast.risk import RiskLevel
from sla_console.domain.sla.breach import BreachType, SLABreach

COUNT, DUE = 10_000, 1_000
PLAN = EscalationPlan("standard", (EscalationStep(timedelta(minutes=15), Route(("ops",))),))


class Counted:
    """Passes calls on, and counts them."""

    def __init__(self, function) -> None:
        self.function, self.calls = function, 0

    def __call__(self, *args, **options):
        self.calls += 1
        return self.function(*args, **options)


@pytest.fixture
async def console(begin, clock):
    """A thousand are due in a quarter of an hour, each of the others a second after the one before."""
    console = await begin()
    start = clock.now()
    made = [
        SLABreach(
            f"b{n}", str(n), BreachType.RESPONSE, start, None, None, RiskLevel.HIGH, "x",
            escalation_required=True, client=f"Client {n % 50}",
            escalation_state=EscalationState.open(PLAN, start + timedelta(seconds=max(0, n - DUE + 1))),
        )
        for n in range(COUNT)
    ]  # fmt: skip
    await console.store.record_breaches([(breach, [], None) for breach in made], None)
    console.engine.alerting.incidents.replace_all(made)
    await console.engine.tracker.process(clock.now())
    return console


async def test_a_look_while_none_is_due_looks_at_no_more_than_the_next(
    console, clock, monkeypatch
) -> None:
    incidents = console.engine.alerting.incidents
    asked = Counted(incidents.get)
    monkeypatch.setattr(incidents, "get", asked)
    stored = Counted(console.store.record_steps)
    monkeypatch.setattr(console.store, "record_steps", stored)
    for _ in range(60):
        clock.advance(seconds=1)
        assert not await console.engine.tracker.process(clock.now())
        console.engine.tracker.next_moment()
    assert asked.calls <= 2 * 60
    assert stored.calls == 0


async def test_a_thousand_that_are_due_at_once_are_stored_a_hundred_at_a_time(
    console, clock, monkeypatch
) -> None:
    stored = Counted(console.store.record_steps)
    monkeypatch.setattr(console.store, "record_steps", stored)
    clock.advance(minutes=15)
    assert await console.engine.tracker.process(clock.now())
    assert stored.calls == DUE / 100
    (ops,) = await console.store.outbox.records()
    assert ops.waiting == DUE
    assert not await console.engine.tracker.process(clock.now()), "each once"
