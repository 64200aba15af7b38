"""Settings about people: how they are reached, and who is on call when."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from sla_console.config.base import Group, Name
from sla_console.config.naming import unknown_name

if TYPE_CHECKING:
    # Imported when they are used: the first screen is painted before that.
    from sla_console.domain.directory import Person
    from sla_console.domain.on_call import Rotation, Shift

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def zone_name(name: str) -> str:
    """Return the name of a zone that exists.

    Raises:
        ValueError: if there is none of that name.
    """
    try:
        ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        raise ValueError(
            f"found {name!r}, expected an IANA time zone such as Europe/Dublin"
        ) from None
    return name


def wall(text: str) -> str:
    """Return a local time of day.

    Raises:
        ValueError: if it is none.
    """
    try:
        if text != "24:00":
            time.fromisoformat(text)
        if len(text) == 5:
            return text
    except ValueError:
        pass
    raise ValueError(f'found {text!r}, expected a local time such as "09:00"')


Zone = Annotated[Name, AfterValidator(zone_name)]
Wall = Annotated[Name, AfterValidator(wall)]


def minutes_of(text: str) -> int:
    """Return a local time of day in minutes after midnight."""
    hours, _, minutes = text.partition(":")
    return 60 * int(hours) + int(minutes)


class PersonSettings(Group):
    """Somebody who can be told."""

    channels: list[Name]
    """Channels that reach this person, of alerts.channels."""
    technician: Name | None = None
    """Their name in SuperOps; not written: the same as here."""

    def as_domain(self, name: str) -> "Person":
        """Return the person these settings describe."""
        from sla_console.domain.directory import Person  # noqa: PLC0415 - see above

        return Person(name, tuple(self.channels), self.technician)


class ShiftSettings(Group):
    """A part of the week and who takes turns in it."""

    people: list[Name] = Field(min_length=1)
    """Who takes turns, in this order."""
    days: list[Day] = Field(default=list(DAYS), min_length=1)
    """Weekdays on which it begins."""
    start: Wall = Field(default="00:00", alias="from")
    """Local time at which it begins."""
    end: Wall = Field(default="24:00", alias="to")
    """Local time at which it ends; not after its beginning: on the next day."""

    def as_domain(self) -> "Shift":
        """Return the shift these settings describe."""
        from sla_console.domain.on_call import Shift  # noqa: PLC0415 - see above

        days = frozenset(DAYS.index(day) for day in self.days)
        return Shift(tuple(self.people), days, minutes_of(self.start), minutes_of(self.end))


class OverrideSettings(Group):
    """Somebody takes over for a while."""

    person: Name
    """Who."""
    start: datetime = Field(alias="from")
    """Local time at which it begins, without quotes: 2026-12-24T09:00:00."""
    end: datetime = Field(alias="to")
    """Local time at which it ends."""

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.start.tzinfo or self.end.tzinfo:
            raise ValueError("found a time with an offset, expected local times without one")
        if self.end <= self.start:
            raise ValueError(
                f"found to = {self.end.isoformat()}, expected a time after from = "
                f"{self.start.isoformat()}"
            )
        return self


class RotationSettings(Group):
    """People who take turns in being on call."""

    timezone: Zone
    """The IANA zone of its times; summer time follows from it."""
    starts: date
    """Local date of the first handover."""
    handover: Wall = "09:00"
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
        from sla_console.domain.on_call import Override, Rotation, Shift  # noqa: PLC0415 - see above
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
    from sla_console.domain.on_call import gaps  # noqa: PLC0415 - see above

    yield from _unreachable(people, channels)
    for name, rotation in rotations.items():
        key = f"alerts.on_call.{name}"
        named = [(f"{key}.people", one) for one in rotation.people]
        for place, shift in enumerate(rotation.shifts):
            named += [(f"{key}.shifts[{place}].people", one) for one in shift.people]
        for place, override in enumerate(rotation.overrides):
            named.append((f"{key}.overrides[{place}].person", override.person))
        for where, one in named:
            if one not in people:
                yield unknown_name(where, one, people, "alerts.people")
        missing = gaps(rotation.as_domain(name))
        if missing:
            yield (
                f"{key}: nobody is on call {' and '.join(missing)} ({rotation.timezone}), expected "
                f"somebody at every time; add people, or a shift that covers it"
            )


def _unreachable(people: Mapping[str, PersonSettings], channels: Collection[str]) -> Iterator[str]:
    for name, person in people.items():
        for channel in person.channels:
            if channel not in channels:
                key = f"alerts.people.{name}.channels"
                yield unknown_name(key, channel, channels, "alerts.channels")
