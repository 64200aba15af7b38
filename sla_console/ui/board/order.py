"""In which order the board is read."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from sla_console.domain.forecast.risk import RiskThresholds
from sla_console.domain.names import folded
from sla_console.domain.sla.sla_clock import EvaluatedTicket, SLAClock

_DIGITS: Final = re.compile(r"\d+")
_LAST: Final = "￿"
"""Sorts behind every name."""
_NEVER: Final = datetime.max.replace(tzinfo=UTC)


class Sort(StrEnum):
    """How the board is sorted; the value is what the screen says."""

    DUE = "next due"
    RISK = "risk"
    NUMBER = "number"
    CLIENT = "client"
    TECHNICIAN = "technician"
    PRIORITY = "priority"
    STATUS = "status"
    RESPONSE = "response due"
    RESOLUTION = "resolution due"
    CREATED = "age"
    UPDATED = "last change"

    @classmethod
    def of_column(cls, key: str) -> "Sort | None":
        """Return the order that a click on a column's title means, None: it has none."""
        return _COLUMNS.get(key)

    @property
    def column(self) -> str:
        """Key of the column that shows it, empty: none does."""
        return next((key for key, sort in _COLUMNS.items() if sort is self), "")


_COLUMNS: Final[Mapping[str, Sort]] = {
    "risk": Sort.RISK, "number": Sort.NUMBER, "client": Sort.CLIENT,
    "technician": Sort.TECHNICIAN, "priority": Sort.PRIORITY, "status": Sort.STATUS,
    "response": Sort.RESPONSE, "resolution": Sort.RESOLUTION, "due": Sort.DUE,
    "age": Sort.CREATED, "created": Sort.CREATED, "updated": Sort.UPDATED,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class BoardOrder:
    """A sort order, and which way round."""

    sort: Sort = Sort.DUE
    reverse: bool = False

    @property
    def words(self) -> str:
        """As the screen says it."""
        return f"{self.sort}, reversed" if self.reverse else str(self.sort)

    def taken(self, sort: Sort) -> "BoardOrder":
        """Return the order after somebody chose ``sort``: the same again turns it round."""
        return BoardOrder(sort, reverse=not self.reverse if sort is self.sort else False)

    @classmethod
    def named(cls, name: str, *, reverse: bool) -> "BoardOrder":
        """Return an order by what the screen says; what there is not becomes the usual one."""
        return cls(Sort(name), reverse) if name in set(Sort) else cls()


def ordered(
    tickets: Sequence[EvaluatedTicket],
    order: BoardOrder,
    now: datetime,
    thresholds: RiskThresholds,
    chances: Mapping[str, float] | None = None,
) -> Sequence[EvaluatedTicket]:
    """Return the tickets of a board, which come sorted by next due time, in another order.

    Args:
        tickets: The tickets.
        order: The order.
        now: The moment.
        thresholds: Where risk begins.
        chances: By ticket id how likely a breach is, which decides among tickets of one risk.
    """
    likely = chances or {}
    if order.sort is Sort.DUE:
        return tickets[::-1] if order.reverse else tickets
    if order.sort is Sort.RISK:
        key: Callable[[EvaluatedTicket], Any] = lambda judged: (  # noqa: E731
            not judged.breached(now),
            -judged.risk(now, thresholds).rank,
            -likely.get(judged.ticket.id, 0.0),
        )
    else:
        key = _KEYS[order.sort]
    return sorted(tickets, key=key, reverse=order.reverse)


def _number(judged: EvaluatedTicket) -> tuple[int, str]:
    digits = _DIGITS.search(judged.ticket.display_id)
    return (int(digits[0]) if digits else 0, judged.ticket.display_id)


def _priority(judged: EvaluatedTicket) -> tuple[bool, int, str]:
    name = judged.ticket.priority
    return (not name, -judged.severity.rank, folded(name or ""))


def _due(clock: SLAClock) -> datetime:
    return clock.due if clock.due is not None and not clock.ended() else _NEVER


_KEYS: Final[Mapping[Sort, Callable[[EvaluatedTicket], Any]]] = {
    Sort.NUMBER: _number,
    Sort.CLIENT: lambda judged: (judged.ticket.client or _LAST).casefold(),
    Sort.TECHNICIAN: lambda judged: (judged.ticket.technician or _LAST).casefold(),
    Sort.PRIORITY: _priority,
    Sort.STATUS: lambda judged: judged.ticket.status.casefold() or _LAST,
    Sort.RESPONSE: lambda judged: _due(judged.response),
    Sort.RESOLUTION: lambda judged: _due(judged.resolution),
    Sort.CREATED: lambda judged: judged.ticket.created_at or _NEVER,
    Sort.UPDATED: lambda judged: judged.ticket.updated_at or _NEVER,
}


def kept_order(
    tickets: Sequence[EvaluatedTicket], shown: Sequence[EvaluatedTicket]
) -> list[EvaluatedTicket]:
    """Return the tickets in the order in which they are shown; new ones follow at the end."""
    left = {judged.ticket.id: judged for judged in tickets}
    kept = [left.pop(row.ticket.id) for row in shown if row.ticket.id in left]
    return [*kept, *left.values()]
