"""Answers about tickets turned into the domain: whatever comes ends as ok, degraded or skipped."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, Protocol, TypeVar

from sla_console.domain.text import clean_lines
from sla_console.domain.tickets.ticket import Ticket, TicketNote
from sla_console.superops.fields import AnswerRow, id_of, moment_of, opened, reference_of, text_of
from sla_console.superops.markup import plain_lines

_FUTURE: Final = timedelta(days=1)


class _Named(Protocol):
    @property
    def id(self) -> str: ...


T = TypeVar("T", bound=_Named)


def rows_of(
    value: Any,
    read: Callable[[Any], T | None],
) -> tuple[list[T], int]:
    """Read each row; return what was understood, each id once, and how many rows were skipped.

    Args:
        value: The rows: an array, or whatever came in its place.
        read: Turns a row into the domain, or returns None where it has no id.
    """
    rows = value if isinstance(value, list) else []
    found: dict[str, T] = {}
    skipped = 0
    for row in rows:
        item = read(row)
        if item is None:
            skipped += 1
        else:
            found[item.id] = item
    return list(found.values()), skipped


def ticket_of(value: Any, now: datetime) -> Ticket | None:
    """Read one ticket, or return None where it cannot even be told which one it is.

    Args:
        value: The row as it came.
        now: The moment, against which the future is judged.
    """
    if not isinstance(value, dict):
        return None
    ticket_id = id_of(value.get("ticketId"))
    if ticket_id is None:
        return None
    row = AnswerRow(value)
    display_id = row.text("displayId", "number", 60)
    subject = row.text("subject", "subject", 300)
    status = row.text("status", "status", 80)
    created = row.moment("createdTime", "creation time")
    client = row.reference("client", "accountId", "client")
    technician = row.reference("technician", "userId", "technician")
    sla = row.reference("sla", "id", "SLA")
    ticket = Ticket(
        id=ticket_id,
        display_id=display_id or ticket_id,
        subject=subject or "(no subject)",
        status=status or "",
        priority=row.text("priority", "priority", 80),
        request_type=row.text("requestType", "request type", 80),
        client_id=client.id,
        client=client.name or client.id,
        site_id=row.reference("site", "id", "site").id,
        requester=row.reference("requester", "userId", "requester").name,
        technician_id=technician.id,
        technician=technician.name or technician.id,
        group=row.reference("techGroup", "groupId", "group").name,
        sla_id=sla.id,
        sla_name=sla.name,
        created_at=created,
        updated_at=row.moment("updatedTime", "time of the last change"),
        response_due=row.moment("firstResponseDueTime", "first response due time"),
        responded_at=row.moment("firstResponseTime", "first response time"),
        response_violated=row.flag("firstResponseViolated", "first response violated"),
        resolution_due=row.moment("resolutionDueTime", "resolution due time"),
        resolved_at=row.moment("resolutionTime", "resolution time"),
        resolution_violated=row.flag("resolutionViolated", "resolution violated"),
        source=row.text("source", "source", 40),
        category=row.text("category", "category", 80),
    )
    missing = [
        f"{label} is missing"
        for label, key in (("status", "status"), ("creation time", "createdTime"))
        if value.get(key) in (None, "")
    ]
    reasons = tuple(missing + row.reasons + _impossible(ticket, now))
    return replace(ticket, degraded=reasons) if reasons else ticket


def _impossible(ticket: Ticket, now: datetime) -> list[str]:
    """Say which times contradict each other."""
    reasons = []
    created = ticket.created_at
    if created is not None:
        for moment, label in (
            (ticket.response_due, "first response is due"),
            (ticket.resolution_due, "resolution is due"),
            (ticket.responded_at, "first response was"),
            (ticket.resolved_at, "resolution was"),
        ):
            if moment is not None and moment < created:
                reasons.append(f"{label} before the ticket was created")
    for moment, label in (
        (created, "creation time"),
        (ticket.updated_at, "time of the last change"),
        (ticket.responded_at, "first response time"),
        (ticket.resolved_at, "resolution time"),
    ):
        if moment is not None and moment - now > _FUTURE:
            reasons.append(f"{label} is in the future")
    return reasons


def note_of(value: Any) -> TicketNote | None:
    """Read a note, or return None where it has no id."""
    if not isinstance(value, dict):
        return None
    note_id = id_of(value.get("noteId"))
    if note_id is None:
        return None
    return TicketNote(
        id=note_id,
        author=_author(value.get("addedBy")),
        at=moment_of(value.get("addedOn")),
        text=_content(value),
        private=value.get("privacyType") != "PUBLIC",
    )


def message_of(value: Any) -> TicketNote | None:
    """Read a message of the conversation with the requester, or None where it has no id."""
    if not isinstance(value, dict):
        return None
    message_id = id_of(value.get("conversationId"))
    if message_id is None:
        return None
    return TicketNote(
        id=message_id,
        author=_author(value.get("user")),
        at=moment_of(value.get("time")),
        text=_content(value),
        private=False,
    )


def carries(rows: Any, marker: str) -> bool:
    """Return whether the content of a note carries ``marker``, before anything is cut short."""
    contents = [row.get("content") for row in rows if isinstance(row, dict)] if rows else []
    texts = [content for content in contents if isinstance(content, str)]
    return any(marker in text or marker in plain_lines(text) for text in texts)


def names_in(values: Iterable[Any], key: str) -> list[str]:
    """Return the cleaned names of rows in their order, each once."""
    names = (text_of(row.get(key), 80) for row in values if isinstance(row, dict))
    return list(dict.fromkeys(name for name in names if name))


def _author(value: Any) -> str:
    """Name whoever wrote; a sender unknown to SuperOps has an address alone."""
    found = reference_of(value, "userId")
    if found.name:
        return found.name
    person = opened(value)
    address = text_of(person.get("email")) if isinstance(person, dict) else None
    return address or "(unknown)"


def _content(value: dict[str, Any]) -> str:
    content = value.get("content")
    return clean_lines(plain_lines(content)) if isinstance(content, str) else ""
