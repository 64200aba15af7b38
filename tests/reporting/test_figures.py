"""Figures add up, do not depend on order, and are what plain SQL finds in the same tickets."""

import math
import random
import sqlite3
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sla_console.domain.figures.clients import Contracts
from sla_console.domain.figures.counting import WEEKDAYS
from sla_console.domain.sla.breach import BreachType
from sla_console.domain.sla.verdict import Outcome
from sla_console.reporting.build import report_of
from sla_console.reporting.figures import FigureTally
from sla_console.reporting.period import Period
from sla_console.reporting.scope import FILTERS, Scope

NOW = datetime(2026, 11, 5, 8, 0, tzinfo=UTC)
SEEDS = st.integers(0, 10_000)


@pytest.fixture(scope="session")
def report(invent, gather, frame):
    def make(count=300, seed=1, lives=None, **fields):
        return report_of(gather(lives or invent(count, seed), **fields), frame(**fields))

    return make


def _sum(tallies) -> tuple[float, float, float]:
    found = list(tallies)
    return tuple(
        math.fsum(getattr(one, what) for one in found) for what in ("met", "missed", "open")
    )


class TestPartsAndWhole:
    @settings(max_examples=20)
    @given(seed=SEEDS)
    def test_the_groups_of_every_dimension_add_up_to_the_whole(self, report, seed) -> None:
        made = report(120, seed)
        for name, groups in made.groups.items():
            for target in ("response", "resolution"):
                whole = getattr(made, target).tally
                parts = _sum(getattr(group, target).tally for group in groups)
                assert parts == pytest.approx((whole.met, whole.missed, whole.open)), name

    @settings(max_examples=20)
    @given(seed=SEEDS, name=st.sampled_from(sorted(FILTERS)))
    def test_filters_partition_the_targets(self, report, invent, gather, seed, name) -> None:
        lives = invent(120, seed)
        whole = report(lives=lives)
        values = {FILTERS[name](one) for one in gather(lives).promises}
        parts = [report(lives=lives, scope=Scope({name: (value,)})) for value in values]
        if name != "technician":  # two can each have had most of the time of one target
            assert sum(part.tickets for part in parts) == whole.tickets
        numbers = sorted(one.number for part in parts for one in part.promises)
        assert numbers == sorted(one.number for one in whole.promises)
        for target in ("response", "resolution"):
            tally = getattr(whole, target).tally
            assert _sum(getattr(part, target).tally for part in parts) == (
                tally.met, tally.missed, tally.open,
            )  # fmt: skip

    @settings(max_examples=20)
    @given(seed=SEEDS, order=st.randoms(use_true_random=False))
    def test_the_order_of_the_tickets_makes_no_difference(
        self, report, invent, seed, order: random.Random
    ) -> None:
        lives = invent(80, seed)
        shuffled = list(lives)
        order.shuffle(shuffled)
        assert report(lives=shuffled) == report(lives=lives)

    def test_weeks_heat_and_margins_count_each_promise_once(self, report) -> None:
        made = report(400)
        missed = sum(one.outcome is Outcome.MISSED for one in made.promises)
        assert sum(map(sum, made.heat)) == missed
        for bars, target in (
            (made.response_margins, BreachType.RESPONSE),
            (made.resolution_margins, BreachType.RESOLUTION),
        ):
            known = [o for o in made.promises if o.target is target and o.margin is not None]
            assert sum(bar.met + bar.missed for bar in bars) == len(known)
            assert all(bar.missed == 0 for bar in bars if bar.low is not None and bar.low >= 0)
            assert all(bar.met == 0 for bar in bars if bar.high is not None and bar.high <= 0)
        assert all((b.monday - a.monday).days == 7 for a, b in pairwise(made.weeks))

    def test_the_time_of_breaches_is_the_same_by_hands_and_by_status(self, report) -> None:
        made = report(400).attribution
        for what in ("counted", "waiting"):
            by_hand = math.fsum(getattr(one, what) for one in made.technicians)
            by_status = math.fsum(getattr(one, what) for one in made.statuses)
            assert by_hand == pytest.approx(by_status)
            assert by_hand > 0

    def test_the_time_of_a_breach_is_what_it_took(self, report) -> None:
        made = report(400)
        taken = {(o.number, o.target): o.taken for o in made.promises}
        ended = [one for one in made.breaches if taken[one.number, one.target] is not None]
        assert ended
        for one in ended:
            spent = math.fsum(part.seconds for part in one.parts if not part.waiting)
            assert spent == pytest.approx(taken[one.number, one.target])


