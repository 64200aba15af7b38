"""The board: all open tickets, and beside them on a wide terminal the breaches and the team."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from sla_console.domain.sla.breach import SLABreach
from sla_console.ui.actions.selection import Chosen, Selection
from sla_console.ui.board.board_query import BoardQuery, BoardRows, arrange
from sla_console.ui.board.filter import BoardFilter
from sla_console.ui.board.order import BoardOrder, Sort
from sla_console.ui.board.words import filter_pieces, marked_words
from sla_console.ui.context import Context
from sla_console.ui.messages import Remembered
from sla_console.ui.screens.view import View
from sla_console.ui.state import Shown
from sla_console.ui.widgets.bar import Piece, PieceBar
from sla_console.ui.widgets.breach_table import BreachTable
from sla_console.ui.widgets.facts import strip_pieces
from sla_console.ui.widgets.filter_bar import FilterBar
from sla_console.ui.widgets.freshness import FreshRows
from sla_console.ui.widgets.line_table import LineTable
from sla_console.ui.widgets.technician_table import TechnicianTable
from sla_console.ui.widgets.ticket_cells import RowFacts
from sla_console.ui.widgets.ticket_table import TicketTable

if TYPE_CHECKING:
    # Only named here: the first screen is painted before it is needed.
    from sla_console.ui.widgets.ticket_pane import TicketPane


class BoardView(View):
    """All open tickets.

    Args:
        context: What the screens share.
    """

    NAME = "board"
    AUTO_FOCUS = "#tickets"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._wish = BoardQuery(BoardFilter(me=context.options.technician or context.operator))
        self._arranged = BoardRows()
        self._arranging = 0
        """Rises with each arrangement that was begun; only the latest is shown."""
        self._facts = RowFacts(
            context.symbols,
            context.options.thresholds,
            local=context.local,
            fresh=FreshRows(context.symbols),
        )
        self._to_select: str | None = None

    def compose_body(self) -> ComposeResult:
        """Lay out filter, tickets and the side."""
        symbols = self.context.symbols
        yield PieceBar(id="strip")
        yield FilterBar(id="filter")
        yield PieceBar(id="filter-hint")
        with Horizontal(id="body"):
            yield TicketTable(symbols, self._facts, id="tickets")
            with Vertical(id="side"):
                yield PieceBar(id="breaches-title")
                yield BreachTable(symbols, id="breaches")
                yield PieceBar(id="team-title")
                yield TechnicianTable(symbols, id="team")

    def on_mount(self) -> None:
        """Show cursors at the side only where the keys go."""
        self.query_one("#breaches", BreachTable).keeps_cursor = False
        self.query_one("#team", TechnicianTable).keeps_cursor = False
        self.query_one("#breaches-title", PieceBar).show([Piece("Breaches", "strong")])
        self.query_one("#team-title", PieceBar).show([Piece("Technicians", "strong")])
        self._show_order()

    def recall(self) -> None:
        """Show the board as it was left."""
        memory, facts = self.context.memory, self._facts
        facts.wall_hours = memory.wall_hours
        facts.columns = memory.columns.get(self.NAME, ())
        self._to_select = memory.selected
        order = BoardOrder.named(memory.sort, reverse=memory.reverse)
        self._wish = BoardQuery(self._wish.filter.typed(memory.filter), order)
        if memory.filter:
            self.query_one(FilterBar).restore(memory.filter)
        self._show_order()
        self.again()
        if memory.pane:
            self._open_pane()

    def restyle(self) -> None:
        """Take up changed signs, keys and zone."""
        self._facts.symbols, self._facts.local = self.context.symbols, self.context.local
        super().restyle()

    # What is shown.

    def show_body(self, shown: Shown) -> None:
        """Show a new board."""
        board, facts = shown.board, self._facts
        facts.thresholds = self.context.options.thresholds
        facts.pending = shown.pending.by_ticket()
        facts.changes = shown.pending.changes(board)
        facts.chances = board.chances
        facts.fresh.board_arrived(board, shown.now)
        tickets = self.query_one("#tickets", TicketTable)
        filtered = "No ticket matches the filter; esc clears it."
        tickets.empty_words = filtered if board.tickets else self.nothing(shown, "No open tickets.")
        self.fade_if_stale(tickets)
        if not shown.loading:
            tickets.keep_marks(board.by_id)
        self._arrange(shown)
        breaches = self.query_one("#breaches", BreachTable)
        breaches.pending = shown.pending.by_breach()
        breaches.empty_words = self.nothing(shown, "No breaches.")
        breaches.show_board(board, shown.now)
        team = self.query_one("#team", TechnicianTable)
        team.empty_words = self.nothing(shown, "Nobody has tickets yet.")
        team.show(board.technicians, shown.now)
        for pane in self._panes():
            pane.board_arrived(board)

    def _arrange(self, shown: Shown) -> None:
        """Bring the tickets in order: at once, or beside the screen where they are very many."""
        self._arranging += 1
        options, wish, before = self.context.options, self._wish, self._arranged
        if wish.easy(shown.board):
            self._take(
                arrange(shown.board, wish, before, shown.now, options.thresholds, options.working),
                shown,
            )
        else:
            self._arrange_beside(self._arranging, shown, wish, before)

    @work(thread=True, group="arrange", exit_on_error=False)
    def _arrange_beside(
        self, number: int, shown: Shown, wish: BoardQuery, before: BoardRows
    ) -> None:
        options = self.context.options
        arranged = arrange(
            shown.board, wish, before, shown.now, options.thresholds, options.working
        )
        self.app.call_from_thread(self._take_if_latest, number, arranged, shown)

    def _take_if_latest(self, number: int, arranged: BoardRows, shown: Shown) -> None:
        if number == self._arranging and self.is_mounted:
            self._take(arranged, shown)

    def _take(self, arranged: BoardRows, shown: Shown) -> None:
        self._arranged = arranged
        self._facts.attention = arranged.attention
        tickets = self.query_one("#tickets", TicketTable)
        tickets.show(arranged.rows, shown.now)
        if self._to_select is not None and shown.board.version:
            tickets.select(self._to_select)
            self._to_select = None
        strip = self.query_one("#strip", PieceBar)
        strip.display = bool(arranged.strip)
        strip.show(strip_pieces(arranged.strip, self.context.local, shown.now))
        self._say_filter(shown)

    def tick_body(self, shown: Shown) -> None:
        """Count down."""
        self.query_one("#tickets", TicketTable).tick(shown.now)
        if self.has_class("-wide"):
            self.query_one("#breaches", BreachTable).tick(shown.now)
        for pane in self._panes():
            pane.tick()
        again_at = self._arranged.again_at
        if again_at is not None and shown.now >= again_at:
            self._arranged = BoardRows(everything=self._arranged.everything)
            self._arrange(shown)

    def notes(self) -> list[Piece]:
        """Return marks, pause, hours and sort order."""
        marked = marked_words(
            self.query_one("#tickets", TicketTable).marks, self._wish, self._arranged
        )
        key = self.context.keys.keys["view.pause"]
        resumes = f", {key[0]} resumes" if key else ""
        return [
            *([Piece(marked, "accent")] if marked else []),
            *([Piece(f"order paused{resumes}", "urgent")] if self._wish.paused else []),
            *([Piece("wall time", "held")] if self._facts.wall_hours else []),
            Piece(f"by {self._wish.order.words}", "muted", 3),
        ]

    def _say_filter(self, shown: Shown) -> None:
        wish, hint = self._wish.filter, self.query_one("#filter-hint", PieceBar)
        hint.display = bool(wish.fault)
        hint.show([Piece(wish.fault, "urgent")])
        self.query_one(FilterBar).say(filter_pieces(self._wish, self._arranged, shown.board))

    def again(self) -> None:
        """Show the same board once more: it is wanted otherwise."""
        self.show(self.context.shown())

    # What an action is about.

    def selection(self) -> Selection | None:
        """Return the ticket, or at the side the breach, under the cursor."""
        shown = self.shown
        if shown is None:
            return None
        side = self.query_one("#breaches", BreachTable)
        if side.has_focus:
            row = side.selected
            return None if row is None else _of_breach(row)
        judged = self.query_one("#tickets", TicketTable).selected
        return None if judged is None else shown.selection(judged.ticket.id)

    def chosen(self) -> Chosen | None:
        """Return the marked tickets, else what the cursor is on."""
        marks = self.query_one("#tickets", TicketTable).marks
        if marks and self.shown is not None:
            found = tuple(filter(None, map(self.shown.selection, marks)))
            if found:
                return Chosen(found)
        return super().chosen()

    # What people do.

    def wish(self, *, text: str | None = None, order: BoardOrder | None = None) -> None:
        """Show the board with another filter, or in another order."""
        wish, memory = self._wish, self.context.memory
        if text is not None:
            memory.filter = text
            self._wish = BoardQuery(wish.filter.typed(text), wish.order, wish.paused)
        if order is not None:
            memory.sort, memory.reverse = order.sort.value, order.reverse
            self._wish = BoardQuery(wish.filter, order)
            self._show_order()
        self.post_message(Remembered())
        self.again()

    def _show_order(self) -> None:
        order, symbols = self._wish.order, self.context.symbols
        tickets = self.query_one("#tickets", TicketTable)
        way = symbols.falling if order.reverse else symbols.rising
        tickets.sorted_by = (order.sort.column, way)
        tickets.lay_out_again()

    def action_filter(self) -> None:
        """Type the filter."""
        self.query_one(FilterBar).edit()

    def action_clear_filter(self) -> None:
        """Show everything again; where everything is shown, mark none."""
        tickets = self.query_one("#tickets", TicketTable)
        if not self.query_one(FilterBar).text:
            tickets.action_unmark()
        self.query_one(FilterBar).clear()
        tickets.focus()
        self.wish(text="")

    def show_filter(self, text: str) -> None:
        """Show the tickets that somebody wants to see."""
        self.query_one(FilterBar).restore(text)
        self.wish(text=text)

    def action_sort(self) -> None:
        """Ask by what to sort."""
        from sla_console.ui.dialogs.pick import Choice, PickDialog  # noqa: PLC0415 - when asked for

        now = self._wish.order
        said = {now.sort: "now; again turns it round"}
        choices = [Choice(sort.value, sort.value, said.get(sort, "")) for sort in Sort]

        def answered(choice: Choice | None) -> None:
            if choice is not None:
                self.wish(order=now.taken(Sort(choice.value)))

        self.app.push_screen(PickDialog("Sort", (), "BoardOrder", choices), answered)

    def action_columns(self) -> None:
        """Ask which columns are wanted."""
        from sla_console.ui.dialogs.columns import ColumnsDialog  # noqa: PLC0415 - as above

        tickets, memory = self.query_one("#tickets", TicketTable), self.context.memory
        shown = tuple((column.key, column.width) for column in tickets.laid_out)
        dialog = ColumnsDialog(self._facts.columns, shown, self.context.symbols)

        def answered(columns: object) -> None:
            if isinstance(columns, tuple):
                self._facts.columns = memory.columns[self.NAME] = columns
                tickets.lay_out_again()
                self.post_message(Remembered())

        self.app.push_screen(dialog, answered)

    def action_pause(self) -> None:
        """Stop re-ordering, or go on."""
        self._wish = BoardQuery(self._wish.filter, self._wish.order, not self._wish.paused)
        self.again()

    def action_hours(self) -> None:
        """Count in promised hours, or in those of the clock on the wall."""
        memory = self.context.memory
        self._facts.wall_hours = memory.wall_hours = not self._facts.wall_hours
        self.query_one("#tickets", TicketTable).lay_out_again()
        self.post_message(Remembered())
        self.again()

    def action_pane(self) -> None:
        """Keep the story of the ticket under the cursor in sight, or no more."""
        memory = self.context.memory
        memory.pane = not memory.pane
        if memory.pane:
            self._open_pane()
        else:
            self.remove_class("-pane")
        self.post_message(Remembered())

    @work(exclusive=True, group="pane", exit_on_error=False)
    async def _open_pane(self) -> None:
        """Make the pane when it is wanted first: the first screen is painted without it."""
        from sla_console.ui.widgets.ticket_pane import TicketPane  # noqa: PLC0415 - as above

        if not self.query("#pane"):
            await self.query_one("#body").mount(TicketPane(self.context, id="pane"))
        self.add_class("-pane")
        self._follow()

    def _panes(self) -> "Iterator[TicketPane]":
        """Return the pane, if it is open."""
        if self.has_class("-pane"):
            from sla_console.ui.widgets.ticket_pane import TicketPane  # noqa: PLC0415 - as above

            yield from self.query(TicketPane)

    def action_open(self) -> None:
        """Open what is selected."""
        self.query_one("#tickets", TicketTable).action_open()

    def action_mark(self) -> None:
        """Mark what is selected."""
        self.query_one("#tickets", TicketTable).action_mark()

    @on(LineTable.Moved)
    def _follow(self) -> None:
        chosen, shown, memory = self.selection(), self.shown, self.context.memory
        ticket_id = chosen.ticket_id if chosen else None
        if memory.selected != ticket_id:
            memory.selected = ticket_id
            self.post_message(Remembered(rests=True))
        for pane in self._panes() if shown is not None else ():
            pane.follow(ticket_id, shown.board.by_id.get(ticket_id or "") if shown else None)

    @on(LineTable.HeaderClicked)
    def _sort_by(self, event: LineTable.HeaderClicked) -> None:
        sort = Sort.of_column(event.key)
        if sort is not None:
            self.wish(order=self._wish.order.taken(sort))

    @on(FilterBar.Typed)
    def _typed(self, event: FilterBar.Typed) -> None:
        if event.text != self._wish.filter.text:
            self.wish(text=event.text)

    @on(FilterBar.Kept)
    def _kept(self) -> None:
        self.query_one(FilterBar).leave()
        self.query_one("#tickets", TicketTable).focus()

    @on(LineTable.Opened, "#team")
    def _no_detail(self, event: LineTable.Opened) -> None:
        event.stop()


def _of_breach(row: SLABreach) -> Selection:
    return Selection(row.ticket_id, row.display_id, row.client, row.subject, (row,))
