"""Absence is not deletion, and a source that says there is nothing may be wrong."""

from datetime import UTC, datetime, timedelta

import pytest

from sla_console.domain.board import SourceState
from sla_console.domain.sla.breach import BreachState
from sla_console.monitoring.absence import accept_drop

LIST = "getTicketList"
ALONE = "getTicket("


def at(hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 10, 12, hour, minute, second, tzinfo=UTC)


async def read_at(console, clock, moment: datetime) -> None:
    clock.set(moment)
    console.desk.advance(moment)
    await console.sync()


def numbers(console) -> list[str]:
    return sorted(judged.ticket.display_id for judged in console.board.tickets)


def row(console, ticket):
    return console.engine.tracker.board.get(ticket.id)


async def told(console) -> list[str]:
    """Return the headlines of what was queued about the console itself."""
    messages = await console.store.deliveries.recent(100)
    return [m.notification.headline for m in messages if m.notification and m.notification.headline]


@pytest.fixture
async def broken(begin, clock, desk):
    """A console with one ticket, held for a while, whose response broke and was acknowledged.

    Opened 9:00, on hold 9:10 to 9:20, response due 10:10, read 10:20, acknowledged by Ada.
    """
    console = await begin()
    desk.open("T1", clock.now())
    ticket = next(iter(desk.tickets.values()))
    await console.sync()
    desk.set_status(ticket, "On Hold", at(9, 10))
    await read_at(console, clock, at(9, 11))
    desk.set_status(ticket, "Open", at(9, 20))
    await read_at(console, clock, at(10, 20))
    (breach,) = console.board.breaches
    await console.service.acknowledge([breach.id], "I have it", "ada")
    return console


async def known(console, ticket):
    """What the store knows of a ticket's life."""
    store = console.store
    return (
        await store.lives.sightings(ticket.id),
        await store.holds.for_ticket(ticket.id),
        await store.verdicts.for_ticket(ticket.id),
    )


