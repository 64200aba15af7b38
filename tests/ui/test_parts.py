"""The parts that need no screen: filter, order, themes, text, narrow painting, environment."""

import os
import random
import subprocess
import sys
from datetime import UTC, datetime, time, timedelta

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.color import Color, ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.color import Color as ThemeColor
from textual.strip import Strip
from textual.theme import BUILTIN_THEMES

from sla_console.domain.board import Board
from sla_console.domain.errors import UserError
from sla_console.domain.forecast.risk import RiskThresholds
from sla_console.ui.actions.pending import Pending
from sla_console.ui.board.filter import BoardFilter
from sla_console.ui.board.order import BoardOrder, Sort, ordered
from sla_console.ui.run import prepare_environment
from sla_console.ui.session.options import UIOptions
from sla_console.ui.session.themes import OWN_THEMES, checked_theme
from sla_console.ui.terminal.dirty_spans import NarrowUpdate
from sla_console.ui.terminal.symbols import ASCII, LINUX, UNICODE
from sla_console.ui.text.local_time import LocalTime
from sla_console.ui.widgets.paint import changed_span, fit
from sla_console.ui.widgets.ticket_cells import RowFacts, read_clock, risk_cell


@pytest.mark.parametrize(
    ("typed", "numbers"),
    [
        ("", "1000 1001 1002 1003 1004"),
        ("acme", "1000"),
        ("ACME", "1000"),
        ("!acme", "1001 1002 1003 1004"),
        ("@maya", "1000"),
        ("@nobody", "1003"),
        ("!@nobody", "1000 1001 1002 1004"),
        ("#dental", "1001"),
        ("#1002", "1002"),
        ("p1", "1000 1004"),
        ("!p1 !p2", "1002 1003"),
        ("vpn @maya p1", "1000"),
        ("vpn @tom", ""),
        ("in progress", "1000 1001 1002 1004"),
        ("(.*", ""),
        ("!", "1000 1001 1002 1003 1004"),
        ("białystok", "1003"),
    ],
)
def test_filter(desk, typed, numbers):
    found = BoardFilter(typed).apply(desk.tickets(5))
    assert " ".join(judged.ticket.display_id for judged in found) == numbers


def test_a_filter_sees_a_ticket_as_it_is_now(desk):
    typed = BoardFilter().typed("vpn")
    assert typed.apply([desk.ticket(0, timedelta(hours=1))])
    assert not typed.apply([desk.ticket(0, timedelta(hours=1), subject="Solved")])


def test_sorted_by_risk_the_worst_come_first(desk):
    tickets = desk.tickets(40)
    random.Random(1).shuffle(tickets)
    found = ordered(tickets, BoardOrder(Sort.RISK), desk.now, RiskThresholds())
    ranks = [judged.risk(desk.now, RiskThresholds()).rank for judged in found]
    assert ranks == sorted(ranks, reverse=True)


def test_among_tickets_of_one_risk_the_likelier_comes_first(desk):
    calm = [desk.ticket(n, timedelta(hours=90)) for n in range(3)]
    chances = {calm[1].ticket.id: 0.9, calm[2].ticket.id: 0.4}
    found = ordered(calm, BoardOrder(Sort.RISK), desk.now, RiskThresholds(), chances)
    assert found == [calm[1], calm[2], calm[0]]


def test_a_row_that_is_calm_and_likely_to_break_says_so(desk):
    row = desk.ticket(0, timedelta(hours=90))
    readings = [read_clock(clock, desk.now, RiskThresholds()) for clock in row.clocks]
    said = [
        risk_cell(row, readings, RowFacts(chances={row.ticket.id: chance})).text.split(" ", 1)[1]
        for chance in (0.49, 0.5)
    ]
    assert said == ["ok", "likely"]


@pytest.mark.parametrize("theme", OWN_THEMES, ids=lambda theme: theme.name)
def test_own_themes_are_sound_and_survive_256_colours(theme):
    theme.to_color_system().generate()
    background = ThemeColor.parse(theme.background)
    colors = {name: ThemeColor.parse(value) for name, value in theme.variables.items()}
    for name, color in colors.items():
        assert name == "sla-rule" or contrast(color, background) >= 4.5, name
    shown = {
        color.rich_color.downgrade(ColorSystem.EIGHT_BIT).number
        for color in (*colors.values(), background)
    }
    assert len(shown) == len({*theme.variables.values(), theme.background})


