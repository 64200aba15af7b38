"""What each noun is given comes back the same after a restart."""

from dataclasses import replace
from datetime import UTC, timedelta

from sla_console.domain.forecast.risk import RiskLevel
from sla_console.domain.people.people import Client, Site, Technician
from sla_console.domain.sla.breach import BreachType, SLAWarning
from sla_console.domain.sla.policy import SLAPolicy
from sla_console.domain.tickets.operation import OperationState
from sla_console.domain.tickets.ticket import Hold


async def test_holds_are_kept_by_ticket(store, open_store, make_ticket, now, later):
    await store.tickets.save(
        [make_ticket("1"), make_ticket("2"), make_ticket("closed")], {"closed"}
    )
    await store.holds.begin("1", now)
    await store.holds.begin("1", later(minutes=5))  # held already
    await store.holds.end("1", later(minutes=10))
    await store.holds.end("1", later(minutes=20))  # no hold is on
    await store.holds.begin("1", later(minutes=30))
    await store.holds.begin("closed", now)
    await store.close()
    again = await open_store()
    expected = (Hold(now, later(minutes=10)), Hold(later(minutes=30)))
    assert await again.holds.for_ticket("1") == expected
    assert await again.holds.load() == {"1": expected}


async def test_a_hold_never_ends_before_it_began(store, now, later):
    await store.holds.begin("1", later(minutes=1))
    await store.holds.end("1", now)
    assert await store.holds.for_ticket("1") == (Hold(later(minutes=1), later(minutes=1)),)


async def test_a_hold_taken_up_again_at_the_same_moment_goes_on(store, now):
    await store.holds.begin("1", now)
    await store.holds.end("1", now)
    await store.holds.begin("1", now)
    assert await store.holds.for_ticket("1") == (Hold(now),)


async def test_many_holds_change_in_one_go(store, now, later):
    await store.holds.change({str(n): now for n in range(500)}, {})
    await store.holds.change(
        {"9": later(minutes=2)}, {"7": later(minutes=1), "9": later(minutes=1)}
    )
    assert await store.holds.for_ticket("7") == (Hold(now, later(minutes=1)),)
    assert await store.holds.for_ticket("8") == (Hold(now),)
    assert await store.holds.for_ticket("9") == (
        Hold(now, later(minutes=1)),
        Hold(later(minutes=2)),
    )


async def test_people_and_places_are_replaced_whole(store, open_store):
    ada = Technician("t1", "Ada", "ada@example.org", ("Desk", "Networks"))
    acme = Client("c1", "Acme", "s1")
    site = Site("s1", "HQ", "c1", "Europe/Berlin", hours=(("mon", "09:00", "17:30"),), hq=True)
    await store.people.save_technicians([Technician("t0", "Gone"), ada])
    await store.people.save_technicians([ada])
    await store.people.save_clients([Client("c2", "Beta"), acme])
    await store.people.save_sites([site, Site("s2", "Annex", None, None, working_24x7=True)])
    await store.close()
    again = await open_store()
    assert await again.people.technicians() == [ada]
    assert await again.people.clients() == [acme, Client("c2", "Beta")]
    assert await again.people.sites() == [
        Site("s2", "Annex", None, None, working_24x7=True),
        site,
    ]
    assert site.calendar() is not None


async def test_policies_keep_their_order_and_every_field(store, open_store, policy):
    plain = SLAPolicy("a", "Any")
    await store.policies.save([SLAPolicy("gone", "Gone")])
    await store.policies.save([policy, plain])
    await store.close()
    assert await (await open_store()).policies.load() == [policy, plain]


async def test_a_breach_keeps_the_policy_it_broke(
    store, open_store, policy, make_breach, now, later
):
    full = make_breach(
        sla_policy=policy,
        technician_id="t1",
        display_id="T-1",
        subject="Printer on fire",
        client="Acme",
        priority="High",
        technician="Ada",
        detected_at=later(milliseconds=7),
        escalation_required=True,
        snoozed_until=later(hours=2),
    )
    await store.record_breach(full, [], None, None)
    stepped = replace(
        full.acknowledge("Ada", "on it", later(minutes=1)).escalate(
            "Grace", None, later(minutes=2)
        ),
        resolved_at=later(minutes=3),
        revision=full.revision + 1,
    )
    assert await store.breaches.get("b1") == full
    assert await store.record_step(stepped, full.state, [], [], None)
    await store.policies.save([])
    await store.close()
    assert await (await open_store()).breaches.get("b1") == stepped


