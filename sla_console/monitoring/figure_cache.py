"""Keeps figures that are costly to work out: for a stated time, and only while their data is the same.

Figures change in two ways. What was read from SuperOps changes them at once: then all that is kept is
dropped. Time changes them slowly, as open clocks run on: what is older than ``FRESH`` is still given,
and worked out anew beside; what is older than ``LONGEST`` is not given any more.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from sla_console.domain.board import FigureCacheHealth
from sla_console.domain.clock import Clock

LOG = logging.getLogger(__name__)
FRESH: Final = timedelta(seconds=30)
"""Figures of this age are renewed when somebody asks for them."""
LONGEST: Final = timedelta(minutes=5)
"""No figure is given that is older."""
_NOW: Final = timedelta(minutes=1)
"""A span that ends so close to the moment is one up to now."""
_MOST: Final = 200
"""Entries that are kept; the oldest go first."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Entry:
    value: Any
    at: datetime


class FigureCache:
    """Gives figures that were worked out lately, and works out the others once for all who ask.

    Args:
        clock: The moment.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._entries: dict[Hashable, _Entry] = {}
        self._making: dict[Hashable, asyncio.Task[Any]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._version = 0
        self._hits = self._misses = self._renewals = self._drops = 0

    async def get(self, key: Hashable, make: Callable[[], Awaitable[T]]) -> T:
        """Return figures by what was asked for.

        Args:
            key: What was asked for, whole.
            make: Works them out.

        Raises:
            Exception: whatever ``make`` raises, where nothing is kept.
        """
        entry, now = self._entries.get(key), self._clock.now()
        age = None if entry is None else now - entry.at
        if entry is not None and age is not None and timedelta() <= age < LONGEST:
            self._hits += 1
            if age >= FRESH and key not in self._making:
                self._renewals += 1
                self._begin(key, make).add_done_callback(_look_at)
            found: T = entry.value
            return found
        self._misses += 1
        # Whoever gives up waiting takes it from nobody else who waits for the same.
        made: T = await asyncio.shield(self._making.get(key) or self._begin(key, make))
        return made

    def end_of(self, end: datetime) -> datetime | None:
        """Return the end of a span for a key; None for one up to now, whenever that is."""
        return None if abs(self._clock.now() - end) < _NOW else end

    def changed(self) -> None:
        """Drop everything: what the figures rest on is no longer what it was."""
        self._version += 1
        self._drops += bool(self._entries)
        self._entries.clear()
        # What is being worked out may have read both; who asks from now on has it made anew.
        self._making.clear()

    def close(self) -> None:
        """End what is being worked out."""
        for task in self._tasks:
            task.cancel()

    def health(self) -> FigureCacheHealth:
        """Return how often it helped, and how old the oldest figures in it are."""
        oldest = min((entry.at for entry in self._entries.values()), default=None)
        return FigureCacheHealth(
            self._hits, self._misses, self._renewals, self._drops, len(self._entries), oldest
        )

    def _begin(self, key: Hashable, make: Callable[[], Awaitable[T]]) -> asyncio.Task[T]:
        task = asyncio.create_task(self._made(key, make, self._version), name=f"figures {key!r}")
        self._making[key] = task
        self._tasks.add(task)

        def done(ended: asyncio.Task[T]) -> None:
            self._tasks.discard(ended)
            if self._making.get(key) is ended:
                del self._making[key]
            if not ended.cancelled():
                ended.exception()  # it is no news to asyncio where nobody waits any more

        task.add_done_callback(done)
        return task

    async def _made(self, key: Hashable, make: Callable[[], Awaitable[T]], version: int) -> T:
        # They are as old as what they were made of, which was read after this moment.
        at = self._clock.now()
        value = await make()
        if version == self._version:
            self._entries[key] = _Entry(value, at)
            if len(self._entries) > _MOST:
                del self._entries[min(self._entries, key=lambda one: self._entries[one].at)]
        return value


def _look_at(task: "asyncio.Task[Any]") -> None:
    """Note that figures could not be renewed; an error says why after ``LONGEST``."""
    if not task.cancelled() and (error := task.exception()) is not None:
        LOG.warning("figures could not be renewed: %s", error)
