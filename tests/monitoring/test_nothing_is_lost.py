"""What was seen of a ticket survives crashes, colleagues and answers that cross each other."""

import asyncio
import threading
from datetime import UTC, datetime, timedelta

import pytest

from sla_console.domain.errors import LostLease, StoreError
from sla_console.domain.sla.breach import BreachType
from sla_console.domain.sla.calendar import WEEKDAYS, BusinessCalendar
from sla_console.domain.sla.policy import SLAPolicy
from sla_console.domain.sla.verdict import Outcome
from sla_console.domain.tickets.ticket import HoldReason, StatusPhases
from sla_console.monitoring.deadlines import Deadline, Deadlines, Matter

OFFICE = BusinessCalendar("UTC", {day: [("09:00", "17:00")] for day in WEEKDAYS[:5]})
ALL_IN_FOUR = (SLAPolicy("d", "All", resolution_time_hours=4.0, default=True),)
NOTHING_HOLDS = StatusPhases.of((), ("Resolved", "Closed"))


async def change(console, clock, ticket, **span: float) -> None:
    ticket.updated = clock.now()
    await console.sync()
    clock.advance(**span)


async def read(console, *tickets):
    return await console.engine.data.desk.tickets_by_id([ticket.id for ticket in tickets])


async def kinds(console, ticket) -> list[HoldReason]:
    return [hold.why for hold in await console.store.holds.for_ticket(ticket.id)]


async def test_the_sweep_and_the_hot_tickets_may_come_at_once(begin, clock, desk) -> None:
    console = await begin()
    tickets = [desk.open(f"T{n}", clock.now()) for n in range(60)]
    await console.sync()
    for status in ("On Hold", "Open", "On Hold", "Open"):
        clock.advance(minutes=10)
        for ticket in tickets:
            desk.set_status(ticket, status, clock.now())
        found = await read(console, *tickets)
        tracker = console.engine.tracker
        await asyncio.gather(tracker.take(found[:50]), tracker.take(found[40:]))
    for ticket in tickets:
        holds = await console.store.holds.for_ticket(ticket.id)
        assert [hold.end is not None for hold in holds] == [True, True]


async def test_a_crash_before_the_ticket_is_stored_makes_it_news_again(begin, clock, desk) -> None:
    console = await begin()
    ticket = desk.open("T1", clock.now())
    await change(console, clock, ticket, minutes=10)
    desk.set_status(ticket, "On Hold", clock.now())
    ticket.updated = clock.now()

    async def die(_: datetime) -> None:
        raise asyncio.CancelledError

    console.engine.tracker.lives.flush = die
    with pytest.raises(asyncio.CancelledError):
        await console.engine.tracker.take(await read(console, ticket))
    again = await begin()
    await again.sync()
    clock.advance(hours=1)
    desk.set_status(ticket, "Open", clock.now())
    await change(again, clock, ticket)
    assert await kinds(again, ticket) == [HoldReason.STATUS]


async def test_a_store_error_at_a_reopening_loses_no_verdict(begin, clock, desk) -> None:
    console = await begin()
    ticket = desk.open("T1", clock.now())
    await change(console, clock, ticket, hours=1)
    desk.set_status(ticket, "Closed", clock.now())
    await change(console, clock, ticket, hours=1)
    desk.set_status(ticket, "Open", clock.now())
    ticket.updated = clock.now()
    works = console.store.holds.for_ticket

    async def fails(_: str) -> None:
        raise StoreError("the disk is full")

    console.store.holds.for_ticket = fails
    with pytest.raises(StoreError):
        await console.engine.tracker.take(await read(console, ticket))
    console.store.holds.for_ticket = works
    await console.engine.tracker.take(await read(console, ticket))
    (verdict,) = [
        one
        for one in await console.store.verdicts.for_ticket(ticket.id)
        if one.target is BreachType.RESOLUTION
    ]
    assert verdict.outcome is Outcome.MET


async def test_a_breach_whose_ticket_is_gone_ends_when_the_store_works_again(
    begin, clock, desk
) -> None:
    console = await begin()
    ticket = desk.open("T1", clock.now())
    await change(console, clock, ticket, hours=5)
    await console.sync()
    del desk.tickets[ticket.id]
    works = console.store.record_steps

    async def fails(*_: object, **__: object) -> None:
        raise StoreError("the disk is full")

    console.store.record_steps = fails
    with pytest.raises(StoreError):
        await console.sync()
    console.store.record_steps = works
    clock.advance(minutes=31)
    await console.sync()
    assert await console.store.breaches.load_active() == []


async def test_a_page_read_before_a_ticket_closed_does_not_bring_it_back(
    begin, clock, desk
) -> None:
    console = await begin()
    ticket = desk.open("T1", clock.now())
    await change(console, clock, ticket, minutes=5)
    before = await read(console, ticket)
    desk.set_status(ticket, "Closed", clock.now())
    ticket.updated = clock.now()
    await console.engine.tracker.take(await read(console, ticket))
    await console.engine.tracker.take(before)
    assert ticket.id not in console.engine.tracker.board
    assert await console.store.tickets.load_open() == []


