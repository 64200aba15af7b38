"""The options of ``report``; only argparse is imported, ``--help`` must come at once."""

from __future__ import annotations

from sla_console.cli.sync_options import add_sync

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

_BY = (
    "policy", "priority", "client", "technician", "group", "request-type", "weekday", "hour",
)  # fmt: skip


def add_log_map(parser: argparse.ArgumentParser) -> None:
    """Add the option that says how a log is to be read."""
    parser.add_argument(
        "--map",
        nargs="?",
        const="",
        metavar="FILE",
        help="of the log: its columns, dates, zone and statuses, as TOML with a table [log]; "
        "default: that of the policy file; without FILE: print the map, and leave",
    )


def report(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``report``."""
    parser.add_argument(
        "--period",
        metavar="P",
        help="a month such as 2026-10, a quarter such as 2026-Q4, or a year (default: last month)",
    )
    parser.add_argument("--from", dest="first", metavar="DAY", help="or from this day")
    parser.add_argument("--to", dest="last", metavar="DAY", help="to this day, itself included")
    for name, what in (
        ("client", "of this client"),
        ("group", "of this technician group"),
        ("policy-name", "under this policy"),
        ("priority", "of this priority"),
        ("request-type", "of this request type"),
        ("technician", "that this technician has at last"),
    ):
        parser.add_argument(
            f"--{name}",
            action="append",
            metavar="NAME",
            help=f"only tickets {what}; may be repeated",
        )
    parser.add_argument(
        "--by",
        action="append",
        choices=_BY,
        metavar="WHAT",
        help=f"break out by {', '.join(_BY)}; may be repeated; default: all of them",
    )
    parser.add_argument(
        "--format",
        choices=("html", "csv", "json", "md"),
        metavar="html|csv|json|md",
        help="default: by the ending of -o, else md",
    )
    parser.add_argument(
        "-o", "--output", metavar="FILE", help="where to (default: standard output)"
    )
    parser.add_argument(
        "--freeze",
        action="store_true",
        help="keep the figures of a period that is over; asked again, they are the same for ever",
    )
    parser.add_argument("--frozen", action="store_true", help="list what is frozen, and leave")
    parser.add_argument(
        "--evidence",
        metavar="ZIP",
        help="write an archive for one client: the report, the ledger of each missed promise, "
        "policies and calendars",
    )
    parser.add_argument(
        "--identify",
        action="store_true",
        help="with the requesters' names, for who may (reports.may_identify); written down",
    )
    parser.add_argument("--log", metavar="LOG", help="of a log instead, .csv or .csv.gz")
    add_log_map(parser)
    parser.add_argument("--policy", metavar="FILE", help="with --log: the promises, as TOML")
    parser.add_argument("--schema", action="store_true", help="print the JSON Schema, and leave")
    add_sync(parser, "ask SuperOps first, for what was closed too")
