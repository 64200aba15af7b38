"""The board: all open tickets, and beside them on a wide terminal the breaches and the team."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical

from sla_console.domain.sla_clock import JudgedTicket
from sla_console.ui.actions import ACTIONS, bindings
from sla_console.ui.board_filter import BoardFilter
from sla_console.ui.board_order import Sort, kept_order, ordered
from sla_console.ui.context import Context
from sla_console.ui.screens.view import View
from sla_console.ui.selection import Selection
from sla_console.ui.state import Shown
from sla_console.ui.widgets.bar import Bar, Piece
from sla_console.ui.widgets.breach_table import BreachTable
from sla_console.ui.widgets.filter_bar import FilterBar
from sla_console.ui.widgets.line_table import LineTable
from sla_console.ui.widgets.technician_table import TechnicianTable
from sla_console.ui.widgets.ticket_cells import RowFacts, attention_of
from sla_console.ui.widgets.ticket_table import TicketTable


class BoardView(View):
    """All open tickets.

    Args:
        context: What the screens share.
    """

    NAME = "board"
    AUTO_FOCUS = "#tickets"
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(a for a in ACTIONS if a.run in {"filter", "clear_filter", "sort", "pause"})
    ]

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._filter = BoardFilter()
        self._sort = Sort.DUE
        self._paused = False
        self._rows: Sequence[JudgedTicket] = ()
        self._facts = RowFacts(context.symbols, context.options.thresholds)

    def compose_body(self) -> ComposeResult:
        """Lay out filter, tickets and the side."""
        symbols = self.context.symbols
        yield FilterBar(id="filter")
        with Horizontal(id="body"):
            yield TicketTable(symbols, self._facts, id="tickets")
            with Vertical(id="side"):
                yield Bar(id="breaches-title")
                yield BreachTable(symbols, id="breaches")
                yield Bar(id="team-title")
                yield TechnicianTable(symbols, id="team")

    def on_mount(self) -> None:
        """Show cursors at the side only where the keys go."""
        self.query_one("#breaches", BreachTable).keeps_cursor = False
        self.query_one("#team", TechnicianTable).keeps_cursor = False
        self.query_one("#breaches-title", Bar).show([Piece("Breaches", "strong")])
        self.query_one("#team-title", Bar).show([Piece("Technicians", "strong")])

    # What is shown.

    def show_body(self, shown: Shown) -> None:
        """Show a new board."""
        board, facts = shown.board, self._facts
        tickets = self.query_one("#tickets", TicketTable)
        facts.attention = attention_of(board.breaches)
        facts.pending = shown.pending.by_ticket()
        if self._paused:
            everything: Sequence[JudgedTicket] = kept_order(board.tickets, self._rows)
        else:
            everything = ordered(board.tickets, self._sort, shown.now, facts.thresholds)
        self._rows = everything
        tickets.empty_words = self._empty_words(shown)
        rows = self._filter.apply(everything)
        self.fade_if_stale(tickets)
        tickets.show(rows, shown.now)
        self._say_filter(shown, len(rows))
        breaches = self.query_one("#breaches", BreachTable)
        breaches.pending = shown.pending.by_breach()
        breaches.empty_words = "No breaches."
        breaches.show_board(board, shown.now)
        team = self.query_one("#team", TechnicianTable)
        team.empty_words = "Nobody has tickets yet."
        team.show(board.technicians, shown.now)

    def tick_body(self, shown: Shown) -> None:
        """Count down."""
        self.query_one("#tickets", TicketTable).tick(shown.now)
        if self.has_class("-wide"):
            self.query_one("#breaches", BreachTable).tick(shown.now)

    def notes(self) -> list[Piece]:
        """Return sort order and pause."""
        pause = [Piece("order paused, p resumes", "urgent")] if self._paused else []
        return [*pause, Piece(f"by {self._sort}", "muted", 3)]

    def _empty_words(self, shown: Shown) -> str:
        if shown.loading:
            return "Loading from cache" + self.context.symbols.ellipsis
        if shown.board.tickets:
            return "No ticket matches the filter; esc clears it."
        return "No tickets yet." if shown.board.health.last_sync_at is None else "No open tickets."

    def _say_filter(self, shown: Shown, left: int) -> None:
        if not self._filter:
            return
        pieces = [Piece(f"{left} of {len(shown.board.tickets)}", "strong")]
        matched = {judged.ticket.id for judged in self._filter.apply(self._rows)}
        hidden = sum(breach.ticket_id not in matched for breach in shown.board.breaches)
        if hidden:
            noun = "breach" if hidden == 1 else "breaches"
            pieces.append(Piece(f"{hidden} {noun} hidden by filter", "breached"))
        pieces.append(Piece("clears", "muted", 2, "screen.clear_filter", "esc"))
        self.query_one(FilterBar).say(pieces)

    def _again(self) -> None:
        self.show(self.context.shown())

    # What people do.

    def selection(self) -> Selection | None:
        """Return the ticket, or at the side the breach, under the cursor."""
        shown = self.shown
        if shown is None:
            return None
        side = self.query_one("#breaches", BreachTable)
        if side.has_focus:
            return _of_breach(side)
        row = self.query_one("#tickets", TicketTable).selected
        if row is None:
            return None
        ticket = row.ticket
        return Selection(
            ticket.id,
            ticket.display_id,
            ticket.client,
            ticket.subject,
            shown.breaches_of(ticket.id),
        )

    def action_filter(self) -> None:
        """Type the filter."""
        self.query_one(FilterBar).edit()

    def action_clear_filter(self) -> None:
        """Show everything again."""
        self.query_one(FilterBar).clear()
        self._filter = BoardFilter()
        self.query_one("#tickets", TicketTable).focus()
        self._again()

    def action_sort(self) -> None:
        """Sort by the next thing round."""
        self._sort = self._sort.following()
        self._paused = False
        self._again()

    def action_pause(self) -> None:
        """Stop re-ordering, or go on."""
        self._paused = not self._paused
        self._again()

    def action_open(self) -> None:
        """Open what is selected."""
        self.query_one("#tickets", TicketTable).action_open()

    @on(FilterBar.Typed)
    def _typed(self, event: FilterBar.Typed) -> None:
        self._filter = self._filter.typed(event.text)
        self._again()

    @on(FilterBar.Kept)
    def _kept(self) -> None:
        self.query_one(FilterBar).leave()
        self.query_one("#tickets", TicketTable).focus()

    @on(LineTable.Opened, "#team")
    def _no_detail(self, event: LineTable.Opened) -> None:
        event.stop()


def _of_breach(table: BreachTable) -> Selection | None:
    row = table.selected
    if row is None:
        return None
    return Selection(row.ticket_id, row.display_id, row.client, row.subject, (row,))