async def test_what_another_console_ended_stays_ended(begin, clock, desk) -> None:
    one = await begin()
    ticket = desk.open("T1", clock.now())
    await change(one, clock, ticket, minutes=5)
    two = await begin()
    desk.set_status(ticket, "On Hold", clock.now())
    ticket.updated = clock.now()
    (held,) = await read(one, ticket)
    known = one.engine.tracker.board.get(ticket.id)
    await one.engine.tracker.lives.observe(known.ticket, held, clock.now())  # and loses the lease
    await two.sync()
    clock.advance(hours=1)
    desk.set_status(ticket, "Open", clock.now())
    await change(two, clock, ticket, minutes=5)
    await one.engine.restore()
    desk.open("T2", clock.now())
    await one.sync()
    (hold,) = await one.store.holds.for_ticket(ticket.id)
    assert hold.end is not None


class TestFollowing:
    """A console that follows shows what the one that leads shows."""

    async def test_a_hold_stored_between_two_looks(self, begin, clock, desk) -> None:
        leader = await begin(policies=ALL_IN_FOUR)
        ticket = desk.open("T1", clock.now())
        ticket.response_due = ticket.resolution_due = None
        await change(leader, clock, ticket, minutes=30)
        follower = await begin(policies=ALL_IN_FOUR)
        for status, minutes in (("On Hold", 60), ("Open", 1)):
            desk.set_status(ticket, status, clock.now())
            ticket.resolution_due = None
            await change(leader, clock, ticket, minutes=minutes)
            await follower.engine.follow_once()
        follower.engine.refresh_board()
        mine, theirs = (c.board.tickets[0].resolution.due for c in (follower, leader))
        assert mine == theirs

    async def test_sites_read_after_it_started(self, begin, clock, desk) -> None:
        follower, leader = await begin(), await begin()
        desk.open("T1", clock.now())
        await leader.sync()
        await follower.engine.follow_once()
        calendars = [
            console.engine.tracker.evaluator.calendar_words(
                console.engine.tracker.board.get(next(iter(desk.tickets))).ticket, None
            )
            for console in (follower, leader)
        ]
        assert calendars[0] == calendars[1]
        assert "no hours are known" not in calendars[0]


class TestStatusesThatChangeTheirMeaning:
    """The configuration says which statuses hold, and may say it late."""

    async def test_one_that_holds_from_now_on_has_held_from_its_last_change(
        self, begin, clock, desk
    ) -> None:
        console = await begin()
        console.engine.tracker.evaluator.phases = NOTHING_HOLDS
        ticket = desk.open("T1", clock.now())
        desk.set_status(ticket, "On Hold", clock.now())
        await change(console, clock, ticket, hours=1)
        again = await begin()
        await again.sync()
        desk.set_status(ticket, "Open", clock.now())
        await change(again, clock, ticket)
        assert (await kinds(again, ticket))[:1] == [HoldReason.STATUS]

    async def test_one_that_holds_no_more_leaves_no_hold_open(self, begin, clock, desk) -> None:
        console = await begin()
        ticket = desk.open("T1", clock.now())
        desk.set_status(ticket, "On Hold", clock.now())
        await change(console, clock, ticket, minutes=5)
        other = await begin(restore=False)
        other.engine.tracker.evaluator.phases = NOTHING_HOLDS
        await other.engine.restore()
        await other.sync()
        desk.set_status(ticket, "Open", clock.now())
        await change(other, clock, ticket, hours=1)
        again = await begin()
        desk.set_status(ticket, "On Hold", clock.now())
        held_at = clock.now()
        await change(again, clock, ticket)
        assert again.board.tickets[0].resolution.held_since == held_at


