"""Events of tickets as a log gives them, and the faults found in its rows."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

_LINES_KEPT: Final = 5


@dataclass(frozen=True, slots=True)
class LogEvent:
    """The state of a ticket after one event."""

    at: datetime
    number: str
    state: str | None
    """None: unknown, the state before stays."""
    priority: str | None
    group: str | None
    technician: str | None
    caller: str | None
    location: str | None
    """The client."""
    opened: datetime
    subject: str
    category: str | None
    resolved: datetime | None = None
    """When it was resolved for good, as a column says."""
    closed: datetime | None = None
    """When it was closed for good, as a column says."""
    made_sla: bool | None = None
    """The source system's own verdict so far; None: not given."""
    responded: datetime | None = None
    """When it was first answered, as a column says."""
    source: str | None = None
    """How it came in."""
    subcategory: str | None = None


@dataclass(slots=True)
class LogReport:
    """The number of rows that were read, and the faults found in them."""

    rows: int = 0
    incidents: int = 0
    faults: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    """Kind of fault to the numbers of its lines."""
    row: str = "event"
    """The word for one row, for people."""

    def lines(self) -> list[str]:
        """Return the report, one fault a line, with the first line numbers of each."""
        rows = f"{self.rows} {self.row}s of {self.incidents} incidents"
        return [rows, *self.fault_lines()]

    def document(self) -> dict[str, object]:
        """Return the report as plain values for JSON, with the number of each line."""
        return {"rows": self.rows, "incidents": self.incidents, "faults": dict(self.faults)}

    def fault_lines(self) -> list[str]:
        """Return the faults, one a line."""
        return [
            f"{len(numbers)} x {kind} (lines {_some(numbers)})"
            for kind, numbers in sorted(self.faults.items())
        ]


def _some(numbers: list[int]) -> str:
    shown = ", ".join(map(str, numbers[:_LINES_KEPT]))
    return shown + (", …" if len(numbers) > _LINES_KEPT else "")
