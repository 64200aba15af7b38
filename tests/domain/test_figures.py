"""The records of targets, what belongs to whom, and what they add up to."""

import random
import statistics
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sla_console.domain.figures.counting import count_of, counts_by, percent_words, weekly
from sla_console.domain.figures.names import NameBook, Names
from sla_console.domain.figures.performance import figures_by
from sla_console.domain.figures.record import ALL_TIME, NOBODY, Basis, Credit, Span, TargetRecord
from sla_console.domain.figures.records import RecordMaker
from sla_console.domain.figures.technicians import metrics_by_technician
from sla_console.domain.figures.trend import Trend, wilson
from sla_console.domain.sla.breach import BreachType
from sla_console.domain.sla.calendar import BusinessCalendar
from sla_console.domain.sla.evaluation import Observed, evaluate
from sla_console.domain.sla.verdict import Outcome, Verdict
from sla_console.domain.tickets.sighting import Sighting
from sla_console.domain.tickets.ticket import Hold, HoldReason, StatusPhases, Ticket
from sla_console.domain.tickets.ticket_history import TicketHistory

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
START = NOON - timedelta(days=30)
HOUR = timedelta(hours=1)
PHASES = StatusPhases.of(hold=("On Hold",), closed=("Closed",))
ALWAYS = BusinessCalendar.always()
MARTA, TOM = ("t1", "Marta"), ("t2", "Tom")


def life(
    ticket: Ticket, *seen, holds=(), verdicts=(), calendar=ALWAYS, gone_at=None
) -> TicketHistory:
    judged = evaluate(ticket, None, calendar, PHASES, observed=Observed(tuple(holds)))
    return TicketHistory(ticket, judged, tuple(seen), verdicts=tuple(verdicts), gone_at=gone_at)


def closed(day: int, *, hours: float = 3.0, **more) -> Ticket:
    """Return a ticket that was promised in four hours and took so many; Marta's."""
    created = START + timedelta(days=day)
    ticket = Ticket(
        f"id{day}", str(day), "x", status="Closed", created_at=created,
        resolution_due=created + 4 * HOUR, resolved_at=created + hours * HOUR,
        technician_id="t1", technician="Marta",
    )  # fmt: skip
    return replace(ticket, **more)


def owed(day: int, **more) -> Ticket:
    return closed(day, status="Open", **{"resolved_at": None, **more})


def verdict(ticket: Ticket, outcome: Outcome, **more) -> Verdict:
    usual = {
        "ticket_id": ticket.id, "target": BreachType.RESOLUTION, "cycle": 1, "outcome": outcome,
        "due": ticket.resolution_due, "fell_at": ticket.resolution_due, "written_at": NOON,
        "client_id": ticket.client_id, "client": ticket.client, "priority": ticket.priority,
    }  # fmt: skip
    return Verdict(**(usual | more))


def records(*tickets: Ticket | TicketHistory, names=None, now=NOON) -> list[TargetRecord]:
    maker = RecordMaker(now, names)
    lives = [one if isinstance(one, TicketHistory) else life(one) for one in tickets]
    return [record for one in lives for record in maker.records_of(one)]


def only(*tickets: Ticket | TicketHistory, **more) -> TargetRecord:
    (found,) = records(*tickets, **more)
    return found


def had(ticket: Ticket, *who: tuple[float, tuple[str | None, str | None]]) -> TicketHistory:
    """Return a ticket that somebody had from so many hours after its creation on."""
    assert ticket.created_at is not None
    last = who[-1][1]
    ticket = replace(ticket, technician_id=last[0], technician=last[1])
    seen = [
        Sighting(ticket.created_at + hours * HOUR, "Open", technician_id=key, technician=name)
        for hours, (key, name) in who
    ]
    return life(ticket, *seen)


def metrics(found: list[TargetRecord], who: str = "t1", span: Span | None = None, **more):
    every = metrics_by_technician(found, span or Span(START, NOON + 9 * HOUR), NOON, **more)
    return next(one for one in every if one.technician_id == who)


