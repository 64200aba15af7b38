"""Which days of a site are not as usual."""

from datetime import UTC, date, datetime, timedelta

from sla_console.domain.people.people import HolidayRule, special_days
from sla_console.domain.sla.calendar import WEEKDAYS, BusinessCalendar

EVE, DAY, AFTER = date(2026, 12, 24), date(2026, 12, 25), date(2026, 12, 28)
MORNING = (("09:00", "13:00"),)
EVERYBODY = HolidayRule(frozenset({DAY}))


def rule(*days: date, **fields: object) -> HolidayRule:
    return HolidayRule(frozenset(days), **fields)  # type: ignore[arg-type]


def test_a_narrower_rule_adds_to_the_wider_ones() -> None:
    found = special_days("Belfast", "Acme", [EVERYBODY, rule(AFTER, client="Acme")])
    assert found.holidays == {DAY, AFTER}


def test_one_for_another_client_does_not_count() -> None:
    assert special_days("Belfast", "Acme", [rule(DAY, client="Kestrel")]).holidays == frozenset()


def test_a_narrower_rule_that_replaces_leaves_the_wider_ones_out() -> None:
    rules = [rule(AFTER, client="Acme", replace=True), EVERYBODY]
    assert special_days("Belfast", "Acme", rules).holidays == {AFTER}


def test_what_replaces_the_clients_days_leaves_a_narrower_one_in() -> None:
    rules = [EVERYBODY, rule(EVE, client="Acme", replace=True), rule(AFTER, site="Belfast")]
    assert special_days("Belfast", "Acme", rules).holidays == {EVE, AFTER}


def test_a_half_day_of_the_client_goes_before_a_holiday_of_everybody() -> None:
    found = special_days(
        "Belfast", "Acme", [EVERYBODY, rule(client="Acme", overrides={DAY: MORNING})]
    )
    assert found.holidays == frozenset()
    assert found.overrides == ((DAY, MORNING),)


def test_a_holiday_of_the_site_goes_before_a_half_day_of_the_client() -> None:
    rules = [rule(client="Acme", overrides={DAY: MORNING}), rule(DAY, site="Belfast")]
    found = special_days("Belfast", "Acme", rules)
    assert found.holidays == {DAY}
    assert found.overrides == ()


def test_half_days_count_their_hours_and_holidays_none() -> None:
    """Thursday 24 December 9 to 13 is 4 h, Friday is closed: 4 h in the two days, of usually 16."""
    office = BusinessCalendar("UTC", {day: [("09:00", "17:00")] for day in WEEKDAYS[:5]})
    closed = office.with_holidays({DAY}, {EVE: MORNING})
    start = datetime(2026, 12, 24, tzinfo=UTC)
    assert office.open_time(start, start + timedelta(days=2)) == timedelta(hours=16)
    assert closed.open_time(start, start + timedelta(days=2)) == timedelta(hours=4)
