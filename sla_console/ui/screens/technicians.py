"""The leaderboard."""

from textual import on
from textual.app import ComposeResult

from sla_console.ui.screens.view import View
from sla_console.ui.selection import Selection
from sla_console.ui.state import Shown
from sla_console.ui.widgets.bar import Piece
from sla_console.ui.widgets.line_table import LineTable
from sla_console.ui.widgets.technician_table import TechnicianTable


class TechniciansView(View):
    """How well each technician's promises are kept."""

    NAME = "technicians"

    def compose_body(self) -> ComposeResult:
        """Lay out the one list."""
        yield TechnicianTable(self.context.symbols, id="technicians")

    def show_body(self, shown: Shown) -> None:
        """Show a new board."""
        table = self.query_one(TechnicianTable)
        table.empty_words = "Nobody has tickets yet."
        self.fade_if_stale(table)
        table.show(shown.board.technicians, shown.now)

    def tick_body(self, shown: Shown) -> None:
        """Figures stand until the next board."""

    def notes(self) -> list[Piece]:
        """Return which span of time the figures are of."""
        shown = self.shown
        if shown is None or not shown.board.technicians:
            return []
        first = shown.board.technicians[0]
        since = self.context.local.moment(first.period_start, shown.now)
        return [Piece(f"since {since}", "muted", 3)]

    def selection(self) -> Selection | None:
        """A technician is no ticket."""
        return None

    @on(LineTable.Opened)
    def _no_detail(self, event: LineTable.Opened) -> None:
        event.stop()
