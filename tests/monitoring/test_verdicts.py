"""What became of each target: told once, when it falls, and never rewritten.

Unless a test says otherwise, the desk promises an answer within 1 h and a resolution within 4 h,
round the clock, and its ticket is opened on Monday 12 October 2026 at 09:00 UTC: the answer is due
at 10:00, the resolution at 13:00. SuperOps' flags follow from its times, as on the real service.
"""

from datetime import UTC, datetime, timedelta

import pytest

from sla_console.domain.figures.report import DateRange
from sla_console.domain.sla.breach import BreachType
from sla_console.domain.sla.calendar import WEEKDAYS, BusinessCalendar
from sla_console.domain.sla.policy import SLAPolicy
from sla_console.domain.sla.sla_clock import ClockState
from sla_console.domain.sla.verdict import Outcome, in_force

RESPONSE, RESOLUTION = BreachType.RESPONSE, BreachType.RESOLUTION
MET, MISSED, IN_DOUBT = Outcome.MET, Outcome.MISSED, Outcome.IN_DOUBT
OFFICE = BusinessCalendar("UTC", {day: [("09:00", "17:00")] for day in WEEKDAYS[:5]})
OFFICE_ROWS = tuple((day, "09:00", "17:00") for day in ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"))  # fmt: skip
QUARTER = (SLAPolicy("d", "All", response_time_minutes=60, resolution_time_hours=4.0, default=True, business_hours_only=False),)  # fmt: skip


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-10-{text}").replace(tzinfo=UTC)


async def goes_on(console, until: datetime, minutes: int = 1) -> None:
    """Let time pass, with a look at SuperOps each minute and all that falls due in between."""
    clock = console.clock
    while clock.now() < until:
        await console.engine.tracker.process(clock.now())
        clock.set(min(until, clock.now() + timedelta(minutes=minutes)))
        console.engine.sync.ask_now()
        await console.sync()


async def verdict(console, ticket, target, cycle: int = 1):
    """Return the verdict in force of one target in one cycle."""
    found = in_force(await console.store.verdicts.for_ticket(ticket.id))
    return found.get((ticket.id, target, cycle))


async def outcomes(console, ticket) -> dict[tuple[str, int], str]:
    found = in_force(await console.store.verdicts.for_ticket(ticket.id))
    return {(target.name, cycle): str(one.outcome) for (_, target, cycle), one in found.items()}


class TestFalling:
    """It is written at the moment at which it falls."""

    async def test_what_is_met_falls_at_the_stop(self, begin, clock, desk) -> None:
        """Answered at 09:30, half an hour of one used; resolved at 11:00, two hours of four."""
        console = await begin()
        ticket = desk.open("T1", clock.now())
        await goes_on(console, at("12T09:30"))
        desk.answer(ticket, clock.now())
        await goes_on(console, at("12T11:00"))
        desk.set_status(ticket, "Resolved", clock.now())
        await goes_on(console, at("12T11:01"))
        response = await verdict(console, ticket, RESPONSE)
        resolution = await verdict(console, ticket, RESOLUTION)
        assert (response.outcome, response.fell_at) == (MET, at("12T09:30"))
        assert (response.used, response.allowed) == (timedelta(minutes=30), timedelta(hours=1))
        assert (resolution.outcome, resolution.fell_at) == (MET, at("12T11:00"))
        assert (resolution.used, resolution.late) == (timedelta(hours=2), timedelta())
        assert (resolution.source, resolution.client, resolution.priority) == (
            "superops", "Harbour", "High",
        )  # fmt: skip

    async def test_what_is_missed_falls_when_it_breaks_and_the_stop_is_added(
        self, begin, clock, desk
    ) -> None:
        """Due at 10:00, answered at 11:30: missed at 10:00, an hour and a half late."""
        console = await begin()
        ticket = desk.open("T1", clock.now())
        await goes_on(console, at("12T10:01"))
        fallen = await verdict(console, ticket, RESPONSE)
        assert (fallen.outcome, fallen.fell_at, fallen.stopped_at) == (MISSED, at("12T10:00"), None)
        await goes_on(console, at("12T11:30"))
        desk.answer(ticket, clock.now())
        await goes_on(console, at("12T11:31"))
        stopped = await verdict(console, ticket, RESPONSE)
        assert (stopped.revision, stopped.stopped_at) == (1, at("12T11:30"))
        assert (stopped.used, stopped.late) == (timedelta(hours=2, minutes=30), timedelta(hours=1, minutes=30))  # fmt: skip

    async def test_what_fell_while_nothing_ran_is_written_after_the_restart(
        self, begin, clock, desk
    ) -> None:
        """Nobody looks from 09:01 to 15:00; the answer was due at 10:00, the resolution at 13:00."""
        console = await begin()
        ticket = desk.open("T1", clock.now())
        await goes_on(console, at("12T09:01"))
        clock.set(at("12T15:00"))
        again = await begin()
        await again.sync()
        assert await outcomes(again, ticket) == {("RESPONSE", 1): "missed", ("RESOLUTION", 1): "missed"}  # fmt: skip
        assert (await verdict(again, ticket, RESOLUTION)).fell_at == at("12T13:00")

    async def test_the_board_carries_it_and_a_second_console_shows_it(
        self, begin, clock, desk
    ) -> None:
        console = await begin()
        desk.open("T1", clock.now())
        await goes_on(console, at("12T10:01"))
        assert console.board.tickets[0].response.verdict.outcome is MISSED
        other = await begin()
        assert other.board.tickets[0].response.verdict == console.board.tickets[0].response.verdict


class TestSuperOpsWord:
    """Its due times are measured in the hours they were made of, and its flags count."""

    @pytest.fixture
    def office(self, desk):
        desk.clients["7"].hours = OFFICE_ROWS
        desk.clients["7"].calendar = OFFICE

    async def test_a_due_time_out_of_hours_breaks_at_its_own_moment(
        self, begin, clock, desk, office
    ) -> None:
        """Site 9 to 17, response due on Friday at 21:00: broken then, answered at 23:00, 2 h late."""
        clock.set(at("16T16:00"))
        console = await begin()
        ticket = desk.open("T1", clock.now())
        ticket.response_due, ticket.resolution_due = at("16T21:00"), at("19T21:00")
        await goes_on(console, at("16T16:01"))
        await console.pass_time(clock, hours=4, minutes=59)
        assert clock.now() == at("16T21:00")
        assert console.board.tickets[0].response.state(clock.now()) is ClockState.RUNNING
        await console.pass_time(clock, milliseconds=2)
        assert console.board.tickets[0].response.state(clock.now()) is ClockState.BREACHED
        assert [one.breach_time for one in console.board.breaches] == [at("16T21:00")]
        assert (await verdict(console, ticket, RESPONSE)).outcome is MISSED
        clock.set(at("16T23:00"))
        desk.answer(ticket, clock.now())
        await goes_on(console, at("16T23:01"))
        found = await verdict(console, ticket, RESPONSE)
        assert (found.outcome, found.late) == (MISSED, timedelta(hours=2))
        assert "every hour" in found.hours

    async def test_an_answer_read_afterwards_is_missed_all_the_same(
        self, begin, clock, desk, office
    ) -> None:
        """The same ticket, first read after it was answered at 23:00 with the flag set."""
        clock.set(at("16T23:30"))
        console = await begin()
        ticket = desk.open("T1", at("16T16:00"), responded=at("16T23:00"))
        ticket.response_due, ticket.resolution_due = at("16T21:00"), at("19T21:00")
        await console.sync()
        found = await verdict(console, ticket, RESPONSE)
        assert (found.outcome, found.late) == (MISSED, timedelta(hours=2))

    async def test_one_due_time_out_of_hours_tells_of_all_tickets_of_its_sla(
        self, begin, clock, desk, office
    ) -> None:
        """NIGHT is due on Saturday; so DAY, due on Friday at 17:00, breaks then, not on Monday."""
        clock.set(at("16T16:00"))
        console = await begin()
        day = desk.open("DAY", clock.now(), responded=clock.now())
        day.response_due, day.resolution_due = at("16T16:30"), at("16T17:00")
        await goes_on(console, at("16T16:01"))
        night = desk.open("NIGHT", clock.now(), responded=clock.now())
        night.response_due, night.resolution_due = at("16T16:30"), at("17T10:00")
        await goes_on(console, at("16T16:02"))
        await console.pass_time(clock, minutes=58, milliseconds=2)
        assert (await verdict(console, day, RESOLUTION)).outcome is MISSED

    async def test_a_due_time_at_closing_time_waits_for_the_opening(
        self, begin, clock, desk, office
    ) -> None:
        """The policy's 4 h lead from 13:00 to closing time; by Monday 09:00 nothing is late."""
        clock.set(at("16T13:00"))
        policy = (SLAPolicy("d", "All", resolution_time_hours=4.0, default=True),)
        console = await begin(policies=policy)
        ticket = desk.open("T1", clock.now(), responded=clock.now())
        assert ticket.resolution_due == at("16T17:00")
        ticket.fields["resolutionViolated"] = False
        await goes_on(console, at("16T13:01"))
        clock.set(at("19T09:00"))
        await console.engine.tracker.process(clock.now())
        assert await verdict(console, ticket, RESOLUTION) is None
        await console.pass_time(clock, milliseconds=2)
        assert (await verdict(console, ticket, RESOLUTION)).outcome is MISSED

    @pytest.mark.parametrize(
        ("flag", "answered", "outcome", "by_times"),
        [
            (True, "12T09:59:00", IN_DOUBT, MET),
            (True, "12T10:30:00", MISSED, None),
            (False, "12T10:30:00", IN_DOUBT, MISSED),
            (False, "12T10:00:30", MISSED, None),
            (False, "12T09:30:00", MET, None),
            (None, "12T10:30:00", MISSED, None),
            (None, "12T09:30:00", MET, None),
        ],
    )
    async def test_a_flag_that_contradicts_the_times_puts_it_in_doubt(
        self, begin, clock, desk, flag, answered, outcome, by_times
    ) -> None:
        """Due at 10:00; half a minute after it is within the tolerance of a minute."""
        clock.set(at("12T10:45"))
        console = await begin()
        ticket = desk.open("T1", at("12T09:00"), responded=at(answered))
        ticket.fields["firstResponseViolated"] = flag
        await console.sync()
        found = await verdict(console, ticket, RESPONSE)
        assert (found.outcome, found.by_times) == (outcome, by_times)
        assert bool(found.reason) is (outcome is IN_DOUBT)

    async def test_a_held_clock_takes_the_flag_no_earlier_than_a_running_one(
        self, begin, clock, desk
    ) -> None:
        """On hold from 11:00 with the flag set: broken at 13:00, when it is due, not before."""
        console = await begin()
        ticket = desk.open("T1", clock.now(), responded=clock.now())
        ticket.fields["resolutionViolated"] = True
        await goes_on(console, at("12T11:00"), 30)
        desk.set_status(ticket, "On Hold", clock.now())
        await goes_on(console, at("12T12:00"), 30)
        clock_of = console.board.tickets[0].resolution
        assert clock_of.state(clock.now()) is ClockState.HELD
        await goes_on(console, at("12T13:01"), 30)
        assert console.board.tickets[0].resolution.state(clock.now()) is ClockState.BREACHED
        assert (await verdict(console, ticket, RESOLUTION)).fell_at == at("12T13:00")

    async def test_a_held_ticket_is_as_late_as_its_due_time_is_past(
        self, begin, clock, desk
    ) -> None:
        """Held an hour before it was due at 13:00 and flagged; 17 days on it is 17 days late."""
        console = await begin()
        ticket = desk.open("T1", clock.now(), responded=clock.now())
        await goes_on(console, at("12T12:00"), 30)
        desk.set_status(ticket, "On Hold", clock.now())
        await goes_on(console, at("12T12:01"))
        ticket.fields["resolutionViolated"] = True
        ticket.updated = clock.now()
        clock.set(at("29T13:00"))
        await console.sync()
        left = console.board.tickets[0].resolution.remaining(clock.now())
        assert left == timedelta(days=-17)

    async def test_a_hold_that_began_before_it_was_due_breaks_nothing(
        self, begin, clock, desk
    ) -> None:
        console = await begin()
        ticket = desk.open("T1", clock.now(), responded=clock.now())
        ticket.fields["resolutionViolated"] = None
        await goes_on(console, at("12T12:00"), 30)
        desk.set_status(ticket, "On Hold", clock.now())
        await goes_on(console, at("12T15:00"), 30)
        assert console.board.tickets[0].resolution.state(clock.now()) is ClockState.HELD
        assert await verdict(console, ticket, RESOLUTION) is None

    async def test_a_wait_that_ends_after_the_due_time_breaks_it_once(
        self, begin, clock, desk
    ) -> None:
        """Held from 12:59, last seen so at 15:00, and due at 13:00 all the while: broken at 15:00."""
        console = await begin()
        ticket = desk.open("T1", clock.now(), responded=clock.now())
        ticket.fields["resolutionViolated"] = None
        await goes_on(console, at("12T12:59"), 30)
        desk.set_status(ticket, "On Hold", clock.now())
        await goes_on(console, at("12T15:00"), 30)
        desk.statuses.append("Parked")
        ticket.status = "Parked"  # renamed by an administrator, with updatedTime unmoved
        await goes_on(console, at("12T15:10"), 5)
        (found,) = [
            one
            for one in await console.store.verdicts.for_ticket(ticket.id)
            if one.target is RESOLUTION
        ]
        assert (found.outcome, found.fell_at, found.revision) == (MISSED, at("12T15:00"), 1)

    async def test_what_superops_calls_missed_without_a_due_time_is_in_doubt(
        self, begin, clock, desk
    ) -> None:
        """No due time and no policy, but resolutionViolated is true: neither met nor left out."""
        console = await begin()
        ticket = desk.open("T1", clock.now(), responded=clock.now(), sla=None)
        ticket.fields["resolutionViolated"] = True
        await goes_on(console, at("12T10:00"), 30)
        why = "SuperOps calls the resolution missed, but gives no due time"
        assert why in console.board.tickets[0].degraded
        assert await verdict(console, ticket, RESOLUTION) is None, "it has not ended"
        desk.set_status(ticket, "Closed", at("12T09:59"))
        await goes_on(console, at("12T10:01"))
        found = await verdict(console, ticket, RESOLUTION)
        assert (found.outcome, found.stopped_at) == (IN_DOUBT, at("12T09:59"))
        assert found.reason == "SuperOps calls it missed, but gives no due time, and no policy does"
        report = await console.service.generate_sla_report(
            DateRange(at("12T00:00"), at("13T00:00"))
        )
        assert (report.promises_met, report.promises_missed, report.promises_in_doubt) == (0, 0, 1)


class TestEndedWithoutAStop:
    """The stop lies between the last look at the open ticket and the first at the ended one."""

    async def test_a_ticket_closed_without_an_answer_missed_it(self, begin, clock, desk) -> None:
        """30 minutes for the answer, never answered, closed after 3 h: missed, 2 h 30 m late."""
        console = await begin()
        ticket = desk.open("T1", clock.now())
        ticket.response_due = at("12T09:30")
        clock.set(at("12T12:00"))
        desk.set_status(ticket, "Closed", clock.now())
        ticket.responded = None
        await console.sync()
        await console.engine.history.read()
        found = await verdict(console, ticket, RESPONSE)
        assert (found.outcome, found.late) == (MISSED, timedelta(hours=2, minutes=30))

    async def test_a_ticket_closed_before_its_answer_was_due_needed_none(
        self, begin, clock, desk
    ) -> None:
        console = await begin()
        ticket = desk.open("T1", clock.now())
        await goes_on(console, at("12T09:30"))
        desk.set_status(ticket, "Closed", clock.now())
        ticket.responded = None
        ticket.fields["firstResponseViolated"] = False
        await goes_on(console, at("12T09:31"))
        assert (await verdict(console, ticket, RESPONSE)).outcome is MET

    async def test_one_closed_days_late_without_a_time_is_missed_when_it_was_seen(
        self, begin, clock, desk
    ) -> None:
        """Due on Monday at 13:00, seen closed on Thursday at 13:00: three days late."""
        console = await begin()
        ticket = desk.open("T1", clock.now(), responded=clock.now())
        ticket.fields["resolutionViolated"] = None
        await goes_on(console, at("15T13:00"), 120)
        desk.set_status(ticket, "Closed", clock.now())
        ticket.resolved = None
        await console.sync()
        console.engine.sync.ask_now()
        await console.sync()
        found = await verdict(console, ticket, RESOLUTION)
        assert (found.outcome, found.stopped_at) == (MISSED, at("15T13:00"))
        assert found.late == timedelta(days=3)
        judged = await console.service._finder.judged(ticket.id)
        assert judged.resolution.state(clock.now()) is ClockState.BREACHED
        assert judged.resolution.remaining(clock.now()) == timedelta(days=-3)
        assert judged.resolution.consumed(clock.now()) == pytest.approx(19.0)  # 76 h of 4 h

    async def test_one_due_between_the_two_looks_is_in_doubt(self, begin, clock, desk) -> None:
        """Read open at 12:50, due at 13:00, read closed at 13:30 with an update at 13:20."""
        console = await begin()
        ticket = desk.open("T1", clock.now(), responded=clock.now())
        ticket.fields["resolutionViolated"] = None
        await goes_on(console, at("12T12:50"))
        desk.set_status(ticket, "Closed", at("12T13:20"))
        ticket.resolved = None
        clock.set(at("12T13:30"))
        console.engine.sync.ask_now()
        await console.engine.sync.step()
        found = await verdict(console, ticket, RESOLUTION)
        assert (found.outcome, found.by_times) == (IN_DOUBT, None)
        assert "no time at which it stopped" in found.reason

    async def test_the_time_that_comes_later_decides_it(self, begin, clock, desk) -> None:
        console = await begin()
        ticket = desk.open("T1", clock.now(), responded=clock.now())
        ticket.fields["resolutionViolated"] = None
        await goes_on(console, at("12T12:50"))
        desk.set_status(ticket, "Closed", at("12T13:20"))
        ticket.resolved = None
        clock.set(at("12T13:30"))
        console.engine.sync.ask_now()
        await console.engine.sync.step()
        ticket.resolved = at("12T12:55")
        ticket.updated = at("12T13:40")
        clock.set(at("12T13:45"))
        await console.engine.history.read()
        found = await verdict(console, ticket, RESOLUTION)
        assert (found.outcome, found.revision, found.stopped_at) == (MET, 2, at("12T12:55"))


class TestChangesAfterwards:
    """Nothing that happens to a ticket rewrites what became of it."""

    async def missed(self, begin, clock, desk):
        console = await begin(policies=QUARTER)
        ticket = desk.open("T1", clock.now())
        await goes_on(console, at("12T13:01"), 30)
        before = await console.store.verdicts.for_ticket(ticket.id)
        assert [one.outcome for one in before] == [MISSED, MISSED]
        return console, ticket, before

    @pytest.mark.parametrize(
        "fields",
        [
            {"priority": "Low", "resolution_due": at("20T09:00"), "response_due": at("19T09:00")},
            {"priority": "Critical", "resolution_due": at("12T09:30")},
            {"sla": None, "resolution_due": None, "response_due": None},
            {"client": None},
            {"subject": "Another", "request_type": "Problem"},
            {"technician": None, "group_id": "5"},
            {"resolution_due": at("30T09:00"), "response_due": at("30T09:00")},
        ],
    )  # fmt: skip
    async def test_a_miss_stays_whatever_changes(self, begin, clock, desk, fields) -> None:
        console, ticket, before = await self.missed(begin, clock, desk)
        for name, value in fields.items():
            setattr(ticket, name, value)
        ticket.updated = clock.now()
        await goes_on(console, at("12T15:00"), 30)
        assert await console.store.verdicts.for_ticket(ticket.id) == before
        status = await console.service.get_ticket_sla_status(ticket.id)
        assert (status.is_response_breached, status.is_resolution_breached) == (True, True)

    async def test_a_cleared_sla_leaves_the_miss_and_its_stop_is_added(
        self, begin, clock, desk
    ) -> None:
        """Due at 13:00, cleared at 13:01, resolved at 15:00: missed, two hours late."""
        console, ticket, _ = await self.missed(begin, clock, desk)
        ticket.sla = ticket.resolution_due = ticket.response_due = None
        ticket.updated = clock.now()
        await goes_on(console, at("12T15:00"), 30)
        desk.set_status(ticket, "Resolved", clock.now())
        await goes_on(console, at("12T15:01"))
        found = await verdict(console, ticket, RESOLUTION)
        assert (found.outcome, found.stopped_at, found.late) == (MISSED, at("12T15:00"), timedelta(hours=2))  # fmt: skip

    async def test_lateness_counts_in_the_hours_of_the_verdict(self, begin, clock, desk) -> None:
        """Open 9 to 17 and due at 13:00; from then on 14 to 22. Resolved at 15:30, 2 h 30 m late."""
        desk.clients["7"].hours = OFFICE_ROWS
        console = await begin(
            policies=(SLAPolicy("d", "All", resolution_time_hours=4.0, default=True),)
        )
        ticket = desk.open("T1", clock.now(), responded=clock.now(), sla=None)
        await goes_on(console, at("12T13:30"), 30)
        desk.clients["7"].hours = (("MONDAY", "14:00", "22:00"),)
        clock.set(at("12T15:00"))
        await goes_on(console, at("12T15:30"), 10)
        assert console.board.tickets[0].resolution.due == at("12T18:00"), "the hours are read"
        desk.set_status(ticket, "Closed", clock.now())
        await goes_on(console, at("12T15:31"))
        found = await verdict(console, ticket, RESOLUTION)
        assert (found.outcome, found.due) == (MISSED, at("12T13:00"))
        assert found.used == timedelta(hours=6, minutes=30)
        assert found.late == timedelta(hours=2, minutes=30)

    async def test_met_as_low_stays_met_when_it_becomes_critical(self, begin, clock, desk) -> None:
        """Answered at 09:50 when it was due at 10:00; as Critical it would have been due at 09:15."""
        console = await begin()
        ticket = desk.open("T1", clock.now(), priority="Low")
        await goes_on(console, at("12T09:50"), 10)
        desk.answer(ticket, clock.now())
        await goes_on(console, at("12T09:51"))
        ticket.priority, ticket.response_due = "Critical", at("12T09:15")
        ticket.updated = clock.now()
        await goes_on(console, at("12T10:30"), 10)
        found = await verdict(console, ticket, RESPONSE)
        assert (found.outcome, found.priority, found.revision) == (MET, "Low", 1)

    async def test_a_due_time_that_was_empty_and_is_set_runs_from_then(
        self, begin, clock, desk
    ) -> None:
        console = await begin()
        ticket = desk.open("T1", clock.now(), responded=clock.now(), sla=None)
        await goes_on(console, at("12T12:00"), 30)
        assert ("RESOLUTION", 1) not in await outcomes(console, ticket)
        ticket.resolution_due = at("12T14:00")
        ticket.updated = clock.now()
        await goes_on(console, at("12T14:01"), 30)
        assert (await verdict(console, ticket, RESOLUTION)).fell_at == at("12T14:00")

    async def test_an_answer_before_the_creation_took_no_time(self, begin, clock, desk) -> None:
        console = await begin()
        ticket = desk.open("T1", clock.now(), responded=at("12T08:55"))
        await console.sync()
        found = await verdict(console, ticket, RESPONSE)
        assert (found.outcome, found.used) == (MET, timedelta())

    async def test_an_answer_that_is_yet_to_come_answers_nothing(self, begin, clock, desk) -> None:
        """Read at 09:00 to have been answered at 12:00; due at 10:00, so nothing is late before."""
        console = await begin()
        ticket = desk.open("T1", clock.now(), responded=at("12T12:00"))
        ticket.fields["firstResponseViolated"] = False
        await console.sync()
        assert await verdict(console, ticket, RESPONSE) is None
        assert "answered on 2026-10-12 12:00 UTC, which is yet to come" in " ".join(
            console.board.tickets[0].degraded
        )
        await goes_on(console, at("12T10:01"), 30)
        assert (await verdict(console, ticket, RESPONSE)).outcome is MISSED

    async def test_an_end_that_is_yet_to_come_is_when_it_was_seen(self, begin, clock, desk) -> None:
        """Read closed at 10:01, due at 13:00, with a resolutionTime of the year after: met."""
        console = await begin()
        ticket = desk.open("T1", clock.now(), responded=clock.now())
        await goes_on(console, at("12T10:00"), 30)
        desk.set_status(ticket, "Closed", clock.now())
        ticket.resolved = datetime(2027, 10, 12, 10, tzinfo=UTC)
        ticket.fields["resolutionViolated"] = False
        await goes_on(console, at("12T10:01"))
        found = await verdict(console, ticket, RESOLUTION)
        assert (found.outcome, found.stopped_at) == (MET, at("12T10:01"))


class TestCorrections:
    """Only what happened before the verdict fell, and was read after, corrects it."""

    async def test_a_stop_that_was_read_too_late(self, begin, clock, desk) -> None:
        """Resolved at 12:59:50, due at 13:00, read at 13:00:20."""
        console = await begin()
        ticket = desk.open("T1", clock.now(), responded=clock.now())
        await goes_on(console, at("12T12:59:40"), 30)
        desk.set_status(ticket, "Resolved", at("12T12:59:50"))
        await console.pass_time(clock, seconds=21)
        assert (await verdict(console, ticket, RESOLUTION)).outcome is MISSED
        await goes_on(console, at("12T13:00:20"))
        await goes_on(console, at("12T13:01"))
        first, second = [
            one
            for one in await console.store.verdicts.for_ticket(ticket.id)
            if one.target is RESOLUTION
        ]
        assert (first.outcome, second.outcome, second.revision) == (MISSED, MET, 2)
        assert (second.stopped_at, second.fell_at) == (at("12T12:59:50"), at("12T12:59:50"))
        assert "read only afterwards" in second.reason

    async def test_a_hold_that_was_read_too_late(self, begin, clock, desk) -> None:
        """Held from 12:59:40 to 15:00, 20 s before it was due: due at 15:00:20, resolved 15:00:10."""
        console = await begin()
        ticket = desk.open("T1", clock.now(), responded=clock.now())
        ticket.fields["resolutionViolated"] = None
        await goes_on(console, at("12T12:59:30"), 30)
        desk.set_status(ticket, "On Hold", at("12T12:59:40"))
        await console.pass_time(clock, seconds=31)
        assert (await verdict(console, ticket, RESOLUTION)).outcome is MISSED
        await goes_on(console, at("12T13:30"), 10)
        held = await verdict(console, ticket, RESOLUTION)
        assert (held.outcome, held.revision) == (IN_DOUBT, 2)
        assert console.board.breaches == ()
        clock.set(at("12T15:00:10"))
        desk.set_status(ticket, "Open", at("12T15:00:00"))
        desk.set_status(ticket, "Resolved", at("12T15:00:10"))
        await goes_on(console, at("12T15:01"))
        found = await verdict(console, ticket, RESOLUTION)
        assert (found.outcome, found.revision, found.due) == (MET, 3, at("12T15:00:20"))

    async def test_a_hold_and_its_end_decide_at_once(self, begin, clock, desk) -> None:
        """Flagged and missed at 13:00 while held since 12:59; closed at 15:00 with the flag gone."""
        console = await begin()
        ticket = desk.open("T1", clock.now(), responded=clock.now())
        ticket.fields["resolutionViolated"] = True
        await goes_on(console, at("12T12:59"), 30)
        ticket.status, ticket.updated = "On Hold", clock.now()
        await goes_on(console, at("12T15:00"), 30)
        assert (await verdict(console, ticket, RESOLUTION)).outcome is MISSED
        ticket.status, ticket.updated, ticket.resolved = "Closed", clock.now(), clock.now()
        ticket.fields["resolutionViolated"] = None
        await goes_on(console, at("12T15:01"))
        found = await verdict(console, ticket, RESOLUTION)
        assert (found.outcome, found.stopped_at, found.revision) == (MET, at("12T15:00"), 2)

    async def test_a_flag_that_comes_late_makes_a_doubt(self, begin, clock, desk) -> None:
        console = await begin()
        ticket = desk.open("T1", clock.now(), responded=at("12T09:00"))
        ticket.fields["firstResponseViolated"] = None
        await console.sync()
        assert (await verdict(console, ticket, RESPONSE)).outcome is MET
        ticket.fields["firstResponseViolated"] = True
        ticket.updated = clock.now() + timedelta(minutes=1)
        await goes_on(console, at("12T09:02"))
        found = await verdict(console, ticket, RESPONSE)
        assert (found.outcome, found.by_times, found.revision) == (IN_DOUBT, MET, 2)

    async def test_a_flag_that_comes_late_ends_a_doubt(self, begin, clock, desk) -> None:
        """Answered half an hour late; SuperOps' flag follows only a quarter of an hour later."""
        console = await begin()
        ticket = desk.open("T1", clock.now())
        ticket.fields["firstResponseViolated"] = False
        await goes_on(console, at("12T10:30"), 30)
        desk.answer(ticket, clock.now())
        await goes_on(console, at("12T10:31"))
        assert (await verdict(console, ticket, RESPONSE)).outcome is IN_DOUBT
        ticket.fields["firstResponseViolated"] = True
        ticket.updated = at("12T10:45")
        await goes_on(console, at("12T10:46"), 15)
        found = await verdict(console, ticket, RESPONSE)
        assert (found.outcome, found.revision) == (MISSED, 3)
        assert found.late == timedelta(minutes=30)


class TestReopening:
    """Each time a ticket is opened after its end begins a cycle that counts the open time only."""

    async def resolved_and_reopened(self, begin, clock, desk, **promises):
        """Opened at 09:00 with 4 h, resolved at 11:00, opened again at 15:00: 2 h are used."""
        console = await begin(**promises)
        ticket = desk.open("T1", clock.now(), responded=clock.now())
        if promises:
            ticket.sla = ticket.response_due = ticket.resolution_due = None
        await goes_on(console, at("12T11:00"), 30)
        desk.set_status(ticket, "Resolved", clock.now())
        await goes_on(console, at("12T11:01"))
        await goes_on(console, at("12T15:00"), 60)
        desk.set_status(ticket, "Open", clock.now())
        await goes_on(console, at("12T15:01"))
        return console, ticket

    @pytest.mark.parametrize("promises", [{}, {"policies": QUARTER}])
    async def test_a_thank_you_breaks_nothing(self, begin, clock, desk, promises) -> None:
        """Resolved again at 15:05: 2 h 05 m of 4 h used, and met; due at 17:00 by then."""
        console, ticket = await self.resolved_and_reopened(begin, clock, desk, **promises)
        assert console.board.breaches == ()
        clock_of = console.board.tickets[0].resolution
        assert (clock_of.due, clock_of.state(clock.now())) == (at("12T17:00"), ClockState.RUNNING)
        await goes_on(console, at("12T15:05"))
        desk.set_status(ticket, "Resolved", clock.now())
        await goes_on(console, at("12T15:06"))
        first = await verdict(console, ticket, RESOLUTION)
        second = await verdict(console, ticket, RESOLUTION, 2)
        assert (first.outcome, first.used, first.due) == (MET, timedelta(hours=2), at("12T13:00"))
        assert (second.outcome, second.used) == (MET, timedelta(hours=2, minutes=5))
        assert (second.due, second.allowed) == (at("12T17:00"), timedelta(hours=4))

    async def test_the_new_cycle_can_be_missed_and_the_first_stays_met(
        self, begin, clock, desk
    ) -> None:
        """It is due again at 17:00, two hours after it was opened again."""
        console, ticket = await self.resolved_and_reopened(begin, clock, desk)
        await goes_on(console, at("12T17:01"), 10)
        assert await outcomes(console, ticket) == {
            ("RESPONSE", 1): "met", ("RESOLUTION", 1): "met", ("RESOLUTION", 2): "missed",
        }  # fmt: skip

    async def test_a_due_time_that_superops_moved_is_taken(self, begin, clock, desk) -> None:
        console, ticket = await self.resolved_and_reopened(begin, clock, desk)
        ticket.resolution_due = at("12T16:00")
        ticket.updated = clock.now()
        await goes_on(console, at("12T15:02"))
        assert console.board.tickets[0].resolution.due == at("12T16:00")

    async def test_it_is_the_same_after_a_restart(self, begin, clock, desk) -> None:
        console, _ = await self.resolved_and_reopened(begin, clock, desk)
        again = await begin()
        one, other = console.board.tickets[0].resolution, again.board.tickets[0].resolution
        assert (one.due, one.cycle, one.earlier) == (other.due, other.cycle, other.earlier)
        assert other.due == at("12T17:00")

    async def test_it_is_the_same_for_a_console_that_reads_it_second(
        self, begin, clock, desk
    ) -> None:
        """Both know it as resolved; one reads it open and then the other: one cycle, due at 17:00."""
        console = await begin()
        other = await begin()
        ticket = desk.open("T1", clock.now(), responded=clock.now())
        for moment in ("12T10:00", "12T11:00", "12T15:00"):
            await goes_on(console, at(moment), 60)
            await other.sync()
            if moment == "12T11:00":
                desk.set_status(ticket, "Resolved", clock.now())
                await goes_on(console, at("12T11:01"))
                await other.sync()
        desk.set_status(ticket, "Open", clock.now())
        clock.advance(minutes=1)
        for one in (other, console):
            one.engine.sync.ask_now()
            await one.sync()
        assert console.board.tickets[0].degraded == ()
        third = await begin()
        for one in (console, other, third):
            clock_of = one.board.tickets[0].resolution
            assert (clock_of.cycle, clock_of.due) == (2, at("12T17:00"))

    async def test_opened_and_ended_again_while_nobody_looked_is_in_doubt(
        self, begin, clock, desk
    ) -> None:
        """Closed at 11:00 with 2 of 4 h used, opened at 14:00, closed at 19:00, read at 20:00.

        When it was opened is not known: between nothing and 8 h were used, so nobody can tell.
        Opened once more at 21:00 it is in its third cycle.
        """
        console = await begin()
        ticket = desk.open("T1", clock.now(), responded=clock.now())
        ticket.fields["resolutionViolated"] = None
        await goes_on(console, at("12T11:00"), 30)
        desk.set_status(ticket, "Closed", clock.now())
        await goes_on(console, at("12T11:01"))
        first = await verdict(console, ticket, RESOLUTION)
        desk.set_status(ticket, "Open", at("12T14:00"))
        desk.set_status(ticket, "Closed", at("12T19:00"))
        clock.set(at("12T20:00"))
        again = await begin()
        for _ in range(2):
            await again.sync()
            await again.engine.history.read()
            again.engine.sync.ask_now()
            clock.advance(minutes=1)
        assert await verdict(again, ticket, RESOLUTION) == first
        second = await verdict(again, ticket, RESOLUTION, 2)
        assert (second.outcome, second.revision) == (IN_DOUBT, 1)
        assert "nobody saw when it was opened" in second.reason
        clock.set(at("12T21:00"))
        desk.set_status(ticket, "Open", clock.now())
        await goes_on(again, at("12T21:02"))
        assert again.board.tickets[0].resolution.cycle == 3
        assert await verdict(again, ticket, RESOLUTION, 2) == second

    async def test_a_missed_cycle_is_counted_once(self, begin, clock, desk) -> None:
        """Resolved at 14:00, an hour late; opened again at 15:00 and resolved at 15:30."""
        console = await begin()
        ticket = desk.open("T1", clock.now(), responded=clock.now())
        await goes_on(console, at("12T14:00"), 30)
        desk.set_status(ticket, "Resolved", clock.now())
        await goes_on(console, at("12T15:00"), 30)
        desk.set_status(ticket, "Open", clock.now())
        await goes_on(console, at("12T15:30"), 10)
        desk.set_status(ticket, "Resolved", clock.now())
        await goes_on(console, at("12T15:31"))
        assert await outcomes(console, ticket) == {("RESPONSE", 1): "met", ("RESOLUTION", 1): "missed"}  # fmt: skip
        found = await verdict(console, ticket, RESOLUTION)
        assert (found.stopped_at, found.late) == (at("12T14:00"), timedelta(hours=1))

    async def test_september_stays_when_it_is_opened_again_in_november(
        self, begin, clock, desk
    ) -> None:
        """Two of four hours used on 12 October; opened on 12 November at 09:00, due at 11:00."""
        console = await begin()
        ticket = desk.open("T1", clock.now(), responded=clock.now())
        await goes_on(console, at("12T11:00"), 30)
        desk.set_status(ticket, "Resolved", clock.now())
        await goes_on(console, at("12T11:01"))
        clock.set(datetime(2026, 11, 12, 9, tzinfo=UTC))
        desk.set_status(ticket, "Open", clock.now())
        await console.sync()
        first = await verdict(console, ticket, RESOLUTION)
        assert (first.outcome, first.due) == (MET, at("12T13:00"))
        await goes_on(console, datetime(2026, 11, 12, 11, 1, tzinfo=UTC), 30)
        second = await verdict(console, ticket, RESOLUTION, 2)
        assert (second.outcome, second.due) == (MISSED, datetime(2026, 11, 12, 11, tzinfo=UTC))
        assert await verdict(console, ticket, RESOLUTION) == first

    async def test_opened_twice_counts_both_gaps(self, begin, clock, desk) -> None:
        """1 h of work, closed for 2 h, 1 h of work, closed for 3 h: due at 13:00 and 5 h."""
        console = await begin()
        ticket = desk.open("T1", clock.now(), responded=clock.now())
        for moment, status in (
            ("12T10:00", "Resolved"), ("12T12:00", "Open"),
            ("12T13:00", "Resolved"), ("12T16:00", "Open"),
        ):  # fmt: skip
            await goes_on(console, at(moment), 30)
            desk.set_status(ticket, status, clock.now())
        await goes_on(console, at("12T16:01"))
        clock_of = console.board.tickets[0].resolution
        assert (clock_of.cycle, clock_of.due) == (3, at("12T18:00"))
        assert [one.outcome for one in clock_of.earlier] == [MET, MET]

    async def test_closed_and_opened_between_two_looks(self, begin, clock, desk) -> None:
        """Read at 10:00; resolved at 10:10, opened at 10:40, read at 11:00: due at 13:30."""
        console = await begin()
        ticket = desk.open("T1", clock.now(), responded=clock.now())
        await goes_on(console, at("12T10:00"), 30)
        desk.set_status(ticket, "Resolved", at("12T10:10"))
        desk.set_status(ticket, "Open", at("12T10:40"))
        clock.set(at("12T11:00"))
        console.engine.sync.ask_now()
        await console.sync()
        clock_of = console.board.tickets[0].resolution
        assert (clock_of.cycle, clock_of.due) == (2, at("12T13:30"))
        first = await verdict(console, ticket, RESOLUTION)
        assert (first.outcome, first.stopped_at) == (MET, at("12T10:10"))

    async def test_one_first_seen_open_after_its_end_says_so(self, begin, clock, desk) -> None:
        """Resolved in May with two of four hours used; first seen open now: two are left."""
        may = datetime(2026, 5, 4, 9, tzinfo=UTC)
        console = await begin()
        desk.open("T1", may, responded=may, resolved=may + timedelta(hours=2))
        await console.sync()
        judged = console.board.tickets[0]
        assert "was resolved before, on 2026-05-04 11:00 UTC" in " ".join(judged.degraded)
        assert judged.resolution.due == clock.now() + timedelta(hours=2)
        assert judged.resolution.state(clock.now()) is ClockState.RUNNING
        assert console.board.breaches == ()
        again = await begin()
        assert again.board.tickets[0].degraded == judged.degraded

    async def test_an_answer_never_given_is_no_longer_owed(self, begin, clock, desk) -> None:
        """Closed at 09:30, before the answer was due; opened at 15:00: no answer breaks then."""
        console = await begin()
        ticket = desk.open("T1", clock.now())
        await goes_on(console, at("12T09:30"), 10)
        desk.set_status(ticket, "Closed", clock.now())
        ticket.responded = None
        ticket.fields["firstResponseViolated"] = None
        await goes_on(console, at("12T15:00"), 60)
        desk.set_status(ticket, "Open", clock.now())
        await goes_on(console, at("12T15:10"), 5)
        assert console.board.breaches == ()
        assert (await verdict(console, ticket, RESPONSE)).outcome is MET


async def test_a_ticket_that_vanishes_keeps_its_verdicts(begin, clock, desk) -> None:
    console = await begin()
    ticket = desk.open("T1", clock.now())
    await goes_on(console, at("12T10:01"), 30)
    before = await console.store.verdicts.for_ticket(ticket.id)
    del desk.tickets[ticket.id]
    await goes_on(console, at("12T10:05"))
    assert await console.store.verdicts.for_ticket(ticket.id) == before
    desk.tickets[ticket.id] = ticket
    await goes_on(console, at("12T10:10"))
    assert await console.store.verdicts.for_ticket(ticket.id) == before
