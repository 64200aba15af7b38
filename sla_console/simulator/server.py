"""The simulated SuperOps over HTTP: one POST, bearer token, subdomain, a limit a minute."""

import asyncio
import contextlib
import json
from datetime import datetime, timedelta
from email.utils import format_datetime
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
from sla_console.simulator.desk import SimulatedDesk
from sla_console.simulator.faults import ALTERED, STILL_CARRIED_OUT, Fault, Faults
from sla_console.simulator.misbehaviour import altered, internal_error, json_answer, misbehave
from sla_console.simulator.reads import Reads
from sla_console.simulator.refusal import Refusal
from sla_console.simulator.schema_errors import asked_fields, refused_request
from sla_console.simulator.writes import Writes

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
        desk: SimulatedDesk,
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
        app.on_response_prepare.append(self._dated)
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

    async def _dated(self, _: web.Request, response: web.StreamResponse) -> None:
        """Give each answer the date of the desk's own clock."""
        response.headers["Date"] = format_datetime(self._clock.now(), usegmt=True)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.requests += 1
        if (refused := self._sign_in(request)) is not None:
            return refused
        try:
            body = json.loads(await request.text())
            query, variables = body["query"], body.get("variables") or {}
            operation = body.get("operationName")
        except (ValueError, KeyError, TypeError, AttributeError):
            return web.Response(status=400)
        if not isinstance(query, str) or not isinstance(variables, dict):
            return web.Response(status=400)
        asked = asked_fields(self._parsed(query)[0])
        order = self.faults.take(query)
        fault = order.fault if order else None
        if fault is not None and fault not in STILL_CARRIED_OUT:
            return await misbehave(fault, request, asked)
        if order is not None and fault is Fault.DELAY:
            await asyncio.sleep(order.seconds)
        answer = self._carry_out(query, variables, operation, rows=fault is not Fault.ROWS_MISSING)
        if fault in ALTERED and fault is not None:
            answer = altered(fault, answer)
        if fault is Fault.WRITTEN_BUT_ERROR and "errors" not in answer:
            answer = internal_error(dict.fromkeys(asked))
        return json_answer(answer)

    def _carry_out(self, query: str, variables: Any, operation: Any, *, rows: bool) -> Any:
        if self._over_limit():
            return Refusal("rate_limit_exceeded").body()
        self.desk.advance(self._clock.now())
        self._missing = not rows
        return self._execute(query, variables, operation if isinstance(operation, str) else None)

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

    def _execute(
        self, query: str, variables: dict[str, Any], operation: str | None = None
    ) -> dict[str, Any]:
        document, errors = self._parsed(query)
        if document is None or errors:
            return refused_request(errors, document)
        result = execute(
            schema(),
            document,
            root_value=self._root,
            variable_values=variables,
            operation_name=operation,
        )
        if not isinstance(result, ExecutionResult):
            raise TypeError("no resolver is asynchronous")
        if not result.errors:
            return {"data": result.data}
        for error in result.errors:
            if isinstance(error.original_error, Refusal):
                return error.original_error.body(result.data)
        if result.data is None:
            return refused_request(result.errors, document)
        return internal_error(result.data)
