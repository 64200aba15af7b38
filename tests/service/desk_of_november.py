"""A month that holds one of everything, on disk: what each surface says of it is worked out below.

November 2026 in UTC; every hour counts, the due times are SuperOps', now is midnight after it.

========  ==========  =======================  ==========================================  =======
ticket    client      due                      what happened                               outcome
========  ==========  =======================  ==========================================  =======
HELD      Acme        10 Nov 12:00             held for two days, resolved in time by Ada   met
AGAIN     Kestrel     20 Oct 12:00 (cycle 1)   resolved in time by Ben                      met
AGAIN     Kestrel     12 Nov 12:00 (cycle 2)   reopened in November, resolved late by Ben   missed
HANDED    Acme        5 Nov 12:00              from 08:00 Ada's, from 11:00 Ben's, late     missed
DOUBT     Kestrel     15 Nov 12:00             Ada's; nobody knows when it ended            doubt
EARLY     Acme        1 Nov 00:00              resolved by Ben on 31 October                met
BEFORE    Acme        31 Oct 23:59:59          Ada's, late                                  missed
AFTER     Acme        1 Dec 00:00:02           resolved by Ben on 30 November               met
OLD       Kestrel     20 Nov 12:00             created 14 months before, Ada's, 8 h late    missed
OWED      Acme        25 Nov 12:00             nobody's, open still, no verdict yet         missed
WAITS     Kestrel     27 Nov 12:00             Ben's, on hold since the 26th                open
ANSWERED  Acme        18 Nov 12:00             only a first response, answered by Ada       met
========  ==========  =======================  ==========================================  =======

In November: 9 tickets; met HELD, EARLY, ANSWERED; missed AGAIN (cycle 2), HANDED, OLD, OWED.
Acme, which was called Acme Ltd until HANDED: 3 met, 2 missed. Kestrel: 0 met, 2 missed.
Ada: HELD, ANSWERED met; OLD and three of HANDED's four hours missed: 2 of 3.75; one breach.
Ben: EARLY met; AGAIN and one of HANDED's four hours missed: 1 of 2.25; two breaches.
Nobody: OWED missed.
"""

from datetime import UTC, datetime, timedelta

from sla_console.domain.people.people import Client, Technician
from sla_console.domain.sla.breach import BreachType
from sla_console.domain.sla.verdict import Outcome, Verdict
from sla_console.domain.tickets.sighting import Sighting
from sla_console.domain.tickets.ticket import Hold, HoldReason, Ticket
from sla_console.store.store import Store

