"""Makes the store of version 0.1 in ``0.1/``, with that version's own code, simulator and clock.

It is kept for the record, not run with the tests. Check the version out (commit c2a4efd), copy
this file to its ``tests/monitoring/test_make_store.py`` and run::

    STORE=/some/folder PYTHONPATH=. pytest tests/monitoring/test_make_store.py

The desk promises an answer within 1 h and a resolution within 4 h, round the clock; all is opened
on Monday 12 October 2026 at 09:00 UTC, so answers are due at 10:00 and resolutions at 13:00.
"""

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

_STEP = 300


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-10-{text}").replace(tzinfo=UTC)


async def test_make_the_store(begin, clock, desk, tmp_path) -> None:
    console = await begin(warn_at=())
    tickets = {
        number: desk.open(number, clock.now())
        for number in (
            "IN TIME", "LATE", "OWED", "NEVER ANSWERED", "END UNKNOWN", "ENDED EARLY",
            "OPENED AGAIN", "OPENED AGAIN LATE", "HELD", "UNTOUCHED",
        )
    }  # fmt: skip
    tickets["UNTOUCHED"].resolution_due = at("20T09:00")
    tickets["UNTOUCHED"].response_due = at("19T09:00")

    def answer(number: str):
        return lambda now: desk.answer(tickets[number], now)

    def status(number: str, name: str):
        return lambda now: desk.set_status(tickets[number], name, now)

    def close_without(number: str, *fields: str):
        def close(now: datetime) -> None:
            desk.set_status(tickets[number], "Closed", now)
            for name in fields:
                setattr(tickets[number], name, None)

        return close

    script = [
        (at("12T09:30"), answer("IN TIME")),
        (at("12T09:30"), answer("HELD")),
        (at("12T09:40"), answer("OPENED AGAIN")),
        (at("12T09:40"), answer("OPENED AGAIN LATE")),
        (at("12T10:30"), answer("LATE")),
        (at("12T10:00"), close_without("ENDED EARLY", "resolved")),
        (at("12T11:00"), status("IN TIME", "Resolved")),
        (at("12T11:00"), status("OPENED AGAIN", "Resolved")),
        (at("12T12:00"), close_without("NEVER ANSWERED", "responded")),
        (at("12T12:00"), status("HELD", "On Hold")),
        (at("12T14:30"), status("LATE", "Resolved")),
        (at("12T14:30"), status("OPENED AGAIN LATE", "Resolved")),
        (at("12T15:00"), status("OPENED AGAIN", "Open")),
        (at("12T15:00"), status("OPENED AGAIN LATE", "Open")),
        (at("12T15:30"), status("OPENED AGAIN LATE", "Resolved")),
        (at("15T13:00"), close_without("END UNKNOWN", "resolved")),
    ]
    await console.engine.leadership.claim()
    for moment in (at("12T16:00"), at("15T14:00")):
        while clock.now() < moment:
            while script and script[0][0] <= clock.now():
                script.pop(0)[1](clock.now())
            await console.sync()
            clock.advance(seconds=_STEP)
    await console.engine.leadership.release()
    await console.store.close()
    keep(tmp_path)


def keep(made: Path) -> None:
    out = Path(os.environ["STORE"])
    out.mkdir(parents=True, exist_ok=True)
    for found in (made / "data").iterdir():
        shutil.copy(found, out / found.name)
    shutil.copy(made / "key", out / "key")
