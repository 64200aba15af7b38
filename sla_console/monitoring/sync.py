"""Asking SuperOps: what to read next, within the budget, and what to make of failure."""

import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sla_console.domain.board import Connection
from sla_console.domain.clock import Clock
from sla_console.domain.errors import CannotSignIn, SuperOpsError
from sla_console.domain.people import Client, Site, Technician
from sla_console.domain.policy import SLAPolicy
from sla_console.domain.readings import TICKETS
from sla_console.domain.ticket import Ticket
from sla_console.monitoring.policies import PolicyWatch
from sla_console.monitoring.ports import Records, ServiceDesk
from sla_console.monitoring.readings import Readings

LOG = logging.getLogger(__name__)
_HOT_AHEAD: Final = timedelta(minutes=30)
_HOT_MOST: Final = 200
_PAGE: Final = 100
_RETRY: Final = (5, 10, 20, 30, 60)
_SIGN_IN_RETRY: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class SyncPlan:
    """How often what is read."""

    hot: timedelta = timedelta(seconds=20)
    open: timedelta = timedelta(seconds=60)
    catalogue: timedelta = timedelta(minutes=30)
    stale_after: timedelta = timedelta(seconds=180)


class Synchroniser:
    """Reads from SuperOps on a plan and hands on what it finds.

    Args:
        desk: SuperOps.
        records: The store.
        clock: The moment.
        plan: How often.
        closed: Names of the statuses that end a ticket.
        on_tickets: Called with tickets as they are now.
        on_gone: Called with the ids of tickets that SuperOps has no more.
        on_people: Called with technicians, clients and sites.
        known: Returns the ids of all tickets that are thought open.
        hot: Returns the ids of the tickets to read again soonest.
        read_policies: Reads the policies from SuperOps, stores them and returns them.
    """

    def __init__(
        self,
        desk: ServiceDesk,
        records: Records,
        clock: Clock,
        plan: SyncPlan,
        closed: Sequence[str],
        *,
        on_tickets: Callable[[list[Ticket]], Awaitable[None]],
        on_gone: Callable[[list[str]], Awaitable[None]],
        on_people: Callable[[list[Technician], list[Client], list[Site]], Awaitable[None]],
        known: Callable[[], Iterable[str]],
        hot: Callable[[datetime, timedelta], list[str]],
        read_policies: Callable[[], Awaitable[list[SLAPolicy]]],
    ) -> None:
        self._desk = desk
        self._records = records
        self._clock = clock
        self.plan = plan
        self._closed = tuple(closed)
        self._on_tickets, self._on_gone, self._on_people = on_tickets, on_gone, on_people
        self._known, self._hot = known, hot
        self.readings = Readings(records.meta, clock)
        self.policies = PolicyWatch(read_policies, self.readings, clock, plan.catalogue)
        self._next_open = self._next_hot = self._next_catalogue = clock.now()
        self._failures = 0
        self._told: set[type[SuperOpsError]] = set()
        """What kinds of failure the log has since SuperOps could be read last."""
        self.last_sync: datetime | None = None
        self.connection = Connection.STARTING
        self.message: str | None = None

    @property
    def next_poll(self) -> datetime:
        """When something is read next."""
        return min(self._next_open, self._next_hot)

    def ask_now(self) -> None:
        """Let the next step read everything that is open."""
        self._next_open = self._next_hot = self._clock.now()

    async def step(self) -> bool:
        """Read the catalogue and everything open where it is due; return whether anything was.

        Failure is kept, not raised.
        """
        now = self._clock.now()
        if now < self._next_open:
            return False
        try:
            if now >= self._next_catalogue:
                await self._catalogue()
            await self.policies.step()
            await self._sweep()
            self.readings.good(TICKETS)
            await self.policies.step()
        except SuperOpsError as error:
            if self.last_sync is None or self.last_sync < now:
                self.readings.failed(TICKETS, str(error))
            self._failed(error)
        else:
            self._succeeded()
        await self.readings.keep()
        return True

    async def hot_step(self) -> bool:
        """Read the tickets that matter most where it is due, beside any sweep that is going on."""
        now = self._clock.now()
        if now < self._next_hot or self.connection is not Connection.LIVE:
            return False
        self._next_hot = now + self.plan.hot
        ids = self._hot(now, _HOT_AHEAD)[:_HOT_MOST]
        try:
            for start in range(0, len(ids), _PAGE):
                await self._on_tickets(await self._desk.tickets_by_id(ids[start : start + _PAGE]))
        except SuperOpsError as error:
            self._failed(error)
        return True

    async def _catalogue(self) -> None:
        async with self.readings.reading("technicians"):
            technicians = await self._desk.technicians()
        async with self.readings.reading("clients"):
            clients = await self._desk.clients()
        async with self.readings.reading("sites"):
            sites = await self._desk.sites()
        people = self._records.people
        await people.save_technicians(technicians)
        await people.save_clients(clients)
        await people.save_sites(sites)
        await self._on_people(technicians, clients, sites)
        self._next_catalogue = self._clock.now() + self.plan.catalogue

    async def _sweep(self) -> None:
        started = self._clock.now()
        seen: set[str] = set()
        async with aclosing(self._desk.open_ticket_pages(self._closed)) as listed:
            async for page in listed:
                # Shown as they come: the first page of a large desk is not kept waiting.
                await self._on_tickets(page)
                seen.update(ticket.id for ticket in page)
        missing = [ticket_id for ticket_id in self._known() if ticket_id not in seen]
        await self._look_for(missing)
        self.last_sync = self._clock.now()
        # A sweep that takes long because the budget is small must not crowd out the hot ones.
        took = self.last_sync - started
        self._next_open = self.last_sync + max(self.plan.open, took)

    async def _look_for(self, missing: list[str]) -> None:
        """Read tickets by id that a sweep did not find: closed meanwhile, or gone for good."""
        for start in range(0, len(missing), _PAGE):
            asked = missing[start : start + _PAGE]
            found = await self._desk.tickets_by_id(asked)
            await self._on_tickets(found)
            there = {ticket.id for ticket in found}
            await self._on_gone([ticket_id for ticket_id in asked if ticket_id not in there])

    def _failed(self, error: SuperOpsError) -> None:
        signed_out = isinstance(error, CannotSignIn)
        if type(error) not in self._told:
            # Once on the way down; how it fails may differ from try to try all night.
            self._told.add(type(error))
            LOG.warning("SuperOps cannot be read: %s", error)
        self.connection = Connection.CANNOT_SIGN_IN if signed_out else Connection.STALE
        self.message = str(error)
        wait = _RETRY[min(self._failures, len(_RETRY) - 1)]
        self._failures += 1
        later = self._clock.now() + (_SIGN_IN_RETRY if signed_out else timedelta(seconds=wait))
        self._next_open = self._next_hot = later

    def _succeeded(self) -> None:
        if self._failures:
            tries = "try" if self._failures == 1 else "tries"
            LOG.warning("SuperOps can be read again after %d failed %s", self._failures, tries)
        self._failures = 0
        self._told.clear()
        self.connection, self.message = Connection.LIVE, None
