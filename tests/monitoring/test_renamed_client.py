"""A client that SuperOps renames is still found by the name that the configuration has."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from sla_console.domain.matcher import Matcher
from sla_console.domain.people.people import Client, HolidayRule, Site, renames
from sla_console.domain.sla.policy import SLAPolicy
from sla_console.domain.tickets.ticket import StatusPhases, Ticket
from sla_console.monitoring.evaluator import Evaluator

HARBOUR = SLAPolicy("h", "Harbour fast", client="Harbour", resolution_time_hours=1)
REST = SLAPolicy("r", "Rest", default=True, resolution_time_hours=9)


async def rename(console, desk, clock, name: str) -> None:
    """Rename the one client, and let the lists be read again."""
    desk.clients["7"].name = name
    clock.advance(hours=1)
    await console.sync()


async def test_its_policy_stays_its_policy(begin, clock, desk) -> None:
    console = await begin(policies=(HARBOUR, REST))
    ticket = desk.open("T1", clock.now())
    await console.sync()
    assert console.board.tickets[0].policy.name == "Harbour fast"
    await rename(console, desk, clock, "Harbour Group")
    desk.open("T2", clock.now())
    await console.sync()
    assert {one.ticket.client for one in console.board.tickets} == {"Harbour Group"}
    assert {one.policy.name for one in console.board.tickets} == {"Harbour fast"}
    again = await begin(policies=(HARBOUR, REST))
    assert {one.policy.name for one in again.board.tickets} == {"Harbour fast"}
    assert ticket.number in {one.ticket.display_id for one in again.board.tickets}


async def test_a_silence_of_its_earlier_name_holds(begin, clock, desk) -> None:
    console = await begin()
    await console.sync()
    end = clock.now() + timedelta(days=1)
    await console.service.add_silence(Matcher(clients=("HARBOUR",)), "moving", end, "ada")
    await rename(console, desk, clock, "Harbour Group")
    ticket = desk.open("T1", clock.now())
    await console.sync()
    await console.engine.alerts_changed()
    await console.pass_time(clock, hours=5)
    await console.send()
    assert [one.ticket_id for one in console.board.breaches] == [ticket.id] * 2
    assert console.ops.rang() == []
    (quiet,) = console.board.alerts.quiets
    assert quiet.words == "client Harbour Group"


def test_an_earlier_name_that_another_client_has_now_means_that_one() -> None:
    first = Client("1", "Harbour Group", earlier=("Harbour",))
    assert renames([first]) == {"harbour": "Harbour Group"}
    assert renames([first, Client("2", "HARBOUR")]) == {}
    assert renames([first, replace(first, id="2", name="Other")]) == {}


async def test_the_store_keeps_the_names_that_a_client_had(begin) -> None:
    console = await begin()
    people = console.store.people
    for name in ("Harbour", "Harbour Dental", "Harbour Group"):
        await people.save_clients([Client("7", name)])
    (client,) = await people.clients()
    assert client == Client("7", "Harbour Group", earlier=("Harbour", "Harbour Dental"))


def test_its_site_holidays_count_on() -> None:
    """Nine hours from Monday 9:00; Monday is closed, so they end on Tuesday at 18:00."""
    rule = HolidayRule(frozenset({date(2026, 10, 12)}), client="Harbour")
    evaluator = Evaluator(StatusPhases.of((), ("Closed",)), (REST,), holidays=(rule,))
    hours = tuple((day, "09:00", "18:00") for day in ("mon", "tue", "wed"))
    site = Site("s", "Main", "7", "UTC", hours=hours)
    evaluator.use_sites([site], [Client("7", "Harbour Group", earlier=("Harbour",))])
    created = datetime(2026, 10, 12, 9, tzinfo=UTC)
    ticket = Ticket("1", "1", "", site_id="s", client_id="7", created_at=created)
    assert evaluator.evaluate(ticket).resolution.due == datetime(2026, 10, 13, 18, tzinfo=UTC)
