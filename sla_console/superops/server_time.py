"""Reads SuperOps' own clock from the ``Date`` of its answers."""

from collections import deque
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from statistics import median
from typing import Final

from sla_console.domain.clock import Clock

_HEARD: Final = 3
_YEARS: Final = range(2020, 2101)
"""Years that an answer can be of; another date says nothing of this machine's clock."""
_HALF_A_SECOND: Final = timedelta(milliseconds=500)
"""A ``Date`` leaves out what is less than a second."""


def date_of(header: str | None) -> datetime | None:
    """Return the moment of a ``Date`` header, None where it is missing or cannot be true."""
    try:
        moment = parsedate_to_datetime(header or "")
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None
    return moment if moment.year in _YEARS else None


class ServerTime:
    """Compares this machine's clock with that of SuperOps.

    What was heard is carried on by time that passed, so that a step of the wall clock shows at
    once, and not only with the next answer.

    Args:
        clock: This machine's.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began: deque[datetime] = deque(maxlen=_HEARD)
        """When this clock began to count, by SuperOps' time, as the last answers say."""
        self.heard_at: timedelta | None = None
        """When the last of them came, by time that passed; None: none did."""

    def heard(self, date: datetime | None) -> None:
        """Take note of an answer's date; None: it had none."""
        if date is not None:
            self.heard_at = self._clock.elapsed()
            self._began.append(date + _HALF_A_SECOND - self.heard_at)

    def offset(self) -> timedelta | None:
        """Return how far this machine's clock is ahead, below zero: behind; None: not known.

        One answer with an odd date, such as one that a proxy kept, does not decide.
        """
        if not self._began:
            return None
        first = self._began[0]
        middle = median((moment - first).total_seconds() for moment in self._began)
        return self._clock.now() - (first + timedelta(seconds=middle) + self._clock.elapsed())
