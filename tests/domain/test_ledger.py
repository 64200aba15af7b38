"""How a due time came about, stretch by stretch, so that it can be checked by hand."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from sla_console.domain.sla.calendar import WEEKDAYS, BusinessCalendar
from sla_console.domain.sla.evaluation import Observed, evaluate
from sla_console.domain.sla.ledger import ledger
from sla_console.domain.sla.policy import SLAPolicy
from sla_console.domain.tickets.ticket import Hold, HoldReason, StatusPhases, Ticket

OFFICE = BusinessCalendar(
    "Europe/Dublin",
    {day: [("09:00", "17:30")] for day in WEEKDAYS[:5]},
    holidays=[date(2026, 12, 25)],
    overrides={date(2026, 12, 24): [("09:00", "12:00")]},
)
PHASES = StatusPhases.of(("On Hold",), ("Closed",))
POLICY = SLAPolicy("p", "Ten hours", resolution_time_hours=10.0)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}Z")


def resolution(created: str, *holds: Hold, policy: SLAPolicy = POLICY):
    ticket = Ticket("1", "T-1", "Printer", status="Open", created_at=at(created))
    return evaluate(ticket, policy, OFFICE, PHASES, observed=Observed(holds)).resolution


def test_it_tells_each_stretch_and_why_it_counts_or_not() -> None:
    clock = resolution("11-20T16:00")
    rows = [
        (f"{row.start:%d %H:%M}", row.counted, row.why) for row in ledger(clock, at("11-20T17:00"))
    ]
    assert rows == [
        ("20 16:00", True, "open"),
        ("20 17:30", False, "closed, outside hours, Sat, Sun"),
        ("23 09:00", True, "open"),
    ]


def test_the_total_at_the_due_time_is_the_target() -> None:
    clock = resolution("11-20T16:00")
    (last,) = [row for row in ledger(clock, at("11-20T17:00")) if row.end == clock.due]
    assert last.total == timedelta(hours=10)


def test_holidays_and_exceptions_are_named() -> None:
    rows = ledger(resolution("12-24T10:00"), at("12-24T11:00"))
    words = " ".join(row.why for row in rows)
    assert "holiday 25 Dec 2026" in words
    assert "special hours" in rows[0].why


def test_a_hold_is_one_line_that_says_how_it_is_known() -> None:
    seen = Hold(at("11-23T10:00"), at("11-24T10:00"))
    guessed = replace(seen, start=at("11-24T11:00"), end=at("11-24T12:00"), why=HoldReason.INFERRED)
    rows = ledger(resolution("11-23T09:00", seen, guessed), at("11-24T13:00"))
    held = [(row.start, row.end, row.why) for row in rows if "held" in row.why]
    assert held == [
        (seen.start, seen.end, "held, its status waits"),
        (guessed.start, guessed.end, "held, inferred from a due time that moved"),
    ]


def test_what_comes_after_the_due_time_is_marked_late() -> None:
    clock = resolution("11-23T09:00")
    rows = ledger(clock, at("11-24T12:00"))
    assert clock.due == at("11-24T10:30")
    assert [row.late for row in rows] == [False, False, False, True]
    assert rows[-1].passed == timedelta(hours=1, minutes=30)


def test_around_the_clock_is_one_line() -> None:
    clock = resolution("11-21T09:00", policy=replace(POLICY, business_hours_only=False))
    (row,) = ledger(clock, at("11-21T10:00"))
    assert row.why == "open, every hour counts"


moments = st.datetimes(datetime(2026, 11, 1), datetime(2026, 12, 30), timezones=st.just(UTC))
spans = st.integers(0, 40_000).map(lambda minutes: timedelta(minutes=minutes))


@settings(deadline=None)
@given(moments, st.lists(st.tuples(spans, spans), max_size=4), st.integers(1, 90), spans)
def test_it_adds_up_and_has_no_gaps(
    created: datetime, offsets: list, hours: int, age: timedelta
) -> None:
    holds = tuple(Hold(created + start, created + start + span) for start, span in offsets)
    ticket = Ticket("1", "T-1", "x", status="Open", created_at=created)
    policy = replace(POLICY, resolution_time_hours=float(hours))
    clock = evaluate(ticket, policy, OFFICE, PHASES, observed=Observed(holds)).resolution
    rows = ledger(clock, created + age)
    assert rows[0].start == created
    assert all(one.end == other.start for one, other in pairwise(rows))
    assert all(row.passed == (row.end - row.start if row.counted else timedelta()) for row in rows)
    in_time = [row for row in rows if not row.late]
    assert in_time[-1].end == clock.due
    assert in_time[-1].total == timedelta(hours=hours)
