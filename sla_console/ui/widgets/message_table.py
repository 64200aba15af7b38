"""Messages to the channels: dead ones first, then what waits, then what was told."""

from datetime import datetime

from sla_console.domain.alerts.alert import DeliveryState, OutboxMessage
from sla_console.domain.durations import words
from sla_console.ui.widgets.line_table import Column, LineTable
from sla_console.ui.widgets.paint import Cell

_NARROW = (
    Column("state", "State", 12),
    Column("channel", "Channel", 9),
    Column("event", "Event", 10),
    Column("number", "Ticket", 8),
    Column("age", "Age", 7, right=True),
    Column("why", "Why", 0),
)
_MEDIUM = (
    Column("state", "State", 12),
    Column("channel", "Channel", 12),
    Column("event", "Event", 10),
    Column("number", "Ticket", 9),
    Column("age", "Age", 8, right=True),
    Column("tries", "Tries", 5, right=True),
    Column("title", "What", 0),
    Column("why", "Why", 0),
)
_WIDE = (
    Column("state", "State", 13),
    Column("channel", "Channel", 16),
    Column("person", "Person", 12),
    Column("event", "Event", 11),
    Column("number", "Ticket", 10),
    Column("client", "Client", 20),
    Column("age", "Age", 9, right=True),
    Column("tries", "Tries", 5, right=True),
    Column("title", "What", 0),
    Column("rule", "Rule", 20),
    Column("why", "Why", 0),
)
_LOOKS = {
    DeliveryState.DEAD: "breached",
    DeliveryState.UNKNOWN: "urgent",
    DeliveryState.PENDING: "risk",
    DeliveryState.SENDING: "risk",
    DeliveryState.GATHERING: "held",
    DeliveryState.ACCEPTED: "ok",
}


class MessageTable(LineTable[OutboxMessage]):
    """One row a message."""

    MARKS = True

    def id_of(self, row: OutboxMessage) -> str:
        """Return the message's key."""
        return row.key

    def columns_for(self, width: int) -> tuple[Column, ...]:
        """Return the columns of one of three layouts."""
        if width < 100:
            return _NARROW
        return _MEDIUM if width < 150 else _WIDE

    def cells(self, row: OutboxMessage, columns: tuple[Column, ...], now: datetime) -> list[Cell]:
        """Return the row at this moment."""
        return [self._cell(row, column.key, now) for column in columns]

    def _cell(self, row: OutboxMessage, key: str, now: datetime) -> Cell:
        if key == "state":
            return self._state(row.state)
        notification = row.notification
        text, look = {
            "channel": (row.channel, "strong"),
            "person": (row.person, "text"),
            "event": (row.event, "text"),
            "number": (notification.display_id if notification else row.ticket_id, "text"),
            "client": (notification.client if notification else None, "text"),
            "age": (words(max(now - row.created_at, now - now)), "text"),
            "tries": (str(row.attempts), "text" if row.attempts else "muted"),
            "title": (row.title, "text"),
            "rule": (row.rule, "muted"),
        }.get(key, (row.last_error or row.why, "urgent" if row.last_error else "text"))
        return Cell(text, look) if text else Cell(self.symbols.nothing, "muted")

    def _state(self, state: DeliveryState) -> Cell:
        symbols = self.symbols
        sign = {
            DeliveryState.DEAD: symbols.breached,
            DeliveryState.UNKNOWN: symbols.degraded,
            DeliveryState.PENDING: symbols.at_risk,
            DeliveryState.SENDING: symbols.at_risk,
            DeliveryState.GATHERING: symbols.held,
            DeliveryState.ACCEPTED: symbols.acknowledged,
        }.get(state, symbols.ok)
        return Cell(f"{sign} {state}", _LOOKS.get(state, "muted"))
