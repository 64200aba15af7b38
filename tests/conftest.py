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

    def now(self) -> datetime:
        return self._now

    def real_seconds(self, span: timedelta) -> float:
        return max(0.0, span.total_seconds())

    def advance(self, **span: float) -> datetime:
        self._now += timedelta(**span)
        return self._now

    def set(self, moment: datetime) -> None:
        self._now = moment


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 10, 12, 9, 0, tzinfo=UTC))