def contrast(a: ThemeColor, b: ThemeColor) -> float:
    def light(color: ThemeColor) -> float:
        parts = [
            part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4
            for part in color.normalized
        ]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    high, low = sorted((light(a), light(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_every_theme_has_the_same_names_for_meaning():
    names = {frozenset(theme.variables) for theme in OWN_THEMES}
    assert len(names) == 1


def test_an_unknown_theme_names_the_nearest():
    assert checked_theme("nord") == "nord"
    assert all(checked_theme(name) for name in BUILTIN_THEMES)
    with pytest.raises(UserError, match="no theme 'sla-drak'; did you mean 'sla-dark'"):
        checked_theme("sla-drak")
    with pytest.raises(UserError, match="there are sla-dark, sla-light, sla-contrast-dark"):
        checked_theme("§§§")


def test_an_unknown_zone_is_one_sentence():
    with pytest.raises(UserError, match=r"ui\.timezone: 'Mars/Base' is not a known zone"):
        LocalTime("Mars/Base")


def test_moments_are_shown_in_the_zone_asked_for(clock):
    local = LocalTime("America/New_York")
    assert local.clock(clock.now()) == "05:00:00 EDT"
    assert local.moment(clock.now(), clock.now()) == "05:00"
    assert local.moment(clock.now() - timedelta(days=1), clock.now()) == "Sun 11 Oct 05:00"
    assert local.moment(clock.now() - timedelta(days=400), clock.now()) == "07 Sep 2025 05:00"
    assert local.moment(None, clock.now()) == "-"


@pytest.mark.parametrize(
    ("utc", "now", "shown"),
    [
        ((2026, 10, 25, 0, 30), (2026, 10, 25, 8), "02:30+02"),
        ((2026, 10, 25, 1, 30), (2026, 10, 25, 8), "02:30+01"),
        ((2026, 10, 25, 0, 30), (2026, 10, 20, 8), "25 Oct 02:30+02"),
        ((2026, 10, 25, 1, 30), (2026, 10, 20, 8), "25 Oct 02:30+01"),
        ((2026, 10, 25, 2, 30), (2026, 10, 20, 8), "Sun 25 Oct 03:30"),
    ],
)
def test_a_time_that_comes_twice_is_shown_with_its_offset(utc, now, shown: str) -> None:
    """Berlin puts 03:00 back to 02:00 at 01:00 UTC on 25 October 2026."""
    local = LocalTime("Europe/Berlin")
    moment = local.moment(datetime(*utc, tzinfo=UTC), datetime(*now, tzinfo=UTC))
    assert moment == shown
    assert len(moment) <= 16, "no wider than the column it stands in"


def test_the_next_time_of_a_clock_that_was_put_back_lies_ahead() -> None:
    """It is 02:45 for the first time; a clock shows 02:30 next in 45 minutes, at 01:30 UTC."""
    local, now = LocalTime("Europe/Berlin"), datetime(2026, 10, 25, 0, 45, tzinfo=UTC)
    found = local.next_time(time(2, 30), now)
    assert found.astimezone(UTC) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    again = local.next_time(time(2, 30), datetime(2026, 10, 25, 1, 15, tzinfo=UTC))
    assert again.astimezone(UTC) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_text_fits_its_cells_whatever_their_width():
    assert fit("abc", 5) == "abc  "
    assert fit("abc", 5, right=True) == "  abc"
    assert fit("abcdef", 5) == "abcd…"
    assert fit("漢字漢字", 5) == "漢字…"
    assert fit("漢字漢字", 6) == "漢字 …"
    assert fit("abc", 1) == "a"


def test_only_the_characters_that_differ_are_repainted():
    assert changed_span("  12:31", "  12:30") == (6, 7)
    assert changed_span("  12:00", "  11:59") == (3, 7)
    assert changed_span("12:31", "12:31") is None
    assert changed_span("漢1", "漢2") == (0, 3)


def test_every_sign_is_one_cell_wide_and_ascii_is_ascii():
    from rich.cells import cell_len

    for field in UNICODE.__slots__:
        if isinstance(getattr(UNICODE, field), bool):
            continue
        assert cell_len(getattr(UNICODE, field)) == 1, field
        assert getattr(ASCII, field).isascii(), field
        assert len(getattr(ASCII, field)) == 1, field
        assert len(getattr(LINUX, field).encode("cp437")) == 1, field


def test_a_narrow_update_writes_the_dirty_cells_alone_and_each_colour_once():
    red = Style(color=Color.parse("#ff5f5f"))
    strip = Strip([Segment("0123456789", red), Segment("abcdefghij")], 20)
    update = NarrowUpdate(
        [{0: strip}, {0: strip}], [(0, 3, 5), (0, 7, 8), (1, 9, 11)], [[20], [20]]
    )  # the cursor is moved by whichever way is shortest
    console = Console(color_system="256", force_terminal=True)
    written = update.render_segments(console)
    assert written == ("\x1b[1;4H\x1b[0;38;5;203m34\x1b[2C7\x1b[C\x1b[B9\x1b[0ma")


def test_after_signs_that_terminals_differ_in_and_after_the_last_column_places_are_by_number():
    strip = Strip([Segment("●●"), Segment("bcdefghijklmnopqrstuvwxyzabcdefghijklmnop")], 43)
    wide = Console(width=43, color_system="256", force_terminal=True)
    update = NarrowUpdate(
        [{0: strip}, {0: strip}], [(0, 0, 2), (0, 4, 5), (0, 42, 43), (1, 42, 43)], [[43], [43]]
    )
    written = update.render_segments(wide)
    assert "●●\x1b[1;5H" in written  # how wide they are is the terminal's affair
    assert written.endswith("\x1b[2;43Hp")  # the cursor may stand on the last column or after it


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 38), st.integers(1, 4)), max_size=12))
def test_whatever_changed_stands_where_it_belongs(spans):
    """What a terminal shows after the update is what the widgets have."""
    lines = ["".join(chr(33 + (x * 7 + y * 11) % 90) for x in range(40)) for y in range(10)]
    screen = pyte.Screen(40, 10)
    ordered_spans = sorted({(y, x, min(40, x + n)) for y, x, n in spans})
    update = NarrowUpdate(
        [{0: Strip([Segment(line)], 40)} for line in lines], ordered_spans, [[40]] * 10
    )
    pyte.Stream(screen).feed(
        update.render_segments(Console(width=40, color_system="256", force_terminal=True))
    )
    for y, x, end in ordered_spans:
        assert screen.display[y][x:end] == lines[y][x:end]


