"""``sla-console status``: the board once, for eyes or for programs."""

import argparse
import asyncio
import contextlib
import json
import os
import shutil
import sys

from sla_console.cli.clock import SystemClock
from sla_console.cli.configuration import Configuration, configured
from sla_console.domain.board import Board
from sla_console.domain.clock import Clock


def run(args: argparse.Namespace) -> int:
    """Print the board from the cache, or after asking SuperOps."""
    from sla_console.cli.asking import require_sync
    from sla_console.cli.compose import log_file

    require_sync(args)
    configuration = configured(args)
    log_file(configuration.settings, configuration.paths)
    clock = SystemClock()
    if args.accept_drop and not asyncio.run(_accept_drop(configuration, clock)):
        return 1
    if args.watch:
        return _watch(configuration, clock, as_json=args.json)
    board = asyncio.run(
        board_once(configuration, clock, sync=args.sync, allow_stale=args.allow_stale)
    )
    print_board(configuration, board, clock, as_json=args.json)
    return 0


async def _accept_drop(configuration: Configuration, clock: Clock) -> bool:
    """Note that a person confirms the drop; return False where no console has run yet."""
    from sla_console.cli.operator import author
    from sla_console.cli.stored import opened_store
    from sla_console.domain.tickets.operation import AuditEntry
    from sla_console.monitoring.absence import accept_drop

    async with opened_store(configuration) as store:
        if store is None:
            print("No console has run here yet, so there is nothing to confirm.", file=sys.stderr)
            return False
        now, who = clock.now(), author(configuration.settings)
        await accept_drop(store.meta, now)
        words = "what SuperOps leaves out at once is believed"
        await store.audit.append(AuditEntry(now, who, "accept drop", "desk", words))
    return True


def _watch(configuration: Configuration, clock: Clock, *, as_json: bool) -> int:
    """Print what changes until told to stop, or until nobody reads it any more."""
    configuration.settings.require_subdomain()
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
        from sla_console.cli.watch import watch

        asyncio.run(watch(configuration, clock, as_json=as_json))
        return 0
    # Python flushes once more at its end; into nothing, so that it stays silent.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


async def board_once(
    configuration: Configuration, clock: Clock, *, sync: bool, allow_stale: bool = False
) -> Board:
    """Return the board as the store has it, brought up to date first if asked.

    Raises:
        SLAConsoleError: if SuperOps was asked and could not be read.
    """
    from sla_console.cli.asking import read_first
    from sla_console.cli.compose import open_service

    settings, paths = configuration.settings, configuration.paths
    async with open_service(settings, paths, clock, monitoring=False) as service:
        if sync:
            await read_first(service, allow_stale=allow_stale)
        return service.board()


def print_board(configuration: Configuration, board: Board, clock: Clock, *, as_json: bool) -> None:
    """Print a board as JSON or as lines that fit the terminal."""
    from sla_console.service.status import status_document, status_lines

    thresholds = configuration.settings.risk.as_domain()
    if as_json:
        print(json.dumps(status_document(board, clock.now(), thresholds), indent=2))
        return
    width = shutil.get_terminal_size((120, 24)).columns
    print("\n".join(status_lines(board, clock.now(), thresholds, width)))
