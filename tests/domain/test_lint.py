"""What looks wrong about hours and promises, in sentences."""

from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from sla_console.domain.people.people import Client, Site
from sla_console.domain.sla.calendar import WEEKDAYS, BusinessCalendar
from sla_console.domain.sla.lint import (
    ClockChange,
    KnownNames,
    clock_change_lints,
    clock_changes,
    conflict_lints,
    default_lints,
    end_of_day_notices,
    holiday_lints,
    name_lints,
    status_lints,
    unreachable_lints,
    zone_lints,
)
from sla_console.domain.sla.policy import SLAPolicy

WEEK = {day: [("09:00", "17:00")] for day in WEEKDAYS[:5]}


def local(text: str) -> datetime:
    return datetime.fromisoformat(text)


class TestClockChanges:
    @pytest.mark.parametrize(
        ("zone", "expected"),
        [
            ("Europe/Dublin", [("2026-03-29T01:00", "2026-03-29T02:00", True),
                               ("2026-10-25T01:00", "2026-10-25T02:00", False)]),
            ("Australia/Lord_Howe", [("2026-04-05T01:30", "2026-04-05T02:00", False),
                                     ("2026-10-04T02:00", "2026-10-04T02:30", True)]),
            ("Africa/Cairo", [("2026-04-24T00:00", "2026-04-24T01:00", True),
                              ("2026-10-29T23:00", "2026-10-30T00:00", False)]),
            ("Asia/Tokyo", []),
        ],
    )  # fmt: skip
    def test_each_is_found_to_the_second(self, zone: str, expected: list) -> None:
        found = clock_changes(ZoneInfo(zone), 2026)
        assert found == [ClockChange(local(a), local(b), missing) for a, b, missing in expected]


def sunday(*hours: tuple[str, str], **more: object) -> BusinessCalendar:
    return BusinessCalendar("Europe/Dublin", {"sun": hours}, **more)


class TestHoursInAChange:
    def test_an_opening_that_does_not_exist_or_comes_twice_is_told(self) -> None:
        skipped, doubled = clock_change_lints(sunday(("01:30", "05:00")), 2026)
        assert skipped == (
            "sun opens at 01:30, which the clocks skip on 2026-03-29; it opens when they jump from "
            "01:00 to 02:00"
        )
        assert doubled == "sun opens at 01:30, which comes twice on 2026-10-25; it opens both times"

    def test_so_is_a_closing(self) -> None:
        found = clock_change_lints(sunday(("00:00", "01:15")), 2026)
        assert [words.split(",")[0] for words in found] == ["sun closes at 01:15"] * 2

    @pytest.mark.parametrize(
        "hours",
        [("00:00", "24:00"), ("00:30", "02:00"), ("02:00", "06:00"), ("00:00", "01:00")],
    )
    def test_hours_around_or_beside_the_change_are_fine(self, hours: tuple[str, str]) -> None:
        assert clock_change_lints(sunday(hours), 2026) == []

    def test_an_opening_right_at_the_skipped_hour_is_told_once_a_year(self) -> None:
        (words,) = clock_change_lints(sunday(("01:00", "06:00")), 2026)
        assert "sun opens at 01:00, which the clocks skip on 2026-03-29" in words

    def test_a_night_shift_that_ends_inside_is_told_unless_a_holiday_cuts_it(self) -> None:
        nights = {"sat": [("22:00", "01:30")]}
        assert len(clock_change_lints(BusinessCalendar("Europe/Dublin", nights), 2026)) == 2
        days = [date(2026, 3, 29), date(2026, 10, 25)]
        cut = BusinessCalendar("Europe/Dublin", nights, holidays=days)
        assert clock_change_lints(cut, 2026) == []

    def test_a_date_of_its_own_hours_is_judged_by_them(self) -> None:
        own = {date(2026, 3, 29): [("10:00", "12:00")], date(2026, 10, 25): []}
        assert clock_change_lints(sunday(("01:30", "05:00"), overrides=own), 2026) == []


class TestHolidays:
    def lints(self, today: str, *days: str, **more: object) -> list[str]:
        holidays = [date.fromisoformat(day) for day in days]
        calendar = BusinessCalendar("UTC", WEEK, holidays, **more)
        return holiday_lints(calendar, date.fromisoformat(today))

    def test_none_this_year_is_told(self) -> None:
        assert self.lints("2026-05-01", "2025-12-25") == ["has no holidays in 2026"]

    def test_none_next_year_is_told_from_october_on(self) -> None:
        assert self.lints("2026-09-30", "2026-12-25") == []
        (words,) = self.lints("2026-10-01", "2026-12-25")
        assert words.startswith("has holidays in 2026 but none in 2027")
        assert self.lints("2026-10-01", "2026-12-25", "2027-01-01") == []

    def test_a_date_without_hours_is_a_holiday_and_a_half_day_is_none(self) -> None:
        day = date(2026, 12, 24)
        assert self.lints("2026-05-01", overrides={day: []}) == []
        assert self.lints("2026-05-01", overrides={day: [("09:00", "12:00")]})

    def test_round_the_clock_needs_none(self) -> None:
        assert holiday_lints(BusinessCalendar.always(), date(2026, 5, 1)) == []


