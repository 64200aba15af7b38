"""``sla-console``: the live console, with the engine in a thread of its own."""

import argparse
import gc
import os
from dataclasses import replace
from typing import TYPE_CHECKING

from sla_console.cli.operator import operator
from sla_console.domain.errors import UserError

if TYPE_CHECKING:
    from sla_console.cli.configuration import Configuration
    from sla_console.domain.clock import Clock
    from sla_console.service.thread import ServiceThread


def run(args: argparse.Namespace) -> int:
    """Show the console until it is left."""
    # Collecting garbage among half-imported modules finds none and costs a tenth of the start.
    gc.disable()
    from sla_console.cli.clock import SystemClock
    from sla_console.cli.configuration import configured

    return show(configured(args), SystemClock(), ascii_only=args.ascii)


def show(
    configuration: "Configuration",
    clock: "Clock",
    *,
    title: str | None = None,
    ascii_only: bool = False,
    wall: bool = False,
    page_seconds: int = 20,
) -> int:
    """Run engine and screen side by side.

    Args:
        configuration: What to watch, and where to keep it.
        clock: The time that both live by.
        title: Shown in place of the account's name.
        ascii_only: Draw with plain ASCII, whatever the configuration says.
        wall: Open it for a screen on the wall, that nobody sits at.
        page_seconds: How long each page of it stays.
    """
    from sla_console.cli.alerting import ticket_link
    from sla_console.cli.compose import log_file, open_service
    from sla_console.cli.limits import require_files
    from sla_console.cli.looks import ConfigurationWatch, screen_options
    from sla_console.config.load import load_settings
    from sla_console.service.thread import ServiceThread
    from sla_console.ui.run import run_console

    require_files()
    refuse_dumb_terminal()
    settings, paths = configuration.settings, configuration.paths
    settings.require_subdomain()
    file = log_file(settings, paths)
    link = ServiceThread(lambda: open_service(settings, paths, clock, screen=link))
    link.start()
    wanted = screen_options(settings)
    options = replace(
        wanted,
        ascii=wanted.ascii or ascii_only,
        linux=wanted.linux and not ascii_only,
        title=title or settings.superops.subdomain,
        ticket_link=ticket_link(settings),
        log_file=str(file),
        wall=wall,
        wall_page_seconds=page_seconds,
        on_painted=lambda: _painted(link),
    )
    path = settings.file
    if path is not None:
        tracker = ConfigurationWatch(
            path, settings, options, lambda: load_settings(path, os.environ)
        )
        options = replace(options, reload=tracker)
    try:
        code = run_console(link, clock, operator(settings.ui.operator), options)
    finally:
        link.stop()
    if link.failure is not None:
        raise link.failure
    return code


def _painted(link: "ServiceThread") -> None:
    gc.enable()
    gc.freeze()
    link.screen_painted()


def refuse_dumb_terminal() -> None:
    """Refuse a terminal that can show no screen.

    Raises:
        UserError: for ``TERM=dumb``.
    """
    if os.environ.get("TERM", "") == "dumb":
        raise UserError(
            "TERM is dumb, so this terminal can show no screen; use 'sla-console status', or set "
            "TERM to what the terminal really is."
        )
