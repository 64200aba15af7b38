"""How promises were kept."""

import random
import statistics
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sla_console.domain.calendar import BusinessCalendar
from sla_console.domain.credit import NOBODY, holders_of, owner_of
from sla_console.domain.hands import Hand
from sla_console.domain.judgement import judge
from sla_console.domain.performance import DIMENSIONS, figures_by, figures_of, technician_metrics
from sla_console.domain.settling import Span, outcome_of, settled_of
from sla_console.domain.sla_clock import JudgedTicket
from sla_console.domain.ticket import StatusPhases, Ticket
from sla_console.domain.trend import Trend, wilson

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
        ticket = replace(
            closed(1).ticket,
            created_at=NOON,
            resolution_due=NOON + timedelta(hours=4),
            resolved_at=NOON + timedelta(hours=22),
        )
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
        assert (marta.sla_compliant_tickets, tom.sla_compliant_tickets) == (1, 0)
        only_late = metrics(late, hands=hands)
        assert only_late.compliance_rate == 0.0
        assert metrics(closed(1), hands=hands).sla_compliant_tickets == 0, "it was hers too briefly"
        assert tom.average_resolution_time == timedelta(hours=5)
        assert marta.average_resolution_time == timedelta(hours=3), "she resolved the other one"

    def test_the_trend_needs_enough_tickets_and_a_clear_change(self) -> None:
        worse = [closed(day, late=day > 10) for day in range(1, 21)]
        assert metrics(*worse).performance_trend is Trend.DECLINING
        assert metrics(*worse[8:12]).performance_trend is Trend.STABLE

    def test_the_trend_looks_no_further_back_than_everything_is_known(self) -> None:
        # Before the console began, only what is still owed and broken is known of.
        owed = [
            judged(replace(OVERDUE.ticket, id=f"l{n}", resolution_due=NOON - timedelta(days=20)))
            for n in range(10)
        ]
        tickets = [*owed, *(closed(day) for day in range(20, 30))]
        began = NOON - timedelta(days=15)
        blind = technician_metrics("t1", "Marta", tickets, NOON - timedelta(days=30), NOON)
        told = technician_metrics(
            "t1", "Marta", tickets, NOON - timedelta(days=30), NOON, complete_since=began
        )
        assert blind.performance_trend is Trend.IMPROVING
        assert told.performance_trend is Trend.STABLE
        assert told.compliance_rate == blind.compliance_rate == 50.0

    def test_only_what_was_settled_in_the_period_counts(self) -> None:
        start, end = NOON - timedelta(days=20), NOON - timedelta(days=10)
        tickets = [closed(day, late=day == 15) for day in range(1, 30)]
        found = technician_metrics("t1", "Marta", tickets, start, NOON, period_end=end)
        assert (found.judged, found.breach_count, found.resolutions) == (10, 1, 10)
        assert (found.period_start, found.period_end) == (start, end)

    def test_a_period_that_is_over_stays_as_it_is(self) -> None:
        # It broke in the period and is still owed; since then it has changed hands again.
        end = NOON - timedelta(days=1)
        start = NOON - timedelta(days=3)
        late = judged(
            replace(OVERDUE.ticket, created_at=start, resolution_due=start + timedelta(hours=4))
        )
        first = Hand("t1", "Marta", start, start + timedelta(days=1))
        second = Hand("t2", "Tom", start + timedelta(days=1))
        third = Hand("t3", "Ada", NOON - timedelta(hours=12))
        then = {"l": (first, second)}
        later = {"l": (first, replace(second, end=third.start), third)}

        def figure(hands: dict, now: datetime):
            return technician_metrics("t1", "Marta", [late], start, now, 0, hands, None, end).judged

        assert figure(then, end) == figure(later, NOON + timedelta(days=9)) == pytest.approx(0.5)

    def test_time_with_nobody_is_credited_to_nobody_and_shown(self) -> None:
        late = closed(1, late=True)
        start = late.ticket.created_at
        assert start is not None
        taken = start + timedelta(hours=4, minutes=30)
        hands = {"1": (Hand(None, None, start, taken), Hand("t1", "Marta", taken))}
        nobody, marta = metrics(late, hands=hands, who=NOBODY), metrics(late, hands=hands)
        assert nobody.judged == pytest.approx(0.9)
        assert marta.judged == pytest.approx(0.1)
        assert (nobody.breach_count, marta.breach_count) == (1, 0), "it broke before she had it"
        assert holders_of(late, hands) == {NOBODY: "unassigned", "t1": "Marta"}

    def test_what_rests_on_an_assumption_says_so(self) -> None:
        one = closed(1, hours=4)
        start = one.ticket.created_at
        assert start is not None
        seen = {"1": start + timedelta(hours=3)}

        def found(hands: dict | None, first_seen: dict | None):
            return technician_metrics(
                "t1", "Marta", [one], start, NOON, hands=hands, first_seen=first_seen
            )

        assert (found(None, seen).judged, found(None, seen).assumed) == (1.0, 0.75)
        assert found(None, {"1": start + timedelta(minutes=1)}).assumed == 0.0, "as good as at once"
        assert found(None, None).assumed == 0.0
        handed_on = start + timedelta(hours=3, minutes=30)
        hands = {"1": (Hand("t1", "Marta", seen["1"], handed_on), Hand("t2", "Tom", handed_on))}
        assert found(hands, seen).judged == pytest.approx(0.875)
        assert found(hands, seen).assumed == pytest.approx(0.75)

    def test_an_answer_before_the_creation_took_no_time(self) -> None:
        assert metrics(closed(5, hours=-2)).average_resolution_time == timedelta()

    @given(st.data())
    def test_all_of_them_and_nobody_judge_each_promise_once(self, data: st.DataObject) -> None:
        tickets, hands = data.draw(handed())
        everybody = [metrics(*tickets, hands=hands, who=who) for who in (*PEOPLE, NOBODY)]
        whole = figures_of(tickets, NOON, Span(NOON - timedelta(days=30)))
        assert sum(one.judged for one in everybody) == pytest.approx(whole.judged)
        kept = [(one.compliance_rate or 0.0) / 100 * one.judged for one in everybody]
        assert sum(kept) == pytest.approx(whole.met)
        assert sum(one.breach_count for one in everybody) == whole.missed
        assert sum(one.resolutions for one in everybody) == whole.resolution.count

    @given(st.data(), st.randoms())
    def test_the_order_of_tickets_does_not_matter(
        self, data: st.DataObject, shuffler: random.Random
    ) -> None:
        tickets, hands = data.draw(handed())
        shuffled = tickets.copy()
        shuffler.shuffle(shuffled)
        one, other = metrics(*tickets, hands=hands), metrics(*shuffled, hands=hands)
        assert one.judged == pytest.approx(other.judged)
        assert one.compliance_rate == pytest.approx(other.compliance_rate)
        close = {"judged": 0.0, "compliance_rate": 0.0, "compliance_low": 0.0}
        close |= {"compliance_high": 0.0, "assumed": 0.0}
        assert replace(one, **close) == replace(other, **close)

    @given(st.data())
    def test_compliance_keeps_its_bounds(self, data: st.DataObject) -> None:
        tickets, hands = data.draw(handed())
        found = metrics(*tickets, hands=hands)
        if found.compliance_rate is None:
            assert found.judged == 0
            assert (found.compliance_low, found.compliance_high) == (0.0, 100.0)
        else:
            rate = pytest.approx(found.compliance_rate)
            assert 0.0 <= found.compliance_low <= found.compliance_high <= 100.0
            assert found.compliance_low <= found.compliance_rate or found.compliance_low == rate
            assert found.compliance_high >= found.compliance_rate or found.compliance_high == rate


