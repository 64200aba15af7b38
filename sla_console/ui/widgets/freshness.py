"""Which tickets are new and which changed, for the few seconds in which that is news."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sla_console.domain.board import Board
from sla_console.domain.sla.sla_clock import EvaluatedTicket
from sla_console.ui.terminal.symbols import UNICODE, Symbols
from sla_console.ui.widgets.paint import Cell

_LASTS: Final = timedelta(seconds=8)
_NOTHING: Final = Cell(" ")
_MOST: Final = 500
"""Of more at once it is no news which they are."""


class FreshRows:
    """Compares each board with the one before.

    Args:
        symbols: The signs to use.
    """

    def __init__(self, symbols: Symbols = UNICODE) -> None:
        self._new, self._changed = Cell(symbols.new, "accent"), Cell(symbols.changed, "accent")
        self._before: Mapping[str, EvaluatedTicket] = {}
        self._version = -1
        self._signs: dict[str, tuple[Cell, datetime]] = {}

    def board_arrived(self, board: Board, now: datetime) -> None:
        """Note what this board has that the one before had not."""
        if board.version == self._version or not board.version:
            return
        self._version = board.version
        before, self._before = self._before, board.by_id
        self._signs = {key: kept for key, kept in self._signs.items() if kept[1] > now}
        if not before:
            return  # where there was nothing, everything is new and nothing is news
        get = before.get
        others = [key for key, judged in board.by_id.items() if get(key) is not judged]
        if len(others) > _MOST:
            return
        until = now + _LASTS
        for key in others:
            old = get(key)
            if old is None:
                self._signs[key] = (self._new, until)
            elif old.ticket != board.by_id[key].ticket:
                self._signs[key] = (self._changed, until)

    def sign(self, ticket_id: str, now: datetime) -> Cell:
        """Return the sign of a ticket now, a space where it is no news."""
        found = self._signs.get(ticket_id)
        return found[0] if found is not None and found[1] > now else _NOTHING
