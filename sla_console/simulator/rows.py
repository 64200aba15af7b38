"""What the API shows of the desk: naive UTC times, JSON fields, ids as strings or bare numbers."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from sla_console.simulator.conditions import Getter, Reader, row_value
from sla_console.simulator.desk import DeskClient, DeskTechnician, DeskTicket, SimulatedDesk


def shown_time(moment: datetime | None) -> str | None:
    """Return UTC without an offset; milliseconds only where there are any, as seen live."""
    if moment is None:
        return None
    naive = told(moment).replace(tzinfo=None)
    return naive.isoformat(timespec="milliseconds" if naive.microsecond else "seconds")


def told(moment: datetime) -> datetime:
    """Return a moment as finely as the API tells it: to the second or to the millisecond."""
    if not moment.microsecond:
        return moment
    milliseconds = moment.microsecond // 1000
    return moment.replace(microsecond=0 if milliseconds % 10 < 3 else milliseconds * 1000)


def reference(key: str, identity: str, name: str) -> dict[str, Any]:
    """Return a JSON reference; some ids in there are bare numbers above 2^53, as seen live."""
    number = int(identity)
    return {key: number if number % 3 == 0 else identity, "name": name}


def ticket_row(desk: SimulatedDesk, ticket: DeskTicket) -> dict[str, Any]:
    """Return a ticket as ``Ticket`` of the schema."""
    client, technician, group = ticket.client, ticket.technician, ticket.group_id
    row: dict[str, Any] = {
        "ticketId": ticket.id,
        "displayId": ticket.number,
        "subject": ticket.subject,
        "ticketType": "SERVICE_REQUEST" if ticket.request_type == "Service Request" else "INCIDENT",
        "requestType": ticket.request_type,
        "source": ticket.source,
        "client": reference("accountId", client.id, client.name) if client else None,
        "site": reference("id", client.site_id, f"{client.name} HQ") if client else None,
        "requester": reference("userId", *ticket.requester) if ticket.requester else None,
        "techGroup": reference("groupId", group, desk.groups[group]) if group else None,
        "technician": reference("userId", technician.id, technician.name) if technician else None,
        "status": ticket.status,
        "priority": ticket.priority,
        "sla": {"id": ticket.sla[0], "name": ticket.sla[1]} if ticket.sla else None,
        "category": ticket.category,
        "createdTime": shown_time(ticket.created),
        "updatedTime": shown_time(ticket.updated),
        "firstResponseDueTime": shown_time(ticket.response_due),
        "firstResponseTime": shown_time(ticket.responded),
        "firstResponseViolated": _violated(ticket.response_due, ticket.responded, ticket, desk),
        "resolutionDueTime": shown_time(ticket.resolution_due),
        "resolutionTime": shown_time(ticket.resolved),
        "resolutionViolated": _violated(
            ticket.resolution_due, None if desk.is_open(ticket) else ticket.resolved, ticket, desk
        ),
        "additionalRequester": [],
        "followers": [],
        "customFields": {},
        "worklogTimespent": f"{ticket.worked_hours:.2f}",
    }
    return row | ticket.fields


_VALUES: Final[dict[str, Callable[[DeskTicket], Any]]] = {
    "ticketId": lambda t: t.id,
    "displayId": lambda t: t.number,
    "subject": lambda t: t.subject,
    "requestType": lambda t: t.request_type,
    "source": lambda t: t.source,
    "status": lambda t: t.status,
    "priority": lambda t: t.priority,
    "category": lambda t: t.category,
    "client.name": lambda t: t.client and t.client.name,
    "client.accountId": lambda t: t.client and t.client.id,
    "technician.name": lambda t: t.technician and t.technician.name,
    "technician.userId": lambda t: t.technician and t.technician.id,
    "createdTime": lambda t: told(t.created),
    "updatedTime": lambda t: told(t.updated),
    "firstResponseDueTime": lambda t: t.response_due and told(t.response_due),
    "firstResponseTime": lambda t: t.responded and told(t.responded),
    "resolutionDueTime": lambda t: t.resolution_due and told(t.resolution_due),
    "resolutionTime": lambda t: t.resolved and told(t.resolved),
}


def ticket_reader(desk: SimulatedDesk) -> Reader[DeskTicket]:
    """Return what reads the attributes of a ticket, without making its row where it can."""

    def reader(path: str) -> Getter[DeskTicket]:
        if (plain := _VALUES.get(path)) is not None:
            return plain
        read = row_value(path)
        return lambda ticket: read(ticket_row(desk, ticket))

    return reader


def _violated(
    due: datetime | None, done: datetime | None, ticket: DeskTicket, desk: SimulatedDesk
) -> bool | None:
    if due is None:
        return None
    return (done or ticket.held_since or desk.now) > due


def client_row(desk: SimulatedDesk, client: DeskClient) -> dict[str, Any]:
    """Return a client as ``Client`` of the schema."""
    return {
        "accountId": client.id,
        "name": client.name,
        "stage": "Active",
        "status": "Paid",
        "hqSite": reference("id", client.site_id, f"{client.name} HQ"),
        "emailDomains": [],
        "technicianGroups": [
            reference("groupId", group, name) for group, name in list(desk.groups.items())[:1]
        ],
    }


def site_row(client: DeskClient) -> dict[str, Any]:
    """Return a client's site as ``ClientSite`` of the schema."""
    return {
        "id": client.site_id,
        "name": f"{client.name} HQ",
        "timezoneCode": client.timezone,
        "working24x7": not client.hours,
        "businessHour": [
            {"day": day, "start": start, "end": end} for day, start, end in client.hours
        ]
        or None,
        "holidayList": None,
        "client": reference("accountId", client.id, client.name),
        "hq": True,
    }


def technician_row(desk: SimulatedDesk, technician: DeskTechnician) -> dict[str, Any]:
    """Return a technician as ``Technician`` of the schema."""
    first, _, last = technician.name.partition(" ")
    group = technician.group_id
    return {
        "userId": technician.id,
        "firstName": first,
        "lastName": last,
        "name": technician.name,
        "email": f"{first.lower()}@northwind.example",
        "groups": [reference("groupId", group, desk.groups[group])] if group in desk.groups else [],
        "role": {"roleId": "1", "name": "Technician"},
    }
