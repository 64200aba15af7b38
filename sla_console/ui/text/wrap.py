"""Lines that are too long for their place: what follows stands in, so that the beginnings show."""

import textwrap
from typing import Final

_LEAST: Final = 20
"""Cells of text that a line has at least, however narrow its place."""


def hang(text: str, indent: int, width: int) -> str:
    """Return a text in lines, all but the first one standing in.

    Args:
        text: One paragraph.
        indent: Cells before it, which its other lines leave free.
        width: Cells there are, with those.
    """
    lines = textwrap.wrap(text, max(_LEAST, width - indent)) or [""]
    return f"\n{' ' * indent}".join(lines)


def fold(line: str, width: int) -> str:
    """Return a line with columns in two where it is too long: the last column below the others.

    Args:
        line: Columns with two spaces or more between them, or a sentence.
        width: Cells there are.
    """
    if len(line) <= width:
        return line
    indent = len(line) - len(line.lstrip()) + 2
    columns, gap, last = line.rpartition("  ")
    if gap and columns.strip() and len(columns.rstrip()) <= width:
        return f"{columns.rstrip()}\n{' ' * indent}{hang(last, indent, width)}"
    lines = textwrap.wrap(line, max(_LEAST, width), subsequent_indent=" " * indent)
    return "\n".join(lines)
