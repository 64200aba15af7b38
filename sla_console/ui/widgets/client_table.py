"""How each client stands now, and how many misses its month still allows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sla_console.domain.durations import countdown, words
from sla_console.domain.figures.clients import ClientMonth
from sla_console.domain.figures.counting import percent_words
from sla_console.domain.sla.sla_clock import SLAClock
from sla_console.ui.widgets.columns import Column
from sla_console.ui.widgets.line_table import LineTable
from sla_console.ui.widgets.paint import Cell

_NARROW = (
    Column("client", "Client", 0),
    Column("open", "Open", 4, right=True),
    Column("breached", "Broken", 6, right=True),
    Column("risk", "Risk", 4, right=True),
    Column("next", "Next due", 8, right=True),
    Column("kept", "Kept", 6, right=True),
    Column("allows", "Allows", 12),
)
_MEDIUM = (
    Column("client", "Client", 0),
    Column("open", "Open", 5, right=True),
    Column("breached", "Broken", 6, right=True),
    Column("unacked", "Unacked", 7, right=True),
    Column("risk", "At risk", 7, right=True),
    Column("held", "Held", 4, right=True),
    Column("next", "Next due", 8, right=True),
    Column("kept", "Kept", 6, right=True),
    Column("judged", "of", 5, right=True),
    Column("agreed", "Agreed", 7, right=True),
    Column("allows", "Month allows", 13),
)
_WIDE = (
    *_MEDIUM,
    Column("due", "Still due", 9, right=True),
    Column("response", "Med resp", 10, right=True),
)


@dataclass(frozen=True, slots=True)
class ClientRow:
    """One client: its tickets as they stand, and its month."""

    client: str
    open: int = 0
    breached: int = 0
    unacknowledged: int = 0
    at_risk: int = 0
    held: int = 0
    next_clock: SLAClock | None = None
    """The running clock that is due first."""
    month: ClientMonth | None = None
    """None: not known yet, or nothing fell due."""


class ClientTable(LineTable[ClientRow]):
    """One row a client."""

    def id_of(self, row: ClientRow) -> str:
        """Return its name."""
        return row.client

    def columns_for(self, width: int) -> tuple[Column, ...]:
        """Return the columns of one of three layouts."""
        if width < 96:
            return _NARROW
        return _MEDIUM if width < 150 else _WIDE

    def cells(self, row: ClientRow, columns: tuple[Column, ...], now: datetime) -> list[Cell]:
        """Return the row at this moment."""
        return [self._cell(row, column.key, now) for column in columns]

    def _cell(self, row: ClientRow, key: str, now: datetime) -> Cell:
        if key in _COUNTS:
            count, look = _COUNTS[key](row)
            return Cell(str(count), look if count else "muted")
        if key == "next":
            left = row.next_clock.remaining(now) if row.next_clock else None
            return self._nothing() if left is None else Cell(countdown(left).strip())
        if key == "client":
            return Cell(row.client, "strong")
        return self._of_month(row.month, key)

    def _of_month(self, month: ClientMonth | None, key: str) -> Cell:
        if month is None:
            return self._nothing()
        if key == "allows":
            left = month.affordable
            look = "muted" if left is None else "breached" if left < 0 else "ok"
            return Cell(month.words, "urgent" if left == 0 else look)
        text = _MONTH[key](month)
        return self._nothing() if text is None else Cell(text)

    def _nothing(self) -> Cell:
        return Cell(self.symbols.nothing, "muted")


_COUNTS: Final[Mapping[str, Callable[[ClientRow], tuple[int, str]]]] = {
    "open": lambda row: (row.open, "text"),
    "breached": lambda row: (row.breached, "breached"),
    "unacked": lambda row: (row.unacknowledged, "urgent"),
    "risk": lambda row: (row.at_risk, "risk"),
    "held": lambda row: (row.held, "held"),
}


def _kept(one: ClientMonth) -> str | None:
    rate = one.month.compliance
    return None if rate is None else f"{percent_words(rate, int(99 < rate < 100))}%"


_MONTH: Final[Mapping[str, Callable[[ClientMonth], str | None]]] = {
    "kept": _kept,
    "judged": lambda one: str(one.month.judged),
    "agreed": lambda one: None if one.share is None else f"{float(one.share * 100):g}%",
    "due": lambda one: str(one.month.open),
    "response": lambda one: words(one.response.median) if one.response.median else None,
}
