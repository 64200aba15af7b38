"""What people do to tickets: queued, sent once, and never over a colleague's head."""

import asyncio
from dataclasses import replace

import pytest

from sla_console.domain.errors import NotAllowed
from sla_console.domain.tickets.operation import OperationKind, OperationState
from sla_console.monitoring.first_board import first_board
from sla_console.service import ticket_actions
from sla_console.simulator.desk import DeskTechnician

MARTA, TOM, MAYA = "9", "10", "11"


@pytest.fixture
def writes(desk, monkeypatch) -> list[str]:
    """Everything that reached the desk as a change of assignment, status or priority."""
    seen: list[str] = []

    def noting(real):
        def note(ticket, value, at):
            seen.append(getattr(value, "name", value))
            real(ticket, value, at)

        return note

    for name in ("assign", "set_status", "set_priority"):
        monkeypatch.setattr(desk, name, noting(getattr(desk, name)))
    return seen


@pytest.fixture
async def console(begin, clock, desk):
    desk.technicians[TOM] = DeskTechnician(TOM, "Tom O'Brien", "5")
    desk.technicians[MAYA] = DeskTechnician(MAYA, "Maya Fischer", "5")
    desk.open("T1", clock.now(), technician=desk.technicians[MARTA])
    console = await begin(warn_at=())
    await console.sync()
    await console.engine.leadership.claim()
    return console


def only(desk):
    return next(iter(desk.tickets.values()))


async def write(console) -> None:
    """Let the console write what is due, and show what came of it."""
    await console.engine.write_back.step()
    await show(console)


async def show(console) -> None:
    await console.engine._publisher.count()
    console.engine.refresh_board()


def shown(console):
    """The one ticket as the board shows it."""
    (judged,) = console.board.tickets
    return judged.ticket


def queue(console) -> list[tuple[str, str]]:
    """State and words of what SuperOps does not have."""
    return [(str(one.state), one.words) for one in console.board.operations]


class TestDoing:
    async def test_it_is_queued_shown_written_and_read_back(self, console, desk, clock) -> None:
        (one,) = await console.service.assign([only(desk).id], MAYA, "ada")
        assert (one.expected, one.expected_shown, one.shown) == (
            MARTA,
            "Marta Lindqvist",
            "Maya Fischer",
        )
        await show(console)
        assert queue(console) == [("pending", "assign to Maya Fischer")]
        assert console.board.health.operations_waiting == 1
        clock.advance(seconds=1)
        await write(console)
        assert only(desk).technician.name == "Maya Fischer"
        assert queue(console) == []
        assert shown(console).technician == "Maya Fischer"
        assert console.board.health.operations_waiting == 0
        assert (await console.store.operations.get(one.id)).ended_at == clock.now()

    async def test_status_priority_and_note_likewise(self, console, desk, clock) -> None:
        ids = [only(desk).id]
        clock.advance(seconds=1)
        await console.service.change_status(ids, "in progress", "ada")
        await console.service.set_priority(ids, "Critical", "ada")
        await console.service.add_note(ids, "Called the vendor.\nThey call back.", "ada")
        await write(console)
        assert (shown(console).status, shown(console).priority) == ("In Progress", "Critical")
        (note,) = only(desk).notes
        assert note["privacyType"] == "PRIVATE"
        assert note["content"].startswith("ada: Called the vendor.<br>They call back.")

    async def test_a_new_priority_brings_its_promise_with_it(self, console, desk, clock) -> None:
        before = shown(console).resolution_due
        desk.targets["1", "Critical"] = replace(desk.targets["1", "Critical"], resolution=1)
        clock.advance(seconds=1)
        await console.service.set_priority([only(desk).id], "Critical", "ada")
        await write(console)
        assert shown(console).resolution_due < before

    async def test_nobody_can_be_given_a_ticket_too(self, console, desk, clock) -> None:
        clock.advance(seconds=1)
        (one,) = await console.service.assign([only(desk).id], "", "ada")
        assert one.words == "assign to nobody"
        await write(console)
        assert only(desk).technician is None
        assert shown(console).technician_id is None

    async def test_a_status_that_ends_it_takes_it_off_the_board(self, console, desk, clock) -> None:
        clock.advance(seconds=1)
        await console.service.change_status([only(desk).id], "Resolved", "ada")
        await write(console)
        assert console.board.tickets == ()
        again = await console.service.change_status([only(desk).id], "Open", "ada")
        assert again[0].expected == "Resolved", "a ticket that ended is still known"

    async def test_many_at_once_cost_one_reading_at_the_end(
        self, console, desk, clock, server
    ) -> None:
        for number in range(9):
            desk.open(f"more {number}", clock.now())
        await console.engine.sync.step()
        clock.advance(minutes=2)
        await console.sync()
        ids = list(desk.tickets)
        assert len(await console.service.assign([*ids, ids[0]], MAYA, "ada")) == 10
        before = server.requests
        await write(console)
        assert {ticket.technician.name for ticket in desk.tickets.values()} == {"Maya Fischer"}
        assert server.requests - before == 10 + 10 + 1
        assert {j.ticket.technician for j in console.board.tickets} == {"Maya Fischer"}

    async def test_each_leaves_a_line_in_the_history(self, console, desk) -> None:
        ids = [only(desk).id]
        await console.service.assign(ids, MAYA, "ada")
        await console.service.change_status(ids, "On Hold", "ada")
        await console.service.set_priority(ids, "Low", "ada")
        await console.service.add_note(ids, "hm", "ada")
        lines = [
            (entry.actor, entry.action, entry.detail, entry.result)
            for entry in reversed(await console.store.audit.for_subject(ids[0]))
        ]
        assert lines == [
            ("ada", "assign", "Maya Fischer (was Marta Lindqvist)", "queued"),
            ("ada", "change status", "On Hold (was Open)", "queued"),
            ("ada", "set priority", "Low (was High)", "queued"),
            ("ada", "add note", "hm", "queued"),
        ]

    async def test_what_is_so_already_is_not_sent(self, console, desk, writes) -> None:
        only(desk).technician = desk.technicians[MAYA]
        only(desk).updated = desk.now
        (one,) = await console.service.assign([only(desk).id], MAYA, "ada")
        await write(console)
        assert writes == []
        assert (await console.store.operations.get(one.id)).state is OperationState.DONE


