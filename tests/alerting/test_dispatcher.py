"""From the outbox to the channels: claim, send, mark."""

import asyncio
import json
import random
import threading
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from sla_console.alerting import circuit
from sla_console.alerting.alert import Ended
from sla_console.alerting.channel_worker import ChannelWorker
from sla_console.alerting.channels import ChannelSpec, build_channel
from sla_console.alerting.dispatcher import DeliverySettings, Dispatcher
from sla_console.alerting.steps import LeaseTerm
from sla_console.alerting.still_true import unchecked
from sla_console.alerting.wording import Composer
from sla_console.config.secrets import Secret
from sla_console.domain.alerts.alert import (
    AlertEvent,
    ChannelRecord,
    DeliveryState,
    Limits,
    SendResult,
)
from sla_console.domain.alerts.notification import notification_of
from sla_console.domain.errors import LostLease, StoreError
from sla_console.store.key import load_or_create_key
from sla_console.store.store import Store


@dataclass
class Worded:
    title: str
    body: str
    fault: str | None = None
    links: tuple = ()


class PlainWords:
    """Says what the message says, and that it may be a repeat."""

    def compose(self, message, now, limits):
        again = f" (repeat, attempt {message.attempts})" if message.attempts > 1 else ""
        why = f" ({message.why})" if message.why else ""
        return Worded(message.title, f"{message.body}{again}{why}")


class Scripted:
    """A channel that answers as told and remembers what it was given."""

    limits = Limits()
    pace_seconds = 0.0

    def __init__(self, name: str, *answers: SendResult) -> None:
        self.name = name
        self.answers = list(answers)
        self.seen: list = []

    def send(self, message):
        self.seen.append(message)
        return self.answers.pop(0) if self.answers else SendResult(True)


def json_channel(receiver) -> ChannelSpec:
    url = Secret(f"json://{receiver.address}/")
    return ChannelSpec("ops", "apprise", url, allow_private=True)


FAILED = SendResult(False, error="not now")


@pytest.fixture
async def store(tmp_path):
    store = await Store.open(
        tmp_path / "data" / "sla.db", load_or_create_key(tmp_path / "key", keyring_entry=None)
    )
    yield store
    await store.close()


def over_http(receiver, service="apprise", scheme="json"):
    url = Secret(f"{scheme}://{receiver.address}/")
    return build_channel(ChannelSpec("ops", service, url, allow_private=True))


def dispatcher(store, clock, *channels, check=unchecked, grouper=None, term=None, **settings):
    named = {c.name: c for c in channels}
    return Dispatcher(
        store.outbox, named, clock, PlainWords(), store.deliveries, DeliverySettings(**settings),
        chance=random.Random(1), check=check, grouper=grouper, term=term,
    )  # fmt: skip


async def kept(store, message):
    return (await store.outbox.for_ticket(message.ticket_id))[0]


async def test_what_is_sent_is_marked_and_not_sent_again(store, clock, message) -> None:
    ops = Scripted("ops")
    send = dispatcher(store, clock, ops)
    await store.outbox.enqueue([message, message])
    assert await send.flush("ops") == 1
    assert await send.flush("ops") == 0
    assert (await kept(store, message)).state is DeliveryState.ACCEPTED


async def test_what_was_taken_is_noted_before_anything_that_may_fail(
    store, clock, message, monkeypatch
) -> None:
    send = dispatcher(store, clock, Scripted("ops"))
    send.known["ops"] = ChannelRecord("ops", failures=1)

    async def full(_record):
        raise StoreError("the disk is full")

    monkeypatch.setattr(store.deliveries, "save_channel", full)
    await store.outbox.enqueue([message])
    with pytest.raises(StoreError):
        await send.flush("ops")
    assert (await kept(store, message)).state is DeliveryState.ACCEPTED


async def test_a_failure_is_tried_again_later_and_said_to_be_a_repeat(
    store, clock, message
) -> None:
    ops = Scripted("ops", FAILED, FAILED)
    send = dispatcher(store, clock, ops)
    await store.outbox.enqueue([message])
    await send.flush("ops")
    assert await send.flush("ops") == 0, "not at once"
    waits = []
    for _ in range(2):
        due = await store.outbox.next_due("ops")
        waits.append(due - clock.now())
        clock.set(due)
        assert await send.flush("ops") == 1
    for wait, ceiling in zip(waits, (2, 4), strict=True):
        assert timedelta(0) < wait <= timedelta(seconds=ceiling)
    assert "repeat" not in ops.seen[0].body
    assert "attempt 3" in ops.seen[2].body
    assert {m.key for m in ops.seen} == {message.key}
    assert (await kept(store, message)).state is DeliveryState.ACCEPTED


async def test_a_channel_that_says_when_is_left_alone_until_then(store, clock, message) -> None:
    send = dispatcher(store, clock, Scripted("ops", SendResult(False, retry_after_seconds=90)))
    await store.outbox.enqueue([message])
    await send.flush("ops")
    assert await store.outbox.next_due("ops") == clock.now() + timedelta(seconds=90)


