"""What reaches the console from outside counts once, and what it did is stored with it or not at all."""

from dataclasses import replace
from datetime import timedelta

from sla_console.domain.alerts.action_link import LinkAction, LinkUse
from sla_console.domain.sla.breach import BreachState
from sla_console.store.key import StoreKey


async def test_a_step_by_a_link_is_stored_with_the_use_and_only_once(
    store, make_breach, make_entry, now
):
    breach = make_breach()
    await store.record_breach(breach, [], None, None)
    use = LinkUse("breach:b1:ops", "b1", LinkAction.ACKNOWLEDGE, "Ada", "ops", now)
    taken = breach.acknowledge("Ada", None, now)
    step = (taken, BreachState.OPEN, [], [], make_entry())
    assert await store.record_step(*step, use=use)
    assert await store.links.used("breach:b1:ops", "b1") == use
    given_back = taken.unacknowledge(None, now)
    assert await store.record_step(given_back, BreachState.ACKNOWLEDGED, [], [], None)
    again = given_back.acknowledge("Ada", None, now)
    assert not await store.record_step(again, BreachState.OPEN, [], [], make_entry(), use=use)
    assert await store.breaches.get("b1") == given_back
    assert len(await store.audit.for_subject("b1")) == 1


async def test_a_step_that_comes_too_late_uses_nothing_up(store, make_breach, now):
    breach = make_breach()
    await store.record_breach(breach, [], None, None)
    use = LinkUse("breach:b1:ops", "b1", LinkAction.SNOOZE, None, "ops", now)
    snoozed = breach.snooze("Ada", None, now, now + timedelta(hours=1))
    assert not await store.record_step(snoozed, BreachState.ESCALATED, [], [], None, use=use)
    assert await store.links.used("breach:b1:ops", "b1") is None


async def test_uses_are_forgotten_when_no_link_of_that_time_can_be_used(
    store, make_breach, now, later
):
    for number, at in enumerate((now, later(days=32))):
        breach = make_breach(f"b{number}")
        await store.record_breach(breach, [], None, None)
        use = LinkUse("m", breach.id, LinkAction.ACKNOWLEDGE, None, "ops", at)
        taken = breach.acknowledge("Ada", None, now)
        assert await store.record_step(taken, BreachState.OPEN, [], [], None, use=use)
    assert await store.links.used("m", "b0") is None
    assert await store.links.used("m", "b1") is not None


async def test_a_call_is_known_again_for_a_quarter_of_an_hour(store, open_store, now, later):
    assert await store.hooks.take("msg_1", now)
    other = await open_store()
    assert not await other.hooks.take("msg_1", later(minutes=15))
    assert await other.hooks.take("msg_1", later(minutes=16))


async def test_a_message_that_is_taken_knows_its_place(store, make_message, now):
    await store.outbox.enqueue([make_message("a"), make_message("b")])
    taken = await store.outbox.claim("mail", now, timedelta(seconds=30), 2)
    assert [message.number for message in taken] == [1, 2]
    assert replace(taken[1], number=None) == await store.links.message(2)
    assert await store.links.message(3) is None


def test_derived_keys_differ_by_purpose_and_by_key_and_stay_the_same():
    """HKDF-SHA256 of RFC 5869 with the salt and the purpose of the code, by hand with hmac."""
    key = StoreKey(bytes(32), "test")
    assert key.derived("action links") == key.derived("action links")
    assert len(key.derived("action links")) == 32
    assert key.derived("action links") != key.derived("other")
    assert key.derived("action links") != StoreKey(bytes([1] * 32), "test").derived("action links")
