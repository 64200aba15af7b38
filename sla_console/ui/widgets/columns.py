"""Columns of a table, and how they share the cells there are."""

from typing import Final, NamedTuple

_LEAST: Final = 4
"""Cells that a column without a width of its own has at least."""


class Column(NamedTuple):
    """One column of a table."""

    key: str
    title: str
    width: int
    """In cells; 0: shares what the others leave."""
    right: bool = False


def share(columns: tuple[Column, ...], width: int) -> tuple[Column, ...]:
    """Give the columns without a width what the others leave."""
    fixed = sum(column.width for column in columns) + len(columns) + 1
    flexible = [column for column in columns if not column.width]
    each, over = divmod(max(0, width - fixed), max(1, len(flexible)))
    shares = iter(max(_LEAST, each + (place < over)) for place in range(len(flexible)))
    return tuple(
        column if column.width else column._replace(width=next(shares)) for column in columns
    )


def column_at(columns: tuple[Column, ...], x: int) -> Column | None:
    """Return the column at a cell of a line, None right of them all."""
    end = 1
    for column in columns:
        end += column.width + 1
        if x < end:
            return column
    return None