class TestWrongInput:
    @pytest.mark.parametrize(
        ("call", "sentence"),
        [
            (lambda s, ids: s.assign(ids, "77", "ada"), "no technician with the id '77'"),
            (
                lambda s, ids: s.change_status(ids, "Dreaming", "ada"),
                "no status 'Dreaming'; there are Open, In Progress, On Hold, Resolved, Closed.",
            ),
            (
                lambda s, ids: s.set_priority(ids, "Vital", "ada"),
                "no priority 'Vital'; there are Critical, High, Low.",
            ),
            (lambda s, ids: s.add_note(ids, " \n\t", "ada"), "note is empty"),
            (lambda s, ids: s.add_note(ids, "x" * 5000, "ada"), "has 5,000 characters"),
            (lambda s, ids: s.add_note([*ids, "404"], "x", "ada"), "ticket 404 is not known"),
        ],
    )
    async def test_it_is_refused_in_a_sentence_and_nothing_is_queued(
        self, console, desk, call, sentence
    ) -> None:
        with pytest.raises(NotAllowed, match=sentence):
            await call(console.service, [only(desk).id])
        assert await console.store.operations.outstanding() == []
        assert await console.store.audit.recent(9) == []

    async def test_an_escape_sequence_reaches_nobody(self, console, desk) -> None:
        await console.service.add_note([only(desk).id], "a\x1b[31m", "ada")
        await write(console)
        assert "\x1b" not in only(desk).notes[0]["content"]


