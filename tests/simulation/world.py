"""A desk, its people, bad weather, and two monitors over one store: all in one thread."""

import asyncio
import contextvars
import functools
import itertools
import logging
import random
import shutil
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from email.utils import format_datetime
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

from sla_console.alerting import channel_worker
from sla_console.alerting.grouping import Grouping
from sla_console.alerting.room import AlertingRoom, AlertingSettings
from sla_console.alerting.wording import Composer
from sla_console.domain import fault_points
from sla_console.domain.alerts.alert import AlertRule, Route, SendResult
from sla_console.domain.alerts.escalation import EscalationPlan, Escalations, EscalationStep
from sla_console.domain.alerts.warning import WarningLevel
from sla_console.domain.errors import SLAConsoleError
from sla_console.domain.figures.report_schedule import Every, ReportSchedule
from sla_console.domain.people.directory import Directory
from sla_console.domain.sla.policy import SLAPolicy
from sla_console.domain.tickets.ticket import StatusPhases
from sla_console.monitoring.data_access import SLADataAccess
from sla_console.monitoring.engine import SLAMonitoringEngine
from sla_console.monitoring.engine_settings import EngineSettings
from sla_console.monitoring.evaluator import Evaluator
from sla_console.monitoring.sync import SyncPlan
from sla_console.service.report_sender import ReportSender
from sla_console.service.sla_service import SLAService
from sla_console.simulator.server import SimulatorServer
from sla_console.store import connection, file_lock
from sla_console.store.key import load_or_create_key
from sla_console.store.store import Store
from sla_console.superops.budget import RequestBudget
from sla_console.superops.client import SuperOpsClient
from tests.monitoring.conftest import CLOSED, Desk, Pager, Phone, Token
from tests.simulation.virtual import (
    HERE,
    InlineDriver,
    InlineWorker,
    InProcess,
    Killed,
    Process,
    VirtualLoop,
)

START = datetime(2026, 10, 12, 6, 0, tzinfo=UTC)
PLAN = EscalationPlan(
    "standard",
    (
        EscalationStep(timedelta(minutes=15), Route(("ops",)), timedelta(minutes=10), 1),
        EscalationStep(timedelta(minutes=60), Route(("pager",))),
    ),
    acknowledged_for=timedelta(hours=2),
)
COMPOSER = Composer()
PARSED: dict = {}
"""Queries that a simulator has read before."""
WEEKLY = ReportSchedule(
    "weekly", Every.WEEK, at=time(8), channels=("mail",), form="md", freeze=True
)
RULES = [AlertRule("all", ("ops",), route=Route(fallback=("mail",)))]
logging.getLogger("asyncio").setLevel(logging.CRITICAL)


@pytest.fixture
def simulated(monkeypatch, tmp_path: Path):
    """Replace threads, chance and certificates, so that a seed decides all there is."""
    monkeypatch.setattr(connection, "aiosqlite", SimpleNamespace(Connection=InlineDriver))
    monkeypatch.setattr(channel_worker, "_Worker", InlineWorker)
    monkeypatch.setattr(file_lock.FileLock, "__init__", _owned(file_lock.FileLock.__init__))
    context = httpx.create_ssl_context()
    monkeypatch.setattr(httpx, "create_ssl_context", lambda: context)
    logging.getLogger("sla_console").setLevel(logging.CRITICAL)
    numbers = itertools.count(1)
    chance = random.Random(0)
    monkeypatch.setattr("uuid.uuid4", lambda: SimpleNamespace(hex=f"{next(numbers):012x}{0:020x}"))
    monkeypatch.setattr("secrets.token_hex", lambda n=4: f"{chance.getrandbits(8 * n):0{2 * n}x}")
    yield functools.partial(World, tmp_path)
    logging.getLogger("sla_console").setLevel(logging.NOTSET)


def _owned(begin):
    def __init__(self, path: Path) -> None:  # noqa: N807 - it takes its place
        begin(self, path)
        if (process := HERE.get()) is not None:
            process.locks.append(self)

    return __init__


class TrueClock:
    """The time that all clocks would show if they were right."""

    def __init__(self, loop: VirtualLoop, pace: float) -> None:
        self._loop, self.pace = loop, pace

    def now(self) -> datetime:
        return START + self.elapsed()

    def elapsed(self) -> timedelta:
        return timedelta(seconds=self._loop.time() * self.pace)

    def real_seconds(self, span: timedelta) -> float:
        return max(0.0, span.total_seconds() / self.pace)


class MachineClock(TrueClock):
    """The clock of the machine that monitors, which somebody may set."""

    off = timedelta()

    def now(self) -> datetime:
        return super().now() + self.off


