"""Settings about people: how they are reached, and who is on call when."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from sla_console.config.base import Name, SettingsGroup
from sla_console.config.naming import unknown_name
from sla_console.domain.alerts.route import ASSIGNEE
from sla_console.domain.names import nearest

if TYPE_CHECKING:
    # Imported when they are used: the first screen is painted before that.
    from sla_console.domain.people.directory import Person
    from sla_console.domain.people.on_call import Rotation, Shift

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME: Final = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
_YEARS: Final = range(1970, 9999)
"""Years whose every local time is a moment in UTC, whatever the zone."""


def zone_name(name: str) -> str:
    """Return the name of a zone that exists.

    Raises:
        ValueError: if there is none of that name.
    """
    try:
        ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        known = {zone.rpartition("/")[2].casefold(): zone for zone in available_timezones()}
        city = nearest(name.rpartition("/")[2], known)
        advice = f"; did you mean {known[city]}?" if city else ""
        raise ValueError(
            f"found {name!r}, expected an IANA time zone such as Europe/Dublin{advice}"
        ) from None
    return name


def time_of_day(text: str) -> str:
    """Return a local time of day.

    Raises:
        ValueError: if it is none, or the end of a day.
    """
    if _TIME.fullmatch(text):
        return text
    raise ValueError(f'found {text!r}, expected a local time such as "09:00"')


def wall(text: str) -> str:
    """Return a local time of day, or ``24:00``, at which a day ends.

    Raises:
        ValueError: if it is neither.
    """
    return text if text == "24:00" else time_of_day(text)


def local_time(value: Any) -> datetime:
    """Return a local date and time, naive.

    Raises:
        ValueError: if it is none, or of a year in which some zone has no such moment.
    """
    if isinstance(value, datetime) and value.tzinfo is None and value.year in _YEARS:
        return value
    if isinstance(value, datetime) and value.tzinfo is not None:
        expected = "a local time without an offset"
    elif isinstance(value, datetime):
        expected = f"a year from {_YEARS[0]} to {_YEARS[-1]}"
    else:
        expected = "a local date and time without quotes, such as 2026-12-24T09:00:00"
    if isinstance(value, date):
        found = value.isoformat()
    else:
        found = repr(value) if isinstance(value, str) else "something else"
    raise ValueError(f"found {found}, expected {expected}")


Zone = Annotated[Name, AfterValidator(zone_name)]
TimeOfDay = Annotated[Name, AfterValidator(time_of_day)]
EndOfDay = Annotated[Name, AfterValidator(wall)]
LocalTime = Annotated[datetime, BeforeValidator(local_time)]
"""A date and time as a clock on the wall shows it, naive."""


def minutes_of(text: str) -> int:
    """Return a local time of day in minutes after midnight."""
    hours, _, minutes = text.partition(":")
    return 60 * int(hours) + int(minutes)


class PersonSettings(SettingsGroup):
    """Somebody who can be told."""

    channels: list[Name]
    """Channels that reach this person, of alerts.channels."""
    technician: Name | None = None
    """Their name in SuperOps; not written: the same as here."""
    timezone: Zone | None = None
    """The IANA zone of the times in their messages; not written: that of ui.timezone."""

    def as_domain(self, name: str, enabled: Collection[str]) -> "Person":
        """Return the person these settings describe, without channels that are switched off."""
        from sla_console.domain.people.directory import Person  # noqa: PLC0415 - see above

        channels = tuple(channel for channel in self.channels if channel in enabled)
        zone = ZoneInfo(self.timezone) if self.timezone else None
        return Person(name, channels, self.technician, zone)


class ShiftSettings(SettingsGroup):
    """A part of the week and who takes turns in it."""

    people: list[Name] = Field(min_length=1)
    """Who takes turns, in this order."""
    days: list[Day] = Field(default=list(DAYS), min_length=1)
    """Weekdays on which it begins."""
    start: TimeOfDay = Field(default="00:00", alias="from")
    """Local time at which it begins."""
    end: EndOfDay = Field(default="24:00", alias="to")
    """Local time at which it ends; not after its beginning: on the next day."""

    def as_domain(self) -> "Shift":
        """Return the shift these settings describe."""
        from sla_console.domain.people.on_call import Shift  # noqa: PLC0415 - see above

        days = frozenset(DAYS.index(day) for day in self.days)
        return Shift(tuple(self.people), days, minutes_of(self.start), minutes_of(self.end))


class OverrideSettings(SettingsGroup):
    """Somebody takes over for a while."""

    person: Name
    """Who."""
    start: LocalTime = Field(alias="from")
    """Local time at which it begins, without quotes: 2026-12-24T09:00:00."""
    end: LocalTime = Field(alias="to")
    """Local time at which it ends."""

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.end <= self.start:
            raise ValueError(
                f"found to = {self.end.isoformat()}, expected a time after from = "
                f"{self.start.isoformat()}"
            )
        return self


class RotationSettings(SettingsGroup):
    """People who take turns in being on call."""

    timezone: Zone
    """The IANA zone of its times; summer time follows from it."""
    starts: date
    """Local date of the first handover."""
    handover: TimeOfDay = "09:00"
    """Local time at which a turn ends and the next begins."""
    turn_days: int = Field(default=7, ge=1, le=366)
    """Days that a turn lasts."""
    people: list[Name] = Field(default_factory=list)
    """Who takes turns around the clock, where no shift says otherwise."""
    shifts: list[ShiftSettings] = Field(default_factory=list)
    """Parts of the week with people of their own; the first that fits counts."""
    overrides: list[OverrideSettings] = Field(default_factory=list)
    """Who takes over when; the last that fits wins."""

    def as_domain(self, name: str) -> "Rotation":
        """Return the rotation these settings describe."""
        from sla_console.domain.people.on_call import Override, Rotation, Shift  # noqa: PLC0415 - see above
        from sla_console.domain.wall_time import first_moment  # noqa: PLC0415 - see above

        zone = ZoneInfo(self.timezone)
        shifts = [shift.as_domain() for shift in self.shifts]
        if self.people:
            shifts.append(Shift(tuple(self.people)))
        return Rotation(
            name,
            zone,
            self.starts,
            time.fromisoformat(self.handover),
            self.turn_days,
            tuple(shifts),
            tuple(
                Override(one.person, first_moment(one.start, zone), first_moment(one.end, zone))
                for one in self.overrides
            ),
        )


def people_faults(
    people: Mapping[str, PersonSettings],
    rotations: Mapping[str, RotationSettings],
    channels: Collection[str],
) -> Iterator[str]:
    """Yield, in words, what points at nothing and when nobody is on call."""
    if not people and not rotations:
        return
    if ASSIGNEE in people:
        yield (
            f"alerts.people.{ASSIGNEE}: found a person of that name, expected another, since "
            f"{ASSIGNEE!r} in a route is whoever has the ticket"
        )
    for name, person in people.items():
        key = f"alerts.people.{name}.channels"
        yield from _unknown(key, person.channels, channels, "alerts.channels")
    for name, rotation in rotations.items():
        yield from _rotation_faults(f"alerts.on_call.{name}", name, rotation, people)


def _rotation_faults(
    key: str, name: str, rotation: RotationSettings, people: Mapping[str, PersonSettings]
) -> Iterator[str]:
    from sla_console.domain.people.on_call import gaps  # noqa: PLC0415 - see above

    if not rotation.people and not rotation.shifts:
        yield f"{key}: found nobody who takes turns, expected somebody; add people or shifts"
        return
    named = [(f"{key}.people[{place}]", one) for place, one in enumerate(rotation.people)]
    for place, shift in enumerate(rotation.shifts):
        where = f"{key}.shifts[{place}].people"
        named += [(f"{where}[{index}]", one) for index, one in enumerate(shift.people)]
    for place, override in enumerate(rotation.overrides):
        named.append((f"{key}.overrides[{place}].person", override.person))
    for where, one in named:
        if one not in people:
            yield unknown_name(where, one, people, "alerts.people")
        elif not people[one].channels:
            yield (
                f"{where}: found {one!r}, who has no channels, expected somebody who can be told; "
                f"add them to alerts.people.{one}.channels"
            )
    missing = gaps(rotation.as_domain(name))
    if missing:
        yield (
            f"{key}: nobody is on call {', '.join(missing)} ({rotation.timezone}), expected "
            f"somebody at every time; add people, or a shift that covers it"
        )


def _unknown(key: str, names: Iterable[str], known: Collection[str], table: str) -> Iterator[str]:
    for place, name in enumerate(names):
        if name not in known:
            yield unknown_name(f"{key}[{place}]", name, known, table)
