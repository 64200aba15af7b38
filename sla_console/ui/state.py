"""What all screens show: one value a moment, made by the app, read by everything else."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from sla_console.domain.board import Board
from sla_console.domain.sla.breach import SLABreach
from sla_console.ui.actions.pending import Pending
from sla_console.ui.actions.selection import Chosen, Selection


@dataclass(frozen=True, slots=True)
class Shown:
    """The board in hand and the moment it is looked at."""

    board: Board
    now: datetime
    pending: Pending
    failure: BaseException | None = None
    """What ended the engine."""
    muted_until: datetime | None = None
    """The bell is quiet until then; None: it is not."""

    @property
    def loading(self) -> bool:
        """Whether there was no board yet."""
        return self.board.made_at is None and not self.board.tickets

    def breaches_of(self, ticket_id: str) -> tuple[SLABreach, ...]:
        """Return the breaches of one ticket that are not resolved."""
        return tuple(breach for breach in self.board.breaches if breach.ticket_id == ticket_id)

    def selection(self, ticket_id: str) -> Selection | None:
        """Return one ticket as what an action is about, None where it has left the board."""
        judged = self.board.by_id.get(ticket_id)
        if judged is None:
            return None
        ticket = judged.ticket
        return Selection(
            ticket.id, ticket.display_id, ticket.client, ticket.subject, self.breaches_of(ticket.id)
        )


@runtime_checkable
class Follower(Protocol):
    """A dialog that goes on showing the truth while it is open."""

    def board_arrived(self, board: Board) -> None:
        """Show a new board."""
        ...

    def tick(self) -> None:
        """Show a new moment."""
        ...


@runtime_checkable
class DealsWith(Protocol):
    """A dialog about tickets to which something can be done while it is open."""

    def chosen(self) -> Chosen | None:
        """Return the tickets."""
        ...
