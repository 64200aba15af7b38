"""What survives, behind one door: a noun for each kind of thing, and the steps that join them."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import compress
from pathlib import Path

from sla_console.domain.alerts.action_link import LinkUse
from sla_console.domain.alerts.alert import OutboxMessage
from sla_console.domain.sla.breach import BreachState, SLABreach, SLAWarning
from sla_console.domain.store_state import StoreState
from sla_console.domain.tickets.operation import AuditEntry, Operation
from sla_console.store import audit as audit_rows
from sla_console.store import breaches, events, lease, links, outbox_rows
from sla_console.store import operations as operation_rows
from sla_console.store.audit import AuditStore
from sla_console.store.breaches import BreachStore
from sla_console.store.database import Database, Transaction
from sla_console.store.deliveries import DeliveryStore
from sla_console.store.events import EventStore
from sla_console.store.forecasts import ForecastStore
from sla_console.store.guard import StoreGuard
from sla_console.store.holds import HoldStore
from sla_console.store.hooks import HookStore
from sla_console.store.incidents import IncidentStore
from sla_console.store.key import StoreKey
from sla_console.store.lease import LeaseStore
from sla_console.store.links import LinkStore
from sla_console.store.meta import MetaStore
from sla_console.store.operations import OperationStore
from sla_console.store.outbox import OutboxStore
from sla_console.store.pages import PageStore
from sla_console.store.people import PeopleStore
from sla_console.store.policies import PolicyStore
from sla_console.store.reports import ReportStore
from sla_console.store.rota import RotaStore
from sla_console.store.silences import SilenceStore
from sla_console.store.ticket_history import HistoryStore
from sla_console.store.tickets import TicketStore
from sla_console.store.verdicts import VerdictStore

Audit = AuditEntry | Sequence[AuditEntry] | None
"""What a step leaves in the history."""


class Store:
    """The open database. Use it on the event loop that opened it; other processes may share it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.tickets = TicketStore(database)
        self.holds = HoldStore(database)
        self.lives = HistoryStore(database)
        self.verdicts = VerdictStore(database)
        self.pages = PageStore(database)
        self.people = PeopleStore(database)
        self.policies = PolicyStore(database)
        self.breaches = BreachStore(database)
        self.events = EventStore(database)
        self.outbox = OutboxStore(database)
        self.deliveries = DeliveryStore(database)
        self.incidents = IncidentStore(database)
        self.silences = SilenceStore(database)
        self.audit = AuditStore(database)
        self.lease = LeaseStore(database)
        self.operations = OperationStore(database)
        self.meta = MetaStore(database)
        self.reports = ReportStore(database)
        self.forecasts = ForecastStore(database)
        self.rota = RotaStore(database)
        self.links = LinkStore(database)
        self.hooks = HookStore(database)
        self._guard: StoreGuard | None = None

    @classmethod
    async def open(
        cls, path: Path, key: StoreKey, now: Callable[[], datetime] | None = None
    ) -> "Store":
        """Open the database, or make it, and bring its schema up to date.

        Args:
            path: The file; made for the owner only, as is its folder, where they are missing.
            key: From ``load_or_create_key``. A new one is kept at its source now, and only if
                there is no database yet.
            now: Tells the moment; commits are counted, and those that are lost are found. None:
                they are not, and nobody looks after the file.

        Raises:
            WrongKey: if the database belongs to another key, or its key is missing.
            StoreDamaged: if the file fails its integrity check twice.
            StoreFull: if no space is left.
            StoreTooNew: if a newer version of the console wrote it.
            StoreError: for anything else that keeps it shut.
        """
        store = cls(await Database.open(path, key))
        if now is not None:
            store._guard = StoreGuard(store._database, now)
            try:
                await store._guard.begin()
            except BaseException:
                await store.close()
                raise
        return store

    @property
    def faulted(self) -> asyncio.Event:
        """Set when the file could not be used, until it was looked at."""
        return self._database.faulted

    async def look(self, *, leading: bool) -> StoreState:
        """Look at the file, and do what can be done where it cannot be used.

        Args:
            leading: Whether this console monitors, and may therefore go on in memory.
        """
        return StoreState() if self._guard is None else await self._guard.look(leading=leading)

    @property
    def path(self) -> Path:
        """The database file."""
        return self._database.path

    def derived_key(self, purpose: str) -> bytes:
        """Return a key of its own for a purpose, derived from the key of the database."""
        return self._database.derived_key(purpose)

    def led_elsewhere(self) -> bool:
        """Return whether another console monitors from memory, which the lease does not show."""
        return self._guard is not None and self._guard.led_elsewhere()

    async def schema(self) -> int:
        """Return the number of the newest migration that was made."""
        return await self._database.schema()

    async def close(self) -> None:
        """Close the database after what was asked before. Nothing depends on this being called."""
        if self._guard is not None:
            await self._guard.close()
        await self._database.close()

    async def version_of_others(self) -> int:
        """Return a number that changes when another process has changed the database."""
        return await self._database.version_of_others()

    async def record_breach(
        self,
        breach: SLABreach,
        messages: Sequence[OutboxMessage],
        audit: Audit,
        term: int | None,
    ) -> bool:
        """Store a breach with its messages and history, all or nothing.

        Args:
            breach: The new breach.
            messages: What to tell about it; keys that are known are left out.
            audit: What the history shall say.
            term: Under which the caller leads; None: needs no lease.

        Returns:
            False if the breach is known already; then nothing is written.

        Raises:
            LostLease: if another term has begun.
            StoreError: if it could not be stored.
        """
        return await self.record_breaches([(breach, messages, audit)], term) == {breach.id}

    async def record_breaches(
        self,
        found: Sequence[tuple[SLABreach, Sequence[OutboxMessage], Audit]],
        term: int | None,
    ) -> set[str]:
        """Store many breaches in one transaction, all or nothing: for a storm of them.

        Args:
            found: Each breach with its messages and history, as for ``record_breach``.
            term: Under which the caller leads; None: needs no lease.

        Returns:
            The ids of those that were new; of the others nothing is written.

        Raises:
            LostLease: if another term has begun.
            StoreError: if they could not be stored.
        """
        async with self._database.transaction() as transaction:
            await lease.require(transaction, term)
            new = await breaches.insert(transaction, [breach for breach, *_ in found])
            happened = list(compress(found, new))
            await _follow(transaction, [(messages, audit) for _, messages, audit in happened])
        return {breach.id for breach, *_ in happened}

    async def record_warning(
        self, warning: SLAWarning, messages: Sequence[OutboxMessage], term: int | None
    ) -> bool:
        """Store that a warning was given, with its messages, all or nothing.

        Returns:
            False if it was given already, or one of its level for a moment as late or later;
            then nothing is written.

        Raises:
            LostLease: if another term has begun.
            StoreError: if it could not be stored.
        """
        async with self._database.transaction() as transaction:
            await lease.require(transaction, term)
            if not await events.insert(transaction, warning):
                return False
            await outbox_rows.insert(transaction, messages)
            return True

    async def record_step(
        self,
        breach: SLABreach,
        expected: BreachState,
        messages: Sequence[OutboxMessage],
        operations: Sequence[Operation],
        audit: Audit,
        term: int | None = None,
        use: LinkUse | None = None,
    ) -> bool:
        """Store a step in the life of a breach with all that follows from it, all or nothing.

        Args:
            breach: As it is after the step.
            expected: The state in which the step found it.
            messages: What to tell about it.
            operations: What SuperOps shall be told.
            audit: What the history shall say.
            term: Under which the caller leads; None: a person's step needs no lease.
            use: The one use of a message's links that this is; None: it was done without one.

        Returns:
            False if the stored breach is in another state by now, or the links were used before;
            then nothing is written.

        Raises:
            LostLease: if another term has begun.
            StoreError: if it could not be stored.
        """
        async with self._database.transaction() as transaction:
            await lease.require(transaction, term)
            if use is not None and await links.is_used(transaction, use):
                return False
            if not all(await breaches.replace(transaction, [(breach, expected)])):
                return False
            if use is not None:
                await links.insert(transaction, use)
            await _follow(transaction, [(messages, audit)])
            await operation_rows.insert(transaction, operations)
            return True

    async def record_steps(
        self,
        steps: Sequence[tuple[SLABreach, BreachState, Sequence[OutboxMessage], Audit]],
        term: int | None,
    ) -> set[str]:
        """Store steps in the lives of many breaches in one transaction, all or nothing.

        Args:
            steps: Each breach after its step, the state in which the step found it, what to tell,
                and what the history shall say.
            term: Under which the caller leads; None: needs no lease.

        Returns:
            The ids of those whose step was stored; the others had been changed meanwhile.

        Raises:
            LostLease: if another term has begun.
            StoreError: if they could not be stored.
        """
        async with self._database.transaction() as transaction:
            await lease.require(transaction, term)
            written = await breaches.replace(
                transaction, [(breach, expected) for breach, expected, *_ in steps]
            )
            happened = list(compress(steps, written))
            await _follow(transaction, [(messages, audit) for *_, messages, audit in happened])
        return {breach.id for breach, *_ in happened}


async def _follow(
    transaction: Transaction, events: Sequence[tuple[Sequence[OutboxMessage], Audit]]
) -> None:
    """Write what follows from events, all of it at once, in the same transaction."""
    messages: list[OutboxMessage] = []
    audit: list[AuditEntry] = []
    for told, said in events:
        messages += told
        audit += [said] if isinstance(said, AuditEntry) else said or ()
    await outbox_rows.insert(transaction, messages)
    await audit_rows.insert(transaction, audit)
