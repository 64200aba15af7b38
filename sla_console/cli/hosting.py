"""A simulator beside the console, in a thread with its own loop, reached over real HTTP."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator

from sla_console.domain.clock import Clock
from sla_console.simulator.desk import SimulatedDesk
from sla_console.simulator.server import SimulatorServer

TOKEN = "demo-token"  # noqa: S105 - signs in to the simulator on loopback and nowhere else
SUBDOMAIN = "demo"


@contextlib.contextmanager
def hosted_simulator(
    desk: SimulatedDesk, clock: Clock, requests_per_minute: int = 100
) -> Iterator[SimulatorServer]:
    """Serve ``desk`` on a free loopback port until the block ends.

    Args:
        desk: The service desk to serve.
        clock: The clock it lives by; the console beside it must be handed the same one.
        requests_per_minute: Its request limit, by that clock.
    """
    server = SimulatorServer(
        desk, clock, token=TOKEN, subdomain=SUBDOMAIN, requests_per_minute=requests_per_minute
    )
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="simulator", daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(server.start(), loop).result(timeout=30)
    try:
        yield server
    finally:
        with contextlib.suppress(TimeoutError):
            asyncio.run_coroutine_threadsafe(server.stop(), loop).result(timeout=5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=5)
        if not thread.is_alive():
            loop.close()
