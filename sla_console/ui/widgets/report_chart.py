"""One chart of a report: drawn where the terminal can, else the same figures as text."""

import importlib
from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.geometry import Size

from sla_console.reporting.report import Report
from sla_console.ui.context import Context
from sla_console.ui.widgets.bar import Piece, PieceBar
from sla_console.ui.widgets.canvas import Canvas, Line
from sla_console.ui.widgets.report_lines import heat_lines, margins_lines, weeks_lines

if TYPE_CHECKING:
    # Only named here: it brings numpy, and is loaded when a chart is first drawn.
    from sla_console.ui.widgets.report_plot import ReportPlot

PLOTS: Final = "sla_console.ui.widgets.report_plot"
"""The module that draws; it is loaded beside the screen's loop."""


class ChartKind(StrEnum):
    """Which chart."""

    WEEKS = "Compliance by week"
    MARGINS = "Time left, or how late"
    HEAT = "Missed by weekday and hour"


class ReportChart(Vertical):
    """A title with what the signs mean, and the chart.

    Args:
        context: What the screens share.
        kind: Which one.
    """

    def __init__(self, context: Context, kind: ChartKind) -> None:
        super().__init__(classes=f"report-chart -{kind.name.lower()}")
        self._shared, self.kind = context, kind
        self._report: Report | None = None
        self._plot: ReportPlot | None = None
        self._hints: tuple[Piece, ...] = ()

    def compose(self) -> ComposeResult:
        """Lay out title and text; what draws is added when it is there."""
        yield PieceBar(classes="chart-title")
        yield Canvas()

    def on_mount(self) -> None:
        """Say which chart it is."""
        self._show_title()

    def show(self, report: Report | None) -> None:
        """Show a report; None: nothing is known."""
        if report is not self._report:
            self._report = report
            self.draw()

    def hint(self, pieces: tuple[Piece, ...]) -> None:
        """Show at the right of the title what can be pressed."""
        self._hints = pieces
        if self.is_mounted:
            self._show_title()

    async def let_draw(self) -> None:
        """Use what draws, which is loaded by now."""
        if self._plot is not None or self.kind is ChartKind.HEAT or self._shared.options.plain:
            return
        module = importlib.import_module(PLOTS)
        draws = module.draw_weeks if self.kind is ChartKind.WEEKS else module.draw_margins
        plot: ReportPlot = module.ReportPlot(draws)
        plot.display = False
        await self.mount(plot)
        self._plot = plot
        self.draw()

    def on_resize(self) -> None:
        """Draw it as large as there is room now."""
        self.call_after_refresh(self.draw)

    def draw(self) -> None:
        """Draw what is known."""
        if not self.is_mounted:
            return
        report, text = self._report, self.query_one(Canvas)
        room = Size(self.size.width, max(0, self.size.height - 1))
        plot = self._plot_for(report, room)
        if self._plot is not None:
            self._plot.display = plot is not None
        text.display = plot is None
        if plot is not None and report is not None:
            plot.draw(report, room.width, room.height)
        else:
            text.show(self._lines(report, room))
        self._show_title()

    def _plot_for(self, report: Report | None, room: Size) -> "ReportPlot | None":
        """Return what draws, None where it is not to."""
        if self._plot is None or report is None:
            return None
        width, height = importlib.import_module(PLOTS).LEAST
        return self._plot if room.width >= width and room.height >= height else None

    def _lines(self, report: Report | None, room: Size) -> list[Line]:
        if report is None or not room.area:
            return []
        symbols = self._shared.symbols
        draw: dict[ChartKind, Callable[[], list[Line]]] = {
            ChartKind.WEEKS: lambda: weeks_lines(report, symbols, room),
            ChartKind.MARGINS: lambda: margins_lines(report, room),
            ChartKind.HEAT: lambda: heat_lines(report, symbols, room),
        }
        return draw[self.kind]()

    def _show_title(self) -> None:
        pieces = [Piece(self.kind, "accent"), *self._legend()]
        self.query_one(PieceBar).show(pieces, list(self._hints))

    def _legend(self) -> list[Piece]:
        if self._plot is None or not self._plot.display:
            return []
        plots = importlib.import_module(PLOTS)
        letters = self.kind is ChartKind.WEEKS
        first = plots.RESPONSE_MARK if letters else plots.RESPONSE_FILL
        second = plots.RESOLUTION_MARK if letters else plots.RESOLUTION_FILL
        return [
            Piece(f"{first} first response", plots.RESPONSE_LOOK, 1),
            Piece(f"{second} resolution", plots.RESOLUTION_LOOK, 1),
        ]
