"""One exchange: limited in time and size, tolerant of odd JSON, silent about the token."""

import asyncio
import gzip
import logging
import time
import tracemalloc

import httpx
import pytest

from sla_console.domain.errors import AnswerRefused, Unreachable, UserError
from sla_console.superops.transport import Transport, parse_json

LIMIT = 10_000


class Pieces(httpx.AsyncByteStream):
    """A body that arrives in pieces, and counts how many were taken."""

    def __init__(self, piece: bytes, times: int) -> None:
        self.piece, self.times, self.taken = piece, times, 0

    async def __aiter__(self):
        for _ in range(self.times):
            self.taken += 1
            await asyncio.sleep(0)
            yield self.piece


@pytest.fixture
def send(source):
    async def send(answer, limit: float = 5.0):
        def handler(request: httpx.Request) -> httpx.Response:
            if isinstance(answer, Exception):
                raise answer
            return answer(request) if callable(answer) else answer

        mock = httpx.MockTransport(handler)
        transport = Transport("https://api.example.test/msp", "acme", limit, LIMIT, mock)
        try:
            return await transport.send({"query": "{ x }"}, source.read())
        finally:
            await transport.aclose()

    return send


async def test_the_request_carries_bearer_trimmed_subdomain_and_offers_gzip_alone(client, desk):
    desk.will({"data": {"getSLAList": []}})
    await client.sla_names()
    (request,) = desk.requests
    assert request.method == "POST"
    assert request.headers["Authorization"] == "Bearer tok-4f1c9a7e-very-secret"
    assert request.headers["CustomerSubDomain"] == "northwind-msp"
    assert request.headers["Accept-Encoding"] == "gzip"
    assert request.headers["Content-Type"] == "application/json"


async def test_an_answer_that_drips_for_ever_is_given_up(send):
    body = Pieces(b"", 10**9)
    started = time.monotonic()
    with pytest.raises(Unreachable, match=r"within 0\.05 seconds"):
        await send(httpx.Response(200, stream=body), limit=0.05)
    assert time.monotonic() - started < 2
    assert body.taken > 1


async def test_an_answer_beyond_the_limit_is_not_read_on(send):
    body = Pieces(b"x" * 1000, 10**6)
    with pytest.raises(AnswerRefused, match="more than 10,000 bytes"):
        await send(httpx.Response(200, stream=body))
    assert body.taken <= 12


async def test_a_packed_bomb_is_never_unpacked(send):
    bomb = gzip.compress(b"\0" * 50_000_000)
    headers = {"Content-Encoding": "gzip"}
    tracemalloc.start()
    try:
        with pytest.raises(AnswerRefused, match="more than 10,000 bytes"):
            await send(lambda _: httpx.Response(200, headers=headers, stream=Pieces(bomb, 1)))
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


async def test_a_packed_answer_is_unpacked(send):
    headers = {"Content-Encoding": "gzip"}
    packed = gzip.compress(b'{"data": {}}')
    answer = await send(httpx.Response(200, headers=headers, stream=Pieces(packed, 1)))
    assert answer.body == b'{"data": {}}'


@pytest.mark.parametrize(("encoding", "body"), [("gzip", b"no gzip"), ("br", b"anything")])
async def test_what_cannot_be_unpacked_is_refused(send, encoding, body):
    headers = {"Content-Encoding": encoding}
    with pytest.raises(AnswerRefused, match="packed"):
        await send(httpx.Response(200, headers=headers, stream=Pieces(body, 1)))


@pytest.mark.parametrize(
    "trouble",
    [
        httpx.ConnectError("[Errno -2] Name or service not known"),
        httpx.ConnectTimeout(""),
        httpx.ReadTimeout(""),
        httpx.RemoteProtocolError("Server disconnected"),
        httpx.ReadError(""),
        httpx.ProxyError("403 Forbidden"),
    ],
)
async def test_every_trouble_of_the_network_is_unreachable(send, trouble):
    with pytest.raises(Unreachable) as caught:
        await send(trouble)
    assert caught.value.__context__ is None, "the request with its token hangs on the context"


async def test_redirects_are_not_followed(client, desk):
    desk.will(lambda _: httpx.Response(302, headers={"Location": "https://evil.test/"}))
    with pytest.raises(AnswerRefused, match=r"HTTP 302.*superops\.url"):
        await client.sla_names()
    assert len(desk.requests) == 1


async def test_no_log_holds_the_token_or_the_address(client, desk, caplog):
    caplog.set_level(logging.DEBUG)
    desk.will({"data": {"getSLAList": []}}, 500)
    await client.sla_names()
    with pytest.raises(Unreachable):
        await client.sla_names()
    assert "very-secret" not in caplog.text
    assert "api.example.test" not in caplog.text


async def test_nothing_that_is_printed_shows_the_token(client, desk):
    desk.will(401)
    with pytest.raises(Exception, match="refuses") as caught:
        await client.sla_names()
    assert "very-secret" not in repr(caught.value) + repr(client) + repr(vars(client))


@pytest.mark.parametrize("subdomain", ["", "  ", "a\nb", "ä"])
def test_a_subdomain_that_cannot_stand_in_a_header_is_bad_input(subdomain):
    with pytest.raises(UserError, match=r"superops\.subdomain"):
        Transport("https://x.test", subdomain, 1, 1)


def test_an_impossible_address_is_bad_input():
    with pytest.raises(UserError, match=r"superops\.url"):
        Transport("https://x.test:port/", "acme", 1, 1)


def test_json_is_read_as_servers_really_send_it():
    assert parse_json(b'{"a": NaN, "b": -Infinity}') == {"a": None, "b": None}
    assert parse_json(b'{"a": 1, "a": 2}') == {"a": 2}
    assert parse_json(b"6120045519930061568") == 6120045519930061568
    assert parse_json(b"9" * 5000) == "9" * 5000
    assert parse_json(b'"\\ud800"') == "\ud800"


@pytest.mark.parametrize("text", [b"", b"<html>", b"{", b"\xff\xfe\x00", b"[" * 200_000])
def test_what_is_no_json_is_one_kind_of_error(text):
    with pytest.raises(ValueError):
        parse_json(text)
