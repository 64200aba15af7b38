"""What happens on a day: tickets, people, weather and deaths, in the order of a seed."""

import asyncio
import contextlib
import os
import random
from datetime import timedelta

from sla_console.domain.errors import SLAConsoleError
from tests.simulation.virtual import Killed
from tests.simulation.world import START, Monitor, World

STEPS = int(os.environ.get("SLA_DAY_STEPS", "50"))
"""How many things happen on a day."""
ACTS = (
    "open", "open", "answer", "answer", "hold", "go on", "close", "close", "reopen", "urgent",
    "ack", "ack", "give back", "snooze", "escalate", "note", "note", "assign", "status",
    "weather", "weather", "fine", "limited", "odd answer", "channel", "channels well",
    "kill", "stop", "freeze", "thaw", "thaw", "clock", "clock right", "refused", "wait", "wait",
    "move due", "move due", "refuse for good", "read", "priority", "older account",
)  # fmt: skip
ONCE = (
    "answer", "close", "ack", "move due", "note", "note", "assign", "assign", "status", "priority",
    "read", "read", "older account", "delete", "stop", "channels well", "refuse for good", "reopen",
)  # fmt: skip
"""What happens on each day at least once."""
ROUGH = frozenset(
    ("weather", "limited", "odd answer", "refused", "channel", "freeze", "kill", "clock")
)
"""What does not happen on a mild day."""
ODD = ("no_rows", "first_row_missing", "null_ids", "garbage", "internal_error", "bad_gateway",
       "unauthorized", "forbidden", "rows_missing", "written_but_error", "rate_limited")  # fmt: skip


