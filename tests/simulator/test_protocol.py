"""The simulator speaks as SuperOps does, faults included."""

import json
from pathlib import Path

import pytest

SAMPLES = Path(__file__).parents[3] / "shared" / "superops" / "samples"
TICKETS = """query getTicketList($input: ListInfoInput!) {
  getTicketList(input: $input) { tickets { ticketId displayId status client createdTime updatedTime }
    listInfo { page pageSize hasMore totalCount } } }"""
OPEN = {"attribute": "status", "operator": "notIncludes", "value": ["Resolved", "Closed"]}


def code(answer: dict) -> str:
    return answer["errors"][0]["extensions"]["clientError"][0]["code"]


def listing(**parts: object) -> dict:
    return {"input": {"page": 1, "pageSize": 100, "condition": OPEN, **parts}}


class TestSigningIn:
    async def test_a_wrong_token_is_401_with_an_empty_body(self, post) -> None:
        response = await post("{ getSLAList { id } }", Authorization="Bearer wrong")
        assert (response.status_code, response.text) == (401, "")

    async def test_a_wrong_subdomain_is_400_with_an_empty_body(self, post) -> None:
        response = await post("{ getSLAList { id } }", CustomerSubDomain="other")
        assert (response.status_code, response.text) == (400, "")


class TestTheSchema:
    @pytest.mark.parametrize(
        ("query", "name"),
        [
            ("{ getSLAList { id target } }", "FieldUndefined"),
            ("{ getStatusList }", "SubSelectionRequired"),
            (TICKETS.replace("client", "client { name }"), "SubSelectionNotAllowed"),
        ],
    )
    async def test_a_query_that_does_not_fit_fails_as_a_whole(self, ask, query, name) -> None:
        answer = await ask(query, listing())
        assert answer["data"] is None
        assert name in answer["errors"][0]["message"]
        assert answer["errors"][0]["extensions"] == {"classification": "ValidationError"}

    async def test_a_missing_variable_fails(self, ask) -> None:
        answer = await ask(TICKETS)
        assert answer["data"] is None

    @pytest.mark.skipif(
        not SAMPLES.exists(), reason="the sample answers are not beside the project"
    )
    async def test_every_documented_request_is_understood(self, ask, server) -> None:
        server._subdomain = "acme"
        understood = 0
        for file in sorted(SAMPLES.glob("*.json")):
            sample = json.loads(file.read_text())
            if not sample["schema_check"]:
                continue
            body = sample["request"]["body"]
            answer = await ask(body["query"], body.get("variables"))
            for error in answer.get("errors", ()):
                classification = error.get("extensions", {}).get("classification")
                assert classification != "ValidationError", file.name
            understood += 1
        assert understood > 10


class TestLists:
    async def test_pages_have_at_most_a_hundred_and_the_last_says_null(self, ask) -> None:
        first = (await ask(TICKETS, listing(pageSize=500)))["data"]["getTicketList"]
        last = (await ask(TICKETS, listing(page=2)))["data"]["getTicketList"]
        assert len(first["tickets"]) == 100
        assert first["listInfo"]["hasMore"] is True
        assert last["listInfo"]["hasMore"] is None
        assert len(last["tickets"]) == last["listInfo"]["totalCount"] - 100 == 20

    async def test_rows_are_silently_missing_without_the_ticket_id(self, ask) -> None:
        answer = await ask(TICKETS.replace("ticketId", ""), listing())
        assert answer["data"]["getTicketList"]["tickets"] == []
        assert answer["data"]["getTicketList"]["listInfo"]["totalCount"] == 120

    async def test_sorting_changes_the_order_and_none_is_not_newest_first(self, ask) -> None:
        async def created(**parts: object) -> list[str]:
            answer = await ask(TICKETS, listing(**parts))
            return [t["createdTime"] for t in answer["data"]["getTicketList"]["tickets"]]

        newest = await created(sort=[{"attribute": "createdTime", "order": "DESC"}])
        assert newest == sorted(newest, reverse=True)
        assert await created() != newest

    async def test_compound_conditions_and_ids_narrow_the_list(self, ask) -> None:
        every = (await ask(TICKETS, listing()))["data"]["getTicketList"]["tickets"]
        wanted = [every[0]["ticketId"], every[5]["ticketId"]]
        condition = {
            "joinOperator": "AND",
            "operands": [OPEN, {"attribute": "ticketId", "operator": "includes", "value": wanted}],
        }
        found = (await ask(TICKETS, listing(condition=condition)))["data"]["getTicketList"]
        assert sorted(t["ticketId"] for t in found["tickets"]) == sorted(wanted)

    async def test_an_unknown_operator_is_refused(self, ask) -> None:
        condition = {"attribute": "status", "operator": "in", "value": []}
        assert code(await ask(TICKETS, listing(condition=condition))) == "type_validation_failed"

    async def test_times_are_naive_and_some_ids_are_bare_numbers(self, ask) -> None:
        tickets = (await ask(TICKETS, listing()))["data"]["getTicketList"]["tickets"]
        times = [t["updatedTime"] for t in tickets] + [t["createdTime"] for t in tickets]
        assert not any(t.endswith("Z") or "+" in t for t in times)
        assert {len(t) for t in times} == {19, 23}, "with and without milliseconds"
        ids = [t["client"]["accountId"] for t in tickets if t["client"]]
        assert any(isinstance(i, int) and i > 2**53 for i in ids)
        assert all(isinstance(t["ticketId"], str) for t in tickets)


