"""How well each technician's promises are kept, over a period to choose."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from textual import on, work
from textual.app import ComposeResult

from sla_console.domain.errors import NotReady
from sla_console.ui.actions.action import CONSOLE, LIST
from sla_console.ui.actions.base import sentence
from sla_console.ui.actions.selection import Selection
from sla_console.ui.context import Context
from sla_console.ui.screens.view import View
from sla_console.ui.state import Shown
from sla_console.ui.text.local_time import LocalTime
from sla_console.ui.widgets.bar import Piece
from sla_console.ui.widgets.line_table import LineTable
from sla_console.ui.widgets.technician_table import TechnicianTable

if TYPE_CHECKING:
    from sla_console.service.people_figures import TeamFigures

_AGAIN: Final = timedelta(minutes=2)
Period = Callable[[LocalTime, datetime], tuple[datetime, datetime]]


def _days(days: int) -> Period:
    return lambda _, now: (now - timedelta(days=days), now)


_PERIODS: Final[tuple[tuple[str, Period], ...]] = (
    ("last 7 days", _days(7)),
    ("last 30 days", _days(30)),
    ("last 90 days", _days(90)),
    ("this month", lambda local, now: local.month(now)),
    ("last month", lambda local, now: local.month(now, 1)),
)
_USUAL: Final = 1


class TechniciansView(View):
    """The leaderboard; enter shows what a technician has in hand.

    Args:
        context: What the screens share.
    """

    NAME = "technicians"
    KEY_LINE = frozenset({LIST, CONSOLE})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._period = _USUAL
        self._asked_at: datetime | None = None
        self._figures: TeamFigures | None = None
        self._fault = ""

    def compose_body(self) -> ComposeResult:
        """Lay out the one list."""
        yield TechnicianTable(self.context.symbols, id="technicians")

    def show_body(self, shown: Shown) -> None:
        """Show a new board."""
        if not shown.loading and (
            self._asked_at is None or not timedelta() <= shown.now - self._asked_at < _AGAIN
        ):
            self._asked_at = shown.now
            self._ask()
        table = self.query_one(TechnicianTable)
        table.empty_words = self.nothing(shown, "Nobody has tickets yet.")
        self.fade_if_stale(table)
        known = self._figures
        if known is not None and bool(known.weekly) != bool(table.weekly):
            table.weekly = known.weekly
            table.lay_out_again()
        elif known is not None:
            table.weekly = known.weekly
        usual = known is None or self._period == _USUAL
        table.show(
            shown.board.technicians if usual or known is None else known.technicians, shown.now
        )

    def tick_body(self, shown: Shown) -> None:
        """Figures stand until the next board."""

    @work(exclusive=True, group="team", exit_on_error=False)
    async def _ask(self) -> None:
        _, span_of = _PERIODS[self._period]
        start, end = span_of(self.context.local, self.context.clock.now())
        future = self.context.link.submit(lambda service: service.team_figures(start, end))
        try:
            self._figures = await asyncio.wrap_future(future)
            self._fault = ""
        except NotReady:
            self._asked_at = None  # the next board asks again
            return
        except Exception as error:  # noqa: BLE001 - said to the person instead
            self._fault = f"The figures are not known: {sentence(error)}"
        self.show(self.context.shown())

    def notes(self) -> list[Piece]:
        """Return which span of time the figures are of."""
        name, span_of = _PERIODS[self._period]
        shown = self.shown
        if self._fault:
            return [Piece(self._fault, "urgent", 1)]
        if shown is None:
            return []
        start, end = span_of(self.context.local, shown.now)
        if self._period != _USUAL and (self._figures is None or self._figures.start != start):
            return (
                [Piece(f"reading {name}", "muted", 2)]
                if end > shown.now
                else [Piece(name, "text", 2)]
            )
        since = self.context.local.moment(start, shown.now)
        usual = self._figures is None or self._period == _USUAL
        team = (
            shown.board.technicians if usual or self._figures is None else self._figures.technicians
        )
        doubt = round(sum(one.in_doubt for one in team))
        said = [Piece(f"{doubt} in doubt", "urgent", 2)] if doubt else []
        return [*said, Piece(f"{name}, since {since}", "muted", 3)]

    def action_period(self, step: int) -> None:
        """Show another period."""
        self._period = (self._period + step) % len(_PERIODS)
        self._figures, self._asked_at = None, None
        self.show(self.context.shown())

    def selection(self) -> Selection | None:
        """A technician is no ticket."""
        return None

    def action_open(self) -> None:
        """Show what the technician under the cursor has in hand."""
        self.query_one(TechnicianTable).action_open()

    @on(LineTable.Opened)
    def _open_queue(self, event: LineTable.Opened) -> None:
        from sla_console.ui.dialogs.queue import QueueDialog  # noqa: PLC0415 - when asked for

        event.stop()
        row = self.query_one(TechnicianTable).selected
        if row is not None:
            self.app.push_screen(QueueDialog(self.context, row.technician_id, row.technician_name))
