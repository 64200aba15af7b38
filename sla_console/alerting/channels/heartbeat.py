"""Telling the outside that the console is alive, so that somebody notices when it is not."""

import asyncio
from collections.abc import Callable
from typing import Final

import httpx

from sla_console.alerting.channels.address import web_address
from sla_console.alerting.channels.exchange import reason
from sla_console.alerting.channels.quiet import keep_quiet
from sla_console.config.secrets import Secret
from sla_console.http.proxies import client_options, proxy_for

LIMIT_SECONDS: Final = 10.0
_LONGEST_REASON: Final = 10_000


def quiet_client(url: httpx.URL) -> httpx.AsyncClient:
    """Return a client that follows no redirect and gives up after ten real seconds a step."""
    return httpx.AsyncClient(
        **client_options(str(url)), timeout=LIMIT_SECONDS, headers={"User-Agent": "sla-console"}
    )


class Heartbeat:
    """Calls an address of the kind that Healthchecks and its likes give out.

    Args:
        url: The address; its path is a secret.
        client: Makes the HTTP client of one call.
        allow_private: The address may lead into one's own network, and be http there.
        where: The setting, for messages.

    Raises:
        UserError: if the address cannot be used, or the proxy that leads to it.
    """

    def __init__(
        self,
        url: Secret,
        client: Callable[[httpx.URL], httpx.AsyncClient] = quiet_client,
        *,
        allow_private: bool = False,
        where: str = "alerts.heartbeat",
    ) -> None:
        keep_quiet()
        self._url = web_address(where, url, allow_private=allow_private)
        proxy_for(str(self._url))
        path, _, query = self._url.raw_path.partition(b"?")
        failed = path.rstrip(b"/") + b"/fail" + (b"?" + query if query else b"")
        self._fail_url = self._url.copy_with(raw_path=failed)
        self._client = client

    def __repr__(self) -> str:
        return "Heartbeat()"

    async def beat(self) -> str | None:
        """Say that all is well. Return None, or what went wrong in words."""
        return await self._ask("GET", self._url, None)

    async def fail(self, why: str) -> str | None:
        """Say that something is wrong, and what. Return None, or what went wrong in words."""
        return await self._ask("POST", self._fail_url, why[:_LONGEST_REASON].encode())

    async def _ask(self, method: str, url: httpx.URL, content: bytes | None) -> str | None:
        try:
            async with (
                asyncio.timeout(LIMIT_SECONDS),
                self._client(url) as client,
                client.stream(method, url, content=content) as got,
            ):
                status = got.status_code
        except TimeoutError:
            return "the heartbeat's receiver did not answer in time"
        except (httpx.HTTPError, OSError) as error:
            return f"the heartbeat's receiver cannot be reached: {reason(error)}"
        if 300 <= status < 400:
            return f"the heartbeat's receiver redirects (HTTP {status}); give its final address"
        if not 200 <= status < 300:
            return f"the heartbeat's receiver answered with HTTP {status}"
        return None
