"""What a mutation asks for is done as a whole, or refused as a whole."""

from datetime import UTC, datetime

import pytest

UPDATE = """mutation u($input: UpdateTicketInput!) { updateTicket(input: $input) {
  ticketId subject client source techGroup technician category priority impact customFields
  followers firstResponseTime resolutionDueTime worklogTimespent } }"""
CREATE = """mutation c($input: CreateTicketInput!) { createTicket(input: $input) {
  ticketId displayId requester technician techGroup status firstResponseTime createdTime } }"""
LOG = """mutation w($input: [CreateWorklogEntryInput!]!) {
  createWorklogEntries(input: $input) { itemId technician workItem } }"""


def codes(answer: dict) -> list[tuple]:
    found = answer["errors"][0]["extensions"]["clientError"]
    return [(e["code"], e["param"].get("index"), e["param"].get("attributes")) for e in found]


@pytest.fixture
def ticket(desk):
    return next(
        t for t in desk.tickets.values() if desk.is_open(t) and t.technician and not t.held_since
    )


@pytest.fixture
def update(ask, ticket):
    async def send(**change: object) -> dict:
        return await ask(UPDATE, {"input": {"ticketId": ticket.id, **change}})

    return send


class TestUpdating:
    async def test_every_field_that_is_given_changes(self, update, desk, ticket) -> None:
        client = next(c for c in desk.clients.values() if c is not ticket.client)
        who = list(desk.technicians.values())[-1]
        answer = await update(
            client={"accountId": client.id},
            source="PHONE",
            subject="Renamed",
            category="Phone",
            impact="High",
            customFields={"udf1text": "a"},
            addFollowers=[{"userId": who.id}],
            firstResponseTime="2026-10-12T08:00:00",
        )
        row = answer["data"]["updateTicket"]
        assert (row["subject"], row["source"], row["category"]) == ("Renamed", "PHONE", "Phone")
        assert (row["impact"], row["customFields"]) == ("High", {"udf1text": "a"})
        assert row["client"]["name"] == client.name
        assert [f["name"] for f in row["followers"]] == [who.name]
        assert ticket.responded == datetime(2026, 10, 12, 8, tzinfo=UTC)
        removed = await update(deleteFollowers=[{"userId": who.id}], customFields={"udf2text": "b"})
        row = removed["data"]["updateTicket"]
        assert row["followers"] == []
        assert row["customFields"] == {"udf1text": "a", "udf2text": "b"}

    async def test_null_clears(self, update, ticket) -> None:
        row = (await update(technician=None, techGroup=None, category=None, priority=None))["data"]
        assert {row["updateTicket"][k] for k in ("technician", "techGroup", "category")} == {None}
        assert row["updateTicket"]["resolutionDueTime"] is None, "no priority, no promise"

    @pytest.mark.parametrize(
        ("wrong", "expected"),
        [
            ({"client": {"accountId": "1"}}, ("referred_value_does_not_exist", "client")),
            ({"site": {"id": "1"}}, ("referred_value_does_not_exist", "site")),
            ({"requester": {"userId": "1"}}, ("referred_value_does_not_exist", "requester")),
            ({"addFollowers": [{"userId": "1"}]}, ("referred_value_does_not_exist", "technician")),
            ({"subject": "  "}, ("mandatory_validation_failed", "subject")),
            ({"resolutionTime": "soon"}, ("type_validation_failed", "resolutionTime")),
        ],
    )
    async def test_one_wrong_part_and_nothing_is_changed(
        self, update, ticket, wrong, expected
    ) -> None:
        before = (ticket.status, ticket.category, ticket.updated)
        answer = await update(status="On Hold", category="Changed", **wrong)
        assert codes(answer) == [(expected[0], None, [expected[1]])]
        assert answer["data"] == {"updateTicket": None}
        assert (ticket.status, ticket.category, ticket.updated) == before


