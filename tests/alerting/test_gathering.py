"""What is told together, and what a storm becomes."""

from dataclasses import replace
from datetime import timedelta

import pytest

from sla_console.alerting.alert import Ended
from sla_console.alerting.grouper import Grouper
from sla_console.alerting.grouping import Grouping, Groups
from sla_console.alerting.pipeline import Pipeline
from sla_console.alerting.planner import AlertPlanner
from sla_console.alerting.routing import Router
from sla_console.domain.alerts.alert import AlertEvent, AlertRule, DeliveryState, Route, WaitReason
from sla_console.domain.forecast.risk import RiskLevel
from sla_console.domain.people.directory import Directory
from sla_console.domain.sla.breach import BreachType
from sla_console.domain.sla.calendar import BusinessCalendar
from sla_console.store.key import load_or_create_key
from sla_console.store.store import Store


@pytest.fixture
async def store(tmp_path):
    store = await Store.open(
        tmp_path / "data" / "sla.db", load_or_create_key(tmp_path / "key", keyring_entry=None)
    )
    yield store
    await store.close()


class Room:
    """A planner over one channel, the outbox, and what gathers in it."""

    def __init__(self, store, clock, breach, **grouping) -> None:
        self.store, self.clock, self.breach = store, clock, breach
        self.groups = Groups(Grouping(**grouping))
        self.router = Router(("ops",), Directory({}, {}))
        self.router.rules = (AlertRule("everything", ("ops",)),)
        self.pipeline = Pipeline(self.router, groups=self.groups)
        self.planner = AlertPlanner(self.pipeline, clock)
        self.untrue: set[str] = set()
        self.grouper = Grouper(store.outbox, self.groups, self.check)

    def check(self, message, now):
        if message.ticket_id in self.untrue:
            return Ended(DeliveryState.SUPERSEDED, "it is over")
        return message

    async def break_(self, number: int, **changes):
        breach = replace(
            self.breach, id=f"b{number}", ticket_id=str(number), display_id=f"T-{number}", **changes
        )
        await self.store.outbox.enqueue(self.planner.plan_breach(breach))

    async def look(self) -> int:
        return await self.grouper.step(self.clock.now())

    async def ready(self):
        found = []
        while claimed := await self.store.outbox.claim(
            "ops", self.clock.now(), timedelta(minutes=1), 1
        ):
            found += claimed
            await self.store.outbox.accepted(claimed[0], self.clock.now())
        return found


@pytest.fixture
def room(store, clock, breach):
    return lambda **grouping: Room(store, clock, breach, **grouping)


async def test_what_breaks_together_is_told_together_after_a_moment(room, clock) -> None:
    room = room()
    for number in range(3):
        await room.break_(number)
        clock.advance(seconds=5)
    assert await room.look() == 0
    assert await room.ready() == []
    clock.advance(seconds=5)
    assert await room.look() == 1
    (digest,) = await room.ready()
    assert (digest.event, digest.notification.total) == (AlertEvent.DIGEST, 3)
    assert digest.title == "3 broken: Harbour Dental"
    for number in range(3):
        (member,) = await room.store.outbox.for_ticket(str(number))
        assert (member.state, member.superseded_by) == (DeliveryState.SUPERSEDED, digest.key)
        assert (member.why, member.accepted_at) == (
            "told together with others: accepted",
            clock.now(),
        )
    dwell = await room.store.deliveries.dwell(clock.now() - timedelta(hours=1))
    took = [span.total_seconds() for span in dwell["ops"]]
    assert sorted(took) == [10, 15, 20], "each from when it broke until the digest was taken"


async def test_one_alone_is_told_as_itself(room, clock) -> None:
    room = room()
    await room.break_(1)
    clock.advance(seconds=20)
    await room.look()
    (message,) = await room.ready()
    assert message.event is AlertEvent.BREACH


async def test_what_is_over_by_then_is_left_out_and_said_to_be(room, clock) -> None:
    room = room()
    for number in (1, 2):
        await room.break_(number)
    room.untrue = {"2"}
    clock.advance(seconds=20)
    await room.look()
    (message,) = await room.ready()
    assert message.ticket_id == "1"
    (other,) = await room.store.outbox.for_ticket("2")
    assert (other.state, other.why) == (DeliveryState.SUPERSEDED, "it is over")


async def test_the_first_urgent_one_of_each_group_does_not_wait(room) -> None:
    room = room()
    urgent = {"severity": RiskLevel.CRITICAL}
    await room.break_(1)
    await room.break_(2, **urgent)
    await room.break_(3, **urgent)
    await room.break_(4, client="Acme", **urgent)
    await room.break_(5, breach_type=BreachType.RESOLUTION, **urgent)
    assert [m.ticket_id for m in await room.ready()] == ["2", "4", "5"]


@pytest.mark.slow
async def test_a_thousand_at_once_are_one_digest_beside_the_first_urgent_ones(room, clock) -> None:
    room = room()
    for number in range(1000):
        severity = RiskLevel.CRITICAL if number % 10 == 0 else RiskLevel.MEDIUM
        await room.break_(number, client=f"Client {number % 7}", severity=severity)
    at_once = await room.ready()
    assert [m.ticket_id for m in at_once] == [str(n) for n in range(0, 70, 10)]
    clock.advance(seconds=20)
    assert await room.look() == 1
    (digest,) = await room.ready()
    assert digest.notification.total == 993
    assert "993 broken: 7 clients" in digest.title
    assert digest.notification.lines[0].startswith("By client: Client ")
    assert digest.notification.members[0].severity is RiskLevel.CRITICAL, "the most pressing first"
    assert digest.urgent
    assert await room.look() == 0


