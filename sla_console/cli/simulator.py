"""``sla-console simulator``: a SuperOps to run against, on its own, in real time."""

import argparse
import asyncio
import contextlib
import signal

from sla_console.cli.clock import SystemClock
from sla_console.cli.hosting import SUBDOMAIN, TOKEN
from sla_console.domain.errors import UserError


def run(args: argparse.Namespace) -> int:
    """Serve a living desk until interrupted."""
    from sla_console.simulator.life import build_desk
    from sla_console.simulator.server import SimulatorServer

    clock = SystemClock()
    desk = build_desk(seed=args.seed, tickets=args.tickets, start=clock.now())
    token, subdomain = args.token or TOKEN, args.subdomain or SUBDOMAIN
    server = SimulatorServer(
        desk,
        clock,
        token=token,
        subdomain=subdomain,
        host=args.host,
        port=args.port,
        requests_per_minute=args.requests_per_minute,
    )

    async def serve() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, stop.set)
        try:
            await server.start()
        except OSError as error:
            raise UserError(
                f"--port {args.port} on {args.host} cannot be used ({error.strerror or error}); "
                "choose another port, or 0 for any free one."
            ) from None
        print(
            f"A service desk of {args.tickets} open tickets (seed {args.seed}) is at {server.url}"
        )
        print(f'subdomain "{subdomain}", token "{token}". Stop it with ctrl+c.', flush=True)
        await stop.wait()
        await server.stop()

    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve())
    return 0
