"""A table that paints its own lines: cursor and scrolling are held by row id, not row number.

What it does each second depends on the rows in sight only: it works out their cells again and
repaints the characters that differ.
"""

from abc import abstractmethod
from collections.abc import Container, Sequence
from datetime import datetime
from typing import Any, ClassVar, Final, Generic, TypeVar

from textual.binding import BindingType
from textual.events import Click, Resize
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from sla_console.ui.actions.action import bindings
from sla_console.ui.actions.catalogue import MOVES
from sla_console.ui.terminal.symbols import UNICODE, Symbols
from sla_console.ui.widgets.columns import Column, column_at, share
from sla_console.ui.widgets.line import Line, differing
from sla_console.ui.widgets.paint import Cell, Looks, fit, strip_of

__all__ = ["Column", "LineTable"]

Row = TypeVar("Row")
_NO_SIGN: Final = Cell(" ")


class LineTable(ScrollView, Generic[Row], can_focus=True):
    """Rows of one line under a header that stays in sight.

    Args:
        symbols: The signs to use.
        id: As in Textual.
        classes: As in Textual.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(MOVES)]
    DEFAULT_CSS = """
    LineTable {
        height: 1fr;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-gutter: stable;
        scrollbar-size-vertical: 1;
    }
    """
    ALLOW_SELECT = False
    MARKS: ClassVar[bool] = False
    """Rows can be marked, and what is done is then about all that are."""

    class Moved(Message):
        """The cursor stands on another row."""

    class Marked(Message):
        """Other rows are marked."""

    class HeaderClicked(Message):
        """A person clicked on the title of a column.

        Args:
            key: Of the column.
        """

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    class Opened(Message):
        """A person wants to see all of the row under the cursor.

        Args:
            table: Whose row.
        """

        def __init__(self, table: "LineTable[Any]") -> None:
            super().__init__()
            self.table = table

        @property
        def control(self) -> "LineTable[Any]":
            """Whose row; Textual's own name for it."""
            return self.table

    def __init__(
        self,
        symbols: Symbols = UNICODE,
        *,
        id: str | None = None,  # noqa: A002 - Textual's own name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.symbols = symbols
        self.rows: Sequence[Row] = ()
        self.cursor: str | None = None
        """Id of the row that the cursor stands on."""
        self.empty_words = ""
        """Shown in place of rows where there are none."""
        self._said_words: str | None = None
        """What stands in place of rows, as it is painted."""
        self.faded = False
        self.keeps_cursor = True
        """Show the cursor also while something else has the focus."""
        self.marks: dict[str, None] = {}
        """Ids of the rows that are marked, in the order in which they were."""
        self.sorted_by: tuple[str, str] = ("", "")
        """Key of the column by which it is sorted, and the sign that says which way."""
        self._index = 0
        self._chosen = False
        self._now: datetime | None = None
        self._looks = Looks(self)
        self._painted: dict[int, Line] = {}
        self._layout_width = -1
        self._columns: tuple[Column, ...] = ()

    @abstractmethod
    def id_of(self, row: Row) -> str:
        """Return what makes the row itself, whatever its place."""

    @abstractmethod
    def columns_for(self, width: int) -> tuple[Column, ...]:
        """Return the columns for so many cells; one of them may have no width of its own."""

    @abstractmethod
    def cells(self, row: Row, columns: tuple[Column, ...], now: datetime) -> list[Cell]:
        """Return what the row says now, a cell for each column."""

    def sign(self, row: Row, now: datetime) -> Cell:
        """Return what stands in the one cell before a row that is not marked."""
        del row, now
        return _NO_SIGN

    # What is shown.

    def show(self, rows: Sequence[Row], now: datetime) -> None:
        """Show these rows instead; the cursor stays on its row, and that on its line."""
        line, before = self._index - self.scroll_offset.y, self.cursor
        self.rows = rows
        self._now = now
        self._index = self._find_cursor()
        self._note_cursor()
        if self.cursor != before:
            self.post_message(self.Moved())
        height = len(rows) + 1
        if self.virtual_size.height != height:
            self.virtual_size = Size(0, height)
        if self._chosen:
            self.scroll_to(y=self._index - line, animate=False, immediate=True)
        self._repaint_changes()

    def tick(self, now: datetime) -> None:
        """Repaint what time alone changes in the rows in sight."""
        self._now = now
        self._repaint_changes()

    def fade(self, faded: bool) -> None:
        """Dim the rows, because they may no longer be true; or undo it."""
        if faded != self.faded:
            self.faded = faded
            self.refresh()

    @property
    def selected(self) -> Row | None:
        """The row under the cursor."""
        return self.rows[self._index] if self._index < len(self.rows) else None

    # The cursor. Until somebody moves it, it stays on the first row, so that a screen on the
    # wall always shows what is most urgent; from then on it stays with its row.

    def move_to(self, index: int) -> None:
        """Put the cursor on a row by its number."""
        if not self.rows:
            return
        index = min(max(index, 0), len(self.rows) - 1)
        self._chosen = index > 0
        if index != self._index:
            before, self._index = self._index, index
            self._note_cursor()
            for row in (before, index):
                self.refresh_lines(row + 1)
            self.post_message(self.Moved())
        self._reveal()

    def select(self, row_id: str) -> bool:
        """Put the cursor on a row by its id; return whether it is there."""
        for index, row in enumerate(self.rows):
            if self.id_of(row) == row_id:
                self.move_to(index)
                return True
        return False

    def action_move(self, lines: int) -> None:
        """Move the cursor by so many rows."""
        self.move_to(self._index + lines)

    def action_page(self, share: float) -> None:
        """Move the cursor by a share of what is in sight."""
        step = max(1, int((self.size.height - 1) * abs(share)))
        self.move_to(self._index + (step if share > 0 else -step))

    def action_first(self) -> None:
        """Move to the first row, and stay there when rows are re-ordered."""
        self.move_to(0)
        self.scroll_to(y=0, animate=False, immediate=True)

    def action_last(self) -> None:
        """Move to the last row."""
        self.move_to(len(self.rows) - 1)

    def action_mark(self) -> None:
        """Mark the row under the cursor, or take its mark; then go to the next."""
        if self._mark():
            self.move_to(self._index + 1)

    def _mark(self) -> bool:
        if not self.MARKS or self.cursor is None or self.selected is None:
            return False
        if self.cursor in self.marks:
            del self.marks[self.cursor]
        else:
            self.marks[self.cursor] = None
        self._repaint_changes()
        self.post_message(self.Marked())
        return True

    def keep_marks(self, ids: Container[str]) -> None:
        """Take the marks of rows that there are no more.

        Args:
            ids: Of the rows that there are, be they shown or not.
        """
        gone = [marked for marked in self.marks if marked not in ids]
        for marked in gone:
            del self.marks[marked]
        if gone:
            self.post_message(self.Marked())

    def action_unmark(self) -> None:
        """Mark none."""
        self.marks.clear()
        self._repaint_changes()
        self.post_message(self.Marked())

    def action_open(self) -> None:
        """Open the row under the cursor."""
        if self.selected is not None:
            self.post_message(self.Opened(self))

    def on_click(self, event: Click) -> None:
        """Select the row under the mouse, mark it at its edge, open it when clicked twice."""
        index = self.scroll_offset.y + event.y - 1
        if event.y == 0 and (column := column_at(self.laid_out, event.x)) is not None:
            self.post_message(self.HeaderClicked(column.key))
        if event.y < 1 or index >= len(self.rows):
            return
        self.move_to(index)
        if event.x == 0 and self._mark():
            return
        if event.chain == 2:
            self.action_open()

    def _find_cursor(self) -> int:
        if not self._chosen or self.cursor is None:
            return 0
        id_of, cursor = self.id_of, self.cursor
        if self._index < len(self.rows) and id_of(self.rows[self._index]) == cursor:
            return self._index
        for index, row in enumerate(self.rows):
            if id_of(row) == cursor:
                return index
        return min(self._index, max(0, len(self.rows) - 1))

    def _note_cursor(self) -> None:
        row = self.selected
        self.cursor = None if row is None else self.id_of(row)

    def _reveal(self) -> None:
        top, height = self.scroll_offset.y, self.size.height - 1
        if self._index < top:
            self.scroll_to(y=self._index, animate=False, immediate=True)
        elif self._index >= top + height > 0:
            self.scroll_to(y=self._index - height + 1, animate=False, immediate=True)

    # Painting.

    def on_resize(self, _event: Resize) -> None:
        """Keep the cursor in sight."""
        self.call_after_refresh(self._reveal)

    def on_focus(self) -> None:
        """Show the cursor."""
        self.refresh_lines(self._index + 1)

    def on_blur(self) -> None:
        """Hide the cursor where it is not kept."""
        self.refresh_lines(self._index + 1)

    def notify_style_update(self) -> None:
        """Take up the colours of a changed theme."""
        super().notify_style_update()
        self._looks.forget()

    def lay_out_again(self) -> None:
        """Ask for the columns again: others were chosen, or their titles changed."""
        self._layout_width = -1
        self._painted.clear()
        self.refresh()

    @property
    def laid_out(self) -> tuple[Column, ...]:
        """The columns as they fit now, each with its width."""
        width = self.size.width
        if width != self._layout_width:
            self._layout_width = width
            self._columns = share(self.columns_for(width), width)
        return self._columns

    def render_line(self, y: int) -> Strip:
        """Return one line of what is in sight."""
        columns, width = self.laid_out, self.size.width
        if y == 0:
            return self._header(columns, width)
        index = self.scroll_offset.y + y - 1
        if index >= len(self.rows) or self._now is None:
            self._painted.pop(y, None)
            if y == 2 and not self.rows:
                self._said_words = self.empty_words
                return self._said(self.empty_words, width)
            return Strip.blank(width, self._looks.style("text"))
        _, sign, texts, looks = self._painted[y] = self._line(index, columns)
        reverse = index == self._index and (self.keeps_cursor or self.has_focus)
        style = self._looks.style
        pieces = [(sign.text, style(sign.look, reverse=reverse, dim=self.faded))]
        for text, look in zip(texts, looks, strict=True):
            pieces.append((text + " ", style(look, reverse=reverse, dim=self.faded)))
        # Columns of fixed widths may leave room; what was there before must go.
        rest = width - 1 - sum(column.width + 1 for column in columns)
        pieces.append((" " * rest, style("text", reverse=reverse, dim=self.faded)))
        return strip_of(pieces, width)

    def _line(self, index: int, columns: tuple[Column, ...]) -> Line:
        assert self._now is not None  # noqa: S101 - callers looked
        row = self.rows[index]
        row_id = self.id_of(row)
        marked = row_id in self.marks
        sign = Cell(self.symbols.marked, "accent") if marked else self.sign(row, self._now)
        cells = self.cells(row, columns, self._now)
        ellipsis = self.symbols.ellipsis
        texts = tuple(
            fit(cell.text, column.width, ellipsis, right=column.right)
            for cell, column in zip(cells, columns, strict=True)
        )
        return Line(row_id, sign, texts, tuple(cell.look for cell in cells))

    def _header(self, columns: tuple[Column, ...], width: int) -> Strip:
        by, way = self.sorted_by
        titles = [
            f"{c.title[: max(0, c.width - 1)]}{way}" if c.key == by else c.title for c in columns
        ]
        text = " " + "".join(
            fit(title, c.width, self.symbols.ellipsis, right=c.right) + " "
            for title, c in zip(titles, columns, strict=True)
        )
        return strip_of(
            [(fit(text, width, self.symbols.ellipsis), self._looks.style("header"))], width
        )

    def _said(self, words: str, width: int) -> Strip:
        text = fit("  " + words, width, self.symbols.ellipsis)
        return strip_of([(text, self._looks.style("muted"))], width)

    def _repaint_changes(self) -> None:
        columns = self.laid_out
        top = self.scroll_offset.y
        for y in range(1, self.size.height):
            index = top + y - 1
            painted = self._painted.get(y)
            if index >= len(self.rows):
                if painted is not None or (y == 2 and self._said_words != self.empty_words):
                    self.refresh(Region(0, y, self.size.width, 1))
                continue
            if painted is None:
                self.refresh(Region(0, y, self.size.width, 1))
                continue
            line = self._line(index, columns)
            if line != painted:
                self.refresh(*differing(y, painted, line, columns, self.size.width))
