"""Whether a share that is counted has really changed, without crying wolf on small numbers."""

from collections.abc import Sequence
from enum import StrEnum
from math import comb, sqrt
from typing import Final

_Z: Final = 1.959964
"""Of the standard normal distribution, for 95 percent on two sides."""

_ALPHA: Final = 0.05
_EXACT: Final = 400
"""Tickets up to which the exact test is worked out; above it the interval says the same."""


class Trend(StrEnum):
    """Where performance is going."""

    IMPROVING = "IMPROVING"
    STABLE = "STABLE"
    DECLINING = "DECLINING"


def wilson(kept: float, count: float) -> tuple[float, float]:
    """Return the 95 % interval of a share, each end 0 to 1; (0, 1) where nothing was counted.

    Source: E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference",
    1927. Unlike the usual interval it is honest at small counts and near 0 and 1.
    """
    if count <= 0:
        return 0.0, 1.0
    share, squared = kept / count, _Z * _Z
    middle = share + squared / (2 * count)
    spread = _Z * sqrt(share * (1 - share) / count + squared / (4 * count * count))
    whole = 1 + squared / count
    return max(0.0, (middle - spread) / whole), min(1.0, (middle + spread) / whole)


def trend_of(kept: Sequence[bool]) -> Trend:
    """Return the trend of what was met or missed, in the order in which it was due.

    The earlier half is compared with the later half. It is a trend only if so great a difference
    would come by chance less than one time in twenty: by Fisher's exact test (R. A. Fisher,
    "Statistical Methods for Research Workers", 1934), which is right at any count, and for great
    counts by whether Newcombe's interval of the difference leaves out zero.

    Both take it that one miss says nothing of the next. One day's outage that breaks many tickets
    at once is a change to them, though it may never happen again.

    Args:
        kept: One value a ticket, not a promise (``performance.ticket_trend``), and none left out for
            being slow.
    """
    middle = len(kept) // 2
    before, after = sum(kept[:middle]), sum(kept[middle:])
    sizes = middle, len(kept) - middle
    if not middle or before * sizes[1] == after * sizes[0]:
        return Trend.STABLE
    if len(kept) <= _EXACT:
        changed = fisher(before, sizes[0], after, sizes[1]) < _ALPHA
    else:
        low, high = newcombe(before, sizes[0], after, sizes[1])
        changed = low > 0 or high < 0
    if not changed:
        return Trend.STABLE
    rose = after * sizes[0] > before * sizes[1]
    return Trend.IMPROVING if rose else Trend.DECLINING


def fisher(kept: int, count: int, other_kept: int, other_count: int) -> float:
    """Return how likely two shares differ at least so much if nothing has changed, two-sided."""
    total, whole = kept + other_kept, count + other_count
    ways = [
        comb(count, one) * comb(other_count, total - one)
        for one in range(max(0, total - other_count), min(count, total) + 1)
    ]
    mine = comb(count, kept) * comb(other_count, other_kept)
    return sum(way for way in ways if way <= mine) / comb(whole, total)


def newcombe(kept: int, count: int, other_kept: int, other_count: int) -> tuple[float, float]:
    """Return the 95 % interval of how much greater the other share is.

    Source: R. G. Newcombe, "Interval Estimation for the Difference Between Independent
    Proportions", 1998, method 10, which joins the two Wilson intervals.
    """
    old, new = kept / count, other_kept / other_count
    old_low, old_high = wilson(kept, count)
    new_low, new_high = wilson(other_kept, other_count)
    change = new - old
    return (
        change - sqrt((new - new_low) ** 2 + (old_high - old) ** 2),
        change + sqrt((new_high - new) ** 2 + (old - old_low) ** 2),
    )
