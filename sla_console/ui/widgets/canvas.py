"""Lines of coloured text that repaint no more than what changed in them."""

from collections.abc import Sequence

from rich.cells import cell_len
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from sla_console.ui.widgets.paint import Cell, Looks, fit, strip_of

Line = tuple[Cell, ...]


class Canvas(Widget):
    """Shows lines as they are given, cut to its size.

    Args:
        id: As in Textual.
    """

    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._lines: tuple[Line, ...] = ()
        self._looks = Looks(self)

    def show(self, lines: Sequence[Sequence[Cell]]) -> None:
        """Show these lines instead."""
        before, self._lines = self._lines, tuple(map(tuple, lines))
        for y in range(max(len(before), len(self._lines))):
            old = before[y] if y < len(before) else ()
            new = self._lines[y] if y < len(self._lines) else ()
            if old != new and (span := _changed(old, new)) is not None:
                self.refresh(Region(span[0], y, max(1, span[1] - span[0]), 1))

    def notify_style_update(self) -> None:
        """Take up the colours of a changed theme."""
        super().notify_style_update()
        self._looks.forget()

    def render_line(self, y: int) -> Strip:
        """Return one line."""
        width = self.size.width
        if y >= len(self._lines):
            return Strip.blank(width, self._looks.style("text"))
        left = width
        pieces = []
        for cell in self._lines[y]:
            text = (
                cell.text if cell_len(cell.text) <= left else fit(cell.text, left, self._looks.dots)
            )
            left -= cell_len(text)
            pieces.append((text, self._looks.style(cell.look)))
            if left <= 0:
                break
        pieces.append((" " * max(0, left), self._looks.style("text")))
        return strip_of(pieces, width)


def _changed(old: Line, new: Line) -> tuple[int, int] | None:
    """Return the cells in which two lines differ, None: in none that anybody sees."""
    before = [(c, cell.look if c != " " else "") for cell in old for c in cell.text]
    after = [(c, cell.look if c != " " else "") for cell in new for c in cell.text]
    length = max(len(before), len(after))
    before += [(" ", "")] * (length - len(before))
    after += [(" ", "")] * (length - len(after))
    places = [x for x in range(length) if before[x] != after[x]]
    if not places:
        return None
    first, last = places[0], places[-1] + 1
    if all(c.isascii() or c in "█▀▄" for c, _ in (*before[:last], *after[:last])):
        return first, last
    wide = cell_len("".join(c for c, _ in after))
    return 0, max(wide, cell_len("".join(c for c, _ in before)))
