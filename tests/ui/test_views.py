"""Clients, technicians, forecast, policies and health: what each says, and what its keys do."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sla_console.domain.board import Board, ChannelHealth, PartHealth, SourceState
from sla_console.domain.errors import NotReady, Unreachable
from sla_console.domain.forecast.feasibility import QueuedWork, plan_queue
from sla_console.domain.forecast.forecast import ForecastCoverage
from sla_console.domain.forecast.record import record_of
from sla_console.domain.forecast.risk import RiskLevel
from sla_console.domain.sla.breach import BreachType, PotentialBreach
from sla_console.domain.sla.calendar import BusinessCalendar
from sla_console.ui.app import ConsoleApp
from sla_console.ui.dialogs.changes import ChangesDialog
from sla_console.ui.dialogs.detail import DetailDialog
from sla_console.ui.dialogs.queue import QueueDialog
from sla_console.ui.screens.board import BoardView
from sla_console.ui.text.log_tail import log_tail
from sla_console.ui.widgets.client_table import ClientTable
from sla_console.ui.widgets.columns import share
from sla_console.ui.widgets.filter_bar import FilterBar
from sla_console.ui.widgets.forecast_table import ForecastTable
from sla_console.ui.widgets.sparkline import sparkline

START = datetime(2026, 10, 12, 9, 0, tzinfo=UTC)
ALWAYS = BusinessCalendar.always()
VIEWS = {"3": "technicians", "4": "clients", "5": "forecast", "7": "policies", "8": "health"}


@pytest.fixture(autouse=True)
def likely(link, clock):
    """Some promises that will probably break."""
    judged = link.board.tickets[8]
    ticket = judged.ticket
    some = PotentialBreach(
        ticket.id, BreachType.RESOLUTION, judged.resolution.due, RiskLevel.CRITICAL,
        ticket.display_id, ticket.subject, ticket.client, ticket.technician, 0.93,
        "41 of 44 like it took longer",
    )  # fmt: skip
    other = replace(
        some, ticket_id=link.board.tickets[10].ticket.id, display_id="1010", probability=None,
        severity=RiskLevel.HIGH, technician=None, why="only 3 of 20 needed have ended",
    )  # fmt: skip
    link.board = replace(link.board, potential=(some, other))


async def settle(pilot) -> None:
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


async def opened(pilot, key: str) -> None:
    await pilot.press(key)
    await settle(pilot)
    await settle(pilot)


@pytest.mark.parametrize("key", [*VIEWS, "w"])
async def test_while_the_engine_is_starting_nothing_is_called_a_failure(
    console, link, desk, clock, screen_text, key
):
    """The last board stands on the screen before there is anybody to ask."""
    link.service.error = NotReady()
    async with console.run_test(size=(120, 40)) as pilot:
        await opened(pilot, key)
        assert "not running yet" not in screen_text(console)
        link.service.error = None
        clock.advance(seconds=1)
        link.publish(replace(link.board, version=link.board.version + 1))
        console.tick()
        await settle(pilot)
        await settle(pilot)
        text = screen_text(console)
        known = {"3": "██", "4": "95%", "5": "all in time", "7": "Respond in", "8": "schema 6"}
        assert known.get(key, "3 of 60 missed") in text


@pytest.mark.parametrize(("key", "name"), VIEWS.items())
class TestEvery:
    async def test_opens_with_its_key_and_the_tabs_say_where_one_is(
        self, console, screen_text, key, name
    ):
        async with console.run_test(size=(120, 30)) as pilot:
            await opened(pilot, key)
            assert name == console.view.NAME
            assert f"[{key} {name.capitalize()}]" in screen_text(console)

    async def test_before_the_first_board_it_says_that_it_loads(
        self, link, clock, options, screen_text, key, name
    ):
        link.board = Board()
        app = ConsoleApp(link, clock, "Sam", options)
        async with app.run_test(size=(120, 30)) as pilot:
            await opened(pilot, key)
            text = screen_text(app)
            assert "Loading" in text or "Reading" in text or "starting" in text, name

    async def test_a_service_that_fails_is_told_of_in_words_and_the_rest_stays(
        self, console, link, screen_text, key, name
    ):
        link.service.error = Unreachable("The [red]store[/nope] does not answer.")
        async with console.run_test(size=(160, 40)) as pilot:
            await opened(pilot, key)
            assert "The [red]store[/nope] does not answer." in screen_text(console), name
            assert console.is_running

    async def test_the_keys_of_tickets_do_nothing_where_there_is_none(
        self, console, link, key, name
    ):
        if name == "forecast":
            return
        async with console.run_test() as pilot:
            await opened(pilot, key)
            await pilot.press("a", "e", "t", "n", "z", "y")
            await settle(pilot)
            assert console.screen is console.view
        assert not link.service.calls


class TestClients:
    async def test_the_misses_that_the_month_still_allows_in_words(self, console, screen_text):
        async with console.run_test(size=(160, 30)) as pilot:
            await opened(pilot, "4")
            text = screen_text(console)
            assert "kept in October 2026, by due date" in text
            first, *_ = [line for line in text.splitlines() if "lost by" in line]
            assert "95%" in first or "99%" in first

    async def test_the_month_is_that_of_the_zone_shown(self, console, link):
        async with console.run_test() as pilot:
            await opened(pilot, "4")
        start, end = link.service.spans[0]
        assert start == datetime(2026, 9, 30, 23, 0, tzinfo=UTC)  # midnight in Dublin
        assert end == datetime(2026, 11, 1, 0, 0, tzinfo=UTC)

    async def test_enter_shows_the_clients_tickets_on_the_board(self, console, screen_text):
        async with console.run_test(size=(140, 30)) as pilot:
            await opened(pilot, "4")
            client = console.view.query_one(ClientTable).selected.client
            await pilot.press("enter")
            await settle(pilot)
            assert isinstance(console.view, BoardView)
            assert console.view.query_one(FilterBar).text == f'#"{client}"'
            assert "of 40" in screen_text(console)

    async def test_counts_follow_each_board_and_the_countdown_each_second(
        self, console, link, desk, clock, screen_text
    ):
        async with console.run_test(size=(140, 30)) as pilot:
            await opened(pilot, "4")
            link.publish(desk.board([desk.ticket(500, timedelta(minutes=30), client="New Ltd")]))
            await settle(pilot)
            line = next(x for x in screen_text(console).splitlines() if "New Ltd" in x)
            assert "30:00" in line
            clock.advance(seconds=5)
            console.tick()
            await pilot.pause()
            assert "29:55" in screen_text(console)


class TestTechnicians:
    async def test_another_period_is_asked_for_and_named(self, console, link, screen_text):
        async with console.run_test(size=(160, 30)) as pilot:
            await opened(pilot, "3")
            assert "last 30 days" in screen_text(console)
            await opened(pilot, "]")
            assert "last 90 days" in screen_text(console)
            await opened(pilot, "[")
            await opened(pilot, "[")
            assert "last 7 days" in screen_text(console)
            await opened(pilot, "[")
            assert "last month" in screen_text(console)
        start, end = link.service.spans[-1]
        assert f"{start:%Y-%m-%d} {end:%Y-%m-%d}" == "2026-08-31 2026-09-30"

    async def test_the_last_weeks_are_a_line_and_the_trend_a_word(self, console, screen_text):
        async with console.run_test(size=(120, 30)) as pilot:
            await opened(pilot, "3")
            text = screen_text(console)
            assert "8 weeks" in text
            assert "improving" in text

    async def test_enter_shows_what_is_in_hand_and_what_must_move(
        self, console, link, desk, screen_text
    ):
        mine = [
            replace(one, ticket=replace(one.ticket, technician_id="t0"))
            for one in desk.tickets(40)[8:11]
        ]
        team = (replace(desk.team()[0], technician_id="t0"),)
        link.board = replace(desk.board(mine, []), technicians=team)
        async with console.run_test(size=(120, 40)) as pilot:
            await opened(pilot, "3")
            await opened(pilot, "enter")
            assert isinstance(console.screen, QueueDialog)
            text = screen_text(console)
            assert "3 in hand, 0 broken. At 40 m each" in text
            assert "2 must move" in " ".join(text.replace("│", " ").split())
            assert "must move" in text
            await pilot.press("enter")
            await settle(pilot)
            assert isinstance(console.screen, DetailDialog)
            await pilot.press("escape", "escape")
            await settle(pilot)
            assert console.view.NAME == "technicians"

    async def test_a_ticket_of_the_queue_is_assigned_from_it(self, console, link, desk):
        ticket = desk.ticket(8, timedelta(hours=1))
        ticket = replace(ticket, ticket=replace(ticket.ticket, technician_id="t0"))
        team = (replace(desk.team()[0], technician_id="t0"),)
        link.board = replace(desk.board([ticket], []), technicians=team)
        async with console.run_test(size=(120, 40)) as pilot:
            await opened(pilot, "3")
            await opened(pilot, "enter")
            await pilot.press("t", *"ines", "enter")
            await settle(pilot)
        assert link.service.calls == [("assign", (ticket.ticket.id,), "t3", "Sam")]

    async def test_a_marked_one_that_has_left_the_queue_is_not_meant_any_more(
        self, console, link, desk
    ):
        mine = [
            replace(one, ticket=replace(one.ticket, technician_id="t0"))
            for one in desk.tickets(40)[8:10]
        ]
        team = (replace(desk.team()[0], technician_id="t0"),)
        link.board = replace(desk.board(mine, []), technicians=team)
        async with console.run_test(size=(120, 40)) as pilot:
            await opened(pilot, "3")
            await opened(pilot, "enter")
            await pilot.press("space")
            gone = replace(mine[0], ticket=replace(mine[0].ticket, technician_id="t3"))
            link.publish(replace(desk.board([gone, mine[1]], []), technicians=team))
            await pilot.pause()
            await pilot.press("t", *"ines", "enter")
            await settle(pilot)
        assert link.service.calls == [("assign", (mine[1].ticket.id,), "t3", "Sam")]

    async def test_what_arrives_while_a_dialog_is_being_laid_out_harms_nothing(
        self, console, link, desk
    ):
        """A board, a second and a key: all may come before the dialog has its parts."""
        context = console.context
        async with console.run_test(size=(120, 40)) as pilot:
            await settle(pilot)
            selection = context.shown().selection(link.board.tickets[0].ticket.id)
            for dialog in (
                QueueDialog(context, "t", "Maya"),
                DetailDialog(context, selection, link.board.tickets[0]),
                ChangesDialog(context, console._ticket_operations),
            ):
                console.push_screen(dialog)
                console._show()
                console.tick()
                console.action_ticket("assign")
                await settle(pilot)
                assert console.is_running


class TestSparkline:
    def test_each_week_has_a_sign_and_an_unknown_one_a_space(self):
        assert sparkline([0, 50, None, 75, 100]) == "▁▁ ▅█"
        assert sparkline([0, 50, None, 75, 100], blocks=False) == "00 59"


class TestForecast:
    async def test_likely_ones_with_their_chance_and_why(self, console, screen_text):
        async with console.run_test(size=(160, 40)) as pilot:
            await opened(pilot, "5")
            text = screen_text(console)
            assert "93%" in text
            assert "41 of 44 like it took longer" in text
            assert "1 without enough history" in text
            assert "2 must move: 100" in text
            assert "all in time" in text

    async def test_enter_opens_the_ticket_and_keys_are_about_it(self, console, link):
        async with console.run_test(size=(120, 40)) as pilot:
            await opened(pilot, "5")
            await opened(pilot, "enter")
            assert isinstance(console.screen, DetailDialog)
            await pilot.press("escape")
            await pilot.press("t", *"ines", "enter")
            await settle(pilot)
        assert link.service.calls == [("assign", (link.board.tickets[8].ticket.id,), "t3", "Sam")]

    async def test_more_queues_than_there_is_room_for_are_scrolled_to(
        self, console, link, screen_text
    ):
        team = link.board.technicians
        work = (QueuedWork("1", START + timedelta(hours=1), timedelta(minutes=40)),)
        plan = plan_queue(work, ALWAYS, START)

        async def plans():
            return (
                {one.technician_id: plan for one in team}
                | {f"t{n}": plan for n in range(9)}
                | {"the last": plan}
            )

        link.service.plan_queues = plans
        async with console.run_test(size=(80, 24)) as pilot:
            await opened(pilot, "5")
            assert "the last" not in screen_text(console)
            assert "tab scrolls them" in screen_text(console)
            await pilot.press("tab", "end")
            await pilot.pause()
            assert "the last" in screen_text(console)
            await pilot.press("k", "k", "k", "k")
            await pilot.pause()
            assert "the last" not in screen_text(console)

    async def test_at_80_columns_what_must_move_stands_below_the_name(self, console, screen_text):
        async with console.run_test(size=(80, 24)) as pilot:
            await opened(pilot, "5")
            row = next(line for line in screen_text(console).splitlines() if "must move" in line)
            assert row.startswith(" " * 22)

    async def test_a_subject_is_shown_where_it_can_be_read(self, console, screen_text):
        for width in (100, 111, 112, 150, 165, 166):
            columns = {c.key: c.width for c in share(ForecastTable().columns_for(width), width)}
            assert columns.get("subject", 9) >= 9

    async def test_none_is_a_sentence(self, console, link, screen_text):
        link.board = replace(link.board, potential=(), coverage=ForecastCoverage(9, 9))
        async with console.run_test(size=(120, 40)) as pilot:
            await opened(pilot, "5")
            assert "No running promise is likely to break." in screen_text(console)

    async def test_none_is_no_good_news_where_too_little_is_known(self, console, link, screen_text):
        link.board = replace(link.board, potential=(), coverage=ForecastCoverage(9, 0))
        async with console.run_test(size=(120, 40)) as pilot:
            await opened(pilot, "5")
            assert "Nothing can be foretold" in screen_text(console)


class TestPolicies:
    async def test_each_with_its_targets_its_tickets_and_what_looks_wrong(
        self, console, screen_text
    ):
        async with console.run_test(size=(160, 40)) as pilot:
            await opened(pilot, "7")
            text = screen_text(console)
            assert "Critical promise" in text
            assert "Low promise can never win: High promise matches wherever it does." in text
            assert "Respond in  30 m" in text

    async def test_what_looks_wrong_is_scrolled_to(self, console, link, screen_text):
        known = await link.service.policies_in_force()

        async def many():
            return replace(known, lints=tuple(f"finding {n:02d}" for n in range(30)))

        link.service.policies_in_force = many
        async with console.run_test(size=(80, 24)) as pilot:
            await opened(pilot, "7")
            assert "finding 29" not in screen_text(console)
            await pilot.press("tab", "end")
            await pilot.pause()
            assert "finding 29" in screen_text(console)

    async def test_enter_shows_its_tickets(self, console, screen_text):
        async with console.run_test(size=(140, 40)) as pilot:
            await opened(pilot, "7")
            await pilot.press("enter")
            await settle(pilot)
            assert console.view.query_one(FilterBar).text == 'policy:"Critical promise"'
            assert "10 of 40" in screen_text(console)


class TestHealth:
    @pytest.fixture
    def trouble(self, link, desk, clock):
        health = desk.health(
            connection=SourceState.STALE,
            message="SuperOps does not answer.",
            parts=(
                PartHealth("sync"),
                PartHealth("alerts", running=False, restarts=3, last_error="[b]disk[/nope]",
                           last_error_at=clock.now() - timedelta(minutes=2)),
            ),
            channels=(ChannelHealth("team", waiting=2), ChannelHealth("sms", dead=1, broken="401")),
        )  # fmt: skip
        link.board = replace(link.board, health=health)

    @pytest.mark.usefixtures("trouble")
    async def test_what_is_wrong_comes_first_and_in_words(self, console, screen_text):
        async with console.run_test(size=(160, 40)) as pilot:
            await opened(pilot, "8")
            text = screen_text(console)
            assert "STOPPED, 3 restarts" in text
            assert "last error 2 m ago: [b]disk[/nope]" in text
            assert text.index("alerts         STOPPED") < text.index("sync           runs")
            assert text.index("sms            DOWN, 401") < text.index("team           untried")

    async def test_what_is_long_stands_in_and_keeps_to_its_column(
        self, link, desk, console, screen_text
    ):
        why = "SuperOps cannot be reached (no route to host); what is shown stays as it was."
        health = desk.health(connection=SourceState.STALE, message=why)
        link.board = replace(link.board, health=health)
        async with console.run_test(size=(100, 30)) as pilot:
            await opened(pilot, "8")
            rows = screen_text(console).splitlines()
            first = next(n for n, row in enumerate(rows) if "Connection     stale" in row) + 1
            others = [row[50:].strip() for row in rows[first : first + 3]]
            own = " ".join(row[:48].strip() for row in rows[first : first + 3])
            assert own.startswith(why)
            assert all(row.startswith(" " * 16) for row in rows[first : first + 3])
            assert not any(word in " ".join(others) for word in ("SuperOps", "reached", "shown"))

    async def test_how_the_forecast_has_done_is_said(self, link, console, screen_text):
        record = record_of([(0.9, 0.5, False)] * 60)
        link.board = replace(link.board, coverage=ForecastCoverage(9, 9, record))
        async with console.run_test(size=(160, 40)) as pilot:
            await opened(pilot, "8")
            assert "The forecast is withdrawn" in screen_text(console)

    async def test_store_process_and_versions(self, console, screen_text):
        async with console.run_test(size=(160, 40)) as pilot:
            await opened(pilot, "8")
            text = screen_text(console)
            assert "11.8 MiB, encrypted, schema 6" in text
            assert "term 7" in text
            assert "3 d 4 h, process 4711" in text
            assert "textual 8.2.8" in text

    async def test_the_end_of_the_log_cleaned(self, link, clock, options, screen_text, tmp_path):
        log = tmp_path / "sla-console.log"
        log.write_text("old\n" * 9 + "the \x1b[31mnewest\x1b[0m line [bold]\n")
        app = ConsoleApp(link, clock, "Sam", replace(options, log_file=str(log)))
        async with app.run_test(size=(120, 40)) as pilot:
            await opened(pilot, "8")
            text = screen_text(app)
            assert "newest" in text
            assert "line [bold]" in text
            assert "\x1b" not in text

    async def test_a_log_that_cannot_be_read_says_so(
        self, link, clock, options, screen_text, tmp_path
    ):
        app = ConsoleApp(link, clock, "Sam", replace(options, log_file=str(tmp_path / "none")))
        async with app.run_test(size=(120, 40)) as pilot:
            await opened(pilot, "8")
            assert "The log cannot be read: No such file or directory." in screen_text(app)

    def test_of_a_large_log_only_the_end_is_read_and_no_cut_line_is_shown(self, tmp_path):
        log = tmp_path / "log"
        log.write_text("".join(f"line {n:07d} {'x' * 80}\n" for n in range(5000)))
        lines = log_tail(log, 10_000)
        assert lines[-1].startswith("line 0004999")
        assert all(line.startswith("line ") for line in lines)
        assert len(lines) < 1000
