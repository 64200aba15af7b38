"""What people do to tickets in SuperOps: on those that were meant, shown at once, told of if lost."""

import sys
from dataclasses import replace

import pytest

from sla_console.domain.board import SourceState
from sla_console.domain.errors import NotAllowed
from sla_console.domain.tickets.operation import Operation, OperationKind, OperationState
from sla_console.ui.dialogs.changes import ChangesDialog
from sla_console.ui.dialogs.pick import PickDialog
from sla_console.ui.terminal import browser
from sla_console.ui.widgets.line_table import LineTable
from sla_console.ui.widgets.ticket_table import TicketTable


async def settle(pilot) -> None:
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


def told(app) -> str:
    return " ".join(notification.message for notification in app._notifications)


def id_of(link, number: str) -> str:
    return next(j.ticket.id for j in link.board.tickets if j.ticket.display_id == number)


def line_of(text: str, number: str) -> str:
    return next(line for line in text.splitlines() if line[1:].startswith(number))


class TestAssign:
    async def test_it_names_the_ticket_and_typing_narrows_the_people(
        self, console, link, screen_text
    ):
        async with console.run_test(size=(100, 40)) as pilot:
            await pilot.press("t")
            await settle(pilot)
            text = screen_text(console)
            assert "1000  Acme Logistics" in text
            assert "VPN drops every ten minutes" in text
            assert "Tom O'Brien" in text.split("╭─ Assign")[1]
            await pilot.press(*"ines")
            await settle(pilot)
            dialog = screen_text(console).split("╭─ Assign")[1]
            assert "Ines Duarte" in dialog
            await pilot.press("enter")
            await settle(pilot)
        assert link.service.calls == [("assign", (id_of(link, "1000"),), "t3", "Sam")]

    async def test_what_is_typed_ahead_over_a_slow_line_chooses_all_the_same(self, console, link):
        async with console.run_test() as pilot:
            link.hold()
            await pilot.press("t", *"tom", "enter")
            await pilot.pause()
            assert isinstance(console.screen, PickDialog)
            link.release()
            await settle(pilot)
            await settle(pilot)
        assert [call[2] for call in link.service.calls] == ["t2"]

    async def test_it_shows_at_once_and_until_superops_has_it(
        self, console, link, desk, clock, screen_text
    ):
        async with console.run_test(size=(120, 40), notifications=True) as pilot:
            await pilot.press("j", "t", *"ines", "enter")
            await settle(pilot)
            line = line_of(screen_text(console), "1001")
            assert "Ines Duarte…" in line
            assert line.startswith("→")
            ticket_id = id_of(link, "1001")
            waiting = Operation(
                "o", OperationKind.ASSIGN, ticket_id, "t3", "Sam", clock.now(), shown="Ines Duarte"
            )
            link.publish(replace(link.board, version=50, operations=(waiting,)))
            await pilot.pause()
            assert "Ines Duarte…" in line_of(screen_text(console), "1001")
            tickets = [
                replace(one, ticket=replace(one.ticket, technician="Ines Duarte"))
                if one.ticket.id == ticket_id
                else one
                for one in link.board.tickets
            ]
            link.publish(desk.board(tickets, list(link.board.breaches)))
            await pilot.pause()
            line = line_of(screen_text(console), "1001")
            assert "Ines Duarte" in line
            assert "Ines Duarte…" not in line

    async def test_it_is_taken_back_when_the_service_refuses(self, console, link, screen_text):
        async with console.run_test(size=(120, 40), notifications=True) as pilot:
            await pilot.press("t")
            await settle(pilot)
            link.service.error = NotAllowed("There is no such technician any more.")
            await pilot.press("enter")
            await settle(pilot)
            text = screen_text(console)
            assert "There is no such technician any more." in told(console)
            assert "…" not in line_of(text, "1000")[60:]

    async def test_offline_it_is_said_to_be_queued(self, console, link):
        health = replace(link.board.health, connection=SourceState.STALE)
        link.board = replace(link.board, health=health)
        async with console.run_test(size=(120, 40), notifications=True) as pilot:
            await pilot.press("t", *"tom", "enter")
            await settle(pilot)
            assert "Queued: SuperOps will have it" in told(console)


