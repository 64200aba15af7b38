"""Watching the watcher: the heartbeat is withheld when anything could be missed, and a daily test."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from sla_console.alerting.self_audit import DailyChannelTest, HeartbeatReporter
from sla_console.domain.alerts.alert import ChannelRecord, DeliveryState, OutboxMessage
from sla_console.domain.alerts.notification import AlertEvent, Notification
from sla_console.domain.wellness import looked_at


class Outside:
    """Somebody outside who is told that all is well, or why not."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.answers: str | None = None

    async def beat(self) -> str | None:
        self.heard.append("well")
        return self.answers

    async def fail(self, reason: str) -> str | None:
        self.heard.append(reason)
        return self.answers


@pytest.fixture
async def store(begin):
    return (await begin()).store


@pytest.fixture
async def monitor(begin, clock):
    """A console that monitors, has just read SuperOps, and has somebody outside."""
    console = await begin(channels=("ops", "sms"), heartbeat=Outside())
    await console.lead()
    await console.sync()
    await console.engine.alert_loop.process()
    return console


async def beat(console) -> str:
    """Return what the outside heard at the next sign of life."""
    await console.engine.lease_keeper.renew()
    await console.engine._publisher.count()
    await console.engine.alert_loop.beat()
    return console.outside.heard[-1]


def urgent(clock, **age: float) -> OutboxMessage:
    at = clock.now() - timedelta(**age)
    notification = Notification(AlertEvent.MONITOR, at, headline="x")
    return OutboxMessage(
        "k", "ops", AlertEvent.MONITOR, "x", "", None, at, urgent=True, notification=notification
    )


async def test_while_all_is_well_the_outside_hears_so(monitor) -> None:
    assert await beat(monitor) == "well"


async def test_a_receiver_that_fails_is_in_the_log_once_and_said_while_it_does(caplog) -> None:
    """Three calls fail alike, the fourth is taken: one warning, one line that it is back."""
    caplog.set_level("INFO", "sla_console.alerting.self_audit")
    outside = Outside()
    pulse = HeartbeatReporter(outside)
    outside.answers = "the heartbeat's receiver answered with HTTP 404"
    for _ in range(3):
        assert await pulse.beat(None) == f"the heartbeat was not taken: {outside.answers}"
    outside.answers = None
    assert await pulse.beat(None) is None
    assert [(one.levelname, one.getMessage()) for one in caplog.records] == [
        ("WARNING", "the heartbeat was not taken: the heartbeat's receiver answered with HTTP 404"),
        ("INFO", "the heartbeat is taken again"),
    ]


async def test_one_that_fails_while_something_is_wrong_hides_neither() -> None:
    outside = Outside()
    outside.answers = "the heartbeat's receiver did not answer in time"
    assert await HeartbeatReporter(outside).beat("SuperOps has not been read yet") == (
        "SuperOps has not been read yet; the heartbeat was not taken: the heartbeat's receiver did "
        "not answer in time"
    )


async def test_it_is_withheld_while_superops_is_not_read(monitor, clock) -> None:
    """Read at 9:00, good for 180 s."""
    clock.advance(seconds=180)
    await monitor.engine.alert_loop.process()
    assert await beat(monitor) == "well"
    clock.advance(seconds=1)
    assert await beat(monitor) == "SuperOps has not been read whole for 3 m"
    await monitor.sync()
    await monitor.engine.alert_loop.process()
    assert await beat(monitor) == "well", "and comes back"


async def test_it_is_withheld_while_superops_was_never_read(begin) -> None:
    console = await begin(heartbeat=Outside())
    await console.lead()
    assert await beat(console) == "SuperOps has not been read yet"


async def test_it_is_withheld_while_an_escalation_step_is_late(monitor, clock, monkeypatch) -> None:
    at = clock.now()
    monkeypatch.setattr(monitor.engine.alerting.timers, "overdue", lambda _: at)
    clock.advance(seconds=299)
    await monitor.sync()
    await monitor.engine.alert_loop.process()
    for seconds, heard in ((1, "well"), (1, "an escalation step is overdue")):
        clock.advance(seconds=seconds)
        assert await beat(monitor) == heard


async def test_it_is_withheld_while_an_urgent_alert_waits_too_long(monitor, clock) -> None:
    await monitor.store.outbox.enqueue([urgent(clock, seconds=119)])
    assert await beat(monitor) == "well"
    clock.advance(seconds=2)
    assert await beat(monitor) == "an urgent alert has waited for over two minutes"


async def test_it_is_withheld_while_nobody_lets_go_what_gathers(monitor, clock) -> None:
    at = clock.now() + timedelta(seconds=20)
    gathers = replace(urgent(clock, seconds=0), state=DeliveryState.GATHERING, next_at=at)
    await monitor.store.outbox.enqueue([gathers, replace(gathers, key="blind", next_at=None)])
    for seconds, heard in ((130, "well"), (11, "an urgent alert has waited for over two minutes")):
        clock.advance(seconds=seconds)
        await monitor.engine.alert_loop.process()
        assert await beat(monitor) == heard


async def test_it_is_withheld_while_the_engine_looks_at_the_clock_and_gets_nothing_done(
    monitor, clock, monkeypatch
) -> None:
    async def fail(_now: datetime) -> bool:
        raise LookupError

    monkeypatch.setattr(monitor.engine.tracker, "process", fail)
    heard = []
    for _ in range(5):
        with pytest.raises(LookupError):
            await monitor.engine.alert_loop.process()
        heard.append(await beat(monitor))
        clock.advance(seconds=5)
    assert heard == ["well"] * 4 + ["the engine has not dealt with deadlines for 20 s"]


