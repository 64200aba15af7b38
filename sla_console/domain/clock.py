"""The one source of time, passed in wherever time matters.

Only the protocol lives here: the domain never reads a clock itself.
"""

from datetime import datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the moment, and how long to wait in real seconds for another one.

    Simulated time may run faster than real time; everything that shows, stores or compares
    moments uses ``now``, everything that sleeps uses ``real_seconds``.
    """

    def now(self) -> datetime:
        """Return this moment as aware UTC."""
        ...

    def elapsed(self) -> timedelta:
        """Return how much of this clock's time has passed since some moment that stays the same.

        No step of the wall clock moves it, so waits and ages are counted by it.
        """
        ...

    def real_seconds(self, span: timedelta) -> float:
        """Return how many real seconds ``span`` of this clock's time takes; never below zero."""
        ...
