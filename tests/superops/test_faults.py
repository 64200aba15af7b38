"""Answers that are no result: each becomes the error of the right kind, in words."""

import json
from unicodedata import category

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_console.domain.errors import (
    AnswerRefused,
    RateLimited,
    RequestRefused,
    SuperOpsError,
    Unreachable,
)
from sla_console.superops.documents import SLAS
from sla_console.superops.faults import result_of
from sla_console.superops.transport import HTTPAnswer

NAMED = [{"code": "forbidden", "param": {"attributes": ["status"]}}]
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "errors",
                    "extensions",
                    "clientError",
                    "code",
                    "param",
                    "attributes",
                    "data",
                    "message",
                    "getSLAList",
                    "classification",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=15,
)


def judged(body, status: int = 200):
    return result_of(HTTPAnswer(status, json.dumps(body).encode()), SLAS, "acme")


@pytest.mark.parametrize(
    "body",
    [
        {"errors": [{"extensions": {"clientError": NAMED}}], "data": {}},
        {"errors": [{"message": None, "extensions": {"clientError": NAMED}}], "data": None},
        {"extensions": {"clientError": NAMED}},
        {"data": {"extensions": {"clientError": NAMED}}},
        {"data": {"clientError": NAMED}},
        {"data": {"getSLAList": {"clientError": NAMED}}},
        {"errors": {"extensions": {"clientError": NAMED[0]}}},
    ],
)
def test_codes_are_found_wherever_superops_puts_them(body):
    with pytest.raises(RequestRefused, match=r"names of SLAs: the role.*\(status\)") as caught:
        judged(body)
    assert caught.value.codes == ("forbidden",)


def test_an_unknown_code_is_passed_on_as_it_is(refusal):
    with pytest.raises(RequestRefused, match="its code is brand_new") as caught:
        judged(refusal("brand_new", "other"))
    assert caught.value.codes == ("brand_new", "other")


@pytest.mark.parametrize("message", [None, "", "Internal Server Error(s) while executing query"])
def test_a_fault_of_the_server_without_a_code_may_pass(message):
    with pytest.raises(Unreachable, match="failed on its side"):
        judged({"errors": [{"message": message}], "data": {"getSLAList": None}})


def test_a_request_that_does_not_fit_the_schema_is_not_repeated():
    message = "Validation error (SubSelectionNotAllowed@[getTicketList]) : \x1b[31mno"
    with pytest.raises(RequestRefused, match="does not fit its schema") as caught:
        judged({"errors": [{"message": message}], "data": None})
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "kind"),
    [(500, Unreachable), (502, Unreachable), (503, Unreachable), (408, Unreachable),
     (429, RateLimited), (403, RequestRefused), (422, RequestRefused), (404, AnswerRefused),
     (301, AnswerRefused), (418, AnswerRefused)],
)  # fmt: skip
def test_each_status_has_its_kind(status, kind):
    with pytest.raises(kind):
        result_of(HTTPAnswer(status, b""), SLAS, "acme")


def test_a_400_that_names_its_reason_is_not_blamed_on_the_subdomain():
    with pytest.raises(RequestRefused, match="does not fit its schema"):
        judged({"errors": [{"extensions": {"classification": "ValidationError"}}]}, 400)


@pytest.mark.parametrize("body", [b"", b"<html>login</html>", b"[]", b"7", b'{"data": []}', b"{}"])
def test_what_is_no_graphql_answer_is_refused(body):
    with pytest.raises(AnswerRefused, match=r"superops\.url"):
        result_of(HTTPAnswer(200, body), SLAS, "acme")


@given(ANY_JSON)
def test_any_json_ends_in_a_value_or_an_error_for_people(body):
    said = ""
    try:
        judged(body)
    except SuperOpsError as error:
        said = str(error)
    assert not {category(char) for char in said} & {"Cc", "Cf", "Cs", "Co"}


