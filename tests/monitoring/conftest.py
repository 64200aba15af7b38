"""The engine with a real store on disk and a real simulator over HTTP; only time is played."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from sla_console.alerting.dispatcher import Dispatcher
from sla_console.alerting.grouping import Grouping
from sla_console.alerting.room import AlertingRoom, AlertingSettings
from sla_console.alerting.wording import Composer
from sla_console.config.secrets import Secret
from sla_console.domain.alerts.alert import AlertRule, Limits, SendResult
from sla_console.domain.alerts.escalation import Escalations
from sla_console.domain.alerts.warning import WarningLevel
from sla_console.domain.clock import Clock
from sla_console.domain.people.directory import Directory
from sla_console.domain.sla.calendar import BusinessCalendar
from sla_console.domain.tickets.ticket import StatusPhases
from sla_console.monitoring.data_access import SLADataAccess
from sla_console.monitoring.engine import SLAMonitoringEngine
from sla_console.monitoring.engine_settings import EngineSettings
from sla_console.monitoring.evaluator import Evaluator
from sla_console.service.sla_service import SLAService
from sla_console.simulator.desk import DeskClient, DeskTechnician, DeskTicket, SimulatedDesk, Target
from sla_console.simulator.server import SimulatorServer
from sla_console.store.key import load_or_create_key
from sla_console.store.store import Store
from sla_console.superops.budget import RequestBudget
from sla_console.superops.client import SuperOpsClient

CLOSED = ("Resolved", "Closed")
STATUSES = ("Open", "In Progress", "On Hold", *CLOSED)


class Token:
    value = "right"

    def read(self) -> Secret:
        return Secret(self.value)

    def describe(self) -> str:
        return "the test"


class Desk(SimulatedDesk):
    """A still desk: nothing happens but what a test does."""

    def __init__(self, now: datetime) -> None:
        super().__init__(now, STATUSES, ("On Hold",), CLOSED, ("Critical", "High", "Low"))
        self.slas["1"] = "Gold"
        for priority in self.priorities:
            self.targets["1", priority] = Target(1, 4)
        self.groups["5"] = "Service Desk"
        self.technicians["9"] = DeskTechnician("9", "Marta Lindqvist", "5")
        self.clients["7"] = DeskClient("7", "Harbour", "8", "UTC", (), BusinessCalendar.always())

    def open(self, number: str, created: datetime, **fields: object) -> DeskTicket:
        ticket = DeskTicket(
            id=self.new_id(),
            number=number,
            subject=f"Subject of {number}",
            client=self.clients["7"],
            requester=None,
            request_type="Incident",
            source="EMAIL",
            status="Open",
            priority="High",
            sla=("1", "Gold"),
            group_id=None,
            technician=None,
            created=created,
            updated=created,
        )
        for name, value in fields.items():
            setattr(ticket, name, value)
        return self.add(ticket)


class Phone:
    """A channel that remembers what it was given, and answers as told."""

    limits = Limits()
    pace_seconds = 0.0

    def __init__(self, name: str) -> None:
        self.name = name
        self.answers: list[SendResult] = []
        self.down = False
        self.seen: list = []

    def send(self, message) -> SendResult:
        if self.down:
            return SendResult(False, error="no signal")
        result = self.answers.pop(0) if self.answers else SendResult(True)
        if result.accepted:
            self.seen.append(message)
        return result

    def rang(self) -> list[tuple[str, str]]:
        """What arrived since this was asked last: event and ticket, or headline."""
        found = [
            (str(m.event), m.notification.display_id or m.notification.headline) for m in self.seen
        ]
        self.seen.clear()
        return found


class Pager(Phone):
    """Opens an incident for what opens one, and closes it by the same key."""

    limits = Limits(incidents=True)

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.open: dict[str, str] = {}
        self.opened = 0

    def send(self, message) -> SendResult:
        result = super().send(message)
        if result.accepted and message.opens_incident:
            self.opened += message.incident not in self.open
            self.open[message.incident] = message.title
        elif result.accepted:
            self.open.pop(message.incident, None)
        return result


@dataclass
class Console:
    """One console: its engine, service and store, over one desk."""

    engine: SLAMonitoringEngine
    service: SLAService
    store: Store
    desk: Desk
    server: SimulatorServer
    dispatcher: Dispatcher
    phones: dict[str, Phone]
    clock: Clock
    outside: object = None

    async def lead(self) -> None:
        """Begin to monitor, with no loop running."""
        self.engine.leadership.running = True
        assert await self.engine.lease_keeper.renew()
        await self.engine.alert_loop.begin()

    @property
    def ops(self) -> Phone:
        return self.phones["ops"]

    async def send(self) -> None:
        """Send what is due through every channel."""
        await self.dispatcher.keep_house()
        for name in self.phones:
            await self.dispatcher.flush(name)

    async def live(self, minutes: int, step: int = 60) -> None:
        """Let time pass in steps of so many seconds, with all that the engine does about alerts."""
        for _ in range(minutes * 60 // step):
            now = self.clock.advance(seconds=step)
            await self.engine.alert_loop.process()
            await self.engine.alerting.renotify.step(now)
            await self.engine.alerting.closer.step(now)
            await self.send()

    async def sync(self) -> None:
        await self.engine.sync_once()

    async def pass_time(self, clock, **span: float) -> None:
        """Let time pass; SuperOps is not asked, only deadlines are dealt with."""
        now = clock.advance(**span)
        await self.engine.tracker.process(now)
        self.engine.refresh_board()

    @property
    def board(self):
        return self.engine.board

    async def queued(self) -> list[tuple[str, str]]:
        """Event and ticket number of every message in the outbox."""
        messages = [await self.store.outbox.for_ticket(t.id) for t in self.desk.tickets.values()]
        numbers = [t.number for t in self.desk.tickets.values()]
        found = [
            (str(message.event), number)
            for number, mine in zip(numbers, messages, strict=True)
            for message in mine
        ]
        return sorted(found)


@pytest.fixture
def desk(clock) -> Desk:
    return Desk(clock.now())


@pytest.fixture
async def server(desk, clock) -> AsyncIterator[SimulatorServer]:
    server = SimulatorServer(
        desk, clock, token="right", subdomain="acme", requests_per_minute=100_000
    )
    await server.start()
    yield server
    await server.stop()


async def _no_sleep(_: float) -> None:
    """Retries and budgets wait no real time here."""


@pytest.fixture
async def begin(tmp_path: Path, clock, desk, server):
    """Start a console on the same store and desk, as often as wanted."""
    async with AsyncExitStack() as stack:

        async def start(
            warn_at=(75, 90),
            rules=(),
            url=None,
            restore=True,
            minutes=(),
            escalations=None,
            grouping=None,
            windows=(),
            quiet_hours=False,
            channels=("ops",),
            directory=None,
            terminals=None,
            renamed=None,
            pagers=(),
            heartbeat=None,
            wording=None,
            **promises,
        ) -> Console:
            key = load_or_create_key(tmp_path / "key", keyring_entry=None)
            store = await Store.open(tmp_path / "data" / "sla.db", key, clock.now)
            stack.push_async_callback(store.close)
            client = SuperOpsClient(
                url or server.url,
                "acme",
                Token(),
                clock,
                RequestBudget(100_000, clock, _no_sleep),
                timeout_seconds=5,
                backoff=lambda _: 0.0,
            )
            stack.push_async_callback(client.aclose)
            evaluator = Evaluator(
                StatusPhases.of(("On Hold",), CLOSED),
                warn_at=(
                    *(WarningLevel(percent=each) for each in warn_at),
                    *(WarningLevel(minutes=each) for each in minutes),
                ),
                **promises,
            )
            phones = {n: (Pager if n in pagers else Phone)(n) for n in channels}
            alerting = AlertingRoom(
                store,
                phones,
                clock,
                wording(store) if wording else Composer(),
                AlertingSettings(
                    tuple(channels),
                    directory or Directory({}, {}),
                    grouping or Grouping(wait=timedelta()),
                    quiet_hours,
                    tuple(windows),
                    escalations or Escalations(),
                    renamed=renamed or {},
                ),
                heartbeat,
            )
            await alerting.manager.configure_alert_rules(
                list(rules) or [AlertRule("all", ("ops",))]
            )
            engine = SLAMonitoringEngine(
                SLADataAccess(client, store, evaluator, clock),
                alerting,
                evaluator,
                clock,
                EngineSettings(
                    closed=CLOSED,
                    terminals=terminals or {},
                    shared_ms=lambda: round(clock.elapsed().total_seconds() * 1000),
                ),
            )
            engine.alert_loop._sleep = _no_sleep
            if restore:
                await engine.restore()
            service = SLAService(engine, clock)
            return Console(
                engine, service, store, desk, server, alerting.dispatcher, phones, clock, heartbeat
            )

        yield start


@pytest.fixture
def hours():
    return lambda count: timedelta(hours=count)
