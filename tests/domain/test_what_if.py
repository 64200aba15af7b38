"""What somebody is thinking about, as they would write it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from sla_console.domain.errors import UserError
from sla_console.domain.sla.what_if import parse_what_if

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_several_changes_are_read_at_once() -> None:
    change = parse_what_if("Priority=High, hold from now, calendar=office", NOW)
    assert change.fields == {"priority": "High", "calendar": "office"}
    assert (change.hold_from, change.hold_until) == (NOW, None)


@pytest.mark.parametrize(
    ("text", "until"),
    [
        ("hold from now for 2h", NOW + timedelta(hours=2)),
        ("hold from now for 1d2h30m", NOW + timedelta(days=1, hours=2, minutes=30)),
        ("HOLD from now until 2026-11-24T09:00", datetime(2026, 11, 24, 9, tzinfo=UTC)),
        ("hold from now until 2026-11-24T09:00+02:00", datetime(2026, 11, 24, 7, tzinfo=UTC)),
    ],
)
def test_a_hold_may_have_an_end(text: str, until: datetime) -> None:
    assert parse_what_if(text, NOW).hold_until == until


def test_holidays_add_up_and_a_wait_may_end() -> None:
    change = parse_what_if("holiday=2026-12-24, holiday=2026-12-28, resume now", NOW)
    assert change.holidays == (date(2026, 12, 24), date(2026, 12, 28))
    assert change.resume


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "nothing to change"),
        ("prority=High", "did you mean priority"),
        ("priority=", "priority has no value"),
        ("make it faster", "expected NAME=VALUE"),
        ("hold it", "expected hold from now"),
        ("hold from noon", "is no moment"),
        ("hold from now for ages", "is no span"),
        ("hold from now until 2026-11-22T09:00", "ends before it begins"),
        ("holiday=christmas", "is no date"),
        ("x\x1b[2J=1", "expected NAME=VALUE"),
    ],
)
def test_what_is_not_understood_gets_one_sentence(text: str, complaint: str) -> None:
    with pytest.raises(UserError, match=complaint) as caught:
        parse_what_if(text, NOW)
    assert "\x1b" not in str(caught.value)
