"""Watches for many tickets of one client or one category at once, and for the end of that."""

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Final

from sla_console.alerting.room import AlertingRoom
from sla_console.domain.alerts.bursts import (
    Burst,
    BurstsView,
    bursts_of,
    followed,
    is_usual,
    number,
)
from sla_console.domain.alerts.usual_rates import (
    LEARN,
    LOOK_BACK,
    Arrival,
    BurstSettings,
    DeskRates,
    GroupKey,
    GroupKind,
)
from sla_console.domain.clock import Clock
from sla_console.domain.people.people import now_called, renames
from sla_console.monitoring.clock_check import ClockCheck
from sla_console.monitoring.history import history_from
from sla_console.monitoring.ports import MetaRecord, StorePort
from sla_console.monitoring.tracker import TicketTracker

if TYPE_CHECKING:
    from pydantic import TypeAdapter

LOG = logging.getLogger(__name__)
_BURSTS: Final = "bursts"
"""Under this name the store keeps what people see, and what was notified."""
_CATEGORIES: Final = "categories known from"
_LEARN_AGAIN: Final = timedelta(hours=6)
_SHORT_AGAIN: Final = timedelta(minutes=10)
_LOOK_AGAIN: Final = timedelta(minutes=1)
_KEPT: Final = 200
"""Tickets of one burst that are kept by name."""


@dataclass(slots=True)
class _Running:
    burst: Burst
    told: bool = True
    tried: int = 0
    """How often a silence or a maintenance window held it back."""
    usual_since: timedelta | None = None
    """Elapsed time since which its count is nothing unusual."""


async def bursts_view(meta: MetaRecord) -> BurstsView:
    """Return what the console that monitors last said about bursts."""
    text = await meta.get(_BURSTS)
    try:
        return _view().validate_json(text) if text else BurstsView()
    except ValueError:
        LOG.warning("what was known of bursts cannot be read; it is looked for them anew")
        return BurstsView()


@cache
def _view() -> "TypeAdapter[BurstsView]":
    from pydantic import TypeAdapter  # noqa: PLC0415 - the first screen is painted before that

    return TypeAdapter(BurstsView)


