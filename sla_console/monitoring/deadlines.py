"""The next moments that matter, so that nothing has to be looked at in between."""

import heapq
import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sla_console.domain.breach import BreachType
from sla_console.domain.warning import WarningLevel


class Matter(StrEnum):
    """Why a moment matters."""

    WARNING = "warning"
    BREACH = "breach"
    RISK = "risk"


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment in the life of one promise."""

    at: datetime
    ticket_id: str
    target: BreachType
    matter: Matter
    level: WarningLevel | None = None
    """The level reached, of a warning."""


class Deadlines:
    """A queue of moments. A change of one ticket costs the same at any size."""

    def __init__(self) -> None:
        self._queue: list[tuple[datetime, int, int, Deadline]] = []
        self._versions: dict[str, int] = {}
        self._most = 1024
        """Entries beyond which those that no longer count are thrown out."""
        self._counter = itertools.count()

    def __len__(self) -> int:
        return len(self._queue)

    def set(self, ticket_id: str, deadlines: Iterable[Deadline]) -> None:
        """Replace the moments of a ticket; what was queued for it before no longer counts."""
        version = self._versions[ticket_id] = next(self._counter)
        for deadline in deadlines:
            heapq.heappush(self._queue, (deadline.at, next(self._counter), version, deadline))
        if len(self._queue) > self._most:
            self._sweep()

    def forget(self, ticket_id: str) -> None:
        """Drop the moments of a ticket."""
        self._versions.pop(ticket_id, None)

    def due(self, now: datetime) -> list[Deadline]:
        """Take out the moments that have come, in order."""
        found = []
        while self._queue and self._queue[0][0] <= now:
            _, _, version, deadline = heapq.heappop(self._queue)
            if self._versions.get(deadline.ticket_id) == version:
                found.append(deadline)
        return found

    def next(self) -> datetime | None:
        """Return the next moment that counts."""
        while self._queue:
            at, _, version, deadline = self._queue[0]
            if self._versions.get(deadline.ticket_id) == version:
                return at
            heapq.heappop(self._queue)
        return None

    def again(self, deadline: Deadline) -> None:
        """Put back a moment that was taken out but not dealt with."""
        version = self._versions.setdefault(deadline.ticket_id, next(self._counter))
        heapq.heappush(self._queue, (deadline.at, next(self._counter), version, deadline))

    def until(self, moment: datetime) -> list[Deadline]:
        """Return the moments up to ``moment`` that count, in no order; they stay in the queue."""
        found, places = [], [0]
        # The queue is a heap: whatever is below a later moment is later still.
        while places:
            place = places.pop()
            if place >= len(self._queue) or self._queue[place][0] > moment:
                continue
            _, _, version, deadline = self._queue[place]
            if self._versions.get(deadline.ticket_id) == version:
                found.append(deadline)
            places += (2 * place + 1, 2 * place + 2)
        return found

    def _sweep(self) -> None:
        """Throw out what no longer counts, once it outweighs what does."""
        self._queue = [
            entry for entry in self._queue if self._versions.get(entry[3].ticket_id) == entry[2]
        ]
        heapq.heapify(self._queue)
        # Twice what counts, whatever that is: a sweep costs each change the same.
        self._most = 1024 + 2 * len(self._queue)
