"""What the console sees of tickets' lives, and what it makes of it; SuperOps tells no history."""

from datetime import UTC, datetime, timedelta

import pytest

from sla_console.domain.sla.calendar import WEEKDAYS, BusinessCalendar
from sla_console.domain.sla.disagreement import Cause
from sla_console.domain.sla.policy import SLAPolicy
from sla_console.domain.sla.sla_clock import ClockState, DueSource
from sla_console.domain.sla.verdict import Outcome
from sla_console.domain.tickets.sighting import assignments_of
from sla_console.domain.tickets.ticket import HoldReason
from sla_console.service.explanation_text import explanation_lines

FOUR = SLAPolicy(
    "four", "Four hours", sla_name="Gold", response_time_minutes=60, resolution_time_hours=4.0
)


async def seen(console, ticket):
    return await console.store.lives.sightings(ticket.id)


async def change(console, clock, ticket, **span: float) -> None:
    """Let time pass and SuperOps be read after a change."""
    ticket.updated = clock.now()
    await console.sync()
    clock.advance(**span)


async def test_a_ticket_is_remembered_at_first_sight_and_at_each_change(begin, clock, desk) -> None:
    console = await begin()
    ticket = desk.open("T1", clock.now())
    await change(console, clock, ticket, minutes=10)
    await change(console, clock, ticket, minutes=10)
    assert len(await seen(console, ticket)) == 1, "nothing has changed"
    ticket.technician = desk.technicians["9"]
    await change(console, clock, ticket, minutes=10)
    nobody, marta = assignments_of(await seen(console, ticket))
    assert (nobody.technician_id, marta.technician) == (None, "Marta Lindqvist")
    assert nobody.end == marta.start


WAIT = timedelta(hours=1, minutes=7, seconds=23)


async def test_due_times_that_moved_alike_in_a_gap_show_a_hold_nobody_saw(
    begin, clock, desk
) -> None:
    """Both moved by 1 h 7 min 23 s within three hours in which nobody looked."""
    console = await begin(policies=(FOUR,))
    ticket = desk.open("T1", clock.now())
    await change(console, clock, ticket, hours=3)
    ticket.resolution_due += WAIT
    ticket.response_due += WAIT
    await change(console, clock, ticket, minutes=1)
    (hold,) = await console.store.holds.for_ticket(ticket.id)
    assert hold.why is HoldReason.INFERRED
    assert hold.end - hold.start == WAIT
    found = console.board.tickets[0].resolution.disagreement
    assert found.words == "a hold of 1 h 7 m that the console did not see moved it"
    again = await begin(policies=(FOUR,))
    assert again.board.tickets[0].resolution.holds == (hold,)


async def test_one_that_moved_alone_is_no_hold(begin, clock, desk) -> None:
    """The response runs too and stayed, so the ticket did not wait."""
    console = await begin(policies=(FOUR,))
    ticket = desk.open("T1", clock.now())
    await change(console, clock, ticket, minutes=50)
    ticket.resolution_due += timedelta(minutes=47, seconds=12)
    await change(console, clock, ticket, minutes=1)
    assert await console.store.holds.for_ticket(ticket.id) == ()


async def test_one_that_moved_further_than_nobody_looked_is_no_hold(begin, clock, desk) -> None:
    """The ticket was read, running, a minute before its due time moved by more than an hour."""
    console = await begin(policies=(FOUR,))
    ticket = desk.open("T1", clock.now(), responded=clock.now())
    await change(console, clock, ticket, hours=3)
    await console.sync()
    clock.advance(minutes=1)
    ticket.resolution_due += WAIT
    await change(console, clock, ticket, minutes=1)
    assert await console.store.holds.for_ticket(ticket.id) == ()


@pytest.mark.parametrize("hours", [2, -1])
async def test_one_that_somebody_moved_is_told_as_moved_and_never_as_a_hold(
    begin, clock, desk, hours: int
) -> None:
    """Due at 13:00 as by the policy, then at 15:00 or 12:00, while the ticket stayed open."""
    console = await begin(policies=(FOUR,))
    ticket = desk.open("T1", clock.now(), responded=clock.now())
    await change(console, clock, ticket, hours=2, minutes=30)
    ticket.resolution_due += timedelta(hours=hours)
    await change(console, clock, ticket, minutes=1)
    assert await console.store.holds.for_ticket(ticket.id) == ()
    way = "later by 2 h" if hours > 0 else "earlier by 1 h"
    said = f"SuperOps' due time was moved {way}, and nothing else changed"
    assert console.board.tickets[0].resolution.disagreement.words == said
    again = await begin(policies=(FOUR,))
    assert again.board.tickets[0].resolution.disagreement.words == said, "it is remembered"
    explained = await again.service.explain("T1")
    assert explained.judged.resolution.disagreement.words == said


