"""``calculate_sla_status(ticket, policy)``: how a ticket would stand under that policy."""

from datetime import timedelta

import pytest

from sla_console.domain.errors import NotFound, SLAConsoleError
from sla_console.domain.sla.calendar import BusinessCalendar
from sla_console.domain.sla.policy import SLAPolicy

DAYS = ("mon", "tue", "wed", "thu", "fri")
OFFICE = BusinessCalendar("UTC", {day: [("09:00", "17:00")] for day in DAYS})
ROUND = SLAPolicy("r", "Round", None, 60, 8, business_hours_only=False, default=True)
IN_HOURS = SLAPolicy("o", "Office", None, 60, 8, client="Nobody", calendar="office")


@pytest.fixture
async def console(begin):
    return await begin(warn_at=(), policies=[ROUND, IN_HOURS], calendars={"office": OFFICE})


async def opened(console, desk, at, **fields):
    made = desk.open("T1", at, sla=None, **fields)
    await console.sync()
    return console.board.by_id[made.id].ticket


class TestHours:
    async def test_those_of_the_policy_asked_about_count(self, console, clock, desk):
        """Opened at 16:00, asked at 20:00: round the clock 4 h of 8 are used, in the office 1 h.

        Its first response is promised in 1 h: breached round the clock; in the office it is just
        used up at 17:00 and still kept, so nothing is breached before the office opens again.
        """
        opened_at = clock.now().replace(hour=16, minute=0, second=0, microsecond=0)
        while opened_at.weekday() > 3:
            opened_at += timedelta(days=1)
        clock.set(opened_at)
        ticket = await opened(console, desk, clock.now())
        clock.advance(hours=4)
        round_the_clock = await console.engine.calculate_sla_status(ticket, ROUND)
        in_hours = await console.engine.calculate_sla_status(ticket, IN_HOURS)
        assert round_the_clock.resolution_time_remaining == timedelta(hours=4)
        assert round_the_clock.is_response_breached
        assert in_hours.resolution_time_remaining == timedelta(hours=7)
        assert not in_hours.is_response_breached

    async def test_holds_that_were_seen_do_not_count(self, console, clock, desk):
        """Held for 2 of 3 h: 1 h of 8 is used, 7 are left."""
        ticket = await opened(console, desk, clock.now())
        (there,) = desk.tickets.values()
        desk.set_status(there, "On Hold", clock.now())
        await console.sync()
        clock.advance(hours=2)
        desk.set_status(there, "Open", clock.now())
        await console.sync()
        clock.advance(hours=1)
        ticket = console.board.by_id[there.id].ticket
        status = await console.engine.calculate_sla_status(ticket, ROUND)
        assert status.resolution_time_remaining == timedelta(hours=7)

    async def test_another_policy_is_judged_without_the_due_times_of_its_own(
        self, console, clock, desk
    ):
        """SuperOps' due time is of the SLA that the ticket is under: 4 h, not the 8 h asked for."""
        there = desk.open("T2", clock.now())
        await console.sync()
        ticket = console.board.by_id[there.id].ticket
        assert ticket.resolution_due == clock.now() + timedelta(hours=4)
        status = await console.engine.calculate_sla_status(ticket, IN_HOURS)
        assert status.sla_policy == IN_HOURS
        mine = await console.engine.calculate_sla_status(ticket, ROUND)
        assert mine.resolution_time_remaining == timedelta(hours=4)
        other = SLAPolicy("x", "Six", None, None, 6, business_hours_only=False, client="Nobody")
        six = await console.engine.calculate_sla_status(ticket, other)
        assert six.resolution_time_remaining == timedelta(hours=6)


class TestUnknownNames:
    async def test_a_ticket_that_is_not_there_is_said_in_a_sentence(self, console):
        with pytest.raises(NotFound, match="There is no ticket with the id 77") as caught:
            await console.service.get_ticket_sla_status("77")
        assert isinstance(caught.value, SLAConsoleError)
        assert isinstance(caught.value, KeyError)

    async def test_a_technician_too(self, console):
        with pytest.raises(NotFound, match="There is no technician with the id 99"):
            await console.service.get_technician_sla_performance("99")