class TestTake:
    async def test_the_technician_with_the_operators_name_takes_it(self, console, link):
        console.context.operator = "maya fischer"
        async with console.run_test() as pilot:
            await pilot.press("T")
            await settle(pilot)
        assert link.service.calls == [("assign", (id_of(link, "1000"),), "t1", "maya fischer")]

    async def test_an_address_says_it_too(self, console, link):
        console.context.options = replace(console.context.options, technician="maya@msp.example")
        async with console.run_test() as pilot:
            await pilot.press("T")
            await settle(pilot)
        assert link.service.calls[0][2] == "t1"

    async def test_whoever_is_no_technician_is_asked(self, console, link):
        async with console.run_test() as pilot:
            await pilot.press("T")
            await settle(pilot)
            assert isinstance(console.screen, PickDialog)
            assert link.service.calls == []


@pytest.mark.parametrize(
    ("keys", "call"),
    [
        (("m", *"hold", "enter"), ("status", "On Hold")),
        (("P", *"low", "enter"), ("priority", "Low")),
        (("n", *"called back", "enter"), ("note", "called back")),
    ],
    ids=["status", "priority", "note"],
)
async def test_status_priority_and_note(console, link, keys, call):
    async with console.run_test() as pilot:
        await pilot.press(keys[0])
        await settle(pilot)
        await pilot.press(*keys[1:])
        await settle(pilot)
    name, value = call
    assert link.service.calls == [(name, (id_of(link, "1000"),), value, "Sam")]


async def test_an_empty_note_is_not_written(console, link, screen_text):
    async with console.run_test(size=(100, 40)) as pilot:
        await pilot.press("n", "enter")
        await settle(pilot)
        assert "This may not stay empty." in screen_text(console)
        assert link.service.calls == []


