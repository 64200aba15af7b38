"""The columns that the board can have: which it has at which width, and which somebody chose."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from sla_console.ui.session.session_state import ChosenColumn
from sla_console.ui.widgets.columns import Column
from sla_console.ui.widgets.ticket_cells import COUNTDOWN_WIDTH, HELD_WIDTH

_SUBJECT_LEAST: Final = 10


class Offered(NamedTuple):
    """One column that can be chosen."""

    column: Column
    about: str
    rank: int
    """Of the chosen ones, the highest is left out first where there is no room; 0 stays."""


CATALOG: Final = (
    Offered(Column("number", "Number", 8), "Number of the ticket", 0),
    Offered(Column("client", "Client", 15), "Who asks", 3),
    Offered(Column("subject", "Subject", 0), "What it is about; takes what is left", 1),
    Offered(Column("priority", "Priority", 8), "Its priority", 5),
    Offered(Column("technician", "Technician", 13), "Who has it", 2),
    Offered(Column("status", "Status", 12), "Its status in SuperOps", 6),
    Offered(Column("response", "Response", HELD_WIDTH, right=True), "Left to respond", 1),
    Offered(Column("resolution", "Resolution", HELD_WIDTH, right=True), "Left to resolve", 0),
    Offered(Column("used", "Used", 9, right=True), "Share of the promise used up, as a bar", 7),
    Offered(Column("chance", "Breaks", 6, right=True), "How likely it breaks, by history", 7),
    Offered(Column("risk", "Risk", 11), "How it stands, in words", 0),
    Offered(Column("due", "Due", 16), "When the next promise is due", 8),
    Offered(Column("policy", "Policy", 16), "Under which SLA policy it is", 9),
    Offered(Column("group", "Group", 14), "Technician group", 8),
    Offered(Column("type", "Type", 12), "Type of request", 10),
    Offered(Column("requester", "Requester", 16), "The person who asks", 10),
    Offered(Column("created", "Created", 16), "When it was created", 9),
    Offered(Column("age", "Age", 9, right=True), "How long ago that was", 8),
    Offered(Column("updated", "Changed", 9, right=True), "How long ago it last changed", 9),
    Offered(Column("who", "Seen by", 14), "Who acknowledged its breach", 8),
)
"""In the order in which they are offered."""

_BY_KEY: Final = {offered.column.key: offered for offered in CATALOG}


def _layout(**widths: int) -> tuple[Column, ...]:
    return tuple(_BY_KEY[key].column._replace(width=width) for key, width in widths.items())


_NARROW: Final = (
    *_layout(number=7, client=10, subject=0),
    Column("priority", "Pri", 4),
    Column("technician", "Tech", 9),
    Column("response", "Respond", COUNTDOWN_WIDTH, right=True),
    Column("resolution", "Resolve", COUNTDOWN_WIDTH, right=True),
    *_layout(risk=11),
)
_SNUG: Final = (
    *_layout(number=8, client=14, subject=0, priority=8, technician=12, status=11),
    Column("response", "Respond", COUNTDOWN_WIDTH, right=True),
    Column("resolution", "Resolve", COUNTDOWN_WIDTH, right=True),
    *_layout(risk=11),
)
_MEDIUM: Final = _layout(
    number=8, client=15, subject=0, priority=8, technician=13, status=12,
    response=HELD_WIDTH, resolution=HELD_WIDTH, risk=11,
)  # fmt: skip
_WIDE: Final = _layout(
    number=8, client=18, subject=0, priority=8, technician=15, status=14,
    response=HELD_WIDTH, resolution=HELD_WIDTH, used=9, chance=6, risk=11,
)  # fmt: skip


def usual(width: int) -> tuple[Column, ...]:
    """Return the columns for so many cells where nobody chose others."""
    if width < 98:
        return _NARROW
    if width < 118:
        return _SNUG
    return _MEDIUM if width < 140 else _WIDE


def columns_for(width: int, chosen: Sequence[ChosenColumn]) -> tuple[Column, ...]:
    """Return the columns for so many cells; of chosen ones, those that matter least give way.

    Args:
        width: Cells there are.
        chosen: What somebody chose, in order; empty: nothing.
    """
    if not chosen:
        return usual(width)
    fitting = {column.key: column for column in usual(width)}
    wanted = [
        (offered.rank, _sized(fitting.get(one.key, offered.column), one.width))
        for one in chosen
        if (offered := _BY_KEY.get(one.key)) is not None
    ]
    while len(wanted) > 1 and _needed(wanted) > width:
        wanted.remove(max(wanted, key=lambda pair: pair[0]))
    return tuple(column for _, column in wanted) or usual(width)


def _sized(column: Column, width: int) -> Column:
    return column._replace(width=width) if width else column


def _needed(wanted: Sequence[tuple[int, Column]]) -> int:
    return 1 + sum((column.width or _SUBJECT_LEAST) + 1 for _, column in wanted)
