"""A change made here that SuperOps shall have too; waits in a queue until it does."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sla_console.domain.names import same
from sla_console.domain.tickets.ticket import Ticket

SETTLING: Final = timedelta(minutes=2)
"""For so long a board may still show what a ticket had before a change that is done."""
NOBODY: Final = "nobody"
"""Who has a ticket that is assigned to no technician."""


class OperationKind(StrEnum):
    """What to do in SuperOps."""

    NOTE = "note"
    ASSIGN = "assign"
    STATUS = "status"
    PRIORITY = "priority"


class OperationState(StrEnum):
    """How far it is."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"
    """SuperOps refused it."""
    CONFLICT = "conflict"
    """A colleague changed the same meanwhile; nothing was sent."""
    DISCARDED = "discarded"
    """Somebody gave it up, or a newer change took its place."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One queued change. Times aware UTC."""

    id: str
    kind: OperationKind
    ticket_id: str
    value: str
    """The note's text, the technician's id, the status or the priority."""
    by: str
    created_at: datetime
    state: OperationState = OperationState.PENDING
    attempts: int = 0
    next_at: datetime | None = None
    sent: bool = False
    """A request left the house: from then on, read back before sending again."""
    last_error: str | None = None
    shown: str = ""
    """The value in words: the technician's name, the note's first words."""
    expected: str | None = None
    """What the ticket had when somebody decided, empty where it had none; None: not known."""
    expected_shown: str = ""
    """The same in words."""
    ended_at: datetime | None = None
    """When it was done, refused, overtaken or discarded; None while it is pending."""

    @property
    def words(self) -> str:
        """What it does, such as ``assign to Maya Fischer``."""
        shown = self.shown or self.value
        match self.kind:
            case OperationKind.NOTE:
                return f"note: {shown}"
            case OperationKind.ASSIGN:
                return f"assign to {shown}"
            case OperationKind.STATUS:
                return f"move to {shown}"
            case _:
                return f"priority {shown}"

    def ended(self, state: OperationState, now: datetime, why: str | None = None) -> "Operation":
        """Return it as it ended: nothing more is tried."""
        return replace(self, state=state, ended_at=now, next_at=None, last_error=why)


def value_of(ticket: Ticket, kind: OperationKind) -> tuple[str, str]:
    """Return what a ticket has of what a change is about: as its value, and in words.

    Both are empty where it has nothing, and for a note.
    """
    match kind:
        case OperationKind.ASSIGN:
            return ticket.technician_id or "", ticket.technician or ticket.technician_id or ""
        case OperationKind.STATUS:
            return ticket.status, ticket.status
        case OperationKind.PRIORITY:
            return ticket.priority or "", ticket.priority or ""
        case _:
            return "", ""


def overtaken(operation: Operation, found: str) -> str:
    """Return the sentence that says what a colleague did meanwhile.

    Args:
        operation: The change that was not sent.
        found: What the ticket has instead, in words; empty: nothing.
    """
    wanted = f"(you wanted {operation.shown or operation.value or NOBODY})."
    match operation.kind:
        case OperationKind.ASSIGN:
            who = f"{found} took it meanwhile" if found else "Nobody has it any more"
            return f"{who} {wanted}"
        case OperationKind.STATUS:
            return f"It was moved to {found or 'no status'} meanwhile {wanted}"
        case _:
            return f"Its priority became {found or 'none'} meanwhile {wanted}"


def following(
    new: Operation, earlier: Sequence[Operation]
) -> tuple[Operation, tuple[Operation, ...]]:
    """Return a change as it is to be queued, and the earlier ones in whose place it comes.

    Whoever decides anew sees what was asked for before as if it were done, so the change expects
    what that will have made of the ticket: of one that never left the house what it found, of one
    on its way, or done a moment ago, what it set.

    Args:
        new: The change; it expects what the board showed.
        earlier: Those of its kind on its ticket that are not done, or ended lately; oldest first.
    """
    if new.kind is OperationKind.NOTE:
        return new, ()
    replaced: list[Operation] = []
    base: Operation | None = None
    unsent: Operation | None = None
    for one in earlier:
        match one.state:
            case OperationState.PENDING if one.sent:
                base = one
            case OperationState.PENDING:
                unsent = one
                replaced.append(one)
            case OperationState.CONFLICT | OperationState.FAILED:
                replaced.append(one)
            case OperationState.DONE if _hides(one, new):
                base = one
            case _:
                pass
    if unsent is not None:
        new = replace(new, expected=unsent.expected, expected_shown=unsent.expected_shown)
    elif base is not None:
        new = replace(new, expected=base.value, expected_shown=base.shown)
    why = f"{new.by} decided anew: {new.words}."
    return new, tuple(one.ended(OperationState.DISCARDED, new.created_at, why) for one in replaced)


def _hides(done: Operation, new: Operation) -> bool:
    """Return whether the board may have shown a ticket as it was before a change that is done."""
    return (
        done.ended_at is not None
        and new.created_at - done.ended_at < SETTLING
        and new.expected is not None
        and done.expected is not None
        and same(new.expected, done.expected)
    )


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what to what, when. Holds ids and words of the operation, never secrets."""

    at: datetime
    actor: str
    action: str
    subject: str
    detail: str = ""
    result: str = "done"
