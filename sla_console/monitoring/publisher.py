"""Hands out the board: at once when it matters, else a few times a second at most."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sla_console.alerting.concerns import Concern
from sla_console.domain import fault_points
from sla_console.domain.board import AlertsSnapshot, Board, ChannelHealth, Health, SourceState
from sla_console.domain.clock import Clock
from sla_console.domain.errors import StoreError
from sla_console.domain.proof import Proof, Sign
from sla_console.domain.tickets.operation import Operation, OperationState
from sla_console.monitoring.alerts_view import AlertsKeeper
from sla_console.monitoring.backfill import decided_before
from sla_console.monitoring.board import BoardKeeper
from sla_console.monitoring.figure_cache import FigureCache
from sla_console.monitoring.first_board import LAST_SYNC, keep_counts
from sla_console.monitoring.leadership import Leadership
from sla_console.monitoring.monitor_record import RecordKeeper
from sla_console.monitoring.ports import Budget, StorePort
from sla_console.monitoring.proofs import Proofs
from sla_console.monitoring.supervisor import Supervisor, turned
from sla_console.monitoring.sync import Synchroniser

_OF_MONITOR: Final = frozenset({Sign.DEADLINES, Sign.ESCALATION, Sign.DELIVERY, Sign.CHANNELS})
"""Signs that only the console that monitors gives."""
_SLICE_SECONDS: Final = 0.05
_SLICES: Final = 5
_SURE: Final = timedelta(seconds=1)
_PULSE_SECONDS: Final = 2.0
"""Real time after which the health is brought up to date although nothing else has changed."""
_VIEW_AGAIN: Final = 5.0
"""Real seconds after which alerts are looked at although nothing is known to have changed."""


class Publisher:
    """Makes a board of what is known and gives it to whoever listens.

    Args:
        keeper: The table.
        records: The store, for what waits there.
        sync: How SuperOps is.
        leadership: Who monitors.
        supervisor: How the parts are.
        proofs: What shows that all is well here.
        record: What the console that monitors says of itself.
        budget: The minute's requests.
        clock: The moment.
        alerts: What people see of the alerts.
        figures: How often what is kept of them helped.
        lost: Returns what is named and no longer configured.
    """

    def __init__(
        self,
        keeper: BoardKeeper,
        records: StorePort,
        sync: Synchroniser,
        leadership: Leadership,
        supervisor: Supervisor,
        proofs: Proofs,
        record: RecordKeeper,
        budget: Budget,
        clock: Clock,
        alerts: AlertsKeeper,
        figures: FigureCache,
        lost: Callable[[], Mapping[str, Concern]],
    ) -> None:
        self._lost = lost
        self._keeper, self._records, self._sync = keeper, records, sync
        self._leadership, self._supervisor = leadership, supervisor
        self._proofs, self._record = proofs, record
        self._budget, self._clock = budget, clock
        self._listeners: list[Callable[[Board], None]] = []
        self._changed = asyncio.Event()
        self._urgent = False
        self._channels: tuple[ChannelHealth, ...] = ()
        self._operations: tuple[Operation, ...] = ()
        self._operations_due = True
        self._reading_operations = asyncio.Lock()
        self._alerts, self._figures = alerts, figures
        self._view = AlertsSnapshot()
        self._viewed_at: timedelta | None = None
        self._backfill: str | None = None
        self.board = Board()
        """The latest."""
        self.last_sync: datetime | None = None
        """When all open tickets were last known to be right; survives a restart."""
        self._noted = timedelta()
        """When that was, by time that passed."""

    def subscribe(self, callback: Callable[[Board], None]) -> Callable[[], None]:
        """Have ``callback`` called with each new board; return how to end that."""
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback)

    def changed(self, *, urgent: bool = False) -> None:
        """Say that the board is no longer what was handed out last."""
        self._urgent = self._urgent or urgent
        self._changed.set()

    def operations_changed(self) -> None:
        """Say that changes for SuperOps were queued, written or ended."""
        self._operations_due = True
        self.changed(urgent=True)

    async def run(self) -> None:
        """Hand out boards for ever."""
        while True:
            try:
                async with asyncio.timeout(_PULSE_SECONDS):
                    await self._changed.wait()
            except TimeoutError:
                # Its proofs are newer; nobody need draw anything for that.
                self.board = replace(self.board, health=self.health())
                turned()
                continue
            self._changed.clear()
            self._urgent = False
            with contextlib.suppress(StoreError):  # a board without the latest changes is better
                await self.look_at_operations()
            self.publish()
            turned()
            for _ in range(_SLICES):
                await asyncio.sleep(_SLICE_SECONDS)
                if self._urgent:
                    break

    def publish(self) -> None:
        """Make a board of what is known now and hand it out."""
        fault_points.hit("board.publish")
        made = self._keeper.snapshot(self._clock.now(), self.health())
        self.board = replace(made, alerts=self._view, operations=self._operations)
        for listener in self._listeners[:]:
            listener(self.board)

    async def count(self) -> bool:
        """Read how much waits in the store; return whether that has changed."""
        now = self._clock.now()
        channels = await self._alerts.health(now)
        changed = await self.look_at_operations() or channels != self._channels
        self._channels = channels
        self._proofs.proved(Sign.COUNTS)
        seen = self._viewed_at
        old = seen is None or (
            self._clock.real_seconds(self._clock.elapsed() - seen) >= _VIEW_AGAIN
        )
        if changed or old:
            return await self.look_at_alerts() or changed
        return changed

    async def look_at_operations(self) -> bool:
        """Read which changes SuperOps does not have, if they may be others than those shown.

        Returns:
            Whether they are.

        Raises:
            StoreError: if the store cannot be read; they are read next time.
        """
        async with self._reading_operations:
            if not self._operations_due:
                return False
            self._operations_due = False  # what changes while they are read is read next time
            try:
                found = tuple(await self._records.operations.outstanding())
            except BaseException:
                self._operations_due = True
                raise
            changed = found != self._operations
            self._operations = found
            return changed

    async def look_at_alerts(self) -> bool:
        """Read what people see of the alerts; return whether that has changed."""
        self._viewed_at = self._clock.elapsed()
        view = await self._alerts.view(self._clock.now())
        changed = view != self._view
        self._view = view
        return changed

    async def recall_sync(self) -> None:
        """Take over from the store when the last complete sync was, and what it read."""
        await self._sync.readings.recall()
        stored = await self._records.meta.get(LAST_SYNC)
        known = datetime.fromisoformat(stored) if stored else None
        if known is not None and known != self.last_sync:
            age = self._clock.now() - known
            # Of a moment that has not come yet nobody knows how long ago it was.
            old = age if age >= timedelta() else self._sync.plan.stale_after + _SURE
            self._noted = self._clock.elapsed() - old
        self.last_sync = known
        await self._sync.clock_check.recall()
        await self._sync.catalogue.recall()
        self._backfill = await decided_before(self._records.meta)
        if not self._leadership.running:
            if await self._leadership.look():
                self._proofs.proved(Sign.LEASE)
            else:
                self._proofs.failed(Sign.LEASE, "no console monitors")
        await self._record.read()

    async def keep_sync(self) -> bool:
        """Store when the last complete sync was; return whether there has been a new one."""
        latest = self._sync.last_sync
        if latest is None or latest == self.last_sync:
            return False
        self.last_sync, self._noted = latest, self._sync.synced
        await self._records.meta.set(LAST_SYNC, latest.isoformat())
        await keep_counts(self._records.meta, self.board.counts)
        return True

    def synced_at(self) -> datetime | None:
        """Return when all open tickets were last known to be right, by the wall clock as it is now.

        The wall clock may have been set since; how long ago it was is counted by time that passed.
        """
        if self.last_sync is None:
            return None
        moment = self._clock.now() - (self._clock.elapsed() - self._noted)
        return self.last_sync if abs(moment - self.last_sync) < _SURE else moment

    @property
    def _follows(self) -> bool:
        """Whether another console reads SuperOps, if any does."""
        leads, asked = self._leadership.leading, self._sync.connection is not SourceState.STARTING
        return not leads and (self._leadership.running or not asked)

    def connection(self) -> SourceState:
        """Return how the console that monitors stands with SuperOps, as far as it was heard."""
        if self._follows:
            record = self._record.latest
            return SourceState.STARTING if record is None else record.connection
        if self._sync.connection is not SourceState.LIVE:
            return self._sync.connection
        return SourceState.LIVE if self._read().holds(self._clock.elapsed()) else SourceState.STALE

    def _read(self) -> Proof:
        at = None if self.last_sync is None else self._noted
        if self._sync.last_sync is not None:  # it is noted a moment later
            at = self._sync.synced if at is None else max(at, self._sync.synced)
        return Proof(Sign.READ, self._sync.plan.stale_after, at)

    def _shown_proofs(self) -> tuple[Proof, ...]:
        """Return what shows that all is well: of the monitor, where another console is that."""
        here, follows = list(self._proofs), self._follows
        if not follows:
            own = [self._read(), self._sync.clock_check.proof(), *here]
            if self._leadership.leading:
                return tuple(own)
            return tuple(one for one in own if one.sign not in _OF_MONITOR)
        here = [one for one in here if one.sign not in _OF_MONITOR]
        known = {one.sign for one in here}
        record = self._record.latest
        if record is None:
            return (self._read(), *here)
        return (*(one for one in record.proofs if one.sign not in known), *here)

    def health(self) -> Health:
        """Return how the console is, with the proofs of it."""
        leading, record = self._leadership.leading, self._record.latest
        told = record if self._follows else None
        concerns = [
            f"{one.headline}: {one.line}"
            for one in {**self._sync.concerns(), **self._lost()}.values()
            if one.line != self._sync.message
        ]
        return Health(
            connection=self.connection(),
            message=self._sync.message if told is None else told.message,
            last_sync_at=self.synced_at(),
            next_poll_at=self._sync.next_poll if leading else None,
            requests_left=self._budget.left(),
            requests_per_minute=self._budget.per_minute,
            alerts_waiting=sum(c.waiting for c in self._channels),
            alerts_dead=sum(c.dead for c in self._channels),
            operations_waiting=sum(one.state is OperationState.PENDING for one in self._operations),
            leader=self._leadership.holder,
            leading=leading,
            reads_itself=not self._follows,
            parts=self._supervisor.health(),
            channels=self._channels,
            proofs=self._shown_proofs(),
            readings=self._sync.readings.lists,
            figures=self._figures.health(),
            concerns=tuple(dict.fromkeys((*concerns, *(told.concerns if told else ())))),
            backfill=self._backfill,
        )
