"""Levels at which somebody is warned before a promise breaks."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sla_console.domain.sla.sla_clock import SLAClock


@dataclass(frozen=True, slots=True)
class WarningLevel:
    """One level: a percent of the target used, or promised minutes before the due time."""

    percent: int | None = None
    minutes: int | None = None

    def __post_init__(self) -> None:
        """Refuse a level that is both or neither."""
        if (self.percent is None) is (self.minutes is None):
            raise ValueError("a warning level is a percent or minutes, one of them")

    @property
    def key(self) -> str:
        """The level in short, such as ``75%`` or ``30m``; part of a warning's identity."""
        return f"{self.minutes}m" if self.percent is None else f"{self.percent}%"

    def moment(self, clock: SLAClock, target: timedelta | None = None) -> datetime | None:
        """Return when a running clock reaches this level; None if it does not, or is not running.

        A target shorter than the minutes has no such moment.

        Args:
            clock: The clock.
            target: Its ``target_time``, where that is known already.
        """
        if self.percent is not None:
            return clock.moment_of(self.percent / 100, target)
        return clock.moment_with(timedelta(minutes=self.minutes or 0), target)
