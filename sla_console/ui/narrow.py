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
                if (first, y) != position:
                    written.append(f"\x1b[{y + 1};{first + 1}H")
                for segment in strip.crop(first - x, last - x):
                    codes = _codes(segment, system)
                    if codes != style:
                        written.append(_RESET if not codes else f"\x1b[0;{codes}m")
                        style = codes
                    written.append(segment.text)
                position = (last, y)
        if style:
            written.append(_RESET)
        return "".join(written)


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
