"""Fixtures that every room may use: a clock that moves only when told."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings

# A busy machine is no reason for a property to fail.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


class ManualClock:
    """Stands still until ``advance``; what sleeps by it waits no real time."""

    def __init__(self, start: datetime) -> None:
        self._now = start
        self._elapsed = timedelta()

    def now(self) -> datetime:
        return self._now

    def elapsed(self) -> timedelta:
        return self._elapsed

    def real_seconds(self, span: timedelta) -> float:
        return max(0.0, span.total_seconds())

    def advance(self, **span: float) -> datetime:
        self.set(self._now + timedelta(**span))
        return self._now

    def set(self, moment: datetime) -> None:
        """Let time pass until a moment; going back is a step of the wall clock."""
        self._elapsed += max(timedelta(), moment - self._now)
        self._now = moment

    def step(self, **span: float) -> None:
        """Set the wall clock forward or back while no time passes."""
        self._now += timedelta(**span)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 10, 12, 9, 0, tzinfo=UTC))
