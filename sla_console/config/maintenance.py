"""Settings about planned work, during which nothing is told."""

from datetime import datetime, time
from typing import TYPE_CHECKING, Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, model_validator

from sla_console.config.base import Name, SettingsGroup
from sla_console.config.on_call import DAYS, Day, Zone, local_time, time_of_day, wall

if TYPE_CHECKING:
    # Imported when it is used: the first screen is painted before that.
    from sla_console.domain.alerts.silence import MaintenanceWindow, Once, Weekly


def _moment(value: Any) -> datetime | str:
    # A date alone, or a number, is no moment; what is said of it speaks of both forms.
    return value if isinstance(value, str) else local_time(value)


Moment = Annotated[datetime | str, BeforeValidator(_moment)]
"""A local date and time, naive, or a local time of day."""


class MaintenanceSettings(SettingsGroup):
    """One time of planned work, once or every week."""

    name: Name
    """What people call it; used once only."""
    timezone: Zone
    """The IANA zone of its times."""
    start: Moment = Field(alias="from")
    """When it begins: a local date and time without quotes, or a time of day such as "22:00"."""
    end: Moment = Field(alias="to")
    """When it ends, in the same form; a time of day not after its beginning is on the next day."""
    days: list[Day] = Field(default_factory=list)
    """Weekdays on which it begins, where it comes again."""
    week: int | None = Field(default=None, ge=1, le=5)
    """Which such weekday of the month; not written: every one."""
    clients: list[Name] = Field(default_factory=list)
    """Names of clients, compared without case; an empty list is for all."""
    priorities: list[Name] = Field(default_factory=list)
    """Priorities; an empty list is for all."""
    groups: list[Name] = Field(default_factory=list)
    """Technician groups; an empty list is for all."""
    policies: list[Name] = Field(default_factory=list)
    """Policies; an empty list is for all."""

    @model_validator(mode="after")
    def _is_one_form(self) -> Self:
        start, end = self.start, self.end
        if isinstance(start, datetime) and isinstance(end, datetime):
            if self.days or self.week:
                raise ValueError(
                    f"{self.name!r} has dates and days; expected one of them: dates for once, "
                    f"days for every week"
                )
            if end <= start:
                raise ValueError(f"{self.name!r} ends before it begins; mend from or to")
            return self
        if isinstance(start, datetime) or isinstance(end, datetime):
            raise ValueError(  # noqa: TRY004 - pydantic turns this one into a sentence
                f"{self.name!r} has a date and a time of day; expected from and to in one form"
            )
        time_of_day(start)
        wall(end)
        if not self.days:
            raise ValueError(f'{self.name!r} has no days; add them, such as days = ["sun"]')
        return self

    def as_domain(self) -> "MaintenanceWindow":
        """Return the window these settings describe."""
        from sla_console.domain.alerts.silence import MaintenanceWindow  # noqa: PLC0415 - see above
        from sla_console.domain.matcher import Matcher  # noqa: PLC0415 - see above

        return MaintenanceWindow(
            self.name,
            Matcher(
                clients=tuple(self.clients),
                priorities=tuple(self.priorities),
                groups=tuple(self.groups),
                policies=tuple(self.policies),
            ),
            ZoneInfo(self.timezone),
            self._when(),
        )

    def _when(self) -> "Once | Weekly":
        from sla_console.domain.alerts.silence import Once, Weekly  # noqa: PLC0415 - see above

        start, end = self.start, self.end
        if isinstance(start, datetime) and isinstance(end, datetime):
            return Once(start, end)
        days = frozenset(DAYS.index(day) for day in self.days)
        return Weekly(days, _time(str(start)), _time(str(end)), self.week)


def _time(text: str) -> time:
    return time() if text == "24:00" else time.fromisoformat(text)
