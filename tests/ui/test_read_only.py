"""A console that may only look changes nothing, by whichever way somebody tries."""

import string
from dataclasses import replace

import pytest
from textual.actions import parse

from sla_console.domain.tickets.operation import Operation, OperationKind, OperationState
from sla_console.ui.actions.catalogue import ACTIONS, EVERY, IN_TICKET
from sla_console.ui.dialogs.changes import ChangesDialog
from sla_console.ui.dialogs.detail import DetailDialog
from sla_console.ui.screens.later import LATER
from sla_console.ui.session.options import Reloaded

pytestmark = pytest.mark.slow

VIEWS = ("board", "breaches", *LATER)
READING = {"refresh", "conversation"}
KEYS = tuple(string.ascii_letters)
LEAVING = {"quit", "suspend_process", "view"}


@pytest.fixture
def options(options):
    return replace(options, read_only=True)


@pytest.fixture
def link(link, clock):
    lost = Operation(
        "o1", OperationKind.ASSIGN, link.board.tickets[3].ticket.id, "t2", "Sam", clock.now(),
        OperationState.CONFLICT, shown="Tom O'Brien", last_error="Maya took it meanwhile.",
    )  # fmt: skip
    link.board = replace(link.board, operations=(lost,))
    return link


def changes(link) -> list:
    """What the service was asked to do beside reading."""
    return [call for call in link.service.calls if call[0] not in READING]


async def settle(pilot) -> None:
    for _ in range(3):
        await pilot.pause()


@pytest.mark.parametrize("view", VIEWS)
async def test_no_action_run_by_name_in_any_view_changes_anything(console, link, view):
    """As the palette and a click run them: by their name, at the app and at the view."""
    async with console.run_test(size=(140, 45)) as pilot:
        await console.action_view(view)
        await settle(pilot)
        for action in EVERY:
            if action.name in LEAVING:
                continue
            for home in (console, console.screen):
                run = action.run.removeprefix("screen.")
                await home.run_action(run)
                await pilot.pause()
                if console.screen is not console.view:
                    await pilot.press("enter", "escape")
        await settle(pilot)
    assert changes(link) == []


@pytest.mark.parametrize("view", ["board", "breaches", "alerts", "wall"])
async def test_no_key_in_a_view_changes_anything(console, link, view):
    async with console.run_test(size=(140, 45)) as pilot:
        await console.action_view(view)
        await settle(pilot)
        for action in ACTIONS:
            for key in action.keys:
                if action.name in LEAVING or action.id == "view.filter":
                    continue
                await pilot.press(_spelled(key))
                await pilot.pause()
                if console.screen is not console.view:
                    await pilot.press("escape")
        await settle(pilot)
    assert changes(link) == []


async def test_no_key_in_the_dialog_of_changes_changes_anything(console, link):
    async with console.run_test(size=(120, 40)) as pilot:
        for key in KEYS:
            if not isinstance(console.screen, ChangesDialog):
                console.action_changes()
                await pilot.pause()
            await pilot.press(key)
        await settle(pilot)
    assert changes(link) == []


async def test_the_dialog_of_changes_offers_no_key_that_does_nothing(console, link, screen_text):
    async with console.run_test(size=(120, 40)) as pilot:
        await pilot.press("C")
        await settle(pilot)
        assert "Maya took it meanwhile" in screen_text(console)
        assert "insists" not in screen_text(console)


async def test_no_key_in_a_ticket_changes_anything(console, link):
    async with console.run_test(size=(120, 50)) as pilot:
        for action in (*ACTIONS, *IN_TICKET):
            for key in action.keys:
                if not isinstance(console.screen, DetailDialog):
                    await pilot.press("escape", "enter")
                    await pilot.pause()
                if action.name not in LEAVING:
                    await pilot.press(_spelled(key))
        await settle(pilot)
    assert changes(link) == []


async def test_marks_and_a_click_on_the_key_line_change_nothing(console, link):
    async with console.run_test(size=(140, 45)) as pilot:
        await pilot.press("space", "space")
        for column in range(0, 140, 3):
            await pilot.click(offset=(column, 44))
            if console.screen is not console.view:
                await pilot.press("escape")
        await settle(pilot)
    assert changes(link) == []


async def test_every_own_key_of_a_screen_that_writes_is_known_by_its_id(console):
    """The dialog's keys ``retry`` and ``discard`` stand for alert.retry and alert.discard."""
    found = {
        parse(binding.action)[1]
        for binding in ChangesDialog.BINDINGS
        if binding.id in {action.id for action in EVERY if action.writes}
    }
    assert found == {"retry", "discard"}


async def test_a_configuration_read_again_tells_the_service_too(console, link):
    """A dialog may be open already: the service is what refuses it then."""
    async with console.run_test() as pilot:
        console._keeper._take(Reloaded(replace(console.context.options, read_only=False)))
        await settle(pilot)
        assert link.service.read_only is False
        console._keeper._take(Reloaded(replace(console.context.options, read_only=True)))
        await settle(pilot)
        assert link.service.read_only is True


def _spelled(key: str) -> str:
    return {"/": "slash", "?": "question_mark", ":": "colon", "esc": "escape",
            "[": "left_square_bracket", "]": "right_square_bracket"}.get(key, key)  # fmt: skip