async def test_what_cannot_help_is_not_tried_again_and_stays_to_be_seen(
    store, clock, message
) -> None:
    refusal = SendResult(False, permanent=True, error="the channel answered with HTTP 401")
    send = dispatcher(store, clock, Scripted("ops", refusal))
    await store.outbox.enqueue([message])
    await send.flush("ops")
    found = await kept(store, message)
    assert (found.state, found.last_error) == (DeliveryState.DEAD, refusal.error)
    (record,) = await store.outbox.records()
    assert (record.dead, record.last_error) == (1, refusal.error)


async def test_tries_are_limited(store, clock, message) -> None:
    send = dispatcher(store, clock, Scripted("ops", *[FAILED] * 9), max_attempts=3)
    await store.outbox.enqueue([message])
    for _ in range(3):
        assert await send.flush("ops") == 1
        clock.advance(minutes=10)
    assert await send.flush("ops") == 0
    assert (await kept(store, message)).state is DeliveryState.DEAD


async def test_urgent_messages_go_first(store, clock, message) -> None:
    ops = Scripted("ops")
    older = [replace(message, key=f"k{n}") for n in range(3)]
    urgent = replace(message, key="urgent", urgent=True, created_at=clock.now())
    await store.outbox.enqueue([*older, urgent])
    await dispatcher(store, clock, ops).flush("ops")
    assert ops.seen[0].key == "urgent"


async def test_what_a_crash_left_half_sent_is_sent_again(store, clock, message) -> None:
    await store.outbox.enqueue([message])
    await store.outbox.claim("ops", clock.now(), timedelta(seconds=30), 5)
    ops = Scripted("ops")
    send = dispatcher(store, clock, ops)
    assert await send.flush("ops") == 0, "somebody may still be at it"
    clock.advance(seconds=31)
    assert await send.flush("ops") == 1
    assert "repeat" in ops.seen[0].body


class Hung(Scripted):
    """Hangs on its first messages until it is released."""

    def __init__(self, name: str, times: int = 1_000) -> None:
        super().__init__(name)
        self.begun: list[str] = []
        self.times = times
        self.release = threading.Event()

    def send(self, message):
        self.begun.append(message.key)
        if len(self.begun) <= self.times:
            self.release.wait(10)
        return super().send(message)


async def stopped(running: asyncio.Task) -> None:
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_hung_channels_hold_back_no_other_nor_the_end(store, clock, message, spin) -> None:
    """Ten sends hang on their channels; how quick the others are is measured in the benchmarks."""
    hung, healthy = [Hung(f"hung{n}") for n in range(10)], Scripted("ops")
    send = dispatcher(store, clock, *hung, healthy)
    waiting = [replace(message, key=one.name, channel=one.name) for one in hung]
    await store.outbox.enqueue([*waiting, message])
    running = asyncio.create_task(send.run())
    await spin(lambda: all(one.begun for one in hung) and healthy.seen)
    async with asyncio.timeout(1):
        await stopped(running)
    assert not any(one.seen for one in hung), "still hanging when all was over"
    left = [t for t in threading.enumerate() if t.name.startswith("channel hung")]
    assert len(left) >= 10
    assert all(thread.daemon for thread in left), "so no end of the process waits for them"
    for one in hung:
        one.release.set()


async def test_the_message_after_a_hung_one_gets_a_thread_of_its_own(store, clock, message) -> None:
    ops = Hung("ops", times=1)
    send = dispatcher(store, clock, ops, send_timeout=0.05)
    await store.outbox.enqueue([replace(message, key="first"), replace(message, key="second")])
    await send.flush("ops")
    assert ops.begun == ["first", "second"]
    assert [m.key for m in ops.seen] == ["second"], "the first still hangs"
    ops.release.set()


async def test_what_a_slow_channel_takes_after_its_time_is_taken_and_not_told_again(
    store, clock, message, spin
) -> None:
    ops = Hung("ops", times=1)
    send = dispatcher(store, clock, ops, send_timeout=0.05)
    await store.outbox.enqueue([message])
    await send.flush("ops")
    assert (await kept(store, message)).state is DeliveryState.UNKNOWN
    ops.release.set()
    await spin(lambda: send._late["ops"])
    clock.advance(minutes=5)
    await send.flush("ops")
    found = await kept(store, message)
    assert (found.state, found.accepted_at) == (DeliveryState.ACCEPTED, clock.now())
    assert ops.begun == [message.key], "once"
    assert send.known["ops"].failures == 0


async def test_waiting_behind_a_channel_that_hangs_for_long_uses_up_no_tries(
    store, clock, message, spin
) -> None:
    ops = Hung("ops", times=3)
    send = dispatcher(store, clock, ops, send_timeout=0.02, max_attempts=2)
    waiting = [replace(message, key=f"k{n}") for n in range(8)]
    await store.outbox.enqueue(waiting)
    for _ in range(6):
        await send.flush("ops")
        clock.advance(minutes=10)
    assert len(ops.begun) == 3, "no more threads than that are left hanging"
    tries = {m.key: m.attempts for m in await store.outbox.for_ticket("77")}
    assert sorted(tries.values()) == [0] * 5 + [1] * 3

    running = asyncio.create_task(send.run())
    ops.release.set()
    await spin(lambda: {m.key for m in ops.seen} == {m.key for m in waiting})
    await stopped(running)
    (record,) = await store.outbox.records()
    assert record.dead == 0


