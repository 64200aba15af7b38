"""How long things took, summed up.

Percentiles interpolate between the values (R. J. Hyndman and Y. Fan, "Sample Quantiles in
Statistical Packages", 1996, type 7; ``statistics.quantiles`` with ``method="inclusive"``).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from statistics import fmean, median, quantiles

from sla_console.domain.held_time import promised_time
from sla_console.domain.sla_clock import SLAClock


@dataclass(frozen=True, slots=True)
class Times:
    """How long something took. None where nothing was counted."""

    count: int = 0
    average: timedelta | None = None
    median: timedelta | None = None
    p90: timedelta | None = None
    """Nine of ten took no longer."""


def times_of(seconds: Iterable[float]) -> Times:
    """Return the figures of some spans, each in seconds."""
    values = sorted(seconds)
    if not values:
        return Times()
    p90 = quantiles(values, n=10, method="inclusive")[-1] if len(values) > 1 else values[0]
    return Times(
        len(values),
        timedelta(seconds=fmean(values)),
        timedelta(seconds=median(values)),
        timedelta(seconds=p90),
    )


def promised_seconds(clock: SLAClock) -> float:
    """Return the promised time that a stopped clock took, in seconds."""
    if clock.started_at is None or clock.stopped_at is None:
        return 0.0
    passed = promised_time(clock.calendar, clock.started_at, clock.stopped_at, clock.holds)
    return passed.total_seconds()


def wall_seconds(clock: SLAClock) -> float:
    """Return the wall time that a stopped clock took, in seconds.

    An answer before the creation is an impossible order; it took no time.
    """
    if clock.started_at is None or clock.stopped_at is None:
        return 0.0
    return max((clock.stopped_at - clock.started_at).total_seconds(), 0.0)
