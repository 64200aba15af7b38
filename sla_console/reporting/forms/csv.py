"""A report as a table for spreadsheets: one line a promise, or one a group.

UTF-8 with its mark and CRLF, so that spreadsheets read it right by a double click; numbers with a
point. A text that a spreadsheet would take for a formula gets an apostrophe before it (OWASP, "CSV
Injection"), which shows it as it is.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from io import StringIO
from typing import Final
from zoneinfo import ZoneInfo

from sla_console.domain.figures.counting import percent_words
from sla_console.domain.figures.record import TargetRecord
from sla_console.domain.wall_time import local_text
from sla_console.reporting.figures import Figures
from sla_console.reporting.forms.words import share_words
from sla_console.reporting.report import Report

_MARK: Final = "\ufeff"
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""With what a formula, or a line that hides one, begins."""
_PROMISES: Final = (
    "ticket", "promise", "outcome", "due", "client", "policy", "priority", "group", "request type",
    "technicians", "requester", "started", "ended", "promised seconds", "taken seconds",
    "left seconds", "notes", "cycle", "why in doubt", "time zone",
)  # fmt: skip
_GROUPS: Final = (
    "by", "name", "promise", "met", "missed", "open", "compliance percent", "95 % from", "95 % to",
    "median seconds", "90 % within seconds", "met before", "missed before", "in doubt", "breaches",
    "time zone",
)  # fmt: skip


def promises_csv(report: Report) -> bytes:
    """Return the promises of the period, one line each; times in the report's zone.

    The zone stands in every line, and a time in the hour that comes twice with its offset.
    """
    zone = ZoneInfo(report.period.zone)
    excluded = (
        (
            one.number,
            "",
            "excluded",
            "",
            one.client,
            *([""] * 11),
            _excluded(one.reason, one.by),
            "",
            "",
        )
        for one in report.exclusions
    )
    lines = (*(_promise(one, zone) for one in report.promises), *excluded)
    zoned = ((*line, report.period.zone) for line in lines)
    return _table(_PROMISES, (*_stale(report, len(_PROMISES)), *zoned))


def groups_csv(report: Report, by: Sequence[str]) -> bytes:
    """Return the figures of each group, two lines each: first response and resolution."""
    lines = (
        _figures(name, group.name, words, figures)
        for name in by
        for group in report.groups[name]
        for words, figures in (
            ("first response", group.response),
            ("resolution", group.resolution),
        )
    )
    zoned = ((*line, report.period.zone) for line in lines)
    return _table(_GROUPS, (*_stale(report, len(_GROUPS)), *zoned))


def _stale(report: Report, columns: int) -> Iterator[tuple[str, ...]]:
    """Give a line for each thing that is old or missing, which is the first to be read."""
    for gap in report.stale:
        yield (f"Old or missing: {gap}", *([""] * (columns - 1)))


def safe(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _excluded(reason: str, by: str) -> str:
    return f"{reason} ({by})" if by else reason


def _promise(one: TargetRecord, zone: ZoneInfo) -> tuple[object, ...]:
    hands = "; ".join(
        credit.technician
        if len(one.credit) == 1
        else f"{credit.technician} {share_words(credit.share)}"
        for credit in one.credit
    )
    return (
        one.number,
        one.target.words,
        one.outcome,
        _moment(one.due, zone),
        one.client,
        one.policy,
        one.priority,
        one.group,
        one.request_type,
        hands,
        one.requester or "",
        _moment(one.started_at, zone),
        _moment(one.stopped_at, zone),
        _number(one.allowed),
        _number(one.taken),
        _number(one.margin),
        "; ".join(_notes(one)),
        one.cycle,
        one.reason,
    )


def _figures(by: str, name: str, words: str, figures: Figures) -> tuple[object, ...]:
    tally, low_high = figures.tally, figures.tally.interval
    judged = bool(tally.judged)
    return (
        by,
        name,
        words,
        _number(tally.met),
        _number(tally.missed),
        _number(tally.open),
        "" if tally.compliance is None else percent_words(tally.compliance, 2),
        *(f"{end:.2f}" if judged else "" for end in low_high),
        _number(figures.median),
        _number(figures.p90),
        _number(figures.before.met),
        _number(figures.before.missed),
        _number(tally.in_doubt),
        _number(figures.breaches),
    )


def _notes(one: TargetRecord) -> Iterator[str]:
    yield from one.degraded
    if one.gone_at is not None:
        yield f"no longer in SuperOps since {one.gone_at:%Y-%m-%d %H:%M} UTC"


def _moment(moment: datetime | None, zone: ZoneInfo) -> str:
    """Return a local time that spreadsheets read as one, but in the hour that comes twice."""
    return "" if moment is None else local_text(moment, zone, "%Y-%m-%d %H:%M:%S")


class _Plain(float):
    """A number that is written as one, its minus included."""


def _number(value: float | None) -> _Plain | str:
    return "" if value is None else _Plain(value)


def _cell(value: object) -> str:
    if isinstance(value, _Plain):
        return f"{value:.3f}".rstrip("0").rstrip(".")
    return safe(str(value))


def _table(head: Sequence[str], lines: Iterable[Sequence[object]]) -> bytes:
    text = StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows(map(_cell, line) for line in lines)
    return (_MARK + text.getvalue()).encode()
