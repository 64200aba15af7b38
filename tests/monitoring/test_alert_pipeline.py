"""What must hold between the stages of an alert: nothing is lost, doubled or forgotten on the way."""

from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

import pytest

from sla_console.alerting.grouping import Grouping
from sla_console.domain.alerts.alert import AlertEvent, AlertRule, Route, SendResult
from sla_console.domain.alerts.escalation import EscalationPlan, Escalations, EscalationStep
from sla_console.domain.alerts.silence import MaintenanceWindow, Once
from sla_console.domain.board import SourceState
from sla_console.domain.matcher import Matcher
from sla_console.domain.people.directory import Directory, Person
from sla_console.domain.people.on_call import Rotation, Shift
from sla_console.domain.people.rota import Handover
from sla_console.domain.sla.calendar import BusinessCalendar
from sla_console.domain.tickets.operation import AuditEntry
from sla_console.simulator.desk import DeskClient

MINUTE = timedelta(minutes=1)
ALWAYS: Final = BusinessCalendar.always()
STEPS = Escalations(
    {"standard": EscalationPlan("standard", (EscalationStep(15 * MINUTE, Route(("ops",))),))},
    "standard",
)
REFUSED = SendResult(False, permanent=True, error="HTTP 401", broken=True)


class TestOnlyAMessageThatCanGoSupersedes:
    """The breach of a ticket opened at 0 with a target of 60 min is found at minute 61.

    From minute 60 to 90 the channel is down. From minute 74 on SuperOps does not answer, so the step
    that is due at minute 76 is held back. The channel is tried at least every five
    minutes, so the breach, known from fresh data, arrives by minute 96.
    """

    @pytest.mark.parametrize("escalations", [None, STEPS], ids=["no plan", "a plan"])
    async def test_a_step_held_for_fresh_data_takes_no_ready_breach_with_it(
        self, begin, desk, clock, escalations
    ) -> None:
        console = await begin(warn_at=(), escalations=escalations)
        desk.open("T1", clock.now(), priority="Critical")
        await console.sync()
        await console.engine.alert_loop.process()
        await console.live(59)
        console.ops.down = True
        await console.live(14)
        await console.engine.alert_loop.look(
            SourceState.STALE, clock.now() - timedelta(minutes=4), "no answer"
        )
        await console.live(16)
        assert console.ops.rang() == []
        console.ops.down = False
        await console.live(6)
        assert [each for each in console.ops.rang() if each[1] == "T1"] == [("breach", "T1")]


class TestAFallbackCountsAsNotified:
    @pytest.fixture
    async def console(self, begin):
        return await begin(
            warn_at=(),
            channels=("ops", "sms"),
            grouping=Grouping(wait=timedelta(seconds=20)),
            rules=[AlertRule("all", ("ops",), route=Route(fallback=("sms",)))],
        )

    async def refusing(self, console, minutes: int, step: int = 60) -> list[tuple[str, str]]:
        """Live on while the first channel refuses; return what rang through the second."""
        for _ in range(minutes):
            console.ops.answers = [REFUSED] * 50
            await console.live(1, step)
        console.ops.answers = []
        return console.phones["sms"].rang()

    async def test_it_is_repeated_after_four_hours_and_no_sooner(
        self, console, desk, clock
    ) -> None:
        """Broken at minute 60 and told by SMS; told again once, about four hours later."""
        desk.open("T1", clock.now())
        await console.sync()
        assert await self.refusing(console, 62) == [("breach", "T1")]
        assert await self.refusing(console, 60 * 2) == []
        rang = await self.refusing(console, 60 * 4)
        assert len([each for each in rang if each[0] == "digest"]) == 1, rang

    async def test_three_told_in_a_digest_that_went_another_way_are_known_to_be_over(
        self, console, desk, clock
    ) -> None:
        tickets = [desk.open(f"T{n}", clock.now()) for n in (1, 2, 3)]
        await console.sync()
        rang = await self.refusing(console, 62)
        assert rang == [("digest", "3 broken: Harbour")]
        for ticket in tickets:
            desk.answer(ticket, clock.advance(seconds=1))
        await console.sync()
        await console.live(2)
        (over,) = console.phones["sms"].seen
        assert (over.event, over.notification.total) == (AlertEvent.DIGEST, 3)
        assert {one.event for one in over.notification.members} == {AlertEvent.RECOVERY}


