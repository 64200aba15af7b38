"""A living desk: tickets arrive, are answered, wait, change hands, come back and are resolved.

Every choice is drawn from one seeded generator in an order that the event queue fixes, so the same
seed, size and start give the same desk.
"""

import random
from copy import copy
from datetime import datetime, timedelta
from typing import Final

from sla_console.domain.sla.calendar import WEEKDAYS, BusinessCalendar
from sla_console.simulator import names
from sla_console.simulator.desk import (
    DeskClient,
    DeskTechnician,
    DeskTicket,
    Event,
    SimulatedDesk,
    Target,
)
from sla_console.simulator.records import keep_records

STATUSES: Final = (
    "Open",
    "In Progress",
    "Customer Replied",
    "On Hold",
    "Waiting on customer",
    "Waiting on third party",
    "Resolved",
    "Closed",
)
HOLDS: Final = ("On Hold", "Waiting on customer", "Waiting on third party")
CLOSED: Final = ("Resolved", "Closed")
PRIORITIES: Final = ("Critical", "High", "Medium", "Low")
_WEIGHTS: Final = (6, 22, 50, 22)
_TARGETS: Final = {
    "Standard SLA": {"Critical": (0.5, 4), "High": (1, 8), "Medium": (4, 24), "Low": (8, 40)},
    "VIP SLA": {"Critical": (0.25, 2), "High": (0.5, 4), "Medium": (2, 12), "Low": (4, 24)},
}
_PAST_DAYS: Final = 75
_PAST_EACH, _PAST_MOST = 8, 1600
"""Tickets that are over, for each that is open, and at most."""
_DAYS: Final = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY")
# Share of a day's arrivals in each hour of UTC; they come from whoever is at work then.
_PROFILE: Final = (1, 1, 1, 1, 1, 2, 5, 10, 16, 20, 18, 15, 12, 14, 16, 14, 11, 7, 4, 3, 2, 2, 1, 1)


def build_desk(seed: int, tickets: int, start: datetime) -> SimulatedDesk:
    """Return a desk that has ``tickets`` open tickets at ``start`` and lives on from there.

    Args:
        seed: The same seed gives the same desk.
        tickets: How many are open at the start.
        start: Aware UTC.
    """
    desk = SimulatedDesk(start, STATUSES, HOLDS, CLOSED, PRIORITIES)
    life = _Life(desk, random.Random(seed))
    life.people()
    for place in range(tickets):
        life.standing(place, start)
    for place in range(min(60, tickets)):
        life.finished(place, start)
    life.arrivals(start, tickets)
    keep_records(desk, seed)
    # Chances of its own, so that a desk lives on the same with more past or less.
    past = copy(life)
    past.chance = random.Random(f"the past of {seed}")
    for _ in range(min(tickets * _PAST_EACH, _PAST_MOST)):
        past.closed(start)
    return desk


