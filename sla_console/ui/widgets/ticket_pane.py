"""The story of one ticket: beside the list it follows the cursor, in a dialog it stands alone."""

import asyncio

from textual import work
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from sla_console.domain.board import Board, TicketDetail
from sla_console.domain.sla.sla_clock import EvaluatedTicket
from sla_console.ui.actions.base import sentence
from sla_console.ui.context import Context
from sla_console.ui.widgets.ticket_text import TicketText

_PATIENCE = 0.25
"""Seconds for which the cursor rests before the record of its ticket is read."""


class TicketPane(VerticalScroll, can_focus=True):
    """Clocks at once, the record a moment later, the rest when asked for.

    Args:
        context: What the screens share.
        id: As in Textual.
        classes: As in Textual.
    """

    def __init__(
        self,
        context: Context,
        *,
        id: str | None = None,  # noqa: A002 - Textual's own name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._shared = context
        self._text = TicketText(context)
        self._head = ""
        self._laid_out = 0
        """Cells for which record and ledger were written."""
        self._detail: TicketDetail | None = None
        self._ledger: list[str] = []
        self._revealed = ""
        """Name of the part that was asked for and must be in sight."""
        self._waiting: Timer | None = None
        self.ticket_id: str | None = None
        self.judged: EvaluatedTicket | None = None

    def compose(self) -> ComposeResult:
        """Lay out clocks, record, ledger and conversation."""
        yield Static(classes="ticket-clocks")
        yield Static(classes="ticket-record")
        yield Static(classes="ticket-ledger")
        yield Static(classes="ticket-talk")

    def follow(self, ticket_id: str | None, judged: EvaluatedTicket | None) -> None:
        """Show another ticket; what is read of it waits until the cursor rests."""
        if ticket_id == self.ticket_id:
            return
        self.begin(ticket_id, judged)
        self._detail, self._ledger, self._revealed = None, [], ""
        self._say("record", Content(""))
        self._say("ledger", Content(""))
        self._say("talk", Content(""))
        self.scroll_home(animate=False)
        if self._waiting is not None:
            self._waiting.stop()
        if ticket_id is not None:
            self._waiting = self.set_timer(_PATIENCE, self.read)

    def begin(self, ticket_id: str | None, judged: EvaluatedTicket | None) -> None:
        """Show what the board knows of a ticket."""
        self.ticket_id, self.judged = ticket_id, judged
        self._head = ""
        if judged is None:
            self._say("clocks", Content("" if ticket_id else "No ticket is selected."))
        self.tick()

    def on_resize(self) -> None:
        """Write everything as wide as there is room now."""
        self.tick()

    def tick(self) -> None:
        """Count down."""
        if self.judged is None:
            return
        if self._width != self._laid_out:
            self._lay_out()
        head = self._text.head(self.judged, self._shared.clock.now(), self._width)
        if head.plain != self._head:
            self._head = head.plain
            self._say("clocks", head)

    @property
    def _width(self) -> int:
        """Cells of a line, with a scroll bar beside it."""
        return max(30, self.content_region.width - self.scrollbar_size_vertical)

    def board_arrived(self, board: Board) -> None:
        """Follow the ticket as the board has it now."""
        judged = board.by_id.get(self.ticket_id or "")
        if judged is not None and judged is not self.judged:
            self.judged = judged
            self.tick()
            self.read()

    @work(exclusive=True, group="record", exit_on_error=False)
    async def read(self) -> None:
        """Read what the console knows of the ticket."""
        ticket_id = self.ticket_id
        if ticket_id is None:
            return
        future = self._shared.link.submit(lambda service: service.ticket_detail(ticket_id))
        try:
            detail = await asyncio.wrap_future(future)
        except Exception as error:  # noqa: BLE001 - said to the person instead
            self._say("record", Content(f"The record cannot be read: {sentence(error)}"))
            return
        if ticket_id == self.ticket_id:
            first = self._detail is None
            self.judged, self._detail = detail.judged, detail
            self.tick()
            self._lay_out()
            if first and self._revealed:
                self._reveal(self._revealed)  # the record has pushed it out of sight

    @work(exclusive=True, group="talk", exit_on_error=False)
    async def read_talk(self) -> None:
        """Ask SuperOps for messages and notes."""
        ticket_id = self.ticket_id
        if ticket_id is None:
            return
        self._say("talk", Content("Asking SuperOps for messages"))
        future = self._shared.link.submit(lambda service: service.ticket_conversation(ticket_id))
        try:
            notes = await asyncio.wrap_future(future)
        except Exception as error:  # noqa: BLE001 - said to the person instead
            self._say("talk", Content(f"No messages: {sentence(error)} Press c to try again."))
            return
        self._say("talk", self._text.talk(notes, self._shared.clock.now()))
        self._reveal("talk")

    @work(exclusive=True, group="ledger", exit_on_error=False)
    async def read_ledger(self) -> None:
        """Explain why it is due when it is."""
        from sla_console.service.explanation_text import (  # noqa: PLC0415 - only when asked for
            explanation_lines,
        )

        ticket_id = self.ticket_id
        if ticket_id is None:
            return
        future = self._shared.link.submit(lambda service: service.explain(ticket_id))
        try:
            explanation = await asyncio.wrap_future(future)
        except Exception as error:  # noqa: BLE001 - said to the person instead
            self._say("ledger", Content(f"It cannot be explained: {sentence(error)}"))
            return
        zone = self._shared.local.zone_at(self._shared.clock.now())
        self._tell(list(explanation_lines(explanation, zone))[2:])

    @work(exclusive=True, group="ledger", exit_on_error=False)
    async def suppose(self, change: str) -> None:
        """Tell what a change would make of it; nothing is changed.

        Args:
            change: As ``domain.what_if`` reads it.
        """
        from sla_console.domain.sla.what_if import parse_what_if  # noqa: PLC0415 - as above
        from sla_console.service.explanation_text import supposition_lines  # noqa: PLC0415

        ticket_id, now = self.ticket_id, self._shared.clock.now()
        if ticket_id is None:
            return
        try:
            wanted = parse_what_if(change, now)
            future = self._shared.link.submit(lambda service: service.suppose(ticket_id, wanted))
            supposed = await asyncio.wrap_future(future)
        except Exception as error:  # noqa: BLE001 - said to the person instead
            self._say("ledger", Content(sentence(error)))
            self._reveal("ledger")
            return
        zone = self._shared.local.zone_at(now)
        self._tell([f"What if {change}", *list(supposition_lines(supposed, now, zone))[2:]])

    def _tell(self, lines: list[str]) -> None:
        """Show an explanation."""
        self._ledger = lines
        self._lay_out()
        self._reveal("ledger")

    def _lay_out(self) -> None:
        """Write record and ledger as wide as there is room."""
        self._laid_out = width = self._width
        if self._detail is not None:
            self._say("record", self._text.record(self._detail, self._shared.clock.now(), width))
        if self._ledger:
            self._say("ledger", self._text.ledger(self._ledger, width))

    def _say(self, part: str, words: Content) -> None:
        if self.is_mounted:
            self.query_one(f".ticket-{part}", Static).update(words)

    def _reveal(self, part: str) -> None:
        self._revealed = part
        widget = self.query_one(f".ticket-{part}", Static)
        self.call_after_refresh(self.scroll_to_widget, widget, animate=False, top=True)
