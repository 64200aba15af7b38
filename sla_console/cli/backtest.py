"""``sla-console backtest``: what a promise would have meant on history."""

import argparse
import asyncio
import json
import sys
from dataclasses import replace
from pathlib import Path

from sla_console.cli.log_reading import map_wanted, print_map, read_log, trial_on
from sla_console.config.load import load_trial
from sla_console.config.settings import Settings
from sla_console.domain.errors import UserError
from sla_console.domain.names import folded
from sla_console.domain.sla.calendar import BusinessCalendar
from sla_console.domain.sla.policy import CLIENTS_HOURS
from sla_console.domain.tickets.past_tickets import PastTicket
from sla_console.reporting.backtest import Trial, run_backtest
from sla_console.reporting.writing import write_whole


def run(args: argparse.Namespace) -> int:
    """Judge history by the promises of a file, print what that gives, and write it as JSON."""
    from sla_console.reporting.backtest_text import backtest_document, backtest_lines

    policy = Path(args.policy)
    settings, stop_at = load_trial(policy)
    if map_wanted(args) and args.log is not None:
        return print_map(args, settings)
    if args.map is not None and args.log is None:
        raise UserError("--map: it is for --log; leave it out, or name a log")
    trial = trial_of(settings, stop_at)
    _require_whole(args)
    read: dict[str, object] | None = None
    if args.log is None:
        from sla_console.cli.stored_history import stored_history

        history = asyncio.run(stored_history(args))
    else:
        from sla_console.simulator.past import past_tickets

        log = read_log(args, settings)
        history, trial = past_tickets(log), trial_on(trial, log)
        read = {"read_as": log.how, **log.report.document()}
    _require_inside(history, args)
    backtest = run_backtest(history, trial, args.until)
    if not backtest.tickets:
        raise UserError(
            f"{policy}: policies: none of the {len(history)} tickets matches a policy; compare "
            f"the conditions with the tickets, or give one policy default = true"
        )
    document = backtest_document(backtest)
    if read is not None:
        document["log"] = read
    # What programs read stands alone on standard output.
    people = sys.stderr if args.json == "-" else sys.stdout
    print("\n".join(backtest_lines(backtest)), file=people)
    if args.forecast:
        from sla_console.reporting.forecast_text import forecast_document, forecast_lines
        from sla_console.reporting.forecast_trial import try_forecast

        begin = args.train_until or history[0].opened_at
        tried = try_forecast(history, trial, begin, args.until, rolling=args.rolling)
        print("\n".join(["", *forecast_lines(tried)]), file=people)
        document["forecast"] = forecast_document(tried)
    if args.json == "-":
        print(json.dumps(document, indent=1, ensure_ascii=False))
    elif args.json:
        text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
        write_whole(Path(args.json), text.encode())
    return 0


def _require_whole(args: argparse.Namespace) -> None:
    """Refuse options that say too little together."""
    if args.rolling and not args.forecast:
        raise UserError("--rolling: it is for --forecast; add that, or leave it out")
    if args.forecast and args.train_until is None and not args.rolling:
        raise UserError(
            "--forecast needs --rolling, or --train-until T: the moment until which it may learn, "
            "such as 2016-03-07T12:00"
        )


def _require_inside(history: list[PastTicket], args: argparse.Namespace) -> None:
    """Refuse moments before or after which there is nothing to judge."""
    first, last = (f"{each.opened_at:%Y-%m-%dT%H:%M}" for each in (history[0], history[-1]))
    if args.until is not None and args.until < history[0].opened_at:
        raise UserError(
            f"--until {args.until:%Y-%m-%dT%H:%M}: no ticket had been opened by then; expected a "
            f"moment after {first}, when the first was"
        )
    begin = args.train_until if args.forecast else None
    if begin is not None and not history[0].opened_at < begin <= history[-1].opened_at:
        raise UserError(
            f"--train-until {begin:%Y-%m-%dT%H:%M}: expected a moment between {first} and "
            f"{last}, when the first and the last ticket were opened, so that some are learnt from "
            f"and some are asked about"
        )


def trial_of(settings: Settings, stop_at: str) -> Trial:
    """Return the promises of a file, to be tried.

    Raises:
        UserError: if it does not say which calendar counts.
    """
    calendars = settings.calendars_as_domain()
    named = settings.default_calendar
    if named is None and len(calendars) == 1:
        # One calendar and no choice: who wrote it means it.
        named = next(iter(calendars))
    if named is None and calendars:
        loose = [
            p.name
            for p in settings.policies
            if (p.calendar is None and p.business_hours_only)
            or p.response_calendar == CLIENTS_HOURS
        ]
        if loose:
            raise UserError(
                f"{settings.file}: default_calendar: it is missing, and {loose[0]!r} names no "
                f"calendar; expected one of {', '.join(calendars)}"
            )
    calendar = BusinessCalendar.always() if named is None else calendars[named]
    policies = [
        replace(policy, calendar=named, business_hours_only=named is not None)
        if policy.business_hours_only and policy.calendar is None
        else policy
        for policy in settings.policies_as_domain()
    ]
    return Trial(
        policies,
        calendars,
        calendar,
        settings.statuses.as_domain(),
        stop_at,
        frozenset(map(folded, settings.sla.no_first_response_for)),
    )
