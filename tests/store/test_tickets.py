"""Tickets survive whole, come back in the order of what is due, and cost nothing unchanged."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sla_console.domain.alerts.alert import DeliveryState
from sla_console.domain.tickets.ticket import Ticket


async def test_every_field_survives_a_restart(store, open_store, make_ticket, now, later):
    full = make_ticket(
        "1",
        priority="High",
        request_type="Incident",
        client_id="c1",
        client="Café Müller \N{SNOWMAN}",
        site_id="s1",
        requester="Grace",
        technician_id="t1",
        technician="Ada",
        group="Desk",
        sla_id="9",
        sla_name="Gold",
        created_at=now,
        updated_at=later(seconds=1.123),
        response_due=later(minutes=30),
        responded_at=later(minutes=5),
        response_violated=False,
        resolution_due=later(hours=4),
        resolved_at=later(hours=5),
        resolution_violated=True,
        degraded=("no time of creation", "odd due time"),
        source="AGENT",
    )
    bare = make_ticket("2")
    await store.tickets.save([full, bare], set())
    await store.close()
    again = await open_store()
    assert await again.tickets.load_open() == [full, bare]
    assert await again.tickets.get("1") == full
    assert await again.tickets.get("nobody") is None


async def test_open_tickets_come_by_what_is_due_next(store, make_ticket, now, later):
    tickets = [
        make_ticket("no due time"),
        make_ticket("due last", resolution_due=later(hours=3)),
        make_ticket("response first", response_due=later(hours=1), resolution_due=later(hours=9)),
        make_ticket("answered", response_due=now, responded_at=now, resolution_due=later(hours=2)),
    ]
    await store.tickets.save(tickets, set())
    assert [ticket.id for ticket in await store.tickets.load_open()] == [
        "response first",
        "answered",
        "due last",
        "no due time",
    ]


async def test_a_closed_ticket_leaves_the_open_ones_and_may_come_back(store, make_ticket, later):
    ticket = make_ticket("1", resolved_at=later(hours=1))
    await store.tickets.save([ticket], {"1"})
    assert await store.tickets.load_open() == []
    assert await store.tickets.load_closed_since(later(hours=1)) == [ticket]
    assert await store.tickets.load_closed_since(later(hours=2)) == []
    await store.tickets.save([ticket], set())
    assert await store.tickets.load_open() == [ticket]
    assert await store.tickets.load_closed_since(later(hours=0)) == []


async def test_an_unchanged_ticket_is_not_written(store, path, make_ticket):
    tickets = [make_ticket(str(number)) for number in range(200)]
    await store.tickets.save(tickets, set())
    log = path.with_name(path.name + "-wal")
    before = (log.stat().st_size, log.stat().st_mtime_ns)
    await store.tickets.save(tickets, set())
    assert (log.stat().st_size, log.stat().st_mtime_ns) == before
    await store.tickets.save([make_ticket("7", status="On hold")], set())
    assert (await store.tickets.get("7")).status == "On hold"
    assert (log.stat().st_size, log.stat().st_mtime_ns) != before


async def test_a_ticket_that_is_gone_keeps_its_holds_and_can_come_back(
    store, make_ticket, now, later
):
    one = make_ticket("1")
    await store.tickets.save([one, make_ticket("2")], set())
    await store.holds.begin("1", now)
    await store.tickets.set_gone(["1"], later(hours=1), "why")
    assert [ticket.id for ticket in await store.tickets.load_open()] == ["2"]
    assert await store.tickets.gone_why("1") == (later(hours=1), "why")
    assert one in await store.tickets.among(["1", "2"])
    assert len(await store.holds.for_ticket("1")) == 1
    assert "1" not in await store.holds.load()
    await store.tickets.save([one], set())
    assert len(await store.tickets.load_open()) == 2
    assert await store.tickets.gone_why("1") is None


async def test_a_missing_ticket_stays_open_until_it_is_seen_again(store, make_ticket, now):
    one = make_ticket("1")
    await store.tickets.save([one, make_ticket("2")], set())
    await store.tickets.set_missing({"1": now})
    assert await store.tickets.missing() == {"1": now}
    assert len(await store.tickets.load_open()) == 2
    await store.tickets.save([one], set())
    assert await store.tickets.missing() == {}


async def test_pruning_removes_what_left_long_ago(store, make_ticket, now, later):
    await store.tickets.save([make_ticket("old"), make_ticket("young")], set())
    await store.tickets.set_gone(["old"], now, "why")
    await store.tickets.set_gone(["young"], later(days=2), "why")
    assert await store.tickets.prune_closed(later(days=1)) == 1
    assert await store.tickets.get("old") is None
    assert await store.tickets.get("young") is not None


async def test_pruning_removes_only_what_ended_long_ago(
    store, make_ticket, make_breach, make_message, make_entry, now, later
):
    await store.tickets.save(
        [
            make_ticket("old", resolved_at=now),
            make_ticket("young", resolved_at=later(days=2)),
            make_ticket("open", created_at=now - timedelta(days=900)),
        ],
        {"old", "young"},
    )
    for ticket_id in ("old", "young", "open"):
        await store.holds.begin(ticket_id, now)
        breach = make_breach(ticket_id, ticket_id=ticket_id)
        message = make_message(ticket_id, ticket_id=ticket_id)
        await store.record_breach(breach, [message], make_entry(ticket_id), None)
        await store.record_step(breach.resolve(now), breach.state, [], [], None)
        await store.outbox.accepted(message, now)
        said = make_message(f"{ticket_id} too", ticket_id=ticket_id, state=DeliveryState.SUPERSEDED)
        await store.outbox.enqueue([said])
    assert await store.tickets.prune_closed(later(days=1)) == 1
    assert await store.tickets.get("old") is None
    assert await store.breaches.get("old") is None
    assert await store.outbox.for_ticket("old") == []
    assert await store.holds.for_ticket("old") == ()
    assert len(await store.audit.for_subject("old")) == 1
    for kept in ("young", "open"):
        assert await store.tickets.get(kept) is not None
        assert await store.breaches.get(kept) is not None
        assert len(await store.outbox.for_ticket(kept)) == 2
        assert len(await store.holds.for_ticket(kept)) == 1


async def test_ten_thousand_tickets_are_loaded_whole(store, make_ticket, now, later):
    tickets = [
        make_ticket(
            str(number),
            client=f"Client {number % 300}",
            technician=f"Technician {number % 50}",
            created_at=now,
            updated_at=now,
            response_due=later(minutes=number % 997),
            resolution_due=later(hours=number % 99),
        )
        for number in range(10_000)
    ]
    await store.tickets.save(tickets, set())
    found = await store.tickets.load_open()
    assert sorted(found, key=lambda one: int(one.id)) == tickets


async def test_what_came_in_is_told_by_client_and_category_whether_it_is_open_or_not(store):
    at = datetime(2026, 10, 12, 9, 0, tzinfo=UTC)
    one = Ticket(
        "1", "T-1", "Mail", priority="High", client="Acme", category="Email", created_at=at
    )
    await store.tickets.save(
        [one, replace(one, id="2", created_at=at - timedelta(days=1)), replace(one, id="3")], {"3"}
    )
    found = await store.tickets.arrivals(at)
    assert [(a.ticket_id, a.client, a.category, a.at) for a in found] == [
        ("1", "Acme", "Email", at),
        ("3", "Acme", "Email", at),
    ]
    assert found[0].words == "T-1 High: Mail"