class TestNames:
    async def test_they_come_from_superops_in_its_order(self, console) -> None:
        statuses = ["Open", "In Progress", "On Hold", "Resolved", "Closed"]
        assert await console.service.statuses() == statuses
        assert await console.service.priorities() == ["Critical", "High", "Low"]
        names = [one.name for one in await console.service.technicians()]
        assert names == ["Marta Lindqvist", "Maya Fischer", "Tom O'Brien"]

    async def test_they_are_asked_for_once_in_a_while(self, console, server, clock, desk) -> None:
        await console.service.statuses()
        before = server.requests
        await console.service.statuses()
        assert server.requests == before
        clock.advance(minutes=11)
        await console.sync()
        desk.statuses.append("Parked")
        assert "Parked" in await console.service.statuses()

    async def test_where_superops_is_slow_those_told_last_are_there_and_the_next_one_has_the_new(
        self, console, server, clock, desk, monkeypatch
    ) -> None:
        before = await console.service.statuses()
        clock.advance(minutes=11)
        await console.sync()
        desk.statuses.append("Parked")
        monkeypatch.setattr(ticket_actions, "_MOMENT_SECONDS", 0.0)
        assert await console.service.statuses() == before
        await asyncio.gather(*console.service._ticket_actions._asking.values())
        assert await console.service.statuses() == [*before, "Parked"]

    async def test_without_superops_those_told_last_are_known(
        self, console, begin, server, clock
    ) -> None:
        told = (await console.service.statuses(), await console.service.priorities())
        await server.stop()
        clock.advance(minutes=11)
        again = await begin()
        await again.sync()
        assert (await again.service.statuses(), await again.service.priorities()) == told

    async def test_a_console_that_never_heard_takes_what_it_saw_and_the_configuration(
        self, console, server, clock
    ) -> None:
        server.faults.next("forbidden", times=9)
        assert await console.service.statuses() == ["Open", "Resolved", "Closed"]
        server.faults.clear()
        server.faults.next("forbidden", times=9)
        assert await console.service.priorities() == ["High"]


class TestConflict:
    async def test_a_colleague_who_was_quicker_keeps_it(self, console, desk, writes) -> None:
        await console.service.assign([only(desk).id], MAYA, "ada")
        only(desk).technician = desk.technicians[TOM]
        only(desk).updated = desk.now
        await write(console)
        assert writes == []
        assert only(desk).technician.name == "Tom O'Brien"
        assert queue(console) == [("conflict", "assign to Maya Fischer")]
        (one,) = console.board.operations
        assert one.last_error == "Tom O'Brien took it meanwhile (you wanted Maya Fischer)."
        (entry, *_) = await console.store.audit.recent(1)
        assert (entry.result, entry.detail, entry.actor) == ("conflict", one.last_error, "ada")

    async def test_the_board_shows_what_the_colleague_did(self, console, desk, clock) -> None:
        await console.service.change_status([only(desk).id], "On Hold", "ada")
        desk.set_status(only(desk), "In Progress", clock.advance(seconds=5))
        await write(console)
        assert shown(console).status == "In Progress"
        (one,) = console.board.operations
        assert one.last_error == "It was moved to In Progress meanwhile (you wanted On Hold)."

    async def test_nothing_more_is_tried(self, console, desk, clock, server) -> None:
        await console.service.set_priority([only(desk).id], "Low", "ada")
        desk.set_priority(only(desk), "Critical", clock.advance(seconds=5))
        await write(console)
        before = server.requests
        clock.advance(hours=2)
        await console.engine.operations.flush()
        assert server.requests == before
        assert only(desk).priority == "Critical"

    async def test_a_note_is_never_in_conflict(self, console, desk, clock) -> None:
        await console.service.add_note([only(desk).id], "still there", "ada")
        desk.set_status(only(desk), "In Progress", clock.advance(seconds=5))
        await write(console)
        assert queue(console) == []
        assert len(only(desk).notes) == 1

    async def test_who_insists_gets_it(self, console, desk, clock) -> None:
        await console.service.assign([only(desk).id], MAYA, "ada")
        desk.assign(only(desk), desk.technicians[TOM], clock.advance(seconds=5))
        await write(console)
        (one,) = console.board.operations
        await console.service.retry_operation(one.id, "grace")
        (pending,) = await console.store.operations.outstanding()
        assert (pending.state, pending.expected) == (OperationState.PENDING, TOM)
        clock.advance(seconds=1)
        await write(console)
        assert only(desk).technician.name == "Maya Fischer"
        assert queue(console) == []
        insisted, *_ = [
            entry
            for entry in await console.store.audit.recent(9)
            if entry.action == "insist on change"
        ]
        assert (insisted.actor, insisted.detail) == ("grace", "assign to Maya Fischer")

    async def test_but_not_over_yet_another_colleague(self, console, desk, clock) -> None:
        await console.service.assign([only(desk).id], MAYA, "ada")
        desk.assign(only(desk), desk.technicians[TOM], clock.advance(seconds=5))
        await write(console)
        await console.service.retry_operation(console.board.operations[0].id, "ada")
        desk.assign(only(desk), None, clock.advance(seconds=5))
        await write(console)
        (one,) = console.board.operations
        assert one.last_error == "Nobody has it any more (you wanted Maya Fischer)."

    async def test_who_gives_up_sees_it_go(self, console, desk, clock) -> None:
        await console.service.assign([only(desk).id], MAYA, "ada")
        desk.assign(only(desk), desk.technicians[TOM], clock.advance(seconds=5))
        await write(console)
        (one,) = console.board.operations
        await console.service.discard_operation(one.id, "grace")
        await show(console)
        assert queue(console) == []
        (entry,) = await console.store.audit.recent(1)
        assert (entry.actor, entry.action) == ("grace", "give up change")
        for again in (console.service.discard_operation, console.service.retry_operation):
            with pytest.raises(NotAllowed, match="grace gave it up"):
                await again(one.id, "ada")


