"""A ticket's story at every width: nothing breaks off in the middle of a column."""

from datetime import timedelta

import pytest

from sla_console.ui.text.wrap import fold, hang

LEDGER = "  Thu 26 Nov 22:33:10  Fri 27 Nov 09:00:00          -     0:00:00  closed, outside hours"


async def settle(pilot) -> None:
    for _ in range(3):
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()


@pytest.fixture(autouse=True)
def days_ahead(link, desk):
    """The first ticket is due on another day, which takes most room to say."""
    late = desk.ticket(7, -timedelta(days=1, hours=13, minutes=2))
    link.board = desk.board([late, desk.ticket(8, timedelta(hours=30))])


@pytest.mark.slow
@pytest.mark.parametrize("width", [60, 72, 80, 100, 120])
@pytest.mark.parametrize("keys", [("enter",), ("v",), ("enter", "f")])
async def test_each_clock_says_its_due_time_in_one_line(console, screen_text, width, keys):
    async with console.run_test(size=(width, 80)) as pilot:
        await pilot.press(*keys)
        await settle(pilot)
        lines = [line.strip(" │╭╮╰╯") for line in screen_text(console).splitlines()]
        due = [line for line in lines if "due " in line and "SuperOps" in line]
        assert len(due) == 2
        assert all(line.endswith("by SuperOps") for line in due)


@pytest.mark.slow
async def test_it_is_written_anew_when_the_room_changes(console, screen_text):
    async with console.run_test(size=(120, 40)) as pilot:
        await pilot.press("enter")
        await settle(pilot)
        await pilot.resize_terminal(64, 40)
        await settle(pilot)
        story = screen_text(console).split("Story")[1].splitlines()[1:4]
        assert all(
            line.strip(" │")[:2].isalnum() or line.startswith("│" + " " * 21) for line in story
        )


class TestHanging:
    def test_other_lines_stand_in(self):
        assert hang("one two three four", 2, 24) == "one two three four"
        assert hang("one two three four five six", 4, 24) == "one two three four\n    five six"
        assert hang("", 4, 24) == ""

    def test_the_last_column_goes_below_the_others_whole(self):
        assert fold(LEDGER, 90) == LEDGER
        first, second = fold(LEDGER, 74).split("\n")
        assert first.endswith("0:00:00")
        assert second == "    closed, outside hours"

    def test_a_sentence_is_broken_between_words(self):
        said = "Resolution: due Fri 27 Nov 13:00 (SuperOps says so); BREACHED, 4 h 30 m late"
        lines = fold(said, 40).split("\n")
        assert " ".join(line.strip() for line in lines) == said
        assert all(len(line) <= 40 for line in lines)
        assert lines[1].startswith("  ")
