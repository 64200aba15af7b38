"""A terminal that was too small for a moment: the keys stay where they were, and nothing is hidden."""

import pytest
from textual.widgets import Input

from sla_console.ui.widgets.line_table import LineTable


async def resize(pilot, columns: int, rows: int) -> None:
    await pilot.resize_terminal(columns, rows)
    for _ in range(5):
        await pilot.pause()


async def test_the_list_has_the_keys_again(console):
    async with console.run_test(size=(100, 30)) as pilot:
        await resize(pilot, 20, 4)
        await resize(pilot, 100, 30)
        assert isinstance(console.focused, LineTable)


@pytest.mark.slow
async def test_the_letters_of_a_filter_never_become_commands(console):
    async with console.run_test(size=(100, 30)) as pilot:
        await pilot.press("/", "x")
        await resize(pilot, 20, 4)
        await resize(pilot, 100, 30)
        await pilot.press("q")
        await pilot.pause()
        assert console.is_running
        assert isinstance(console.focused, Input)
        assert console.focused.value == "xq"


async def test_nothing_is_done_to_a_ticket_that_cannot_be_seen(console, link):
    async with console.run_test(size=(100, 30)) as pilot:
        await resize(pilot, 20, 4)
        await pilot.press("a", "enter", "enter")
        await pilot.pause()
        assert console.screen is console.view
        assert link.service.calls == []


async def test_the_age_of_what_is_shown_is_said_at_every_size(console, screen_text):
    async with console.run_test(size=(50, 8)) as pilot:
        await resize(pilot, 50, 9)
        assert "live" in screen_text(console)