PEOPLE = ("t1", "t2", "t3")


@st.composite
def handed(draw: st.DrawFn) -> tuple[list[JudgedTicket], dict[str, tuple[Hand, ...]]]:
    """Tickets, some late, and who had them when."""
    days = draw(st.lists(st.integers(1, 29), unique=True, max_size=12))
    tickets, hands = [], {}
    for day in days:
        one = closed(
            day, hours=draw(st.floats(0.5, 9.0)), technician_id=draw(st.sampled_from(PEOPLE))
        )
        start = one.ticket.created_at
        assert start is not None
        cuts = sorted(draw(st.lists(st.integers(1, 600), unique=True, max_size=3)))
        edges = [start, *(start + timedelta(minutes=cut) for cut in cuts)]
        had = tuple(
            Hand(who, who, edge, after)
            for edge, after in zip(edges, [*edges[1:], None], strict=True)
            for who in [draw(st.sampled_from([*PEOPLE, None]))]
        )
        if cuts:
            hands[one.ticket.id] = had
        tickets.append(one)
    return tickets, hands


class TestSettling:
    """When a promise is settled, and which span it belongs to."""

    def test_kept_at_the_answer_and_missed_at_the_due_time(self) -> None:
        kept, late = closed(1, hours=3), closed(1, hours=7)
        start = kept.ticket.created_at
        assert start is not None
        assert settled_of(kept, kept.resolution, NOON) == (start + timedelta(hours=3), True)
        assert settled_of(late, late.resolution, NOON) == (start + timedelta(hours=4), False)
        assert settled_of(OPEN, OPEN.resolution, NOON) is None
        due = OVERDUE.resolution.due
        assert settled_of(OVERDUE, OVERDUE.resolution, NOON) == (due, False), "owed, but broken"

    def test_an_answer_nobody_recorded_came_before_the_end_of_the_ticket(self) -> None:
        ticket = replace(closed(1).ticket, response_due=NOON)
        one = judged(ticket)
        assert settled_of(one, one.response, NOON) == (ticket.resolved_at, True)

    @given(
        st.lists(st.tuples(st.integers(1, 29), st.booleans())),
        st.integers(0, 31),
        st.sampled_from([0, 3, 4, 5]),
    )
    def test_each_promise_is_in_one_span_only(self, rows: list, day: int, hour: int) -> None:
        tickets = [closed(day, late=late) for day, late in rows]
        at = NOON - timedelta(days=30 - day, hours=-hour)
        before, after = (figures_of(tickets, NOON, span) for span in (Span(None, at), Span(at)))
        whole = figures_of(tickets, NOON)
        assert before.met + after.met == whole.met
        assert before.missed + after.missed == whole.missed
        assert before.resolution.count + after.resolution.count == whole.resolution.count

    def test_what_was_open_at_the_end_of_a_span_is_open_in_it(self) -> None:
        one = closed(5, hours=3)
        start = one.ticket.created_at
        assert start is not None
        ends = [start, start + timedelta(hours=1), start + timedelta(hours=3.5)]
        found = [figures_of([one], NOON, Span(None, end)) for end in ends]
        assert [(each.tickets, each.open, each.met) for each in found] == [
            (0, 0, 0),
            (1, 1, 0),
            (1, 0, 1),
        ]

    def test_what_is_kept_at_the_end_of_a_span_is_in_the_next(self) -> None:
        one = closed(5, hours=3)
        assert one.resolution.stopped_at is not None
        edge = one.resolution.stopped_at
        assert figures_of([one], NOON, Span(None, edge)).met == 0
        assert figures_of([one], NOON, Span(edge)).met == 1

    def test_the_trend_is_of_the_span_alone(self) -> None:
        worse = [closed(day, late=day > 10) for day in range(1, 21)]
        since = NOON - timedelta(days=19)
        assert figures_of(worse, NOON).trend is Trend.DECLINING
        assert figures_of(worse, NOON, Span(since)).trend is Trend.STABLE
        assert figures_of(worse, NOON, complete_since=since).trend is Trend.STABLE
        assert figures_of(worse, NOON, complete_since=since).met == 10, "it counts all the same"

    def test_a_ticket_fails_at_its_first_miss_and_succeeds_with_its_last_promise(self) -> None:
        early, later = NOON, NOON + timedelta(hours=1)
        assert outcome_of([(early, True), (later, True)], [], still_open=False) == (later, True)
        assert outcome_of([(later, False), (early, False)], [], still_open=True) == (early, False)
        assert outcome_of([(early, True)], [], still_open=True) is None
        assert outcome_of([], [(early, False)], still_open=False) is None
        assert outcome_of([(early, True)], [(later, False)], still_open=False) == (later, True)