class TestOneTicket:
    async def test_an_answer_without_it_changes_nothing(self, broken, clock, desk, server) -> None:
        """One sweep at 10:30 leaves it out: asked for by id, it is there, as it was."""
        (ticket,) = desk.tickets.values()
        before = await known(broken, ticket)
        server.faults.next("first_row_missing", operation=LIST)
        await read_at(broken, clock, at(10, 30))
        assert server.faults.fired["first_row_missing"] == 1
        assert await known(broken, ticket) == before
        (breach,) = broken.board.breaches
        assert (breach.state, breach.acknowledged_by) == (BreachState.ACKNOWLEDGED, "ada")
        assert not row(broken, ticket).degraded

    async def test_left_out_by_id_too_it_is_asked_for_alone(
        self, broken, clock, desk, server
    ) -> None:
        """Both lists of 10:30 leave it out, but the ticket itself is there: it stays."""
        (ticket,) = desk.tickets.values()
        before = await known(broken, ticket)
        server.faults.next("first_row_missing", 2, operation=LIST)
        await read_at(broken, clock, at(10, 30))
        assert server.faults.fired["first_row_missing"] == 2
        assert await known(broken, ticket) == before
        assert not row(broken, ticket).degraded
        assert len(broken.board.breaches) == 1

    async def test_where_nothing_is_said_it_is_marked_and_its_clocks_run_on(
        self, broken, clock, desk, server
    ) -> None:
        """Last read 10:20, left out from 10:30 on and refused alone: "not seen since 10:20".

        The resolution is due 13:10 and breaks all the same; seen again at 13:30, the mark is gone.
        """
        (ticket,) = desk.tickets.values()
        server.faults.next("first_row_missing", 100, operation=LIST)
        server.faults.next("forbidden", 100, operation=ALONE)
        await read_at(broken, clock, at(10, 30))
        await read_at(broken, clock, at(11))
        mark = "not seen in SuperOps since 2026-10-12 10:20 UTC"
        assert row(broken, ticket).degraded == (mark,)
        await broken.pass_time(clock, hours=2, minutes=11)
        assert len(broken.board.breaches) == 2
        assert any(breach.acknowledged_by == "ada" for breach in broken.board.breaches)
        server.faults.clear()
        await read_at(broken, clock, at(13, 30))
        assert not row(broken, ticket).degraded

    async def test_the_mark_survives_a_restart(self, broken, begin, clock, desk, server) -> None:
        (ticket,) = desk.tickets.values()
        server.faults.next("first_row_missing", 2, operation=LIST)
        server.faults.next("forbidden", operation=ALONE)
        await read_at(broken, clock, at(10, 30))
        again = await begin()
        assert "since 2026-10-12 10:20 UTC" in row(again, ticket).degraded[0]
        await read_at(again, clock, at(10, 31))
        assert not row(again, ticket).degraded

    async def test_one_that_does_not_exist_leaves_and_nothing_is_forgotten(
        self, broken, clock, desk
    ) -> None:
        """Deleted at 10:25, read 10:30: off the board; sights, hold and breach stay in the store.

        Its breach ends for that reason, and the history does not say that it was resolved.
        """
        (ticket,) = desk.tickets.values()
        before = await known(broken, ticket)
        (breach,) = broken.board.breaches
        ticket.deleted = True
        await read_at(broken, clock, at(10, 30))
        assert numbers(broken) == [] == list(broken.board.breaches)
        assert await known(broken, ticket) == before
        assert await broken.store.tickets.gone_why(ticket.id) == (
            at(10, 30),
            "SuperOps no longer has this ticket",
        )
        ended = await broken.store.breaches.get(breach.id)
        assert (ended.state, ended.resolved_at) == (BreachState.RESOLVED, at(10, 30))
        assert ended.note == "SuperOps no longer has this ticket"
        said = [entry.action for entry in await broken.store.audit.for_subject(ticket.id)]
        assert "resolve" not in said

    async def test_one_that_comes_back_has_its_life(self, broken, clock, desk) -> None:
        """Gone 10:30, there again 10:40: its hold of ten minutes still counts."""
        (ticket,) = desk.tickets.values()
        ticket.deleted = True
        await read_at(broken, clock, at(10, 30))
        ticket.deleted = False
        await read_at(broken, clock, at(10, 40))
        (judged,) = broken.board.tickets
        assert [(h.start, h.end) for h in judged.resolution.holds] == [(at(9, 10), at(9, 20))]
        assert broken.engine.tracker.lives.of(ticket.id).since == at(9)
        assert await broken.store.tickets.gone_why(ticket.id) is None

    async def test_after_a_stated_time_it_leaves(self, broken, clock, desk, server) -> None:
        """Last read 10:20 on the 12th; 72 hours later it leaves, because it was not seen."""
        (ticket,) = desk.tickets.values()
        server.faults.next("first_row_missing", 100, operation=LIST)
        server.faults.next("forbidden", 100, operation=ALONE)
        await read_at(broken, clock, at(10, 30))
        await read_at(broken, clock, at(10, 19) + timedelta(hours=72))
        assert numbers(broken) == ["T1"]
        await read_at(broken, clock, at(10, 20) + timedelta(hours=72))
        assert numbers(broken) == []
        _, why = await broken.store.tickets.gone_why(ticket.id)
        assert why == "not seen in SuperOps for 3 d"


@pytest.fixture
async def desk_of_twelve(begin, clock, desk):
    console = await begin()
    for number in range(12):
        desk.open(f"T{number:02}", clock.now())
    await console.sync()
    assert console.board.counts.open == 12
    return console


