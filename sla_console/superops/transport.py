"""One HTTP exchange with SuperOps, limited in time and in size, that shows the token to nobody."""

import asyncio
import json
import logging
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

import httpx

from sla_console.domain import fault_points
from sla_console.domain.errors import AnswerRefused, Unreachable, UserError
from sla_console.domain.text import clean
from sla_console.http.bodies import BoundedBody, CannotUnpack
from sla_console.http.proxies import client_options
from sla_console.superops.server_time import date_of

_WITH_BODY: Final = frozenset({400, 403, 422})
_LONGEST_INTEGER: Final = 40


class Revealable(Protocol):
    """A secret: it shows itself only when asked."""

    def reveal(self) -> str:
        """Return the secret itself."""
        ...


@dataclass(frozen=True, slots=True)
class HTTPAnswer:
    """What came back."""

    status: int
    body: bytes
    """Decompressed; empty where the status alone says everything."""
    retry_after: float | None = None
    """Seconds the server asks to wait."""
    date: datetime | None = None
    """The moment of the answer by the server's clock."""


class Transport:
    """Sends one request at a time of asking; knows no retries and no meaning.

    Args:
        url: The GraphQL endpoint.
        subdomain: The account's subdomain; surrounding spaces are removed.
        timeout_seconds: Real seconds for one whole exchange, however slowly it drips.
        max_bytes: Longest answer after decompression.
        transport: What carries the bytes, instead of the network.

    Raises:
        UserError: for an address or a subdomain that cannot be sent.
    """

    def __init__(
        self,
        url: str,
        subdomain: str,
        timeout_seconds: float,
        max_bytes: int,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.subdomain = subdomain.strip()
        if not self.subdomain or not self.subdomain.isascii() or not self.subdomain.isprintable():
            raise UserError(
                f"superops.subdomain: found {clean(subdomain)!r}, expected the account's name "
                f"alone, such as acme for acme.superops.ai"
            )
        try:
            self._url = httpx.URL(url)
        except (httpx.InvalidURL, UnicodeError):
            raise UserError(
                "superops.url: it is no web address; write one such as https://api.superops.ai/msp"
            ) from None
        self._timeout = timeout_seconds
        self._max_bytes = max_bytes
        self._transport = transport
        self._http: httpx.AsyncClient | None = None
        # Both would print addresses and headers at their lower levels.
        for name in ("httpx", "httpcore"):
            logging.getLogger(name).setLevel(logging.WARNING)

    async def send(self, payload: Mapping[str, Any], token: Revealable) -> HTTPAnswer:
        """Send one request and return what came back.

        Raises:
            Unreachable: if nothing came back within the time limit, or the network failed.
            AnswerRefused: if the answer is too large or cannot be unpacked.
            UserError: if the environment names a proxy that cannot be used.
        """
        trouble: str
        try:
            async with asyncio.timeout(self._timeout):
                return await self._exchange(payload, _Bearer(token))
        except TimeoutError:
            trouble = f"did not finish its answer within {self._timeout:g} seconds"
        except httpx.ConnectError as error:
            trouble = f"cannot be reached ({clean(str(error), 120) or 'no connection'})"
        except (httpx.HTTPError, OSError) as error:
            trouble = f"broke off the connection ({type(error).__name__})"
        # Raised out here, so that no traceback carries the request and with it the token.
        raise Unreachable(f"SuperOps {trouble}; what is shown stays as it was last known.")

    async def aclose(self) -> None:
        """Close the connections. A later request opens new ones."""
        if self._http is not None:
            await self._http.aclose()
            self._http = None

    async def _exchange(self, payload: Mapping[str, Any], auth: httpx.Auth) -> HTTPAnswer:
        if self._http is None:
            self._http = self._open()
        fault_points.hit("superops.send")
        async with self._http.stream("POST", self._url, json=payload, auth=auth) as response:
            status = response.status_code
            after = _seconds(response.headers.get("Retry-After"))
            wanted = response.is_success or status in _WITH_BODY
            date = date_of(response.headers.get("Date"))
            fault_points.hit("superops.answer")
            return HTTPAnswer(status, await self._read(response) if wanted else b"", after, date)

    async def _read(self, response: httpx.Response) -> bytes:
        """Read the body, unpacking at most the allowed bytes of it."""
        encoding = response.headers.get("Content-Encoding", "identity").strip().casefold()
        if encoding not in {"identity", "", "gzip"}:
            raise AnswerRefused(
                f"SuperOps packed its answer as {clean(encoding, 40)!r}, which was not offered; "
                f"a proxy on the way may do this."
            )
        body = BoundedBody(encoding, self._max_bytes)
        async for piece in response.aiter_raw():
            try:
                body.add(piece)
            except CannotUnpack:
                raise AnswerRefused("SuperOps sent an answer that cannot be unpacked.") from None
            if body.full:
                raise AnswerRefused(
                    f"SuperOps sent more than {self._max_bytes:,} bytes in one answer; it was not "
                    f"read. superops.max_answer_megabytes sets the limit."
                )
        return body.content

    def _open(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            **client_options(str(self._url), direct=self._transport is not None),
            transport=self._transport,
            headers={
                "CustomerSubDomain": self.subdomain,
                "Accept": "application/json",
                "Accept-Encoding": "gzip",
                "User-Agent": "sla-console",
            },
            timeout=httpx.Timeout(self._timeout),
            limits=httpx.Limits(max_connections=8, max_keepalive_connections=4),
        )

    def __repr__(self) -> str:
        return f"Transport({self._url.host})"


class _Bearer(httpx.Auth):
    """Writes the token into the request at the last moment and keeps none itself."""

    def __init__(self, token: Revealable) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = f"Bearer {self._token.reveal()}"
        yield request


def parse_json(text: bytes) -> Any:
    """Return the JSON value, or raise ``ValueError`` for anything else.

    Takes what servers really send: integers of any size stay exact (absurd ones become text),
    NaN and the infinities become None, the last of repeated keys wins.
    """
    try:
        return json.loads(text, parse_int=_integer, parse_constant=_nothing)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= _LONGEST_INTEGER else digits


def _nothing(_name: str) -> None:
    return None


def _seconds(header: str | None) -> float | None:
    """Read ``Retry-After`` in its form of whole seconds; the form of a date is not used here."""
    text = (header or "").strip()
    return float(text) if text.isascii() and text.isdecimal() and len(text) <= 9 else None
