"""Watching the watcher: the heartbeat is withheld when anything could be missed, and a daily test."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from sla_console.alerting.self_audit import (
    DailyChannelTest,
    HealthSigns,
    HeartbeatReporter,
    self_audit,
)
from sla_console.domain.alerts.alert import ChannelRecord, DeliveryState, OutboxMessage
from sla_console.domain.alerts.notification import AlertEvent, Notification
from sla_console.domain.errors import StoreError


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
def well(clock) -> HealthSigns:
    now = clock.now()
    return HealthSigns(
        last_sync=now - timedelta(seconds=50),
        sync_interval=timedelta(seconds=60),
        last_tick=now - timedelta(seconds=4),
        overdue_since=None,
        channels={"ops": ChannelRecord("ops")},
    )


def urgent(clock, **age: float) -> OutboxMessage:
    at = clock.now() - timedelta(**age)
    notification = Notification(AlertEvent.MONITOR, at, headline="x")
    return OutboxMessage(
        "k", "ops", AlertEvent.MONITOR, "x", "", None, at, urgent=True, notification=notification
    )


async def test_while_all_is_well_the_outside_hears_so(store, well, clock) -> None:
    outside = Outside()
    pulse = HeartbeatReporter(outside, store)
    assert not await pulse.beat(well, clock.now())
    assert outside.heard == ["well"]
    assert pulse.withheld is None


async def test_a_receiver_that_fails_is_in_the_log_once_and_in_health_while_it_does(
    store, well, clock, caplog
) -> None:
    """Three calls fail alike, the fourth is taken: one warning, one line that it is back."""
    caplog.set_level("INFO", "sla_console.alerting.self_audit")
    outside = Outside()
    pulse = HeartbeatReporter(outside, store)
    outside.answers = "the heartbeat's receiver answered with HTTP 404"
    for _ in range(3):
        await pulse.beat(well, clock.now())
    assert pulse.withheld == f"the heartbeat was not taken: {outside.answers}"
    outside.answers = None
    await pulse.beat(well, clock.now())
    assert pulse.withheld is None
    assert [(one.levelname, one.getMessage()) for one in caplog.records] == [
        ("WARNING", "the heartbeat was not taken: the heartbeat's receiver answered with HTTP 404"),
        ("INFO", "the heartbeat is taken again"),
    ]


async def test_one_that_fails_while_something_is_wrong_hides_neither(store, well, clock) -> None:
    outside = Outside()
    outside.answers = "the heartbeat's receiver did not answer in time"
    pulse = HeartbeatReporter(outside, store)
    await pulse.beat(replace(well, last_sync=None), clock.now())
    assert pulse.withheld == (
        "SuperOps has not been read yet; the heartbeat was not taken: the heartbeat's receiver did "
        "not answer in time"
    )


@pytest.mark.parametrize(
    ("signs", "why"),
    [
        ({"last_sync": 181}, "the last read of SuperOps is over 3 m old"),
        ({"last_tick": 16}, "the engine's clock stands still"),
        ({"overdue_since": 301}, "an escalation step is overdue"),
    ],
)
async def test_it_is_withheld_and_says_why(store, well, clock, signs, why) -> None:
    late = {name: clock.now() - timedelta(seconds=age) for name, age in signs.items()}
    outside = Outside()
    pulse = HeartbeatReporter(outside, store)
    assert await pulse.beat(replace(well, **late), clock.now())
    assert outside.heard == [why]
    assert pulse.withheld == why
    assert await pulse.beat(well, clock.now()), "and comes back"
    assert outside.heard[-1] == "well"


async def test_it_is_withheld_while_superops_was_never_read(store, well, clock) -> None:
    fault = await self_audit(replace(well, last_sync=None), store, clock.now())
    assert fault == "SuperOps has not been read yet"


async def test_it_is_withheld_while_an_urgent_alert_waits_too_long(store, well, clock) -> None:
    await store.outbox.enqueue([urgent(clock, seconds=119)])
    assert await self_audit(well, store, clock.now()) is None
    clock.advance(seconds=2)
    fault = await self_audit(replace(well, last_tick=clock.now()), store, clock.now())
    assert fault == "an urgent alert has waited for over two minutes"


async def test_it_is_withheld_while_nobody_lets_go_what_gathers(store, well, clock) -> None:
    at = clock.now() + timedelta(seconds=20)
    gathers = replace(urgent(clock, seconds=0), state=DeliveryState.GATHERING, next_at=at)
    await store.outbox.enqueue([gathers, replace(gathers, key="blind", next_at=None)])
    for seconds, fault in ((130, None), (11, "an urgent alert has waited for over two minutes")):
        now = clock.advance(seconds=seconds)
        assert await self_audit(replace(well, last_tick=now, last_sync=now), store, now) == fault


async def test_it_is_withheld_while_the_engine_looks_at_the_clock_and_gets_nothing_done(
    begin, clock, desk, monkeypatch
) -> None:
    console = await begin()
    duties = console.engine.alert_loop
    await console.sync()
    failed = 0

    async def fail(_now: datetime) -> bool:
        nonlocal failed
        failed += 1
        raise LookupError

    monkeypatch.setattr(console.engine.tracker, "process", fail)
    faults = []
    for _ in range(5):
        with pytest.raises(LookupError):
            await duties.process()
        signs = duties.signs(clock.now())
        faults.append(await self_audit(signs, console.store, clock.now()))
        clock.advance(seconds=5)
    assert failed == 5
    assert faults == [None] * 4 + ["the engine's clock stands still"]


async def test_it_is_withheld_while_the_store_cannot_be_written(store, well, clock) -> None:
    await store._database._writer.rows("PRAGMA query_only = ON")
    with pytest.raises(StoreError):
        await store.meta.set("x", "y")
    fault = await self_audit(well, store, clock.now())
    assert fault is not None
    assert fault.startswith("the store cannot be written: ")
    await store._database._writer.rows("PRAGMA query_only = OFF")


async def test_it_is_withheld_while_every_channel_is_down(store, well, clock) -> None:
    down = {
        "ops": ChannelRecord("ops", broken="HTTP 401"),
        "sms": ChannelRecord("sms", open_since=clock.now()),
    }
    fault = await self_audit(replace(well, channels=down), store, clock.now())
    assert fault == "every alert channel is down"
    one = {**down, "sms": ChannelRecord("sms")}
    assert await self_audit(replace(well, channels=one), store, clock.now()) is None
    assert await self_audit(replace(well, channels={}), store, clock.now()) is None


async def test_a_screen_that_takes_everything_hides_from_nobody_that_the_rest_is_down(
    begin, clock
) -> None:
    console = await begin(channels=("ops", "wall"), terminals={"wall": ("bell",)})
    down, screen = ChannelRecord("ops", broken="HTTP 401"), ChannelRecord("wall")
    console.dispatcher.known = {"ops": down, "wall": screen}
    await console.store.deliveries.save_channel(down)
    await console.sync()
    await console.engine.alert_loop.process()
    signs = console.engine.alert_loop.signs(clock.now())
    assert await self_audit(signs, console.store, clock.now()) == "every alert channel is down"
    await console.engine.alerts_changed()
    console.engine.refresh_board()
    assert console.engine.board.health.nobody_hears
    assert [one.leads_outside for one in await console.service.alert_status()] == [True, False]


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
    states = {one.name: (one.in_use, one.record.broken) for one in found}
    assert states == {"old0": (False, None), "ops": (True, "HTTP 401")}, (
        "nor named with nothing left"
    )


async def test_an_outside_that_does_not_answer_is_shown(store, well, clock) -> None:
    outside = Outside()
    outside.answers = "the heartbeat's receiver answered with HTTP 500"
    pulse = HeartbeatReporter(outside, store)
    await pulse.beat(well, clock.now())
    assert pulse.withheld == (
        "the heartbeat was not taken: the heartbeat's receiver answered with HTTP 500"
    )


async def test_the_engine_gathers_the_signs_itself(begin, clock, desk) -> None:
    console = await begin()
    desk.open("T1", clock.now())
    await console.sync()
    await console.engine.alert_loop.process()
    signs = console.engine.alert_loop.signs(console.engine.sync.last_sync)
    assert await self_audit(signs, console.store, clock.now()) is None


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
