"""Messages leave in order, once at a time, and none is lost or queued twice."""

import asyncio
from datetime import timedelta

from sla_console.domain.alerts.alert import DeliveryState, OutboxRecord

MINUTE = timedelta(minutes=1)


async def test_a_known_key_is_never_queued_twice(store, make_message):
    assert await store.outbox.enqueue([make_message("a"), make_message("b")]) == 2
    assert await store.outbox.enqueue([make_message("a", title="again"), make_message("c")]) == 1
    assert await store.outbox.enqueue([]) == 0
    assert {message.title for message in await store.outbox.for_ticket("1")} == {"T-1 is late"}


async def test_every_field_survives(store, open_store, make_message, now, later):
    message = make_message(urgent=True, next_at=later(minutes=1), last_error="was refused")
    await store.outbox.enqueue([message, make_message("none", ticket_id=None)])
    await store.close()
    assert await (await open_store()).outbox.for_ticket("1") == [message]


async def test_urgent_ones_go_first_then_the_oldest(store, make_message, now, later):
    await store.outbox.enqueue(
        [
            make_message("young", created_at=later(minutes=2)),
            make_message("old", created_at=now),
            make_message("old too", created_at=now),
            make_message("urgent", created_at=later(minutes=3), urgent=True),
            make_message("other channel", channel="chat"),
        ]
    )
    first = await store.outbox.claim("mail", later(minutes=5), MINUTE, 3)
    rest = await store.outbox.claim("mail", later(minutes=5), MINUTE, 3)
    assert [message.key for message in first] == ["urgent", "old", "old too"]
    assert [message.key for message in rest] == ["young"]
    assert {message.attempts for message in first} == {1}
    assert {message.state for message in first} == {DeliveryState.SENDING}
    assert {message.lease_until for message in first} == {later(minutes=6)}


async def test_a_message_waits_for_its_time(store, make_message, now, later):
    await store.outbox.enqueue([make_message(next_at=later(minutes=1))])
    assert await store.outbox.claim("mail", now, MINUTE, 10) == []
    assert await store.outbox.next_due("mail") == later(minutes=1)
    assert len(await store.outbox.claim("mail", later(minutes=1), MINUTE, 10)) == 1


async def test_a_claim_that_is_never_reported_runs_out(store, make_message, now, later):
    await store.outbox.enqueue([make_message()])
    assert len(await store.outbox.claim("mail", now, MINUTE, 10)) == 1
    assert await store.outbox.claim("mail", later(seconds=59), MINUTE, 10) == []
    assert await store.outbox.next_due("mail") == later(seconds=60)
    (again,) = await store.outbox.claim("mail", later(seconds=60), MINUTE, 10)
    assert again.attempts == 2


async def test_what_became_of_messages_is_told_by_channel(store, make_message, now, later):
    keys = ("taken", "refused", "given up", "waiting")
    await store.outbox.enqueue([make_message(key) for key in keys])
    await store.outbox.enqueue([make_message("quiet", channel="chat")])
    claimed = {m.key: m for m in await store.outbox.claim("mail", now, MINUTE, 10)}
    await store.outbox.retry(claimed["refused"], later(minutes=9), "451 try later")
    await store.outbox.dead(claimed["given up"], "550 no such mailbox")
    await store.outbox.accepted(claimed["taken"], later(seconds=3))
    assert await store.outbox.records() == [
        OutboxRecord("chat", 1, 0, None, None),
        OutboxRecord("mail", 2, 1, later(seconds=3), "550 no such mailbox"),
    ]
    found = {message.key: message for message in await store.outbox.for_ticket("1")}
    assert found["taken"].state is DeliveryState.ACCEPTED
    assert found["taken"].accepted_at == later(seconds=3)
    assert found["refused"].state is DeliveryState.PENDING
    assert found["refused"].next_at == later(minutes=9)
    assert found["given up"].state is DeliveryState.DEAD
    assert {found[key].lease_until for key in keys[:3]} == {None}


async def test_an_accepted_or_dead_message_is_never_claimed(store, make_message, now, later):
    await store.outbox.enqueue([make_message("taken"), make_message("dead")])
    taken, dead = await store.outbox.claim("mail", now, MINUTE, 10)
    await store.outbox.accepted(taken, now)
    await store.outbox.dead(dead, "no")
    assert await store.outbox.claim("mail", later(days=9), MINUTE, 10) == []
    assert await store.outbox.next_due("mail") is None


async def test_claims_at_once_from_two_consoles_share_no_message(
    store, open_store, make_message, now
):
    other = await open_store()
    await store.outbox.enqueue([make_message(str(number)) for number in range(100)])
    claimed = await asyncio.gather(
        *(console.outbox.claim("mail", now, MINUTE, 7) for console in (store, other) * 10)
    )
    keys = [message.key for messages in claimed for message in messages]
    assert len(keys) == len(set(keys)) == 100


async def test_a_try_that_was_claimed_again_meanwhile_changes_nothing(
    store, make_message, now, later
):
    await store.outbox.enqueue([make_message()])
    (first,) = await store.outbox.claim("mail", now, MINUTE, 1)
    (second,) = await store.outbox.claim("mail", later(seconds=61), MINUTE, 1)
    await store.outbox.dead(first, "too late")
    await store.outbox.retry(first, later(minutes=9), "too late")
    found = await store.outbox.get(first.key)
    assert (found.state, found.attempts) == (DeliveryState.SENDING, second.attempts)


async def test_people_see_dead_ones_then_what_is_owed_then_the_newest(
    store, make_message, now, later
):
    states = (
        DeliveryState.ACCEPTED,
        DeliveryState.DEAD,
        DeliveryState.PENDING,
        DeliveryState.SUPPRESSED,
        DeliveryState.DEAD,
        DeliveryState.GATHERING,
    )
    await store.outbox.enqueue(
        [make_message(f"{n}", state=state, ticket_id=str(n)) for n, state in enumerate(states)]
    )
    seen = [message.key for message in await store.deliveries.recent(9)]
    assert seen == ["4", "1", "5", "2", "3", "0"]
    assert [message.key for message in await store.deliveries.recent(3)] == seen[:3]


async def test_what_is_asked_again_and_again_never_reads_the_whole_history(store, now, monkeypatch):
    """The history holds years: whoever looks must find what is owed by an index."""
    database, asked = store._database, []
    rows = database.rows

    async def overheard(sql, params=()):
        asked.append((sql, params))
        return await rows(sql, params)

    with monkeypatch.context() as listening:
        listening.setattr(database, "rows", overheard)
        await store.outbox.records()
        await store.outbox.late(now)
        await store.outbox.gathering()
        await store.deliveries.recent(9)
        await store.deliveries.rings(["mail"], now)
        await store.deliveries.dwell(now)
        await store.deliveries.notified(["b"])
    assert len(asked) >= 8
    for sql, params in asked:
        plan = [row[3] for row in await rows(f"EXPLAIN QUERY PLAN {sql}", params)]
        assert plan
        # The newest are found by walking back from the end, which stops at the limit.
        walks = [
            step
            for step in plan
            if step.startswith("SCAN outbox") and not ("USING INDEX" in step and "LIMIT" in sql)
        ]
        assert walks == [], sql
