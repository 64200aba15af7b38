"""Silences and maintenance windows: what is not told, who wants it so, and until when."""

from datetime import datetime

from sla_console.domain.board import Quiet
from sla_console.domain.durations import words
from sla_console.ui.terminal.symbols import Symbols
from sla_console.ui.text.local_time import LocalTime
from sla_console.ui.widgets.line_table import Column, LineTable
from sla_console.ui.widgets.paint import Cell

_NARROW = (
    Column("state", "State", 10),
    Column("words", "Not told", 0),
    Column("when", "When", 21),
    Column("author", "By", 13),
)
_WIDE = (
    Column("state", "State", 10),
    Column("kind", "Kind", 12),
    Column("words", "Not told", 0),
    Column("start", "From", 16),
    Column("end", "Until", 16),
    Column("left", "Next in", 9, right=True),
    Column("author", "By", 16),
    Column("reason", "Reason", 0),
)


class QuietTable(LineTable[Quiet]):
    """One row a silence or window.

    Args:
        symbols: The signs to use.
        local: The zone of the times.
        id: As in Textual.
    """

    def __init__(self, symbols: Symbols, local: LocalTime, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(symbols, id=id)
        self._local = local

    def id_of(self, row: Quiet) -> str:
        """Return its id."""
        return f"{row.kind}:{row.id}"

    def columns_for(self, width: int) -> tuple[Column, ...]:
        """Return the columns of one of two layouts."""
        return _NARROW if width < 100 else _WIDE

    def cells(self, row: Quiet, columns: tuple[Column, ...], now: datetime) -> list[Cell]:
        """Return the row at this moment."""
        return [self._cell(row, column.key, now) for column in columns]

    def _cell(self, row: Quiet, key: str, now: datetime) -> Cell:
        if key == "state":
            active = row.active(now)
            sign = self.symbols.held if active else self.symbols.ok
            word, look = ("quiet", "held") if active else ("coming", "muted")
            return Cell(f"{sign} {word}", look)
        start, end = self._local.moment(row.start, now), self._local.moment(row.end, now)
        following = row.end if row.active(now) else row.start
        text = {
            "kind": row.kind,
            "words": row.words,
            "start": start,
            "end": end,
            "when": f"till {end}" if row.active(now) else f"from {start}",
            "left": words(max(following - now, now - now)),
            "author": row.author,
        }.get(key, row.reason)
        return Cell(text, "strong" if key == "words" else "text")
