"""Promises held against time: warnings, breaches, recoveries, and what a restart must not repeat."""

from datetime import timedelta

import pytest

from sla_console.domain.alerts.alert import AlertEvent, AlertRule
from sla_console.domain.board import SourceState
from sla_console.domain.errors import LostLease
from sla_console.domain.sla.breach import BreachState, BreachType


async def test_a_breach_is_stored_and_its_alert_queued_the_moment_its_due_time_passes(
    begin, clock, desk
) -> None:
    console = await begin()
    desk.open("T1", clock.now())
    await console.sync()
    await console.pass_time(clock, hours=1)
    assert console.board.counts.breached == 0, "due now is not yet late"
    await console.pass_time(clock, milliseconds=1)
    (breach,) = console.board.breaches
    assert (breach.display_id, breach.breach_type) == ("T1", BreachType.RESPONSE)
    assert console.board.counts.breached == 1
    assert ("breach", "T1") in await console.queued()


async def test_each_warning_level_is_told_once(begin, clock, desk) -> None:
    console = await begin(warn_at=(50, 75))
    desk.open("T1", clock.now(), responded=clock.now())
    await console.sync()
    await console.pass_time(clock, hours=2)
    assert (await console.queued()) == [("warning", "T1")]
    await console.sync()
    await console.pass_time(clock, minutes=30)
    assert len(await console.queued()) == 1
    await console.pass_time(clock, minutes=30)
    assert len(await console.queued()) == 2


async def test_after_a_gap_only_the_highest_level_passed_is_told(begin, clock, desk) -> None:
    console = await begin(warn_at=(50, 75, 90))
    desk.open("T1", clock.now(), responded=clock.now())
    await console.sync()
    await console.pass_time(clock, hours=3, minutes=40)
    assert (await console.queued()) == [("warning", "T1")]
    (message,) = await console.store.outbox.for_ticket(next(iter(desk.tickets)))
    assert message.notification.level == "90%"


async def test_nothing_is_said_while_a_ticket_waits(begin, clock, desk) -> None:
    console = await begin()
    ticket = desk.open("T1", clock.now())
    desk.set_status(ticket, "On Hold", clock.now())
    await console.sync()
    await console.pass_time(clock, hours=3)
    assert await console.queued() == []
    assert console.board.counts.held == 1
    (hold,) = await console.store.holds.for_ticket(ticket.id)
    assert hold.end is None
    desk.now = clock.now()
    desk.set_status(ticket, "Open", clock.now())
    await console.sync()
    (hold,) = await console.store.holds.for_ticket(ticket.id)
    assert hold.end == clock.now()
    await console.pass_time(clock, hours=1, seconds=1)
    assert ("breach", "T1") in await console.queued()


async def test_a_breach_ends_when_the_promise_is_kept_late(begin, clock, desk) -> None:
    rules = (
        AlertRule("r", ("ops",), (AlertEvent.RECOVERY,), proceed=True),
        AlertRule("all", ("ops",)),
    )
    console = await begin(rules=rules)
    ticket = desk.open("T1", clock.now())
    await console.sync()
    await console.pass_time(clock, hours=1, minutes=5)
    desk.answer(ticket, clock.now())
    await console.sync()
    assert console.board.breaches == ()
    (breach,) = await console.store.breaches.for_ticket(ticket.id)
    assert breach.state is BreachState.RESOLVED
    assert ("recovery", "T1") in await console.queued()


async def test_a_due_time_that_moves_away_ends_the_breach_and_begins_a_new_cycle(
    begin, clock, desk
) -> None:
    console = await begin(warn_at=())
    ticket = desk.open("T1", clock.now())
    await console.sync()
    await console.pass_time(clock, hours=1, minutes=5)
    ticket.response_due = clock.now() + timedelta(hours=2)
    ticket.updated = clock.now()
    await console.sync()
    assert console.board.breaches == ()
    await console.pass_time(clock, hours=2, seconds=1)
    assert len(console.board.breaches) == 1
    assert len(await console.store.breaches.for_ticket(ticket.id)) == 2


