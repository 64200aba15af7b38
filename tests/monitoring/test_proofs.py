"""No state is called well without proof: each proof is broken, and the word changes in its time.

Three look on: the console that monitors, one that follows it on the same store, and ``status``.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import pytest

from sla_console.cli.alert_text import status_document as channels_document
from sla_console.domain.alerts.alert import AlertEvent, ChannelRecord, OutboxMessage
from sla_console.domain.alerts.notification import Notification
from sla_console.domain.board import Board, SourceState
from sla_console.domain.errors import SLAConsoleError, StoreError
from sla_console.domain.forecast.risk import RiskThresholds
from sla_console.domain.proof import GOOD_FOR, PART_GOOD_FOR, Sign
from sla_console.domain.wellness import (
    channel_word,
    clock_word,
    heartbeat_word,
    monitor_word,
    part_word,
    poll_word,
    sentences,
    store_word,
    waiting_word,
)
from sla_console.service.status import status_document, status_lines
from tests.monitoring.test_pulse import Outside
from tests.monitoring.test_wrong_clock import TrueTime

LIST = "getTicketList"
LATER = 6
"""Seconds by which others learn later what the monitor says: it writes every 4, they look every 2."""


@dataclass
class Three:
    """The monitor, a follower, and whoever asks once."""

    monitor: object
    follower: object
    clock: object
    begin: object
    works: set[str]
    """What the monitor's loops still do: ``deadlines``, ``lease``, ``counts``, ``alerts``."""

    async def go_on(self, seconds: float, *, read: bool = False) -> None:
        """Let time pass, in which both consoles do what their loops do, every other second or so."""
        while seconds > 0:
            step = 2 if seconds <= 20 else 5
            self.clock.advance(seconds=step)
            await self.turn(read=read)
            seconds -= step

    async def turn(self, *, read: bool = False) -> None:
        engine = self.monitor.engine
        if read:
            await engine.sync.step()
            await engine.poller.keep()
        if "deadlines" in self.works and engine.sync.can_judge():
            await engine.alert_loop.process()
        elif "deadlines" in self.works:
            engine.proofs.proved(Sign.DEADLINES)
        with suppress(StoreError):
            if "alerts" in self.works:
                await engine.alert_loop.audit()
        with suppress(StoreError):
            if "counts" in self.works:
                await engine._publisher.count()
        if "lease" in self.works:
            await engine.lease_keeper.renew()
        engine.refresh_board()
        follower = self.follower.engine
        await follower._publisher.count()
        await follower.lease_keeper.renew()
        await follower.follow_once()
        follower.refresh_board()

    async def boards(self) -> dict[str, Board]:
        """Return what each of the three is shown now."""
        once = await self.begin(channels=("ops", "sms"))
        await once.engine._publisher.count()
        once.engine.refresh_board()
        return {
            "here": self.monitor.service.board(),
            "there": self.follower.service.board(),
            "status": once.service.board(),
        }

    async def said(self, word) -> dict[str, str]:
        """Return a word of each of the three."""
        return {name: word(board.health) for name, board in (await self.boards()).items()}

    async def connections(self) -> set[str]:
        return set((await self.said(lambda health: health.connection)).values())

    async def messages(self) -> set[str | None]:
        return set((await self.said(lambda health: health.message)).values())


@pytest.fixture
async def three(begin, clock, desk, server) -> Three:
    """All three at 9:00, a ticket read, a message sent, a heartbeat taken."""
    server._clock = TrueTime(clock)
    desk.open("T1", clock.now())
    monitor = await begin(channels=("ops", "sms"), heartbeat=Outside())
    await monitor.lead()
    await monitor.sync()
    await monitor.store.outbox.enqueue([message("hello", clock)])
    await monitor.send()
    follower = await begin(channels=("ops", "sms"))
    follower.engine.leadership.running = True
    works = {"deadlines", "lease", "counts", "alerts"}
    found = Three(monitor, follower, clock, begin, works)
    await found.turn()
    await monitor.engine.alert_loop.beat()
    await found.go_on(4)
    return found


