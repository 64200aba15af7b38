"""What is told later or once more: after quiet times, after coming and going, after hours."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from sla_console.domain.alerts.alert import AlertRule, DeliveryState, Route, RuleHours
from sla_console.domain.alerts.escalation import EscalationPlan, Escalations, EscalationStep
from sla_console.domain.alerts.silence import MaintenanceWindow, Once
from sla_console.domain.board import SourceState
from sla_console.domain.errors import StoreError
from sla_console.domain.matcher import Matcher
from sla_console.domain.people.directory import Directory, Person
from sla_console.domain.sla.breach import BreachState
from sla_console.domain.sla.calendar import BusinessCalendar
from sla_console.simulator.desk import DeskClient

MINUTE = timedelta(minutes=1)
PLAN = EscalationPlan(
    "standard", (EscalationStep(15 * MINUTE, Route(("ops",))),), acknowledged_for=30 * MINUTE
)
STEPS = Escalations({"standard": PLAN}, "standard")
COMES_AND_GOES = "it comes and goes; you hear of it once an hour, and how it ends"


@pytest.fixture
def ticket(desk, clock):
    return desk.open("T1", clock.now())


@pytest.fixture
async def broken(begin, ticket):
    """A console whose one ticket broke its first response a minute ago; it has been told."""

    async def start(**options):
        console = await begin(**{"warn_at": (), **options})
        await console.sync()
        await console.live(61)
        assert console.ops.rang() == [("breach", "T1")]
        return console

    return start


def window(name: str, start: datetime, end: datetime) -> MaintenanceWindow:
    once = Once(start.replace(tzinfo=None), end.replace(tzinfo=None))
    return MaintenanceWindow(name, Matcher(), ZoneInfo("UTC"), once)


class TestComingAndGoing:
    @pytest.fixture
    def flip(self, desk, clock, ticket):
        async def flipped(console, *, broken: bool) -> list[tuple[str, str | None]]:
            """Keep the promise late, or take that back; return what rang: event and reason."""
            if broken:
                ticket.responded = None
            else:
                desk.answer(ticket, clock.now())
            ticket.updated = clock.advance(seconds=5)
            await console.sync()
            await console.live(1)
            found = [(str(m.event), m.notification.reason) for m in console.ops.seen]
            console.ops.seen.clear()
            return found

        return flipped

    async def until_muted(self, console, flip) -> None:
        for _ in range(3):
            await flip(console, broken=False)
            await flip(console, broken=True)
        assert await flip(console, broken=False) == []

    async def test_the_third_time_in_half_an_hour_is_said_to_come_and_go_and_no_more(
        self, broken, flip
    ) -> None:
        console = await broken()
        usual = [("recovery", None)], [("breach", None)]
        assert (await flip(console, broken=False), await flip(console, broken=True)) == usual
        assert await flip(console, broken=False) == [("recovery", None)]
        assert await flip(console, broken=True) == [("breach", COMES_AND_GOES)]
        assert [await flip(console, broken=bool(n % 2)) for n in range(4)] == [[]] * 4

    async def test_whoever_was_told_so_hears_that_it_ended_well(self, broken, flip) -> None:
        console = await broken()
        await self.until_muted(console, flip)
        await console.live(40)
        (over,) = console.ops.seen
        assert (str(over.event), over.notification.reason) == (
            "recovery", "it came and went, and does no more",
        )  # fmt: skip
        assert not over.notification.first_told

    async def test_or_that_it_stays_broken_although_the_console_was_started_anew(
        self, broken, flip, begin
    ) -> None:
        console = await broken()
        await self.until_muted(console, flip)
        await flip(console, broken=True)
        (breach,) = console.engine.tracker.board.breaches()
        another = await begin(warn_at=())
        await another.engine.alert_loop.begin()
        await another.sync()
        await another.live(40)
        assert another.ops.rang() == [("digest", "It came and went, and stays broken")]
        assert another.engine.tracker.board.breaches() == [breach], "and is the same breach"

    async def test_it_is_told_later_where_it_could_not_be_stored(
        self, broken, flip, monkeypatch
    ) -> None:
        console = await broken()
        await self.until_muted(console, flip)
        enqueue = console.store.outbox.enqueue

        async def full(messages) -> int:
            raise StoreError("the disk is full")

        monkeypatch.setattr(console.store.outbox, "enqueue", full)
        with pytest.raises(StoreError):
            await console.live(40)
        monkeypatch.setattr(console.store.outbox, "enqueue", enqueue)
        await console.live(2)
        assert console.ops.rang() == [("recovery", "T1")]

    async def test_what_could_not_be_stored_at_once_broke_once(
        self, begin, ticket, monkeypatch
    ) -> None:
        console = await begin(warn_at=())
        await console.sync()
        await console.live(59)
        record, tries = console.store.record_breaches, 0

        async def busy(found, term):
            nonlocal tries
            tries += 1
            if tries < 6:
                raise StoreError("the store is busy")
            return await record(found, term)

        monkeypatch.setattr(console.store, "record_breaches", busy)
        for _ in range(5):
            with pytest.raises(StoreError):
                await console.live(2, step=120)
        await console.live(1)
        assert tries == 6
        (message,) = console.ops.seen
        assert (str(message.event), message.notification.reason) == ("breach", None)


class TestAtNight:
    """A ticket of low priority breaks before its client closes, in maintenance until 04:00."""

    @pytest.fixture
    async def console(self, begin, desk, clock):
        days = ("mon", "tue", "wed", "thu", "fri")
        calendar = BusinessCalendar("UTC", {day: [("09:00", "17:00")] for day in days})
        names = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY")
        hours = tuple((name, "09:00", "17:00") for name in names)
        desk.clients["7"] = DeskClient("7", "Harbour", "8", "UTC", hours, calendar)
        clock.set(datetime(2026, 10, 12, 15, 30, tzinfo=UTC))
        desk.now = clock.now()
        console = await begin(
            warn_at=(),
            windows=(window("patch", clock.now(), datetime(2026, 10, 13, 4, tzinfo=UTC)),),
            quiet_hours=True,
            rules=[
                AlertRule("day", ("ops",), hours=RuleHours.INSIDE),
                AlertRule("night", ("pager",)),
            ],
            channels=("ops", "pager"),
        )
        await console.engine.alert_loop.begin()
        return console

    async def test_what_is_not_urgent_is_told_by_the_nights_rule_when_its_client_opens(
        self, console, desk, clock
    ) -> None:
        desk.open("T1", clock.now(), priority="Low")
        await console.sync()
        await console.live(17 * 60 + 29)
        assert console.ops.rang() == console.phones["pager"].rang() == []
        (held,) = [
            m
            for m in await console.store.deliveries.recent(99)
            if m.state is DeliveryState.GATHERING
        ]
        assert held.why.startswith("quiet until Harbour opens")
        await console.live(2)
        (message,) = console.phones["pager"].seen
        assert message.notification.reason == "still broken after the maintenance patch"
        assert console.ops.rang() == []

    async def test_what_is_urgent_is_told_when_the_maintenance_ends(
        self, console, desk, clock
    ) -> None:
        desk.open("T1", clock.now(), priority="Critical")
        await console.sync()
        await console.live(12 * 60 + 31)
        rang = console.phones["pager"].rang()
        assert rang == [("digest", "Still broken after the maintenance patch")]

    async def test_what_nobody_takes_is_not_told_again_until_then(
        self, console, desk, clock
    ) -> None:
        clock.set(datetime(2026, 10, 13, 9, tzinfo=UTC))
        desk.open("T1", clock.now(), priority="Low")
        await console.sync()
        await console.live(8 * 60)
        assert ("breach", "T1") in console.ops.rang()
        await console.live(15 * 60 + 55)
        assert console.ops.rang() == console.phones["pager"].rang() == []
        await console.live(15)
        told = [str(m.notification.target) for m in console.phones["pager"].seen]
        assert sorted(told) == ["RESOLUTION", "RESPONSE"], "each of its promises once"


class TestEndOfMaintenance:
    async def test_it_is_told_later_where_it_could_not_be_stored(
        self, begin, ticket, clock, monkeypatch
    ) -> None:
        end = clock.now() + timedelta(minutes=90)
        console = await begin(warn_at=(), windows=(window("patch", clock.now(), end),))
        await console.sync()
        await console.live(89)
        enqueue = console.store.outbox.enqueue

        async def full(messages) -> int:
            raise StoreError("the disk is full")

        monkeypatch.setattr(console.store.outbox, "enqueue", full)
        for _ in range(3):
            with pytest.raises(StoreError):
                await console.live(1)
        monkeypatch.setattr(console.store.outbox, "enqueue", enqueue)
        await console.live(3)
        assert console.ops.rang() == [("digest", "Still broken after the maintenance patch")]

    async def test_it_is_told_once_although_the_console_was_away_when_it_ended(
        self, begin, ticket, clock
    ) -> None:
        windows = (window("patch", clock.now(), clock.now() + timedelta(minutes=90)),)
        console = await begin(warn_at=(), windows=windows)
        await console.sync()
        await console.live(80)
        clock.advance(minutes=20)
        another = await begin(warn_at=(), windows=windows)
        await another.sync()
        await another.live(5)
        rang = [one for one in another.ops.rang() if one[0] == "digest"]
        assert rang == [("digest", "Still broken after the maintenance patch")]

    async def test_it_is_told_once_although_another_console_monitored_when_it_ended(
        self, begin, desk, ticket, clock
    ) -> None:
        windows = (window("patch", clock.now(), clock.now() + timedelta(minutes=90)),)
        console = await begin(warn_at=(), windows=windows)
        desk.open("T2", clock.now())
        await console.sync()
        await console.live(80)
        another = await begin(warn_at=(), windows=windows)
        await another.sync()
        await another.live(15)
        assert another.ops.rang() == [("digest", "Still broken after the maintenance patch")]
        desk.answer(ticket, clock.now())
        await console.sync()
        await console.engine.alert_loop.begin()
        await console.live(2)
        assert [event for event, _ in console.ops.rang()] == ["recovery"]

    async def test_after_a_silence_that_ends_within_it_nothing_is_told_before_it_ends(
        self, begin, ticket, clock
    ) -> None:
        end = clock.now() + timedelta(minutes=90)
        console = await begin(warn_at=(), windows=(window("patch", clock.now(), end),))
        await console.sync()
        until = clock.now() + timedelta(minutes=70)
        await console.service.add_silence(Matcher(clients=("harbour",)), "switch", until, "ada")
        await console.live(88)
        assert console.ops.rang() == []
        await console.live(3)
        assert console.ops.rang() == [("digest", "Still broken after the maintenance patch")]

    async def test_while_superops_does_not_answer_it_waits_for_fresh_data(
        self, begin, ticket, clock
    ) -> None:
        end = clock.now() + timedelta(minutes=90)
        console = await begin(warn_at=(), windows=(window("patch", clock.now(), end),))
        await console.sync()
        await console.live(80)
        duties = console.engine.alert_loop
        await duties.look(SourceState.STALE, clock.now() - timedelta(minutes=5), None)
        await console.live(20)
        (trouble,) = console.ops.rang()
        assert trouble[1].startswith("SuperOps does not answer")
        await duties.look(SourceState.LIVE, clock.now(), None)
        await console.live(1)
        assert ("breach", "T1") in console.ops.rang()

    async def test_one_that_was_taken_out_of_the_configuration_is_over(
        self, begin, ticket, clock
    ) -> None:
        windows = (window("patch", clock.now(), clock.now() + timedelta(days=2)),)
        console = await begin(warn_at=(), windows=windows)
        await console.sync()
        await console.live(62)
        assert console.ops.rang() == []
        without = await begin(warn_at=())
        await without.sync()
        await without.live(2)
        assert without.ops.rang() == [("digest", "Still broken after the maintenance patch")]
        await without.live(5)
        assert without.ops.rang() == [], "once"


class TestEndOfSilence:
    async def test_what_it_meant_no_more_is_told_as_well(self, begin, desk, ticket, clock) -> None:
        console = await begin(warn_at=())
        await console.sync()
        end = clock.now() + timedelta(minutes=90)
        await console.service.add_silence(Matcher(priorities=("High",)), "noise", end, "ada")
        await console.live(70)
        desk.set_priority(ticket, "Low", clock.now())
        ticket.updated = clock.advance(seconds=5)
        await console.sync()
        breaches = console.engine.tracker.board.breaches()
        assert [breach.priority for breach in breaches] == ["Low"]
        await console.live(2)
        assert console.ops.rang() == [("digest", "Still broken, and no longer held back")]
        await console.live(23)
        assert console.ops.rang() == []

    async def test_what_a_person_discarded_is_not(self, begin, ticket, clock) -> None:
        console = await begin(warn_at=())
        await console.sync()
        end = clock.now() + timedelta(minutes=90)
        await console.service.add_silence(Matcher(clients=("Harbour",)), "noise", end, "ada")
        await console.live(70)
        (held,) = await console.store.outbox.for_ticket(ticket.id)
        await console.service.discard_alert(held.key, "known", "ada")
        await console.live(25)
        assert console.ops.rang() == []


class TestPeople:
    async def test_one_who_hands_it_up_is_heard_although_superops_does_not_answer(
        self, broken, clock
    ) -> None:
        console = await broken()
        since = clock.now() - timedelta(minutes=10)
        await console.engine.alert_loop.look(SourceState.STALE, since, None)
        (breach,) = console.engine.tracker.board.breaches()
        await console.service.escalate([breach.id], "the client called", "ada")
        await console.live(1)
        assert ("escalation", "T1") in console.ops.rang()

    async def test_and_although_its_client_is_silenced(self, broken, clock) -> None:
        console = await broken()
        (breach,) = console.engine.tracker.board.breaches()
        end = clock.now() + timedelta(hours=1)
        await console.service.add_silence(Matcher(clients=("Harbour",)), "switch", end, "bo")
        await console.service.escalate([breach.id], "the client called", "ada")
        await console.live(1)
        assert console.ops.rang() == [("escalation", "T1")], "whom it reaches was named to her"

    async def test_one_who_waits_for_the_clock_to_change_is_told_when_it_does(
        self, broken, desk, ticket, clock
    ) -> None:
        console = await broken(escalations=STEPS)
        (breach,) = console.engine.tracker.board.breaches()
        await console.service.snooze([breach.id], None, "waits for a part", "ada")
        await console.live(30)
        assert console.ops.rang() == []
        desk.set_status(ticket, "On Hold", clock.now())
        await console.sync()
        await console.live(1)
        (message,) = console.ops.seen
        assert message.notification.reason == (
            "the snooze is over; it is escalated anew when its ticket waits no more"
        )

    async def test_nobody_is_reminded_of_a_ticket_that_waits(
        self, broken, desk, ticket, clock
    ) -> None:
        console = await broken(escalations=STEPS)
        (breach,) = console.engine.tracker.board.breaches()
        await console.service.acknowledge([breach.id], None, "ada")
        desk.set_status(ticket, "On Hold", clock.now())
        await console.sync()
        await console.live(120)
        assert console.ops.rang() == []
        desk.set_status(ticket, "Open", clock.now())
        await console.sync()
        await console.live(31)
        assert console.ops.rang() == [("reminder", "T1")] * 2
        assert console.engine.tracker.board.breaches()[0].state is BreachState.OPEN

    async def test_a_ticket_that_nobody_has_is_told_by_the_next_rule(
        self, begin, desk, ticket
    ) -> None:
        console = await begin(
            warn_at=(),
            rules=[
                AlertRule("holder", route=Route(people=("assignee",))),
                AlertRule("team", ("ops",)),
            ],
            channels=("ops", "marta-sms"),
            directory=Directory({"marta": Person("marta", ("marta-sms",), "Marta Lindqvist")}, {}),
        )
        hers = desk.open("T2", ticket.created, technician=desk.technicians["9"])
        await console.sync()
        await console.live(61)
        assert console.ops.rang() == [("breach", "T1")]
        assert console.phones["marta-sms"].rang() == [("breach", hers.number)]

    async def test_where_no_rule_tells_anybody_the_history_says_so(
        self, begin, desk, ticket
    ) -> None:
        console = await begin(
            warn_at=(), rules=[AlertRule("holder", route=Route(people=("assignee",)))]
        )
        await console.sync()
        await console.live(61)
        (entry,) = await console.store.audit.for_subject(ticket.id)
        assert entry.detail == "first response, no rule tells anybody"