class TestOffline:
    @pytest.fixture
    def offline(self, server):
        server.faults.next("drop", times=10_000)

    async def test_it_waits_in_sight_and_goes_when_superops_is_back(
        self, console, desk, clock, server, offline
    ) -> None:
        await console.service.assign([only(desk).id], MAYA, "ada")
        await write(console)
        (one,) = console.board.operations
        assert (one.state, one.sent) == (OperationState.PENDING, False)
        assert "SuperOps broke off the connection" in one.last_error
        assert console.board.health.operations_waiting == 1
        clock.advance(minutes=2)
        await console.sync()  # notices that it is offline
        await write(console)
        server.faults.clear()
        clock.advance(minutes=2)
        await console.sync()
        await write(console)
        assert only(desk).technician.name == "Maya Fischer"
        assert queue(console) == []

    async def test_once_it_is_back_nothing_waits_for_its_next_try(
        self, console, desk, clock, server, offline
    ) -> None:
        await console.service.assign([only(desk).id], MAYA, "ada")
        for _ in range(9):
            clock.advance(minutes=15)
            await console.sync()
            await write(console)
        assert console.board.operations[0].next_at > clock.now(), (
            "after so many tries it is patient"
        )
        server.faults.clear()
        clock.advance(minutes=1)
        await console.sync()
        await write(console)
        assert only(desk).technician.name == "Maya Fischer"

    async def test_it_survives_a_restart(
        self, console, begin, desk, clock, server, offline
    ) -> None:
        await console.service.assign([only(desk).id], MAYA, "ada")
        await write(console)
        server.faults.clear()
        again = await begin()
        assert queue(again) == [("pending", "assign to Maya Fischer")]
        first = await first_board(again.store, again.engine.tracker.evaluator, clock)
        assert first.operations == again.board.operations, "from the very first board on"
        await again.sync()
        clock.advance(minutes=1)
        await again.engine.operations.flush()
        assert only(desk).technician.name == "Maya Fischer"

    async def test_three_changes_of_mind_send_one(
        self, console, desk, clock, server, offline, writes
    ) -> None:
        for who in (TOM, MARTA, MAYA):
            await console.service.assign([only(desk).id], who, "ada")
            await write(console)
        assert queue(console) == [("pending", "assign to Maya Fischer")]
        server.faults.clear()
        clock.advance(minutes=1)
        await console.sync()
        await write(console)
        assert writes == ["Maya Fischer"]
        assert queue(console) == []

    async def test_the_first_that_finds_no_way_lets_the_others_wait(
        self, console, desk, clock, server, offline
    ) -> None:
        only_id = only(desk).id
        for text in ("one", "two", "three"):
            await console.service.add_note([only_id], text, "ada")
        before = server.faults.fired["drop"]
        await write(console)
        assert server.faults.fired["drop"] - before <= 5, "not one timeout after the other"
        assert console.board.health.operations_waiting == 3

    async def test_while_it_waits_it_can_be_given_up(
        self, console, desk, clock, server, offline, writes
    ) -> None:
        (one,) = await console.service.assign([only(desk).id], MAYA, "ada")
        with pytest.raises(NotAllowed, match="waits already"):
            await console.service.retry_operation(one.id, "ada")
        await console.service.discard_operation(one.id, "ada")
        server.faults.clear()
        await write(console)
        assert (writes, queue(console)) == ([], [])