async def test_a_wait_after_somebody_moved_a_due_time_is_measured_from_there(
    begin, clock, desk
) -> None:
    """Moved by hand to 15:00, then by a wait of 1 h 7 min 23 s: the hold is that wait alone."""
    console = await begin(policies=(FOUR,))
    ticket = desk.open("T1", clock.now(), responded=clock.now())
    await change(console, clock, ticket, minutes=10)
    ticket.resolution_due += timedelta(hours=2)
    await change(console, clock, ticket, hours=3)
    ticket.resolution_due += WAIT
    await change(console, clock, ticket, minutes=1)
    (hold,) = await console.store.holds.for_ticket(ticket.id)
    assert hold.end - hold.start == WAIT


async def test_a_difference_that_nothing_gives_names_no_cause(begin, clock, desk) -> None:
    """First seen 1 h 7 min 23 s later than by the policy: no wait was seen, no target is so odd."""
    console = await begin(policies=(FOUR,))
    ticket = desk.open("T1", clock.now())
    ticket.resolution_due += WAIT
    await console.sync()
    found = console.board.tickets[0].resolution.disagreement
    assert (found.cause, found.words) == (None, "")
    assert await console.store.lives.disagreements() == {ticket.id: (found,)}
    text = "\n".join(explanation_lines(await console.service.explain("T1"), UTC))
    assert "by the policy here it would be due Mon 12 Oct 13:00\n" in text
    assert "hold" not in text
    assert "target," not in text


async def test_a_due_time_that_follows_an_observed_hold_shows_nothing_new(
    begin, clock, desk
) -> None:
    console = await begin()
    ticket = desk.open("T1", clock.now())
    await change(console, clock, ticket, minutes=30)
    desk.set_status(ticket, "On Hold", clock.now())
    await change(console, clock, ticket, hours=1)
    desk.set_status(ticket, "Open", clock.now())
    await change(console, clock, ticket, minutes=1)
    (hold,) = await console.store.holds.for_ticket(ticket.id)
    assert hold.why is HoldReason.STATUS


async def test_a_due_time_moved_by_a_new_priority_shows_no_hold(begin, clock, desk) -> None:
    console = await begin()
    ticket = desk.open("T1", clock.now())
    await change(console, clock, ticket, minutes=30)
    ticket.priority = "Low"
    ticket.resolution_due += timedelta(hours=8)
    await change(console, clock, ticket, minutes=1)
    assert await console.store.holds.for_ticket(ticket.id) == ()


async def test_a_reopened_ticket_keeps_its_verdict_and_the_time_it_was_closed(
    begin, clock, desk
) -> None:
    policies = (SLAPolicy("d", "All", resolution_time_hours=4.0, default=True),)
    console = await begin(policies=policies)
    ticket = desk.open("T1", clock.now())
    ticket.response_due = ticket.resolution_due = None
    await change(console, clock, ticket, hours=1)
    desk.set_status(ticket, "Closed", clock.now())
    await change(console, clock, ticket, hours=10)
    assert console.board.tickets == ()
    desk.set_status(ticket, "Open", clock.now())
    ticket.resolution_due = None
    await change(console, clock, ticket)
    (hold,) = await console.store.holds.for_ticket(ticket.id)
    assert (hold.why, hold.end - hold.start) == (HoldReason.CLOSED, timedelta(hours=10))
    again = await begin(policies=policies)
    resolution = again.board.tickets[0].resolution
    assert resolution.source is DueSource.COMPUTED
    assert resolution.remaining(clock.now()) == timedelta(hours=3)
    assert [verdict.outcome for verdict in resolution.earlier] == [Outcome.MET]


