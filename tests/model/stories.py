"""Stories by their seeds: what people, tickets, faults and time do, one step after the other.

A step is a name and numbers, and means something wherever it stands; so any story that is left of
another is a story as well, and a story that goes wrong is shortened by leaving steps out.
"""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta

from sla_console.domain.alerts.alert import OutboxMessage, WaitReason
from sla_console.domain.alerts.silence import Matcher
from sla_console.domain.errors import NotAllowed
from tests.model.oracle import DifferenceError, Oracle
from tests.model.receivers import FAULTS
from tests.model.world import CLIENTS, World

PRIORITIES = ("Low", "High", "Critical", "Medium")
PLACES = ("team", "sms", "pager")
KINDS = tuple(FAULTS)
Step = tuple[str, int, int, int]
ACTS = frozenset({"ack", "unack", "snooze", "escalate", "silence", "unsilence"})
ALWAYS = ("open", "open", "pass", "pass", "pass")
THEMES = (
    ("ack", "close", "unack"),
    ("ack", "snooze", "pass"),
    ("escalate", "ack", "close"),
    ("close", "close"),
    ("due", "ack"),
    ("due", "due", "pass"),
    ("priority", "ack"),
    ("move", "silence"),
    ("move", "maintain"),
    ("fault", "heal"),
    ("fault", "fault", "heal", "pass"),
    ("crash", "restart"),
    ("kill", "kill"),
    ("rename", "restart"),
    ("remove",),
    ("silence", "unsilence", "pass"),
    ("maintain", "pass"),
    ("outage", "back", "pass"),
    ("wall", "right", "pass"),
    ("sleep",),
    ("storm",),
)
"""What a story is about: a few of these together."""


def story(seed: int) -> list[Step]:
    """Return the steps of a seed."""
    chance = random.Random(seed)
    themes = chance.sample(THEMES, chance.randint(2, 5))
    names = [*ALWAYS, *(name for theme in themes for name in theme)]
    count = chance.randint(6, 16)
    steps = [
        (name, *(chance.randrange(60) for _ in range(3))) for name in chance.choices(names, k=count)
    ]
    return [("open", *(chance.randrange(60) for _ in range(3))), *steps]