class TestRecords:
    """One for each target in each cycle: from its verdict, else from the clock."""

    def test_a_clock_without_a_verdict_counts_as_it_stands(self) -> None:
        assert only(closed(1)).outcome is Outcome.MET
        assert only(closed(1, hours=5)).outcome is Outcome.MISSED
        assert only(owed(1)).outcome is Outcome.MISSED
        assert only(owed(30)).outcome is Outcome.OPEN

    def test_what_is_missed_and_owed_is_owed_until_it_is_met(self) -> None:
        assert only(owed(1)).owed
        assert not only(closed(1, hours=5)).owed
        assert not only(owed(30)).owed

    def test_a_verdict_stands_whatever_the_ticket_says_now(self) -> None:
        """Met as Low for Acme; since then Critical, another client's, and judged by a new due time."""
        ticket = closed(1, client_id="b", client="Blue", priority="Critical")
        then = verdict(
            closed(1, client_id="a", client="Acme", priority="Low"), Outcome.MET,
            stopped_at=ticket.resolved_at, used=3 * HOUR, allowed=4 * HOUR, policy="Gold",
        )  # fmt: skip
        moved = replace(ticket, resolution_due=ticket.created_at + HOUR)
        found = only(life(moved, verdicts=[then]))
        assert found.outcome is Outcome.MET
        assert (found.client, found.priority, found.policy) == ("Acme", "Low", "Gold")
        assert (found.due, found.taken, found.margin) == (ticket.resolution_due, 10_800, 3600)

    def test_a_correction_is_what_counts_with_its_reason(self) -> None:
        ticket = closed(1, hours=5)
        first = verdict(ticket, Outcome.MET)
        second = verdict(ticket, Outcome.MISSED, revision=2, reason="read too late")
        found = only(life(ticket, verdicts=[second, first]))
        assert (found.outcome, found.reason) == (Outcome.MISSED, "read too late")

    def test_what_is_in_doubt_is_in_neither_and_says_why(self) -> None:
        ticket = closed(1)
        found = only(life(ticket, verdicts=[verdict(ticket, Outcome.IN_DOUBT, reason="flag")]))
        assert (found.outcome, found.reason, found.judged) == (Outcome.IN_DOUBT, "flag", False)
        assert count_of([found]).compliance is None

    def test_each_cycle_is_a_record_of_its_own(self) -> None:
        """Met on day 1, reopened on day 10, and in its second cycle not due yet."""
        ticket = owed(1, resolution_due=NOON + HOUR)
        first = verdict(closed(1), Outcome.MET)
        again = Hold(START + timedelta(days=2), START + timedelta(days=10), HoldReason.CLOSED)
        found = records(life(ticket, holds=[again], verdicts=[first]))
        assert [(one.cycle, one.outcome) for one in found] == [
            (1, Outcome.MET), (2, Outcome.OPEN),
        ]  # fmt: skip

    def test_a_resolution_that_was_missed_is_counted_once(self) -> None:
        ticket = owed(1, resolution_due=NOON - HOUR)
        first = verdict(closed(1), Outcome.MISSED)
        again = Hold(START + timedelta(days=2), START + timedelta(days=10), HoldReason.CLOSED)
        assert only(life(ticket, holds=[again], verdicts=[first])).cycle == 1

    def test_a_ticket_that_vanished_before_it_was_due_is_in_doubt(self) -> None:
        gone = NOON - timedelta(days=20)
        late, early = life(owed(1), gone_at=gone), life(owed(15), gone_at=gone)
        assert only(late).outcome is Outcome.MISSED
        found = only(early)
        assert (found.outcome, found.gone_at) == (Outcome.IN_DOUBT, gone)
        assert "no longer has the ticket" in found.reason

    def test_an_owed_miss_is_late_from_its_own_due_time_though_the_clocks_has_moved(self) -> None:
        ticket = owed(29, resolution_due=NOON + HOUR)
        missed = verdict(ticket, Outcome.MISSED, due=NOON - 2 * HOUR)
        found = only(life(ticket, verdicts=[missed]))
        assert (found.margin, found.owed) == (-7200, True)


