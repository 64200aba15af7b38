"""What may stand on the command line; every mistake there becomes one sentence.

Only argparse is imported, not even ``typing``: ``--help`` must come at once.
"""

from __future__ import annotations

import argparse
import os
import re
import sys

from sla_console.cli.alert_options import alerts, oncall, silences
from sla_console.cli.forecast_options import explain, forecast
from sla_console.cli.report_options import add_log_map, report
from sla_console.cli.sync_options import add_json_and_sync

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from typing import Any, NoReturn

PROGRAM = "sla-console"
_WIDTH = 100


class Parser(argparse.ArgumentParser):
    """Reports a mistake as one sentence on standard error and exits with 2."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("formatter_class", _formatter)
        super().__init__(allow_abbrev=False, **options)

    def error(self, message: str) -> NoReturn:
        """Print the mistake and leave with exit code 2."""
        sentence = " ".join(_plain(message).split())
        print(f"{PROGRAM}: {sentence}; see '{self.prog} --help'", file=sys.stderr)
        sys.exit(2)


def _formatter(prog: str) -> argparse.HelpFormatter:
    # Left to itself, argparse imports shutil to learn the width, which takes as long as the rest.
    try:
        width = int(os.environ.get("COLUMNS", "")) or _WIDTH
    except ValueError:
        try:
            width = os.get_terminal_size(sys.stdout.fileno()).columns
        except (OSError, ValueError, AttributeError):
            width = _WIDTH
    return argparse.HelpFormatter(prog, width=max(40, min(width, _WIDTH) - 2))


def _plain(message: str) -> str:
    """Return argparse's message in plain words, with the nearest command for a misspelt one."""
    choice = re.search(r"invalid choice: '(.*?)' \(choose from (.*)\)$", message, re.DOTALL)
    if choice is None:
        return message.removeprefix("argument ").removeprefix("COMMAND: ")
    word, known = choice[1], choice[2].replace("'", "").split(", ")
    option = re.match("argument (?:-[a-zA-Z]/)?(--[a-z-]+): ", message)
    if option is not None:
        return f"{option[1]}: found {printable(word)}; {_meant(word, known)}"
    return f"{printable(word)} is no command; {_meant(word, known)}"


def _meant(word: str, known: list[str]) -> str:
    import difflib

    close = difflib.get_close_matches(word, known, n=1)
    return f"did you mean {close[0]}?" if close else f"there are {', '.join(known)}"


def printable(text: str) -> str:
    """Return a word from the command line, quoted, safe for a terminal, and not too long."""
    return ascii(text if len(text) <= 60 else text[:59] + "…")


def _whole(low: int, high: int, what: str) -> Callable[[str], int]:
    def read(text: str) -> int:
        if re.fullmatch(r"[+-]?\d{1,18}", text, re.ASCII) and low <= int(text) <= high:
            return int(text)
        raise argparse.ArgumentTypeError(
            f"found {printable(text)}, expected {what}, a whole number from {low} to {high}"
        )

    return read


def speed(text: str) -> float:
    """Read how many times faster than real time something runs; ``60`` and ``60x`` are the same."""
    try:
        value = float(text.removesuffix("x"))
    except ValueError:
        value = 0.0
    if 0 < value <= 100_000:
        return value
    raise argparse.ArgumentTypeError(
        f"found {printable(text)}, expected a number above 0 and at most 100000, "
        f"such as 60 for a minute each second"
    )


def moment(text: str) -> datetime:
    """Read a moment as aware UTC; one without an offset is taken as UTC."""
    from datetime import UTC, datetime

    try:
        value = datetime.fromisoformat(text)
        aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(
            f"found {printable(text)}, expected a date and time such as 2016-03-01T08:00"
        ) from None
    return aware


