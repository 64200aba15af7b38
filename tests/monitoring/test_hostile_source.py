"""A stranger's bad day: the clock is set to and fro while the source misbehaves, over real HTTP."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from sla_console.domain.board import SourceState
from sla_console.domain.errors import RateLimited, SuperOpsError
from sla_console.domain.wellness import clock_word
from sla_console.simulator import server as simulated
from sla_console.superops.budget import RequestBudget
from sla_console.superops.client import SuperOpsClient
from tests.monitoring.conftest import Token
from tests.monitoring.test_wrong_clock import TrueTime

LIST = "getTicketList"


def at(hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 10, 12, hour, minute, second, tzinfo=UTC)


@pytest.fixture
async def console(begin, clock, desk, server):
    """Synced at 9:00: twelve open tickets, due 10:00 and 13:00, and one that was closed at 8:30."""
    server._clock = TrueTime(clock)
    for number in range(12):
        desk.open(f"T{number:02}", clock.now())
    ended = desk.open("T99", at(8))
    desk.set_status(ended, "Closed", at(8, 30))
    console = await begin()
    await console.lead()
    await console.sync()
    await console.engine.history.read()
    return console


async def look(console) -> None:
    engine = console.engine
    await engine.lease_keeper.renew()
    if engine.sync.can_judge():
        await engine.alert_loop.process()
    publisher = engine._publisher
    await engine.alert_loop.look(publisher.connection(), publisher.synced_at(), engine.sync.message)
    await console.send()
    engine.refresh_board()


@pytest.mark.parametrize("hours", [2, -2, 30 * 24, -30 * 24])
async def test_a_clock_set_by_hours_and_back_finds_nothing_late_and_stops_no_reading(
    console, clock, desk, hours
) -> None:
    """It is 9:00 to 9:04 in truth; the first answer is due at 10:00. Every minute is read."""
    sync = console.engine.sync
    reads = 0
    for step in (hours, -hours, -hours, hours):
        clock.step(hours=step)
        clock.advance(seconds=61)
        reads += await sync.step()
        await look(console)
    assert reads == 4
    assert console.board.breaches == ()
    assert not [event for event, _ in console.ops.rang() if event in {"breach", "warning"}]
    assert console.board.counts.open == 12
    assert [t.display_id for t in await console.store.tickets.load_closed_since(at(0))] == ["T99"]
    assert console.service.board().health.connection is SourceState.LIVE


@pytest.mark.parametrize("minutes", [1, -1])
async def test_a_minute_harms_nothing_and_is_not_worth_a_word(console, clock, minutes) -> None:
    clock.step(minutes=minutes)
    clock.advance(seconds=61)
    assert await console.engine.sync.step()
    await look(console)
    assert console.service.board().health.connection is SourceState.LIVE
    assert console.board.breaches == ()


async def test_started_with_a_clock_an_hour_ahead_nothing_is_late(
    begin, clock, desk, server
) -> None:
    """It is 9:00, the clock says 10:01, the answer is due at 10:00; SuperOps' date tells."""
    server._clock = TrueTime(clock)
    desk.open("T1", clock.now())
    clock.step(minutes=61)
    console = await begin()
    await console.lead()
    await console.sync()
    await look(console)
    assert console.board.breaches == ()
    assert console.service.board().health.connection is SourceState.IN_DOUBT


async def test_a_source_without_dates_is_read_and_the_clock_is_not_called_right(
    begin, clock, desk, server, monkeypatch
) -> None:
    monkeypatch.setattr(simulated, "format_datetime", lambda *_, **__: "yesterday")
    desk.open("T1", clock.now())
    console = await begin()
    await console.lead()
    await console.sync()
    health = console.service.board().health
    assert console.board.counts.open == 1
    assert health.connection is SourceState.LIVE
    assert clock_word(health).text == "not compared with SuperOps'"


async def test_sixty_percent_that_vanish_at_once_are_not_believed(console, clock, desk) -> None:
    """Eight of twelve are gone from list, batch and alone: doubted at 9:10, believed at 9:25."""
    for ticket in list(desk.tickets.values())[:8]:
        ticket.deleted = True
    clock.set(at(9, 10))
    await console.sync()
    assert console.board.counts.open == 12
    assert console.service.board().health.connection is SourceState.STALE
    clock.set(at(9, 25))
    await console.sync()
    assert console.board.counts.open == 4


@pytest.fixture
async def limited():
    """An API that wants no requests for 999,999,999 seconds."""
    asked = []

    async def refuse(_: web.Request) -> web.Response:
        asked.append(1)
        return web.Response(status=429, headers={"Retry-After": "999999999"})

    app = web.Application()
    app.router.add_post("/msp", refuse)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/msp", asked
    await runner.cleanup()


async def test_an_endless_retry_after_is_waited_for_in_tens_of_minutes_and_never_by_a_command(
    clock, limited
) -> None:
    """At 9:00: a command that asks once gives up at once, the monitor asks again at 9:10."""
    url, asked = limited
    once = RequestBudget(60, clock, patience=timedelta(minutes=1))
    client = SuperOpsClient(url, "acme", Token(), clock, once, backoff=lambda _: 0.0)
    with pytest.raises(RateLimited, match="Try again after 09:10:00 UTC"):
        await asyncio.wait_for(client.sla_names(), 5)
    assert len(asked) == 1
    await client.aclose()
    for_ever = RequestBudget(60, clock)
    client = SuperOpsClient(url, "acme", Token(), clock, for_ever, backoff=lambda _: 0.0)
    reading = asyncio.create_task(client.sla_names())
    async with asyncio.timeout(5):
        while for_ever.limited_until() is None:
            await asyncio.sleep(0.01)
    assert for_ever.limited_until() == at(9, 10)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    await client.aclose()


async def test_a_person_who_asks_wakes_the_reading_at_once(console) -> None:
    """The loop rests for up to five seconds; ``r`` ends that."""
    poller = console.engine.poller
    sweep = asyncio.create_task(poller.sweep())
    await asyncio.sleep(0.05)
    before = console.server.requests
    await console.service.refresh()
    async with asyncio.timeout(0.9):
        while console.server.requests == before:
            await asyncio.sleep(0.01)
    sweep.cancel()
    await asyncio.gather(sweep, return_exceptions=True)


@pytest.mark.parametrize("fault", ["unauthorized", "forbidden", "garbage", "null_ids"])
async def test_one_bad_answer_in_a_row_of_good_ones_ends_by_itself(
    console, clock, server, fault
) -> None:
    server.faults.next(fault, operation=LIST)
    clock.advance(seconds=61)
    try:
        await console.engine.sync.step()
    except SuperOpsError:
        pytest.fail("failure is kept, not raised")
    for _ in range(3):
        clock.advance(seconds=61)
        await console.engine.sync.step()
        await look(console)
    assert console.service.board().health.connection is SourceState.LIVE
    assert console.board.counts.open == 12
