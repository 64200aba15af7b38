"""What must have been told to whom by when, worked out from the story alone.

Nothing of the product is asked: the oracle knows tickets as SuperOps told them last, what people
did, which faults are on, and what arrived where. A breach is owed to each place of the rule, by
itself or by its fallback, from the moment at which it is broken and nobody's; the time stands still
while a good reason lasts.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sla_console.domain.alerts.alert import AlertEvent, Notification
from sla_console.domain.tickets.ticket import Ticket
from tests.model.receivers import Arrival
from tests.model.world import CLIENTS, CLOSES, OPENS, START, STORM, World

RANKS = {"Low": 0, "Medium": 1, "High": 2, "Critical": 3}
BROKEN = frozenset({AlertEvent.BREACH, AlertEvent.ESCALATION, AlertEvent.REMINDER})
SECOND = timedelta(seconds=1)
BOUND = 300.0
"""Seconds in which a place that works has it: a group's interval, and two looks of a minute."""
BOUND_URGENT = 200.0
BOUND_FALLBACK = 720.0
"""Seconds in which the fallback has it: five minutes more, and what its group had to wait."""
BOUND_AFTER_FAULTS = 1500.0
"""Seconds in which it is there after both did not work: the longest pause and the longest retry."""
LONG = 1500.0


@dataclass
class Taken:
    """Somebody has a breach, or put it off."""

    by: str
    until: datetime
    """By time that passed; of a snooze by the wall clock."""
    snoozed: bool = False


@dataclass
class Debt:
    """What is owed to one place about one broken promise."""

    from_moment: float
    """What arrives earlier does not count."""
    runs_since: float | None = None
    """Since when there is no reason not to have told it; None: there is one."""


@dataclass
class Broken:
    """One promise that is broken, as far as SuperOps told."""

    due: datetime
    debts: dict[str, Debt] = field(default_factory=dict)


class DifferenceError(AssertionError):
    """The console did what it should not, or did not what it should."""


