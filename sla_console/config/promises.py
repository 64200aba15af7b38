"""Settings about promises: the hours in which they count, and what was promised to whom."""

from collections import Counter
from collections.abc import Collection
from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator

from sla_console.config.base import Group, Name
from sla_console.domain.calendar import WEEKDAYS, BusinessCalendar
from sla_console.domain.policy import EscalationRule, SLAPolicy

Hours = Annotated[list[str], Field(min_length=2, max_length=2)]
"""One stretch of a day, such as ``["09:00", "17:30"]``; an end before its start runs on."""


class CalendarSettings(Group):
    """Business hours in one time zone."""

    timezone: Name
    """The IANA zone that the hours are in, such as "Europe/Dublin"; summer time follows from it."""
    mon: list[Hours] = Field(default_factory=list)
    """Stretches of Monday that count; none means closed."""
    tue: list[Hours] = Field(default_factory=list)
    """Stretches of Tuesday that count."""
    wed: list[Hours] = Field(default_factory=list)
    """Stretches of Wednesday that count."""
    thu: list[Hours] = Field(default_factory=list)
    """Stretches of Thursday that count."""
    fri: list[Hours] = Field(default_factory=list)
    """Stretches of Friday that count."""
    sat: list[Hours] = Field(default_factory=list)
    """Stretches of Saturday that count."""
    sun: list[Hours] = Field(default_factory=list)
    """Stretches of Sunday that count."""
    holidays: list[date] = Field(default_factory=list)
    """Local dates on which nothing counts, whatever the weekday."""

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        self.as_domain()
        return self

    def as_domain(self) -> BusinessCalendar:
        """Return the calendar these settings describe.

        Raises:
            ValueError: for an unknown zone, impossible hours, or no hours at all.
        """
        hours = {day: [(start, end) for start, end in getattr(self, day)] for day in WEEKDAYS}
        return BusinessCalendar(self.timezone, hours, self.holidays)


class EscalationSettings(Group):
    """One step of an escalation."""

    after_minutes: int = Field(ge=0, le=525_600)
    """Minutes after the breach, by the wall clock; skipped once somebody has acknowledged."""
    channels: list[Name] = Field(min_length=1)
    """Names of the channels that are told."""


class PolicySettings(Group):
    """One promise, used for tickets that SuperOps gives no due times."""

    name: Name
    """What people call it; shown beside the ticket, and used once only."""
    sla: Name | None = None
    """SuperOps' name of the SLA that it describes; not written: any."""
    client: Name | None = None
    """Name of the client it was made to; not written: any."""
    priority: Name | None = None
    """Priority of the tickets it is for; not written: any."""
    response_minutes: int | None = Field(default=None, gt=0, le=525_600)
    """Minutes to the first response; not written: none promised."""
    resolution_hours: float | None = Field(default=None, gt=0, le=8760, allow_inf_nan=False)
    """Hours to the resolution; not written: none promised."""
    business_hours_only: bool = True
    """Only time inside business hours counts; false: every minute does."""
    default: bool = False
    """Used where no other policy matches."""
    escalation: list[EscalationSettings] = Field(default_factory=list)
    """Who is told while a breach of it stays unacknowledged, and when."""

    @model_validator(mode="after")
    def _is_a_promise(self) -> Self:
        if self.response_minutes is None and self.resolution_hours is None:
            raise ValueError(
                f"{self.name!r} promises nothing; give response_minutes, resolution_hours or both"
            )
        conditions = [self.sla, self.client, self.priority]
        if self.default and any(conditions):
            raise ValueError(
                f"{self.name!r} has default = true and conditions; expected one of them, because "
                f"the default is for tickets that match nothing else"
            )
        if not self.default and not any(conditions):
            raise ValueError(
                f"{self.name!r} matches no ticket; give sla, client or priority, or default = true"
            )
        return self

    def as_domain(self, channels: Collection[str]) -> SLAPolicy:
        """Return the policy these settings describe.

        Args:
            channels: Names of the enabled channels; its steps tell no others.
        """
        steps = sorted(self.escalation, key=lambda step: step.after_minutes)
        return SLAPolicy(
            id=f"config:{self.name}",
            name=self.name,
            priority_level=self.priority,
            response_time_minutes=self.response_minutes,
            resolution_time_hours=self.resolution_hours,
            business_hours_only=self.business_hours_only,
            escalation_rules=tuple(
                EscalationRule(
                    step.after_minutes, tuple(name for name in step.channels if name in channels)
                )
                for step in steps
            ),
            sla_name=self.sla,
            client=self.client,
            default=self.default,
        )


def repeated(names: list[str]) -> str | None:
    """Return the first name that stands more than once, compared without case, or None."""
    counts = Counter(map(str.casefold, names))
    return next((name for name in names if counts[name.casefold()] > 1), None)
