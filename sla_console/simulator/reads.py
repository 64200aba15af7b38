"""The queries of the schema, answered from the desk."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from graphql import FieldNode, FragmentSpreadNode, GraphQLResolveInfo, InlineFragmentNode
from graphql.language import SelectionSetNode

from sla_console.simulator.conditions import Row, page_of, row_value
from sla_console.simulator.desk import DeskTicket, SimulatedDesk
from sla_console.simulator.refusal import Refusal
from sla_console.simulator.rows import (
    client_row,
    reference,
    shown_time,
    site_row,
    technician_row,
    ticket_reader,
    ticket_row,
)

Info = GraphQLResolveInfo[Any]


class Reads:
    """Every query, one method each, named as in the schema.

    Args:
        desk: What is read.
        rows_missing: Says whether ticket rows shall be left out, as a token without rights sees it.
    """

    def __init__(self, desk: SimulatedDesk, rows_missing: Callable[[], bool]) -> None:
        self._desk = desk
        self._rows_missing = rows_missing

    def root(self) -> dict[str, Any]:
        """Return the queries by name."""
        return {name: getattr(self, name) for name in dir(type(self)) if name.startswith("get")}

    def find(self, identity: object) -> DeskTicket:
        """Return a ticket by id, deleted ones not."""
        ticket = self._desk.tickets.get(str(identity))
        if ticket is None or ticket.deleted:
            raise Refusal("entity_does_not_exist", "ticketId")
        return ticket

    def getTicketList(self, info: Info, input: Row) -> Row:
        desk = self._desk
        present = (ticket for ticket in desk.tickets.values() if not ticket.deleted)
        page, listing = page_of(present, input, desk.now, ticket_reader(desk))
        if self._rows_missing() or "ticketId" not in set(_selected(info, "tickets")):
            page = []
        return {"tickets": [ticket_row(desk, ticket) for ticket in page], "listInfo": listing}

    def getTicket(self, _: Info, input: Row) -> Row:
        return ticket_row(self._desk, self.find(input["ticketId"]))

    def getTicketNoteList(self, _: Info, input: Row) -> list[Row]:
        notes = self.find(input["ticketId"]).notes
        return [note | {"addedOn": shown_time(note["addedOn"])} for note in notes]

    def getTicketConversationList(self, _: Info, input: Row) -> list[Row]:
        talk = self.find(input["ticketId"]).conversations
        return [entry | {"time": shown_time(entry["time"])} for entry in talk]

    def getTechnicianList(self, _: Info, input: Row) -> Row:
        people = [technician_row(self._desk, t) for t in self._desk.technicians.values()]
        return self._list("userList", people, input)

    def getTechnicianGroupList(self, _: Info) -> list[Row]:
        return [{"groupId": group, "name": name} for group, name in self._desk.groups.items()]

    def getTeamList(self, _: Info) -> list[Row]:
        return []

    def getClientList(self, _: Info, input: Row) -> Row:
        clients = [client_row(self._desk, c) for c in self._desk.clients.values()]
        return self._list("clients", clients, input)

    def getClient(self, _: Info, input: Row) -> Row:
        client = self._desk.clients.get(str(input["accountId"]))
        if client is None:
            raise Refusal("entity_does_not_exist", "accountId")
        return client_row(self._desk, client)

    def getClientSiteList(self, _: Info, input: Row) -> Row:
        wanted = input.get("clientId")
        clients = self._desk.clients.values()
        sites = [site_row(c) for c in clients if wanted in {None, c.id}]
        return self._list("sites", sites, input.get("listInfo"))

    def getClientSite(self, _: Info, input: Row) -> Row:
        for client in self._desk.clients.values():
            if client.site_id == str(input["id"]):
                return site_row(client)
        raise Refusal("entity_does_not_exist", "id")

    def getClientUserList(self, _: Info, input: Row) -> Row:
        people = []
        for client in self._desk.clients.values():
            if input.get("clientId") not in {None, client.id}:
                continue
            for identity, name in client.requesters:
                people.append(_requester(identity, name, client.id, client.name))
        return self._list("userList", people, input.get("listInfo"))

    def getClientUser(self, _: Info, input: Row) -> Row:
        for client in self._desk.clients.values():
            for identity, name in client.requesters:
                if identity == str(input["userId"]):
                    return _requester(identity, name, client.id, client.name)
        raise Refusal("entity_does_not_exist", "userId")

    def getSLAList(self, _: Info) -> list[Row]:
        return [{"id": identity, "name": name} for identity, name in self._desk.slas.items()]

    def getHolidayList(self, _: Info) -> list[Row]:
        return [{"id": "6120045519930090001", "name": "Public holidays"}]

    def getStatusList(self, _: Info) -> list[Row]:
        return _named(self._desk.statuses)

    def getPriorityList(self, _: Info) -> list[Row]:
        return _named(self._desk.priorities)

    def getImpactList(self, _: Info) -> list[Row]:
        return _named(("High", "Medium", "Low"))

    def getUrgencyList(self, _: Info) -> list[Row]:
        return _named(("High", "Medium", "Low"))

    def getCategoryList(self, _: Info) -> list[Row]:
        return _named(sorted({t.category for t in self._desk.tickets.values() if t.category}))

    def getCauseList(self, _: Info) -> list[Row]:
        return []

    def getResolutionCodeList(self, _: Info) -> list[Row]:
        return _named(("Resolved", "No fault found"))

    def getTicketCustomFieldList(self, _: Info) -> list[Row]:
        return []

    def getAllFields(self, _: Info, input: str) -> list[Row]:
        return self._fields() if input == "TICKET" else []

    def getField(self, _: Info, input: Row) -> Row | None:
        return next(iter(self._chosen([input])), None)

    def getFields(self, _: Info, input: list[Row]) -> list[Row]:
        return self._chosen(input)

    def getWorklogEntries(self, _: Info, input: Row) -> Row:
        if input.get("module") is None:
            raise Refusal("mandatory_validation_failed", "module")
        return self._list("entries", self._desk.worklogs, input.get("listInfo"))

    def getWorkStatusList(self, _: Info) -> list[Row]:
        return [{"statusId": "1", "name": "Planned", "state": "PLANNED"}]

    def getAlertList(self, _: Info, input: Row) -> Row:
        return self._list("alerts", self._desk.alerts, input)

    def getAlertsForAsset(self, _: Info, input: Row) -> Row:
        mine = [a for a in self._desk.alerts if str(a["asset"]["assetId"]) == str(input["assetId"])]
        return self._list("alerts", mine, input.get("listInfo"))

    def _list(self, name: str, rows: Sequence[Row], listing: Row | None) -> Row:
        page, info = page_of(rows, listing, self._desk.now, row_value)
        return {name: page, "listInfo": info}

    def _fields(self) -> list[Row]:
        lists = (
            ("status", "Status", self._desk.statuses),
            ("priority", "Priority", self._desk.priorities),
        )
        return [
            {
                "id": str(place),
                "module": "TICKET",
                "columnName": column,
                "label": label,
                "fieldType": "SELECT",
                "showToRequester": True,
                "fieldCategory": "DEFAULT",
                "options": [
                    {"id": str(n), "value": value, "order": n} for n, value in enumerate(values)
                ],
            }
            for place, (column, label, values) in enumerate(lists)
        ]

    def _chosen(self, asked: Iterable[Row]) -> list[Row]:
        wanted = {item.get("columnName") or item.get("id") for item in asked}
        return [f for f in self._fields() if f["columnName"] in wanted or f["id"] in wanted]


def _named(names: Iterable[str]) -> list[Row]:
    return [
        {"id": str(6_120_045_519_930_100_000 + n), "name": name} for n, name in enumerate(names)
    ]


def _requester(identity: str, name: str, client_id: str, client: str) -> Row:
    first, _, last = name.partition(" ")
    return {
        "userId": identity,
        "firstName": first,
        "lastName": last,
        "name": name,
        "email": f"{first.lower()}@client.example",
        "role": {"roleId": "2", "name": "Requester"},
        "client": reference("accountId", client_id, client),
    }


def _selected(info: Info, child: str) -> Iterable[str]:
    """Names of the fields selected below a child of this field, through fragments."""
    for node in info.field_nodes:
        for field in _fields_of(info, node.selection_set):
            if field.name.value == child:
                for leaf in _fields_of(info, field.selection_set):
                    yield leaf.name.value


def _fields_of(info: Info, selection: SelectionSetNode | None) -> Iterable[FieldNode]:
    for node in selection.selections if selection else ():
        if isinstance(node, FieldNode):
            yield node
        elif isinstance(node, InlineFragmentNode):
            yield from _fields_of(info, node.selection_set)
        elif isinstance(node, FragmentSpreadNode):
            yield from _fields_of(info, info.fragments[node.name.value].selection_set)
