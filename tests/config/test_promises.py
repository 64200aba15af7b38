"""Calendars and policies as people write them: holidays, single dates, conditions, mistakes."""

import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from sla_console.config.holidays import FIRST_YEAR, LAST_YEAR, public_holidays
from sla_console.config.settings import Settings
from sla_console.domain.sla.calendar import BusinessCalendar
from sla_console.domain.sla.policy import WhoseHours

Load = Callable[..., Settings]
Refused = Callable[..., str]

OFFICE = '[calendars.o]\ntimezone = "Europe/London"\n'
WEEK = "".join(f'{day} = [["09:00", "17:00"]]\n' for day in ("mon", "tue", "wed", "thu", "fri"))
POLICY = '[[policies]]\nname = "P"\nresponse_minutes = 5\n'


def office(load: Load, text: str) -> BusinessCalendar:
    return load(OFFICE + WEEK + text).calendars_as_domain()["o"]


def open_on(calendar: BusinessCalendar, day: str) -> timedelta:
    start = datetime.fromisoformat(f"{day}T00:00").replace(tzinfo=UTC)
    return calendar.open_time(start, start + timedelta(days=1))


class TestDates:
    def test_an_override_replaces_weekday_and_holiday(self, load: Load) -> None:
        calendar = office(
            load,
            "holidays = [2026-12-24]\n[calendars.o.overrides]\n"
            '2026-12-24 = [["09:00", "12:30"]]\n2026-12-26 = [["10:00", "11:00"]]\n'
            "2026-12-28 = []",
        )
        assert open_on(calendar, "2026-12-24") == timedelta(hours=3.5)
        assert open_on(calendar, "2026-12-26") == timedelta(hours=1), "a Saturday that is worked"
        assert open_on(calendar, "2026-12-28") == timedelta()
        assert open_on(calendar, "2026-12-29") == timedelta(hours=8)

    def test_a_minute_before_midnight_is_midnight_and_said_so(self, load: Load) -> None:
        settings = load(
            OFFICE + 'mon = [["00:00", "23:59"]]\noverrides = { 2026-12-26 = '
            '[["12:00", "23:59:59"]] }'
        )
        calendar = settings.calendars_as_domain()["o"]
        assert open_on(calendar, "2026-11-23") == timedelta(days=1)
        assert open_on(calendar, "2026-12-26") == timedelta(hours=12)
        assert settings.calendars["o"].notifications() == [
            "mon: 23:59 is taken as 24:00",
            "2026-12-26: 23:59:59 is taken as 24:00",
        ]


class TestPublicHolidays:
    def test_those_of_the_country_count_beside_ones_own(self, load: Load) -> None:
        calendar = office(load, 'country = "GB"\nholidays = [2026-12-29]')
        assert {date(2026, 12, 25), date(2026, 12, 28), date(2026, 12, 29)} <= calendar.holidays
        assert open_on(calendar, "2026-12-25") == timedelta()

    def test_a_region_has_its_own_by_code_or_name_in_any_case(self, load: Load) -> None:
        battle_of_the_boyne = date(2027, 7, 12)
        assert battle_of_the_boyne not in office(load, 'country = "gb"').holidays
        for region in ("NIR", "nir", "Northern Ireland"):
            calendar = office(load, f'country = "gb"\nregion = "{region}"')
            assert battle_of_the_boyne in calendar.holidays

    def test_they_reach_from_the_first_year_to_the_last(self) -> None:
        years = {day.year for day in public_holidays("GB")}
        assert years == set(range(FIRST_YEAR, LAST_YEAR + 1))

    def test_a_country_known_for_fewer_years_is_taken_without_a_warning(self) -> None:
        assert public_holidays("IN", "KA")

    def test_an_override_opens_one(self, load: Load) -> None:
        calendar = office(load, 'country = "GB"\noverrides = { 2026-12-25 = [["09:00", "10:00"]] }')
        assert open_on(calendar, "2026-12-25") == timedelta(hours=1)

    def test_without_the_package_one_sentence_says_what_to_install(
        self, refused: Refused, load: Load, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "holidays", None)
        sentence = refused(OFFICE + WEEK + 'country = "FR"')
        assert sentence.startswith("FILE: line 8: calendars.o.country: found 'FR'")
        assert "pip install '.[holidays]'" in sentence
        assert open_on(office(load, ""), "2026-12-25") == timedelta(hours=8)