async def test_it_is_withheld_while_the_store_cannot_be_written(monitor) -> None:
    await monitor.store._database._writer.rows("PRAGMA query_only = ON")
    assert (await beat(monitor)).startswith("the store cannot be written and read: ")
    await monitor.store._database._writer.rows("PRAGMA query_only = OFF")
    assert await beat(monitor) == "well"


async def test_it_is_withheld_while_every_channel_is_down(monitor, clock) -> None:
    known = monitor.dispatcher.known
    known["ops"] = ChannelRecord("ops", broken="HTTP 401")
    assert await beat(monitor) == "well"
    known["sms"] = ChannelRecord("sms", open_since=clock.now())
    assert await beat(monitor) == "every alert channel is down"


async def test_what_ends_within_moments_wakes_nobody(monitor, clock, monkeypatch) -> None:
    """A channel answers again in the fifteen seconds after which a fault is looked at again."""
    down = ChannelRecord("x", broken="HTTP 401")
    monitor.dispatcher.known |= {"ops": down, "sms": down}

    async def mend(_: float) -> None:
        monitor.dispatcher.known["ops"] = ChannelRecord("ops")

    monkeypatch.setattr(monitor.engine.alert_loop, "_sleep", mend)
    assert await beat(monitor) == "well"


async def test_a_screen_that_takes_everything_hides_from_nobody_that_the_rest_is_down(
    begin, clock
) -> None:
    console = await begin(
        channels=("ops", "wall"), terminals={"wall": ("bell",)}, heartbeat=Outside()
    )
    await console.lead()
    down, screen = ChannelRecord("ops", broken="HTTP 401"), ChannelRecord("wall")
    console.dispatcher.known = {"ops": down, "wall": screen}
    await console.store.deliveries.save_channel(down)
    await console.sync()
    await console.engine.alert_loop.process()
    assert await beat(console) == "every alert channel is down"
    await console.engine.alerts_changed()
    console.engine.refresh_board()
    assert console.engine.board.health.nobody_hears
    found = await console.service.alert_status()
    assert [one.channel.leads_outside for one in found] == [True, False]


async def test_nor_does_a_channel_that_is_no_longer_in_use(begin, clock) -> None:
    console = await begin(channels=("ops",))
    for name in ("ops", "old0"):
        await console.store.deliveries.save_channel(ChannelRecord(name, broken="HTTP 401"))
    old = [replace(urgent(clock), key=f"k{n}", channel=f"old{n}") for n in range(2)]
    await console.store.outbox.enqueue(old)
    await console.store.outbox.settle("k1", DeliveryState.SUPERSEDED, "x")
    await console.engine._publisher.count()
    console.engine.refresh_board()
    assert console.engine.board.health.nobody_hears
    await console.engine.alerts_changed()
    console.engine.refresh_board()
    found = await console.service.alert_status()
    states = {one.channel.name: (one.channel.in_use, one.record.broken) for one in found}
    assert states == {"old0": (False, None), "ops": (True, "HTTP 401")}, (
        "nor named with nothing left"
    )


async def test_an_outside_that_does_not_answer_is_shown(monitor, clock) -> None:
    monitor.outside.answers = "the heartbeat's receiver answered with HTTP 500"
    await beat(monitor)
    health = looked_at(monitor.engine._publisher.health(), clock.now(), clock.elapsed())
    assert health.faults == {
        "heartbeat": "the heartbeat was not taken: the heartbeat's receiver answered with HTTP 500"
    }


class TestCanary:
    @pytest.fixture
    def canary(self, store):
        class Plan:
            def plan_test(self, identity, channels):
                return [
                    OutboxMessage(
                        f"test:{identity}:{name}", name, AlertEvent.TEST, "TEST", "", None,
                        datetime(2026, 10, 12, tzinfo=UTC),
                    )
                    for name in channels
                ]  # fmt: skip

        return lambda at=time(10): DailyChannelTest(
            Plan(), ("ops", "sms"), at, ZoneInfo("Europe/Dublin"), store
        )

    async def sent(self, store) -> list[str]:
        return sorted(m.key for m in await store.deliveries.recent(50))

    async def test_one_a_day_through_each_channel_at_a_local_time(
        self, canary, store, clock
    ) -> None:
        one = canary()
        clock.set(datetime(2026, 10, 12, 8, 59, tzinfo=UTC))
        assert not await one.step(clock.now())
        clock.set(datetime(2026, 10, 12, 9, 0, tzinfo=UTC))
        assert await one.step(clock.now()), "ten o'clock in Dublin"
        assert not await one.step(clock.now())
        assert not await canary().step(clock.now()), "nor after a restart"
        assert await self.sent(store) == [
            "test:canary:2026-10-12:ops", "test:canary:2026-10-12:sms",
        ]  # fmt: skip
        # Winter time by then: ten o'clock is ten o'clock.
        clock.set(datetime(2026, 10, 26, 9, 30, tzinfo=UTC))
        assert not await one.step(clock.now())
        clock.set(datetime(2026, 10, 26, 10, 0, tzinfo=UTC))
        assert await one.step(clock.now())

    async def test_never_is_never(self, canary, clock) -> None:
        clock.advance(hours=12)
        assert not await canary(None).step(clock.now())

    async def test_how_it_went_is_kept_with_the_channel(self, begin, clock) -> None:
        console = await begin()
        messages = console.engine.alerting.planner.plan_test("canary:x", ("ops",))
        await console.store.outbox.enqueue(messages)
        await console.send()
        known = (await console.store.deliveries.channels())["ops"]
        assert (known.canary_at, known.canary_error) == (clock.now(), None)
        assert console.ops.seen[0].title.startswith("TEST")
        assert {m.state for m in await console.store.deliveries.recent(9)} == {
            DeliveryState.ACCEPTED
        }
