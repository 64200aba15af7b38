"""Every broken promise that is still owed, the ones that nobody has first."""

from collections.abc import Sequence

from textual.app import ComposeResult

from sla_console.domain.sla.breach import SLABreach
from sla_console.ui.actions.selection import Chosen, Selection
from sla_console.ui.screens.view import View
from sla_console.ui.state import Shown
from sla_console.ui.widgets.bar import Piece
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
        table.empty_words = self.nothing(shown, "No breaches. Every promise is kept.")
        self.fade_if_stale(table)
        if not shown.loading:
            table.keep_marks({breach.id for breach in shown.board.breaches})
        table.show_board(shown.board, shown.now)

    def tick_body(self, shown: Shown) -> None:
        """Count on."""
        self.query_one(BreachTable).tick(shown.now)

    def selection(self) -> Selection | None:
        """Return the breach under the cursor."""
        row = self.query_one(BreachTable).selected
        return None if row is None else _of((row,))

    def chosen(self) -> Chosen | None:
        """Return the marked breaches by their tickets, else the one under the cursor."""
        marks = self.query_one(BreachTable).marks
        marked: dict[str, list[SLABreach]] = {}
        for breach in self.shown.board.breaches if self.shown is not None else ():
            if breach.id in marks:
                marked.setdefault(breach.ticket_id, []).append(breach)
        return Chosen(tuple(map(_of, marked.values()))) if marked else super().chosen()

    def notes(self) -> list[Piece]:
        """Return how many are marked."""
        marked = len(self.query_one(BreachTable).marks)
        return [Piece(f"{marked} marked", "accent")] if marked else []

    def action_open(self) -> None:
        """Open what is selected."""
        self.query_one(BreachTable).action_open()


def _of(breaches: Sequence[SLABreach]) -> Selection:
    """Return the ticket of these breaches of it."""
    one = breaches[0]
    return Selection(one.ticket_id, one.display_id, one.client, one.subject, tuple(breaches))