class TestBasis:
    """The day to which a target belongs."""

    def test_by_due_time_it_is_the_same_however_it_ends(self) -> None:
        early = only(closed(5, hours=1))
        edge = Span(early.due, early.due + HOUR)
        assert early.within(edge) is Outcome.MET
        assert early.within(edge, Basis.SETTLED) is None
        assert early.within(Span(None, early.due)) is None

    def test_settled_is_met_at_the_stop_and_missed_at_the_due_time(self) -> None:
        met, missed = only(closed(5)), only(closed(5, hours=9))
        assert met.settled_at == met.stopped_at
        assert missed.settled_at == missed.due
        assert only(owed(30)).settled_at is None

    def test_what_was_open_at_the_end_of_a_span_is_open_in_it_where_it_is_by_settling(self) -> None:
        one = only(closed(5))
        start = one.started_at
        assert start is not None
        ends = [start, start + HOUR, start + 3.5 * HOUR]
        found = [one.within(Span(None, end), Basis.SETTLED) for end in ends]
        assert found == [None, Outcome.OPEN, Outcome.MET]

    @given(
        st.lists(st.tuples(st.integers(1, 29), st.floats(0.5, 9.0))),
        st.integers(0, 31),
        st.sampled_from(Basis),
    )
    @settings(max_examples=50)
    def test_each_target_is_in_one_span_only(self, rows: list, day: int, basis: Basis) -> None:
        found = records(*(closed(day, hours=hours) for day, hours in rows))
        at = START + timedelta(days=day)

        def judged(span: Span) -> tuple[int, int]:
            outcomes = [one.within(span, basis) for one in found]
            return outcomes.count(Outcome.MET), outcomes.count(Outcome.MISSED)

        before, after, whole = judged(Span(None, at)), judged(Span(at)), judged(ALL_TIME)
        assert (before[0] + after[0], before[1] + after[1]) == whole


