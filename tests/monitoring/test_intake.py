"""What is newest is decided by when it was read; ``updatedTime`` is a claim of SuperOps."""

from datetime import UTC, datetime, timedelta

from sla_console.domain.sla.policy import SLAPolicy
from sla_console.domain.tickets.sighting import assignments_of
from sla_console.domain.tickets.ticket import Hold, Ticket
from sla_console.monitoring.intake import Asked, LastReads, ReadingOrder, dated, steady

FOUR = SLAPolicy("four", "Four hours", resolution_time_hours=4.0, default=True)


def claims(ticket, moment: str) -> None:
    """Let SuperOps say that a ticket was changed at a moment, whatever is so."""
    ticket.fields["updatedTime"] = moment


def shown(console):
    (judged,) = console.board.tickets
    return judged


def made(ticket_id: str, **fields: object) -> Ticket:
    return Ticket(ticket_id, ticket_id, "printer", **fields)


def at(hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 10, 12, hour, minute, second, tzinfo=UTC)


async def read_at(console, clock, moment: datetime):
    """Read everything at a moment."""
    clock.set(moment)
    console.desk.advance(moment)
    await console.sync()


class TestWhatIsNewest:
    async def test_a_claim_of_next_year_blocks_no_later_answer(self, begin, clock, desk) -> None:
        """Read 9:00; at 9:05 it claims 2027-10-12; answered 9:08, read 9:10: answered 9:08."""
        console = await begin()
        ticket = desk.open("T1", clock.now())
        await console.sync()
        claims(ticket, "2027-10-12T09:00:00")
        ticket.technician = desk.technicians["9"]
        await read_at(console, clock, at(9, 5))
        claims(ticket, "2026-10-12T09:08:00")
        desk.answer(ticket, at(9, 8))
        await read_at(console, clock, at(9, 10))
        assert shown(console).ticket.responded_at == at(9, 8)

    async def test_a_claim_of_long_ago_is_taken_too(self, begin, clock, desk) -> None:
        """Read 9:00; answered 9:08 but claims 2001-01-01, read 9:10: answered 9:08."""
        console = await begin()
        ticket = desk.open("T1", clock.now())
        await console.sync()
        desk.answer(ticket, at(9, 8))
        claims(ticket, "2001-01-01T00:00:00")
        await read_at(console, clock, at(9, 10))
        assert shown(console).ticket.responded_at == at(9, 8)

    async def test_milliseconds_that_come_and_go_are_no_news(self, begin, clock, desk) -> None:
        """Changed 9:00:00.905, told with and without milliseconds in turns: one and the same."""
        console = await begin()
        ticket = desk.open("T1", clock.now())
        dues = ("firstResponseDueTime", "resolutionDueTime")
        for second, told in ((1, ".905"), (2, ""), (3, ".905"), (4, "")):
            claims(ticket, f"2026-10-12T09:00:00{told}")
            ticket.fields |= dict.fromkeys(dues, f"2026-10-12T10:00:00{told}")
            await read_at(console, clock, at(9, 0, second))
            if second == 1:
                first = shown(console)
        assert shown(console) is first

    async def test_milliseconds_block_nothing(self, begin, clock, desk) -> None:
        """Told .905 at 9:01, answered at 9:02 and told without milliseconds: taken."""
        console = await begin()
        ticket = desk.open("T1", clock.now())
        claims(ticket, "2026-10-12T09:00:00.905")
        await read_at(console, clock, at(9, 1))
        claims(ticket, "2026-10-12T09:00:00")
        ticket.responded = at(9, 0)
        await read_at(console, clock, at(9, 2))
        assert shown(console).ticket.responded_at == at(9)

    async def test_due_times_with_jitter_break_one_promise_once(self, begin, clock, desk) -> None:
        """Due 10:00:00.905, told with and without milliseconds: one breach, never ended."""
        console = await begin()
        ticket = desk.open("T1", clock.now())
        for minute, told in ((0, ".905"), (1, ""), (2, ".905"), (3, "")):
            ticket.fields["firstResponseDueTime"] = f"2026-10-12T10:00:00{told}"
            await read_at(console, clock, at(10, minute, 2))
        stored = await console.store.breaches.since(at(9))
        assert [breach.resolved_at for breach in stored] == [None]

    async def test_an_answer_that_was_on_its_way_for_long_changes_nothing(
        self, begin, clock, desk
    ) -> None:
        """A page asked for at 9:00 arrives after a hot answer of 9:05 that says answered."""
        console = await begin()
        ticket = desk.open("T1", clock.now())
        tracker = console.engine.tracker
        await console.sync()
        slow = tracker.intake.order.ask()
        old = shown(console).ticket
        desk.answer(ticket, at(9, 4))
        await read_at(console, clock, at(9, 5))
        assert not await tracker.take([old], slow)
        assert tracker.board.get(ticket.id).ticket.responded_at == at(9, 4)
        tracker.intake.order.done(slow)

    async def test_a_late_page_does_not_open_a_ticket_again(self, begin, clock, desk) -> None:
        """A page asked for at 9:00 says open; meanwhile it was read as closed at 9:05."""
        console = await begin()
        ticket = desk.open("T1", clock.now())
        tracker = console.engine.tracker
        await console.sync()
        slow = tracker.intake.order.ask()
        old = shown(console).ticket
        desk.set_status(ticket, "Closed", at(9, 4))
        await read_at(console, clock, at(9, 5))
        await tracker.take([old], slow)
        assert ticket.id not in tracker.board

    async def test_of_two_on_their_way_the_later_second_counts(self, clock) -> None:
        """Both asked at 9:00. Taken: changed 9:00:01.9. The other: 9:00:01.1 counts, 9:00:00 not."""
        order = ReadingOrder(clock)
        one, other = order.ask(), order.ask()
        known = made("1", updated_at=at(9, 0, 1) + timedelta(milliseconds=900))
        order.taken([known])
        order.done(one)
        same = made("1", updated_at=at(9, 0, 1) + timedelta(milliseconds=100))
        assert order.is_newest(same, known, other)
        assert not order.is_newest(made("1", updated_at=at(9)), known, other)
        order.done(other)
        assert order.is_newest(made("1", updated_at=at(9)), known, order.ask())

    async def test_nothing_is_remembered_that_no_request_needs(self, clock) -> None:
        order = ReadingOrder(clock)
        for number in range(100):
            with order.asking():
                order.taken([made(str(number))])
        assert not order._taken

    def test_stamps_settle_within_a_second_only(self) -> None:
        """9:00:00.905 then 9:00:00 stays .905; 9:00:01.905 is another moment."""
        known = made("1", updated_at=at(9) + timedelta(milliseconds=905))
        assert steady(made("1", updated_at=at(9)), known) == known
        later = made("1", updated_at=at(9, 0, 1) + timedelta(milliseconds=905))
        assert steady(later, known) == later


