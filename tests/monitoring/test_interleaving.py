"""Whatever people, tickets, channels and crashes do in whatever order, nobody hears nonsense.

Each run is a random story with a fixed seed over the real engine, store and simulator.
"""

import random
from datetime import timedelta

import pytest

from sla_console.domain.alerts.alert import AlertEvent, DeliveryState, Route
from sla_console.domain.alerts.escalation import EscalationPlan, Escalations, EscalationStep
from sla_console.domain.errors import NotAllowed
from sla_console.domain.sla.breach import BreachState, BreachType

PLAN = EscalationPlan(
    "standard",
    tuple(
        EscalationStep(timedelta(minutes=10 * n), Route(("ops",)), timedelta(minutes=4), 1)
        for n in range(3)
    ),
    acknowledged_for=timedelta(minutes=25),
)
STEPS = Escalations({"standard": PLAN}, "standard")
PAGES = sorted(
    (timedelta(minutes=10 * step + 4 * repeat), step, repeat)
    for step in range(3)
    for repeat in range(2)
)
"""When each step comes, and comes again."""
ACTS = (
    "wait", "wait", "wait", "ack", "give back", "snooze", "escalate", "hold", "go on",
    "answer", "urgent", "down", "up", "crash", "sleep",
)  # fmt: skip


