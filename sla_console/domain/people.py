"""The people and places that tickets name."""

from dataclasses import dataclass

from sla_console.domain.calendar import BusinessCalendar
from sla_console.domain.openings import LAST_MINUTES


@dataclass(frozen=True, slots=True)
class Technician:
    """Somebody who works on tickets."""

    id: str
    name: str
    email: str | None = None
    groups: tuple[str, ...] = ()
    """Names of the technician groups."""


@dataclass(frozen=True, slots=True)
class Client:
    """A customer of the managed service provider."""

    id: str
    name: str
    hq_site_id: str | None = None


@dataclass(frozen=True, slots=True)
class Site:
    """A place of a client; the only thing in the API that carries business hours."""

    id: str
    name: str
    client_id: str | None
    timezone: str | None
    """IANA name as SuperOps gave it."""
    working_24x7: bool = False
    hours: tuple[tuple[str, str, str], ...] = ()
    """Rows of (``mon``..``sun``, ``HH:MM``, ``HH:MM``) in the site's zone."""
    hq: bool = False

    def calendar(self) -> BusinessCalendar | None:
        """Return the site's hours as a calendar, or None where they are missing.

        Raises:
            ValueError: if zone or hours are impossible.
        """
        if self.working_24x7:
            return BusinessCalendar.always()
        if not self.timezone or not self.hours:
            return None
        by_day: dict[str, list[tuple[str, str]]] = {}
        for day, start, end in self.hours:
            # Who writes 23:59 means the end of the day; ``check`` says that it was taken so.
            whole = "24:00" if end in LAST_MINUTES else end
            by_day.setdefault(day, []).append((start, whole))
        return BusinessCalendar(self.timezone, by_day)
