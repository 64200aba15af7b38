"""What was promised and kept, a month at a time, with charts and the promises behind each figure."""

import asyncio
import importlib
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.content import Content
from textual.widgets import Static

from sla_console.domain.figures.counting import DIMENSIONS
from sla_console.reporting.period import Period
from sla_console.reporting.report import Report
from sla_console.service.report_service import ReportRequest
from sla_console.ui.actions.action import CONSOLE, LIST
from sla_console.ui.actions.base import sentence
from sla_console.ui.actions.catalogue import ACTIONS
from sla_console.ui.actions.selection import Selection
from sla_console.ui.context import Context
from sla_console.ui.link import ServiceDoor
from sla_console.ui.screens.view import View
from sla_console.ui.state import Shown
from sla_console.ui.text.report_text import headline, sentences
from sla_console.ui.widgets.bar import Piece, PieceBar
from sla_console.ui.widgets.canvas import Canvas
from sla_console.ui.widgets.line_table import LineTable
from sla_console.ui.widgets.report_chart import PLOTS, ChartKind, ReportChart
from sla_console.ui.widgets.report_table import ReportTable

_AGAIN: Final = timedelta(minutes=10)
"""A report reads months of tickets, and its figures move slowly."""
_KINDS: Final = tuple(ChartKind)
_ROOMY: Final = 44
"""Lines from which a wide terminal shows all charts at once."""
_ACTIONS: Final = {action.id: action for action in ACTIONS}


