"""Reading a real incident log: what is right in it is used, what is not is counted.

The format is the event log of a ServiceNow instance as published by C. A. L. Amaral, M. Fantinato
and S. M. Peres (UCI Machine Learning Repository, dataset 498): one row an event, the state of the
incident after it. Times are ``d/m/Y H:M`` without a zone and are read as UTC; ``?`` is missing.
"""

import csv
import gzip
import zlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Final, TextIO

from sla_console.domain.errors import UserError
from sla_console.domain.text import clean

_NEEDED: Final = (
    "number",
    "incident_state",
    "sys_updated_at",
    "opened_at",
    "priority",
    "assignment_group",
    "assigned_to",
    "caller_id",
    "location",
    "category",
)
STATES: Final = (
    "New",
    "Active",
    "Awaiting User Info",
    "Awaiting Vendor",
    "Awaiting Problem",
    "Awaiting Evidence",
    "Resolved",
    "Closed",
)
_USED: Final = (*_NEEDED, "resolved_at", "closed_at", "made_sla", "subcategory", "u_symptom")
_LINES_KEPT: Final = 5
_YEARS: Final = range(2000, 2100)
_REPLACED: Final = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True, slots=True)
class LogEvent:
    """The state of an incident after one event."""

    at: datetime
    number: str
    state: str | None
    """None: unknown, the state before stays."""
    priority: str | None
    group: str | None
    technician: str | None
    caller: str | None
    location: str | None
    opened: datetime
    subject: str
    category: str | None
    resolved: datetime | None = None
    """When it was resolved for good; the log writes it on every row."""
    closed: datetime | None = None
    """When it was closed for good."""
    made_sla: bool | None = None
    """The source system's own verdict so far; None: not given."""


@dataclass(slots=True)
class LogReport:
    """What was read and what was wrong with it."""

    rows: int = 0
    incidents: int = 0
    faults: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    """Kind of fault to the numbers of its lines."""

    def lines(self) -> list[str]:
        """Return the report, one fault a line, with the first line numbers of each."""
        found = [f"{self.rows} events of {self.incidents} incidents"]
        for kind, numbers in sorted(self.faults.items()):
            shown = ", ".join(map(str, numbers[:_LINES_KEPT]))
            more = ", …" if len(numbers) > _LINES_KEPT else ""
            found.append(f"{len(numbers)} x {kind} (lines {shown}{more})")
        return found


@dataclass(slots=True)
class IncidentLog:
    """The events in order of time."""

    path: Path
    events: list[LogEvent]
    report: LogReport

    @property
    def first(self) -> datetime:
        """When the first incident was opened."""
        return min(event.opened for event in self.events)

    @property
    def last(self) -> datetime:
        """When the last event happened."""
        return self.events[-1].at

    def default_start(self) -> datetime:
        """Return the late afternoon of the day by which half of the incidents had been opened.

        Many are open then, and what came in over night falls due soon after.
        """
        opened = sorted({event.number: event.opened for event in self.events}.values())
        middle = opened[len(opened) // 2].replace(hour=17, minute=50)
        return min(max(middle, self.first), self.last)

    def require(self, start: datetime) -> datetime:
        """Return ``start`` if it lies in the log.

        Raises:
            UserError: if it does not.
        """
        if not self.first <= start <= self.last:
            raise UserError(
                f"--start {start:%Y-%m-%dT%H:%M} is outside the log; {self.path.name} runs from "
                f"{self.first:%Y-%m-%dT%H:%M} to {self.last:%Y-%m-%dT%H:%M}."
            )
        return start


def load_log(path: Path) -> IncidentLog:
    """Read a log, ``.csv`` or ``.csv.gz``.

    Raises:
        UserError: if the file cannot be read, is no such log, or holds no usable event.
    """
    report = LogReport()
    try:
        with _open(path) as file:
            events = list(_events(path, file, report))
    except FileNotFoundError:
        raise UserError(f"{path}: there is no such file; check the path of the log.") from None
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"{path}: the log cannot be read ({_why(error)}).") from None
    if not events:
        raise UserError(f"{path}: there is no usable event in this log.")
    report.incidents = len({event.number for event in events})
    events.sort(key=lambda event: event.at)
    return IncidentLog(path, events, report)


