"""Refusals and faults answer exactly as the documented samples do."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

SAMPLES = Path(__file__).parents[3] / "shared" / "superops" / "samples"
beside = pytest.mark.skipif(
    not SAMPLES.exists(), reason="the sample answers are not beside the project"
)
LIST = """query q($input: ListInfoInput!) {
  getTicketList(input: $input) { tickets { ticketId } listInfo { totalCount } } }"""


@pytest.fixture
def sample(desk):
    """Return the request and the answer of a sample, on a client that this desk has."""

    def read(name: str) -> tuple[dict, dict]:
        text = (SAMPLES / f"{name}.json").read_text()
        whole = json.loads(text.replace("6120045519930011648", next(iter(desk.clients))))
        return whole["request"]["body"], whole["response"]["body"]

    return read


@pytest.fixture
def count(ask):
    """Return how many tickets meet a condition."""

    async def counted(attribute: str, operator: str, value: object = None) -> int:
        condition = {"attribute": attribute, "operator": operator, "value": value}
        answer = await ask(LIST, {"input": {"condition": condition}})
        return answer["data"]["getTicketList"]["listInfo"]["totalCount"]

    return counted


class TestAsInTheSamples:
    @beside
    @pytest.mark.parametrize("name", ["error_subselection", "error_validation"])
    async def test_one_mistake(self, ask, sample, name) -> None:
        request, expected = sample(name)
        assert await ask(request["query"], request["variables"]) == expected

    @beside
    async def test_a_bulk_mutation_names_every_offender_and_does_nothing(
        self, ask, sample, desk
    ) -> None:
        request, expected = sample("error_validation_bulk")
        before = list(desk.statuses)
        assert await ask(request["query"], request["variables"]) == expected
        assert desk.statuses == before

    @beside
    async def test_an_internal_error_has_the_reported_102_bytes(self, post, sample, server) -> None:
        request, expected = sample("error_internal")
        server.faults.next("internal_error")
        response = await post(request["query"], request["variables"])
        assert (response.json(), len(response.content)) == (expected, 102)

    @beside
    async def test_the_limit(self, ask, sample, server) -> None:
        request, expected = sample("error_rate_limit")
        server.faults.next("rate_limited")
        assert await ask(request["query"], request["variables"]) == expected


class TestQueriesThatDoNotFit:
    @pytest.mark.parametrize(
        ("query", "message"),
        [
            (
                "{ getClientList(input: {}) { clients { nope } } }",
                "(FieldUndefined@[getClientList/clients/nope]) : Field 'nope' in type 'Client' is",
            ),
            (
                "query q($i: Int) { getTicket(input: $i) { ticketId } }",
                "Validation error (VariableTypeMismatch@[getTicket]) : ",
            ),
            (
                "{ getTicketList { tickets { ticketId } } }",
                "(MissingFieldArgument@[getTicketList])",
            ),
            (LIST, "Variable 'input' has coerced Null value for NonNull type 'ListInfoInput!'"),
        ],
    )
    async def test_are_named_as_graphql_java_names_them(self, ask, query, message) -> None:
        (error,) = (await ask(query))["errors"]
        assert message in error["message"]
        assert error["extensions"] == {"classification": "ValidationError"}

    async def test_what_is_no_graphql_is_invalid_syntax(self, ask) -> None:
        (error,) = (await ask("{ getSLAList { "))["errors"]
        assert error["extensions"] == {"classification": "InvalidSyntax"}


class TestConditions:
    async def test_dates_can_be_asked_for_by_name_span_and_limit(self, ask, count, desk) -> None:
        now, every = desk.now, len(desk.tickets)
        today = sum(t.created.date() == now.date() for t in desk.tickets.values())
        assert 0 < today < every
        assert await count("createdTime", "on", "placeholder.today") == today
        assert await count("createdTime", "on", f"{now:%Y-%m-%d}") == today
        week = now - timedelta(days=7)
        recent = sum(t.created >= week for t in desk.tickets.values())
        assert await count("createdTime", "inLast", {"unit": "DAY", "quantity": 7}) == recent
        limit = f"{week:%Y-%m-%dT%H:%M:%S}"
        assert await count("createdTime", "after", limit) == recent
        assert await count("createdTime", "before", limit) == every - recent
        assert await count("createdTime", "between", [limit, f"{now:%Y-%m-%dT%H:%M:%S}"]) == recent

    async def test_words_and_emptiness(self, ask, count, desk) -> None:
        every = len(desk.tickets)
        nobody = sum(t.technician is None for t in desk.tickets.values())
        assert await count("technician", "isEmpty") == nobody
        assert await count("technician.name", "isNotEmpty") == every - nobody
        assert await count("subject", "contains", "PRINTER") > 0
        group = next(iter(desk.groups.items()))
        of_group = sum(t.group_id == group[0] for t in desk.tickets.values())
        assert await count("techGroup.name", "is", group[1]) == of_group

    async def test_a_violated_flag_can_be_asked_for(self, count, desk) -> None:
        late = await count("resolutionViolated", "is", True)
        fine = await count("resolutionViolated", "is", False)
        without = sum(t.resolution_due is None for t in desk.tickets.values())
        assert late > 0
        assert late + fine + without == len(desk.tickets)

    @pytest.mark.parametrize(
        ("operator", "value"),
        [
            ("includes", "no list"),
            ("after", "yesterday"),
            ("on", "placeholder.never"),
            ("between", ["2026-10-12T00:00:00"]),
            ("inLast", {"unit": "DAY", "quantity": "many"}),
            ("inLast", {"unit": "FORTNIGHT", "quantity": 1}),
        ],
    )
    async def test_a_value_of_the_wrong_kind_is_refused(self, ask, operator, value) -> None:
        condition = {"attribute": "createdTime", "operator": operator, "value": value}
        (error,) = (await ask(LIST, {"input": {"condition": condition}}))["errors"]
        assert error["extensions"]["clientError"] == [
            {"code": "type_validation_failed", "param": {"attributes": ["value"]}}
        ]


class TestRequests:
    @pytest.mark.parametrize("variables", [[1], "text", 7])
    async def test_variables_that_are_no_object_are_400(self, post, variables) -> None:
        assert (await post("{ getSLAList { id } }", variables)).status_code == 400

    async def test_a_fault_does_not_stay_after_a_refusal(self, ask, server, clock) -> None:
        for _ in range(100):
            await ask("{ getSLAList { id } }")
        server.faults.next("rows_missing")
        assert "errors" in await ask(LIST, {"input": {}})
        clock.advance(minutes=1)
        answer = await ask(LIST, {"input": {}})
        assert answer["data"]["getTicketList"]["tickets"]

    async def test_a_delayed_request_is_carried_out(self, ask, server) -> None:
        server.faults.next("delay", seconds=0.0)
        assert "data" in await ask("{ getSLAList { id } }")
        assert server.faults.fired["delay"] == 1

    async def test_a_page_is_as_of_now(self, ask, desk, clock) -> None:
        flag = """query q($input: ListInfoInput!) {
          getTicketList(input: $input) { tickets { ticketId resolutionViolated } } }"""
        ticket = next(t for t in desk.tickets.values() if desk.is_open(t) and not t.held_since)
        ticket.resolution_due = desk.now + timedelta(milliseconds=500)
        which = {"attribute": "ticketId", "operator": "includes", "value": [ticket.id]}

        async def violated() -> bool:
            answer = await ask(flag, {"input": {"condition": which}})
            return answer["data"]["getTicketList"]["tickets"][0]["resolutionViolated"]

        assert await violated() is False
        clock.advance(seconds=1)
        assert await violated() is True
