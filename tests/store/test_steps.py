"""An event and all that follows from it is stored whole or not at all, by the leader only."""

import asyncio
from datetime import timedelta

import pytest
import sqlcipher3

from sla_console.domain.errors import LostLease, StoreError
from sla_console.domain.forecast.risk import RiskLevel
from sla_console.domain.sla.breach import BreachState, BreachType, SLAWarning
from sla_console.domain.tickets.operation import AuditEntry


async def everything(store) -> dict[str, list]:
    """All rows of all tables."""
    tables = await store._database.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
    return {
        name: await store._database.rows(f"SELECT * FROM {name} ORDER BY 1") for (name,) in tables
    }


@pytest.fixture
def warning(now):
    return SLAWarning("w1", "1", BreachType.RESPONSE, 75, now, RiskLevel.HIGH)


async def test_a_breach_is_stored_once_with_its_messages_and_history(
    store, make_breach, make_message, make_entry
):
    messages = [make_message("a"), make_message("b", channel="chat")]
    assert await store.record_breach(make_breach(), messages, make_entry(), None)
    before = await everything(store)
    assert len(before["outbox"]) == 2
    assert len(before["audit"]) == 1
    assert not await store.record_breach(make_breach(), [make_message("c")], make_entry(), None)
    assert await everything(store) == before


async def test_a_storm_stores_only_what_is_new(store, make_breach, make_message, make_entry):
    await store.record_breach(make_breach("known"), [], None, None)
    storm = [
        (make_breach(key), [make_message(f"{key}|mail")], make_entry(key))
        for key in ("known", "new", "newer")
    ]
    assert await store.record_breaches(storm, None) == {"new", "newer"}
    assert {message.key for message in await store.outbox.for_ticket("1")} == {
        "new|mail",
        "newer|mail",
    }
    assert await store.audit.for_subject("known") == []


async def test_a_warning_is_given_once(store, warning, make_message):
    assert await store.record_warning(warning, [make_message("a")], None)
    before = await everything(store)
    assert not await store.record_warning(warning, [make_message("b")], None)
    assert await everything(store) == before


async def test_a_step_is_taken_only_from_the_state_it_was_meant_for(
    store, make_breach, make_message, make_operation, make_entry, now
):
    breach = make_breach()
    await store.record_breach(breach, [], None, None)
    ada, grace = (breach.acknowledge(name, None, now) for name in ("Ada", "Grace"))
    first = store.record_step(
        ada, BreachState.OPEN, [make_message()], [make_operation()], [make_entry()]
    )
    second = store.record_step(
        grace, BreachState.OPEN, [make_message("x")], [make_operation("x")], None
    )
    assert await asyncio.gather(first, second) == [True, False]
    assert await store.breaches.get("b1") == ada
    assert [operation.id for operation in await store.operations.for_ticket("1")] == ["o1"]
    assert len(await store.outbox.for_ticket("1")) == 1
    assert len(await store.audit.recent(9)) == 1


async def test_steps_that_are_stored_together_follow_each_other(store, make_breach, now):
    """The second was meant for the breach before the first, so it is left out with its history."""
    breach = make_breach()
    await store.record_breaches([(breach, [], None), (breach, [], None)], None)
    taken = breach.acknowledge("Ada", None, now)
    late = breach.acknowledge("Grace", None, now)
    up = taken.escalate("Ada", None, now)
    steps = [
        (taken, BreachState.OPEN, [], AuditEntry(now, "Ada", "acknowledge", "1")),
        (late, BreachState.OPEN, [], AuditEntry(now, "Grace", "acknowledge", "1")),
        (up, BreachState.ACKNOWLEDGED, [], AuditEntry(now, "Ada", "escalate", "1")),
    ]
    assert await store.record_steps(steps, None) == {"b1"}
    assert await store.breaches.get("b1") == up
    said = [(one.actor, one.action) for one in await store.audit.recent(9)]
    assert said == [("Ada", "escalate"), ("Ada", "acknowledge")]


async def test_a_stale_term_writes_nothing(
    store, open_store, make_breach, make_message, make_entry, warning, now
):
    breach = make_breach("earlier")
    mine = await store.lease.acquire("me", 1_000, 500)
    assert await store.record_breach(breach, [], None, mine.term)
    other = await open_store()
    theirs = await other.lease.acquire("other", 2_000, 500)
    before = await everything(store)
    for write in (
        lambda term: store.record_breach(make_breach(), [make_message()], make_entry(), term),
        lambda term: store.record_warning(warning, [make_message()], term),
        lambda term: store.record_step(
            breach.resolve(now), BreachState.OPEN, [make_message()], [], make_entry(), term
        ),
    ):
        with pytest.raises(LostLease, match=r"term 2.*term 1"):
            await write(mine.term)
    assert await everything(store) == before
    assert await other.record_breach(make_breach(), [], None, theirs.term)


