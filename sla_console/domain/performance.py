"""How promises were kept: by technician, group, client, priority or policy, over a span of time.

Compliance is met / (met + missed); a promise that is still open counts as neither, unless it is
broken already: a broken promise is missed from the moment it breaks. Times are those of clocks that
have stopped. Percentiles interpolate between the values (R. J. Hyndman and Y. Fan, "Sample
Quantiles in Statistical Packages", 1996, type 7).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import fmean, median, quantiles
from typing import Final

from sla_console.domain.hands import Hand, holder_at, shares_of
from sla_console.domain.held_time import promised_time
from sla_console.domain.sla_clock import ClockState, JudgedTicket, SLAClock
from sla_console.domain.trend import Trend, trend_of, wilson

__all__ = ["Trend"]

_MOSTLY: Final = 0.5
"""Share of a promise's time from which it counts as somebody's own in whole numbers."""


@dataclass(frozen=True, slots=True)
class Times:
    """How long something took. None where nothing was counted."""

    count: int = 0
    average: timedelta | None = None
    median: timedelta | None = None
    p90: timedelta | None = None
    """Nine of ten took no longer."""


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
    """Lower end of its 95 % interval (Wilson)."""
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

    @property
    def breach_count(self) -> int:
        """Promises that were broken."""
        return self.missed


@dataclass(frozen=True, slots=True)
class TechnicianSLAMetrics:
    """One technician's figures over [period_start, period_end)."""

    technician_id: str
    technician_name: str
    total_tickets: int
    """Tickets that were in hand at some time."""
    sla_compliant_tickets: int
    """Of those in hand for half of the time or more: with a judged promise and none missed."""
    compliance_rate: float | None
    """Percent of judged promises kept, 0 to 100, each by its time in hands; None: none judged."""
    average_response_time: timedelta | None
    """Wall time from creation to first response, of those answered while in hand."""
    average_resolution_time: timedelta | None
    """Wall time from creation to resolution, of those resolved while in hand."""
    breach_count: int
    """Promises that broke while in hand: whoever had the ticket when its due time came."""
    performance_trend: Trend
    period_start: datetime
    period_end: datetime
    open_tickets: int = 0
    at_risk: int = 0
    median_response_time: timedelta | None = None
    p90_response_time: timedelta | None = None
    median_resolution_time: timedelta | None = None
    p90_resolution_time: timedelta | None = None
    judged: float = 0.0
    """Judged promises, each by its time in hands."""


PerformanceMetrics = TechnicianSLAMetrics
"""The seed's name for what the engine computes."""
TechnicianMetrics = TechnicianSLAMetrics
"""The seed's name for what the data access fetches."""

DIMENSIONS: Final[Mapping[str, Callable[[JudgedTicket], str | None]]] = {
    "technician": lambda judged: judged.ticket.technician,
    "group": lambda judged: judged.ticket.group,
    "client": lambda judged: judged.ticket.client,
    "priority": lambda judged: judged.ticket.priority,
    "policy": lambda judged: judged.policy.name if judged.policy else judged.ticket.sla_name,
}
"""By what figures are told apart. By technician, this is whoever has the ticket in the end; credit
by time in hands is ``technician_metrics``."""


def verdict_of(clock: SLAClock, now: datetime) -> bool | None:
    """Return whether a promise was kept; None while it is open."""
    state = clock.state(now)
    if state is ClockState.BREACHED:
        return False
    return True if state is ClockState.MET and clock.ended() else None


def figures_of(tickets: Iterable[JudgedTicket], now: datetime) -> PerformanceFigures:
    """Return the figures of some tickets, in whatever order they come."""
    count = still_open = 0
    verdicts: list[tuple[datetime, str, bool]] = []
    responses: list[SLAClock] = []
    resolutions: list[SLAClock] = []
    for judged in tickets:
        count += 1
        for clock, stopped in ((judged.response, responses), (judged.resolution, resolutions)):
            kept = verdict_of(clock, now)
            if kept is not None:
                at = clock.stopped_at or clock.due or now
                verdicts.append((at, f"{judged.ticket.id} {clock.target}", kept))
            elif clock.due is not None:
                still_open += 1
            if clock.stopped_at is not None and clock.started_at is not None:
                stopped.append(clock)
    verdicts.sort()
    kept_in_order = [kept for _, _, kept in verdicts]
    met = sum(kept_in_order)
    low, high = wilson(met, len(verdicts))
    return PerformanceFigures(
        tickets=count,
        met=met,
        missed=len(verdicts) - met,
        open=still_open,
        compliance=100.0 * met / len(verdicts) if verdicts else None,
        compliance_low=100.0 * low,
        compliance_high=100.0 * high,
        response=_times(map(_promised, responses)),
        resolution=_times(map(_promised, resolutions)),
        response_wall=_times(map(_wall, responses)),
        resolution_wall=_times(map(_wall, resolutions)),
        trend=trend_of(kept_in_order),
    )


