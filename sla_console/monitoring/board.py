"""The one table of all open tickets, and the snapshots of it that are handed out."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from sla_console.alerting.incidents import Incidents
from sla_console.domain.board import Board, Counts, Health
from sla_console.domain.figures.technicians import TechnicianSLAMetrics
from sla_console.domain.forecast.forecast import ForecastCoverage
from sla_console.domain.forecast.risk import RiskLevel, RiskThresholds
from sla_console.domain.sla.breach import PotentialBreach, SLABreach
from sla_console.domain.sla.sla_clock import EvaluatedTicket


class _Kind(StrEnum):
    AT_RISK = "at risk"
    BREACHED = "breached"
    HELD = "held"
    DEGRADED = "degraded"


class BoardKeeper:
    """Keeps the table; a change of one ticket costs the same at any size.

    Args:
        thresholds: Where risk begins, for the counts.
        incidents: The breaches, and where alerting looks the tickets up.
    """

    def __init__(self, thresholds: RiskThresholds, incidents: Incidents | None = None) -> None:
        self._thresholds = thresholds
        self.incidents = incidents or Incidents()
        self._tickets = self.incidents.tickets
        self._due: dict[str, float] = {}
        self._order: list[str] = []
        self._order_is_right = True
        self._gone: set[str] = set()
        """Still in the order, no longer on the board."""
        self._kinds: dict[str, frozenset[_Kind]] = {}
        self._counts: Counter[_Kind] = Counter()
        self._version = 0
        self.technicians: tuple[TechnicianSLAMetrics, ...] = ()
        self.potential: tuple[PotentialBreach, ...] = ()
        self.coverage: ForecastCoverage | None = None
        """Number of clocks that the forecasts rest on; None: there are none yet."""
        self.chances: Mapping[str, float] = {}
        """Greatest probability that a running target of a ticket breaks, by ticket id."""

    def take_forecast(
        self, coverage: ForecastCoverage | None, chances: Mapping[str, float]
    ) -> None:
        """Take over what was foretold.

        Args:
            coverage: Number of clocks that it rests on.
            chances: By ticket id the greatest probability that one of its targets breaks.
        """
        self.coverage, self.chances = coverage, chances

    def __len__(self) -> int:
        return len(self._tickets)

    def __contains__(self, ticket_id: str) -> bool:
        return ticket_id in self._tickets

    def get(self, ticket_id: str) -> EvaluatedTicket | None:
        """Return a ticket's row."""
        return self._tickets.get(ticket_id)

    def tickets(self) -> Iterable[EvaluatedTicket]:
        """Return all rows, in no order."""
        return self._tickets.values()

    def put(self, judged: EvaluatedTicket, now: datetime) -> None:
        """Add or replace a row."""
        ticket_id = judged.ticket.id
        due = judged.next_due()
        key = due.timestamp() if due else float("inf")
        if judged.held:
            key += 1e10  # what waits comes after what runs
        if ticket_id not in self._tickets:
            if ticket_id in self._gone:
                self._gone.remove(ticket_id)
            else:
                self._order.append(ticket_id)
            self._order_is_right = False
        elif key != self._due[ticket_id]:
            self._order_is_right = False
        self._tickets[ticket_id] = judged
        self._due[ticket_id] = key
        self.recount(ticket_id, now)

    def remove(self, ticket_id: str) -> None:
        """Drop a row."""
        if self._tickets.pop(ticket_id, None) is None:
            return
        del self._due[ticket_id]
        self._gone.add(ticket_id)
        self._counts.subtract(self._kinds.pop(ticket_id))

    def recount(self, ticket_id: str, now: datetime) -> None:
        """Count a row again, after a moment has passed that matters to it."""
        judged = self._tickets.get(ticket_id)
        if judged is None:
            return
        kinds = set()
        if judged.held:
            kinds.add(_Kind.HELD)
        if judged.degraded:
            kinds.add(_Kind.DEGRADED)
        if judged.breached(now):
            kinds.add(_Kind.BREACHED)
        elif judged.risk(now, self._thresholds).rank >= RiskLevel.HIGH.rank:
            kinds.add(_Kind.AT_RISK)
        self._counts.subtract(self._kinds.get(ticket_id, ()))
        self._kinds[ticket_id] = frozenset(kinds)
        self._counts.update(kinds)

    def breaches(self) -> list[SLABreach]:
        """Return the breaches that are not resolved; unacknowledged first, then the oldest."""
        return self.incidents.all()

    def snapshot(self, now: datetime, health: Health, counts: Counts | None = None) -> Board:
        """Return the board as it is now, as a value that never changes.

        Args:
            now: The moment.
            health: How the console itself is.
            counts: In place of this table's own, where it holds but a part of all tickets.
        """
        if self._gone:
            self._order = [ticket_id for ticket_id in self._order if ticket_id not in self._gone]
            self._gone.clear()
        if not self._order_is_right:
            self._order.sort(key=self._due.__getitem__)
            self._order_is_right = True
        self._version += 1
        breaches = tuple(self.breaches())
        return Board(
            version=self._version,
            made_at=now,
            tickets=tuple(map(self._tickets.__getitem__, self._order)),
            by_id=MappingProxyType(self._tickets.copy()),
            breaches=breaches,
            technicians=self.technicians,
            potential=self.potential,
            coverage=self.coverage,
            chances=self.chances,
            counts=counts or self._count(breaches),
            health=health,
        )

    def _count(self, breaches: tuple[SLABreach, ...]) -> Counts:
        return Counts(
            open=len(self._tickets),
            at_risk=self._counts[_Kind.AT_RISK],
            breached=self._counts[_Kind.BREACHED],
            unacknowledged=sum(b.acknowledged_by is None for b in breaches),
            held=self._counts[_Kind.HELD],
            degraded=self._counts[_Kind.DEGRADED],
        )
