"""While SuperOps does not answer: what follows from old data waits, and one message says so."""

from datetime import timedelta

import pytest

from sla_console.alerting.grouping import Grouping
from sla_console.domain.alerts.alert import AlertEvent
from sla_console.domain.board import SourceState


@pytest.fixture
async def broken(begin, clock, desk):
    """A console whose one ticket broke its first response a minute ago; it has been told."""

    async def start(**options):
        console = await begin(**{"warn_at": (), **options})
        desk.open("T1", clock.now())
        await console.sync()
        await console.live(61)
        return console

    return start


async def test_superops_that_does_not_answer_outranks_what_follows_from_old_data(
    broken, desk, clock
) -> None:
    console = await broken()
    console.ops.rang()
    for number in range(30):
        desk.open(f"X{number}", clock.now() - timedelta(minutes=50))
    await console.sync()
    duties, since = console.engine.alert_loop, clock.now()
    clock.advance(minutes=4)
    await duties.look(SourceState.STALE, since, "connection refused")
    await console.live(20)
    (trouble,) = console.ops.rang()
    assert trouble[1].startswith("SuperOps does not answer since")
    assert await console.store.outbox.held_for_fresh_data() == 30
    await duties.look(SourceState.LIVE, clock.now(), None)
    await console.live(1)
    kept = await console.store.deliveries.recent(99)
    over, begun = (m for m in kept if m.event is AlertEvent.MONITOR)
    assert (begun.thread, begun.notification.ended_at) == (over.thread, None), "one incident"
    assert over.notification.ended_at == over.created_at, "that ends"
    rang = console.ops.rang()
    assert rang[0][1].startswith("SuperOps answers again after 24 m")
    assert [event for event, _ in rang[1:]] == ["digest"], "one message, not thirty"


async def test_what_was_answered_meanwhile_is_not_told(broken, desk, clock) -> None:
    console = await broken()
    ticket = desk.open("X", clock.now() - timedelta(minutes=50))
    await console.sync()
    console.ops.rang()
    duties, since = console.engine.alert_loop, clock.now()
    clock.advance(minutes=4)
    await duties.look(SourceState.STALE, since, None)
    await console.live(20)
    desk.answer(ticket, clock.now())
    await console.sync()
    await duties.look(SourceState.LIVE, clock.now(), None)
    await console.live(1)
    assert not [m for m in console.ops.seen if m.ticket_id == ticket.id]


async def test_what_gathers_when_it_is_known_waits_as_well_except_what_is_urgent(
    begin, clock, desk
) -> None:
    console = await begin(warn_at=(), grouping=Grouping(interval=timedelta(minutes=20)))
    for number in range(3):
        desk.open(f"T{number}", clock.now() + timedelta(minutes=2 * number))
    await console.sync()
    since = clock.now() + timedelta(minutes=60)
    await console.live(64)
    assert console.ops.rang() == [("breach", "T0")], "the others wait for the group's interval"
    duties = console.engine.alert_loop
    await duties.look(SourceState.STALE, since, "connection refused")
    assert await console.store.outbox.held_for_fresh_data() == 1, "of T1; T2 is not broken yet"
    await console.live(30)
    (trouble,) = console.ops.rang()
    assert trouble[1].startswith("SuperOps does not answer since")
    await duties.look(SourceState.LIVE, clock.now(), None)
    await console.live(1)
    assert [event for event, _ in console.ops.rang()] == ["monitor", "digest"]


async def test_what_another_console_saw_end_is_not_told_by_this_one(begin, clock) -> None:
    console = await begin()
    duties = console.engine.alert_loop
    await duties.look(SourceState.STALE, clock.now() - timedelta(minutes=5), None)
    await console.send()
    console.ops.rang()
    # Another monitors for hours, and then this one again.
    other = await begin()
    await other.engine.alert_loop.begin()
    clock.advance(hours=5)
    await other.engine.alert_loop.look(SourceState.LIVE, clock.now(), None)
    await other.send()
    assert [event for event, _ in other.ops.rang()] == ["monitor"]
    await duties.begin()
    await duties.look(SourceState.LIVE, clock.now(), None)
    await console.send()
    assert console.ops.rang() == []


async def test_one_poll_that_fails_is_no_news(begin, clock) -> None:
    console = await begin()
    duties, since = console.engine.alert_loop, clock.now()
    for _ in range(17):
        clock.advance(seconds=10)
        assert not await duties.look(SourceState.STALE, since, "connection refused")
    clock.advance(seconds=10)
    assert await duties.look(SourceState.STALE, since, "connection refused"), "three minutes are"
    assert not await duties.look(SourceState.STALE, since, "connection refused"), "told once"