async def test_a_stop_in_the_middle_leaves_one_message_unsure_and_not_for_long(
    store, clock, message, spin
) -> None:
    ops = Hung("ops")
    send = dispatcher(store, clock, ops, send_timeout=20)
    await store.outbox.enqueue([replace(message, key=f"k{n}") for n in range(8)])
    running = asyncio.create_task(send.run())
    await spin(lambda: ops.begun)
    await stopped(running)
    states = [m.state for m in await store.outbox.for_ticket("77")]
    assert sorted(states) == [DeliveryState.PENDING] * 7 + [DeliveryState.SENDING]
    (unsure,) = [m for m in await store.outbox.for_ticket("77") if m.lease_until]
    assert unsure.lease_until - clock.now() == timedelta(seconds=30)
    ops.release.set()


async def test_threads_end_with_the_dispatcher_and_start_again_with_it(
    store, clock, message, spin
) -> None:
    ops = Scripted("a name of its own")
    send = dispatcher(store, clock, ops)

    def threads():
        return [t for t in threading.enumerate() if t.name == "channel a name of its own"]

    for number in range(2):
        await store.outbox.enqueue([replace(message, key=f"k{number}", channel=ops.name)])
        running = asyncio.create_task(send.run())
        await spin(lambda number=number: len(ops.seen) == number + 1)
        assert len(threads()) == 1
        await stopped(running)
        await spin(lambda: not threads())


async def test_where_the_clock_hurries_channels_get_real_time_all_the_same(store, message) -> None:
    class Hurried:
        moment = message.created_at

        def now(self):
            return self.moment

        def real_seconds(self, span):
            return span.total_seconds() / 600

    clock = Hurried()
    send = dispatcher(store, clock, Scripted("ops", SendResult(False, retry_after_seconds=90)))
    await store.outbox.enqueue([message])
    await send.flush("ops")
    assert await store.outbox.next_due("ops") == clock.now() + timedelta(seconds=90 * 600)
    await store.outbox.enqueue([replace(message, key="x", channel="x")])
    hung = Hung("x")
    running = asyncio.create_task(dispatcher(store, clock, hung).run())
    async with asyncio.timeout(5):
        while not hung.begun:
            await asyncio.sleep(0)
    await stopped(running)
    (unsure,) = [m for m in await store.outbox.for_ticket("77") if m.lease_until]
    assert unsure.lease_until - clock.now() == timedelta(seconds=30 * 600)
    hung.release.set()


async def test_a_try_that_takes_too_long_is_unknown_not_lost(
    store, clock, message, receiver, spin
) -> None:
    receiver.hang.clear()
    ops = over_http(receiver)
    send = dispatcher(store, clock, ops, send_timeout=0.05)
    await store.outbox.enqueue([message])
    await send.flush("ops")
    found = await kept(store, message)
    assert (found.state, found.last_error) == (
        DeliveryState.UNKNOWN,
        "no answer in time; it may have arrived",
    )
    await spin(lambda: receiver.asked == 1)
    receiver.hang.set()
    await spin(lambda: receiver.bodies)


async def test_a_channel_that_raises_is_a_failure_like_any_other(store, clock, message) -> None:
    class Broken(Scripted):
        def send(self, message):
            raise ZeroDivisionError

    await store.outbox.enqueue([message])
    await dispatcher(store, clock, Broken("ops")).flush("ops")
    assert "ZeroDivisionError" in (await kept(store, message)).last_error


async def test_new_messages_wake_the_dispatcher_and_arrive_over_http(
    store, clock, message, receiver, spin
) -> None:
    receiver.answers = [500]
    ops = over_http(receiver)
    send = dispatcher(store, clock, ops)
    running = asyncio.create_task(send.run())
    await asyncio.sleep(0)
    await store.outbox.enqueue([message])
    send.wake()
    await spin(lambda: receiver.faults_fired == 1)
    async with asyncio.timeout(5):
        while not receiver.bodies:
            clock.advance(seconds=10)
            send.wake()
            await asyncio.sleep(0.001)
    assert b"attempt 2" in receiver.bodies[0]
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


REFUSED = SendResult(False, permanent=True, broken=True, error="HTTP 401")


def states(messages):
    return {m.channel: m.state for m in messages}