class TestSentOnce:
    async def test_a_crash_after_the_request_left_sends_no_second(
        self, console, begin, desk, clock, writes, monkeypatch
    ) -> None:
        ids = [only(desk).id]
        await console.service.add_note(ids, "once", "ada")
        await console.service.assign(ids, MAYA, "ada")

        real = console.store.operations.replace

        async def dies(before, after, audit=None, **lease):
            if after.state is OperationState.DONE:
                raise KeyboardInterrupt
            return await real(before, after, audit, **lease)

        monkeypatch.setattr(console.store.operations, "replace", dies)
        for _ in range(2):  # one dies in the note, the next in the assignment
            with pytest.raises(KeyboardInterrupt):
                await console.engine.operations.flush()
        assert (len(only(desk).notes), writes) == (1, ["Maya Fischer"])
        again = await begin()
        await again.engine.operations.flush()
        assert await again.store.operations.waiting() == 2, "they may still be on their way"
        clock.advance(minutes=2)
        await again.engine.operations.flush()
        assert (len(only(desk).notes), writes) == (1, ["Maya Fischer"])
        assert await again.store.operations.waiting() == 0

    async def test_a_crash_before_it_left_sends_it_later(
        self, console, begin, desk, clock, monkeypatch
    ) -> None:
        await console.service.add_note([only(desk).id], "once", "ada")

        async def dies(*_):
            raise KeyboardInterrupt

        monkeypatch.setattr(console.engine.operations, "_send", dies)
        with pytest.raises(KeyboardInterrupt):
            await console.engine.operations.flush()
        again = await begin()
        clock.advance(minutes=2)
        await again.engine.operations.flush()
        assert len(only(desk).notes) == 1

    @pytest.mark.parametrize("operation", ["updateTicket", "createTicketNote"])
    async def test_what_arrived_unnoticed_is_found_by_reading_back(
        self, console, desk, clock, server, writes, operation
    ) -> None:
        if operation == "updateTicket":
            await console.service.assign([only(desk).id], MAYA, "ada")
        else:
            await console.service.add_note([only(desk).id], "once", "ada")
        server.faults.next("written_but_error", operation=operation)
        await write(console)
        assert console.board.operations[0].sent
        clock.advance(minutes=5)
        await write(console)
        assert queue(console) == []
        assert len(writes) + len(only(desk).notes) == 1

    async def test_what_was_unsure_stays_so_while_it_cannot_be_read_back(
        self, console, desk, clock, server
    ) -> None:
        await console.service.add_note([only(desk).id], "once", "ada")
        server.faults.next("written_but_error", operation="createTicketNote")
        await write(console)
        server.faults.next("drop", times=9, operation="getTicketNoteList")
        clock.advance(minutes=5)
        await console.engine.operations.flush()
        assert server.faults.fired["drop"] >= 1
        server.faults.clear()
        clock.advance(minutes=30)
        await console.engine.operations.flush()
        assert len(only(desk).notes) == 1
        assert await console.store.operations.waiting() == 0

    async def test_two_consoles_that_both_believe_they_lead_send_one(
        self, console, begin, desk, clock
    ) -> None:
        other = await begin()
        await console.service.add_note([only(desk).id], "once", "ada")
        await asyncio.gather(console.engine.operations.flush(), other.engine.operations.flush())
        clock.advance(minutes=5)
        await asyncio.gather(console.engine.operations.flush(), other.engine.operations.flush())
        assert len(only(desk).notes) == 1
        assert await console.store.operations.waiting() == 0


