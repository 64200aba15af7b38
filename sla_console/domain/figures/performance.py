"""How targets were met by technician, group, client, priority or policy, over a span of time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sla_console.domain.figures.counting import (
    Count,
    DurationStats,
    compliance_of,
    dimensions,
    interval_of,
    times_of,
)
from sla_console.domain.figures.record import ALL_TIME, Basis, Credit, Span, TargetRecord
from sla_console.domain.figures.trend import Trend, trend_of
from sla_console.domain.sla.breach import BreachType
from sla_console.domain.sla.verdict import Outcome

MOSTLY: Final = 0.5
"""Share of a target's time from which it counts as a technician's own in whole numbers."""


@dataclass(frozen=True, slots=True)
class PerformanceFigures:
    """The figures of some records. Fractions where technicians share a target."""

    tickets: int
    met: float
    missed: float
    open: float
    """Targets without a verdict yet; in neither of the two."""
    in_doubt: float
    """Targets whose verdict is in doubt; in neither of the two."""
    breach_count: int
    """Missed targets; by technician, those whose ticket they had when it fell due."""
    compliance: float | None
    """Percent of judged targets met, 0 to 100; None where none was judged."""
    compliance_low: float
    """Lower end of its 95 % interval (Wilson), in percent."""
    compliance_high: float
    response: DurationStats
    """Counted time to the first response."""
    resolution: DurationStats
    """Counted time to the resolution."""
    response_wall: DurationStats
    """Wall time to the first response."""
    resolution_wall: DurationStats
    """Wall time to the resolution."""
    trend: Trend
    """Trend of tickets: whether more of the later ones met all of their targets."""

    @property
    def judged(self) -> float:
        """Targets with a verdict: what the compliance is a share of."""
        return self.met + self.missed


def figures_by(
    dimension: str,
    records: Iterable[TargetRecord],
    span: Span = ALL_TIME,
    basis: Basis = Basis.DUE,
    complete_since: datetime | None = None,
) -> dict[str, PerformanceFigures]:
    """Return the figures by one dimension, in the order of the names.

    Args:
        dimension: One of ``counting.DIMENSIONS``.
        records: The records.
        span: Only records of it count.
        basis: By which day a record belongs to it.
        complete_since: From when on no ticket is missing; trends look no further back, since
            before it only what is still open is known.
    """
    values_of = dimensions("UTC")[dimension]
    by_technician = dimension == "technician"
    found: dict[str, _Figures] = {}
    for one in records:
        outcome = one.within(span, basis)
        if outcome is None:
            continue
        values = list(values_of(one))
        holder = one.assignee.technician if by_technician and one.assignee else None
        owner = one.owner if by_technician else values[0][0]
        for name, share in values:
            if name not in found:
                found[name] = _Figures(basis, complete_since)
            found[name].add(one, outcome, share, timed=name == owner)
        if outcome is Outcome.MISSED:
            name = holder or values[0][0]
            if name not in found:
                found[name] = _Figures(basis, complete_since)
            found[name].breaches += 1
    return {name: found[name].figures() for name in sorted(found)}


class _Figures:
    """Adds up the records of one value."""

    def __init__(self, basis: Basis, complete_since: datetime | None) -> None:
        self._basis, self._complete_since = basis, complete_since
        self._count = Count()
        self._tickets: set[str] = set()
        self._records: list[tuple[TargetRecord, Outcome]] = []
        self._timed: list[TargetRecord] = []
        self.breaches = 0

    def add(self, one: TargetRecord, outcome: Outcome, share: float, *, timed: bool) -> None:
        """Count a record, or a share of it."""
        self._count.add(outcome, share)
        self._tickets.add(one.key[0])
        if share >= MOSTLY:
            self._records.append((one, outcome))
        if timed and outcome is not Outcome.OPEN:
            self._timed.append(one)

    def figures(self) -> PerformanceFigures:
        """Return what was counted."""
        count = self._count.whole()
        low, high = interval_of(count.met, count.missed)
        times = {
            target: [one for one in self._timed if one.target is target] for target in BreachType
        }
        responses, resolutions = times[BreachType.RESPONSE], times[BreachType.RESOLUTION]
        return PerformanceFigures(
            tickets=len(self._tickets),
            met=count.met,
            missed=count.missed,
            open=count.open,
            in_doubt=count.in_doubt,
            breach_count=self.breaches,
            compliance=compliance_of(count.met, count.missed),
            compliance_low=low,
            compliance_high=high,
            response=times_of(known(one.taken for one in responses)),
            resolution=times_of(known(one.taken for one in resolutions)),
            response_wall=times_of(known(one.wall for one in responses)),
            resolution_wall=times_of(known(one.wall for one in resolutions)),
            trend=ticket_trend(self._records, self._basis, self._complete_since),
        )


def known(values: Iterable[float | None]) -> Iterable[float]:
    """Give the values that are known."""
    return (value for value in values if value is not None)


def ticket_trend(
    records: Iterable[tuple[TargetRecord, Outcome]],
    basis: Basis = Basis.DUE,
    complete_since: datetime | None = None,
) -> Trend:
    """Return whether more of the later tickets met all of their targets.

    The targets of one ticket stand or fall together more often than not, so tickets are counted:
    targets counted one by one would look like twice the evidence. A ticket fails with its first
    miss; it succeeds with its last target, and only once none of them is open.

    Args:
        records: What counts, with the outcome that it counts as.
        basis: Which moment of a record puts the tickets in order.
        complete_since: From when on no ticket is missing.
    """
    missed: dict[str, datetime] = {}
    met: dict[str, datetime] = {}
    unsettled: set[str] = set()
    for one, outcome in records:
        ticket = one.key[0]
        at = one.due if basis is Basis.DUE else one.settled_at or one.due
        if outcome is Outcome.MISSED:
            missed[ticket] = min(at, missed.get(ticket, at))
        elif outcome is Outcome.MET:
            met[ticket] = max(at, met.get(ticket, at))
        else:
            unsettled.add(ticket)
    outcomes = [(at, ticket, False) for ticket, at in missed.items()]
    outcomes += [
        (at, ticket, True)
        for ticket, at in met.items()
        if ticket not in missed and ticket not in unsettled
    ]
    since = complete_since
    return trend_of([kept for at, _, kept in sorted(outcomes) if since is None or at >= since])


def shared_with(one: TargetRecord, key: str) -> Credit | None:
    """Return what a technician has of a record; None: nothing."""
    return next((credit for credit in one.credit if credit.key == key), None)