class _Life:
    def __init__(self, desk: SimulatedDesk, chance: random.Random) -> None:
        self.desk = desk
        self.chance = chance
        self.number = 60_000
        self.clients: list[DeskClient] = []
        self.technicians: list[DeskTechnician] = []

    def people(self) -> None:
        """Make the groups, technicians, clients and promises."""
        desk = self.desk
        groups = [desk.new_id() for _ in names.GROUPS]
        desk.groups = dict(zip(groups, names.GROUPS, strict=True))
        for place, name in enumerate(names.TECHNICIANS):
            technician = DeskTechnician(desk.new_id(), name, groups[place % len(groups)])
            desk.technicians[technician.id] = technician
            self.technicians.append(technician)
        for name in _TARGETS:
            desk.slas[sla := desk.new_id()] = name
            for priority, (response, resolution) in _TARGETS[name].items():
                desk.targets[sla, priority] = Target(response, resolution)
        for name, zone, opens, closes in names.CLIENTS:
            self._client(name, zone, opens, closes)

    def _client(self, name: str, zone: str, opens: str | None, closes: str | None) -> None:
        desk = self.desk
        hours: tuple[tuple[str, str, str], ...] = ()
        if opens is None or closes is None:
            calendar = BusinessCalendar.always()
        else:
            calendar = BusinessCalendar(zone, {day: [(opens, closes)] for day in WEEKDAYS[:5]})
            hours = tuple((day, opens, closes) for day in _DAYS)
        requesters = tuple((desk.new_id(), self._person()) for _ in range(5))
        client = DeskClient(desk.new_id(), name, desk.new_id(), zone, hours, calendar, requesters)
        desk.clients[client.id] = client
        self.clients.append(client)

    def _person(self) -> str:
        return f"{self.chance.choice(names.FIRST_NAMES)} {self.chance.choice(names.LAST_NAMES)}"

    def _ticket(self, created: datetime, client: DeskClient | None = None) -> DeskTicket:
        chance, desk = self.chance, self.desk
        self.number += 1
        client = client or chance.choice(self.clients)
        priority = chance.choices(PRIORITIES, _WEIGHTS)[0]
        category, template = chance.choice(names.SUBJECTS)
        subject = template.format(
            place=chance.choice(names.PLACES), person=self._person(), n=chance.randrange(1, 80)
        )
        slas = list(desk.slas.items())
        sla: tuple[str, str] | None = slas[chance.random() < 0.25]
        if chance.random() < 0.02:
            sla = None
        ticket = DeskTicket(
            id=desk.new_id(),
            number=str(self.number),
            subject=subject,
            client=client,
            requester=chance.choice(client.requesters),
            request_type=chance.choices(("Incident", "Service Request"), (3, 1))[0],
            source=chance.choices(("EMAIL", "PHONE", "FORM", "AGENT"), (5, 2, 2, 1))[0],
            status="Open",
            priority=priority if chance.random() > 0.01 else None,
            sla=sla,
            group_id=chance.choice(list(desk.groups)),
            technician=None,
            created=created,
            updated=created,
            category=category,
        )
        ticket.conversations.append(
            {
                "conversationId": desk.new_id(),
                "type": "DESCRIPTION",
                "time": created,
                "user": {"userId": ticket.requester[0], "name": ticket.requester[1]},
                "content": f"<p>{subject}.</p><p>Since this morning; please call me back.</p>",
                "toUsers": [],
            }
            if ticket.requester
            else {}
        )
        return desk.add(ticket)

    def standing(self, place: int, start: datetime) -> None:
        """Make a ticket that is open at the start, with a believable past."""
        chance, desk = self.chance, self.desk
        near, overdue = place % 7 == 0, place % 25 == 3
        awake = [client for client in self.clients if client.calendar.is_open(start)]
        ticket = self._ticket(
            start - timedelta(hours=chance.expovariate(1 / 30)),
            chance.choice(awake) if near or overdue else None,
        )
        if place < len(names.ODD_SUBJECTS):
            ticket.subject = names.ODD_SUBJECTS[place]
        if chance.random() < 0.8:
            desk.assign(ticket, chance.choice(self.technicians), ticket.created)
        if near:
            self._due_soon(ticket, start, response=ticket.technician is None)
        elif overdue:
            self._overdue(ticket, start)
        else:
            self._so_far(ticket, start)
        seen = start - timedelta(minutes=chance.expovariate(1 / 240))
        ticket.updated = max(ticket.created, ticket.responded or ticket.created, seen)
        if chance.random() < 0.14 and not near:
            desk.set_status(ticket, chance.choice(HOLDS), ticket.updated)
        self._plan(ticket, start)

    def _so_far(self, ticket: DeskTicket, start: datetime) -> None:
        """Answer most tickets, and leave but a few late."""
        chance, desk = self.chance, self.desk
        due = ticket.response_due
        if due is not None and (start > due or chance.random() < 0.75):
            late = 1.3 if chance.random() < 0.04 else 1.0
            answered = ticket.created + (due - ticket.created) * chance.uniform(0.1, 0.95) * late
            if answered < start:
                desk.answer(ticket, answered)
                ticket.status = "In Progress"
        if ticket.resolution_due is None:
            return
        if ticket.resolution_due < start and chance.random() < 0.93:
            promised = ticket.resolution_due
            calendar = ticket.client.calendar if ticket.client else BusinessCalendar.always()
            ticket.resolution_due = calendar.add(start, timedelta(minutes=chance.uniform(20, 1200)))
            if ticket.client is not None:
                # A hold in its past explains the later moment, also after a change of priority.
                waited = ticket.client.calendar.open_time(promised, ticket.resolution_due)
                ticket.resolution_waited = waited

    def _due_soon(self, ticket: DeskTicket, start: datetime, *, response: bool) -> None:
        """Put a due time into the next minutes, the first within one; the rest of its life fits."""
        chance, desk = self.chance, self.desk
        due = start + timedelta(seconds=chance.uniform(25, 1500))
        age = timedelta(minutes=45) if response else timedelta(hours=4)
        ticket.created = ticket.updated = due - age * chance.uniform(1.0, 1.5)
        if ticket.technician is not None:
            desk.assign(ticket, ticket.technician, ticket.created)
        desk.promise(ticket)
        if response:
            ticket.response_due = due
            return
        ticket.resolution_due = due
        if ticket.response_due is not None:
            wait = (ticket.response_due - ticket.created) * chance.uniform(0.2, 0.9)
            desk.answer(ticket, min(ticket.created + wait, start))
            ticket.status = "In Progress"

    def _overdue(self, ticket: DeskTicket, start: datetime) -> None:
        """Leave a ticket answered but late, so that every desk has some, at any hour of the week."""
        chance, desk = self.chance, self.desk
        due = start - timedelta(minutes=chance.uniform(5, 240))
        ticket.created = ticket.updated = due - timedelta(hours=chance.uniform(5, 30))
        if ticket.technician is not None:
            desk.assign(ticket, ticket.technician, ticket.created)
        desk.promise(ticket)
        desk.answer(ticket, ticket.created + timedelta(minutes=chance.uniform(2, 12)))
        ticket.status = "In Progress"
        ticket.resolution_due = due

    def finished(self, place: int, start: datetime) -> None:
        """Make a ticket that was resolved in the last days, for the technicians' figures."""
        chance, desk = self.chance, self.desk
        ticket = self._ticket(start - timedelta(hours=chance.uniform(30, 200)))
        desk.assign(ticket, self.technicians[place % len(self.technicians)], ticket.created)
        for due, stop in ((ticket.response_due, "answer"), (ticket.resolution_due, "resolve")):
            if due is None:
                continue
            share = chance.uniform(0.2, 1.15)
            at = min(ticket.created + (due - ticket.created) * share, start)
            if stop == "answer":
                desk.answer(ticket, at)
            else:
                desk.set_status(ticket, "Resolved", max(at, ticket.responded or at))
        desk.set_status(ticket, "Resolved", start)

    def closed(self, start: datetime) -> None:
        """Make a ticket of the last weeks that is over; the desk has got a little better since."""
        chance, desk = self.chance, self.desk
        ago = 0.0
        created = start
        while created == start or chance.random() > _PROFILE[created.hour] / max(_PROFILE):
            ago = chance.uniform(1.5, _PAST_DAYS)
            created = start - timedelta(days=ago)
        ticket = self._ticket(created)
        desk.assign(ticket, chance.choice(self.technicians), created)
        answered = self._kept(ticket, ticket.response_due, 0.05 + 0.1 * ago / _PAST_DAYS)
        resolved = self._kept(ticket, ticket.resolution_due, 0.08 + 0.14 * ago / _PAST_DAYS)
        desk.answer(ticket, min(answered, resolved, start))
        desk.set_status(ticket, "Resolved", min(resolved, start))

    def _kept(self, ticket: DeskTicket, due: datetime | None, late: float) -> datetime:
        """Return when a promise was kept, or broken by so great a chance."""
        chance = self.chance
        share = chance.uniform(1.05, 2.0) if chance.random() < late else chance.triangular(0.05, 1)
        return ticket.created + ((due or ticket.created) - ticket.created) * share

    def arrivals(self, start: datetime, tickets: int) -> None:
        """Let tickets arrive from now on, about as many a day as are open."""
        self._next_arrival(start, max(tickets, 24) * 0.9)

    def _next_arrival(self, after: datetime, per_day: float) -> None:
        rate = per_day / 86_400 * _PROFILE[after.hour] * 24 / sum(_PROFILE)
        moment = after + timedelta(seconds=self.chance.expovariate(rate))

        def arrive(desk: SimulatedDesk, at: datetime) -> None:
            awake = [c for c in self.clients if c.calendar.is_open(at)]
            client = self.chance.choice(awake or self.clients)
            self._plan(self._ticket(at, client), at)
            _ = desk
            self._next_arrival(at, per_day)

        self.desk.at(moment, arrive)

    def _plan(self, ticket: DeskTicket, now: datetime) -> None:
        """Decide what will happen to an open ticket from now on."""
        chance, desk = self.chance, self.desk
        at = now
        if ticket.technician is None and chance.random() < 0.9:
            at += timedelta(minutes=chance.expovariate(1 / 12))
            desk.at(at, self._taken(ticket, chance.choice(self.technicians)))
        if ticket.responded is None:
            due = ticket.response_due or now + timedelta(hours=4)
            span = max(due - now, timedelta(minutes=10))
            desk.at(at + span * chance.betavariate(1.6, 2.4) * 1.25, self._answered(ticket))
        calendar = ticket.client.calendar if ticket.client else BusinessCalendar.always()
        due = ticket.resolution_due or now + timedelta(hours=30)
        work = max(calendar.open_time(now, due), timedelta(minutes=30))
        end = calendar.add(now, work * chance.betavariate(1.8, 2.2) * 1.35)
        if ticket.held_since is not None:
            back = calendar.add(now, timedelta(hours=chance.expovariate(1 / 5)))
            desk.at(back, self._moved(ticket, "Customer Replied"))
            end = max(end, back + timedelta(minutes=20))
        elif chance.random() < 0.25:
            pause = now + (end - now) * chance.uniform(0.2, 0.6)
            back = calendar.add(pause, timedelta(hours=chance.expovariate(1 / 4)))
            desk.at(pause, self._moved(ticket, chance.choice(HOLDS)))
            desk.at(back, self._moved(ticket, "Customer Replied"))
            end += back - pause
        if chance.random() < 0.12:
            desk.at(
                now + (end - now) * chance.uniform(0.1, 0.9),
                self._taken(ticket, chance.choice(self.technicians)),
            )
        if chance.random() < 0.05:
            desk.at(
                now + (end - now) * chance.uniform(0.05, 0.5),
                self._reprioritised(ticket, chance.choice(PRIORITIES)),
            )
        desk.at(end, self._moved(ticket, "Resolved"))
        if chance.random() < 0.06:
            back = calendar.add(end, timedelta(hours=chance.expovariate(1 / 6)))
            desk.at(back, self._reopened(ticket))

    def _taken(self, ticket: DeskTicket, technician: DeskTechnician) -> Event:
        def event(desk: SimulatedDesk, at: datetime) -> None:
            if desk.is_open(ticket):
                desk.assign(ticket, technician, at)

        return event

    def _answered(self, ticket: DeskTicket) -> Event:
        def event(desk: SimulatedDesk, at: datetime) -> None:
            if desk.is_open(ticket) and ticket.responded is None:
                desk.answer(ticket, at)
                self._reply(ticket, at)
                if ticket.held_since is None:
                    desk.set_status(ticket, "In Progress", at)

        return event

    def _reply(self, ticket: DeskTicket, at: datetime) -> None:
        who = ticket.technician or self.technicians[0]
        ticket.conversations.append(
            {
                "conversationId": self.desk.new_id(),
                "type": "TECH_REPLY",
                "time": at,
                "user": {"userId": who.id, "name": who.name},
                "content": "<p>Thank you, we are on it and will call you back.</p>",
                "toUsers": [],
            }
        )

    def _moved(self, ticket: DeskTicket, status: str) -> Event:
        def event(desk: SimulatedDesk, at: datetime) -> None:
            if desk.is_open(ticket):
                desk.set_status(ticket, status, at)

        return event

    def _reprioritised(self, ticket: DeskTicket, priority: str) -> Event:
        def event(desk: SimulatedDesk, at: datetime) -> None:
            if desk.is_open(ticket):
                desk.set_priority(ticket, priority, at)

        return event

    def _reopened(self, ticket: DeskTicket) -> Event:
        def event(desk: SimulatedDesk, at: datetime) -> None:
            if not ticket.deleted and ticket.status == "Resolved":
                # The old resolution time stays, as seen on real accounts.
                desk.set_status(ticket, "Customer Replied", at)
                desk.at(
                    at + timedelta(hours=self.chance.uniform(1, 20)), self._moved(ticket, "Closed")
                )

        return event