async def test_a_term_given_back_writes_nothing(store, make_breach):
    lease = await store.lease.acquire("me", 1_000, 500)
    await store.lease.release("me")
    with pytest.raises(LostLease):
        await store.record_breach(make_breach(), [], None, lease.term)


class FailsAt:
    """The writing connection, whose n-th statement fails as a disk does."""

    def __init__(self, connection, number: int) -> None:
        self._connection = connection
        self._left = number

    def _count(self) -> None:
        self._left -= 1
        if self._left == 0:
            raise sqlcipher3.OperationalError("disk I/O error")

    @property
    def fired(self) -> bool:
        return self._left <= 0

    async def rows(self, *args):
        self._count()
        return await self._connection.rows(*args)

    async def many(self, *args):
        self._count()
        return await self._connection.many(*args)

    async def commit(self, **how):
        self._count()
        return await self._connection.commit(**how)

    async def rollback(self):
        return await self._connection.rollback()


@pytest.mark.parametrize("step", ["breach", "warning", "step"])
async def test_whichever_statement_fails_nothing_is_written(
    store, step, make_breach, make_message, make_operation, make_entry, warning, now
):
    breach = make_breach()
    lease = await store.lease.acquire("me", 1_000, 500)
    if step == "step":
        await store.record_breach(breach, [], None, None)
    take = {
        "breach": lambda: store.record_breach(breach, [make_message()], make_entry(), lease.term),
        "warning": lambda: store.record_warning(warning, [make_message()], lease.term),
        "step": lambda: store.record_step(
            breach.resolve(now),
            BreachState.OPEN,
            [make_message()],
            [make_operation()],
            make_entry(),
            lease.term,
        ),
    }[step]
    before = await everything(store)
    sound = store._database._writer
    failures = 0
    while True:
        store._database._writer = failing = FailsAt(sound, failures + 1)
        try:
            stored = await take()
        except StoreError:
            failures += 1
            assert await everything(store) == before
        else:
            break
        finally:
            store._database._writer = sound
    assert stored
    assert not failing.fired
    assert failures >= 5  # begin, lease, event, messages, commit
    assert await everything(store) != before


async def test_the_last_write_failing_in_the_engine_undoes_the_first(
    store, open_store, make_breach, make_message, make_entry
):
    other = await open_store()
    async with other._database.transaction() as transaction:
        await transaction.run(
            "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    before = await everything(store)
    with pytest.raises(StoreError, match="refused"):
        await store.record_breach(make_breach(), [make_message()], make_entry(), None)
    assert await everything(store) == before


async def test_a_cancelled_step_leaves_nothing_half_done(
    store, make_breach, make_message, make_entry
):
    """Wherever the cancellation falls, the next transaction works and sees all or nothing."""
    for rounds in range(1, 30):
        key = f"b{rounds}"
        task = asyncio.create_task(
            store.record_breach(make_breach(key), [make_message(key)], make_entry(key), None)
        )
        for _ in range(rounds):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await store.meta.set("round", str(rounds))
        breach = await store.breaches.get(key)
        assert len(await store.audit.for_subject(key)) == (breach is not None)
        keys = {message.key for message in await store.outbox.for_ticket("1")}
        assert (key in keys) == (breach is not None)
    assert await store.meta.get("round") == "29"


async def test_coroutines_at_once_never_meet_inside_a_transaction(
    store, make_breach, make_message, make_entry, now
):
    written = await asyncio.gather(
        *(
            store.record_breach(
                make_breach(f"b{n}"),
                [make_message(f"m{n}")],
                make_entry(f"b{n}"),
                None,
            )
            for n in range(40)
        ),
        *(store.meta.set(f"name{n}", str(n)) for n in range(40)),
        *(store.outbox.claim("mail", now, timedelta(minutes=1), 2) for _ in range(10)),
    )
    assert written[:40] == [True] * 40
    assert len(await store.breaches.load_active()) == 40
    assert len(await store.audit.recent(99)) == 40


async def test_the_history_refuses_change(store, make_entry):
    await store.audit.append(make_entry())
    before = await store.audit.recent(9)
    for statement in (
        "UPDATE audit SET actor = 'Mallory'",
        "DELETE FROM audit",
        "INSERT OR REPLACE INTO audit SELECT position, 0, 'M', '', '', '', '' FROM audit",
    ):
        with pytest.raises(StoreError, match="append-only"):
            async with store._database.transaction() as transaction:
                await transaction.run(statement)
    assert await store.audit.recent(9) == before
