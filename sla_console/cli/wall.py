"""``sla-console wall``: the console for a screen on the wall, that nobody sits at."""

import argparse

from sla_console.domain.errors import UserError


def run(args: argparse.Namespace) -> int:
    """Show the wall until it is ended."""
    from sla_console.cli.clock import SystemClock
    from sla_console.cli.configuration import configured
    from sla_console.cli.console import show

    refuse_no_terminal()
    return show(
        configured(args),
        SystemClock(),
        ascii_only=args.ascii,
        wall=True,
        page_seconds=args.page_seconds,
    )


def refuse_no_terminal() -> None:
    """Refuse to run where there is no screen: without one it would turn in circles.

    Raises:
        UserError: where standard input, output or error is closed or no terminal.
    """
    import sys

    streams = (sys.stdin, sys.stdout, sys.stderr)
    if not all(stream is not None and stream.isatty() for stream in streams):
        raise UserError(
            "a wall needs a terminal, and standard input, output or error is none; under systemd "
            "set StandardInput, StandardOutput and StandardError to tty and TTYPath to a terminal, "
            "or use 'sla-console monitor' to watch without one."
        )
