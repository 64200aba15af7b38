"""Spans as people read them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_console.domain.durations import COUNTDOWN_WIDTH, countdown, words


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        (timedelta(days=2, hours=3), "2 d 3 h"),
        (timedelta(days=2), "2 d"),
        (timedelta(hours=3, minutes=12), "3 h 12 m"),
        (timedelta(minutes=-12), "12 m"),
        (timedelta(seconds=45), "45 s"),
    ],
)
def test_a_span_in_words(span: timedelta, expected: str) -> None:
    assert words(span) == expected


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        (timedelta(minutes=12, seconds=31), "12:31"),
        (timedelta(seconds=0.4), "0:01"),
        (timedelta(), "0:00"),
        (timedelta(seconds=-61), "-1:01"),
        (timedelta(hours=3, minutes=12), "3h 12m"),
        (timedelta(hours=-23, minutes=-59), "-23h59m"),
        (timedelta(days=2, hours=3), "2d 3h"),
        (timedelta(days=-14, hours=-3), "-14d 3h"),
        (timedelta(days=400), "400d"),
    ],
)
def test_a_countdown(span: timedelta, expected: str) -> None:
    assert countdown(span).strip() == expected


@given(st.timedeltas(timedelta(days=-99), timedelta(days=9999)))
def test_a_countdown_has_room_for_any_usual_span(span: timedelta) -> None:
    assert len(countdown(span)) == COUNTDOWN_WIDTH
