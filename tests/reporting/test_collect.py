"""From tickets to the records that every figure is a count of."""

from datetime import UTC, datetime, timedelta

import pytest

from sla_console.domain.figures.record import Credit
from sla_console.domain.sla.calendar import BusinessCalendar
from sla_console.domain.sla.policy import SLAPolicy
from sla_console.domain.sla.verdict import Outcome
from sla_console.domain.tickets.sighting import Sighting
from sla_console.domain.tickets.ticket import Hold
from sla_console.domain.tickets.ticket_history import TicketHistory
from sla_console.reporting.frozen import changes_between
from sla_console.reporting.period import Period
from sla_console.reporting.records import UNWATCHED, Part

AT = datetime(2026, 10, 12, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
OFFICE = BusinessCalendar(
    "UTC", {day: [("09:00", "17:00")] for day in ("mon", "tue", "wed", "thu", "fri")}
)


def promises(records):
    return {one.target.words: one for one in records.promises}


class TestOutcomes:
    def test_what_was_kept_in_time_is_met_with_what_was_left(self, gather, ticket) -> None:
        found = promises(gather([ticket(responded_at=AT + HOUR / 2)]))["first response"]
        assert found.outcome is Outcome.MET
        assert (found.taken, found.margin, found.allowed) == (1800, 1800, 3600)

    def test_what_was_kept_late_is_missed_by_how_much(self, gather, ticket) -> None:
        found = promises(gather([ticket(responded_at=AT + 2 * HOUR)]))["first response"]
        assert found.outcome is Outcome.MISSED
        assert found.margin == -3600

    def test_what_is_broken_and_still_owed_is_missed_not_open(self, gather, ticket) -> None:
        found = promises(gather([ticket()]))["resolution"]
        assert found.outcome is Outcome.MISSED
        assert found.stopped_at is None
        assert found.margin < 0, "late up to now"

    def test_what_waits_over_its_due_time_is_open(self, gather, ticket) -> None:
        one = ticket(status="On Hold", holds=[Hold(AT + 2 * HOUR)], responded_at=AT)
        assert promises(gather([one]))["resolution"].outcome is Outcome.OPEN

    def test_a_promise_belongs_to_the_month_in_which_it_is_due(self, gather, ticket) -> None:
        late = datetime(2026, 11, 1, 0, 0, tzinfo=UTC)
        inside = ticket(response_due=late - timedelta(seconds=1), resolution_due=late)
        records = gather([inside])
        span = (datetime(2026, 10, 1, tzinfo=UTC), late)
        due = [one.due for one in records.promises if span[0] <= one.due < span[1]]
        assert due == [late - timedelta(seconds=1)]

    def test_an_answer_before_the_creation_took_no_time_and_is_in_doubt(
        self, gather, ticket
    ) -> None:
        found = promises(gather([ticket(responded_at=AT - HOUR)]))["first response"]
        assert found.outcome is Outcome.MET
        assert found.taken == 0
        assert "ended before it was created" in found.degraded[-1]

    def test_what_ended_when_nobody_knows_is_in_doubt(self, gather, ticket) -> None:
        found = promises(gather([ticket(status="Closed")]))["resolution"]
        assert (found.margin, found.taken) == (None, None)
        assert "nobody recorded" in found.degraded[-1]


class TestExclusions:
    def test_what_cannot_be_judged_is_listed_with_the_reason(self, gather, ticket) -> None:
        whole = ticket()
        (found,) = gather(
            [TicketHistory(whole.ticket, None, (), "its times are impossible")]
        ).exclusions
        assert found.reason == "cannot be judged: its times are impossible"

    def test_what_nothing_promises_is_listed(self, gather, ticket) -> None:
        records = gather([ticket(response_due=None, resolution_due=None)])
        assert [one.reason for one in records.exclusions] == ["no promise applies to it"]
        assert not records.promises

    def test_what_somebody_excluded_is_listed_with_who_and_why(self, gather, ticket) -> None:
        records = gather([ticket()], {"t-1": ("opened twice", "marta")})
        assert [(one.reason, one.by) for one in records.exclusions] == [("opened twice", "marta")]
        assert not records.promises
        assert not records.breaches


class TestHands:
    SEEN = (
        Sighting(AT, "New"),
        Sighting(AT + HOUR, "In Progress", technician_id="ada", technician="Ada"),
        Sighting(AT + 4 * HOUR, "In Progress", technician_id="ben", technician="Ben"),
    )

    def test_credit_goes_by_time_in_hands_and_adds_up(self, gather, ticket) -> None:
        one = ticket(seen=self.SEEN, resolved_at=AT + 8 * HOUR, status="Closed")
        found = promises(gather([one]))["resolution"]
        assert found.credit == (
            Credit("Ada", 3 / 8, "ada"), Credit("Ben", 4 / 8, "ben"), Credit("unassigned", 1 / 8),
        )  # fmt: skip
        assert found.owner == "Ben"

    def test_a_breach_says_where_its_time_went(self, gather, ticket) -> None:
        hold = Hold(AT + 2 * HOUR, AT + 3 * HOUR)
        one = ticket(
            seen=self.SEEN, holds=[hold], resolved_at=AT + 10 * HOUR, status="Closed",
            responded_at=AT, calendar=OFFICE, resolution_due=AT + 5 * HOUR,
        )  # fmt: skip
        (found,) = gather([one]).breaches
        assert found.parts == (
            Part("unassigned", "New", 3600),
            Part("Ada", "In Progress", 7200),
            Part("Ada", "In Progress", 3600, waiting=True),
            Part("Ben", "In Progress", 4 * 3600),
        ), "the office closes at 17:00"
        assert found.late == 3 * 3600
        assert found.ledger[0].startswith("2026-10-12 09:00:00 to 2026-10-12 11:00:00 UTC  counts")

    def test_held_time_is_that_of_whoever_had_it(self, gather, ticket) -> None:
        hold = Hold(AT + 2 * HOUR, AT + 3 * HOUR)
        one = ticket(seen=self.SEEN, holds=[hold], resolved_at=AT + 8 * HOUR, status="Closed")
        found = {each.technician: (each.held, each.total) for each in gather([one]).in_hand}
        assert found == {
            "unassigned": (0, 3600), "Ada": (3600, 3 * 3600), "Ben": (0, 4 * 3600),
        }  # fmt: skip


class TestLateHolds:
    @pytest.mark.parametrize(
        ("left", "noted"),
        [
            (timedelta(minutes=29), True),
            (timedelta(minutes=48), True),
            (timedelta(minutes=49), False),
        ],
    )
    def test_a_hold_with_half_an_hour_or_a_tenth_left_is_noted(
        self, gather, ticket, left, noted
    ) -> None:
        # Promised are eight hours, of which a tenth is 48 minutes.
        policy = SLAPolicy("p", "Gold", resolution_time_hours=8, business_hours_only=False)
        hold = Hold(AT + 8 * HOUR - left, AT + 9 * HOUR)
        one = ticket(
            policy=policy, holds=[hold], resolution_due=None, resolved_at=AT + 9 * HOUR,
            status="Closed",
        )  # fmt: skip
        found = gather([one]).late_holds
        assert bool(found) is noted
        if noted:
            assert found[0].left == left.total_seconds()
            assert found[0].technician == "Ada"
            assert found[0].outcome is Outcome.MET


def test_versions_say_what_was_promised_and_when_it_counts(gather, ticket) -> None:
    policy = SLAPolicy("p", "Gold", response_time_minutes=30, resolution_time_hours=8)
    records = gather([ticket(policy=policy, calendar=OFFICE)])
    (gold,), (hours,) = records.policies, records.calendars
    assert "first response: 30 minutes" in gold.text
    assert "mon: 09:00 to 17:00" in hours.text
    assert hours.name == "hours of Harbour"
    assert len(gold.digest) == 12


def test_each_client_has_its_hours_by_name_so_that_a_change_of_one_shows(gather, ticket) -> None:
    late = BusinessCalendar("UTC", {"mon": [("10:00", "18:00")]})
    lives = [
        ticket(calendar=OFFICE),
        ticket(id="2", display_id="T-2", client="Kestrel", calendar=OFFICE),
    ]
    before = gather(lives)
    assert [one.name for one in before.calendars] == ["hours of Harbour", "hours of Kestrel"]
    lives[1] = ticket(id="2", display_id="T-2", client="Kestrel", calendar=late)
    found = [
        change
        for change in changes_between(before, gather(lives), Period.month(2026, 10, "UTC").span)
        if not change.number
    ]
    assert [change.what for change in found] == ["calendar hours of Kestrel"]
    assert "now 'mon: 10:00 to 18:00'" in found[0].why


class TestBeforeItWasWatched:
    def test_the_status_is_not_that_of_the_first_sight(self, gather, ticket) -> None:
        seen = Sighting(AT + 90 * HOUR, "Closed", technician_id="ada", technician="Ada")
        one = ticket(seen=[seen], resolved_at=AT + 10 * HOUR, status="Closed", responded_at=AT)
        (found,) = gather([one]).breaches
        assert found.parts == (Part("Ada", UNWATCHED, 10 * 3600),)

    def test_its_time_does_not_dilute_the_share_of_holds(self, gather, ticket) -> None:
        seen = Sighting(AT + 6 * HOUR, "On Hold", technician_id="ada", technician="Ada")
        hold = Hold(AT + 6 * HOUR, AT + 7 * HOUR)
        one = ticket(seen=[seen], holds=[hold], resolved_at=AT + 8 * HOUR, status="Closed")
        (found,) = gather([one]).in_hand
        assert (found.held, found.total) == (3600, 2 * 3600)

    def test_what_is_seen_within_minutes_of_its_creation_was_watched_from_the_start(
        self, gather, ticket
    ) -> None:
        seen = Sighting(AT + timedelta(minutes=4), "New", technician_id="ada", technician="Ada")
        one = ticket(seen=[seen], resolved_at=AT + 10 * HOUR, status="Closed", responded_at=AT)
        (found,) = gather([one]).breaches
        assert found.parts == (Part("Ada", "New", 10 * 3600),)
