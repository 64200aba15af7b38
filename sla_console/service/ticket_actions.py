"""What people do to tickets: queued at once, written to SuperOps as soon as it answers."""

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sla_console.domain.board import SourceState
from sla_console.domain.clock import Clock
from sla_console.domain.errors import NotAllowed, SuperOpsError
from sla_console.domain.names import folded, same
from sla_console.domain.people.people import Technician
from sla_console.domain.text import clean, clean_lines
from sla_console.domain.tickets.operation import (
    NOBODY,
    AuditEntry,
    Operation,
    OperationKind,
    OperationState,
    value_of,
)
from sla_console.domain.tickets.ticket import Ticket
from sla_console.monitoring.engine import SLAMonitoringEngine

_LONGEST_NOTE: Final = 4000
_FIRST_WORDS: Final = 60
_NAMES_LAST: Final = timedelta(minutes=10)
"""For so long the names of statuses and priorities are not asked for again."""
_PATIENCE_SECONDS: Final = 5.0
"""Real seconds for which somebody waits for SuperOps' own list of names."""
_MOMENT_SECONDS: Final = 0.4
"""The same where it is known how the list was when SuperOps told it last."""
_KEY: Final = "names of {}"
_ACTIONS: Final = {
    OperationKind.ASSIGN: "assign",
    OperationKind.STATUS: "change status",
    OperationKind.PRIORITY: "set priority",
    OperationKind.NOTE: "add note",
}


def first_words(text: str) -> str:
    """Return the beginning of a note, as one line."""
    return clean(text, _FIRST_WORDS)


