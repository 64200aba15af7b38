"""How targets were met by each technician; ``attribution`` says what belongs to whom."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sla_console.domain.figures.counting import Count, interval_of, times_of
from sla_console.domain.figures.performance import MOSTLY, known, shared_with, ticket_trend
from sla_console.domain.figures.record import NOBODY, Span, TargetRecord
from sla_console.domain.figures.trend import Trend
from sla_console.domain.sla.breach import BreachType
from sla_console.domain.sla.verdict import Outcome


@dataclass(frozen=True, slots=True)
class TechnicianSLAMetrics:
    """One technician's figures of the targets due in [period_start, period_end)."""

    technician_id: str
    technician_name: str
    total_tickets: int
    """Tickets with such a target, of whose time a share is theirs."""
    sla_compliant_tickets: int
    """Tickets theirs for half of the time or more, with a judged target and none missed."""
    compliance_rate: float | None
    """Percent of judged targets met, 0 to 100, each by its share; None: none was judged."""
    average_response_time: timedelta | None
    """Wall time from creation to first response, where most of the time was theirs."""
    average_resolution_time: timedelta | None
    """Wall time from creation to resolution, where most of the time was theirs."""
    breach_count: int
    """Missed targets of tickets that they had when those fell due."""
    performance_trend: Trend
    """Trend of tickets, by the targets that were theirs for half of the time or more."""
    period_start: datetime
    period_end: datetime
    open_tickets: int = 0
    """Open tickets that they have now."""
    at_risk: int = 0
    """Number of these open tickets that are at risk."""
    median_response_time: timedelta | None = None
    p90_response_time: timedelta | None = None
    median_resolution_time: timedelta | None = None
    p90_resolution_time: timedelta | None = None
    judged: float = 0.0
    """Judged targets, each by its share: what the compliance is a share of."""
    assumed: float = 0.0
    """Part of ``judged`` from before the console first saw the ticket: who had it is assumed."""
    compliance_low: float = 0.0
    """Lower end of the 95 % interval of the compliance (Wilson), in percent."""
    compliance_high: float = 100.0
    responses: int = 0
    """How many the response times are of."""
    resolutions: int = 0
    """How many the resolution times are of."""
    in_doubt: float = 0.0
    """Targets whose verdict is in doubt, each by its share; they are in no percentage."""


PerformanceMetrics = TechnicianSLAMetrics
"""The name of what the engine computes."""
TechnicianMetrics = TechnicianSLAMetrics
"""The name of what the data access fetches."""


def technicians_in(records: Iterable[TargetRecord]) -> dict[str, str]:
    """Return the names of all who have a share of a record, or had its ticket at the verdict."""
    found: dict[str, str] = {}
    for one in records:
        for credit in one.credit:
            found[credit.key] = credit.technician
        if one.assignee is not None and one.outcome is Outcome.MISSED:
            found[one.assignee.key] = one.assignee.technician
    return found


def metrics_by_technician(
    records: Iterable[TargetRecord],
    span: Span,
    now: datetime,
    complete_since: datetime | None = None,
    holding: Mapping[str, tuple[int, int]] | None = None,
    technicians: Mapping[str, str] | None = None,
) -> list[TechnicianSLAMetrics]:
    """Return the figures of every technician: best compliance first, those without any last.

    What nobody had stands at the very end, under the id ``NOBODY``.

    Args:
        records: The records.
        span: Only targets due in it count; it has a start.
        now: The moment.
        complete_since: From when on no ticket is missing; trends look no further back.
        holding: By technician id, how many open tickets they have, and how many are at risk.
        technicians: Names by id of more technicians, who are listed in any case.
    """
    mine: dict[str, list[TargetRecord]] = {}
    breaches: dict[str, int] = {}
    counted = [one for one in records if one.due in span]
    names = {**(technicians or {}), **technicians_in(counted)}
    for one in counted:
        for credit in one.credit:
            mine.setdefault(credit.key, []).append(one)
        if one.outcome is Outcome.MISSED and one.assignee is not None:
            breaches[one.assignee.key] = breaches.get(one.assignee.key, 0) + 1
    found = [
        _metrics(
            (key, name),
            mine.get(key, ()),
            (span.start or now, min(now, span.end or now)),
            complete_since,
            breaches.get(key, 0),
            (holding or {}).get(key, (0, 0)),
        )
        for key, name in names.items()
    ]
    return sorted(
        found,
        key=lambda m: (
            m.technician_id == NOBODY,
            m.compliance_rate is None,
            -(m.compliance_rate or 0.0),
            m.breach_count,
            m.technician_name,
        ),
    )


def _metrics(
    who: tuple[str, str],
    records: Iterable[TargetRecord],
    period: tuple[datetime, datetime],
    complete_since: datetime | None,
    breaches: int,
    holding: tuple[int, int],
) -> TechnicianSLAMetrics:
    key, name = who
    count, assumed = Count(), 0.0
    tickets: set[str] = set()
    own: list[TargetRecord] = []
    timed: dict[BreachType, list[TargetRecord]] = {target: [] for target in BreachType}
    for one in records:
        credit = shared_with(one, key)
        if credit is None:
            continue
        tickets.add(one.key[0])
        count.add(one.outcome, credit.share)
        assumed += credit.assumed * one.judged
        if credit.share >= MOSTLY:
            own.append(one)
        if one.owner == name and one.outcome is not Outcome.OPEN:
            timed[one.target].append(one)
    count = count.whole()
    responses = times_of(known(one.wall for one in timed[BreachType.RESPONSE]))
    resolutions = times_of(known(one.wall for one in timed[BreachType.RESOLUTION]))
    low, high = interval_of(count.met, count.missed)
    missed = {one.key[0] for one in own if one.outcome is Outcome.MISSED}
    judged = {one.key[0] for one in own if one.judged}
    return TechnicianSLAMetrics(
        technician_id=key,
        technician_name=name,
        total_tickets=len(tickets),
        sla_compliant_tickets=len(judged - missed),
        compliance_rate=count.compliance,
        average_response_time=responses.average,
        average_resolution_time=resolutions.average,
        breach_count=breaches,
        performance_trend=ticket_trend(
            [(one, one.outcome) for one in own], complete_since=complete_since
        ),
        period_start=period[0],
        period_end=period[1],
        open_tickets=holding[0],
        at_risk=holding[1],
        median_response_time=responses.median,
        p90_response_time=responses.p90,
        median_resolution_time=resolutions.median,
        p90_resolution_time=resolutions.p90,
        judged=count.judged,
        assumed=assumed,
        compliance_low=low,
        compliance_high=high,
        responses=responses.count,
        resolutions=resolutions.count,
        in_doubt=count.in_doubt,
    )
