"""Names of looks, and how a widget that paints its own lines turns them into colours.

A cell says what it means ("breached"), never which colour that is: the theme decides.
"""

from functools import lru_cache
from typing import Final, NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.strip import Strip
from textual.widget import Widget

# The theme's variable for each look, what to take where a theme has none, and the emphasis.
_LOOKS: Final = {
    "text": ("foreground", "foreground", ""),
    "strong": ("foreground", "foreground", "bold"),
    "muted": ("sla-muted", "foreground", ""),
    "off": ("sla-muted", "foreground", "dim"),
    "header": ("sla-muted", "foreground", "underline"),
    "accent": ("sla-accent", "accent", "bold"),
    "breached": ("sla-breached", "error", "bold"),
    "urgent": ("sla-urgent", "warning", "bold"),
    "alarm": ("sla-breached", "error", "bold reverse"),
    "risk": ("sla-risk", "warning", ""),
    "ok": ("sla-ok", "success", ""),
    "held": ("sla-held", "primary", ""),
    "acked": ("sla-acked", "secondary", ""),
}

_REVERSE: Final = Style(reverse=True)
_DIM: Final = Style(dim=True)


class Cell(NamedTuple):
    """Plain text and the look it has. The text is never read as markup."""

    text: str
    look: str = "text"


class Looks:
    """The theme's colours on one widget's background, kept until its style changes.

    Args:
        widget: On whose background.
    """

    def __init__(self, widget: Widget) -> None:
        self._widget = widget
        self._kept: dict[tuple[str, bool, bool], Style] = {}

    def forget(self) -> None:
        """Ask the theme again: it may have changed."""
        self._kept.clear()

    @property
    def dots(self) -> str:
        """What ends a text that is cut."""
        return "~" if self._widget.app.has_class("-ascii") else "…"

    def style(self, look: str, *, reverse: bool = False, dim: bool = False) -> Style:
        """Return the terminal style of a look.

        Args:
            look: One of ``_LOOKS``.
            reverse: For what is selected.
            dim: For what may no longer be true.
        """
        if reverse and look == "muted":
            look = "text"
        key = (look, reverse, dim)
        style = self._kept.get(key)
        if style is None:
            variables = self._widget.app.theme_variables
            token, fallback, emphasis = _LOOKS[look]
            color = Color.parse(variables.get(token) or variables[fallback])
            style = self._widget.rich_style + Style.parse(emphasis or "not bold")
            style += Style(color=color.rich_color)
            if reverse:
                style += _REVERSE
            if dim:
                style += _DIM
            self._kept[key] = style
        return style


@lru_cache(maxsize=16_384)
def fit(text: str, width: int, ellipsis: str = "…", *, right: bool = False) -> str:
    """Return ``text`` in exactly ``width`` cells; what is cut ends in ``ellipsis``."""
    if text.isascii():
        length = len(text)
        if length <= width:
            return text.rjust(width) if right else text.ljust(width)
        return text[: width - 1] + ellipsis if width > 1 else text[:width]
    length = cell_len(text)
    if length <= width:
        space = " " * (width - length)
        return space + text if right else text + space
    return set_cell_size(text, width - 1) + ellipsis if width > 1 else set_cell_size(text, width)


def strip_of(pieces: list[tuple[str, Style]], width: int) -> Strip:
    """Return a line of ``width`` cells; neighbours of one style become one segment.

    What the pieces leave free is filled as the last of them looks.
    """
    segments: list[Segment] = []
    text, style = "", None
    for part, look in pieces:
        if look is style:
            text += part
            continue
        if text:
            segments.append(Segment(text, style))
        text, style = part, look
    text += " " * (width - sum(segment.cell_length for segment in segments) - cell_len(text))
    if text:
        segments.append(Segment(text, style))
    return Strip(segments, width)


def changed_span(old: str, new: str) -> tuple[int, int] | None:
    """Return where two texts of one length differ, as [first, last) characters; None: nowhere."""
    if old == new:
        return None
    if len(old) != len(new) or not (old.isascii() and new.isascii()):
        return 0, cell_len(new)
    first = next(i for i, (a, b) in enumerate(zip(old, new, strict=True)) if a != b)
    last = next(i for i in range(len(new), 0, -1) if old[i - 1] != new[i - 1])
    return first, last