class TestWhenItCameAbout:
    def test_a_change_lies_between_two_reads(self) -> None:
        """Read 9:00 and 9:10. Claims 9:05: 9:05. Claims 8:00: 9:00. Claims 10:00: 9:10."""
        claimed = [dated(at(hour, minute), at(9), at(9, 10)) for hour, minute in ((9, 5), (8, 0))]
        assert claimed == [at(9, 5), at(9)]
        assert dated(at(10), at(9), at(9, 10)) == dated(None, at(9), at(9, 10)) == at(9, 10)

    async def test_a_hold_status_that_is_renamed_ends_at_the_last_moment_it_was_seen(
        self, begin, clock, desk
    ) -> None:
        """Opened 9:00, held 10:00, last seen held 12:00, renamed, read 12:01: held 10:00 to 12:00.

        Four hours of work from 9:00 with two hours on hold are due at 15:00, not at 13:00.
        """
        console = await begin(policies=(FOUR,))
        ticket = desk.open("T1", clock.now(), sla=None)
        await console.sync()
        desk.set_status(ticket, "On Hold", at(10))
        await read_at(console, clock, at(10, 0, 30))
        await read_at(console, clock, at(12))
        ticket.status = "Paused"  # by an administrator; the ticket's own stamp does not move
        await read_at(console, clock, at(12, 1))
        assert shown(console).resolution.holds == (Hold(at(10), at(12)),)
        assert shown(console).resolution.due == at(15)

    async def test_a_restart_knows_when_it_was_last_seen(self, begin, clock, desk) -> None:
        """As before, but another console starts at 12:30 and reads at 12:31: held until 12:00."""
        console = await begin(policies=(FOUR,))
        ticket = desk.open("T1", clock.now(), sla=None)
        await console.sync()
        desk.set_status(ticket, "On Hold", at(10))
        for moment in (at(10, 0, 30), at(12)):
            await read_at(console, clock, moment)
        ticket.status = "Paused"
        clock.set(at(12, 30))
        again = await begin(policies=(FOUR,))
        await read_at(again, clock, at(12, 31))
        assert shown(again).resolution.holds == (Hold(at(10), at(12)),)

    async def test_an_assignment_is_dated_between_two_reads(self, begin, clock, desk) -> None:
        """Nobody's at 9:30, Marta's at 9:31, claimed to be so since 2001: Marta's from 9:30."""
        console = await begin()
        ticket = desk.open("T1", clock.now())
        await console.sync()
        await read_at(console, clock, at(9, 30))
        ticket.technician = desk.technicians["9"]
        claims(ticket, "2001-01-01T00:00:00")
        await read_at(console, clock, at(9, 31))
        nobody, marta = assignments_of(await console.store.lives.sightings(ticket.id))
        assert (nobody.start, nobody.end) == (at(9), at(9, 30))
        assert (marta.technician, marta.start) == ("Marta Lindqvist", at(9, 30))

    async def test_two_changes_at_one_moment_take_nothing_from_each_other(
        self, begin, clock, desk
    ) -> None:
        """First seen 9:00; reassigned by 9:01 with a claim of 2001: two sights, not one."""
        console = await begin()
        ticket = desk.open("T1", clock.now())
        await console.sync()
        ticket.technician = desk.technicians["9"]
        claims(ticket, "2001-01-01T00:00:00")
        await read_at(console, clock, at(9, 1))
        seen = await console.store.lives.sightings(ticket.id)
        assert [one.technician for one in seen] == [None, "Marta Lindqvist"]

    async def test_a_ticket_that_ends_is_dated_between_two_reads(self, begin, clock, desk) -> None:
        """Last read open 9:30, closed at 9:31 with every stamp in 2001: ended 9:30, not in 2001."""
        console = await begin()
        ticket = desk.open("T1", clock.now())
        await console.sync()
        await read_at(console, clock, at(9, 30))
        desk.set_status(ticket, "Closed", at(9, 30, 20))
        claims(ticket, "2001-01-01T00:00:00")
        ticket.fields["resolutionTime"] = None
        await read_at(console, clock, at(9, 31))
        ended = await console.store.tickets.load_closed_since(at(9, 30))
        assert [one.id for one in ended] == [ticket.id]
        assert await console.store.tickets.prune_closed(at(9)) == 0

    async def test_a_reopening_is_dated_between_two_reads(self, begin, clock, desk) -> None:
        """Closed 9:30, open again when read at 11:00 with a claim of 2001.

        No list of open tickets had it before 11:00, so it was closed for 90 min of its four hours:
        due at 14:30.
        """
        console = await begin(policies=(FOUR,))
        ticket = desk.open("T1", clock.now(), sla=None)
        await console.sync()
        desk.set_status(ticket, "Closed", at(9, 30))
        await read_at(console, clock, at(9, 31))
        desk.set_status(ticket, "Open", at(10, 59))
        claims(ticket, "2001-01-01T00:00:00")
        await read_at(console, clock, at(11))
        assert shown(console).resolution.due == at(14, 30)

    async def test_a_start_knows_the_last_sweep_and_the_last_change(
        self, begin, clock, desk
    ) -> None:
        """Sweep at 9:30; a hot read at 9:40 saw a change of 9:35: read at 9:30, and at 9:35."""
        console = await begin()
        still, moved = desk.open("T1", clock.now()), desk.open("T2", clock.now())
        await read_at(console, clock, at(9, 30))
        clock.set(at(9, 40))
        desk.assign(moved, desk.technicians["9"], at(9, 35))
        found = await console.engine.data.desk.tickets_by_id([moved.id])
        await console.engine.tracker.take(found, Asked(10**9, clock.now()))
        reads = LastReads(console.store)
        await reads.restore()
        assert (reads.of(still.id), reads.of(moved.id)) == (at(9, 30), at(9, 35))
