"""A store of version 0.1 gets the verdicts that it did not keep; see ``tests/store/versions``.

Its desk promised an answer within 1 h and a resolution within 4 h, round the clock; all ten tickets
were opened on Monday 12 October 2026 at 09:00, so answers were due at 10:00 and resolutions at
13:00. The console looked every five minutes, last on Thursday 15 October at 13:55.
"""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sla_console.domain.sla.verdict import in_force
from sla_console.monitoring.backfill import Backfill

MADE = Path(__file__).parents[1] / "store" / "versions" / "0.1"

EXPECTED = {
    # answered at 09:30, resolved at 11:00
    "IN TIME": {("RESPONSE", 1): "met", ("RESOLUTION", 1): "met"},
    # answered at 10:30, resolved at 14:30
    "LATE": {("RESPONSE", 1): "missed", ("RESOLUTION", 1): "missed"},
    # neither, and still open
    "OWED": {("RESPONSE", 1): "missed", ("RESOLUTION", 1): "missed"},
    # closed at 12:00 without an answer
    "NEVER ANSWERED": {("RESPONSE", 1): "missed", ("RESOLUTION", 1): "met"},
    # closed on Thursday at 13:00 without a time; a breach was found while it was open
    "END UNKNOWN": {("RESPONSE", 1): "missed", ("RESOLUTION", 1): "missed"},
    # closed at 10:30, between two looks, without a time; answered then, half an hour late
    "ENDED EARLY": {("RESPONSE", 1): "missed", ("RESOLUTION", 1): "met"},
    # resolved at 11:00 with two hours left, opened at 15:00, so due again at 17:00 and missed
    "OPENED AGAIN": {("RESPONSE", 1): "met", ("RESOLUTION", 1): "met", ("RESOLUTION", 2): "missed"},
    # resolved at 14:30, opened at 15:00, resolved at 15:30: missed once
    "OPENED AGAIN LATE": {("RESPONSE", 1): "met", ("RESOLUTION", 1): "missed"},
    # answered at 09:30; held since 12:00, an hour before it was due, and not flagged
    "HELD": {("RESPONSE", 1): "met"},
    # due in the following week
    "UNTOUCHED": {},
}


@pytest.fixture
async def console(begin, clock, tmp_path):
    (tmp_path / "data").mkdir()
    for file in MADE.iterdir():
        shutil.copy(file, tmp_path / ("" if file.name == "key" else "data") / file.name)
    (tmp_path / "key").chmod(0o600)  # which git does not keep
    clock.set(datetime(2026, 10, 15, 14, tzinfo=UTC))
    return await begin()


async def outcomes(console) -> dict[str, dict[tuple[str, int], str]]:
    tickets = await console.store.tickets.load_open()
    tickets += await console.store.tickets.load_closed_since(datetime(2026, 1, 1, tzinfo=UTC))
    return {
        ticket.display_id: {
            (target.name, cycle): str(one.outcome)
            for (_, target, cycle), one in in_force(
                await console.store.verdicts.for_ticket(ticket.id)
            ).items()
        }
        for ticket in tickets
    }


async def test_each_target_of_the_old_store_gets_its_verdict(console, clock) -> None:
    assert await Backfill(console.store, console.engine.tracker, clock).step(None)
    assert await outcomes(console) == EXPECTED


async def test_how_many_were_decided_is_said_once(console, clock) -> None:
    """Of the 18 above two, those before a reopening, were there: 7 met and 9 missed are new."""
    backfill = Backfill(console.store, console.engine.tracker, clock)
    await backfill.step(None)
    await backfill.step(None)
    (entry,) = await console.store.audit.for_subject("verdicts")
    assert entry.detail == (
        "decided 16 verdicts from before verdicts were kept: 7 met, 9 missed, 0 in doubt"
    )


async def test_the_board_shows_them(console, clock) -> None:
    await Backfill(console.store, console.engine.tracker, clock).step(None)
    console.engine.refresh_board()
    owed = next(j for j in console.board.tickets if j.ticket.display_id == "OWED")
    assert [clock.verdict.outcome for clock in owed.clocks] == ["missed", "missed"]
