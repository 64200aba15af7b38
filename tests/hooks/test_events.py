"""Events from outside: a call proves itself, names a ticket, and is believed in nothing else."""

import gzip
import json
import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sla_console.hooks.event_routes import EventRoutes, named_in
from sla_console.hooks.limits import RateLimit, is_deeper
from sla_console.http.standard_webhooks import sign

SIGNED = "/hooks/superops"


@pytest.fixture
def token() -> str:
    return "0123456789abcdef0123456789abcdef"


@pytest.fixture
def real() -> datetime:
    return datetime(2026, 10, 12, 9, 0, tzinfo=UTC)


def headers(body: bytes, at, identifier: str = "msg_1", key: bytes | None = None) -> dict[str, str]:
    stamp = str(int(at.timestamp()))
    return {
        "webhook-id": identifier,
        "webhook-timestamp": stamp,
        "webhook-signature": sign(
            key or b"a signing key of thirty bytes.", identifier, stamp, body
        ),
    }


def waiting(hooked) -> list[str]:
    return list(hooked.console.engine.named._waiting)


BODY = b'{"ticketId": "42"}'


class TestBySecretPath:
    async def test_the_right_path_is_answered_before_the_work(self, hook, token) -> None:
        hooked = await hook()
        answer = await hooked.client.post(f"{SIGNED}/{token}", content=BODY)
        assert answer.status_code == 202
        assert waiting(hooked) == ["42"]
        asked = hooked.console.server.requests

        for path in (f"{SIGNED}/{token[:-1]}0", f"{SIGNED}/x", f"{SIGNED}/", "/", f"/{token}"):
            assert (await hooked.client.post(path, content=BODY)).status_code == 404, path
        assert (await hooked.client.get(f"{SIGNED}/{token}")).status_code == 405
        assert waiting(hooked) == ["42"]
        assert hooked.console.server.requests == asked

    async def test_what_cannot_be_read_is_refused_in_a_sentence(self, hook, token) -> None:
        hooked = await hook()
        for body, said in (
            (b"{", "The body is no JSON."),
            (b"\xff\xfe", "The body is no JSON."),
            (b"[" * 17 + b"]" * 17, "It nests deeper than 16 levels."),
            (b"[" * 60_000, "It nests deeper than 16 levels."),
            (b'{"status": "Closed"}', "It names no ticket"),
            (b'{"ticketId": "../../x"}', "It names no ticket"),
            (b'{"ticketId": true}', "It names no ticket"),
            (b"", "The body is no JSON."),
        ):
            answer = await hooked.client.post(f"{SIGNED}/{token}", content=body)
            assert answer.status_code == 400, body[:40]
            assert said in answer.text, body[:40]
        assert waiting(hooked) == []

    async def test_a_body_that_is_too_large_is_refused_with_and_without_its_length(
        self, hook, token
    ) -> None:
        hooked = await hook()
        large = b'{"ticketId": "42", "x": "' + b"a" * 70_000 + b'"}'

        async def pieces():
            for start in range(0, len(large), 10_000):
                yield large[start : start + 10_000]

        for content in (large, pieces()):
            answer = await hooked.client.post(f"{SIGNED}/{token}", content=content)
            assert answer.status_code == 413
        assert waiting(hooked) == []

    async def test_a_packed_body_is_not_unpacked(self, hook, token) -> None:
        hooked = await hook()
        body, packed = gzip.compress(b'{"ticketId": "42"}'), {"Content-Encoding": "gzip"}
        answer = await hooked.client.post(f"{SIGNED}/{token}", content=body, headers=packed)
        assert answer.status_code == 400
        assert waiting(hooked) == []

    async def test_who_calls_too_often_has_to_wait_and_others_do_not(self, hook, token) -> None:
        hooked = await hook()
        hooked.events._rate = RateLimit(3, 100, timedelta())
        for _ in range(3):
            await hooked.client.post(f"{SIGNED}/wrong", content=b"")
        late = await hooked.client.post(f"{SIGNED}/{token}", content=BODY)
        assert late.status_code == 429
        assert late.headers["Retry-After"] == "60"
        other = {"X-Forwarded-For": "evil, 203.0.113.9"}
        answer = await hooked.client.post(f"{SIGNED}/{token}", content=BODY, headers=other)
        assert answer.status_code == 202