class TestMarks:
    async def test_an_action_is_about_all_that_are_marked_and_names_them(
        self, console, link, screen_text
    ):
        async with console.run_test(size=(100, 40)) as pilot:
            await pilot.press("space", "j", "space")
            await pilot.pause()
            assert "2 marked" in screen_text(console)
            await pilot.press("t", *"tom")
            await settle(pilot)
            text = screen_text(console)
            assert "2 tickets" in text
            assert "1000  Acme Logistics" in text
            assert "1002  Harbour & Sons" in text
            await pilot.press("enter")
            await settle(pilot)
        assert link.service.calls[0][1] == (id_of(link, "1000"), id_of(link, "1002"))

    async def test_they_stay_with_their_tickets_when_the_list_is_sorted_anew(
        self, console, link, desk
    ):
        async with console.run_test() as pilot:
            await pilot.press("space", "space")
            marks = list(console.view.query_one("#tickets", TicketTable).marks)
            link.publish(desk.board(list(reversed(desk.tickets(40)))))
            await pilot.pause()
            assert list(console.view.query_one("#tickets", TicketTable).marks) == marks
            await pilot.press("t", *"tom", "enter")
            await settle(pilot)
        assert list(link.service.calls[0][1]) == marks

    async def test_marked_tickets_that_have_left_the_board_are_not_meant(self, console, link, desk):
        async with console.run_test() as pilot:
            await pilot.press("space", "space")
            link.publish(desk.board(desk.tickets(40)[1:]))
            await pilot.pause()
            await pilot.press("T")
            await settle(pilot)
            assert "1001" in console.screen._about[0]

    async def test_they_are_not_counted_any_more_either(self, console, link, desk, screen_text):
        async with console.run_test(size=(100, 40)) as pilot:
            await pilot.press("space", "space")
            link.publish(desk.board(desk.tickets(40)[1:]))
            await pilot.pause()
            assert "1 marked" in screen_text(console)
            await pilot.press("2", "space", "space", "space")
            link.publish(desk.board([]))
            await pilot.pause()
            assert "marked" not in screen_text(console)
            await pilot.press("1")
            await pilot.pause()
            assert "marked" not in screen_text(console)

    async def test_those_that_the_filter_hides_are_counted(self, console, screen_text):
        async with console.run_test(size=(120, 40)) as pilot:
            await pilot.press("space", "space", "/", *"acme", "enter")
            await pilot.pause()
            assert "2 marked, 1 of them hidden" in screen_text(console)

    async def test_taking_several_names_them_and_asks_first(self, console, link, screen_text):
        console.context.operator = "maya fischer"
        async with console.run_test(size=(80, 24)) as pilot:
            await pilot.press("space", "space", "T")
            await settle(pilot)
            assert link.service.calls == []
            text = screen_text(console)
            assert "2 tickets" in text
            assert "enter assigns them to Maya Fischer" in text
            await pilot.press("enter")
            await settle(pilot)
        assert link.service.calls[0][:2] == (
            "assign", (id_of(link, "1000"), id_of(link, "1001")),
        )  # fmt: skip

    async def test_a_click_at_the_edge_of_a_row_marks_it_and_another_takes_the_mark(
        self, console, screen_text
    ):
        async with console.run_test(size=(100, 40)) as pilot:
            await pilot.click("#tickets", offset=(0, 3))
            await pilot.pause()
            assert "1 marked" in screen_text(console)
            await pilot.click("#tickets", offset=(20, 3))
            await pilot.click("#tickets", offset=(0, 3))
            await pilot.pause()
            assert "marked" not in screen_text(console)

    async def test_where_an_action_is_about_one_row_none_is_marked(self, console):
        async with console.run_test(size=(100, 40)) as pilot:
            for view in ("3", "4", "5", "7"):
                await pilot.press(view)
                await settle(pilot)
                await pilot.press("space")
                for rows in console.screen.query(LineTable):
                    assert not rows.marks

    async def test_all_marks_go_with_one_key(self, console, screen_text):
        async with console.run_test(size=(100, 40)) as pilot:
            await pilot.press("space", "space", "U")
            await pilot.pause()
            assert "marked" not in screen_text(console)

    async def test_acknowledging_several_says_how_many_and_does_all(
        self, console, link, screen_text
    ):
        async with console.run_test(size=(100, 40)) as pilot:
            await pilot.press("space", "j", "space", "a", "enter")
            await settle(pilot)
        assert len(link.service.calls[0][1]) == 2

    async def test_breaches_are_marked_like_tickets(self, console, link, screen_text):
        async with console.run_test(size=(100, 40)) as pilot:
            await pilot.press("2", "space", "space")
            await pilot.pause()
            assert "2 marked" in screen_text(console)
            wanted = list(console.screen.query_one("BreachTable").marks)
            await pilot.press("a", "enter")
            await settle(pilot)
        assert sorted(link.service.calls[0][1]) == sorted(wanted)


class TestLost:
    @pytest.fixture
    def overtaken(self, link, clock) -> Operation:
        return Operation(
            "o1", OperationKind.ASSIGN, id_of(link, "1003"), "t2", "Sam", clock.now(),
            OperationState.CONFLICT, shown="Tom O'Brien",
            last_error="Maya Fischer took it meanwhile (you wanted Tom O'Brien).",
        )  # fmt: skip

    async def test_a_colleague_who_was_quicker_is_named_aloud_once(self, console, link, overtaken):
        async with console.run_test(size=(120, 40), notifications=True) as pilot:
            await pilot.press("T", "escape")  # somebody works here
            await settle(pilot)
            link.publish(replace(link.board, version=51))
            await pilot.pause()
            link.publish(replace(link.board, version=52, operations=(overtaken,)))
            await pilot.pause()
            assert "1003: assign to Tom O'Brien was not done." in told(console)
            assert "Maya Fischer took it meanwhile" in told(console)
            before = len(console._notifications)
            link.publish(replace(link.board, version=53))
            await pilot.pause()
            assert len(console._notifications) == before

    async def test_it_stands_in_the_list_of_changes_and_one_insists_or_gives_up(
        self, console, link, overtaken, screen_text
    ):
        link.board = replace(link.board, operations=(overtaken,))
        async with console.run_test(size=(120, 40)) as pilot:
            await pilot.press("C")
            await settle(pilot)
            assert isinstance(console.screen, ChangesDialog)
            text = screen_text(console)
            assert "overtaken" in text
            assert "Maya Fischer took it meanwhile (you wanted Tom O'Brien)." in text
            await pilot.press("R")
            await settle(pilot)
            await pilot.press("D")
            await settle(pilot)
        assert link.service.calls == [("insist", "o1", "Sam"), ("give up", "o1", "Sam")]

    async def test_until_somebody_decides_the_status_line_says_so(
        self, console, link, overtaken, screen_text
    ):
        link.board = replace(link.board, operations=(overtaken,))
        async with console.run_test(size=(80, 24)) as pilot:
            for view in ("1", "2"):
                await pilot.press(view)
                await pilot.pause()
                assert "C 1 change not taken" in screen_text(console)

    async def test_without_any_it_says_so(self, console, screen_text):
        async with console.run_test(size=(120, 40)) as pilot:
            await pilot.press("C")
            await settle(pilot)
            assert "SuperOps has everything that was done here" in screen_text(console)


