"""Changes made here that SuperOps shall have too: sent once, and never over a colleague's head."""

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta
from typing import Final

from sla_console.alerting.steps import LeaseTerm
from sla_console.domain import fault_points
from sla_console.domain.board import SourceState
from sla_console.domain.clock import Clock
from sla_console.domain.errors import (
    CannotSignIn,
    RateLimited,
    RequestRefused,
    SuperOpsError,
    Unreachable,
)
from sla_console.domain.names import same
from sla_console.domain.tickets.operation import (
    AuditEntry,
    Operation,
    OperationKind,
    OperationState,
    overtaken,
    value_of,
)
from sla_console.domain.tickets.ticket import Ticket
from sla_console.monitoring.intake import Asked, OnTickets, ReadingOrder
from sla_console.monitoring.leadership import Leadership
from sla_console.monitoring.ports import StorePort, SuperOpsPort
from sla_console.monitoring.publisher import Publisher
from sla_console.monitoring.sync import Synchroniser

LOG = logging.getLogger(__name__)
_BATCH: Final = 20
_FIRST: Final = timedelta(seconds=5)
_LONGEST: Final = timedelta(minutes=10)
_ON_ITS_WAY: Final = timedelta(minutes=1)
"""For so long, in real time, nobody else looks after a request: its sender may only be slow, or may have died."""
_LOOK_SECONDS: Final = 1.0
_IN_VAIN: Final = (CannotSignIn, RateLimited, Unreachable)
"""After these the next request would fare no better."""


def marker(operation: Operation) -> str:
    """Return what tells this note from all others when notes are read back."""
    return f"[sla-console {operation.id[:12]}]"


async def _nobody_looks(_: list[Ticket], __: Asked) -> None:
    """Take tickets in where no board is kept."""


