"""One line of facts: what matters least goes first when the terminal is narrow."""

from typing import NamedTuple

from rich.cells import cell_len
from textual.events import Click
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from sla_console.ui.widgets.paint import (
    Looks,
    changed_span,
    fit,
    strip_of,
)


class Piece(NamedTuple):
    """One fact of a bar."""

    text: str
    look: str = "text"
    rank: int = 0
    """0 stays; of the others, the highest is left out first where there is no room."""
    action: str = ""
    """Run when it is clicked."""
    key: str = ""
    """Set in front, in a look of its own."""

    @property
    def length(self) -> int:
        """Its cells, with the key."""
        return cell_len(self.text) + (cell_len(self.key) + 1 if self.key else 0)


class PieceBar(Widget):
    """Pieces from the left and from the right; repaints only what changed.

    Args:
        gap: Between two pieces.
        id: As in Textual.
        classes: As in Textual.
    """

    DEFAULT_CSS = "PieceBar { height: 1; }"
    ALLOW_SELECT = False

    def __init__(
        self,
        gap: str = "  ",
        *,
        id: str | None = None,  # noqa: A002 - Textual's own name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._gap = gap
        self._left: tuple[Piece, ...] = ()
        self._right: tuple[Piece, ...] = ()
        self._painted: tuple[Piece, ...] = ()
        self._looks = Looks(self)

    def show(self, left: list[Piece], right: list[Piece] | None = None) -> None:
        """Show these pieces instead."""
        new_left, new_right = tuple(left), tuple(right or ())
        if (new_left, new_right) == (self._left, self._right):
            return
        self._left, self._right = new_left, new_right
        line = self._line()
        if [(len(p.text), p.look) for p in line] != [(len(p.text), p.look) for p in self._painted]:
            self.refresh()
            return
        at = 0
        for old, new in zip(self._painted, line, strict=True):
            if span := changed_span(old.text, new.text):
                self.refresh(Region(at + span[0], 0, span[1] - span[0], 1))
            at += cell_len(new.text)

    def notify_style_update(self) -> None:
        """Take up the colours of a changed theme."""
        super().notify_style_update()
        self._looks.forget()

    def render_line(self, y: int) -> Strip:
        """Return the line."""
        if y:
            return Strip.blank(self.size.width, self._looks.style("text"))
        self._painted = self._line()
        style = self._looks.style
        return strip_of([(p.text, style(p.look)) for p in self._painted], self.size.width)

    def _line(self) -> tuple[Piece, ...]:
        """Return pieces and gaps that fill the width exactly."""
        width = self.size.width - 2
        left, right = list(self._left), list(self._right)
        while self._length(left) + self._length(right) + bool(right) * 2 > width:
            least = max([*left, *right], key=lambda piece: piece.rank, default=None)
            if least is None or least.rank == 0:
                break
            (right if least in right else left).remove(least)
        line = [Piece(" "), *self._spaced(left)]
        space = width - self._length(left) - self._length(right)
        line += [Piece(" " * max(space, 1)), *self._spaced(right), Piece(" ")]
        return _cut(line, self.size.width, self._looks.dots)

    def _length(self, pieces: list[Piece]) -> int:
        gaps = cell_len(self._gap) * max(0, len(pieces) - 1)
        return sum(piece.length for piece in pieces) + gaps

    def _spaced(self, pieces: list[Piece]) -> list[Piece]:
        spaced: list[Piece] = []
        for piece in pieces:
            if spaced:
                spaced.append(Piece(self._gap, "muted"))
            if piece.key:
                look = "off" if piece.look == "off" else "accent"
                spaced.append(Piece(f"{piece.key} ", look, action=piece.action))
            spaced.append(piece._replace(key=""))
        return spaced

    async def on_click(self, event: Click) -> None:
        """Run the action of the piece under the mouse."""
        at = 0
        for piece in self._painted:
            at += cell_len(piece.text)
            if event.x < at:
                if piece.action:
                    event.stop()
                    await self.run_action(piece.action)
                return


def _cut(line: list[Piece], width: int, dots: str) -> tuple[Piece, ...]:
    kept: list[Piece] = []
    for piece in line:
        length = cell_len(piece.text)
        if length >= width:
            kept.append(piece._replace(text=fit(piece.text, max(width, 0), dots)))
            return tuple(kept)
        kept.append(piece)
        width -= length
    kept.append(Piece(" " * width))
    return tuple(kept)
