"""How promises were kept by each technician, by time in hands.

- A promise counts for a technician by the share of its promised time, from start to stop or the end
  of the period, in which they had the ticket (``domain.hands``). The shares of all technicians and
  of nobody add up to 1, so all of them together have judged each promise once.
- A breach is whole, and whoever had the ticket when its due time came has it: they alone could still
  have kept the promise. What nobody had then is nobody's.
- Response and resolution times are those of whoever had the ticket at the answer or the resolution,
  and whoever took it in that instant.
- Time before the console first saw a ticket goes to whoever had it then; ``assumed`` says how much
  of the credit rests on that.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sla_console.domain.hands import Hand, assumed_share, holder_at, shares_of
from sla_console.domain.judgement import SEEN_AT_ONCE
from sla_console.domain.settling import Settled, Span, outcome_of, settled_of
from sla_console.domain.sla_clock import JudgedTicket, SLAClock
from sla_console.domain.times import times_of, wall_seconds
from sla_console.domain.trend import Trend, trend_of, wilson

NOBODY: Final = ""
"""The id under which the figures of nobody stand: of tickets while they were not assigned."""
NOBODY_NAME: Final = "unassigned"

_MOSTLY: Final = 0.5
"""Share of a promise's time from which it counts as somebody's own in whole numbers."""


@dataclass(frozen=True, slots=True)
class TechnicianSLAMetrics:
    """One technician's figures of the promises settled in [period_start, period_end)."""

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
    """Of tickets, by the promises that were in hand for half of the time or more."""
    period_start: datetime
    period_end: datetime
    open_tickets: int = 0
    at_risk: int = 0
    median_response_time: timedelta | None = None
    p90_response_time: timedelta | None = None
    median_resolution_time: timedelta | None = None
    p90_resolution_time: timedelta | None = None
    judged: float = 0.0
    """Judged promises, each by its time in hands: what the compliance is a share of."""
    assumed: float = 0.0
    """Of those, what was before the console first saw the ticket: nobody knows who had it."""
    compliance_low: float = 0.0
    """Lower end of the 95 % interval of the compliance (Wilson), in percent."""
    compliance_high: float = 100.0
    responses: int = 0
    """How many the response times are of."""
    resolutions: int = 0
    """How many the resolution times are of."""


