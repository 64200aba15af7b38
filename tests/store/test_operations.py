"""The queue of changes: one for each thing, and none lost to somebody who was slower."""

from dataclasses import replace

import pytest

from sla_console.domain.tickets.operation import OperationKind, OperationState
from sla_console.store import key_check, migrate
from sla_console.store.connection import Connection


@pytest.fixture
def assign(make_operation):
    def make(name: str, value: str, **changes):
        shown = value.title()
        return make_operation(
            name, kind=OperationKind.ASSIGN, value=value, shown=shown, **{"expected": "", **changes}
        )

    return make


async def test_every_field_comes_back_after_a_restart(store, open_store, assign, now, later):
    whole = assign(
        "o1",
        "maya",
        state=OperationState.CONFLICT,
        attempts=3,
        next_at=later(minutes=1),
        sent=True,
        last_error="Tom took it.",
        expected="ann",
        expected_shown="Ann",
        ended_at=later(seconds=5),
    )
    unknown = assign("o2", "maya", ticket_id="2", expected=None)
    await store.operations.queue([whole, unknown])
    await store.close()
    again = await open_store()
    assert await again.operations.outstanding() == [whole, unknown]
    assert await again.operations.get("o1") == whole
    assert await again.operations.get("none") is None


async def test_three_changes_of_mind_leave_one(store, assign, make_entry, now):
    names = ("maya", "tom", "ann")
    for name, seen in zip(names, ("", "maya", "tom"), strict=True):
        await store.operations.queue([assign(name, name, expected=seen)], [make_entry(name)])
    (left,) = await store.operations.outstanding()
    assert (left.value, left.expected) == ("ann", ""), "what the ticket really has"
    assert await store.operations.due(now, 9) == [left]
    replaced = await store.operations.get("maya")
    assert (replaced.state, replaced.ended_at) == (OperationState.DISCARDED, now)
    assert [entry.subject for entry in await store.audit.recent(9)] == [*names][::-1]


async def test_changes_of_other_kinds_and_tickets_stay(store, assign, make_operation):
    others = [
        assign("elsewhere", "tom", ticket_id="2"),
        make_operation("status", kind=OperationKind.STATUS, value="On Hold"),
        make_operation("note"),
        make_operation("another note"),
    ]
    await store.operations.queue(others)
    await store.operations.queue([assign("new", "maya")])
    assert [o.id for o in await store.operations.outstanding()] == [
        *(other.id for other in others),
        "new",
    ]


async def test_a_change_waits_until_the_one_before_it_is_settled(store, assign, now, later):
    first = assign("first", "maya")
    await store.operations.queue([first])
    sent = replace(first, sent=True, attempts=1, next_at=later(minutes=1))
    assert await store.operations.replace(first, sent)
    (second,) = await store.operations.queue([assign("second", "tom")])
    assert second.expected == "maya"
    assert await store.operations.due(now, 9) == [], "the first is on its way"
    assert await store.operations.due(later(minutes=1), 9) == [sent]
    done = sent.ended(OperationState.DONE, later(minutes=1))
    assert await store.operations.replace(sent, done)
    assert await store.operations.due(later(minutes=1), 9) == [second]


async def test_one_that_failed_does_not_keep_a_newer_one_waiting(store, assign, now, later):
    first = assign("first", "maya")
    await store.operations.queue([first])
    unsure = replace(first, sent=True, attempts=4, next_at=later(minutes=9), last_error="no line")
    assert await store.operations.replace(first, unsure)
    await store.operations.queue([assign("second", "tom")])
    assert [o.id for o in await store.operations.due(now, 9)] == ["first"]


async def test_only_the_first_of_two_takes_a_change(store, open_store, assign, make_entry, later):
    await store.operations.queue([assign("o1", "maya")])
    other = await open_store()
    (mine,), (theirs,) = [await s.operations.due(later(), 9) for s in (store, other)]
    leaving = replace(mine, sent=True, attempts=1)
    assert await store.operations.replace(mine, leaving)
    given_up = theirs.ended(OperationState.DISCARDED, later())
    assert not await other.operations.replace(theirs, given_up, make_entry())
    assert not await other.operations.replace(theirs, leaving)
    assert await store.operations.outstanding() == [leaving]
    assert await store.audit.recent(9) == []


async def test_what_did_not_come_about_gives_way_to_what_came_after(store, assign, later):
    first = assign("first", "maya", expected="ann", expected_shown="Ann")
    await store.operations.queue([first])
    given_up = first.ended(OperationState.DISCARDED, later())
    assert not await store.operations.give_way(first, given_up), "nothing came after it"
    sent = replace(first, sent=True)
    await store.operations.replace(first, sent)
    await store.operations.queue([assign("second", "tom")])
    assert await store.operations.give_way(sent, sent.ended(OperationState.DISCARDED, later()))
    (left,) = await store.operations.outstanding()
    assert (left.id, left.expected, left.expected_shown) == ("second", "ann", "Ann")


async def test_notes_give_way_to_nothing(store, make_operation, later):
    first = make_operation("a", sent=True)
    await store.operations.queue([first, make_operation("b")])
    assert not await store.operations.give_way(
        first, first.ended(OperationState.DISCARDED, later())
    )


async def test_only_what_failed_is_hastened(store, make_operation, now, later):
    failed = make_operation("failed", next_at=later(minutes=9), last_error="no line")
    leaving = make_operation("leaving", sent=True, next_at=later(minutes=1))
    await store.operations.queue([failed, leaving])
    await store.operations.hasten()
    assert [o.id for o in await store.operations.due(now, 9)] == ["failed"]


async def test_a_store_of_the_version_before_opens_and_its_changes_go_on(
    find_key, path, open_store, now
):
    key = find_key()
    key_check.prepare(path, key)
    before = await Connection.open(path, key)
    await migrate.migrate(before, path, migrate.migrations()[:5])
    await before.rows(
        "INSERT INTO operation (position, id, kind, ticket_id, value, person, created_at, state, "
        "attempts, next_at, sent, last_error) VALUES "
        "(1, 'old', 'note', '1', 'Seen by Ada', 'Ada', 1791795600000, 'pending', 2, NULL, 1, 'no'),"
        "(2, 'lost', 'note', '1', 'Seen', 'Ada', 1791795600000, 'failed', 2, NULL, 1, 'refused')"
    )
    await before.commit()
    await before.close()
    store = await open_store()
    old, lost = await store.operations.outstanding()
    assert (old.id, old.sent, old.attempts, old.created_at) == ("old", True, 2, now)
    assert (old.shown, old.expected, old.ended_at) == ("", None, None)
    assert old.words == "note: Seen by Ada"
    assert lost.state is OperationState.FAILED
    assert await store.operations.due(now, 9) == [old]
