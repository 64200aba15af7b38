"""``sla-console report``: what was promised and kept, for people who have to answer for it."""

import argparse
import contextlib
import hashlib
import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self
from zoneinfo import ZoneInfo

from sla_console.cli.asking import ask
from sla_console.cli.clock import SystemClock
from sla_console.cli.configuration import configured
from sla_console.cli.log_reading import limits_of, map_wanted, print_map, read_log, trial_on
from sla_console.cli.operator import author, operator
from sla_console.cli.report_rules import report_rules, report_zone
from sla_console.config.load import load_trial
from sla_console.domain.errors import SuperOpsError, UserError
from sla_console.domain.wall_time import local_text
from sla_console.reporting.period import Period, period_between, period_of
from sla_console.reporting.scope import OPTIONS, Scope

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sla_console.domain.tickets.past_tickets import PastTicket
    from sla_console.reporting.report import Report
    from sla_console.service.sla_service import SLAService

_ENDINGS: Final = {".html": "html", ".htm": "html", ".csv": "csv", ".json": "json", ".md": "md"}


def run(args: argparse.Namespace) -> int:
    """Make a report and write it; or list what is frozen, or print the schema."""
    if args.schema:
        from sla_console.reporting.report import adapter

        dialect = "https://json-schema.org/draft/2020-12/schema"
        schema = {"$schema": dialect, **adapter().json_schema(mode="serialization")}
        print(json.dumps(schema, indent=1, ensure_ascii=False))
        return 0
    if args.frozen:
        return _list_frozen(args)
    if map_wanted(args) and args.log is not None:
        return print_map(args, load_trial(Path(args.policy))[0] if args.policy else None)
    form, scope = _form(args), _scope(args)
    _require_writable(args)
    if args.log is not None:
        _refuse_with_log(args)
        report = _of_log(args, scope)
    else:
        if args.policy is not None:
            raise UserError("--policy: it is for --log; leave it out, or name a log")
        if args.map is not None:
            raise UserError("--map: it is for --log; leave it out, or name a log")
        report = _of_store(args, scope)
    if args.evidence is not None:
        from sla_console.reporting.evidence import pack_of
        from sla_console.reporting.writing import write_whole

        write_whole(Path(args.evidence), pack_of(report))
        ledgers = _counted(len(report.breaches), "ledger")
        _say(f"{args.evidence}: {ledgers}, {report.period.label}")
        if args.output is None:
            return 0
    _write(args, report, form)
    return 0


def _form(args: argparse.Namespace) -> str:
    if args.format is not None:
        return str(args.format)
    if args.output in {None, "-"}:
        return "md"
    ending = Path(args.output).suffix.casefold()
    if ending not in _ENDINGS:
        raise UserError(
            f"--output: found {args.output!r}, whose ending is no form; expected .html, .csv, "
            f".json or .md, or --format beside it"
        )
    return _ENDINGS[ending]


def _scope(args: argparse.Namespace) -> Scope:
    found = {
        name: tuple(dict.fromkeys(names))
        for name, option in OPTIONS.items()
        if (names := getattr(args, option.replace("-", "_")))
    }
    scope = Scope(found)
    if args.evidence is not None and len(scope.clients) != 1:
        raise UserError(
            f"--evidence: it is for one client, found {len(scope.clients)}; add --client NAME"
        )
    return scope


def _require_writable(args: argparse.Namespace) -> None:
    """Refuse a place that cannot be written before the work is done."""
    for name in (args.output, args.evidence):
        folder = Path(name).parent if name is not None else None
        if folder is not None and not folder.is_dir():
            raise UserError(f"{name}: there is no folder {folder}; make it, or name another file")


def _refuse_with_log(args: argparse.Namespace) -> None:
    for option in ("freeze", "identify", "sync", "allow-stale"):
        if getattr(args, option.replace("-", "_")):
            raise UserError(f"--{option}: it is for the console's own store; leave out --log or it")
    if args.policy is None:
        raise UserError("--log needs --policy FILE: the promises to judge it by, as TOML")


def _period(args: argparse.Namespace, zone: str, usual: Period) -> Period:
    if args.period is not None and (args.first or args.last):
        raise UserError("--period: found --from or --to beside it, expected one way; remove one")
    if args.period is not None:
        return period_of(args.period, zone)
    if args.first is None and args.last is None:
        return usual
    if args.first is None or args.last is None:
        missing = "--from" if args.first is None else "--to"
        raise UserError(f"{missing}: it is missing; --from and --to go together")
    return period_between(args.first, args.last, zone)


def _last_month(now: "datetime", zone: str) -> Period:
    here = now.astimezone(ZoneInfo(zone)).date()
    before = here.replace(day=1) - timedelta(days=1)
    return Period.month(before.year, before.month, zone)