class TestWhatNamesConfigurationThatIsGone:
    """A breach whose plan names ``ops``; the console starts anew and has ``team`` alone."""

    async def started(self, begin, desk, clock, **options):
        console = await begin(warn_at=(), escalations=STEPS)
        desk.open("T1", clock.now())
        await console.sync()
        await console.live(61)
        assert console.ops.rang() == [("breach", "T1")]
        again = await begin(
            warn_at=(), channels=("team",), rules=[AlertRule("all", ("team",))], **options
        )
        await again.engine.alert_loop.begin()
        await again.sync()
        return again, again.phones["team"]

    async def test_a_step_goes_to_the_channel_by_its_new_name(self, begin, desk, clock) -> None:
        again, team = await self.started(begin, desk, clock, renamed={"ops": "team"})
        await again.live(16)
        (step,) = team.seen
        assert (step.event, step.notification.reason) == (AlertEvent.ESCALATION, None)

    async def test_else_by_todays_rules_and_says_why(self, begin, desk, clock) -> None:
        again, team = await self.started(begin, desk, clock)
        await again.live(16)
        (step,) = team.seen
        assert step.event is AlertEvent.ESCALATION
        assert step.notification.reason == (
            "its step names what is no longer configured (channel ops)"
        )

    async def test_it_is_notified_once_and_stands_in_status_screen_and_heartbeat(
        self, begin, desk, clock
    ) -> None:
        """From the start, not only when the step falls due; it is over with the breach."""
        again, team = await self.started(begin, desk, clock)
        said = "An escalation names the channel ops, which is gone"
        for _ in range(5):
            clock.advance(seconds=20)
            await again.engine.alert_loop.look(SourceState.LIVE, clock.now(), None)
            await again.send()
        assert team.rang().count(("monitor", said)) == 1
        again.engine.refresh_board()
        (concern,) = again.board.health.concerns
        assert concern.startswith(said)
        assert "renamed_from" in concern
        assert [one.headline for one in again.engine.alerting.lost().values()] == [said]
        (ticket,) = desk.tickets.values()
        desk.answer(ticket, clock.advance(seconds=1))
        await again.sync()
        clock.advance(minutes=11)
        await again.engine.alert_loop.look(SourceState.LIVE, clock.now(), None)
        await again.send()
        assert again.board.health.concerns == ()
        assert any(said in headline and "Over" in headline for _, headline in team.rang())

    async def test_a_channel_by_its_new_name_is_no_trouble(self, begin, desk, clock) -> None:
        again, _ = await self.started(begin, desk, clock, renamed={"ops": "team"})
        assert again.board.health.concerns == ()
        assert not again.engine.alerting.lost()

    async def test_a_change_of_on_call_to_somebody_who_is_gone_is_trouble(
        self, begin, desk, clock
    ) -> None:
        again, _ = await self.started(begin, desk, clock, renamed={"ops": "team"})
        now = clock.now()
        change = Handover("h1", "primary", "cy", now, now + timedelta(days=1), "Sam", now)
        await again.store.rota.hand_over([change], AuditEntry(now, "Sam", "give", "primary"))
        await again.engine._publisher.count()
        again.engine.refresh_board()
        (concern,) = again.board.health.concerns
        assert "the change h1 by Sam gives primary to cy" in concern

    async def test_what_waits_for_the_old_channel_goes_by_todays_rules(
        self, begin, desk, clock
    ) -> None:
        console = await begin(warn_at=())
        desk.open("T1", clock.now())
        await console.sync()
        console.ops.down = True
        await console.live(61)
        again = await begin(warn_at=(), channels=("team",), rules=[AlertRule("all", ("team",))])
        await again.sync()
        await again.dispatcher.strand()
        await again.live(1)
        assert again.phones["team"].rang() == [("breach", "T1")]

    async def test_where_todays_rules_reach_nobody_every_channel_is_notified(
        self, begin, desk, clock
    ) -> None:
        console = await begin(warn_at=(), escalations=STEPS)
        desk.open("T1", clock.now())
        await console.sync()
        await console.live(61)
        other = AlertRule("others", ("team",), clients=("Acme",))
        again = await begin(warn_at=(), channels=("team", "sms"), rules=[other])
        await again.sync()
        await again.live(16)
        for phone in again.phones.values():
            assert [each[0] for each in phone.rang()] == ["escalation"]


