"""Asking the service one question from the command line: opened, asked, closed again."""

import argparse
import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from sla_console.cli.clock import SystemClock
from sla_console.cli.configuration import Configuration, configured

if TYPE_CHECKING:
    from sla_console.service.sla_service import SLAService

Answer = TypeVar("Answer")


def ask(
    args: argparse.Namespace, question: "Callable[[SLAService], Awaitable[Answer]]"
) -> tuple[Configuration, Answer]:
    """Return the configuration and the service's answer, from the cache or after asking SuperOps.

    Args:
        args: With ``sync``: whether SuperOps is asked first.
        question: What to ask.

    Raises:
        SLAConsoleError: for whatever keeps the service from answering, in words.
    """
    from sla_console.cli.compose import log_file, open_service

    configuration = configured(args)
    settings, paths = configuration.settings, configuration.paths
    log_file(settings, paths)

    async def answer() -> Answer:
        async with open_service(settings, paths, SystemClock(), monitoring=False) as service:
            if args.sync:
                await service.sync_once()
            return await question(service)

    return configuration, asyncio.run(answer())