async def test_the_verdict_before_a_reopening_is_kept(begin, clock, desk) -> None:
    console = await begin()
    ticket = desk.open("T1", clock.now())
    await change(console, clock, ticket, hours=5)
    desk.set_status(ticket, "Closed", clock.now())
    await change(console, clock, ticket, hours=1)
    desk.set_status(ticket, "Open", clock.now())
    await change(console, clock, ticket)
    (verdict,) = console.board.tickets[0].resolution.earlier
    assert verdict.outcome is Outcome.MISSED, "it was resolved an hour late"
    again = await begin()
    assert again.board.tickets[0].resolution.earlier == (verdict,)


async def test_a_computed_clock_says_since_when_its_ticket_is_watched(begin, clock, desk) -> None:
    console = await begin(policies=(SLAPolicy("d", "All", resolution_time_hours=9, default=True),))
    old = desk.open("OLD", clock.now() - timedelta(hours=3))
    new = desk.open("NEW", clock.now())
    for ticket in (old, new):
        ticket.response_due = ticket.resolution_due = None
    await console.sync()
    found = {j.ticket.display_id: j for j in console.board.tickets}
    assert found["OLD"].observed_since == clock.now()
    assert "observed since" in " ".join(found["OLD"].degraded)
    assert not found["NEW"].degraded
    again = await begin(policies=(SLAPolicy("d", "All", resolution_time_hours=9, default=True),))
    found = {j.ticket.display_id: j for j in again.board.tickets}
    assert found["OLD"].observed_since == clock.now(), "it is remembered"


async def test_a_due_time_that_is_not_ours_is_stored_with_its_likely_cause(
    begin, clock, desk
) -> None:
    console = await begin(policies=(FOUR,))
    ticket = desk.open("T1", clock.now())
    ticket.resolution_due += timedelta(hours=2)
    await console.sync()
    (found,) = (await console.store.lives.disagreements())[ticket.id]
    assert found.cause is Cause.TARGET
    assert found.difference == timedelta(hours=2)
    assert console.board.tickets[0].resolution.disagreement == found


async def test_an_unknown_priority_is_said_and_harms_nobody_else(begin, clock, desk) -> None:
    policies = (
        SLAPolicy("h", "High", priority_level="High", resolution_time_hours=4),
        SLAPolicy("d", "Rest", resolution_time_hours=9, default=True),
    )
    console = await begin(policies=policies)
    odd = desk.open("ODD", clock.now(), priority="Purple")
    odd.response_due = odd.resolution_due = None
    desk.open("FINE", clock.now())
    await console.sync()
    found = {j.ticket.display_id: j for j in console.board.tickets}
    assert "no policy names its priority Purple" in " ".join(found["ODD"].degraded)
    assert not found["FINE"].degraded


class TestWarnings:
    """Each once a cycle, again only when its moment has moved later, none while held."""

    async def test_minutes_before_due_are_promised_minutes(self, begin, clock, desk) -> None:
        console = await begin(warn_at=(), minutes=(45,))
        desk.open("T1", clock.now(), responded=clock.now())
        await console.sync()
        await console.pass_time(clock, hours=3, minutes=14)
        assert await console.queued() == []
        await console.pass_time(clock, minutes=1)
        assert await console.queued() == [("warning", "T1")]

    async def test_a_hold_after_a_level_does_not_bring_it_again(self, begin, clock, desk) -> None:
        console = await begin(warn_at=(50,))
        ticket = desk.open("T1", clock.now(), responded=clock.now())
        await console.sync()
        await console.pass_time(clock, hours=2, minutes=30)
        desk.set_status(ticket, "On Hold", clock.now())
        await change(console, clock, ticket, hours=1)
        desk.set_status(ticket, "Open", clock.now())
        await change(console, clock, ticket)
        await console.pass_time(clock, minutes=1)
        assert len(await console.queued()) == 1

    async def test_a_level_that_moved_later_comes_again(self, begin, clock, desk) -> None:
        console = await begin(warn_at=(50,))
        ticket = desk.open("T1", clock.now(), responded=clock.now())
        await console.sync()
        await console.pass_time(clock, hours=2, minutes=30)
        ticket.priority = "Low"
        ticket.resolution_due += timedelta(hours=8)
        await change(console, clock, ticket)
        await console.pass_time(clock, minutes=1)
        assert len(await console.queued()) == 1
        await console.pass_time(clock, hours=4)
        assert len(await console.queued()) == 2


