"""In which order the board is read."""

import re
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sla_console.domain.risk import RiskThresholds
from sla_console.domain.sla_clock import JudgedTicket

_DIGITS = re.compile(r"\d+")


class Sort(StrEnum):
    """How the board is sorted; the value is what the screen says."""

    DUE = "next due"
    RISK = "risk"
    NUMBER = "number"
    CLIENT = "client"

    def following(self) -> "Sort":
        """Return the next one round."""
        every = list(Sort)
        return every[(every.index(self) + 1) % len(every)]


def ordered(
    tickets: Sequence[JudgedTicket], sort: Sort, now: datetime, thresholds: RiskThresholds
) -> Sequence[JudgedTicket]:
    """Return the tickets of a board, which come sorted by next due time, in another order."""
    match sort:
        case Sort.DUE:
            return tickets
        case Sort.RISK:
            return sorted(tickets, key=lambda judged: -judged.risk(now, thresholds).rank)
        case Sort.NUMBER:
            return sorted(tickets, key=_number)
        case Sort.CLIENT:
            return sorted(tickets, key=lambda judged: (judged.ticket.client or "￿").casefold())


def _number(judged: JudgedTicket) -> tuple[int, str]:
    digits = _DIGITS.search(judged.ticket.display_id)
    return (int(digits[0]) if digits else 0, judged.ticket.display_id)


def kept_order(
    tickets: Sequence[JudgedTicket], shown: Sequence[JudgedTicket]
) -> list[JudgedTicket]:
    """Return the tickets in the order in which they are shown; new ones follow at the end."""
    left = {judged.ticket.id: judged for judged in tickets}
    kept = [left.pop(row.ticket.id) for row in shown if row.ticket.id in left]
    return [*kept, *left.values()]