class _Version(argparse.Action):
    """Prints the version, which is looked up only then."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any, **__: Any) -> NoReturn:
        from importlib.metadata import version

        print(f"{PROGRAM} {version(PROGRAM)}")
        parser.exit(0)


def parse(argv: list[str] | None) -> argparse.Namespace:
    """Return the arguments; ``command`` is None where none was given.

    Args:
        argv: The words after the program's name; None: those of this process.

    Raises:
        SystemExit: with 2 after a mistake was reported, with 0 after help or the version.
    """
    words = sys.argv[1:] if argv is None else argv
    parser, commands = _build(words)
    arguments, unknown = parser.parse_known_args(words)
    if unknown:
        chosen = commands.get(arguments.command, parser)
        word = next((word for word in unknown if word.startswith("-")), unknown[0])
        name = word.partition("=")[0]
        known = [option for action in chosen._actions for option in action.option_strings]  # noqa: SLF001 - argparse has no public list
        advice = _meant(name, known) if name.startswith("-") else "remove it"
        kind = "option" if name.startswith("-") else "argument"
        chosen.error(f"{printable(name)} is an unknown {kind}; {advice}")
    return arguments


def _build(words: list[str]) -> tuple[Parser, dict[str, Parser]]:
    """Return the parser and its commands; only those among ``words`` get their options."""
    parser = Parser(
        prog=PROGRAM,
        description="Watch the SLA promises of a SuperOps service desk, live, in a terminal.",
        epilog="Without a command: the console. Settings may also come from the environment, "
        "as SLA_CONSOLE_<SECTION>__<KEY>; config.example.toml explains each.",
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    _add_common(parser, default=None)
    _add_ascii(parser, default=False)
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    commands = {}
    for name, (summary, add_options) in _COMMANDS.items():
        wanted = name in words
        command = subparsers.add_parser(
            name,
            prog=f"{PROGRAM} {name}",
            help=summary,
            description=f"{summary[0].upper()}{summary[1:]}.",
            add_help=wanted,
        )
        if wanted:
            _add_common(command, default=argparse.SUPPRESS)
            add_options(command)
        commands[name] = command
    return parser, commands


def _add_common(parser: Parser, default: str | None) -> None:
    parser.add_argument(
        "--config", default=default, metavar="FILE", help="the configuration; default: see info"
    )
    parser.add_argument(
        "--data-dir", default=default, metavar="DIR", help="where data and log are kept"
    )


def _add_playback(parser: Parser, speed_default: float) -> None:
    parser.add_argument(
        "--speed",
        type=speed,
        default=speed_default,
        metavar="X",
        help="times faster than real time (default: %(default)g)",
    )
    _add_ascii(parser)
    parser.add_argument("--once", action="store_true", help="print the board once and leave")


def _add_ascii(parser: Parser, default: bool | str = argparse.SUPPRESS) -> None:
    parser.add_argument(
        "--ascii", action="store_true", default=default, help="draw with plain ASCII"
    )


def _add_desk(parser: Parser) -> None:
    parser.add_argument(
        "--tickets",
        type=_whole(0, 200_000, "how many open tickets"),
        default=200,
        metavar="N",
        help="open tickets to begin with (default: %(default)s)",
    )
    parser.add_argument(
        "--seed",
        type=_whole(0, 2**32 - 1, "a seed"),
        default=1,
        metavar="S",
        help="the same seed gives the same desk (default: %(default)s)",
    )


def _wall(parser: Parser) -> None:
    _add_ascii(parser)
    parser.add_argument(
        "--page-seconds",
        type=_whole(5, 3600, "a number of seconds"),
        default=20,
        metavar="N",
        help="how long each page stays (default: %(default)s)",
    )


def _demo(parser: Parser) -> None:
    parser.add_argument("--wall", action="store_true", help="as for a screen on the wall")
    _add_playback(parser, speed_default=1.0)
    _add_desk(parser)


def _replay(parser: Parser) -> None:
    parser.add_argument("log", metavar="LOG", help="the log, as .csv or .csv.gz")
    add_log_map(parser)
    _add_playback(parser, speed_default=60.0)
    parser.add_argument(
        "--start", type=moment, metavar="T", help="moment to begin at, UTC unless it says otherwise"
    )


def _simulator(parser: Parser) -> None:
    parser.add_argument(
        "--port",
        type=_whole(0, 65_535, "a port"),
        default=8600,
        metavar="P",
        help="port to listen on; 0: any free one (default: %(default)s)",
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: %(default)s)"
    )
    parser.add_argument("--token", metavar="T", help="token it accepts; default: one for demos")
    parser.add_argument("--subdomain", metavar="D", help="subdomain it accepts; default: demo")
    parser.add_argument(
        "--requests-per-minute",
        type=_whole(1, 1_000_000, "a limit"),
        default=100,
        metavar="R",
        help="its limit (default: %(default)s, as the real one)",
    )
    _add_desk(parser)


def _status(parser: Parser) -> None:
    add_json_and_sync(parser)
    accept = "confirm that the desk has lost as many tickets as SuperOps says"
    parser.add_argument("--accept-drop", action="store_true", help=accept)
    parser.add_argument(
        "--watch",
        action="store_true",
        help="go on, and print a line for each change: for screen readers, logs and scripts",
    )


def _init(parser: Parser) -> None:
    parser.add_argument(
        "--force", action="store_true", help="replace one that exists, keeping a copy"
    )


def _policies(parser: Parser) -> None:
    parser.add_argument(
        "action",
        nargs="?",
        choices=("list", "check"),
        default="list",
        metavar="list|check",
        help="show them, or look for mistakes in them (default: %(default)s)",
    )
    parser.add_argument("--json", action="store_true", help="print it as JSON")


def _docs(parser: Parser) -> None:
    parser.add_argument("page", nargs="?", metavar="PAGE", help="which; without: list them")


def _selftest(parser: Parser) -> None:
    parser.add_argument(
        "--vectors",
        action="append",
        metavar="FILE",
        help="worked examples, one JSON object a line; may be repeated; default: those built in",
    )
    parser.add_argument("--json", action="store_true", help="print it as JSON")


def _backtest(parser: Parser) -> None:
    parser.add_argument(
        "--policy", required=True, metavar="FILE", help="the promises to try, as TOML"
    )
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--log", metavar="LOG", help="history from a log, .csv or .csv.gz")
    add_log_map(parser)
    source.add_argument("--history", action="store_true", help="history from the console's store")
    parser.add_argument("--json", metavar="OUT", help="write all of it as JSON; -: to stdout")
    parser.add_argument(
        "--until", type=moment, metavar="T", help="moment at which history ends, UTC if not said"
    )
    parser.add_argument(
        "--forecast",
        action="store_true",
        help="judge the forecast too; needs --rolling or --train-until",
    )
    parser.add_argument(
        "--rolling",
        action="store_true",
        help="teach it anew each day by what was known then, and ask it what came that day",
    )
    parser.add_argument(
        "--train-until",
        type=moment,
        metavar="T",
        help="ask about tickets opened from T on; without --rolling it learns nothing after T",
    )


def _performance(parser: Parser) -> None:
    parser.add_argument(
        "--by",
        choices=("technician", "group", "client", "priority", "policy"),
        default="client",
        help="what the figures are told apart by (default: %(default)s)",
    )
    parser.add_argument(
        "--days",
        type=_whole(1, 3650, "a number of days"),
        default=30,
        metavar="N",
        help="of promises due in so many days (default: %(default)s)",
    )
    parser.add_argument(
        "--basis",
        choices=("due", "settled"),
        default="due",
        help="the day that a promise belongs to: when it is due, or when it was kept or missed "
        "(default: %(default)s)",
    )
    add_json_and_sync(parser)


def _no_options(_parser: Parser) -> None:
    """Take the common options alone."""


_COMMANDS: dict[str, tuple[str, Callable[[Parser], None]]] = {
    "console": ("the live console; also what runs without a command", _add_ascii),
    "wall": ("the console for a screen on the wall, that nobody sits at", _wall),
    "demo": ("the console on a simulated service desk; needs no account", _demo),
    "replay": ("the console on a recorded incident log", _replay),
    "simulator": ("a SuperOps to run against, in real time", _simulator),
    "monitor": ("watch and alert without a screen", _no_options),
    "status": ("print the board once", _status),
    "check": ("try the configuration and the connection; one line a finding", _no_options),
    "policies": ("the promises of the configuration, and what looks wrong in them", _policies),
    "selftest": ("hold the business calendar against worked examples", _selftest),
    "explain": ("why a ticket is due when it is, and what would change that", explain),
    "forecast": ("which promises are likely to break, and whose queue cannot be done", forecast),
    "performance": ("how promises were kept, with medians and honest trends", _performance),
    "report": ("what was kept and missed, to print, to open or to prove", report),
    "alerts": ("how the channels do, who would be told what, and a test", alerts),
    "silences": ("what is not told on purpose, until when and why", silences),
    "oncall": ("who is on call, and what people change about it themselves", oncall),
    "backtest": ("what a promise would have meant on history", _backtest),
    "keys": ("every action with its id and its keys", _no_options),
    "init": ("write a first configuration", _init),
    "info": ("show paths and versions; no secrets", _no_options),
    "docs": ("read the documentation, a page at a time", _docs),
}
