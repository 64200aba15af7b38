"""The console as somebody left it, and as the configuration wants it while that changes."""

import json
from dataclasses import replace

import pytest
from rich.cells import cell_len
from textual.app import App

from sla_console.ui.app import ConsoleApp
from sla_console.ui.session import session_manager as keeper
from sla_console.ui.session.options import Reloaded
from sla_console.ui.session.session_manager import _SETTLES
from sla_console.ui.session.session_state import ChosenColumn, SessionState
from sla_console.ui.widgets.filter_bar import FilterBar
from sla_console.ui.widgets.ticket_columns import CATALOG, columns_for, usual
from sla_console.ui.widgets.ticket_table import TicketTable


async def settle(pilot) -> None:
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


def table(app, place: int = -1) -> TicketTable:
    """The board's list, also under a dialog."""
    return app.screen_stack[place].query_one("#tickets", TicketTable)


class TestRecall:
    @pytest.fixture
    def again(self, link, clock, options):
        """A console started after another one was left."""
        return lambda: ConsoleApp(link, clock, "Sam", options)

    async def test_sort_filter_view_hours_and_ticket_are_as_they_were_left(
        self, console, link, again, screen_text
    ):
        async with console.run_test(size=(120, 30)) as pilot:
            await settle(pilot)
            await pilot.press("s", *"number", "enter", "h", "/", *"acme", "enter", "j")
            await pilot.pause(_SETTLES + 0.2)
            await settle(pilot)
            selected = table(console).cursor
        other = again()
        async with other.run_test(size=(120, 30)) as pilot:
            await settle(pilot)
            text = screen_text(other)
            assert "by number" in text
            assert "wall time" in text
            assert "8 of 40" in text  # never a filter that one does not see
            assert other.view.query_one(FilterBar).text == "acme"
            assert table(other).cursor == selected

    async def test_what_was_done_last_is_kept_though_one_leaves_at_once(self, console, link, again):
        async with console.run_test() as pilot:
            await settle(pilot)
            await pilot.press("h", "j", "j")
            selected = table(console).cursor
        other = again()
        async with other.run_test() as pilot:
            await settle(pilot)
            assert other.context.memory.wall_hours
            assert table(other).cursor == selected

    async def test_a_store_that_does_not_answer_keeps_nobody_from_leaving(
        self, console, link, monkeypatch
    ):
        monkeypatch.setattr(keeper, "_LAST_WORD", 0.05)
        async with console.run_test() as pilot:
            await settle(pilot)
            await pilot.press("h")
            link.hold()
        assert link.service.memory is None

    async def test_where_the_cursor_rests_is_remembered(self, console, link, monkeypatch):
        monkeypatch.setattr(keeper, "_RESTS", 0.05)
        async with console.run_test() as pilot:
            await settle(pilot)
            await pilot.press("j", "j")
            await pilot.pause(0.2)
            await settle(pilot)
            assert SessionState.read(link.service.memory).selected == table(console).cursor

    async def test_it_opens_with_the_view_that_was_open(self, link, again):
        link.service.memory = SessionState(view="breaches").written()
        app = again()
        async with app.run_test() as pilot:
            await settle(pilot)
            assert app.view.NAME == "breaches"

    async def test_a_ticket_that_is_gone_leaves_the_cursor_at_the_top(self, link, again):
        link.service.memory = SessionState(selected="4711").written()
        app = again()
        async with app.run_test() as pilot:
            await settle(pilot)
            assert table(app).cursor == link.board.tickets[0].ticket.id

    @pytest.mark.parametrize(
        "text", ["", "{", "[]", '{"version": 99, "filter": "x"}', '{"version": 1, "columns": 3}',
                 '{"version": 1, "columns": {"board": [{"key": 1}]}, "sort": ["x"]}'],
    )  # fmt: skip
    def test_what_cannot_be_read_is_forgotten(self, text):
        assert SessionState.read(text).filter == ""
        assert SessionState.read(text).sort == ""

    def test_what_is_written_is_read_again(self):
        memory = SessionState(
            "health", "p1", "risk", True, True, True, "7", {"board": (ChosenColumn("age", 9),)},
            "sla-light",
        )  # fmt: skip
        assert SessionState.read(memory.written()) == memory

    async def test_nothing_is_written_before_it_was_read(self, console, link):
        """A slow store must not lose what was left there."""
        link.service.memory = kept = SessionState(filter="p1").written()
        async with console.run_test() as pilot:
            link.hold()
            console._keeper._recalled = False
            await pilot.press("h")
            await pilot.pause(_SETTLES + 0.2)
            assert link.service.memory == kept


