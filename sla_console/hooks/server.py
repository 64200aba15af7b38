"""One HTTP server that is not held up by whoever is slow, many, large or wrong."""

import asyncio
import ipaddress
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

from aiohttp import web

LOG = logging.getLogger(__name__)
_QUIET: Final = logging.getLogger(f"{__name__}.aiohttp")
"""Logger of aiohttp, which writes a traceback for each request that is none; anybody sends those."""
_QUIET.setLevel(logging.CRITICAL)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

MAX_BODY: Final = 65_536
"""Bytes of a body."""
_HEAD_SECONDS: Final = 5.0
"""Seconds in which a request's head has to arrive, and after which an idle connection is closed."""
_WHOLE_SECONDS: Final = 10.0
"""Seconds that one request may take with its body."""
_CONNECTIONS: Final = 256
_HEADER: Final = 8_190
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
    "Server": "sla-console",
}


class HookServer:
    """Listens on one address.

    Args:
        routes: What it answers.
        host: Address to listen on.
        port: Port to listen on; 0: any free one.
        head_seconds: Real seconds for the head of a request.
        whole_seconds: Real seconds for a whole request.
    """

    def __init__(
        self,
        routes: Iterable[web.RouteDef],
        host: str,
        port: int,
        head_seconds: float = _HEAD_SECONDS,
        whole_seconds: float = _WHOLE_SECONDS,
    ) -> None:
        self._routes, self._host, self._port = list(routes), host, port
        self._head_seconds, self._whole_seconds = head_seconds, whole_seconds
        self._runner: web.AppRunner | None = None
        self._socket: asyncio.Server | None = None
        self._busy: set[asyncio.BaseProtocol] = set()

    @property
    def listening(self) -> bool:
        """Whether it listens."""
        return self._socket is not None

    @property
    def port(self) -> int:
        """The port that it listens on; before that, the one it was told."""
        if self._socket is None:
            return self._port
        return int(self._socket.sockets[0].getsockname()[1])

    @property
    def connections(self) -> int:
        """How many connections are open."""
        server = self._runner.server if self._runner else None
        return len(server.connections) if server else 0

    async def start(self) -> None:
        """Begin to listen.

        Raises:
            OSError: if the address cannot be had.
        """
        app = web.Application(client_max_size=MAX_BODY, middlewares=[self._guarded])
        app.add_routes(self._routes)
        app.on_response_prepare.append(_with_headers)
        runner = web.AppRunner(
            app,
            access_log=None,
            logger=_QUIET,
            keepalive_timeout=self._head_seconds,
            lingering_time=1.0,
            shutdown_timeout=1.0,
            max_line_size=_HEADER,
            max_field_size=_HEADER,
            auto_decompress=False,
        )
        await runner.setup()
        try:
            self._socket = await asyncio.get_running_loop().create_server(
                lambda: self._accept(runner), self._host, self._port
            )
        except OSError:
            await runner.cleanup()
            raise
        self._runner = runner

    async def stop(self) -> None:
        """Stop listening; what is being answered has a second to end."""
        listener, runner = self._socket, self._runner
        self._socket = self._runner = None
        if listener is not None:
            listener.close()
        if runner is not None:
            await runner.cleanup()

    def _accept(self, runner: web.AppRunner) -> asyncio.Protocol:
        """Take a connection; where there are too many, the oldest that asks nothing has to go."""
        server = runner.server
        if server is None:
            raise RuntimeError("a connection came to a server that has ended")
        known = server.connections
        for idle in [one for one in known if one not in self._busy][
            : len(known) + 1 - _CONNECTIONS
        ]:
            idle.force_close()
        return server()

    @web.middleware
    async def _guarded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer within the time allowed, and without a word about what went wrong inside."""
        self._busy.add(request.protocol)
        try:
            async with asyncio.timeout(self._whole_seconds):
                return await handler(request)
        except TimeoutError:
            return web.Response(status=408, text="The request took too long.\n")
        except web.HTTPException as answer:
            return web.Response(status=answer.status, text=f"{answer.reason}.\n")
        except Exception:
            LOG.exception("a request from outside could not be answered")
            return web.Response(status=500, text="It could not be done; try again.\n")
        finally:
            self._busy.discard(request.protocol)


def source_of(request: web.Request) -> str:
    """Return where a request comes from: the last address that a proxy on this machine names."""
    peer = request.remote or ""
    try:
        if ipaddress.ip_address(peer).is_loopback:
            named = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
            return str(ipaddress.ip_address(named))
    except ValueError:
        return peer
    return peer


async def _with_headers(_: web.Request, response: web.StreamResponse) -> None:
    # A proxy that kept the connection could send a POST into one that is just being closed.
    response.force_close()
    for name, value in _HEADERS.items():
        # A page has a policy of its own, for its style and its buttons.
        if name not in response.headers or name == "Server":
            response.headers[name] = value
