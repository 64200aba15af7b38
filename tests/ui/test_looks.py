"""How the screens look, kept as pictures: a fixed desk, clock and zone."""

import re
import string
from dataclasses import replace
from datetime import timedelta

import pytest
from rich.cells import cell_len
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from textual.app import App

from sla_console.domain.board import ChannelHealth
from sla_console.ui.app import ConsoleApp
from sla_console.ui.session.themes import PLAIN
from sla_console.ui.widgets.ticket_pane import TicketPane

pytestmark = pytest.mark.slow

SMALL, USUAL, LARGE = (80, 24), (120, 30), (200, 50)


class SVGExtension(SingleFileSnapshotExtension):
    """One picture a snapshot, without the random id that Rich gives it."""

    file_extension = "svg"
    _write_mode = WriteMode.TEXT

    def serialize(self, data, **_):
        # The fonts are fetched from elsewhere; a picture in a repository needs none of it.
        data = re.sub(r"@font-face \{.*?\}\n", "", data, flags=re.DOTALL)
        return re.sub(r"\bterminal-\d+-", "terminal-", data)


class TextExtension(SingleFileSnapshotExtension):
    """One text a snapshot."""

    file_extension = "txt"
    _write_mode = WriteMode.TEXT

    def serialize(self, data, **_):
        return data


LEGEND = "\n--- styles\n"


def letters(app) -> str:
    """The screen as text, then each cell's style as a letter, then what the letters mean."""
    names: dict[str, str] = {}
    texts, styles = [], []
    for strip in app.screen._compositor.render_strips():
        texts.append(strip.text.rstrip())
        row = ""
        for segment in strip:
            style = str(segment.style or "")
            name = names.setdefault(style, string.ascii_letters[len(names)])
            row += name * cell_len(segment.text)
        styles.append(row)
    meanings = "\n".join(f"{name} {style}" for style, name in names.items())
    return "\n".join(texts) + LEGEND + "\n".join([*styles, meanings, ""])


async def shown(pilot, *keys: str) -> None:
    """Press keys, and wait until what they ask for has been answered and painted."""
    await pilot.press(*keys)
    await pilot.pause()
    for pane in pilot.app.screen.query(TicketPane):
        while pane._detail is None:  # it waits until the cursor rests
            await pilot.pause(0.05)
    for _ in range(3):
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()


@pytest.fixture
def looks_right(snapshot):
    pictures = snapshot.use_extension(SVGExtension)

    async def look(app, size, *keys) -> bool:
        async with app.run_test(size=size) as pilot:
            await shown(pilot, *keys)
            return pictures == app.export_screenshot(simplify=True)

    return look


SIZES = {"small": SMALL, "usual": USUAL, "large": LARGE}
VIEWS = {
    "board": "1", "breaches": "2", "technicians": "3", "clients": "4", "forecast": "5",
    "alerts": "6", "policies": "7", "health": "8", "reports": "9",
    "wall": "w",
}  # fmt: skip
OVER = {
    "detail": "enter", "pane": "v", "queue": "3 enter", "help": "question_mark",
    "columns": "c", "palette": "ctrl+p",
}  # fmt: skip
"""What opens over a view or beside it."""
SCREENS = VIEWS | OVER


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("view", SCREENS)
async def test_view(console, looks_right, view, size):
    assert await looks_right(console, SIZES[size], *SCREENS[view].split())


class TestOtherLooks:
    """The same screens as letters: what stands where, and which style each cell has."""

    @pytest.fixture(params=["contrast", "nocolor", "ascii"])
    def look(self, request, link, clock, options, monkeypatch):
        wanted = {
            "contrast": replace(options, theme="sla-contrast-dark"),
            "nocolor": options,
            "ascii": replace(options, ascii=True),
        }[request.param]
        if request.param == "nocolor":
            # As ``prepare_environment`` has it before Textual is imported.
            monkeypatch.setenv("NO_COLOR", "1")
            monkeypatch.setattr(vars(App)["theme"], "_default", PLAIN)
        return ConsoleApp(link, clock, "Sam", wanted)

    @pytest.mark.parametrize("size", SIZES)
    @pytest.mark.parametrize("view", SCREENS)
    async def test_view(self, look, view, size, snapshot):
        async with look.run_test(size=SIZES[size]) as pilot:
            await shown(pilot, *SCREENS[view].split())
            drawn = letters(look)
        text = drawn.partition(LEGEND)[0]
        if look.context.options.ascii:
            assert text.replace("Białystok", "").isascii(), "beside names"
        if look.no_color:
            assert "#" not in drawn.partition(LEGEND)[2]
        assert snapshot(extension_class=TextExtension) == drawn


@pytest.mark.parametrize("keys", [*VIEWS.values(), "enter", "v", "c", "?", "3 enter", "9 v"])
@pytest.mark.parametrize("size", SIZES)
async def test_the_fonts_of_the_linux_console_have_every_sign(
    link, clock, options, screen_text, keys, size
):
    """They have those of code page 437, and whatever a name is written in."""
    app = ConsoleApp(link, clock, "Sam", replace(options, linux=True))
    async with app.run_test(size=SIZES[size]) as pilot:
        await shown(pilot, *keys.split())
        text = screen_text(app).replace("Białystok", "")
    text.encode("cp437")


async def test_escalation(console, looks_right):
    assert await looks_right(console, SMALL, "e")


async def test_light_board(link, clock, options, looks_right):
    light = ConsoleApp(link, clock, "Sam", replace(options, theme="sla-light"))
    assert await looks_right(light, SMALL)


async def test_snooze(console, looks_right):
    assert await looks_right(console, SMALL, "z")


async def test_silence(console, looks_right):
    assert await looks_right(console, SMALL, "S")


async def test_promises_behind_a_row_of_a_report(console, looks_right):
    assert await looks_right(console, SMALL, "9", "b", "b", "j", "enter")


@pytest.mark.parametrize("chart", ["weeks", "margins", "missed"])
async def test_charts_of_a_report_in_place_of_its_table(console, looks_right, chart):
    times = ["weeks", "margins", "missed"].index(chart)
    assert await looks_right(console, SMALL, "9", "v", *["d"] * times)


async def test_nobody_hears(link, clock, options, looks_right, desk):
    down = (
        ChannelHealth("sms", waiting=3, dead=2, broken="HTTP 401"),
        ChannelHealth("team", waiting=9, open_since=clock.now() - timedelta(minutes=4)),
    )
    withheld = "every alert channel is down"
    link.board = replace(
        link.board,
        health=desk.health(channels=down, alerts_dead=2, alerts_waiting=12, heartbeat=withheld),
    )
    assert await looks_right(ConsoleApp(link, clock, "Sam", options), USUAL)