class TestColumns:
    async def test_they_are_turned_on_moved_widened_and_remembered(
        self, console, link, screen_text
    ):
        async with console.run_test(size=(150, 40)) as pilot:
            await settle(pilot)
            await pilot.press("c")
            await settle(pilot)
            keys = [offered.column.key for offered in CATALOG]
            before = table(console, 0).laid_out
            for _ in before:
                await pilot.press("down")
            await pilot.press("space", "K", "plus", "plus", "enter")
            await settle(pilot)
            shown = [column.key for column in table(console).laid_out]
            assert len(shown) == len(before) + 1
            assert set(shown) <= set(keys)
            assert shown.index(keys[len(before)]) == len(before) - 1
            await pilot.pause(_SETTLES + 0.2)
            await settle(pilot)
        kept = json.loads(link.service.memory)["columns"]["board"]
        assert [one["key"] for one in kept] == shown

    async def test_a_line_fills_its_width_though_no_column_takes_what_is_left(self, console):
        """Or what stood there before would stay on the screen."""
        async with console.run_test(size=(80, 24)) as pilot:
            await settle(pilot)
            table(console).facts.columns = [ChosenColumn("number"), ChosenColumn("risk")]
            table(console).lay_out_again()
            await pilot.pause()
            rows = table(console)
            for y in range(rows.size.height):
                cells = sum(cell_len(part.text) for part in rows.render_line(y))
                assert cells == rows.size.width

    async def test_r_takes_the_usual_ones_again(self, console):
        async with console.run_test(size=(120, 40)) as pilot:
            await settle(pilot)
            before = table(console).laid_out
            await pilot.press("c", "space", "enter")
            await settle(pilot)
            assert table(console).laid_out != before
            await pilot.press("c", "r")
            await settle(pilot)
            assert table(console, 0).laid_out == before

    async def test_the_last_one_cannot_be_turned_off(self, console):
        async with console.run_test(size=(80, 24)) as pilot:
            await settle(pilot)
            await pilot.press("c")
            for _ in usual(80):
                await pilot.press("space", "down")
            await pilot.press("enter")
            await settle(pilot)
            assert len(table(console).laid_out) == 1

    @pytest.mark.parametrize("width", [60, 80, 100, 147, 200])
    def test_on_a_narrow_terminal_what_matters_least_gives_way(self, width):
        everything = [ChosenColumn(offered.column.key) for offered in CATALOG]
        found = columns_for(width, everything)
        assert 1 + sum((column.width or 10) + 1 for column in found) <= width
        keys = {column.key for column in found}
        assert {"number", "resolution", "risk"} <= keys

    def test_a_column_that_there_is_no_more_is_left_out(self):
        found = columns_for(100, [ChosenColumn("number"), ChosenColumn("mood")])
        assert [column.key for column in found] == ["number"]
        assert columns_for(100, [ChosenColumn("mood")]) == usual(100)