NOW = datetime(2026, 12, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
START, END = datetime(2026, 11, 1, tzinfo=UTC), NOW
ADA, BEN, NOBODY = ("t1", "Ada"), ("t2", "Ben"), (None, None)
ACME, ACME_BEFORE, KESTREL = ("c1", "Acme"), ("c1", "Acme Ltd"), ("c2", "Kestrel")
DOUBT = "it ended without a stop time"


def at(day: int, hour: float = 12, month: int = 11, year: int = 2026) -> datetime:
    return datetime(year, month, day, tzinfo=UTC) + timedelta(hours=hour)


def ticket(number, client, who, created, due, resolved=None, **more) -> Ticket:
    usual = {
        "id": f"id-{number}", "display_id": number, "subject": "x",
        "status": "Closed" if resolved else "Open", "priority": "High", "sla_name": "Gold",
        "group": "Desk", "request_type": "Incident", "client_id": client[0], "client": client[1],
        "requester": f"Person {number}", "technician_id": who[0], "technician": who[1],
        "created_at": created, "updated_at": resolved or created, "resolution_due": due,
        "resolved_at": resolved, "responded_at": created,
    }  # fmt: skip
    return Ticket(**(usual | more))


def verdict(one: Ticket, outcome, due=None, stopped=None, *, cycle=1, **more) -> Verdict:
    due = due or one.resolution_due
    late = outcome is Outcome.MISSED
    usual = {
        "ticket_id": one.id, "target": BreachType.RESOLUTION, "cycle": cycle, "outcome": outcome,
        "due": due, "fell_at": due if late else stopped or due, "stopped_at": stopped,
        "allowed": 4 * HOUR, "used": stopped and (4 * HOUR + (stopped - due)),
        "late": (stopped - due if late else timedelta()) if stopped else None,
        "source": "superops", "hours": "every hour", "policy": "Gold", "written_at": stopped or due,
        "display_id": one.display_id, "client_id": one.client_id, "client": one.client,
        "priority": "High", "group": "Desk", "request_type": "Incident",
        "technician_id": one.technician_id, "technician": one.technician,
    }  # fmt: skip
    return Verdict(**(usual | more))


def month() -> tuple[list[Ticket], dict[str, list[Sighting]], dict[str, list[Hold]], list[Verdict]]:
    """Return the tickets, how they were seen, when they waited, and what was judged."""
    held = ticket("HELD", ACME, ADA, at(8), at(10), at(10, 11))
    again = ticket("AGAIN", KESTREL, BEN, at(20, 8, 10), at(12), at(12, 15))
    handed = ticket("HANDED", ACME_BEFORE, BEN, at(5, 8), at(5), at(5, 14))
    doubt = ticket("DOUBT", KESTREL, ADA, at(15, 8), at(15), None, status="Closed")
    early = ticket("EARLY", ACME, BEN, at(30, 20, 10), at(1, 0), at(31, 12, 10))
    before_due = at(31, 24, 10) - timedelta(seconds=1)
    before = ticket("BEFORE", ACME, ADA, at(31, 8, 10), before_due, at(2))
    after = ticket("AFTER", ACME, BEN, at(30, 8), END + timedelta(seconds=2), at(30))
    old = ticket("OLD", KESTREL, ADA, at(20, 8, 9, 2025), at(20), at(20, 20))
    owed = ticket("OWED", ACME, NOBODY, at(25, 8), at(25))
    waits = ticket("WAITS", KESTREL, BEN, at(26, 8), at(27), status="On Hold")
    answered = ticket(
        "ANSWERED", ACME, ADA, at(18, 8), None, at(18, 20), response_due=at(18),
        responded_at=at(18, 10),
    )  # fmt: skip
    tickets = [
        held, again, handed, doubt, early, before, after, old, owed, waits, answered,
    ]  # fmt: skip
    seen = {
        one.id: [
            Sighting(
                one.created_at, "Open", technician_id=one.technician_id, technician=one.technician
            )
        ]
        for one in tickets
    }
    seen[handed.id] = [
        Sighting(at(5, 8), "Open", technician_id="t1", technician="Ada"),
        Sighting(at(5, 11), "Open", technician_id="t2", technician="Ben"),
    ]
    holds = {
        held.id: [Hold(at(8, 13), at(10, 10))],
        again.id: [Hold(at(20, 11, 10), at(12, 11), HoldReason.CLOSED)],
        old.id: [Hold(at(20, 9, 9, 2025), at(20, 9))],
        waits.id: [Hold(at(26))],
    }
    verdicts = [
        verdict(held, Outcome.MET, stopped=at(10, 11), used=3 * HOUR),
        verdict(again, Outcome.MET, at(20, 12, 10), at(20, 11, 10), used=3 * HOUR),
        verdict(again, Outcome.MISSED, stopped=at(12, 15), cycle=2, used=7 * HOUR),
        verdict(handed, Outcome.MISSED, stopped=at(5, 14), used=6 * HOUR),
        verdict(doubt, Outcome.IN_DOUBT, used=None, late=None, reason=DOUBT),
        verdict(early, Outcome.MET, stopped=at(31, 12, 10), used=4 * HOUR),
        verdict(before, Outcome.MISSED, stopped=at(2), used=52 * HOUR),
        verdict(after, Outcome.MET, stopped=at(30), used=4 * HOUR),
        verdict(old, Outcome.MISSED, stopped=at(20, 20), used=12 * HOUR),
        verdict(
            answered, Outcome.MET, at(18), at(18, 10), target=BreachType.RESPONSE, used=2 * HOUR
        ),
    ]
    return tickets, seen, holds, verdicts


async def fill(store: Store) -> None:
    """Put the month into a store."""
    tickets, seen, holds, verdicts = month()
    closed = {one.id for one in tickets if one.status == "Closed"}
    await store.people.save_clients([Client("c1", "Acme"), Client("c2", "Kestrel")])
    await store.people.save_technicians([Technician("t1", "Ada"), Technician("t2", "Ben")])
    await store.tickets.save(tickets, closed)
    await store.lives.add_sightings([(key, one) for key, mine in seen.items() for one in mine])
    await store.holds.add(
        [(key, one) for key, mine in holds.items() for one in mine if one.end is not None]
    )
    await store.holds.change({"id-WAITS": at(26)}, {})
    await store.verdicts.write(verdicts)
    await store.meta.set("history known from", at(1, 0, 9, 2025).isoformat())
    await store.meta.set("history read to", NOW.isoformat())
