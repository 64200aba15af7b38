"""Who monitors: every console can, one does, and the next takes over when it dies."""

import os
import secrets
import socket
import time
from collections.abc import Callable
from typing import Final

from sla_console.alerting.steps import LeaseTerm
from sla_console.domain import fault_points
from sla_console.domain.errors import StoreError
from sla_console.monitoring.ports import LeaseRecord

TTL_MS: Final = 6_000
RENEW_SECONDS: Final = 2.0


def boot_ms() -> int:
    """Return milliseconds since boot, which no step of the wall clock moves."""
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime_ns(clock) // 1_000_000


class Leadership:
    """One console's claim to the lease.

    Args:
        lease: Where the lease is kept.
        clock_ms: Milliseconds of a clock shared by all who compete.
        term: Where all who write under the lease read its term.
    """

    def __init__(
        self,
        lease: LeaseRecord,
        clock_ms: Callable[[], int] = boot_ms,
        term: LeaseTerm | None = None,
    ) -> None:
        self._lease = lease
        self._clock_ms = clock_ms
        self.me = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
        self.holder: str | None = None
        self.running = False
        """Whether it is claimed again and again; else nobody here wants it."""
        self.seen_term: int | None = None
        """The term of the lease as it was last seen, whoever has it."""
        self._term = term or LeaseTerm()

    @property
    def term(self) -> int | None:
        """The term under which this console leads; None: it follows."""
        return self._term.number

    @property
    def leading(self) -> bool:
        """Whether this console monitors."""
        return self.term is not None

    @property
    def now_ms(self) -> int:
        """The moment of the clock that all who compete share."""
        return self._clock_ms()

    async def look(self) -> bool:
        """Learn who leads without a claim; return whether the lease is in force."""
        lease = await self._lease.current()
        in_force = lease is not None and lease.in_force(self._clock_ms(), TTL_MS)
        self.holder = lease.holder if in_force and lease is not None else None
        self.seen_term = lease.term if in_force and lease is not None else None
        return in_force

    async def claim(self) -> bool:
        """Take or renew the lease; return whether this console leads."""
        fault_points.hit("lease.renew")
        lease = await self._lease.acquire(self.me, self._clock_ms(), TTL_MS)
        self.holder, self.seen_term = lease.holder, lease.term
        self._term.number = lease.term if lease.holder == self.me else None
        return self.leading

    async def nobody_leads(self) -> bool:
        """Return whether the lease has run out, or cannot be read."""
        try:
            lease = await self._lease.current()
        except StoreError:
            return True
        return lease is None or not lease.in_force(self._clock_ms(), TTL_MS)

    def step_down(self) -> None:
        """Follow from now on, because somebody else leads."""
        self._term.number = None

    async def release(self) -> None:
        """Let the next one take over at once."""
        if self.leading:
            fault_points.hit("lease.release")
            await self._lease.release(self.me)
        self._term.number = None
