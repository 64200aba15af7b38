"""The simulated SuperOps over HTTP: one POST, bearer token, subdomain, a limit a minute."""

import asyncio
import contextlib
import json
from datetime import datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

from aiohttp import web
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    build_schema,
    execute,
    parse,
    validate,
)

from sla_console.domain.clock import Clock
from sla_console.simulator.desk import ServiceDesk
from sla_console.simulator.faults import Fault, Faults
from sla_console.simulator.reads import Reads
from sla_console.simulator.refusal import Refusal
from sla_console.simulator.writes import Writes

_INTERNAL: Final = "Internal Server Error(s) while executing query"
_LIFE_SECONDS: Final = 0.5


@lru_cache(maxsize=1)
def schema() -> GraphQLSchema:
    """Return the schema that the simulator executes."""
    text = files("sla_console.simulator").joinpath("schema.graphql").read_text(encoding="utf-8")
    return build_schema(text)


class SimulatorServer:
    """Serves a desk as SuperOps would.

    Args:
        desk: What is served.
        clock: The time it lives by; also the minute of its request limit.
        token: The bearer token it accepts.
        subdomain: The ``CustomerSubDomain`` it accepts.
        requests_per_minute: Its limit.
        host: Address to listen on.
        port: Port to listen on; 0: any free one.
    """

    def __init__(
        self,
        desk: ServiceDesk,
        clock: Clock,
        *,
        token: str,
        subdomain: str,
        requests_per_minute: int = 100,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self.desk = desk
        self.faults = Faults()
        self.requests = 0
        """How many requests were answered, refused ones too."""
        self._clock = clock
        self._token = token
        self._subdomain = subdomain
        self._limit = requests_per_minute
        self._host, self._port = host, port
        self._minute: tuple[datetime, int] | None = None
        self._missing = False
        reads = Reads(desk, lambda: self._missing)
        self._root = reads.root() | Writes(desk, reads).root()
        self._parsed = lru_cache(maxsize=64)(self._prepare)
        self._runner: web.AppRunner | None = None
        self._life: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Address of the API."""
        return f"http://{self._host}:{self._port}/msp"

    async def start(self) -> None:
        """Begin to listen and to live.

        Raises:
            OSError: if the port cannot be had.
        """
        app = web.Application(client_max_size=4 * 1024 * 1024)
        app.router.add_post("/msp", self._answer)
        self._runner = web.AppRunner(app, access_log=None, keepalive_timeout=15, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self._life = asyncio.create_task(self._live())

    async def stop(self) -> None:
        """Stop listening."""
        if self._life is not None:
            self._life.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._life
        if self._runner is not None:
            await self._runner.cleanup()

    async def _live(self) -> None:
        while True:
            self.desk.advance(self._clock.now())
            await asyncio.sleep(_LIFE_SECONDS)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.requests += 1
        if (refused := self._sign_in(request)) is not None:
            return refused
        try:
            body = json.loads(await request.text())
            query = body["query"]
            variables = body.get("variables") or {}
        except (ValueError, KeyError, TypeError):
            return web.Response(status=400)
        fault = self.faults.take(str(query))
        if fault is not None and fault is not Fault.WRITTEN_BUT_ERROR:
            self._missing = fault is Fault.ROWS_MISSING
            if not self._missing:
                return await _misbehave(fault, request)
        if self._over_limit():
            return _json(Refusal("rate_limit_exceeded").body())
        self.desk.advance(self._clock.now())
        answer = self._execute(str(query), variables)
        self._missing = False
        if fault is Fault.WRITTEN_BUT_ERROR:
            return _json(_internal())
        return _json(answer)

    def _sign_in(self, request: web.Request) -> web.Response | None:
        if request.headers.get("CustomerSubDomain", "").strip() != self._subdomain:
            return web.Response(status=400)
        if request.headers.get("Authorization") != f"Bearer {self._token}":
            return web.Response(status=401)
        return None

    def _over_limit(self) -> bool:
        now = self._clock.now()
        if self._minute is None or not now - self._minute[0] < timedelta(minutes=1):
            self._minute = (now.replace(second=0, microsecond=0), 0)
        start, count = self._minute
        self._minute = (start, count + 1)
        return count >= self._limit

    def _prepare(self, query: str) -> tuple[DocumentNode | None, list[GraphQLError]]:
        try:
            document = parse(query)
        except GraphQLError as error:
            return None, [error]
        return document, validate(schema(), document)

    def _execute(self, query: str, variables: dict[str, Any]) -> dict[str, Any]:
        document, errors = self._parsed(query)
        if document is None or errors:
            return {"errors": [_invalid(error) for error in errors], "data": None}
        result = execute(schema(), document, root_value=self._root, variable_values=variables)
        if not isinstance(result, ExecutionResult):
            raise TypeError("no resolver is asynchronous")
        if not result.errors:
            return {"data": result.data}
        for error in result.errors:
            if isinstance(error.original_error, Refusal):
                return error.original_error.body()
        if result.data is None:
            return {"errors": [_invalid(error) for error in result.errors], "data": None}
        return {"errors": [{"message": _INTERNAL}], "data": result.data}


async def _misbehave(fault: Fault, request: web.Request) -> web.StreamResponse:
    if (body := _BODIES.get(fault)) is not None:
        return _json(body)
    if (status := _STATUSES.get(fault)) is not None:
        return web.Response(status=status, text="<html>not now</html>", content_type="text/html")
    if fault is Fault.GARBAGE:
        return web.Response(text='{"data": {"getTick', content_type="application/json")
    if fault is Fault.HUGE:
        response = web.json_response({"data": "x" * 40_000_000})
        response.enable_compression()
        return response
    return await _stall(fault, request)


async def _stall(fault: Fault, request: web.Request) -> web.StreamResponse:
    if fault is Fault.DROP and request.transport is not None:
        request.transport.abort()
        return web.Response()
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    if fault is Fault.DRIP:
        await response.prepare(request)
    with contextlib.suppress(ConnectionError):
        for _ in range(600):
            await asyncio.sleep(0.1)
            if fault is Fault.DRIP:
                await response.write(b" ")
    return response


def _internal() -> dict[str, Any]:
    return {"errors": [{"message": _INTERNAL}], "data": {}}


_BODIES: Final = {
    Fault.INTERNAL_ERROR: _internal(),
    Fault.RATE_LIMITED: Refusal("rate_limit_exceeded").body(),
    Fault.FORBIDDEN: Refusal("forbidden").body(),
}
_STATUSES: Final = {Fault.UNAUTHORIZED: 401, Fault.SERVER_ERROR: 500, Fault.BAD_GATEWAY: 502}


def _invalid(error: GraphQLError) -> dict[str, Any]:
    """Return an error of a query that does not fit the schema, named as graphql-java names it."""
    message = error.message
    if "must not have a selection" in message:
        message = f"Validation error (SubSelectionNotAllowed) : {message}"
    elif "must have a selection" in message:
        message = f"Validation error (SubSelectionRequired) : {message}"
    elif "Cannot query field" in message:
        message = f"Validation error (FieldUndefined) : {message}"
    elif "Variable" in message:
        message = f"Validation error (VariableTypeMismatch) : {message}"
    return {
        "message": message,
        "locations": [{"line": at.line, "column": at.column} for at in error.locations or ()],
        "extensions": {"classification": "ValidationError"},
    }


def _json(body: dict[str, Any]) -> web.Response:
    return web.Response(text=json.dumps(body), content_type="application/json")
