"""Detail, help, palette, clipboard, and the registry they are made from."""

from dataclasses import replace
from datetime import timedelta

from textual.binding import Binding
from textual.command import CommandPalette

from sla_console.domain.errors import Unreachable
from sla_console.domain.tickets.ticket import TicketNote
from sla_console.ui.actions.action import GROUPS, spellings
from sla_console.ui.actions.alerts import AlertOperations
from sla_console.ui.actions.breaches import Operations
from sla_console.ui.actions.catalogue import ACTIONS, EVERY, IN_TICKET, MOVES
from sla_console.ui.actions.tickets import TicketOperations
from sla_console.ui.app import ConsoleApp
from sla_console.ui.dialogs.detail import DetailDialog
from sla_console.ui.dialogs.on_call import OnCallDialog
from sla_console.ui.screens.alerts import AlertsView
from sla_console.ui.screens.board import BoardView
from sla_console.ui.screens.reports import ReportsView
from sla_console.ui.screens.technicians import TechniciansView
from sla_console.ui.widgets.bar import PieceBar
from sla_console.ui.widgets.line_table import LineTable


async def settle(pilot) -> None:
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


async def test_the_detail_shows_clocks_policy_record_and_who_was_told(console, clock, screen_text):
    async with console.run_test(size=(120, 50)) as pilot:
        await pilot.press("enter")
        await settle(pilot)
        text = screen_text(console)
        for words in (
            "1000", "VPN drops every ten minutes", "Acme Logistics", "Critical promise",
            "BREACHED, 39 m late", "due 09:20, by SuperOps", "07:00            clocks held, inferred",
            "service lead: breach, accepted", "console: breach recorded",
            "inferred: its due time moved", "68% to break, 41 of 60 like it took longer",
            "by the policy here",
        ):  # fmt: skip
            assert words in text
        clock.advance(minutes=2)
        console.tick()
        await pilot.pause()
        assert "BREACHED, 41 m late" in screen_text(console)
        await pilot.press("escape")
        assert isinstance(console.screen, BoardView)


async def test_the_detail_follows_its_ticket_and_not_the_row(console, link, desk, screen_text):
    async with console.run_test(size=(120, 50)) as pilot:
        await pilot.press("enter")
        await settle(pilot)
        tickets = desk.tickets(40)
        tickets[0] = desk.ticket(0, timedelta(hours=5), subject="Renamed meanwhile")
        link.publish(desk.board(tickets))
        await settle(pilot)
        text = screen_text(console)
        assert "Renamed meanwhile" in text
        assert "5 h left" in text


async def test_messages_are_asked_for_only_by_key(console, link, clock, screen_text):
    link.service.notes = [TicketNote("n", "Jo Park", clock.now(), "Still [b]broken[/b]", False)]
    async with console.run_test(size=(120, 60)) as pilot:
        await pilot.press("enter")
        await settle(pilot)
        assert link.service.calls == []
        link.hold()
        await pilot.press("c")
        await pilot.pause()
        assert "Asking SuperOps for messages" in screen_text(console)
        link.release()
        await settle(pilot)
        assert "Still [b]broken[/b]" in screen_text(console)


async def test_a_failed_read_says_why_and_leaves_the_clocks(console, link, screen_text):
    link.service.error = Unreachable("The network is down.")
    async with console.run_test(size=(120, 50)) as pilot:
        await pilot.press("enter")
        await settle(pilot)
        assert "The record cannot be read: The network is down." in screen_text(console)
        await pilot.press("c")
        await settle(pilot)
        text = screen_text(console)
        assert "No messages: The network is down. Press c to try again." in text
        assert "BREACHED, 39 m late" in text


async def test_help_lists_every_action_with_its_keys(console, screen_text):
    async with console.run_test(size=(120, 100)) as pilot:
        await pilot.press("question_mark")
        await pilot.pause()
        text = screen_text(console)
        for action in EVERY:
            assert f"{console.context.keys.all_shown(action):<8}{action.label}" in text
        await pilot.press("escape")
        assert isinstance(console.screen, BoardView)


async def test_at_80x24_a_clock_of_another_day_stands_on_one_line(console, link, desk, screen_text):
    link.board = desk.board([desk.ticket(1, timedelta(days=-12, hours=-11))])
    async with console.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter")
        await settle(pilot)
        (line,) = [one for one in screen_text(console).splitlines() if "BREACHED, 12 d" in one]
        assert "late" in line
        assert "by SuperOps" in line


