"""From lines to rows of cells: delimiter, quotes, line breaks inside them, and what is spoilt."""

import csv
import re
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from sla_console.domain.errors import UserError
from sla_console.domain.names import folded
from sla_console.domain.text import REPLACEMENT, clean
from sla_console.simulator.logs.text import LONGEST, LogText

DELIMITERS: Final = (",", ";", "\t", "|")
MOST_ROWS: Final = 1_000_000
"""Rows of a log; each is kept in memory."""
_LONGEST_CELL: Final = csv.field_size_limit()
_MOST_COLUMNS: Final = 5_000
_LINES_OF_A_ROW: Final = 200
_EFFORT: Final = 100_000_000
"""Characters that are read again for quotes that nobody closed; after that none is looked for."""
_NAME: Final = 120
_SEPARATOR: Final = re.compile(r'"?sep=(?P<sign>.)"?[,;]*\s*', re.IGNORECASE)
_MARK: Final = "\N{ZERO WIDTH NO-BREAK SPACE}"
_QUOTES: Final = "quotes that do not match"
_OPEN: Final = "unexpected end of data"


class RawRow(NamedTuple):
    """One row: the line it begins on, and its cells, or why it has none."""

    line: int
    cells: Sequence[str]
    fault: str | None = None
    """Why it is left out."""
    remarks: tuple[str, ...] = ()
    """Faults that leave it usable."""


class LogRecords:
    """The first line of a log and the rows under it.

    Args:
        text: Its lines.
        delimiter: What is between two cells; None: found from the first line.

    Raises:
        UserError: if its first line cannot be the names of columns.
    """

    def __init__(self, text: LogText, delimiter: str | None) -> None:
        self._lines = text
        self._ahead: deque[tuple[int, str]] = deque()
        self._effort = 0
        self.encoding = text.encoding
        line, header = self._first()
        if (separator := _SEPARATOR.fullmatch(header)) is not None:
            delimiter = delimiter or separator["sign"]
            line, header = self._first()
        if len(header) > LONGEST:
            raise UserError(f"the first line has more than {LONGEST:,} characters; this is no log")
        self.delimiter = delimiter or _delimiter(header)
        row = self._row(line, header, 0)
        names = [clean(name, _NAME) for name in row.cells]
        while names and not names[-1]:
            names.pop()
        if len(names) > _MOST_COLUMNS:
            raise UserError(
                f"the first line names {len(names):,} columns; expected at most {_MOST_COLUMNS:,}"
            )
        self.names = names
        self._header = [folded(name) for name in names]
        self._first_cell = row.cells[0] if row.cells else ""
        self.readable = not (REPLACEMENT in header or "\0" in header or row.fault)

    def __iter__(self) -> Iterator[RawRow]:
        count = 0
        while (taken := self._take()) is not None:
            line, text = taken
            if not text.strip():
                continue
            count += 1
            if count > MOST_ROWS:
                raise UserError(f"the log has more than {MOST_ROWS:,} rows; split it")
            yield self._row(line, text, len(self.names))

    def _first(self) -> tuple[int, str]:
        """Return the next line that is not empty."""
        while (taken := self._take()) is not None:
            if taken[1].strip():
                return taken
        return 1, ""

    def _take(self) -> tuple[int, str] | None:
        return self._ahead.popleft() if self._ahead else next(self._lines, None)

    def _row(self, line: int, text: str, width: int) -> RawRow:
        """Return the row that begins with a line; further lines are taken only if they are of it."""
        if len(text) > LONGEST:
            return RawRow(line, (), f"a line of more than {LONGEST:,} characters, left out")
        marked = text.startswith(_MARK)
        text = text.lstrip(_MARK)
        cells, why = self._cells(text)
        if why == _OPEN:
            text, cells = self._longer(text, width)
        if cells is None:
            large = why is not None and "field larger" in why
            what = f"a cell of more than {_LONGEST_CELL:,} characters" if large else _QUOTES
            return RawRow(line, (), f"{what}, left out")
        if width and len(cells) > width and not any(map(str.strip, cells[width:])):
            cells = cells[:width]
        if width and len(cells) != width:
            return RawRow(line, (), "wrong number of columns, left out")
        if width and cells[0] == self._first_cell and self._is_header(cells):
            return RawRow(line, (), "the names of the columns again, left out")
        return RawRow(line, cells, None, tuple(self._remarks(text, marked=marked)))

    def _is_header(self, cells: list[str]) -> bool:
        return [folded(clean(cell, _NAME)) for cell in cells] == self._header

    def _remarks(self, text: str, *, marked: bool) -> Iterator[str]:
        if marked:
            yield "a byte order mark inside the log, taken away"
        if REPLACEMENT in text:
            label = self.encoding.upper() if self.encoding.startswith("utf") else self.encoding
            yield f"characters that are no {label}, replaced"
        if "\0" in text:
            yield "characters with the value zero, replaced"

    def _longer(self, text: str, width: int) -> tuple[str, list[str] | None]:
        """Return a row that goes on over further lines, or no cells if a quote was only forgotten.

        A quote that nobody closed would swallow the rows after it. So the lines that are looked at
        belong to the row only if the quote is closed in them, the row then has as many columns as
        the first line, and none of them is such a row by itself.
        """
        seen: list[tuple[int, str]] = []
        whole, found = text, None
        for _ in range(_LINES_OF_A_ROW if self._effort < _EFFORT else 0):
            taken = self._take()
            if taken is None:
                break
            seen.append(taken)
            if len(whole) + len(taken[1]) > LONGEST:
                break
            whole += taken[1]
            if '"' not in taken[1]:
                continue
            cells, why = self._cells(whole)
            self._effort += len(whole)
            if cells is not None and (not width or len(cells) == width):
                found = cells
            if why != _OPEN:
                break
        if found is not None and width > 2:
            alone = (self._cells(line)[0] for _, line in seen)
            if any(cells is not None and len(cells) == width for cells in alone):
                found = None
        if found is None:
            self._ahead.extendleft(reversed(seen))
        return whole, found

    def _cells(self, text: str) -> tuple[list[str] | None, str | None]:
        """Return the cells of one row, or why it is none."""
        try:
            return next(csv.reader([text], delimiter=self.delimiter, strict=True), []), None
        except csv.Error as error:
            return None, str(error)


def _delimiter(header: str) -> str:
    """Return the sign that makes the most columns of the first line; a comma where none does."""

    def columns(sign: str) -> int:
        try:
            return len(next(csv.reader([header], delimiter=sign), []))
        except csv.Error:
            return 0

    return max(DELIMITERS, key=columns)
