"""Which tickets a span of time is about, however long ago they were created."""

from datetime import UTC, datetime, timedelta

import pytest

from sla_console.domain.people.people import Client, Technician
from sla_console.domain.sla.breach import BreachType
from sla_console.domain.sla.verdict import Outcome, Verdict

START, END = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def verdict(ticket_id: str, due: datetime, **more) -> Verdict:
    usual = {
        "ticket_id": ticket_id, "target": BreachType.RESOLUTION, "cycle": 1,
        "outcome": Outcome.MET, "due": due, "fell_at": due, "written_at": due,
    }  # fmt: skip
    return Verdict(**(usual | more))


@pytest.fixture
def ticket(make_ticket):
    """Makes a ticket without due times of SuperOps; created and ended when told."""

    def make(ticket_id: str, created: datetime, ended: datetime | None = None, **more):
        fields = {"response_due": None, "resolution_due": None, "responded_at": None}
        fields |= {"created_at": created, "updated_at": ended or created, "resolved_at": ended}
        return make_ticket(ticket_id, **(fields | more))

    return make


async def test_what_was_judged_is_found_by_its_due_time_alone(store, ticket) -> None:
    """Created 14 months before, closed long after, or before: the verdict's due time decides."""
    old = ticket("old", START - 425 * DAY, START + 40 * DAY)
    early = ticket("early", START - 30 * DAY, START - 20 * DAY)
    other = ticket("other", START, START + DAY)
    await store.tickets.save([old, early, other], {"old", "early", "other"})
    await store.verdicts.write(
        [verdict("old", START), verdict("early", END - DAY), verdict("other", END)]
    )
    assert await store.pages.due_between(START, END) == ["early", "old"]


async def test_what_is_open_may_fall_due_whenever_it_was_created(store, ticket) -> None:
    await store.tickets.save([ticket("old", START - 425 * DAY), ticket("new", END)])
    assert await store.pages.due_between(START, END) == ["old"]


async def test_what_has_no_verdict_yet_is_found_by_its_end_not_its_creation(store, ticket) -> None:
    """On hold for 14 months, closed in the span: its computed due time is stored nowhere."""
    held = ticket("held", START - 425 * DAY, START + DAY)
    gone = ticket("gone", START - 900 * DAY, START - 400 * DAY)
    await store.tickets.save([held, gone], {"held", "gone"})
    assert await store.pages.due_between(START, END) == ["held"]


async def test_what_an_earlier_version_judged_before_a_reopening_hides_no_later_cycle(
    store, ticket
) -> None:
    """The migration's verdicts have no time of writing; the last cycle is still to be judged."""
    again = ticket("again", START - 100 * DAY, START + DAY)
    await store.tickets.save([again], {"again"})
    await store.verdicts.write([verdict("again", START - 90 * DAY, written_at=None)])
    assert await store.pages.due_between(START, END) == ["again"]


async def test_by_settling_a_ticket_belongs_to_each_span_in_which_it_was_open(
    store, ticket
) -> None:
    ended = ticket("ended", START - 9 * DAY, START + DAY)
    before = ticket("before", START - 9 * DAY, START - DAY)
    await store.tickets.save([ended, before], {"ended", "before"})
    await store.verdicts.write([verdict("ended", END + DAY, fell_at=START + DAY)])
    assert await store.pages.settled_between(START, END) == ["ended"]


async def test_a_life_has_all_verdicts_and_says_when_its_ticket_went(store, ticket) -> None:
    await store.tickets.save([ticket("1", START), ticket("2", START)])
    first = verdict("1", START)
    second = verdict("1", START, revision=2, reason="read too late")
    await store.verdicts.write([first])
    await store.verdicts.write([second])
    await store.tickets.set_gone(["2"], END, "SuperOps no longer has it")
    one, two = await store.pages.lives(["1", "2"])
    assert (one.verdicts, one.gone_at) == ((first, second), None)
    assert (two.verdicts, two.gone_at) == ((), END)


async def test_names_are_all_that_there_were_the_latest_last(store, ticket) -> None:
    """Closed tickets and verdicts keep the name of their time; the catalogue has that of now."""
    closed = ticket("1", START, START + DAY, client_id="c", client="Acme Ltd")
    await store.tickets.save([closed], {"1"})
    await store.verdicts.write([verdict("1", START, client_id="c", client="Acme & Sons")])
    await store.people.save_clients([Client("c", "Acme"), Client("d", "Blue")])
    await store.people.save_technicians([Technician("t", "Ada")])
    clients, technicians = await store.pages.names()
    assert [name for key, name in clients if key == "c"] == ["Acme & Sons", "Acme Ltd", "Acme"]
    assert ("d", "Blue") in clients
    assert ("t", "Ada") in technicians