class TestFallback:
    async def test_a_refusal_over_http_is_told_through_the_next_at_once_with_its_cause(
        self, store, clock, message, breach, receiver
    ) -> None:
        """The first channel refuses with 401: the cause stands in the message, and where people look at the messages."""
        receiver.answers = [401]
        ops = over_http(receiver)
        sms = build_channel(
            ChannelSpec("sms", "webhook", Secret(f"http://{receiver.address}/"), allow_private=True)
        )
        send = Dispatcher(
            store.outbox, {"ops": ops, "sms": sms}, clock, Composer(), store.deliveries
        )
        notification = notification_of(breach, AlertEvent.BREACH, clock.now())
        await store.outbox.enqueue([replace(message, notification=notification, fallback=("sms",))])
        await send.flush("ops")
        await send.flush("sms")
        assert receiver.faults_fired == 1
        cause = "the channel answered with HTTP 401"
        assert (
            f"ops refused it ({cause}); sent here instead."
            in json.loads(receiver.bodies[0])["body"]
        )
        given_up, taken = sorted(await store.deliveries.recent(9), key=lambda one: one.channel)
        assert taken.accepted_at - message.created_at < timedelta(seconds=5)
        assert taken.why == f"ops refused it ({cause}); sent here instead"
        assert (given_up.state, given_up.last_error) == (DeliveryState.DEAD, cause)
        record, *_ = await store.outbox.records()
        assert (record.dead, record.last_error) == (1, cause)

    async def test_a_refusal_is_sent_through_the_next_channel_at_once_and_says_why(
        self, store, clock, message
    ) -> None:
        team, sms = Scripted("ops", REFUSED), Scripted("sms")
        send = dispatcher(store, clock, team, sms)
        await store.outbox.enqueue([replace(message, fallback=("sms",))])
        await send.flush("ops")
        await send.flush("sms")
        (arrived,) = sms.seen
        assert "ops refused it (HTTP 401); sent here instead" in arrived.body
        assert states(await store.outbox.for_ticket("77")) == {
            "ops": DeliveryState.DEAD,
            "sms": DeliveryState.ACCEPTED,
        }
        assert (await store.deliveries.channels())["ops"].broken == "HTTP 401"

    async def test_a_crash_in_the_middle_of_giving_up_still_goes_another_way(
        self, store, clock, message, monkeypatch
    ) -> None:
        team, sms = Scripted("ops", REFUSED, REFUSED), Scripted("sms")
        send = dispatcher(store, clock, team, sms)
        await store.outbox.enqueue([replace(message, fallback=("sms",))])

        written = []

        def once(write):
            async def only_the_first(*arguments):
                if written:
                    raise StoreError("the disk is full")
                written.append(write.__name__)
                return await write(*arguments)

            return only_the_first

        with monkeypatch.context() as failing:
            for name in ("dead", "fall_back"):
                failing.setattr(store.outbox, name, once(getattr(store.outbox, name)))
            with pytest.raises(StoreError):
                await send.flush("ops")
        again = dispatcher(store, clock, team, sms)
        clock.advance(minutes=1)
        for name in ("ops", "sms"):
            await again.flush(name)
        assert len(sms.seen) == 1, "once, however often the first one refused"
        assert (await store.outbox.get(message.key)).state is DeliveryState.DEAD

    async def test_one_that_takes_too_long_is_sent_through_the_next_as_well(
        self, store, clock, message
    ) -> None:
        team, sms = Scripted("ops", FAILED), Scripted("sms")
        send = dispatcher(store, clock, team, sms)
        late = clock.now() + timedelta(minutes=1)
        await store.outbox.enqueue([replace(message, fallback=("sms",), fallback_at=late)])
        await send.flush("ops")
        await send.keep_house()
        assert await send.flush("sms") == 0, "it still has time"
        clock.set(late)
        await send.keep_house()
        await send.keep_house()
        await send.flush("sms")
        (arrived,) = sms.seen
        assert "ops has not taken it in time (not now)" in arrived.body
        await send.flush("ops")
        assert set(states(await store.outbox.for_ticket("77")).values()) == {DeliveryState.ACCEPTED}

    async def test_an_urgent_one_goes_another_way_at_once_where_nobody_takes_up_the_connection(
        self, store, clock, message, receiver
    ) -> None:
        """A critical breach waited 60 s for a service whose connection was refused within 1 ms."""
        receiver.close()
        sms = Scripted("sms")
        send = dispatcher(store, clock, over_http(receiver), sms)
        at = clock.now() + timedelta(minutes=1)
        one = replace(message, urgent=True, fallback=("sms",), fallback_at=at)
        await store.outbox.enqueue([one])
        await send.flush("ops")
        assert await send.flush("sms") == 1
        assert "ops did not take it (the channel cannot be reached: it refuses the" in (
            sms.seen[0].body
        )
        assert (await store.outbox.get(one.key)).state is DeliveryState.PENDING, "it goes on"

    @pytest.mark.parametrize(
        ("urgent", "answers", "reached"),
        [
            (True, [SendResult(False, error="no", unreached=True)], True),
            (True, [FAILED], False),
            (True, [FAILED, FAILED], True),
            (True, [SendResult(False, retry_after_seconds=3600)], True),
            (True, [SendResult(False, retry_after_seconds=3)], False),
            (True, [SendResult(False, unknown=True)], False),
            (True, [SendResult(False, unknown=True)] * 2, False),
            (False, [SendResult(False, error="no", unreached=True)], False),
            (False, [SendResult(False, retry_after_seconds=3600)], False),
        ],
    )
    async def test_one_hiccup_or_an_answer_that_may_still_come_is_given_its_time(
        self, store, clock, message, urgent, answers, reached
    ) -> None:
        """A second failure follows within 2 s of the first; the fallback's time is a minute."""
        ops, sms = Scripted("ops", *answers), Scripted("sms")
        send = dispatcher(store, clock, ops, sms)
        at = clock.now() + timedelta(minutes=1)
        one = replace(message, urgent=urgent, fallback=("sms",), fallback_at=at)
        await store.outbox.enqueue([one])
        for _ in answers:
            await send.flush("ops")
            clock.advance(seconds=2)
        await send.keep_house()
        assert (await send.flush("sms") == 1) is reached

    @pytest.mark.parametrize(
        ("record", "why"),
        [
            ({"paused_until": 900}, "ops asked to be left alone until 09:15 UTC"),
            ({"open_since": 0, "probe_at": 60}, "ops does not answer"),
        ],
    )
    async def test_an_urgent_one_waits_for_no_channel_that_is_known_to_take_nothing(
        self, store, clock, message, record, why
    ) -> None:
        sms = Scripted("sms")
        send = dispatcher(store, clock, Scripted("ops"), sms)
        moments = {name: clock.now() + timedelta(seconds=s) for name, s in record.items()}
        send.known["ops"] = ChannelRecord("ops", **moments)
        await store.deliveries.save_channel(send.known["ops"])
        at = clock.now() + timedelta(minutes=1)
        calm = replace(message, key="calm:ops", fallback=("sms",), fallback_at=at)
        await store.outbox.enqueue([replace(calm, key="urgent:ops", urgent=True), calm])
        await send.keep_house()
        await send.flush("sms")
        assert [one.key for one in sms.seen] == ["urgent:sms"]
        assert f"{why}; sent here instead" in sms.seen[0].body

    async def test_what_stands_in_for_another_waits_no_longer_for_the_next_channel_than_that(
        self, store, clock, message
    ) -> None:
        """Else a step every four minutes would begin the five minutes anew each time, for ever."""
        ops, sms = Scripted("ops", *[FAILED] * 99), Scripted("sms")
        send = dispatcher(store, clock, ops, sms)
        patience = timedelta(minutes=5)
        first = replace(message, thread="77:RESPONSE", fallback=("sms",))
        heard = {}
        for minute in range(15):
            if minute % 4 == 0:
                step = replace(first, key=f"step{minute // 4}:ops")
                await store.outbox.enqueue([replace(step, fallback_at=clock.now() + patience)])
            await send.flush("ops")
            await send.keep_house()
            await send.flush("sms")
            heard |= {m.key: minute for m in sms.seen if m.key not in heard}
            clock.advance(minutes=1)
        assert heard == {"step1:sms": 5, "step3:sms": 13}

    async def test_nor_does_it_lose_the_other_way_where_it_has_none_itself(
        self, store, clock, message
    ) -> None:
        at = clock.now() + timedelta(minutes=5)
        one = replace(message, thread="77:RESPONSE", fallback=("sms",), fallback_at=at)
        await store.outbox.enqueue([one])
        newer = replace(one, key="escalation:b1:ops", fallback=(), fallback_at=None)
        await store.outbox.enqueue([newer])
        found = await store.outbox.get(newer.key)
        assert (found.fallback, found.fallback_at) == (("sms",), at)

    async def test_nor_where_it_came_while_the_other_was_on_its_way(
        self, store, clock, message
    ) -> None:
        at = clock.now() + timedelta(minutes=5)
        one = replace(message, thread="77:RESPONSE", fallback=("sms",), fallback_at=at)
        await store.outbox.enqueue([one])
        (claimed,) = await store.outbox.claim("ops", clock.now(), timedelta(seconds=30), 1)
        newer = replace(one, key="escalation:b1:ops", fallback=(), fallback_at=None)
        await store.outbox.enqueue([newer])
        assert (await store.outbox.get(newer.key)).fallback == ()
        await store.outbox.retry(claimed, clock.now(), "not now")
        found = await store.outbox.get(newer.key)
        assert (found.fallback, found.fallback_at) == (("sms",), at)

    async def test_that_it_is_over_is_no_reason_to_try_another(self, store, clock, message) -> None:
        at = clock.now() + timedelta(minutes=5)
        one = replace(message, thread="77:RESPONSE", fallback=("sms",), fallback_at=at)
        over = replace(one, key="recovery:b1:ops", event=AlertEvent.RECOVERY)
        await store.outbox.enqueue([one])
        await store.outbox.enqueue([replace(over, fallback=(), fallback_at=None)])
        assert (await store.outbox.get(over.key)).fallback == ()

    async def test_the_chain_goes_on_to_its_end_and_each_link_once(
        self, store, clock, message
    ) -> None:
        channels = [Scripted(name, REFUSED) for name in ("ops", "mail", "sms")]
        send = dispatcher(store, clock, *channels)
        await store.outbox.enqueue([replace(message, fallback=("mail", "sms"))])
        for _ in range(2):
            for name in ("ops", "mail", "sms"):
                await send.flush(name)
        assert [len(c.seen) for c in channels] == [1, 1, 1]
        assert set(states(await store.outbox.for_ticket("77")).values()) == {DeliveryState.DEAD}

    async def test_two_that_fall_back_to_one_channel_make_one_message_there(
        self, store, clock, message
    ) -> None:
        mail, ops, sms = Scripted("mail", REFUSED), Scripted("ops", REFUSED), Scripted("sms")
        send = dispatcher(store, clock, mail, ops, sms)
        both = [
            replace(message, key=f"breach:b1:{name}", channel=name, fallback=("sms",))
            for name in ("ops", "mail")
        ]
        await store.outbox.enqueue(both)
        for name in ("ops", "mail", "sms"):
            await send.flush(name)
        assert len(sms.seen) == 1


