"""What all screens show: one value a moment, made by the app, read by everything else."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from sla_console.domain.board import Board
from sla_console.domain.breach import SLABreach
from sla_console.ui.pending import Pending


@dataclass(frozen=True, slots=True)
class Shown:
    """The board in hand and the moment it is looked at."""

    board: Board
    now: datetime
    pending: Pending
    failure: BaseException | None = None
    """What ended the engine."""

    @property
    def loading(self) -> bool:
        """Whether there was no board yet."""
        return self.board.made_at is None and not self.board.tickets

    def breaches_of(self, ticket_id: str) -> tuple[SLABreach, ...]:
        """Return the breaches of one ticket that are not resolved."""
        return tuple(breach for breach in self.board.breaches if breach.ticket_id == ticket_id)


@runtime_checkable
class Follower(Protocol):
    """A dialog that goes on showing the truth while it is open."""

    def board_arrived(self, board: Board) -> None:
        """Show a new board."""
        ...

    def tick(self) -> None:
        """Show a new moment."""
        ...
