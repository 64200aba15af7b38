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


def oncall(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``oncall``."""
    parser.add_argument(
        "action",
        nargs="?",
        choices=("who", "take", "give", "swap", "end", "ical", "absent"),
        default="who",
        metavar="who|take|give|swap|end|ical|absent",
        help="show it; take over yourself; give it to PERSON; swap turns with PERSON; end a change "
        "by its id; print the turns as iCalendar; read when PERSON is away from a FILE of iCalendar "
        "(default: %(default)s)",
    )
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="PERSON, then the rotation if there are several"
    )
    parser.add_argument("--person", metavar="NAME", help="who you are; default: ui.operator")
    parser.add_argument(
        "--from",
        dest="start",
        metavar="T",
        help="from when, such as 2026-12-24T09:00; default: now",
    )
    parser.add_argument("--until", metavar="T", help="until when; default: the end of the turn")
    parser.add_argument("--for", dest="span", metavar="SPAN", help="how long: 30m, 2h, 1d")
    parser.add_argument("--mine", metavar="T", help="a time in the turn of yours to swap")
    parser.add_argument("--theirs", metavar="T", help="a time in the turn of theirs")
    parser.add_argument("--reason", metavar="TEXT", help="why")
    parser.add_argument("--at", metavar="T", help="show it as it is at that time")
    parser.add_argument(
        "--days",
        type=int,
        default=28,
        metavar="N",
        help="so many days ahead (default: %(default)s)",
    )
    parser.add_argument("--json", action="store_true", help="print it as JSON")