class TestPolicies:
    def test_every_condition_and_the_calendar_become_part_of_the_promise(self, load: Load) -> None:
        (policy,) = load(
            OFFICE + WEEK + POLICY + 'sla = "Gold"\nclient = "Acme"\ngroup = "Network"\n'
            'priority = "High"\nrequest_type = "Incident"\norder = 3\ncalendar = "o"'
        ).policies_as_domain()
        assert policy.conditions == (
            "SLA is Gold",
            "client is Acme",
            "group is Network",
            "priority is High",
            "request type is Incident",
        )
        assert (policy.order, policy.calendar) == (3, "o")

    @pytest.mark.parametrize("key", ["sla", "client", "group", "priority", "request_type"])
    def test_one_condition_is_enough(self, load: Load, key: str) -> None:
        (policy,) = load(f'{POLICY}{key} = "x"').policies_as_domain()
        assert len(policy.conditions) == 1
        assert (policy.order, policy.calendar) == (None, None)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ('[calendars.o]\ntimezone = "Europe/Dublni"\n' + WEEK,
         ["calendars.o.timezone", "'Europe/Dublni'", "did you mean Europe/Dublin?"]),
        (OFFICE + 'funday = [["09:00", "17:00"]]', ["calendars.o.funday", "known here", "mon"]),
        (OFFICE + 'monday = [["09:00", "17:00"]]', ["calendars.o.monday", "did you mean mon?"]),
        (OFFICE + 'mon = [["09:00", "12:00"], ["11:00", "17:00"]]',
         ["calendars.o.mon", '["09:00", "12:00"] and ["11:00", "17:00"] overlap']),
        (OFFICE + 'mon = [["09:00", "23:59"], ["22:00", "23:59"]]',
         ["calendars.o.mon", '["09:00", "23:59"] and ["22:00", "23:59"] overlap']),
        (OFFICE + 'mon = [["22:00", "06:00"]]\ntue = [["05:00", "09:00"]]',
         ["calendars.o", "the night of mon runs into the hours of tue"]),
        (OFFICE + 'sun = [["22:00", "06:00"]]\nmon = [["05:00", "09:00"]]',
         ["calendars.o", "the night of sun runs into the hours of mon"]),
        (OFFICE + 'mon = [["09:00", "25:00"]]', ["calendars.o.mon", "'25:00'", "at most 24:00"]),
        (OFFICE + 'mon = [["09:00", "09:00"]]',
         ["calendars.o.mon", '["09:00", "09:00"]', '["00:00", "24:00"]']),
        (OFFICE, ["calendars.o", "never open"]),
        (OFFICE + "overrides = { 2026-12-24 = [] }", ["calendars.o", "never open"]),
        (OFFICE + 'overrides = { 2026-13-24 = [["09:00", "12:00"]] }',
         ["calendars.o.overrides.2026-13-24", '"2026-13-24"', "a date such as 2026-12-24"]),
        (OFFICE + 'overrides = { 20261224 = [["09:00", "12:00"]] }',
         ["calendars.o.overrides.20261224", "a date such as 2026-12-24"]),
        (OFFICE + 'overrides = { 2026-12-24 = ["09:00", "12:00"] }',
         ["calendars.o.overrides.2026-12-24[0]", "a pair such as"]),
        (OFFICE + 'overrides = { 2026-12-24 = [["09:00", "25:00"]] }',
         ["calendars.o.overrides", "2026-12-24", "'25:00'"]),
        (OFFICE + 'overrides = { 2026-12-24 = [["09:00", "12:00"], ["11:00", "13:00"]] }',
         ["calendars.o.overrides", "2026-12-24", "overlap"]),
        (OFFICE + WEEK + 'country = "XX"', ["calendars.o.country", "'XX'", "such as IE"]),
        (OFFICE + WEEK + 'country = "Irland"', ["'Irland'", "did you mean IE?"]),
        (OFFICE + WEEK + 'country = "GB"\nregion = "Skotland"',
         ["calendars.o.region", "'Skotland'", "did you mean SCT?"]),
        (OFFICE + WEEK + 'country = "GB"\nregion = "zz"', ["'zz'", "known are ENG, NIR, SCT, WLS"]),
        (OFFICE + WEEK + 'country = "IE"\nregion = "Cork"', ["'Cork'", "expected none", "remove it"]),
        (OFFICE + WEEK + 'region = "ENG"', ["calendars.o.region", "'ENG'", "add country"]),
        (POLICY.replace("5", "0") + "default = true",
         ["policies[0].response_minutes", "found 0", "more than 0"]),
        ('[[policies]]\nname = "P"\nresolution_hours = -1.5\ndefault = true',
         ["policies[0].resolution_hours", "found -1.5", "more than 0"]),
        (POLICY, ["policies[0]", "'P' matches no ticket", "group", "request_type"]),
        (POLICY + 'group = "x"\ndefault = true', ["policies[0]", "'P'", "and conditions"]),
        (POLICY + 'client = "x"\norder = "first"',
         ["policies[0].order", 'found "first"', "a whole number"]),
        (POLICY + 'client = "x"\norder = -1', ["policies[0].order", "found -1", "at least 0"]),
        (OFFICE + WEEK + POLICY + 'client = "x"\ncalendar = "0"',
         ["policies[0].calendar", "'0'", "known are o"]),
        (OFFICE.replace(".o", ".office") + WEEK + POLICY + 'client = "x"\ncalendar = "offcie"',
         ["policies[0].calendar", "'offcie'", "did you mean office?"]),
        (POLICY + 'client = "x"\ncalendar = "office"',
         ["policies[0].calendar", "'office'", "add one as [calendars.NAME]"]),
        (OFFICE + WEEK + POLICY + 'client = "x"\ncalendar = "o"\nbusiness_hours_only = false',
         ["policies[0]", "'P'", "calendar = 'o'", "business_hours_only = false"]),
        ((POLICY + 'client = "x"\n') * 2, ["policies", "'P' more than once"]),
        ((POLICY + 'client = "x"\n') + POLICY.replace('"P"', '"p"') + 'client = "y"',
         ["policies", "'P' more than once"]),
    ],
)  # fmt: skip
def test_each_mistake_is_one_sentence_with_key_and_value(
    refused: Refused, text: str, parts: list[str]
) -> None:
    sentence = refused(text)
    assert sentence.startswith("FILE: ")
    for part in parts:
        assert part in sentence


