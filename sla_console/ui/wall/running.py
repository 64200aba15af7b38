"""What runs against the clock, the most urgent first: each board is read once, and no further than asked."""

from datetime import datetime
from heapq import heappop, heappush
from typing import NamedTuple

from sla_console.domain.board import Board
from sla_console.domain.sla.sla_clock import ClockState, EvaluatedTicket, SLAClock


class Running(NamedTuple):
    """A ticket that is not on hold, and the clock of it to watch."""

    judged: EvaluatedTicket
    clock: SLAClock


class RunningTickets:
    """Reads the tickets of the latest board as far as somebody asks, and never twice."""

    def __init__(self) -> None:
        self._begin(())

    def _begin(self, tickets: tuple[EvaluatedTicket, ...]) -> None:
        self._tickets = tickets
        self._found: list[Running] = []
        self._read = self._passed = 0
        self._behind: list[tuple[datetime, int, Running]] = []
        """Promises of tickets passed over for another one that is broken, the next due first."""

    def first(self, board: Board, count: int) -> list[Running]:
        """Return the most urgent tickets, broken promises among them.

        Args:
            board: Where to look.
            count: How many at most.
        """
        self._take(board)
        self._find(count - 1)
        return self._found[:count]

    def next_breach(self, board: Board, now: datetime) -> Running | None:
        """Return the promise that will break first, None where none runs.

        Args:
            board: Where to look.
            now: The moment; for one board it only moves on.
        """
        self._take(board)
        while (one := self._find(self._passed)) is not None:
            if one.clock.state(now) is ClockState.RUNNING:
                break
            self._passed += 1
            for other in one.judged.clocks:
                if other is not one.clock and other.due is not None and not other.ended():
                    heappush(self._behind, (other.due, self._passed, Running(one.judged, other)))
        while self._behind and self._behind[0][2].clock.state(now) is not ClockState.RUNNING:
            heappop(self._behind)
        both = [one] if one is not None else []
        both += [entry[2] for entry in self._behind[:1]]
        return min(both, key=lambda each: each.clock.due or now, default=None)

    def _take(self, board: Board) -> None:
        if board.tickets is not self._tickets:
            self._begin(board.tickets)

    def _find(self, index: int) -> Running | None:
        while len(self._found) <= index and self._read < len(self._tickets):
            judged = self._tickets[self._read]
            clock = judged.next_clock()
            if clock is None:
                # Those that are not due stand behind all others.
                self._read = len(self._tickets)
                break
            self._read += 1
            if not judged.held:
                self._found.append(Running(judged, clock))
        return self._found[index] if 0 <= index < len(self._found) else None
