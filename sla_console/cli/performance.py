"""``sla-console performance``: how promises were kept, by client, technician and so on."""

import argparse
import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from sla_console.cli.asking import ask
from sla_console.cli.clock import SystemClock
from sla_console.domain.durations import hours_words
from sla_console.domain.figures.counting import DurationStats, percent_words
from sla_console.domain.figures.performance import PerformanceFigures
from sla_console.domain.figures.record import Basis
from sla_console.domain.figures.report import DateRange

if TYPE_CHECKING:
    from sla_console.service.sla_service import SLAService

SCHEMA_VERSION: Final = 2


def run(args: argparse.Namespace) -> int:
    """Print the figures of the promises of the last days."""

    async def question(service: "SLAService") -> dict[str, PerformanceFigures]:
        now = SystemClock().now()
        span = DateRange(now - timedelta(days=args.days), now + timedelta(seconds=1))
        return await service.performance(args.by, span, Basis(args.basis))

    asked = ask(args, question)
    if args.json:
        print(json.dumps(asked.document(_document(asked.answer, args)), indent=2))
    else:
        print("\n".join(asked.lines(_lines(asked.answer, args))))
    return 0


def _lines(figures: Mapping[str, PerformanceFigures], args: argparse.Namespace) -> Iterator[str]:
    if not figures:
        yield f"No promise {args.basis} in the last {args.days} days is known."
        return
    yield (
        f"Promises {args.basis} in the last {args.days} days, by {args.by}; times are "
        f"promised time: median / nine of ten"
    )
    yield (
        f"  {args.by.upper():<24} {'KEPT':>7} {'95 % BETWEEN':>14} {'MET':>6} {'MISSED':>6} "
        f"{'OPEN':>6} {'DOUBT':>6}  {'RESPONSE':<19} {'RESOLUTION':<19} TREND"
    )
    for name, one in figures.items():
        kept = "-" if one.compliance is None else f"{percent_words(one.compliance)} %"
        between = (
            "-"
            if one.compliance is None
            else f"{one.compliance_low:.0f} to {one.compliance_high:.0f} %"
        )
        yield (
            f"  {name[:24]:<24} {kept:>7} {between:>14} {_count(one.met):>6} "
            f"{_count(one.missed):>6} {_count(one.open):>6} {_count(one.in_doubt):>6}  "
            f"{_spans(one.response):<19} {_spans(one.resolution):<19} {one.trend.lower()}"
        )
    if any(one.in_doubt for one in figures.values()):
        yield "DOUBT: in no percentage; sla-console report lists each with its reason."


def _count(value: float) -> str:
    """Return a number of promises; one with a fraction was shared by several technicians."""
    return f"{value:.0f}" if value == round(value) else f"{value:.1f}"


def _spans(times: DurationStats) -> str:
    if times.median is None or times.p90 is None:
        return "-"
    return f"{hours_words(times.median)} / {hours_words(times.p90)}"


def _document(
    figures: Mapping[str, PerformanceFigures], args: argparse.Namespace
) -> dict[str, Any]:
    """Return the figures as JSON data; spans are seconds."""
    return {
        "schema_version": SCHEMA_VERSION,
        "by": args.by,
        "days": args.days,
        "basis": args.basis,
        "figures": {
            name: {
                "tickets": one.tickets,
                "met": one.met,
                "missed": one.missed,
                "open": one.open,
                "in_doubt": one.in_doubt,
                "breach_count": one.breach_count,
                "compliance_percent": one.compliance,
                "compliance_95_percent": [one.compliance_low, one.compliance_high],
                "trend": one.trend,
                "response": _times(one.response),
                "resolution": _times(one.resolution),
                "response_wall": _times(one.response_wall),
                "resolution_wall": _times(one.resolution_wall),
            }
            for name, one in figures.items()
        },
    }


def _times(times: DurationStats) -> dict[str, Any]:
    def seconds(span: timedelta | None) -> float | None:
        return None if span is None else span.total_seconds()

    return {
        "count": times.count,
        "average": seconds(times.average),
        "median": seconds(times.median),
        "p90": seconds(times.p90),
    }