class TestTheWholeDesk:
    async def test_no_tickets_at_all_is_not_believed(
        self, desk_of_twelve, clock, desk, server
    ) -> None:
        """200 and totalCount 0 from 9:10 on: 12 stay, and it is said why and until when."""
        console = desk_of_twelve
        server.faults.next("no_rows", 100, operation=LIST)
        await read_at(console, clock, at(9, 10))
        assert console.board.counts.open == 12
        health = console.board.health
        assert health.connection is SourceState.STALE
        assert "lists no open tickets where 12 were known" in health.message
        assert "still says so at 09:25 UTC" in health.message
        assert await console.store.tickets.missing() == {}

    async def test_it_is_told_once_and_once_when_it_is_over(
        self, desk_of_twelve, clock, server
    ) -> None:
        """Doubted from 9:10; told by 9:11; right again at 9:12; ten minutes later: over."""
        console = desk_of_twelve
        look = console.engine.alert_loop.look
        server.faults.next("no_rows", 2, operation=LIST)
        await read_at(console, clock, at(9, 10))
        for minute in (0, 1, 2):
            clock.set(at(9, 10 + minute))
            if minute == 2:
                await console.sync()
            await look(console.board.health.connection, None, console.board.health.message)
        assert await told(console) == ["SuperOps leaves out much of the desk"]
        clock.set(at(9, 23))
        await look(SourceState.LIVE, clock.now(), None)
        assert "Over after" in (await told(console))[0]

    async def test_what_is_urgent_is_still_read_by_id(
        self, desk_of_twelve, clock, desk, server
    ) -> None:
        """The sweep of 9:50 is doubted; a response at 9:51 is seen at 9:52 by id, due 10:00."""
        console = desk_of_twelve
        ticket = next(iter(desk.tickets.values()))
        server.faults.next("no_rows", 2, operation=LIST)
        await read_at(console, clock, at(9, 50))
        desk.answer(ticket, at(9, 51))
        clock.set(at(9, 52))
        assert await console.engine.sync.hot_step()
        assert row(console, ticket).ticket.responded_at == at(9, 51)

    async def test_after_a_stated_time_each_is_asked_for_alone(
        self, desk_of_twelve, clock, desk, server
    ) -> None:
        """Lists wrong from 9:10, believed at 9:25; the tickets themselves are there: all stay."""
        console = desk_of_twelve
        server.faults.next("no_rows", 100, operation=LIST)
        await read_at(console, clock, at(9, 10))
        await read_at(console, clock, at(9, 24))
        assert console.board.health.connection is SourceState.STALE
        await read_at(console, clock, at(9, 25))
        assert console.board.health.connection is SourceState.LIVE
        assert console.board.counts.open == 12
        assert await console.store.tickets.missing() == {}

    async def test_a_desk_that_was_really_emptied_is_empty_in_the_end(
        self, desk_of_twelve, clock, desk
    ) -> None:
        """All deleted at 9:05: doubted at 9:10, believed at 9:25."""
        console = desk_of_twelve
        for ticket in desk.tickets.values():
            ticket.deleted = True
        await read_at(console, clock, at(9, 10))
        assert console.board.counts.open == 12
        await read_at(console, clock, at(9, 25))
        assert console.board.counts.open == 0

    async def test_a_person_can_confirm_it(self, desk_of_twelve, clock, desk) -> None:
        """Doubted at 9:10, confirmed at 9:12, gone at 9:13."""
        console = desk_of_twelve
        for ticket in desk.tickets.values():
            ticket.deleted = True
        await read_at(console, clock, at(9, 10))
        await accept_drop(console.store.meta, at(9, 12))
        await read_at(console, clock, at(9, 13))
        assert console.board.counts.open == 0
        assert console.board.health.connection is SourceState.LIVE

    async def test_an_old_confirmation_confirms_nothing_new(
        self, desk_of_twelve, clock, server
    ) -> None:
        console = desk_of_twelve
        await accept_drop(console.store.meta, at(9))
        server.faults.next("no_rows", 2, operation=LIST)
        await read_at(console, clock, at(9, 10))
        assert console.board.health.connection is SourceState.STALE

    async def test_the_time_counts_across_a_restart(
        self, desk_of_twelve, begin, clock, desk
    ) -> None:
        for ticket in desk.tickets.values():
            ticket.deleted = True
        await read_at(desk_of_twelve, clock, at(9, 10))
        again = await begin()
        await read_at(again, clock, at(9, 25))
        assert again.board.counts.open == 0

    async def test_more_than_half_is_doubted_and_less_is_not(
        self, desk_of_twelve, clock, desk
    ) -> None:
        """Five of twelve deleted: they leave. Then five of seven: a desk of fewer than ten is
        believed as long as one is left."""
        console = desk_of_twelve
        tickets = list(desk.tickets.values())
        for ticket in tickets[:7]:
            ticket.deleted = True
        await read_at(console, clock, at(9, 10))
        assert console.board.counts.open == 12, "seven of twelve"
        tickets[0].deleted = tickets[1].deleted = False
        await read_at(console, clock, at(9, 11))
        assert console.board.counts.open == 7
        for ticket in tickets[7:]:
            ticket.deleted = True
        await read_at(console, clock, at(9, 12))
        assert console.board.counts.open == 2

    async def test_a_list_that_contradicts_itself_is_never_believed(
        self, desk_of_twelve, clock, server
    ) -> None:
        """The sweep lists none, by id all are there: said so, for as long as it lasts."""
        console = desk_of_twelve
        for moment in (at(9, 10), at(9, 40)):
            server.faults.next("no_rows", operation=LIST)
            await read_at(console, clock, moment)
            assert "its list is not believed" in console.board.health.message
        assert console.board.counts.open == 12

    async def test_tickets_that_were_closed_all_at_once_are_closed(
        self, desk_of_twelve, clock, desk
    ) -> None:
        """Eleven of twelve are closed at 9:05: by id SuperOps says so of each, which is proof."""
        console = desk_of_twelve
        for ticket in list(desk.tickets.values())[:11]:
            desk.set_status(ticket, "Closed", at(9, 5))
        await read_at(console, clock, at(9, 10))
        assert console.board.counts.open == 1
        assert console.board.health.connection is SourceState.LIVE