class TestByTechnician:
    """Figures by technician, each promise undivided."""

    def test_each_promise_goes_to_whoever_had_the_ticket_for_most_of_its_time(self) -> None:
        one = closed(1, hours=5)
        start = one.ticket.created_at
        assert start is not None
        one = judged(
            replace(
                one.ticket,
                technician_id="t2",
                technician="Tom",
                response_due=start + timedelta(hours=1),
                responded_at=start + timedelta(minutes=30),
            )
        )
        handed_on = start + timedelta(hours=1)
        hands = {"1": (Hand("t1", "Marta", start, handed_on), Hand("t2", "Tom", handed_on))}
        assert owner_of(hands["1"], one.response, NOON) == "t1"
        found = figures_by("technician", [one], NOON, hands=hands)
        assert {name: (part.met, part.missed) for name, part in found.items()} == {
            "Marta": (1, 0),
            "Tom": (0, 1),
        }
        assert list(figures_by("technician", [one], NOON)) == ["Tom"], "where nothing is known"
        assert list(figures_by("client", [one], NOON, hands=hands)) == ["none"]

    def test_each_is_told_the_trend_of_their_own_promises(self) -> None:
        # Marta answers in time and hands on; Tom resolves later and later.
        tickets, hands = [], {}
        for day in range(1, 21):
            one = closed(day, late=day > 10, technician_id="t2", technician="Tom").ticket
            start = one.created_at
            assert start is not None
            answered = start + timedelta(hours=1)
            due = start + timedelta(hours=2)
            tickets.append(judged(replace(one, response_due=due, responded_at=answered)))
            hands[one.id] = (Hand("t1", "Marta", start, answered), Hand("t2", "Tom", answered))
        found = figures_by("technician", tickets, NOON, hands=hands)
        assert (found["Marta"].trend, found["Tom"].trend) == (Trend.STABLE, Trend.DECLINING)

    @given(st.data())
    def test_promises_add_up(self, data: st.DataObject) -> None:
        tickets, hands = data.draw(handed())
        parts = figures_by("technician", tickets, NOON, hands=hands).values()
        whole = figures_of(tickets, NOON)
        assert sum(part.met for part in parts) == whole.met
        assert sum(part.missed for part in parts) == whole.missed
        assert sum(part.resolution.count for part in parts) == whole.resolution.count


@given(st.integers(0, 60), st.integers(0, 60))
def test_the_interval_of_figures_is_wilsons(kept: int, late: int) -> None:
    tickets = [closed(1 + n % 28, late=n >= kept) for n in range(kept + late)]
    found = figures_of(tickets, NOON)
    low, high = wilson(kept, kept + late)
    assert (found.compliance_low, found.compliance_high) == (100 * low, 100 * high)
    assert found.judged == kept + late
