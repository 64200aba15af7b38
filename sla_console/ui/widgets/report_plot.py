"""The charts of a report drawn by textual-plot, in the theme's colours; loaded when first wanted.

What textual-plot offers besides (moving, zooming, its keys) is off: a report has no other extent,
and the keys are the console's. Colour only repeats what letters and patterns say.
"""

from collections.abc import Callable, Sequence
from math import ceil, floor
from typing import ClassVar, Final

from textual.binding import BindingType
from textual_plot import AxisFormatter, HiResMode, PlotWidget

from sla_console.reporting.figures import EDGES, FigureTally, MarginBar
from sla_console.reporting.report import Report
from sla_console.ui.widgets.paint import Looks
from sla_console.ui.widgets.report_lines import weeks_begun

RESPONSE_LOOK: Final = "accent"
RESOLUTION_LOOK: Final = "acked"
RESPONSE_MARK: Final = "F"
RESOLUTION_MARK: Final = "R"
RESPONSE_FILL: Final = "█"
RESOLUTION_FILL: Final = "⣿"
LEAST: Final = (44, 8)
"""Cells below which a chart says less than its figures as text."""

_APART: Final = 0.18
"""Weeks by which the two letters of a week stand apart, so that neither hides the other."""
_BARS_APART: Final = 0.21
_BAR: Final = 0.38
_LABEL: Final = 7
"""Cells of a day under the axis with the space around it."""
_LATE: Final = EDGES.index(0.0)


class _Labels(AxisFormatter):
    """Names the ticks that were chosen.

    Args:
        names: By tick.
    """

    def __init__(self, names: dict[float, str]) -> None:
        self._names = names

    def get_ticks(
        self,
        min_: float,
        max_: float,
        max_ticks: int = 8,  # noqa: ARG002 - all that were chosen
    ) -> list[float]:
        """Return those in sight."""
        return [tick for tick in self._names if min_ <= tick <= max_]

    def get_labels_for_ticks(self, ticks: Sequence[float]) -> list[str]:
        """Return their names."""
        return [self._names.get(tick, "") for tick in ticks]


class ReportPlot(PlotWidget, can_focus=False, inherit_bindings=False):
    """One chart of a report.

    Args:
        draws: Draws it.
    """

    BINDINGS: ClassVar[list[BindingType]] = []
    ALLOW_SELECT = False

    def __init__(self, draws: Callable[["ReportPlot", Report], None]) -> None:
        super().__init__(allow_pan_and_zoom=False)
        self._draws = draws
        self._report: Report | None = None
        self._looks = Looks(self)
        self._room = LEAST
        self.set_reactive(PlotWidget.margin_top, 0)
        self.set_reactive(PlotWidget.margin_bottom, 1)
        self.set_reactive(PlotWidget.margin_left, 7)

    def draw(self, report: Report, width: int, height: int) -> None:
        """Draw a report; one that is drawn already in this size is left as it is."""
        if self._report is not report or self._room != (width, height):
            self._report, self._room = report, (width, height)
            self._draw_again()

    def notify_style_update(self) -> None:
        """Take up the colours of a changed theme."""
        super().notify_style_update()
        self._looks.forget()
        if self._report is not None and self.is_mounted:
            self._draw_again()

    def _draw_again(self) -> None:
        if self._report is not None:
            self.clear()
            self._draws(self, self._report)

    def look(self, name: str) -> str:
        """Return a look as textual-plot takes it."""
        return str(self._looks.style(name))

    @property
    def columns(self) -> int:
        """Cells between the axes."""
        return max(1, self._room[0] - self.margin_left - 2)

    @property
    def lines(self) -> int:
        """Lines between the axes."""
        return max(2, self._room[1] - self.margin_bottom - 2)

    def above(self, low: float, high: float) -> float:
        """Return where the axis must end so that ``high`` is not hidden by the frame."""
        return low + (high - low) * self.lines / (self.lines - 1)