class TestCounting:
    def test_open_and_doubtful_ones_are_in_neither_and_owed_ones_are_missed(self) -> None:
        doubt = closed(9)
        found = figures_by(
            "client",
            records(
                closed(1), closed(2, hours=5), owed(3), owed(30),
                life(doubt, verdicts=[verdict(doubt, Outcome.IN_DOUBT)]),
            ),
        )["none"]  # fmt: skip
        assert (found.met, found.missed, found.open, found.in_doubt) == (1, 2, 1, 1)
        assert found.compliance == pytest.approx(100 / 3)
        assert found.compliance_low < found.compliance < found.compliance_high

    def test_nothing_judged_is_no_figure_rather_than_a_good_one(self) -> None:
        assert figures_by("client", records(owed(30)))["none"].compliance is None
        assert figures_by("client", []) == {}

    @given(st.lists(st.floats(0.1, 90.0), min_size=2, max_size=40))
    @settings(max_examples=30)
    def test_median_and_nine_of_ten_are_those_of_the_textbook(self, hours: list) -> None:
        tickets = (closed(1, hours=one, id=str(n)) for n, one in enumerate(hours))
        found = figures_by("client", records(*tickets))["none"].resolution
        assert found.median is not None
        assert found.p90 is not None
        close = pytest.approx(statistics.median(hours) * 3600, abs=0.001)
        assert found.median.total_seconds() == close
        tenths = statistics.quantiles(hours, n=10, method="inclusive")
        assert found.p90.total_seconds() == pytest.approx(tenths[-1] * 3600, abs=0.001)

    def test_counted_time_and_wall_time_are_told_apart(self) -> None:
        office = BusinessCalendar("UTC", {"mon": [("09:00", "17:00")], "tue": [("09:00", "17:00")]})
        ticket = closed(30, created_at=NOON, resolved_at=NOON + 22 * HOUR)
        later = NOON + timedelta(days=2)
        found = figures_by("client", records(life(ticket, calendar=office), now=later))["none"]
        assert found.resolution.average == 6 * HOUR
        assert found.resolution_wall.average == 22 * HOUR

    tickets = st.lists(
        st.builds(
            lambda number, hours, client, priority: closed(
                number, hours=hours, client=client, priority=priority
            ),
            st.integers(1, 28),
            st.sampled_from([3, 5]),
            st.sampled_from(["Acme", "Blue", None]),
            st.sampled_from(["High", "Low", None]),
        ),
        max_size=30,
    )

    @settings(max_examples=50)
    @given(tickets, st.sampled_from(["client", "priority", "policy", "group"]), st.randoms())
    def test_parts_add_up_to_the_whole_in_whatever_order(
        self, tickets: list, dimension: str, shuffler: random.Random
    ) -> None:
        found = records(*tickets)
        parts, whole = figures_by(dimension, found), count_of(found)
        assert sum(part.met for part in parts.values()) == whole.met
        assert sum(part.missed for part in parts.values()) == whole.missed
        shuffler.shuffle(found)
        assert figures_by(dimension, found) == parts

    @given(st.integers(0, 60), st.integers(0, 60))
    @settings(max_examples=30)
    def test_the_interval_of_figures_is_wilsons(self, met: int, late: int) -> None:
        tickets = (closed(1 + n % 28, hours=5 if n >= met else 3) for n in range(met + late))
        for found in figures_by("client", records(*tickets)).values():
            low, high = wilson(met, met + late)
            assert (found.compliance_low, found.compliance_high) == (100 * low, 100 * high)

    @pytest.mark.parametrize(
        ("share", "digits", "words"),
        [
            (100.0, 1, "100.0"), (99.96, 1, "99.9"), (99.6, 0, "99"), (100.0, 0, "100"),
            (0.0, 1, "0.0"), (0.04, 1, "0.1"), (66.66, 1, "66.7"), (99.999, 2, "99.99"),
        ],
    )  # fmt: skip
    def test_all_is_said_only_of_all_and_nothing_only_of_nothing(
        self, share, digits, words
    ) -> None:
        assert percent_words(share, digits) == words

    def test_weeks_are_told_apart_by_due_date_and_an_empty_one_says_nothing(self) -> None:
        # Due 26, 15 and 2 days ago, and tomorrow; the weeks end now.
        found = records(closed(3.9), closed(15), closed(28, hours=9), owed(31))
        assert weekly(found, NOON, 4) == {"t1": (100.0, 100.0, None, 0.0)}


