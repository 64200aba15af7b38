"""What looks wrong about hours and promises although nothing forbids it, in sentences.

Nothing here is an error that stops the console: each function looks at one kind of mistake and
returns a sentence for each that it finds, for people to judge. Whoever asks adds of what.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sla_console.domain.names import folded, hint
from sla_console.domain.people.people import Client, Site
from sla_console.domain.sla.calendar import WEEKDAYS, BusinessCalendar
from sla_console.domain.sla.opening_intervals import LAST_MINUTES
from sla_console.domain.sla.policy import SLAPolicy, conflicts, match_order
from sla_console.domain.tickets.ticket import SOURCES

_DAY: Final = 86_400
_LATE_IN_THE_YEAR: Final = 10
_SURE: Final = 0.75
"""How close a name must be to one that was seen for a misspelling to be likely, of 1."""


@dataclass(frozen=True, slots=True)
class ClockChange:
    """A stretch of local time that does not exist, or comes twice, because the clocks change."""

    start: datetime
    """Naive local time, of the zone."""
    end: datetime
    """Naive local time, of the zone."""
    missing: bool
    """True: the clocks skip it; False: it comes twice."""


@dataclass(frozen=True, slots=True)
class KnownNames:
    """The names that the service desk has; None where they are not known."""

    slas: Collection[str] | None = None
    clients: Collection[str] | None = None
    groups: Collection[str] | None = None
    priorities: Collection[str] | None = None
    request_types: Collection[str] | None = None


def clock_changes(zone: ZoneInfo, year: int) -> list[ClockChange]:
    """Return when the clocks of a zone change in a UTC year, in order, found to the second."""

    def offset(moment: datetime) -> timedelta:
        return moment.astimezone(zone).utcoffset() or timedelta()

    changes = []
    low, last = datetime(year, 1, 1, tzinfo=UTC), datetime(year, 12, 31, tzinfo=UTC)
    while low <= last:
        high = low + timedelta(days=1)
        before, after = offset(low), offset(high)
        if before != after:
            early, late = low, high
            while late - early > timedelta(seconds=1):
                middle = early + timedelta(seconds=(late - early) // timedelta(seconds=2))
                early, late = (early, middle) if offset(middle) == after else (middle, late)
            change = late.replace(tzinfo=None)
            edges = sorted((change + before, change + after))
            changes.append(ClockChange(edges[0], edges[1], missing=after > before))
        low = high
    return changes


def clock_change_lints(calendar: BusinessCalendar, year: int) -> list[str]:
    """Return the openings and closings of a year that do not exist, or come twice."""
    found = []
    for change in clock_changes(calendar.zone, year):
        first = change.start.date() - timedelta(days=1)
        for day in (first, first + timedelta(days=1), first + timedelta(days=2)):
            midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - a wall clock's
            for begin, finish in calendar.local_intervals(day):
                # A shift is cut at the midnight of a holiday, so its end is no closing then.
                cut = finish > _DAY and day + timedelta(days=1) in calendar.holidays
                for edge, verb in ((begin, "opens"), (_DAY if cut else finish, "closes")):
                    words = _hit(change, midnight + timedelta(seconds=edge), verb)
                    if words:
                        found.append(words)
    return found


def _hit(change: ClockChange, edge: datetime, verb: str) -> str | None:
    """Return what happens to an edge of the hours inside a change of the clocks, if it is inside.

    An edge right at the change is no trouble: nothing lies between it and the next moment.
    """
    opens_in_gap = change.missing and verb == "opens" and edge == change.start
    if not (change.start < edge < change.end or opens_in_gap):
        return None
    at = f"{WEEKDAYS[edge.weekday()]} {verb} at {edge:%H:%M}"
    if change.missing:
        return (
            f"{at}, which the clocks skip on {edge:%Y-%m-%d}; it {verb} when they jump from "
            f"{change.start:%H:%M} to {change.end:%H:%M}"
        )
    return f"{at}, which comes twice on {edge:%Y-%m-%d}; it {verb} both times"


def holiday_lints(calendar: BusinessCalendar, today: date) -> list[str]:
    """Return what is missing of this year's holidays, and from October on of the next year's.

    Round the clock without any holiday is taken as meant.
    """
    if all(week == ((0, _DAY),) for week in calendar.week):
        return []
    closed = {day for day, hours in calendar.overrides.items() if not hours}
    years = {day.year for day in calendar.holidays | closed}
    if today.year not in years:
        return [f"has no holidays in {today.year}"]
    if today.month >= _LATE_IN_THE_YEAR and today.year + 1 not in years:
        missing = today.year + 1
        return [
            f"has holidays in {today.year} but none in {missing}, so due times may be too early"
        ]
    return []


def end_of_day_notices(rows: Iterable[tuple[str, str, str]]) -> list[str]:
    """Return a notice for each weekday or date whose hours end a minute before midnight.

    Args:
        rows: Weekday or date, start, end, as written.
    """
    days = [(day, end) for day, _, end in rows if end in LAST_MINUTES]
    return [f"{day}: {end} is taken as 24:00" for day, end in dict.fromkeys(days)]


def zone_lints(sites: Iterable[Site], clients: Iterable[Client]) -> list[str]:
    """Return the clients whose sites with hours are in different zones, a sentence a client.

    Tickets without a site count in the main site's hours, which is then a guess.
    """
    zones: dict[str, dict[str, Site]] = {}
    for site in sorted(sites, key=lambda site: not site.hq):
        if site.client_id and site.timezone and site.hours and not site.working_24x7:
            zones.setdefault(site.client_id, {}).setdefault(site.timezone, site)
    names = {client.id: client.name for client in clients}
    return [
        f"client {names.get(client_id, client_id)} has sites in different zones ("
        + ", ".join(f"{site.name} in {zone}" for zone, site in found.items())
        + f"); its tickets without a site count by the hours of {next(iter(found.values())).name}"
        for client_id, found in zones.items()
        if len(found) > 1
    ]


def unreachable_lints(policies: Sequence[SLAPolicy]) -> list[str]:
    """Return the policies that no ticket can fall under, because another with the same wins."""
    found = []
    for policy, winner in _unreachable(policies):
        if winner is None:
            found.append(f"{policy.name!r} has no conditions and is not the default")
        else:
            found.append(
                f"{policy.name!r} is never used, because {winner.name!r} has the same conditions "
                f"and comes first"
            )
    return found


def _unreachable(policies: Sequence[SLAPolicy]) -> list[tuple[SLAPolicy, SLAPolicy | None]]:
    """Return the policies that no ticket falls under, each with the one that stands before it."""
    winners: dict[frozenset[tuple[str, str]], SLAPolicy] = {}
    found: list[tuple[SLAPolicy, SLAPolicy | None]] = []
    for policy in match_order(policies):
        key = frozenset() if policy.default else frozenset(policy.wanted.items())
        if not key and not policy.default:
            found.append((policy, None))
        elif winners.setdefault(key, policy) is not policy:
            found.append((policy, winners[key]))
    return found


def conflict_lints(policies: Sequence[SLAPolicy]) -> list[str]:
    """Return the pairs of policies that match the same tickets with only a name between them.

    Policies that ``unreachable_lints`` tells of are left out.
    """
    never = {policy.id for policy, _ in _unreachable(policies)}
    return [
        f"{first.name!r} and {second.name!r} can match the same ticket equally well; "
        f"{first.name!r} wins by its name alone, so give them an order"
        for first, second in conflicts(policies)
        if never.isdisjoint({first.id, second.id})
    ]


def default_lints(policies: Sequence[SLAPolicy]) -> list[str]:
    """Return that there are policies but none for the tickets that match none of them."""
    if not policies or any(policy.default for policy in policies):
        return []
    return [
        "no policy is the default, so a ticket that matches none and has no due times has no clock"
    ]


def priority_lints(unranked: Sequence[str]) -> list[str]:
    """Return that priorities are taken as urgent because nothing says how urgent they are."""
    if not unranked:
        return []
    names = ", ".join(map(repr, unranked))
    are, them = ("is", "it") if len(unranked) == 1 else ("are", "them")
    levels = "critical, high, medium or low"
    return [
        f"{names} {are} not ranked and taken as critical; write {them} under [priorities]: {levels}"
    ]


def name_lints(
    policies: Sequence[SLAPolicy], known: KnownNames, *, complete: bool = True
) -> list[str]:
    """Return the conditions that name what the service desk does not have.

    Args:
        policies: The promises.
        known: The names there are; a kind that is None is not looked at.
        complete: False: the names are only those seen so far, so that a name that is missing is
            told of only where it looks like a misspelling of one of them.
    """
    kinds: tuple[tuple[str, str, Collection[str] | None], ...] = (
        ("SLA", "sla_name", known.slas),
        ("client", "client", known.clients),
        ("group", "group", known.groups),
        ("priority", "priority_level", known.priorities),
        ("request type", "request_type", known.request_types),
    )
    found = []
    for kind, field, names in kinds:
        if names is None:
            continue
        there = {folded(name): name for name in names}
        for policy in policies:
            wanted: str | None = getattr(policy, field)
            if wanted is not None and folded(wanted) not in there:
                words = _unknown(
                    f"{policy.name!r} is for {kind} {wanted!r}", wanted, there, complete
                )
                if words:
                    found.append(words)
    return found


def status_lints(statuses: Mapping[str, Sequence[str]], known: Collection[str]) -> list[str]:
    """Return the configured statuses that the service desk does not have.

    Args:
        statuses: The names by what they mean, such as ``hold``.
        known: The names there are; empty: not known.
    """
    there = {folded(name): name for name in known}
    return [
        _unknown(f"{meaning} names {name!r}", name, there, True)
        for meaning, names in statuses.items()
        for name in names
        if there and folded(name) not in there
    ]


def source_lints(names: Iterable[str], seen: Iterable[str]) -> list[str]:
    """Return the configured sources of tickets that there are not.

    Args:
        names: As configured.
        seen: Those that tickets have; SuperOps' own are known.
    """
    there = {folded(name): name for name in (*SOURCES, *seen)}
    return [
        _unknown(f"no_first_response_for names {name!r}", name, there, True)
        for name in names
        if folded(name) not in there
    ]


def _unknown(what: str, name: str, there: Mapping[str, str], complete: bool) -> str:
    """Return that a name does not exist, with the nearest; empty if it may well exist unseen."""
    advice = hint(name, there.values(), 0.6 if complete else _SURE)
    meant = f"; {advice}" if advice else ""
    if complete:
        return f"{what}, which SuperOps does not have{meant}"
    return f"{what}, which no open ticket has{meant}" if advice else ""
