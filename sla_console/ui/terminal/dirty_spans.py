"""Paints only the cells that changed.

Textual's own partial update writes a widget's line from the widget's left edge to the end of the
dirty span, and repeats every colour for every piece. Over a slow line a ticking board is nothing
but such updates, so this writes the dirty span alone and a colour only where it changes.
"""

from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from textual._compositor import ChopsUpdate, Compositor
from textual.strip import Strip

_RESET = "\x1b[0m"


class NarrowUpdate(ChopsUpdate):
    """Writes each dirty span, and nothing beside it."""

    def render_segments(self, console: Console) -> str:
        """Return the update as terminal sequences.

        Args:
            console: Says how many colours the terminal has.
        """
        system = console._color_system or ColorSystem.TRUECOLOR  # noqa: SLF001 - as Strip.render
        written: list[str] = []
        position: tuple[int, int] | None = None
        style = ""
        for y, left, right in self.spans:
            for end, (x, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
                first, last = max(x, left), min(end, right)
                if strip is None or first >= last:
                    continue
                written.append(_move(position, (first, y)))
                sure = True
                for segment in strip.crop(first - x, last - x):
                    codes = _codes(segment, system)
                    if codes != style:
                        written.append(_RESET if not codes else f"\x1b[0;{codes}m")
                        style = codes
                    written.append(segment.text)
                    sure = sure and segment.text.isascii()
                # Terminals differ in how wide some signs are, and in what comes after the last
                # column: from there on only a place by its numbers is sure.
                position = (last, y) if sure and last < console.width else None
        if style:
            written.append(_RESET)
        return "".join(written)


def _move(start: tuple[int, int] | None, end: tuple[int, int]) -> str:
    """Return the shortest sequence that takes the cursor from one cell to another.

    Args:
        start: Column and row, from 0; None: not known.
        end: Column and row.
    """
    if start == end:
        return ""
    absolute = f"\x1b[{end[1] + 1};{end[0] + 1}H"
    if start is None:
        return absolute
    right, down = end[0] - start[0], end[1] - start[1]
    relative = _step(right, "C", "D") + _step(down, "B", "A")
    return relative if len(relative) < len(absolute) else absolute


def _step(cells: int, ahead: str, back: str) -> str:
    if not cells:
        return ""
    number = str(abs(cells)) if abs(cells) > 1 else ""
    return f"\x1b[{number}{ahead if cells > 0 else back}"


def _codes(segment: Segment, system: ColorSystem) -> str:
    style = segment.style
    if style is None:
        return ""
    return style._ansi or Strip.render_ansi(style, system)  # noqa: SLF001 - as Strip.render_style


class NarrowCompositor(Compositor):
    """A compositor whose partial updates are narrow."""

    def render_partial_update(self) -> ChopsUpdate | None:
        """Return what changed since the last paint, None if nothing did."""
        update = super().render_partial_update()
        if update is None:
            return None
        return NarrowUpdate(update.chops, update.spans, update.chop_ends)
