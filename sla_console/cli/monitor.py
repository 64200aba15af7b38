"""``sla-console monitor``: the engine without a screen, for a service manager to run."""

import argparse
import asyncio
import contextlib
import signal

from sla_console.cli.clock import SystemClock
from sla_console.cli.configuration import Configuration, configured
from sla_console.domain.board import Board, SourceState


def run(args: argparse.Namespace) -> int:
    """Watch and alert until told to stop; says on standard output only what changes."""
    from sla_console.cli.compose import log_file
    from sla_console.cli.limits import require_files

    require_files()
    configuration = configured(args)
    configuration.settings.require_subdomain()
    file = log_file(configuration.settings, configuration.paths)
    print(f"monitoring {configuration.settings.superops.subdomain}; log: {file}", flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_watch(configuration))
    return 0


async def _watch(configuration: Configuration) -> None:
    from sla_console.cli.compose import open_service

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    say = _Speaker()
    async with open_service(configuration.settings, configuration.paths, SystemClock()) as service:
        say(service.board())
        service.subscribe(say)
        await stop.wait()


class _Speaker:
    """Prints a line when the connection, the leader or the number of breaches changes."""

    def __init__(self) -> None:
        self._said: tuple[SourceState, bool, int, int] | None = None

    def __call__(self, board: Board) -> None:
        counts, health = board.counts, board.health
        now = (health.connection, health.leading, counts.breached, counts.unacknowledged)
        if now == self._said:
            return
        self._said = now
        role = "leading" if health.leading else f"following {health.leader or 'nobody'}"
        print(
            f"{board.made_at:%Y-%m-%dT%H:%M:%SZ} {health.connection}, {role}: {counts.open} open, "
            f"{counts.breached} breached, {counts.unacknowledged} unacknowledged",
            flush=True,
        )
