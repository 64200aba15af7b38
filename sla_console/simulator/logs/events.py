"""From rows to events: a row that is an event, and a row that is a whole ticket."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sla_console.domain.names import folded
from sla_console.domain.tickets.ticket import Phase
from sla_console.simulator.logs.log_event import LogEvent
from sla_console.simulator.logs.table import LogRow, Table

_UNKNOWN: Final = re.compile(r"-\d+")
"""A state without a name, as ServiceNow's -100."""
_MINUTES: Final = re.compile(r"\d{1,7}(?:[.,]\d{1,6})?", re.ASCII)
_VERDICTS: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def events_of(table: Table) -> list[LogEvent]:
    """Return the events of a log in the order of time; what is spoilt is counted."""
    if table.rows == "events":
        found = _events(table)
    else:
        found = [event for row in _last_rows(table) for event in _life(table, row)]
    found.sort(key=lambda event: event.at)
    return found


def _events(table: Table) -> list[LogEvent]:
    latest: dict[str, datetime] = {}
    found: list[LogEvent] = []
    late: list[LogRow] = []
    steps = 0
    for row in table:
        number = _number(table, row)
        if number is None:
            continue
        opened = _needed(table, row, "created", None) if table.has("created") else None
        if opened is None and table.has("created"):
            continue
        known = latest.get(number)
        at = _needed(table, row, "updated", known or opened)
        if at is None:
            continue
        if known is not None:
            steps += 1
            if at < known:
                late.append(row)
        if opened is not None and at < opened:
            table.count("event before the incident was opened", row)
        found.append(_event(table, row, at, _state(table, row), opened or at))
        latest[number] = max(at, known or at)
    if len(late) > steps / 2:
        # The newest comes first, so of two in one minute the lower row happened first.
        found.reverse()
    else:
        for row in late:
            table.count("event out of order, put in its place", row)
    return found


def _state(table: Table, row: LogRow) -> str | None:
    """Return the status of an event, None where it is not known."""
    state = row["status"]
    if state is None or _UNKNOWN.fullmatch(state):
        table.count(f"unknown state {state or 'missing'}, the one before kept", row)
        return None
    new = set(map(folded, table.plan.new))
    if row["technician"] is None and table.has("technician") and folded(state) not in new:
        table.count("technician missing", row)
    return state


def _event(
    table: Table, row: LogRow, at: datetime, state: str | None, opened: datetime
) -> LogEvent:
    """Return a ticket in a state, with all else that its row says."""
    responded = _optional(table, row, "first_response", opened)
    if responded is None:
        responded = _after(row["first_response_minutes"], opened)
    if responded is not None and responded < opened:
        table.count("first response before it was opened, taken as at the opening", row)
        responded = opened
    resolved = _optional(table, row, "resolved", responded or opened)
    if resolved is None:
        resolved = _after(row["resolved_minutes"], opened)
    closed = _optional(table, row, "closed", resolved or opened)
    for what, moment in (("resolved", resolved), ("closed", closed)):
        if moment is not None and moment < opened:
            table.count(f"{what} before it was opened", row)
    return LogEvent(
        at=at,
        number=row["number"] or "",
        state=state,
        priority=row["priority"],
        group=row["group"],
        technician=row["technician"],
        caller=row["requester"],
        location=row["client"],
        opened=opened,
        subject=row.subject,
        category=row["request_type"],
        resolved=resolved,
        closed=closed,
        made_sla=_VERDICTS.get((row["met_sla"] or "").casefold()),
        responded=responded,
        source=row["source"],
        subcategory=row["subcategory"],
    )


def _last_rows(table: Table) -> Iterator[LogRow]:
    """Give one row of each ticket: of several, the one that was changed last."""
    best: dict[str, tuple[datetime | None, LogRow]] = {}
    for row in table:
        number = _number(table, row)
        if number is None:
            continue
        when = None if row["updated"] is None else table.times.read(row["updated"])
        at = None if when is None or isinstance(when, str) else when.at
        earlier = best.get(number)
        if earlier is not None:
            newer = at is None or earlier[0] is None or at >= earlier[0]
            left_out = earlier[1] if newer else row
            table.count("the ticket on another row too, its last state counts", left_out)
            if not newer:
                continue
        best[number] = (at, row)
    for _, row in best.values():
        yield row


def _life(table: Table, row: LogRow) -> Iterator[LogEvent]:
    """Give what happened to a ticket of which one row is known."""
    opened = _needed(table, row, "created", None)
    if opened is None:
        return
    first = table.plan.new[0] if table.plan.new else "New"
    event = _event(table, row, opened, first, opened)
    ends = [at for at in (event.resolved, event.closed) if at is not None and at >= opened]
    updated = _optional(table, row, "updated", max([*ends, event.responded or opened]))
    plan, state = table.plan, row["status"]
    over = bool(ends) if state is None else plan.phases().phase(state) is Phase.CLOSED
    if ends and not over:
        table.count("it has the time of an end and a status that is none, read as open", row)
        event, ends = replace(event, resolved=None, closed=None), []
    if over and not ends:
        if updated is None or updated < opened:
            table.count("ended, but no time says when, left out", row)
            return
        table.count("no time of its end, its last change taken", row)
        event, ends = replace(event, resolved=updated), [updated]
    yield event
    if over:
        between = _done(table) if state is None or len(ends) > 1 else state
        yield replace(event, at=ends[0], state=between)
        if len(ends) > 1:
            yield replace(event, at=max(ends), state=state or between)
    elif state is not None:
        # When it came to be so is not known, only that it was so at its last change.
        at = table.times.last(opened) if updated is None else updated
        yield replace(event, at=max(at, opened), state=state)


def _done(table: Table) -> str:
    """Return the status of a ticket that is resolved and not closed yet."""
    closed = table.plan.phases().closed
    names = (*table.plan.resolved, *(table.plan.closed or ()))
    return next((name for name in names if folded(name) in closed), "Resolved")


def _number(table: Table, row: LogRow) -> str | None:
    if row["number"] is None:
        table.count("no incident number, left out", row)
    return row["number"]


def _needed(table: Table, row: LogRow, field: str, not_before: datetime | None) -> datetime | None:
    """Return a moment without which a row is no use; where it cannot be read, that is counted."""
    found = table.moment(row, field, not_before)
    if isinstance(found, datetime):
        return found
    table.count(f"{found or 'unreadable time'}, left out", row)
    return None


def _optional(
    table: Table, row: LogRow, field: str, not_before: datetime | None
) -> datetime | None:
    """Return a moment that a row may lack; where it cannot be read, that is counted."""
    found = table.moment(row, field, not_before)
    if isinstance(found, str):
        table.count(f"{found} under {field}, read as empty", row)
        return None
    return found


def _after(minutes: str | None, opened: datetime) -> datetime | None:
    if minutes is None or not _MINUTES.fullmatch(minutes):
        return None
    return opened + timedelta(minutes=float(minutes.replace(",", ".")))
