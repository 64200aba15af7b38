"""What people do about messages that wait or are lost, and who would be told what."""

from datetime import timedelta

import pytest

from sla_console.domain.alerts.alert import (
    AlertEvent,
    AlertRule,
    DeliveryState,
    Route,
    SendResult,
)
from sla_console.domain.alerts.escalation import EscalationPlan, Escalations, EscalationStep
from sla_console.domain.errors import NotAllowed
from sla_console.domain.matcher import Matcher
from sla_console.domain.sla.calendar import BusinessCalendar
from sla_console.simulator.desk import DeskClient

PLAN = EscalationPlan(
    "standard",
    (
        EscalationStep(timedelta(minutes=15), Route(("sms",))),
        EscalationStep(timedelta(minutes=30), Route(people=("nobody",))),
    ),
)
REFUSED = SendResult(False, permanent=True, broken=True, error="HTTP 401")


@pytest.fixture
async def console(begin, clock, desk):
    console = await begin(
        warn_at=(75,),
        rules=[AlertRule("all", ("ops",))],
        channels=("ops", "sms"),
        escalations=Escalations({"standard": PLAN}, "standard"),
    )
    desk.open("T1", clock.now())
    await console.sync()
    await console.engine.alert_loop.process()
    return console


async def lost(console):
    """A breach whose message the channel refused."""
    console.ops.answers = [SendResult(True), REFUSED]
    await console.live(61)
    (dead,) = [m for m in await console.store.deliveries.recent(9) if m.state is DeliveryState.DEAD]
    return dead


class TestLostMessages:
    async def test_one_that_was_given_up_can_be_tried_again(self, console) -> None:
        dead = await lost(console)
        await console.service.retry_alert(dead.key, "Ada")
        await console.send()
        again = await console.store.outbox.get(dead.key)
        assert (again.state, again.attempts) == (DeliveryState.ACCEPTED, 2)
        assert "This may be a repeat (attempt 2)." in console.ops.seen[-1].body
        assert (await console.store.audit.recent(1))[0].action == "retry alert"

    async def test_or_sent_through_another_channel(self, console) -> None:
        dead = await lost(console)
        await console.service.reroute_alert(dead.key, "sms", "Ada")
        await console.send()
        (arrived,) = console.phones["sms"].seen
        assert arrived.event is AlertEvent.BREACH
        old = await console.store.outbox.get(dead.key)
        assert (old.state, old.why) == (DeliveryState.SUPERSEDED, "sent through sms")

    async def test_or_discarded_with_a_reason(self, console) -> None:
        dead = await lost(console)
        await console.service.discard_alert(dead.key, "known", "Ada")
        old = await console.store.outbox.get(dead.key)
        assert (old.state, old.why) == (DeliveryState.SUPPRESSED, "discarded by Ada: known")
        (record, *_) = [r for r in await console.store.outbox.records() if r.channel == "ops"]
        assert record.dead == 0

    async def test_what_was_taken_is_neither_retried_nor_discarded_nor_sent_elsewhere(
        self, console
    ) -> None:
        await console.live(61)
        taken = next(
            m for m in await console.store.deliveries.recent(9) if m.state is DeliveryState.ACCEPTED
        )
        for act in (
            console.service.retry_alert(taken.key, "Ada"),
            console.service.discard_alert(taken.key, None, "Ada"),
            console.service.reroute_alert(taken.key, "sms", "Ada"),
        ):
            with pytest.raises(NotAllowed):
                await act

    async def test_a_channel_that_does_not_exist_is_refused(self, console) -> None:
        dead = await lost(console)
        with pytest.raises(NotAllowed, match="no channel 'pager'"):
            await console.service.reroute_alert(dead.key, "pager", "Ada")


