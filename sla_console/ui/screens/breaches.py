"""Every broken promise that is still owed, the ones that nobody has first."""

from textual.app import ComposeResult

from sla_console.ui.screens.view import View
from sla_console.ui.selection import Selection
from sla_console.ui.state import Shown
from sla_console.ui.widgets.breach_table import BreachTable


class BreachesView(View):
    """All breaches that are not resolved."""

    NAME = "breaches"

    def compose_body(self) -> ComposeResult:
        """Lay out the one list."""
        yield BreachTable(self.context.symbols, id="all-breaches")

    def show_body(self, shown: Shown) -> None:
        """Show a new board."""
        table = self.query_one(BreachTable)
        table.pending = shown.pending.by_breach()
        loading = "Loading from cache" + self.context.symbols.ellipsis
        table.empty_words = loading if shown.loading else "No breaches. Every promise is kept."
        self.fade_if_stale(table)
        table.show_board(shown.board, shown.now)

    def tick_body(self, shown: Shown) -> None:
        """Count on."""
        self.query_one(BreachTable).tick(shown.now)

    def selection(self) -> Selection | None:
        """Return the breach under the cursor."""
        row = self.query_one(BreachTable).selected
        if row is None:
            return None
        return Selection(row.ticket_id, row.display_id, row.client, row.subject, (row,))

    def action_open(self) -> None:
        """Open what is selected."""
        self.query_one(BreachTable).action_open()
