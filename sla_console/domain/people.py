"""The people and places that tickets name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sla_console.domain.calendar import BusinessCalendar
from sla_console.domain.names import same
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
class HolidayRule:
    """Holidays of sites; SuperOps gives their hours but not these dates."""

    dates: frozenset[date]
    client: str | None = None
    """Name of the client whose sites it is for; None: every client's."""
    site: str | None = None
    """Name of the one site it is for; None: every site's."""


def holidays_of(site: str, client: str | None, rules: Sequence[HolidayRule]) -> frozenset[date]:
    """Return the holidays of a site: those of the most specific rule for it.

    A rule that names the site wins over one that names the client, that over one for all. Of
    several equally specific ones all dates count.

    Args:
        site: Its name.
        client: The name of its client.
        rules: The rules, in any order; names are compared without case.
    """
    found: dict[int, frozenset[date]] = {}
    for rule in rules:
        if rule.site is not None and not same(rule.site, site):
            continue
        if rule.client is not None and not same(rule.client, client or ""):
            continue
        rank = 2 * (rule.site is not None) + (rule.client is not None)
        found[rank] = found.get(rank, frozenset()) | rule.dates
    return found[max(found)] if found else frozenset()


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
