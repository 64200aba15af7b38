"""What was asked for and is not confirmed yet, so that it shows at once."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sla_console.domain.board import Board
from sla_console.domain.sla.breach import BreachState, SLABreach
from sla_console.domain.tickets.operation import OperationKind, OperationState
from sla_console.domain.tickets.ticket import Ticket

_PATIENCE: Final = timedelta(seconds=20)
"""After which a change that no board shows is no longer claimed."""


@dataclass(frozen=True, slots=True)
class _Mark:
    ticket_id: str
    word: str
    state: BreachState
    answered: bool = False


@dataclass(frozen=True, slots=True)
class _Change:
    shown: str
    since: datetime
    answered: bool = False


class Pending:
    """Marks by breach, and changes by ticket.

    Each goes when a board shows what was asked, or when it failed.
    """

    def __init__(self) -> None:
        self._marks: dict[str, _Mark] = {}
        self._changes: dict[tuple[str, OperationKind], _Change] = {}

    def begin(self, breaches: tuple[SLABreach, ...], word: str) -> None:
        """Mark these breaches with what was asked."""
        for breach in breaches:
            self._marks[breach.id] = _Mark(breach.ticket_id, word, breach.state)

    def answered(self, breach_ids: tuple[str, ...]) -> None:
        """The service has done it: the next board is the truth."""
        for breach_id in breach_ids:
            mark = self._marks.get(breach_id)
            if mark is not None:
                self._marks[breach_id] = replace(mark, answered=True)

    def undo(self, breach_ids: tuple[str, ...]) -> None:
        """It was not done."""
        for breach_id in breach_ids:
            self._marks.pop(breach_id, None)

    def change(
        self, ticket_ids: Iterable[str], kind: OperationKind, shown: str, now: datetime
    ) -> None:
        """Show a value on these tickets that SuperOps does not have yet."""
        for ticket_id in ticket_ids:
            self._changes[ticket_id, kind] = _Change(shown, now)

    def changed(self, ticket_ids: Iterable[str], kind: OperationKind) -> None:
        """The service has taken the change: from now on boards tell of it."""
        for ticket_id in ticket_ids:
            found = self._changes.get((ticket_id, kind))
            if found is not None:
                self._changes[ticket_id, kind] = replace(found, answered=True)

    def unchange(self, ticket_ids: Iterable[str], kind: OperationKind) -> None:
        """The change was not taken."""
        for ticket_id in ticket_ids:
            self._changes.pop((ticket_id, kind), None)

    def settle(self, board: Board, now: datetime) -> None:
        """Drop what this board shows, or what was answered before it."""
        if self._marks:
            states = {breach.id: breach.state for breach in board.breaches}
            self._marks = {
                breach_id: mark
                for breach_id, mark in self._marks.items()
                if not mark.answered and states.get(breach_id) is mark.state
            }
        if self._changes:
            refused = {
                (one.ticket_id, one.kind)
                for one in board.operations
                if one.state is not OperationState.PENDING
            }
            self._changes = {
                key: change
                for key, change in self._changes.items()
                if not (change.answered and key in refused)
                and now - change.since < _PATIENCE
                and not _has(board, *key, change.shown)
            }

    def by_breach(self) -> dict[str, str]:
        """Return the words by breach id."""
        return {breach_id: mark.word for breach_id, mark in self._marks.items()}

    def by_ticket(self) -> dict[str, str]:
        """Return the words by ticket id."""
        return {mark.ticket_id: mark.word for mark in self._marks.values()}

    def changes(self, board: Board) -> dict[str, dict[OperationKind, str]]:
        """Return by ticket id the values that SuperOps does not have yet."""
        found: dict[str, dict[OperationKind, str]] = {}
        for one in board.operations:
            if one.state is OperationState.PENDING:
                found.setdefault(one.ticket_id, {})[one.kind] = one.shown
        for (ticket_id, kind), change in self._changes.items():
            found.setdefault(ticket_id, {})[kind] = change.shown
        return found


def value_of(ticket: Ticket, kind: OperationKind) -> str | None:
    """Return what a ticket has of what an operation changes, in words."""
    match kind:
        case OperationKind.ASSIGN:
            return ticket.technician
        case OperationKind.STATUS:
            return ticket.status
        case OperationKind.PRIORITY:
            return ticket.priority
        case _:
            return None


def _has(board: Board, ticket_id: str, kind: OperationKind, shown: str) -> bool:
    judged = board.by_id.get(ticket_id)
    return judged is None or value_of(judged.ticket, kind) == shown