class Story:
    """One day at the desk.

    Args:
        world: Where it happens.
        seed: Decides what happens.
        mild: Whether it is a day without bad weather, so that all faults are those of the plan.
    """

    def __init__(self, world: World, seed: int, *, mild: bool = False) -> None:
        self.world = world
        self.chance = random.Random(f"story {seed}")
        acts = [act for act in ACTS if act not in ROUGH] if mild else ACTS
        self.acts = [*ONCE, *self.chance.choices(acts, k=STEPS - len(ONCE))]
        self.chance.shuffle(self.acts)
        self.number = 0
        self.log: list[str] = []

    async def tell(self) -> None:
        world = self.world
        world.desk.open("T0", START - timedelta(hours=20))
        for _ in range(4):
            self.open()
        await world.keep_up()
        for act in self.acts:
            self.log.append(f"{world.true.now():%H:%M:%S} {act}")
            await self.act(act)
            await world.live(minutes=self.chance.choice([1, 3, 5, 10, 20]))
            world.checks.all()
            if self.chance.random() < 0.5:
                await world.keep_up()
        await self.calm()

    async def calm(self) -> None:
        """Let all that is wrong end, and all that is owed be done."""
        world = self.world
        if world.faults is not None:
            world.faults.on = False
        world.network.good()
        world.server.faults.clear()
        world.clock.off = timedelta()
        for channel in world.channels.values():
            channel.well()
        for monitor in world.monitors:
            if monitor.still:
                monitor.go_on()
        await world.keep_up()
        for _ in range(20):
            await world.live(minutes=10)
            world.checks.all()
        world.checks.all_is_well()

    def open(self) -> None:
        self.number += 1
        self.world.desk.open(f"T{self.number}", self.world.true.now())

    async def act(self, act: str) -> None:  # noqa: PLR0912 - one branch an act
        world, chance = self.world, self.chance
        desk, now = world.desk, world.true.now()
        tickets = [t for t in desk.tickets.values() if desk.is_open(t)]
        closed = [t for t in desk.tickets.values() if not desk.is_open(t)]
        ticket = chance.choice(tickets) if tickets else None
        up = [one for one in world.up() if not one.still]
        match act:
            case "open":
                self.open()
            case "answer" if ticket:
                desk.answer(ticket, now)
            case "hold" if ticket:
                desk.set_status(ticket, "On Hold", now)
            case "go on" if ticket:
                desk.set_status(ticket, "Open", now)
            case "close" if ticket:
                desk.set_status(ticket, "Closed", now)
            case "reopen" if closed:
                desk.set_status(chance.choice(closed), "Open", now)
            case "urgent" if ticket:
                desk.set_priority(ticket, chance.choice(["Critical", "High", "Low"]), now)
            case "delete" if ticket:
                ticket.deleted = True
            case "move due" if ticket:
                if self.taken() is None and up:
                    await self.person("ack", up[0], ticket)
                late = self.taken() or ticket
                if late.resolution_due:
                    late.resolution_due -= timedelta(minutes=chance.choice([10, 30]))
                    late.updated = now
            case "refuse for good":
                world.channels[chance.choice(sorted(world.channels))].refuses = True
            case "older account":
                world.server.faults.next("forbidden", times=4, operation="getFields")
                if up:
                    await self.person("status", up[0], ticket)
                    await self.person("priority", up[-1], ticket)
            case "weather":
                world.network.bad()
            case "fine":
                world.network.good()
            case "limited":
                world.server.faults.next("rate_limited", times=chance.randint(1, 6))
            case "refused":
                world.server.faults.next("unauthorized", times=chance.randint(1, 4))
            case "odd answer":
                world.server.faults.next(chance.choice(ODD), times=chance.randint(1, 3))
            case "channel":
                channel = world.channels[chance.choice(sorted(world.channels))]
                channel.down, channel.slow = chance.random() < 0.5, chance.choice([0.1, 5.0, 30.0])
            case "channels well":
                for channel in world.channels.values():
                    channel.well()
            case "kill" if up:
                chance.choice(up).kill()
            case "stop" if up:
                await self.stop(chance.choice(up))
            case "freeze" if up:
                chance.choice(up).stop()
            case "thaw":
                for monitor in world.up():
                    if monitor.still:
                        monitor.go_on()
            case "clock":
                world.step_clock()
            case "clock right":
                world.clock.off = timedelta()
            case _ if up:
                await self.person(act, chance.choice(up), ticket)

    def taken(self):
        """Return a ticket with a breach that somebody has; None: there is none."""
        for monitor in self.world.up():
            for breach in monitor.service.board().breaches:
                ticket = self.world.desk.tickets[breach.ticket_id]
                if breach.acknowledged_by and self.world.desk.is_open(ticket):
                    return ticket
        return None

    async def stop(self, monitor: Monitor) -> None:
        with contextlib.suppress(SLAConsoleError, RuntimeError, Killed, asyncio.CancelledError):
            await monitor.stop_gently()
        monitor.dead = True
        await monitor.close()

    async def person(self, act: str, monitor: Monitor, ticket) -> None:  # noqa: PLR0912 - as above
        """Let a person do something; what they are told is done is written down outside."""
        self.number += 1
        who = f"ada#{self.number}"
        service = monitor.service
        breaches = service.board().breaches
        breach = self.chance.choice(breaches).id if breaches else None
        until = monitor.world.clock.now() + timedelta(minutes=self.chance.choice([20, 90]))
        checks, shown = self.world.checks, list(service.board().by_id)
        known = ticket is not None and ticket.id in shown
        doing = None
        match act:
            case "ack" if breach:
                doing = service.acknowledge([breach], None, who)
            case "give back" if breach:
                doing = service.unacknowledge([breach], None, who)
            case "snooze" if breach:
                doing = service.snooze([breach], until, None, who)
            case "escalate" if breach:
                doing = service.escalate([breach], None, who)
            case "note" if known:
                doing = service.add_note([ticket.id], f"on it {self.number}", who)
            case "assign" if known:
                doing = service.assign([ticket.id], self.chance.choice(["9", ""]), who)
            case "read" if known:
                doing = service.ticket_conversation(ticket.id)
            case "priority" if known:
                priority = self.chance.choice(["Critical", "High", "Low"])
                doing = service.set_priority([ticket.id], priority, who)
            case "status" if known:
                doing = service.change_status([ticket.id], "In Progress", who)
        if doing is None:
            return
        names = {"ack": "acknowledge", "give back": "unacknowledge"}
        try:
            done = await asyncio.wait_for(asyncio.shield(monitor.task(doing)), 60)
        except (SLAConsoleError, RuntimeError, TimeoutError, Killed, asyncio.CancelledError):
            return
        if monitor.store._database.in_memory:
            # Everybody is told that what is done meanwhile is lost if this console ends.
            self.log.append(f"{monitor.name} did {act} in memory")
            return
        if act in {"ack", "give back", "snooze", "escalate"}:
            checks.steps[who] = names.get(act, act)
        elif act != "read":
            checks.operations |= {one.id: str(one.kind) for one in done}
