"""Many tickets of one client or category at once are held against that group's own past."""

import csv
import gzip
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sla_console.domain.alerts.bursts import Burst, bursts_of, followed, is_usual, one_in
from sla_console.domain.alerts.usual_rates import (
    LEARN,
    Arrival,
    BurstSettings,
    DeskRates,
    GroupKind,
    tail,
)

MONDAY = datetime(2026, 10, 12, 9, 0, tzinfo=UTC)
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
PARTS = (
    "incident_event_log_until_2016-03-13.csv.gz",
    "incident_event_log_2016-03-14_to_2016-04-17.csv.gz",
)


def arrival(at: datetime, number: int, client: str | None = "Acme", category=None) -> Arrival:
    return Arrival(at, client, category, str(number), f"T-{number}")


def steady(weeks: int, *, every: float = 1.0, client: str = "Acme", category=None) -> list[Arrival]:
    """One ticket every so many hours, night and day, up to this Monday at nine."""
    count = int(weeks * 168 / every)
    return [
        arrival(MONDAY - timedelta(hours=every * number), -number, client, category)
        for number in range(count, 0, -1)
    ]


def rates(past: list[Arrival], weeks: int = 6, now: datetime = MONDAY, **settings) -> DeskRates:
    begin = now - timedelta(weeks=weeks)
    return DeskRates(past, dict.fromkeys(GroupKind, begin), now, BurstSettings(**settings), UTC)


def at_once(count: int, now: datetime = MONDAY, **more) -> list[Arrival]:
    return [arrival(now - timedelta(minutes=n), 100 + n, **more) for n in range(count)]


def raised(recent: list[Arrival], usual: DeskRates, now: datetime = MONDAY, running=()):
    return bursts_of(recent, usual, now, running)


@pytest.mark.parametrize(
    ("count", "mean", "spread", "chance"),
    [
        (1, 1.0, 0.0, 0.632121),  # 1 - 1/e
        (2, 1.0, 0.0, 0.264241),  # 1 - 2/e
        (0, 1.0, 0.0, 1.0),
        (1, 0.0, 0.0, 0.0),
        # Size 1 is the geometric: the chance of k or more is (mean / (1 + mean)) ** k.
        (3, 1.0, 1.0, 0.125),
        (2, 3.0, 1.0, 0.5625),
    ],
)
def test_the_chance_is_the_tail_of_a_poisson_or_of_what_spreads_more(
    count, mean, spread, chance
) -> None:
    assert tail(count, mean, spread) == pytest.approx(chance, rel=1e-4)


@pytest.mark.parametrize(
    ("chance", "words"),
    [
        (1 / 40_000, "1 in 40,000"),
        (1 / 41_400, "1 in 41,000"),
        (1 / 7, "1 in 7"),
        (1e-12, "below 1 in 1,000,000,000"),
        (0.0, "below 1 in 1,000,000,000"),
    ],
)
def test_a_chance_is_said_as_people_say_it(chance, words) -> None:
    assert one_in(chance) == words


def test_what_is_usual_is_the_groups_own_count_at_that_hour_of_the_week() -> None:
    """One ticket an hour is half of one in half an hour."""
    usual = rates(steady(6)).of((GroupKind.CLIENT, "acme"))
    assert usual is not None
    assert usual.usual("acme", MONDAY) == pytest.approx(0.5, rel=0.05)


def test_nine_tickets_where_half_of_one_is_usual_are_a_burst_with_its_arithmetic() -> None:
    (burst,) = raised(at_once(9), rates(steady(6)))
    assert burst.headline == "9 tickets of Acme in 30 min"
    assert burst.words.startswith("9 tickets of Acme in 30 min; usually 0.5; chance 1 in ")
    assert burst.chance < burst.limit
    assert burst.named[0] == "T-108", "the first that came"
    assert burst.since == MONDAY - timedelta(minutes=8)


def test_three_are_none_and_four_of_another_client_neither() -> None:
    usual = rates(steady(6) + steady(6, client="Birch"))
    assert raised([*at_once(3), *at_once(4, client="Birch")], usual) == []


def test_the_limit_allows_for_all_groups_and_windows_of_a_year() -> None:
    """Two clients, 17,532 half hours a year: one in 35,064 at one false alarm a year."""
    usual = rates(steady(6) + steady(6, client="Birch"))
    assert 1 / usual.limit == pytest.approx(35_064)
    assert rates(steady(6), false_alarms_a_year=4.0).limit == pytest.approx(4 / 17_532)


