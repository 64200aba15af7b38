"""Changes that SuperOps does not have yet, or did not take, and what to do about them."""

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from sla_console.domain.board import Board
from sla_console.domain.tickets.operation import Operation, OperationState
from sla_console.ui.actions.tickets import TicketOperations
from sla_console.ui.context import Context
from sla_console.ui.dialogs.dialog import Dialog
from sla_console.ui.widgets.columns import Column
from sla_console.ui.widgets.line_table import LineTable
from sla_console.ui.widgets.paint import Cell

_LOOKS = {
    OperationState.PENDING: "held",
    OperationState.CONFLICT: "urgent",
    OperationState.FAILED: "breached",
}
_WORDS = {OperationState.PENDING: "waits", OperationState.CONFLICT: "overtaken"}


class ChangeTable(LineTable[Operation]):
    """One row a change."""

    numbers: Callable[[str], str] = str
    """Gives the number of a ticket by its id."""

    def id_of(self, row: Operation) -> str:
        """Return the change's id."""
        return row.id

    def columns_for(self, width: int) -> tuple[Column, ...]:
        """Return the columns."""
        del width
        return (
            Column("number", "Number", 8),
            Column("state", "State", 10),
            Column("words", "What", 0),
            Column("by", "By", 12),
        )

    def cells(self, row: Operation, columns: tuple[Column, ...], now: datetime) -> list[Cell]:
        """Return the row."""
        del columns, now
        return [
            Cell(self.numbers(row.ticket_id), "strong"),
            Cell(_WORDS.get(row.state, str(row.state)), _LOOKS.get(row.state, "text")),
            Cell(row.words),
            Cell(row.by),
        ]


class ChangesDialog(Dialog[None]):
    """The changes, oldest first.

    Args:
        context: What the screens share.
        operations: Retry and discard.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", "Close", show=False),
        Binding("C,shift+c", "dismiss(None)", "Close", show=False, id="ticket.changes"),
        Binding("R,shift+r", "retry", "Insist", show=False, id="alert.retry"),
        Binding("D,shift+d", "discard", "Give up", show=False, id="alert.discard"),
    ]

    def __init__(self, context: Context, operations: TicketOperations) -> None:
        super().__init__()
        self._shared, self._operations = context, operations

    def compose(self) -> ComposeResult:
        """Lay out list, the whole of one change, and the keys."""
        with Vertical(id="dialog", classes="large tall") as dialog:
            dialog.border_title = Content("Changes that SuperOps does not have")
            table = ChangeTable(self._shared.symbols, id="changes")
            table.empty_words = "None: SuperOps has everything that was done here."
            yield table
            yield Static(id="change-whole")
            keys = self._shared.keys.shown_of
            deciding = [
                (keys("alert.retry"), "bold"), (" insists  ", ""),
                (keys("alert.discard"), "bold"), (" gives up  ", ""),
            ]  # fmt: skip
            shown = [] if self._shared.options.read_only else deciding
            said = Content.assemble(*shown, ("esc", "bold"), " closes")
            yield Static(said, id="dialog-keys")

    def on_mount(self) -> None:
        """Show them."""
        self.board_arrived(self._shared.shown().board)

    def board_arrived(self, board: Board) -> None:
        """Show the changes of a new board."""
        table = self.query_one(ChangeTable)

        def number(ticket_id: str) -> str:
            judged = board.by_id.get(ticket_id)
            return judged.ticket.display_id if judged else ticket_id

        table.numbers = number
        table.show(board.operations, self._shared.clock.now())
        self.on_line_table_moved()

    def tick(self) -> None:
        """Nothing counts here."""

    def on_line_table_moved(self) -> None:
        """Say all of the change under the cursor."""
        one = self.query_one(ChangeTable).selected
        said = "" if one is None else one.last_error or "It goes out as soon as SuperOps answers."
        self.query_one("#change-whole", Static).update(Content(said))

    def on_line_table_opened(self, event: LineTable.Opened) -> None:
        """There is nothing more to see."""
        event.stop()

    def action_retry(self) -> None:
        """Insist on the change under the cursor."""
        one = self.query_one(ChangeTable).selected
        if one is not None and one.state is not OperationState.PENDING:
            self._operations.retry(one)

    def action_discard(self) -> None:
        """Give the change under the cursor up."""
        one = self.query_one(ChangeTable).selected
        if one is not None:
            self._operations.discard(one)
