"""The options of asking SuperOps first; only argparse is imported, ``--help`` must come at once."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse


def add_sync(parser: argparse.ArgumentParser, what: str = "ask SuperOps first") -> None:
    """Add ``--sync``, which fails where SuperOps cannot be read, and what to do then."""
    parser.add_argument("--sync", action="store_true", help=what)
    parser.add_argument(
        "--allow-stale",
        action="store_true",
        help="with --sync: where SuperOps cannot be read, show what is known and say what is old",
    )


def add_json_and_sync(parser: argparse.ArgumentParser) -> None:
    """Add ``--json`` and what ``add_sync`` adds."""
    parser.add_argument("--json", action="store_true", help="print it as JSON")
    add_sync(parser)
