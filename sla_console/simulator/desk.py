"""The state of a simulated service desk, and the one place where it changes.

Nothing here knows HTTP or GraphQL. What happens when is decided by a *script*: life (``life.py``)
or a replayed log (``replay.py``), which puts events into the desk's queue; ``advance`` carries out
those that are due, so the same script gives the same desk however often it is called.
"""

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sla_console.domain.sla.calendar import BusinessCalendar

FIRST_ID = 6_120_045_519_930_011_648


@dataclass(slots=True)
class DeskClient:
    """A customer with its one site."""

    id: str
    name: str
    site_id: str
    timezone: str
    hours: tuple[tuple[str, str, str], ...]
    """Rows of (``MONDAY``..., ``HH:MM``, ``HH:MM``); none: open around the clock."""
    calendar: BusinessCalendar
    requesters: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class DeskTechnician:
    """Somebody who works tickets."""

    id: str
    name: str
    group_id: str


@dataclass(slots=True)
class DeskTicket:
    """A ticket as the desk itself knows it."""

    id: str
    number: str
    subject: str
    client: DeskClient | None
    requester: tuple[str, str] | None
    request_type: str
    source: str
    status: str
    priority: str | None
    sla: tuple[str, str] | None
    group_id: str | None
    technician: DeskTechnician | None
    created: datetime
    updated: datetime
    category: str | None = None
    response_due: datetime | None = None
    responded: datetime | None = None
    resolution_due: datetime | None = None
    resolved: datetime | None = None
    held_since: datetime | None = None
    response_waited: timedelta = timedelta()
    resolution_waited: timedelta = timedelta()
    """Open time that ended holds have added to each promise."""
    worked_hours: float = 0.0
    deleted: bool = False
    fields: dict[str, Any] = field(default_factory=dict)
    """What nothing here acts upon: impact, urgency, custom fields and the like."""
    notes: list[dict[str, Any]] = field(default_factory=list)
    conversations: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Target:
    """What an SLA promises for a priority, in hours of open time."""

    response: float
    resolution: float


Event = Callable[["SimulatedDesk", datetime], None]


class SimulatedDesk:
    """Everything the simulated account holds.

    Args:
        start: The moment up to which its life is known, aware UTC.
        hold_statuses: Names of statuses that stop the clocks.
        closed_statuses: Names of statuses that end a ticket.
        statuses: All names of statuses.
        priorities: All names of priorities, most urgent first.
    """

    def __init__(
        self,
        start: datetime,
        statuses: tuple[str, ...],
        hold_statuses: tuple[str, ...],
        closed_statuses: tuple[str, ...],
        priorities: tuple[str, ...],
    ) -> None:
        self.now = start
        self.statuses = list(statuses)
        self.hold_statuses = frozenset(hold_statuses)
        self.closed_statuses = frozenset(closed_statuses)
        self.priorities = priorities
        self.clients: dict[str, DeskClient] = {}
        self.technicians: dict[str, DeskTechnician] = {}
        self.groups: dict[str, str] = {}
        self.slas: dict[str, str] = {}
        self.targets: dict[tuple[str, str | None], Target] = {}
        self.tickets: dict[str, DeskTicket] = {}
        self.worklogs: list[dict[str, Any]] = []
        self.alerts: list[dict[str, Any]] = []
        self._events: list[tuple[datetime, int, Event]] = []
        self._order = itertools.count()
        self._ids = itertools.count(FIRST_ID, 1024)

    def new_id(self) -> str:
        """Return the next id, a digit string above 2^53 as on the real service."""
        return str(next(self._ids))

    def at(self, moment: datetime, event: Event) -> None:
        """Let something happen at a moment."""
        heapq.heappush(self._events, (moment, next(self._order), event))

    def advance(self, now: datetime) -> None:
        """Carry out everything that is due up to ``now``; going back does nothing."""
        events = self._events
        while events and events[0][0] <= now:
            moment, _, event = heapq.heappop(events)
            self.now = max(self.now, moment)
            event(self, moment)
        self.now = max(self.now, now)

    def is_open(self, ticket: DeskTicket) -> bool:
        """Return whether a ticket is neither closed nor deleted."""
        return not ticket.deleted and ticket.status not in self.closed_statuses

    def add(self, ticket: DeskTicket) -> DeskTicket:
        """Take a ticket in and give it the due times its SLA promises."""
        self.tickets[ticket.id] = ticket
        self.promise(ticket)
        return ticket

    def promise(self, ticket: DeskTicket) -> None:
        """Set the due times from SLA, priority, the client's hours and what holds have added."""
        target = self.target(ticket)
        if target is None or ticket.client is None:
            ticket.response_due = ticket.resolution_due = None
            return
        calendar = ticket.client.calendar
        ticket.response_due = calendar.add(
            ticket.created, _hours(target.response) + ticket.response_waited
        )
        ticket.resolution_due = calendar.add(
            ticket.created, _hours(target.resolution) + ticket.resolution_waited
        )

    def target(self, ticket: DeskTicket) -> Target | None:
        """Return what is promised to a ticket, None without SLA or priority."""
        if ticket.sla is None:
            return None
        return self.targets.get((ticket.sla[0], ticket.priority))

    def set_status(self, ticket: DeskTicket, status: str, at: datetime) -> None:
        """Move a ticket to a status; a hold that ends moves the due times by what it took."""
        if status == ticket.status:
            return
        was_held, held = ticket.held_since, status in self.hold_statuses
        if was_held is not None and not held:
            self._resume(ticket, was_held, at)
        if held and was_held is None:
            ticket.held_since = at
        if status in self.closed_statuses and self.is_open(ticket):
            ticket.resolved = at
            ticket.responded = ticket.responded or at
        ticket.status = status
        ticket.updated = at

    def _resume(self, ticket: DeskTicket, since: datetime, at: datetime) -> None:
        ticket.held_since = None
        calendar = ticket.client.calendar if ticket.client else BusinessCalendar.always()
        waited = calendar.open_time(since, at)
        if ticket.response_due and not ticket.responded and since < ticket.response_due:
            ticket.response_due = calendar.add(ticket.response_due, waited)
            ticket.response_waited += waited
        if ticket.resolution_due and since < ticket.resolution_due:
            ticket.resolution_due = calendar.add(ticket.resolution_due, waited)
            ticket.resolution_waited += waited

    def set_priority(self, ticket: DeskTicket, priority: str | None, at: datetime) -> None:
        """Change a priority: the same start and the same waiting, the new targets."""
        if priority != ticket.priority:
            ticket.priority = priority
            self.promise(ticket)
            ticket.updated = at

    def answer(self, ticket: DeskTicket, at: datetime) -> None:
        """Record the first response, once."""
        if ticket.responded is None:
            ticket.responded = at
            ticket.updated = at

    def assign(self, ticket: DeskTicket, technician: DeskTechnician | None, at: datetime) -> None:
        """Give a ticket to somebody, or to nobody."""
        ticket.technician = technician
        if technician is not None:
            ticket.group_id = technician.group_id
        ticket.updated = at


def _hours(count: float) -> timedelta:
    return timedelta(hours=count)