async def test_a_rate_below_a_storm_stays_a_message_a_client(room, clock) -> None:
    room = room(storm=20)
    for number in range(12):
        await room.break_(number, client=f"Client {number % 3}")
    clock.advance(seconds=20)
    assert await room.look() == 3


async def test_a_rate_above_a_storm_is_digests_however_it_is_spread(room, clock) -> None:
    """Fifty a minute, each of another client, so that few of them ever wait at once."""
    room = room(storm=20)
    by_minute = []
    for minute in range(4):
        told = []
        for number in range(50 if minute < 3 else 0):
            await room.break_(50 * minute + number, client=f"Client {minute}-{number}")
            clock.advance(seconds=1.2)
            await room.look()
            told += await room.ready()
        by_minute.append(told)
    begins, *later = by_minute
    assert len(begins) <= 22, "a storm must first be seen to be one"
    assert [len(told) for told in later] == [3, 3, 0]
    assert {m.event for told in later for m in told} == {AlertEvent.DIGEST}


async def test_what_waits_for_a_quiet_time_to_end_is_not_dragged_along(room, clock) -> None:
    room = room()
    await room.break_(1)
    (waits,) = room.planner.plan_breach(replace(room.breach, id="b9", ticket_id="9"))
    opening = clock.now() + timedelta(hours=9)
    await room.store.outbox.enqueue(
        [
            replace(
                waits,
                next_at=opening,
                why="quiet until it opens",
                wait_reason=WaitReason.QUIET_HOURS,
            )
        ]
    )
    clock.advance(seconds=20)
    await room.look()
    assert [m.ticket_id for m in await room.ready()] == ["1"]
    clock.set(opening)
    await room.look()
    assert [m.ticket_id for m in await room.ready()] == ["9"]
    dwell = await room.store.deliveries.dwell(clock.now() - timedelta(days=1))
    assert dwell["ops"] == [timedelta(seconds=20), timedelta()], "a quiet time does not count"


async def test_what_waited_for_many_clients_to_open_is_one_digest_in_the_morning(
    room, clock
) -> None:
    room = room(storm=20)
    opening = clock.now() + timedelta(hours=9)
    for number in range(25):
        client = f"Client {number}"
        breach = replace(room.breach, id=f"b{number}", ticket_id=str(number), client=client)
        (waits,) = room.planner.plan_breach(breach)
        held = replace(
            waits, next_at=opening, why="quiet until it opens", wait_reason=WaitReason.QUIET_HOURS
        )
        await room.store.outbox.enqueue([held])
    clock.set(opening)
    assert await room.look() == 1
    (digest,) = await room.ready()
    assert (digest.event, digest.notification.total) == (AlertEvent.DIGEST, 25)


async def test_what_was_held_back_for_fresh_data_is_told_together_when_it_comes(
    room, clock
) -> None:
    room = room()
    room.pipeline.freshness.blind_since = clock.now()
    for number in range(5):
        await room.break_(number, severity=RiskLevel.CRITICAL)
    clock.advance(hours=1)
    assert await room.look() == 0
    assert await room.store.outbox.held_for_fresh_data() == 5
    room.pipeline.freshness.blind_since = None
    room.untrue = {"0", "1"}
    await room.store.outbox.data_is_fresh(clock.now())
    assert await room.look() == 1
    (digest,) = await room.ready()
    assert digest.notification.total == 3


@pytest.mark.parametrize("count", [1, 2])
async def test_what_was_held_back_for_fresh_data_goes_another_way_in_time_once_it_is_told(
    room, clock, count
) -> None:
    room = room()
    room.router.channels = ("ops", "sms")
    room.router.rules = (AlertRule("b", ("ops",), route=Route(fallback=("sms",))),)
    room.pipeline.freshness.blind_since = clock.now()
    for number in range(count):
        await room.break_(number, severity=RiskLevel.CRITICAL)
    clock.advance(hours=1)
    assert await room.store.outbox.late(clock.now()) == [], "not while it waits"
    room.pipeline.freshness.blind_since = None
    await room.store.outbox.data_is_fresh(clock.now())
    await room.look()
    clock.advance(seconds=59)
    assert await room.store.outbox.late(clock.now()) == []
    clock.advance(seconds=1)
    (late,) = await room.store.outbox.late(clock.now())
    assert late.fallback == ("sms",)


async def test_a_restart_remembers_when_a_group_was_told_last(room, clock) -> None:
    one = room()
    await one.break_(1)
    clock.advance(seconds=20)
    await one.look()
    await one.ready()
    two = Room(one.store, clock, one.breach)
    since = clock.now() - timedelta(hours=1)
    two.groups.restore(await one.store.deliveries.last_by_group(since))
    await two.break_(2)
    clock.advance(minutes=1)
    assert await two.look() == 0
    clock.advance(minutes=5)
    assert await two.look() == 1


async def test_still_broken_is_one_message_a_client_and_counts_as_told(room) -> None:
    room = room()
    breaches = [
        replace(room.breach, id=f"b{n}", ticket_id=str(n), client=f"Client {n % 2}")
        for n in range(5)
    ]
    always = BusinessCalendar.always()
    timed = [(breach, always) for breach in breaches]
    messages = room.planner.plan_still_broken(timed, "again:1", "Still broken")
    await room.store.outbox.enqueue(messages)
    found = await room.ready()
    assert [(m.event, m.notification.total) for m in found] == [
        (AlertEvent.DIGEST, 3),
        (AlertEvent.DIGEST, 2),
    ]
    dwell = await room.store.deliveries.dwell(room.clock.now() - timedelta(days=1))
    assert dwell == {}, "a repetition says nothing about how long the first telling took"
    told = await room.store.deliveries.notified(["b3"])
    assert [(one.state, one.own_state) for one in told] == [
        (DeliveryState.ACCEPTED, DeliveryState.SUPERSEDED)
    ]
