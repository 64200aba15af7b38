"""Reading tickets that ended unseen, and removing what is too old to be asked for.

A sweep lists what is open. What was closed before the first start, while no console ran, or between
two sweeps is in none of them, and would be missing from every figure. So changes are read as well:
the latest first, back to where they were read up to before.
"""

import asyncio
import logging
from contextlib import aclosing
from datetime import datetime, timedelta
from typing import Final

from sla_console.domain import fault_points
from sla_console.domain.board import SourceState
from sla_console.domain.clock import Clock
from sla_console.domain.errors import SuperOpsError
from sla_console.domain.tickets.ticket import Phase, StatusPhases, Ticket
from sla_console.monitoring.intake import OnTickets, steady
from sla_console.monitoring.leadership import Leadership
from sla_console.monitoring.ports import StorePort, SuperOpsPort
from sla_console.monitoring.supervisor import turned
from sla_console.monitoring.sync import Synchroniser

LOG = logging.getLogger(__name__)
_READ_TO: Final = "history read to"
_KNOWN_FROM: Final = "history known from"
_EVERY: Final = timedelta(minutes=10)
_AGAIN: Final = timedelta(minutes=2)
_OVERLAP: Final = timedelta(minutes=10)
"""By which the clocks of SuperOps and of this machine may differ."""
_LOOK_SECONDS: Final = 2.0
_PRUNE_SECONDS: Final = 3600.0


async def history_from(records: StorePort) -> datetime | None:
    """Return from when on all tickets that ended are known; None: that was never read."""
    text = await records.meta.get(_KNOWN_FROM)
    return None if text is None else datetime.fromisoformat(text)


async def history_to(records: StorePort) -> datetime | None:
    """Return up to when all tickets that ended are known; None: that was never read."""
    text = await records.meta.get(_READ_TO)
    return None if text is None else datetime.fromisoformat(text)


class HistoryReader:
    """Reads what ended unseen.

    Args:
        desk: SuperOps.
        records: The store.
        clock: The moment.
        sync: Knows whether SuperOps answers.
        phases: Which statuses end a ticket.
        back: How far back the first reading goes; it comes after everything that is open.
        take: Takes tickets in.
    """

    def __init__(
        self,
        desk: SuperOpsPort,
        records: StorePort,
        clock: Clock,
        sync: Synchroniser,
        phases: StatusPhases,
        back: timedelta,
        take: OnTickets,
    ) -> None:
        self._order = sync.order
        self._desk, self._records, self._clock, self._sync = desk, records, clock, sync
        self._phases, self._back, self._take = phases, back, take
        self._next = clock.elapsed()

    async def run(self, leadership: Leadership) -> None:
        """Read now and then while this console leads, for ever."""
        while True:
            if leadership.leading and self._sync.connection is SourceState.LIVE:
                await self.step()
            turned()
            await asyncio.sleep(_LOOK_SECONDS)

    async def step(self) -> bool:
        """Read where it is due; return whether it was read to the end."""
        elapsed = self._clock.elapsed()
        if elapsed < self._next:
            return False
        self._next = elapsed + _AGAIN
        try:
            await self.read()
        except SuperOpsError as error:
            LOG.info("what ended unseen was not read to the end: %s", error)
            return False
        self._next = elapsed + _EVERY
        return True

    async def read(self) -> int:
        """Read all that ended since the last time; return how many tickets were new.

        Raises:
            SuperOpsError: if SuperOps does not answer; it is read anew the next time.
            StoreError: if the store cannot be read or written.
        """
        started, meta = self._sync.clock_check.true_now(), self._records.meta
        before = await history_to(self._records)
        since = started - self._back
        # What was read up to a moment that has not come yet was read by a clock that was wrong.
        if before is not None and before <= started + _OVERLAP:
            since = before - _OVERLAP
        found = 0
        async with aclosing(self._order.pages(self._desk.changed_ticket_pages(since))) as listed:
            async for page, asked in listed:
                fault_points.hit("history.page")
                news = await self._news(page)
                found += len(news)
                await self._take(news, asked)
        # What changed while it was read has moved to a page that was read already: next time.
        await meta.set(_READ_TO, started.isoformat())
        await meta.settle(_KNOWN_FROM, since.isoformat())
        return found

    async def _news(self, page: list[Ticket]) -> list[Ticket]:
        ended = [one for one in page if self._phases.phase(one.status) is Phase.CLOSED]
        known = await self._records.tickets.closed_among([one.id for one in ended])
        same = {one.id: one for one in known}
        return [
            one for one in ended if (old := same.get(one.id)) is None or steady(one, old) != old
        ]


class Retention:
    """Removes what ended too long ago.

    Args:
        records: The store.
        sync: Knows whether SuperOps answers, and whether this machine's clock is right.
        keep: For how long closed tickets and settled messages are kept.
    """

    def __init__(self, records: StorePort, sync: Synchroniser, keep: timedelta) -> None:
        self._records, self._sync, self._keep = records, sync, keep

    async def run(self, leadership: Leadership) -> None:
        """Remove every hour while this console leads, for ever."""
        while True:
            pruned = leadership.leading and await self.step()
            turned()
            await asyncio.sleep(_PRUNE_SECONDS if pruned else _LOOK_SECONDS)

    async def step(self) -> bool:
        """Remove what is too old; return False where it is not certain how late it is.

        Nothing is removed before SuperOps has answered, as it tells whether the clock is right.
        """
        check = self._sync.clock_check
        if self._sync.last_sync is None or not check.can_be_trusted():
            return False
        before = check.true_now() - self._keep
        fault_points.hit("retention.prune")
        await self._records.tickets.prune_closed(before)
        await self._records.outbox.prune(before)
        return True
