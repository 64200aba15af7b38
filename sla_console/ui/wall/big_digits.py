"""Numbers that are read from across a room, drawn of blocks or of number signs."""

from typing import Final

_FONT: Final = {
    "0": ("###", "# #", "# #", "# #", "###"), "1": (" # ", "## ", " # ", " # ", "###"),
    "2": ("###", "  #", "###", "#  ", "###"), "3": ("###", "  #", "###", "  #", "###"),
    "4": ("# #", "# #", "###", "  #", "  #"), "5": ("###", "#  ", "###", "  #", "###"),
    "6": ("###", "#  ", "###", "# #", "###"), "7": ("###", "  #", "  #", "  #", "  #"),
    "8": ("###", "# #", "###", "# #", "###"), "9": ("###", "# #", "###", "  #", "###"),
    ":": (" ", "#", " ", "#", " "), "-": ("  ", "  ", "##", "  ", "  "),
    "%": ("# #", "  #", " # ", "#  ", "# #"), "h": ("#  ", "#  ", "###", "# #", "# #"),
    "d": ("  #", "  #", "###", "# #", "###"), " ": (" ", " ", " ", " ", " "),
    ".": (" ", " ", " ", " ", "#"),
}  # fmt: skip
HEIGHT: Final = 5
LOW: Final = 3
"""Rows of the low form."""
_HALVES: Final = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}


def big(text: str, scale: int = 1, sign: str = "█") -> list[str]:
    """Return a text of digits and ``:-%.hd`` as rows of equal width.

    Args:
        text: What to draw; any other character becomes a space.
        scale: How many times as large.
        sign: What to draw it with, one cell wide.
    """
    rows = _rows(text)
    wide = ["".join(sign * scale if c == "#" else " " * scale for c in row) for row in rows]
    return [row for row in wide for _ in range(scale)]


def low(text: str) -> list[str]:
    """Return the same in three rows of half blocks, for which there is no ASCII form."""
    rows = [*_rows(text), ""]
    width = len(rows[0])
    rows[-1] = " " * width
    return [
        "".join(_HALVES[rows[top][x] == "#", rows[top + 1][x] == "#"] for x in range(width))
        for top in range(0, HEIGHT, 2)
    ]


def width_of(text: str, scale: int = 1) -> int:
    """Return how many cells wide a text is drawn."""
    return len(_rows(text)[0]) * scale


def _rows(text: str) -> list[str]:
    glyphs = [_FONT.get(character, _FONT[" "]) for character in text]
    return [" ".join(glyph[y] for glyph in glyphs) for y in range(HEIGHT)]