def technician_metrics(
    technician_id: str,
    technician_name: str,
    tickets: Iterable[JudgedTicket],
    period_start: datetime,
    now: datetime,
    at_risk: int = 0,
    hands: Mapping[str, Sequence[Hand]] | None = None,
    first_seen: Mapping[str, datetime] | None = None,
    period_end: datetime | None = None,
    complete_since: datetime | None = None,
) -> TechnicianSLAMetrics:
    """Return one technician's figures from the tickets that were in hand at some time.

    Args:
        technician_id: Whose figures; ``NOBODY`` for the time in which nobody had a ticket.
        technician_name: As shown.
        tickets: The tickets that were open, or ended, since the start of the period.
        period_start: Promises settled before it do not count.
        now: The moment.
        at_risk: How many in hand are at risk.
        hands: Who had each ticket when, by its id; whoever has one that is not there had it always.
        first_seen: When each ticket was first seen, by its id; None: from its creation on.
        period_end: Promises settled then or later do not count; None: all do, up to now.
        complete_since: From when on no settled ticket is missing. Before it only those are known
            that are still open, which would make a trend of nothing.
    """
    ends = min(now, period_end or now)
    period = Span(period_start, period_end)
    whose = technician_id or None
    total = compliant = breaches = still_open = 0
    kept_weight = judged_weight = assumed = 0.0
    responses: list[float] = []
    resolutions: list[float] = []
    outcomes: list[tuple[datetime, str, bool]] = []
    for judged in tickets:
        known = (hands or {}).get(judged.ticket.id) or _always(judged, first_seen or {})
        total += 1
        still_open += not judged.resolution.ended() and known[-1].technician_id == whose
        mine: list[Settled] = []
        others: list[Settled] = []
        unsettled = False
        for clock, times in ((judged.response, responses), (judged.resolution, resolutions)):
            stopped = clock.stopped_at
            if stopped is not None and stopped in period and holder_at(known, stopped) == whose:
                times.append(wall_seconds(clock))
            settled = settled_of(judged, clock, now)
            if settled is None:
                unsettled |= clock.due is not None
                continue
            share, guessed = _credit(known, whose, clock, min(_stop(clock, now), ends))
            (mine if share >= _MOSTLY else others).append(settled)
            at, kept = settled
            if at in period:
                judged_weight += share
                kept_weight += share * kept
                assumed += guessed
                breaches += not kept and holder_at(known, at) == whose
        own = [kept for at, kept in mine if at in period]
        compliant += bool(own) and all(own)
        outcome = outcome_of(mine, others, still_open=unsettled)
        if outcome is not None:
            outcomes.append((outcome[0], judged.ticket.id, outcome[1]))
    trusted = Span(max(period_start, complete_since or period_start), period_end)
    response, resolution = times_of(responses), times_of(resolutions)
    low, high = wilson(kept_weight, judged_weight)
    return TechnicianSLAMetrics(
        technician_id=technician_id,
        technician_name=technician_name,
        total_tickets=total,
        sla_compliant_tickets=compliant,
        compliance_rate=100.0 * kept_weight / judged_weight if judged_weight else None,
        average_response_time=response.average,
        average_resolution_time=resolution.average,
        breach_count=breaches,
        performance_trend=trend_of([kept for at, _, kept in sorted(outcomes) if at in trusted]),
        period_start=period_start,
        period_end=ends,
        open_tickets=still_open,
        at_risk=at_risk,
        median_response_time=response.median,
        p90_response_time=response.p90,
        median_resolution_time=resolution.median,
        p90_resolution_time=resolution.p90,
        judged=judged_weight,
        assumed=assumed,
        compliance_low=100.0 * low,
        compliance_high=100.0 * high,
        responses=response.count,
        resolutions=resolution.count,
    )


def holders_of(
    judged: JudgedTicket, hands: Mapping[str, Sequence[Hand]] | None = None
) -> dict[str, str]:
    """Return the names of all who had a ticket at some time, nobody included, by their ids."""
    ticket = judged.ticket
    had = {hand.technician_id: hand.technician for hand in (hands or {}).get(ticket.id, ())}
    had[ticket.technician_id] = ticket.technician
    return {identity or NOBODY: name or (identity or NOBODY_NAME) for identity, name in had.items()}


def owner_of(hands: Sequence[Hand], clock: SLAClock, now: datetime) -> str | None:
    """Return the id of whoever had a ticket for most of a promise's time.

    Of two who had it alike, whoever had it first.
    """
    if len(hands) == 1 or clock.started_at is None:
        return hands[-1].technician_id
    shares = shares_of(hands, clock.calendar, clock.started_at, _stop(clock, now), clock.holds)
    return max(shares, key=lambda technician: shares[technician])


def _stop(clock: SLAClock, now: datetime) -> datetime:
    return clock.stopped_at or clock.held_since or now


def _always(judged: JudgedTicket, first_seen: Mapping[str, datetime]) -> tuple[Hand, ...]:
    ticket = judged.ticket
    start = first_seen.get(ticket.id) or ticket.created_at or ticket.updated_at
    if start is None:
        start = datetime.min.replace(tzinfo=UTC)
    return (Hand(ticket.technician_id, ticket.technician, start),)


def _credit(
    hands: Sequence[Hand], whose: str | None, clock: SLAClock, stop: datetime
) -> tuple[float, float]:
    """Return somebody's share of a promise's time, and how much of it nobody saw."""
    started = clock.started_at
    if len(hands) == 1:
        share = float(hands[0].technician_id == whose)
    elif started is None:
        share = float(hands[-1].technician_id == whose)
    else:
        share = shares_of(hands, clock.calendar, started, stop, clock.holds).get(whose, 0.0)
    first = hands[0]
    if not share or started is None or first.technician_id != whose:
        return share, 0.0
    if first.start - started <= SEEN_AT_ONCE:
        return share, 0.0
    return share, assumed_share(hands, clock.calendar, started, stop, clock.holds)
