"""Tickets that something outside has named: read soon, together, within a share of the budget."""

import asyncio

import pytest

from sla_console.superops.budget import RequestBudget


@pytest.fixture
async def console(begin, clock, desk):
    console = await begin()
    for number in range(3):
        desk.open(f"T{number}", clock.now())
    await console.sync()
    return console


def change_all(desk, clock) -> None:
    for ticket in desk.tickets.values():
        desk.set_status(ticket, "In Progress", clock.now())


def statuses(console) -> dict[str, str]:
    return {
        judged.ticket.display_id: judged.ticket.status
        for judged in console.engine.tracker.board.tickets()
    }


async def test_several_that_were_named_cost_one_request(console, desk, clock) -> None:
    change_all(desk, clock)
    first, second, _ = desk.tickets
    console.engine.named.name([first, first, "T1", "#T1", second])
    before = console.server.requests
    assert await console.engine.named.step()
    assert console.server.requests == before + 1
    assert statuses(console) == {"T0": "In Progress", "T1": "In Progress", "T2": "Open"}


async def test_a_new_ticket_is_found_by_its_id_or_its_number(console, desk, clock) -> None:
    made = desk.open("NEW-1", clock.now())
    desk.open("NEW-2", clock.now())
    console.engine.named.name([made.id, "NEW-2"])
    before = console.server.requests
    assert await console.engine.named.step()
    assert console.server.requests == before + 2
    assert {"NEW-1", "NEW-2"} <= statuses(console).keys()


async def test_what_is_no_ticket_is_forgotten(console) -> None:
    console.engine.named.name(["no-such-ticket"])
    assert not await console.engine.named.step()
    assert not await console.engine.named.step()
    assert len(statuses(console)) == 3


async def test_a_fifth_of_the_budget_is_the_most_that_is_spent_so(console, clock) -> None:
    """Of 50 a minute that is 10 at once, then one in 6 s; what waits is not lost."""
    named = console.engine.named
    console.engine.data.desk.budget = RequestBudget(50, clock)
    assert named.until_allowed() == 0
    for number in range(5):
        named.name([f"none-{number}"])  # asked for by id, then by number
        await named.step()
    assert named.until_allowed() == pytest.approx(6.0)
    clock.advance(seconds=6)
    assert named.until_allowed() == 0


async def test_a_flood_of_names_fills_no_memory(console) -> None:
    named = console.engine.named
    for number in range(2_000):
        named.name([f"none-{number}"])
    assert len(named._waiting) == 1_000


async def test_while_superops_is_away_nothing_is_raised(console, server) -> None:
    server.faults.next("internal_error", operation="getTicketList", times=10)
    console.engine.named.name(list(console.desk.tickets))
    assert not await console.engine.named.step()
    assert not await console.engine.named.step()


async def test_a_console_that_monitors_reads_what_is_named_and_another_forgets_it(
    console, desk, clock
) -> None:
    change_all(desk, clock)
    engine = console.engine
    reading = asyncio.create_task(engine.named.run(engine.leadership, engine._guarded))
    engine.named.name(list(desk.tickets))
    async with asyncio.timeout(5):
        while engine.named._waiting:
            await asyncio.sleep(0.01)
    assert statuses(console) == dict.fromkeys(("T0", "T1", "T2"), "Open")
    await engine.leadership.claim()
    engine.named.name(list(desk.tickets))
    async with asyncio.timeout(5):
        while "Open" in statuses(console).values():
            await asyncio.sleep(0.01)
    reading.cancel()
