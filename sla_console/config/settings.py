"""The settings, one group a table of ``config.toml``.

``config.example.toml`` shows each with its reason. Groups about promises and alerts have modules of
their own.
"""

import os
import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, PrivateAttr, field_validator, model_validator

from sla_console.config.alerts import AlertSettings
from sla_console.config.base import Name, PathText, SecretGroup, SecretText, SettingsGroup
from sla_console.config.contracts import ContractSettings
from sla_console.config.hooks import HookSettings
from sla_console.config.log import LogSettings
from sla_console.config.priorities import PrioritySettings
from sla_console.config.promises import (
    CalendarSettings,
    PolicySettings,
    SiteHolidaySettings,
    calendar_faults,
)
from sla_console.config.reports import ReportSettings
from sla_console.config.screen import UISettings
from sla_console.config.secrets import SecretSource
from sla_console.domain.alerts.alert import AlertRule
from sla_console.domain.alerts.warning import WarningLevel
from sla_console.domain.errors import UserError
from sla_console.domain.forecast.risk import RiskThresholds
from sla_console.domain.names import folded
from sla_console.domain.people.people import HolidayRule
from sla_console.domain.sla.calendar import BusinessCalendar
from sla_console.domain.sla.policy import SLAPolicy
from sla_console.domain.tickets.log_map import LogMap
from sla_console.domain.tickets.ticket import USUAL_CLOSED, USUAL_HOLD, StatusPhases

TOKEN_VARIABLE = "SLA_CONSOLE_TOKEN"  # noqa: S105 - its name, not the token
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:\d{1,5})?")


class SuperOpsSettings(SecretGroup):
    """How to reach the service desk."""

    stem: ClassVar[str | None] = "token"

    url: Name = "https://api.superops.ai/msp"
    """Address of the API; accounts in the EU use https://euapi.superops.ai/msp."""
    subdomain: str = ""
    """The account's subdomain, sent with each request; SuperOps shows it under MSP Information."""
    portal: str | None = None
    """Host that ticket links point to; not written: <subdomain>.superops.ai."""
    token: SecretText | None = None
    """The API token itself. The file must then be yours alone (0600); a reference is better."""
    token_env: Name | None = None
    """Name of the environment variable that holds the token."""
    token_file: PathText | None = None
    """File of mode 0600 that holds the token."""
    token_command: Name | None = None
    """Command whose first line of output is the token; run without a shell."""
    token_keyring: Name | None = None
    """Entry of the desktop's keyring that holds the token, as "service/username"."""
    requests_per_minute: int = Field(default=60, ge=1, le=800)
    """Requests the console allows itself. SuperOps allows 100 to all programs together."""
    timeout_seconds: int = Field(default=30, ge=1, le=300)
    """Seconds one request may take in all; reading conversations is slow at times."""
    max_answer_megabytes: int = Field(default=16, ge=1, le=256)
    """Larger answers are refused, so that a broken one cannot fill the memory."""

    @field_validator("url")
    @classmethod
    def _is_safe(cls, url: str) -> str:
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname, parts.port
        except ValueError:
            host = None
        if not host or parts.scheme not in {"https", "http"} or "@" in parts.netloc:
            raise ValueError(
                f"found {url!r}, expected an address such as https://api.superops.ai/msp"
                if "@" not in url
                else "expected an address without a user or password in it"
            )
        if parts.scheme == "http" and host not in _LOOPBACK:
            raise ValueError(
                f"found {url!r}, expected https, because the token would cross the network in "
                f"the open"
            )
        return url

    @field_validator("subdomain")
    @classmethod
    def _is_a_name(cls, subdomain: str) -> str:
        name = subdomain.strip()
        if name and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]{0,62}", name):
            raise ValueError(
                f"found {subdomain!r}, expected the name alone, such as acme for acme.superops.ai"
            )
        return name

    @field_validator("portal")
    @classmethod
    def _is_a_host(cls, portal: str | None) -> str | None:
        if portal is not None and not _HOST.fullmatch(portal):
            raise ValueError(
                f"found {portal!r}, expected a host without https:// and path, "
                f"such as desk.example.com"
            )
        return portal


class SyncSettings(SettingsGroup):
    """How often tickets are read. More often costs requests."""

    hot_seconds: int = Field(default=20, ge=5, le=3600)
    """Seconds between reads of tickets that are near their due time, late, or just changed."""
    open_seconds: int = Field(default=60, ge=10, le=86_400)
    """Seconds between sweeps over everything open, a hundred tickets a request."""
    catalogue_minutes: int = Field(default=30, ge=1, le=10_080)
    """Minutes between reads of technicians, clients, sites and SLA names, which seldom change."""
    stale_after_seconds: int = Field(default=180, ge=10, le=86_400)
    """Data older than this is marked as stale on the screen."""
    history_days: int = Field(default=100, ge=0, le=3650)
    """Days of tickets closed before the first start that are read for reports and figures."""
    drop_percent: int = Field(default=50, ge=1, le=100)
    """Share of the open tickets that SuperOps may leave out at once; more is not believed."""
    drop_confirm_minutes: int = Field(default=15, ge=1, le=1440)
    """Minutes after which such a drop is believed if SuperOps still says so."""
    missing_hours: int = Field(default=72, ge=1, le=8760)
    """Hours after which a ticket leaves the board of which SuperOps says nothing any more."""