class TestCreating:
    async def test_all_that_is_given_stands_in_the_new_ticket(self, ask, desk) -> None:
        client = next(iter(desk.clients.values()))
        who = list(desk.technicians.values())[-1]
        new = {
            "subject": "Help",
            "description": "<p>It broke.</p>",
            "client": {"accountId": client.id},
            "site": {"id": client.site_id},
            "requester": {"userId": client.requesters[0][0]},
            "technician": {"userId": who.id},
            "source": "EMAIL",
            "requestType": "Incident",
            "priority": "High",
            "status": "In Progress",
            "createdTime": "2026-10-12T07:30:00",
            "firstResponseTime": "2026-10-12T07:45:00",
        }
        row = (await ask(CREATE, {"input": new}))["data"]["createTicket"]
        assert row["requester"]["name"] == client.requesters[0][1]
        assert row["technician"]["name"] == who.name
        assert row["techGroup"]["name"] == desk.groups[who.group_id]
        assert (row["status"], row["createdTime"]) == ("In Progress", "2026-10-12T07:30:00")
        assert row["firstResponseTime"] == "2026-10-12T07:45:00"
        said = desk.tickets[row["ticketId"]].conversations
        assert [(s["type"], s["content"]) for s in said] == [("DESCRIPTION", "<p>It broke.</p>")]
        again = (await ask(CREATE, {"input": new}))["data"]["createTicket"]
        assert again["displayId"] != row["displayId"]


class TestTalking:
    SAY = """mutation s($input: CreateTicketConversationInput!) {
      createTicketConversation(input: $input) { type user toUsers { user } } }"""

    async def test_a_technician_answers_and_a_requester_does_not(self, ask, desk, ticket) -> None:
        ticket.responded = None
        where = {"ticket": {"ticketId": ticket.id}, "content": "Hello"}
        asks = {**where, "user": {"userId": ticket.requester[0]}}
        said = (await ask(self.SAY, {"input": asks}))["data"]["createTicketConversation"]
        assert (said["type"], ticket.responded) == ("REQ_REPLY", None)
        answers = {**where, "toUsers": [{"email": "ines@client.example"}]}
        said = (await ask(self.SAY, {"input": answers}))["data"]["createTicketConversation"]
        assert said["type"] == "TECH_REPLY"
        assert said["toUsers"] == [{"user": {"email": "ines@client.example"}}]
        assert ticket.responded == desk.now


class TestBulk:
    async def test_deleting_one_unknown_deletes_none(self, ask, desk, ticket) -> None:
        which = {"input": [{"ticketId": ticket.id}, {"ticketId": "1"}]}
        for name in ("softDeleteTickets", "restoreTickets", "hardDeleteTickets"):
            query = f"mutation d($input: [TicketIdentifierInput]) {{ {name}(input: $input) }}"
            assert codes(await ask(query, which)) == [("entity_does_not_exist", 1, ["ticketId"])]
        assert not ticket.deleted
        assert ticket.id in desk.tickets

    async def test_time_worked_adds_up_on_the_ticket(self, ask, update, ticket) -> None:
        entry = {
            "qty": "1.25",
            "billDateTime": "2026-10-12T09:00:00",
            "workItem": {"workId": ticket.id, "module": "TICKET"},
        }
        made = (await ask(LOG, {"input": [entry, entry]}))["data"]["createWorklogEntries"]
        assert made[0]["workItem"]["displayId"] == ticket.number
        assert (await update())["data"]["updateTicket"]["worklogTimespent"] == "2.50"
        delete = "mutation d($i: WorklogEntryIdentifier!) { deleteWorklogEntry(input: $i) }"
        await ask(delete, {"i": {"itemId": made[0]["itemId"]}})
        assert (await update())["data"]["updateTicket"]["worklogTimespent"] == "1.25"
        bad = {**entry, "qty": "much"}
        assert codes(await ask(LOG, {"input": [entry, bad]})) == [
            ("type_validation_failed", 1, ["qty"])
        ]

    async def test_alerts_are_raised_and_resolved(self, ask, desk) -> None:
        create = "mutation a($i: CreateAlertInput!) { createAlert(input: $i) { id status } }"
        resolve = "mutation r($i: [ResolveAlertInput]) { resolveAlerts(input: $i) }"
        listed = "{ getAlertList(input: {}) { alerts { id status resolvedTime asset } } }"
        made = (await ask(create, {"i": {"assetId": "9", "message": "Hot"}}))["data"]["createAlert"]
        assert codes(await ask(resolve, {"i": [{"id": made["id"]}, {"id": "1"}]})) == [
            ("entity_does_not_exist", 1, ["id"])
        ]
        assert (await ask(resolve, {"i": [{"id": made["id"]}]}))["data"] == {"resolveAlerts": True}
        alerts = (await ask(listed))["data"]["getAlertList"]["alerts"]
        states = {a["id"]: (a["status"], a["resolvedTime"] is not None) for a in alerts}
        assert states[made["id"]] == ("Resolved", True)
        assert len(alerts) > 1, "a lived-in account has some of its own"
