"""The mutations of the schema; they really change the desk."""

import itertools
from collections.abc import Callable
from typing import Any

from sla_console.simulator.conditions import Row
from sla_console.simulator.desk import DeskTicket, SimulatedDesk
from sla_console.simulator.reads import Info, Reads
from sla_console.simulator.refusal import Refusal
from sla_console.simulator.rows import reference, shown_time, ticket_row
from sla_console.simulator.ticket_changes import carry_out, check, client_of, moment_of, person


class Writes:
    """Every mutation, one method each, named as in the schema.

    Args:
        desk: What is changed.
        reads: Finds the tickets.
    """

    def __init__(self, desk: SimulatedDesk, reads: Reads) -> None:
        self._desk = desk
        self._reads = reads
        me = next(iter(desk.technicians.values()), None)
        self._me = (me.id, me.name) if me else None
        taken = (int(t.number) for t in desk.tickets.values() if t.number.isdecimal())
        self._numbers = itertools.count(max(taken, default=1000) + 1)

    def root(self) -> dict[str, Any]:
        """Return the mutations by name."""
        names = [name for name in dir(type(self)) if not name.startswith("_") and name != "root"]
        return {name: getattr(self, name) for name in names}

    def updateTicket(self, _: Info, input: Row) -> Row:
        desk, ticket = self._desk, self._reads.find(input["ticketId"])
        client = client_of(desk, input["client"]) if input.get("client") else ticket.client
        check(desk, input, client)
        carry_out(desk, ticket, input, desk.now)
        return ticket_row(desk, ticket)

    def createTicket(self, _: Info, input: Row) -> Row:
        desk = self._desk
        if not input.get("requestType"):
            raise Refusal("mandatory_validation_failed", "requestType")
        client = client_of(desk, input["client"])
        check(desk, input, client)
        sla = input.get("sla")
        if sla and str(sla["id"]) not in desk.slas:
            raise Refusal("referred_value_does_not_exist", "sla")
        default = next(iter(desk.slas.items()), None)
        ticket = DeskTicket(
            id=desk.new_id(),
            number=self._number(),
            subject=input["subject"],
            client=client,
            requester=None,
            request_type=input["requestType"],
            source=input["source"],
            status=desk.statuses[0],
            priority=input.get("priority"),
            sla=(str(sla["id"]), desk.slas[str(sla["id"])]) if sla else default,
            group_id=None,
            technician=None,
            created=moment_of(input.get("createdTime"), "createdTime") or desk.now,
            updated=desk.now,
        )
        desk.add(ticket)
        carry_out(desk, ticket, input, desk.now)
        ticket.updated = moment_of(input.get("updatedTime"), "updatedTime") or desk.now
        if input.get("description"):
            who = ticket.requester or self._me
            self._say(ticket, "DESCRIPTION", who, input["description"], ticket.created)
        return ticket_row(desk, ticket)

    def createTicketNote(self, _: Info, input: Row) -> Row:
        ticket = self._reads.find(input["ticket"]["ticketId"])
        if not input["content"].strip():
            raise Refusal("mandatory_validation_failed", "content")
        who = self._author(input.get("addedBy"), "addedBy")
        note = {
            "noteId": self._desk.new_id(),
            "content": input["content"],
            "addedBy": reference("userId", *who) if who else None,
            "addedOn": moment_of(input.get("addedOn"), "addedOn") or self._desk.now,
            "privacyType": input.get("privacyType") or "PRIVATE",
            "attachments": input.get("attachments") or [],
        }
        ticket.notes.append(note)
        ticket.updated = self._desk.now
        return note | {"addedOn": shown_time(note["addedOn"])}

    def createTicketConversation(self, _: Info, input: Row) -> Row:
        ticket = self._reads.find(input["ticket"]["ticketId"])
        who = self._author(input.get("user"), "user")
        at = moment_of(input.get("time"), "time") or self._desk.now
        by_technician = who is None or who[0] in self._desk.technicians
        kind = "TECH_REPLY" if by_technician else "REQ_REPLY"
        entry = self._say(ticket, kind, who, input.get("content"), at)
        for name in ("toUsers", "ccUsers", "bccUsers"):
            entry[name] = [
                {"user": {"email": one["email"]}} for one in input.get(name) or [] if one
            ]
        entry["attachments"] = input.get("attachments") or []
        if by_technician:
            self._desk.answer(ticket, at)
        ticket.updated = self._desk.now
        return entry | {"time": shown_time(at)}

    def softDeleteTickets(self, _: Info, input: list[Row | None] | None = None) -> bool:
        for ticket in self._tickets(input):
            ticket.deleted = True
        return True

    def restoreTickets(self, _: Info, input: list[Row | None] | None = None) -> bool:
        for ticket in self._tickets(input):
            ticket.deleted = False
        return True

    def hardDeleteTickets(self, _: Info, input: list[Row | None] | None = None) -> bool:
        for ticket in self._tickets(input):
            ticket.deleted = True
            del self._desk.tickets[ticket.id]
        return True

    def createStatus(self, _: Info, input: list[Row]) -> list[Row]:
        taken = {name.casefold() for name in self._desk.statuses}

        def wrong(item: Row) -> str | None:
            name = item["name"].strip().casefold()
            if not name:
                return "mandatory_validation_failed"
            if name in taken:
                return "unique_validation_failed"
            taken.add(name)
            return None

        _refuse_bulk(input, wrong, "name")
        self._desk.statuses += [item["name"] for item in input]
        return [{"id": self._desk.new_id(), **item} for item in input]

    def createWorklogEntries(self, _: Info, input: list[Row]) -> list[Row]:
        desk = self._desk

        def unknown(item: Row) -> str | None:
            known = str(item["workItem"]["workId"]) in desk.tickets
            return None if known else "referred_value_does_not_exist"

        _refuse_bulk(input, unknown, "workItem")
        _refuse_bulk(input, lambda item: _no_quantity(item["qty"]), "qty")
        authors = [self._author(item.get("technician"), "technician") for item in input]
        made = []
        for item, who in zip(input, authors, strict=True):
            ticket = desk.tickets[str(item["workItem"]["workId"])]
            entry = {
                "itemId": desk.new_id(),
                "status": "PENDING",
                "billable": True,
                "afterHours": False,
                **item,
                "serviceItem": _service(item),
                "technician": reference("userId", *who) if who else {},
                "workItem": {
                    "workId": ticket.id,
                    "displayId": ticket.number,
                    "module": item["workItem"]["module"],
                },
            }
            desk.worklogs.append(entry)
            made.append(entry)
            self._add_up(ticket.id)
        return made

    def updateWorklogEntry(self, _: Info, input: Row) -> Row:
        entry = self._worklog(input["itemId"])
        if "qty" in input:
            _refuse_bulk([input], lambda item: _no_quantity(item["qty"]), "qty")
        if "serviceItem" in input:
            entry["serviceItem"] = _service(input)
        plain = {name: value for name, value in input.items() if name != "serviceItem"}
        entry.update(plain)
        self._add_up(entry["workItem"]["workId"])
        return entry

    def deleteWorklogEntry(self, _: Info, input: Row) -> bool:
        entry = self._worklog(input["itemId"])
        self._desk.worklogs.remove(entry)
        self._add_up(entry["workItem"]["workId"])
        return True

    def createAlert(self, _: Info, input: Row) -> Row:
        asset = str(input["assetId"])
        alert = {
            "id": self._desk.new_id(),
            "message": input["message"],
            "status": "Open",
            "severity": input.get("severity"),
            "description": input.get("description"),
            "createdTime": self._desk.now.replace(tzinfo=None).isoformat(timespec="minutes"),
            "asset": {"assetId": asset, "name": f"Asset {asset}"},
            "occurrenceCount": 1,
        }
        self._desk.alerts.append(alert)
        return alert

    def resolveAlerts(self, _: Info, input: list[Row | None] | None = None) -> bool:
        wanted = [item for item in input or [] if item is not None]
        known = {str(alert["id"]): alert for alert in self._desk.alerts}
        _refuse_bulk(wanted, lambda item: _unknown(str(item["id"]) in known), "id")
        for item in wanted:
            alert = known[str(item["id"])]
            alert["status"] = "Resolved"
            alert["resolvedTime"] = shown_time(self._desk.now)
        return True

    def _number(self) -> str:
        used = {ticket.number for ticket in self._desk.tickets.values()}
        return next(number for n in self._numbers if (number := str(n)) not in used)

    def _author(self, given: Row | None, attribute: str) -> tuple[str, str] | None:
        """Return who writes: the person named, else the owner of the token."""
        if not given:
            return self._me
        if (found := person(self._desk, given["userId"])) is None:
            raise Refusal("referred_value_does_not_exist", attribute)
        return found

    def _say(
        self, ticket: DeskTicket, kind: str, who: tuple[str, str] | None, text: Any, at: Any
    ) -> Row:
        entry: Row = {
            "conversationId": self._desk.new_id(),
            "type": kind,
            "time": at,
            "content": text,
            "toUsers": [],
            "user": reference("userId", *who) if who else None,
        }
        ticket.conversations.append(entry)
        return entry

    def _tickets(self, given: list[Row | None] | None) -> list[DeskTicket]:
        """Return the tickets of a bulk mutation, all or none."""
        wanted = [item for item in given or [] if item is not None]
        tickets = self._desk.tickets
        _refuse_bulk(wanted, lambda item: _unknown(str(item["ticketId"]) in tickets), "ticketId")
        return [tickets[identity] for identity in dict.fromkeys(str(w["ticketId"]) for w in wanted)]

    def _worklog(self, identity: object) -> Row:
        for entry in self._desk.worklogs:
            if entry["itemId"] == str(identity):
                return entry
        raise Refusal("entity_does_not_exist", "itemId")

    def _add_up(self, ticket_id: str) -> None:
        logs = [e for e in self._desk.worklogs if e["workItem"]["workId"] == ticket_id]
        if (ticket := self._desk.tickets.get(ticket_id)) is not None:
            ticket.worked_hours = sum(float(entry["qty"]) for entry in logs)


def _refuse_bulk(items: list[Row], fault: Callable[[Row], str | None], attribute: str) -> None:
    """Refuse a bulk mutation as a whole, naming every offending object by its place."""
    found = [
        Refusal(code, attribute, index=place)
        for place, item in enumerate(items)
        if (code := fault(item)) is not None
    ]
    if found:
        raise Refusal.of(found)


def _unknown(known: bool) -> str | None:
    return None if known else "entity_does_not_exist"


def _no_quantity(text: str | None) -> str | None:
    try:
        fine = text is not None and 0 <= float(text) < 100_000
    except ValueError:
        fine = False
    return None if fine else "type_validation_failed"


def _service(given: Row) -> Row:
    wanted = given.get("serviceItem")
    return {"itemId": str(wanted["itemId"]) if wanted else "1", "name": "Labour"}
