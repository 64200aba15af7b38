"""Figures that are costly: worked out once, kept for a stated time, dropped when their data changes."""

import asyncio
from datetime import timedelta

import pytest

from sla_console.domain.board import FigureCacheHealth
from sla_console.domain.figures.report import DateRange
from sla_console.monitoring.figure_cache import FRESH, LONGEST, FigureCache


class Work:
    """Counts how often something is worked out; each time gives another number."""

    def __init__(self) -> None:
        self.done = 0
        self.waits: asyncio.Event | None = None
        self.error: Exception | None = None

    async def __call__(self) -> int:
        if self.waits is not None:
            await self.waits.wait()
        if self.error is not None:
            raise self.error
        self.done += 1
        return self.done


@pytest.fixture
def cache(clock) -> FigureCache:
    return FigureCache(clock)


@pytest.fixture
def work() -> Work:
    return Work()


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_what_was_worked_out_is_given_again(cache, work):
    assert [await cache.get("a", work), await cache.get("a", work)] == [1, 1]
    assert cache.health().hits == cache.health().misses == 1


async def test_another_question_is_worked_out_for_itself(cache, work):
    assert [await cache.get("a", work), await cache.get("b", work)] == [1, 2]


async def test_what_has_grown_old_is_given_and_renewed_beside(cache, work, clock):
    await cache.get("a", work)
    clock.advance(seconds=FRESH.total_seconds())
    assert await cache.get("a", work) == 1
    await settle()
    assert await cache.get("a", work) == 2
    assert (cache.health().misses, cache.health().renewals) == (1, 1)


async def test_nothing_is_given_that_is_older_than_stated(cache, work, clock):
    await cache.get("a", work)
    clock.advance(seconds=LONGEST.total_seconds())
    assert await cache.get("a", work) == 2


async def test_a_clock_that_is_set_back_makes_nothing_fresh(cache, work, clock):
    await cache.get("a", work)
    clock.advance(hours=-1)
    assert await cache.get("a", work) == 2


async def test_a_change_of_the_data_drops_all(cache, work):
    await cache.get("a", work)
    cache.changed()
    assert await cache.get("a", work) == 2
    assert cache.health().drops == 1


async def test_what_was_begun_before_a_change_is_not_kept(cache, work):
    """It may have read half before and half after; who asks after the change has it made anew."""
    work.waits = asyncio.Event()
    before = asyncio.create_task(cache.get("a", work))
    await settle()
    cache.changed()
    work.waits.set()
    assert await before == 1
    assert await cache.get("a", work) == 2


async def test_all_who_ask_at_once_wait_for_one_piece_of_work(cache, work):
    found = await asyncio.gather(*(cache.get("a", work) for _ in range(5)))
    assert found == [1] * 5


async def test_one_who_gives_up_takes_it_from_nobody(cache, work):
    work.waits = asyncio.Event()
    one, other = (asyncio.create_task(cache.get("a", work)) for _ in range(2))
    await settle()
    one.cancel()
    work.waits.set()
    assert await other == 1


async def test_a_failure_is_told_and_not_kept(cache, work):
    work.error = ValueError("no")
    with pytest.raises(ValueError, match="no"):
        await cache.get("a", work)
    work.error = None
    assert await cache.get("a", work) == 1


async def test_a_renewal_that_fails_leaves_what_is_known_until_it_is_too_old(cache, work, clock):
    await cache.get("a", work)
    clock.advance(seconds=FRESH.total_seconds())
    work.error = ValueError("no")
    assert await cache.get("a", work) == 1
    await settle()
    assert await cache.get("a", work) == 1
    clock.advance(seconds=LONGEST.total_seconds())
    with pytest.raises(ValueError, match="no"):
        await cache.get("a", work)


async def test_it_says_how_old_the_oldest_are(cache, work, clock):
    assert cache.health() == FigureCacheHealth()
    begun = clock.now()
    await cache.get("a", work)
    clock.advance(seconds=5)
    await cache.get("b", work)
    assert (cache.health().entries, cache.health().oldest_at) == (2, begun)


class TestOfAConsole:
    """The service's own figures, over a real store and desk."""

    async def test_a_new_ticket_is_in_the_figures_at_once(self, begin, clock, desk):
        console = await begin(warn_at=())
        span = DateRange(clock.now() - timedelta(days=1), clock.now() + timedelta(days=1))
        assert (await console.service.generate_sla_report(span)).total_tickets == 0
        assert (await console.service.generate_sla_report(span)).total_tickets == 0
        assert console.engine.data.figures.health().hits == 1
        desk.open("T1", clock.now(), technician=desk.technicians["9"])
        await console.sync()
        await console.service.policies_in_force()
        figures = await console.service.get_technician_sla_performance("9")
        assert figures.open_tickets == 1

    async def test_a_breach_that_time_brings_drops_them_too(self, begin, clock, desk):
        console = await begin(warn_at=())
        desk.open("T1", clock.now(), technician=desk.technicians["9"])
        await console.sync()
        clock.advance(minutes=59)
        assert (await console.service.get_technician_sla_performance("9")).breach_count == 0
        clock.advance(minutes=2)
        await console.sync()
        assert (await console.service.get_technician_sla_performance("9")).breach_count == 1

    async def test_hits_and_misses_are_in_its_health(self, begin, clock):
        console = await begin()
        for _ in range(3):
            await console.service.policies_in_force()
        console.engine.refresh_board()
        kept = console.board.health.figures
        assert (kept.hits, kept.misses, kept.entries) == (2, 1, 1)
