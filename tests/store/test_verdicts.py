"""A verdict is written once; a correction stands beside it, and nothing rewrites either."""

from dataclasses import replace
from datetime import timedelta

import pytest

from sla_console.domain.errors import StoreError
from sla_console.domain.sla.breach import BreachType
from sla_console.domain.sla.verdict import Outcome, Verdict, in_force


@pytest.fixture
def missed(now) -> Verdict:
    return Verdict(
        ticket_id="1",
        target=BreachType.RESOLUTION,
        cycle=1,
        outcome=Outcome.MISSED,
        due=now,
        fell_at=now + timedelta(milliseconds=1),
        allowed=timedelta(hours=4),
        source="superops",
        hours="every hour",
        policy="Gold",
        written_at=now,
        display_id="60001",
        client="Acme",
        priority="High",
        group="Tier 1",
    )


async def test_it_comes_back_as_it_was_written(store, missed) -> None:
    await store.verdicts.write([missed])
    assert await store.verdicts.for_ticket("1") == (missed,)


async def test_the_first_one_stays_whoever_writes_again(store, missed) -> None:
    await store.verdicts.write([missed])
    await store.verdicts.write([replace(missed, outcome=Outcome.MET, reason="second thoughts")])
    assert await store.verdicts.for_ticket("1") == (missed,)


async def test_a_correction_stands_beside_it(store, missed) -> None:
    right = replace(missed, outcome=Outcome.MET, revision=2, reason="answered before it was due")
    await store.verdicts.write([missed])
    await store.verdicts.write([right])
    found = await store.verdicts.for_ticket("1")
    assert found == (missed, right)
    assert in_force(found) == {missed.key: right}


async def test_a_correction_of_nothing_is_not_written(store, missed) -> None:
    await store.verdicts.write([replace(missed, revision=2)])
    assert await store.verdicts.for_ticket("1") == ()


async def test_a_stop_is_added_once(store, missed, now) -> None:
    await store.verdicts.write([missed])
    stopped = replace(
        missed,
        stopped_at=now + timedelta(hours=2),
        used=timedelta(hours=6),
        late=timedelta(hours=2),
    )
    await store.verdicts.stop([stopped])
    await store.verdicts.stop([replace(stopped, stopped_at=now + timedelta(hours=3))])
    assert await store.verdicts.for_ticket("1") == (stopped,)


@pytest.mark.parametrize("column", ["outcome", "due", "policy", "reason"])
async def test_the_database_itself_refuses_to_rewrite_one(store, missed, column) -> None:
    await store.verdicts.write([missed])
    with pytest.raises(StoreError):
        async with store._database.transaction() as transaction:
            await transaction.run(f"UPDATE verdict SET {column} = 'met'", {})


async def test_they_are_found_by_due_time(store, missed, now) -> None:
    later = replace(missed, ticket_id="2", due=now + timedelta(days=1))
    await store.verdicts.write([missed, later])
    assert await store.verdicts.due_between(now, now + timedelta(days=1)) == [missed]