class TestReload:
    @pytest.fixture
    def changed(self, link, clock, options):
        """A console whose configuration says something else when it is looked at next."""
        found: list[Reloaded] = []

        def reload() -> Reloaded | None:
            return found.pop() if found else None

        return ConsoleApp(link, clock, "Sam", replace(options, reload=reload)), found

    async def look(self, app, pilot) -> None:
        app._keeper._look()
        await settle(pilot)

    async def test_keys_theme_zone_and_signs_are_taken_up(self, changed, options, screen_text):
        app, found = changed
        async with app.run_test(size=(120, 30)) as pilot:
            await settle(pilot)
            wanted = replace(
                options, theme="sla-light", timezone="Asia/Tokyo", ascii=True,
                keys={"ticket.acknowledge": ("x",)},
            )  # fmt: skip
            found.append(Reloaded(wanted))
            await self.look(app, pilot)
            text = screen_text(app)
            assert app.theme == "sla-light"
            assert "18:00:00 JST" in text
            assert "x Ack" in text
            assert "●" not in text

    async def test_what_only_a_start_takes_up_is_named(self, changed, options):
        app, found = changed
        async with app.run_test(notifications=True) as pilot:
            found.append(Reloaded(options, restart=("superops.url", "sync.open_seconds")))
            await self.look(app, pilot)
            (notification,) = app._notifications
            assert "Only a start takes up superops.url, sync.open_seconds." in notification.message

    async def test_a_broken_edit_changes_nothing_and_is_told(self, changed):
        app, found = changed
        async with app.run_test(notifications=True) as pilot:
            before = app.context.options
            found.append(Reloaded(fault="config.toml: line 3: a quote is missing."))
            await self.look(app, pilot)
            (notification,) = app._notifications
            assert "config.toml: line 3: a quote is missing." in notification.message
            assert app.context.options is before

    async def test_a_clash_in_the_new_keys_is_told_with_both_names(self, changed, options):
        app, found = changed
        async with app.run_test(notifications=True) as pilot:
            found.append(Reloaded(replace(options, keys={"ticket.note": ("a",)})))
            await self.look(app, pilot)
            told = " ".join(notification.message for notification in app._notifications)
            assert "'ticket.note'" in told
            assert "'ticket.acknowledge'" in told


async def test_the_theme_is_chosen_in_the_console(console, link):
    async with console.run_test() as pilot:
        await settle(pilot)
        console.action_theme()
        await pilot.pause()
        await pilot.press(*"sla-light", "enter")
        await settle(pilot)
        assert console.theme == "sla-light"
        await pilot.pause(_SETTLES + 0.2)
        await settle(pilot)
    assert SessionState.read(link.service.memory).theme == "sla-light"


async def test_the_bell_is_muted_for_a_while_and_says_so(console, clock, screen_text):
    async with console.run_test(size=(100, 30)) as pilot:
        await pilot.press("M")
        await pilot.pause()
        assert "bell quiet 15 m" in screen_text(console)
        assert console._ringer.is_muted(clock.now())
        clock.advance(minutes=16)
        assert not console._ringer.is_muted(clock.now())
        await pilot.press("M", "M")
        await pilot.pause()
        assert not console._ringer.is_muted(clock.now())


async def test_leaving_asks_first_where_that_is_wanted(link, clock, options):
    app = ConsoleApp(link, clock, "Sam", replace(options, confirm_quit=True))
    async with app.run_test() as pilot:
        await pilot.press("q")
        await pilot.pause()
        assert app.is_running
        await pilot.press("escape", "q")
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
    assert app.return_code == 0


@pytest.mark.parametrize("leading", [True, False])
async def test_the_console_that_monitors_is_not_suspended(console, link, monkeypatch, leading):
    """A stopped process watches nothing; what only follows may go to the background."""
    suspended: list[int] = []
    monkeypatch.setattr(App, "action_suspend_process", lambda _: suspended.append(1))
    health = replace(link.board.health, leading=leading)
    link.board = replace(link.board, health=health)
    async with console.run_test() as pilot:
        await pilot.press("ctrl+z")
        await pilot.pause()
    said = " ".join(one.message for one in console._notifications)
    assert ("would watch nothing" in said) is leading
    assert suspended == ([] if leading else [1])


async def test_a_tick_while_it_closes_finds_nothing_to_show(console, monkeypatch):
    async with console.run_test():
        await console.view.query("#frame").remove()
        monkeypatch.setattr(console, "_running", False)
        console.tick()
