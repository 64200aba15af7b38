"""Promises that will probably break, the one that would do most harm first."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from sla_console.domain.board import Board
from sla_console.domain.durations import countdown
from sla_console.domain.forecast.bands import band_of
from sla_console.domain.forecast.risk import RiskLevel
from sla_console.domain.sla.breach import BreachType, PotentialBreach
from sla_console.ui.widgets.columns import Column
from sla_console.ui.widgets.line_table import LineTable
from sla_console.ui.widgets.paint import Cell

_NARROW = (
    Column("number", "Number", 8),
    Column("client", "Client", 12),
    Column("promise", "Promise", 10),
    Column("left", "Left", 8, right=True),
    Column("chance", "Breaks", 6, right=True),
    Column("technician", "Tech", 10),
    Column("why", "Why", 0),
)
_MEDIUM = (
    Column("number", "Number", 8),
    Column("client", "Client", 16),
    Column("subject", "Subject", 0),
    Column("promise", "Promise", 10),
    Column("left", "Left", 8, right=True),
    Column("chance", "Breaks", 6, right=True),
    Column("technician", "Technician", 14),
    Column("why", "Why", 32),
)
_WIDE = (
    Column("number", "Number", 10),
    Column("client", "Client", 22),
    Column("subject", "Subject", 0),
    Column("promise", "Promise", 14),
    Column("left", "Left", 8, right=True),
    Column("chance", "Breaks", 6, right=True),
    Column("words", "In words", 12),
    Column("technician", "Technician", 18),
    Column("why", "Why", 52),
)


class ForecastTable(LineTable[PotentialBreach]):
    """One row a promise."""

    board = Board()
    """Where the clocks are that count down."""

    def id_of(self, row: PotentialBreach) -> str:
        """Return which promise of which ticket."""
        return f"{row.ticket_id} {row.breach_type}"

    def columns_for(self, width: int) -> tuple[Column, ...]:
        """Return the columns of one of three layouts."""
        if width < 112:
            return _NARROW
        return _MEDIUM if width < 166 else _WIDE

    def cells(self, row: PotentialBreach, columns: tuple[Column, ...], now: datetime) -> list[Cell]:
        """Return the row at this moment."""
        return [self._cell(row, column, now) for column in columns]

    def _cell(self, row: PotentialBreach, column: Column, now: datetime) -> Cell:
        match column.key:
            case "left":
                return self._left(row, now)
            case "chance":
                return _chance(row.probability)
            case "technician" if not row.technician:
                return Cell("nobody", "muted")
            case key:
                text = _TEXTS[key](row)
        if key == "promise" and column.width < 14 and row.breach_type is BreachType.RESPONSE:
            text = "response"
        if not text:
            return Cell(self.symbols.nothing, "muted")
        return Cell(text, "strong" if key == "number" else "text")

    def _left(self, row: PotentialBreach, now: datetime) -> Cell:
        """Return the promised time that is left, as the board counts it."""
        look = "urgent" if row.severity is RiskLevel.CRITICAL else "risk"
        judged = self.board.by_id.get(row.ticket_id)
        for clock in judged.clocks if judged is not None else ():
            left = clock.remaining(now)
            if clock.target is row.breach_type and left is not None:
                return Cell(countdown(left).strip(), look)
        return Cell(countdown(row.due - now).strip(), look)


def _chance(chance: float | None) -> Cell:
    if chance is None:
        return Cell("?", "muted")
    return Cell(f"{chance:.0%}", "urgent" if chance >= 0.8 else "risk")


def _words(chance: float | None) -> str:
    return "not known" if chance is None else str(band_of(chance))


_TEXTS: Final[Mapping[str, Callable[[PotentialBreach], str | None]]] = {
    "number": lambda row: row.display_id,
    "client": lambda row: row.client,
    "subject": lambda row: row.subject,
    "promise": lambda row: row.breach_type.words,
    "words": lambda row: _words(row.probability),
    "technician": lambda row: row.technician,
    "why": lambda row: row.why,
}
