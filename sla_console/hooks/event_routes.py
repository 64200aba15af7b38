"""Events from outside: a call names a ticket, which is then read from SuperOps soon.

The body is believed in nothing but the name of the ticket. A call proves itself by a path that
nobody can guess, or by the signature of Standard Webhooks, whose replays are refused.
"""

import asyncio
import hashlib
import hmac
import json
import logging
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from aiohttp import web

from sla_console.domain.errors import StoreError
from sla_console.domain.token_bucket import TokenBucket
from sla_console.hooks.limits import RateLimit, is_deeper
from sla_console.hooks.server import source_of
from sla_console.http.standard_webhooks import BadSignature, verified
from sla_console.service.outside_events import OutsideEvents

LOG = logging.getLogger(__name__)
PATH: Final = "/hooks/superops"
MOST: Final = 20
"""Tickets that one call can name."""
_EACH: Final = 300
"""Calls a minute from one source."""
_ALL: Final = 1_200
_LOGGED: Final = 20
"""Refused calls of an hour that the log names."""
_DEPTH: Final = 16
_REFERENCE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}", re.ASCII)
_NAMES: Final = ("ticketId", "ticket_id", "displayId", "display_id")
_INSIDE: Final = (*_NAMES, "id", "number")
"""Names that a ticket goes by inside of an object that is one."""


class EventRoutes:
    """Takes calls that name tickets.

    Args:
        events: Where they go.
        now: The real moment, which signatures are held against.
        token: Last part of the secret path; None: there is none.
        key: What calls are signed with; None: none is.
    """

    def __init__(
        self,
        events: OutsideEvents,
        now: Callable[[], datetime],
        token: str | None = None,
        key: bytes | None = None,
    ) -> None:
        self._events, self._now, self._key = events, now, key
        self._token = None if token is None else _digest(token)
        self._rate = RateLimit(_EACH, _ALL, timedelta())
        self._logged = TokenBucket(_LOGGED, timedelta(hours=1), timedelta())

    def routes(self) -> list[web.RouteDef]:
        """Return what is answered."""
        found = []
        if self._key is not None:
            found.append(web.post(PATH, self._signed))
        if self._token is not None:
            found.append(web.post(f"{PATH}/{{token}}", self._by_path))
        return found

    async def _by_path(self, request: web.Request) -> web.Response:
        if not self._allowed(request):
            return _too_many()
        if not hmac.compare_digest(_digest(request.match_info["token"]), self._token or b""):
            raise web.HTTPNotFound
        return self._taken(await request.read())

    async def _signed(self, request: web.Request) -> web.Response:
        if not self._allowed(request):
            return _too_many()
        body, now = await request.read(), self._now()
        try:
            call = verified(self._key or b"", request.headers, body, now)
        except BadSignature as error:
            # So few that nobody can push everything else out of the log.
            if self._logged.take(_elapsed()):
                LOG.info("a call from outside was refused: %s", error)
            return web.Response(status=401, text=f"Refused: {error}.\n")
        answer = self._check(body)
        if isinstance(answer, web.Response):
            return answer
        try:
            if not await self._events.is_new(call.identifier, now):
                return web.Response(status=200, text="It was taken before.\n")
        except StoreError as error:
            LOG.warning("a call from outside could not be noted: %s", error)
            return web.Response(status=503, text="It could not be noted now; try again.\n")
        return self._read_soon(answer)

    def _allowed(self, request: web.Request) -> bool:
        return self._rate.allows(source_of(request), _elapsed())

    def _taken(self, body: bytes) -> web.Response:
        answer = self._check(body)
        return answer if isinstance(answer, web.Response) else self._read_soon(answer)

    def _check(self, body: bytes) -> list[str] | web.Response:
        """Return the tickets that a body names, or the answer that says what is wrong with it."""
        if is_deeper(body, _DEPTH):
            return web.Response(status=400, text=f"It nests deeper than {_DEPTH} levels.\n")
        try:
            tickets = list(named_in(json.loads(body)))[:MOST]
        except (ValueError, RecursionError):
            return web.Response(status=400, text="The body is no JSON.\n")
        if not tickets:
            return web.Response(
                status=400, text='It names no ticket; send {"ticketId": "..."} or "displayId".\n'
            )
        return tickets

    def _read_soon(self, tickets: list[str]) -> web.Response:
        self._events.read_soon(tickets)
        return web.Response(status=202, text="It will be read soon.\n")


def _elapsed() -> timedelta:
    return timedelta(seconds=asyncio.get_running_loop().time())


def named_in(document: Any) -> Iterator[str]:
    """Yield the ids and numbers of tickets that a document names, each as it stands there.

    Args:
        document: JSON data: an object that names one ticket, holds it under ``ticket``, or holds
            several under ``tickets``; what is around it under ``data`` is looked through.
    """
    if not isinstance(document, dict):
        return
    yield from _references(document, _NAMES)
    for one in (document.get("ticket"), *_list(document.get("tickets"))):
        if isinstance(one, dict):
            yield from _references(one, _INSIDE)
        else:
            yield from _reference(one)
    data = document.get("data")
    if isinstance(data, dict) and data.get("data") is None:
        yield from named_in(data)


def _references(table: dict[str, Any], names: tuple[str, ...]) -> Iterator[str]:
    for name in names:
        found = list(_reference(table.get(name)))
        if found:
            # The id, or else the number: both would be the same ticket twice.
            yield from found
            return


def _reference(value: Any) -> Iterator[str]:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if isinstance(text, str) and _REFERENCE.fullmatch(text.strip().removeprefix("#")):
        yield text.strip().removeprefix("#")


def _list(value: Any) -> list[Any]:
    return value[:MOST] if isinstance(value, list) else []


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()


def _too_many() -> web.Response:
    return web.Response(
        status=429, text="Too many calls; wait a minute.\n", headers={"Retry-After": "60"}
    )