class Teller:
    """Lets the steps of a story happen to a world, and asks the oracle after each look."""

    def __init__(self, world: World) -> None:
        self.world, self.oracle = world, Oracle(world)
        self.fired = world.fired

    async def tick(self, seconds: float = 60) -> None:
        await self.world.tick(seconds)
        self.oracle.look()

    async def live(self, looks: int, seconds: float = 60) -> None:
        for _ in range(looks):
            await self.tick(seconds)

    async def do(self, step: Step) -> None:
        name, *numbers = step
        store = self.world.connection
        # A process that ends amid what a person does leaves open whether it was done.
        waits, store.crash_in = store.crash_in, None if name in ACTS else store.crash_in
        await getattr(self, f"_{name}")(*numbers)
        store.crash_in = waits if name in ACTS else store.crash_in
        if name != "pass":
            await self.live(1 + sum(numbers) % 2, 20)

    def _ticket(self, number: int):
        tickets = [t for t in self.world.desk.tickets.values() if t.status == "Open"]
        return tickets[number % len(tickets)] if tickets else None

    def _breach(self, number: int):
        found = self.world.engine.tracker.incidents.all()
        return found[number % len(found)] if found else None

    # -- people and tickets --------------------------------------------------------------------

    async def _pass(self, looks: int, pace: int, _: int) -> None:
        await self.live(1 + looks % 4, (60, 100, 30)[pace % 3])

    async def _open(self, client: int, priority: int, minutes: int) -> None:
        due = timedelta(minutes=1 + minutes % 6)
        self.world.open_ticket(client % 2, PRIORITIES[priority % 4], due)

    async def _storm(self, client: int, priority: int, count: int) -> None:
        if len(self.world.desk.tickets) > 10:
            return
        for number in range(22 + count % 9):
            self.world.open_ticket(
                (client + number) % 2, PRIORITIES[(priority + number % 2) % 4], timedelta(minutes=2)
            )
        self.fired["storm"] += 1

    async def _close(self, number: int, *_: int) -> None:
        if ticket := self._ticket(number):
            self.world.change(ticket.id, status="Closed", resolved_at=self.world.now())

    async def _due(self, number: int, minutes: int, _: int) -> None:
        if ticket := self._ticket(number):
            due = self.world.now() + timedelta(minutes=minutes % 20 - 8)
            self.world.change(ticket.id, resolution_due=max(due, ticket.created_at))
            self.fired["a due time moved"] += 1

    async def _priority(self, number: int, priority: int, _: int) -> None:
        if ticket := self._ticket(number):
            self.world.change(ticket.id, priority=PRIORITIES[priority % 4])

    async def _move(self, number: int, *_: int) -> None:
        if ticket := self._ticket(number):
            there = 0 if ticket.client == CLIENTS[1].name else 1
            client = CLIENTS[there]
            site = str(11 + there)
            self.world.change(ticket.id, client_id=client.id, client=client.name, site_id=site)
            self.fired["a ticket moved"] += 1

    async def _act(self, number: int, act) -> bool:
        breach = self._breach(number)
        if breach is None:
            return False
        try:
            await act(breach.id)
        except NotAllowed:
            return False
        return True

    async def _ack(self, number: int, minutes: int, _: int) -> None:
        from tests.model.oracle import Taken

        breach, lasts = self._breach(number), timedelta(minutes=5 + minutes % 25)
        if await self._act(
            number, lambda one: self.world.service.acknowledge([one], None, "ada", lasts)
        ):
            self.oracle.taken[breach.ticket_id] = Taken("ada", self.world.now() + lasts)
            self.fired["acknowledged"] += 1

    async def _unack(self, number: int, *_: int) -> None:
        breach = self._breach(number)
        if await self._act(
            number, lambda one: self.world.service.unacknowledge([one], None, "ada")
        ):
            self.oracle.taken.pop(breach.ticket_id, None)

    async def _snooze(self, number: int, minutes: int, _: int) -> None:
        from tests.model.oracle import Taken

        breach, wall = self._breach(number), self.world.clock.now()
        until = wall + timedelta(minutes=2 + minutes % 20)
        if await self._act(
            number, lambda one: self.world.service.snooze([one], until, "later", "ada")
        ):
            self.oracle.taken[breach.ticket_id] = Taken("a snooze", until, snoozed=True)
            self.fired["snoozed"] += 1

    async def _escalate(self, number: int, *_: int) -> None:
        breach = self._breach(number)
        if await self._act(number, lambda one: self.world.service.escalate([one], None, "bob")):
            self.oracle.taken.pop(breach.ticket_id, None)
            self.fired["escalated"] += 1

    # -- faults --------------------------------------------------------------------------------

    async def _fault(self, place: int, kind: int, _: int) -> None:
        self.world.places[PLACES[place % 3]].fault = KINDS[kind % len(KINDS)]

    async def _heal(self, place: int, *_: int) -> None:
        self.world.places[PLACES[place % 3]].fault = ""

    async def _crash(self, statements: int, more: int, _: int) -> None:
        self.world.connection.crash_in = statements + 4 * more

    async def _kill(self, place: int, *_: int) -> None:
        one = self.world.places[PLACES[place % 3]]
        if not one.fault and one.name in self.world.names:
            one.at_next = lambda: None

    async def _restart(self, *_: int) -> None:
        await self.world.restart()

    async def _rename(self, place: int, *_: int) -> None:
        world, name = self.world, PLACES[place % 3]
        if world.names.get(name) == name and name != "sms":
            world.names[name] = f"new-{name}"
            world.renamed[name] = f"new-{name}"
            await world.restart()
            self.fired["renamed"] += 1

    async def _remove(self, place: int, *_: int) -> None:
        world, name = self.world, PLACES[place % 3]
        if name in world.names and len(world.names) == 3 and name != "sms":
            del world.names[name]
            await world.restart()
            self.fired["removed"] += 1

    async def _silence(self, client: int, minutes: int, _: int) -> None:
        name, wall = CLIENTS[client % 2].name, self.world.clock.now()
        end = wall + timedelta(minutes=3 + minutes % 15)
        await self.world.service.add_silence(Matcher(clients=(name,)), "work", end, "ada")
        self.oracle.silences.append((name, wall, end))
        self.fired["silence"] += 1

    async def _unsilence(self, *_: int) -> None:
        wall = self.world.clock.now()
        for silence in await self.world.store.silences.active(wall):
            await self.world.service.end_silence(silence.id, "ada")
        self.oracle.silences = [(c, b, min(e, wall)) for c, b, e in self.oracle.silences]

    async def _maintain(self, client: int, begin: int, minutes: int) -> None:
        wall = self.world.clock.now()
        at = wall + timedelta(minutes=begin % 8)
        self.world.maintain(client % 2, at, at + timedelta(minutes=2 + minutes % 12))
        await self.world.restart()
        self.fired["maintenance"] += 1

    async def _outage(self, *_: int) -> None:
        self.world.desk.down = True

    async def _back(self, *_: int) -> None:
        self.world.desk.down = False

    async def _wall(self, hours: int, *_: int) -> None:
        ahead = timedelta(hours=hours % 9 - 4)
        if abs(ahead) > timedelta(hours=1) and not self.world.desk.down:
            self.world.set_wall(ahead)
            self.fired["clock ahead" if ahead > timedelta() else "clock behind"] += 1

    async def _right(self, *_: int) -> None:
        self.world.set_wall(timedelta())

    async def _sleep(self, minutes: int, *_: int) -> None:
        await self.tick(60 * (3 + minutes % 40))
        self.fired["stood still"] += 1

    # -- the end -------------------------------------------------------------------------------

    async def waiting(self) -> list[OutboxMessage]:
        """What shall still be sent, but for what waits for the opening of the next day."""
        recent = await self.world.store.deliveries.recent(50)
        return [m for m in recent if m.state.owed and m.wait_reason is not WaitReason.QUIET_HOURS]

    async def settle(self, most: int, is_settled: Callable[[], bool]) -> None:
        """Let time pass until nothing waits and a condition holds, for so many looks at most."""
        for _ in range(most):
            await self.tick(100)
            if is_settled() and not await self.waiting():
                return

    async def end(self) -> None:
        """Let every fault end, and hold what is left against what is owed."""
        world = self.world
        for place in world.places.values():
            place.fault, place.at_next = "", None
        world.connection.crash_in = None
        world.desk.down = False
        world.set_wall(timedelta())
        await self.settle(16, lambda: not self.oracle.is_owed())
        for ticket in list(world.desk.tickets.values()):
            if ticket.status == "Open":
                world.change(ticket.id, status="Closed", resolved_at=world.now())
        flapped = any(len(times) >= 3 for times in self.oracle.breaks.values())
        await self.settle(26 if flapped else 10, lambda: not self.oracle.left_open())
        self.oracle.at_the_end()
        if left := await self.waiting():
            raise DifferenceError(
                f"still waits at the end: {[(m.key, m.state, m.why) for m in left]}"
            )


async def tell(steps: Sequence[Step]) -> Counter:
    """Let a story happen; return which faults fired in it."""
    world = await World().open()
    teller = Teller(world)
    try:
        for step in steps:
            await teller.do(step)
        await teller.end()
    finally:
        world.room.dispatcher.close()
    for place in world.places.values():
        world.fired.update(place.fired)
    world.fired["outage"] += world.desk.refusals > 0
    return world.fired


async def fault_of(steps: Sequence[Step]) -> str | None:
    """Return what goes wrong in a story; None: nothing does."""
    try:
        await tell(steps)
    except Exception as error:  # noqa: BLE001 - whatever it is, the story shows it
        return f"{type(error).__name__}: {error}"
    return None


async def shortened(steps: Sequence[Step]) -> list[Step]:
    """Return as few of the steps as go wrong all the same."""
    left, size = list(steps), max(1, len(steps) // 2)
    while size:
        at = 0
        while at < len(left):
            fewer = left[:at] + left[at + size :]
            if fewer and await fault_of(fewer):
                left = fewer
            else:
                at += size
        size //= 2
    return left
