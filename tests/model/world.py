"""The console under test with everything around it: a desk, places, a store, and time.

The engine, the room and the store are the product's own. SuperOps is a list of tickets in memory,
time moves when told, and a restart makes every object anew over the same store.
"""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sla_console.alerting.grouping import Grouping
from sla_console.alerting.ports import Channel
from sla_console.alerting.room import AlertingRoom, AlertingSettings
from sla_console.alerting.wording import Composer
from sla_console.domain.alerts.alert import AlertRule, Route
from sla_console.domain.alerts.escalation import EscalationPlan, Escalations, EscalationStep
from sla_console.domain.alerts.silence import MaintenanceWindow, Matcher, Once
from sla_console.domain.alerts.warning import WarningLevel
from sla_console.domain.errors import Unreachable
from sla_console.domain.people.directory import Directory
from sla_console.domain.people.people import Client, Site
from sla_console.domain.proof import Sign
from sla_console.domain.tickets.ticket import StatusPhases, Ticket
from sla_console.monitoring.data_access import SLADataAccess
from sla_console.monitoring.engine import SLAMonitoringEngine
from sla_console.monitoring.engine_settings import EngineSettings
from sla_console.monitoring.evaluator import Evaluator
from sla_console.monitoring.sync import SyncPlan
from sla_console.service.sla_service import SLAService
from tests.conftest import ManualClock
from tests.model.plain_store import Crash, memory, store_over
from tests.model.receivers import Place, PlaceChannel