class TestAStormBecomesADigestWhateverWayItCameIn:
    """More than twenty a minute to one channel are one digest, the most urgent first."""

    async def many(self, console, desk, clock, count: int, **fields):
        for number in range(count):
            name = f"Client {number}"
            client = DeskClient(str(100 + number), name, str(1000 + number), "UTC", (), ALWAYS)
            desk.clients[client.id] = client
            desk.open(f"T{number}", clock.now(), client=client, **fields)
        await console.sync()

    async def test_one_critical_breach_of_each_of_eighty_clients(self, begin, desk, clock) -> None:
        console = await begin(warn_at=(), grouping=Grouping())
        await self.many(console, desk, clock, 80, priority="Critical")
        await console.live(61)
        (digest,) = console.ops.seen
        assert (digest.event, digest.notification.total) == (AlertEvent.DIGEST, 80)

    async def test_the_end_of_maintenance_of_sixty_clients(self, begin, desk, clock) -> None:
        end = clock.now() + timedelta(minutes=90)
        once = Once(clock.now().replace(tzinfo=None), end.replace(tzinfo=None))
        window = MaintenanceWindow("patch", Matcher(), ZoneInfo("UTC"), once)
        console = await begin(warn_at=(), grouping=Grouping(), windows=(window,))
        await self.many(console, desk, clock, 60)
        await console.live(89)
        assert console.ops.seen == []
        await console.live(3)
        (digest,) = console.ops.seen
        assert (digest.event, digest.notification.total) == (AlertEvent.DIGEST, 60)

    async def test_acknowledgements_of_forty_that_run_out(self, begin, desk, clock) -> None:
        console = await begin(warn_at=(), grouping=Grouping())
        await self.many(console, desk, clock, 40, priority="Critical")
        await console.live(61)
        console.ops.seen.clear()
        ids = [breach.id for breach in console.engine.tracker.board.breaches()]
        await console.service.acknowledge(ids, None, "ada", timedelta(minutes=30))
        await console.live(32)
        assert [m.event for m in console.ops.seen] == [AlertEvent.DIGEST] * 2, "reminded, run out"

    async def test_what_is_no_longer_true_is_dropped(self, begin, desk, clock) -> None:
        console = await begin(warn_at=(), grouping=Grouping())
        await self.many(console, desk, clock, 40, priority="Critical")
        console.ops.down = True
        await console.live(61)
        for ticket in list(desk.tickets.values())[:15]:
            desk.answer(ticket, clock.advance(seconds=1))
        await console.sync()
        console.ops.down = False
        await console.live(10)
        (digest, *_) = console.ops.seen
        assert digest.notification.total == 25


async def test_that_superops_answers_again_is_known_after_a_restart(begin, clock) -> None:
    console = await begin(warn_at=())
    await console.engine.alert_loop.begin()
    await console.sync()
    await console.engine.alert_loop.look(
        SourceState.STALE, clock.now() - timedelta(minutes=5), "no answer"
    )
    await console.send()
    (begins,) = console.ops.seen
    again = await begin(warn_at=())
    await again.engine.alert_loop.begin()
    clock.advance(minutes=7)
    await again.engine.alert_loop.look(SourceState.LIVE, clock.now(), None)
    await again.send()
    (ends,) = again.ops.seen
    assert ends.thread == begins.thread, "so a pager closes what it opened"
    assert ends.notification.ended_at is not None


class TestATicketThatMovesToAnotherClient:
    @pytest.fixture
    async def moved(self, begin, desk, clock):
        console = await begin(warn_at=(), escalations=STEPS)
        ticket = desk.open("T1", clock.now())
        await console.sync()
        await console.live(61)
        console.ops.seen.clear()
        ticket.client = desk.clients["8"] = DeskClient("8", "Acme", "9", "UTC", (), ALWAYS)
        ticket.updated = clock.advance(seconds=5)
        await console.sync()
        return console

    async def test_its_steps_follow_it_and_say_so(self, moved) -> None:
        await moved.live(16)
        (step,) = moved.ops.seen
        assert (step.notification.client, step.notification.moved_from) == ("Acme", "Harbour")
        assert "Client: Acme (moved from Harbour)" in step.body

    async def test_a_silence_of_the_new_client_mutes_it(self, moved, clock) -> None:
        end = clock.now() + timedelta(hours=1)
        await moved.service.add_silence(Matcher(clients=("Acme",)), "switch", end, "ada")
        await moved.live(16)
        assert moved.ops.seen == []

    async def test_one_of_the_old_client_does_not(self, moved, clock) -> None:
        end = clock.now() + timedelta(hours=1)
        await moved.service.add_silence(Matcher(clients=("Harbour",)), "switch", end, "ada")
        await moved.live(16)
        assert moved.ops.rang() == [("escalation", "T1")]


