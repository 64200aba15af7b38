"""The options of ``explain`` and ``forecast``; only argparse is imported, ``--help`` must come at once."""

from __future__ import annotations

from sla_console.cli.sync_options import add_json_and_sync

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse


def explain(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``explain``."""
    parser.add_argument("ticket", metavar="TICKET", help="its number or its id")
    parser.add_argument(
        "--what-if",
        metavar="CHANGES",
        help="show what changes would make of it, such as "
        '"priority=High, hold from now, calendar=office"',
    )
    add_json_and_sync(parser)


def forecast(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``forecast``."""
    add_json_and_sync(parser)
