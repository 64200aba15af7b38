"""Promises that break and recover again and again: told once, then hourly, and how they end up."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

OFTEN: Final = 3
"""Times within ``SPAN`` from which it comes and goes."""
SPAN: Final = timedelta(minutes=30)
AGAIN: Final = timedelta(hours=1)
"""After which it is said again that it does."""


class Flap(StrEnum):
    """What to say of one more break."""

    NEWS = "news"
    """It is an event like any other."""
    BEGINS = "begins"
    """Say that it comes and goes."""
    MUTED = "muted"
    """That was said."""


@dataclass(slots=True)
class _Life:
    broke: deque[datetime] = field(default_factory=lambda: deque(maxlen=OFTEN))
    told_at: datetime | None = None
    """When it was last said that it comes and goes; None: it does not."""


class FlapWatch:
    """Counts how often each promise breaks. It knows the moments it is told, no clock."""

    def __init__(self) -> None:
        self._lives: dict[str, _Life] = {}

    def broke(self, thread: str, now: datetime) -> Flap:
        """Note that a promise broke, and return what to say of it.

        Args:
            thread: Which promise.
            now: When.
        """
        life = self._lives.setdefault(thread, _Life())
        life.broke.append(now)
        often = len(life.broke) == OFTEN and now - life.broke[0] <= SPAN
        if life.told_at is None:
            if not often:
                return Flap.NEWS
            life.told_at = now
            return Flap.BEGINS
        if now - life.told_at >= AGAIN:
            life.told_at = now
            return Flap.BEGINS
        return Flap.MUTED

    def is_muted(self, thread: str) -> bool:
        """Return whether it was said of a promise that it comes and goes."""
        life = self._lives.get(thread)
        return life is not None and life.told_at is not None

    def calmed(self, now: datetime) -> list[str]:
        """Return the promises that came and went and do no more; each is named once.

        People were told that they would hear no more of it, so they are told how it ended.
        """
        quiet = [thread for thread, life in self._lives.items() if now - life.broke[-1] > SPAN]
        found = [thread for thread in quiet if self._lives[thread].told_at is not None]
        for thread in quiet:
            del self._lives[thread]
        return found
