"""The monitoring engine: the parts that run beside each other, and the board they keep.

Everything runs in one event loop that is not the screen's. The steps are plain methods that can be
called one by one; the loops around them only wait.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Final

from sla_console.alerting.room import AlertingRoom
from sla_console.domain.board import Board
from sla_console.domain.clock import Clock
from sla_console.domain.errors import LostLease
from sla_console.domain.figures.report import SLAStatus
from sla_console.domain.figures.technicians import PerformanceMetrics
from sla_console.domain.forecast.feasibility import QueuePlan
from sla_console.domain.forecast.forecast import Forecast
from sla_console.domain.people.people import Client, Site, Technician
from sla_console.domain.proof import PART_GOOD_FOR, Sign
from sla_console.domain.readings import ListRead, unread
from sla_console.domain.sla.breach import BreachType, PotentialBreach
from sla_console.domain.sla.policy import SLAPolicy
from sla_console.domain.sla.sla_clock import EvaluatedTicket
from sla_console.domain.tickets.ticket import Ticket
from sla_console.monitoring.alert_loop import AlertLoop
from sla_console.monitoring.alerts_view import AlertsKeeper
from sla_console.monitoring.backfill import Backfill
from sla_console.monitoring.burst_watch import BurstWatch
from sla_console.monitoring.clock_check import ClockCheck
from sla_console.monitoring.data_access import SLADataAccess
from sla_console.monitoring.engine_settings import EngineSettings
from sla_console.monitoring.evaluator import Evaluator
from sla_console.monitoring.forecast_training import ForecastTrainer
from sla_console.monitoring.history import HistoryReader, Retention
from sla_console.monitoring.intake import Asked
from sla_console.monitoring.leadership import Leadership
from sla_console.monitoring.lease_keeper import LeaseKeeper
from sla_console.monitoring.monitor_record import RecordKeeper
from sla_console.monitoring.named_tickets import NamedTickets
from sla_console.monitoring.operations import OperationWriter, WriteBack
from sla_console.monitoring.poller import Poller
from sla_console.monitoring.proofs import Proofs
from sla_console.monitoring.publisher import Publisher
from sla_console.monitoring.status import sla_status
from sla_console.monitoring.store_watch import StoreWatch
from sla_console.monitoring.supervisor import Supervisor, turned
from sla_console.monitoring.sync import Synchroniser
from sla_console.monitoring.tracker import TicketTracker

LOG = logging.getLogger(__name__)
_FIGURES_SECONDS: Final = 30.0
_FOLLOW_SECONDS: Final = 1.0
_LONGEST_WAIT: Final = 5.0
_LESSONS: Final = timedelta(days=90)
"""What ended longer ago teaches the forecast nothing."""
_ASKING: Final = timedelta(minutes=12)
"""Within which a part that asks SuperOps comes round; it may be told to wait for ten minutes."""
_LONG: Final = timedelta(hours=2)
"""The same of a part that nobody waits for."""
_PACE: Final = timedelta(days=30)
"""Endings within this time tell how fast somebody works."""


class SLAMonitoringEngine:
    """Watches the promises of one service desk.

    Args:
        data: SuperOps and the store.
        alerting: The alerting room.
        evaluator: Evaluates tickets.
        clock: The moment.
        settings: How often, and what closes a ticket.
    """

    def __init__(
        self,
        data: SLADataAccess,
        alerting: AlertingRoom,
        evaluator: Evaluator,
        clock: Clock,
        settings: EngineSettings,
    ) -> None:
        self.data, self.alerting = data, alerting
        self._delivery = alerting.dispatcher
        self._evaluator, self._clock, self.settings = evaluator, clock, settings
        records = data.records
        self.proofs = Proofs(clock)
        self.leadership = Leadership(records.lease, settings.shared_ms, alerting.term)
        check = ClockCheck(data.desk, records.meta, clock)
        self.tracker = TicketTracker(
            records, alerting.manager, evaluator, check.right, lambda: asyncio.sleep(0)
        )
        self.sync = Synchroniser(
            data.desk,
            records,
            clock,
            check,
            settings.plan,
            settings.closed,
            self.tracker,
            on_tickets=self._take,
            on_gone=self._gone,
            on_people=self._people,
            read_policies=data.read_policies,
        )
        self.named = NamedTickets(data.desk, self.sync.order, self.tracker.board, clock, self._take)
        sync, back = self.sync, min(settings.history, settings.keep_closed)
        take = self._take
        self.history = HistoryReader(data.desk, records, clock, sync, evaluator.phases, back, take)
        self.forecasts = self.tracker.forecasts
        lessons = min(settings.keep_closed, _LESSONS)
        self.trainer = ForecastTrainer(self.forecasts, records, self.tracker, clock, lessons)
        self.operations = OperationWriter(
            data.desk, records, clock, take, sync.order, alerting.term
        )
        self.supervisor = Supervisor(
            clock, lambda: self._publisher.changed(urgent=True), self.proofs
        )
        self.monitor_record = RecordKeeper(records.meta, self.leadership, clock)
        self._publisher = Publisher(
            self.tracker.board,
            records,
            self.sync,
            self.leadership,
            self.supervisor,
            self.proofs,
            self.monitor_record,
            data.desk.budget,
            clock,
            AlertsKeeper(
                records,
                alerting.mutes,
                alerting.settings.directory,
                alerting.settings.channels,
                settings.terminals,
            ),
            data.figures,
            alerting.lost,
        )
        urgent = partial(self._publisher.changed, urgent=True)
        self.store_watch = StoreWatch(records, self.leadership, self.sync, self.tracker, urgent)
        self.lease_keeper = LeaseKeeper(
            self.leadership, self._publisher, self.monitor_record, self.proofs, self._led,
            records.led_elsewhere, lambda: self.store_watch.state.trouble,
        )  # fmt: skip
        self.write_back = WriteBack(self.operations, self._publisher, self.leadership, self.sync)
        self.alert_loop = AlertLoop(
            alerting,
            self.tracker,
            self.sync,
            self._publisher,
            self.leadership,
            clock,
            records.operations,
            self.proofs,
            BurstWatch(records, alerting, sync.clock_check, clock, self.tracker),
            settings.terminals,
        )
        self._others = -1
        self._moved, self._figures_due = asyncio.Event(), asyncio.Event()
        self._figures_due.set()
        lead, due = self.leadership, self._figures_due.set
        self.poller = Poller(sync, lead, self._publisher, clock, self._guarded, due)

    async def start_monitoring(self) -> None:
        """Show what the store knows, then start all parts.

        Raises:
            StoreError: if the store cannot be read.
        """
        self.leadership.running = True
        await self.restore()
        records = self.data.records
        retention = Retention(records, self.sync, self.settings.keep_closed)
        backfill = Backfill(records, self.tracker, self._clock)
        for name, work, within in (
            ("leadership", self.lease_keeper.run, PART_GOOD_FOR),
            ("sync", self.poller.sweep, _ASKING),
            ("hot tickets", self.poller.hot, _ASKING),
            ("named tickets", lambda: self.named.run(self.leadership, self._guarded), _ASKING),
            ("deadlines", self._watch_deadlines, PART_GOOD_FOR),
            *self.alert_loop.parts(),
            ("operations", self._write_back, _ASKING),
            ("figures", self._figure, _LONG),
            ("forecast", lambda: self.trainer.run(self.leadership), _LONG),
            ("history", lambda: self.history.run(self.leadership), _LONG),
            ("retention", lambda: retention.run(self.leadership), _LONG),
            ("verdicts", lambda: backfill.run(self.leadership), _LONG),
            ("board", self._publisher.run, PART_GOOD_FOR),
            ("store", self.store_watch.run, PART_GOOD_FOR),
            ("following", self._follow, PART_GOOD_FOR),
        ):
            self.supervisor.add(name, work, within)
        await self.lease_keeper.renew()
        await self.alert_loop.begin()
        self.supervisor.start()

    async def stop_monitoring(self) -> None:
        """Stop all parts and give the lease up."""
        self.data.figures.close()
        await self.supervisor.stop()
        await self.leadership.release()

    async def restore(self) -> None:
        """Fill the board from the store and hand it out."""
        await self._publisher.recall_sync()
        await self._publisher.count()
        await self.tracker.restore(self._publisher.publish)
        self._publisher.publish()

    async def sync_once(self) -> tuple[ListRead, ...]:
        """Read everything once, no other part running; return the lists not read whole."""
        self.sync.ask_now()
        await self.sync.step()
        if await self.alert_loop.settle():
            self.data.figures.changed()
        await self.poller.keep()
        self.tracker.board.technicians = tuple(await self.data.all_metrics())
        await self._publisher.count()
        self._publisher.publish()
        return unread(self.sync.readings.lists)

    def refresh_board(self) -> None:
        """Hand out a board of what is known now, without waiting for the next one."""
        self._publisher.publish()

    @property
    def board(self) -> Board:
        """The latest board."""
        return self._publisher.board

    def subscribe(self, callback: Callable[[Board], None]) -> Callable[[], None]:
        """Have ``callback`` called with each new board, in this loop; return how to end that."""
        return self._publisher.subscribe(callback)

    async def calculate_sla_status(self, ticket: Ticket, sla_policy: SLAPolicy) -> SLAStatus:
        """Return how a ticket stands under a policy, in its hours, whichever it really is under."""
        observed = await self.data.observed(ticket.id)
        judged = self._evaluator.evaluate(ticket, observed, under=sla_policy)
        return sla_status(judged, self._clock.now(), self._evaluator.thresholds)

    async def detect_potential_breaches(self) -> list[PotentialBreach]:
        """Return the running clocks that are likely to break, by expected harm."""
        await self.trainer.ready()
        tickets, now = list(self.tracker.board.tickets()), self._clock.now()
        await self.trainer.look_at_open()
        return await self.forecasts.potential_breaches(tickets, now)

    async def plan_queues(self) -> dict[str, QueuePlan]:
        """Return for each technician whether the tickets in hand can be done in time.

        Technicians are left out where hardly any ticket has ended yet to tell their pace.
        """
        now = self._clock.now()
        closed = await self.data.records.tickets.load_closed_since(now - _PACE)
        return self.forecasts.queues(list(self.tracker.board.tickets()), closed, now)

    async def forecasts_of(self, judged: EvaluatedTicket) -> dict[BreachType, Forecast]:
        """Return the forecasts of a ticket's running clocks."""
        await self.trainer.ready()
        return self.forecasts.of(judged, self._clock.now())

    async def calculate_technician_performance(self, technician_id: str) -> PerformanceMetrics:
        """Return one technician's figures; ``NotFound`` is raised where there is no such one."""
        return await self.data.fetch_technician_metrics(technician_id)

    def refresh(self) -> None:
        """Read everything that is open now; at once if this console leads."""
        self.sync.ask_now(anyway=True)
        self.poller.wake()
        self._moved.set()

    async def alerts_changed(self) -> None:
        """Say that a person has changed what is told, or shall not be told."""
        self._delivery.wake()
        await self._publisher.look_at_alerts()
        self._publisher.changed(urgent=True)

    def operations_queued(self) -> None:
        """Say that a person has done something that others should see soon."""
        self._delivery.wake()
        self.write_back.wake()

    async def _led(self) -> None:
        """Begin to monitor."""
        await self.restore()
        await self.alert_loop.begin()
        self.sync.ask_now()

    async def _watch_deadlines(self) -> None:
        while True:
            self._moved.clear()
            # No ticket is judged before it was read once: the cache may be a day old.
            watching = self.leadership.leading and self.sync.clock_check.can_be_trusted()
            heard = self.sync.can_judge()
            step = self.alert_loop.process if heard else self.alert_loop.process_read
            if watching and await self._guarded(step):
                self.data.figures.changed()
                self._delivery.wake()
                self._publisher.changed(urgent=True)
            turned()
            # Where nothing can be judged that is said for itself, and nothing is due.
            self.proofs.proved(Sign.DEADLINES)
            coming = self.tracker.next_moment(heard=heard)
            wait = _LONGEST_WAIT
            if coming is not None and watching:
                wait = min(wait, self._clock.real_seconds(coming - self._clock.now()) + 0.002)
            try:
                async with asyncio.timeout(wait):
                    await self._moved.wait()
            except TimeoutError:
                continue

    async def _write_back(self) -> None:
        while True:
            await self._guarded(self.write_back.step)
            turned()
            await self.write_back.rest()

    async def _figure(self) -> None:
        """Work out the technicians' figures, now and then; they look at every ticket."""
        while True:
            turned()
            try:
                async with asyncio.timeout(_FIGURES_SECONDS):
                    await self._figures_due.wait()
            except TimeoutError:
                continue
            self._figures_due.clear()
            self.tracker.board.technicians = tuple(await self.data.all_metrics())
            self.tracker.board.potential = tuple(await self.detect_potential_breaches())
            self.tracker.board.take_forecast(self.forecasts.coverage, self.forecasts.chances)
            if self.leadership.leading:
                await self.trainer.note_answers()
            if self.leadership.leading and await self.alert_loop.forewarn(
                self.tracker.board.potential
            ):
                self._delivery.wake()
            self._publisher.changed()
            # An empty leaderboard is filled as soon as there is something to fill it with.
            seconds = _FIGURES_SECONDS if self.tracker.board.technicians else _FOLLOW_SECONDS
            await asyncio.sleep(seconds)

    async def _follow(self) -> None:
        """Show what other consoles store: all of it while one of them monitors, else their acts."""
        while True:
            await asyncio.sleep(_FOLLOW_SECONDS)
            await self.follow_once()
            turned()

    async def follow_once(self) -> bool:
        """Take over what other consoles have stored; return whether there was anything."""
        version = await self.data.records.version_of_others()
        if version == self._others:
            return False
        self._others = version
        if self.leadership.leading:
            await self.tracker.reload_breaches()
            self._delivery.wake()
        else:
            await self.tracker.reload()
            self.data.figures.changed()
            await self._publisher.recall_sync()
            self._figures_due.set()
        self.write_back.wake()
        await self._publisher.count()
        self._publisher.changed(urgent=True)
        return True

    async def _guarded(self, step: Callable[[], Awaitable[bool]]) -> bool:
        """Run a leader's step; one whose term is over follows from then on."""
        try:
            return await step()
        except LostLease as error:
            LOG.warning("%s", error)
            self.leadership.step_down()
            self._publisher.changed(urgent=True)
            return False

    async def _take(self, tickets: list[Ticket], asked: Asked) -> None:
        self.sync.policies.see(tickets)
        if await self.tracker.take(tickets, asked):
            self.data.figures.changed()
            self._moved.set()
            self._publisher.changed()

    async def _gone(self, ticket_ids: list[str], why: str) -> None:
        await self.tracker.gone(ticket_ids, why)
        self.data.figures.changed()
        self._publisher.changed()

    async def _people(self, _: list[Technician], clients: list[Client], sites: list[Site]) -> None:
        self._evaluator.use_sites(sites, clients, whole="sites" not in self.sync.catalogue.gaps)
        await self.tracker.rejudge()
        self.data.figures.changed()
        self._figures_due.set()