class TestAttribution:
    """To which technicians a target belongs."""

    def test_what_was_always_with_one_technician_is_wholly_theirs(self) -> None:
        found = metrics(records(closed(1), closed(2, hours=5), owed(30)))
        assert found.compliance_rate == 50.0
        assert (found.total_tickets, found.sla_compliant_tickets, found.breach_count) == (3, 1, 1)
        assert found.average_resolution_time == found.median_resolution_time == 4 * HOUR
        assert found.judged == 2

    def test_a_target_is_shared_by_counted_time_until_it_fell_due(self) -> None:
        """Marta had it one hour of the four, Tom the other three; it was resolved an hour late."""
        late = had(closed(1, hours=5), (0, MARTA), (1, TOM))
        found = records(late, closed(2))
        assert found[0].credit == (Credit("Marta", 0.25, "t1"), Credit("Tom", 0.75, "t2"))
        marta, tom = metrics(found), metrics(found, "t2")
        assert marta.compliance_rate == pytest.approx(100 * 1 / 1.25)
        assert (marta.breach_count, tom.breach_count) == (0, 1)
        assert (marta.sla_compliant_tickets, tom.sla_compliant_tickets) == (1, 0)
        assert tom.average_resolution_time == 5 * HOUR
        assert marta.average_resolution_time == 3 * HOUR, "most of the other one was hers"

    def test_a_breach_is_theirs_who_had_it_when_it_fell_due(self) -> None:
        """Marta had it for all but the last minute; Tom alone could still have met it."""
        found = records(had(closed(1, hours=9), (0, MARTA), (3 + 59 / 60, TOM)))
        assert (metrics(found).breach_count, metrics(found, "t2").breach_count) == (0, 1)

    def test_what_happens_after_the_verdict_moves_no_credit(self) -> None:
        """It fell due with Marta; a week later Tom takes it over, and it is owed still."""
        before = only(had(owed(1), (0, MARTA)))
        after = only(had(owed(1), (0, MARTA), (24 * 7, TOM)))
        assert before.credit == after.credit == (Credit("Marta", 1.0, "t1"),)
        assert before.assignee == after.assignee

    def test_time_with_nobody_is_nobodys_and_shown(self) -> None:
        found = records(had(closed(1, hours=5), (0, (None, None)), (3, MARTA)))
        nobody, marta = metrics(found, NOBODY), metrics(found)
        assert (nobody.judged, marta.judged) == (0.75, 0.25)
        assert (nobody.breach_count, marta.breach_count) == (0, 1)
        assert nobody.technician_name == "unassigned"

    def test_what_rests_on_an_assumption_says_so(self) -> None:
        """First seen three hours after its creation, met after four: who had it then is assumed."""
        found = records(had(closed(1, hours=4), (3, MARTA)))
        assert (metrics(found).judged, metrics(found).assumed) == (1.0, 0.75)
        at_once = records(had(closed(1, hours=4), (1 / 60, MARTA)))
        assert metrics(at_once).assumed == 0.0
        handed_on = records(had(closed(1, hours=4), (3, MARTA), (3.5, TOM)))
        assert metrics(handed_on).judged == pytest.approx(0.875)
        assert metrics(handed_on).assumed == pytest.approx(0.75)

    def test_the_trend_needs_enough_tickets_and_a_clear_change(self) -> None:
        worse = [closed(day, hours=5 if day > 10 else 3) for day in range(1, 21)]
        assert metrics(records(*worse)).performance_trend is Trend.DECLINING
        assert metrics(records(*worse[8:12])).performance_trend is Trend.STABLE

    def test_the_trend_looks_no_further_back_than_everything_is_known(self) -> None:
        # Before the console began, only what is still owed and broken is known of.
        found = records(
            *(owed(9, id=f"l{n}") for n in range(10)), *(closed(day) for day in range(20, 30))
        )
        blind, told = metrics(found), metrics(found, complete_since=NOON - timedelta(days=15))
        assert blind.performance_trend is Trend.IMPROVING
        assert told.performance_trend is Trend.STABLE
        assert told.compliance_rate == blind.compliance_rate == 50.0

    def test_the_trend_of_figures_looks_no_further_back_either(self) -> None:
        worse = records(*(closed(day, hours=5 if day > 10 else 3) for day in range(1, 21)))
        since = START + timedelta(days=11)
        assert figures_by("client", worse)["none"].trend is Trend.DECLINING
        told = figures_by("client", worse, complete_since=since)["none"]
        assert (told.trend, told.met) == (Trend.STABLE, 10), "it counts all the same"

    def test_only_what_is_due_in_the_period_counts(self) -> None:
        span = Span(START + timedelta(days=10), START + timedelta(days=20))
        found = records(*(closed(day, hours=5 if day == 15 else 3) for day in range(1, 30)))
        one = metrics(found, span=span)
        assert (one.judged, one.breach_count, one.resolutions) == (10, 1, 10)
        assert (one.period_start, one.period_end) == (span.start, span.end)

    def test_an_answer_before_the_creation_took_no_time(self) -> None:
        assert metrics(records(closed(5, hours=-2))).average_resolution_time == timedelta()

    @given(st.data())
    @settings(max_examples=50)
    def test_all_technicians_and_nobody_judge_each_target_once(self, data: st.DataObject) -> None:
        found = records(*data.draw(handed()))
        every = metrics_by_technician(found, Span(START, NOON), NOON)
        whole = count_of(found)
        assert sum(one.judged for one in every) == pytest.approx(whole.judged)
        kept = [(one.compliance_rate or 0.0) / 100 * one.judged for one in every]
        assert sum(kept) == pytest.approx(whole.met)
        assert sum(one.breach_count for one in every) == whole.missed
        assert sum(one.resolutions for one in every) == len(found)
        for one in every:
            assert one.compliance_low - 1e-9 <= (one.compliance_rate or 0.0) or one.judged == 0
            assert one.compliance_high + 1e-9 >= (one.compliance_rate or 0.0)

    @given(st.data())
    @settings(max_examples=50)
    def test_performance_and_the_leaderboard_say_the_same(self, data: st.DataObject) -> None:
        found = records(*data.draw(handed()))
        figures = figures_by("technician", found, Span(START, NOON))
        for one in metrics_by_technician(found, Span(START, NOON), NOON):
            mine = figures[one.technician_name]
            assert mine.judged == pytest.approx(one.judged)
            assert mine.compliance == one.compliance_rate
            assert mine.breach_count == one.breach_count
            assert mine.trend is one.performance_trend
            assert mine.resolution_wall.average == one.average_resolution_time


