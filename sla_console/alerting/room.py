"""The alerting room put together: the one place that knows how its parts are joined."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta, tzinfo

from sla_console.alerting.breach_opener import BreachOpener
from sla_console.alerting.concerns import Concern, Concerns
from sla_console.alerting.dispatcher import DeliverySettings, Dispatcher
from sla_console.alerting.escalation_timers import EscalationTimers
from sla_console.alerting.gone_names import lost_names
from sla_console.alerting.grouper import Grouper
from sla_console.alerting.grouping import Grouping, Groups
from sla_console.alerting.incident_closer import IncidentCloser
from sla_console.alerting.incidents import Incidents
from sla_console.alerting.manager import AlertManager
from sla_console.alerting.mutes import MuteIndex
from sla_console.alerting.outages import OutageReporter
from sla_console.alerting.pipeline import Pipeline
from sla_console.alerting.planner import AlertPlanner
from sla_console.alerting.ports import AlertStore, Channel, SignOfLife, Wording
from sla_console.alerting.renotify import RenotificationPolicy
from sla_console.alerting.reroute import Rerouter
from sla_console.alerting.rota_watch import RotaWatch
from sla_console.alerting.routing import Router
from sla_console.alerting.self_audit import DailyChannelTest, HeartbeatReporter
from sla_console.alerting.steps import LeaseTerm, Recorder
from sla_console.alerting.still_true import StillTrue
from sla_console.domain.alerts.escalation import Escalations
from sla_console.domain.alerts.flapping import REMEMBERED
from sla_console.domain.alerts.silence import MaintenanceWindow
from sla_console.domain.alerts.usual_rates import BurstSettings
from sla_console.domain.board import SourceState
from sla_console.domain.clock import Clock
from sla_console.domain.people.directory import Directory


@dataclass(frozen=True, slots=True)
class AlertingSettings:
    """Settings of the alerts, as the configuration gives them."""

    channels: tuple[str, ...] = ()
    """Names of the channels in use."""
    directory: Directory = field(default_factory=lambda: Directory({}, {}))
    grouping: Grouping = field(default_factory=Grouping)
    quiet_hours: bool = False
    """Hold back what is not urgent until the client's hours, where no rule says otherwise."""
    windows: tuple[MaintenanceWindow, ...] = ()
    escalations: Escalations = field(default_factory=Escalations)
    repeat: timedelta = timedelta(hours=4)
    """After how long what is broken and nobody's is sent again; zero: never."""
    canary_at: time | None = None
    zone: tzinfo | None = None
    """Time zone of the daily test; None: that of this machine."""
    beat_every: timedelta = timedelta(minutes=1)
    forewarn_from: float = 0.8
    """Probability from which a promise that will probably break is notified, 0 to 1."""
    forewarn_most: float = 0.1
    """Share of the open tickets that are forewarned of at most, 0 to 1."""
    stale_after: timedelta = timedelta(minutes=3)
    """How long SuperOps may be silent before its data is old."""
    renamed: Mapping[str, str] = field(default_factory=dict)
    """Today's names of channels, by their earlier names."""
    delivery: DeliverySettings = field(default_factory=DeliverySettings)
    bursts: BurstSettings = field(default_factory=BurstSettings)


