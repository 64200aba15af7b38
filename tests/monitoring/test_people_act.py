"""What people do: stored at once, told to SuperOps once, and never over a colleague's head."""

from datetime import timedelta

import pytest

from sla_console.domain.board import SourceState
from sla_console.domain.errors import NotAllowed
from sla_console.domain.figures.report import DateRange
from sla_console.domain.forecast.risk import RiskLevel
from sla_console.domain.sla.breach import BreachState
from sla_console.domain.tickets.operation import OperationState


@pytest.fixture
async def console(begin, clock, desk):
    console = await begin(warn_at=())
    desk.open("T1", clock.now(), technician=desk.technicians["9"])
    await console.sync()
    await console.pass_time(clock, hours=1, minutes=12)
    return console


def only(desk):
    return next(iter(desk.tickets.values()))


async def flush(console, clock) -> None:
    clock.advance(minutes=15)
    await console.engine.operations.flush()


async def test_acknowledging_is_stored_audited_and_on_the_board(console, desk) -> None:
    (breach,) = console.board.breaches
    (after,) = await console.service.acknowledge([breach.id], "on it", "marta")
    assert (after.state, after.acknowledged_by) == (BreachState.ACKNOWLEDGED, "marta")
    stored = await console.store.breaches.get(breach.id)
    assert stored == after
    detail = await console.service.ticket_detail(breach.ticket_id)
    assert detail.history[0].actor == "marta"
    assert "on it" in detail.history[0].detail
    assert detail.operations[0].state is OperationState.PENDING


async def test_it_leaves_a_private_note_on_the_ticket(console, desk, clock) -> None:
    await console.service.acknowledge([console.board.breaches[0].id], "on it", "marta")
    await flush(console, clock)
    (note,) = only(desk).notes
    assert note["privacyType"] == "PRIVATE"
    assert note["content"].startswith("marta acknowledged the missed first response")
    assert await console.store.operations.waiting() == 0


class TestOneNoteForOneDeed:
    """A ticket that missed its first response and its resolution has two breaches."""

    @pytest.fixture
    async def both(self, console, clock):
        await console.pass_time(clock, hours=4)
        ids = [breach.id for breach in console.board.breaches]
        assert len(ids) == 2
        return ids

    async def test_acknowledge_and_escalate_leave_two_notes_and_not_four(
        self, console, desk, clock, both
    ) -> None:
        await console.service.acknowledge(both, "on it", "marta")
        await console.service.escalate(both, "too much for me", "marta")
        for _ in range(4):
            await flush(console, clock)
        first, second = (note["content"] for note in only(desk).notes)
        for content, did in ((first, "marta acknowledged"), (second, "marta escalated")):
            assert content.startswith(did)
            assert "first response" in content
            assert "resolution" in content

    async def test_what_time_does_afterwards_leaves_none(self, console, desk, clock, both) -> None:
        """The acknowledgement ends after half an hour, and a reminder goes out before."""
        await console.service.acknowledge(both, None, "marta", timedelta(minutes=30))
        await console.live(40)
        await flush(console, clock)
        assert len(only(desk).notes) == 1


async def test_a_note_that_arrived_unnoticed_is_not_written_twice(
    console, desk, clock, server
) -> None:
    await console.service.acknowledge([console.board.breaches[0].id], None, "marta")
    server.faults.next("written_but_error", operation="createTicketNote")
    await flush(console, clock)
    assert server.faults.fired["written_but_error"] == 1
    assert await console.store.operations.waiting() == 1, "unsure, so not done"
    await flush(console, clock)
    assert len(only(desk).notes) == 1
    assert await console.store.operations.waiting() == 0


async def test_without_the_network_it_waits_and_survives_a_restart(
    console, begin, desk, clock, server
) -> None:
    await console.service.acknowledge([console.board.breaches[0].id], None, "marta")
    server.faults.next("drop", times=10)
    await flush(console, clock)
    assert server.faults.fired["drop"] >= 1
    server.faults.clear()
    again = await begin()
    assert again.board.health.operations_waiting == 1
    await flush(again, clock)
    assert len(only(desk).notes) == 1


async def test_what_superops_refuses_is_given_up_and_said(console, desk, clock, server) -> None:
    await console.service.acknowledge([console.board.breaches[0].id], None, "marta")
    server.faults.next("forbidden", times=5)
    await flush(console, clock)
    assert server.faults.fired["forbidden"] >= 1
    assert await console.store.operations.waiting() == 0
    history = await console.service.recent_history()
    assert history[0].result == "refused"


async def test_a_night_without_the_network_is_two_lines_in_the_log(
    console, clock, server, caplog
) -> None:
    caplog.set_level("INFO", "sla_console")
    server.faults.next("drop", times=10_000)
    server.faults.next("bad_gateway", times=10_000)
    sync = console.engine.sync
    for _ in range(40):
        clock.advance(minutes=10)
        assert await sync.step()
        assert not await sync.hot_step()
    assert sync.connection is SourceState.STALE
    server.faults.clear()
    clock.advance(minutes=10)
    await sync.step()
    assert sync.connection is SourceState.LIVE
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 2, said
    assert said[0].startswith("SuperOps cannot be read:")
    assert said[1] == "SuperOps can be read again after 40 failed tries"


