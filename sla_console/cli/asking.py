"""Asking the service one question from the command line: opened, asked, closed again."""

import argparse
import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from sla_console.cli.clock import SystemClock
from sla_console.cli.configuration import Configuration, configured
from sla_console.domain.errors import SLAConsoleError, UserError
from sla_console.domain.readings import gaps_of

if TYPE_CHECKING:
    from sla_console.service.sla_service import SLAService

Answer = TypeVar("Answer")


class CommandAnswer(NamedTuple, Generic[Answer]):
    """Answer of the service, with the readings that it could not rest on."""

    configuration: Configuration
    answer: Answer
    stale: tuple[str, ...]
    """Parts of sentences that say which readings from SuperOps are old or missing."""

    def document(self, found: dict[str, Any]) -> dict[str, Any]:
        """Return a JSON document that says under ``stale`` what is old or missing."""
        return {**found, "stale": list(self.stale)}

    def lines(self, found: Iterable[str]) -> list[str]:
        """Return lines of text with one before them that says what is old or missing."""
        return [*stale_lines(self.stale), *found]


def stale_lines(stale: Sequence[str]) -> list[str]:
    """Return the line that says what is old or missing; none where nothing is."""
    return [f"Old or missing: {'; '.join(stale)}."] if stale else []


async def read_first(service: "SLAService", *, allow_stale: bool = False) -> None:
    """Ask SuperOps; go on without a whole answer only where that is allowed.

    Raises:
        SLAConsoleError: naming what could not be read.
    """
    unread = await service.sync_once()
    if unread and not allow_stale:
        gaps = "; ".join(gaps_of(service.board().health.readings, SystemClock().now()))
        raise SLAConsoleError(
            f"SuperOps could not be read whole: {gaps}; mend that, or add --allow-stale to be "
            f"shown what is known, which then says what is old"
        )


def require_sync(args: argparse.Namespace) -> None:
    """Refuse ``--allow-stale`` where SuperOps is not asked: what is known is shown anyhow.

    Raises:
        UserError: where it stands without ``--sync``.
    """
    if args.allow_stale and not args.sync:
        raise UserError("--allow-stale: it goes with --sync; add that, or leave this out")


def ask(
    args: argparse.Namespace, question: "Callable[[SLAService], Awaitable[Answer]]"
) -> CommandAnswer[Answer]:
    """Return the service's answer, from the cache or after asking SuperOps.

    Args:
        args: With ``sync``: whether SuperOps is asked first; ``allow_stale``: whether what is known
            is shown where it could not be read.
        question: What to ask.

    Raises:
        SLAConsoleError: for whatever keeps the service from answering, in words.
    """
    from sla_console.cli.compose import log_file, open_service

    require_sync(args)
    configuration = configured(args)
    settings, paths = configuration.settings, configuration.paths
    log_file(settings, paths)

    async def answer() -> tuple[Answer, tuple[str, ...]]:
        clock = SystemClock()
        async with open_service(settings, paths, clock, monitoring=False) as service:
            if args.sync:
                await read_first(service, allow_stale=args.allow_stale)
            found = await question(service)
            old = timedelta(seconds=settings.sync.stale_after_seconds)
            return found, gaps_of(service.board().health.readings, clock.now(), old)

    return CommandAnswer(configuration, *asyncio.run(answer()))
