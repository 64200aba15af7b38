"""The console's own app on a board whose every countdown is below an hour, so all of them tick."""

import sys
import time
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta

from sla_console.domain.board import Board, Counts, Health, SourceState
from sla_console.domain.proof import Proof, Sign
from sla_console.domain.sla.calendar import BusinessCalendar
from sla_console.domain.sla.evaluation import evaluate
from sla_console.domain.tickets.ticket import StatusPhases, Ticket
from sla_console.ui.run import run_console
from sla_console.ui.session.options import UIOptions

ROWS = 500


class Now:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def elapsed(self) -> timedelta:
        return timedelta(seconds=time.monotonic())

    def real_seconds(self, span: timedelta) -> float:
        return span.total_seconds()


class StillLink:
    """A service that has said all it has to say."""

    failure = None

    def __init__(self, board: Board) -> None:
        self.board = board

    def subscribe(self, callback):
        return lambda: None

    def submit(self, operation):
        return Future()


def board(version: int = 1, later: timedelta = timedelta()) -> Board:
    """A board of tickets whose countdowns are below an hour, or so much later."""
    now = datetime.now(UTC)
    always, phases = BusinessCalendar.always(), StatusPhases.of((), ())
    tickets = tuple(
        evaluate(
            Ticket(
                str(row),
                f"T-{row}",
                f"Ticking subject {row}",
                status="Open",
                priority="High",
                client=f"Client {row}",
                technician=f"Technician {row}",
                created_at=now - timedelta(hours=1),
                response_due=now + later + timedelta(minutes=20, seconds=3 * row),
                resolution_due=now + later + timedelta(minutes=30, seconds=3 * row),
            ),
            None,
            always,
            phases,
        )
        for row in range(ROWS)
    )
    day = timedelta(days=1)
    proofs = tuple(Proof(sign, day, Now().elapsed()) for sign in Sign if sign is not Sign.HEARTBEAT)
    health = Health(SourceState.LIVE, last_sync_at=now, leading=True, proofs=proofs)
    by_id = {judged.ticket.id: judged for judged in tickets}
    return Board(version, now, tickets, by_id, counts=Counts(open=ROWS), health=health)


if __name__ == "__main__":
    later = timedelta(hours=5) if sys.argv[1:] == ["idle"] else timedelta()
    run_console(StillLink(board(later=later)), Now(), "benchmark", UIOptions(title="benchmark"))
