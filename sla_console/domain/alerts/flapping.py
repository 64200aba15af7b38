"""Promises that break and recover again and again: told once, then hourly, and how they end up."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

OFTEN: Final = 3
"""Times within ``SPAN`` from which it comes and goes."""
SPAN: Final = timedelta(minutes=30)
AGAIN: Final = timedelta(hours=1)
"""After which it is said again that it does."""
REMEMBERED: Final = AGAIN + SPAN
"""How far back breaks matter to whoever takes over the counting."""


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
    last: str = ""
    """Which break was counted last."""
    said: Flap = Flap.NEWS
    """What was to be said of that."""


class FlapWatch:
    """Counts how often each promise breaks. It knows the moments it is told, no clock."""

    def __init__(self) -> None:
        self._lives: dict[str, _Life] = {}

    def recall(self, breaks: Iterable[tuple[str, str, datetime]]) -> None:
        """Take over from whoever counted before.

        Args:
            breaks: The breaks of the last hours, oldest first, each as ``broke`` was told of it.
        """
        self._lives = {}
        for thread, identity, at in breaks:
            self.broke(thread, identity, at)

    def broke(self, thread: str, identity: str, now: datetime) -> Flap:
        """Note that a promise broke, and return what to say of it.

        Args:
            thread: Which promise.
            identity: Which break of it; the one that was counted last is counted once, however
                often it could not be stored.
            now: When.
        """
        life = self._lives.setdefault(thread, _Life())
        if identity != life.last:
            life.last, life.said = identity, _said(life, now)
        return life.said

    def is_muted(self, thread: str, now: datetime) -> bool:
        """Return whether a promise comes and goes, and that was said."""
        life = self._lives.get(thread)
        return life is not None and life.told_at is not None and now - life.broke[-1] <= SPAN

    def was_muted(self, thread: str, identity: str) -> bool:
        """Return whether nothing was said of a break, because it was said before."""
        life = self._lives.get(thread)
        return life is not None and life.last == identity and life.said is Flap.MUTED

    def calmed(self, now: datetime) -> list[str]:
        """Return the promises that came and went and do no more, until each is settled.

        People were told that they would hear no more of it, so they are told how it ended.
        """
        quiet = [thread for thread, life in self._lives.items() if now - life.broke[-1] > SPAN]
        found = [thread for thread in quiet if self._lives[thread].told_at is not None]
        for thread in set(quiet) - set(found):
            del self._lives[thread]
        return found

    def settle(self, thread: str) -> None:
        """Note that people were told how it ended."""
        self._lives.pop(thread, None)


def _said(life: _Life, now: datetime) -> Flap:
    life.broke.append(now)
    often = len(life.broke) == OFTEN and now - life.broke[0] <= SPAN
    if life.told_at is None and not often:
        return Flap.NEWS
    if life.told_at is not None and timedelta() <= now - life.told_at < AGAIN:
        return Flap.MUTED
    life.told_at = now
    return Flap.BEGINS
