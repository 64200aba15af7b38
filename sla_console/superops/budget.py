"""The request budget: never more than the allowed requests in any minute, in a fair order."""

import asyncio
import heapq
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from enum import IntEnum
from itertools import count
from typing import Final

from sla_console.domain.clock import Clock
from sla_console.domain.errors import RateLimited

WINDOW: Final = timedelta(minutes=1)
_LEAST_WAIT: Final = timedelta(seconds=5)
_LONGEST_CLOSURE: Final = timedelta(minutes=10)
_LEAST_SLEEP: Final = 0.001


class Turn(IntEnum):
    """Who is served first; within one turn, whoever came first."""

    PERSON = 0
    """Somebody waits in front of the screen."""
    HOT = 1
    """Tickets close to a breach."""
    SWEEP = 2
    """Reading everything, which may take its time."""
    PAST = 3
    """Reading what is over, for which nobody waits."""


class RequestBudget:
    """Hands out requests: at most ``per_minute`` in any sixty seconds of the clock.

    A sliding window keeps the limit whether SuperOps counts by the minute of the clock or by the
    last sixty seconds. A share is kept back, so that a long sweep never makes a person wait.

    Args:
        per_minute: Requests allowed in a minute.
        clock: Says when a minute has passed; may run faster than real time.
        sleep: Waits real seconds.
        patience: How long in all is waited for a SuperOps that wants no requests; None: for ever.
    """

    def __init__(
        self,
        per_minute: int,
        clock: Clock,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        patience: timedelta | None = None,
    ) -> None:
        if per_minute < 1:
            raise ValueError(f"per_minute: {per_minute} allows nothing; give at least 1")
        self.per_minute = per_minute
        self._clock = clock
        self._sleep = sleep
        self._patience = patience
        self._first_closed: timedelta | None = None
        self._granted: deque[timedelta] = deque()
        self._closed_until: timedelta | None = None
        self._waiting: list[tuple[Turn, int, asyncio.Future[None]]] = []
        self._numbers = count()
        self._pump: asyncio.Task[None] | None = None
        self._kept_back = {
            Turn.PERSON: 0,
            Turn.HOT: per_minute // 10,
            Turn.SWEEP: per_minute // 5,
            Turn.PAST: per_minute // 2,
        }

    def limited_until(self) -> datetime | None:
        """Return until when SuperOps wants no requests; None: it takes them."""
        closed = self._closed(self._now())
        return self._clock.now() + closed if closed else None

    def left(self) -> int:
        """Return how many requests a person could make at once; 0 while closed."""
        now = self._now()
        return 0 if self._closed(now) else max(0, self.per_minute - len(self._granted))

    async def take(self, turn: Turn = Turn.SWEEP) -> None:
        """Wait for one request and use it up.

        Raises:
            RateLimited: if SuperOps wants none for longer than the patience lasts.
        """
        self._check_patience()
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        entry = (turn, next(self._numbers), place)
        heapq.heappush(self._waiting, entry)
        self._serve()
        if not place.done() and (self._waiting[0] is entry or self._idle()):
            # Whoever is now first may have to wait for less than the one the pump sleeps for.
            self._start_pump()
        await place

    def close_until(self, moment: datetime) -> None:
        """Hand out nothing before ``moment``; at most ten minutes, whatever was asked for."""
        now = self._now()
        span = min(moment - self._clock.now(), _LONGEST_CLOSURE)
        if span > self._closed(now):
            self._closed_until = now + span
            self._first_closed = now if self._first_closed is None else self._first_closed
            if self._waiting:
                self._start_pump()

    def close_for_window(self) -> datetime:
        """Close until the next minute of the clock, and return when that is.

        A minute that is almost over is skipped: two clocks never agree to the second, and
        asking again at once only prolongs the refusal.
        """
        now = self._clock.now()
        moment = now.replace(second=0, microsecond=0) + WINDOW
        if moment - now < _LEAST_WAIT:
            moment += WINDOW
        self.close_until(moment)
        return moment

    def _now(self) -> timedelta:
        """Return the moment by time that passed, with what is older than a minute forgotten."""
        now = self._clock.elapsed()
        while self._granted and self._granted[0] <= now - WINDOW:
            self._granted.popleft()
        return now

    def _closed(self, now: timedelta) -> timedelta:
        """Return for how much longer nothing is handed out."""
        return max(timedelta(), (self._closed_until or now) - now)

    def _check_patience(self) -> None:
        now = self._now()
        closed = self._closed(now)
        if not closed or self._patience is None or self._first_closed is None:
            return
        if now + closed - self._first_closed > self._patience:
            until = self._clock.now() + closed
            raise RateLimited(
                f"SuperOps answers no more requests for now, to this console or to others that "
                f"share the account; that is not waited for. Try again after {until:%H:%M:%S} UTC."
            )

    def _wait(self, turn: Turn, now: timedelta) -> timedelta:
        """Return how long this turn has to wait if nobody comes in between."""
        wait = self._closed(now)
        over = len(self._granted) - (self.per_minute - self._kept_back[turn])
        if over >= 0:
            wait = max(wait, self._granted[over] + WINDOW - now)
        return wait

    def _serve(self) -> None:
        """Hand out what may be handed out now, first come first served within a turn."""
        while self._waiting:
            turn, _, place = self._waiting[0]
            if place.done():
                heapq.heappop(self._waiting)
                continue
            now = self._now()
            if self._wait(turn, now) > timedelta():
                return
            heapq.heappop(self._waiting)
            self._granted.append(now)
            place.set_result(None)

    def _idle(self) -> bool:
        return self._pump is None or self._pump.done()

    def _start_pump(self) -> None:
        if self._pump is not None:
            self._pump.cancel()
        self._pump = asyncio.get_running_loop().create_task(self._run(), name="request budget")

    async def _run(self) -> None:
        while self._waiting:
            wait = self._wait(self._waiting[0][0], self._now())
            await self._sleep(max(_LEAST_SLEEP, self._clock.real_seconds(wait)))
            self._serve()
