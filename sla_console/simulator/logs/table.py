"""The rows of a log with the cells that count, by field, their moments read."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sla_console.domain.errors import UserError
from sla_console.domain.names import folded, nearest
from sla_console.domain.text import clean
from sla_console.domain.tickets.log_map import TIMES, LogMap
from sla_console.simulator.logs.log_event import LogReport
from sla_console.simulator.logs.records import LogRecords
from sla_console.simulator.logs.times import YEARS, LogMapError, MomentReader

_SUBJECT: Final = "subject"
_ENOUGH: Final = (
    ("number",),
    ("created", "updated"),
    ("status", "resolved", "closed", "resolved_minutes"),
)
"""Groups of columns; one of each group must be known."""
_REPEATED: Final = 0.1
"""Share of tickets on several rows from which on a row is taken for an event."""
_FORMULA: Final = '="'
_REMEMBERED: Final = 200
_MOST_REMEMBERED: Final = 200_000
Cells = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Places:
    """Where the columns stand that count."""

    fields: Mapping[str, int]
    subject: tuple[int, ...]

    @classmethod
    def of(cls, plan: LogMap, names: list[str]) -> "Places":
        """Find the columns of a map in the first line.

        Raises:
            UserError: if one that is needed, or that somebody named, is not there.
        """
        known: dict[str, int] = {}
        for place, name in enumerate(names):
            known.setdefault(folded(name), place)
        keys = Counter(map(folded, names))
        found: dict[str, int] = {}
        for field, aliases in plan.columns.items():
            key = next((folded(a) for a in aliases if folded(a) in known), None)
            if key is None:
                _require_none(plan, field, aliases[0], names)
            elif keys[key] > 1:
                raise UserError(
                    f"found the column {names[known[key]]!r} {keys[key]} times in the first line, "
                    f"expected it once, since it is read as {field}; rename the others"
                )
            elif field != _SUBJECT:
                found[field] = known[key]
        missing = [plan.columns[field][0] for field in plan.needed if field not in found
                   and field in plan.columns]  # fmt: skip
        if missing:
            wanted = ", ".join(plan.columns[field][0] for field in plan.needed)
            raise UserError(
                f"columns missing in the first line: {', '.join(missing)}; expected an incident "
                f"log with at least {wanted}"
            )
        for choice in _ENOUGH:
            if not found.keys() & set(choice):
                raise UserError(
                    f"no column is known for {' or '.join(choice)}; name one under [log.columns]; "
                    f"the first line has {clean(', '.join(names), 300)}"
                )
        subject = (folded(name) for name in plan.columns.get(_SUBJECT, ()))
        return cls(found, tuple(known[name] for name in subject if name in known))


def _require_none(plan: LogMap, field: str, name: str, names: list[str]) -> None:
    """Refuse a column that somebody named and that is not there."""
    if f"columns.{field}" not in plan.written:
        return
    meant = nearest(name, names)
    shown = clean(", ".join(names), 300)
    advice = f"did you mean {meant!r}?" if meant else f"the first line has {shown}"
    raise LogMapError(
        f"{plan.where or 'the map'}: log.columns.{field}: found {name!r}, expected a column of the "
        f"log; {advice}"
    )


class LogRow:
    """One usable row.

    Args:
        line: Where it begins.
        cells: Those that count.
        places: Where each field stands in them.
    """

    __slots__ = ("_cells", "_places", "line")

    def __init__(self, line: int, cells: Cells, places: Mapping[str, int]) -> None:
        self.line = line
        self._cells = cells
        self._places = places

    def __getitem__(self, field: str) -> str | None:
        place = self._places.get(field)
        return None if place is None else self._cells[place]

    @property
    def subject(self) -> str:
        """The subject, joined from all columns that are read as it."""
        words = filter(None, self._cells[len(self._places) :])
        return ", ".join(words) or "No description"


class Table:
    """The rows of a log.

    Args:
        plan: How it is to be read.
        records: Its first line and rows.
        report: Where faults are counted.

    Raises:
        UserError: if a column that is needed is not known.
    """

    def __init__(self, plan: LogMap, records: LogRecords, report: LogReport) -> None:
        self.plan = plan
        self.times = MomentReader(plan)
        self._report = report
        self._places = Places.of(plan, records.names)
        self._fields = tuple(self._places.fields)
        self._rows: list[tuple[int, Cells]] = []
        self._again: set[int] = set()
        self._names = records.names
        self._delimiter, self._encoding = records.delimiter, records.encoding
        self._read(records)
        self.rows = plan.rows or self._kind_of_rows()
        for field in ("updated", "status") if self.rows == "events" else ("created",):
            if not self.has(field):
                raise UserError(
                    f"a row is one of the {self.rows}, but no column is known for {field}; name it "
                    f"under [log.columns]"
                )

    def has(self, field: str) -> bool:
        """Return whether the log has such a column."""
        return field in self._places.fields

    @property
    def answers(self) -> bool:
        """Whether it says when tickets were first answered."""
        own = ("first_response", "first_response_minutes")
        return self.rows == "events" or any(map(self.has, own))

    def settled(self) -> LogMap:
        """Return the map with all that was found out."""
        names: dict[str, tuple[str, ...]] = {
            field: (self._names[at],) for field, at in self._places.fields.items()
        }
        if self._places.subject:
            names[_SUBJECT] = tuple(self._names[at] for at in self._places.subject)
        return replace(
            self.plan,
            columns=names,
            rows=self.rows,
            delimiter=self._delimiter,
            encoding=self._encoding,
            date_format=self.times.settled(),
        )

    def words(self) -> str:
        """Return how it is read, for people."""
        sign = {"\t": "tabs", ";": "semicolons", ",": "commas"}.get(
            self._delimiter, repr(self._delimiter)
        )
        zone = f"times without a zone in {self.plan.timezone}"
        row = "an event" if self.rows == "events" else "a ticket"
        return f"{sign}, {self._encoding}, {self.times.words()}, {zone}, each row {row}"

    def statuses(self) -> list[str]:
        """Return the statuses that stand in it, the most frequent first."""
        if not self.has("status"):
            return []
        at = self._fields.index("status")
        counts = Counter(name for _, cells in self._rows if (name := cells[at]) is not None)
        return [name for name, _ in counts.most_common()]

    def __iter__(self) -> Iterator[LogRow]:
        places = {field: at for at, field in enumerate(self._fields)}
        for line, cells in self._rows:
            if self.rows == "events" or line not in self._again:
                yield LogRow(line, cells, places)

    def _read(self, records: LogRecords) -> None:
        places = (*self._places.fields.values(), *self._places.subject)
        times = [at for at, field in enumerate(self._fields) if field in TIMES]
        report, see = self._report, self.times.see
        values = _Values(frozenset(map(str.casefold, self.plan.missing)))
        seen: set[int] = set()
        for row in records:
            report.rows += 1
            if row.fault is not None:
                report.faults[row.fault].append(row.line)
                continue
            mark = hash(tuple(row.cells))
            if mark in seen:
                # Two events of one minute may be alike with a third between them, so it stays.
                report.faults["the same row again"].append(row.line)
                self._again.add(row.line)
            seen.add(mark)
            for remark in row.remarks:
                report.faults[remark].append(row.line)
            cells = tuple([values[row.cells[place]] for place in places])
            for at in times:
                if (text := cells[at]) is not None:
                    see(row.line, text)
            self._rows.append((row.line, cells))

    def _kind_of_rows(self) -> str:
        if not (self.has("updated") and self.has("status")):
            return "tickets"
        if not self.has("created"):
            return "events"
        at = self._fields.index("number")
        counts = Counter(cells[at] for line, cells in self._rows if line not in self._again)
        several = sum(count > 1 for count in counts.values())
        return "events" if several > _REPEATED * len(counts) else "tickets"

    def moment(
        self, row: LogRow, field: str, not_before: datetime | None = None
    ) -> datetime | str | None:
        """Return a moment of a row, aware UTC; why it is none; or None where the cell is empty.

        Args:
            row: The row.
            field: The column.
            not_before: What happened before it, which tells the two hours apart that a clock shows
                twice.
        """
        text = row[field]
        if text is None:
            return None
        when = self.times.read(text)
        if isinstance(when, str):
            return when
        at = when.at
        if when.skipped:
            self.count("time in an hour that its zone skips, read as the hour after", row)
        if when.later is not None:
            if not_before is not None and at < not_before <= when.later:
                at = when.later
            else:
                self.count("time in the hour that comes twice, read as the first", row)
        return at if at.year in YEARS else "time outside 2000 to 2099"

    def count(self, kind: str, row: LogRow) -> None:
        """Count a fault of a row."""
        lines = self._report.faults[kind]
        if not lines or lines[-1] != row.line:
            lines.append(row.line)


class _Values(dict[str, str | None]):
    """The values of cells, cleaned; None: there is none. Long cells are not remembered.

    Args:
        missing: Texts that are no value, casefolded.
    """

    def __init__(self, missing: frozenset[str]) -> None:
        super().__init__()
        self._nothing = missing

    def __missing__(self, cell: str) -> str | None:
        text = clean(cell, 120)
        if text.startswith(_FORMULA) and text.endswith('"'):
            # A spreadsheet keeps its hands off ="0012".
            text = text[len(_FORMULA) : -1]
        value = None if not text or text.casefold() in self._nothing else text
        if len(cell) <= _REMEMBERED and len(self) < _MOST_REMEMBERED:
            self[cell] = value
        return value
