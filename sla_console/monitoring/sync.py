"""Asking SuperOps: what to read next, within the budget, and what to make of failure."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sla_console.alerting.concerns import Concern
from sla_console.domain import fault_points
from sla_console.domain.board import SourceState
from sla_console.domain.clock import Clock
from sla_console.domain.errors import CannotSignIn, SuperOpsError
from sla_console.domain.people.people import Client, Site, Technician
from sla_console.domain.readings import TICKETS
from sla_console.domain.sla.policy import SLAPolicy
from sla_console.monitoring.absence import AbsenceCheck, AbsenceRules
from sla_console.monitoring.catalogue import Catalogue
from sla_console.monitoring.clock_check import ClockCheck
from sla_console.monitoring.intake import SWEEP_BEGAN, OnTickets
from sla_console.monitoring.policies import PolicyWatch
from sla_console.monitoring.ports import StorePort, SuperOpsPort
from sla_console.monitoring.readings import Readings
from sla_console.monitoring.tracker import TicketTracker

LOG = logging.getLogger(__name__)
_HOT_AHEAD: Final = timedelta(minutes=30)
_HOT_MOST: Final = 200
_PAGE: Final = 100
_RETRY: Final = (5, 10, 20, 30, 60)
_SIGN_IN_RETRY: Final = timedelta(seconds=60)
_LONG_START: Final = timedelta(minutes=5)
"""Real time that the first read may take before it is trouble."""


@dataclass(frozen=True, slots=True)
class SyncPlan:
    """How often what is read."""

    hot: timedelta = timedelta(seconds=20)
    open: timedelta = timedelta(seconds=60)
    catalogue: timedelta = timedelta(minutes=30)
    stale_after: timedelta = timedelta(seconds=180)
    absence: AbsenceRules = field(default_factory=AbsenceRules)


class Synchroniser:
    """Reads from SuperOps on a plan and hands on what it finds.

    Args:
        desk: SuperOps.
        records: The store.
        clock: The moment.
        clock_check: Whether that clock is right.
        plan: How often.
        closed: Names of the statuses that end a ticket.
        tracker: The tickets as they are known.
        on_tickets: Called with tickets as they are now, and the request that brought them.
        on_gone: Called with the ids of tickets that leave the board without having ended, and why.
        on_people: Called with technicians, clients and sites.
        read_policies: Reads the policies from SuperOps, stores them and returns them.
    """

    def __init__(
        self,
        desk: SuperOpsPort,
        records: StorePort,
        clock: Clock,
        clock_check: ClockCheck,
        plan: SyncPlan,
        closed: Sequence[str],
        tracker: TicketTracker,
        *,
        on_tickets: OnTickets,
        on_gone: Callable[[list[str], str], Awaitable[None]],
        on_people: Callable[[list[Technician], list[Client], list[Site]], Awaitable[None]],
        read_policies: Callable[[], Awaitable[list[SLAPolicy]]],
    ) -> None:
        self._desk = desk
        self._records = records
        self._clock = clock
        self.plan = plan
        self._closed = tuple(closed)
        self._tracker, self._on_tickets = tracker, on_tickets
        self.order = tracker.intake.order
        self.readings = Readings(records.meta, clock)
        self.policies = PolicyWatch(read_policies, self.readings, clock, plan.catalogue)
        self.clock_check = clock_check
        self.catalogue = Catalogue(desk, records, clock, plan.catalogue, on_people, self.readings)
        self.absence = AbsenceCheck(
            desk,
            records.meta,
            self.clock_check,
            plan.absence,
            tracker.evaluator.phases,
            tracker.intake,
            on_tickets=on_tickets,
            on_missing=tracker.missing,
            on_gone=on_gone,
        )
        # Counted by time that passed: a wall clock that is set forward or back delays nothing.
        self._next_open = self._next_hot = clock.elapsed()
        self._failures = 0
        self._told: set[type[SuperOpsError]] = set()
        """What kinds of failure the log has since SuperOps could be read last."""
        self.last_sync: datetime | None = None
        self.synced = clock.elapsed()
        """When that was, by time that passed."""
        self.connection = SourceState.STARTING
        self._began: timedelta | None = None
        """When the first read began, by time that passed."""
        self.message: str | None = None
        self.store_concerns: dict[str, Concern] = {}
        """Concerns about the store, from the part that looks after it."""

    @property
    def next_poll(self) -> datetime:
        """When something is read next."""
        return self._clock.now() + self.until_poll()

    def until_poll(self) -> timedelta:
        """Return after how long something is read next."""
        return min(self._next_open, self._next_hot) - self._clock.elapsed()

    def can_judge(self) -> bool:
        """Return whether it is certain enough what is so, and how late it is, to act upon it."""
        return self.last_sync is not None and self.clock_check.can_be_trusted()

    def concerns(self) -> dict[str, Concern]:
        """Return what the console works without although SuperOps answers."""
        found = {**self.store_concerns, **self.catalogue.concerns()}
        if self.absence.doubted and self.message is not None:
            found["drop"] = Concern("SuperOps leaves out much of the desk", self.message)
        if (wrong := self.clock_check.concern()) is not None:
            found["clock"] = wrong
        if self._starting_for() >= _LONG_START:
            found["starting"] = Concern(
                "The monitor has not read SuperOps whole since it started",
                "its first read has gone on for over five minutes; until it ends, tickets that it has "
                "not come to are as they were known before",
                timedelta(),
            )
        until = self._desk.budget.limited_until()
        if until is not None:
            found["limit"] = Concern(
                "SuperOps answers no more requests for now",
                f"this console, or others that share the account, asked too often; it is asked "
                f"again at {until:%H:%M:%S} UTC, and what is shown may be old until then",
            )
        return found

    def _starting_for(self) -> timedelta:
        """Return for how long of real time the first read has gone on and has not ended."""
        if self._began is None or self.connection is not SourceState.STARTING:
            return timedelta()
        passed = self._clock.elapsed() - self._began
        return timedelta(seconds=self._clock.real_seconds(passed))

    def ask_now(self, *, anyway: bool = False) -> None:
        """Let the next step read everything that is open.

        Args:
            anyway: Even with a token that was refused, because a person wants it.
        """
        if anyway:
            self._desk.try_again()
        self._next_open = self._next_hot = self._clock.elapsed()

    async def step(self) -> bool:
        """Read the catalogue and everything open where it is due; return whether anything was.

        Failure is kept, not raised.
        """
        began = self._clock.elapsed()
        if began < self._next_open:
            return False
        self._began = began if self._began is None else self._began
        try:
            # After an outage the tickets come first; before the first sweep their hours do.
            late = self._failures > 0 and self.last_sync is not None
            if not late:
                await self.catalogue.step()
            await self._sweep()
            self.readings.good(TICKETS)
            if late:
                await self.catalogue.step()
            await self.policies.step()
            await self.catalogue.tell()
        except SuperOpsError as error:
            if self.last_sync is None or self.synced < began:
                self.readings.failed(TICKETS, str(error))
            self.catalogue.try_again()
            self._failed(error)
        else:
            self._succeeded()
        await self.readings.keep()
        return True

    async def hot_step(self) -> bool:
        """Read the tickets that matter most where it is due, beside any sweep that is going on."""
        elapsed = self._clock.elapsed()
        readable = self.connection is SourceState.LIVE or self.absence.doubted
        if elapsed < self._next_hot or not readable:
            return False
        self._next_hot = elapsed + self.plan.hot
        ids = self._tracker.hot(self._clock.now(), _HOT_AHEAD)[:_HOT_MOST]
        try:
            for start in range(0, len(ids), _PAGE):
                with self.order.asking() as asked:
                    found = await self._desk.tickets_by_id(ids[start : start + _PAGE])
                    await self._on_tickets(found, asked)
        except SuperOpsError as error:
            self._failed(error)
        return True

    async def _sweep(self) -> None:
        started, began = self.clock_check.true_now(), self._clock.elapsed()
        known = [judged.ticket.id for judged in self._tracker.board.tickets()]
        seen: set[str] = set()
        listed = self.order.pages(self._desk.open_ticket_pages(self._closed))
        async with aclosing(listed):
            async for page, asked in listed:
                # Shown as they come: the first page of a large desk is not kept waiting.
                fault_points.hit("sync.page")
                await self._on_tickets(page, asked)
                seen.update(ticket.id for ticket in page)
        missing = [ticket_id for ticket_id in known if ticket_id not in seen]
        await self.absence.look_for(missing, len(known), len(seen))
        fault_points.hit("sync.complete")
        # A clock that is ahead would make it look younger to a console that is started later.
        self.last_sync = self.clock_check.true_now()
        await self._records.meta.set(SWEEP_BEGAN, started.isoformat())
        # A sweep that takes long because the budget is small must not crowd out the hot ones.
        self.synced = self._clock.elapsed()
        self._next_open = self.synced + max(self.plan.open, self.synced - began)

    def _failed(self, error: SuperOpsError) -> None:
        signed_out = isinstance(error, CannotSignIn)
        if type(error) not in self._told:
            # Once on the way down; how it fails may differ from try to try all night.
            self._told.add(type(error))
            LOG.warning("SuperOps cannot be read: %s", error)
        self.connection = SourceState.CANNOT_SIGN_IN if signed_out else SourceState.STALE
        self.message = str(error)
        wait = _RETRY[min(self._failures, len(_RETRY) - 1)]
        self._failures += 1
        later = self._clock.elapsed() + (_SIGN_IN_RETRY if signed_out else timedelta(seconds=wait))
        self._next_open = self._next_hot = later

    def _succeeded(self) -> None:
        if self._failures:
            tries = "try" if self._failures == 1 else "tries"
            LOG.warning("SuperOps can be read again after %d failed %s", self._failures, tries)
        self._failures = 0
        self.clock_check.answered()
        self._told.clear()
        self.connection, self.message = SourceState.LIVE, None