async def test_a_rate_limited_read_waits_for_the_next_minute(client, desk, refusal, clock, sleeps):
    clock.advance(seconds=15)
    desk.will(refusal("rate_limit_exceeded"), {"data": {"getSLAList": []}})
    assert await client.sla_names() == []
    assert sum(sleeps) == pytest.approx(45)
    assert len(desk.requests) == 2


async def test_retry_after_is_respected(client, desk, sleeps):
    desk.will(
        lambda _: httpx.Response(429, headers={"Retry-After": "7"}), {"data": {"getSLAList": []}}
    )
    await client.sla_names()
    assert sum(sleeps) == pytest.approx(7)


async def test_a_limit_that_stays_exhausted_is_reported_after_a_few_minutes(
    client, desk, refusal, clock
):
    desk.will(refusal("rate_limit_exceeded"))
    with pytest.raises(RateLimited, match="no more requests this minute"):
        await client.sla_names()
    assert len(desk.requests) == 4
    assert client.budget.left() == 0


async def test_transient_faults_of_reads_are_tried_again(client, desk):
    desk.will(503, httpx.ConnectError("refused"), {"data": {"getSLAList": []}})
    assert await client.sla_names() == []
    assert len(desk.requests) == 3


async def test_each_retry_waits_up_to_a_doubling_ceiling(make_client, desk):
    from sla_console.superops.calls import full_jitter

    failures = []
    client = make_client(backoff=lambda count: failures.append(count) or 0.0)
    desk.will(503)
    with pytest.raises(Unreachable):
        await client.sla_names()
    assert len(desk.requests) == 4
    assert failures == [1, 2, 3, 4][: len(failures)]
    assert len(failures) >= 3
    for count, ceiling in ((1, 1), (2, 2), (3, 4), (5, 16), (9, 20), (5000, 20)):
        waits = [full_jitter(count) for _ in range(200)]
        assert 0 <= min(waits) < ceiling / 3
        assert ceiling * 2 / 3 < max(waits) <= ceiling


@pytest.mark.parametrize("answer", [404, {"data": 5}])
async def test_what_cannot_be_trusted_is_not_asked_for_again(client, desk, answer):
    desk.will(answer)
    with pytest.raises(AnswerRefused):
        await client.sla_names()
    assert len(desk.requests) == 1


async def test_what_is_refused_is_not_asked_for_again(client, desk, refusal):
    desk.will(refusal("forbidden"))
    with pytest.raises(RequestRefused):
        await client.sla_names()
    assert len(desk.requests) == 1


@pytest.mark.parametrize("answer", [500, 503, httpx.ReadTimeout(""), httpx.ReadError(""),
                                    {"errors": [{"message": "Internal Server Error(s)"}]},
                                    {"data": {"createTicketNote": None}}, {"data": {}}, {"x": 1},
                                    b"garbage"])  # fmt: skip
async def test_a_write_of_unknown_outcome_is_sent_once_and_says_so(client, desk, answer):
    desk.will(answer)
    with pytest.raises(Unreachable):
        await client.add_note("1", "hello")
    assert len(desk.requests) == 1


async def test_a_write_refused_for_the_rate_is_left_to_the_caller(client, desk, refusal):
    desk.will(refusal("rate_limit_exceeded"))
    with pytest.raises(RateLimited):
        await client.set_status("1", "Resolved")
    assert len(desk.requests) == 1


async def test_a_write_that_is_refused_names_the_codes(client, desk, refusal):
    desk.will(refusal("mandatory_validation_failed"))
    with pytest.raises(RequestRefused, match="change a ticket: a value that this account requires"):
        await client.set_status("1", "Closed")


async def test_a_retry_is_logged_in_words_and_with_no_secret(client, desk, caplog):
    caplog.set_level("DEBUG", logger="sla_console")
    desk.will(503, {"data": {"getSLAList": []}})
    await client.sla_names()
    assert "asked to read the names of SLAs: SuperOps failed on its side" in caplog.text
    assert "stamina" not in caplog.text
    assert "very-secret" not in caplog.text
