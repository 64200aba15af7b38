"""The reports view: a month's figures, by what they are told apart, and the promises behind them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from sla_console.domain.errors import Unreachable
from sla_console.domain.sla.verdict import Outcome
from sla_console.reporting.report import Frozen, VerdictChange
from sla_console.ui.app import ConsoleApp
from sla_console.ui.dialogs.detail import DetailDialog
from sla_console.ui.dialogs.report_tickets import PromiseTable, ReportTicketsDialog
from sla_console.ui.widgets.report_chart import ReportChart
from sla_console.ui.widgets.report_table import ReportTable

SMALL, USUAL, LARGE = (80, 24), (120, 30), (200, 50)
DIMENSIONS = (
    "policy", "priority", "client", "technician", "group", "request type", "weekday", "hour",
)  # fmt: skip


async def settle(pilot) -> None:
    for _ in range(3):
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()


async def opened(pilot, *keys: str):
    await pilot.press("9")
    await settle(pilot)
    for key in keys:
        await pilot.press(key)
        await settle(pilot)
    return pilot.app.view


class TestMonth:
    async def test_begins_with_this_one_of_the_reports_own_zone(self, console, link, screen_text):
        async with console.run_test(size=USUAL) as pilot:
            await opened(pilot)
            assert link.service.reports.asked == [("October 2026", "Sam")]
            assert "October 2026" in screen_text(console)
            assert "against September 2026" in screen_text(console)

    async def test_goes_back_and_forth_but_never_into_the_future(self, console, link):
        async with console.run_test(size=USUAL) as pilot:
            await opened(pilot, "]", "[", "[", "]")
            asked = [label for label, _ in link.service.reports.asked]
            assert asked == ["October 2026", "September 2026", "August 2026", "September 2026"]

    @pytest.mark.slow
    async def test_without_a_promise_says_which_are_known(self, console, screen_text):
        async with console.run_test(size=USUAL) as pilot:
            await opened(pilot, "[", "[", "[", "[")
            text = " ".join(screen_text(console).split())
            assert "June 2026: no promise was due in it" in text
            assert "known are promises due between 2026-07-14" in text

    async def test_an_answer_about_a_month_that_was_left_is_dropped(
        self, console, link, screen_text
    ):
        async with console.run_test(size=USUAL) as pilot:
            view = await opened(pilot)
            await pilot.press("[")
            link.hold()
            await pilot.press("[")
            await pilot.pause()
            assert "reading August 2026" in screen_text(console)
            assert "against" not in screen_text(console)
            link.release()
            await settle(pilot)
            assert view.is_current
            assert "against July 2026" in screen_text(console)

    async def test_is_asked_for_again_only_now_and_then(self, console, link, clock):
        async with console.run_test(size=USUAL) as pilot:
            await opened(pilot)
            for minutes in (1, 5, 3):
                clock.advance(minutes=minutes)
                link.publish(link.board)
                await settle(pilot)
            assert len(link.service.reports.asked) == 1
            clock.advance(minutes=2)
            link.publish(link.board)
            await settle(pilot)
            assert len(link.service.reports.asked) == 2

    @pytest.mark.slow
    async def test_a_failure_is_told_and_the_figures_before_it_stay(
        self, console, link, clock, screen_text
    ):
        async with console.run_test(size=USUAL) as pilot:
            await opened(pilot)
            link.service.error = Unreachable("The [b]store[/b] does not answer.")
            clock.advance(minutes=11)
            link.publish(link.board)
            await settle(pilot)
            text = screen_text(console)
            assert "The [b]store[/b] does not answer." in text
            assert "against September 2026" in text

    async def test_that_is_frozen_says_so_and_how_much_is_different_now(
        self, console, link, clock, screen_text
    ):
        change = VerdictChange("641", "resolution", "met", "missed", "its due time moved")
        mark = Frozen(clock.now() - timedelta(days=2), "Kim", "a" * 64, "b" * 64)
        link.service.reports.finish = lambda report: replace(
            report, frozen=mark, changes=(change, change)
        )
        async with console.run_test(size=USUAL) as pilot:
            await opened(pilot)
            assert "by Kim; 2 changes since." in screen_text(console)


class TestTable:
    async def test_goes_round_everything_that_promises_are_told_apart_by(
        self, console, screen_text
    ):
        async with console.run_test(size=USUAL) as pilot:
            await opened(pilot)
            for number, name in enumerate((*DIMENSIONS, DIMENSIONS[0])):
                place = f"By {name}  {number % len(DIMENSIONS) + 1} of {len(DIMENSIONS)}"
                assert place in screen_text(console)
                await pilot.press("b")
                await settle(pilot)

    @pytest.mark.slow
    async def test_its_parts_are_the_whole(self, console):
        async with console.run_test(size=USUAL) as pilot:
            view = await opened(pilot)
            for name in DIMENSIONS:
                rows = view._report.groups[name]
                judged = sum(row.resolution.tally.judged for row in rows)
                assert judged == pytest.approx(view._report.resolution.tally.judged)

    async def test_keeps_its_row_while_figures_come_anew(self, console, link, clock):
        async with console.run_test(size=USUAL) as pilot:
            view = await opened(pilot, "j", "j")
            before = view.query_one(ReportTable).selected.name
            clock.advance(minutes=11)
            link.publish(link.board)
            await settle(pilot)
            assert view.query_one(ReportTable).selected.name == before


class TestPromisesBehindARow:
    @pytest.mark.slow
    async def test_are_exactly_those_that_it_counts(self, console):
        async with console.run_test(size=USUAL) as pilot:
            view = await opened(pilot, "j")
            row = view.query_one(ReportTable).selected
            await pilot.press("enter")
            await settle(pilot)
            assert isinstance(console.screen, ReportTicketsDialog)
            shown = console.screen._rows
            tallies = (row.response.tally, row.resolution.tally)
            for outcome, count in (
                (Outcome.MET, sum(one.met for one in tallies)),
                (Outcome.MISSED, sum(one.missed for one in tallies)),
                (Outcome.OPEN, sum(one.open for one in tallies)),
            ):
                assert sum(one.outcome is outcome for one in shown) == count
            outcomes = [one.outcome for one in shown]
            assert outcomes == sorted(outcomes, key=["missed", "open", "met"].index)

    @pytest.mark.slow
    @pytest.mark.parametrize("size", [SMALL, USUAL, LARGE])
    async def test_say_of_each_what_was_due_and_who_had_it(self, console, screen_text, size):
        async with console.run_test(size=size) as pilot:
            await opened(pilot, "j", "enter")
            text = screen_text(console)
            one = console.screen.query_one(PromiseTable).selected
            assert "policy High promise, October 2026" in text
            assert one.number in text
            assert "missed; times in Europe/Dublin." in text

    @pytest.mark.slow
    async def test_open_their_ticket_though_it_has_left_the_board(self, console, link, screen_text):
        life = link.service.reports.lives[-3]
        link.service.explanation = type("E", (), {"judged": life.judged})()
        async with console.run_test(size=USUAL) as pilot:
            await opened(pilot, "j", "enter", "enter")
            assert isinstance(console.screen, DetailDialog)
            await pilot.press("escape")
            assert isinstance(console.screen, ReportTicketsDialog)
            await pilot.press("escape")
            await settle(pilot)
            assert console.screen is console.view

    async def test_say_why_one_cannot_be_opened(self, console, link, screen_text):
        async with console.run_test(size=USUAL) as pilot:
            await opened(pilot, "j", "enter")
            number = console.screen.query_one(PromiseTable).selected.number
            await pilot.press("enter")
            await settle(pilot)
            assert f"{number} cannot be opened" in screen_text(console)


class TestCharts:
    @pytest.mark.slow
    async def test_stand_beside_the_table_where_there_is_room(self, console, screen_text):
        async with console.run_test(size=LARGE) as pilot:
            view = await opened(pilot)
            text = screen_text(console)
            assert all(chart.display for chart in view.query(ReportChart))
            for title in ("Compliance by week", "Time left, or how late", "Missed by weekday"):
                assert title in text

    async def test_are_shown_one_at_a_time_where_there_is_less(self, console, screen_text):
        async with console.run_test(size=USUAL) as pilot:
            await opened(pilot)
            for title in ("Compliance by week", "Time left", "Missed by weekday", "Compliance by"):
                assert title in screen_text(console)
                await pilot.press("d")
                await settle(pilot)

    async def test_take_the_place_of_the_table_on_a_small_terminal(self, console, screen_text):
        async with console.run_test(size=SMALL) as pilot:
            view = await opened(pilot)
            assert "Compliance by week" not in screen_text(console)
            await pilot.press("v")
            await settle(pilot)
            assert "Compliance by week" in screen_text(console)
            assert not view.query_one("#report-list").display
            await pilot.press("b")
            await settle(pilot)
            assert "By policy" in screen_text(console)

    @pytest.mark.slow
    async def test_where_only_ascii_is_drawn_are_the_same_figures_as_text(
        self, link, clock, options, screen_text
    ):
        console = ConsoleApp(link, clock, "Sam", replace(options, ascii=True))
        async with console.run_test(size=LARGE) as pilot:
            view = await opened(pilot)
            text = screen_text(console)
            assert text.isascii()
            for week in view._report.weeks:
                if week.monday <= clock.now().date():
                    assert f"{week.monday:%d %b}" in text

    async def test_take_no_key_and_no_focus(self, console):
        async with console.run_test(size=LARGE) as pilot:
            view = await opened(pilot)
            await pilot.press("tab", "tab", "j")
            assert isinstance(view.focused, ReportTable)

    @pytest.mark.slow
    async def test_take_the_colours_of_a_theme_that_is_changed(self, console):
        async with console.run_test(size=LARGE) as pilot:
            await opened(pilot)
            before = console.export_screenshot()
            console.theme = "sla-light"
            await settle(pilot)
            assert console.export_screenshot() != before


async def test_a_key_that_is_taken_away_is_offered_no_more(link, clock, options, screen_text):
    keys = {"report.by": (), "report.chart": ("f6",)}
    console = ConsoleApp(link, clock, "Sam", replace(options, keys=keys))
    async with console.run_test(size=USUAL) as pilot:
        await opened(pilot)
        text = screen_text(console)
        assert "b next" not in text
        assert "f6 next" in text
        await pilot.press("b")
        await settle(pilot)
        assert "By policy" in screen_text(console)
