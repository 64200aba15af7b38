"""Silences survive, end early, and leave a trace of who wanted them."""

from sla_console.domain.alerts.silence import Silence
from sla_console.domain.matcher import Matcher
from sla_console.domain.sla.breach import BreachType
from sla_console.domain.tickets.operation import AuditEntry


def silence(now, later, identity="s1", **changes) -> Silence:
    matcher = Matcher(clients=("Harbour & Søn",), targets=(BreachType.RESPONSE,))
    return Silence(identity, matcher, "ada", "switch", now, changes.pop("end", later(hours=2)))


def entry(now, action="silence") -> AuditEntry:
    return AuditEntry(now, "ada", action, "s1", "words")


async def test_one_survives_a_restart_with_all_that_it_says(store, open_store, now, later) -> None:
    one = silence(now, later)
    await store.silences.add(one, entry(now))
    await store.close()
    again = await open_store()
    assert await again.silences.active(now) == [one]
    assert [e.action for e in await again.audit.recent(5)] == ["silence"]


async def test_it_can_be_ended_once_and_that_is_in_the_history(store, now, later) -> None:
    await store.silences.add(silence(now, later), entry(now))
    at = later(minutes=10)
    assert await store.silences.end("s1", at, entry(at, "end silence"))
    assert not await store.silences.end("s1", at, entry(at, "end silence"))
    assert not await store.silences.end("other", at, entry(at, "end silence"))
    assert await store.silences.active(at) == []
    (kept,) = await store.silences.since(now)
    assert kept.end == at
    assert [e.action for e in await store.audit.recent(5)] == ["end silence", "silence"]


async def test_what_ended_is_settled_once(store, now, later) -> None:
    await store.silences.add(silence(now, later), entry(now))
    assert await store.silences.unsettled(later(hours=1)) == []
    assert [s.id for s in await store.silences.unsettled(later(hours=2))] == ["s1"]
    await store.silences.settle("s1", later(hours=2))
    assert await store.silences.unsettled(later(hours=3)) == []


async def test_the_first_to_end_comes_first(store, now, later) -> None:
    await store.silences.add(silence(now, later, "late", end=later(hours=9)), entry(now))
    await store.silences.add(silence(now, later, "soon", end=later(hours=1)), entry(now))
    assert [s.id for s in await store.silences.active(now)] == ["soon", "late"]