class TestForetelling:
    async def told(self, console):
        _, found = await console.service.explain_alerts("T1")
        return [
            (str(one.event), one.channel, one.what, one.why) for one in found
            if "resolution" not in one.what
        ]  # fmt: skip

    async def test_it_says_who_would_be_told_what_when_and_why(self, console, clock) -> None:
        judged, found = await console.service.explain_alerts("T1")
        first = [one for one in found if one.at <= judged.response.due + timedelta(minutes=31)]
        minutes = [round((one.at - clock.now()) / timedelta(minutes=1)) for one in first]
        assert list(zip(minutes, [str(o.event) for o in first], [o.channel for o in first], strict=True)) == [
            (45, "warning", "ops"),
            (60, "breach", "ops"),
            (75, "escalation", "sms"),
            (90, "escalation", None),
            (90, "escalation", "ops"),
        ]  # fmt: skip
        assert first[0].why == "rule all"
        assert first[3].why == "nobody is not among the people"
        assert first[4].why == "rule all", "who would be silent goes by today's rules"

    async def test_nothing_is_queued_by_asking(self, console) -> None:
        before = await console.store.deliveries.recent(99)
        await self.told(console)
        assert await console.store.deliveries.recent(99) == before

    async def test_what_a_silence_would_hold_back_says_so(self, console, clock, desk) -> None:
        name = next(iter(desk.tickets.values())).client.name
        end = clock.now() + timedelta(minutes=50)
        await console.service.add_silence(Matcher(clients=(name,)), "switch", end, "ada")
        _, found = await console.service.explain_alerts("T1")
        held = [one.held_back is not None for one in found[:2]]
        assert held == [True, False], "the warning falls into it, the breach does not"

    async def test_of_a_breach_only_the_steps_to_come(self, console) -> None:
        await console.live(77)
        _, found = await console.service.explain_alerts("T1")
        responses = [o for o in found if "step 2 of 2" in o.what]
        assert responses
        assert not [o for o in found if o.event is AlertEvent.BREACH and "response" in o.what]

    async def test_while_somebody_has_it_no_step_is_foretold(self, console) -> None:
        await console.live(62)
        (breach,) = console.engine.tracker.board.breaches()
        await console.service.acknowledge([breach.id], None, "Ada")
        _, found = await console.service.explain_alerts("T1")
        soon = [o for o in found if o.at < console.clock.now() + timedelta(hours=1)]
        assert not [o for o in soon if o.event is AlertEvent.ESCALATION]

    @pytest.mark.parametrize("act", ["nothing", "acknowledge", "snooze", "hold"])
    async def test_what_it_says_is_what_comes(self, console, clock, desk, act) -> None:
        await console.live(62)
        (breach,) = console.engine.tracker.board.breaches()
        if act == "acknowledge":
            await console.service.acknowledge([breach.id], None, "Ada", lasts=timedelta(minutes=20))
        elif act == "snooze":
            await console.service.snooze([breach.id], clock.now() + timedelta(minutes=9), "x", "A")
        elif act == "hold":
            desk.set_status(next(iter(desk.tickets.values())), "On Hold", clock.now())
            await console.sync()
        begun = clock.now()
        _, found = await console.service.explain_alerts("T1")
        soon = [one for one in found if one.at < begun + timedelta(minutes=90)]
        expected = [(_minute(one.at - begun), str(one.event), one.channel) for one in soon]
        for phone in console.phones.values():
            phone.rang()
        await console.live(90)
        came = [
            (_minute(m.created_at - begun), str(m.event), m.channel)
            for phone in console.phones.values()
            for m in phone.seen
        ]
        assert sorted(came) == sorted(one for one in expected if one[2] is not None)
        assert bool(came) is (act != "hold")

    async def test_a_step_at_night_of_what_is_not_urgent_says_that_it_waits(
        self, begin, clock, desk
    ) -> None:
        hours = tuple((day, "09:00", "10:05") for day in ("MONDAY", "TUESDAY"))
        calendar = BusinessCalendar("UTC", {d: [("09:00", "10:05")] for d in ("mon", "tue")})
        desk.clients["7"] = DeskClient("7", "Harbour", "8", "UTC", hours, calendar)
        console = await begin(
            warn_at=(),
            channels=("ops", "sms"),
            escalations=Escalations({"standard": PLAN}, "standard"),
            quiet_hours=True,
        )
        desk.open("T1", clock.now(), priority="Low")
        await console.sync()
        _, found = await console.service.explain_alerts("T1")
        mine = [one for one in found if "resolution" not in one.what][:2]
        assert [(str(one.event), one.held_back) for one in mine] == [
            ("breach", None),
            ("escalation", "quiet until Harbour opens"),
        ]

    async def test_a_rule_that_reaches_nobody_is_named_beside_the_one_that_does(
        self, begin, clock, desk
    ) -> None:
        console = await begin(
            warn_at=(),
            rules=[
                AlertRule("holder", route=Route(people=("assignee",))),
                AlertRule("team", ("ops",)),
            ],
        )
        desk.open("T1", clock.now())
        await console.sync()
        _, found = await console.service.explain_alerts("T1")
        assert [(one.channel, one.why) for one in found][:2] == [
            (None, "rule holder: nobody has the ticket"),
            ("ops", "rule team"),
        ]


def _minute(span: timedelta) -> int:
    """Return the minute at which the engine looks next."""
    return -(-span // timedelta(minutes=1))


async def test_the_status_says_how_long_alerts_took(console, clock) -> None:
    await console.live(80)
    await console.engine._publisher.count()
    console.engine.refresh_board()
    status = {one.channel.name: one for one in await console.service.alert_status()}
    assert status["ops"].accepted == 2
    assert status["ops"].dwell_max is not None
    assert timedelta() <= status["ops"].dwell_p50 <= status["ops"].dwell_max <= timedelta(minutes=1)
    assert status["sms"].accepted == 1
    assert status["ops"].channel.last_accepted_at is not None