def draw_weeks(plot: ReportPlot, report: Report) -> None:
    """Draw compliance by week: a letter a week and kind, with lines between them."""
    weeks = weeks_begun(report)
    series = (
        ([week.response for week in weeks], -_APART, RESPONSE_LOOK, RESPONSE_MARK),
        ([week.resolution for week in weeks], _APART, RESOLUTION_LOOK, RESOLUTION_MARK),
    )
    known = [share for week in weeks for share in _shares((week.response, week.resolution))]
    low = min(90.0, floor(min(known, default=90.0) / 10) * 10)
    drawn = []
    for tallies, apart, look, mark in series:
        points = [(at + apart, one.compliance) for at, one in enumerate(tallies)]
        some = [(x, y) for x, y in points if y is not None]
        drawn.append(([x for x, _ in some], [y for _, y in some], plot.look(look), mark))
    for xs, ys, style, _ in drawn:
        if len(xs) > 1:
            plot.plot(xs, ys, line_style=style, hires_mode=HiResMode.BRAILLE)
    for xs, ys, style, mark in drawn:
        if xs:
            plot.scatter(xs, ys, marker=mark, marker_style=style)
    plot.set_xlimits(-0.5, len(weeks) - 0.5)
    plot.set_ylimits(low, plot.above(low, 100.0))
    each = max(1, ceil(_LABEL * len(weeks) / plot.columns))
    # From the last one back, so that the latest week always has its day.
    named = range(len(weeks) - 1, -1, -each)
    _name_x(plot, {float(at): f"{weeks[at].monday:%d %b}" for at in named})
    step = 10 if (100 - low) / 10 <= plot.lines / 2 else 20 if low <= 80 else 10
    _name_y(plot, {float(tick): f"{tick} %" for tick in range(100, int(low) - 1, -step)})


def _shares(tallies: Sequence[FigureTally]) -> list[float]:
    return [one.compliance for one in tallies if one.compliance is not None]


def draw_margins(plot: ReportPlot, report: Report) -> None:
    """Draw how many promises had how much time left; what was late lies left of the line."""
    sides = (
        (report.response_margins, -_BARS_APART, RESPONSE_LOOK, HiResMode.HALFBLOCK),
        (report.resolution_margins, _BARS_APART, RESOLUTION_LOOK, HiResMode.BRAILLE),
    )
    most = max((_sum(bar) for bars, *_ in sides for bar in bars), default=0)
    for bars, apart, look, mode in sides:
        some = [(at + apart, _sum(bar)) for at, bar in enumerate(bars) if _sum(bar)]
        if some:
            xs, ys = [x for x, _ in some], [y for _, y in some]
            plot.bar(xs, ys, width=_BAR, bar_style=plot.look(look), hires_mode=mode)
    plot.add_v_line(_LATE + 0.5, line_style=plot.look("muted"))
    plot.set_xlimits(-0.5, len(EDGES) + 0.5)
    plot.set_ylimits(0.0, plot.above(0.0, float(max(most, 1))))
    each = 1 if plot.columns >= 5 * (len(EDGES) + 1) else 2
    named = range(_LATE % each, len(EDGES), each)
    _name_x(plot, {at + 0.5: _edge(EDGES[at]) for at in named})
    step = _step(most, plot.lines // 2)
    _name_y(plot, {float(tick): f"{tick:,}" for tick in range(0, most + 1, step)})


def _sum(bar: MarginBar) -> int:
    return bar.met + bar.missed


def _edge(seconds: float) -> str:
    whole = round(abs(seconds))
    if not whole:
        return "0"
    text = f"{whole // 3600}h" if whole % 3600 == 0 else f"{whole // 60}m"
    return f"-{text}" if seconds < 0 else text


def _step(most: int, ticks: int) -> int:
    """Return the least of 1, 2, 5, 10, 20 and so on that makes no more than so many ticks."""
    step, factors = 1, (2.0, 2.5, 2.0)
    turn = 0
    while most / step > max(1, ticks):
        step = round(step * factors[turn % 3])
        turn += 1
    return step


def _name_x(plot: ReportPlot, names: dict[float, str]) -> None:
    plot.set_xticks(sorted(names))
    plot.set_x_formatter(_Labels(names))


def _name_y(plot: ReportPlot, names: dict[float, str]) -> None:
    plot.set_yticks(sorted(names))
    plot.set_y_formatter(_Labels(names))