async def test_the_first_start_on_an_old_desk_keeps_old_breaches_but_announces_none(
    begin, clock, desk
) -> None:
    for number in range(30):
        desk.open(f"OLD{number}", clock.now() - timedelta(days=2))
    desk.open("NEW", clock.now() - timedelta(minutes=65))
    console = await begin()
    await console.sync()
    await console.pass_time(clock, seconds=1)
    assert console.board.counts.unacknowledged == 61
    assert [m for m in await console.queued() if m[0] == "breach"] == [("breach", "NEW")]


async def test_what_broke_while_the_console_was_down_is_announced_late(begin, clock, desk) -> None:
    console = await begin(warn_at=())
    desk.open("T1", clock.now())
    await console.sync()
    clock.advance(hours=2)
    again = await begin(warn_at=())
    assert again.board.counts.open == 1, "the cache is shown before SuperOps is asked"
    await again.sync()
    assert await again.queued() == [("breach", "T1")]


async def test_a_restart_says_nothing_twice_and_forgets_no_acknowledgement(
    begin, clock, desk
) -> None:
    console = await begin()
    desk.open("T1", clock.now())
    await console.sync()
    await console.pass_time(clock, hours=1, seconds=1)
    said = await console.queued()
    await console.service.acknowledge([console.board.breaches[0].id], "mine", "marta")
    again = await begin()
    await again.sync()
    await again.pass_time(clock, seconds=1)
    assert await again.queued() == said
    assert again.board.breaches[0].acknowledged_by == "marta"
    assert again.board.counts.unacknowledged == 0


async def test_a_closed_ticket_leaves_the_board_and_counts_for_its_technician(
    begin, clock, desk
) -> None:
    console = await begin()
    ticket = desk.open("T1", clock.now(), technician=desk.technicians["9"])
    await console.sync()
    clock.advance(minutes=30)
    desk.set_status(ticket, "Resolved", clock.now())
    await console.sync()
    assert console.board.counts.open == 0
    (marta,) = console.board.technicians
    assert marta.total_tickets == 0, "its targets are not due yet"
    clock.advance(hours=4)
    await console.sync()
    (marta,) = console.board.technicians
    assert (marta.technician_name, marta.total_tickets, marta.compliance_rate) == (
        "Marta Lindqvist",
        1,
        100.0,
    )


async def test_a_deleted_ticket_is_asked_for_by_id_before_it_is_dropped(begin, clock, desk) -> None:
    console = await begin()
    ticket = desk.open("T1", clock.now())
    await console.sync()
    ticket.deleted = True
    desk.now = clock.advance(seconds=5)
    await console.sync()
    assert console.board.counts.open == 0
    assert await console.store.tickets.get(ticket.id) is not None, "what was seen of it stays"
    left, why = await console.store.tickets.gone_why(ticket.id)
    assert (left, why) == (clock.now(), "SuperOps no longer has this ticket")


async def test_one_impossible_ticket_does_not_stop_the_others(begin, clock, desk) -> None:
    console = await begin()
    desk.open("BAD", clock.now()).resolution_due = clock.now() - timedelta(days=9000)
    desk.open("GOOD", clock.now())
    await console.sync()
    bad = next(t for t in console.board.tickets if t.ticket.display_id == "BAD")
    assert bad.degraded
    await console.pass_time(clock, hours=1, seconds=1)
    assert "GOOD" in {b.display_id for b in console.board.breaches}


async def test_a_write_under_a_term_that_is_over_is_refused_and_nothing_is_lost(
    begin, clock, desk
) -> None:
    console = await begin()
    desk.open("T1", clock.now())
    await console.sync()
    await console.engine.leadership.claim()
    other = await begin()
    clock_ms = console.engine.leadership._clock_ms() + 60_000
    await other.store.lease.acquire("other", clock_ms, 6000)
    now = clock.advance(hours=1, seconds=1)
    with pytest.raises(LostLease):
        await console.engine.tracker.process(now)
    assert await console.store.breaches.load_active() == []
    console.engine.leadership.step_down()
    await console.engine.tracker.process(now)
    assert len(await console.store.breaches.load_active()) == 1


