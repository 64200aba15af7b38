"""The mutations of the schema; they really change the desk."""

from datetime import UTC, datetime
from typing import Any

from sla_console.simulator.conditions import Row
from sla_console.simulator.desk import DeskTicket, ServiceDesk
from sla_console.simulator.reads import Info, Reads
from sla_console.simulator.refusal import Refusal
from sla_console.simulator.rows import shown_time, ticket_row

_PLAIN = ("impact", "urgency", "subcategory", "cause", "subcause", "resolutionCode", "customFields")


class Writes:
    """Every mutation, one method each, named as in the schema."""

    def __init__(self, desk: ServiceDesk, reads: Reads) -> None:
        self._desk = desk
        self._reads = reads
        self._me = next(iter(desk.technicians.values()), None)

    def root(self) -> dict[str, Any]:
        """Return the mutations by name; each makes the next read see what it did."""
        names = [name for name in dir(type(self)) if not name.startswith("_") and name != "root"]
        return {name: self._fresh(getattr(self, name)) for name in names}

    def _fresh(self, method: Any) -> Any:
        def called(info: Info, **arguments: Any) -> Any:
            try:
                return method(info, **arguments)
            finally:
                self._reads.forget()

        return called

    def updateTicket(self, _: Info, input: Row) -> Row:
        desk, ticket = self._desk, self._reads.find(input["ticketId"])
        now = desk.now
        self._check(input)
        if "technician" in input:
            wanted = input["technician"]
            technician = desk.technicians[str(wanted["userId"])] if wanted else None
            desk.assign(ticket, technician, now)
        if input.get("techGroup"):
            ticket.group_id = str(input["techGroup"]["groupId"])
        if input.get("priority"):
            desk.set_priority(ticket, input["priority"], now)
        if input.get("status"):
            desk.set_status(ticket, input["status"], now)
        if "firstResponseTime" in input:
            ticket.responded = _moment(input["firstResponseTime"], "firstResponseTime")
        if "resolutionTime" in input:
            ticket.resolved = _moment(input["resolutionTime"], "resolutionTime")
        ticket.subject = input.get("subject") or ticket.subject
        ticket.request_type = input.get("requestType") or ticket.request_type
        ticket.category = input.get("category") or ticket.category
        ticket.fields |= {name: input[name] for name in _PLAIN if name in input}
        ticket.updated = now
        return ticket_row(desk, ticket)

    def createTicket(self, _: Info, input: Row) -> Row:
        desk = self._desk
        if not input.get("requestType"):
            raise Refusal("mandatory_validation_failed", "requestType")
        self._check(input)
        client = desk.clients.get(str(input["client"]["accountId"]))
        if client is None:
            raise Refusal("referred_value_does_not_exist", "client")
        sla = input.get("sla")
        if sla and str(sla["id"]) not in desk.slas:
            raise Refusal("referred_value_does_not_exist", "sla")
        default = next(iter(desk.slas.items()), None)
        technician = input.get("technician")
        ticket = DeskTicket(
            id=desk.new_id(),
            number=str(max(_numbers(desk), default=1000) + 1),
            subject=input["subject"],
            client=client,
            requester=None,
            request_type=input["requestType"],
            source=input["source"],
            status=input.get("status") or desk.statuses[0],
            priority=input.get("priority"),
            sla=(str(sla["id"]), desk.slas[str(sla["id"])]) if sla else default,
            group_id=None,
            technician=desk.technicians[str(technician["userId"])] if technician else None,
            created=_moment(input.get("createdTime"), "createdTime") or desk.now,
            updated=desk.now,
            category=input.get("category"),
        )
        ticket.fields = {name: input[name] for name in _PLAIN if name in input}
        return ticket_row(desk, desk.add(ticket))

    def createTicketNote(self, _: Info, input: Row) -> Row:
        ticket = self._reads.find(input["ticket"]["ticketId"])
        if not input["content"].strip():
            raise Refusal("mandatory_validation_failed", "content")
        me = self._me
        note = {
            "noteId": self._desk.new_id(),
            "content": input["content"],
            "addedBy": {"userId": me.id, "name": me.name} if me else None,
            "addedOn": _moment(input.get("addedOn"), "addedOn") or self._desk.now,
            "privacyType": input.get("privacyType") or "PRIVATE",
            "attachments": [],
        }
        ticket.notes.append(note)
        ticket.updated = self._desk.now
        return note | {"addedOn": shown_time(note["addedOn"])}

    def createTicketConversation(self, _: Info, input: Row) -> Row:
        ticket = self._reads.find(input["ticket"]["ticketId"])
        me = self._me
        entry: Row = {
            "conversationId": self._desk.new_id(),
            "type": "TECH_REPLY",
            "time": self._desk.now,
            "content": input.get("content"),
            "toUsers": [],
            "user": {"userId": me.id, "name": me.name} if me else None,
        }
        ticket.conversations.append(entry)
        self._desk.answer(ticket, self._desk.now)
        return entry | {"time": shown_time(self._desk.now)}

    def softDeleteTickets(self, _: Info, input: list[Row]) -> bool:
        for item in input:
            self._reads.find(item["ticketId"]).deleted = True
        return True

    def restoreTickets(self, _: Info, input: list[Row]) -> bool:
        for item in input:
            ticket = self._desk.tickets.get(str(item["ticketId"]))
            if ticket is None:
                raise Refusal("entity_does_not_exist", "ticketId")
            ticket.deleted = False
        return True

    def hardDeleteTickets(self, _: Info, input: list[Row]) -> bool:
        for item in input:
            self._desk.tickets.pop(str(item["ticketId"]), None)
        return True

    def createStatus(self, _: Info, input: list[Row]) -> list[Row]:
        for item in input:
            if item["name"] in self._desk.statuses:
                raise Refusal("unique_validation_failed", "name")
            self._desk.statuses.append(item["name"])
        return [{"id": self._desk.new_id(), **item} for item in input]

    def createWorklogEntries(self, _: Info, input: list[Row]) -> list[Row]:
        made = [
            {
                "itemId": self._desk.new_id(),
                "status": "PENDING",
                "billable": True,
                "afterHours": False,
                "serviceItem": {"itemId": "1", "name": "Labour"},
                "technician": {"userId": self._me.id, "name": self._me.name} if self._me else {},
                **item,
                "workItem": dict(item["workItem"]),
            }
            for item in input
        ]
        self._desk.worklogs += made
        return made

    def updateWorklogEntry(self, _: Info, input: Row) -> Row:
        entry = self._worklog(input["itemId"])
        entry.update({k: v for k, v in input.items() if k not in {"itemId", "serviceItem"}})
        return entry

    def deleteWorklogEntry(self, _: Info, input: Row) -> bool:
        self._desk.worklogs.remove(self._worklog(input["itemId"]))
        return True

    def createAlert(self, _: Info, input: Row) -> Row:
        alert = {
            "id": self._desk.new_id(),
            "message": input["message"],
            "status": "Open",
            "severity": input.get("severity"),
            "description": input.get("description"),
            "createdTime": self._desk.now.replace(tzinfo=None).isoformat(timespec="minutes"),
            "asset": {"assetId": input["assetId"], "name": "Asset"},
        }
        self._desk.alerts.append(alert)
        return alert

    def resolveAlerts(self, _: Info, input: list[Row]) -> bool:
        wanted = {str(item["id"]) for item in input}
        for alert in self._desk.alerts:
            if alert["id"] in wanted:
                alert["status"] = "Resolved"
        return True

    def _worklog(self, identity: object) -> Row:
        for entry in self._desk.worklogs:
            if entry["itemId"] == str(identity):
                return entry
        raise Refusal("entity_does_not_exist", "itemId")

    def _check(self, given: Row) -> None:
        """Refuse names that the account does not have."""
        desk = self._desk
        technician, group = given.get("technician"), given.get("techGroup")
        for attribute, wrong in (
            ("status", given.get("status") and given["status"] not in desk.statuses),
            ("priority", given.get("priority") and given["priority"] not in desk.priorities),
            ("technician", technician and str(technician["userId"]) not in desk.technicians),
            ("techGroup", group and str(group["groupId"]) not in desk.groups),
        ):
            if wrong:
                raise Refusal("referred_value_does_not_exist", attribute)


def _numbers(desk: ServiceDesk) -> list[int]:
    return [int(t.number) for t in desk.tickets.values() if t.number.isdecimal()]


def _moment(text: str | None, attribute: str) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Refusal("type_validation_failed", attribute) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
