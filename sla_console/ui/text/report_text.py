"""What the reports view says above its table: the figures of a report in a few lines."""

from typing import Final, NamedTuple

from sla_console.reporting.figures import Figures, FigureTally
from sla_console.reporting.forms.words import NOTHING, between, count, counts, is_real, percent
from sla_console.reporting.report import Report
from sla_console.ui.terminal.symbols import Symbols
from sla_console.ui.text.local_time import LocalTime
from sla_console.ui.widgets.canvas import Line
from sla_console.ui.widgets.paint import Cell, fit

_ALIKE: Final = 0.05
"""Percentage points below which a change would be shown as none."""


class _Row(NamedTuple):
    """One line of the figures; the last is as wide as there is room."""

    name: str
    kept: str
    interval: str
    judged: str
    missed: str
    open: str
    change: str


_WIDTHS: Final = (7, 13, 6, 6, 5)
"""Of the columns between the first and the last."""
_NAME: Final = 14


def plain(text: str, symbols: Symbols) -> str:
    """Return words of a report with the screens' own sign for what there is not."""
    return text.replace(NOTHING, symbols.nothing)


def change_words(now: FigureTally, before: FigureTally, *, whole: bool) -> str:
    """Return how a compliance has changed since the month before.

    Args:
        now: Of the month.
        before: Of the month before.
        whole: With what it was then.
    """
    if now.compliance is None or before.compliance is None:
        return "nothing to compare"
    change = now.compliance - before.compliance
    was = f" ({percent(before.compliance)})" if whole else ""
    if abs(change) < _ALIKE:
        return f"as before{was}"
    if whole:
        said = f"{abs(change):.1f} points {'better' if change > 0 else 'worse'}{was}"
        return said if is_real(now, before) else f"{said}, which may be chance"
    if is_real(now, before):
        return f"{abs(change):.1f} points {'better' if change > 0 else 'worse'}"
    return f"{change:+.1f}, may be chance"


def headline(report: Report, symbols: Symbols, width: int) -> list[Line]:
    """Return the figures of first responses and of resolutions under their titles.

    Args:
        report: Of what.
        symbols: The signs to use.
        width: Cells there are.
    """
    whole = width >= 100
    before = report.before.label if whole else f"{report.before.first:%B}"
    titles = _Row(
        report.period.label, "kept", "95 % interval", "of", "missed", "open", f"against {before}"
    )
    return [
        _line(titles, ("accent", *["muted"] * 6), symbols, width),
        _figures("First response", report.response, symbols, width, whole=whole),
        _figures("Resolution", report.resolution, symbols, width, whole=whole),
    ]


def _figures(name: str, figures: Figures, symbols: Symbols, width: int, *, whole: bool) -> Line:
    tally = figures.tally
    row = _Row(
        name,
        plain(percent(tally.compliance), symbols),
        plain(between(tally), symbols),
        count(tally.judged),
        count(tally.missed),
        count(tally.open),
        change_words(tally, figures.before, whole=whole),
    )
    real = is_real(tally, figures.before)
    looks = (
        "strong",
        "strong",
        "text",
        "text",
        "breached" if tally.missed else "muted",
        "text" if tally.open else "muted",
        "muted" if not real else "urgent" if "worse" in row.change else "ok",
    )
    return _line(row, looks, symbols, width)


def _line(row: _Row, looks: tuple[str, ...], symbols: Symbols, width: int) -> Line:
    cells = [Cell(" "), Cell(fit(row.name, _NAME, symbols.ellipsis), looks[0])]
    for text, room, look in zip(row[1:-1], _WIDTHS, looks[1:-1], strict=True):
        cells += [Cell("  " if width >= 100 else " "), Cell(text.rjust(room), look)]
    return (*cells, Cell("  "), Cell(row.change, looks[-1]))


def sentences(report: Report, local: LocalTime) -> list[str]:
    """Return what must be known beside the figures, the most important first.

    Args:
        report: Of what.
        local: The zone of the moments.
    """
    found = [_frozen_words(report, local)] if report.frozen is not None else []
    numbers = dict(counts(report))
    excluded, doubt = numbers["tickets excluded"], numbers["verdicts in doubt"]
    doubtful = f", {doubt:,} {'verdict' if doubt == 1 else 'verdicts'} in doubt" if doubt else ""
    found.append(
        f"{report.tickets:,} tickets; {excluded:,} excluded, "
        f"{numbers['tickets degraded']:,} degraded{doubtful}. "
        f"As of {local.day_of_month(report.as_of)} {local.hour(report.as_of)}."
    )
    return [*found, *report.notes]


def _frozen_words(report: Report, local: LocalTime) -> str:
    frozen = report.frozen
    assert frozen is not None  # noqa: S101 - asked by the caller
    since = len(report.changes)
    changed = f"{since:,} changes" if since > 1 else "1 change" if since else "no change"
    at = f"{local.day_of_month(frozen.at)} {local.hour(frozen.at)}"
    return f"Frozen on {at} by {frozen.by}; {changed} since."