class Oracle:
    """Holds what arrived against what should have."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.known: dict[str, Ticket] = {}
        self.broken: dict[str, Broken] = {}
        self.taken: dict[str, Taken] = {}
        self.breaks: dict[str, list[float]] = {}
        self.open_at: dict[tuple[str, str], str] = {}
        """What each place believes to be broken, by place and ticket: the key that said so."""
        self.keys: set[tuple[str, str]] = set()
        self.read = Counter()
        self.silences: list[tuple[str, datetime, datetime]] = []
        """Client, begin and end by the wall clock."""
        self.bad_since: dict[str, float] = {}
        self.bad_until: dict[str, float] = {}
        self.down_since: float | None = None
        self.looked_at = 0.0

    # -- what is so ----------------------------------------------------------------------------

    def muted(self, ticket: Ticket) -> bool:
        wall = self.world.clock.now()
        windows = [
            (window.matcher.clients[0], window.when.start, window.when.end)
            for window in self.world.windows
        ]
        naive = wall.replace(tzinfo=None)
        return any(
            client == ticket.client and begin <= wall < end for client, begin, end in self.silences
        ) or any(client == ticket.client and begin <= naive < end for client, begin, end in windows)

    def quiet(self, ticket: Ticket, at: datetime | None = None) -> bool:
        """Whether the client's hours keep back what is not urgent."""
        at = at or self.world.clock.now()
        clock = (at.hour, at.minute)
        closed = ticket.client == CLIENTS[1].name and not OPENS <= clock < CLOSES
        return closed and RANKS[ticket.priority or ""] < RANKS["High"]

    def is_broken(self, ticket: Ticket, seconds: float | None = None) -> bool:
        at = self.world.now() if seconds is None else START + timedelta(seconds=seconds)
        return ticket.status == "Open" and ticket.resolution_due < at

    def has(self, ticket_id: str) -> Taken | None:
        taken = self.taken.get(ticket_id)
        if taken is None:
            return None
        now = self.world.clock.now() if taken.snoozed else self.world.now()
        return taken if now < taken.until else None

    # -- each look -----------------------------------------------------------------------------

    def look(self) -> None:
        """Take in what happened since the last look, and complain."""
        self._learn()
        for place in self.world.places.values():
            for arrival in place.arrived[self.read[place.name] :]:
                self._arrived(arrival)
            self.read[place.name] = len(place.arrived)
            self._not_too_many(place.name)
        self._owed()
        self.looked_at = self.world.seconds()

    def _learn(self) -> None:
        world, now = self.world, self.world.seconds()
        if world.desk.down:
            self.down_since = now if self.down_since is None else self.down_since
        else:
            self.down_since = None
            known = dict(world.desk.tickets)
            for ticket_id, ticket in known.items():
                self._changed(self.known.get(ticket_id), ticket)
            self.known = known
        for name, place in world.places.items():
            if place.fault:
                self.bad_since.setdefault(name, now)
                self.bad_until[name] = now
            else:
                self.bad_since.pop(name, None)
        for ticket_id, taken in list(self.taken.items()):
            if self._judges() and not self.has(ticket_id):
                self._nobodys(ticket_id)
                del self.taken[ticket_id]
                del taken
        for ticket_id, ticket in self.known.items():
            if not self.is_broken(ticket):
                if self.broken.pop(ticket_id, None) is not None:
                    self.taken.pop(ticket_id, None)
            elif self._judges() and ticket_id not in self.broken:
                self._breaks(ticket)

    def _changed(self, old: Ticket | None, new: Ticket) -> None:
        broken = self.broken.get(new.id)
        if old is None or broken is None:
            return
        if new.status != "Open":
            self.broken.pop(new.id)
            self.taken.pop(new.id, None)
            return
        if RANKS[new.priority] > RANKS[old.priority] and new.id in self.taken:
            del self.taken[new.id]
            self._nobodys(new.id)
        if abs(new.resolution_due - broken.due) >= SECOND:
            if new.id in self.taken and self.is_broken(new):
                broken.due = new.resolution_due  # whoever has it keeps it
                self.breaks[new.id].append(self.world.seconds())
            else:
                self.broken.pop(new.id)
                self.taken.pop(new.id, None)

    def _breaks(self, ticket: Ticket) -> None:
        now = self.world.seconds()
        self.breaks.setdefault(ticket.id, []).append(now)
        self.broken[ticket.id] = Broken(ticket.resolution_due)
        self._nobodys(ticket.id)

    def _nobodys(self, ticket_id: str) -> None:
        """Somebody is to hear of a breach, or to hear of it again."""
        broken = self.broken.get(ticket_id)
        if broken is not None:
            broken.debts = {place: Debt(self.looked_at) for place in ("team", "pager")}

    def _judges(self) -> bool:
        return abs(self.world.desk.skew) < timedelta(hours=1)

    def flaps(self, ticket_id: str) -> bool:
        now = self.world.seconds()
        return sum(now - at <= 5400 for at in self.breaks.get(ticket_id, ())) >= 3

    # -- what arrived --------------------------------------------------------------------------

    def _arrived(self, arrival: Arrival) -> None:
        message = arrival.message
        self._is_no_hidden_repeat(arrival)
        for notification in told(message.notification):
            ticket = self.known.get(notification.ticket_id or "")
            if ticket is None:
                continue
            self._is_true(arrival, notification, ticket)
            self._may_be_told(arrival, notification, ticket)
            place = (arrival.place, ticket.id)
            if notification.event is AlertEvent.RECOVERY:
                self._follows_an_alert(arrival, notification)
                self.open_at.pop(place, None)
            elif notification.event in BROKEN:
                self.open_at[place] = message.key
                self._pay(arrival, ticket.id)
            elif arrival.place == "pager" and message.event is AlertEvent.WARNING:
                self.open_at.setdefault(place, message.key)

    def _is_no_hidden_repeat(self, arrival: Arrival) -> None:
        key = (arrival.place, arrival.message.key)
        if key in self.keys and "may be a repeat" not in arrival.message.body:
            self._wrong(f"{arrival.message.key} came to {arrival.place} twice without saying so")
        self.keys.add(key)

    def _is_true(self, arrival: Arrival, one: Notification, ticket: Ticket) -> None:
        what = f"{arrival.place} was told at {arrival.at / 60:.1f}: {one.event} of {ticket.id}"
        same_due = one.due is not None and abs(one.due - ticket.resolution_due) < SECOND
        if one.event is AlertEvent.WARNING:
            broken = self.is_broken(ticket, arrival.at)
            if ticket.status != "Open" or broken or not same_due:
                self._wrong(f"{what}, which is not soon due")
        elif one.event in BROKEN:
            if not self.is_broken(ticket, arrival.at):
                self._wrong(f"{what}, which is not broken")
            if not same_due:
                self._wrong(f"{what}, which was due at another time")
            reminds = one.event is AlertEvent.REMINDER and one.by is not None
            if self.has(ticket.id) and not reminds:
                self._wrong(f"{what}, which {self.has(ticket.id).by} has")
        elif one.event is AlertEvent.RECOVERY and same_due and self.is_broken(ticket):
            self._wrong(f"{what}, which is broken")

    def _may_be_told(self, arrival: Arrival, one: Notification, ticket: Ticket) -> None:
        if one.event is AlertEvent.RECOVERY or one.by_hand:
            return
        what = f"{arrival.place} was told at {arrival.at / 60:.1f}: {one.event} of {ticket.id}"
        if self.muted(ticket):
            self._wrong(f"{what}, which is muted")
        began = arrival.message.created_at
        if (
            self.quiet(ticket)
            and self.quiet(ticket, began)
            and not self._changed_since(one, ticket)
        ):
            self._wrong(f"{what}, in the client's quiet hours")
        down = self.down_since
        due = (ticket.resolution_due - self.world.now()).total_seconds() + self.world.seconds()
        if down is not None and self.world.seconds() - down > 300 and due > down + 300:
            self._wrong(f"{what}, which follows from old data")

    def _changed_since(self, one: Notification, ticket: Ticket) -> bool:
        """Whether the hours would have decided otherwise when it was planned."""
        moved = one.client != ticket.client or one.moved_from is not None
        return moved or one.priority != ticket.priority

    def _follows_an_alert(self, arrival: Arrival, one: Notification) -> None:
        known = (arrival.place, one.ticket_id) in self.open_at
        again = "may be a repeat" in arrival.message.body
        what = f"{arrival.place} was told at {arrival.at / 60:.1f} that {one.ticket_id} is over"
        tried = one.thread in self.world.places[arrival.place].tried
        flapped = (one.reason or "").startswith("it came and went")
        if not known and not one.first_told and not again and not tried and not flapped:
            self._wrong(f"{what}, and never that it was broken")

    def _pay(self, arrival: Arrival, ticket_id: str) -> None:
        broken = self.broken.get(ticket_id)
        for place, debt in list(broken.debts.items() if broken else ()):
            if arrival.place in {place, "sms"} and arrival.at > debt.from_moment:
                del broken.debts[place]

    def _not_too_many(self, name: str) -> None:
        place = self.world.places[name]
        now = self.world.seconds()
        lately = [
            one
            for one in place.arrived[-60:]
            if now - one.at < 60
            and one.message.event not in {AlertEvent.MONITOR, AlertEvent.TEST}
            and not (place.incidents and one.message.ends_incident)
        ]
        if len(lately) > STORM:
            self._wrong(f"{len(lately)} messages came to {name} within a minute")

    # -- what did not arrive -------------------------------------------------------------------

    def _owed(self) -> None:
        now = self.world.seconds()
        for ticket_id, broken in self.broken.items():
            ticket = self.known[ticket_id]
            waits = (
                self.has(ticket_id) is not None
                or self.muted(ticket)
                or self.quiet(ticket)
                or self.flaps(ticket_id)
                or self.down_since is not None
                or not self._judges()
            )
            for place, debt in list(broken.debts.items()):
                if place not in self.world.names:
                    del broken.debts[place]
                elif waits or (self._bad(place) and self._bad("sms")):
                    debt.runs_since = None
                else:
                    self._runs(debt, place, ticket, now)

    def _runs(self, debt: Debt, place: str, ticket: Ticket, now: float) -> None:
        if debt.runs_since is None or now - self.looked_at > 120:
            debt.runs_since = now  # a process that stands still cannot be asked for more
        waited, bound = now - debt.runs_since, self._bound(place, ticket, debt)
        if waited > bound:
            self._wrong(
                f"{ticket.id} is broken since {ticket.resolution_due:%H:%M}, and {place} has not "
                f"heard of it for {waited:.0f} s"
            )

    def _bound(self, place: str, ticket: Ticket, debt: Debt) -> float:
        began = (debt.runs_since or 0.0) - LONG
        lately = [name for name in (place, "sms") if self.bad_until.get(name, -1e9) > began]
        if "sms" in lately and place in lately:
            return BOUND_AFTER_FAULTS
        if place in lately:
            return BOUND_FALLBACK
        return BOUND_URGENT if ticket.priority == "Critical" else BOUND

    def _bad(self, place: str) -> bool:
        return place in self.bad_since

    # -- the end -------------------------------------------------------------------------------

    def is_owed(self) -> bool:
        """Whether somebody has yet to hear of something that is broken."""
        return any(
            debt.runs_since is not None
            for broken in self.broken.values()
            for debt in broken.debts.values()
        )

    def left_open(self) -> str | None:
        """What somebody still believes to be broken, or a pager has open; None: nothing."""
        for (place, ticket_id), key in self.open_at.items():
            if place in self.world.names:
                return f"{place} was told by {key} of {ticket_id}, and not that it is over"
        left = self.world.places["pager"].open
        return f"open at the pager: {left}" if "pager" in self.world.names and left else None

    def at_the_end(self) -> None:
        """All tickets are closed, all faults are over, and time enough has passed."""
        if left := self.left_open():
            self._wrong(left)

    def _wrong(self, words: str) -> None:
        raise DifferenceError(words)


def told(notification: Notification | None) -> Iterator[Notification]:
    """Each thing that a message tells."""
    if notification is not None:
        yield from notification.members or (notification,)