class TestTwoCalendars:
    def test_a_policy_may_count_its_response_in_other_hours(self, load: Load) -> None:
        text = OFFICE + WEEK + POLICY + 'default = true\ncalendar = "o"\nresponse_calendar = "24x7"'
        (policy,) = load(text).policies_as_domain()
        assert (policy.hours, policy.response_hours) == ("o", WhoseHours.EVERY)

    def test_the_response_may_count_in_office_hours_where_every_hour_counts_else(
        self, load: Load
    ) -> None:
        text = POLICY + 'default = true\nbusiness_hours_only = false\nresponse_calendar = "o"\n'
        (policy,) = load(OFFICE + WEEK + text).policies_as_domain()
        assert (policy.hours, policy.response_hours) == (WhoseHours.EVERY, "o")

    def test_one_that_does_not_exist_is_told_with_the_nearest(self, refused: Refused) -> None:
        text = OFFICE.replace(".o]", ".office]") + WEEK + POLICY
        found = refused(text + 'default = true\nresponse_calendar = "ofice"')
        assert "policies[0].response_calendar: found 'ofice'" in found
        assert "did you mean office?" in found

    def test_without_a_response_it_is_refused(self, refused: Refused) -> None:
        text = '[[policies]]\nname = "P"\nresolution_hours = 4.0\ndefault = true\n'
        found = refused(text + 'response_calendar = "24x7"')
        assert "'P' has response_calendar = '24x7' and promises no first response" in found

    def test_a_calendar_with_the_name_of_every_hour_is_refused(self, refused: Refused) -> None:
        text = OFFICE.replace(".o]", ".24x7]") + WEEK + POLICY
        found = refused(text + 'default = true\nresponse_calendar = "24x7"')
        assert "rename the calendar" in found


class TestSiteHolidays:
    def test_half_days_are_hours_of_their_own(self, load: Load) -> None:
        text = (
            '[[site_holidays]]\nclient = "Acme"\nreplace = true\n'
            'overrides = { 2026-12-24 = [["09:00", "13:00"]], 2026-12-31 = [] }'
        )
        (rule,) = load(text).site_holidays_as_domain()
        assert rule.overrides == {
            date(2026, 12, 24): (("09:00", "13:00"),),
            date(2026, 12, 31): (),
        }
        assert rule.replace

    @pytest.mark.parametrize(
        ("text", "part"),
        [
            ('client = "Acme"', "it names no days"),
            ("replace = true", "found replace = true without client and site"),
            ('overrides = { 2026-12-24 = [["13:00", "13:00"]] }', "an end that is not its start"),
        ],
    )
    def test_what_cannot_be_meant_is_refused(self, refused: Refused, text: str, part: str) -> None:
        assert part in refused(f"[[site_holidays]]\n{text}")

    def test_an_end_just_before_midnight_is_midnight_and_said_so(self, load: Load) -> None:
        settings = load('[[site_holidays]]\noverrides = { 2026-12-24 = [["09:00", "23:59"]] }')
        (rule,) = settings.site_holidays
        assert rule.as_domain().overrides == {date(2026, 12, 24): (("09:00", "24:00"),)}
        assert rule.notifications() == ["2026-12-24: 23:59 is taken as 24:00"]


class TestNames:
    def test_spaces_of_other_widths_are_ordinary_ones(self, load: Load) -> None:
        text = POLICY + 'client = "Acme\u00a0Ltd"'
        assert load(text).policies[0].client == "Acme Ltd"

    def test_a_character_that_does_not_show_is_refused_by_its_name(self, refused: Refused) -> None:
        found = refused(POLICY + 'client = "Acme\\u200b"')
        assert "U+200B ZERO WIDTH SPACE" in found

    def test_two_spellings_of_one_name_are_one_policy(self, refused: Refused) -> None:
        text = POLICY.replace('"P"', '"Caf\u00e9"') + "default = true\n"
        other = POLICY.replace('"P"', '"CAFE\u0301"') + 'priority = "High"\n'
        assert "more than once" in refused(text + other)