class AlertingRoom:
    """All of alerting over one store.

    Args:
        store: The store.
        channels: The channels by name; none where nothing is sent.
        clock: The moment.
        wording: Puts messages into words.
        settings: What the configuration says.
        heartbeat: Who notices outside when this console falls silent; None: nobody.
    """

    def __init__(
        self,
        store: AlertStore,
        channels: Mapping[str, Channel],
        clock: Clock,
        wording: Wording,
        settings: AlertingSettings,
        heartbeat: SignOfLife | None = None,
    ) -> None:
        self._store, self._clock, self.settings = store, clock, settings
        self.pace = 1 / max(clock.real_seconds(timedelta(seconds=1)), 1e-6)
        """How many seconds of the clock pass in a real one."""
        self._seen: object = None
        self._lost: Mapping[str, Concern] = {}
        self.term = LeaseTerm()
        self.incidents = Incidents()
        self.mutes = MuteIndex(store, settings.windows)
        groups = Groups(settings.grouping)
        pagers = frozenset(name for name, one in channels.items() if one.limits.incidents)
        router = Router(
            settings.channels,
            settings.directory,
            quiet_hours=settings.quiet_hours,
            renamed=settings.renamed,
        )
        self.pipeline = Pipeline(router, self.mutes.muted, groups, pagers)
        self.planner = AlertPlanner(self.pipeline, clock, settings.escalations)
        recorder = Recorder(store, self.incidents, self.term)
        self.timers = EscalationTimers(
            self.planner, self.incidents, recorder, lambda: asyncio.sleep(0)
        )
        self.manager = AlertManager(
            store,
            self.planner,
            self.incidents,
            clock,
            recorder,
            BreachOpener(store, self.planner, self.incidents, recorder),
            self.timers,
            self.term,
        )
        check = StillTrue(self.incidents, self.mutes.muted)
        self.dispatcher = Dispatcher(
            store.outbox,
            channels,
            clock,
            wording,
            store.deliveries,
            settings.delivery,
            check=check,
            grouper=Grouper(store.outbox, groups, check, pagers, self.incidents.hours_of),
            term=self.term,
            reroute=Rerouter(router),
            incidents=store.incidents,
            freshness=self.pipeline.freshness,
        )
        self.renotify = RenotificationPolicy(
            store, self.planner, self.incidents, settings.windows, settings.repeat
        )
        self.concerns = Concerns(store, self.planner)
        self.closer = IncidentCloser(store, self.planner, self.incidents)
        self.outages = OutageReporter(
            store, self.planner, self.timers, settings.stale_after, self.pace
        )
        self.heartbeat = HeartbeatReporter(heartbeat)
        self.rota = RotaWatch(store, self.planner)
        self.daily_test = DailyChannelTest(
            self.planner, settings.channels, settings.canary_at, settings.zone, store
        )

    def lost(self) -> Mapping[str, Concern]:
        """Return what running escalations and changes of on-call name that is gone."""
        router = self.pipeline.router
        seen = self.incidents.changes, router.directory.lost
        if seen != self._seen:
            self._seen, self._lost = seen, lost_names(router, self.incidents.all())
        return self._lost

    async def begin(self) -> None:
        """Take over from the console that monitored before: its last messages and recent breaches."""
        await self.outages.begin()
        await self.concerns.begin()
        await self.closer.begin()
        now = self._clock.now()
        last = await self._store.deliveries.last_by_group(now - timedelta(hours=1))
        self.pipeline.groups.restore(last)
        broke = await self._store.breaches.found_since(now - REMEMBERED)
        self.pipeline.flaps.recall(
            (
                self.planner.breach_notice(one).thread,
                one.id,
                one.detected_at or one.breach_time,
            )
            for one in broke
        )

    async def look(
        self,
        connection: SourceState,
        last_sync: datetime | None,
        said: str | None,
        concerns: Mapping[str, Concern],
    ) -> bool:
        """Take note of how SuperOps is; return whether there is something new to send.

        Args:
            connection: How SuperOps is.
            last_sync: When it was read last.
            said: What it said where it does not answer.
            concerns: What else is not as it should be, by a name that stays while it lasts.
        """
        now = self._clock.now()
        news = await self.outages.connection_is(connection, last_sync, said, now)
        return await self.concerns.look({**concerns, **self.lost()}, now) or news

    async def oldest_urgent(self) -> datetime | None:
        """Return since when the oldest urgent message waits; None: none does.

        Raises:
            StoreError: if the store cannot be read.
        """
        return await self._store.deliveries.oldest_urgent()

    async def step(self) -> bool:
        """Do all that is due by the time of day; return whether there is something new to send."""
        now = self._clock.now()
        news = await self.daily_test.step(now)
        news = await self.rota.step(now) or news
        news = await self.renotify.step(now) > 0 or news
        return await self.closer.step(now) > 0 or news