class TestInference:
    """Nothing is taken for a hold that has another reason."""

    async def test_not_hours_in_which_a_promise_around_the_clock_counts(
        self, begin, clock, desk
    ) -> None:
        always = SLAPolicy(
            "g", "G", default=True, resolution_time_hours=4, business_hours_only=False
        )
        console = await begin(
            policies=(always,), calendars={"o": OFFICE}, default_calendar="o", warn_at=()
        )
        clock.advance(hours=8)
        ticket = desk.open("T1", clock.now(), responded=clock.now())
        due = ticket.resolution_due = clock.now() + timedelta(hours=16)
        await change(console, clock, ticket, hours=1)
        desk.set_status(ticket, "On Hold", clock.now())
        ticket.resolution_due = due
        await change(console, clock, ticket, hours=4)
        desk.set_status(ticket, "Open", clock.now())
        ticket.resolution_due = due + timedelta(hours=4)
        await change(console, clock, ticket)
        assert await kinds(console, ticket) == [HoldReason.STATUS]

    async def test_not_a_hold_that_was_on_at_the_first_sight(self, begin, clock, desk) -> None:
        console = await begin(warn_at=())
        ticket = desk.open("T1", clock.now(), responded=clock.now())
        due = clock.now() + timedelta(hours=6)
        desk.set_status(ticket, "On Hold", clock.now())
        ticket.updated, ticket.resolution_due = clock.now(), due
        clock.advance(hours=1)
        await console.sync()
        clock.advance(hours=1)
        desk.set_status(ticket, "Open", clock.now())
        ticket.resolution_due = due
        await change(console, clock, ticket, minutes=30)
        ticket.resolution_due = due + timedelta(hours=2)
        await change(console, clock, ticket)
        assert await kinds(console, ticket) == [HoldReason.STATUS]

    async def test_not_a_due_time_that_follows_a_new_priority_late(
        self, begin, clock, desk
    ) -> None:
        console = await begin(warn_at=())
        ticket = desk.open("T1", clock.now())
        await change(console, clock, ticket, minutes=30)
        ticket.priority = "Low"
        await change(console, clock, ticket, seconds=20)
        ticket.resolution_due += timedelta(hours=8)
        await change(console, clock, ticket)
        assert await kinds(console, ticket) == []


async def test_a_disagreement_that_went_is_stored_no_more(begin, clock, desk) -> None:
    four = SLAPolicy("f", "F", sla_name="Gold", response_time_minutes=60, resolution_time_hours=4)
    console = await begin(policies=(four,))
    ticket = desk.open("T1", clock.now())
    right = ticket.resolution_due
    ticket.resolution_due += timedelta(hours=2)
    await change(console, clock, ticket, minutes=1)
    assert ticket.id in await console.store.lives.disagreements()
    ticket.resolution_due = right
    await change(console, clock, ticket)
    assert ticket.id not in await console.store.lives.disagreements()


async def test_a_hold_over_the_due_time_loses_no_breach(begin, clock, desk) -> None:
    console = await begin(calendars={"o": OFFICE}, default_calendar="o", warn_at=())
    clock.advance(days=4, hours=5)
    friday = clock.now()
    assert (friday.weekday(), friday.hour) == (4, 14)
    ticket = desk.open("T1", friday, responded=friday)
    due = ticket.resolution_due = friday + timedelta(hours=2, minutes=30)
    await change(console, clock, ticket, hours=1)
    desk.set_status(ticket, "On Hold", clock.now())
    ticket.resolution_due = due
    await change(console, clock, ticket, hours=19)
    desk.set_status(ticket, "Open", clock.now())
    ticket.resolution_due = due
    await change(console, clock, ticket)
    monday = datetime(2026, 10, 19, 9, 1, tzinfo=UTC)
    clock.advance(seconds=(monday - clock.now()).total_seconds())
    await console.engine.tracker.process(clock.now())
    found = await console.store.breaches.for_ticket(ticket.id)
    assert [breach.breach_type for breach in found] == [BreachType.RESOLUTION]


def test_two_threads_may_ask_a_calendar_about_years_far_apart() -> None:
    errors: list[str] = []

    def ask(calendar: BusinessCalendar, year: int) -> None:
        try:
            for later in range(4):
                start = datetime(year + later, 3, 1, tzinfo=UTC)
                calendar.open_time(start, start + timedelta(days=90))
        except Exception as error:  # noqa: BLE001 - told to the test
            errors.append(repr(error))

    for _ in range(8):
        calendar = BusinessCalendar("Europe/Dublin", {"mon": [("09:00", "17:00")]})
        threads = [
            threading.Thread(target=ask, args=(calendar, year)) for year in (1990, 2030, 2010, 2050)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert errors == []


def test_many_moments_a_ticket_do_not_make_each_change_a_sweep() -> None:
    class Counted(Deadlines):
        sweeps = 0

        def _sweep(self) -> None:
            Counted.sweeps += 1
            super()._sweep()

    queue, base = Counted(), datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(2_000):
        at = [base + timedelta(seconds=number + later) for later in range(14)]
        queue.set(
            str(number),
            [Deadline(each, str(number), BreachType.RESPONSE, Matter.WARNING) for each in at],
        )
    assert Counted.sweeps < 10


async def test_one_that_stood_still_sends_no_change_under_its_old_lease(begin, clock, desk) -> None:
    """The first leads, stands still for a minute, wakes, and still believes to lead."""
    old, new = await begin(), await begin()
    ticket = desk.open("T1", clock.now())
    await old.sync()
    await old.engine.leadership.claim()
    lead = new.engine.leadership
    now = lead._clock_ms
    lead._clock_ms = lambda: now() + 60_000
    assert await lead.claim()
    await new.engine.follow_once()
    await new.service.add_note([ticket.id], "on it", "ada")
    assert old.engine.leadership.leading
    with pytest.raises(LostLease):
        await old.engine.operations.flush()
    assert ticket.notes == []
    assert await new.engine.operations.flush() == 1
    assert len(ticket.notes) == 1
