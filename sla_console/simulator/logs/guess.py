"""The map of a log without a map: known by its first line, or guessed from it."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from sla_console.domain.errors import UserError
from sla_console.domain.names import folded
from sla_console.domain.text import clean
from sla_console.domain.tickets.log_map import FIELDS, PRESETS, UCI, LogMap
from sla_console.simulator.logs.records import LogRecords
from sla_console.simulator.logs.table import Table

_OTHER_NAMES: Final = {
    "number": "ticket ticketnumber ticketno ticketnr casenumber case incident incidentnumber reference id",
    "created": "createdat createdon createdtime createddate creationdate created opened openedat "
    "openedon opendate reportedat reported submittedat",
    "updated": "updatedat updatedon updatedtime updated lastupdated lastupdatedat modifiedat changedat "
    "changed eventtime timestamp eventat at",
    "status": "status state ticketstatus newstatus currentstatus",
    "first_response": "firstresponse firstresponseat firstresponsetime firstresponsedate respondedat "
    "responded firstreply firstreplyat answeredat",
    "resolved": "resolvedat resolvedon resolvedtime resolveddate resolved resolutiondate resolution"
    "time solvedat solved completedat",
    "closed": "closedat closedon closedtime closeddate closed closedate",
    "priority": "priority prio urgency",
    "group": "group team assignmentgroup techniciangroup queue",
    "technician": "technician assignee assignedto agent owner",
    "requester": "requester caller reporter contact requestedby",
    "client": "client customer company organization organisation account accountname",
    "request_type": "requesttype type category issuetype tickettype",
    "subcategory": "subcategory subtype",
    "subject": "subject summary title shortdescription",
    "met_sla": "metsla madesla slamet",
}
_NO_SIGN: Final = re.compile(r"[\W_]+")
_STATUSES_SHOWN: Final = 30


class UnnamedColumnsError(UserError):
    """The columns of a log are named by no map; one is proposed.

    Args:
        path: The log.
        table: Its rows, read by the guess.
    """

    def __init__(self, path: Path, table: Table) -> None:
        self.plan = table.settled()
        self.doubt = table.times.two_readings() if table.times.in_doubt else None
        self.map = map_text(table)
        doubt = f", where {self.doubt}" if self.doubt else ""
        super().__init__(
            f"{path}: nothing says what its columns are, and a guess is not used unasked; look "
            f"through the [log] table that was printed{doubt}, then paste it into the policy file, "
            f"or name a file that holds it with --map FILE"
        )


def recognised(plan: LogMap, records: LogRecords, *, from_windows: bool) -> tuple[LogMap, bool]:
    """Return the map of a log, and whether it is no more than a guess.

    Args:
        plan: What is written about it.
        records: Its first line and rows.
        from_windows: Whether it is no UTF-8, but may be cp1252.

    Raises:
        UserError: if its first line is no text, or names no column that is known.
    """
    names = records.names
    if not records.readable and from_windows:
        raise UserError(
            'its first line is no UTF-8; name its encoding in [log], such as encoding = "cp1252"'
        )
    if not records.readable or (names and not re.search(r"\w", " ".join(names), re.ASCII)):
        raise UserError(
            f"this is no text that begins with the names of columns, read as {records.encoding}; "
            f"expected a log as CSV"
        )
    if plan.columns:
        return plan, False
    keys = set(map(folded, names))
    if {UCI.columns[field][0] for field in UCI.needed} <= keys:
        return plan.over(UCI), False
    guess = _guess(names)
    if guess is None:
        needed = [UCI.columns[field][0] for field in UCI.needed]
        missing = ", ".join(name for name in needed if name not in keys)
        raise UserError(
            f"columns missing in the first line: {missing}; expected an incident log with at least "
            f"{', '.join(needed)}, or a table [log] that names the columns of another; found "
            f"{clean(', '.join(names), 300) or 'nothing'}"
        )
    return plan.over(guess), True


def _guess(names: list[str]) -> LogMap | None:
    """Return the preset that knows the most of the columns, filled up by what names mean."""
    here = {folded(name): name for name in reversed(names)}

    def known(preset: LogMap) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for field, aliases in preset.columns.items():
            name = next((here[key] for key in map(folded, aliases) if key in here), None)
            if name is not None:
                found[field] = (name,)
        return found

    best = max((each for each in PRESETS.values() if each is not UCI), key=lambda p: len(known(p)))
    columns = known(best)
    preset: str | None = best.preset
    if not _enough(columns):
        preset, columns = None, {}
    taken = {names[0] for names in columns.values()}
    for field, others in _OTHER_NAMES.items():
        words = others.split()
        free = [name for name in names if name not in taken and _bare(name) in words]
        if field not in columns and free:
            name = min(free, key=lambda each: words.index(_bare(each)))
            columns[field] = (name,)
            taken.add(name)
    if not _enough(columns):
        return None
    written = frozenset(f"columns.{field}" for field in columns)
    return replace(LogMap({}) if preset is None else best, columns=columns, written=written)


def _enough(columns: dict[str, tuple[str, ...]]) -> bool:
    ends = columns.keys() & {"status", "resolved", "closed", "resolved_minutes"}
    return "number" in columns and bool(ends) and bool(columns.keys() & {"created", "updated"})


def _bare(name: str) -> str:
    return _NO_SIGN.sub("", folded(name))


def map_text(table: Table) -> str:
    """Return the table ``[log]`` by which a log is read, ready to paste."""
    return "\n".join(_lines(table)) + "\n"


def _lines(table: Table) -> Iterator[str]:
    plan = table.settled()
    yield "[log]"
    if plan.preset is not None:
        yield f"preset = {_quoted(plan.preset)}"
    yield f"rows = {_quoted(plan.rows or 'tickets')}"
    if table.times.in_doubt:
        yield f'# {table.times.two_readings()}; take one "#" away:'
        yield '# date_format = "day-month"'
        yield '# date_format = "month-day"'
    elif plan.date_format is not None:
        yield f"date_format = {_quoted(plan.date_format)}"
    yield f"timezone = {_quoted(plan.timezone)}  # of times that name none"
    yield f"delimiter = {_quoted(plan.delimiter or ',')}"
    yield f"encoding = {_quoted(plan.encoding or 'utf-8')}"
    statuses = table.statuses()
    if statuses:
        more = ", …" if len(statuses) > _STATUSES_SHOWN else ""
        yield f"# Its statuses: {', '.join(statuses[:_STATUSES_SHOWN])}{more}"
    for key in ("hold", "closed"):
        names = getattr(plan, key)
        if names is None:
            yield f"# {key} = []  # not written: those of [statuses]"
        else:
            yield f"{key} = [{', '.join(map(_quoted, names))}]"
    yield ""
    yield "[log.columns]"
    for field, meaning in FIELDS.items():
        if field in plan.columns and plan.preset != UCI.preset:
            yield f"{field} = {_quoted(plan.columns[field][0])}  # {meaning}"


def _quoted(text: str) -> str:
    """Return text as TOML has it in quotes."""
    return json.dumps(clean(text), ensure_ascii=False) if text != "\t" else '"\\t"'
