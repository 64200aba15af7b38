"""What was told, what waits, what could not be told, and what is not told on purpose."""

from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.events import DescendantFocus
from textual.widgets import Static

from sla_console.domain.alerts.alert import OutboxMessage
from sla_console.domain.board import Quiet
from sla_console.ui.actions.action import ALERT, CONSOLE
from sla_console.ui.actions.selection import Selection
from sla_console.ui.screens.view import View
from sla_console.ui.state import Shown
from sla_console.ui.widgets.bar import Piece, PieceBar
from sla_console.ui.widgets.line_table import LineTable
from sla_console.ui.widgets.message_table import MessageTable
from sla_console.ui.widgets.quiet_table import QuietTable


class AlertsView(View):
    """Messages above, silences and maintenance below; tab goes from one to the other."""

    NAME = "alerts"
    KEY_LINE = frozenset({ALERT, CONSOLE})

    def compose_body(self) -> ComposeResult:
        """Lay out both lists."""
        yield MessageTable(self.context.symbols, id="messages")
        yield Static(id="whole")
        yield PieceBar(id="quiet-title")
        quiets = QuietTable(self.context.symbols, self.context.local, id="quiets")
        quiets.keeps_cursor = False
        yield quiets

    def show_body(self, shown: Shown) -> None:
        """Show a new board."""
        messages, quiets = self.query_one(MessageTable), self.query_one(QuietTable)
        alerts = shown.board.alerts
        messages.empty_words = (
            "Nothing has been told yet."
            if alerts.channels
            else "No channel is configured, so nobody is told of a breach: see alerts.channels."
        )
        quiets.empty_words = "Nothing is silenced."
        if not shown.loading:
            messages.keep_marks({message.key for message in alerts.messages})
        messages.show(alerts.messages, shown.now)
        quiets.show(alerts.quiets, shown.now)
        active = sum(quiet.active(shown.now) for quiet in alerts.quiets)
        title = f"Silences and maintenance: {active} now, {len(alerts.quiets) - active} coming"
        self.query_one("#quiet-title", PieceBar).show([Piece(title, "accent")])
        self._tell_whole()

    def tick_body(self, shown: Shown) -> None:
        """Count on."""
        for table in self._tables():
            table.tick(shown.now)

    def _tables(self) -> tuple[LineTable[Any], ...]:
        return (self.query_one(MessageTable), self.query_one(QuietTable))

    def notes(self) -> list[Piece]:
        """Return how many are marked, and how the channels are."""
        shown = self.shown
        if shown is None:
            return []
        marked = len(self.query_one(MessageTable).marks)
        down = [c.name for c in shown.board.health.channels if c.down]
        return [
            *([Piece(f"{marked} marked", "accent")] if marked else []),
            *([Piece(f"down: {', '.join(down)}", "breached", 1)] if down else []),
        ]

    @on(LineTable.Moved)
    @on(DescendantFocus)
    def _tell_whole(self) -> None:
        """Say in full what a narrow list cuts: of the row that the keys are about."""
        message, quiet = self.message, self.quiet
        if self.query_one(QuietTable).has_focus and quiet is not None:
            said = _whole_quiet(quiet)
        else:
            said = "" if message is None else _whole_message(message)
        self.query_one("#whole", Static).update(Content(said))

    @property
    def message(self) -> OutboxMessage | None:
        """The message under the cursor."""
        return self.query_one(MessageTable).selected

    def chosen_messages(self) -> tuple[OutboxMessage, ...]:
        """Return the marked messages, else the one under the cursor."""
        table = self.query_one(MessageTable)
        marked = tuple(row for row in table.rows if row.key in table.marks)
        one = table.selected
        return marked or (() if one is None else (one,))

    @property
    def quiet(self) -> Quiet | None:
        """The silence or window under the cursor."""
        return self.query_one(QuietTable).selected

    def selection(self) -> Selection | None:
        """Return the ticket that the message under the cursor is about."""
        row, shown = self.message, self.shown
        if row is None or row.ticket_id is None or shown is None:
            return None
        notification = row.notification
        return Selection(
            row.ticket_id,
            (notification.display_id if notification else "") or row.ticket_id,
            notification.client if notification else None,
            notification.subject if notification else row.title,
            shown.breaches_of(row.ticket_id),
        )

    @on(LineTable.Opened, "#quiets")
    def _no_detail(self, event: LineTable.Opened) -> None:
        event.stop()

    def action_open(self) -> None:
        """Open what is selected."""
        self.query_one(MessageTable).action_open()

    def action_retry_alert(self) -> None:
        """Send the messages that are meant again now."""
        self.context.alert_operations().retry(self.chosen_messages())

    def action_reroute_alert(self) -> None:
        """Send the messages that are meant through another channel."""
        self.context.alert_operations().reroute(self.chosen_messages())

    def action_discard_alert(self) -> None:
        """End the messages that are meant."""
        self.context.alert_operations().discard(self.chosen_messages())

    def action_end_silence(self) -> None:
        """End the selected silence."""
        self.context.alert_operations().end_silence(self.quiet)


def _whole_message(message: OutboxMessage) -> str:
    client = message.notification.client if message.notification else None
    if client and client in message.title:
        client = None
    parts = (
        message.title,
        client,
        f"to {message.person}" if message.person else None,
        f"tried {message.attempts} times" if message.attempts > 1 else None,
    )
    whys = "; ".join(why for why in (message.last_error, message.why) if why)
    return ", ".join(part for part in parts if part) + (f": {whys}" if whys else "")


def _whole_quiet(quiet: Quiet) -> str:
    return f"{quiet.kind.capitalize()} by {quiet.author}, {quiet.words}: {quiet.reason}"