START = datetime(2026, 10, 12, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CLOSED = ("Closed",)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
OPENS, CLOSES = (9, 10), (10, 30)
"""Hour and minute at which Bern, the one client with hours, opens; it closes at half past ten."""
CLIENTS = (Client("1", "Acme"), Client("2", "Bern"))
SITES = (
    Site("11", "Acme", "1", "UTC", working_24x7=True, hq=True),
    Site("12", "Bern", "2", "UTC", hq=True, hours=tuple((day, "09:10", "10:30") for day in DAYS)),
)
PLAN = EscalationPlan(
    "standard",
    (
        EscalationStep(15 * MINUTE, Route(("sms",))),
        EscalationStep(30 * MINUTE, Route(("team",), fallback=("sms",))),
    ),
)
WORDING = Composer()
REPEAT = 40 * MINUTE
STORM = 20


class Budget:
    per_minute = 1000

    def left(self) -> int:
        return 1000

    def limited_until(self) -> None:
        return None


class Desk:
    """SuperOps, as far as the console reads it."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock, self.tickets, self.down = clock, {}, False
        self.skew = timedelta()
        """By how much the console's wall clock is ahead of the desk's."""
        self.heard = False
        self.heard_at: timedelta | None = None
        self.changed = True
        self.refusals = 0
        self.budget = Budget()

    def true_now(self) -> datetime:
        return self.clock.now() - self.skew

    def _answer(self) -> None:
        if self.down:
            self.refusals += 1
            raise Unreachable("SuperOps does not answer.")
        self.heard, self.heard_at = True, self.clock.elapsed()

    async def open_ticket_pages(self, closed):
        self._answer()
        yield [t for t in self.tickets.values() if t.status not in closed]

    async def tickets_by_id(self, ids):
        self._answer()
        return [self.tickets[one] for one in ids]

    async def ticket(self, ticket_id):
        self._answer()
        return self.tickets[ticket_id]

    async def technicians(self, odd=None):
        self._answer()
        return []

    async def clients(self, odd=None):
        self._answer()
        return list(CLIENTS)

    async def sites(self, odd=None):
        self._answer()
        return list(SITES)

    async def sla_names(self):
        self._answer()
        return []

    def try_again(self) -> None:
        pass

    def clock_offset(self):
        return self.skew if self.heard else None

    def clock_heard(self):
        return self.heard_at if self.heard else None


class World:
    """One story's console, desk, places and time."""

    def __init__(self) -> None:
        self.clock = ManualClock(START)
        self.desk = Desk(self.clock)
        self.places = {
            name: Place(name, self.seconds, incidents=name == "pager")
            for name in ("team", "sms", "pager")
        }
        self.names = {"team": "team", "sms": "sms", "pager": "pager"}
        """What the configuration calls each place; one that is missing is not in use."""
        self.renamed: dict[str, str] = {}
        self.windows: tuple[MaintenanceWindow, ...] = ()
        self.fired: Counter = Counter()
        self.numbers = 0
        self.gap_since: float | None = None

    def seconds(self) -> float:
        return self.clock.elapsed().total_seconds()

    def now(self) -> datetime:
        """The true moment, whatever the wall clock says."""
        return START + self.clock.elapsed()

    # -- the console ---------------------------------------------------------------------------

    async def open(self) -> "World":
        self.connection = await memory()
        await self.start()
        return self

    async def start(self) -> None:
        """Make the console anew over what is stored."""
        while True:
            try:
                await self._start()
            except Crash:
                await self._died("crash at the start")
            else:
                return

    async def _start(self) -> None:
        self.store = store_over(self.connection)
        channels = {name: self.channel(p, name) for p, name in self.names.items()}
        clock = self.clock
        evaluator = Evaluator(StatusPhases.of((), CLOSED), warn_at=(WarningLevel(percent=75),))
        rooms = AlertingSettings(
            tuple(channels),
            Directory({}, {}),
            Grouping(wait=20 * MINUTE / 60, interval=2 * MINUTE, storm=STORM),
            True,
            self.windows,
            Escalations({"standard": PLAN}, "standard"),
            REPEAT,
            renamed=self.renamed,
        )
        self.room = AlertingRoom(self.store, channels, clock, WORDING, rooms)
        first = [self.names[p] for p in ("team", "pager") if p in self.names]
        rule = AlertRule("all", tuple(first), route=Route(fallback=("sms",)))
        await self.room.manager.configure_alert_rules([rule])
        data = SLADataAccess(self.desk, self.store, evaluator, clock)
        plan = SyncPlan(open=2 * MINUTE, catalogue=timedelta(days=9))
        self.engine = SLAMonitoringEngine(
            data, self.room, evaluator, clock, EngineSettings(closed=CLOSED, plan=plan)
        )
        engine = self.engine
        self.service = SLAService(engine, clock)
        engine.leadership._clock_ms = lambda: int(self.clock.elapsed().total_seconds() * 1000)
        engine.sync.last_sync = None
        self.desk.heard = False
        self.started = self.seconds()
        await engine.restore()
        await engine.leadership.claim()
        await engine.alert_loop.begin()
        await self.room.dispatcher.begin()

    def channel(self, place: str, name: str) -> Channel:
        """The channel that leads to a place."""
        return PlaceChannel(name, self.places[place])

    async def _died(self, how: str) -> None:
        """Leave everything in memory behind; the lease of the dead one runs out."""
        self.fired[how] += 1
        await self.connection.rollback()
        self.room.dispatcher.close()
        self.connection.crash_in = None
        self.clock.advance(seconds=7)

    async def restart(self) -> None:
        """End the process without a word, and start it again."""
        await self._died("restart")
        await self.start()

    # -- time ----------------------------------------------------------------------------------

    async def tick(self, seconds: float) -> None:
        """Let time pass, and let every loop of the engine have its turn once."""
        self.clock.advance(seconds=seconds)
        try:
            await self._turn()
        except Crash:
            await self._died("crash")
            await self.start()

    async def _turn(self) -> None:
        engine, room = self.engine, self.room
        await engine.leadership.claim()
        for sign in set(Sign) - {Sign.READ, Sign.CLOCK}:
            engine.proofs.proved(sign)  # the turns taken here stand for the loops that prove them
        if self.desk.changed or self.desk.down or engine.sync.last_sync is None:
            engine.sync.ask_now()  # what nobody changed need not be read again in this very look
        self.desk.changed = self.desk.down
        await engine.sync.step()
        await engine._publisher.keep_sync()
        if engine.sync.can_judge():
            await engine.alert_loop.process()
        await room.mutes.refresh(self.clock.now())
        await engine.alert_loop.look(
            engine._publisher.connection(), engine._publisher.synced_at(), engine.sync.message
        )
        if engine.sync.last_sync is None and self.seconds() - self.started < 60:
            return
        tried = 1
        while tried:  # what fell back, or was told together, goes in the same look
            await room.dispatcher.keep_house()
            tried = sum([await self._flush(name) for name in list(self.names.values())])

    async def _flush(self, name: str) -> int:
        place = next(p for p in self.places.values() if self.names.get(p.name) == name)
        if place.at_next is None:
            return await self.room.dispatcher.flush(name)
        loop, task = asyncio.get_running_loop(), asyncio.create_task(self._sends(name))
        place.at_next = lambda: loop.call_soon_threadsafe(task.cancel)
        try:
            await task
        except asyncio.CancelledError:
            self.fired["killed while it sends"] += 1
            raise Crash from None
        return 0

    async def _sends(self, name: str) -> None:
        await self.room.dispatcher.flush(name)

    # -- what happens at the desk --------------------------------------------------------------

    def open_ticket(self, client: int, priority: str, due_in: timedelta) -> Ticket:
        self.numbers += 1
        now, one = self.now(), CLIENTS[client]
        ticket = Ticket(
            id=str(self.numbers),
            display_id=f"T{self.numbers}",
            subject="Printer",
            status="Open",
            priority=priority,
            client_id=one.id,
            client=one.name,
            site_id=SITES[client].id,
            created_at=now,
            updated_at=now,
            resolution_due=now + due_in,
            response_due=None,
        )
        self.desk.tickets[ticket.id] = ticket
        self.desk.changed = True
        return ticket

    def change(self, ticket_id: str, **fields: object) -> None:
        self.desk.tickets[ticket_id] = replace(
            self.desk.tickets[ticket_id], updated_at=self.now(), **fields
        )
        self.desk.changed = True

    # -- faults that are not of a place --------------------------------------------------------

    def set_wall(self, ahead: timedelta) -> None:
        """Set the console's wall clock so far ahead of the truth; no time passes."""
        self.clock.step(seconds=(ahead - self.desk.skew).total_seconds())
        self.desk.skew = ahead

    def maintain(self, client: int, begin: datetime, end: datetime) -> None:
        """Plan maintenance; it is in force from the next start on."""
        once = Once(begin.replace(tzinfo=None), end.replace(tzinfo=None))
        window = MaintenanceWindow(
            f"patch {len(self.windows)}", Matcher(clients=(CLIENTS[client].name,)),
            ZoneInfo("UTC"), once,
        )  # fmt: skip
        self.windows = (*self.windows, window)
