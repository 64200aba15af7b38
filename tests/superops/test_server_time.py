"""The ``Date`` of SuperOps' answers, held against this machine's clock."""

from datetime import timedelta

import httpx
import pytest

from sla_console.superops.server_time import ServerTime, date_of


@pytest.mark.parametrize("header", [None, "", "yesterday", "Mon, 99 Oct 2026 09:00:00 GMT"])
def test_what_is_no_date_is_none(header) -> None:
    assert date_of(header) is None


def test_nothing_is_known_before_an_answer(clock) -> None:
    time = ServerTime(clock)
    time.heard(None)
    assert time.offset() is None


def test_a_step_shows_at_once(clock) -> None:
    """Heard 9:00 at 9:00; an hour passes, then the clock is set forward by two: two ahead."""
    time = ServerTime(clock)
    time.heard(clock.now())
    clock.advance(hours=1)
    assert abs(time.offset()) < timedelta(seconds=1)
    clock.step(hours=2)
    assert abs(time.offset() - timedelta(hours=2)) < timedelta(seconds=1)


def test_one_odd_date_does_not_decide(clock) -> None:
    """Heard 9:00, then 6:00 from a proxy, then 9:02 at 9:02: the clock is right."""
    time = ServerTime(clock)
    for minutes, odd in ((0, 0), (1, 3), (1, 0)):
        clock.advance(minutes=minutes)
        time.heard(clock.now() - timedelta(hours=odd))
    assert abs(time.offset()) < timedelta(seconds=1)


async def test_an_answer_with_an_impossible_date_is_an_answer(client, desk) -> None:

    body = httpx.ByteStream(b'{"data": {"getSLAList": []}}')
    desk.will(httpx.Response(200, headers={"Date": "the day after"}, stream=body))
    assert await client.sla_names() == []
    assert client.clock_offset() is None


@pytest.mark.parametrize(
    "header",
    [
        "Fri, 31 Dec 9999 23:59:59 -0900",
        "Mon, 01 Jan 0001 00:00:00 +0900",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "Mon, 12 Oct 2326 09:00:00 GMT",
        "Mon, 12 Oct 2026 09:00:00 +9999999999",
        "\x00\x1b[31m",
        "1" * 5000,
    ],
)
async def test_a_date_that_cannot_be_true_is_none_and_harms_no_answer(client, desk, header) -> None:
    """Beyond what a date can be, of another century, or no date at all: the answer counts."""
    assert date_of(header) is None
    body = httpx.ByteStream(b'{"data": {"getSLAList": []}}')
    shown = header if header.isprintable() else "odd"
    desk.will(httpx.Response(200, headers={"Date": shown}, stream=body))
    assert await client.sla_names() == []
    assert client.clock_offset() is None
    assert client.clock_heard() is None