class TestAChannelThatIsNoLongerThere:
    async def test_leaves_what_waits_for_it_to_be_seen_or_to_go_another_way(
        self, store, clock, message
    ) -> None:
        sms = Scripted("sms")
        other = replace(message, key="breach:b2:ops", fallback=("sms",), urgent=True)
        gathers = replace(message, key="breach:b3:ops", state=DeliveryState.GATHERING)
        await store.outbox.enqueue([message, other, gathers])
        running = asyncio.create_task(dispatcher(store, clock, sms).run())
        async with asyncio.timeout(5):
            while await store.deliveries.oldest_urgent() is not None:
                await asyncio.sleep(0.001)
        await stopped(running)
        assert [m.key for m in sms.seen] == ["breach:b2:sms"]
        assert "the channel ops is no longer in use; sent here instead" in sms.seen[0].body
        found = {m.key: m for m in await store.outbox.for_ticket("77") if m.channel == "ops"}
        assert {m.state for m in found.values()} == {DeliveryState.DEAD}
        assert {m.last_error for m in found.values()} == {"the channel ops is no longer in use"}

    async def test_leaves_nothing_to_be_seen_of_what_nobody_misses(
        self, store, clock, message
    ) -> None:
        def check(found, _now):
            return Ended(DeliveryState.SUPERSEDED, "over") if found.key == "past" else found

        send = dispatcher(store, clock, Scripted("sms"), check=check)
        over = replace(message, key="over", event=AlertEvent.RECOVERY)
        test = replace(message, key="test", event=AlertEvent.TEST)
        await store.outbox.enqueue([replace(message, key="past"), over, test])
        await send.strand()
        found = {m.key: (m.state, m.why) for m in await store.outbox.for_ticket("77")}
        why = "the channel ops is no longer in use"
        assert found == {
            "past": (DeliveryState.SUPERSEDED, why),
            "over": (DeliveryState.EXPIRED, why),
            "test": (DeliveryState.EXPIRED, why),
        }


