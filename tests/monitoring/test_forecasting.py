"""The forecast of a desk that lives: what it learns, says, notes and withdraws."""

from datetime import timedelta

import pytest

from sla_console.domain.forecast.record import GivenAnswer
from sla_console.domain.sla.breach import BreachType
from sla_console.domain.sla.policy import SLAPolicy

KIND = BreachType.RESOLUTION
FOUR = SLAPolicy("f", "Four", default=True, resolution_time_hours=4.0, business_hours_only=False)


@pytest.fixture
async def taught(begin, clock, desk):
    """A desk on which of 120 tickets every third broke its four hours."""
    console = await begin(warn_at=(), policies=(FOUR,))
    tickets = [desk.open(f"T{place}", clock.now()) for place in range(120)]
    await console.sync()
    clock.advance(hours=1)
    for place, ticket in enumerate(tickets):
        if place % 3:
            desk.set_status(ticket, "Closed", clock.now())
            ticket.updated = clock.now()
    await console.sync()
    clock.advance(hours=5)
    desk.open("NEW", clock.now())
    await console.sync()
    return console


async def said_of(console, number: str = "NEW"):
    explanation = await console.service.explain(number)
    return explanation.forecasts[KIND]


async def test_it_learns_from_what_came_due(taught) -> None:
    """Forty of 120 broke, and nothing tells the new one from them."""
    forecast = await said_of(taught)
    assert forecast.probability == pytest.approx(1 / 3, abs=0.05)
    assert "40 of 120 like it broke" in forecast.words


async def test_another_console_on_the_same_store_learns_the_same(taught, begin) -> None:
    again = await begin(warn_at=(), policies=(FOUR,))
    assert (await said_of(again)).probability == (await said_of(taught)).probability


async def test_what_it_says_is_noted_once_for_each_stage_and_held_against_the_end(
    taught, clock
) -> None:
    engine = taught.engine
    for _ in range(2):
        await engine.detect_potential_breaches()
        await engine.trainer.note_answers()
    log = engine.data.records.forecasts
    new = next(t for t in taught.service.board().tickets if t.ticket.display_id == "NEW")
    assert await log.given() == {(new.ticket.id, kind, 0) for kind in BreachType}
    due = clock.now() + timedelta(hours=4)
    assert (new.ticket.id, KIND) in await log.unsettled(due)


async def test_one_that_was_no_better_than_the_base_rate_is_withdrawn(taught, clock) -> None:
    log, now = taught.engine.data.records.forecasts, clock.now()
    wrong = [
        GivenAnswer(f"x{n}", KIND, 0, now - timedelta(hours=9), now - timedelta(hours=1), 0.9, 0.3)
        for n in range(60)
    ]
    await log.note(wrong)
    await log.settle([(f"x{n}", KIND, False) for n in range(60)])
    forecast = await said_of(taught)
    assert forecast.probability is None
    assert forecast.words.startswith("The forecast is withdrawn: in the last 30 days it said 90%")
    potential = await taught.engine.detect_potential_breaches()
    assert {one.probability for one in potential} <= {None}
    assert "withdrawn" in taught.service.forecast_coverage().nothing_likely()


async def test_a_stored_model_is_used_at_the_next_start(taught, begin, clock) -> None:
    await said_of(taught)
    await taught.engine.trainer.save()
    log = taught.engine.data.records.forecasts
    stored = await log.newest_model()
    assert stored is not None
    assert stored["taught_at"] == clock.now().isoformat()
