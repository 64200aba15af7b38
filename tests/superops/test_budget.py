"""The request budget: the limit is never passed, the order is fair, people come first."""

import asyncio
from collections import deque
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sla_console.domain.errors import RateLimited
from sla_console.superops.budget import RequestBudget, Turn


async def test_requests_within_the_budget_do_not_wait(make_budget, sleeps):
    budget = make_budget(10)
    for _ in range(8):
        await budget.take()
    assert sleeps == []
    assert budget.left() == 2


async def test_the_next_request_waits_until_the_oldest_is_a_minute_old(make_budget, sleeps, clock):
    budget = make_budget(2)
    await budget.take(Turn.PERSON)
    clock.advance(seconds=20)
    await budget.take(Turn.PERSON)
    await budget.take(Turn.PERSON)
    assert sum(sleeps) == pytest.approx(40)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    per_minute=st.integers(1, 12),
    asks=st.lists(st.tuples(st.sampled_from(Turn), st.integers(0, 40)), max_size=40),
)
async def test_no_sixty_seconds_ever_hold_more_than_the_limit(per_minute, asks, clock):
    granted = []

    class Recording(deque):
        def append(self, moment) -> None:
            granted.append(moment)
            super().append(moment)

    async def sleep(seconds: float) -> None:
        clock.advance(seconds=seconds)
        await asyncio.sleep(0)

    budget = RequestBudget(per_minute, clock, sleep)
    budget._granted = Recording()
    tasks = []
    for turn, pause in asks:
        tasks.append(asyncio.ensure_future(budget.take(turn)))
        await asyncio.sleep(0)
        clock.advance(seconds=pause)
    await asyncio.gather(*tasks)
    assert len(granted) == len(asks)
    for first, beyond in zip(granted, granted[per_minute:], strict=False):
        assert beyond - first >= timedelta(minutes=1)


async def test_who_waits_is_served_in_the_order_of_arrival(make_budget):
    budget = make_budget(1)
    order: list[int] = []

    async def ask(number: int) -> None:
        await budget.take()
        order.append(number)

    await asyncio.gather(*(ask(number) for number in range(5)))
    assert order == [0, 1, 2, 3, 4]


async def test_a_person_goes_before_hot_tickets_and_those_before_the_sweep(make_budget):
    budget = make_budget(1)
    await budget.take()
    order: list[Turn] = []

    async def ask(turn: Turn) -> None:
        await budget.take(turn)
        order.append(turn)

    await asyncio.gather(ask(Turn.SWEEP), ask(Turn.HOT), ask(Turn.PERSON))
    assert order == [Turn.PERSON, Turn.HOT, Turn.SWEEP]


async def test_a_sweep_never_uses_up_what_a_person_needs(make_budget, sleeps):
    budget = make_budget(60)
    sweeps = [asyncio.ensure_future(budget.take()) for _ in range(48)]
    await asyncio.gather(*sweeps)
    assert budget.left() == 12
    waiting = asyncio.ensure_future(budget.take())
    before = len(sleeps)
    await budget.take(Turn.PERSON)
    assert len(sleeps) == before
    waiting.cancel()


async def test_closing_lets_nothing_through_until_the_moment(make_budget, clock, sleeps):
    budget = make_budget(10)
    budget.close_until(clock.now() + timedelta(seconds=30))
    assert budget.left() == 0
    await budget.take(Turn.PERSON)
    assert sum(sleeps) == pytest.approx(30)
    assert budget.left() == 9


async def test_closing_for_the_window_ends_with_the_minute_of_the_clock(make_budget, clock):
    budget = make_budget()
    clock.advance(seconds=20)
    assert budget.close_for_window() == clock.now() + timedelta(seconds=40)


async def test_a_minute_that_is_almost_over_is_skipped(make_budget, clock):
    budget = make_budget()
    clock.advance(seconds=58)
    assert budget.close_for_window() == clock.now() + timedelta(seconds=62)


async def test_an_absurd_closing_time_is_cut_to_ten_minutes(make_budget, clock, sleeps):
    budget = make_budget()
    budget.close_until(clock.now() + timedelta(days=9))
    await budget.take()
    assert sum(sleeps) == pytest.approx(600)


async def test_a_clock_that_is_set_back_does_not_shut_the_budget(make_budget, clock, sleeps):
    budget = make_budget(1)
    await budget.take()
    budget.close_until(clock.now() + timedelta(seconds=30))
    clock.advance(hours=-5)
    await budget.take()
    assert sum(sleeps) <= 61


async def test_whoever_gives_up_waiting_holds_nobody_up(make_budget):
    budget = make_budget(1)
    await budget.take()
    impatient = asyncio.ensure_future(budget.take())
    patient = asyncio.ensure_future(budget.take())
    await asyncio.sleep(0)
    impatient.cancel()
    await asyncio.wait_for(patient, 1)
    assert impatient.cancelled()


async def test_waiting_is_in_real_seconds_of_a_faster_clock(clock):
    slept = []

    class Fast:
        now = staticmethod(clock.now)
        elapsed = staticmethod(clock.elapsed)

        @staticmethod
        def real_seconds(span: timedelta) -> float:
            return span.total_seconds() / 60

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock.advance(seconds=seconds * 60)

    budget = RequestBudget(1, Fast(), sleep)
    await budget.take()
    await budget.take()
    assert sum(slept) == pytest.approx(1.0)


def test_a_budget_of_nothing_is_refused(clock):
    with pytest.raises(ValueError, match="allows nothing"):
        RequestBudget(0, clock)


class TestASuperOpsThatWantsNoRequests:
    async def test_it_is_known_until_when(self, make_budget, clock):
        """Closed at 9:00 for 90 s: until 9:01:30, and open again then."""
        budget = make_budget()
        assert budget.limited_until() is None
        budget.close_until(clock.now() + timedelta(seconds=90))
        assert budget.limited_until() == clock.now() + timedelta(seconds=90)
        clock.advance(seconds=90)
        assert budget.limited_until() is None

    async def test_who_asks_once_waits_a_minute_at_most_in_all(self, clock, sleeps):
        """Two closures of 40 s: the first is waited for, the second would make it 80 s."""

        async def sleep(seconds: float) -> None:
            sleeps.append(seconds)
            clock.advance(seconds=seconds)

        budget = RequestBudget(100, clock, sleep, patience=timedelta(minutes=1))
        budget.close_until(clock.now() + timedelta(seconds=40))
        await budget.take()
        assert sum(sleeps) == pytest.approx(40)
        budget.close_until(clock.now() + timedelta(seconds=40))
        with pytest.raises(RateLimited, match="Try again after 09:01:20 UTC"):
            await budget.take()
        assert sum(sleeps) == pytest.approx(40)
