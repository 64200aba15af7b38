"""The options of ``alerts`` and ``silences``; only argparse is imported, ``--help`` must come at once."""

from __future__ import annotations

from sla_console.cli.sync_options import add_json_and_sync

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse


def alerts(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``alerts``."""
    parser.add_argument(
        "action",
        nargs="?",
        choices=("status", "explain", "test"),
        default="status",
        metavar="status|explain|test",
        help="how the channels do; who would be told what of a ticket; send a marked test "
        "(default: %(default)s)",
    )
    parser.add_argument(
        "name", nargs="?", metavar="NAME", help="the ticket to explain; the channel or rule to test"
    )
    add_json_and_sync(parser)


def silences(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``silences``."""
    parser.add_argument(
        "action",
        nargs="?",
        choices=("list", "add", "end"),
        default="list",
        metavar="list|add|end",
        help="show them, add one, or end one (default: %(default)s)",
    )
    parser.add_argument("id", nargs="?", metavar="ID", help="the silence to end")
    for name, what in (
        ("client", "name of a client"),
        ("ticket", "number or id of a ticket"),
        ("priority", "a priority"),
        ("group", "a technician group"),
        ("policy", "name of a policy, or of an SLA of SuperOps"),
        ("technician", "name of a technician"),
    ):
        parser.add_argument(
            f"--{name}",
            action="append",
            metavar="NAME",
            help=f"{what}; all that is given must match",
        )
    parser.add_argument("--all", action="store_true", help="silence everything")
    parser.add_argument("--for", dest="span", metavar="SPAN", help="how long: 30m, 2h, 1d")
    parser.add_argument(
        "--until", metavar="T", help="until when, such as 2026-11-24T09:00, local time"
    )
    parser.add_argument("--reason", metavar="TEXT", help="why nobody shall be told")
    parser.add_argument("--force", action="store_true", help="also for names that are not known")
    parser.add_argument("--past", action="store_true", help="list those of the last 30 days too")
    parser.add_argument("--json", action="store_true", help="print it as JSON")
