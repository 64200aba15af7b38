"""Settings about promises: the hours in which they count, and what was promised to whom."""

import difflib
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Annotated, Any, Final, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    BeforeValidator,
    Field,
    PlainValidator,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from sla_console.config.base import Name, SettingsGroup
from sla_console.config.holidays import known_country, known_region, public_holidays
from sla_console.config.naming import unknown_name
from sla_console.domain.names import folded
from sla_console.domain.people.people import HolidayRule
from sla_console.domain.sla.calendar import WEEKDAYS, BusinessCalendar, Interval
from sla_console.domain.sla.opening_intervals import DAY, LAST_MINUTES, read_interval
from sla_console.domain.sla.policy import (
    CLIENTS_HOURS,
    ROUND_THE_CLOCK,
    EscalationRule,
    SLAPolicy,
)

_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _stretch(value: Any) -> Any:
    if isinstance(value, list) and len(value) == 2 and all(isinstance(end, str) for end in value):
        return value
    raise PydanticCustomError("stretch", 'a pair such as ["09:00", "17:30"]')


def _local_date(value: Any) -> date:
    try:
        if isinstance(value, str) and _DATE.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise PydanticCustomError("local_date", "a date such as 2026-12-24")


Hours = Annotated[list[str], BeforeValidator(_stretch)]
"""One stretch of a day, such as ``["09:00", "17:30"]``; an end before its start runs on."""
LocalDate = Annotated[date, PlainValidator(_local_date)]
"""A date written as the key of a table, which TOML has as text."""


class HolidaySettings(SettingsGroup):
    """Days that are not as usual: holidays, a country's public ones, and half days."""

    holidays: list[date] = Field(default_factory=list)
    """Local dates on which nothing counts, whatever the weekday."""
    country: Name | None = None
    """Two letters of the country whose public holidays count too; not written: none."""
    region: Name | None = None
    """Region of the country, for its own holidays; not written: the whole country's alone."""

    overrides: dict[LocalDate, list[Hours]] = Field(default_factory=dict)
    """Hours of single dates, such as half days, that replace weekday and holiday; [] is closed."""

    @field_validator("overrides")
    @classmethod
    def _are_possible_days(
        cls, overrides: dict[date, list[list[str]]]
    ) -> dict[date, list[list[str]]]:
        for day, stretches in overrides.items():
            try:
                _intervals(stretches)
            except ValueError as error:
                raise ValueError(f"{day}: {error}") from None
        return overrides

    @field_validator("country")
    @classmethod
    def _is_a_country(cls, country: str | None) -> str | None:
        return country and known_country(country)

    @field_validator("region")
    @classmethod
    def _is_a_region(cls, region: str | None, info: ValidationInfo) -> str | None:
        if region is None or "country" not in info.data:  # a country that was refused is told of
            return region
        if info.data["country"] is None:
            raise ValueError(f"found {region!r} without a country, expected both; add country")
        return known_region(info.data["country"], region)

    def dates(self) -> frozenset[date]:
        """Return all of these days.

        Raises:
            ValueError: if the package with public holidays is missing.
        """
        public = public_holidays(self.country, self.region) if self.country else frozenset()
        return public.union(self.holidays)

    def hours_of_dates(self) -> dict[date, tuple[Interval, ...]]:
        """Return the dates with hours of their own."""
        return {day: tuple(_as_meant(hours)) for day, hours in self.overrides.items()}

    def notifications(self) -> list[str]:
        """Return how these hours are taken where that is not quite as written, in words."""
        # A start of the console has no use for it.
        from sla_console.domain.sla.lint import end_of_day_notices  # noqa: PLC0415

        return end_of_day_notices(
            (day, start, end) for day, hours in self._written() for start, end in hours
        )

    def _written(self) -> Iterator[tuple[str, list[Hours]]]:
        """Yield each weekday or date that has hours, as written."""
        for day, hours in self.overrides.items():
            yield day.isoformat(), hours