class OperationWriter:
    """Carries queued changes to SuperOps.

    A ticket is read before it is changed: what a colleague set meanwhile is not overwritten. SuperOps
    cannot be asked to change a ticket only if it is still as read, so between the two lies the time
    of one request.

    Args:
        desk: Where they go.
        records: Where they wait.
        clock: The moment of each try.
        on_tickets: Called with tickets as they are after it.
        order: Tells which answer is the newest.
        term: Of the lease, under which they are sent; a console that stood still may have lost it.
    """

    def __init__(
        self,
        desk: SuperOpsPort,
        records: StorePort,
        clock: Clock,
        on_tickets: OnTickets = _nobody_looks,
        order: ReadingOrder | None = None,
        term: LeaseTerm | None = None,
    ) -> None:
        self._term = term or LeaseTerm()
        # Requests do not hurry because the clock does, so the wait is in real seconds.
        pace = 1 / max(clock.real_seconds(timedelta(seconds=1)), 1e-6)
        self._on_its_way = _ON_ITS_WAY * max(1.0, pace)
        self._order = order or ReadingOrder(clock)
        self._desk = desk
        self._records = records
        self._queue = records.operations
        self._clock = clock
        self._on_tickets = on_tickets
        self._seen: dict[str, Ticket] = {}
        self._written: dict[str, None] = {}

    async def flush(self) -> int:
        """Try what is due, then read the tickets that were changed; return how many were tried.

        Where SuperOps cannot be reached, the rest is left for the next time: it would only wait
        for one timeout after the other.

        Raises:
            LostLease: if another term has begun; then nothing is sent.
        """
        tried = 0
        self._seen = {}  # what an earlier round read and did not show is old by now
        with self._order.asking() as asked:
            for operation in await self._queue.due(self._clock.now(), _BATCH):
                tried += 1
                if not await self._try(operation):
                    return tried
            await self._show(asked)
        return tried

    async def hasten(self) -> None:
        """Let everything that failed before be tried again at once."""
        await self._queue.hasten()

    async def _try(self, operation: Operation) -> bool:
        """Try one; return whether it makes sense to try others."""
        try:
            if await self._settled(operation):
                return True
        except SuperOpsError as error:
            # Nothing has left the house by this try; whether an earlier one arrived stays open.
            tried = replace(operation, attempts=operation.attempts + 1)
            await self._failed(operation, tried, error)
            return not isinstance(error, _IN_VAIN)
        # Stored before the request leaves: after a crash it is read back, not sent blindly.
        leaving = replace(
            operation,
            sent=True,
            attempts=operation.attempts + 1,
            next_at=self._clock.now() + self._on_its_way,
            last_error=None,
        )
        fault_points.hit("operation.leave")
        if not await self._queue.replace(operation, leaving, term=self._term.number):
            return True  # given up, replaced or taken by another console meanwhile
        try:
            await self._send(leaving)
        except SuperOpsError as error:
            # What was refused at the door has not happened; of all else nobody can tell.
            unsure = not isinstance(error, RateLimited | CannotSignIn | RequestRefused)
            await self._failed(leaving, replace(leaving, sent=unsure), error)
            return not isinstance(error, _IN_VAIN)
        return await self._done(leaving)

    async def _settled(self, operation: Operation) -> bool:
        """Return whether there is nothing to send: it is so already, or was overtaken.

        Raises:
            SuperOpsError: if SuperOps cannot be asked.
        """
        if operation.kind is OperationKind.NOTE:
            if not operation.sent:
                return False
            arrived = await self._desk.note_exists(operation.ticket_id, marker(operation))
            return arrived and await self._done(operation)
        ticket = await self._desk.ticket(operation.ticket_id)
        if ticket is None:
            raise RequestRefused("SuperOps does not have this ticket any more.")
        self._seen[ticket.id] = ticket
        value, shown = value_of(ticket, operation.kind)
        if same(value, operation.value):
            return await self._done(operation)
        if operation.attempts and await self._gives_way(operation):
            return True
        if operation.expected is None or same(value, operation.expected):
            return False
        await self._end(operation, OperationState.CONFLICT, overtaken(operation, shown))
        return True

    async def _send(self, operation: Operation) -> None:
        self._written[operation.ticket_id] = None
        fault_points.hit("operation.send")
        match operation.kind:
            case OperationKind.NOTE:
                text = f"{operation.value} {marker(operation)}"
                await self._desk.add_note(operation.ticket_id, text)
            case OperationKind.ASSIGN:
                await self._desk.assign(operation.ticket_id, operation.value)
            case OperationKind.STATUS:
                await self._desk.set_status(operation.ticket_id, operation.value)
            case OperationKind.PRIORITY:
                await self._desk.set_priority(operation.ticket_id, operation.value)

    async def _done(self, operation: Operation) -> bool:
        fault_points.hit("operation.done")
        after = operation.ended(OperationState.DONE, self._clock.now())
        await self._queue.replace(operation, after)
        return True

    async def _failed(self, before: Operation, after: Operation, error: SuperOpsError) -> None:
        if isinstance(error, RequestRefused):
            if not await self._gives_way(before):
                await self._end(
                    before, OperationState.FAILED, str(error), sent=before.sent and after.sent
                )
            return
        wait = min(_FIRST * 2 ** min(after.attempts, 10), _LONGEST)
        later = replace(after, next_at=self._clock.now() + wait, last_error=str(error))
        await self._queue.replace(before, later)

    async def _gives_way(self, operation: Operation) -> bool:
        """Return whether it ended in favour of a newer change of the same kind."""
        why = "A newer change took its place."
        ended = operation.ended(OperationState.DISCARDED, self._clock.now(), why)
        return await self._queue.give_way(operation, ended)

    async def _end(
        self, operation: Operation, state: OperationState, reason: str, *, sent: bool = False
    ) -> None:
        """End a change that did not come about; a person decides what becomes of it."""
        now, kind, ticket_id = self._clock.now(), operation.kind, operation.ticket_id
        result = "conflict" if state is OperationState.CONFLICT else "refused"
        LOG.warning("%s of ticket %s was not written: %s", kind, ticket_id, reason)
        action = f"write {kind} to SuperOps"
        entry = AuditEntry(now, operation.by, action, ticket_id, reason, result)
        after = replace(operation.ended(state, now, reason), sent=sent)
        await self._queue.replace(operation, after, entry)

    async def _show(self, before: Asked) -> None:
        """Hand on news of the tickets: those that were changed are read again.

        Args:
            before: The request before which none of those that were not changed was read.
        """
        written = list(self._written)
        seen = [one for key, one in self._seen.items() if key not in self._written]
        self._seen, self._written = {}, {}
        if seen:
            await self._on_tickets(seen, before)
        if not written:
            return
        with self._order.asking() as asked:
            try:
                found = await self._desk.tickets_by_id(written)
            except SuperOpsError as error:
                LOG.info("the tickets that were changed are read later: %s", error)
                return
            await self._on_tickets(found, asked)


class WriteBack:
    """Has changes written while this console leads, and shown while it does not.

    Args:
        writer: Carries them.
        publisher: Shows them.
        leadership: Who monitors.
        sync: How SuperOps is.
    """

    def __init__(
        self,
        writer: OperationWriter,
        publisher: Publisher,
        leadership: Leadership,
        sync: Synchroniser,
    ) -> None:
        self._writer, self._publisher = writer, publisher
        self._leadership, self._sync = leadership, sync
        self._woken = asyncio.Event()
        self._connection = SourceState.STARTING

    def wake(self) -> None:
        """Say that changes were queued, here or at another console."""
        self._publisher.operations_changed()
        self._woken.set()

    async def step(self) -> bool:
        """Write what is due, if this console leads and may; return whether anything was."""
        before, self._connection = self._connection, self._sync.connection
        if not self._leadership.leading or self._connection is SourceState.CANNOT_SIGN_IN:
            return False
        if self._connection is SourceState.LIVE and before is not SourceState.LIVE:
            await self._writer.hasten()
        tried = True
        try:
            tried = await self._writer.flush() > 0
        finally:
            if tried:
                self._publisher.operations_changed()
        return tried

    async def rest(self) -> None:
        """Wait a moment, or until woken."""
        try:
            async with asyncio.timeout(_LOOK_SECONDS):
                await self._woken.wait()
        except TimeoutError:
            return
        finally:
            self._woken.clear()