class TestCircuit:
    async def test_a_channel_that_does_not_answer_is_asked_once_a_minute(
        self, store, clock, message
    ) -> None:
        ops = Scripted("ops", *[FAILED] * 7)
        send = dispatcher(store, clock, ops)
        await store.outbox.enqueue([replace(message, key=f"k{n}") for n in range(9)])
        await send.flush("ops")
        assert len(ops.seen) == 5, "five failures in a row"
        assert send.known["ops"].open_since == clock.now()
        for minutes in (0.5, 0.5, 0.5):
            clock.advance(minutes=minutes)
            await send.flush("ops")
        assert len(ops.seen) == 6, "one probe"
        kept = await store.outbox.for_ticket("77")
        assert sum(m.attempts for m in kept) == 6, "what waits loses no tries"

    async def test_once_it_answers_all_that_waits_goes_out(self, store, clock, message) -> None:
        ops = Scripted("ops", *[FAILED] * 5)
        send = dispatcher(store, clock, ops)
        await store.outbox.enqueue([replace(message, key=f"k{n}") for n in range(9)])
        await send.flush("ops")
        clock.advance(minutes=6)
        await send.flush("ops")
        assert {m.state for m in await store.outbox.for_ticket("77")} == {DeliveryState.ACCEPTED}
        assert send.known["ops"].open_since is None

    async def test_one_whose_threads_all_hang_does_not_answer_however_few_they_are(
        self, store, clock, message
    ) -> None:
        ops = Hung("ops", times=3)
        send = dispatcher(store, clock, ops, send_timeout=0.02)
        await store.outbox.enqueue([replace(message, key=f"k{n}") for n in range(4)])
        await send.flush("ops")
        assert len(ops.begun) == 3
        assert send.known["ops"].open_since == clock.now()
        assert (await store.deliveries.channels())["ops"].open_since == clock.now()
        ops.release.set()
        clock.advance(minutes=5)
        async with asyncio.timeout(5):
            while not await send.flush("ops"):
                await asyncio.sleep(0.001)
        assert send.known["ops"].open_since is None, "and answers again"

    async def test_one_that_somebody_found_to_work_again_is_asked_at_once(
        self, store, clock, message
    ) -> None:
        ops = Scripted("ops", *[FAILED] * 5)
        send = dispatcher(store, clock, ops)
        await store.outbox.enqueue([replace(message, key=f"k{n}") for n in range(9)])
        await send.flush("ops")
        assert len(ops.seen) == 5
        await store.deliveries.save_channel(ChannelRecord("ops"))
        await send.flush("ops")
        assert len(ops.seen) == 9
        assert send.known["ops"].open_since is None

    async def test_it_is_known_after_a_restart(self, store, clock, message) -> None:
        send = dispatcher(store, clock, Scripted("ops", *[FAILED] * 5))
        await store.outbox.enqueue([replace(message, key=f"k{n}") for n in range(5)])
        await send.flush("ops")
        assert (await store.deliveries.channels())["ops"] == send.known["ops"]