async def test_two_consoles_one_acknowledgement(console, begin, clock) -> None:
    other = await begin()
    breach_id = console.board.breaches[0].id
    await console.service.acknowledge([breach_id], None, "marta")
    with pytest.raises(NotAllowed, match="T1: marta was quicker; the breach is acknowledged now"):
        await other.service.acknowledge([breach_id], None, "dev")
    assert (await console.store.breaches.get(breach_id)).acknowledged_by == "marta"
    other.engine.refresh_board()
    assert other.board.breaches[0].acknowledged_by == "marta", "both show it"


async def test_the_console_that_monitors_shows_what_another_did(console, begin) -> None:
    await console.engine.leadership.claim()
    await console.engine.follow_once()
    other = await begin()
    await other.service.acknowledge([console.board.breaches[0].id], "from afar", "dev")
    assert await console.engine.follow_once()
    console.engine.refresh_board()
    assert console.board.breaches[0].acknowledged_by == "dev"
    assert not await console.engine.follow_once(), "nothing new, nothing read"


async def test_a_console_that_follows_shows_what_the_monitor_stores(
    console, begin, desk, clock
) -> None:
    await console.engine.leadership.claim()
    other = await begin()
    assert not await other.engine.leadership.claim()
    await other.engine.follow_once()
    desk.open("T2", clock.now())
    await console.sync()
    assert await other.engine.follow_once()
    other.engine.refresh_board()
    assert other.board.counts.open == 2
    assert other.board.health.leader == console.engine.leadership.me


async def test_escalating_tells_whom_it_names(console, monkeypatch) -> None:
    woken: list[int] = []
    monkeypatch.setattr(console.dispatcher, "wake", lambda: woken.append(1))
    (breach,) = console.board.breaches
    assert console.service.escalation_targets(breach.id) == ("ops",)
    (after,) = await console.service.escalate([breach.id], "vip", "marta")
    assert after.state is BreachState.ESCALATED
    assert ("escalation", "T1") in await console.queued()
    assert woken


async def test_giving_back_makes_it_nobodys_again(console) -> None:
    breach_id = console.board.breaches[0].id
    await console.service.acknowledge([breach_id], None, "marta")
    (after,) = await console.service.unacknowledge([breach_id], "not mine", "marta")
    assert (after.state, after.acknowledged_by) == (BreachState.OPEN, None)


async def test_giving_back_wakes_what_was_put_off(console, clock) -> None:
    breach_id = console.board.breaches[0].id
    until = clock.now() + timedelta(hours=1)
    await console.service.snooze([breach_id], until, "parts", "marta")
    (after,) = await console.service.unacknowledge([breach_id], "they came", "marta")
    assert (after.state, after.snoozed_until) == (BreachState.OPEN, None)


async def test_a_reason_from_a_terminal_is_cleaned(console) -> None:
    (after,) = await console.service.acknowledge(
        [console.board.breaches[0].id], "a\x1b[31m", "marta"
    )
    assert "\x1b" not in after.note


class TestAsking:
    async def test_a_tickets_status(self, console, desk, clock) -> None:
        status = await console.service.get_ticket_sla_status(only(desk).id)
        assert status.is_response_breached
        assert not status.is_resolution_breached
        assert status.response_time_remaining == -timedelta(minutes=12)
        assert status.breach_risk_level is RiskLevel.CRITICAL
        with pytest.raises(KeyError):
            await console.service.get_ticket_sla_status("nothing")

    async def test_breaches_and_technicians(self, console) -> None:
        assert len(await console.service.monitor_sla_breaches()) == 1
        figures = await console.service.get_technician_sla_performance("9")
        assert (figures.total_tickets, figures.breach_count) == (1, 1)

    async def test_potential_breaches_are_the_running_clocks_at_risk(self, console, clock) -> None:
        await console.pass_time(clock, hours=2)
        (potential,) = await console.engine.detect_potential_breaches()
        assert potential.display_id == "T1"

    async def test_a_report_counts_promises_due_in_its_span(self, console, clock) -> None:
        now = clock.now()
        day = DateRange(now.replace(hour=0), now.replace(hour=23))
        report = await console.service.generate_sla_report(day)
        assert (report.total_tickets, report.promises_missed, report.breach_count) == (1, 1, 1)
        assert report.compliance_rate == 0.0

    async def test_conversations_are_read_on_demand(self, console, desk) -> None:
        only(desk).notes.append(
            {
                "noteId": "1",
                "content": "<p>Vendor <b>called</b></p>",
                "addedBy": None,
                "addedOn": desk.now,
                "privacyType": "PRIVATE",
                "attachments": [],
            }
        )
        (note,) = await console.service.ticket_conversation(only(desk).id)
        assert note.text == "Vendor called"