def test_names_are_compared_without_case_and_runs_of_spaces() -> None:
    recent = [*at_once(5, client="ACME"), *at_once(4, client=" acme")]
    recent = [arrival(one.at, number, one.client) for number, one in enumerate(recent)]
    assert [one.count for one in raised(recent, rates(steady(6)))] == [9]


def test_a_history_that_is_too_short_raises_nothing_and_says_how_long_it_is() -> None:
    begin = MONDAY - LEARN + timedelta(days=1)
    usual = DeskRates(steady(6), dict.fromkeys(GroupKind, begin), MONDAY, BurstSettings(), UTC)
    assert usual.short == dict.fromkeys(GroupKind, timedelta(days=13))
    assert raised(at_once(50), usual) == []


def test_a_client_who_is_new_has_no_past_to_be_held_against() -> None:
    """Their first ticket came five days ago."""
    past = [*steady(6), arrival(MONDAY - timedelta(days=5), 1, "Birch")]
    assert raised(at_once(20, client="Birch"), rates(past)) == []


def test_a_client_who_writes_in_batches_needs_a_larger_batch() -> None:
    """Birch writes seven at once every second day, at another hour each time; Acme never did."""
    batches = [
        arrival(MONDAY - timedelta(days=day, hours=7 * day, minutes=n), 1000 * day + n, "Birch")
        for day in range(2, 32, 2)
        for n in range(7)
    ]
    usual = rates(steady(6) + batches)
    assert raised(at_once(7, client="Birch"), usual) == []
    assert raised(at_once(9), usual), "of one who never did it"


def test_one_cause_is_one_burst_that_says_what_it_has_in_common() -> None:
    """The same tickets are of one client and of one category; the least likely of the two is told."""
    past = steady(6, category="Email") + steady(6, client="Birch", category="Email")
    (burst,) = raised(at_once(9, category="Email"), rates(past))
    assert (burst.kind, burst.name) == (GroupKind.CLIENT, "Acme")
    assert burst.shared == "all are of category Email"


def test_an_outage_over_many_clients_is_a_burst_of_its_category() -> None:
    past = steady(6, category="Email") + [
        one for n in range(9) for one in steady(6, every=24, client=f"C{n}", category="Printer")
    ]
    recent = [arrival(MONDAY - timedelta(minutes=n), 500 + n, f"C{n}", "Email") for n in range(9)]
    (burst,) = raised(recent, rates(past))
    assert burst.headline == "9 tickets of category Email in 30 min"


def test_what_runs_is_not_raised_again_and_takes_along_what_joins_it() -> None:
    usual = rates(steady(6))
    (burst,) = raised(at_once(9), usual)
    later = MONDAY + timedelta(minutes=5)
    more = [*at_once(9), arrival(later, 900), arrival(later, 901)]
    assert raised(more, usual, later, [burst]) == []
    grown, count = followed(burst, more, later)
    assert (count, len(grown.tickets), grown.count) == (11, 11, 9)


def test_it_is_usual_again_where_such_a_count_is_no_rarity() -> None:
    usual = rates(steady(6))
    (burst,) = raised(at_once(9), usual)
    assert not is_usual(burst, 5, usual, MONDAY)
    assert is_usual(burst, 1, usual, MONDAY)
    assert is_usual(burst, 0, usual, MONDAY)


def test_a_desk_that_grows_by_half_in_a_week_is_no_burst() -> None:
    """Six clients with three tickets an hour each, five in the last week; ten come in half an hour."""
    past = [
        one
        for n in range(6)
        for one in (
            *steady(6, every=1 / 3, client=f"C{n}"),
            *(one for one in steady(1, every=1 / 2, client=f"C{n}")),
        )
    ]
    grown = rates(past).of((GroupKind.CLIENT, "c0"))
    assert grown is not None
    assert grown.usual("c0", MONDAY) > 2.0, "five an hour by now, no longer 1.5 in half an hour"
    assert raised(at_once(10, client="C0"), rates(past)) == []


def test_tickets_of_a_moment_that_has_not_come_are_not_counted() -> None:
    """A clock that is two hours behind sees the tickets of two hours as future ones."""
    recent = at_once(20, MONDAY + timedelta(hours=2))
    assert raised(recent, rates(steady(6))) == []