class TestOrder:
    async def test_of_one_alert_the_next_waits_until_the_one_before_has_ended(
        self, store, clock, message
    ) -> None:
        breach = replace(message, thread="77:RESPONSE")
        await store.outbox.enqueue([breach])
        await store.outbox.claim("ops", clock.now(), timedelta(seconds=30), 1)
        over = replace(breach, key="recovery:b1:ops", event=AlertEvent.RECOVERY, urgent=True)
        await store.outbox.enqueue([over])
        ops = Scripted("ops")
        send = dispatcher(store, clock, ops)
        assert await send.flush("ops") == 0, "the breach is on its way"
        due = await store.outbox.next_due("ops")
        assert due == clock.now() + timedelta(seconds=30), "and nobody asks in vain until then"
        clock.advance(seconds=31)
        await send.flush("ops")
        assert [m.event for m in ops.seen] == [AlertEvent.BREACH, AlertEvent.RECOVERY]

    async def test_a_newer_state_stands_in_for_one_that_was_not_taken(
        self, store, clock, message
    ) -> None:
        ops = Scripted("ops", FAILED)
        send = dispatcher(store, clock, ops)
        breach = replace(message, thread="77:RESPONSE")
        await store.outbox.enqueue([breach])
        await send.flush("ops")
        over = replace(breach, key="recovery:b1:ops", event=AlertEvent.RECOVERY)
        await store.outbox.enqueue([over])
        clock.advance(minutes=5)
        await send.flush("ops")
        assert [m.event for m in ops.seen] == [AlertEvent.BREACH, AlertEvent.RECOVERY]
        old = await store.outbox.get(breach.key)
        assert (old.state, old.superseded_by) == (DeliveryState.SUPERSEDED, over.key)

    async def test_one_that_fails_while_a_newer_waits_is_not_tried_again(
        self, store, clock, message
    ) -> None:
        breach = replace(message, thread="77:RESPONSE")
        await store.outbox.enqueue([breach])
        (claimed,) = await store.outbox.claim("ops", clock.now(), timedelta(seconds=30), 1)
        over = replace(breach, key="recovery:b1:ops", event=AlertEvent.RECOVERY)
        await store.outbox.enqueue([over])
        await store.outbox.retry(claimed, clock.now(), "not now")
        old = await store.outbox.get(breach.key)
        assert (old.state, old.superseded_by) == (DeliveryState.SUPERSEDED, over.key)


class TestTiming:
    async def test_a_channel_is_paced_in_its_own_time(self, store, clock, message) -> None:
        ops = Scripted("ops")
        ops.pace_seconds = 1.5
        send = dispatcher(store, clock, ops)
        await store.outbox.enqueue([replace(message, key=f"k{n}") for n in range(3)])
        sent = []
        for _ in range(6):
            sent.append(await send.flush("ops"))
            clock.advance(seconds=0.75)
        assert sent == [1, 0, 1, 0, 1, 0]

    async def test_a_wait_of_hours_that_a_receiver_asks_for_is_a_quarter_of_one_for_all_that_waits(
        self, store, clock, message
    ) -> None:
        ops = Scripted("ops", SendResult(False, retry_after_seconds=7200))
        send = dispatcher(store, clock, ops)
        await store.outbox.enqueue([replace(message, key=f"k{n}") for n in range(3)])
        await send.flush("ops")
        assert len(ops.seen) == 1
        assert (await store.deliveries.channels())["ops"].paused_until == clock.now() + timedelta(
            minutes=15
        )
        clock.advance(minutes=14)
        await send.flush("ops")
        assert len(ops.seen) == 1
        clock.advance(minutes=1)
        await send.flush("ops")
        assert len(ops.seen) == 4
        assert (await store.deliveries.channels())["ops"].paused_until is None

    async def test_a_wait_that_a_receiver_asks_for_outlasts_a_restart(
        self, store, clock, message
    ) -> None:
        await store.deliveries.save_channel(
            ChannelRecord("ops", paused_until=clock.now() + timedelta(minutes=5))
        )
        ops = Scripted("ops")
        send = dispatcher(store, clock, ops)
        send.known = await store.deliveries.channels()
        await store.outbox.enqueue([message])
        assert await send.flush("ops") == 0
        clock.advance(minutes=5)
        assert await send.flush("ops") == 1

    async def test_a_test_by_hand_that_is_accepted_ends_a_wait_that_a_receiver_asked_for(
        self, store, clock, message
    ) -> None:
        """``alerts test`` sends past the outbox and keeps that the channel works."""
        send = dispatcher(store, clock, Scripted("ops", SendResult(False, retry_after_seconds=900)))
        await store.outbox.enqueue([message, replace(message, key="another")])
        await send.flush("ops")
        clock.advance(minutes=1)
        assert await send.flush("ops") == 0
        record = (await store.deliveries.channels())["ops"]
        await store.deliveries.save_channel(circuit.after(record, SendResult(True), clock.now()))
        assert await send.flush("ops") >= 1

    async def test_a_wait_begun_before_the_clock_was_set_back_holds_nothing_for_hours(
        self, store, clock, message
    ) -> None:
        send = dispatcher(store, clock, Scripted("ops", SendResult(False, retry_after_seconds=900)))
        past = clock.now() - timedelta(days=1)
        await store.outbox.enqueue([replace(message, key=f"k{n}", next_at=past) for n in range(2)])
        await send.flush("ops")
        clock.advance(hours=-2)
        assert await send.flush("ops") == 1

    async def test_a_clock_that_is_set_back_makes_no_pause_longer(
        self, store, clock, message
    ) -> None:
        ops = Scripted("ops")
        ops.pace_seconds = 1.5
        send = dispatcher(store, clock, ops)
        past = clock.now() - timedelta(days=1)
        await store.outbox.enqueue([replace(message, key=f"k{n}", next_at=past) for n in range(2)])
        await send.flush("ops")
        clock.advance(minutes=-30)
        assert await send.flush("ops") == 0
        clock.advance(seconds=1.5)
        assert await send.flush("ops") == 1

    async def test_what_came_too_late_to_be_of_use_is_not_sent(self, store, clock, message) -> None:
        ops = Scripted("ops")
        send = dispatcher(store, clock, ops)
        due = clock.now() + timedelta(minutes=15)
        await store.outbox.enqueue([replace(message, expires_at=due)])
        clock.set(due)
        await send.keep_house()
        assert await send.flush("ops") == 0
        assert (await kept(store, message)).state is DeliveryState.EXPIRED

    async def test_a_message_is_given_up_when_it_is_a_day_old(self, store, clock, message) -> None:
        send = dispatcher(store, clock, Scripted("ops", FAILED, FAILED))
        await store.outbox.enqueue([message])
        await send.flush("ops")
        clock.advance(hours=24)
        await send.flush("ops")
        assert (await kept(store, message)).state is DeliveryState.DEAD

    async def test_no_request_comes_before_the_receiver_wants_one_and_none_is_lost(
        self, store, clock, message, receiver
    ) -> None:
        """429 with Retry-After: 3 holds for all that waits for the receiver."""
        receiver.order(429, {"Retry-After": "3"})
        send = dispatcher(store, clock, over_http(receiver, "webhook", "http"))
        await store.outbox.enqueue([replace(message, key=f"k{n}") for n in range(3)])
        await send.flush("ops")
        assert (receiver.asked, receiver.faults_fired) == (1, 1)
        clock.advance(seconds=2.9)
        assert await send.flush("ops") == 0
        clock.advance(seconds=0.2)
        await send.flush("ops")
        assert receiver.asked == 4
        assert len(receiver.bodies) == 3


