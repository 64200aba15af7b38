"""One console monitors at a time; a hung one loses the lease, and its term is never used again."""

import asyncio

from sla_console.store.lease import Lease


async def test_the_first_to_ask_leads_and_renews_under_the_same_term(store):
    assert await store.lease.current() is None
    assert await store.lease.acquire("a", 1_000, 6_000) == Lease(1, "a", 7_000)
    assert await store.lease.acquire("a", 3_000, 6_000) == Lease(1, "a", 9_000)
    assert await store.lease.current() == Lease(1, "a", 9_000)


async def test_another_waits_until_the_lease_runs_out(store, open_store):
    other = await open_store()
    await store.lease.acquire("a", 1_000, 6_000)
    assert await other.lease.acquire("b", 7_000, 6_000) == Lease(1, "a", 7_000)
    assert await other.lease.acquire("b", 7_001, 6_000) == Lease(2, "b", 13_001)
    assert (await store.lease.acquire("a", 7_002, 6_000)).holder == "b"


async def test_a_lease_given_back_is_free_at_once_and_starts_a_new_term(store):
    await store.lease.acquire("a", 1_000, 6_000)
    await store.lease.release("stranger")
    assert (await store.lease.current()).holder == "a"
    await store.lease.release("a")
    assert await store.lease.current() is None
    assert await store.lease.acquire("b", 1_001, 6_000) == Lease(2, "b", 7_001)
    await store.lease.release("b")
    assert (await store.lease.acquire("b", 1_002, 6_000)).term == 3


async def test_of_many_that_ask_at_once_one_leads(store, open_store):
    consoles = [store, await open_store(), await open_store()]
    leases = await asyncio.gather(
        *(console.lease.acquire(f"c{n}", 1_000, 6_000) for n, console in enumerate(consoles))
    )
    assert len({lease.holder for lease in leases}) == 1
    assert {lease.term for lease in leases} == {1}


async def test_a_lease_from_before_a_restart_of_the_machine_does_not_block(store):
    """The shared clock starts anew with the machine, so the old end lies far ahead."""
    await store.lease.acquire("before", 900_000_000, 6_000)
    assert await store.lease.acquire("after", 20_000, 6_000) == Lease(2, "after", 26_000)