def test_the_hours_of_the_week_are_those_of_the_desks_zone() -> None:
    """All tickets come from eight to nine, so from nine to ten hardly any is usual."""
    morning = [
        arrival(MONDAY - timedelta(days=day, minutes=n), 100 * day + n)
        for day in range(1, 43)
        for n in range(1, 60, 6)
    ]
    usual = rates(morning).of((GroupKind.CLIENT, "acme"))
    assert usual is not None
    assert usual.usual("acme", MONDAY) > 4
    assert usual.usual("acme", MONDAY + timedelta(hours=3)) < 1


def chance_desk(seed: int, weeks: int) -> list[Arrival]:
    """Twenty clients and six categories that come by chance alone, more by day than by night."""
    chance = random.Random(seed)
    found: list[Arrival] = []
    for hour in range(weeks * 168):
        at = MONDAY - timedelta(hours=weeks * 168 - hour)
        busy = 8 <= at.hour < 18 and at.weekday() < 5
        for _ in range(_poisson(chance, 20.0 if busy else 2.0)):
            client = f"C{min(int(chance.expovariate(0.25)), 19)}"
            moment = at + timedelta(minutes=chance.random() * 60)
            found.append(arrival(moment, len(found), client, f"K{chance.randrange(6)}"))
    return sorted(found, key=lambda one: one.at)


def _poisson(chance: random.Random, mean: float) -> int:
    count, at = 0, chance.expovariate(mean)
    while at < 1:
        count, at = count + 1, at + chance.expovariate(mean)
    return count


def replayed(arrivals: list[Arrival], begin: datetime, settings: BurstSettings) -> list[Burst]:
    """What would have been raised, with what was known at each moment, learnt again every week."""
    found: list[Burst] = []
    running: dict[object, tuple[Burst, datetime | None]] = {}
    usual, learnt, start = None, begin, 0
    kinds = dict.fromkeys(GroupKind, begin)
    for place, one in enumerate(arrivals):
        if one.at - begin < LEARN:
            continue
        if usual is None or one.at - learnt >= timedelta(days=7):
            learnt, usual = one.at, DeskRates(arrivals[:place], kinds, one.at, settings, UTC)
        while arrivals[start].at <= one.at - settings.window:
            start += 1
        recent = arrivals[start : place + 1]
        for key, (known, calm) in list(running.items()):
            burst, count = followed(known, recent, one.at)
            since = (calm or one.at) if is_usual(burst, count, usual, one.at) else None
            if since is not None and one.at - since >= settings.window:
                del running[key]
            else:
                running[key] = (burst, since)
        for burst in bursts_of(recent, usual, one.at, [known for known, _ in running.values()]):
            running[burst.key] = (burst, None)
            found.append(burst)
    return found


def test_a_desk_of_chance_alone_raises_nothing_in_four_weeks() -> None:
    """At one false alarm a year, four weeks have a chance of about one in thirteen of having one."""
    arrivals = chance_desk(7, weeks=6)
    assert replayed(arrivals, MONDAY - timedelta(weeks=6), BurstSettings()) == []


def real_log() -> tuple[list[Arrival], dict[str, str]]:
    """The incidents of the real log in order, and the subcategory of each."""
    found: dict[str, Arrival] = {}
    about: dict[str, str] = {}
    for part in PARTS:
        with gzip.open(DATA / part, "rt", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                number = row["number"]
                if number not in found:
                    at = datetime.strptime(row["opened_at"], "%d/%m/%Y %H:%M").replace(tzinfo=UTC)
                    found[number] = Arrival(at, row["location"], row["category"], number)
                    about[number] = f"{row['category']} {row['subcategory']}"
    return sorted(found.values(), key=lambda one: (one.at, one.ticket_id)), about


@pytest.mark.skipif(not DATA.exists(), reason="the incident log is not here")
def test_on_a_real_log_it_is_quiet_and_what_it_raises_is_mostly_of_one_cause() -> None:
    """Seven weeks of 13,769 incidents, of which the first two are learnt from (UCI dataset 498).

    At most two a week, and of two in three at least two thirds of the tickets are of one subcategory.
    """
    arrivals, about = real_log()
    assert len(arrivals) == 13_769
    found = replayed(arrivals, arrivals[0].at, BurstSettings())
    of_one = [
        one
        for one in found
        if 3 * Counter(about[t] for t in one.tickets).most_common(1)[0][1] >= 2 * one.count
    ]
    assert 5 <= len(found) <= 10
    assert 3 * len(of_one) >= 2 * len(found)
