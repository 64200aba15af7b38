"""How promises were kept."""

import random
import statistics
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sla_console.domain.calendar import BusinessCalendar
from sla_console.domain.hands import Hand
from sla_console.domain.judgement import judge
from sla_console.domain.performance import DIMENSIONS, figures_by, figures_of, technician_metrics
from sla_console.domain.sla_clock import JudgedTicket
from sla_console.domain.ticket import StatusPhases, Ticket
from sla_console.domain.trend import Trend

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PHASES = StatusPhases.of(hold=(), closed=("Closed",))
ALWAYS = BusinessCalendar.always()


def judged(ticket: Ticket) -> JudgedTicket:
    return judge(ticket, None, ALWAYS, PHASES)


def closed(day: int, *, late: bool = False, hours: float | None = None, **more) -> JudgedTicket:
    created = NOON - timedelta(days=30 - day)
    took = hours if hours is not None else 5 if late else 3
    ticket = Ticket(
        str(day), str(day), "x", status="Closed", created_at=created,
        resolution_due=created + timedelta(hours=4), resolved_at=created + timedelta(hours=took),
        technician_id="t1", technician="Marta",
    )  # fmt: skip
    return judged(replace(ticket, **more))


OPEN = judged(
    Ticket(
        "o",
        "o",
        "x",
        status="Open",
        created_at=NOON,
        technician_id="t1",
        resolution_due=NOON + timedelta(hours=1),
    )
)
OVERDUE = judged(replace(OPEN.ticket, id="l", resolution_due=NOON - timedelta(hours=1)))


def metrics(*tickets: JudgedTicket, hands=None, who: str = "t1"):
    return technician_metrics(who, "Marta", tickets, NOON - timedelta(days=30), NOON, hands=hands)


class TestFigures:
    """Of any group of tickets."""

    def test_open_promises_are_in_neither_and_broken_ones_are_missed(self) -> None:
        found = figures_of([closed(1), closed(2, late=True), OPEN, OVERDUE], NOON)
        assert (found.met, found.missed, found.open) == (1, 2, 1)
        assert found.compliance == pytest.approx(100 / 3)
        assert found.compliance_low < found.compliance < found.compliance_high

    def test_nothing_judged_is_no_figure_rather_than_a_good_one(self) -> None:
        assert figures_of([OPEN], NOON).compliance is None
        assert figures_of([], NOON).resolution.median is None

    @given(st.lists(st.floats(0.1, 90.0), min_size=2, max_size=40))
    def test_median_and_nine_of_ten_are_those_of_the_textbook(self, hours: list) -> None:
        found = figures_of([closed(1, hours=one) for one in hours], NOON).resolution
        assert found.median is not None
        assert found.p90 is not None
        close = pytest.approx(statistics.median(hours) * 3600, abs=0.001)
        assert found.median.total_seconds() == close
        tenths = statistics.quantiles(hours, n=10, method="inclusive")
        assert found.p90.total_seconds() == pytest.approx(tenths[-1] * 3600, abs=0.001)

    def test_promised_time_and_wall_time_are_told_apart(self) -> None:
        office = BusinessCalendar("UTC", {"mon": [("09:00", "17:00")], "tue": [("09:00", "17:00")]})
        ticket = replace(closed(1).ticket, created_at=NOON, resolved_at=NOON + timedelta(hours=22))
        found = figures_of([judge(ticket, None, office, PHASES)], NOON + timedelta(days=2))
        assert found.resolution.average == timedelta(hours=6)
        assert found.resolution_wall.average == timedelta(hours=22)

    tickets = st.lists(
        st.builds(
            lambda number, late, client, priority: closed(
                number, late=late, client=client, priority=priority
            ),
            st.integers(1, 28),
            st.booleans(),
            st.sampled_from(["Acme", "Blue", None]),
            st.sampled_from(["High", "Low", None]),
        ),
        max_size=30,
    )

    @settings(deadline=None)
    @given(tickets, st.sampled_from(sorted(DIMENSIONS)), st.randoms())
    def test_parts_add_up_to_the_whole_in_whatever_order(
        self, tickets: list, dimension: str, shuffler: random.Random
    ) -> None:
        parts = figures_by(dimension, tickets, NOON)
        whole = figures_of(tickets, NOON)
        assert sum(part.met for part in parts.values()) == whole.met
        assert sum(part.missed for part in parts.values()) == whole.missed
        assert sum(part.tickets for part in parts.values()) == whole.tickets
        shuffled = tickets.copy()
        shuffler.shuffle(shuffled)
        assert figures_by(dimension, shuffled, NOON) == parts


class TestTechnicians:
    """Of one technician, by time in hands."""

    def test_what_was_always_in_hand_is_wholly_theirs(self) -> None:
        found = metrics(closed(1), closed(2, late=True), OPEN)
        assert found.compliance_rate == 50.0
        assert (found.total_tickets, found.sla_compliant_tickets, found.breach_count) == (3, 1, 1)
        assert found.average_resolution_time == timedelta(hours=4)
        assert found.median_resolution_time == timedelta(hours=4)
        assert (found.open_tickets, found.judged) == (1, 2)

    def test_a_ticket_that_changed_hands_is_shared_by_time(self) -> None:
        late = closed(1, late=True)
        start = late.ticket.created_at
        assert start is not None
        # Marta has it for one hour of five and hands it on; it breaks in Tom's hands.
        hands = {
            "1": (
                Hand("t1", "Marta", start, start + timedelta(hours=1)),
                Hand("t2", "Tom", start + timedelta(hours=1)),
            )
        }
        marta = metrics(late, closed(2), hands=hands)
        tom = metrics(late, hands=hands, who="t2")
        assert marta.compliance_rate == pytest.approx(100 * 1 / 1.2)
        assert (marta.breach_count, tom.breach_count) == (0, 1)
        assert marta.judged + tom.judged == pytest.approx(2)
        assert tom.average_resolution_time == timedelta(hours=5)
        assert marta.average_resolution_time == timedelta(hours=3), "she resolved the other one"

    def test_the_trend_needs_enough_promises_and_a_clear_change(self) -> None:
        worse = [closed(day, late=day > 10) for day in range(1, 21)]
        assert metrics(*worse).performance_trend is Trend.DECLINING
        assert metrics(*worse[8:12]).performance_trend is Trend.STABLE