async def test_breaches_are_found_by_state_ticket_and_time(store, make_breach, now, later):
    first = make_breach("b1", ticket_id="1")
    second = make_breach(
        "b2", ticket_id="1", breach_type=BreachType.RESOLUTION, breach_time=later(hours=1)
    )
    other = make_breach("b3", ticket_id="2", breach_time=later(hours=2))
    assert await store.record_breaches([(b, [], None) for b in (other, second, first)], None) == {
        "b1",
        "b2",
        "b3",
    }
    done = second.resolve(now)
    await store.record_step(done, second.state, [], [], None)
    assert await store.breaches.load_active() == [first, other]
    assert await store.breaches.for_ticket("1") == [done, first]
    assert await store.breaches.since(later(hours=1)) == [done, other]
    some = await store.breaches.among(["b3", "b2", "nobody"])
    assert sorted(some, key=lambda breach: breach.id) == [done, other]
    assert await store.breaches.among([]) == []
    assert await store.breaches.get("nobody") is None


async def test_breaches_are_found_by_when_they_were_found(store, make_breach, now, later):
    found = [make_breach(f"b{n}", detected_at=later(hours=-n)) for n in range(3)]
    await store.record_breaches([(b, [], None) for b in found], None)
    assert await store.breaches.found_since(later(hours=-1)) == [found[1], found[0]]


async def test_warnings_given_on_open_tickets_are_known_after_a_restart(
    store, open_store, make_ticket, now
):
    await store.tickets.save([make_ticket("1"), make_ticket("closed")], {"closed"})
    for ticket_id in ("1", "closed"):
        warning = SLAWarning(
            f"w{ticket_id}", ticket_id, BreachType.RESPONSE, 75, now, RiskLevel.HIGH
        )
        assert await store.record_warning(warning, [], None)
    await store.close()
    assert await (await open_store()).events.warned() == {"w1"}


async def test_operations_wait_in_the_order_they_were_made(
    store, open_store, make_operation, now, later
):
    first, second = make_operation("z"), make_operation("a", ticket_id="2")
    patient = make_operation("later", next_at=later(minutes=5))
    for operation in (first, second, patient, first):
        await store.operations.queue([operation])
    assert await store.operations.due(now, 10) == [first, second]
    assert await store.operations.due(now, 1) == [first]
    assert await store.operations.due(later(minutes=5), 10) == [first, second, patient]
    assert await store.operations.waiting() == 3

    tried = replace(first, attempts=1, sent=True, next_at=later(minutes=1), last_error="no network")
    assert await store.operations.replace(first, tried)
    assert await store.operations.replace(second, replace(second, state=OperationState.DONE))
    assert await store.operations.replace(patient, replace(patient, state=OperationState.FAILED))
    await store.close()
    again = await open_store()
    assert await again.operations.due(later(minutes=1), 10) == [tried]
    assert await again.operations.waiting() == 1
    assert await again.operations.for_ticket("1") == [
        tried,
        replace(patient, state=OperationState.FAILED),
    ]
    assert await again.operations.for_ticket("2") == []


async def test_history_comes_newest_first(store, open_store, make_entry, later):
    entries = [make_entry("b1", detail=str(n), at=later(seconds=n)) for n in range(4)]
    refused = make_entry("b2", result="refused")
    for entry in (*entries, refused):
        await store.audit.append(entry)
    await store.close()
    again = await open_store()
    assert await again.audit.recent(2) == [refused, entries[3]]
    assert await again.audit.for_subject("b1") == entries[::-1]


async def test_meta_keeps_the_last_value(store, open_store):
    assert await store.meta.get("watermark") is None
    await store.meta.set("watermark", "1")
    await store.meta.set("watermark", "2")
    await store.close()
    assert await (await open_store()).meta.get("watermark") == "2"


async def test_times_come_back_as_aware_utc_to_the_millisecond(store, make_entry, now):
    odd = now + timedelta(microseconds=122_999)
    await store.audit.append(make_entry(at=odd))
    (entry,) = await store.audit.recent(1)
    assert entry.at == now + timedelta(milliseconds=123)
    assert entry.at.tzinfo is UTC
