"""This machine's clock may be wrong: it is shown, and what a wrong clock would harm waits."""

from datetime import UTC, datetime, timedelta

import pytest

from sla_console.domain.board import SourceState
from sla_console.domain.sla.breach import BreachState
from sla_console.domain.sla.verdict import Outcome
from sla_console.monitoring.history import Retention, history_to

START = datetime(2026, 10, 12, 9, 0, tzinfo=UTC)


def at(hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 10, 12, hour, minute, second, tzinfo=UTC)


class TrueTime:
    """The time of SuperOps, which no step of this machine's clock moves."""

    def __init__(self, clock) -> None:
        self._clock = clock
        self._origin = clock.now() - clock.elapsed()

    def now(self) -> datetime:
        return self._origin + self._clock.elapsed()

    def elapsed(self) -> timedelta:
        return self._clock.elapsed()

    def real_seconds(self, span: timedelta) -> float:
        return span.total_seconds()


@pytest.fixture
async def console(begin, clock, desk, server):
    """A console synced at 9:00; its one ticket owes an answer at 10:00 and an end at 13:00."""
    server._clock = TrueTime(clock)
    console = await begin()
    desk.open("T1", clock.now())
    await console.sync()
    return console


def shown(console) -> str:
    console.engine.refresh_board()
    return " ".join(console.board.health.concerns)


async def look(console) -> None:
    health = console.engine._publisher
    await console.engine.alert_loop.look(health.connection(), health.synced_at(), None)


class TestSaying:
    async def test_a_clock_that_is_right_is_not_mentioned(self, console, clock) -> None:
        clock.advance(hours=3)
        assert shown(console) == ""

    async def test_half_a_minute_is_not_mentioned(self, console, clock) -> None:
        clock.step(seconds=30)
        assert shown(console) == ""

    async def test_two_minutes_are_shown_at_once(self, console, clock) -> None:
        """Set forward by 2 min between two reads; SuperOps is not asked again."""
        clock.step(minutes=2)
        assert "This machine's clock is wrong: it is 2 m" in shown(console)
        assert "ahead of SuperOps'" in shown(console)
        assert "nothing is judged" not in shown(console)

    async def test_two_hours_stop_what_they_would_harm_and_it_says_so(self, console, clock) -> None:
        clock.step(hours=-2)
        assert "behind SuperOps'; nothing is judged late, told of, deleted or frozen" in (
            shown(console)
        )
        clock.step(hours=2)
        assert shown(console) == ""

    async def test_people_are_told(self, console, clock) -> None:
        clock.step(hours=2)
        await look(console)
        clock.advance(seconds=31)
        await look(console)
        (message,) = await console.store.deliveries.recent(9)
        assert message.notification.headline == "This machine's clock is wrong"

    async def test_before_superops_answers_it_is_held_against_what_the_store_saw(
        self, console, begin, clock
    ) -> None:
        """The monitor last looked at 9:00; another starts with a clock that says 6:00."""
        await console.engine.alert_loop.process()
        clock.step(hours=-3)
        again = await begin()
        assert "it is 3 h behind what the store last saw" in shown(again)


class TestWhatWaits:
    async def test_nothing_is_deleted_by_a_clock_two_years_ahead(
        self, begin, clock, desk, server
    ) -> None:
        """Closed 8:00 today, kept 800 days; started with a clock of 2029: it stays."""
        server._clock = TrueTime(clock)
        ticket = desk.open("T1", at(7))
        desk.set_status(ticket, "Closed", at(8))
        console = await begin()
        clock.step(days=900)
        retention = Retention(console.store, console.engine.sync, timedelta(days=800))
        assert not await retention.step(), "SuperOps has not been heard"
        await console.sync()
        await console.engine.history.read()
        assert not await retention.step()
        assert await console.store.tickets.get(ticket.id) is not None
        clock.step(days=-900)
        assert await retention.step()
        assert await console.store.tickets.get(ticket.id) is not None

    async def test_nothing_breaks_by_a_clock_hours_ahead(self, console, clock) -> None:
        """It is 9:00 and the clock says 14:00: an answer is due at 10:00, and is not late."""
        clock.step(hours=5)
        await console.sync()
        assert console.board.breaches == ()
        assert not console.engine.sync.can_judge()
        clock.step(hours=-5)
        assert console.engine.sync.can_judge()

    async def test_what_ended_is_read_up_to_the_true_moment(self, console, clock) -> None:
        """Read at 9:00 with a clock of next year: known up to 9:00, so no month is frozen early."""
        clock.step(days=365)
        await console.engine.history.read()
        to = await history_to(console.store)
        assert abs(to - START) < timedelta(seconds=2)

    async def test_what_was_read_up_to_the_future_is_read_anew(self, console, clock, desk) -> None:
        """The store says: known up to 2027. What ended at 8:00 is found all the same."""
        ticket = desk.open("T2", at(7))
        desk.set_status(ticket, "Closed", at(8))
        await console.store.meta.set("history read to", "2027-10-12T09:00:00+00:00")
        assert await console.engine.history.read() == 1


