"""The typed calls: what the rest of the console asks SuperOps for."""

import asyncio
import html
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx

from sla_console.domain.clock import Clock
from sla_console.domain.errors import AnswerRefused, RequestRefused
from sla_console.domain.people.people import Client, Site, Technician
from sla_console.domain.text import clean, clean_lines
from sla_console.domain.tickets.ticket import Ticket, TicketNote
from sla_console.superops import documents
from sla_console.superops.answers import carries, message_of, names_in, note_of, rows_of, ticket_of
from sla_console.superops.budget import RequestBudget, Turn
from sla_console.superops.calls import Calls, full_jitter
from sla_console.superops.documents import Document
from sla_console.superops.faults import MISSING
from sla_console.superops.paging import PAGE_SIZE, everything, ignore, pages
from sla_console.superops.people_answers import (
    client_of,
    option_names,
    site_of,
    sla_name_of,
    technician_of,
)
from sla_console.superops.server_time import ServerTime
from sla_console.superops.sign_in import SignIn, TokenSource
from sla_console.superops.transport import Transport

NEWEST_FIRST: Final = "createdTime"
LATEST_CHANGE_FIRST: Final = "updatedTime"
_LAST_ROWS: Final = 5


class SuperOpsClient:
    """Asks one SuperOps account, within its request budget.

    Reads are tried again where the fault may pass; writes are sent once. Everything raises only
    ``SuperOpsError`` and its kinds.

    Args:
        url: The GraphQL endpoint.
        subdomain: The account's subdomain.
        token: Where the API token comes from.
        clock: The one source of time.
        budget: Keeps within the requests allowed a minute.
        timeout_seconds: Real seconds for one exchange as a whole.
        max_bytes: Longest answer, after decompression.
        transport: What carries the bytes, instead of the network.
        backoff: Real seconds to wait after the n-th failure of a read.

    Raises:
        UserError: for an address or a subdomain that cannot be sent.
    """

    def __init__(
        self,
        url: str,
        subdomain: str,
        token: TokenSource,
        clock: Clock,
        budget: RequestBudget,
        timeout_seconds: float = 30.0,
        max_bytes: int = 16 * 1024 * 1024,
        transport: httpx.AsyncBaseTransport | None = None,
        backoff: Callable[[int], float] = full_jitter,
    ) -> None:
        self.budget = budget
        self._clock = clock
        self._transport = Transport(url, subdomain, timeout_seconds, max_bytes, transport)
        self._sign_in = SignIn(token, clock)
        self._server_time = ServerTime(clock)
        self._calls = Calls(
            self._transport, self._sign_in, budget, clock, self._server_time, backoff
        )

    def open_ticket_pages(self, closed: Sequence[str]) -> AsyncGenerator[list[Ticket], None]:
        """Yield all tickets whose status is none of ``closed``, newest first, page by page.

        Rows move while pages are read, so a ticket that is missing here may still be open: ask
        for it with ``tickets_by_id`` before concluding anything.

        Raises:
            AnswerRefused: if SuperOps counts tickets but holds them back.
        """
        condition = _leaf("status", "notIncludes", list(closed)) if closed else None
        fetch = self._pages(documents.TICKET_LIST, condition, NEWEST_FIRST, Turn.SWEEP)
        return pages(documents.TICKET_LIST, fetch, self._ticket_reader())

    async def open_tickets(self, closed: Sequence[str]) -> list[Ticket]:
        """Return the tickets of all ``open_ticket_pages`` at once.

        Raises:
            AnswerRefused: if SuperOps counts tickets but holds them back.
        """
        return [ticket async for page in self.open_ticket_pages(closed) for ticket in page]

    async def tickets_by_id(self, ids: Sequence[str]) -> list[Ticket]:
        """Return the tickets with these ids as they are now; those that are gone are left out."""
        wanted = list(dict.fromkeys(ids))
        found: list[Ticket] = []
        for start in range(0, len(wanted), PAGE_SIZE):
            batch = wanted[start : start + PAGE_SIZE]
            condition = _leaf("ticketId", "includes", batch)
            fetch = self._pages(documents.TICKET_LIST, condition, NEWEST_FIRST, Turn.HOT)
            tickets = await everything(documents.TICKET_LIST, fetch, self._ticket_reader())
            # A server that did not know the condition would send every ticket there is.
            asked = set(batch)
            found.extend(ticket for ticket in tickets if ticket.id in asked)
        return found

    async def tickets_by_number(self, numbers: Sequence[str]) -> list[Ticket]:
        """Return the tickets with these numbers, which two can carry, as they are now."""
        wanted = list(dict.fromkeys(numbers))
        leaves = [_leaf("displayId", "is", number) for number in wanted]
        condition = leaves[0] if len(leaves) == 1 else {"joinOperator": "OR", "operands": leaves}
        fetch = self._pages(documents.TICKET_LIST, condition, NEWEST_FIRST, Turn.HOT)
        async with aclosing(pages(documents.TICKET_LIST, fetch, self._ticket_reader())) as listed:
            # One page: a server that did not know the condition would send every ticket there is.
            async for page in listed:
                return [ticket for ticket in page if ticket.display_id in wanted]
        return []

    async def ticket(self, ticket_id: str) -> Ticket | None:
        """Return one ticket, or None where there is none with this id."""
        variables = {"input": {"ticketId": ticket_id}}
        try:
            value = await self._calls.read(documents.TICKET, variables, Turn.PERSON)
        except RequestRefused as refused:
            if MISSING in refused.codes:
                return None
            raise
        if value is None:
            return None
        ticket = ticket_of(value, self._clock.now())
        if ticket is None or ticket.id != ticket_id:
            raise AnswerRefused(
                f"SuperOps was asked for ticket {clean(ticket_id, 40)} and sent something else."
            )
        return ticket

    async def changed_ticket_pages(self, since: datetime) -> AsyncGenerator[list[Ticket], None]:
        """Yield the tickets of any status changed at or after ``since``, latest change first.

        Rows that change meanwhile move to a page that was read already: ask for them the next time.

        Raises:
            AnswerRefused: if SuperOps counts tickets but holds them back.
        """
        fetch = self._pages(documents.TICKET_LIST, None, LATEST_CHANGE_FIRST, Turn.PAST)
        listed = pages(documents.TICKET_LIST, fetch, self._ticket_reader())
        async with aclosing(listed):
            async for page in listed:
                yield [ticket for ticket in page if not _untouched(ticket, since)]
                # One odd stamp at the end of a page does not hide what comes after it.
                if all(_untouched(ticket, since) for ticket in page[-_LAST_ROWS:]):
                    break

    async def technicians(self, odd: Callable[[str], None] = ignore) -> list[Technician]:
        """Return everybody who works on tickets; ``odd`` is called with what is odd about the list."""
        fetch = self._pages(documents.TECHNICIANS, None, None, Turn.SWEEP)
        return await everything(documents.TECHNICIANS, fetch, technician_of, odd)

    async def clients(self, odd: Callable[[str], None] = ignore) -> list[Client]:
        """Return all clients; ``odd`` is called with what is odd about the list."""
        fetch = self._pages(documents.CLIENTS, None, None, Turn.SWEEP)
        return await everything(documents.CLIENTS, fetch, client_of, odd)

    async def sites(self, odd: Callable[[str], None] = ignore) -> list[Site]:
        """Return the sites of all clients with their hours; ``odd`` is called as for the others."""

        async def fetch(page: int) -> Any:
            variables = {"input": {"listInfo": {"page": page, "pageSize": PAGE_SIZE}}}
            return await self._calls.read(documents.SITES, variables, Turn.SWEEP)

        return await everything(documents.SITES, fetch, site_of, odd)

    async def sla_names(self) -> list[tuple[str, str]]:
        """Return id and name of each SLA; SuperOps tells no more about them."""
        value = await self._calls.read(documents.SLAS, {}, Turn.SWEEP)
        read = (sla_name_of(row) for row in _array(value, documents.SLAS))
        return list(dict.fromkeys(sla for sla in read if sla is not None))

    async def statuses(self) -> list[str]:
        """Return the names of the ticket statuses, in the order of the desk."""
        return await self._options("status", documents.STATUS_LIST)

    async def priorities(self) -> list[str]:
        """Return the names of the ticket priorities, in the order of the desk."""
        return await self._options("priority", documents.PRIORITY_LIST)

    async def notes(self, ticket_id: str) -> list[TicketNote]:
        """Return the notes of a ticket as plain text, oldest first."""
        return await self._texts(documents.NOTES, ticket_id, note_of)

    async def conversations(self, ticket_id: str) -> list[TicketNote]:
        """Return the messages of a ticket as plain text, oldest first."""
        return await self._texts(documents.CONVERSATIONS, ticket_id, message_of)

    async def note_exists(self, ticket_id: str, marker: str) -> bool:
        """Return whether a note of the ticket carries ``marker``: the reading back of a write."""
        return carries(await self._rows(documents.NOTES, ticket_id), marker)

    async def add_note(self, ticket_id: str, text: str) -> None:
        """Add a private note, once.

        Raises:
            Unreachable: if it is not known whether the note was added; ask ``note_exists``.
        """
        lines = clean_lines(text).split("\n")
        content = "<br>".join(html.escape(line, quote=False) for line in lines)
        note = {
            "ticket": {"ticketId": ticket_id},
            "content": content,
            "privacyType": "PRIVATE",
        }
        await self._calls.write(documents.ADD_NOTE, {"input": note})

    async def assign(self, ticket_id: str, technician_id: str) -> None:
        """Give the ticket to a technician, once.

        Args:
            ticket_id: The ticket.
            technician_id: Who; empty: nobody. A null in an update clears a value (Help Center,
                article 6632215).

        Raises:
            Unreachable: if it is not known whether that happened; read the ticket.
        """
        technician = {"userId": technician_id} if technician_id else None
        await self._update(ticket_id, {"technician": technician})

    async def set_status(self, ticket_id: str, status: str) -> None:
        """Set the ticket's status, once.

        Raises:
            Unreachable: if it is not known whether that happened; read the ticket.
        """
        await self._update(ticket_id, {"status": clean(status)})

    async def set_priority(self, ticket_id: str, priority: str) -> None:
        """Set the ticket's priority, once.

        Raises:
            Unreachable: if it is not known whether that happened; read the ticket.
        """
        await self._update(ticket_id, {"priority": clean(priority)})

    def try_again(self) -> None:
        """Let the next request go out with a token or a subdomain that was refused before."""
        self._sign_in.try_again()

    def clock_offset(self) -> timedelta | None:
        """Return how far this machine's clock is ahead of SuperOps'; None: not known yet."""
        return self._server_time.offset()

    def clock_heard(self) -> timedelta | None:
        """Return when an answer last had a date that could be read, by time that passed."""
        return self._server_time.heard_at

    async def aclose(self) -> None:
        """Close the connections."""
        await self._transport.aclose()

    async def _update(self, ticket_id: str, change: Mapping[str, Any]) -> None:
        variables = {"input": {"ticketId": ticket_id, **change}}
        await self._calls.write(documents.UPDATE_TICKET, variables)

    async def _options(self, column: str, older: Document) -> list[str]:
        """Return the options of a ticket field, by the query for fields or the older one."""
        wanted = {"input": [{"module": "TICKET", "columnName": column}]}
        try:
            fields = await self._calls.read(documents.TICKET_FIELDS, wanted, Turn.PERSON)
            names = option_names(fields, column)
        except RequestRefused:
            names = []  # an account that still has only the older query
        if names:
            return names
        return names_in(_array(await self._calls.read(older, {}, Turn.PERSON), older), "name")

    async def _texts(
        self, document: Document, ticket_id: str, read: Callable[[Any], TicketNote | None]
    ) -> list[TicketNote]:
        rows = await self._rows(document, ticket_id)
        # Long mails take their time to be read, and the engine has its deadlines meanwhile.
        notes, _ = await asyncio.to_thread(rows_of, rows, read)
        return sorted(notes, key=_when)

    async def _rows(self, document: Document, ticket_id: str) -> list[Any]:
        variables = {"input": {"ticketId": ticket_id}}
        return _array(await self._calls.read(document, variables, Turn.PERSON), document)

    def _pages(
        self,
        document: Document,
        condition: Mapping[str, Any] | None,
        newest_by: str | None,
        turn: Turn,
    ) -> Callable[[int], Any]:
        async def fetch(page: int) -> Any:
            asked: dict[str, Any] = {"page": page, "pageSize": PAGE_SIZE}
            if condition is not None:
                asked["condition"] = condition
            if newest_by is not None:
                asked["sort"] = [{"attribute": newest_by, "order": "DESC"}]
            return await self._calls.read(document, {"input": asked}, turn)

        return fetch

    def _ticket_reader(self) -> Callable[[Any], Ticket | None]:
        now = self._clock.now()
        return lambda row: ticket_of(row, now)


def _untouched(ticket: Ticket, since: datetime) -> bool:
    return ticket.updated_at is not None and ticket.updated_at < since


def _leaf(attribute: str, operator: str, value: Any) -> dict[str, Any]:
    return {"attribute": attribute, "operator": operator, "value": value}


def _array(value: Any, document: Document) -> list[Any]:
    """Return a bare array; None stands for an empty one."""
    if value is None:
        return []
    if isinstance(value, list):
        return value
    raise AnswerRefused(f"SuperOps sent no list, asked to {document.purpose}.")


def _when(note: TicketNote) -> datetime:
    return note.at or datetime.max.replace(tzinfo=UTC)
