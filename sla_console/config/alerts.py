"""Settings about alerts: who is told what, when, and what happens where nobody answers."""

import re
from collections.abc import Collection, Mapping
from datetime import time, timedelta
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import AfterValidator, Field

from sla_console.config.base import Name, PathText, SettingsGroup
from sla_console.config.channels import ChannelSettings, HeartbeatSettings
from sla_console.config.escalation import EscalationPlanSettings, RouteSettings, TargetSettings
from sla_console.config.maintenance import MaintenanceSettings
from sla_console.config.on_call import PersonSettings, RotationSettings
from sla_console.domain.alerts.alert import AlertEvent, AlertRule, RuleHours
from sla_console.domain.alerts.escalation import Escalations
from sla_console.domain.alerts.usual_rates import BurstSettings
from sla_console.domain.forecast.risk import RiskLevel

if TYPE_CHECKING:
    # Imported when they are used: the first screen is painted before that.
    from sla_console.domain.alerts.silence import MaintenanceWindow
    from sla_console.domain.people.directory import Directory

NEVER: Final = "never"


def _level(text: str) -> str:
    if re.fullmatch(r"\d{1,6}[%m]", text, re.ASCII):
        return text
    raise ValueError(f'found {text!r}, expected a level of warnings such as "90%" or "30m"')


class RuleSettings(TargetSettings):
    """Which events go where. The first rule that matches ends the search."""

    name: Name
    """What people call it; used once only."""
    events: list[
        Literal[
            "warning",
            "breach",
            "escalation",
            "reminder",
            "recovery",
            "forecast",
            "burst",
            "monitor",
        ]
    ] = Field(default_factory=list)
    """What happened; an empty list matches everything."""
    priorities: list[Name] = Field(default_factory=list)
    """Priorities of the ticket, compared without case; an empty list matches all."""
    clients: list[Name] = Field(default_factory=list)
    """Names of the client, compared without case; an empty list matches all."""
    groups: list[Name] = Field(default_factory=list)
    """Technician groups, compared without case; an empty list matches all."""
    policies: list[Name] = Field(default_factory=list)
    """Names of the policy, compared without case; an empty list matches all."""
    levels: list[Annotated[Name, AfterValidator(_level)]] = Field(default_factory=list)
    """Levels of warnings, such as "90%" or "30m"; an empty list matches all."""
    min_risk: Literal["LOW", "MEDIUM", "HIGH", "CRITICAL"] = "LOW"
    """The least severity, which follows from the ticket's priority."""
    hours: Literal["any", "inside", "outside"] = "any"
    """Only inside, or only outside, the business hours of the ticket's client."""
    escalation: Name | None = None
    """Escalation that a breach begins; not written: alerts.escalation."""
    quiet_hours: bool | None = None
    """Hold back what is not urgent outside the client's hours; not written: alerts.quiet_hours."""
    proceed: bool = Field(default=False, alias="continue")
    """Go on to the next rules although this one matched."""

    def as_domain(
        self, channels: Collection[str], routes: Mapping[str, RouteSettings] | None = None
    ) -> AlertRule:
        """Return the rule these settings describe.

        Args:
            channels: Names of the enabled channels; others are left out of the rule.
            routes: The routes that it may name.
        """
        return AlertRule(
            name=self.name,
            events=tuple(AlertEvent(event) for event in self.events),
            priorities=tuple(self.priorities),
            clients=tuple(self.clients),
            proceed=self.proceed,
            groups=tuple(self.groups),
            policies=tuple(self.policies),
            levels=tuple(self.levels),
            min_risk=RiskLevel(self.min_risk),
            hours=RuleHours(self.hours),
            route=self.as_route(routes or {}, channels),
            escalation=self.escalation,
            quiet=self.quiet_hours,
        )


def _time_of_day(text: str) -> str:
    if text == NEVER or re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text):
        return text
    raise ValueError(f'found {text!r}, expected a local time such as "10:00", or "never"')


class BurstAlertSettings(SettingsGroup):
    """When many tickets of one client or one category at once are a message of their own."""

    enabled: bool = True
    """Look for them; false: never."""
    window_minutes: int = Field(default=30, ge=5, le=240)
    """Minutes within which tickets are counted."""
    at_least: int = Field(default=5, ge=3, le=1000)
    """Tickets below which nothing is a burst."""
    false_alarms_a_year: float = Field(default=1.0, gt=0, le=366, allow_inf_nan=False)
    """How many bursts a year chance alone may raise on the whole desk; less is quieter."""

    def as_domain(self) -> BurstSettings:
        """Return the settings as the count takes them."""
        return BurstSettings(
            self.enabled,
            timedelta(minutes=self.window_minutes),
            self.at_least,
            self.false_alarms_a_year,
        )


