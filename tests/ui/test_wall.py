"""The wall: read from five metres, touched by nobody, open for weeks."""

import gc
import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from itertools import pairwise

import pytest
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from sla_console.cli.main import main
from sla_console.domain.board import ChannelHealth, SourceState
from sla_console.domain.sla.breach import BreachState
from sla_console.ui.screens.wall import WallView
from sla_console.ui.wall.app import WallApp
from sla_console.ui.wall.big_digits import big
from sla_console.ui.wall.pages import ROTATION, WallPage, page_at, shift_at
from sla_console.ui.wall.text import short
from sla_console.ui.widgets.canvas import Canvas

MONDAY = datetime(2026, 10, 12, 9, 0, tzinfo=UTC)


async def settle(pilot) -> None:
    for _ in range(2):
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()


@pytest.fixture
def wall(link, clock, options) -> WallApp:
    return WallApp(link, clock, "Sam", replace(options, wall=True))


@pytest.fixture
def calm(link):
    """Somebody has every breach."""
    breaches = tuple(
        replace(one, state=BreachState.ACKNOWLEDGED, acknowledged_by="Maya")
        for one in link.board.breaches
    )
    counts = replace(link.board.counts, unacknowledged=0)
    link.board = replace(link.board, breaches=breaches, counts=counts)


def lines(app, name: str) -> list[str]:
    canvas = app.screen.query_one(name, Canvas)
    return ["".join(cell.text for cell in line).rstrip() for line in canvas._lines]


class TestFigures:
    async def test_it_opens_with_the_large_numbers_the_time_and_the_age_of_the_data(
        self, wall, screen_text
    ):
        async with wall.run_test(size=(120, 30)) as pilot:
            await settle(pilot)
            wall.tick()
            await settle(pilot)
            assert isinstance(wall.screen, WallView)
            text = screen_text(wall)
            for words in (
                "BREACHED", "AT RISK", "NEXT BREACH", "KEPT TODAY", "TIME", "5 unacknowledged",
                "3 of 60 missed", "data 4 s old", "10:00:00 IST",
            ):  # fmt: skip
                assert words in text
            drawn = lines(wall, "#figures")
            assert drawn[1].startswith(big("6")[0])
            assert big("95%")[0] in drawn[1]

    async def test_the_next_breach_counts_down_and_names_its_ticket(self, wall, clock):
        async with wall.run_test(size=(120, 30)) as pilot:
            await settle(pilot)
            assert "1007 Harbour & Sons" in lines(wall, "#figures")[-1]
            before = lines(wall, "#figures")
            clock.advance(seconds=1)
            wall.tick()
            await pilot.pause()
            assert lines(wall, "#figures") != before

    async def test_an_idle_second_repaints_a_few_cells(self, wall, clock, monkeypatch):
        async with wall.run_test(size=(120, 30)) as pilot:
            await settle(pilot)
            wall.tick()
            await settle(pilot)
            painted = []
            for canvas in wall.screen.query(Canvas):
                monkeypatch.setattr(
                    canvas, "refresh", lambda *regions, **_: painted.extend(regions)
                )
            clock.advance(seconds=1)
            wall.tick()
            assert painted
            assert sum(region.area for region in painted) < 400

    async def test_at_midnight_the_day_begins_anew_even_where_nobody_can_count(
        self, wall, link, clock, screen_text
    ):
        async with wall.run_test(size=(120, 30)) as pilot:
            await settle(pilot)
            assert "3 of 60 missed" in screen_text(wall)
            link.service.error = RuntimeError("no store")
            clock.advance(hours=14)
            wall.tick()
            await settle(pilot)
            wall.tick()
            assert "not known" in lines(wall, "#figures")[-1]
            assert "What was kept today is not known" in screen_text(wall)


class TestPages:
    def test_they_take_turns(self):
        seen = [page_at(MONDAY + timedelta(seconds=n), 20, unacknowledged=0) for n in range(60)]
        assert set(seen) == set(ROTATION)
        assert all(seen.count(page) == 20 for page in ROTATION)

    def test_while_nobody_has_a_breach_it_stays_on_those(self):
        for n in range(0, 300, 7):
            at = MONDAY + timedelta(seconds=n)
            assert page_at(at, 20, unacknowledged=1) is WallPage.BREACHES

    async def test_unacknowledged_breaches_are_listed_large_with_who_has_the_ticket(
        self, wall, screen_text
    ):
        async with wall.run_test(size=(120, 40)) as pilot:
            await settle(pilot)
            text = screen_text(wall)
            assert "Breaches that nobody has" in text
            assert "1000  Acme Logistics" in text
            assert "open, resolution, Maya Fischer" in text
            assert "this page stays until somebody has them" in text

    @pytest.mark.usefixtures("calm")
    async def test_each_page_is_shown_in_turn(self, wall, clock, screen_text):
        async with wall.run_test(size=(120, 40)) as pilot:
            await settle(pilot)
            seen = set()
            for _ in range(4):
                seen |= {page for page in ROTATION if page.value in screen_text(wall)}
                clock.advance(seconds=20)
                wall.tick()
                await pilot.pause()
            assert seen == set(ROTATION)

    async def test_more_than_fit_are_counted(self, wall, screen_text):
        async with wall.run_test(size=(80, 24)) as pilot:
            await settle(pilot)
            assert "and 3 more" in screen_text(wall)


