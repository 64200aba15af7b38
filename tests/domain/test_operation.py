"""Changes for SuperOps: what they are called, and what becomes of several for one thing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sla_console.domain.tickets.operation import (
    SETTLING,
    Operation,
    OperationKind,
    OperationState,
    following,
    overtaken,
    value_of,
)
from sla_console.domain.tickets.ticket import Ticket

NOW = datetime(2026, 10, 12, 9, 0, tzinfo=UTC)
TICKET = Ticket(
    "1", "T1", "Subject", "Open", priority="High", technician_id="9", technician="Marta Lindqvist"
)


def change(name: str = "new", value: str = "Maya", **fields: object) -> Operation:
    given = {
        "id": name,
        "kind": OperationKind.ASSIGN,
        "ticket_id": "1",
        "value": value,
        "by": "ada",
        "created_at": NOW,
        "shown": f"{value} F.",
        "expected": "",
        **fields,
    }
    return Operation(**given)


@pytest.mark.parametrize(
    ("kind", "shown", "words"),
    [
        (OperationKind.ASSIGN, "Maya Fischer", "assign to Maya Fischer"),
        (OperationKind.STATUS, "On Hold", "move to On Hold"),
        (OperationKind.PRIORITY, "High", "priority High"),
        (OperationKind.NOTE, "Called the vendor", "note: Called the vendor"),
    ],
)
def test_a_change_has_words(kind, shown, words) -> None:
    assert change(kind=kind, shown=shown).words == words


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        (OperationKind.ASSIGN, ("9", "Marta Lindqvist")),
        (OperationKind.STATUS, ("Open", "Open")),
        (OperationKind.PRIORITY, ("High", "High")),
        (OperationKind.NOTE, ("", "")),
    ],
)
def test_what_a_ticket_has_of_it(kind, found) -> None:
    assert value_of(TICKET, kind) == found
    bare = Ticket("1", "T1", "Subject")
    assert value_of(bare, kind) == ("", "")


@pytest.mark.parametrize(
    ("kind", "found", "sentence"),
    [
        (OperationKind.ASSIGN, "Tom O'Brien", "Tom O'Brien took it meanwhile (you wanted X)."),
        (OperationKind.ASSIGN, "", "Nobody has it any more (you wanted X)."),
        (OperationKind.STATUS, "Closed", "It was moved to Closed meanwhile (you wanted X)."),
        (OperationKind.PRIORITY, "Low", "Its priority became Low meanwhile (you wanted X)."),
        (OperationKind.PRIORITY, "", "Its priority became none meanwhile (you wanted X)."),
    ],
)
def test_what_a_colleague_did_is_said_in_a_sentence(kind, found, sentence) -> None:
    assert overtaken(change(kind=kind, shown="X"), found) == sentence


class TestChangesOfMind:
    def test_alone_it_expects_what_the_board_showed(self) -> None:
        assert following(change(), []) == (change(), ())

    def test_one_that_never_left_is_replaced_and_its_expectation_kept(self) -> None:
        older = change("older", "Tom", expected="9", expected_shown="Marta")
        new, (gone,) = following(change(expected="Tom"), [older])
        assert (new.expected, new.expected_shown) == ("9", "Marta")
        assert (gone.id, gone.state, gone.ended_at) == ("older", OperationState.DISCARDED, NOW)
        assert gone.last_error == "ada decided anew: assign to Maya F.."

    def test_behind_one_on_its_way_it_expects_what_that_one_sets(self) -> None:
        older = change("older", "Tom", sent=True, attempts=1)
        new, replaced = following(change(), [older])
        assert (new.expected, new.expected_shown, replaced) == ("Tom", "Tom F.", ())

    def test_of_one_on_its_way_and_one_behind_it_only_the_latter_is_replaced(self) -> None:
        first = change("first", "Tom", sent=True)
        second = change("second", "Ann", expected="Tom", expected_shown="Tom F.")
        new, replaced = following(change(), [first, second])
        assert [one.id for one in replaced] == ["second"]
        assert (new.expected, new.expected_shown) == ("Tom", "Tom F.")

    @pytest.mark.parametrize("state", [OperationState.CONFLICT, OperationState.FAILED])
    def test_what_was_not_taken_is_forgotten_for_it(self, state) -> None:
        new, (gone,) = following(change(), [change("older", "Tom", state=state)])
        assert (gone.id, gone.state, new.expected) == ("older", OperationState.DISCARDED, "")

    def test_the_board_may_not_show_yet_what_was_done_a_moment_ago(self) -> None:
        done = change("done", "Tom", state=OperationState.DONE, ended_at=NOW)
        new, replaced = following(change(), [done])
        assert (new.expected, replaced) == ("Tom", ())

    @pytest.mark.parametrize(
        "done",
        [
            change("done", "Tom", ended_at=NOW - SETTLING),
            change("done", "Tom", ended_at=NOW, expected="somebody else"),
            change("done", "Tom", ended_at=NOW, expected=None),
            change("done", "Tom", ended_at=None),
        ],
        ids=["long ago", "the board has moved on", "not known", "of an older version"],
    )
    def test_but_else_the_board_is_right(self, done) -> None:
        new, _ = following(change(), [replace(done, state=OperationState.DONE)])
        assert new.expected == ""

    def test_notes_never_replace_each_other(self) -> None:
        notes = [change(name, kind=OperationKind.NOTE, expected=None) for name in ("a", "b")]
        assert following(notes[1], notes[:1]) == (notes[1], ())


def test_what_has_ended_is_not_tried_again() -> None:
    tried = change(next_at=NOW + timedelta(minutes=5), sent=True, attempts=3)
    ended = tried.ended(OperationState.FAILED, NOW, "no")
    assert (ended.next_at, ended.ended_at, ended.last_error) == (None, NOW, "no")
    assert (ended.sent, ended.attempts) == (True, 3)
