"""Which tickets the board shows, and in which order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sla_console.domain.board import Board
from sla_console.domain.forecast.risk import RiskThresholds
from sla_console.domain.sla.breach import SLABreach
from sla_console.domain.sla.calendar import BusinessCalendar
from sla_console.domain.sla.due_hours import DueHour, due_hours
from sla_console.domain.sla.sla_clock import EvaluatedTicket
from sla_console.ui.board.filter import BoardFilter, Moment
from sla_console.ui.board.order import BoardOrder, kept_order, ordered
from sla_console.ui.widgets.ticket_cells import Attention, attention_of

LARGE: Final = 3000
"""Tickets from which on a board is arranged beside the screen, so that no key waits for it."""
_STRIP_AGAIN: Final = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class BoardQuery:
    """How somebody wants the board."""

    filter: BoardFilter
    order: BoardOrder = field(default_factory=BoardOrder)
    paused: bool = False

    def easy(self, board: Board) -> bool:
        """Return whether a board can be arranged between two keys."""
        plain = not self.filter and self.order == BoardOrder() and not self.paused
        return plain or len(board.tickets) <= LARGE


@dataclass(frozen=True, slots=True)
class BoardRows:
    """A board as it is shown."""

    version: int = 0
    everything: Sequence[EvaluatedTicket] = ()
    """In order, without the filter."""
    rows: Sequence[EvaluatedTicket] = ()
    attention: Mapping[str, Attention] = field(default_factory=dict)
    """By ticket id."""
    hidden: tuple[SLABreach, ...] = ()
    """Breaches that the filter hides."""
    again_at: datetime | None = None
    """When time alone may change what the filter lets in; None: never."""
    strip: tuple[DueHour, ...] = ()
    strip_at: datetime | None = None
    strip_of: int = 0
    """Of how many tickets it is made."""


def arrange(
    board: Board,
    wish: BoardQuery,
    before: BoardRows,
    now: datetime,
    thresholds: RiskThresholds,
    working: BusinessCalendar | None,
) -> BoardRows:
    """Return a board as somebody wants it.

    Args:
        board: The board.
        wish: How it is wanted.
        before: As it was shown last, whose order a pause keeps.
        now: The moment.
        thresholds: Where risk begins.
        working: The hours worked here; None: no strip of what falls due in them.
    """
    attention = attention_of(board.breaches)
    everything: Sequence[EvaluatedTicket] = (
        kept_order(board.tickets, before.everything)
        if wish.paused
        else ordered(board.tickets, wish.order, now, thresholds, board.chances)
    )
    rows = wish.filter.apply(everything, Moment(now, thresholds, attention))
    hidden: tuple[SLABreach, ...] = ()
    if wish.filter and board.breaches:
        shown = {judged.ticket.id for judged in rows}
        hidden = tuple(one for one in board.breaches if one.ticket_id not in shown)
    strip, strip_at = before.strip, before.strip_at
    fresh = strip_at is not None and timedelta() <= now - strip_at < _STRIP_AGAIN
    # While the first pages arrive, what was counted a second ago is of half the desk.
    if working is not None and not (fresh and before.strip_of == len(board.tickets)):
        strip, strip_at = due_hours(board.tickets, working, now), now
    again_at = wish.filter.again_at
    return BoardRows(
        board.version, everything, rows, attention, hidden, again_at, strip, strip_at,
        len(board.tickets),
    )  # fmt: skip
