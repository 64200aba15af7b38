"""The clocks that the composition root hands out: the machine's, and a scaled one."""

import time
from datetime import UTC, datetime, timedelta
from typing import Final

_STEADY: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        """Return this moment as aware UTC."""
        return datetime.now(UTC)

    def elapsed(self) -> timedelta:
        """Return the time since the machine was started, with the time it slept."""
        return timedelta(seconds=time.clock_gettime(_STEADY))

    def real_seconds(self, span: timedelta) -> float:
        """Return ``span`` in seconds, never below zero."""
        return max(0.0, span.total_seconds())


class ScaledClock:
    """Starts at a chosen moment and runs ``speed`` times as fast as the machine's time.

    Counted from the monotonic clock, so a step of the wall clock does not move it.

    Args:
        start: The moment it shows when it is made, aware UTC.
        speed: How many of its seconds pass in a real one; above zero.
    """

    def __init__(self, start: datetime, speed: float = 1.0) -> None:
        self._start = start
        self._speed = speed
        self._origin = time.monotonic()

    def now(self) -> datetime:
        """Return this clock's moment as aware UTC."""
        return self._start + self.elapsed()

    def elapsed(self) -> timedelta:
        """Return how much of this clock's time has passed since it was made."""
        return timedelta(seconds=(time.monotonic() - self._origin) * self._speed)

    def real_seconds(self, span: timedelta) -> float:
        """Return how many real seconds ``span`` of this clock's time takes, never below zero."""
        return max(0.0, span.total_seconds() / self._speed)
