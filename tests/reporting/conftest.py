"""Invented desks: tickets with lives, whose clocks anybody can check, in any number."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sla_console.domain.sla.calendar import BusinessCalendar
from sla_console.domain.sla.evaluation import Observed, evaluate
from sla_console.domain.sla.policy import SLAPolicy
from sla_console.domain.tickets.sighting import Sighting
from sla_console.domain.tickets.ticket import Hold, StatusPhases, Ticket
from sla_console.domain.tickets.ticket_history import StoredHistory, TicketHistory
from sla_console.reporting.build import Frame
from sla_console.reporting.collect import Collector
from sla_console.reporting.period import Period
from sla_console.reporting.records import ReportRecords
from sla_console.reporting.scope import Scope, ScopeFilter

NOW = datetime(2026, 11, 5, 8, 0, tzinfo=UTC)
OCTOBER = Period.month(2026, 10, "UTC")
PHASES = StatusPhases.of(("On Hold",), ("Closed",))
OFFICE = BusinessCalendar(
    "Europe/Berlin", {day: [("09:00", "17:00")] for day in ("mon", "tue", "wed", "thu", "fri")}
)
CLIENTS = ("Harbour", "Kestrel", "Summit", "Brückner")
PEOPLE = ("Ada", "Ben", "Cem", None)


def stored(seed: int, count: int) -> Iterator[StoredHistory]:
    """Give invented tickets of September to November 2026, open and closed, some of them odd."""
    chance = random.Random(seed)
    for number in range(count):
        created = datetime(2026, 9, 1, tzinfo=UTC) + timedelta(minutes=chance.randrange(90_000))
        minutes = chance.choice((30, 60, 240))
        response_due = created + timedelta(minutes=minutes)
        resolution_due = created + timedelta(hours=chance.choice((4, 24, 72)))
        responded = created + timedelta(seconds=int(60 * chance.expovariate(1 / minutes)))
        ended = created + timedelta(seconds=int(3600 * chance.expovariate(1 / 30)))
        closed = ended < NOW
        hands = [chance.choice(PEOPLE) for _ in range(chance.choice((1, 1, 2, 3)))]
        last = min(ended, NOW)
        seen = [
            Sighting(
                _whole(created + (last - created) * place / len(hands)),
                "New" if place == 0 else "In Progress",
                technician_id=who and who.lower(),
                technician=who,
            )
            for place, who in enumerate(hands)
        ]
        ticket = Ticket(
            id=f"{number:06}",
            display_id=f"T-{number}",
            subject=f"secret subject {number}",
            status="Closed" if closed else "In Progress",
            priority=chance.choice(("Critical", "High", "Low", None)),
            request_type=chance.choice(("Incident", "Request", None)),
            client=chance.choice(CLIENTS),
            requester=chance.choice(("Rita", "Sven", "Tuva", "Uwe", "Vera", "Wim", None)),
            technician_id=hands[-1] and hands[-1].lower(),
            technician=hands[-1],
            group=chance.choice(("Service Desk", "Network")),
            created_at=created,
            updated_at=last,
            response_due=response_due,
            responded_at=responded if responded < last else None,
            resolution_due=resolution_due if chance.random() < 0.95 else None,
            resolved_at=ended if closed else None,
        )
        holds = ()
        if chance.random() < 0.2:
            start = _whole(created + (last - created) * chance.random())
            holds = (Hold(start, _whole(start + (last - start) * chance.random())),)
        yield StoredHistory(ticket, tuple(seen), holds)


def _whole(moment: datetime) -> datetime:
    """Return the second of a moment: the store keeps no more than milliseconds."""
    return moment.replace(microsecond=0)


def lived(one: StoredHistory, policy: SLAPolicy | None = None, calendar=None) -> TicketHistory:
    """Return a ticket judged, every hour counting unless a calendar is given."""
    observed = Observed(one.holds, one.sightings[0].at if one.sightings else None, one.verdicts)
    hours = calendar or BusinessCalendar.always()
    judged = evaluate(one.ticket, policy, hours, PHASES, observed=observed)
    return TicketHistory(one.ticket, judged, one.sightings)


@pytest.fixture(scope="session")
def invent() -> Callable[..., list[TicketHistory]]:
    """Invents a desk."""

    def make(count: int = 300, seed: int = 1) -> list[TicketHistory]:
        return [lived(one) for one in stored(seed, count)]

    return make


@pytest.fixture(scope="session")
def stored_lives() -> Callable[..., list[StoredHistory]]:
    """The same as the store would have them."""
    return lambda count=300, seed=1: list(stored(seed, count))


@pytest.fixture(scope="session")
def ticket() -> Callable[..., TicketHistory]:
    """Makes one ticket: created on 12 October 2026 at 09:00 UTC, a Monday, and due that day."""

    def make(
        *, seen=(), holds=(), verdicts=(), policy=None, calendar=None, **fields: object
    ) -> TicketHistory:
        at = datetime(2026, 10, 12, 9, 0, tzinfo=UTC)
        usual = Ticket(
            id="1", display_id="T-1", subject="secret", status="In Progress", client="Harbour",
            technician="Ada", technician_id="ada", created_at=at, updated_at=at,
            response_due=at + timedelta(hours=1), resolution_due=at + timedelta(hours=8),
        )  # fmt: skip
        one = StoredHistory(replace(usual, **fields), tuple(seen), tuple(holds), tuple(verdicts))
        return lived(one, policy, calendar)

    return make


@pytest.fixture(scope="session")
def frame() -> Callable[..., Frame]:
    """What a report of October 2026, made on 5 November, has beside its tickets."""

    def make(period: Period = OCTOBER, **fields: object) -> Frame:
        return Frame(
            **({"period": period, "as_of": NOW, "scope": Scope(), "source": "a test"} | fields)
        )

    return make


@pytest.fixture(scope="session")
def gather(frame) -> Callable[..., ReportRecords]:
    """Gathers what a report of some tickets is made of."""

    def make(lives, exclusions=None, **fields: object) -> ReportRecords:
        made = frame(**fields)
        wanted = ScopeFilter(made.scope)
        collector = Collector(made.wide, made.period.span, NOW, exclusions, wanted, ledgers=True)
        collector.add(lives)
        return collector.finish()

    return make
