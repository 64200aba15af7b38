"""What was asked for and is not confirmed yet, so that it shows at once."""

from dataclasses import dataclass

from sla_console.domain.board import Board
from sla_console.domain.breach import BreachState, SLABreach


@dataclass(frozen=True, slots=True)
class _Mark:
    ticket_id: str
    word: str
    state: BreachState
    answered: bool = False


class Pending:
    """Marks by breach id; a mark goes when a board shows the change, or the change failed."""

    def __init__(self) -> None:
        self._marks: dict[str, _Mark] = {}

    def begin(self, breaches: tuple[SLABreach, ...], word: str) -> None:
        """Mark these breaches with what was asked."""
        for breach in breaches:
            self._marks[breach.id] = _Mark(breach.ticket_id, word, breach.state)

    def answered(self, breach_ids: tuple[str, ...]) -> None:
        """The service has done it: the next board is the truth."""
        for breach_id in breach_ids:
            mark = self._marks.get(breach_id)
            if mark is not None:
                self._marks[breach_id] = _Mark(mark.ticket_id, mark.word, mark.state, True)

    def undo(self, breach_ids: tuple[str, ...]) -> None:
        """It was not done."""
        for breach_id in breach_ids:
            self._marks.pop(breach_id, None)

    def settle(self, board: Board) -> None:
        """Drop the marks whose change this board shows, or that were answered before it."""
        if not self._marks:
            return
        states = {breach.id: breach.state for breach in board.breaches}
        self._marks = {
            breach_id: mark
            for breach_id, mark in self._marks.items()
            if not mark.answered and states.get(breach_id) is mark.state
        }

    def by_breach(self) -> dict[str, str]:
        """Return the words by breach id."""
        return {breach_id: mark.word for breach_id, mark in self._marks.items()}

    def by_ticket(self) -> dict[str, str]:
        """Return the words by ticket id."""
        return {mark.ticket_id: mark.word for mark in self._marks.values()}
