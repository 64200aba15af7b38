"""Keeps the parts of the engine running: one that fails is shown, logged and started again.

One that hangs does not fail. So each says at every turn of its loop that it has come round, and one
that has not for too long is shown as stuck.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sla_console.domain import fault_points
from sla_console.domain.board import PartHealth
from sla_console.domain.clock import Clock
from sla_console.domain.proof import PART, PART_GOOD_FOR
from sla_console.monitoring.proofs import Proofs

LOG = logging.getLogger(__name__)
_BUDGET: Final = 5
_SPAN: Final = timedelta(minutes=10)
_SOON: Final = 1.0
_LATER: Final = 30.0

Sleep = Callable[[float], Awaitable[None]]
_TURNED: ContextVar[Callable[[], None] | None] = ContextVar("turned", default=None)
"""Notes that the part that runs in this task has come round."""


def turned() -> None:
    """Say that the part which runs here has come round once more, or got on with its work."""
    if (note := _TURNED.get()) is not None:
        note()


@dataclass(slots=True)
class _Part:
    name: str
    work: Callable[[], Awaitable[None]]
    within: timedelta
    running: bool = False
    restarts: int = 0
    last_error: str | None = None
    last_error_at: datetime | None = None
    failures: deque[datetime] = field(default_factory=lambda: deque(maxlen=_BUDGET))


class Supervisor:
    """Runs named parts until told to stop.

    Args:
        clock: The moment of each failure.
        on_change: Called when a part fails or comes back.
        proofs: Where each part proves that it goes on.
        sleep: Waits real seconds.
    """

    def __init__(
        self,
        clock: Clock,
        on_change: Callable[[], None],
        proofs: Proofs,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._clock, self._proofs = clock, proofs
        self._on_change = on_change
        self._sleep = sleep
        self._parts: list[_Part] = []
        self._tasks: list[asyncio.Task[None]] = []

    def add(
        self,
        name: str,
        work: Callable[[], Awaitable[None]],
        within: timedelta = PART_GOOD_FOR,
    ) -> None:
        """Add a part.

        Args:
            name: What it is called.
            work: Runs for ever, and calls ``turned`` at each turn.
            within: Real time within which it comes round, unless it is stuck.
        """
        self._parts.append(_Part(name, work, within))

    def start(self) -> None:
        """Start all parts."""
        self._tasks = [
            asyncio.create_task(self._keep(part), name=part.name) for part in self._parts
        ]

    async def stop(self) -> None:
        """Stop all parts and wait for them."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    def health(self) -> tuple[PartHealth, ...]:
        """Return how each part is."""
        return tuple(
            PartHealth(p.name, p.running, p.restarts, p.last_error, p.last_error_at)
            for p in self._parts
        )

    def note(self, name: str, words: str | None) -> None:
        """Show what went wrong in a part that goes on all the same; None: it is right again."""
        for part in self._parts:
            if part.name == name:
                part.last_error = words
                part.last_error_at = None if words is None else self._clock.now()
        self._on_change()

    async def _keep(self, part: _Part) -> None:
        sign = f"{PART}{part.name}"
        _TURNED.set(lambda: self._proofs.proved(sign))
        self._proofs.expect(sign, part.within)
        while True:
            part.running = True
            try:
                fault_points.hit("part.start")
                await part.work()
                LOG.error("part %s ended by itself; it is started again", part.name)
                part.last_error = "ended by itself"
            except asyncio.CancelledError:
                part.running = False
                raise
            except Exception as error:
                LOG.exception("part %s failed; it is started again", part.name)
                part.last_error = f"{type(error).__name__}: {error}"
            now = self._clock.now()
            part.running, part.last_error_at = False, now
            # Being started again proves nothing; coming round once does.
            self._proofs.failed(
                sign, f"the part {part.name!r} of the engine failed: {part.last_error}"
            )
            part.restarts += 1
            part.failures.append(now)
            self._on_change()
            often = len(part.failures) == _BUDGET and now - part.failures[0] < _SPAN
            await self._sleep(_LATER if often else _SOON)
