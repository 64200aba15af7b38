"""Reading a log of tickets: what is right in it is used, what is not is counted."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sla_console.domain.errors import UserError
from sla_console.domain.tickets.log_map import LogMap
from sla_console.simulator.logs.events import events_of
from sla_console.simulator.logs.guess import UnnamedColumnsError, map_text, recognised
from sla_console.simulator.logs.log_event import LogEvent, LogReport
from sla_console.simulator.logs.records import LogRecords
from sla_console.simulator.logs.table import Table
from sla_console.simulator.logs.text import open_text
from sla_console.simulator.logs.times import LogMapError


@dataclass(slots=True)
class IncidentLog:
    """The events in order of time."""

    path: Path
    events: list[LogEvent]
    report: LogReport
    plan: LogMap
    """How it was read, with all that was found out."""
    how: str
    """How it was read, for people."""
    map: str
    """The table ``[log]`` that reads it the same way, ready to paste."""
    answers: bool = True
    """Whether it says when tickets were first answered."""

    @property
    def first(self) -> datetime:
        """When the first incident was opened."""
        return min(event.opened for event in self.events)

    @property
    def last(self) -> datetime:
        """When the last event happened."""
        return self.events[-1].at

    def statuses(self) -> list[str]:
        """Return the statuses in it, in the order in which they first come."""
        return list(dict.fromkeys(e.state for e in self.events if e.state is not None))

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


def load_log(path: Path, plan: LogMap | None = None) -> IncidentLog:
    """Read a log, packed by gzip or not.

    Args:
        path: Where it is.
        plan: How it is to be read. Where it names no columns, or where there is none, those of the
            public incident log are expected.

    Raises:
        UnnamedColumnsError: if its columns are others; with the map that is guessed for it.
        UserError: if the file cannot be read, is no such log, or holds no usable event.
    """
    plan = LogMap({}) if plan is None else plan
    report = LogReport()
    with open_text(path, plan.encoding) as text:
        try:
            records = LogRecords(text, plan.delimiter)
            foreign = text.from_windows and not (records.readable or plan.columns)
            if not foreign:
                found, guessed = recognised(plan, records, from_windows=text.from_windows)
                foreign = guessed and text.from_windows
                table = Table(found, records, report)
                if not (guessed and table.times.in_doubt):
                    table.times.decide()
        except LogMapError:
            raise
        except UserError as error:
            raise UserError(f"{path}: {error}") from None
    if foreign:
        # It is no UTF-8, and nobody said what it is, so it is read as what Windows writes.
        return load_log(path, replace(plan, encoding="cp1252"))
    if guessed:
        raise UnnamedColumnsError(path, table)
    events = events_of(table)
    report.row = "event" if table.rows == "events" else "row"
    if not events:
        lost = "; ".join(report.fault_lines())
        why = f": {report.rows} rows, {lost}" if lost else ""
        raise UserError(f"{path}: there is no usable event in this log{why}.")
    report.incidents = len({event.number for event in events})
    return IncidentLog(
        path,
        events,
        report,
        table.settled(),
        table.words(),
        map_text(table),
        answers=table.answers,
    )