class BurstWatch:
    """Counts what comes in, and notifies once when a burst begins and once when it is over.

    Args:
        records: The store.
        alerting: Who is notified, and how sensitive the count is.
        check: Whether this machine's clock is right.
        clock: The moment.
        tracker: Knows whether tickets came.
    """

    def __init__(
        self,
        records: StorePort,
        alerting: AlertingRoom,
        check: ClockCheck,
        clock: Clock,
        tracker: TicketTracker,
    ) -> None:
        self._records, self._manager, self._check = records, alerting.manager, check
        self._clock, self._tracker = clock, tracker
        self._settings: BurstSettings = alerting.settings.bursts
        self._zone = alerting.settings.zone
        self._running: dict[GroupKey, _Running] = {}
        self._rates: DeskRates | None = None
        self._learnt_at = self._looked_at = timedelta()
        self._arrived = -1
        self._kept = BurstsView()

    async def begin(self) -> None:
        """Take over what the console that monitored before has notified.

        Raises:
            StoreError: if the store cannot be read or written.
        """
        self._kept = await bursts_view(self._records.meta)
        self._running = {one.key: _Running(one) for one in self._kept.running}
        self._arrived, self._rates = -1, None
        for running in self._running.values():
            # Where it was kept and not queued any more; what is queued already stays as it is.
            running.told = await self._manager.send_burst(running.burst)

    async def step(self) -> bool:
        """Look whether a burst begins or ends; return whether there is something new to send.

        Only tickets that came, and time while one runs or too little is known, are a reason.

        Raises:
            StoreError: if the store cannot be read or written; it is looked again.
        """
        if not self._settings.enabled:
            return await self._end_all("Bursts are no longer looked for.")
        elapsed, arrived = self._clock.elapsed(), self._tracker.arrived
        waits = bool(self._running) and elapsed - self._looked_at >= _LOOK_AGAIN
        short = self._rates is not None and bool(self._rates.short)
        learns = short and elapsed - self._learnt_at >= _SHORT_AGAIN
        if arrived == self._arrived and not waits and not learns:
            return False
        now = self._check.true_now()
        rates = await self._usual(now, elapsed)
        recent = await self._arrivals(now - self._settings.window)
        news = await self._follow(recent, rates, now, elapsed)
        known = [one.burst for one in self._running.values()]
        for burst in bursts_of(recent, rates, now, known):
            running = self._running[burst.key] = _Running(burst)
            # First of all: what is notified and then forgotten would stay open at a pager.
            await self._keep(rates)
            running.told = await self._manager.send_burst(burst)
            news = True
        await self._keep(rates)
        self._arrived, self._looked_at = arrived, elapsed
        return news

    async def _follow(
        self, recent: list[Arrival], rates: DeskRates, now: datetime, elapsed: timedelta
    ) -> bool:
        """Let what runs go on, or end it where its count has been usual for a whole window."""
        news = False
        for key, one in list(self._running.items()):
            burst, count = followed(one.burst, recent, now)
            one.burst = replace(burst, named=burst.named[:_KEPT])
            if not one.told and not self._manager.mutes_burst(burst):
                one.tried += 1
                one.told = await self._manager.send_burst(one.burst, one.tried)
                news = news or one.told
            if not is_usual(burst, count, rates, now):
                one.usual_since = None
                continue
            one.usual_since = elapsed if one.usual_since is None else one.usual_since
            if elapsed - one.usual_since >= burst.window:
                past = rates.of(key)
                usual = past.usual(key[1], now) if past is not None else burst.usual
                minutes = round(burst.window.total_seconds() / 60)
                why = f"{count} came in the last {minutes} min; usual are {number(usual)}."
                news = await self._end(key, why) or news
        return news

    async def _end_all(self, why: str) -> bool:
        news = False
        for key in list(self._running):
            news = await self._end(key, why) or news
        if news:
            await self._keep(None)
        return news

    async def _end(self, key: GroupKey, why: str) -> bool:
        news = await self._manager.end_burst(self._running[key].burst, why)
        del self._running[key]
        return news

    async def _usual(self, now: datetime, elapsed: timedelta) -> DeskRates:
        """Return what is usual, learnt again now and then."""
        known = self._rates
        again = _SHORT_AGAIN if known is not None and known.short else _LEARN_AGAIN
        if known is not None and elapsed - self._learnt_at < again:
            return known
        begin = await self._known_from(now)
        arrivals = await self._arrivals(now - LOOK_BACK) if min(begin.values()) < now else []
        self._rates = await asyncio.to_thread(
            DeskRates, arrivals, begin, now, self._settings, self._zone
        )
        self._learnt_at = elapsed
        return self._rates

    async def _known_from(self, now: datetime) -> dict[GroupKind, datetime]:
        """Return from when on every ticket is known with what its groups go by."""
        read = await history_from(self._records) or now
        stored = await self._records.meta.get(_CATEGORIES)
        categories = datetime.fromisoformat(stored) if stored else read
        return {GroupKind.CLIENT: read, GroupKind.CATEGORY: max(read, categories)}

    async def _arrivals(self, since: datetime) -> list[Arrival]:
        """Return what came, each client under its name of now."""
        names = renames(await self._records.people.clients())
        found = await self._records.tickets.arrivals(since)
        if not names:
            return found
        return [replace(one, client=now_called(one.client, names)) for one in found]

    async def _keep(self, rates: DeskRates | None) -> None:
        """Store what is so, where it is not what was stored last."""
        note = _note(rates) if rates is not None else ""
        view = BurstsView(tuple(one.burst for one in self._running.values()), note)
        if view != self._kept:
            await self._records.meta.set(_BURSTS, _view().dump_json(view).decode())
            self._kept = view


def _note(rates: DeskRates) -> str:
    """Return why some bursts are not looked for; empty: they are."""
    if not rates.short:
        return ""
    what = "" if len(rates.short) == len(GroupKind) else f" of one {min(rates.short)}"
    days = min(rates.short.values()) // timedelta(days=1)
    return (
        f"Bursts{what} are not looked for yet: tickets are known for {days} of the {LEARN.days} "
        f"days that are needed."
    )
