"""Why a ticket is due when it is, and what would change that."""

import json
from datetime import UTC

import pytest

from sla_console.domain.errors import UserError
from sla_console.domain.sla.calendar import WEEKDAYS, BusinessCalendar
from sla_console.domain.sla.policy import SLAPolicy
from sla_console.domain.sla.what_if import parse_what_if
from sla_console.service.explanation_text import (
    explanation_document,
    explanation_lines,
    supposition_lines,
)

OFFICE = BusinessCalendar("UTC", {day: [("09:00", "17:00")] for day in WEEKDAYS[:5]})
POLICIES = (
    SLAPolicy("g", "Gold", sla_name="Gold", resolution_time_hours=4.0),
    SLAPolicy("h", "High", priority_level="High", resolution_time_hours=8.0),
    SLAPolicy("c", "Low", priority_level="Low", sla_name="Gold", resolution_time_hours=40.0),
)
PROMISES = {"policies": POLICIES, "calendars": {"office": OFFICE}, "default_calendar": "office"}


@pytest.fixture
async def told(begin, clock, desk):
    """A console with one ticket, and what it tells about it."""
    console = await begin(**PROMISES)
    ticket = desk.open("T1", clock.now())
    await console.sync()

    async def tell(what_if: str | None = None) -> tuple[str, dict]:
        now = clock.now()
        explanation = await console.service.explain("t1")
        lines = list(explanation_lines(explanation, UTC))
        supposed = None
        if what_if is not None:
            change = parse_what_if(what_if, now)
            supposed = await console.service.suppose("T1", change)
            lines += supposition_lines(supposed, now, UTC)
        return "\n".join(lines), json.loads(json.dumps(explanation_document(explanation, supposed)))

    tell.ticket, tell.console = ticket, console
    return tell


async def test_it_names_the_policy_the_reason_and_the_others(told) -> None:
    text, document = await told()
    assert "Policy: Gold, because SLA is Gold" in text
    assert "would match too: High (priority is High)" in text
    assert "conflict: High fits equally well" in text
    assert "calendar office, the default" in text
    assert document["policy"]["others"] == ["High"]


async def test_the_ledger_adds_up_to_the_due_time(told) -> None:
    _, document = await told()
    clock = document["clocks"]["resolution"]
    assert clock["due"] == clock["ledger"][-1]["end"] == "2026-10-12T13:00:00Z"
    assert clock["ledger"][-1]["total_seconds"] == clock["target_seconds"] == 14_400.0


async def test_remaining_promised_time_and_wall_time_are_both_told(told, clock) -> None:
    clock.advance(hours=1)
    text, _ = await told()
    assert "3 h of promised time left, 3 h on the wall, 25% used" in text


async def test_another_priority_takes_its_target_from_the_same_start(told, clock) -> None:
    text, document = await told("priority=Low")
    supposed = document["what_if"]
    assert supposed["policy"] == "Low"
    # Forty hours of eight a day, from Monday nine o'clock: Friday at closing.
    assert supposed["clocks"]["resolution"]["due"] == "2026-10-16T17:00:00Z"
    assert "computed here; SuperOps may see it otherwise" in text


async def test_a_hold_with_an_end_moves_the_due_time_and_one_without_stops_the_clock(told) -> None:
    _, document = await told("hold from now for 2h")
    assert document["what_if"]["clocks"]["resolution"]["due"] == "2026-10-12T15:00:00Z"
    text, _ = await told("hold from now")
    assert "stands still from Mon 12 Oct 09:00 with 4 h of promised time left" in text


async def test_a_holiday_and_another_calendar_are_counted(told) -> None:
    _, document = await told("holiday=2026-10-12")
    assert document["what_if"]["clocks"]["resolution"]["due"] == "2026-10-13T13:00:00Z"
    _, document = await told("calendar=24x7")
    assert document["what_if"]["clocks"]["resolution"]["due"] == "2026-10-12T13:00:00Z"


async def test_it_says_what_would_be_overdue_at_once(told, clock) -> None:
    clock.advance(hours=3)
    told.ticket.sla = None
    text, _ = await told("calendar=office, sla=none, priority=High")
    assert "overdue" not in text
    clock.advance(hours=7)
    text, _ = await told("hold from 2026-10-12T10:00 for 1h")
    assert "overdue" not in text, "it is late already"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [("calendar=ofice", "did you mean office"), ("client=Harbor", "did you mean Harbour")],
)
async def test_an_unknown_name_offers_the_nearest(told, text: str, complaint: str) -> None:
    with pytest.raises(UserError, match=complaint):
        await told(text)


async def test_an_unknown_ticket_offers_the_nearest(told) -> None:
    with pytest.raises(UserError, match="did you mean T1"):
        await told.console.service.explain("T11")


async def test_a_closed_ticket_can_still_be_explained(told, clock, desk) -> None:
    clock.advance(hours=1)
    desk.set_status(told.ticket, "Closed", clock.now())
    told.ticket.updated = clock.now()
    await told.console.sync()
    clock.advance(hours=1)
    text, _ = await told()
    assert "met with 3 h left" in text


async def test_the_forecast_says_when_history_is_too_thin(told) -> None:
    text, _ = await told()
    assert "forecast: not enough history: 0 of 60 resolutions have come due" in text