class Network:
    """Between the monitors and SuperOps."""

    def __init__(self, chance: random.Random, clock: TrueClock) -> None:
        self._chance, self.clock = chance, clock
        self.answered: datetime | None = None
        """When the last whole answer arrived."""
        self.fails: dict[str, Callable[[], None]] = {}
        """What to call on the way there (``asked``) and back (``answered``)."""
        self.good()

    def good(self) -> None:
        self.slow = 0.05
        self.down = self.lost = 0.0

    def bad(self) -> None:
        self.slow = self._chance.choice([0.05, 0.5, 4.0, 40.0])
        self.down = self._chance.choice([0.0, 0.3, 1.0])
        self.lost = self._chance.choice([0.0, 0.2])

    async def there(self) -> None:
        await asyncio.sleep(self.slow * self._chance.random())
        self.fails.get("asked", lambda: None)()
        if self._chance.random() < self.down:
            raise httpx.ConnectError("no route")

    async def back(self) -> None:
        await asyncio.sleep(self.slow * self._chance.random())
        self.fails.get("answered", lambda: None)()
        if self._chance.random() < self.lost:
            raise httpx.ReadError("reset")

    def date(self) -> str:
        return format_datetime(self.clock.now(), usegmt=True)


class Receiver(Pager):
    """A channel with a line that may be slow, and somebody who writes down what arrives."""

    def __init__(self, name: str, world: "World") -> None:
        super().__init__(name)
        self.world = world
        self.well()

    def well(self) -> None:
        self.slow = 0.1
        self.down = self.refuses = False

    def takes(self) -> tuple[float, float]:
        chance = self.world.chance
        return self.slow * chance.random(), self.slow * chance.random()

    def send(self, message) -> SendResult:
        self.world.checks.about_to_arrive(self.name, message)
        if self.refuses:
            return SendResult(False, permanent=True, error="there is no such room any more")
        result = super().send(message)
        if result.accepted:
            self.world.heard.append(message)
        return result


class Monitor(Process):
    """One process that monitors: from its start to its death."""

    def __init__(self, name: str, world: "World") -> None:
        super().__init__(name)
        self.world = world
        self.context = contextvars.copy_context()
        self.context.run(HERE.set, self)
        self.engine = self.service = self.store = self.client = None

    def task(self, doing):
        """Let something be done inside this process."""
        return asyncio.get_running_loop().create_task(doing, context=self.context)

    async def start(self) -> None:
        await self.task(self._start())

    async def _start(self) -> None:
        world, clock = self.world, self.world.clock
        key = load_or_create_key(world.folder / "key", keyring_entry=None)
        self.store = store = await Store.open(world.folder / "data" / "sla.db", key, clock.now)
        world.stored = True
        self.client = SuperOpsClient(
            "http://desk/msp",
            "acme",
            Token(),
            clock,
            RequestBudget(100_000, clock),
            timeout_seconds=30,
            transport=InProcess(world.server, world.network),
            backoff=lambda failures: min(20.0, 2.0**failures) * world.chance.random(),
        )
        evaluator = Evaluator(
            StatusPhases.of(tuple(world.desk.hold_statuses), CLOSED),
            world.policies,
            warn_at=(WarningLevel(percent=75),),
        )
        alerting = AlertingRoom(
            store,
            world.channels,
            clock,
            COMPOSER,
            AlertingSettings(
                tuple(world.channels),
                Directory({}, {}),
                Grouping(wait=timedelta(seconds=20), interval=timedelta(minutes=2)),
                escalations=Escalations({"standard": PLAN}, "standard"),
                beat_every=timedelta(minutes=5),
            ),
            world,
        )
        alerting.dispatcher._chance = world.chance
        await alerting.manager.configure_alert_rules(list(RULES))
        self.engine = SLAMonitoringEngine(
            SLADataAccess(self.client, store, evaluator, clock),
            alerting,
            evaluator,
            clock,
            EngineSettings(closed=CLOSED, plan=world.plan),
        )
        loop = asyncio.get_running_loop()
        self.engine.leadership._clock_ms = lambda: int(loop.time() * 1000)
        self.service = SLAService(self.engine, clock)
        ReportSender(
            self.engine, self.service.reports, clock, [WEEKLY], world.folder / "reports"
        ).join()
        await self.engine.start_monitoring()

    async def stop_gently(self) -> None:
        await self.task(self._stop())

    async def _stop(self) -> None:
        await self.engine.stop_monitoring()
        await self.client.aclose()
        await self.store.close()

    async def close(self) -> None:
        """End it in the test's own right, without a trace."""
        self.kill()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    @property
    def up(self) -> bool:
        return not self.dead and self.service is not None


