"""The client against the simulated SuperOps, over real HTTP: the real schema, real faults."""

import asyncio
import time
from datetime import UTC, datetime

import pytest

from sla_console.domain.errors import AnswerRefused, CannotSignIn, RequestRefused, Unreachable
from sla_console.simulator.life import build_desk
from sla_console.simulator.server import SimulatorServer

TOKEN = "tok-4f1c9a7e-very-secret"
CLOSED = ["Resolved", "Closed"]


@pytest.fixture
async def server(clock):
    desk = build_desk(seed=7, tickets=250, start=datetime(2026, 10, 12, 9, 0, tzinfo=UTC))
    server = SimulatorServer(desk, clock, token=TOKEN, subdomain="northwind-msp")
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def client(server, make_client):
    client = make_client(url=server.url, transport=None)
    yield client
    await client.aclose()


async def test_everything_that_the_console_reads_can_be_read(client):
    tickets = await client.open_tickets(CLOSED)
    assert len(tickets) > 100
    assert len({ticket.id for ticket in tickets}) == len(tickets)
    assert not [ticket.degraded for ticket in tickets if ticket.degraded]
    assert all(ticket.status not in CLOSED for ticket in tickets)
    some = tickets[:130]
    again = await client.tickets_by_id([ticket.id for ticket in some])
    assert {ticket.id for ticket in again} == {ticket.id for ticket in some}
    assert await client.ticket(some[0].id) == some[0]
    assert await client.ticket("1") is None
    since = datetime(2026, 10, 12, 8, 0, tzinfo=UTC)
    assert [page async for page in client.changed_ticket_pages(since)]
    assert await client.technicians()
    assert await client.sla_names()
    assert "Open" in await client.statuses()
    assert "High" in await client.priorities()
    customers = {customer.id for customer in await client.clients()}
    sites = await client.sites()
    assert {site.client_id for site in sites} <= customers
    assert any(site.calendar() for site in sites)


async def test_writes_arrive_and_can_be_read_back(client):
    ticket = (await client.open_tickets(CLOSED))[0]
    technician = (await client.technicians())[0]
    await client.add_note(ticket.id, "Seen by Ana <night shift> [mark-1]")
    assert await client.note_exists(ticket.id, "[mark-1]")
    assert (await client.notes(ticket.id))[-1].text == "Seen by Ana <night shift> [mark-1]"
    await client.assign(ticket.id, technician.id)
    await client.set_status(ticket.id, "On Hold")
    changed = await client.ticket(ticket.id)
    assert (changed.technician_id, changed.status) == (technician.id, "On Hold")
    await client.set_priority(ticket.id, "Low")
    await client.assign(ticket.id, "")
    cleared = await client.ticket(ticket.id)
    assert (cleared.technician_id, cleared.priority) == (None, "Low")
    assert isinstance(await client.conversations(ticket.id), list)


async def test_an_unknown_status_is_refused_with_its_code(client):
    ticket = (await client.open_tickets(CLOSED))[0]
    with pytest.raises(RequestRefused) as caught:
        await client.set_status(ticket.id, "No such status")
    assert caught.value.codes


async def test_a_write_that_happened_but_failed_to_say_so_is_found_by_reading_back(client, server):
    ticket = (await client.open_tickets(CLOSED))[0]
    server.faults.next("written_but_error", operation="createTicketNote")
    with pytest.raises(Unreachable):
        await client.add_note(ticket.id, "Once [mark-2]")
    assert await client.note_exists(ticket.id, "[mark-2]")
    assert len([n for n in await client.notes(ticket.id) if "[mark-2]" in n.text]) == 1


@pytest.mark.parametrize("fault", ["internal_error", "server_error", "bad_gateway", "drop"])
async def test_a_passing_fault_is_not_noticed_by_who_reads(client, server, fault):
    server.faults.next(fault, 2)
    assert await client.sla_names()
    assert server.requests == 3


async def test_a_rate_limit_is_waited_for(client, server, sleeps):
    server.faults.next("rate_limited")
    assert await client.sla_names()
    assert sum(sleeps) == pytest.approx(60)


async def test_the_limit_of_the_server_itself_is_respected(server, make_client, make_budget):
    client = make_client(url=server.url, transport=None, budget=make_budget(100))
    for _ in range(150):
        assert await client.sla_names()
    assert server.requests == 150, "not one request was refused for the rate"
    await client.aclose()


@pytest.mark.parametrize("fault", ["garbage", "rows_missing"])
async def test_an_answer_that_cannot_be_trusted_is_refused(client, server, fault):
    server.faults.next(fault)
    with pytest.raises(AnswerRefused):
        await client.open_tickets(CLOSED)


async def test_a_bomb_is_refused_at_the_byte_cap(client, server):
    server.faults.next("huge")
    with pytest.raises(AnswerRefused, match="more than 1,000,000 bytes"):
        await client.sla_names()


@pytest.mark.parametrize("fault", ["drip", "hang"])
async def test_an_answer_without_end_is_cut_off_by_the_outer_limit(server, make_client, fault):
    client = make_client(url=server.url, transport=None, timeout_seconds=0.15)
    server.faults.next(fault, operation="createTicketNote")
    started = time.monotonic()
    with pytest.raises(Unreachable, match=r"within 0\.15 seconds"):
        await client.add_note("1", "hello")
    assert time.monotonic() - started < 2
    await client.aclose()


async def test_a_revoked_token_is_refused_once_and_a_new_one_taken_up(
    server, client, source, clock
):
    source.value = "tok-revoked"
    for _ in range(20):
        with pytest.raises(CannotSignIn):
            await client.sla_names()
    assert server.requests == 1
    source.value = TOKEN
    clock.advance(minutes=1)
    assert await client.sla_names()


async def test_a_wrong_subdomain_is_named(server, make_client):
    client = make_client(url=server.url, transport=None, subdomain="elsewhere")
    with pytest.raises(CannotSignIn, match="'elsewhere'"):
        await client.sla_names()
    await client.aclose()


async def test_nobody_listening_is_unreachable(server, client):
    await server.stop()
    with pytest.raises(Unreachable, match="cannot be reached"):
        await asyncio.wait_for(client.sla_names(), 10)


async def test_a_proxy_of_the_environment_never_stands_before_this_machine(client, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert await client.sla_names()
