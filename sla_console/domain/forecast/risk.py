"""How close a promise is to being broken, in four words."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class RiskLevel(StrEnum):
    """Breach risk, lowest first; compare with ``rank``."""

    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"
    CRITICAL = "CRITICAL"

    @property
    def rank(self) -> int:
        """0 for LOW to 3 for CRITICAL."""
        return _RANK[self]


_RANK = {level: rank for rank, level in enumerate(RiskLevel)}


@dataclass(frozen=True, slots=True)
class RiskThresholds:
    """Where a running clock becomes MEDIUM, HIGH and CRITICAL.

    Shares are of the target consumed (1.0 is due). Where the target is not known, only the time
    left counts.
    """

    medium_share: float = 0.5
    high_share: float = 0.75
    critical_share: float = 0.9
    high_left: timedelta = timedelta(minutes=60)
    critical_left: timedelta = timedelta(minutes=15)


def risk_of(
    *, breached: bool, consumed: float | None, left: timedelta | None, thresholds: RiskThresholds
) -> RiskLevel:
    """Return the risk of one running clock.

    Args:
        breached: The due time has passed.
        consumed: Share of the target used up, None if the target is unknown.
        left: Promised time left, None if there is no due time.
        thresholds: Where the levels begin.
    """
    if breached:
        return RiskLevel.CRITICAL
    if left is None:
        return RiskLevel.LOW
    share = -1.0 if consumed is None else consumed
    if share >= thresholds.critical_share or left <= thresholds.critical_left:
        return RiskLevel.CRITICAL
    if share >= thresholds.high_share or left <= thresholds.high_left:
        return RiskLevel.HIGH
    if share >= thresholds.medium_share:
        return RiskLevel.MEDIUM
    return RiskLevel.LOW
