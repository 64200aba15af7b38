"""A token bucket: what is used up one by one and grows back with time."""

from datetime import timedelta


class TokenBucket:
    """So many at once, and so many in a stretch of time.

    Args:
        most: How many may be used at once.
        span: In how long all of them grow back.
        now: Elapsed time at the beginning.
    """

    __slots__ = ("_at", "_left", "_most", "_span")

    def __init__(self, most: int, span: timedelta, now: timedelta) -> None:
        self._most, self._span = most, span
        self._left, self._at = float(most), now

    def take(self, now: timedelta) -> bool:
        """Use one up; return False if none is left."""
        if self.wait(now):
            return False
        self._left -= 1
        return True

    def wait(self, now: timedelta) -> timedelta:
        """Return in how long there is one to use; zero: at once."""
        grown = max(timedelta(), now - self._at) / self._span * self._most
        self._left, self._at = min(float(self._most), self._left + grown), now
        return max(0.0, 1 - self._left) / self._most * self._span
