"""``sla-console monitor``: the engine without a screen, for a service manager to run."""

import argparse
import asyncio
import contextlib
import signal

from sla_console.cli.clock import SystemClock
from sla_console.cli.configuration import Configuration, configured
from sla_console.domain.board import Board, SourceState
from sla_console.domain.wellness import monitor_word

_LOOK = 5.0
"""Seconds after which it is looked at how things are although nothing was heard."""


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
        changed = asyncio.Event()
        service.subscribe(lambda _: changed.set())
        while not stop.is_set():
            say(service.board())
            changed.clear()
            waits = [asyncio.create_task(event.wait()) for event in (stop, changed)]
            # Where nothing comes any more, what was known grows old all the same.
            await asyncio.wait(waits, timeout=_LOOK, return_when=asyncio.FIRST_COMPLETED)
            for wait in waits:
                wait.cancel()


class _Speaker:
    """Prints a line when the connection, the leader or the number of breaches changes."""

    def __init__(self) -> None:
        self._said: tuple[SourceState, str, int, int] | None = None

    def __call__(self, board: Board) -> None:
        counts, health = board.counts, board.health
        role = monitor_word(health).text
        now = (health.connection, role, counts.breached, counts.unacknowledged)
        if now == self._said:
            return
        self._said = now
        made = f"{board.made_at:%Y-%m-%dT%H:%M:%SZ} " if board.made_at else ""
        why = f" ({health.message.rstrip('.')})" if health.message else ""
        print(
            f"{made}{health.connection}{why}, {role}: {counts.open} open, "
            f"{counts.breached} breached, {counts.unacknowledged} unacknowledged",
            flush=True,
        )
