"""Listens while this console monitors: the receiver moves with the lease."""

import asyncio
import errno
import logging
from collections.abc import Callable
from typing import Final

from sla_console.hooks.server import HookServer
from sla_console.monitoring.engine import SLAMonitoringEngine
from sla_console.monitoring.supervisor import turned

LOG = logging.getLogger(__name__)
PART: Final = "hooks"
"""Name of the part of the engine."""
_LOOK_SECONDS: Final = 0.5
_AGAIN: Final = 10
"""After so many looks an address that could not be had is tried again."""


class Receiver:
    """The part of the engine that listens.

    Args:
        engine: The engine, not yet started.
        server: What listens.
        listen: Its address, as the configuration has it.
        heard: Called with whether it listens, when that changes.
    """

    def __init__(
        self,
        engine: SLAMonitoringEngine,
        server: HookServer,
        listen: str,
        heard: Callable[[bool], None],
    ) -> None:
        self._engine, self._server, self._listen = engine, server, listen
        self._heard = heard
        self._rest = 0
        self._said: str | None = None

    def join(self) -> None:
        """Become a part of the engine; before it is started."""
        self._engine.supervisor.add(PART, self.run)

    async def run(self) -> None:
        """Listen while this console monitors, for ever."""
        try:
            while True:
                await self.step()
                turned()
                await asyncio.sleep(_LOOK_SECONDS)
        finally:
            await self._stop()

    async def step(self) -> None:
        """Begin or end to listen, where that is not as it should be."""
        leading = self._engine.leadership.leading
        if self._server.listening:
            if not leading:
                await self._stop()
        elif leading and not self._rest:
            await self._start()
        else:
            self._rest = max(0, self._rest - 1) if leading else 0

    async def _start(self) -> None:
        try:
            await self._server.start()
        except OSError as error:
            self._rest = _AGAIN
            self._say(_sentence(self._listen, error))
            return
        LOG.info("listening on %s for links and events", self._listen)
        self._say(None)
        self._heard(True)

    async def _stop(self) -> None:
        self._heard(False)
        await self._server.stop()

    def _say(self, fault: str | None) -> None:
        """Show a fault, or that there is none any more; the log has each once."""
        if fault == self._said:
            return
        self._said = fault
        if fault is not None:
            LOG.warning("%s", fault)
        self._engine.supervisor.note(PART, fault)


def _sentence(listen: str, error: OSError) -> str:
    why = {
        errno.EADDRINUSE: "another program has that port",
        errno.EACCES: "this user may not have that port",
        errno.EADDRNOTAVAIL: "this machine has no such address",
    }.get(error.errno or 0, error.strerror or type(error).__name__)
    return (
        f"hooks.listen: {listen} cannot be listened on ({why}), so messages carry no links and no "
        f"event is taken; it is tried again every few seconds; free it, or set another port"
    )
