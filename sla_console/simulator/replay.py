"""A service desk that lives a recorded life: incidents become tickets, states become statuses."""

from datetime import datetime
from typing import Final

from sla_console.domain.calendar import WEEKDAYS, BusinessCalendar
from sla_console.simulator.desk import DeskClient, DeskTechnician, DeskTicket, ServiceDesk, Target
from sla_console.simulator.incident_log import STATES, IncidentLog, LogEvent

HOLDS: Final = (
    "Awaiting User Info",
    "Awaiting Vendor",
    "Awaiting Problem",
    "Awaiting Evidence",
)
CLOSED: Final = ("Resolved", "Closed")
# The hours and the 65.5 open hours of Moderate are those that fit the log's own verdicts; the
# others keep the usual proportions.
_OPENS, _CLOSES = "14:00", "23:30"
_TARGETS: Final = {
    "1 - Critical": Target(0.5, 8.0),
    "2 - High": Target(1.0, 24.0),
    "3 - Moderate": Target(4.0, 65.5),
    "4 - Low": Target(8.0, 131.0),
}
_DAYS: Final = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY")


def build_replay_desk(log: IncidentLog, start: datetime) -> ServiceDesk:
    """Return the desk as it stood at ``start``; the rest of the log happens as time goes on.

    Args:
        log: The recorded life.
        start: A moment of the log's own time, aware UTC.
    """
    first = min(log.first, log.events[0].at)
    desk = ServiceDesk(first, STATES, HOLDS, CLOSED, tuple(_TARGETS))
    replay = _Replay(desk)
    for event in log.events:
        replay.schedule(event)
    desk.advance(start)
    return desk


class _Replay:
    def __init__(self, desk: ServiceDesk) -> None:
        self._desk = desk
        self._sla = desk.new_id()
        desk.slas[self._sla] = "Incident SLA"
        for priority, target in _TARGETS.items():
            desk.targets[self._sla, priority] = target
        self._calendar = BusinessCalendar("UTC", {d: [(_OPENS, _CLOSES)] for d in WEEKDAYS[:5]})
        self._tickets: dict[str, DeskTicket] = {}
        self._clients: dict[str, DeskClient] = {}
        self._technicians: dict[str, DeskTechnician] = {}
        self._groups: dict[str, str] = {}
        self._callers: dict[str, str] = {}

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
        if event.state and event.state != "New":
            desk.answer(ticket, at)
        if event.state:
            desk.set_status(ticket, event.state, at)
        ticket.updated = at

    def _open(self, event: LogEvent) -> DeskTicket:
        desk = self._desk
        return desk.add(
            DeskTicket(
                id=desk.new_id(),
                number=event.number,
                subject=event.subject,
                client=self._client(event.location) if event.location else None,
                requester=self._caller(event),
                request_type="Incident",
                source="PHONE",
                status="New",
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
            hours = tuple((day, _OPENS, _CLOSES) for day in _DAYS)
            desk = self._desk
            client = DeskClient(desk.new_id(), name, desk.new_id(), "UTC", hours, self._calendar)
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
