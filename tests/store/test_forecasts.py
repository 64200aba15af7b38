"""What the forecast learned and said is kept, by version, until its ticket goes."""

from datetime import timedelta

from sla_console.domain.forecast.record import GivenAnswer
from sla_console.domain.sla.breach import BreachType

KIND = BreachType.RESOLUTION


def answer(now, ticket_id: str = "t1", stage: int = 0, chance: float = 0.25) -> GivenAnswer:
    return GivenAnswer(ticket_id, KIND, stage, now, now + timedelta(hours=4), chance, 0.5)


async def test_the_newest_of_ten_models_counts(store, now) -> None:
    assert await store.forecasts.newest_model() is None
    for number in range(12):
        await store.forecasts.keep_model({"number": number}, "as judged", now)
    assert await store.forecasts.newest_model() == {"number": 11}


async def test_the_first_answer_at_a_stage_stays(store, now) -> None:
    await store.forecasts.note([answer(now), answer(now, stage=1)])
    await store.forecasts.note([answer(now, chance=0.9)])
    await store.forecasts.settle([("t1", KIND, True)])
    later = now + timedelta(hours=4)
    assert await store.forecasts.settled(now, later) == [(0.25, 0.5, True), (0.25, 0.5, True)]


async def test_what_has_come_due_is_to_be_settled_once(store, now) -> None:
    await store.forecasts.note([answer(now), answer(now, "t2")])
    later = now + timedelta(hours=4)
    assert await store.forecasts.unsettled(now) == []
    assert await store.forecasts.unsettled(later) == [("t1", KIND), ("t2", KIND)]
    await store.forecasts.settle([("t1", KIND, False)])
    assert await store.forecasts.unsettled(later) == [("t2", KIND)]


async def test_answers_of_another_time_are_not_counted(store, now) -> None:
    await store.forecasts.note([answer(now)])
    await store.forecasts.settle([("t1", KIND, False)])
    due = now + timedelta(hours=4)
    assert await store.forecasts.settled(due, due + timedelta(days=1)) == []