async def test_what_is_due_at_closing_time_breaks_at_the_next_opening(begin, clock, desk) -> None:
    office = BusinessCalendar("UTC", {day: [("09:00", "17:00")] for day in WEEKDAYS[:5]})
    # The clock stands on Monday 12 October 2026, 09:00.
    clock.advance(days=4, hours=7)
    assert clock.now() == datetime(2026, 10, 16, 16, tzinfo=UTC)
    policies = (SLAPolicy("d", "All", resolution_time_hours=1, default=True),)
    console = await begin(
        warn_at=(), policies=policies, calendars={"office": office}, default_calendar="office"
    )
    ticket = desk.open("T1", clock.now(), responded=clock.now())
    ticket.resolution_due = ticket.response_due = None
    await console.sync()
    await console.pass_time(clock, days=2)
    assert console.board.tickets[0].resolution.state(clock.now()) is ClockState.RUNNING
    assert console.board.breaches == ()
    clock.advance(hours=17)
    await console.pass_time(clock, seconds=1)
    (breach,) = console.board.breaches
    assert breach.breach_time == datetime(2026, 10, 16, 17, tzinfo=UTC)
    assert ("breach", "T1") in await console.queued()


async def test_technicians_are_credited_by_time_in_hands(begin, clock, desk) -> None:
    console = await begin(warn_at=())
    marta = desk.technicians["9"]
    ticket = desk.open("T1", clock.now(), technician=marta, responded=clock.now())
    await change(console, clock, ticket, hours=1)
    tom = desk.technicians["10"] = type(marta)("10", "Tom Hale", "5")
    ticket.technician = tom
    await change(console, clock, ticket, hours=4)
    desk.set_status(ticket, "Closed", clock.now())
    await change(console, clock, ticket)
    found = {m.technician_id: m for m in await console.engine.data.all_metrics()}
    assert (found["9"].breach_count, found["10"].breach_count) == (0, 1)
    # The answer came at once while Marta had it; the late resolution took her one hour of five.
    assert found["9"].judged + found["10"].judged == 2.0
    assert found["10"].compliance_rate == 0.0 or found["10"].judged > 0.8


async def test_hours_that_change_what_a_due_time_means_begin_a_new_round(
    begin, clock, desk
) -> None:
    """A promise that broke, was found not to be broken by better hours, and breaks after all."""
    weekdays = {day: [("09:00", "17:00")] for day in WEEKDAYS[:5]}
    promises = {
        "policies": (SLAPolicy("d", "All", resolution_time_hours=8, default=True),),
        "default_calendar": "office",
        "warn_at": (),
    }
    console = await begin(calendars={"office": BusinessCalendar("UTC", weekdays)}, **promises)
    ticket = desk.open("T1", clock.now(), responded=clock.now())
    ticket.response_due = ticket.resolution_due = None
    await console.sync()
    clock.advance(hours=24)
    await console.pass_time(clock, seconds=1)
    assert len(console.board.breaches) == 1, "due on Monday at 17:00, late on Tuesday at 9:00"
    closed_tuesday = BusinessCalendar("UTC", weekdays, [clock.now().date()])
    again = await begin(calendars={"office": closed_tuesday}, **promises)
    await again.sync()
    assert again.board.breaches == (), "nobody works on Tuesday after all"
    clock.advance(hours=24)
    await again.sync()
    await again.pass_time(clock, seconds=1)
    assert len(again.board.breaches) == 1
    assert len(await again.store.breaches.for_ticket(ticket.id)) == 2


async def test_a_reopened_ticket_is_known_since_it_was_first_seen(begin, clock, desk) -> None:
    policies = (SLAPolicy("d", "All", resolution_time_hours=40, default=True),)
    console = await begin(policies=policies, warn_at=())
    ticket = desk.open("T1", clock.now())
    ticket.response_due = ticket.resolution_due = None
    await change(console, clock, ticket, hours=1)
    desk.set_status(ticket, "Closed", clock.now())
    await change(console, clock, ticket, hours=1)
    desk.set_status(ticket, "Open", clock.now())
    ticket.resolution_due = None
    await change(console, clock, ticket)
    assert console.board.tickets[0].observed_since is None