class TestDecidingAnew:
    async def test_while_the_first_is_unsure_the_second_waits_and_the_first_is_not_sent_again(
        self, console, desk, clock, server, writes
    ) -> None:
        ids = [only(desk).id]
        (first,) = await console.service.assign(ids, TOM, "ada")
        server.faults.next("bad_gateway", operation="updateTicket")
        await write(console)
        assert console.board.operations[0].sent, "it may have arrived"
        with pytest.raises(NotAllowed, match="has not said yet"):
            await console.service.discard_operation(first.id, "ada")
        (second,) = await console.service.assign(ids, MAYA, "ada")
        assert second.expected == TOM
        await write(console)  # the first turns out not to have arrived
        await write(console)
        assert writes == ["Maya Fischer"]
        assert queue(console) == []
        gone = await console.store.operations.get(first.id)
        assert gone.state is OperationState.DISCARDED

    async def test_and_if_the_first_did_arrive_the_second_is_no_conflict(
        self, console, desk, clock, server, writes
    ) -> None:
        ids = [only(desk).id]
        await console.service.assign(ids, TOM, "ada")
        server.faults.next("written_but_error", operation="updateTicket")
        await write(console)
        await console.service.assign(ids, MAYA, "ada")
        await write(console)
        await write(console)
        assert writes == ["Tom O'Brien", "Maya Fischer"]
        assert queue(console) == []

    async def test_nor_is_one_decided_before_the_board_showed_the_first(
        self, console, desk, clock, server, writes
    ) -> None:
        ids = [only(desk).id]
        await console.service.assign(ids, TOM, "ada")
        server.faults.next("drop", times=9, operation="getTicketList")  # not read after it
        await write(console)
        server.faults.clear()
        assert shown(console).technician == "Marta Lindqvist"
        await console.service.assign(ids, MAYA, "ada")
        await write(console)
        assert writes == ["Tom O'Brien", "Maya Fischer"]
        assert queue(console) == []

    async def test_of_two_the_first_is_not_shown_as_refused_when_nobody_wants_it_any_more(
        self, console, desk, server
    ) -> None:
        ids = [only(desk).id]
        await console.service.assign(ids, TOM, "ada")
        server.faults.next("bad_gateway", operation="updateTicket")
        await write(console)
        await console.service.assign(ids, MAYA, "ada")
        server.faults.next("forbidden", operation="getTicket(")
        await write(console)
        assert queue(console) == [("pending", "assign to Maya Fischer")]
        await write(console)
        assert only(desk).technician.name == "Maya Fischer"

    async def test_a_colleague_between_the_two_is_not_overwritten(
        self, console, desk, clock, server
    ) -> None:
        ids = [only(desk).id]
        await console.service.change_status(ids, "On Hold", "ada")
        server.faults.next("bad_gateway", operation="updateTicket")
        await write(console)
        desk.set_status(only(desk), "In Progress", clock.advance(seconds=5))
        await console.service.change_status(ids, "Resolved", "ada")
        await write(console)
        await write(console)
        assert only(desk).status == "In Progress"
        assert queue(console) == [("conflict", "move to Resolved")]

    async def test_after_a_conflict_the_old_one_is_forgotten(self, console, desk, clock) -> None:
        ids = [only(desk).id]
        await console.service.assign(ids, MAYA, "ada")
        desk.assign(only(desk), desk.technicians[TOM], clock.advance(seconds=5))
        await write(console)
        await console.service.assign(ids, MARTA, "ada")
        clock.advance(seconds=1)
        await write(console)
        assert only(desk).technician.name == "Marta Lindqvist"
        assert queue(console) == []


class TestRefused:
    async def test_it_is_shown_with_superops_own_reason_and_not_tried_again(
        self, console, desk, clock, server
    ) -> None:
        await console.service.statuses()
        desk.statuses.remove("On Hold")
        await console.service.change_status([only(desk).id], "On Hold", "ada")
        await write(console)
        (one,) = console.board.operations
        assert (one.state, one.sent) == (OperationState.FAILED, False)
        assert "SuperOps refuses to change a ticket" in one.last_error
        assert "(status)" in one.last_error
        assert console.board.health.operations_waiting == 0
        assert (await console.store.audit.recent(1))[0].result == "refused"
        before = server.requests
        clock.advance(hours=1)
        await console.engine.operations.flush()
        assert server.requests == before
        desk.statuses.append("On Hold")
        await console.service.retry_operation(one.id, "ada")
        await write(console)
        assert (only(desk).status, queue(console)) == ("On Hold", [])

    async def test_a_ticket_that_is_gone_is_said_to_be(self, console, desk) -> None:
        await console.service.assign([only(desk).id], MAYA, "ada")
        only(desk).deleted = True
        await write(console)
        (one,) = console.board.operations
        assert (one.state, one.last_error) == (
            OperationState.FAILED,
            "SuperOps does not have this ticket any more.",
        )

    async def test_a_note_that_may_not_be_written_can_be_tried_again(
        self, console, desk, server
    ) -> None:
        await console.service.add_note([only(desk).id], "once", "ada")
        server.faults.next("forbidden", operation="createTicketNote")
        await write(console)
        assert queue(console) == [("failed", "note: once")]
        await console.service.retry_operation(console.board.operations[0].id, "ada")
        await write(console)
        assert (len(only(desk).notes), queue(console)) == (1, [])

    async def test_the_rate_limit_is_no_refusal(self, console, desk, clock, server) -> None:
        await console.service.add_note([only(desk).id], "once", "ada")
        server.faults.next("rate_limited", operation="createTicketNote")
        await write(console)
        (one,) = console.board.operations
        assert (one.state, one.sent) == (OperationState.PENDING, False)
        clock.advance(minutes=5)
        await write(console)
        assert len(only(desk).notes) == 1


