"""A change made here that SuperOps shall have too; waits in a queue until it does."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class OperationKind(StrEnum):
    """What to do in SuperOps."""

    NOTE = "note"
    ASSIGN = "assign"
    STATUS = "status"


class OperationState(StrEnum):
    """How far it is."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Operation:
    """One queued change. Times aware UTC."""

    id: str
    kind: OperationKind
    ticket_id: str
    value: str
    """The note's text, the technician's id, or the status name."""
    by: str
    created_at: datetime
    state: OperationState = OperationState.PENDING
    attempts: int = 0
    next_at: datetime | None = None
    sent: bool = False
    """A request left the house: from then on, read back before sending again."""
    last_error: str | None = None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what to what, when. Holds ids and words of the operation, never secrets."""

    at: datetime
    actor: str
    action: str
    subject: str
    detail: str = ""
    result: str = "done"