class Story:
    """One random story, and what was heard in it."""

    def __init__(self, begin, clock, desk, seed: int) -> None:
        self.begin, self.clock, self.desk = begin, clock, desk
        self.chance = random.Random(seed)
        self.heard: list = []
        self.paged: set[tuple[str, int, int, int]] = set()
        """Steps that were taken: breach, round, step and repeat."""
        self.flapped: set[str] = set()
        """Promises of which it was said that they come and go."""

    async def start(self) -> None:
        self.console = await self.begin(warn_at=(75,), escalations=STEPS)

    async def look(self) -> None:
        """Let the engine look once, and hold what the phone heard against what is so."""
        await self.console.engine.alert_loop.process()
        before = {b.id: b for b in self.console.engine.tracker.board.breaches()}
        await self.console.send()
        for message in self.console.ops.seen:
            notification = message.notification
            members = notification.members or (notification,)
            for one in members:
                self.check(message, one, before)
            self.heard.append(message)
        self.console.ops.seen.clear()
        await self.check_steps()
        self.check_ends()

    async def check_steps(self) -> None:
        """Each step is taken once, and the last one that is due is always taken."""
        for message in await self.console.store.deliveries.recent(9999):
            kind, *words, _ = message.key.split(":")
            if kind == "escalation" and len(words) == 4:
                self.paged.add((words[0], *map(int, words[1:])))
        for breach in self.console.engine.tracker.board.breaches():
            escalation_state = breach.escalation_state
            if breach.state not in {BreachState.OPEN, BreachState.ESCALATED}:
                continue
            since = self.clock.now() - escalation_state.base
            due = [(step, repeat) for after, step, repeat in PAGES if after <= since]
            if due and escalation_state.held_since is None:
                assert (breach.id, escalation_state.round, *due[-1]) in self.paged, (
                    "none is passed over"
                )

    def check_ends(self) -> None:
        for breach in self.console.engine.tracker.board.breaches():
            ticket = self.desk.tickets[breach.ticket_id]
            if breach.breach_type is BreachType.RESPONSE:
                assert ticket.responded is None, "what was answered is broken no more"

    def check_all_heard(self) -> None:
        """At the end nobody is left who should have heard of something."""
        notifications = [
            n for m in self.heard for n in (m.notification.members or (m.notification,))
        ]
        told_of = {notification.breach_id for notification in notifications}
        over = {n.breach_id for n in notifications if n.event is AlertEvent.RECOVERY}
        broken = {
            n.breach_id: n.thread
            for n in notifications
            if n.event in {AlertEvent.BREACH, AlertEvent.ESCALATION}
        }
        there = {b.id: b for b in self.console.engine.tracker.board.breaches()}
        for breach in there.values():
            if breach.state in {BreachState.OPEN, BreachState.ESCALATED}:
                waits = breach.escalation_state.held_since is not None
                assert waits or breach.id in told_of, "no breach goes unheard"
        for breach_id, thread in broken.items():
            if breach_id not in there and thread not in self.flapped:
                assert breach_id in over, "who heard that it broke hears that it is over"

    def check(self, message, notification, breaches) -> None:
        if (notification.reason or "").startswith("it comes and goes"):
            self.flapped.add(notification.thread)
        if notification.event in {AlertEvent.BREACH, AlertEvent.ESCALATION}:
            breach = breaches.get(notification.breach_id)
            assert breach is not None, "nothing is told of a breach that is over"
            assert breach.state is not BreachState.ACKNOWLEDGED, "nor of one that somebody has"
            assert breach.state is not BreachState.SNOOZED
        if notification.event is AlertEvent.RECOVERY and not notification.first_told:
            earlier = {
                one.breach_id
                for m in self.heard
                for one in (m.notification.members or (m.notification,))
            }
            assert notification.breach_id in earlier, "over, of what was never said to be broken"

    async def act(self, act: str) -> None:  # noqa: PLR0912 - one branch an act
        console, chance = self.console, self.chance
        breaches = console.engine.tracker.board.breaches()
        chosen = chance.choice(breaches) if breaches else None
        ticket = chance.choice(list(self.desk.tickets.values()))
        now = self.clock.now()
        service = console.service
        try:
            match act:
                case "ack" if chosen:
                    await service.acknowledge([chosen.id], None, "ada")
                case "give back" if chosen:
                    await service.unacknowledge([chosen.id], None, "ada")
                case "snooze" if chosen:
                    until = now + timedelta(minutes=12) if chance.random() < 0.7 else None
                    await service.snooze([chosen.id], until, "x", "ada")
                case "escalate" if chosen:
                    (after,) = await service.escalate([chosen.id], "x", "ada")
                    taken = [(step, again) for _, step, again in PAGES][
                        after.escalation_state.place - 1
                    ]
                    self.paged.add((after.id, after.escalation_state.round, *taken))
                case "hold":
                    self.desk.set_status(ticket, "On Hold", now)
                case "go on":
                    self.desk.set_status(ticket, "Open", now)
                case "answer":
                    self.desk.answer(ticket, now)
                case "urgent":
                    priority = chance.choice(["Critical", "High", "Low"])
                    self.desk.set_priority(ticket, priority, now)
                case "down" | "up":
                    console.ops.down = act == "down"
                case "crash":
                    await self.start()
                    await self.console.sync()
                case "sleep":
                    self.clock.advance(minutes=chance.randint(20, 90))
                case _:
                    self.clock.advance(minutes=chance.randint(1, 9))
        except NotAllowed:
            return


@pytest.mark.parametrize("seed", range(12))
async def test_a_random_story_makes_sense(begin, clock, desk, seed) -> None:
    story = Story(begin, clock, desk, seed)
    for number in range(4):
        desk.open(f"T{number}", clock.now() - timedelta(minutes=17 * number))
    await story.start()
    await story.console.sync()
    for _ in range(60):
        await story.act(story.chance.choice(ACTS))
        await story.console.sync()
        for _ in range(2):
            await story.look()
            clock.advance(seconds=15)
    story.console.ops.down = False
    for _ in range(8):
        clock.advance(minutes=2)
        await story.look()
    assert len(story.heard) > 5, "something was heard"
    story.check_all_heard()
    keys = [m.key for m in story.heard]
    assert len(keys) == len(set(keys)), "no message twice"
    pages = [k for k in keys if k.startswith("escalation:")]
    assert pages, "escalations among it"
    left = await story.console.store.deliveries.recent(999)
    stuck = [m for m in left if m.state in {DeliveryState.SENDING, DeliveryState.DEAD}]
    assert not stuck, "nothing is lost on the way"
