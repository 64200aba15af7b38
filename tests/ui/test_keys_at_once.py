"""Several keys in one packet: each meets what the one before opened, and a dialog answers once."""

import pytest
from textual.events import Key

from sla_console.ui.dialogs.detail import DetailDialog
from sla_console.ui.dialogs.form import FormDialog
from sla_console.ui.dialogs.pick import PickDialog


def at_once(console, *keys: str) -> None:
    """Post keys as a terminal does that delivers them in one read."""
    for key in keys:
        character = {"enter": "\r", "escape": "\x1b", "tab": "\t"}.get(key, key)
        console.post_message(Key(key, character if len(character) == 1 else None))


async def settled(pilot) -> None:
    for _ in range(10):
        await pilot.pause()


@pytest.mark.slow
@pytest.mark.parametrize("key", ["a", "e", "n", "t", "s", "p", "o", ":", "z", "S", "C", "?"])
async def test_two_enters_behind_the_key_of_a_dialog_end_nothing(console, key):
    async with console.run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        at_once(console, key, "enter", "enter")
        await settled(pilot)
        assert console.is_running
        assert console._exception is None


async def test_the_second_answer_of_a_dialog_is_ignored(console):
    answers = []
    async with console.run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        dialog = FormDialog("Title", ("About",), "goes")
        console.push_screen(dialog, answers.append)
        await settled(pilot)
        dialog.dismiss({})
        dialog.dismiss({})
        await settled(pilot)
        assert console.screen is console.view
    assert answers == [{}]


async def test_a_key_meets_the_ticket_that_the_one_before_opened(console):
    async with console.run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        at_once(console, "enter", "q")
        await settled(pilot)
        assert console.is_running
        assert console.screen is console.view, "q closed the ticket"
        at_once(console, "enter")
        await settled(pilot)
        assert isinstance(console.screen, DetailDialog)


async def test_what_is_typed_ahead_stands_in_the_field(console):
    async with console.run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        at_once(console, "a", *"quit", "enter")
        await settled(pilot)
        assert console.is_running
        (step,) = console.context.link.service.calls
        assert "quit" in step


async def test_escape_and_a_letter_of_one_read_are_two_keys(console):
    async with console.run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        console.action_help()
        await settled(pilot)
        console.post_message(Key("alt+a", None))
        await settled(pilot)
        assert isinstance(console.screen, FormDialog), "Esc closed the help, a acknowledges"


async def test_a_page_down_typed_ahead_of_the_palette_ends_nothing(console):
    async with console.run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        at_once(console, ":", "pagedown", "pagedown", "x", "escape", "escape")
        await settled(pilot)
        assert console.is_running
        assert console._exception is None


async def test_a_pick_takes_what_was_typed_ahead(console):
    async with console.run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        console.action_theme()
        at_once(console, *"light")
        await settled(pilot)
        assert isinstance(console.screen, PickDialog)
        assert console.screen.query_one("Input").value == "light"