class TicketActions:
    """One door for it.

    Args:
        engine: The engine.
        clock: The moment.
    """

    def __init__(self, engine: SLAMonitoringEngine, clock: Clock) -> None:
        self._engine, self._clock = engine, clock
        self._records = engine.data.records
        self._names: dict[str, tuple[datetime, list[str]]] = {}
        self._asking: dict[str, asyncio.Task[list[str]]] = {}

    # -- asking ------------------------------------------------------------------------------

    async def technicians(self) -> list[Technician]:
        """Return who a ticket can be given to, by name, as last read."""
        return await self._records.people.technicians()

    async def statuses(self) -> list[str]:
        """Return the names of the statuses, in SuperOps' order as far as it is known.

        Those seen on tickets follow; where SuperOps was never heard, the configured ones that end
        a ticket stand in for it.
        """
        told = await self._told("statuses", self._engine.data.desk.statuses)
        seen = sorted({ticket.status for ticket in self._tickets() if ticket.status})
        return _merged(told, seen, () if told else self._engine.settings.closed)

    async def priorities(self) -> list[str]:
        """Return the names of the priorities, likewise; the policies' stand in for SuperOps."""
        told = await self._told("priorities", self._engine.data.desk.priorities)
        seen = sorted({ticket.priority for ticket in self._tickets() if ticket.priority})
        policies = () if told else self._engine.tracker.evaluator.policies
        return _merged(told, seen, (p.priority_level for p in policies if p.priority_level))

    # -- doing -------------------------------------------------------------------------------

    async def assign(
        self, ticket_ids: Sequence[str], technician_id: str, by: str
    ) -> list[Operation]:
        """Queue that tickets are given to a technician; return what is queued.

        Args:
            ticket_ids: Which.
            technician_id: Whom to; empty: nobody.
            by: Who wants it.

        Raises:
            NotAllowed: if a ticket or the technician is not known; then nothing is queued.
        """
        names = {one.id: one.name for one in await self.technicians()} | {"": NOBODY}
        if technician_id not in names:
            raise NotAllowed(
                f"There is no technician with the id {clean(technician_id, 40)!r}; SuperOps has "
                f"{len(names) - 1}."
            )
        shown = names[technician_id]
        return await self._queue(ticket_ids, OperationKind.ASSIGN, technician_id, shown, by)

    async def change_status(
        self, ticket_ids: Sequence[str], status: str, by: str
    ) -> list[Operation]:
        """Queue that tickets are moved to a status; return what is queued.

        Raises:
            NotAllowed: if a ticket or the status is not known; then nothing is queued.
        """
        name = _known("status", status, await self.statuses())
        return await self._queue(ticket_ids, OperationKind.STATUS, name, name, by)

    async def set_priority(
        self, ticket_ids: Sequence[str], priority: str, by: str
    ) -> list[Operation]:
        """Queue that tickets get a priority; return what is queued.

        Raises:
            NotAllowed: if a ticket or the priority is not known; then nothing is queued.
        """
        name = _known("priority", priority, await self.priorities())
        return await self._queue(ticket_ids, OperationKind.PRIORITY, name, name, by)

    async def add_note(self, ticket_ids: Sequence[str], text: str, by: str) -> list[Operation]:
        """Queue a private note on tickets; return what is queued.

        It begins with its writer's name, because SuperOps shows the owner of the token.

        Raises:
            NotAllowed: if a ticket is not known, or the note is empty or too long; then nothing
                is queued.
        """
        if len(text) > _LONGEST_NOTE:
            raise NotAllowed(
                f"The note has {len(text):,} characters; at most {_LONGEST_NOTE:,} are taken."
            )
        words = clean_lines(text, _LONGEST_NOTE)
        if not words:
            raise NotAllowed("The note is empty; write at least a word.")
        note = f"{by}: {words}"
        return await self._queue(ticket_ids, OperationKind.NOTE, note, first_words(words), by)

    async def retry(self, operation_id: str, by: str) -> None:
        """Insist on a change that was overtaken or refused: what the ticket has now is expected.

        Raises:
            NotAllowed: if it is not known, waits anyway or has ended, or its ticket is not known.
        """
        before = await self._operation(operation_id)
        if before.state is OperationState.PENDING:
            raise NotAllowed("It waits already; SuperOps has it as soon as it answers.")
        (ticket,) = await self._found([before.ticket_id])
        expected, shown = value_of(ticket, before.kind)
        known = before.kind is not OperationKind.NOTE
        after = replace(
            before,
            state=OperationState.PENDING,
            attempts=0,
            next_at=None,
            last_error=None,
            expected=expected if known else None,
            expected_shown=shown,
            ended_at=None,
        )
        await self._replace(before, after, "insist on change", by)

    async def discard(self, operation_id: str, by: str) -> None:
        """Give up a change that has not left the house, was overtaken or refused.

        Raises:
            NotAllowed: if it is not known, has ended, or may have reached SuperOps already.
        """
        before = await self._operation(operation_id)
        if before.state is OperationState.PENDING and before.sent:
            raise NotAllowed(
                "It was sent, and SuperOps has not said yet what came of it; wait for that, or "
                "decide anew."
            )
        why = f"{by} gave it up."
        after = before.ended(OperationState.DISCARDED, self._clock.now(), why)
        await self._replace(before, after, "give up change", by)

    # -- helpers -----------------------------------------------------------------------------

    async def _queue(
        self, ticket_ids: Sequence[str], kind: OperationKind, value: str, shown: str, by: str
    ) -> list[Operation]:
        now = self._clock.now()
        operations, audit = [], []
        for ticket in await self._found(ticket_ids):
            had, had_shown = value_of(ticket, kind)
            is_note = kind is OperationKind.NOTE
            operation = Operation(
                id=uuid.uuid4().hex,
                kind=kind,
                ticket_id=ticket.id,
                value=value,
                by=by,
                created_at=now,
                shown=shown,
                expected=None if is_note else had,
                expected_shown=had_shown,
            )
            operations.append(operation)
            none = NOBODY if kind is OperationKind.ASSIGN else "none"
            detail = shown if is_note else f"{shown} (was {had_shown or none})"
            audit.append(AuditEntry(now, by, _ACTIONS[kind], ticket.id, detail, "queued"))
        queued = await self._records.operations.queue(operations, audit)
        self._engine.operations_queued()
        return queued

    async def _replace(self, before: Operation, after: Operation, action: str, by: str) -> None:
        entry = AuditEntry(self._clock.now(), by, action, before.ticket_id, before.words)
        if not await self._records.operations.replace(before, after, entry):
            self._engine.operations_queued()
            raise NotAllowed("It has changed meanwhile; look at it again.")
        self._engine.operations_queued()

    async def _operation(self, operation_id: str) -> Operation:
        found = await self._records.operations.get(operation_id)
        if found is None:
            raise NotAllowed("This change is not known any more.")
        if found.state is OperationState.DONE:
            raise NotAllowed("SuperOps has this change already.")
        if found.state is OperationState.DISCARDED:
            raise NotAllowed(f"This change was given up: {found.last_error}")
        return found

    async def _found(self, ticket_ids: Sequence[str]) -> list[Ticket]:
        """Return tickets as the board shows them, those that ended as the store has them."""
        found = []
        for ticket_id in dict.fromkeys(ticket_ids):
            judged = self._engine.tracker.board.get(ticket_id)
            ticket = judged.ticket if judged else await self._records.tickets.get(ticket_id)
            if ticket is None:
                raise NotAllowed(
                    f"The ticket {clean(ticket_id, 40)} is not known any more; nothing was done."
                )
            found.append(ticket)
        return found

    def _tickets(self) -> Iterable[Ticket]:
        return (judged.ticket for judged in self._engine.tracker.board.tickets())

    async def _told(self, name: str, ask: Callable[[], Awaitable[list[str]]]) -> list[str]:
        """Return names from SuperOps, or as it told them last where it does not answer soon."""
        now = self._clock.now()
        at, names = self._names.get(name, (None, []))
        if at is not None and timedelta() <= now - at < _NAMES_LAST:
            return names
        stored = await self._records.meta.get(_KEY.format(name))
        known = [str(one) for one in json.loads(stored)] if stored else []
        if self._engine.board.health.connection is not SourceState.LIVE:
            return known
        asking = self._asking.get(name)
        if asking is None or asking.done():
            asking = self._asking[name] = asyncio.create_task(self._ask(name, ask))
        # Who has opened a dialog waits a moment for a longer list, and the next one has it.
        seconds = _MOMENT_SECONDS if known else _PATIENCE_SECONDS
        done, _ = await asyncio.wait([asking], timeout=seconds)
        return (asking.result() if done else []) or known

    async def _ask(self, name: str, ask: Callable[[], Awaitable[list[str]]]) -> list[str]:
        """Return names from SuperOps and keep them; none where it does not answer in time."""
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                names = await ask()
        except (SuperOpsError, TimeoutError):
            return []
        if names:
            self._names[name] = (self._clock.now(), names)
            await self._records.meta.set(_KEY.format(name), json.dumps(names, ensure_ascii=False))
        return names


def _merged(*lists: Iterable[str]) -> list[str]:
    """Return each name once, in the spelling that comes first."""
    found: dict[str, str] = {}
    for names in lists:
        for name in names:
            found.setdefault(folded(name), name)
    return list(found.values())


def _known(what: str, wanted: str, names: Sequence[str]) -> str:
    """Return a name as SuperOps spells it.

    Raises:
        NotAllowed: if it is none of them.
    """
    name = clean(wanted, 80)
    for one in names:
        if same(one, name):
            return one
    raise NotAllowed(f"There is no {what} {name!r}; there are {', '.join(names) or 'none'}.")