class TestWhatIsTrueWhenItGoes:
    async def test_a_reminder_of_an_acknowledgement_that_was_given_again_is_not_sent(
        self, begin, desk, clock
    ) -> None:
        console = await begin(warn_at=())
        desk.open("T1", clock.now())
        await console.sync()
        await console.live(61)
        (breach,) = console.engine.tracker.board.breaches()
        await console.service.acknowledge([breach.id], None, "ada", timedelta(minutes=30))
        console.ops.rang()
        console.ops.down = True
        await console.live(25)
        await console.service.unacknowledge([breach.id], None, "ada")
        await console.service.acknowledge([breach.id], None, "ada", timedelta(hours=9))
        console.ops.down = False
        await console.live(10)
        assert console.ops.rang() == []

    async def test_a_page_held_through_an_outage_goes_to_who_is_on_call_when_it_goes(
        self, begin, desk, clock
    ) -> None:
        """On call until 10:30 UTC: Ada; then Bob. Held from 10:16, SuperOps answers at 10:40."""
        people = {name: Person(name, (f"{name}-sms",)) for name in ("ada", "bob")}
        turns = Rotation(
            "primary", ZoneInfo("UTC"), clock.now().date(),
            shifts=(Shift(("ada",), start=0, end=10 * 60 + 30), Shift(("bob",))),
        )  # fmt: skip
        step = EscalationStep(15 * MINUTE, Route(on_call=("primary",)))
        console = await begin(
            warn_at=(),
            rules=[AlertRule("none", ())],
            escalations=Escalations({"p": EscalationPlan("p", (step,))}, "p"),
            channels=("ada-sms", "bob-sms"),
            directory=Directory(people, {"primary": turns}),
        )
        desk.open("T1", clock.now())
        await console.sync()
        await console.live(65)
        look = console.engine.alert_loop.look
        await look(SourceState.STALE, clock.now() - timedelta(minutes=4), None)
        await console.live(35)
        await look(SourceState.LIVE, clock.now(), None)
        await console.live(2)
        assert console.phones["ada-sms"].rang() == []
        assert console.phones["bob-sms"].rang() == [("escalation", "T1")]


async def test_reminders_keep_quiet_hours(begin, desk, clock) -> None:
    """Of a client that opens from nine to five, broken at noon; acknowledged until half past seven."""
    days = ("mon", "tue", "wed", "thu", "fri")
    calendar = BusinessCalendar("UTC", {day: [("09:00", "17:00")] for day in days})
    names = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY")
    hours = tuple((name, "09:00", "17:00") for name in names)
    desk.clients["7"] = DeskClient("7", "Harbour", "8", "UTC", hours, calendar)
    console = await begin(warn_at=(), quiet_hours=True)
    desk.open("T1", clock.now(), priority="Low")
    await console.sync()
    await console.live(62)
    (breach,) = console.engine.tracker.board.breaches()
    await console.service.acknowledge([breach.id], None, "ada", timedelta(hours=9, minutes=30))
    console.ops.rang()
    await console.live(12 * 60, step=100)
    assert [event for event, _ in console.ops.rang() if event == "reminder"] == []
    held = await console.store.outbox.gathering()
    assert AlertEvent.REMINDER in {message.event for message in held}


class TestPagers:
    """A pager keeps an incident open until it is told of its end; at the end none is open."""

    @pytest.fixture
    async def console(self, begin):
        return await begin(warn_at=(75,), channels=("ops",), pagers=("ops",), grouping=Grouping())

    async def test_three_that_end_together_are_closed_one_by_one(
        self, console, desk, clock
    ) -> None:
        """Three tickets of two targets each are closed while their first responses are broken."""
        tickets = [desk.open(f"T{n}", clock.now()) for n in (1, 2, 3)]
        await console.sync()
        await console.live(70)
        assert len(console.ops.open) == console.ops.opened == 3
        for ticket in tickets:
            desk.answer(ticket, clock.advance(seconds=1))
        await console.sync()
        await console.live(10)
        assert console.ops.open == {}
        assert console.ops.opened == 3

    async def test_a_warning_whose_target_was_met_is_closed(self, console, desk, clock) -> None:
        ticket = desk.open("T1", clock.now())
        await console.sync()
        await console.live(50)
        assert len(console.ops.open) == 1
        desk.answer(ticket, clock.now())
        await console.sync()
        await console.live(10)
        assert console.ops.open == {}

    async def test_the_digest_of_a_storm_is_closed_with_the_last_of_its_tickets(
        self, console, desk, clock
    ) -> None:
        tickets = [desk.open(f"T{n}", clock.now(), priority="Critical") for n in range(30)]
        await console.sync()
        await console.live(70)
        assert any("broken" in title for title in console.ops.open.values())
        for ticket in tickets:
            desk.set_status(ticket, "Closed", clock.advance(seconds=1))
        await console.sync()
        await console.live(30)
        assert console.ops.open == {}

    async def test_a_test_opens_none(self, console) -> None:
        messages = console.engine.alerting.planner.plan_test("canary:x", ("ops",))
        await console.store.outbox.enqueue(messages)
        await console.live(1)
        assert len(console.ops.seen) == 1
        assert console.ops.opened == 0

    async def test_that_the_monitor_was_blind_is_said_and_closed(self, console, clock) -> None:
        await console.engine.alert_loop.process()
        clock.advance(minutes=20)
        await console.engine.alert_loop.process()
        await console.live(3)
        assert console.ops.opened == 1
        assert console.ops.open == {}


