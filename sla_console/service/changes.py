"""What changed from one board to the next, in words: a line a change, for ears and for scripts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sla_console.domain.board import Board, SourceState
from sla_console.domain.durations import words
from sla_console.domain.forecast.risk import RiskLevel, RiskThresholds
from sla_console.domain.sla.breach import BreachState, BreachType, SLABreach
from sla_console.domain.sla.sla_clock import ClockState, EvaluatedTicket, SLAClock

_NAMED: Final = 5
"""Changes of one kind told one by one; more at once are told as a number, with the first of them."""


@dataclass(frozen=True, slots=True)
class BoardChange:
    """One thing that is otherwise than before."""

    kind: str
    """``breached``, ``acknowledged``, ``escalated``, ``snoozed``, ``given back``, ``resolved``,
    ``at risk``, ``new``, ``gone``, ``assigned``, ``status``, ``connection`` or ``alerts``."""
    said: str
    ticket_id: str | None = None
    display_id: str | None = None
    client: str | None = None


@dataclass(frozen=True, slots=True)
class _Told:
    """What was last told of a ticket."""

    technician: str | None
    status: str


class ChangeReporter:
    """Compares each board with what was told before.

    Args:
        thresholds: Where a running clock is at risk.
    """

    def __init__(self, thresholds: RiskThresholds) -> None:
        self._thresholds = thresholds
        self._breaches: Mapping[str, SLABreach] = {}
        self._tickets: dict[str, _Told] = {}
        self._risky: set[tuple[str, BreachType]] = set()
        self._connection: SourceState | None = None
        self._dead = 0

    def begin(self, board: Board, now: datetime) -> list[BoardChange]:
        """Return how it stands: the counts, then each breach. Everything else is known from now on."""
        counts = board.counts
        said = (
            f"{counts.open} open, {counts.breached} breached, {counts.unacknowledged} "
            f"unacknowledged, {counts.at_risk} at risk, {counts.held} held"
        )
        found = [BoardChange("counts", said)]
        found += [_of_breach("breached", breach, board, now) for breach in board.breaches]
        self._keep(board, now)
        return found

    def next(self, board: Board, now: datetime) -> list[BoardChange]:
        """Return what is otherwise than on the board before, the most urgent first."""
        found = [
            *self._connections(board, now),
            *self._of_breaches(board, now),
            *self._of_risk(board, now),
            *self._of_tickets(board),
        ]
        self._keep(board, now)
        return _summed(found)

    def _keep(self, board: Board, now: datetime) -> None:
        self._breaches = {breach.id: breach for breach in board.breaches}
        self._tickets = {
            judged.ticket.id: _Told(judged.ticket.technician, judged.ticket.status)
            for judged in board.tickets
        }
        # What was told once is not told again while it wavers about the threshold.
        known = board.by_id
        self._risky = {key for key in self._risky if key[0] in known} | self._risks(board, now)
        self._connection, self._dead = board.health.connection, board.health.alerts_dead

    def _connections(self, board: Board, now: datetime) -> Iterator[BoardChange]:
        health = board.health
        if health.connection is not self._connection:
            age = health.data_age(now)
            old = f", data {words(age)} old" if age is not None else ""
            why = f": {health.message}" if health.message else ""
            yield BoardChange("connection", f"connection {health.connection}{old}{why}")
        if health.alerts_dead > self._dead:
            yield BoardChange(
                "alerts", f"{health.alerts_dead - self._dead} alerts could not be delivered"
            )

    def _of_breaches(self, board: Board, now: datetime) -> Iterator[BoardChange]:
        for breach in board.breaches:
            before = self._breaches.get(breach.id)
            if before is None:
                yield _of_breach("breached", breach, board, now)
            elif before.state is not breach.state:
                yield _of_breach(_STEPS[breach.state], breach, board, now)
        left = {breach.id for breach in board.breaches}
        for breach_id, breach in self._breaches.items():
            if breach_id not in left:
                yield _of_breach("resolved", breach, board, now)

    def _of_risk(self, board: Board, now: datetime) -> Iterator[BoardChange]:
        for ticket_id, target in sorted(self._risks(board, now) - self._risky):
            judged = board.by_id[ticket_id]
            clock = next(one for one in judged.clocks if one.target is target)
            left = clock.remaining(now) or timedelta()
            said = f"at risk: {_name(judged)}, {target.words}, {words(left)} left, {_who(judged)}"
            yield _of_ticket("at risk", said, judged)

    def _risks(self, board: Board, now: datetime) -> set[tuple[str, BreachType]]:
        return {
            (judged.ticket.id, clock.target)
            for judged in board.tickets
            if not judged.held and judged.risk(now, self._thresholds).rank >= RiskLevel.HIGH.rank
            for clock in judged.clocks
            if self._runs_out(judged, clock, now)
        }

    def _runs_out(self, judged: EvaluatedTicket, clock: SLAClock, now: datetime) -> bool:
        return clock is judged.next_clock() and clock.state(now) is ClockState.RUNNING

    def _of_tickets(self, board: Board) -> Iterator[BoardChange]:
        for judged in board.tickets:
            ticket, before = judged.ticket, self._tickets.get(judged.ticket.id)
            if before is None:
                yield _of_ticket("new", f"new: {_name(judged)}, {ticket.subject}", judged)
                continue
            if before.technician != ticket.technician:
                said = f"assigned: {_name(judged)}, {ticket.technician or 'nobody'} now"
                yield _of_ticket("assigned", said, judged)
            if before.status != ticket.status:
                said = f"status: {_name(judged)}, {ticket.status or 'none'} now"
                yield _of_ticket("status", said, judged)
        gone = sum(ticket_id not in board.by_id for ticket_id in self._tickets)
        if gone:
            noun = "ticket" if gone == 1 else "tickets"
            yield BoardChange("gone", f"closed: {gone} {noun}")


_STEPS: Final = {
    BreachState.OPEN: "given back",
    BreachState.ACKNOWLEDGED: "acknowledged",
    BreachState.ESCALATED: "escalated",
    BreachState.SNOOZED: "snoozed",
    BreachState.RESOLVED: "resolved",
}


def _of_breach(kind: str, breach: SLABreach, board: Board, now: datetime) -> BoardChange:
    who = {
        "acknowledged": breach.acknowledged_by,
        "escalated": breach.escalated_by,
    }.get(kind)
    by = f" by {who}" if who else ""
    client = f" {breach.client}" if breach.client else ""
    late = "" if kind == "resolved" else f", {words(_late(breach, board, now))} late"
    number = breach.display_id or breach.ticket_id
    said = (
        f"{kind}{by}: {number}{client}, {breach.breach_type.words}{late}, "
        f"{breach.technician or 'nobody'}"
    )
    return BoardChange(kind, said, breach.ticket_id, number, breach.client)


def _late(breach: SLABreach, board: Board, now: datetime) -> timedelta:
    """Return how late it is: in promised time where its clock is known."""
    judged = board.by_id.get(breach.ticket_id)
    for clock in judged.clocks if judged is not None else ():
        left = clock.remaining(now)
        if clock.target is breach.breach_type and left is not None:
            return abs(min(left, timedelta()))
    return max(now - breach.breach_time, timedelta())


def _of_ticket(kind: str, said: str, judged: EvaluatedTicket) -> BoardChange:
    ticket = judged.ticket
    return BoardChange(kind, said, ticket.id, ticket.display_id, ticket.client)


def _name(judged: EvaluatedTicket) -> str:
    client = judged.ticket.client
    return f"{judged.ticket.display_id} {client}" if client else judged.ticket.display_id


def _who(judged: EvaluatedTicket) -> str:
    return judged.ticket.technician or "nobody"


def _summed(changes: list[BoardChange]) -> list[BoardChange]:
    """Return the changes; many of one kind become one line with a number and the first few."""
    by_kind: dict[str, list[BoardChange]] = {}
    for change in changes:
        by_kind.setdefault(change.kind, []).append(change)
    found: list[BoardChange] = []
    for kind, some in by_kind.items():
        if len(some) <= _NAMED:
            found += some
            continue
        numbers = ", ".join(one.display_id or "" for one in some[:_NAMED])
        found.append(
            BoardChange(
                kind, f"{kind}: {len(some)} at once, {numbers} and {len(some) - _NAMED} more"
            )
        )
    return found