def test_an_end_a_minute_before_midnight_is_told_once_a_day() -> None:
    rows = [("mon", "00:00", "23:59"), ("mon", "08:00", "23:59"), ("tue", "09:00", "17:00")]
    assert end_of_day_notices(rows) == ["mon: 23:59 is taken as 24:00"]


class TestSites:
    HOURS = (("mon", "09:00", "17:00"),)
    ANNEX = Site("1", "Annex", "c", "Asia/Tokyo", hours=HOURS)
    MAIN = Site("2", "Main", "c", "Europe/Dublin", hours=HOURS, hq=True)

    def test_a_client_in_two_zones_is_told_with_the_main_site_first(self) -> None:
        (words,) = zone_lints([self.ANNEX, self.MAIN], [Client("c", "Acme")])
        assert "client Acme has sites in different zones" in words
        assert "(Main in Europe/Dublin, Annex in Asia/Tokyo)" in words
        assert words.endswith("count by the hours of Main")

    @pytest.mark.parametrize(
        "change",
        [
            {"timezone": "Europe/Dublin"},
            {"client_id": "other"},
            {"client_id": None},
            {"working_24x7": True},
            {"hours": ()},
            {"timezone": None},
        ],
    )
    def test_the_same_zone_another_client_or_no_hours_are_fine(self, change: dict) -> None:
        assert zone_lints([replace(self.ANNEX, **change), self.MAIN], []) == []


GOLD = SLAPolicy("g", "Gold", sla_name="Gold")
ACME = SLAPolicy("a", "Acme", client="Acme")


class TestPolicies:
    def test_the_same_conditions_again_are_never_reached(self) -> None:
        again = SLAPolicy("z", "Zeta", sla_name="GOLD")
        assert unreachable_lints([again, GOLD]) == [
            "'Zeta' is never used, because 'Gold' has the same conditions and comes first"
        ]
        assert unreachable_lints([replace(again, order=1), GOLD]) == [
            "'Gold' is never used, because 'Zeta' has the same conditions and comes first"
        ]
        assert unreachable_lints([GOLD, ACME]) == []

    def test_so_is_one_without_conditions(self) -> None:
        empty = SLAPolicy("e", "Empty")
        assert unreachable_lints([empty]) == ["'Empty' has no conditions and is not the default"]
        assert unreachable_lints([replace(empty, default=True)]) == []

    def test_a_conflict_names_both_and_the_winner(self) -> None:
        (words,) = conflict_lints([GOLD, ACME])
        assert words.startswith("'Acme' and 'Gold' can match the same ticket equally well; 'Acme'")
        assert conflict_lints([GOLD, replace(ACME, order=1)]) == []

    def test_one_that_is_never_reached_is_in_no_conflict(self) -> None:
        again = SLAPolicy("z", "Zeta", client="Acme")
        assert len(conflict_lints([GOLD, ACME, again])) == 1

    def test_a_missing_default_is_told_where_there_are_policies(self) -> None:
        assert default_lints([]) == []
        assert default_lints([GOLD, SLAPolicy("d", "D", default=True)]) == []
        assert "no policy is the default" in default_lints([GOLD])[0]


class TestNames:
    @pytest.mark.parametrize(
        ("field", "kind", "known"),
        [
            ("sla_name", "SLA", "slas"),
            ("client", "client", "clients"),
            ("group", "group", "groups"),
            ("priority_level", "priority", "priorities"),
            ("request_type", "request type", "request_types"),
        ],
    )
    def test_a_name_that_does_not_exist_is_told_with_the_nearest(
        self, field: str, kind: str, known: str
    ) -> None:
        policy = SLAPolicy("p", "P", **{field: "Silverr"})
        assert name_lints([policy], KnownNames(**{known: ["Silver", "Gold"]})) == [
            f"'P' is for {kind} 'Silverr', which SuperOps does not have; did you mean Silver?"
        ]
        assert name_lints([policy], KnownNames(**{known: ["SILVERR"]})) == []
        assert name_lints([policy], KnownNames()) == []

    def test_of_names_only_seen_so_far_a_likely_misspelling_alone_is_told(self) -> None:
        seen = KnownNames(priorities=["Critical", "Low"])
        policies = [SLAPolicy(name, name, priority_level=name) for name in ("Critcal", "High")]
        (words,) = name_lints(policies, seen, complete=False)
        assert "'Critcal', which no open ticket has; did you mean Critical?" in words

    def test_statuses_are_held_against_those_there_are(self) -> None:
        mine = {"hold": ["On Hold"], "closed": ["Closd", "RESOLVED"]}
        assert status_lints(mine, ["on hold", "Closed", "Resolved"]) == [
            "closed names 'Closd', which SuperOps does not have; did you mean Closed?"
        ]
        assert status_lints(mine, []) == []
