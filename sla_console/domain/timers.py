"""One queue of moments, for whatever waits: deadlines of tickets and the timers of breaches."""

import heapq
import itertools
from collections.abc import Iterable
from datetime import datetime
from typing import Generic, Protocol, TypeVar


class Timed(Protocol):
    """Something that is due at a moment."""

    @property
    def at(self) -> datetime:
        """When."""
        ...

    @property
    def name(self) -> str:
        """Name of the timer; all of one name are replaced together."""
        ...


T = TypeVar("T", bound=Timed)


class Timers(Generic[T]):
    """A queue of moments by name; a change of one name costs the same at any size."""

    def __init__(self) -> None:
        self._queue: list[tuple[datetime, int, int, str, T]] = []
        """Moment, a number that rises, the version of the name, the name, what is due."""
        self._versions: dict[str, int] = {}
        self._most = 1024
        """Entries beyond which those that no longer count are thrown out."""
        self._counter = itertools.count()

    def __len__(self) -> int:
        return len(self._queue)

    def set(self, name: str, moments: Iterable[T]) -> None:
        """Replace the moments of a name; what was queued for it before no longer counts."""
        version = self._versions[name] = next(self._counter)
        for what in moments:
            heapq.heappush(self._queue, (what.at, next(self._counter), version, name, what))
        if len(self._queue) > self._most:
            self._sweep()

    def forget(self, name: str) -> None:
        """Drop the moments of a name."""
        self._versions.pop(name, None)

    def again(self, what: T) -> None:
        """Put back a moment that was taken out but not dealt with."""
        version = self._versions.setdefault(what.name, next(self._counter))
        heapq.heappush(self._queue, (what.at, next(self._counter), version, what.name, what))

    def due(self, now: datetime) -> list[T]:
        """Take out the moments that have come, in order."""
        found = []
        while self._queue and self._queue[0][0] <= now:
            _, _, version, name, what = heapq.heappop(self._queue)
            if self._versions.get(name) == version:
                found.append(what)
        return found

    def next(self) -> datetime | None:
        """Return the next moment that counts."""
        while self._queue:
            at, _, version, name, _ = self._queue[0]
            if self._versions.get(name) == version:
                return at
            heapq.heappop(self._queue)
        return None

    def until(self, moment: datetime) -> list[T]:
        """Return the moments up to ``moment`` that count, in no order; they stay in the queue."""
        found, places = [], [0]
        # The queue is a heap: whatever is below a later moment is later still.
        while places:
            place = places.pop()
            if place >= len(self._queue) or self._queue[place][0] > moment:
                continue
            _, _, version, name, what = self._queue[place]
            if self._versions.get(name) == version:
                found.append(what)
            places += (2 * place + 1, 2 * place + 2)
        return found

    def _sweep(self) -> None:
        """Throw out what no longer counts, once it outweighs what does."""
        self._queue = [one for one in self._queue if self._versions.get(one[3]) == one[2]]
        heapq.heapify(self._queue)
        # Twice what counts, whatever that is: a sweep costs each change the same.
        self._most = 1024 + 2 * len(self._queue)
