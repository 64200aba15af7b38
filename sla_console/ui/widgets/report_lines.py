"""The charts of a report as text: the same figures, for every terminal and every size."""

from collections.abc import Sequence
from math import ceil
from typing import Final
from zoneinfo import ZoneInfo

from textual.geometry import Size

from sla_console.domain.figures.counting import WEEKDAYS
from sla_console.reporting.figures import FigureTally, Week
from sla_console.reporting.forms.words import bar_label, count, percent
from sla_console.reporting.report import Report
from sla_console.ui.terminal.symbols import Symbols
from sla_console.ui.text.report_text import plain
from sla_console.ui.widgets.canvas import Line
from sla_console.ui.widgets.paint import Cell

_GAP: Final = "    "
_HOURS: Final = 24
_DAY: Final = 5
"""Cells of a weekday with the space around it."""


def weeks_begun(report: Report) -> tuple[Week, ...]:
    """Return the weeks that had begun when the report was made; the others tell nothing."""
    day = report.as_of.astimezone(ZoneInfo(report.period.zone)).date()
    return tuple(week for week in report.weeks if week.monday <= day)


def weeks_lines(report: Report, symbols: Symbols, size: Size) -> list[Line]:
    """Return compliance by week, the latest last."""
    head = f"{'Week of':<8}{'First response':>15}{'Resolution':>15}"
    rows = [
        f"{week.monday:%d %b}  {_kept(week.response, symbols):>15}"
        f"{_kept(week.resolution, symbols):>15}"
        for week in weeks_begun(report)
    ]
    return _in_columns(head, rows, size)


def _kept(tally: FigureTally, symbols: Symbols) -> str:
    share = plain(percent(tally.compliance), symbols)
    return f"{share} of {count(tally.judged)}" if tally.judged else share


def margins_lines(report: Report, size: Size) -> list[Line]:
    """Return how many promises had how much time left, or were how late; the latest first."""
    head = f"{'Margin':<18}{'Responses':>10}{'Resolutions':>12}"
    rows = [
        f"{bar_label(one):<18}{one.met + one.missed:>10,}{two.met + two.missed:>12,}"
        for one, two in zip(report.response_margins, report.resolution_margins, strict=True)
    ]
    return _in_columns(head, rows, size)


def _in_columns(head: str, rows: Sequence[str], size: Size) -> list[Line]:
    """Return rows under their titles, side by side where they are too many for the height."""
    height = max(1, size.height - 1)
    room = max(1, (size.width - 1 + len(_GAP)) // (len(head) + len(_GAP)))
    wanted = min(room, ceil(len(rows) / height) or 1)
    height = max(height, ceil(len(rows) / wanted))
    blocks = [rows[start : start + height] for start in range(0, len(rows), height)]
    lines: list[Line] = [(Cell(" "), Cell(_GAP.join([head] * len(blocks)), "muted"))]
    for place in range(min(height, len(rows))):
        texts = [block[place] for block in blocks if place < len(block)]
        lines.append((Cell(" "), Cell(_GAP.join(texts))))
    return lines


def heat_lines(report: Report, symbols: Symbols, size: Size) -> list[Line]:
    """Return missed promises by weekday and hour, with the sum of each day.

    Where the width is too small for every hour, some hours are counted together.
    """
    most = max(max(row) for row in report.heat)
    if not most:
        return [(Cell(" No promise was missed.", "muted"),)]
    for step in (1, 2, 3, 4, 6, 8):
        rows = [[sum(row[at : at + step]) for at in range(0, _HOURS, step)] for row in report.heat]
        most = max(max(row) for row in rows)
        digits = max(2, len(str(most)))
        if _DAY + (_HOURS // step) * (digits + 1) <= size.width:
            break
    # The sums are wide only where there is room for them.
    total = len(str(max(map(sum, rows)))) + 2
    total = max(total, 7) if _DAY + (_HOURS // step) * (digits + 1) + 7 <= size.width else 0
    hours = "".join(f"{at:02}".rjust(digits + 1) for at in range(0, _HOURS, step))
    lines: list[Line] = [(Cell(" " * (_DAY - 1) + hours + "in all".rjust(total)[:total], "muted"),)]
    for day, row in zip(WEEKDAYS, rows, strict=True):
        cells = [Cell(f" {day}", "text")]
        for number in row:
            text = str(number) if number else symbols.ok
            cells.append(Cell(text.rjust(digits + 1), _heat_look(number, most)))
        if total:
            cells.append(Cell(str(sum(row)).rjust(total), "strong" if sum(row) else "muted"))
        lines.append(tuple(cells))
    return lines


def _heat_look(number: int, most: int) -> str:
    if not number:
        return "muted"
    return "breached" if number * 3 > most * 2 else "urgent" if number * 3 > most else "risk"
