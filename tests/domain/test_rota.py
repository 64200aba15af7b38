"""What people change about who is on call, and turns that fall on an absence or on nobody."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from sla_console.domain.alerts.route import Route
from sla_console.domain.people.directory import Directory, Person
from sla_console.domain.people.on_call import Rotation, Shift, on_call
from sla_console.domain.people.rota import (
    Absence,
    Handover,
    Stretch,
    Uncovered,
    handed_over,
    stretch_at,
    stretches,
    uncovered,
    with_handovers,
)

PEOPLE = ("ada", "bo", "cy")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def weekly(*people: str) -> Rotation:
    """Turns of a week from Monday 5 January 2026 at nine, in a zone that is UTC in winter."""
    return Rotation(
        "primary",
        ZoneInfo("Europe/London"),
        date(2026, 1, 5),
        shifts=(Shift(people or ("ada", "bo")),),
    )


def handover(person: str, start: str, end: str, **changes: str) -> Handover:
    return Handover(
        changes.get("id", "h1"), changes.get("rotation", "primary"), person, at(start), at(end),
        "ada", at("2026-01-01T00:00"),
    )  # fmt: skip


def test_the_turns_of_a_span_follow_each_other_without_gaps() -> None:
    assert list(stretches(weekly(), at("2026-01-06T00:00"), at("2026-01-20T00:00"))) == [
        Stretch("ada", at("2026-01-06T00:00"), at("2026-01-12T09:00")),
        Stretch("bo", at("2026-01-12T09:00"), at("2026-01-19T09:00")),
        Stretch("ada", at("2026-01-19T09:00"), at("2026-01-20T00:00")),
    ]


def test_a_turn_is_found_whole_or_from_a_moment_on() -> None:
    moment = at("2026-01-14T12:00")
    assert stretch_at(weekly(), moment) == Stretch("bo", moment, at("2026-01-19T09:00"))
    whole = stretch_at(weekly(), moment, whole=True)
    assert whole == Stretch("bo", at("2026-01-12T09:00"), at("2026-01-19T09:00"))


def test_who_takes_over_has_it_until_it_ends() -> None:
    changed = with_handovers(
        weekly(), [handover("cy", "2026-01-07T00:00", "2026-01-08T00:00")], PEOPLE
    )
    found = [on_call(changed, at(f"2026-01-0{day}T12:00")) for day in (6, 7, 8)]
    assert found == ["ada", "cy", "ada"]


def test_the_last_change_that_covers_a_moment_wins() -> None:
    changed = with_handovers(
        weekly(),
        [
            handover("cy", "2026-01-07T00:00", "2026-01-09T00:00"),
            handover("bo", "2026-01-08T00:00", "2026-01-09T00:00", id="h2"),
        ],
        PEOPLE,
    )
    assert [on_call(changed, at(f"2026-01-0{day}T12:00")) for day in (7, 8)] == ["cy", "bo"]


@pytest.mark.parametrize("change", [{"person": "gone"}, {"rotation": "other"}])
def test_a_change_to_what_is_no_longer_there_leaves_the_turn_as_it_was(change) -> None:
    values = {"person": "cy"} | change
    made = handover(values.pop("person"), "2026-01-07T00:00", "2026-01-08T00:00", **values)
    assert on_call(with_handovers(weekly(), [made], PEOPLE), at("2026-01-07T12:00")) == "ada"


def test_a_page_goes_to_who_took_over_and_back_when_the_change_is_ended() -> None:
    people = {name: Person(name, (f"{name}-sms",)) for name in PEOPLE}
    directory = Directory(people, {"primary": weekly()})
    route, moment = Route(on_call=("primary",)), at("2026-01-07T12:00")
    directory.take([handover("cy", "2026-01-07T00:00", "2026-01-08T00:00")])
    assert [one.channel for one in directory.recipients(route, moment, None)] == ["cy-sms"]
    directory.take([])
    assert [one.channel for one in directory.recipients(route, moment, None)] == ["ada-sms"]


def test_two_people_swap_their_turns() -> None:
    mine = stretch_at(weekly(), at("2026-01-06T12:00"), whole=True)
    theirs = stretch_at(weekly(), at("2026-01-13T12:00"), whole=True)
    assert handed_over(weekly(), mine, theirs) == {
        "bo": (mine.start, mine.end),
        "ada": (theirs.start, theirs.end),
    }


def test_nobody_swaps_with_themselves_or_with_nobody() -> None:
    mine = stretch_at(weekly(), at("2026-01-06T12:00"))
    with pytest.raises(ValueError, match="ada has both"):
        handed_over(weekly(), mine, mine)
    with pytest.raises(ValueError, match="nobody is on call"):
        handed_over(weekly(), mine, Stretch(None, mine.start, mine.end))


def test_a_turn_on_an_absence_is_found_and_no_other() -> None:
    """Ada has it until 12 January at nine; she is away from the 11th to the 14th, Bo on the 10th."""
    away = [
        Absence("ada", at("2026-01-11T00:00"), at("2026-01-14T00:00"), "Skiing"),
        Absence("bo", at("2026-01-10T00:00"), at("2026-01-11T00:00")),
    ]
    assert list(uncovered(weekly(), away, at("2026-01-06T00:00"), at("2026-01-20T00:00"))) == [
        Uncovered("primary", at("2026-01-11T00:00"), at("2026-01-12T09:00"), "ada", "Skiing")
    ]


def test_so_is_a_time_that_nobody_has() -> None:
    office = Rotation(
        "office", ZoneInfo("Europe/London"), date(2026, 1, 5),
        shifts=(Shift(("ada",), frozenset(range(5)), 9 * 60, 17 * 60),),
    )  # fmt: skip
    found = list(uncovered(office, [], at("2026-01-06T12:00"), at("2026-01-07T12:00")))
    assert found == [Uncovered("office", at("2026-01-06T17:00"), at("2026-01-07T09:00"))]


def test_one_that_somebody_took_over_is_covered() -> None:
    away = [Absence("ada", at("2026-01-11T00:00"), at("2026-01-14T00:00"))]
    changed = with_handovers(
        weekly(), [handover("cy", "2026-01-10T00:00", "2026-01-13T00:00")], PEOPLE
    )
    assert not list(uncovered(changed, away, at("2026-01-06T00:00"), at("2026-01-20T00:00")))


def test_a_year_of_turns_is_looked_through_quickly() -> None:
    """53 handovers of a week lie in 366 days."""
    start = at("2026-01-06T00:00")
    assert len(list(stretches(weekly(), start, start + timedelta(days=366)))) == 53