class TestTheLimit:
    async def test_the_hundred_and_first_request_of_a_minute_is_refused(self, ask, clock) -> None:
        for _ in range(100):
            assert "errors" not in await ask("{ getSLAList { id } }")
        assert code(await ask("{ getSLAList { id } }")) == "rate_limit_exceeded"
        clock.advance(minutes=1)
        assert "errors" not in await ask("{ getSLAList { id } }")


class TestWriting:
    UPDATE = """mutation updateTicket($input: UpdateTicketInput!) {
      updateTicket(input: $input) { ticketId status technician priority } }"""
    NOTE = """mutation createTicketNote($input: CreateTicketNoteInput!) {
      createTicketNote(input: $input) { noteId privacyType } }"""

    async def test_an_update_really_changes_the_ticket(self, ask, desk) -> None:
        ticket = next(t for t in desk.tickets.values() if desk.is_open(t))
        technician = list(desk.technicians.values())[-1]
        change = {
            "ticketId": ticket.id,
            "status": "Resolved",
            "technician": {"userId": technician.id},
        }
        answer = await ask(self.UPDATE, {"input": change})
        assert answer["data"]["updateTicket"]["status"] == "Resolved"
        assert ticket.technician is technician
        assert ticket.resolved is not None

    @pytest.mark.parametrize(
        ("change", "expected"),
        [
            ({"ticketId": "1"}, "entity_does_not_exist"),
            ({"status": "Nonsense"}, "referred_value_does_not_exist"),
            ({"technician": {"userId": "1"}}, "referred_value_does_not_exist"),
        ],
    )
    async def test_what_does_not_exist_is_refused_by_code(
        self, ask, desk, change, expected
    ) -> None:
        ticket = next(iter(desk.tickets.values()))
        assert (
            code(await ask(self.UPDATE, {"input": {"ticketId": ticket.id, **change}})) == expected
        )

    async def test_a_note_can_be_read_back(self, ask, desk) -> None:
        ticket = next(iter(desk.tickets.values()))
        which = {"ticketId": ticket.id}
        await ask(self.NOTE, {"input": {"ticket": which, "content": "Seen."}})
        query = """query q($input: TicketIdentifierInput!) {
          getTicketNoteList(input: $input) { content addedOn privacyType } }"""
        notes = (await ask(query, {"input": which}))["data"]["getTicketNoteList"]
        assert [(n["content"], n["privacyType"]) for n in notes] == [("Seen.", "PRIVATE")]

    async def test_a_new_ticket_needs_a_request_type_and_gets_due_times(self, ask, desk) -> None:
        create = """mutation c($input: CreateTicketInput!) {
          createTicket(input: $input) { ticketId firstResponseDueTime resolutionDueTime } }"""
        client = next(iter(desk.clients))
        new = {"subject": "Help", "client": {"accountId": client}, "source": "EMAIL"}
        assert code(await ask(create, {"input": new})) == "mandatory_validation_failed"
        new |= {"requestType": "Incident", "priority": "High"}
        made = (await ask(create, {"input": new}))["data"]["createTicket"]
        assert made["firstResponseDueTime"] < made["resolutionDueTime"]

    async def test_deleting_and_restoring(self, ask, desk) -> None:
        ticket = next(t for t in desk.tickets.values() if desk.is_open(t))
        which = {"input": [{"ticketId": ticket.id}]}
        await ask(
            "mutation d($input: [TicketIdentifierInput]) { softDeleteTickets(input: $input) }",
            which,
        )
        gone = await ask(
            "query g($input: TicketIdentifierInput!) { getTicket(input: $input) { ticketId } }",
            {"input": {"ticketId": ticket.id}},
        )
        assert code(gone) == "entity_does_not_exist"
        await ask(
            "mutation r($input: [TicketIdentifierInput]) { restoreTickets(input: $input) }", which
        )
        assert not ticket.deleted


class TestFaultsToOrder:
    async def test_each_ordered_fault_fires_as_often_as_ordered(self, post, server) -> None:
        server.faults.next("server_error", times=2)
        statuses = [(await post("{ getSLAList { id } }")).status_code for _ in range(3)]
        assert statuses == [500, 500, 200]
        assert server.faults.fired["server_error"] == 2

    async def test_a_write_can_happen_and_still_answer_with_an_error(
        self, ask, server, desk
    ) -> None:
        ticket = next(iter(desk.tickets.values()))
        server.faults.next("written_but_error", operation="createTicketNote")
        note = {"ticket": {"ticketId": ticket.id}, "content": "once"}
        answer = await ask(TestWriting.NOTE, {"input": note})
        assert "Internal Server Error" in answer["errors"][0]["message"]
        assert [n["content"] for n in ticket.notes] == ["once"]

    async def test_rows_can_go_missing(self, ask, server) -> None:
        server.faults.next("rows_missing")
        answer = (await ask(TICKETS, listing()))["data"]["getTicketList"]
        assert (answer["tickets"], answer["listInfo"]["totalCount"]) == ([], 120)