class AlertSettings(SettingsGroup):
    """Who is told what."""

    channels: dict[Name, ChannelSettings] = Field(default_factory=dict)
    """The places that alerts are sent to, by a name of your own."""
    routes: dict[Name, RouteSettings] = Field(default_factory=dict)
    """Who is told together, by a name of your own, for rules and steps to name."""
    people: dict[Name, PersonSettings] = Field(default_factory=dict)
    """People and the channels that reach them."""
    on_call: dict[Name, RotationSettings] = Field(default_factory=dict)
    """Who is on call when."""
    rules: list[RuleSettings] = Field(default_factory=list)
    """Which events go where, first match first; none: all but forecasts goes to every channel."""
    escalations: dict[Name, EscalationPlanSettings] = Field(default_factory=dict)
    """What happens to a breach that nobody takes, step by step."""
    escalation: Name | None = None
    """Escalation of breaches whose policy and rule name none; not written: none."""
    escalation_channels: list[Name] = Field(default_factory=list)
    """Channels told when somebody escalates by hand a breach without a further step."""
    maintenance: list[MaintenanceSettings] = Field(default_factory=list)
    """Times in which nothing is told of what they match."""
    acknowledge_urgent_minutes: int = Field(default=30, ge=0, le=100_000)
    """Minutes for which an acknowledgement of a critical breach holds; 0: for ever."""
    acknowledge_minutes: int = Field(default=240, ge=0, le=100_000)
    """Minutes for which any other holds; 0: for ever."""
    quiet_hours: bool = True
    """Hold back what is below HIGH until the hours of the ticket's client."""
    group_wait_seconds: int = Field(default=20, ge=0, le=3600)
    """Seconds that things of one client and clock wait for each other; the first urgent one never."""
    group_interval_seconds: int = Field(default=300, ge=0, le=86_400)
    """Seconds between two messages of one client and clock that are not urgent."""
    repeat_hours: int = Field(default=4, ge=0, le=720)
    """Hours after which what is broken and nobody's is told again; 0: never."""
    storm_per_minute: int = Field(default=20, ge=1, le=100_000)
    """New messages a minute to one channel above which they become one digest."""
    forecast_percent: int = Field(default=80, ge=50, le=99)
    """Probability from which a forecast is told, where a rule names forecasts."""
    forecast_budget_percent: int = Field(default=10, ge=1, le=100)
    """Share of the open tickets that forecasts are told of at most, the most likely first."""
    canary_at: Annotated[Name, AfterValidator(_time_of_day)] = "10:00"
    """Local time of the daily test message through each channel; "never": none."""
    bursts: BurstAlertSettings = BurstAlertSettings()
    """Many tickets of one client or one category at once."""
    heartbeat: HeartbeatSettings = HeartbeatSettings()
    """Address that is asked every minute while all is well, so that silence is noticed outside."""
    templates: PathText | None = None
    """Folder with templates of your own; not written: the console's."""
    max_attempts: int = Field(default=500, ge=1, le=10_000)
    """Tries before a message is given up and shown as dead; 500 outlast most of a day's outage."""
    give_up_hours: int = Field(default=24, ge=1, le=720)
    """Age in hours at which a message that no channel takes is given up."""
    send_timeout_seconds: int = Field(default=20, ge=1, le=300)
    """Seconds one try may take; a slow mail server needs several."""
    write_notes: bool = True
    """Acknowledging or escalating also writes a private note to the ticket in SuperOps."""

    def enabled(self) -> tuple[str, ...]:
        """Return the names of the channels that are used."""
        return tuple(name for name, channel in self.channels.items() if channel.enabled)

    def renamed(self) -> dict[str, str]:
        """Return what each channel that has another name now is called, by its earlier names."""
        return {
            old: name
            for name, channel in self.channels.items()
            if channel.enabled
            for old in channel.renamed_from
        }

    def escalations_as_domain(self) -> Escalations:
        """Return what happens to breaches that nobody takes."""
        enabled = self.enabled()
        return Escalations(
            plans={
                name: plan.as_domain(name, self.routes, enabled)
                for name, plan in self.escalations.items()
            },
            default=self.escalation,
            by_hand=tuple(name for name in self.escalation_channels if name in enabled),
            acknowledged_urgent=_minutes(self.acknowledge_urgent_minutes),
            acknowledged=_minutes(self.acknowledge_minutes),
        )

    def directory_as_domain(self) -> "Directory":
        """Return who is reached through which channel, and who is on call."""
        from sla_console.domain.people.directory import Directory  # noqa: PLC0415 - see above

        enabled = self.enabled()
        return Directory(
            {name: person.as_domain(name, enabled) for name, person in self.people.items()},
            {name: rotation.as_domain(name) for name, rotation in self.on_call.items()},
        )

    def maintenance_as_domain(self) -> "tuple[MaintenanceWindow, ...]":
        """Return the times in which nothing is told."""
        return tuple(window.as_domain() for window in self.maintenance)

    def canary_time(self) -> time | None:
        """Return the local time of the daily test; None: never."""
        return None if self.canary_at == NEVER else time.fromisoformat(self.canary_at)


def _minutes(minutes: int) -> timedelta | None:
    return timedelta(minutes=minutes) if minutes else None
