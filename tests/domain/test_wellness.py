"""The table in ``docs/operations.md``: each word that says well, its proof, and its time."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import NamedTuple

import pytest

from sla_console.domain.board import ChannelHealth, Health, PartHealth, SourceState
from sla_console.domain.durations import words
from sla_console.domain.proof import GOOD_FOR, PART, PART_GOOD_FOR, Proof, Sign
from sla_console.domain.wellness import (
    CHANNEL_GOOD_FOR,
    POLL_LATE,
    channel_word,
    clock_word,
    heartbeat_word,
    looked_at,
    monitor_word,
    part_word,
    poll_word,
    sentences,
    store_word,
    waiting_word,
)

NOW = datetime(2026, 10, 12, 9, 0, tzinfo=UTC)
BEGAN = timedelta(days=3)
"""Time that had passed by then; this machine was started three days before."""
LONG = timedelta(days=9)
GOOD = {sign: GOOD_FOR[sign] for sign in Sign}
TIMES = {
    **{str(sign): span for sign, span in GOOD.items()},
    "poll": POLL_LATE,
    "part": PART_GOOD_FOR,
    "channel": CHANNEL_GOOD_FOR,
}


class Row(NamedTuple):
    word: str
    sign: str
    seconds: int


def table() -> list[Row]:
    text = files("sla_console").joinpath("docs/operations.md").read_text(encoding="utf-8")
    first = text.split("## Word, proof, time")[1].split("## What to do")[0]
    rows = [line.strip("|").split("|") for line in first.splitlines() if line.startswith("| `")]
    return [
        Row(cells[0].strip(" `"), cells[1].strip(" `"), int(cells[3].strip().removesuffix(" s")))
        for cells in rows
    ]


def well(*, leading: bool = True, **ages: timedelta) -> Health:
    """Return a health with all proofs given just now, or as long ago as named by their signs."""

    def proof(sign: str, good_for: timedelta, *, needed: bool = True) -> Proof:
        lasting = LONG if sign not in ages else good_for
        return Proof(sign, lasting, BEGAN - ages.get(sign, timedelta()), needed=needed)

    return Health(
        SourceState.LIVE,
        last_sync_at=NOW - ages.get("read", timedelta()),
        next_poll_at=NOW - ages.get("poll", timedelta()),
        leader="desk-2",
        leading=leading,
        parts=(PartHealth("sync"),),
        channels=(ChannelHealth("ops", last_accepted_at=NOW - ages.get("channel", timedelta())),),
        proofs=(
            *(proof(sign, GOOD[sign], needed=sign is not Sign.CLOCK) for sign in Sign),
            replace(proof("part", PART_GOOD_FOR), sign=f"{PART}sync"),
        ),
    )


def said(health: Health) -> list[str]:
    """Return everything that is said of it."""
    health = looked_at(health, NOW, BEGAN)
    age = health.data_age(NOW)
    poll = poll_word(health, NOW)
    found = [
        *([str(health.connection)] if health.connection is SourceState.LIVE else []),
        *([f"data {words(age)} old"] if age is not None else []),
        *([] if sentences(health) else ["no line of trouble"]),
        *([poll.text] if poll is not None else []),
        *(part_word(part, health.faults).text for part in health.parts),
        *(channel_word(channel, NOW).text for channel in health.channels),
    ]
    asked = (monitor_word, store_word, clock_word, heartbeat_word, waiting_word)
    return [*found, *(word(health).text for word in asked)]


def says(row: Row, found: list[str]) -> bool:
    """Return whether a word of the table is among those that are said, whole or as the beginning."""
    if row.word == "alerts waiting":
        return any(re.fullmatch(r"alerts waiting \d+", one) for one in found)
    if row.word in {"ok", "live", "runs", "monitored here", "no line of trouble"}:
        return row.word in found
    return any(one.startswith(f"{row.word.split(' …')[0]} ") for one in found)


@pytest.mark.parametrize("row", table(), ids=lambda row: f"{row.word} by {row.sign}")
def test_each_word_is_said_for_as_long_as_the_table_says_and_no_longer(row: Row) -> None:
    """With its proof as old as the time in the table it stands; a second later it does not."""
    leading = row.word not in {"monitored by", "read … ago"}
    if row.word.startswith("data"):
        assert (said(well(read=timedelta(seconds=4)))[1], row.seconds) == ("data 4 s old", 1)
        return
    assert says(row, said(well(leading=leading)))
    time = timedelta(seconds=row.seconds)
    assert says(row, said(well(leading=leading, **{row.sign: time})))
    assert not says(row, said(well(leading=leading, **{row.sign: time + timedelta(seconds=1)})))


def test_the_table_has_the_times_of_the_code() -> None:
    rows = [row for row in table() if not row.word.startswith("data")]
    assert {row.sign: timedelta(seconds=row.seconds) for row in rows} == TIMES


@pytest.mark.parametrize("leading", [True, False])
def test_the_table_has_every_word_that_says_well(leading: bool) -> None:
    found = said(well(leading=leading))
    known = [row for row in table() if says(row, found)]
    for word in found:
        begun = [row.word.split(" …")[0] for row in known]
        assert any(word.startswith(one) for one in begun), word


def test_where_nothing_was_proved_nothing_is_said_to_be_well() -> None:
    found = said(Health(SourceState.LIVE, leading=True, channels=(ChannelHealth("ops"),)))
    assert not [row for row in table() if says(row, found) and row.word != "no line of trouble"]


def test_a_fault_outlives_its_proof() -> None:
    """A write that failed is a fault at once, although the one before was a second ago."""
    broken = [
        replace(one, fault="the disk is full") if one.sign is Sign.STORE else one
        for one in well().proofs
    ]
    health = looked_at(replace(well(), proofs=tuple(broken)), NOW, BEGAN)
    assert (health.connection, health.message) == (SourceState.IN_DOUBT, "The disk is full.")
