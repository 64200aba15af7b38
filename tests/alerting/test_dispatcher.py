"""From the outbox to the channels: claim, send, mark."""

import asyncio
import random
import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from sla_console.alerting.channels import build_channel
from sla_console.alerting.dispatcher import Dispatcher
from sla_console.config.secrets import Secret
from sla_console.domain.alert import DeliveryState, SendResult
from sla_console.store.key import load_or_create_key
from sla_console.store.store import Store


class Scripted:
    """A channel that answers as told and remembers what it was given."""

    def __init__(self, name: str, *answers: SendResult) -> None:
        self.name = name
        self.answers = list(answers)
        self.seen: list = []

    def send(self, message):
        self.seen.append(message)
        return self.answers.pop(0) if self.answers else SendResult(True)


FAILED = SendResult(False, error="not now")


@pytest.fixture
async def store(tmp_path):
    store = await Store.open(
        tmp_path / "data" / "sla.db", load_or_create_key(tmp_path / "key", keyring_entry=None)
    )
    yield store
    await store.close()


def dispatcher(store, clock, *channels, **options):
    named = {c.name: c for c in channels}
    return Dispatcher(store.outbox, named, clock, chance=random.Random(1), **options)


async def kept(store, message):
    return (await store.outbox.for_ticket(message.ticket_id))[0]


async def test_what_is_sent_is_marked_and_not_sent_again(store, clock, message) -> None:
    ops = Scripted("ops")
    send = dispatcher(store, clock, ops)
    await store.outbox.enqueue([message, message])
    assert await send.flush("ops") == 1
    assert await send.flush("ops") == 0
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
    assert (
        timedelta(seconds=1) <= waits[0] <= timedelta(seconds=2) < waits[1] <= timedelta(seconds=4)
    )
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


async def test_a_hung_channel_holds_back_no_other(store, clock, message, spin) -> None:
    hang = threading.Event()

    class Hung(Scripted):
        def send(self, message):
            hang.wait(10)
            return super().send(message)

    hung, healthy = Hung("hung"), Scripted("ops")
    send = dispatcher(store, clock, hung, healthy, send_timeout=0.05)
    await store.outbox.enqueue([replace(message, key="h", channel="hung"), message])
    running = asyncio.create_task(send.run())
    await spin(lambda: healthy.seen)
    assert not hung.seen
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    hang.set()


async def test_a_try_that_takes_too_long_is_unknown_not_lost(
    store, clock, message, receiver
) -> None:
    receiver.hang.clear()
    ops = build_channel("ops", Secret(f"json://{receiver.address}/"))
    send = dispatcher(store, clock, ops, send_timeout=0.05)
    await store.outbox.enqueue([message])
    await send.flush("ops")
    found = await kept(store, message)
    assert (found.state, found.last_error) == (
        DeliveryState.PENDING,
        "no answer in time; it may have arrived",
    )
    receiver.hang.set()


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
    ops = build_channel("ops", Secret(f"json://{receiver.address}/"))
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