class TestLinks:
    @pytest.fixture
    def opener(self, monkeypatch, tmp_path):
        """A desktop whose opener writes down what it is given, and with which environment."""
        program, noted = tmp_path / "opener", tmp_path / "noted"
        program.write_text(
            f'#!/bin/sh\n{{ echo "$1"; env; }} > {noted}.part\nmv {noted}.part {noted}\n'
        )
        program.chmod(0o700)
        monkeypatch.setattr(browser, "_OPENERS", {sys.platform: str(program)})
        for name in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT", "WAYLAND_DISPLAY", "DISPLAY"):
            monkeypatch.delenv(name, raising=False)
        return noted

    @pytest.mark.parametrize(
        "environ",
        [
            {"SSH_CONNECTION": "10.0.0.1 5000 10.0.0.2 22", "DISPLAY": ":10"},
            {"SSH_TTY": "/dev/pts/3", "DISPLAY": ":10"},
            {"BROWSER": "lynx"},
        ],
        ids=["forwarded", "terminal of SSH", "text browser"],
    )
    async def test_without_a_display_of_its_own_the_address_is_copied(
        self, console, link, monkeypatch, opener, environ
    ):
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        async with console.run_test() as pilot:
            await pilot.press("o")
            await pilot.pause()
        assert console.clipboard == f"https://desk.example/{id_of(link, '1000')}"
        assert not opener.exists()

    async def test_on_a_desktop_it_opens_and_gets_no_secret(
        self, console, link, monkeypatch, opener
    ):
        for name, value in (("DISPLAY", ":0"), ("SLA_CONSOLE_TOKEN", "hush"), ("BROWSER", "lynx")):
            monkeypatch.setenv(name, value)
        async with console.run_test() as pilot:
            await pilot.press("o")
            while not opener.exists():
                await pilot.pause()
        first, *environ = opener.read_text().splitlines()
        assert first == f"https://desk.example/{id_of(link, '1000')}"
        assert "DISPLAY=:0" in environ
        assert not [line for line in environ if "hush" in line or line.startswith("BROWSER")]

    async def test_the_numbers_of_all_that_are_marked_are_copied(self, console):
        async with console.run_test() as pilot:
            await pilot.press("space", "space", "y")
            await pilot.pause()
        assert console.clipboard == "1000 1001"


async def test_a_console_that_may_only_look_changes_nothing_and_says_so(console, link, screen_text):
    console.context.options = replace(console.context.options, read_only=True)
    async with console.run_test() as pilot:
        await pilot.press("a", "enter", "escape", "e", "t", "T", "n", "m", "P", "z", "S", "u")
        await settle(pilot)
        assert console.screen is console.view
        assert "read only" in screen_text(console)
    assert link.service.calls == []


async def test_in_the_detail_the_keys_are_about_its_ticket(console, link, screen_text):
    async with console.run_test(size=(120, 50)) as pilot:
        await pilot.press("j", "enter")
        await settle(pilot)
        await pilot.press("t", *"ines", "enter")
        await settle(pilot)
        assert "1001" in screen_text(console)
    assert link.service.calls[-1] == ("assign", (id_of(link, "1001"),), "t3", "Sam")