class TestLastLook:
    async def test_what_is_no_longer_true_is_not_sent_and_says_why(
        self, store, clock, message
    ) -> None:
        ops = Scripted("ops")
        over = Ended(DeliveryState.SUPERSEDED, "Ada has it by now")
        send = dispatcher(store, clock, ops, check=lambda _m, _now: over)
        await store.outbox.enqueue([message])
        await send.flush("ops")
        found = await kept(store, message)
        assert not ops.seen
        assert (found.state, found.why) == (DeliveryState.SUPERSEDED, "Ada has it by now")

    async def test_a_message_that_nobody_foresaw_holds_back_no_other(
        self, store, clock, message, spin
    ) -> None:
        ops, sms = Scripted("ops"), Scripted("sms")

        def look(found, _now):
            if found.key == "odd":
                raise LookupError
            return found

        class Failing:
            async def step(self, _now):
                raise LookupError

            async def calm(self, _channel, _now):
                return False

            def sent(self, _channel, _now):
                pass

        send = dispatcher(store, clock, ops, sms, check=look, grouper=Failing())
        odd = replace(message, key="odd", urgent=True)
        await store.outbox.enqueue([odd, message, replace(message, key="k", channel="sms")])

        async def at_once(_event, _seconds):
            await asyncio.sleep(0)

        send._wait = at_once
        running = asyncio.create_task(send.run())
        await spin(lambda: ops.seen and sms.seen)
        assert not running.done()
        await stopped(running)
        assert [m.key for m in ops.seen] == [message.key]

    async def test_a_fault_in_the_words_is_shown_and_the_plain_words_are_sent(
        self, store, clock, message
    ) -> None:
        ops = Scripted("ops")
        send = dispatcher(store, clock, ops)
        send._wording = type(
            "Faulty", (), {"compose": lambda *_: Worded("t", "plain", "breach.j2: no such name")}
        )()
        await store.outbox.enqueue([message])
        await send.flush("ops")
        found = await kept(store, message)
        assert (ops.seen[0].body, found.state) == ("plain", DeliveryState.ACCEPTED)
        assert found.why == "breach.j2: no such name"

    async def test_a_sender_that_lost_the_lease_sends_nothing(self, store, clock, message) -> None:
        ops = Scripted("ops")
        term = LeaseTerm((await store.lease.acquire("me", 0, 1000)).term)
        send = dispatcher(store, clock, ops, term=term)
        await store.lease.acquire("other", 5000, 1000)
        await store.outbox.enqueue([message])
        with pytest.raises(LostLease):
            await send.flush("ops")
        assert not ops.seen

    async def test_a_process_that_stood_still_until_its_claim_ran_out_sends_nothing(
        self, message
    ) -> None:
        ops = Scripted("ops")
        moments = iter([100.0, 200.0])
        worker = ChannelWorker(ops, lambda: None, lambda: next(moments))
        result = await worker.send(message, 20.0)
        worker.close()
        assert not ops.seen
        assert not result.accepted
