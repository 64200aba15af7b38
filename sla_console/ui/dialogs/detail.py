"""Everything known about one ticket; messages and notes only when asked for."""

import asyncio
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from sla_console.domain.board import Board, TicketDetail
from sla_console.domain.sla_clock import JudgedTicket
from sla_console.ui.context import Context
from sla_console.ui.dialogs.detail_text import DetailText
from sla_console.ui.narrow import NarrowCompositor
from sla_console.ui.operations import sentence


class DetailDialog(ModalScreen[None]):
    """One ticket.

    Args:
        context: What the screens share.
        ticket_id: Whose ticket.
        judged: The ticket as the board has it, None where it has left the board.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "dismiss(None)", "Close", show=False),
        Binding("c", "conversation", "Messages and notes", show=False),
        Binding("j", "scroll('down')", "Down", show=False),
        Binding("k", "scroll('up')", "Up", show=False),
    ]

    def __init__(self, context: Context, ticket_id: str, judged: JudgedTicket | None) -> None:
        super().__init__()
        self._compositor = NarrowCompositor()
        self._shared = context
        self._ticket_id = ticket_id
        self._judged = judged
        self._detail: TicketDetail | None = None
        self._text = DetailText(context)
        self._head = ""

    def compose(self) -> ComposeResult:
        """Lay out clocks, record and conversation."""
        with VerticalScroll(id="dialog", classes="large") as dialog:
            dialog.border_subtitle = Content("c messages and notes   esc closes")
            yield Static(id="detail-clocks")
            yield Static(Content("Reading the record"), id="detail-record")
            yield Static(id="detail-talk")

    def on_mount(self) -> None:
        """Show what the board knows, and ask for the rest."""
        self.tick()
        self._read()

    def tick(self) -> None:
        """Count down."""
        judged = self._judged
        if judged is None:
            return
        head = self._text.head(judged, self._shared.clock.now())
        if head.plain != self._head:
            self._head = head.plain
            self.query_one("#detail-clocks", Static).update(head)
            ticket = judged.ticket
            self.query_one("#dialog").border_title = Content(ticket.display_id)

    def board_arrived(self, board: Board) -> None:
        """Follow the ticket as the board has it now."""
        judged = board.by_id.get(self._ticket_id)
        if judged is not None and judged is not self._judged:
            self._judged = judged
            self.tick()
            self._read()

    @work(exclusive=True, group="detail", exit_on_error=False)
    async def _read(self) -> None:
        record = self.query_one("#detail-record", Static)
        future = self._shared.link.submit(lambda service: service.ticket_detail(self._ticket_id))
        try:
            detail = await asyncio.wrap_future(future)
        except Exception as error:  # noqa: BLE001 - said to the person instead
            record.update(Content(f"The record cannot be read: {sentence(error)}"))
            return
        self._judged = detail.judged
        self.tick()
        record.update(self._text.record(detail, self._shared.clock.now()))

    def action_conversation(self) -> None:
        """Ask SuperOps for messages and notes."""
        self.query_one("#detail-talk", Static).update(Content("Asking SuperOps for messages"))
        self._talk()

    @work(exclusive=True, group="talk", exit_on_error=False)
    async def _talk(self) -> None:
        talk = self.query_one("#detail-talk", Static)
        future = self._shared.link.submit(
            lambda service: service.ticket_conversation(self._ticket_id)
        )
        try:
            notes = await asyncio.wrap_future(future)
        except Exception as error:  # noqa: BLE001 - said to the person instead
            talk.update(Content(f"No messages: {sentence(error)} Press c to try again."))
            return
        talk.update(self._text.talk(notes, self._shared.clock.now()))

    def action_scroll(self, way: str) -> None:
        """Scroll by a line."""
        pane = self.query_one("#dialog", VerticalScroll)
        if way == "down":
            pane.scroll_down(animate=False)
        else:
            pane.scroll_up(animate=False)
