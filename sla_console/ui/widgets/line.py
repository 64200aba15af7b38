"""One line of a table as it is painted, and what of it another one changes."""

from typing import NamedTuple

from textual.geometry import Region

from sla_console.ui.widgets.columns import Column
from sla_console.ui.widgets.paint import Cell, changed_span


class Line(NamedTuple):
    """What one line of a table says and how it looks."""

    id: str
    sign: Cell
    """One cell, in front."""
    texts: tuple[str, ...]
    looks: tuple[str, ...]


def differing(
    y: int, old: Line, new: Line, columns: tuple[Column, ...], width: int
) -> list[Region]:
    """Return where two lines differ.

    Args:
        y: Where both are, in lines from the top of the table.
        old: As it is painted.
        new: As it is to be.
        columns: Of both.
        width: Cells of a whole line.
    """
    if old.id != new.id:
        return [Region(0, y, width, 1)]
    regions = [] if old.sign == new.sign else [Region(0, y, 1, 1)]
    x = 1
    for number, column in enumerate(columns):
        if old.looks[number] != new.looks[number]:
            regions.append(Region(x, y, column.width + 1, 1))
        elif span := changed_span(old.texts[number], new.texts[number]):
            regions.append(Region(x + span[0], y, span[1] - span[0], 1))
        x += column.width + 1
    return regions