def month_of(zone: str, now: datetime, back: int) -> Period:
    """Return a calendar month.

    Args:
        zone: IANA name: whose calendar.
        now: The moment, aware.
        back: So many months before the one of that moment.
    """
    here = now.astimezone(ZoneInfo(zone))
    months = here.year * 12 + here.month - 1 - back
    return Period.month(months // 12, months % 12 + 1, zone)


async def _zone_of(service: ServiceDoor) -> str:
    return service.reports.rules.zone


class ReportsView(View):
    """The report of a month.

    Args:
        context: What the screens share.
    """

    NAME = "reports"
    KEY_LINE = frozenset({LIST, CONSOLE})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._back = 0
        self._by = 0
        self._chart = 0
        self._swapped = False
        self._zone = ""
        self._period: Period | None = None
        self._asked_at: datetime | None = None
        self._report: Report | None = None
        self._fault = ""

    def compose_body(self) -> ComposeResult:
        """Lay out figures, table and charts."""
        yield Canvas(id="report-figures")
        yield Static(id="report-said")
        with Container(id="report-body"):
            with Vertical(id="report-list"):
                yield PieceBar(id="report-title")
                yield ReportTable(self.context.symbols, id="report")
            with Vertical(id="charts"):
                for kind in _KINDS:
                    yield ReportChart(self.context, kind)

    def on_mount(self) -> None:
        """Show which chart it begins with."""
        self._arrange()

    def on_resize(self) -> None:
        """Lay out anew, once it is known how much the terminal holds."""
        self.call_after_refresh(self._arrange)

    def show_keys(self) -> None:
        """Fill in the key line, and the keys beside the titles."""
        super().show_keys()
        self._show_titles()

    # What is shown.

    def show_body(self, shown: Shown) -> None:
        """Show a new board: the report itself is asked for now and then."""
        if not shown.loading and (
            self._asked_at is None or not timedelta() <= shown.now - self._asked_at < _AGAIN
        ):
            self._asked_at = shown.now
            self._ask()
        self._show_report(shown)

    def tick_body(self, shown: Shown) -> None:
        """Figures stand until the next report."""

    def _show_report(self, shown: Shown) -> None:
        report, table = self._report, self.query_one(ReportTable)
        dimension = DIMENSIONS[self._by]
        if table.dimension != dimension:
            table.dimension = dimension
            table.lay_out_again()
        what = "the report" if self._period is None else self._period.label
        loading = "Loading from cache" if shown.loading else f"Reading {what}"
        table.empty_words = "" if self._fault else loading + self.context.symbols.ellipsis
        self.fade_if_stale(table)
        table.show(report.groups[dimension] if report else (), shown.now)
        figures = self.query_one("#report-figures", Canvas)
        width = self.size.width
        figures.display = report is not None
        figures.show(headline(report, self.context.symbols, width) if report else ())
        self._say(report)
        for chart in self.query(ReportChart):
            chart.show(report)

    def _say(self, report: Report | None) -> None:
        """Say what must be known beside the figures; what went wrong comes first."""
        parts: list[tuple[str, str] | str] = []
        if self._fault:
            parts.append((self._fault, "$sla-urgent"))
        if report is not None:
            first, *others = sentences(report, self.context.local)
            parts += [" "] if parts else []
            parts += [(first, "$sla-held" if report.frozen else ""), " ".join(["", *others])]
        self.query_one("#report-said", Static).update(Content.assemble(*parts))

    def notes(self) -> list[Piece]:
        """Return which month it is, and whether it is still being read."""
        period = self._period
        if period is None:
            return [] if self._fault else [Piece("reading the report", "muted", 2)]
        if self._report is None and not self._fault:
            return [Piece(f"reading {period.label}", "muted", 2)]
        return [Piece(f"{period.label}, by due date", "muted", 3)]

    # What is asked for.

    @work(exclusive=True, group="report", exit_on_error=False)
    async def _ask(self) -> None:
        link, by = self.context.link, self.context.operator
        period, report, fault = self._period, self._report, ""
        try:
            if not self._zone:
                self._zone = await asyncio.wrap_future(link.submit(_zone_of))
            period = month_of(self._zone, self.context.clock.now(), self._back)
            if period != self._period:
                self._period, self._report, report = period, None, None
                self.show(self.context.shown())
            await self._let_draw()
            request = ReportRequest(period)
            future = link.submit(lambda service: service.reports.kept_report(request, by))
            report = await asyncio.wrap_future(future)
        except Exception as error:  # noqa: BLE001 - said to the person instead
            fault = sentence(error)
        if period == self._period:
            # An answer about a month that nobody looks at any more is dropped.
            self._report, self._fault = report, fault
            self.show(self.context.shown())

    async def _let_draw(self) -> None:
        """Load what draws beside the screen's loop, and let the charts use it."""
        if not self.context.options.plain:
            await asyncio.to_thread(importlib.import_module, PLOTS)
            for chart in self.query(ReportChart):
                await chart.let_draw()

    def action_period(self, step: int) -> None:
        """Show another month; none after the current one, which nobody can report on yet."""
        back = max(0, self._back - step)
        if back == self._back:
            return
        self._back, self._report, self._fault, self._asked_at = back, None, "", None
        if self._zone:
            self._period = month_of(self._zone, self.context.clock.now(), back)
        self.show(self.context.shown())

    # How it is laid out.

    @property
    def _swaps(self) -> bool:
        """Whether there is room for the table or the charts, not for both."""
        short = self.has_class("-short") and not self.has_class("-wide")
        return short or self.has_class("-narrow") or self.has_class("-tiny")

    @property
    def _roomy(self) -> bool:
        """Whether all charts are in sight at once."""
        return self.has_class("-wide") and self.size.height >= _ROOMY

    def _arrange(self) -> None:
        """Give table and charts the room there is."""
        swaps, roomy = self._swaps, self._roomy
        self.query_one("#report-list").display = not (swaps and self._swapped)
        self.query_one("#charts").display = self._swapped if swaps else not self._swapped
        self.set_class(roomy, "-roomy")
        for chart in self.query(ReportChart):
            chart.display = roomy or chart.kind is _KINDS[self._chart]
        self._show_titles()
        self.show(self.context.shown())
        if not (swaps and self._swapped):
            self.query_one(ReportTable).focus()

    def _show_titles(self) -> None:
        by, swap, chart = (
            self._hint("report.by", "next"),
            self._hint("view.pane", "charts" if self._swaps or self._swapped else "no charts"),
            self._hint("report.chart", "next"),
        )
        place = Piece(f"{self._by + 1} of {len(DIMENSIONS)}", "muted", 2)
        title = Piece(f"By {DIMENSIONS[self._by]}", "accent")
        self.query_one("#report-title", PieceBar).show([title, place], [*by, *swap])
        back = self._hint("view.pane", "table") if self._swaps else []
        place = Piece(f"{self._chart + 1} of {len(_KINDS)}", "muted", 2)
        for one in self.query(ReportChart):
            one.hint(() if self._roomy else (place, *chart, *back))

    def _hint(self, action_id: str, label: str) -> list[Piece]:
        """Return a key with what it does, clickable; nothing where the action has no key."""
        action = _ACTIONS[action_id]
        key = self.context.keys.shown(action)
        return [Piece(label, "muted", 3, action.run, key)] if key else []

    # The actions.

    def action_by(self) -> None:
        """Go round the dimensions."""
        if self._swaps and self._swapped:
            self._swapped = False
        else:
            self._by = (self._by + 1) % len(DIMENSIONS)
        self._arrange()

    def action_chart(self) -> None:
        """Go round the charts; where they are out of sight, show them first."""
        if self._swapped is not self._swaps:
            self._swapped = self._swaps
        else:
            self._chart = (self._chart + 1) % len(_KINDS)
        self._arrange()

    def action_pane(self) -> None:
        """Show the charts in place of the table or beside it, or no more."""
        self._swapped = not self._swapped
        self._arrange()

    def selection(self) -> Selection | None:
        """A row of figures is no ticket."""
        return None

    def action_open(self) -> None:
        """Show the promises behind the row under the cursor."""
        self.query_one(ReportTable).action_open()

    @on(LineTable.Opened)
    def _open_promises(self, event: LineTable.Opened) -> None:
        from sla_console.ui.dialogs.report_tickets import (  # noqa: PLC0415 - when asked for
            ReportTicketsDialog,
        )

        event.stop()
        row, report = self.query_one(ReportTable).selected, self._report
        if row is not None and report is not None:
            dimension = DIMENSIONS[self._by]
            self.app.push_screen(ReportTicketsDialog(self.context, report, dimension, row.name))
