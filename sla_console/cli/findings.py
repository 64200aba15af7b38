"""What ``check`` and ``policies check`` have to say about hours and promises, a line each."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sla_console.cli.stored import Stored
from sla_console.config.settings import Settings
from sla_console.domain.names import folded, hint
from sla_console.domain.people.people import Client, HolidayRule, Site, special_days
from sla_console.domain.sla import lint
from sla_console.domain.sla.calendar import BusinessCalendar
from sla_console.domain.sla.lint import KnownNames
from sla_console.domain.sla.policy import SLAPolicy
from sla_console.domain.text import clean

_MOST: Final = 10
"""Lines of one kind about sites, of which a desk may have thousands."""


@dataclass(frozen=True, slots=True)
class CheckFinding:
    """One line of the answer."""

    level: str
    """``ok``, ``note`` or ``trouble``."""
    subject: str
    words: str

    def line(self) -> str:
        """Return the finding as printed."""
        return f"{self.level:<8} {self.subject:<14} {self.words}"


def unknown_names(
    subject: str, what: str, wanted: Iterable[str], there: Collection[str] | None
) -> Iterator[CheckFinding]:
    """Give the names that the desk does not have, compared without case.

    Args:
        subject: Whose names they are.
        what: What is called so, such as ``client``.
        wanted: The names.
        there: Those there are; none: it is not known.
    """
    known = {folded(name) for name in there or ()}
    for name in wanted if there else ():
        if folded(name) not in known:
            advice = hint(name, there or ())
            words = f"no {what} is called {name!r}"
            yield CheckFinding("trouble", subject, f"{words}; {advice}" if advice else words)


def promise_findings(settings: Settings, today: date) -> Iterator[CheckFinding]:
    """Give what the configuration alone tells about its promises and calendars.

    Args:
        settings: The configuration.
        today: Holidays and changes of the clocks are looked for in its year.
    """
    policies = settings.policies_as_domain()
    troubles = [*lint.unreachable_lints(policies), *lint.conflict_lints(policies)]
    notes = lint.default_lints(policies)
    yield from (CheckFinding("trouble", "policies", words) for words in troubles)
    yield from (CheckFinding("note", "policies", words) for words in notes)
    if not policies:
        yield CheckFinding(
            "note", "policies", "none; tickets to which SuperOps gives no due time have no clock"
        )
    elif not troubles and not notes:
        yield CheckFinding("ok", "policies", f"{len(policies)}")
    for name, calendar in settings.calendars_as_domain().items():
        yield from _calendar_findings(settings, name, calendar, today)
    for place, rule in enumerate(settings.site_holidays):
        for words in rule.notifications():
            yield CheckFinding("note", f"site_holidays[{place}]", words)
    if settings.policies and not settings.calendars and not settings.default_calendar:
        yield CheckFinding("note", "calendars", "none; the hours of the clients' sites count")


def _calendar_findings(
    settings: Settings, name: str, calendar: BusinessCalendar, today: date
) -> Iterator[CheckFinding]:
    found = [
        *settings.calendars[name].notifications(),
        *lint.holiday_lints(calendar, today),
        *lint.clock_change_lints(calendar, today.year),
    ]
    yield from (CheckFinding("note", f"calendar {name}", words) for words in found)
    if not found:
        days = sum(day.year == today.year for day in calendar.holidays)
        yield CheckFinding(
            "ok", f"calendar {name}", f"{calendar.timezone}, {days} holidays this year"
        )


def name_findings(
    policies: Sequence[SLAPolicy], known: KnownNames, stored: Stored | None
) -> Iterator[CheckFinding]:
    """Give the conditions that name what the desk does not have.

    Args:
        policies: The promises.
        known: The names the desk has, as far as they are known.
        stored: Its open tickets tell of priorities and request types, which nothing else lists.
    """
    found = lint.name_lints(policies, known)
    tickets = stored.tickets if stored else ()
    if tickets:
        seen = KnownNames(
            priorities={ticket.priority for ticket in tickets if ticket.priority},
            request_types={ticket.request_type for ticket in tickets if ticket.request_type},
        )
        found += lint.name_lints(policies, seen, complete=False)
    yield from (CheckFinding("note", "policies", words) for words in found)


def priority_findings(
    settings: Settings, listed: Collection[str] | None, stored: Stored
) -> Iterator[CheckFinding]:
    """Give how the desk's priorities are ranked, and which nothing ranks.

    Args:
        settings: The configuration.
        listed: The priorities that SuperOps has; None: it has not answered.
        stored: Its open tickets have priorities too, those of earlier days among them.
    """
    ranks = settings.priorities.as_domain()
    there = {ticket.priority for ticket in stored.tickets if ticket.priority} | set(listed or ())
    for words in lint.priority_lints(ranks.unranked(there)):
        yield CheckFinding("note", "priorities", clean(words, 300))
    ranked = sorted((name for name in there if ranks.ranked(name)), key=ranks.order)
    if ranked:
        said = ", ".join(f"{name} is {ranks.severity(name).lower()}" for name in ranked)
        yield CheckFinding("ok", "priorities", clean(said, 300))
    known = {folded(name) for name in there}
    absent = [name for name in settings.priorities.names() if folded(name) not in known]
    for name in absent if listed else ():
        advice = hint(name, there)
        yield CheckFinding(
            "note", "priorities", f"no priority is called {name!r}{f'; {advice}' if advice else ''}"
        )


def source_findings(settings: Settings, stored: Stored | None) -> Iterator[CheckFinding]:
    """Give the sources of tickets that the configuration names and that there are not.

    Args:
        settings: The configuration.
        stored: Its open tickets tell of sources that SuperOps' documentation does not know.
    """
    seen = {ticket.source for ticket in stored.tickets if ticket.source} if stored else set()
    for words in lint.source_lints(settings.sla.no_first_response_for, seen):
        yield CheckFinding("note", "sla", words)


def site_findings(
    sites: Sequence[Site],
    clients: Sequence[Client],
    rules: Sequence[HolidayRule],
    today: date,
) -> Iterator[CheckFinding]:
    """Give what looks wrong about the hours that the clients' sites have in SuperOps.

    Args:
        sites: The sites.
        clients: Whose they are.
        rules: Their holidays.
        today: The day.
    """
    yield from _holiday_findings(sites, clients, rules, today.year)
    called = {name for one in clients for name in (one.name, *one.earlier)}
    for what, wanted, there in (
        ("client", [rule.client for rule in rules], called),
        ("site", [rule.site for rule in rules], {site.name for site in sites}),
    ):
        names = dict.fromkeys(name for name in wanted if name is not None)
        yield from unknown_names("site_holidays", what, names, there)
    troubles, by_words = [], dict[str, list[str]]()
    seen: dict[object, list[str]] = {}
    for site in sites:
        key = (site.timezone, site.hours, site.working_24x7)
        if key not in seen:
            try:
                seen[key] = _hours_lints(site, today.year)
            except ValueError as error:
                seen[key] = []
                troubles.append(f"{site.name}: {error}; until then every hour counts")
        for words in seen[key]:
            by_words.setdefault(words, []).append(site.name)
    shared = [f"{_some(names)}: {words}" for words, names in by_words.items()]
    for level, found in (
        ("trouble", troubles),
        ("note", lint.zone_lints(sites, clients)),
        ("note", shared),
    ):
        yield from (CheckFinding(level, "sites", clean(words, 300)) for words in found[:_MOST])
        if len(found) > _MOST:
            yield CheckFinding(level, "sites", f"and {len(found) - _MOST} more of this kind")


def _holiday_findings(
    sites: Sequence[Site], clients: Sequence[Client], rules: Sequence[HolidayRule], year: int
) -> Iterator[CheckFinding]:
    names = {client.id: client.name for client in clients}
    without = [
        site.name
        for site in sites
        if site.hours
        and not site.working_24x7
        and not any(
            day.year == year
            for day in special_days(site.name, names.get(site.client_id or ""), rules).holidays
        )
    ]
    if without:
        words = f"{_some(without)}: no holidays in {year}; list them under [[site_holidays]]"
        yield CheckFinding("note", "sites", clean(words, 300))


def _hours_lints(site: Site, year: int) -> list[str]:
    calendar = site.calendar()
    if calendar is None:
        return ["has no hours, so every hour counts"]
    if site.working_24x7:
        return []
    return [*lint.end_of_day_notices(site.hours), *lint.clock_change_lints(calendar, year)]


def _some(names: Sequence[str]) -> str:
    """Return the first of several names, with the number of the others."""
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"