class TestAgainstSQL:
    """The same figures by plain SQL over the tickets as they are stored, every hour counting.

    The tickets of this desk have no holds, so that SQL needs no calendar: a promise is missed if
    it was kept after its due time, or is owed after it.
    """

    @pytest.fixture
    def lives(self, invent):
        return [life for life in invent(2000, 7) if not life.judged.resolution.holds]

    @pytest.fixture
    def sql(self, lives):
        base = sqlite3.connect(":memory:")
        base.execute(
            "CREATE TABLE promise (ticket, target, client, priority, policy, due, began, ended)"
        )
        rows = []
        for life in lives:
            one = life.ticket
            stamp = [
                at and at.timestamp() for at in (one.created_at, one.responded_at, one.resolved_at)
            ]
            head = (one.client, one.priority or "none")
            if one.response_due:
                rows.append(
                    (one.display_id, "RESPONSE", *head, one.response_due.timestamp(), *stamp[:2])
                )
            if one.resolution_due:
                rows.append(
                    (
                        one.display_id,
                        "RESOLUTION",
                        *head,
                        one.resolution_due.timestamp(),
                        stamp[0],
                        stamp[2],
                    )
                )
        base.executemany(
            "INSERT INTO promise (ticket, target, client, priority, due, began, ended) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)", rows,
        )  # fmt: skip
        # Closed without an answer: nothing was answered before the end of the ticket.
        over = {
            life.ticket.display_id: life.ticket.resolved_at.timestamp()
            for life in lives
            if life.ticket.status == "Closed"
        }
        base.create_function("over", 1, over.get)
        base.create_function("now", 0, lambda: 1793865600)  # 2026-11-05 08:00 UTC
        yield base
        base.close()

    WHERE = "due >= strftime('%s', '2026-10-01') + 0 AND due < strftime('%s', '2026-11-01') + 0"
    VERDICT = (
        "CASE WHEN coalesce(ended, over(ticket), now()) > due THEN 'missed' "
        "WHEN coalesce(ended, over(ticket)) IS NULL THEN 'open' ELSE 'met' END"
    )

    def tallies(self, sql, by: str) -> dict:
        found: dict = {}
        for key, target, verdict, count in sql.execute(
            f"SELECT {by}, target, {self.VERDICT} AS verdict, count(*) FROM promise "
            f"WHERE {self.WHERE} GROUP BY 1, 2, 3"
        ):
            found.setdefault((key, target), {})[verdict] = count
        return {
            key: FigureTally(*(counts.get(what, 0) for what in ("met", "missed", "open")))
            for key, counts in found.items()
        }

    @pytest.mark.parametrize(
        ("name", "by"),
        [
            ("client", "client"),
            ("priority", "priority"),
            ("hour", "strftime('%H', due, 'unixepoch')"),
            (
                "weekday",
                "substr('SunMonTueWedThuFriSat', 1 + 3 * strftime('%w', due, 'unixepoch'), 3)",
            ),
        ],
    )
    def test_counts_of_groups(self, report, lives, sql, name, by) -> None:
        groups = report(lives=lives).groups[name]
        found = {
            (group.name, target): getattr(group, target.lower()).tally
            for group in groups
            for target in ("RESPONSE", "RESOLUTION")
        }
        wanted = self.tallies(sql, by)
        assert {key: tally for key, tally in found.items() if tally != FigureTally()} == wanted
        assert len(wanted) > 4

    def test_weeks(self, report, lives, sql) -> None:
        monday = "date(due, 'unixepoch', '-6 days', 'weekday 1')"
        wanted = {
            key: (met or 0, missed or 0)
            for key, met, missed in sql.execute(
                f"SELECT {monday}, sum({self.VERDICT} = 'met'), sum({self.VERDICT} = 'missed') "
                "FROM promise WHERE target = 'RESOLUTION' GROUP BY 1"
            )
        }
        for week in report(lives=lives).weeks:
            tally = week.resolution
            assert (tally.met, tally.missed) == wanted.get(str(week.monday), (0, 0))
        assert len(wanted) > 8

    def test_medians_and_percentiles(self, report, lives, sql) -> None:
        times = sorted(
            row[0]
            for row in sql.execute(
                f"SELECT max(ended - began, 0) FROM promise WHERE target = 'RESOLUTION' AND {self.WHERE} "
                "AND ended IS NOT NULL"
            )
        )
        found = report(lives=lives).resolution
        place = 0.9 * (len(times) - 1)
        low = times[int(place)]
        p90 = low + (times[int(place) + 1] - low) * (place % 1)
        assert found.ended == len(times)
        assert found.median == pytest.approx(median(times), abs=0.001)
        assert found.p90 == pytest.approx(p90, abs=0.001)

    def test_the_month_before_and_what_the_contract_allows(self, report, lives, sql) -> None:
        from fractions import Fraction

        made = report(lives=lives, contracts=Contracts(Fraction(80, 100)))
        met, missed = sql.execute(
            f"SELECT sum({self.VERDICT} = 'met'), sum({self.VERDICT} = 'missed') FROM promise "
            "WHERE target = 'RESPONSE' AND due >= strftime('%s', '2026-09-01') + 0 "
            "AND due < strftime('%s', '2026-10-01') + 0"
        ).fetchone()
        assert made.response.before == FigureTally(met, missed, 0)
        for client, total, lost in sql.execute(
            f"SELECT client, count(*), sum({self.VERDICT} = 'missed') FROM promise "
            f"WHERE {self.WHERE} GROUP BY 1"
        ):
            (allowed,) = (one for one in made.allowances if one.client == client)
            assert allowed.left == math.floor(total - math.ceil(total * 0.8)) - lost