async def test_at_80x24_the_help_breaks_no_line_in_the_middle_and_scrolls_as_a_list_does(
    console, screen_text
):
    async with console.run_test(size=(80, 24)) as pilot:
        await pilot.press("question_mark")
        await pilot.pause()
        lines = screen_text(console).splitlines()
        at = next(place for place, line in enumerate(lines) if "Technicians" in line)
        column = lines[at].index("How well")
        assert lines[at + 1].index("what they have in hand") == column
        place = console.screen.scrolled
        for key, moved in (("j", 1), ("j", 2), ("k", 1), ("g", 0)):
            await pilot.press(key)
            await pilot.pause()
            assert place.scroll_offset.y == moved
        await pilot.press("G")
        await pilot.pause()
        assert "marked: an action is about all that are" in screen_text(console)
        await pilot.press("ctrl+u", "pageup", "question_mark")
        await pilot.pause()
        assert isinstance(console.screen, BoardView)


async def test_the_palette_marks_and_opens_as_the_keys_do(console, screen_text):
    async with console.run_test(size=(120, 50)) as pilot:
        await pilot.press("j", "ctrl+p", *"mark")
        await pilot.pause(0.3)
        await pilot.press("enter")
        await pilot.pause()
        assert "1 marked" in screen_text(console)
        await pilot.press("ctrl+p", *"detail")
        await pilot.pause(0.3)
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(console.screen, DetailDialog)


async def test_the_key_line_fades_what_does_nothing_now(console, link, desk, options):
    def faded() -> set[str]:
        return {piece.text for piece in console.screen.query_one("#keys", PieceBar)._left
                if piece.look == "off"}  # fmt: skip

    async with console.run_test(size=(120, 30)) as pilot:
        await pilot.pause()
        assert faded() == set()
        link.publish(desk.board([]))
        await pilot.pause()
        assert {"Ack", "Escalate", "Note", "Detail"} <= faded()
        assert not {"Filter", "Help", "Quit"} & faded()
        link.publish(desk.typical())
        console.context.options = replace(options, read_only=True)
        await pilot.pause()
        console.tick()
        assert {"Ack", "Assign", "Status"} <= faded()
        assert not {"Detail", "Open", "Sort"} & faded()


async def test_the_palette_runs_the_same_actions(console, screen_text):
    async with console.run_test(size=(120, 50)) as pilot:
        await pilot.press("ctrl+p")
        await pilot.pause()
        assert isinstance(console.screen, CommandPalette)
        await pilot.press(*"technicians")
        await pilot.pause(0.3)
        text = screen_text(console)
        assert "Theme" not in text
        assert "Screenshot" not in text
        await pilot.press("down", "enter")
        await pilot.pause()
        assert "[3 Technicians]" in screen_text(console)


async def test_the_palette_also_finds_what_only_the_board_can_do(console, screen_text):
    async with console.run_test(size=(120, 50)) as pilot:
        await pilot.press("ctrl+p", *"pause")
        await pilot.pause(0.3)
        await pilot.press("down", "enter")
        await pilot.pause()
        assert "order paused" in screen_text(console)


async def test_y_copies_the_number_and_shift_y_the_link(console, link):
    async with console.run_test() as pilot:
        await pilot.press("y")
        assert console.clipboard == "1000"
        await pilot.press("Y")
        assert console.clipboard == f"https://desk.example/{link.board.tickets[0].ticket.id}"


async def test_q_quits(console):
    async with console.run_test() as pilot:
        await pilot.press("q")
        await pilot.pause()
    assert console.return_code == 0


def test_every_action_has_an_id_words_and_no_key_means_two_things():
    assert len({action.id for action in EVERY}) == len(EVERY)
    for action in EVERY:
        mine = {name for key in action.keys for name in spellings(key)}
        for other in EVERY:
            if other is not action and action.meets(other):
                assert not mine & {name for key in other.keys for name in spellings(key)}
        assert action.label
        assert action.tooltip
        assert action.group in GROUPS


def test_every_action_can_be_run_where_its_key_works():
    views = [BoardView, AlertsView, TechniciansView, ReportsView]
    for action in ACTIONS:
        homes = views if action.of_view else [ConsoleApp]
        assert any(hasattr(home, f"action_{action.name}") for home in homes), action.id
    for action in MOVES:
        assert hasattr(LineTable, f"action_{action.name}"), action.id
    for action in IN_TICKET:
        assert hasattr(DetailDialog, f"action_{action.name}"), action.id


def test_every_action_on_a_ticket_is_one_of_the_operations():
    named = [action.run[8:-2] for action in ACTIONS if action.run.startswith("ticket(")]
    homes = (Operations, AlertOperations, TicketOperations)
    for name in named:
        assert any(hasattr(home, name) for home in homes), name


def test_bindings_carry_the_ids_that_people_remap():
    ids = {
        binding.id
        for owner in (ConsoleApp, LineTable, DetailDialog, OnCallDialog)
        for binding in owner.BINDINGS
        if isinstance(binding, Binding) and binding.id is not None
    }
    assert ids == {action.id for action in EVERY}