def message(key: str, clock, *, urgent: bool = False) -> OutboxMessage:
    notification = Notification(AlertEvent.MONITOR, clock.now(), headline=key)
    return OutboxMessage(
        key, "ops", AlertEvent.MONITOR, key, "", None, clock.now(), urgent=urgent,
        notification=notification,
    )  # fmt: skip


def lines(board: Board, clock) -> str:
    return " ".join(status_lines(board, clock.now(), RiskThresholds(), 500))


async def test_all_is_said_to_be_well_while_all_is(three, clock) -> None:
    assert await three.connections() == {SourceState.LIVE}
    boards = await three.boards()
    assert [dict(board.health.faults) for board in boards.values()] == [{}, {}, {}]
    me = three.monitor.engine.leadership.me
    assert await three.said(lambda health: monitor_word(health).text) == {
        "here": "monitored here",
        "there": f"monitored by {me}",
        "status": f"monitored by {me}",
    }
    said = lines(boards["status"], clock)
    assert "SuperOps: live, data 4 s old" in said
    assert f"Monitored by {me}; heartbeat taken 4 s ago; alerts waiting 0" in said
    assert "channels: ops ok, sms untried" in said
    assert store_word(boards["here"].health).text.startswith("written and read back")


class TestReading:
    async def test_superops_that_stops_to_answer_is_said_at_once(self, three, server) -> None:
        server.faults.next("bad_gateway", 1000)
        three.monitor.engine.sync.ask_now()
        await three.turn(read=True)
        await three.go_on(LATER)
        assert await three.connections() == {SourceState.STALE}

    async def test_one_that_never_gives_the_list_is_said_at_once(self, three, server) -> None:
        server.faults.next("forbidden", 1000, operation=LIST)
        three.monitor.engine.sync.ask_now()
        await three.turn(read=True)
        await three.go_on(LATER)
        assert await three.connections() == {SourceState.STALE}

    async def test_a_read_that_hangs_is_said_after_its_time(self, three) -> None:
        """Read at 9:00:00; it is 9:00:04; live until 9:03:00."""
        await three.go_on(176)
        assert await three.connections() == {SourceState.LIVE}
        await three.go_on(2)
        assert await three.connections() == {SourceState.STALE}
        assert await three.messages() == {"SuperOps has not been read whole for 3 m."}

    async def test_it_is_live_again_once_it_was_read(self, three, server) -> None:
        server.faults.next("bad_gateway", 4)
        three.monitor.engine.sync.ask_now()
        await three.turn(read=True)
        await three.go_on(20, read=True)
        assert await three.connections() == {SourceState.LIVE}

    async def test_that_the_monitor_cannot_sign_in_is_said_everywhere_with_its_reason(
        self, three, server
    ) -> None:
        """The follower said live for 180 s, and then that SuperOps cannot be reached."""
        server._token = "another"
        three.monitor.engine.sync.ask_now()
        await three.turn(read=True)
        await three.go_on(LATER)
        assert await three.connections() == {SourceState.CANNOT_SIGN_IN}
        (why,) = await three.messages()
        assert why.startswith("SuperOps refuses the API token from the test (HTTP 401)")

    async def test_a_poll_that_does_not_come_is_overdue(self, three, clock) -> None:
        """The next is due at 9:00:20 at the latest; a minute later it is overdue."""
        engine, now = three.monitor.engine, clock.now
        three.works.clear()
        board = engine.board
        assert poll_word(board.health, now()).text.startswith("next poll")
        clock.advance(seconds=78)
        assert poll_word(board.health, now()).text == "poll overdue 1 m"


