"""Settings about reports: whose months, who stands in them, and who gets them when."""

from collections.abc import Collection
from datetime import time
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from sla_console.config.base import Name, SettingsGroup
from sla_console.config.on_call import DAYS, Day, Zone, time_of_day
from sla_console.config.promises import repeated
from sla_console.domain.figures.report_schedule import Every, ReportSchedule
from sla_console.domain.names import folded


class ExclusionSettings(SettingsGroup):
    """Tickets that count in no report."""

    tickets: list[Name] = Field(min_length=1)
    """Their numbers, or their ids where two tickets carry one number."""
    reason: Name
    """Why; it stands in the report."""
    by: Name
    """Who decided it; stands there too."""


class ScheduleSettings(SettingsGroup):
    """A report that is sent by itself."""

    name: Name
    """What people call it; used once only."""
    every: Literal["week", "month", "quarter"] = "month"
    """It is about the whole week, month or quarter before."""
    on: Day = "mon"
    """For weeks: the day on which it is sent."""
    day: int = Field(default=1, ge=1, le=28)
    """For months and quarters: the day of the month on which it is sent."""
    at: Name = "07:00"
    """Time of day, in the zone of the reports."""
    channels: list[Name] = Field(min_length=1)
    """Names of alert channels that take attachments."""
    format: Literal["html", "csv", "json", "md"] = "html"
    """What is attached."""
    clients: list[Name] = Field(default_factory=list)
    """Only tickets of these clients; an empty list is for all."""
    groups: list[Name] = Field(default_factory=list)
    """Only tickets of these technician groups; an empty list is for all."""
    freeze: bool = False
    """Freeze what is sent, so that it gives the same figures for ever."""

    @field_validator("at")
    @classmethod
    def _is_a_time(cls, at: str) -> str:
        return time_of_day(at)

    def as_domain(self, channels: Collection[str]) -> ReportSchedule:
        """Return the schedule these settings describe.

        Args:
            channels: Names of the enabled channels; others are left out of it.
        """
        return ReportSchedule(
            name=self.name,
            every=Every(self.every),
            weekday=DAYS.index(self.on),
            day=self.day,
            at=time.fromisoformat(self.at),
            channels=tuple(name for name in dict.fromkeys(self.channels) if name in channels),
            form=self.format,
            clients=tuple(self.clients),
            groups=tuple(self.groups),
            freeze=self.freeze,
        )


class ReportSettings(SettingsGroup):
    """Reports of what was promised and kept."""

    timezone: Zone | None = None
    """IANA zone of months, weekdays and hours; not written: ui.timezone, else the machine's."""
    least_people: int = Field(default=5, ge=1, le=1000)
    """Groups, types, priorities and technicians with tickets of fewer people stand under
    "others", so that no person shows."""
    family: Name | None = None
    """Reports of one family call a requester by the same pseudonym; not written: the subdomain."""
    may_identify: list[Name] = Field(default_factory=list)
    """Operators who may have a report with the requesters' names (--identify)."""
    exclusions: list[ExclusionSettings] = Field(default_factory=list)
    """Tickets that count in no report, with the reason."""
    schedule: list[ScheduleSettings] = Field(default_factory=list)
    """Reports that are sent by themselves."""

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        twice = repeated([one.name for one in self.schedule])
        if twice:
            raise ValueError(f"found the report {twice!r} more than once; rename one")
        numbers = [number for one in self.exclusions for number in one.tickets]
        twice = repeated(numbers)
        if twice:
            raise ValueError(f"found ticket {twice!r} excluded more than once; remove one")
        return self

    def excluded(self) -> dict[str, tuple[str, str]]:
        """Return why and by whom each ticket is excluded, by its number or id in lower case."""
        return {
            folded(number): (one.reason, one.by)
            for one in self.exclusions
            for number in one.tickets
        }
