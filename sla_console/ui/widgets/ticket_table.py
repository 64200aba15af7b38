"""The board: every open ticket, one a line, with both countdowns."""

from datetime import datetime

from sla_console.domain.sla.sla_clock import EvaluatedTicket
from sla_console.ui.terminal.symbols import UNICODE, Symbols
from sla_console.ui.widgets.columns import Column
from sla_console.ui.widgets.line_table import LineTable
from sla_console.ui.widgets.paint import Cell
from sla_console.ui.widgets.ticket_cells import RowFacts, read_clock, ticket_cell
from sla_console.ui.widgets.ticket_columns import columns_for


class TicketTable(LineTable[EvaluatedTicket]):
    """One row a ticket.

    Args:
        symbols: The signs to use.
        facts: What the rows need to know beside their tickets; None: nothing more.
        id: As in Textual.
        classes: As in Textual.
    """

    MARKS = True

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

    def id_of(self, row: EvaluatedTicket) -> str:
        """Return the ticket's id."""
        return row.ticket.id

    def columns_for(self, width: int) -> tuple[Column, ...]:
        """Return the chosen columns, or those that suit the width."""
        columns = columns_for(width, self.facts.columns)
        if not self.facts.wall_hours:
            return columns
        wall = {"response": "Resp wall", "resolution": "Reso wall"}
        return tuple(
            column._replace(title=wall.get(column.key, column.title)[: column.width or None])
            for column in columns
        )

    def sign(self, row: EvaluatedTicket, now: datetime) -> Cell:
        """Say what SuperOps does not have yet, what is new, and what changed a moment ago."""
        if row.ticket.id in self.facts.changes:
            return Cell(self.symbols.pending, "acked")
        return self.facts.fresh.sign(row.ticket.id, now)

    def cells(self, row: EvaluatedTicket, columns: tuple[Column, ...], now: datetime) -> list[Cell]:
        """Return the row at this moment."""
        facts = self.facts
        readings = [read_clock(clock, now, facts.thresholds) for clock in row.clocks]
        return [ticket_cell(column, row, readings, facts, now) for column in columns]
