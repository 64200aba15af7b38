"""How promises were kept: by technician, group, client, priority or policy, over a span of time.

Compliance is met / (met + missed); a promise that is still open counts as neither, unless it is
broken already: a broken promise is missed from the moment it breaks. A ticket that was opened again
counts by how its promise ends at last. Times are those of clocks that have stopped, in promised
time (open hours less holds) and in wall time.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sla_console.domain.credit import TechnicianSLAMetrics, owner_of, technician_metrics
from sla_console.domain.hands import Hand
from sla_console.domain.settling import ALL_TIME, Settled, Span, outcome_of, settled_of, verdict_of
from sla_console.domain.sla_clock import JudgedTicket, SLAClock
from sla_console.domain.times import Times, promised_seconds, times_of, wall_seconds
from sla_console.domain.trend import Trend, trend_of, wilson

__all__ = [
    "DIMENSIONS",
    "PerformanceFigures",
    "PerformanceMetrics",
    "TechnicianMetrics",
    "TechnicianSLAMetrics",
    "Times",
    "Trend",
    "figures_by",
    "figures_of",
    "technician_metrics",
    "verdict_of",
]

PerformanceMetrics = TechnicianSLAMetrics
"""The seed's name for what the engine computes."""
TechnicianMetrics = TechnicianSLAMetrics
"""The seed's name for what the data access fetches."""

NONE: Final = "none"
"""Under which tickets without a value stand."""

DIMENSIONS: Final[Mapping[str, Callable[[JudgedTicket], str | None]]] = {
    "technician": lambda judged: judged.ticket.technician,
    "group": lambda judged: judged.ticket.group,
    "client": lambda judged: judged.ticket.client,
    "priority": lambda judged: judged.ticket.priority,
    "policy": lambda judged: judged.policy.name if judged.policy else judged.ticket.sla_name,
}
"""By what figures are told apart: as the ticket stands. By technician it is by time in hands, where
it is known who had it when."""


@dataclass(frozen=True, slots=True)
class PerformanceFigures:
    """The figures of some tickets."""

    tickets: int
    met: int
    missed: int
    open: int
    """Promises without a verdict yet; in neither of the two."""
    compliance: float | None
    """Percent of judged promises kept, 0 to 100; None where none was judged."""
    compliance_low: float
    """Lower end of its 95 % interval (Wilson), in percent."""
    compliance_high: float
    response: Times
    """Promised time to the first response."""
    resolution: Times
    """Promised time to the resolution."""
    response_wall: Times
    """Wall time to the first response."""
    resolution_wall: Times
    """Wall time to the resolution."""
    trend: Trend
    """Of tickets: whether more of the later ones kept all of their promises."""

    @property
    def judged(self) -> int:
        """Promises with a verdict: what the compliance is a share of."""
        return self.met + self.missed

    @property
    def breach_count(self) -> int:
        """Promises that were broken."""
        return self.missed


def figures_of(
    tickets: Iterable[JudgedTicket],
    now: datetime,
    span: Span = ALL_TIME,
    complete_since: datetime | None = None,
) -> PerformanceFigures:
    """Return the figures of some tickets, in whatever order they come.

    Args:
        tickets: The tickets.
        now: The moment.
        span: Only promises settled in it count, and as open those that were so at its end.
        complete_since: From when on no settled ticket is missing; the trend looks no further back.
    """
    count = _Count(now, span, complete_since)
    for judged in tickets:
        count.add(judged, judged.clocks)
    return count.figures()


