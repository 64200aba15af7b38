"""Everything known about one ticket; messages, notes and the ledger only when asked for."""

from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content

from sla_console.domain.board import Board
from sla_console.domain.sla.sla_clock import EvaluatedTicket
from sla_console.ui.actions.action import bindings
from sla_console.ui.actions.catalogue import IN_TICKET
from sla_console.ui.actions.selection import Chosen, Selection
from sla_console.ui.context import Context
from sla_console.ui.dialogs.form import Field, FormDialog, needed
from sla_console.ui.dialogs.scrolling import ScrollingDialog
from sla_console.ui.widgets.ticket_pane import TicketPane

_WHAT_IF = "priority=High, hold from now for 2h, calendar=office, resume now"


class DetailDialog(ScrollingDialog):
    """One ticket; what can be done to it in a list can be done here too.

    Args:
        context: What the screens share.
        selection: Which ticket.
        judged: The ticket as the board has it, None where it has left the board.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "dismiss(None)", "Close", show=False),
        *bindings(IN_TICKET),
    ]

    def __init__(
        self, context: Context, selection: Selection, judged: EvaluatedTicket | None
    ) -> None:
        super().__init__()
        self._shared, self._selection, self._judged = context, selection, judged

    def compose(self) -> ComposeResult:
        """Lay out the ticket's story."""
        pane = TicketPane(self._shared, id="dialog", classes="large")
        pane.border_title = Content(self._selection.display_id)
        keys = self._shared.keys
        said = [(keys.shown(action), action.label.lower()) for action in IN_TICKET]
        pane.border_subtitle = Content(
            "  ".join(f"{key} {label}" for key, label in [*said, ("esc", "closes")] if key)
        )
        yield pane

    @property
    def scrolled(self) -> TicketPane:
        """The ticket's story."""
        return self.pane

    @property
    def pane(self) -> TicketPane:
        """The ticket's story."""
        return self.query_one(TicketPane)

    def on_mount(self) -> None:
        """Show what the board knows, and ask for the rest."""
        self.pane.begin(self._selection.ticket_id, self._judged)
        self.pane.read()

    def on_resize(self) -> None:
        """Draw the time lines as wide as there is room now."""
        if self.is_mounted:
            self.call_after_refresh(self.pane.tick)

    def chosen(self) -> Chosen:
        """Return what an action is about: this ticket, as the board has it."""
        found = self._shared.shown().selection(self._selection.ticket_id)
        return Chosen((found or self._selection,))

    def tick(self) -> None:
        """Count down."""
        self.pane.tick()

    def board_arrived(self, board: Board) -> None:
        """Follow the ticket as the board has it now."""
        self.pane.board_arrived(board)

    def action_conversation(self) -> None:
        """Ask SuperOps for messages and notes."""
        self.pane.read_talk()

    def action_explain(self) -> None:
        """Tell why it is due when it is, with every stretch that counted."""
        self.pane.read_ledger()

    def action_suppose(self) -> None:
        """Ask for a change, and tell what it would make of the ticket."""
        fields = (Field("change", "What if", "priority=High", needed),)
        about = (self._selection.display_id, f"Such as: {_WHAT_IF}", "Nothing is changed.")

        def answered(found: Any) -> None:
            if found is not None:
                self.pane.suppose(found["change"])

        self.app.push_screen(FormDialog("What if", about, "tells", fields), answered)

    def action_whole(self) -> None:
        """Take the whole screen, or give it back."""
        self.pane.toggle_class("-whole")
        self.call_after_refresh(self.pane.tick)