class TestBurnIn:
    def test_the_picture_moves_slowly_and_never_far(self):
        places = [shift_at(MONDAY + timedelta(seconds=n)) for n in range(3 * 3600)]
        assert len(set(places)) > 4
        assert all(0 <= x <= 2 and 0 <= y <= 1 for x, y in places)
        changes = sum(a != b for a, b in pairwise(places))
        assert changes == 3 * 3600 // 180 - 1

    async def test_it_is_moved_on_the_screen(self, wall, clock):
        async with wall.run_test(size=(120, 30)) as pilot:
            await settle(pilot)
            seen = set()
            for _ in range(6):
                clock.advance(seconds=180)
                wall.tick()
                await pilot.pause()
                seen.add(wall.screen.query_one("#wall").region.offset)
            assert len(seen) > 3

    async def test_every_line_moves_and_none_is_pushed_off_the_screen(
        self, wall, clock, screen_text
    ):
        async with wall.run_test(size=(80, 24)) as pilot:
            await settle(pilot)
            first = {}
            for _ in range(6):
                clock.advance(seconds=180)
                wall.tick()
                await settle(pilot)
                wall.tick()
                await settle(pilot)
                text = screen_text(wall).splitlines()
                for words in ("SLA Console", "BREACHED ", "and 3 more", "live", "U unlocks"):
                    row = next(n for n, line in enumerate(text) if words in line)
                    first.setdefault(words, set()).add((text[row].index(words), row))
                assert any(line.endswith("IST") for line in text)
            assert all(len(places) == 6 for places in first.values())


class TestLock:
    async def test_no_key_does_anything_until_it_is_unlocked(self, wall, link, clock, screen_text):
        async with wall.run_test(size=(120, 30)) as pilot:
            await settle(pilot)
            await pilot.press(*"aetnqw2/1?", "escape", "enter", "ctrl+p", "ctrl+q", "space")
            await settle(pilot)
            assert isinstance(wall.screen, WallView)
            assert wall.is_running
            assert link.service.calls == []
            await pilot.press("U")
            await pilot.pause()
            assert "unlocked: w leaves, q quits" in screen_text(wall)
            await pilot.press("w")
            await settle(pilot)
            assert wall.view.NAME == "board"

    async def test_not_even_the_shell_is_reached_until_it_is_unlocked(self, wall, monkeypatch):
        suspended = []
        monkeypatch.setattr(type(wall), "action_suspend_process", lambda _: suspended.append(1))
        async with wall.run_test() as pilot:
            await settle(pilot)
            await pilot.press("ctrl+z")
            await pilot.pause()
            assert suspended == []
            await pilot.press("U", "ctrl+z")
            await pilot.pause()
            assert suspended == [1]

    async def test_it_locks_again_by_itself(self, wall, clock):
        async with wall.run_test() as pilot:
            await settle(pilot)
            await pilot.press("U")
            clock.advance(seconds=31)
            await pilot.press("w")
            await settle(pilot)
            assert isinstance(wall.screen, WallView)

    async def test_left_alone_in_another_view_it_comes_back_locked(
        self, wall, link, clock, screen_text
    ):
        async with wall.run_test(size=(120, 30)) as pilot:
            await settle(pilot)
            await pilot.press("U", "w")
            await settle(pilot)
            await pilot.press("a")
            await settle(pilot)
            assert wall.screen.is_modal
            clock.advance(seconds=119)
            wall.tick()
            await settle(pilot)
            assert wall.current_mode == "board"
            clock.advance(seconds=2)
            wall.tick()
            await settle(pilot)
            assert isinstance(wall.screen, WallView)
            assert "U unlocks" in screen_text(wall)
            await pilot.press("w", "enter")
            await settle(pilot)
            assert isinstance(wall.screen, WallView)
            assert link.service.calls == []

    async def test_whoever_goes_on_pressing_keys_keeps_the_view(self, wall, clock):
        async with wall.run_test() as pilot:
            await settle(pilot)
            await pilot.press("U", "w")
            for _ in range(4):
                clock.advance(seconds=100)
                await pilot.press("j")
                wall.tick()
                await settle(pilot)
            assert wall.current_mode == "board"

    async def test_ctrl_c_twice_ends_it_all_the_same(self, wall):
        async with wall.run_test() as pilot:
            await settle(pilot)
            await pilot.press("ctrl+c")
            await pilot.pause()
            assert wall.is_running
            await pilot.press("ctrl+c")
            await pilot.pause()
        assert wall.return_code == 0

    async def test_opened_from_the_console_it_is_left_with_one_key(self, console):
        async with console.run_test() as pilot:
            await settle(pilot)
            for key in ("w", "escape"):
                await pilot.press("w")
                await settle(pilot)
                assert console.view.NAME == "wall"
                await pilot.press(key)
                await settle(pilot)
                assert console.view.NAME == "board"

    async def test_it_is_not_what_opens_next_time(self, console, link):
        async with console.run_test() as pilot:
            await settle(pilot)
            await pilot.press("w")
            await pilot.pause()
            assert console.context.memory.view == "board"


