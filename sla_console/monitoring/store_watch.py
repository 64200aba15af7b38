"""Looks after the store while the engine runs: what is wrong with it is said, and survived."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

from sla_console.alerting.concerns import Concern
from sla_console.domain.sla.breach import SLABreach
from sla_console.domain.store_state import StoreState
from sla_console.monitoring.leadership import Leadership
from sla_console.monitoring.ports import StorePort
from sla_console.monitoring.supervisor import turned
from sla_console.monitoring.sync import Synchroniser
from sla_console.monitoring.tracker import TicketTracker

LOG = logging.getLogger(__name__)
_LOOK_SECONDS: Final = 2.0
_PATIENCE: Final = 10
"""Looks at a store in trouble after which a console that follows asks whether anybody monitors."""


class StoreWatch:
    """Asks the store how it is, every two seconds and whenever it failed somebody.

    Args:
        records: The store.
        leadership: Who monitors: that console alone goes on in memory.
        sync: Takes up what there is to say of the store.
        tracker: Knows what is open, where the store cannot be read.
        on_change: Called when there is something new to say.
    """

    def __init__(
        self,
        records: StorePort,
        leadership: Leadership,
        sync: Synchroniser,
        tracker: TicketTracker,
        on_change: Callable[[], None],
    ) -> None:
        self._records, self._leadership = records, leadership
        self._sync, self._tracker, self._on_change = sync, tracker, on_change
        self.state = StoreState()
        """How the store was when it was looked at last."""
        self._troubled = 0
        """Looks in a row at which it was in trouble."""

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await self.step()
            # What the look itself ran into is no reason to look again at once, and for ever.
            self._records.faulted.clear()
            turned()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_SECONDS):
                    await self._records.faulted.wait()

    async def step(self) -> bool:
        """Look once; return whether there is something new to say."""
        before, breaches = self.state, self._tracker.incidents.all()
        state = await self._records.look(leading=await self._may_lead())
        self._troubled = 0 if state.trouble is None else self._troubled + 1
        if state == before:
            return False
        if state.in_memory and not before.in_memory:
            await self._remember(breaches)
        if state.in_memory is not before.in_memory:
            if self._leadership.leading:
                await self._leadership.claim()
            await self._tracker.reload_breaches()
        self.state = state
        self._sync.store_concerns = self._concerns()
        self._on_change()
        return True

    async def _may_lead(self) -> bool:
        """Return whether this console monitors, or nobody can: a double alert is better than none."""
        if self._leadership.leading:
            return True
        stuck = self._troubled >= _PATIENCE and not self._records.led_elsewhere()
        return stuck and await self._leadership.nobody_leads()

    def _concerns(self) -> dict[str, Concern]:
        found = {}
        if self.state.trouble is not None:
            # Without the path, which leaves no room on a small screen and is shown elsewhere.
            words = self.state.trouble.removeprefix(f"{self._records.path}: ").removesuffix(".")
            headline = (
                "The database cannot be used"
                if self.state.in_memory
                else "The database is in trouble"
            )
            found["store"] = Concern(headline, words, timedelta())
        if self.state.setback is not None:
            found["setback"] = Concern("The database has lost changes", self.state.setback)
        return found

    async def _remember(self, breaches: Sequence[SLABreach]) -> None:
        """Put what the engine itself knows into the memory that stands in for the store.

        Args:
            breaches: Those it knew while it could still read them.
        """
        known = {one.id for one in await self._records.breaches.load_active()}
        missing = [one for one in breaches if one.id not in known]
        await self._records.record_breaches([(one, (), None) for one in missing], None)
        there = {one.id for one in await self._records.tickets.load_open()}
        rows = [judged.ticket for judged in self._tracker.board.tickets()]
        await self._records.tickets.save([one for one in rows if one.id not in there], set())
