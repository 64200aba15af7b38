"""The forecast of a desk that lives: what it learns, says, notes and withdraws."""

from datetime import timedelta

import pytest

from sla_console.domain.errors import UserError
from sla_console.domain.forecast.forecast import Forecast
from sla_console.domain.forecast.record import GivenAnswer
from sla_console.domain.forecast.risk import RiskLevel
from sla_console.domain.sla.breach import BreachType, PotentialBreach
from sla_console.domain.sla.policy import SLAPolicy
from sla_console.domain.sla.what_if import parse_what_if
from sla_console.monitoring.explanation import forecast_notes

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


async def test_what_if_says_how_tickets_of_another_group_fared(taught) -> None:
    change = parse_what_if("group=Somebody else, priority=High", taught.clock.now())
    supposed = await taught.service.suppose("NEW", change)
    assert all("association" in note for note in supposed.notes if "instead of" in note)


async def test_what_if_wants_a_technician_that_is_known(taught) -> None:
    change = parse_what_if("technician=Nobody at all", taught.clock.now())
    with pytest.raises(UserError, match="technician=Nobody at all is not known"):
        await taught.service.suppose("NEW", change)


def test_what_would_differ_is_said_as_an_association() -> None:
    before, after = {KIND: Forecast(0.58, 9, 5, "")}, {KIND: Forecast(0.31, 9, 3, "")}
    (note,) = forecast_notes(before, after)
    assert note == (
        "resolution: 31% instead of 58% to break; that is how tickets like it fared (association), "
        "not what the change would cause"
    )
    assert list(forecast_notes(before, before)) == []


async def test_at_most_one_in_ten_open_tickets_is_forewarned_of(taught, desk, clock) -> None:
    """Thirty are open beside the forty that broke and the new one: 71 in all, so seven."""
    for place in range(30):
        desk.open(f"L{place}", clock.now())
    await taught.sync()
    tracker = taught.engine.tracker
    open_now = [judged for judged in tracker.board.tickets() if judged.resolution.due]
    likely = [
        PotentialBreach(
            one.ticket.id, KIND, clock.now() + timedelta(hours=1), RiskLevel.HIGH,
            one.ticket.display_id, "", None, None, 0.8 + place / 1000,
        )
        for place, one in enumerate(open_now)
    ]  # fmt: skip
    loop = taught.engine.alert_loop
    await loop.forewarn(likely)
    assert len(open_now) == 71
    assert len(loop.forewarned) == 7
    await loop.forewarn(likely[::-1])
    assert loop.forewarned == {one.ticket_id for one in likely[-7:]}


async def test_while_little_is_known_it_learns_again_after_five_minutes(taught, clock) -> None:
    forecasts = taught.engine.forecasts
    await taught.engine.trainer.look()
    first = forecasts.model.taught_at
    clock.advance(minutes=4)
    await taught.engine.trainer.look()
    assert forecasts.model.taught_at == first
    clock.advance(minutes=1)
    await taught.engine.trainer.look()
    assert forecasts.model.taught_at == clock.now()


async def test_a_clock_that_was_set_back_does_not_end_the_learning(taught, clock) -> None:
    await taught.engine.trainer.look()
    clock.advance(days=-2)
    await taught.engine.trainer.look()
    assert taught.engine.forecasts.model.taught_at == clock.now()


async def test_what_was_said_is_held_against_what_became_of_it(taught, clock) -> None:
    """The new ticket breaks its four hours: that is noted, and judged from then on."""
    engine = taught.engine
    await engine.detect_potential_breaches()
    await engine.trainer.note_answers()
    clock.advance(hours=5)
    await taught.sync()
    await engine.trainer.look()
    now = clock.now()
    settled = await engine.data.records.forecasts.settled(now - timedelta(days=1), now)
    assert settled
    assert all(broke for _, _, broke in settled)
