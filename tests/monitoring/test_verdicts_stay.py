"""Whatever happens to tickets after their verdicts fell, these stay, and so do the sums of a month."""

import random
from collections import Counter
from datetime import UTC, datetime

import pytest

from sla_console.domain.sla.breach import BreachType
from sla_console.domain.sla.calendar import BusinessCalendar
from sla_console.domain.sla.verdict import in_force
from sla_console.simulator.desk import DeskClient

SEEDS = range(5)
CHANGES = (
    "rename", "priority", "move", "sla", "subject", "reopen", "vanish", "due", "technician",
)  # fmt: skip
STEPS = 14


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-10-{text}").replace(tzinfo=UTC)


async def look(console) -> None:
    console.engine.sync.ask_now()
    await console.sync()


async def in_force_now(console, desk) -> dict:
    found = {}
    for ticket in desk.tickets.values():
        found |= in_force(await console.store.verdicts.for_ticket(ticket.id))
    return found


def facts(verdicts: dict) -> dict:
    """What of a verdict must never change; a stop that comes later is added."""
    return {key: (one.outcome, one.due, one.fell_at, one.revision) for key, one in verdicts.items()}


def months(verdicts: dict) -> Counter:
    return Counter((one.due.year, one.due.month, str(one.outcome)) for one in verdicts.values())


def happens(chance: random.Random, desk, tickets, now: datetime) -> None:
    """Let something happen to one ticket, as people and administrators do it."""
    ticket = chance.choice(tickets)
    match chance.choice(CHANGES):
        case "rename":
            ticket.client.name = f"Harbour {chance.randrange(100)}"
        case "priority":
            desk.set_priority(ticket, chance.choice(desk.priorities), now)
        case "move":
            ticket.client = chance.choice(list(desk.clients.values()))
        case "sla":
            ticket.sla = ticket.response_due = ticket.resolution_due = None
        case "subject":
            ticket.subject = f"Another {chance.randrange(100)}"
        case "reopen" if not desk.is_open(ticket):
            desk.set_status(ticket, "Open", now)
        case "vanish":
            ticket.deleted = not ticket.deleted
        case "due":
            ticket.resolution_due = now.replace(day=28)
        case _:
            ticket.technician = desk.technicians["9"]
    ticket.updated = now


@pytest.mark.parametrize("seed", SEEDS)
async def test_verdicts_and_sums_stay(begin, clock, desk, seed) -> None:
    """Six tickets: two met, two stopped late, two overdue; then fourteen changes and restarts."""
    chance = random.Random(seed)
    desk.clients["8"] = DeskClient("8", "Night", "18", "UTC", (), BusinessCalendar.always())
    console = await begin(warn_at=())
    tickets = [desk.open(f"T{number}", clock.now()) for number in range(6)]
    await look(console)
    for moment, some in (("12T09:30", tickets[:2]), ("12T13:30", tickets[2:4])):
        clock.set(at(moment))
        await console.engine.tracker.process(clock.now())
        for ticket in some:
            desk.set_status(ticket, "Resolved", clock.now())
        await look(console)
    before = await in_force_now(console, desk)
    assert len(before) == 12, "both targets of each have fallen"
    for _ in range(STEPS):
        clock.advance(minutes=chance.randrange(5, 300))
        happens(chance, desk, tickets, clock.now())
        if chance.random() < 0.3:
            console = await begin(warn_at=())  # after a restart, or at another machine
        await look(console)
        await console.engine.tracker.process(clock.now())
        after = await in_force_now(console, desk)
        assert facts({key: after[key] for key in before}) == facts(before)
        assert months({key: after[key] for key in before}) == months(before)
    missed = [key for key, one in before.items() if key[1] is BreachType.RESOLUTION and one.outcome == "missed"]  # fmt: skip
    assert not [key for key in after if key[2] > 1 and (*key[:2], 1) in missed], "counted once"
