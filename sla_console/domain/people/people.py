"""The people and places that tickets name."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sla_console.domain.names import folded, same
from sla_console.domain.sla.calendar import BusinessCalendar, Interval
from sla_console.domain.sla.opening_intervals import LAST_MINUTES


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
    earlier: tuple[str, ...] = ()
    """Other names that it was known under, as far as the console saw them."""


def renames(clients: Iterable[Client]) -> dict[str, str]:
    """Return the name of now by each earlier one, as ``folded`` gives it.

    An earlier name that another client has now, or had as well, says nothing.
    """
    clients = list(clients)
    taken = Counter(folded(name) for one in clients for name in {one.name, *one.earlier})
    return {
        folded(name): one.name
        for one in clients
        for name in one.earlier
        if taken[folded(name)] == 1
    }


def now_called(name: str | None, renamed: Mapping[str, str]) -> str | None:
    """Return what a client is called now, by ``renames``; another name stays as it is."""
    return None if name is None else renamed.get(folded(name), name)


@dataclass(frozen=True, slots=True)
class SpecialDays:
    """Local dates on which a site's week does not count as usual."""

    holidays: frozenset[date] = frozenset()
    """Closed from midnight to midnight."""
    overrides: tuple[tuple[date, tuple[Interval, ...]], ...] = ()
    """Dates with hours of their own, such as half days, in order; none: closed."""


@dataclass(frozen=True, slots=True)
class HolidayRule:
    """Holidays and half days of sites; SuperOps gives their hours but not these dates."""

    dates: frozenset[date]
    client: str | None = None
    """Name of the client whose sites it is for; None: every client's."""
    site: str | None = None
    """Name of the one site it is for; None: every site's."""
    overrides: Mapping[date, tuple[Interval, ...]] = field(default_factory=dict)
    """Dates with hours of their own."""
    replace: bool = False
    """The wider rules do not count for these sites; False: their days count too."""


def special_days(site: str, client: str | None, rules: Sequence[HolidayRule]) -> SpecialDays:
    """Return the holidays and half days of a site, from every rule that is for it.

    The days of a narrower rule come to those of the wider ones; where both name a date, the
    narrower one decides about it, and of equally narrow ones the hours before the holiday. A rule
    that names the site is narrower than one that names the client, that one than one for all. The
    wider ones are left out where a narrower one says that it replaces them.

    Args:
        site: Its name.
        client: The name of its client.
        rules: The rules, in any order.
    """
    mine: dict[int, list[HolidayRule]] = {}
    for rule in rules:
        if rule.site is not None and not same(rule.site, site):
            continue
        if rule.client is not None and not same(rule.client, client or ""):
            continue
        rank = 2 * (rule.site is not None) + (rule.client is not None)
        mine.setdefault(rank, []).append(rule)
    holidays: set[date] = set()
    overrides: dict[date, tuple[Interval, ...]] = {}
    for rank in sorted(mine):
        if any(rule.replace for rule in mine[rank]):
            holidays.clear()
            overrides.clear()
        for rule in mine[rank]:
            holidays |= rule.dates
            for day in rule.dates & overrides.keys():
                del overrides[day]
        for rule in mine[rank]:
            overrides.update(rule.overrides)
    return SpecialDays(frozenset(holidays - overrides.keys()), tuple(sorted(overrides.items())))


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