class TestSuperOpsInTrouble:
    async def test_the_board_stays_when_the_network_goes(self, begin, clock, desk, server) -> None:
        console = await begin()
        desk.open("T1", clock.now())
        await console.sync()
        server.faults.next("server_error", times=50)
        clock.advance(minutes=5)
        await console.sync()
        assert server.faults.fired["server_error"] >= 1
        assert console.board.counts.open == 1
        assert console.board.health.connection is SourceState.STALE
        assert console.board.health.message
        await console.pass_time(clock, hours=1)
        assert console.board.counts.breached == 1, "promises run on without the network"
        server.faults.clear()
        await console.sync()
        assert console.board.health.connection is SourceState.LIVE

    async def test_missing_rows_are_a_fault_never_an_empty_desk(
        self, begin, clock, desk, server
    ) -> None:
        console = await begin()
        desk.open("T1", clock.now())
        await console.sync()
        server.faults.next("rows_missing", times=50, operation="getTicketList")
        await console.sync()
        assert server.faults.fired["rows_missing"] >= 1
        assert console.board.counts.open == 1
        assert console.board.health.connection is SourceState.STALE

    async def test_a_refused_token_is_a_state_of_its_own(self, begin, clock, desk, server) -> None:
        server._token = "changed"
        console = await begin()
        await console.sync()
        assert console.board.health.connection is SourceState.CANNOT_SIGN_IN
        asked = server.requests
        await console.sync()
        assert server.requests == asked, "a refused token is not tried again and again"


class TestReading:
    async def test_an_answer_older_than_what_is_known_changes_nothing(
        self, begin, clock, desk
    ) -> None:
        console = await begin()
        ticket = desk.open("T1", clock.now())
        await console.sync()
        old = console.board.tickets[0].ticket
        clock.advance(minutes=5)
        desk.answer(ticket, clock.now())
        await console.sync()
        assert not await console.engine.tracker.take([old])
        console.engine.refresh_board()
        assert console.board.tickets[0].ticket.responded_at == clock.now()

    async def test_hot_tickets_are_read_again_by_id_between_sweeps(
        self, begin, clock, desk, server
    ) -> None:
        console = await begin()
        ticket = desk.open("HOT", clock.now() - timedelta(minutes=50))
        for number in range(150):
            desk.open(f"T{number}", clock.now(), responded=clock.now())
        await console.sync()
        asked = server.requests
        desk.now = clock.advance(seconds=30)
        desk.answer(ticket, clock.now())
        assert await console.engine.sync.hot_step()
        assert server.requests == asked + 1, "one request, for one ticket, not a sweep"
        hot = console.engine.tracker.board.get(ticket.id)
        assert hot.ticket.responded_at == clock.now()

    async def test_a_sweep_that_fails_drops_nothing(self, begin, clock, desk, server) -> None:
        console = await begin()
        for number in range(150):
            desk.open(f"T{number}", clock.now())
        await console.sync()
        server.faults.next("garbage", operation="getTicketList")
        await console.sync()
        assert server.faults.fired["garbage"] == 1
        assert console.board.counts.open == 150

    async def test_new_hours_of_a_client_change_the_clocks_of_tickets_that_did_not_change(
        self, begin, clock, desk
    ) -> None:
        console = await begin()
        ticket = desk.open("T1", clock.now())
        ticket.response_due = None
        await console.sync()
        assert console.board.tickets[0].resolution.remaining(clock.now()) == timedelta(hours=4)
        desk.clients["7"].hours = (("MONDAY", "12:00", "17:00"),)
        clock.advance(minutes=31)
        await console.sync()
        assert console.board.tickets[0].resolution.remaining(clock.now()) == timedelta(hours=1)


async def test_a_rule_for_a_policy_means_the_sla_of_superops_too(begin, clock, desk) -> None:
    console = await begin(rules=[AlertRule("gold", ("ops",), policies=("gold",))], warn_at=(75,))
    desk.open("T1", clock.now(), sla=("1", "Gold"))
    await console.sync()
    await console.pass_time(clock, minutes=46)
    await console.pass_time(clock, minutes=15)
    assert await console.queued() == [("breach", "T1"), ("warning", "T1")]


async def test_judging_the_whole_board_anew_gives_way_to_deadlines(
    begin, clock, desk, monkeypatch
) -> None:
    """Of 450 tickets the first look and the second each pause after every 25."""
    console = await begin()
    for number in range(450):
        desk.open(f"T{number}", clock.now())
    await console.sync()
    pauses = []

    async def pause() -> None:
        pauses.append(1)

    monkeypatch.setattr(console.engine.tracker, "_pause", pause)
    await console.engine.tracker.rejudge()
    assert len(pauses) == 36