class TestTheEngine:
    async def test_deadlines_that_hang_are_said_after_15_seconds(self, three) -> None:
        three.works.remove("deadlines")
        await three.go_on(14)
        assert await three.connections() == {SourceState.LIVE}
        await three.go_on(2 + LATER)
        assert await three.connections() == {SourceState.IN_DOUBT}
        (why,) = await three.messages()
        assert why.startswith("The engine has not dealt with deadlines for ")
        await three.monitor.engine.alert_loop.beat()
        assert three.monitor.outside.heard[-1].startswith("the engine has not dealt with")

    async def test_an_engine_that_stands_still_needs_not_run_for_the_word_to_change(
        self, three, clock
    ) -> None:
        """Nothing runs any more, neither here nor there: the lease is good for 6 s."""
        clock.advance(seconds=7)
        boards = await three.boards()
        words = {name: monitor_word(board.health).text for name, board in boards.items()}
        assert words == {
            "here": "monitored here, in doubt",
            "there": "nobody monitors",
            "status": "nobody monitors",
        }
        assert {name: board.health.connection for name, board in boards.items()} == {
            "here": SourceState.IN_DOUBT,
            "there": SourceState.STALE,
            "status": SourceState.STALE,
        }
        assert "so SuperOps is not read and nobody is alerted" in lines(boards["status"], clock)
        document = status_document(boards["status"], clock.now(), RiskThresholds())["health"]
        assert document["monitor"] == "nobody monitors"
        assert "lease" in document["faults"]

    async def test_a_part_that_hangs_and_does_not_fail_is_stuck_after_a_minute(
        self, three, clock
    ) -> None:
        engine = three.monitor.engine

        async def hang() -> None:
            await asyncio.Event().wait()

        engine.supervisor.add("sync", hang)
        engine.supervisor.start()
        await asyncio.sleep(0)
        await three.go_on(PART_GOOD_FOR.total_seconds(), read=True)
        assert await three.connections() == {SourceState.LIVE}
        await three.go_on(2 + LATER, read=True)
        assert await three.connections() == {SourceState.IN_DOUBT}
        (here, there, _) = (await three.boards()).values()
        assert part_word(here.health.parts[-1], here.health.faults).text == "STUCK"
        assert "the part 'sync' of the engine has been stuck for 1 m" in here.health.faults.values()
        assert "of the engine has been stuck for 1 m" in " ".join(there.health.faults.values())
        await engine.supervisor.stop()

    async def test_one_that_fails_again_and_again_is_not_well_between_two_tries(
        self, three
    ) -> None:
        engine = three.monitor.engine

        async def fail() -> None:
            await asyncio.sleep(0)
            raise LookupError("no")

        engine.supervisor._sleep = lambda _: asyncio.sleep(0)
        engine.supervisor.add("sync", fail)
        engine.supervisor.start()
        for _ in range(9):
            await asyncio.sleep(0)
        await three.turn()
        assert "part sync" in three.monitor.service.board().health.faults
        await engine.supervisor.stop()

    async def test_people_are_told_of_a_part_that_hangs(self, three, clock) -> None:
        three.works.remove("deadlines")
        engine = three.monitor.engine
        await three.go_on(16)
        for _ in range(2):
            clock.advance(seconds=31)
            await engine.alert_loop.audit()
            await engine._publisher.count()
            await engine.lease_keeper.renew()
            await engine.alert_loop.look(SourceState.LIVE, clock.now(), None)
        told = [m.notification.headline for m in await three.monitor.store.deliveries.recent(9)]
        assert "The console itself may not do what it should" in told


