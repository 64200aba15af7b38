"""Counts of records: the one place where targets are added up.

Compliance is met / (met + missed). What is in doubt is in neither and counted beside them; so is
what is open. A target that was missed and is still owed is missed.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean, median, quantiles
from typing import Final
from zoneinfo import ZoneInfo

from sla_console.domain.figures.record import ALL_TIME, Basis, Span, TargetRecord
from sla_console.domain.figures.trend import wilson
from sla_console.domain.sla.verdict import Outcome

WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

Values = Callable[[TargetRecord], Iterable[tuple[str, float]]]
"""Under which values a record counts, and by how much under each; those add up to 1."""


def dimensions(zone: str) -> Mapping[str, Values]:
    """Return the dimensions by which records can be distinguished.

    Args:
        zone: IANA name; weekday and hour of the due time are read there.
    """
    here = ZoneInfo(zone)
    return {
        "policy": lambda one: ((one.policy, 1.0),),
        "priority": lambda one: ((one.priority, 1.0),),
        "client": lambda one: ((one.client, 1.0),),
        "technician": lambda one: [(credit.technician, credit.share) for credit in one.credit],
        "group": lambda one: ((one.group, 1.0),),
        "request type": lambda one: ((one.request_type, 1.0),),
        "weekday": lambda one: ((WEEKDAYS[one.due.astimezone(here).weekday()], 1.0),),
        "hour": lambda one: ((f"{one.due.astimezone(here).hour:02}", 1.0),),
    }


DIMENSIONS: Final = tuple(dimensions("UTC"))


def compliance_of(met: float, missed: float) -> float | None:
    """Return the percentage that was met of what was judged; None where nothing was."""
    return 100.0 * met / (met + missed) if met + missed else None


def interval_of(met: float, missed: float) -> tuple[float, float]:
    """Return the 95 % interval of a compliance (Wilson), in percent; 0 to 100 of nothing."""
    low, high = wilson(met, met + missed)
    return 100.0 * low, 100.0 * high


@dataclass(slots=True)
class Count:
    """How many targets came to which outcome; fractions where technicians share one."""

    met: float = 0.0
    missed: float = 0.0
    open: float = 0.0
    in_doubt: float = 0.0

    def add(self, outcome: Outcome, share: float = 1.0) -> None:
        """Count a target, or a share of it."""
        match outcome:
            case Outcome.MET:
                self.met += share
            case Outcome.MISSED:
                self.missed += share
            case Outcome.OPEN:
                self.open += share
            case Outcome.IN_DOUBT:
                self.in_doubt += share

    @property
    def judged(self) -> float:
        """Targets that the compliance is a share of."""
        return self.met + self.missed

    @property
    def compliance(self) -> float | None:
        """Percent met of those judged; None where none was."""
        return compliance_of(self.met, self.missed)

    def whole(self) -> "Count":
        """Return the same with sums of shares as the whole numbers that they are but for rounding."""
        return Count(*map(_whole, (self.met, self.missed, self.open, self.in_doubt)))


def _whole(count: float) -> float:
    near = round(count)
    return float(near) if abs(count - near) < 1e-9 * max(1.0, abs(near)) else count


def count_of(records: Iterable[TargetRecord]) -> Count:
    """Return the count of all records, each once."""
    found = Count()
    for one in records:
        found.add(one.outcome)
    return found


def counts_by(
    records: Iterable[TargetRecord],
    values_of: Values,
    span: Span = ALL_TIME,
    basis: Basis = Basis.DUE,
) -> dict[str, Count]:
    """Return the counts by one dimension.

    Args:
        records: The records.
        values_of: The dimension.
        span: Only records of it count.
        basis: By which day a record belongs to it.
    """
    found: dict[str, Count] = {}
    for one in records:
        outcome = one.within(span, basis)
        if outcome is None:
            continue
        for name, share in values_of(one):
            found.setdefault(name, Count()).add(outcome, share)
    return {name: count.whole() for name, count in found.items()}


def weekly(
    records: Iterable[TargetRecord], now: datetime, weeks: int
) -> dict[str, tuple[float | None, ...]]:
    """Return each technician's compliance of the last weeks in percent, oldest first.

    A target belongs to the week in which it is due; weeks end now. None: nothing was judged.
    """
    found: dict[str, list[Count]] = {}
    for one in records:
        week = (now - one.due) // timedelta(days=7)
        if one.due > now or week >= weeks:
            continue
        for credit in one.credit:
            mine = found.setdefault(credit.key, [Count() for _ in range(weeks)])
            mine[-1 - week].add(one.outcome, credit.share)
    return {key: tuple(count.compliance for count in mine) for key, mine in found.items()}


@dataclass(frozen=True, slots=True)
class DurationStats:
    """How long something took. None where nothing was counted."""

    count: int = 0
    average: timedelta | None = None
    median: timedelta | None = None
    p90: timedelta | None = None
    """Nine of ten took no longer."""


def times_of(seconds: Iterable[float]) -> DurationStats:
    """Return the figures of some times, each in seconds.

    Percentiles interpolate between the values (R. J. Hyndman and Y. Fan, "Sample Quantiles in
    Statistical Packages", 1996, type 7; ``statistics.quantiles`` with ``method="inclusive"``).
    """
    values = sorted(seconds)
    if not values:
        return DurationStats()
    return DurationStats(
        len(values),
        timedelta(seconds=fmean(values)),
        timedelta(seconds=median(values)),
        timedelta(seconds=nine_of_ten(values)),
    )


def nine_of_ten(values: Sequence[float]) -> float:
    """Return what nine of ten of some values do not exceed; they are in order, one at least."""
    return quantiles(values, n=10, method="inclusive")[-1] if len(values) > 1 else values[0]


def percent_words(share: float, digits: int = 1) -> str:
    """Return a percentage for people; it reads 100 only if it is all, and 0 only if it is nothing."""
    least = 10.0**-digits
    shown = min(max(share, least), 100.0 - least) if 0.0 < share < 100.0 else share
    return f"{shown:.{digits}f}"