class StatusSettings(SettingsGroup):
    """What the names of statuses mean. SuperOps lets each account name its own and says no more."""

    hold: list[Name] = Field(default=[*USUAL_HOLD])
    """Statuses in which promised time stands still."""
    closed: list[Name] = Field(default=[*USUAL_CLOSED])
    """Statuses that end a ticket."""

    @model_validator(mode="after")
    def _mean_one_thing(self) -> Self:
        holding = {folded(name) for name in self.hold}
        name = next((name for name in self.closed if folded(name) in holding), None)
        if name is not None:
            raise ValueError(f"{name!r} stands under hold and under closed; leave it in one")
        if not self.closed:
            raise ValueError("closed is empty, so no ticket would ever end; name the statuses")
        return self

    def as_domain(self) -> StatusPhases:
        """Return what each status means for the clocks."""
        return StatusPhases.of(tuple(self.hold), tuple(self.closed))


class SLASettings(SettingsGroup):
    """Settings that say which targets a ticket owes."""

    no_first_response_for: list[Name] = Field(default=["AGENT"])
    """Sources of tickets that owe no first response, such as those that a technician opens."""


class RiskSettings(SettingsGroup):
    """Where a running clock becomes more worrying: by share of its target used, or by time left."""

    medium_percent: int = Field(default=50, ge=1, le=100)
    """Percent of the target used at which the risk is MEDIUM."""
    high_percent: int = Field(default=75, ge=1, le=100)
    """Percent of the target used at which the risk is HIGH."""
    critical_percent: int = Field(default=90, ge=1, le=100)
    """Percent of the target used at which the risk is CRITICAL."""
    high_minutes: int = Field(default=60, ge=0, le=10_080)
    """Promised minutes left at which the risk is HIGH, whatever the share."""
    critical_minutes: int = Field(default=15, ge=0, le=10_080)
    """Promised minutes left at which the risk is CRITICAL, whatever the share."""

    @model_validator(mode="after")
    def _rise(self) -> Self:
        if not self.medium_percent <= self.high_percent <= self.critical_percent:
            raise ValueError(
                f"found {self.medium_percent}, {self.high_percent} and {self.critical_percent} "
                f"percent for medium, high and critical, expected them to rise"
            )
        if self.critical_minutes > self.high_minutes:
            raise ValueError(
                f"found critical_minutes {self.critical_minutes} above high_minutes "
                f"{self.high_minutes}, expected at most as many"
            )
        return self

    def as_domain(self) -> RiskThresholds:
        """Return the thresholds."""
        return RiskThresholds(
            medium_share=self.medium_percent / 100,
            high_share=self.high_percent / 100,
            critical_share=self.critical_percent / 100,
            high_left=timedelta(minutes=self.high_minutes),
            critical_left=timedelta(minutes=self.critical_minutes),
        )


class WarningSettings(SettingsGroup):
    """When somebody is warned before a promise is broken."""

    percent: list[Annotated[int, Field(ge=1, le=99)]] = Field(default=[75, 90])
    """Percents of a target used, rising, at which a warning is sent; an empty list sends none."""
    minutes: list[Annotated[int, Field(ge=1, le=100_000)]] = Field(default_factory=list)
    """Minutes of promised time before the due time, falling, at which a warning is sent too."""

    @field_validator("percent")
    @classmethod
    def _rise(cls, percent: list[int]) -> list[int]:
        if percent != sorted(set(percent)):
            raise ValueError(f"found {percent}, expected each once and rising, such as [75, 90]")
        return percent

    @field_validator("minutes")
    @classmethod
    def _fall(cls, minutes: list[int]) -> list[int]:
        if minutes != sorted(set(minutes), reverse=True):
            raise ValueError(f"found {minutes}, expected each once and falling, such as [60, 15]")
        return minutes

    def levels(self) -> tuple[WarningLevel, ...]:
        """Return the levels, percents first."""
        by_share = (WarningLevel(percent=percent) for percent in self.percent)
        return (*by_share, *(WarningLevel(minutes=minutes) for minutes in self.minutes))


class StoreSettings(SettingsGroup):
    """Where what survives is kept."""

    data_dir: PathText | None = None
    """Folder of the database and the log; not written: where this system keeps such things."""
    key_file: PathText | None = None
    """File of the database's key, made on first start; not written: beside the default config."""
    keep_closed_days: int = Field(default=800, ge=1, le=3650)
    """Days that closed tickets are kept for reports; a year beside the one before takes two."""


