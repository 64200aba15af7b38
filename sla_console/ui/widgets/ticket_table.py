"""The board: every open ticket, one a line, with both countdowns."""

from datetime import datetime

from sla_console.domain.sla_clock import JudgedTicket
from sla_console.ui.symbols import UNICODE, Symbols
from sla_console.ui.widgets.line_table import Column, LineTable
from sla_console.ui.widgets.paint import Cell
from sla_console.ui.widgets.ticket_cells import (
    COUNTDOWN_WIDTH,
    HELD_WIDTH,
    RowFacts,
    countdown_cell,
    read_clock,
    risk_cell,
)

_NARROW = (
    Column("number", "Number", 7),
    Column("client", "Client", 10),
    Column("subject", "Subject", 0),
    Column("priority", "Pri", 4),
    Column("technician", "Tech", 9),
    Column("response", "Respond", COUNTDOWN_WIDTH, right=True),
    Column("resolution", "Resolve", COUNTDOWN_WIDTH, right=True),
    Column("risk", "Risk", 11),
)
_SNUG = (
    Column("number", "Number", 8),
    Column("client", "Client", 14),
    Column("subject", "Subject", 0),
    Column("priority", "Priority", 8),
    Column("technician", "Technician", 12),
    Column("status", "Status", 11),
    Column("response", "Respond", COUNTDOWN_WIDTH, right=True),
    Column("resolution", "Resolve", COUNTDOWN_WIDTH, right=True),
    Column("risk", "Risk", 11),
)
_MEDIUM = (
    Column("number", "Number", 8),
    Column("client", "Client", 15),
    Column("subject", "Subject", 0),
    Column("priority", "Priority", 8),
    Column("technician", "Technician", 13),
    Column("status", "Status", 12),
    Column("response", "Response", HELD_WIDTH, right=True),
    Column("resolution", "Resolution", HELD_WIDTH, right=True),
    Column("risk", "Risk", 11),
)
_WIDE = (
    Column("number", "Number", 10),
    Column("client", "Client", 22),
    Column("subject", "Subject", 0),
    Column("priority", "Priority", 9),
    Column("technician", "Technician", 18),
    Column("status", "Status", 18),
    Column("response", "Response", HELD_WIDTH, right=True),
    Column("resolution", "Resolution", HELD_WIDTH, right=True),
    Column("risk", "Risk", 12),
)


class TicketTable(LineTable[JudgedTicket]):
    """One row a ticket.

    Args:
        symbols: The signs to use.
        facts: What the rows need to know beside their tickets; None: nothing more.
        id: As in Textual.
        classes: As in Textual.
    """

    def __init__(
        self,
        symbols: Symbols = UNICODE,
        facts: RowFacts | None = None,
        *,
        id: str | None = None,  # noqa: A002 - Textual's own name
        classes: str | None = None,
    ) -> None:
        super().__init__(symbols, id=id, classes=classes)
        self.facts = facts or RowFacts(symbols)

    def id_of(self, row: JudgedTicket) -> str:
        """Return the ticket's id."""
        return row.ticket.id

    def columns_for(self, width: int) -> tuple[Column, ...]:
        """Return the columns of one of four layouts."""
        if width < 98:
            return _NARROW
        if width < 118:
            return _SNUG
        return _MEDIUM if width < 140 else _WIDE

    def cells(self, row: JudgedTicket, columns: tuple[Column, ...], now: datetime) -> list[Cell]:
        """Return the row at this moment."""
        ticket, facts = row.ticket, self.facts
        nothing = Cell(self.symbols.nothing, "muted")
        readings = [read_clock(clock, now, facts.thresholds) for clock in row.clocks]
        made: list[Cell] = []
        for column in columns:
            match column.key:
                case "number":
                    made.append(Cell(ticket.display_id, "strong"))
                case "client":
                    made.append(Cell(ticket.client) if ticket.client else nothing)
                case "subject":
                    made.append(Cell(ticket.subject))
                case "priority":
                    text = ticket.priority or ""
                    text = text[:4] if column.width == 4 else text
                    made.append(Cell(text) if text else nothing)
                case "technician":
                    unassigned = Cell("nobody", "muted")
                    made.append(Cell(ticket.technician) if ticket.technician else unassigned)
                case "status":
                    made.append(Cell(ticket.status, "muted") if ticket.status else nothing)
                case "response":
                    made.append(countdown_cell(readings[0], column.width, self.symbols))
                case "resolution":
                    made.append(countdown_cell(readings[1], column.width, self.symbols))
                case _:
                    made.append(risk_cell(row, readings, facts))
        return made
