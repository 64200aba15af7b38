"""A service desk that lives a recorded life: incidents become tickets, states become statuses."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Final

from sla_console.domain.sla.calendar import WEEKDAYS, BusinessCalendar
from sla_console.domain.tickets.log_map import UCI
from sla_console.domain.tickets.ticket import Phase
from sla_console.simulator.desk import DeskClient, DeskTechnician, DeskTicket, SimulatedDesk, Target
from sla_console.simulator.incident_log import IncidentLog
from sla_console.simulator.logs.log_event import LogEvent
from sla_console.simulator.past import past_tickets

HOLDS: Final = ("Awaiting User Info", "Awaiting Vendor", "Awaiting Problem", "Awaiting Evidence")
# The hours and the 65.5 open hours of Moderate are those that fit the log's own verdicts; the
# others keep the usual proportions.
_OPENS, _CLOSES = "14:00", "23:30"
_TARGETS: Final = {
    "1 - Critical": Target(0.5, 8.0),
    "2 - High": Target(1.0, 24.0),
    "3 - Moderate": Target(4.0, 65.5),
    "4 - Low": Target(8.0, 131.0),
}
_USUAL: Final = _TARGETS["3 - Moderate"]
_URGENT: Final = (
    ("critical", "urgent", "highest", "blocker", "emergency", "p0", "p1", "1"),
    ("high", "major", "p2", "2"),
    ("moderate", "medium", "normal", "p3", "3"),
    ("low", "lowest", "minor", "trivial", "planning", "p4", "p5", "4", "5"),
)
"""Words by which the priorities of other logs get one of the targets."""
_WORDS: Final = re.compile(r"[^\W_]+")
_NEVER: Final = datetime.max.replace(tzinfo=UTC)
_NO_CLIENT: Final = "All clients"
_DAYS: Final = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY")


def build_replay_desk(log: IncidentLog, start: datetime) -> SimulatedDesk:
    """Return the desk as it stood at ``start``; the rest of the log happens as time goes on.

    Args:
        log: The recorded life.
        start: A moment of the log's own time, aware UTC.
    """
    first = min(log.first, log.events[0].at)
    plan = log.plan
    if plan.preset == UCI.preset and plan.hold is None:
        plan = replace(plan, hold=HOLDS)
    phases = plan.phases()
    meant = (*(plan.hold or ()), *(plan.closed or ()))
    statuses = tuple(dict.fromkeys((*(plan.new or ("New",)), *log.statuses(), *meant)))
    priorities = sorted({e.priority for e in log.events if e.priority is not None}, key=_rank)
    desk = SimulatedDesk(
        first,
        statuses,
        tuple(name for name in statuses if phases.phase(name) is Phase.HOLD),
        tuple(name for name in statuses if phases.phase(name) is Phase.CLOSED),
        tuple(priorities),
    )
    replay = _Replay(desk, log)
    for event in log.events:
        replay.schedule(event)
    desk.advance(start)
    return desk


def _rank(priority: str) -> tuple[int, str]:
    """Return where a priority stands, the most urgent first; an unknown one is a usual one."""
    words = _WORDS.findall(priority.casefold())
    places = (place for place, names in enumerate(_URGENT) if any(w in names for w in words))
    return next(places, 2), priority


class _Replay:
    def __init__(self, desk: SimulatedDesk, log: IncidentLog) -> None:
        self._desk = desk
        self._sla = desk.new_id()
        desk.slas[self._sla] = "Incident SLA"
        targets = tuple(_TARGETS.values())
        for priority in desk.priorities:
            desk.targets[self._sla, priority] = targets[_rank(priority)[0]]
        # A log without priorities promises one thing to all.
        desk.targets[self._sla, None] = _USUAL
        public = log.plan.preset == UCI.preset
        self._zone = log.plan.timezone
        self._hours = tuple((day, _OPENS, _CLOSES) for day in _DAYS) if public else ()
        self._calendar = (
            BusinessCalendar(self._zone, {d: [(_OPENS, _CLOSES)] for d in WEEKDAYS[:5]})
            if public
            else BusinessCalendar.always()
        )
        self._new = desk.statuses[0]
        self._no_client = None if any(e.location for e in log.events) else _NO_CLIENT
        self._answers: dict[str, datetime] = {}
        for past in past_tickets(log):
            if past.responded_at is not None:
                self._answers[past.number] = past.responded_at
                desk.at(past.responded_at, partial(self._answer, past.number))
        self._tickets: dict[str, DeskTicket] = {}
        self._clients: dict[str, DeskClient] = {}
        self._technicians: dict[str, DeskTechnician] = {}
        self._groups: dict[str, str] = {}
        self._callers: dict[str, str] = {}

    def _answer(self, number: str, desk: SimulatedDesk, at: datetime) -> None:
        ticket = self._tickets.get(number)
        if ticket is not None:
            desk.answer(ticket, at)

    def schedule(self, event: LogEvent) -> None:
        """Let one event of the log happen at its moment; people are known from the start."""
        if event.location:
            self._client(event.location)
        if event.technician:
            self._technician(event)
        self._desk.at(max(event.at, event.opened), lambda _, at: self._happen(event, at))

    def _happen(self, event: LogEvent, at: datetime) -> None:
        desk = self._desk
        ticket = self._tickets.get(event.number)
        if ticket is None:
            ticket = self._tickets[event.number] = self._open(event)
        if event.location and (ticket.client is None or ticket.client.name != event.location):
            ticket.client = self._client(event.location)
            desk.promise(ticket)
        if event.group:
            ticket.group_id = self._group(event.group)
        if event.priority:
            desk.set_priority(ticket, event.priority, at)
        if event.technician:
            technician = self._technician(event)
            if ticket.technician is not technician:
                ticket.technician = technician
        if at >= self._answers.get(event.number, _NEVER):
            desk.answer(ticket, at)
        if event.state:
            desk.set_status(ticket, event.state, at)
        ticket.updated = at

    def _open(self, event: LogEvent) -> DeskTicket:
        desk, place = self._desk, event.location or self._no_client
        return desk.add(
            DeskTicket(
                id=desk.new_id(),
                number=event.number,
                subject=event.subject,
                client=self._client(place) if place else None,
                requester=self._caller(event),
                request_type="Incident",
                source=event.source or "PHONE",
                status=self._new,
                priority=event.priority,
                sla=(self._sla, desk.slas[self._sla]),
                group_id=self._group(event.group) if event.group else None,
                technician=None,
                created=event.opened,
                updated=event.opened,
                category=event.category,
            )
        )

    def _client(self, name: str) -> DeskClient:
        client = self._clients.get(name)
        if client is None:
            desk = self._desk
            client = DeskClient(
                desk.new_id(), name, desk.new_id(), self._zone, self._hours, self._calendar
            )
            self._clients[name] = desk.clients[client.id] = client
        return client

    def _technician(self, event: LogEvent) -> DeskTechnician:
        name = event.technician or ""
        technician = self._technicians.get(name)
        if technician is None:
            group = self._group(event.group or "Unknown group")
            technician = DeskTechnician(self._desk.new_id(), name, group)
            self._technicians[name] = self._desk.technicians[technician.id] = technician
        return technician

    def _group(self, name: str) -> str:
        if name not in self._groups:
            self._groups[name] = self._desk.new_id()
            self._desk.groups[self._groups[name]] = name
        return self._groups[name]

    def _caller(self, event: LogEvent) -> tuple[str, str] | None:
        name = event.caller
        if name is None:
            return None
        if name not in self._callers:
            self._callers[name] = self._desk.new_id()
            if event.location:
                client = self._client(event.location)
                client.requesters = (*client.requesters, (self._callers[name], name))
        return self._callers[name], name
