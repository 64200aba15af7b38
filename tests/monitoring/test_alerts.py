"""From a promise that breaks to the phone that rings: the whole engine, over real HTTP and SQLite."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from sla_console.alerting.grouping import Grouping
from sla_console.domain.alerts.alert import AlertEvent, AlertRule, DeliveryState, Route
from sla_console.domain.alerts.escalation import EscalationPlan, Escalations, EscalationStep
from sla_console.domain.alerts.notification import notification_of
from sla_console.domain.alerts.silence import MaintenanceWindow, Once, Weekly
from sla_console.domain.errors import NotAllowed
from sla_console.domain.matcher import Matcher
from sla_console.domain.people.directory import Directory, Person
from sla_console.domain.people.on_call import Rotation, Shift
from sla_console.domain.sla.breach import BreachState

MINUTE = timedelta(minutes=1)
PLAN = EscalationPlan(
    "standard",
    tuple(EscalationStep(15 * n * MINUTE, Route(("ops",))) for n in range(1, 4)),
    acknowledged_for=30 * MINUTE,
)
STEPS = Escalations({"standard": PLAN}, "standard")


@pytest.fixture
async def broken(begin, clock, desk):
    """A console whose one ticket broke its first response a minute ago; it has been told."""

    async def start(**options):
        options = {"warn_at": (), "escalations": STEPS, **options}
        console = await begin(**options)
        desk.open("T1", clock.now(), **options.pop("ticket", {}))
        await console.sync()
        await console.engine.alert_loop.process()
        await console.live(61)
        return console

    return start


def ticket_of(desk):
    return next(iter(desk.tickets.values()))


async def states(console):
    messages = await console.store.outbox.for_ticket(ticket_of(console.desk).id)
    return [(str(m.event), str(m.state)) for m in reversed(messages)]


async def test_a_breach_rings_and_each_step_rings_once(broken) -> None:
    console = await broken()
    assert console.ops.rang() == [("breach", "T1")]
    await console.live(60)
    assert console.ops.rang() == [("escalation", "T1")] * 3
    assert "step 3 of 3" in (await console.store.audit.recent(1))[0].detail


async def test_an_engine_that_was_down_past_two_steps_rings_once(broken, clock) -> None:
    """The engine was down past two steps: one message, no replay of each."""
    console = await broken()
    console.ops.rang()
    clock.advance(minutes=40)
    await console.engine.alert_loop.process()
    await console.send()
    rang = console.ops.rang()
    assert rang.count(("escalation", "T1")) == 1
    (blind,) = [headline for event, headline in rang if event == "monitor"]
    assert "blind" in blind
    assert "(40 m)" in blind
    await console.live(4)
    assert console.ops.rang() == [], "none of those that were missed comes after it"


async def test_a_plan_that_was_edited_meanwhile_disturbs_no_running_escalation(
    broken, begin
) -> None:
    await broken()
    other = EscalationPlan("standard", (EscalationStep(50 * MINUTE, Route(("ops",))),))
    edited = await begin(warn_at=(), escalations=Escalations({"standard": other}, "standard"))
    await edited.sync()
    await edited.live(46)
    assert edited.ops.rang() == [("escalation", "T1")] * 3


async def test_a_breach_that_came_and_went_while_nobody_answered_the_phone_is_told_once(
    broken, desk, clock
) -> None:
    """The receiver was down for the whole life of the breach: one message says both."""
    console = await broken(escalations=None)
    console.ops.rang()
    console.ops.down = True
    ticket = desk.open("T2", clock.now() - timedelta(minutes=59))
    await console.sync()
    await console.live(20)
    desk.answer(ticket, clock.now())
    await console.sync()
    await console.live(5)
    console.ops.down = False
    await console.live(10)
    (message,) = [m for m in console.ops.seen if m.ticket_id == ticket.id]
    assert message.event is AlertEvent.RECOVERY
    assert message.title.startswith("Breached and recovered")


async def test_a_breach_that_is_over_is_told_to_nobody_where_recoveries_are_muted(
    begin, desk, clock
) -> None:
    rules = [AlertRule("no ends", (), (AlertEvent.RECOVERY,)), AlertRule("all", ("ops",))]
    console = await begin(warn_at=(), rules=rules)
    ticket = desk.open("T1", clock.now())
    await console.sync()
    console.ops.down = True
    await console.live(61)
    desk.answer(ticket, clock.now())
    await console.sync()
    console.ops.down = False
    await console.live(10)
    assert console.ops.rang() == []
    (message,) = await console.store.outbox.for_ticket(ticket.id)
    assert (message.state, message.why) == (DeliveryState.SUPERSEDED, "the breach is over")


async def test_acknowledging_stops_it_then_reminds_and_begins_anew_with_whoever_is_on_call(
    begin, clock, desk
) -> None:
    """Acknowledge, then nothing: a reminder, then from the first step with the present on-call."""
    people = {name: Person(name, (f"{name}-sms",)) for name in ("ada", "bob")}
    zone = ZoneInfo("Europe/Dublin")
    # Ada until 11:00 local time (10:00 UTC in October), then Bob.
    day = clock.now().date()
    hour = Rotation(
        "primary", zone, day,
        shifts=(Shift(("ada",), start=0, end=11 * 60 + 20), Shift(("bob",))),
    )  # fmt: skip
    plan = EscalationPlan(
        "on call", (EscalationStep(timedelta(), Route(on_call=("primary",))),),
        acknowledged_for=30 * MINUTE,
    )  # fmt: skip
    console = await begin(
        warn_at=(),
        rules=[AlertRule("none", ())],
        escalations=Escalations({"on call": plan}, "on call"),
        channels=("ada-sms", "bob-sms"),
        directory=Directory(people, {"primary": hour}),
    )
    desk.open("T1", clock.now())
    await console.sync()
    await console.engine.alert_loop.process()
    await console.live(62)
    assert console.phones["ada-sms"].rang() == [("escalation", "T1")]
    (breach,) = console.engine.tracker.board.breaches()
    await console.service.acknowledge([breach.id], "on it", "ada")
    await console.live(25)
    assert console.phones["ada-sms"].rang() == [("reminder", "T1")]
    await console.live(8)
    assert console.engine.tracker.board.breaches()[0].acknowledged_by is None
    assert console.phones["ada-sms"].rang() == []
    assert console.phones["bob-sms"].rang() == [("escalation", "T1")], "at the first step"


async def test_a_priority_that_rises_rings_although_somebody_has_it(broken, desk, clock) -> None:
    """The severity rises while somebody has it."""
    console = await broken()
    console.ops.rang()
    (breach,) = console.engine.tracker.board.breaches()
    await console.service.acknowledge([breach.id], None, "ada")
    desk.set_priority(ticket_of(desk), "Critical", clock.now())
    await console.sync()
    await console.live(1)
    assert console.ops.rang() == [("reminder", "T1")]
    assert console.engine.tracker.board.breaches()[0].state is BreachState.OPEN


async def test_a_clock_that_waits_between_warning_and_breach_rings_no_more(
    begin, desk, clock
) -> None:
    """The clock pauses between the warning and the breach: nothing queued survives."""
    console = await begin(warn_at=(75,))
    ticket = desk.open("T1", clock.now())
    await console.sync()
    await console.engine.alert_loop.process()
    console.ops.down = True
    await console.live(46)
    assert await states(console) == [("warning", "pending")]
    desk.set_status(ticket, "On Hold", clock.now())
    await console.sync()
    console.ops.down = False
    await console.live(60)
    assert console.ops.rang() == []
    assert await states(console) == [("warning", "superseded")]


async def test_what_was_broken_before_it_began_to_wait_is_a_breach_like_any_other(
    begin, desk, clock
) -> None:
    """Else the board would count a breach that nobody can take."""
    broken = clock.now() - timedelta(hours=2)
    desk.open("T1", broken, status="On Hold", updated=clock.now() - timedelta(minutes=30))
    console = await begin()
    await console.sync()
    assert console.board.counts.breached == 1
    (breach,) = console.board.breaches
    assert breach.breach_time == broken + timedelta(hours=1)


async def test_while_the_ticket_waits_its_escalation_does_too(broken, desk, clock) -> None:
    console = await broken()
    console.ops.rang()
    desk.set_status(ticket_of(desk), "On Hold", clock.now())
    await console.sync()
    await console.live(120)
    assert ("escalation", "T1") not in console.ops.rang()
    desk.set_status(ticket_of(desk), "Open", clock.now())
    await console.sync()
    await console.live(13)
    assert console.ops.rang() == [], "fourteen minutes were left"
    await console.live(2)
    assert console.ops.rang() == [("escalation", "T1")]


async def test_maintenance_that_begins_amid_an_escalation_hushes_it_and_ends_with_one_digest(
    broken, clock
) -> None:
    """Maintenance begins amid an escalation, and ends while the breach is live."""
    begin = clock.now() + timedelta(minutes=70)
    window = MaintenanceWindow(
        "patch night", Matcher(), ZoneInfo("UTC"),
        Once(begin.replace(tzinfo=None), (begin + timedelta(hours=1)).replace(tzinfo=None)),
    )  # fmt: skip
    console = await broken(windows=(window,))
    console.ops.rang()
    await console.live(60)
    assert console.ops.rang() == []
    held = [m for m in await console.store.deliveries.recent(50) if m.why]
    assert {str(m.state) for m in held} == {"suppressed"}
    assert all("maintenance patch night until" in m.why for m in held)
    await console.live(12)
    assert console.ops.rang() == [("digest", "Still broken after the maintenance patch night")]


async def test_maintenance_that_is_ended_early_tells_what_is_still_broken_and_comes_again(
    broken, clock
) -> None:
    begin = clock.now() + timedelta(minutes=70)
    days = frozenset(range(7))
    over = (begin + timedelta(hours=2)).time()
    window = MaintenanceWindow(
        "patch night", Matcher(), ZoneInfo("UTC"), Weekly(days, begin.time(), over)
    )
    console = await broken(windows=(window,))
    with pytest.raises(NotAllowed, match="does not last now"):
        await console.service.end_maintenance("patch night", "ada")
    await console.live(30)
    console.ops.rang()
    (quiet,) = await shown(console)
    assert quiet.active(clock.now())
    await console.service.end_maintenance("patch night", "ada")
    assert (await console.service.recent_history())[0].action == "end maintenance"
    (quiet,) = await shown(console)
    assert not quiet.active(clock.now())
    assert quiet.start == begin + timedelta(days=1), "the next one comes as planned"
    await console.live(3)
    assert ("digest", "Still broken after the maintenance patch night") in console.ops.rang()
    clock.advance(hours=24)
    (quiet,) = await shown(console)
    await console.live(1)
    (quiet,) = await shown(console)
    assert quiet.active(clock.now())


async def test_a_silence_that_is_planned_holds_nothing_back_before_it_begins(
    broken, desk, clock
) -> None:
    console = await broken(escalations=None)
    matcher = Matcher(clients=(ticket_of(desk).client.name,))
    start, end = clock.now() + timedelta(hours=1), clock.now() + timedelta(hours=2)
    await console.service.add_silence(matcher, "switch", end, "ada", start)
    (quiet,) = await shown(console)
    assert (quiet.start, quiet.end) == (start, end)
    assert not quiet.active(clock.now())
    muted = console.engine.alerting.mutes.muted
    notification = console.engine.tracker.board.breaches()[0]
    notification = notification_of(notification, AlertEvent.BREACH, clock.now())
    assert muted(notification, clock.now()) is None
    assert muted(notification, start).id == quiet.id
    with pytest.raises(NotAllowed, match="end after it begins"):
        await console.service.add_silence(matcher, "switch", start, "ada", end)


async def test_a_silence_holds_back_what_matches_and_says_who_wanted_it(
    broken, desk, clock
) -> None:
    console = await broken()
    console.ops.rang()
    client = ticket_of(desk).client.name
    end = clock.now() + timedelta(minutes=50)
    await console.service.add_silence(Matcher(clients=(client,)), "switch", end, "ada")
    await console.live(49)
    assert console.ops.rang() == []
    (quiet,) = console.engine.board.alerts.quiets or await shown(console)
    assert (quiet.author, quiet.reason) == ("ada", "switch")
    await console.live(3)
    assert [event for event, _ in console.ops.rang()] == ["digest"]
    assert await console.store.silences.unsettled(clock.now()) == []


async def shown(console):
    console.engine.refresh_board()
    return console.engine.board.alerts.quiets


async def test_a_silence_without_a_reason_or_into_the_past_is_refused(broken, clock) -> None:
    console = await broken()
    later = clock.now() + timedelta(hours=1)
    with pytest.raises(NotAllowed, match="needs a reason"):
        await console.service.add_silence(Matcher(clients=("x",)), " ", later, "ada")
    with pytest.raises(NotAllowed, match="must end in the future"):
        await console.service.add_silence(Matcher(clients=("x",)), "why", clock.now(), "ada")


async def test_a_snooze_stops_it_until_its_end(broken, clock) -> None:
    console = await broken()
    console.ops.rang()
    (breach,) = console.engine.tracker.board.breaches()
    until = clock.now() + timedelta(minutes=40)
    await console.service.snooze([breach.id], until, "lunch", "ada")
    await console.live(39)
    assert console.ops.rang() == []
    await console.live(2)
    assert console.ops.rang() == [("reminder", "T1")]


async def test_recovery_closes_it_and_rings_where_the_breach_did(broken, desk, clock) -> None:
    console = await broken()
    console.ops.rang()
    desk.answer(ticket_of(desk), clock.now())
    await console.sync()
    await console.live(60)
    assert console.ops.rang() == [("recovery", "T1")]


async def test_what_nobody_takes_is_told_again_after_hours(broken) -> None:
    console = await broken(escalations=None)
    console.ops.rang()
    await console.live(235)
    assert ("digest", "Still broken, and nobody has it") not in console.ops.rang()
    await console.live(20)
    assert ("digest", "Still broken, and nobody has it") in console.ops.rang()


async def test_a_promise_that_breaks_again_with_the_same_due_time_is_a_new_breach(
    broken, desk, clock
) -> None:
    console = await broken(escalations=None)
    (first,) = console.engine.tracker.board.breaches()
    ticket = ticket_of(desk)
    desk.answer(ticket, clock.now())
    await console.sync()
    assert console.engine.tracker.board.breaches() == []
    ticket.responded = None
    ticket.updated = clock.advance(seconds=5)
    await console.sync()
    await console.live(1)
    (again,) = console.engine.tracker.board.breaches()
    assert again.id == f"{first.id}-2"


class TestClocksThatJump:
    """The wall clock jumps, summer time begins and ends, and nobody watches for a while."""

    async def test_two_hours_ahead_is_one_catch_up_and_no_replay(self, broken, clock) -> None:
        console = await broken()
        console.ops.rang()
        clock.advance(hours=2)
        await console.engine.alert_loop.process()
        await console.send()
        rang = console.ops.rang()
        assert sorted(event for event, _ in rang) == ["escalation", "monitor"]
        await console.live(30)
        assert ("escalation", "T1") not in console.ops.rang()

    async def test_an_hour_back_rings_nothing_twice_and_no_step_an_hour_later(
        self, broken, clock
    ) -> None:
        """Step 1 of 3 rang five minutes ago; the others come after ten minutes, and fifteen more."""
        console = await broken()
        await console.live(20)
        console.ops.rang()
        clock.advance(hours=-1)
        await console.live(59)
        assert [message.notification.step for message in console.ops.seen] == ["2 of 3", "3 of 3"]

    async def test_an_hour_back_makes_nothing_wait_an_hour_longer(self, begin, desk, clock) -> None:
        console = await begin(warn_at=(), grouping=Grouping())
        ticket = desk.open("T1", clock.now())
        await console.sync()
        await console.live(60)
        clock.advance(seconds=5)
        await console.engine.alert_loop.process()
        assert await states(console) == [("breach", "gathering")]
        clock.advance(hours=-1)
        await console.live(1, step=20)
        assert console.ops.rang() == [("breach", ticket.number)]

    async def test_no_time_left_is_ever_negative(self, begin, desk, clock) -> None:
        console = await begin(warn_at=(75,), escalations=None)
        desk.open("T1", clock.now())
        await console.sync()
        await console.engine.alert_loop.process()
        console.ops.down = True
        await console.live(46)
        (warning,) = await console.store.outbox.for_ticket(ticket_of(desk).id)
        late = replace(warning, state=DeliveryState.PENDING)
        words = console.dispatcher._wording.compose(
            late, clock.now() + timedelta(hours=3), console.ops.limits
        )
        assert words.title.startswith("Due 2 h 46 m ago: ")
        assert "left" not in words.body

    @pytest.mark.parametrize("start", [(2026, 3, 29), (2026, 10, 25)])
    async def test_summer_time_moves_no_step(self, begin, desk, clock, start) -> None:
        clock.set(datetime(*start, 0, 30, tzinfo=UTC) - timedelta(hours=1))
        desk.now = clock.now()
        console = await begin(warn_at=(), escalations=STEPS)
        desk.open("T1", clock.now())
        await console.sync()
        await console.engine.alert_loop.process()
        await console.live(120)
        rang = [event for event, _ in console.ops.rang()]
        assert rang == ["breach", "escalation", "escalation", "escalation"]


class TestStorm:
    async def test_a_thousand_at_once_are_one_digest_and_the_first_urgent_ones(
        self, begin, desk, clock
    ) -> None:
        """A thousand in one second, its words and counts; how fast is measured in the benchmarks."""
        console = await begin(warn_at=(), grouping=Grouping(), escalations=None)
        console.ops.limits = replace(console.ops.limits, body=1000, title=100)
        for number in range(200):
            priority = "Critical" if number % 20 == 0 else "Low"
            desk.open(f"T{number}", clock.now(), priority=priority)
        await console.sync()
        await console.engine.alert_loop.process()
        await console.live(61, step=20)
        events = [m.event for m in console.ops.seen]
        assert events == [AlertEvent.BREACH, AlertEvent.DIGEST]
        assert console.ops.seen[0].notification.priority == "Critical"
        digest = console.ops.seen[1]
        assert digest.notification.total == 199
        assert len(digest.body) <= 1000
        assert len(digest.title) <= 100