class TestSeveralConsoles:
    async def test_a_console_that_follows_queues_and_the_one_that_leads_sends(
        self, console, begin, desk, clock
    ) -> None:
        follower = await begin()
        assert not await follower.engine.leadership.claim()
        await console.engine.follow_once()
        await follower.engine.follow_once()
        await follower.service.assign([only(desk).id], MAYA, "dev")
        await write(follower)
        assert only(desk).technician.name == "Marta Lindqvist", "it does not send"
        assert queue(follower) == [("pending", "assign to Maya Fischer")]
        assert await console.engine.follow_once()
        console.engine.refresh_board()
        assert queue(console) == [("pending", "assign to Maya Fischer")]
        clock.advance(seconds=1)
        await write(console)
        assert only(desk).technician.name == "Maya Fischer"
        assert await follower.engine.follow_once()
        follower.engine.refresh_board()
        assert queue(follower) == []
        assert shown(follower).technician == "Maya Fischer"

    async def test_the_writer_is_woken_at_once(self, console, desk) -> None:
        await console.service.add_note([only(desk).id], "now", "ada")
        begun = asyncio.get_running_loop().time()
        await console.engine.write_back.rest()
        assert asyncio.get_running_loop().time() - begun < 0.5

    async def test_a_running_console_does_all_of_it_by_itself(
        self, console, desk, monkeypatch, writes
    ) -> None:
        monkeypatch.setattr(console.dispatcher, "run", asyncio.Event().wait)
        done = asyncio.Event()

        def seen(board) -> None:
            (judged,) = board.tickets
            if judged.ticket.technician == "Maya Fischer" and not board.operations:
                done.set()

        await console.engine.start_monitoring()
        try:
            console.service.subscribe(seen)
            await console.service.assign([only(desk).id], MAYA, "ada")
            async with asyncio.timeout(10):
                await done.wait()
        finally:
            await console.engine.stop_monitoring()
        assert writes == ["Maya Fischer"]

    async def test_a_token_that_is_refused_is_not_tried_with_every_change(
        self, console, desk, clock, server
    ) -> None:
        await console.service.add_note([only(desk).id], "once", "ada")
        server.faults.next("unauthorized", times=9)
        clock.advance(minutes=2)
        await console.sync()
        before = server.requests
        await write(console)
        assert server.requests == before


async def test_the_queue_is_read_only_when_it_may_have_changed(console, desk, monkeypatch) -> None:
    await show(console)
    reads = []
    real = console.store.operations.outstanding

    async def counted():
        reads.append(1)
        return await real()

    monkeypatch.setattr(console.store.operations, "outstanding", counted)
    for _ in range(5):
        await show(console)
    assert reads == []
    await console.service.add_note([only(desk).id], "x", "ada")
    await show(console)
    await show(console)
    assert len(reads) == 1


async def test_a_ticket_of_the_detail_lists_only_what_is_not_settled(console, desk) -> None:
    ids = [only(desk).id]
    (one,) = await console.service.assign(ids, MAYA, "ada")
    await console.service.discard_operation(one.id, "ada")
    await console.service.add_note(ids, "x", "ada")
    detail = await console.service.ticket_detail(ids[0])
    assert [operation.kind for operation in detail.operations] == [OperationKind.NOTE]