class TestTrouble:
    async def test_however_much_is_wrong_the_age_of_the_data_stays(
        self, wall, link, desk, screen_text
    ):
        health = desk.health(
            alerts_dead=12,
            alerts_waiting=140,
            heartbeat="the engine does not tick, nothing is sent",
        )
        link.board = replace(link.board, health=health)
        async with wall.run_test(size=(80, 24)) as pilot:
            await settle(pilot)
            assert "live  data 4 s old" in screen_text(wall)

    async def test_a_banner_says_that_nobody_is_told(self, wall, link, desk, screen_text):
        down = (ChannelHealth("sms", broken="HTTP 401"),)
        link.board = replace(link.board, health=desk.health(channels=down))
        async with wall.run_test(size=(120, 30)) as pilot:
            await settle(pilot)
            first = screen_text(wall).splitlines()[0]
            assert "NOBODY IS TOLD: every alert channel is down (sms: HTTP 401)" in first
            assert "…" not in first

    @pytest.mark.parametrize("stdin", [None, StringIO()], ids=["closed", "no terminal"])
    def test_without_a_terminal_it_ends_with_one_sentence(
        self, monkeypatch, capsys, tmp_path, stdin
    ):
        monkeypatch.setattr("sys.stdin", stdin)
        assert main(["wall", "--config", str(tmp_path / "config.toml")]) == 2
        said = capsys.readouterr().err
        assert said.startswith("sla-console: a wall needs a terminal")
        assert said.count("\n") == 1

    async def test_stale_data_is_said_and_the_countdown_goes_on(
        self, wall, link, desk, clock, screen_text
    ):
        health = desk.health(connection=SourceState.STALE, message="SuperOps does not answer.")
        link.board = replace(link.board, health=health)
        async with wall.run_test(size=(120, 30)) as pilot:
            await settle(pilot)
            text = screen_text(wall)
            assert "SuperOps does not answer. Countdowns go on." in text
            before = lines(wall, "#figures")
            clock.advance(seconds=3)
            wall.tick()
            await pilot.pause()
            assert lines(wall, "#figures") != before

    async def test_where_there_is_no_room_one_sentence_says_what_is_breached(
        self, wall, screen_text
    ):
        async with wall.run_test(size=(50, 12)) as pilot:
            await settle(pilot)
            assert "6 BREACHED: 1000" in screen_text(wall)


class Text(SingleFileSnapshotExtension):
    """One text a snapshot."""

    file_extension = "txt"
    _write_mode = WriteMode.TEXT

    def serialize(self, data, **_):
        return data


@pytest.mark.parametrize("signs", ["unicode", "ascii"])
@pytest.mark.parametrize("size", [(80, 24), (120, 30), (200, 50)], ids=lambda size: f"{size[0]}")
async def test_all_pages_look_right(link, clock, options, screen_text, snapshot, size, signs):
    wall = WallApp(link, clock, "Sam", replace(options, wall=True, ascii=signs == "ascii"))
    async with wall.run_test(size=size) as pilot:
        await settle(pilot)
        pages = [screen_text(wall)]
        acknowledged = replace(link.board.counts, unacknowledged=0)
        link.publish(replace(link.board, counts=acknowledged))
        for _ in ROTATION:
            clock.advance(seconds=20)
            wall.tick()
            await settle(pilot)
            pages.append(screen_text(wall))
    drawn = "\n\n".join(pages) + "\n"
    if signs == "ascii":
        assert drawn.replace("Białystok", "").isascii(), "beside names"
    assert snapshot(extension_class=Text) == drawn


@pytest.mark.slow
async def test_three_days_leave_the_memory_flat_and_the_countdown_exact(wall, link, desk, clock):
    """A board each half hour: the last third takes no more than the first."""
    far = [desk.ticket(n, timedelta(days=5, minutes=n)) for n in range(30)]
    async with wall.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        tracemalloc.start()
        sizes = []
        for step in range(72 * 2):
            clock.advance(minutes=30)
            link.publish(desk.board(list(far), []))
            wall.tick()
            await pilot.pause()  # each board is really shown
            if step % 12 == 11:
                gc.collect()
                sizes.append(tracemalloc.get_traced_memory()[0])
        tracemalloc.stop()
        assert max(sizes[-4:]) - min(sizes[4:8]) < 10_000_000
        left = far[0].next_clock().remaining(clock.now())
        assert short(left) == "2d00"
        assert big("2d00")[0] in lines(wall, "#figures")[1]
