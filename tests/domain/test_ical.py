"""iCalendar: what is read of absences, what is written of turns, and what is refused."""

import contextlib
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_console.domain.people.ical import Event, read, write
from sla_console.domain.people.rota import Stretch

DUBLIN = ZoneInfo("Europe/Dublin")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def calendar(*properties: str) -> str:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", *properties, "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""])


@pytest.mark.parametrize(
    ("properties", "start", "end"),
    [
        (("DTSTART:20260706T080000Z", "DTEND:20260706T160000Z"), "2026-07-06T08:00", "2026-07-06T16:00"),
        (("DTSTART;VALUE=DATE:20260706", "DTEND;VALUE=DATE:20260708"), "2026-07-05T23:00", "2026-07-07T23:00"),
        (("DTSTART;VALUE=DATE:20260706",), "2026-07-05T23:00", "2026-07-06T23:00"),
        (("DTSTART:20260706T090000", "DURATION:PT8H30M"), "2026-07-06T08:00", "2026-07-06T16:30"),
        (("DTSTART;TZID=America/New_York:20260706T090000", "DURATION:P1W"), "2026-07-06T13:00", "2026-07-13T13:00"),
        (('DTSTART;TZID="America/New_York":20260706T090000', "DURATION:P1D"), "2026-07-06T13:00", "2026-07-07T13:00"),
        (("DTSTART:20261224T090000", "DTEND:20261224T170000"), "2026-12-24T09:00", "2026-12-24T17:00"),
    ],
)  # fmt: skip
def test_an_event_is_read_in_each_of_its_forms(properties, start, end) -> None:
    """Dublin is an hour ahead of UTC in July, New York four behind."""
    (event,) = read(calendar(*properties, "SUMMARY:Away"), DUBLIN).events
    assert event == Event(at(start), at(end), "Away")


def test_folded_lines_escapes_and_alarms_are_understood() -> None:
    text = calendar(
        "DTSTART:20260706T080000Z", "DTEND:20260706T160000Z", "SUMMARY:Skiing\\, with", "  Bo",
        "BEGIN:VALARM", "DTSTART:20200101T000000Z", "SUMMARY:no", "END:VALARM",
    )  # fmt: skip
    (event,) = read(text, DUBLIN).events
    assert (event.summary, event.start) == ("Skiing, with Bo", at("2026-07-06T08:00"))


@pytest.mark.parametrize("line", ["STATUS:CANCELLED", "TRANSP:TRANSPARENT"])
def test_what_leaves_somebody_free_is_no_absence(line) -> None:
    assert read(calendar("DTSTART:20260706T080000Z", "DURATION:P1D", line), DUBLIN).events == ()


def test_what_repeats_is_left_out_and_counted() -> None:
    found = read(calendar("DTSTART:20260706T080000Z", "RRULE:FREQ=WEEKLY"), DUBLIN)
    assert (found.events, found.repeating) == ((), 1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "found no BEGIN:VCALENDAR"),
        ("<html>", "found no BEGIN:VCALENDAR"),
        (calendar("SUMMARY:x"), "without DTSTART"),
        (calendar("DTSTART:soon"), "found the time 'soon'"),
        (calendar("DTSTART:20261399"), "found the time '20261399'"),
        (calendar("DTSTART;TZID=Nowhere/None:20260706T080000"), "Nowhere/None"),
        (calendar("DTSTART:20260706T080000Z", "DURATION:often"), "found the duration 'often'"),
        (calendar("DTSTART:20260706T080000Z", "DTEND:20260705T080000Z"), "ends before it begins"),
        (calendar("DTSTART:20260706T080000Z"), "ends before it begins"),
    ],
)
def test_what_cannot_be_read_is_named(text, said) -> None:
    with pytest.raises(ValueError, match=said):
        read(text, DUBLIN)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text) -> None:
    for each in (text, calendar(*text.splitlines()), calendar("DTSTART:20260706", text)):
        with contextlib.suppress(ValueError):
            assert all(event.start < event.end for event in read(each, DUBLIN).events)


@given(st.text(min_size=1, max_size=120))
def test_what_is_written_is_read_again_in_lines_of_75_octets(person) -> None:
    turn = Stretch(person, at("2026-07-06T08:00"), at("2026-07-13T08:00"))
    text = write("primary", [turn], at("2026-07-01T00:00"))
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    (event,) = read(text, DUBLIN).events
    assert (event.start, event.end) == (turn.start, turn.end)