class TestSigned:
    async def test_a_signature_that_fits_counts_once_also_after_a_restart(self, hook, real) -> None:
        hooked = await hook()
        proof = headers(BODY, real)
        assert (await hooked.client.post(SIGNED, content=BODY, headers=proof)).status_code == 202
        hooked.console.engine.named._waiting.clear()
        assert (await hooked.client.post(SIGNED, content=BODY, headers=proof)).status_code == 200
        assert waiting(hooked) == []
        await hooked.end()
        again = await hook()
        assert (await again.client.post(SIGNED, content=BODY, headers=proof)).status_code == 200
        assert waiting(again) == []

    async def test_a_signature_that_proves_nothing_is_refused(self, hook, real) -> None:
        hooked = await hook()
        good = headers(BODY, real)
        for proof in (
            {},
            headers(BODY, real, key=b"another key of thirty bytes..."),
            headers(b'{"ticketId": "43"}', real),
            headers(BODY, real - timedelta(minutes=6)),
            headers(BODY, real + timedelta(minutes=6)),
            {**good, "webhook-id": "msg_2"},
            {**good, "webhook-timestamp": "12"},
            {**good, "webhook-timestamp": "x"},
            {**good, "webhook-signature": "v1,"},
            {**good, "webhook-signature": "v1a,AAAA"},
        ):
            answer = await hooked.client.post(SIGNED, content=BODY, headers=proof)
            assert answer.status_code == 401, proof
        odd = {**good, "webhook-signature": "v1,é".encode().decode("latin-1")}
        raw = {name.encode(): value.encode("latin-1") for name, value in odd.items()}
        assert (await hooked.client.post(SIGNED, content=BODY, headers=raw)).status_code == 401
        assert waiting(hooked) == []

    async def test_refused_calls_fill_no_log(self, hook, caplog) -> None:
        caplog.set_level(logging.INFO)
        hooked = await hook()
        for _ in range(25):
            await hooked.client.post(SIGNED, content=BODY)
        assert caplog.text.count("a call from outside was refused") == 20

    async def test_one_of_several_signatures_is_enough(self, hook, real) -> None:
        hooked = await hook()
        proof = headers(BODY, real)
        proof["webhook-signature"] = f"v1,AAAA v2,x {proof['webhook-signature']}"
        assert (await hooked.client.post(SIGNED, content=BODY, headers=proof)).status_code == 202


class TestWhatItIsBelieved:
    async def test_a_body_that_lies_changes_nothing(self, hooked, token, desk) -> None:
        """It says that the ticket is closed; SuperOps says that it is open, and counts."""
        ticket = next(iter(desk.tickets.values()))
        body = {"ticket": {"id": ticket.id, "status": "Closed", "subject": "gone"}}
        await hooked.client.post(f"{SIGNED}/{token}", json=body)
        await hooked.console.engine.named.step()
        (row,) = hooked.console.engine.tracker.board.tickets()
        assert (row.ticket.status, row.ticket.subject) == ("Open", "Printer on fire")

    async def test_a_change_in_superops_is_on_the_board_with_the_next_request(
        self, hooked, token, desk, clock
    ) -> None:
        ticket = next(iter(desk.tickets.values()))
        desk.set_status(ticket, "In Progress", clock.now())
        await hooked.client.post(f"{SIGNED}/{token}", json={"displayId": "T1"})
        before = hooked.console.server.requests
        assert await hooked.console.engine.named.step()
        assert hooked.console.server.requests == before + 1
        (row,) = hooked.console.engine.tracker.board.tickets()
        assert row.ticket.status == "In Progress"


NAMING: list[tuple[Any, list[str]]] = [
    ({"ticketId": "42"}, ["42"]),
    ({"ticketId": 42}, ["42"]),
    ({"ticket_id": "42", "displayId": "T-1"}, ["42"]),
    ({"displayId": "#062822-0005"}, ["062822-0005"]),
    ({"ticket": {"id": "42", "number": "T-1"}}, ["42"]),
    ({"ticket": "42"}, ["42"]),
    ({"data": {"ticket": {"ticketId": "42"}}}, ["42"]),
    ({"tickets": [{"id": "1"}, "2", {"displayId": "3"}, None, []]}, ["1", "2", "3"]),
    ({"id": "42"}, []),
    ({"ticketId": "a" * 41}, []),
    ({"ticketId": "1 OR 1"}, []),
    ({"ticketId": None}, []),
    ({"data": {"data": {"ticketId": "42"}}}, []),
    (["42"], []),
    ("42", []),
    (None, []),
]


@pytest.mark.parametrize(("document", "names"), NAMING)
def test_tickets_are_named_in_these_ways(document, names) -> None:
    assert list(named_in(json.loads(json.dumps(document)))) == names


@pytest.mark.parametrize(
    ("document", "deep"),
    [
        (b"[[]]", False),
        (b"[[[]]]", True),
        (b'["[[[["]', False),
        (b'["\\"[[[["]', False),
        (b'{"a": {"b": {"c": 1}}}', True),
        (b"[][][][]", False),
    ],
)
def test_depth_is_counted_outside_of_text(document, deep) -> None:
    assert is_deeper(document, 2) is deep


def test_a_source_that_asks_too_often_uses_up_nothing_of_the_others() -> None:
    """Two a minute each, five together: the third of one source is refused and not counted."""
    limit, now = RateLimit(2, 5, timedelta()), timedelta()
    assert [limit.allows("a", now) for _ in range(6)] == [True, True, *[False] * 4]
    assert [limit.allows(name, now) for name in "bbcc"] == [True, True, True, False]
    assert limit.allows("d", timedelta(seconds=12))


def test_without_a_secret_nothing_is_answered() -> None:
    assert EventRoutes(None, None).routes() == []  # type: ignore[arg-type]
