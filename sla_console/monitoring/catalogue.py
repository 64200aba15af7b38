"""Technicians, clients and sites: each list is read for itself, and a bad one blinds nothing.

What could not be read stays as it was last known, and the gap is said. A client whose hours were
never known is named as such, rather than taken to be open around the clock.
"""

import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final, Protocol, TypeVar

from sla_console.alerting.concerns import Concern
from sla_console.domain.clock import Clock
from sla_console.domain.errors import (
    CannotSignIn,
    RateLimited,
    SuperOpsError,
    Unreachable,
)
from sla_console.domain.people.people import Client, Site, Technician
from sla_console.monitoring.ports import MetaRecord, StorePort, SuperOpsPort
from sla_console.monitoring.readings import Readings

LOG = logging.getLogger(__name__)
_GAPS: Final = "catalogue gaps"
_FIRST_RETRY: Final = timedelta(minutes=1)
_ABSENT: Final = timedelta(hours=1)
"""Entries that a list leaves out are kept this long."""
_HALF: Final = 2
_LISTS: Final = ("sites", "clients", "technicians")
"""The hours first: nothing is judged rightly without them."""


class _Named(Protocol):
    @property
    def id(self) -> str: ...


T = TypeVar("T", bound=_Named)


async def known_gaps(meta: MetaRecord) -> dict[str, str]:
    """Return what could not be read the last time, and why, by the name of the list.

    Raises:
        StoreError: if the store cannot be read.
    """
    stored = await meta.get(_GAPS)
    return dict(json.loads(stored)) if stored else {}


class Catalogue:
    """Reads the three lists and keeps what is known where one of them is bad.

    Args:
        desk: SuperOps.
        records: The store.
        clock: The moment.
        every: How often.
        on_people: Called with technicians, clients and sites when all three were looked at.
        readings: Where it is noted how each list was read.
    """

    def __init__(
        self,
        desk: SuperOpsPort,
        records: StorePort,
        clock: Clock,
        every: timedelta,
        on_people: Callable[[list[Technician], list[Client], list[Site]], Awaitable[None]],
        readings: Readings,
    ) -> None:
        self._desk, self._records, self._clock = desk, records, clock
        self._every, self._on_people, self._readings = every, on_people, readings
        self._next = clock.elapsed()
        self._failures = 0
        self._silent: str | None = None
        """The list that got no answer the last time."""
        self._told: dict[str, str] | None = None
        """Reported gaps of the lists, by list; None: not looked up yet."""
        self._absent: dict[tuple[str, str], timedelta] = {}
        self.gaps: dict[str, str] = {}
        """Why a list is not as it should be, by its name; empty: all is well."""

    async def step(self) -> None:
        """Read the lists where that is due.

        Raises:
            CannotSignIn: if SuperOps refuses the token.
            RateLimited: if the minute's requests are used up.
            StoreError: if they could not be stored.
        """
        if self._clock.elapsed() < self._next:
            return
        people = self._records.people
        if self._told is None:
            self._told = await known_gaps(self._records.meta)
        before = self._told
        gaps: dict[str, str] = {}
        last, self._silent = self._silent, None
        # The one that got no answer the last time comes last: it keeps none of the others waiting.
        for name in sorted(_LISTS, key=lambda one: one == last):
            if self._silent is not None:
                gaps[name] = before.get(name, "it was not asked for")
                self._readings.failed(name, gaps[name])
                continue
            try:
                gap = await self._one(name)
            except (CannotSignIn, RateLimited) as error:
                self._readings.failed(name, str(error))
                raise
            except SuperOpsError as error:
                self._silent = name if isinstance(error, Unreachable) else None
                gap = str(error)
                self._readings.failed(name, gap)
            if gap is not None:
                gaps[name] = gap
        self.gaps = gaps
        self._failures = self._failures + 1 if gaps else 0
        self._next = self._clock.elapsed() + self._wait()
        await self._on_people(
            await people.technicians(), await people.clients(), await people.sites()
        )

    async def recall(self) -> None:
        """Take over what another console said of the lists.

        Raises:
            StoreError: if the store cannot be read.
        """
        self.gaps = self._told = await known_gaps(self._records.meta)

    def concerns(self) -> dict[str, Concern]:
        """Return what the console works without, by the name of the list."""
        found = {
            name: Concern(f"The list of {name} is used as it was last known", why)
            for name, why in self.gaps.items()
        }
        if "sites" in found:
            about = "; clients whose hours were never known are marked"
            found["sites"] = replace(found["sites"], line=self.gaps["sites"].rstrip(".") + about)
        return found

    def try_again(self) -> None:
        """Let bad lists be read again at the next step, as SuperOps could not be read at all."""
        if self.gaps:
            self._next = self._clock.elapsed()
            self.gaps = self._told or {}

    async def tell(self) -> None:
        """Say what is bad about the lists, after SuperOps has shown that it answers otherwise.

        Raises:
            StoreError: if it could not be stored.
        """
        before, self._told = self._told or {}, self.gaps
        if self.gaps == before:
            return
        for name in self.gaps.keys() - before.keys():
            LOG.warning("the list of %s is used as last known: %s", name, self.gaps[name])
        await self._records.meta.set(_GAPS, json.dumps(self.gaps))

    def _wait(self) -> timedelta:
        """Return after how long the lists are read again: at once after the first failure."""
        if not self._failures:
            return self._every
        if self._failures == 1:
            return timedelta()
        waited: timedelta = _FIRST_RETRY * 2 ** min(self._failures - 2, 10)
        return min(self._every, waited)

    async def _one(self, name: str) -> str | None:
        """Read and store one list; return what is odd about it, None if nothing is."""
        people, odd, kept = self._records.people, list[str](), list[str]()
        match name:
            case "technicians":
                known = await people.technicians()
                found = await self._desk.technicians(odd.append)
                await people.save_technicians(self._merged(name, found, known, odd))
            case "clients":
                clients = await self._desk.clients(odd.append)
                await people.save_clients(self._merged(name, clients, await people.clients(), odd))
            case _:
                before = {site.id: site for site in await people.sites()}
                sites = [
                    _with_hours(site, before.get(site.id), kept)
                    for site in await self._desk.sites(odd.append)
                ]
                await people.save_sites(self._merged(name, sites, list(before.values()), odd))
        if odd:
            self._readings.failed(name, "; ".join(odd))
        else:
            self._readings.good(name)
        return "; ".join(dict.fromkeys([*odd, *kept])) or None

    def _merged(self, name: str, found: Sequence[T], known: Sequence[T], odd: list[str]) -> list[T]:
        """Return a list with those who are left out only lately."""
        now = self._clock.elapsed()
        there = {one.id for one in found}
        lost = [one for one in known if one.id not in there]
        if lost and _HALF * len(lost) >= len(known) > 1:
            odd.append(f"SuperOps lists {len(found)} where {len(known)} were known")
            return [*found, *lost]
        for one in found:
            self._absent.pop((name, one.id), None)
        kept = [one for one in lost if now - self._absent.setdefault((name, one.id), now) < _ABSENT]
        return [*found, *kept]


def _with_hours(site: Site, before: Site | None, kept: list[str]) -> Site:
    """Return a site with the hours last known, where it came without any that can be used."""
    if _usable(site) or before is None or not _usable(before):
        return site  # a site that never had any is marked on each of its tickets
    kept.append(f"the hours of site {site.name} cannot be read, so those last known are used")
    return replace(
        site, timezone=before.timezone, hours=before.hours, working_24x7=before.working_24x7
    )


def _usable(site: Site) -> bool:
    try:
        return site.calendar() is not None
    except ValueError:
        return False