def test_weekdays_stand_in_their_order(report) -> None:
    names = [group.name for group in report(400).groups["weekday"]]
    assert names == [day for day in WEEKDAYS if day in names]
    assert len(names) == 7


def test_priorities_stand_by_rank_and_numbers_by_their_value(report, ticket) -> None:
    names = ("Low", "Critical", "High", None)
    clients = ("Site 10", "Site 2", "site 1", "Ärzte")
    lives = [
        ticket(id=str(n), display_id=str(n), priority=names[n], client=clients[n]) for n in range(4)
    ]
    groups = report(lives=lives).groups
    assert [one.name for one in groups["priority"]] == ["Critical", "High", "Low", "none"]
    assert [one.name for one in groups["client"]] == ["site 1", "Site 2", "Site 10", "Ärzte"]


def test_nothing_judged_has_no_percentage() -> None:
    assert FigureTally(0, 0, 5).compliance is None
    assert FigureTally(0, 0, 5).interval == (0, 100)


class TestWhatWouldMislead:
    def test_weeks_that_have_not_begun_and_weeks_before_anything_is_known_are_left_out(
        self, report, ticket
    ) -> None:
        # Due in the week from 30 November, answered on the 4th: the only verdict that week can have.
        at = NOW - timedelta(hours=9)
        early = ticket(
            id="2", display_id="T-2", created_at=at, response_due=at + timedelta(days=26),
            responded_at=NOW - timedelta(hours=1),
        )  # fmt: skip
        november = report(lives=[ticket(), early], period=Period.month(2026, 11, "UTC"))
        assert [str(week.monday) for week in november.weeks] == [
            "2026-10-12", "2026-10-19", "2026-10-26", "2026-11-02",
        ]  # fmt: skip
        (note,) = november.notes
        assert note.startswith("Not over yet: of what is due after 2026-11-05 08:00, only")

    def test_a_period_that_is_over_says_nothing_of_it(self, report) -> None:
        assert report().notes == ()

    def test_few_people_behind_the_whole_are_told_of(self, report, ticket) -> None:
        lives = [ticket(id=str(n), display_id=str(n), requester="Rita") for n in range(9)]
        (note,) = report(lives=lives, least=5).notes
        assert "fewer than 5 people" in note
        assert report(lives=lives, least=5, identified=True).notes == ()