class SiteHolidaySettings(HolidaySettings):
    """Holidays of the sites in SuperOps, which gives their hours but not these dates."""

    client: Name | None = None
    """Name of the client whose sites they are for; not written: every client's."""
    site: Name | None = None
    """Name of the one site they are for; not written: every site's."""

    replace: bool = False
    """The days of wider entries do not count for these sites; false: they count too."""

    @model_validator(mode="after")
    def _names_days(self) -> Self:
        if not (self.holidays or self.country or self.overrides or self.replace):
            raise ValueError("it names no days; give holidays, country or overrides")
        if self.replace and self.client is None and self.site is None:
            raise ValueError(
                "found replace = true without client and site, expected one of them, because "
                "nothing is wider than every site; remove replace, or name whose days these are"
            )
        return self

    def as_domain(self) -> HolidayRule:
        """Return the rule these settings describe."""
        return HolidayRule(
            self.dates(), self.client, self.site, self.hours_of_dates(), self.replace
        )


class CalendarSettings(HolidaySettings):
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

    @field_validator("timezone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (LookupError, ValueError, OSError):
            known = {zone.rpartition("/")[2].casefold(): zone for zone in available_timezones()}
            close = difflib.get_close_matches(name.rpartition("/")[2].casefold(), known, n=1)
            advice = f"; did you mean {known[close[0]]}?" if close else ""
            raise ValueError(
                f"found {name!r}, expected an IANA time zone such as Europe/Dublin{advice}"
            ) from None
        return name

    @field_validator(*WEEKDAYS)
    @classmethod
    def _is_a_possible_day(cls, stretches: list[list[str]]) -> list[list[str]]:
        _intervals(stretches)
        return stretches

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        week = [_intervals(getattr(self, day)) for day in WEEKDAYS]
        for index, today in enumerate(week):
            tomorrow = (index + 1) % 7
            late = max((end - DAY for _, end in today), default=0)
            early = min((start for start, _ in week[tomorrow]), default=DAY)
            if early < late:
                raise ValueError(
                    f"the night of {WEEKDAYS[index]} runs into the hours of {WEEKDAYS[tomorrow]}, "
                    f"expected hours that do not overlap; write each stretch of time once"
                )
        self.as_domain()
        return self

    def as_domain(self) -> BusinessCalendar:
        """Return the calendar these settings describe.

        Raises:
            ValueError: if it is never open, or the package with public holidays is missing.
        """
        hours = {day: _as_meant(getattr(self, day)) for day in WEEKDAYS}
        return BusinessCalendar(self.timezone, hours, self.dates(), self.hours_of_dates())

    def _written(self) -> Iterator[tuple[str, list[Hours]]]:
        yield from ((day, getattr(self, day)) for day in WEEKDAYS)
        yield from super()._written()


def _as_meant(stretches: Sequence[Sequence[str]]) -> list[tuple[str, str]]:
    """Return one day's stretches, those until 23:59 until midnight: nobody means that minute."""
    return [(start, "24:00" if end in LAST_MINUTES else end) for start, end in stretches]


def _intervals(stretches: Sequence[Sequence[str]]) -> list[tuple[int, int]]:
    """Return one day's stretches in seconds after midnight, in order.

    Raises:
        ValueError: for an impossible time, an empty stretch, or two that overlap.
    """
    found = []
    for (start, end), (_, meant) in zip(stretches, _as_meant(stretches), strict=True):
        try:
            begin, finish = read_interval(start, meant, "")
        except ValueError as error:
            raise ValueError(str(error).removeprefix(": ")) from None
        if begin == finish:
            raise ValueError(
                f'found ["{start}", "{end}"], expected an end that is not its start; for a whole '
                f'day write ["00:00", "24:00"]'
            )
        found.append((begin, finish, start, end))
    found.sort()
    for one, other in pairwise(found):
        if other[0] < one[1]:
            raise ValueError(
                f'["{one[2]}", "{one[3]}"] and ["{other[2]}", "{other[3]}"] overlap; write each '
                f"stretch of time once"
            )
    return [(begin, finish) for begin, finish, _, _ in found]


class EscalationSettings(SettingsGroup):
    """One step of an escalation."""

    after_minutes: int = Field(ge=0, le=525_600)
    """Minutes after the breach, by the wall clock; skipped once somebody has acknowledged."""
    channels: list[Name] = Field(min_length=1)
    """Names of the channels that are told."""


class PolicySettings(SettingsGroup):
    """One promise, used for tickets that SuperOps gives no due times."""

    name: Name
    """What people call it; shown beside the ticket, and used once only."""
    sla: Name | None = None
    """SuperOps' name of the SLA that it describes; not written: any."""
    client: Name | None = None
    """Name of the client it was made to; not written: any."""
    group: Name | None = None
    """Technician group of the tickets it is for; not written: any."""
    priority: Name | None = None
    """Priority of the tickets it is for; not written: any."""
    request_type: Name | None = None
    """Request type of the tickets it is for, such as "Incident"; not written: any."""
    order: int | None = Field(default=None, ge=0, le=10_000)
    """Decides between equally specific policies, the lowest first; not written: by name, last."""
    response_minutes: int | None = Field(default=None, gt=0, le=525_600)
    """Minutes to the first response; not written: none promised."""
    resolution_hours: float | None = Field(default=None, gt=0, le=8760, allow_inf_nan=False)
    """Hours to the resolution; not written: none promised."""
    business_hours_only: bool = True
    """Only time inside business hours counts; false: every minute does."""
    calendar: Name | None = None
    """Calendar whose hours count; not written: those of the ticket's client."""
    response_calendar: Name | None = None
    """Hours for the first response where they differ: a calendar, "24x7" for every hour, or
    "client" for the hours of the ticket's client; not written: as the resolution."""
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
        conditions = [self.sla, self.client, self.group, self.priority, self.request_type]
        if self.default and any(conditions):
            raise ValueError(
                f"{self.name!r} has default = true and conditions; expected one of them, because "
                f"the default is for tickets that match nothing else"
            )
        if not self.default and not any(conditions):
            raise ValueError(
                f"{self.name!r} matches no ticket; give sla, client, group, priority or "
                f"request_type, or default = true"
            )
        if self.calendar and not self.business_hours_only:
            raise ValueError(
                f"{self.name!r} has calendar = {self.calendar!r} and business_hours_only = false; "
                f"expected one of them, because without business hours no calendar counts"
            )
        if self.response_calendar and self.response_minutes is None:
            raise ValueError(
                f"{self.name!r} has response_calendar = {self.response_calendar!r} and promises no "
                f"first response; give response_minutes, or remove response_calendar"
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
            group=self.group,
            request_type=self.request_type,
            order=self.order,
            calendar=self.calendar,
            response_calendar=self.response_calendar,
        )


def calendar_faults(
    policies: Sequence[PolicySettings], calendars: Mapping[str, CalendarSettings]
) -> Iterator[str]:
    """Yield, in words, each policy whose calendar does not exist."""
    for index, policy in enumerate(policies):
        if policy.calendar is not None and policy.calendar not in calendars:
            key = f"policies[{index}].calendar"
            yield unknown_name(key, policy.calendar, calendars, "calendars")
        name, key = policy.response_calendar, f"policies[{index}].response_calendar"
        meant = name in {ROUND_THE_CLOCK, CLIENTS_HOURS}
        if meant and name in calendars:
            yield (
                f"{key}: found {name!r}, which has a meaning of its own and is a calendar's name "
                f"too, expected one of the two; rename the calendar"
            )
        elif name is not None and not meant and name not in calendars:
            yield unknown_name(key, name, [*calendars, ROUND_THE_CLOCK, CLIENTS_HOURS], "calendars")


def repeated(names: list[str]) -> str | None:
    """Return the first name that stands more than once, compared without case, or None."""
    counts = Counter(map(folded, names))
    return next((name for name in names if counts[folded(name)] > 1), None)