def _why(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)


def _open(path: Path) -> TextIO:
    # A spreadsheet writes a byte order mark; a byte that is no UTF-8 spoils its own row only.
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", errors="replace", newline="")
    return path.open(encoding="utf-8-sig", errors="replace", newline="")


def _cells(text: str) -> list[str] | None:
    """Return the cells of one line, None if its quotes do not match.

    Each line is read by itself, so that a stray quote cannot swallow the lines after it.
    """
    try:
        return next(csv.reader([text], strict=True), [])
    except csv.Error:
        return None


def _places(path: Path, header: str) -> tuple[dict[str, int], int]:
    """Return where the columns stand, and how many there are."""
    if _REPLACED in header or "\0" in header:
        raise UserError(f"{path}: this is no text; expected an incident log as CSV in UTF-8.")
    names = [name.strip() for name in _cells(header) or []]
    missing = [name for name in _NEEDED if name not in names]
    if missing:
        raise UserError(
            f"{path}: columns missing in the first line: {', '.join(missing)}; expected an incident "
            f"log with at least {', '.join(_NEEDED)}."
        )
    return {name: names.index(name) for name in _USED if name in names}, len(names)


def _events(path: Path, file: TextIO, report: LogReport) -> Iterator[LogEvent]:
    places, width = _places(path, next(file, ""))
    latest: dict[str, datetime] = {}
    for line, text in enumerate(file, start=2):
        if not text.strip():
            continue
        report.rows += 1
        cells = _cells(text)
        if cells is None:
            report.faults["quotes that do not match, left out"].append(line)
            continue
        if len(cells) != width:
            report.faults["wrong number of columns, left out"].append(line)
            continue
        if _REPLACED in text:
            report.faults["characters that are no UTF-8, replaced"].append(line)
        row = {name: _value(cells[at]) for name, at in places.items()}
        if (event := _event(row, line, report)) is None:
            continue
        if event.at < latest.get(event.number, event.at):
            report.faults["event out of order, put in its place"].append(line)
        if event.at < event.opened:
            report.faults["event before the incident was opened"].append(line)
        latest[event.number] = max(event.at, latest.get(event.number, event.at))
        yield event


def _event(row: dict[str, str | None], line: int, report: LogReport) -> LogEvent | None:
    number = row["number"]
    at, opened = _time(row["sys_updated_at"]), _time(row["opened_at"])
    if number is None:
        report.faults["no incident number, left out"].append(line)
        return None
    if at is None or opened is None:
        report.faults["unreadable time, left out"].append(line)
        return None
    if at.year not in _YEARS or opened.year not in _YEARS:
        report.faults["time outside 2000 to 2099, left out"].append(line)
        return None
    state = row["incident_state"]
    if state not in STATES:
        report.faults[f"unknown state {state or 'missing'}, the one before kept"].append(line)
        state = None
    if row["assigned_to"] is None and state not in {None, "New"}:
        report.faults["technician missing"].append(line)
    resolved = _time(row.get("resolved_at"))
    if resolved is not None and resolved < opened:
        report.faults["resolved before it was opened"].append(line)
    words = [row.get("category"), row.get("subcategory"), row.get("u_symptom")]
    return LogEvent(
        at=at,
        number=number,
        state=state,
        priority=row["priority"],
        group=row["assignment_group"],
        technician=row["assigned_to"],
        caller=row["caller_id"],
        location=row["location"],
        opened=opened,
        subject=", ".join(word for word in words if word) or "No description",
        category=row["category"],
        resolved=resolved,
        closed=_time(row.get("closed_at")),
        made_sla={"true": True, "false": False}.get((row.get("made_sla") or "").casefold()),
    )


@lru_cache(maxsize=65_536)
def _value(cell: str) -> str | None:
    text = clean(cell, 120)
    return None if text in {"", "?"} else text


@lru_cache(maxsize=65_536)
def _time(text: str | None) -> datetime | None:
    try:
        return datetime.strptime(text or "", "%d/%m/%Y %H:%M").replace(tzinfo=UTC)
    except ValueError:
        return None