class TestTheStore:
    async def test_a_write_that_fails_is_said_at_once(self, three) -> None:
        """The other console takes the lease when it runs out, and then it says live for itself."""
        writer = three.monitor.store._database._writer
        await writer.rows("PRAGMA query_only = ON")
        await three.turn()
        here = three.monitor.service.board().health
        assert here.connection is SourceState.IN_DOUBT
        assert here.message.startswith("The store cannot be written and read: ")
        await three.go_on(8)
        boards = await three.boards()
        assert monitor_word(boards["here"].health).text == "monitored here, in doubt"
        assert monitor_word(boards["there"].health).text == "monitored here"
        assert monitor_word(boards["status"].health).text.startswith("monitored by ")
        await writer.rows("PRAGMA query_only = OFF")
        await three.turn()
        assert monitor_word(three.monitor.service.board().health).text.startswith("monitored by ")

    async def test_what_is_written_and_not_there_is_no_write(self, three, monkeypatch) -> None:
        async def nothing(_name: str) -> str | None:
            return None

        monkeypatch.setattr(three.monitor.store.meta, "get", nothing)
        await three.go_on(6)
        health = three.monitor.service.board().health
        assert health.connection is SourceState.IN_DOUBT
        assert "What was written to the store is not what it holds" in health.faults["store"]

    async def test_counts_that_cannot_be_read_are_not_known(self, three) -> None:
        three.works.remove("counts")
        await three.go_on(16)
        health = three.monitor.service.board().health
        assert waiting_word(health).text == "alerts waiting: not known"


class TestTheLease:
    async def test_one_that_is_not_renewed_is_said_after_6_seconds(self, three, clock) -> None:
        three.works.remove("lease")
        clock.advance(seconds=6)
        assert monitor_word(three.monitor.service.board().health).text == "monitored here"
        clock.advance(seconds=1)
        health = three.monitor.service.board().health
        assert monitor_word(health).text == "monitored here, in doubt"
        assert "the lease was last renewed 7 s ago" in health.faults["lease"]

    async def test_one_that_another_took_is_said_at_the_next_look(self, three) -> None:
        three.works.remove("lease")
        await three.go_on(8)
        assert three.follower.engine.leadership.leading
        await three.monitor.engine.lease_keeper.renew()
        three.monitor.engine.refresh_board()
        other = three.follower.engine.leadership.me
        assert monitor_word(three.monitor.service.board().health).text == f"monitored by {other}"

    async def test_the_new_monitor_vouches_for_nothing_the_old_one_did(self, three) -> None:
        """It has not read SuperOps yet, so nobody calls that live."""
        three.works.clear()
        await three.go_on(8)
        assert (await three.said(lambda health: health.connection))["there"] is SourceState.STARTING


class TestAlerts:
    async def test_deliveries_that_are_stuck_are_said_everywhere(self, three, clock) -> None:
        await three.monitor.store.outbox.enqueue([message("u", clock, urgent=True)])
        await three.go_on(120, read=True)
        assert "delivery" not in three.monitor.service.board().health.faults
        await three.go_on(2 + LATER, read=True)
        stuck = "An urgent alert has waited for over two minutes."
        boards = await three.boards()
        assert all(stuck in sentences(board.health) for board in boards.values())
        assert stuck in lines(boards["status"], clock)

    async def test_alerts_that_nobody_looks_after_are_said(self, three) -> None:
        three.works.remove("alerts")
        await three.go_on(16)
        faults = three.monitor.service.board().health.faults
        assert {"escalation", "delivery", "channels"} <= set(faults)

    async def test_a_heartbeat_that_is_refused_is_said_everywhere(self, three) -> None:
        three.monitor.outside.answers = "the heartbeat's receiver answered with HTTP 500"
        await three.monitor.engine.alert_loop.beat()
        await three.go_on(LATER)
        words = await three.said(lambda health: heartbeat_word(health).text)
        (said,) = set(words.values())
        assert said == (
            "heartbeat withheld: the heartbeat was not taken: the heartbeat's receiver answered "
            "with HTTP 500"
        )

    async def test_a_heartbeat_that_does_not_go_out_is_said_after_two_of_them(self, three) -> None:
        """The last at 9:00:00, one a minute: 2 minutes and 15 seconds."""
        await three.go_on(130, read=True)
        health = three.monitor.service.board().health
        assert heartbeat_word(health).text == "heartbeat taken 2 m ago"
        await three.go_on(4, read=True)
        health = three.monitor.service.board().health
        assert heartbeat_word(health).text == (
            "heartbeat withheld: the heartbeat was last taken 2 m ago"
        )

    async def test_without_a_heartbeat_none_is_said_to_be_well(self, begin) -> None:
        console = await begin()
        assert heartbeat_word(console.service.board().health).text == "no heartbeat is set"

    async def test_a_channel_is_ok_for_as_long_as_what_it_took_shows(self, three, clock) -> None:
        """It took a message at 9:00; the one of the next day is due within 26 hours."""
        (ops, sms) = three.monitor.service.board().health.channels
        assert (channel_word(ops, clock.now()).text, channel_word(sms, clock.now()).text) == (
            "ok", "untried",
        )  # fmt: skip
        assert channel_word(ops, clock.now() + timedelta(hours=27)).text == "untried"

    async def test_alerts_status_and_status_have_one_word_for_a_channel(self, three, clock) -> None:
        await three.monitor.store.deliveries.save_channel(
            ChannelRecord("sms", broken="HTTP 401", failures=1)
        )
        (_, _, board) = (await three.boards()).values()
        once = await three.begin(channels=("ops", "sms"))
        await once.engine._publisher.count()
        once.engine.refresh_board()
        theirs = channels_document(await once.service.alert_status(), clock.now())["channels"]
        ours = status_document(board, clock.now(), RiskThresholds())["health"]["channels"]
        assert (
            [one["state"] for one in theirs] == [one["state"] for one in ours] == ["ok", "broken"]
        )


