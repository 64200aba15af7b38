"""Reads tickets soon that something outside has named, several with one request.

What names a ticket is believed in nothing else: it only makes this console ask SuperOps earlier.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Final

from sla_console.domain.clock import Clock
from sla_console.domain.errors import SuperOpsError
from sla_console.domain.tickets.reference import referred
from sla_console.domain.tickets.ticket import Ticket
from sla_console.domain.token_bucket import TokenBucket
from sla_console.monitoring.board import BoardKeeper
from sla_console.monitoring.intake import OnTickets, ReadingOrder
from sla_console.monitoring.leadership import Leadership
from sla_console.monitoring.ports import SuperOpsPort
from sla_console.monitoring.supervisor import turned

LOG = logging.getLogger(__name__)
_MOST: Final = 1_000
"""Tickets that wait at most; the sweep reads what is not among them."""
_AT_ONCE: Final = 50
"""Tickets that one request asks for."""
_SHARE: Final = 5
"""One request of so many that are allowed may be caused from outside."""
_IDLE_SECONDS: Final = 30.0
_GATHER_SECONDS: Final = 0.3
_MINUTE: Final = timedelta(minutes=1)


class NamedTickets:
    """The tickets that were named and not read yet; the same ticket twice is one.

    Args:
        desk: SuperOps.
        order: The order of all requests.
        board: The tickets as they are known.
        clock: The moment.
        on_tickets: Called with tickets as they are now, and the request that brought them.
    """

    def __init__(
        self,
        desk: SuperOpsPort,
        order: ReadingOrder,
        board: BoardKeeper,
        clock: Clock,
        on_tickets: OnTickets,
    ) -> None:
        self._desk, self._order, self._board = desk, order, board
        self._clock, self._on_tickets = clock, on_tickets
        self._waiting: dict[str, None] = {}
        self._named = asyncio.Event()
        self._bucket: TokenBucket | None = None

    def name(self, tickets: Sequence[str]) -> None:
        """Have tickets read soon.

        Args:
            tickets: Their ids or numbers; what is neither costs a request and is forgotten.
        """
        for one in tickets:
            if len(self._waiting) < _MOST:
                self._waiting[one] = None
        self._named.set()

    async def run(
        self,
        leadership: Leadership,
        guarded: Callable[[Callable[[], Awaitable[bool]]], Awaitable[bool]],
    ) -> None:
        """Read what is named, for ever, while this console monitors; another one forgets it.

        Args:
            leadership: Says who monitors.
            guarded: Runs a step of the one that does.
        """
        while True:
            turned()
            try:
                async with asyncio.timeout(_IDLE_SECONDS):
                    await self._named.wait()
            except TimeoutError:
                continue
            # A moment for more of it, and until it may be read.
            await asyncio.sleep(max(_GATHER_SECONDS, self.until_allowed()))
            if leadership.leading:
                await guarded(self.step)
            else:
                self._waiting.clear()
                self._named.clear()

    def until_allowed(self) -> float:
        """Return in how many real seconds the next request is allowed; 0: now."""
        now = self._clock.elapsed()
        if self._bucket is None:
            share = max(1, self._desk.budget.per_minute // _SHARE)
            self._bucket = TokenBucket(share, _MINUTE, now)
        return self._clock.real_seconds(self._bucket.wait(now))

    async def step(self) -> bool:
        """Read the tickets that were named first; return whether any was found.

        Where SuperOps does not answer they are forgotten: the next sweep reads everything.
        """
        batch = list(self._waiting)[:_AT_ONCE]
        for one in batch:
            del self._waiting[one]
        if not self._waiting:
            self._named.clear()
        try:
            return await self._read(batch) > 0 if batch else False
        except SuperOpsError as error:
            LOG.info("tickets that were named from outside could not be read: %s", error)
            return False

    async def _read(self, batch: Sequence[str]) -> int:
        known = [judged.ticket for judged in self._board.tickets()]
        ids = {one: [ticket.id for ticket in referred(one, known)] or [one] for one in batch}
        wanted = list(dict.fromkeys(each for found in ids.values() for each in found))
        self._use_up()
        with self._order.asking() as asked:
            tickets = await self._desk.tickets_by_id(wanted)
            await self._on_tickets(tickets, asked)
        found = {ticket.id for ticket in tickets}
        # A new ticket that was named by the number that people know.
        numbers = [one for one in batch if ids[one] == [one] and one not in found]
        return len(found) + (await self._by_number(numbers) if numbers else 0)

    async def _by_number(self, numbers: Sequence[str]) -> int:
        self._use_up()
        with self._order.asking() as asked:
            tickets: list[Ticket] = await self._desk.tickets_by_number(numbers)
            await self._on_tickets(tickets, asked)
        return len(tickets)

    def _use_up(self) -> None:
        if self._bucket is not None:
            self._bucket.take(self._clock.elapsed())