class World:
    """Everything there is.

    Args:
        folder: Where the store lies.
        seed: Decides all that is left to chance.
        pace: How many seconds pass at the desk in one of the machine.
        make_plan: Makes the plan of faults; none: nothing fails.
        desk: The desk; none: one at which nothing happens by itself.
    """

    def __init__(
        self, folder: Path, seed: int, pace: float = 60.0, make_plan=None, desk=None
    ) -> None:
        self.folder = folder / f"world{seed}"
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        self.chance = random.Random(f"world {seed}")
        InlineDriver.chance = random.Random(f"driver {seed}")
        InlineDriver.before = staticmethod(lambda _driver, _sql: None)
        self.loop = VirtualLoop()
        self.loop.set_task_factory(_with_process)
        self.true, self.clock = TrueClock(self.loop, pace), MachineClock(self.loop, pace)
        self.plan = SyncPlan(
            hot=timedelta(seconds=max(20.0, 2 * pace)),
            open=timedelta(seconds=max(60.0, 4 * pace)),
            stale_after=timedelta(seconds=max(180.0, 12 * pace)),
        )
        self.desk = desk or Desk(START)
        self.server = SimulatorServer(
            self.desk, self.true, token="right", subdomain="acme", requests_per_minute=100_000
        )
        prepare = self.server._prepare
        self.server._parsed = lambda query: (
            PARSED.get(query) or PARSED.setdefault(query, prepare(query))
        )
        self.network = Network(random.Random(f"network {seed}"), self.true)
        self.heard: list = []
        self.policies: tuple[SLAPolicy, ...] = ()
        self.stored = False
        """Whether there is a store."""
        self.beats: Counter[str] = Counter()
        self.monitors: list[Monitor] = []
        self._names = itertools.count(1)
        self.faults = make_plan(self) if make_plan else None
        from tests.simulation.checks import Checks

        self.checks = Checks(self)
        self.channels = {name: Receiver(name, self) for name in ("ops", "pager", "mail")}
        self.channels["ops"].limits = self.channels["mail"].limits = Phone.limits

    async def beat(self) -> str | None:
        self.beats["well"] += 1
        return None

    async def fail(self, reason: str) -> str | None:
        self.beats[reason] += 1
        return None

    def run(self, story) -> None:
        """Run a story to its end, with all faults that are planned."""
        plan = self.faults if self.faults is not None else fault_points.hit
        with fault_points.planned(plan):
            try:
                self.loop.run_until_complete(self._whole(story))
            except BaseException as error:
                error.add_note(self.end)
                raise
            finally:
                self.checks.close()
                self.loop.run_until_complete(self.loop.shutdown_asyncgens())
                self.loop.close()
                shutil.rmtree(self.folder, ignore_errors=True)

    async def _whole(self, story) -> None:
        self.end = ""
        try:
            await story
        finally:
            self.end = self.describe()
            for monitor in self.monitors:
                await monitor.close()

    async def start(self) -> Monitor | None:
        """Start one more monitor; None: it could not, and says so."""
        monitor = Monitor(f"m{next(self._names)}", self)
        self.monitors.append(monitor)
        try:
            await monitor.start()
        except (SLAConsoleError, Killed, asyncio.CancelledError, RuntimeError):
            await monitor.close()
            return None
        return monitor

    def up(self) -> list[Monitor]:
        return [one for one in self.monitors if one.up]

    async def keep_up(self, wanted: int = 2) -> None:
        """Start again what has died, as systemd does."""
        self.monitors = [one for one in self.monitors if not one.dead or one.tasks]
        while len(self.up()) < wanted:
            if await self.start() is None:
                return

    def step_clock(self) -> None:
        """Set the machine's clock to another moment."""
        self.clock.off = timedelta(minutes=self.chance.choice([-180, -30, -2, 2, 30, 180]))

    def describe(self) -> str:
        """Return how all monitors are, for a story that went wrong."""
        lines = [f"true time {self.true.now()}, clock off by {self.clock.off}"]
        for one in self.monitors:
            if one.service is None or one.dead:
                continue
            health = one.service.board().health
            lines.append(
                f"{one.name}: still={one.still} leading={health.leading} of {health.leader} "
                f"{health.connection} synced {health.last_sync_at} says {health.message}"
            )
            lines += [f"  concern: {each}" for each in health.concerns]
            lines += [
                f"  {p.name}: running={p.running} restarts={p.restarts} {p.last_error}"
                for p in health.parts
                if p.restarts
            ]
        return "\n".join(lines)

    async def live(self, **span: float) -> None:
        """Let time pass at the desk."""
        await asyncio.sleep(self.true.real_seconds(timedelta(**span)))


def _with_process(loop, doing, context=None, **_):
    task = asyncio.Task(doing, loop=loop, context=context)
    process = HERE.get() if context is None else context.get(HERE)
    if process is not None:
        process.tasks.add(task)
        task.add_done_callback(process.tasks.discard)
    return task