class LoggingSettings(SettingsGroup):
    """What is written to the log."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """The least important messages that are still written."""


class Settings(SettingsGroup):
    """Everything a person may decide, checked."""

    superops: SuperOpsSettings = SuperOpsSettings()
    """How to reach the service desk."""
    sync: SyncSettings = SyncSettings()
    """How often tickets are read."""
    statuses: StatusSettings = StatusSettings()
    """What the names of statuses mean."""
    calendars: dict[Name, CalendarSettings] = Field(default_factory=dict)
    """Business hours, by a name of your own."""
    default_calendar: Name | None = None
    """Calendar of tickets without hours of their own; not written: their client's, else 24x7."""
    site_holidays: list[SiteHolidaySettings] = Field(default_factory=list)
    """Holidays of the clients' sites, whose hours SuperOps gives without them."""
    contracts: ContractSettings = ContractSettings()
    """Percentages of promises that must be kept in a month."""
    policies: list[PolicySettings] = Field(default_factory=list)
    """Promises, for tickets that SuperOps gives no due times; the most specific match wins."""
    sla: SLASettings = SLASettings()
    """Rules that say which targets a ticket owes."""
    priorities: PrioritySettings = PrioritySettings()
    """How urgent each of the desk's priorities is."""
    risk: RiskSettings = RiskSettings()
    """Where a running clock becomes more worrying."""
    warnings: WarningSettings = WarningSettings()
    """When somebody is warned before a promise is broken."""
    alerts: AlertSettings = AlertSettings()
    """Who is told what."""
    hooks: HookSettings = HookSettings()
    """Receiver of links in messages, and of events."""
    reports: ReportSettings = ReportSettings()
    """Reports of what was promised and kept."""
    log: LogSettings = LogSettings()
    """How a log of tickets is read that promises are tried on."""
    ui: UISettings = UISettings()
    """How the console looks and behaves."""
    store: StoreSettings = StoreSettings()
    """Where what survives is kept."""
    logging: LoggingSettings = LoggingSettings()
    """What is written to the log."""

    _file: Path | None = PrivateAttr(default=None)

    @model_validator(mode="after")
    def _policies_name_calendars(self) -> Self:
        fault = next(calendar_faults(self.policies, self.calendars), None)
        if fault is not None:
            raise ValueError(fault)
        return self

    @property
    def file(self) -> Path | None:
        """The file these settings were read from, None if there was none."""
        return self._file

    def read_from(self, file: Path | None) -> Self:
        """Remember the file these settings come from, for messages; return the settings."""
        self._file = file
        return self

    def require_subdomain(self) -> str:
        """Return the account's subdomain.

        Raises:
            UserError: if none is set.
        """
        if not self.superops.subdomain:
            raise UserError(
                f"{self._file or 'no configuration'}: superops.subdomain is missing; write "
                f'subdomain = "acme" under [superops], or set SLA_CONSOLE_SUPEROPS__SUBDOMAIN'
            )
        return self.superops.subdomain

    @property
    def portal_host(self) -> str | None:
        """Host that ticket links point to, None while the subdomain is not known."""
        subdomain = self.superops.subdomain
        return self.superops.portal or (f"{subdomain}.superops.ai" if subdomain else None)

    def token_source(self, environ: Mapping[str, str] | None = None) -> SecretSource:
        """Return where the API token comes from; ``SLA_CONSOLE_TOKEN`` if nothing says so.

        Args:
            environ: The environment to read from; None: the process's own.
        """
        return self.superops.source("superops", environ) or SecretSource.environment(
            TOKEN_VARIABLE, os.environ if environ is None else environ
        )

    def channel_sources(self, environ: Mapping[str, str] | None = None) -> dict[str, SecretSource]:
        """Return where the URL of each enabled channel comes from, by the channel's name.

        Args:
            environ: The environment to read from; None: the process's own.
        """
        found = {
            name: channel.source(f"alerts.channels.{name}", environ)
            for name, channel in self.alerts.channels.items()
            if channel.enabled
        }
        return {name: source for name, source in found.items() if source is not None}

    def policies_as_domain(self) -> list[SLAPolicy]:
        """Return the promises in the order they were written; they escalate to enabled channels."""
        return [policy.as_domain(self._enabled()) for policy in self.policies]

    def calendars_as_domain(self) -> dict[str, BusinessCalendar]:
        """Return the calendars by name."""
        return {name: calendar.as_domain() for name, calendar in self.calendars.items()}

    def site_holidays_as_domain(self) -> list[HolidayRule]:
        """Return the holidays of the clients' sites."""
        return [rule.as_domain() for rule in self.site_holidays]

    def log_as_domain(self) -> LogMap:
        """Return how a log of tickets is read; statuses that are written here count in it."""
        return self.log.as_domain(str(self._file or ""), self.own_statuses())

    def own_statuses(self) -> dict[str, list[str]]:
        """Return the lists of statuses that somebody wrote, by what they mean."""
        found = {"hold": self.statuses.hold, "closed": self.statuses.closed}
        written = self.statuses.model_fields_set
        return {key: names for key, names in found.items() if key in written}

    def rules_as_domain(self) -> list[AlertRule]:
        """Return the rules in the order in which they were written."""
        enabled = self._enabled()
        return [rule.as_domain(enabled, self.alerts.routes) for rule in self.alerts.rules]

    def _enabled(self) -> tuple[str, ...]:
        return self.alerts.enabled()
