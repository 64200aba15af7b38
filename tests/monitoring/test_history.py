"""What was closed unseen is read as well: before the first start, while nobody looked, in between."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from sla_console.domain.errors import SuperOpsError
from sla_console.monitoring.history import history_from
from sla_console.reporting.period import Period
from sla_console.service.report_service import ReportRequest


def closed(desk, number: str, at: datetime, *, late: bool = False):
    """A ticket of four hours that was closed an hour before it was due, or after."""
    done = at + timedelta(hours=5 if late else 3)
    return desk.open(
        number,
        at,
        status="Closed",
        responded=at + timedelta(minutes=5),
        response_due=at + timedelta(hours=1),
        resolution_due=at + timedelta(hours=4),
        resolved=done,
        updated=done,
    )


async def known(console) -> set[str]:
    tickets = await console.store.tickets.load_closed_since(datetime(2020, 1, 1, tzinfo=UTC))
    return {ticket.display_id for ticket in tickets}


async def test_what_was_closed_before_the_first_start_is_known_and_nobody_is_alarmed(
    begin, clock, desk
) -> None:
    closed(desk, "T1", clock.now() - timedelta(days=20))
    closed(desk, "T2", clock.now() - timedelta(days=2), late=True)
    console = await begin()
    await console.sync()
    assert await known(console) == set()
    assert await console.engine.history.read() == 2
    assert await known(console) == {"T1", "T2"}
    assert console.board.tickets == ()
    assert console.board.breaches == ()
    assert await console.queued() == []


async def test_it_is_not_read_further_back_than_wanted(begin, clock, desk) -> None:
    closed(desk, "T1", clock.now() - timedelta(days=101))
    closed(desk, "T2", clock.now() - timedelta(days=99))
    console = await begin()
    assert await console.engine.history.read() == 1
    assert await history_from(console.store) == clock.now() - timedelta(days=100)


async def test_what_came_and_went_between_two_sweeps_is_found(begin, clock, desk) -> None:
    console = await begin()
    await console.sync()
    await console.engine.history.read()
    closed(desk, "T1", clock.now())
    clock.advance(hours=6)
    await console.sync()
    assert await known(console) == set()
    assert await console.engine.history.read() == 1
    assert await known(console) == {"T1"}


async def test_what_came_and_went_while_no_console_ran_is_found(begin, clock, desk) -> None:
    before = await begin()
    await before.engine.history.read()
    closed(desk, "T1", clock.now() + timedelta(days=1))
    clock.advance(days=30)
    console = await begin()
    assert await console.engine.history.read() == 1
    assert await history_from(console.store) == await history_from(before.store)


async def test_what_is_known_is_not_taken_again(begin, clock, desk) -> None:
    ticket = closed(desk, "T1", clock.now() - timedelta(hours=4))
    console = await begin()
    for _ in range(3):
        await console.engine.history.read()
    assert len(await console.store.lives.sightings(ticket.id)) == 1


async def test_a_change_after_the_end_is_taken(begin, clock, desk) -> None:
    ticket = closed(desk, "T1", clock.now() - timedelta(hours=4))
    console = await begin()
    await console.engine.history.read()
    clock.advance(days=2)
    ticket.priority, ticket.updated = "Low", clock.now()
    assert await console.engine.history.read() == 1
    assert (await console.store.tickets.get(ticket.id)).priority == "Low"


async def test_open_ones_are_left_to_the_sweep(begin, clock, desk) -> None:
    desk.open("T1", clock.now() - timedelta(hours=1))
    console = await begin()
    assert await console.engine.history.read() == 0
    assert console.board.tickets == ()


async def test_one_that_is_on_the_board_leaves_it(begin, clock, desk) -> None:
    ticket = desk.open("T1", clock.now())
    console = await begin()
    await console.sync()
    clock.advance(hours=1)
    ticket.status, ticket.resolved, ticket.updated = "Closed", clock.now(), clock.now()
    await console.engine.history.read()
    console.engine.refresh_board()
    assert console.board.tickets == ()
    assert await known(console) == {"T1"}


async def test_it_waits_ten_minutes_and_two_where_superops_does_not_answer(
    begin, clock, desk, server
) -> None:
    console = await begin()
    assert await console.engine.history.step()
    clock.advance(minutes=9)
    assert not await console.engine.history.step()
    clock.advance(minutes=1)
    await server.stop()
    assert not await console.engine.history.step()
    with pytest.raises(SuperOpsError):
        await console.engine.history.read()
    await server.start()
    clock.advance(minutes=1)
    assert not await console.engine.history.step(), "it was tried a minute ago"


async def test_what_broke_off_is_read_from_its_beginning(
    begin, clock, desk, server, monkeypatch
) -> None:
    for number in range(250):
        closed(desk, f"T{number}", clock.now() - timedelta(hours=number + 6))
    console = await begin()
    take, pages = console.engine.history._take, []

    async def break_off(tickets, asked) -> None:
        pages.append(len(tickets))
        if len(pages) == 2:
            raise SuperOpsError("gone")
        await take(tickets, asked)

    monkeypatch.setattr(console.engine.history, "_take", break_off)
    assert not await console.engine.history.step()
    assert len(await known(console)) == 100
    assert await history_from(console.store) is None
    monkeypatch.undo()
    assert await console.engine.history.read() == 150
    assert len(await known(console)) == 250


async def test_a_running_console_reads_it_by_itself(begin, clock, desk) -> None:
    closed(desk, "T1", clock.now() - timedelta(days=3))
    console = await begin(restore=False)
    await console.engine.start_monitoring()
    try:
        async with asyncio.timeout(20):
            while not await known(console):
                await asyncio.sleep(0.02)
    finally:
        await console.engine.stop_monitoring()
    assert await known(console) == {"T1"}


async def test_a_report_counts_it_and_says_what_it_does_not_know(begin, clock, desk) -> None:
    now = clock.now()
    closed(desk, "T1", now - timedelta(days=3))
    closed(desk, "T2", now - timedelta(days=4), late=True)
    console = await begin()
    await console.sync()
    await console.engine.history.read()
    day = now.date()
    short = ReportRequest(Period(day - timedelta(days=6), day, "UTC"))
    report = await console.service.reports.report(short, "sam")
    assert (report.resolution.tally.met, report.resolution.tally.missed) == (1, 1)
    watched, few = report.notes
    assert watched.endswith("holds and hands before that are not known.")
    assert few.startswith("These tickets come from fewer than 5 people")
    long = ReportRequest(Period(day - timedelta(days=200), day, "UTC"))
    missing, *_ = (await console.service.reports.report(long, "sam")).notes
    begun = now - timedelta(days=100)
    assert missing.endswith(f"what was closed before {begun:%Y-%m-%d %H:%M} UTC is missing here.")
