"""Who is reached through which channel, and whom a route means in vain."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_console.domain.alerts.route import ASSIGNEE, Route
from sla_console.domain.people.directory import Directory, Person, Recipient
from sla_console.domain.people.on_call import Rotation, Shift

FIRST_WEEK = datetime(2026, 1, 6, 12, tzinfo=UTC)
SECOND_WEEK = datetime(2026, 1, 13, 12, tzinfo=UTC)
SATURDAY = datetime(2026, 1, 10, 12, tzinfo=UTC)
PEOPLE = {
    person.name: person
    for person in (
        Person("ada", ("ada-mail", "ada-phone"), "Ada Byron"),
        Person("bo", ("bo-mail", "team")),
        Person("Marta", ()),
    )
}


def rotation(name: str, *shifts: Shift) -> Rotation:
    return Rotation(name, ZoneInfo("Europe/Dublin"), date(2026, 1, 5), shifts=shifts)


DIRECTORY = Directory(
    PEOPLE,
    {
        "primary": rotation("primary", Shift(("ada", "bo"))),
        "workdays": rotation("workdays", Shift(("bo",), frozenset(range(5)))),
        "away": rotation("away", Shift(("Marta", "Zed"))),
    },
)


def channels(
    route: Route, moment: datetime = FIRST_WEEK, technician: str | None = None
) -> list[str]:
    return [one.channel for one in DIRECTORY.recipients(route, moment, technician)]


class TestRecipients:
    def test_channels_come_first_then_people_then_whoever_is_on_call(self) -> None:
        route = Route(channels=("ops",), people=("bo",), on_call=("primary",))
        assert DIRECTORY.recipients(route, FIRST_WEEK, None) == (
            Recipient("ops"),
            Recipient("bo-mail", "bo"),
            Recipient("team", "bo"),
            Recipient("ada-mail", "ada", ("primary",)),
            Recipient("ada-phone", "ada", ("primary",)),
        )

    def test_whoever_is_on_call_is_whoever_is_at_that_moment(self) -> None:
        route = Route(on_call=("primary",))
        assert channels(route, FIRST_WEEK) == ["ada-mail", "ada-phone"]
        assert channels(route, SECOND_WEEK) == ["bo-mail", "team"]

    def test_a_channel_is_told_once_for_whom_it_is_named_first(self) -> None:
        assert DIRECTORY.recipients(
            Route(channels=("team",), people=("bo", "bo")), FIRST_WEEK, None
        ) == (Recipient("team"), Recipient("bo-mail", "bo"))

    def test_what_is_tried_if_that_fails_is_not_among_them(self) -> None:
        assert channels(Route(channels=("ops",), fallback=("team",))) == ["ops"]

    def test_a_route_that_names_nobody_reaches_nobody_and_misses_nobody(self) -> None:
        assert channels(Route()) == []
        assert DIRECTORY.missing(Route(), FIRST_WEEK, "Ada Byron") == ()

    @given(
        st.lists(st.sampled_from(["ops", "team", "ada-mail"])).map(tuple),
        st.lists(st.sampled_from(["ada", "bo", "Marta", "nobody", ASSIGNEE])).map(tuple),
        st.lists(st.sampled_from(["primary", "workdays", "away", "none"])).map(tuple),
        st.sampled_from([FIRST_WEEK, SECOND_WEEK, SATURDAY]),
        st.sampled_from([None, "", "ada byron", "BO", "marta", "stranger"]),
    )
    def test_each_channel_is_told_once_and_each_person_is_reached_or_missed(
        self,
        names: tuple[str, ...],
        people: tuple[str, ...],
        on_call: tuple[str, ...],
        moment: datetime,
        technician: str | None,
    ) -> None:
        route = Route(names, people, on_call)
        found = channels(route, moment, technician)
        assert len(found) == len(set(found))
        assert found[: len(set(names))] == list(dict.fromkeys(names))
        missing = DIRECTORY.missing(route, moment, technician)
        for part in [Route(people=(one,)) for one in people] + [
            Route(on_call=(one,)) for one in on_call
        ]:
            reached = channels(part, moment, technician)
            assert set(reached) <= set(found)
            assert bool(reached) != bool(DIRECTORY.missing(part, moment, technician))
            assert set(DIRECTORY.missing(part, moment, technician)) <= set(missing)


class TestAssignee:
    @pytest.mark.parametrize("name", ["Ada Byron", "ADA BYRON", "ada byron", "ada", "ADA"])
    def test_it_is_the_person_whose_ticket_it_is_by_either_name_in_any_case(
        self, name: str
    ) -> None:
        assert channels(Route(people=(ASSIGNEE,)), technician=name) == ["ada-mail", "ada-phone"]

    def test_a_person_without_another_name_in_the_desk_is_known_by_their_own(self) -> None:
        assert channels(Route(people=(ASSIGNEE,)), technician="Bo") == ["bo-mail", "team"]

    @pytest.mark.parametrize("name", [None, "", "Ada", "Byron", "Ada Byron Jr"])
    def test_no_part_of_a_name_is_enough(self, name: str | None) -> None:
        found = channels(Route(people=(ASSIGNEE,)), technician=name)
        assert found == (["ada-mail", "ada-phone"] if name == "Ada" else [])

    def test_the_others_are_told_though_nobody_has_the_ticket(self) -> None:
        route = Route(channels=("ops",), people=(ASSIGNEE, "bo"))
        assert channels(route) == ["ops", "bo-mail", "team"]


@pytest.mark.parametrize(
    ("route", "moment", "technician", "words"),
    [
        (Route(people=("ada",)), FIRST_WEEK, None, ()),
        (Route(people=("eve",)), FIRST_WEEK, None, ("eve is not among the people",)),
        (Route(people=("Marta",)), FIRST_WEEK, None, ("Marta has no channels",)),
        (Route(people=(ASSIGNEE,)), FIRST_WEEK, "marta", ("Marta has no channels",)),
        (Route(people=(ASSIGNEE,)), FIRST_WEEK, None, ("nobody has the ticket",)),
        (
            Route(people=(ASSIGNEE,)), FIRST_WEEK, "Eve",
            ("Eve, who has the ticket, is not among the people",),
        ),
        (Route(on_call=("workdays",)), FIRST_WEEK, None, ()),
        (Route(on_call=("workdays",)), SATURDAY, None, ("nobody is on call for workdays",)),
        (Route(on_call=("night",)), FIRST_WEEK, None, ("nobody is on call for night",)),
        (Route(on_call=("away",)), FIRST_WEEK, None, ("Marta has no channels",)),
        (
            Route(on_call=("away",)), SECOND_WEEK, None,
            ("Zed, on call for away, is not among the people",),
        ),
        (
            Route(people=("Marta", "ada"), on_call=("workdays",)), SATURDAY, None,
            ("Marta has no channels", "nobody is on call for workdays"),
        ),
    ],
)  # fmt: skip
def test_whom_a_route_means_in_vain_is_said_in_words(
    route: Route, moment: datetime, technician: str | None, words: tuple[str, ...]
) -> None:
    assert DIRECTORY.missing(route, moment, technician) == words