def figures_by(
    dimension: str, tickets: Iterable[JudgedTicket], now: datetime
) -> dict[str, PerformanceFigures]:
    """Return the figures of each group of tickets by its name, in order of the names.

    Args:
        dimension: One of ``DIMENSIONS``.
        tickets: The tickets; those without a value stand under ``none``.
        now: The moment.
    """
    groups: dict[str, list[JudgedTicket]] = {}
    for judged in tickets:
        groups.setdefault(DIMENSIONS[dimension](judged) or "none", []).append(judged)
    return {name: figures_of(groups[name], now) for name in sorted(groups)}


def technician_metrics(
    technician_id: str,
    technician_name: str,
    tickets: Iterable[JudgedTicket],
    period_start: datetime,
    now: datetime,
    at_risk: int = 0,
    hands: Mapping[str, Sequence[Hand]] | None = None,
) -> TechnicianSLAMetrics:
    """Return one technician's figures from the tickets that were in hand at some time.

    Args:
        technician_id: Whose figures.
        technician_name: As shown.
        tickets: The tickets.
        period_start: For the record.
        now: The moment, and the end of the period.
        at_risk: How many in hand are at risk.
        hands: Who had each ticket when, by its id; whoever has one that is not there had it always.
    """
    total = compliant = breaches = still_open = 0
    kept_weight = judged_weight = 0.0
    responses: list[float] = []
    resolutions: list[float] = []
    verdicts: list[tuple[datetime, str, bool]] = []
    for judged in tickets:
        mine = (hands or {}).get(judged.ticket.id) or _always(judged)
        total += 1
        still_open += not judged.resolution.ended() and mine[-1].technician_id == technician_id
        own: list[bool] = []
        for clock, times in ((judged.response, responses), (judged.resolution, resolutions)):
            if clock.started_at is None:
                continue
            stop = clock.stopped_at or clock.held_since or now
            if clock.stopped_at is not None and holder_at(mine, stop) == technician_id:
                times.append((clock.stopped_at - clock.started_at).total_seconds())
            kept = verdict_of(clock, now)
            if kept is None or clock.due is None:
                continue
            if not kept:
                breaches += holder_at(mine, clock.due) == technician_id
            share = _share(mine, technician_id, clock, stop)
            judged_weight += share
            kept_weight += share * kept
            if share >= _MOSTLY:
                own.append(kept)
                at = clock.stopped_at or clock.due
                verdicts.append((at, f"{judged.ticket.id} {clock.target}", kept))
        compliant += bool(own) and all(own)
    verdicts.sort()
    response, resolution = _times_of(responses), _times_of(resolutions)
    return TechnicianSLAMetrics(
        technician_id=technician_id,
        technician_name=technician_name,
        total_tickets=total,
        sla_compliant_tickets=compliant,
        compliance_rate=100.0 * kept_weight / judged_weight if judged_weight else None,
        average_response_time=response.average,
        average_resolution_time=resolution.average,
        breach_count=breaches,
        performance_trend=trend_of([kept for _, _, kept in verdicts]),
        period_start=period_start,
        period_end=now,
        open_tickets=still_open,
        at_risk=at_risk,
        median_response_time=response.median,
        p90_response_time=response.p90,
        median_resolution_time=resolution.median,
        p90_resolution_time=resolution.p90,
        judged=judged_weight,
    )


def _always(judged: JudgedTicket) -> tuple[Hand, ...]:
    ticket = judged.ticket
    start = ticket.created_at or ticket.updated_at or judged.resolution.started_at
    if start is None:
        start = datetime.min.replace(tzinfo=UTC)
    return (Hand(ticket.technician_id, ticket.technician, start),)


def _share(hands: Sequence[Hand], technician_id: str, clock: SLAClock, stop: datetime) -> float:
    if len(hands) == 1:
        return float(hands[0].technician_id == technician_id)
    if clock.started_at is None:
        return 0.0
    shares = shares_of(hands, clock.calendar, clock.started_at, stop, clock.holds)
    return shares.get(technician_id, 0.0)


def _promised(clock: SLAClock) -> timedelta:
    if clock.started_at is None or clock.stopped_at is None:
        return timedelta()
    return promised_time(clock.calendar, clock.started_at, clock.stopped_at, clock.holds)


def _wall(clock: SLAClock) -> timedelta:
    if clock.started_at is None or clock.stopped_at is None:
        return timedelta()
    return max(clock.stopped_at - clock.started_at, timedelta())


def _times(spans: Iterable[timedelta]) -> Times:
    return _times_of([span.total_seconds() for span in spans])


def _times_of(seconds: list[float]) -> Times:
    if not seconds:
        return Times()
    p90 = quantiles(seconds, n=10, method="inclusive")[-1] if len(seconds) > 1 else seconds[0]
    return Times(
        len(seconds),
        timedelta(seconds=fmean(seconds)),
        timedelta(seconds=median(seconds)),
        timedelta(seconds=p90),
    )
