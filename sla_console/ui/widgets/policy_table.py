"""What is promised, one row a policy, with how it goes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sla_console.domain.durations import hours_words
from sla_console.domain.figures.counting import percent_words
from sla_console.domain.sla.policy import SLAPolicy, WhoseHours
from sla_console.ui.widgets.columns import Column
from sla_console.ui.widgets.line_table import LineTable
from sla_console.ui.widgets.paint import Cell

_NARROW = (
    Column("name", "Policy", 0),
    Column("response", "Respond", 9, right=True),
    Column("resolution", "Resolve", 9, right=True),
    Column("open", "Open", 4, right=True),
    Column("breached", "Broken", 6, right=True),
    Column("risk", "Risk", 4, right=True),
    Column("kept", "Kept", 5, right=True),
)
_WIDE = (
    Column("name", "Policy", 0),
    Column("for", "For", 0),
    Column("response", "Respond", 10, right=True),
    Column("resolution", "Resolve", 10, right=True),
    Column("hours", "Hours", 16),
    Column("open", "Open", 5, right=True),
    Column("breached", "Broken", 6, right=True),
    Column("risk", "At risk", 7, right=True),
    Column("kept", "Kept", 6, right=True),
    Column("judged", "of", 6, right=True),
)


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """A policy, and the tickets under it."""

    name: str
    policy: SLAPolicy | None
    """None: SuperOps names it and the configuration does not."""
    open: int = 0
    breached: int = 0
    at_risk: int = 0
    kept: float | None = None
    """Percent of what was judged lately; None: nothing was, or it is not known yet."""
    judged: int = 0


class PolicyTableWidget(LineTable[PolicyRow]):
    """One row a policy."""

    def id_of(self, row: PolicyRow) -> str:
        """Return its name."""
        return row.name

    def columns_for(self, width: int) -> tuple[Column, ...]:
        """Return the columns of one of two layouts."""
        return _NARROW if width < 110 else _WIDE

    def cells(self, row: PolicyRow, columns: tuple[Column, ...], now: datetime) -> list[Cell]:
        """Return the row."""
        del now
        return [self._cell(row, column.key) for column in columns]

    def _cell(self, row: PolicyRow, key: str) -> Cell:
        if key == "breached":
            return Cell(str(row.breached), "breached" if row.breached else "muted")
        if key == "risk":
            return Cell(str(row.at_risk), "risk" if row.at_risk else "muted")
        text = _TEXTS[key](row)
        if text is None:
            return Cell(self.symbols.nothing, "muted")
        return Cell(text, "strong" if key == "name" else "text")


def _target(target: timedelta | None) -> str | None:
    return None if target is None else hours_words(target)


_TEXTS: Final[Mapping[str, Callable[[PolicyRow], str | None]]] = {
    "name": lambda row: row.name,
    "for": lambda row: conditions(row.policy),
    "hours": lambda row: hours(row.policy),
    "response": lambda row: _target(row.policy.response_target if row.policy else None),
    "resolution": lambda row: _target(row.policy.resolution_target if row.policy else None),
    "open": lambda row: str(row.open),
    "kept": lambda row: None if row.kept is None else f"{percent_words(row.kept, 0)}%",
    "judged": lambda row: str(row.judged),
}


_WORDS: Final[Mapping[WhoseHours | None, str]] = {
    None: "the client's",
    WhoseHours.CLIENT: "the client's",
    WhoseHours.EVERY: "round the clock",
}


def hours(policy: SLAPolicy | None) -> str:
    """Return which hours count."""
    if policy is None:
        return "as SuperOps says"
    said, first = (
        one if isinstance(one, str) else _WORDS[one]
        for one in (policy.hours, policy.response_hours)
    )
    return said if said == first else f"{said}, response {first}"


def conditions(policy: SLAPolicy | None) -> str:
    """Return what a ticket must be like to fall under a policy."""
    if policy is None:
        return "what SuperOps gives it to"
    parts = [*policy.conditions]
    return (
        ", ".join(parts) if parts else "what no other matches" if policy.default else "every ticket"
    )