class TestADueTimeThatMoves:
    """Due at 10:00, broken, told, and acknowledged at 10:02 for nine hours."""

    @pytest.fixture
    async def console(self, begin, desk, clock):
        console = await begin(warn_at=())
        self.ticket = desk.open("T1", clock.now())
        await console.sync()
        await console.live(62)
        (self.breach,) = console.engine.tracker.board.breaches()
        await console.service.acknowledge([self.breach.id], "on it", "ada", timedelta(hours=9))
        assert console.ops.rang() == [("breach", "T1")]
        return console

    async def moves(self, console, clock, minutes: int) -> None:
        """Let the target be so many minutes after the creation of the ticket."""
        self.ticket.response_due = self.ticket.created + timedelta(minutes=minutes)
        self.ticket.updated = clock.advance(minutes=5)
        await console.sync()
        await console.live(3)

    async def test_to_a_moment_that_is_past_keeps_the_acknowledgement(self, console, clock) -> None:
        """To 10:01, which is missed as well: the same person has it for as long as before."""
        await self.moves(console, clock, 61)
        (moved,) = console.engine.tracker.board.breaches()
        before = self.breach.acknowledge("ada", None, clock.now()).state
        assert moved.id != self.breach.id
        assert (moved.acknowledged_by, moved.state) == ("ada", before)
        assert console.ops.rang() == []

    async def test_whoever_was_notified_before_it_moved_hears_of_the_end(
        self, console, desk, clock
    ) -> None:
        await self.moves(console, clock, 61)
        desk.answer(self.ticket, clock.advance(seconds=1))
        await console.sync()
        await console.live(3)
        assert console.ops.rang() == [("recovery", "T1")]

    async def test_to_a_moment_to_come_asks_for_it_again_aloud(self, console, clock) -> None:
        """To 11:00: over for now, and missed and told anew from then on, although Ada had it."""
        await self.moves(console, clock, 120)
        assert console.ops.rang() == [("recovery", "T1")]
        assert console.engine.tracker.board.breaches() == []
        await console.live(52)
        (anew,) = console.engine.tracker.board.breaches()
        assert anew.acknowledged_by is None
        assert console.ops.rang() == [("breach", "T1")]

    async def test_back_and_forth_loses_nobody(self, console, clock) -> None:
        """To 11:00 and back to 10:01: missed again, nobody's, and told aloud."""
        await self.moves(console, clock, 120)
        await self.moves(console, clock, 61)
        (anew,) = console.engine.tracker.board.breaches()
        assert anew.acknowledged_by is None
        assert console.ops.rang() == [("recovery", "T1"), ("breach", "T1")]


async def test_a_clock_that_starts_ahead_and_is_set_right_makes_no_step_wait_longer(
    begin, desk, clock
) -> None:
    """The wall clock is two hours ahead when the breach is found, and set right five minutes later.

    The step is due a quarter of an hour after the breach: ten minutes after the clock was set.
    """
    console = await begin(warn_at=(), escalations=STEPS)
    desk.open("T1", clock.now() - timedelta(hours=3))
    await console.sync()
    clock.set(clock.now() + timedelta(hours=2))
    await console.engine.alert_loop.process()
    await console.live(5)
    console.ops.rang()
    clock.set(clock.now() - timedelta(hours=2))
    await console.live(11)
    assert ("escalation", "T1") in console.ops.rang()