def _of_store(args: argparse.Namespace, scope: Scope) -> "Report":
    async def question(service: "SLAService") -> "Report":
        from sla_console.service.report_service import ReportRequest

        desk = service.reports
        usual = _last_month(SystemClock().now(), desk.rules.zone)
        request = ReportRequest(
            _period(args, desk.rules.zone, usual),
            scope,
            identify=args.identify,
            ledgers=args.evidence is not None,
        )
        if args.sync:
            progress.say("reading what was closed")
            # Where what is old may be shown, the report says itself up to when this is known.
            allowed = (
                contextlib.suppress(SuperOpsError) if args.allow_stale else contextlib.nullcontext()
            )
            with allowed:
                await service.read_history()
        make = desk.freeze if args.freeze else desk.report
        return await make(request, by, progress.show)

    settings = configured(args).settings
    by = author(settings) if args.freeze else operator(settings.ui.operator)
    with _Progress() as progress:
        if args.sync:
            progress.say("asking SuperOps")
        report = ask(args, question).answer
    for change in report.changes[:10]:
        _say(f"  {change.number} {change.what}: {change.frozen}, now {change.now} ({change.why})")
    if report.frozen is not None:
        more = len(report.changes) - 10
        rest = f"; the report has {_counted(more, 'change')} more" if more > 0 else ""
        what = (
            f"{_counted(len(report.changes), 'change')} since"
            if report.changes
            else "nothing has changed"
        )
        _say(f"frozen {report.frozen.at:%Y-%m-%d %H:%M} UTC by {report.frozen.by}; {what}{rest}")
    return report


def _of_log(args: argparse.Namespace, scope: Scope) -> "Report":
    from sla_console.cli.backtest import trial_of
    from sla_console.reporting.build import Frame, report_of
    from sla_console.reporting.collect import Collector, nothing_due
    from sla_console.reporting.from_past import end_of, lives_of
    from sla_console.reporting.privacy import Pseudonyms, protect
    from sla_console.reporting.scope import ScopeFilter
    from sla_console.simulator.past import past_tickets

    settings, stop_at = load_trial(Path(args.policy))
    log = read_log(args, settings)
    trial, rules = trial_on(trial_of(settings, stop_at), log), report_rules(settings)
    history = past_tickets(log)
    # Where nothing else is said, a log's zone is the wall clock of where it comes from.
    zone, until = settings.reports.timezone or log.plan.timezone, end_of(history)
    first, last = (at.astimezone(ZoneInfo(zone)).date() for at in (history[0].opened_at, until))
    frame = Frame(
        period=_period(args, zone, Period(first, last, zone)),
        as_of=until,
        scope=scope,
        source=f"the log {Path(args.log).name}, judged by {Path(args.policy).name}",
        contracts=rules.contracts,
        least=rules.least,
        notes=(_of_the_log(history, zone), *limits_of(log)),
        priorities=rules.priorities,
    )
    wanted = ScopeFilter(scope)
    collector = Collector(
        frame.wide,
        frame.period.span,
        until,
        rules.excluded,
        wanted,
        ledgers=args.evidence is not None,
    )
    with _Progress() as progress:
        for place, life in enumerate(lives_of(history, trial), 1):
            collector.add([life])
            if place % 1000 == 0:
                progress.show(place, len(history))
    wanted.require_known()
    if collector.empty:
        raise nothing_due(frame.period, collector.dues)
    # Whoever has the log knows the names anyhow, and nobody else can make its hash.
    with Path(args.log).open("rb") as file:
        key = hashlib.file_digest(file, "sha256").digest()
    names = Pseudonyms(key, settings.reports.family or "log")
    return report_of(protect(collector.finish(), names, frame.least, frame.period.span), frame)


def _of_the_log(history: "Sequence[PastTicket]", zone: str) -> str:
    first, last = (
        f"{history[place].opened_at.astimezone(ZoneInfo(zone)):%Y-%m-%d}" for place in (0, -1)
    )
    return (
        f"The log has tickets opened from {first} to {last}: what was opened before or after, and "
        f"was due in this time, is missing."
    )


def _write(args: argparse.Namespace, report: "Report", form: str) -> None:
    from sla_console.reporting.forms import render
    from sla_console.reporting.writing import write_whole

    by: Sequence[str] = tuple(name.replace("-", " ") for name in dict.fromkeys(args.by or ()))
    with _Progress() as progress:
        progress.say(f"writing {form}")
        content = render(report, form, by)
    if args.output is None or args.output == "-":
        sys.stdout.buffer.write(content)
        return
    write_whole(Path(args.output), content)
    _say(f"{args.output}: {report.period.label}, {len(report.promises)} promises")


def _list_frozen(args: argparse.Namespace) -> int:
    async def question(service: "SLAService") -> "list[tuple[str, datetime]]":
        return await service.reports.frozen()

    asked = ask(args, question)
    found, zone = asked.answer, ZoneInfo(report_zone(asked.configuration.settings))
    for name, at in found:
        print(f"{local_text(at, zone)}  {name}")
    if not found:
        print("No report is frozen.")
    return 0


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _say(words: str) -> None:
    print(words, file=sys.stderr)


class _Progress:
    """One line on standard error that says how far it is; silent where nobody looks."""

    def __init__(self) -> None:
        self._wanted = sys.stderr.isatty()
        self._shown = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    def show(self, done: int, total: int) -> None:
        """Say how many tickets were read."""
        self.say(f"{done:,} of {total:,} tickets")

    def say(self, words: str) -> None:
        """Say what is being done."""
        if self._wanted:
            self._shown = True
            print(f"\r{words}\x1b[K", end="", file=sys.stderr, flush=True)
