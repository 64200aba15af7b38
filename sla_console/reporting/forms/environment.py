"""Jinja2 as the forms use it: strict, and with the words that all of them share."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined

from sla_console.domain.wall_time import local_text
from sla_console.reporting.forms import words
from sla_console.reporting.report import Report


def environment(*, html: bool) -> Environment:
    """Return the environment of a form.

    Args:
        html: Whether what is put in is escaped for HTML.
    """
    made = Environment(
        loader=PackageLoader("sla_console.reporting.forms", "templates"),
        autoescape=html,  # noqa: S701 - Markdown is escaped by its own filter
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.globals.update(
        percent=words.percent,
        between=words.between,
        count=words.count,
        span=words.span,
        margin=words.margin,
        against=words.against,
        counts=words.counts,
        degraded=words.degraded,
        doubtful=words.doubtful,
        gone=words.gone,
        target_words=words.target,
        hands=words.hands,
        bar_label=words.bar_label,
        same_hours=words.same_hours,
    )
    return made


def local(report: Report) -> Callable[[datetime], str]:
    """Return what writes moments in the zone of a report."""
    zone = ZoneInfo(report.period.zone)
    return lambda moment: local_text(moment, zone)


def agreed(report: Report) -> list[Any]:
    """Return the clients with whom a percentage is agreed, the worst first."""
    return [one for one in report.allowances if one.target is not None]