def figures_by(
    dimension: str,
    tickets: Iterable[JudgedTicket],
    now: datetime,
    span: Span = ALL_TIME,
    hands: Mapping[str, Sequence[Hand]] | None = None,
    complete_since: datetime | None = None,
) -> dict[str, PerformanceFigures]:
    """Return the figures of each group of tickets by its name, in order of the names.

    Promises add up: each is in one group. A ticket that changed hands can count for two technicians.

    Args:
        dimension: One of ``DIMENSIONS``.
        tickets: The tickets; those without a value stand under ``none``.
        now: The moment.
        span: As for ``figures_of``.
        hands: By technician only: who had each ticket when, by its id. Each promise goes, undivided,
            to whoever had the ticket for most of its promised time.
        complete_since: As for ``figures_of``.
    """
    name_of = DIMENSIONS[dimension]
    known = (hands or {}) if dimension == "technician" else {}
    counts: dict[str, _Count] = {}
    for judged in tickets:
        parts = {name_of(judged) or NONE: list(judged.clocks)}
        if had := known.get(judged.ticket.id):
            parts = _by_owner(judged, had, now)
        for name, clocks in parts.items():
            if name not in counts:
                counts[name] = _Count(now, span, complete_since)
            counts[name].add(judged, clocks)
    return {name: counts[name].figures() for name in sorted(counts) if counts[name].tickets}


def _by_owner(
    judged: JudgedTicket, hands: Sequence[Hand], now: datetime
) -> dict[str, list[SLAClock]]:
    names = {hand.technician_id: hand.technician for hand in hands}
    names[judged.ticket.technician_id] = judged.ticket.technician
    parts: dict[str, list[SLAClock]] = {}
    for clock in judged.clocks:
        owner = owner_of(hands, clock, now)
        parts.setdefault(names.get(owner) or owner or NONE, []).append(clock)
    return parts


class _Count:
    """Counts promises one ticket after the other."""

    def __init__(self, now: datetime, span: Span, complete_since: datetime | None) -> None:
        self._now, self._span = now, span
        starts = [at for at in (span.start, complete_since) if at is not None]
        self._trusted = Span(max(starts, default=None), span.end)
        self.tickets = self._met = self._missed = self._open = 0
        self._outcomes: list[tuple[datetime, str, bool]] = []
        self._responses: list[SLAClock] = []
        self._resolutions: list[SLAClock] = []

    def add(self, judged: JudgedTicket, clocks: Sequence[SLAClock]) -> None:
        """Count some promises of a ticket."""
        span = self._span
        counts = span is ALL_TIME
        mine: list[Settled] = []
        others: list[Settled] = []
        unsettled = False
        for clock in judged.clocks:
            settled = settled_of(judged, clock, self._now)
            counted = clock in clocks
            if settled is None:
                unsettled |= clock.due is not None
            else:
                (mine if counted else others).append(settled)
            if not counted:
                continue
            if settled is not None and settled[0] in span:
                self._met += settled[1]
                self._missed += not settled[1]
                counts = True
            elif clock.due is not None and self._was_open(clock, settled):
                self._open += 1
                counts = True
            self._time(judged, clock)
        self.tickets += counts
        outcome = outcome_of(mine, others, still_open=unsettled)
        if outcome is not None and outcome[0] in self._trusted:
            self._outcomes.append((outcome[0], judged.ticket.id, outcome[1]))

    def _was_open(self, clock: SLAClock, settled: Settled | None) -> bool:
        """Return whether a promise had begun by the end of the span and was not settled then."""
        end = self._span.end
        if end is None:
            return settled is None
        begun = clock.started_at is None or clock.started_at < end
        return begun and (settled is None or settled[0] >= end)

    def _time(self, judged: JudgedTicket, clock: SLAClock) -> None:
        if clock.started_at is None or clock.stopped_at is None:
            return
        if clock.stopped_at in self._span:
            stopped = self._responses if clock is judged.response else self._resolutions
            stopped.append(clock)

    def figures(self) -> PerformanceFigures:
        """Return what was counted."""
        judged = self._met + self._missed
        low, high = wilson(self._met, judged)
        return PerformanceFigures(
            tickets=self.tickets,
            met=self._met,
            missed=self._missed,
            open=self._open,
            compliance=100.0 * self._met / judged if judged else None,
            compliance_low=100.0 * low,
            compliance_high=100.0 * high,
            response=times_of(map(promised_seconds, self._responses)),
            resolution=times_of(map(promised_seconds, self._resolutions)),
            response_wall=times_of(map(wall_seconds, self._responses)),
            resolution_wall=times_of(map(wall_seconds, self._resolutions)),
            trend=trend_of([kept for _, _, kept in sorted(self._outcomes)]),
        )
