"""What is done about deadlines while the first sweep of all tickets still goes on."""

import asyncio
from datetime import timedelta

from sla_console.domain.alerts.alert import AlertEvent
from sla_console.domain.sla.breach import BreachType
from sla_console.monitoring.deadlines import Deadline, Deadlines, Matter


async def broken(console) -> set[str]:
    return {breach.display_id for breach in await console.store.breaches.load_active()}


async def read(console, *tickets) -> None:
    """Take in an answer that has these tickets."""
    found = await console.engine.data.desk.tickets_by_id([ticket.id for ticket in tickets])
    await console.engine.tracker.take(found)


async def test_a_breach_of_a_ticket_that_was_read_does_not_wait_for_the_end_of_the_sweep(
    begin, clock, desk
) -> None:
    """Due an hour after it was opened, and two hours have passed; nothing else was read."""
    console = await begin()
    ticket = desk.open("T1", clock.now())
    clock.advance(hours=2)
    await read(console, ticket)
    assert console.engine.sync.last_sync is None
    assert await console.engine.alert_loop.process_read()
    assert await broken(console) == {"T1"}


async def test_what_the_store_alone_knows_waits_until_it_is_read(begin, clock, desk) -> None:
    """Both were due while nobody watched; one was answered in time, which only SuperOps knows."""
    first = await begin()
    answered, late = desk.open("T1", clock.now()), desk.open("T2", clock.now())
    await first.sync()
    answered.responded = clock.advance(minutes=30)
    answered.updated = clock.now()
    clock.advance(hours=2)
    console = await begin()
    tracker = console.engine.tracker
    assert not await console.engine.alert_loop.process_read()
    assert tracker.next_moment(heard=False) is None, "nothing to wake for"
    assert set(tracker.hot(clock.now(), timedelta())) == {answered.id, late.id}
    await read(console, answered)
    await console.engine.alert_loop.process_read()
    assert await broken(console) == set()
    await read(console, late)
    await console.engine.alert_loop.process_read()
    assert await broken(console) == {"T2"}


async def test_a_ticket_that_is_as_it_was_counts_as_read(begin, clock, desk) -> None:
    first = await begin()
    ticket = desk.open("T1", clock.now())
    await first.sync()
    clock.advance(hours=2)
    console = await begin()
    await read(console, ticket)
    assert await console.engine.alert_loop.process_read()
    assert await broken(console) == {"T1"}


async def test_judging_all_anew_in_the_first_sweep_reads_no_ticket(begin, clock, desk) -> None:
    """The clients' hours come before the tickets, and every ticket is judged by them."""
    first = await begin()
    desk.open("T1", clock.now())
    await first.sync()
    clock.advance(hours=2)
    console = await begin()
    await console.engine.tracker.rejudge()
    assert not await console.engine.alert_loop.process_read()
    assert await console.engine.tracker.process(clock.now()), "once all is read, it counts"
    assert await broken(console) == {"T1"}


def test_moments_of_tickets_that_were_not_read_are_kept_and_forgotten(clock) -> None:
    queue, now = Deadlines(), clock.now()
    one, other = (Deadline(now, name, BreachType.RESPONSE, Matter.BREACH) for name in "ab")
    queue.hold("a", [one])
    queue.hold("b", [other])
    queue.set("b", [other])
    assert queue.next() is None
    assert queue.due(now) == []
    assert {moment.ticket_id for moment in queue.until(now)} == {"a", "b"}
    queue.forget("b")
    queue.heard()
    assert queue.due(now) == [one]


async def test_what_fell_due_in_a_gap_is_counted_though_the_sweep_dealt_with_it(
    begin, clock, desk
) -> None:
    """Nobody watched for two hours, in which the first response of one ticket fell due."""
    first = await begin(warn_at=())
    ticket = desk.open("T1", clock.now())
    await first.sync()
    await first.engine.alert_loop.process()
    clock.advance(hours=2)
    console = await begin(warn_at=())
    await read(console, ticket)
    await console.engine.alert_loop.process_read()
    await console.engine.alert_loop.process()
    told = await console.store.outbox.due("ops", clock.now())
    (blind,) = [one.notification for one in told if one.event is AlertEvent.MONITOR]
    assert blind.lines[0].startswith("1 moments that matter passed meanwhile")


class Outside:
    """Somebody outside who is told that all is well, or why not."""

    async def beat(self) -> str | None:
        self.heard = "well"

    async def fail(self, reason: str) -> str | None:
        self.heard = reason


async def test_a_first_read_that_does_not_end_is_trouble_after_five_minutes(
    begin, clock, monkeypatch
) -> None:
    """It hangs from 9:00 on: nothing is told at 9:04:59, people are at 9:05, and of its end."""
    console = await begin(heartbeat=Outside())
    await console.lead()
    engine, goes_on = console.engine, asyncio.Event()
    read = engine.data.desk.technicians

    async def hangs(*arguments):
        await goes_on.wait()
        return await read(*arguments)

    monkeypatch.setattr(engine.data.desk, "technicians", hangs)
    reading = asyncio.create_task(engine.sync.step())
    await asyncio.sleep(0)

    async def told(**later: float) -> list[tuple[str, str]]:
        clock.advance(**later)
        publisher = engine._publisher
        await engine.alert_loop.look(publisher.connection(), publisher.synced_at(), None)
        await console.dispatcher.flush("ops")
        return console.ops.rang()

    headline = "The monitor has not read SuperOps whole since it started"
    await told()
    assert await told(seconds=299) == []
    assert await told(seconds=1) == [("monitor", headline)]
    assert any(headline in one for one in engine._publisher.health().concerns)
    await engine.alert_loop.beat()
    assert console.outside.heard == "SuperOps has not been read yet"
    goes_on.set()
    await reading
    ended = [said for _, said in await told(minutes=11) if headline in said]
    assert [said.partition(" after ")[0] for said in ended] == ["Over"]