class TestTheClock:
    async def test_one_that_is_wrong_by_hours_is_said_everywhere(self, three, clock) -> None:
        clock.step(hours=2)
        await three.go_on(LATER)
        assert await three.connections() == {SourceState.IN_DOUBT}
        (why,) = await three.messages()
        assert why.startswith(
            "This machine's clock is 2 h ahead of SuperOps', so nothing is judged"
        )
        await three.monitor.engine.alert_loop.beat()
        assert "clock is 2 h ahead" in three.monitor.outside.heard[-1]
        clock.step(hours=-2)
        await three.go_on(LATER)
        assert await three.connections() == {SourceState.LIVE}

    async def test_set_back_by_hours_the_age_of_the_data_stays_true(self, three, clock) -> None:
        """Read at 9:00:00; it is 9:00:10 and the clock says 7:00:10."""
        clock.step(hours=-2)
        await three.go_on(LATER)
        for board in (await three.boards()).values():
            assert board.health.data_age(clock.now()) == timedelta(seconds=10)

    async def test_one_that_is_not_compared_any_more_is_not_called_right(
        self, three, clock
    ) -> None:
        assert clock_word(three.monitor.service.board().health).good
        clock.advance(seconds=GOOD_FOR[Sign.CLOCK].total_seconds() + 1)
        word = clock_word(three.monitor.service.board().health)
        assert word.text == "not compared with SuperOps'"


async def test_asked_once_and_read_just_now_it_is_live_though_nobody_monitors(
    begin, clock, desk
) -> None:
    """``status --sync`` without a monitor: read, and said that nobody is alerted."""
    console = await begin()
    desk.open("T1", clock.now())
    await console.sync()
    board = console.service.board()
    assert board.health.connection is SourceState.LIVE
    assert "No console is known to monitor" in lines(board, clock)


async def test_what_was_decided_before_is_shown_and_not_only_logged(begin, clock) -> None:
    console = await begin()
    await console.store.meta.set("verdicts written counts", '{"met": 3, "in doubt": 2}')
    await console.engine.restore()
    said = lines(console.service.board(), clock)
    assert "Decided 5 verdicts from before verdicts were kept: 3 met, 0 missed, 2 in doubt." in said


async def test_a_store_that_cannot_be_asked_proves_nothing_to_who_follows(
    three, monkeypatch
) -> None:
    async def fail(*_: object) -> None:
        raise StoreError("The disk is full.")

    for console in (three.monitor, three.follower):
        monkeypatch.setattr(console.store.lease, "acquire", fail)
    with suppress(SLAConsoleError):
        await three.go_on(8)
    assert monitor_word(three.follower.service.board().health).text == "nobody monitors"