def test_a_mark_stays_until_the_change_is_seen(desk, clock):
    board = desk.typical()
    breach = board.breaches[0]
    pending = Pending()
    pending.begin((breach,), "ack")
    pending.settle(board, desk.now)
    assert pending.by_ticket() == {breach.ticket_id: "ack"}
    changed = desk.board(list(board.tickets), [breach.acknowledge("Sam", None, clock.now())])
    pending.settle(changed, desk.now)
    assert pending.by_breach() == {}


def test_a_mark_goes_with_its_breach_and_with_a_failure(desk):
    board = desk.typical()
    pending = Pending()
    pending.begin(board.breaches[:2], "ack")
    pending.undo((board.breaches[0].id,))
    assert set(pending.by_breach()) == {board.breaches[1].id}
    pending.settle(Board(), desk.now)
    assert pending.by_breach() == {}


@pytest.mark.parametrize(
    ("given", "options", "theme"),
    [
        ({"NO_COLOR": "1"}, UIOptions(theme="sla-light"), "ansi-dark"),
        ({}, UIOptions(theme="ansi-light"), "ansi-light"),
        ({"TEXTUAL_THEME": "nord"}, UIOptions(), None),
    ],
)
def test_the_environment_is_settled_before_textual_reads_it(monkeypatch, given, options, theme):
    for name in ("NO_COLOR", "TEXTUAL_THEME", "TEXTUAL_FPS", "TEXTUAL_ANIMATIONS"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    prepare_environment(options)
    assert os.environ.get("TEXTUAL_THEME") == theme
    assert os.environ["TEXTUAL_FPS"] == str(options.frame_rate)
    assert os.environ["TEXTUAL_ANIMATIONS"] == "none"


@pytest.mark.parametrize(
    ("given", "options", "name", "value"),
    [
        ({}, UIOptions(), "ESCDELAY", None),
        ({"SSH_CONNECTION": "a 1 b 2"}, UIOptions(), "ESCDELAY", "250"),
        ({"SSH_CONNECTION": "a 1 b 2", "ESCDELAY": "40"}, UIOptions(), "ESCDELAY", "40"),
        ({}, UIOptions(), "TEXTUAL_DISABLE_KITTY_KEY", None),
        ({}, UIOptions(linux=True), "TEXTUAL_DISABLE_KITTY_KEY", "1"),
    ],
)
def test_a_slow_line_and_the_linux_console_have_their_own(monkeypatch, given, options, name, value):
    for each in ("SSH_CONNECTION", "ESCDELAY", "TEXTUAL_DISABLE_KITTY_KEY"):
        monkeypatch.setenv(each, "")
        monkeypatch.delenv(each)
    for each in given:
        monkeypatch.setenv(each, given[each])
    prepare_environment(options)
    assert os.environ.get(name) == value


def test_asking_for_the_console_does_not_import_textual():
    program = "import sys, sla_console.ui.run; print('textual' in sys.modules)"
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "False"