@st.composite
def handed(draw: st.DrawFn) -> list[TicketHistory]:
    """Tickets, some late, that change hands."""
    people = ((None, None), MARTA, TOM, ("t3", "Ada"))
    days = draw(st.lists(st.integers(1, 29), unique=True, max_size=12))
    found = []
    for day in days:
        cuts = sorted(draw(st.lists(st.integers(1, 600), unique=True, max_size=3)))
        who = [(cut / 60, draw(st.sampled_from(people))) for cut in (0, *cuts)]
        found.append(had(closed(day, hours=draw(st.floats(0.5, 9.0))), *who))
    return found


class TestNames:
    """Clients and technicians are told apart by their ids."""

    BOOK = NameBook([("a", "Acme Ltd"), ("b", "Blue"), ("a", "Acme"), ("c", "Blue")])

    def test_one_that_was_renamed_is_shown_under_its_latest_name(self) -> None:
        assert self.BOOK.shown("a", "Acme Ltd") == "Acme"
        assert self.BOOK.names_of("Acme") == ("Acme", "Acme Ltd")

    def test_two_of_one_name_stay_two(self) -> None:
        assert self.BOOK.shown("b", "Blue") == "Blue (b)"
        assert self.BOOK.find("blue") == ("Blue (b)", "Blue (c)")

    def test_each_is_found_by_any_of_its_names(self) -> None:
        assert self.BOOK.find("acme ltd") == self.BOOK.find("ACME") == ("Acme",)
        assert self.BOOK.find("nobody") == ()

    def test_a_name_that_another_has_now_is_not_taken_for_the_former_one(self) -> None:
        book = NameBook([("a", "North"), ("a", "South"), ("b", "North")])
        assert book.find("north") == ("North",)
        assert book.names_of("North")[0] == "North"

    def test_what_no_catalogue_knows_has_one_name_all_the_same(self) -> None:
        book = NameBook()
        assert book.shown("x", "First") == book.shown("x", "Second") == "First"
        assert book.shown(None, "Loose") == "Loose"

    def test_a_renamed_client_and_technician_stay_one_in_every_figure(self) -> None:
        names = Names([("a", "Acme Ltd"), ("a", "Acme")], [("t1", "Marta"), ("t1", "Marta Moss")])
        found = records(
            closed(1, client_id="a", client="Acme Ltd"),
            closed(2, client_id="a", client="Acme", technician="Marta Moss"),
            names=names,
        )
        assert counts_by(found, lambda one: ((one.client, 1.0),)).keys() == {"Acme"}
        assert figures_by("technician", found).keys() == {"Marta Moss"}
        assert [one.client_id for one in found] == ["a", "a"]