class TestWaiting:
    async def test_set_forward_and_back_nothing_waits_for_longer(self, console, clock) -> None:
        """Read at 9:00, set forward by a year, read 9:01, set back, read again at 9:02."""
        sync = console.engine.sync
        clock.step(days=365)
        clock.advance(seconds=60)
        assert await sync.step()
        clock.step(days=-365)
        clock.advance(seconds=59)
        assert not await sync.step()
        clock.advance(seconds=1)
        assert await sync.step()
        assert await sync.hot_step()

    async def test_data_grows_old_though_the_clock_was_set_back(self, console, clock) -> None:
        """Read 9:00, set back by 2 h, 4 min pass without a read: stale, 4 min old."""
        clock.step(hours=-2)
        clock.advance(minutes=4)
        console.engine.refresh_board()
        health = console.board.health
        assert health.connection is SourceState.STALE
        assert health.data_age(clock.now()) == timedelta(minutes=4)

    async def test_the_heartbeat_does_not_lie_either(self, console, clock) -> None:
        clock.step(hours=-2)
        clock.advance(minutes=4)
        said = console.engine.alert_loop.faults()
        assert said["read"] == "SuperOps has not been read whole for 4 m"

    async def test_data_of_a_moment_that_has_not_come_is_old(self, console, begin, clock) -> None:
        """Synced at 9:00 by the store; another console starts with a clock that says 8:00."""
        clock.step(hours=-1)
        again = await begin()
        assert again.engine._publisher.connection() is not SourceState.LIVE

    async def test_a_step_is_no_blindness(self, console, clock) -> None:
        """Looked at 9:00, set forward by 40 min, looked again: nobody was blind."""
        await console.engine.alert_loop.process()
        clock.step(minutes=40)
        await console.engine.alert_loop.process()
        assert await console.store.deliveries.recent(9) == []


class TestTakingBack:
    async def test_what_a_wrong_clock_found_broken_is_taken_back_aloud(
        self, console, clock
    ) -> None:
        """It is 9:40 and the clock says 10:10: broken. Set right: over, and why is said.

        At 10:00:01 it breaks in truth, as a breach of its own.
        """
        clock.advance(minutes=40)
        clock.step(minutes=30)
        await console.engine.alert_loop.process()
        await console.send()
        (breach,) = console.engine.tracker.board.breaches()
        assert console.ops.rang() == [("breach", "T1")]
        clock.step(minutes=-30)
        await look(console)
        await console.send()
        over = await console.store.breaches.get(breach.id)
        assert over.state is BreachState.RESOLVED
        assert over.note == "the clock of the monitoring machine was wrong; it is not late yet"
        assert ("recovery", "T1") in console.ops.rang()
        clock.set(at(10, 0, 1))
        await console.engine.alert_loop.process()
        (again,) = console.engine.tracker.board.breaches()
        assert (again.id, again.breach_time) != (breach.id, at(9))

    async def test_a_clock_that_is_set_back_ends_no_breach(self, console, clock, desk) -> None:
        """Broken 10:00, found 10:05; set back to 9:35, somebody is assigned: still broken."""
        clock.set(at(10, 5))
        await console.sync()
        (breach,) = console.board.breaches
        clock.step(minutes=-30)
        (ticket,) = desk.tickets.values()
        desk.assign(ticket, desk.technicians["9"], at(10, 5))
        await console.sync()
        assert [one.id for one in console.board.breaches] == [breach.id]

    async def test_its_verdict_is_corrected_when_it_is_met_in_time(
        self, console, clock, desk
    ) -> None:
        """Written as missed at 9:40 by a clock that said 10:10; answered 9:50, due 10:00: met."""
        clock.advance(minutes=40)
        clock.step(minutes=30)
        await console.engine.alert_loop.process()
        clock.step(minutes=-30)
        await look(console)
        clock.set(at(9, 51))
        (ticket,) = desk.tickets.values()
        desk.answer(ticket, at(9, 50))
        await console.sync()
        missed, met = await console.store.verdicts.for_ticket(ticket.id)
        assert (missed.outcome, met.outcome, met.revision) == (Outcome.MISSED, Outcome.MET, 2)


async def test_what_is_seen_by_a_wrong_clock_is_dated_by_superops(console, clock, desk) -> None:
    """Set three hours forward at 9:00, read at 9:01; closed at 9:02, opened at 9:04, read at once.

    It was closed for two minutes, and not for three hours: those would move its due time.
    """
    (ticket,) = desk.tickets.values()
    clock.step(hours=3)
    for minutes, status in ((1, "Open"), (1, "Closed"), (2, "Open")):
        clock.advance(minutes=minutes)
        desk.set_status(ticket, status, console.server._clock.now())
        await console.sync()
    (hold,) = await console.store.holds.for_ticket(ticket.id)
    assert (hold.start, hold.end) == (at(9, 2), at(9, 4))
