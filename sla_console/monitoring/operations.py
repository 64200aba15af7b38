"""Changes made here that SuperOps shall have too: sent once, and read back where that is unsure."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Final

from sla_console.domain.clock import Clock
from sla_console.domain.errors import CannotSignIn, RateLimited, RequestRefused, SuperOpsError
from sla_console.domain.operation import AuditEntry, Operation, OperationKind, OperationState
from sla_console.monitoring.ports import Records, ServiceDesk

LOG = logging.getLogger(__name__)
_BATCH: Final = 20
_FIRST: Final = timedelta(seconds=5)
_LONGEST: Final = timedelta(minutes=10)


def marker(operation: Operation) -> str:
    """Return what tells this note from all others when notes are read back."""
    return f"[sla-console {operation.id[:12]}]"


class OperationWriter:
    """Carries queued changes to SuperOps.

    Args:
        desk: Where they go.
        records: Where they wait.
        clock: The moment of each try.
        on_done: Called with the id of a ticket that SuperOps has changed.
    """

    def __init__(
        self,
        desk: ServiceDesk,
        records: Records,
        clock: Clock,
        on_done: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._desk = desk
        self._records = records
        self._clock = clock
        self._on_done = on_done

    async def flush(self) -> int:
        """Try what is due; return how many were done."""
        done = 0
        for operation in await self._records.operations.due(self._clock.now(), _BATCH):
            done += await self._try(operation)
        return done

    async def _try(self, operation: Operation) -> bool:
        queue = self._records.operations
        try:
            if not (operation.sent and await self._arrived(operation)):
                # Stored before the request leaves: after a crash it is read back, not sent blindly.
                operation = replace(operation, sent=True, attempts=operation.attempts + 1)
                await queue.update(operation)
                await self._send(operation)
        except RequestRefused as error:
            await self._give_up(operation, str(error))
            return False
        except SuperOpsError as error:
            if isinstance(error, RateLimited | CannotSignIn):
                operation = replace(operation, sent=False)  # it did not get through the door
            wait = min(_FIRST * 2 ** min(operation.attempts, 10), _LONGEST)
            later = replace(operation, next_at=self._clock.now() + wait, last_error=str(error))
            await queue.update(later)
            return False
        await queue.update(replace(operation, state=OperationState.DONE, last_error=None))
        self._on_done(operation.ticket_id)
        return True

    async def _send(self, operation: Operation) -> None:
        match operation.kind:
            case OperationKind.NOTE:
                text = f"{operation.value} {marker(operation)}"
                await self._desk.add_note(operation.ticket_id, text)
            case OperationKind.ASSIGN:
                await self._desk.assign(operation.ticket_id, operation.value)
            case OperationKind.STATUS:
                await self._desk.set_status(operation.ticket_id, operation.value)

    async def _arrived(self, operation: Operation) -> bool:
        """Return whether an earlier try has worked, as SuperOps shows it."""
        if operation.kind is OperationKind.NOTE:
            return await self._desk.note_exists(operation.ticket_id, marker(operation))
        ticket = await self._desk.ticket(operation.ticket_id)
        if ticket is None:
            return False
        if operation.kind is OperationKind.ASSIGN:
            return ticket.technician_id == operation.value
        return ticket.status == operation.value

    async def _give_up(self, operation: Operation, reason: str) -> None:
        LOG.warning(
            "SuperOps refused %s of ticket %s: %s", operation.kind, operation.ticket_id, reason
        )
        await self._records.operations.update(
            replace(operation, state=OperationState.FAILED, last_error=reason)
        )
        await self._records.audit.append(
            AuditEntry(
                self._clock.now(),
                operation.by,
                f"write {operation.kind} to SuperOps",
                operation.ticket_id,
                reason,
                "refused",
            )
        )
