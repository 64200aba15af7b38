"""Answers that are none: what a client meets on a bad day."""

import asyncio
import contextlib
import json
from collections.abc import Callable
from typing import Any, Final

from aiohttp import web

from sla_console.simulator.faults import Fault
from sla_console.simulator.refusal import Refusal

_INTERNAL: Final = "Internal Server Error(s) while executing query"
_HUGE: Final = 40_000_000
_STALL_STEPS: Final = 600


def json_answer(body: dict[str, Any]) -> web.Response:
    """Return a body as the service sends it: HTTP 200, whatever it says."""
    text = json.dumps(body, separators=(",", ":"))
    return web.Response(text=text, content_type="application/json")


def internal_error(data: dict[str, Any]) -> dict[str, Any]:
    """Return the service's answer to a fault of its own: no path, no code.

    Args:
        data: The fields asked for, null where they failed.
    """
    return {"errors": [{"message": _INTERNAL}], "data": data}


def altered(fault: Fault, answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer whose lists say something else than what is so.

    Args:
        fault: How.
        answer: What is so.
    """
    for listed in (answer.get("data") or {}).values():
        if not isinstance(listed, dict) or "listInfo" not in listed:
            continue
        info = listed["listInfo"]
        for name, rows in listed.items():
            if not isinstance(rows, list):
                continue
            ids = [
                key for key in ("ticketId", "userId", "accountId", "id") if rows and key in rows[0]
            ]
            match fault:
                case Fault.NO_ROWS:
                    listed[name] = []
                    info |= {"totalCount": 0, "hasMore": None}
                case Fault.FIRST_ROW_MISSING:
                    listed[name] = rows[1:]
                    info["totalCount"] -= 1
                case Fault.NULL_IDS:
                    listed[name] = [row | {ids[0]: None} for row in rows]
                case _:
                    listed[name] = [row | {ids[0]: rows[0][ids[0]]} for row in rows]
    return answer


async def misbehave(fault: Fault, request: web.Request, asked: list[str]) -> web.StreamResponse:
    """Answer with a fault instead of carrying the request out.

    Args:
        fault: Which.
        request: What came in.
        asked: The fields it asks for.
    """
    make = _ANSWERS.get(fault)
    return await _stall(fault, request) if make is None else make(asked)


def _page(status: int) -> web.Response:
    return web.Response(status=status, text="<html>not now</html>", content_type="text/html")


def _huge() -> web.Response:
    response = json_answer({"data": "x" * _HUGE})
    response.enable_compression()
    return response


_ANSWERS: Final[dict[Fault, Callable[[list[str]], web.Response]]] = {
    Fault.INTERNAL_ERROR: lambda asked: json_answer(internal_error(dict.fromkeys(asked))),
    Fault.RATE_LIMITED: lambda _: json_answer(Refusal("rate_limit_exceeded").body()),
    Fault.FORBIDDEN: lambda _: json_answer(Refusal("forbidden").body()),
    Fault.UNAUTHORIZED: lambda _: web.Response(status=401),
    Fault.SERVER_ERROR: lambda _: _page(500),
    Fault.BAD_GATEWAY: lambda _: _page(502),
    Fault.GARBAGE: lambda _: web.Response(
        text='{"data": {"getTick', content_type="application/json"
    ),
    Fault.HUGE: lambda _: _huge(),
}


async def _stall(fault: Fault, request: web.Request) -> web.StreamResponse:
    if fault is Fault.DROP and request.transport is not None:
        request.transport.abort()
        return web.Response()
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    if fault is Fault.DRIP:
        await response.prepare(request)
    with contextlib.suppress(ConnectionError):
        for _ in range(_STALL_STEPS):
            await asyncio.sleep(0.1)
            if fault is Fault.DRIP:
                await response.write(b" ")
    return response
