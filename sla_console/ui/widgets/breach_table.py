"""Broken promises: whose, which, how late, and who has it."""

from datetime import datetime

from sla_console.domain.alerts.escalation_state import EscalationState
from sla_console.domain.board import Board
from sla_console.domain.durations import words
from sla_console.domain.sla.breach import BreachState, BreachType, SLABreach
from sla_console.ui.terminal.symbols import UNICODE, Symbols
from sla_console.ui.widgets.line_table import Column, LineTable
from sla_console.ui.widgets.paint import Cell

_STRIP = (
    Column("number", "Number", 8),
    Column("client", "Client", 0),
    Column("late", "Late", 9, right=True),
    Column("state", "State", 14),
)
_NARROW = (
    Column("number", "Number", 8),
    Column("client", "Client", 0),
    Column("promise", "Promise", 10),
    Column("late", "Late", 9, right=True),
    Column("state", "State", 14),
    Column("next", "What next", 17),
)
_MEDIUM = (
    Column("number", "Number", 8),
    Column("client", "Client", 17),
    Column("promise", "Promise", 14),
    Column("late", "Late", 9, right=True),
    Column("state", "State", 14),
    Column("next", "What next", 18),
    Column("who", "By", 10),
    Column("reason", "Reason", 0),
    Column("technician", "Technician", 12),
)
_WIDE = (
    Column("number", "Number", 10),
    Column("client", "Client", 24),
    Column("subject", "Subject", 0),
    Column("priority", "Priority", 9),
    Column("promise", "Promise", 14),
    Column("late", "Late", 9, right=True),
    Column("state", "State", 14),
    Column("next", "What next", 24),
    Column("who", "By", 16),
    Column("reason", "Reason", 0),
    Column("technician", "Technician", 18),
)

_STATE_LOOK = {
    BreachState.OPEN: "breached",
    BreachState.ESCALATED: "urgent",
    BreachState.SNOOZED: "held",
    BreachState.ACKNOWLEDGED: "acked",
    BreachState.RESOLVED: "muted",
}


class BreachTable(LineTable[SLABreach]):
    """One row a breach, unacknowledged first.

    Args:
        symbols: The signs to use.
        id: As in Textual.
        classes: As in Textual.
    """

    MARKS = True

    def __init__(
        self,
        symbols: Symbols = UNICODE,
        *,
        id: str | None = None,  # noqa: A002 - Textual's own name
        classes: str | None = None,
    ) -> None:
        super().__init__(symbols, id=id, classes=classes)
        self.pending: dict[str, str] = {}
        """By breach id: the word for what was asked and is not confirmed yet."""
        self._calendars = Board()

    def show_board(self, board: Board, now: datetime) -> None:
        """Show the breaches of this board."""
        self._calendars = board
        self.show(board.breaches, now)

    def id_of(self, row: SLABreach) -> str:
        """Return the breach's id."""
        return row.id

    def columns_for(self, width: int) -> tuple[Column, ...]:
        """Return the columns of one of four layouts."""
        if width < 70:
            return _STRIP
        if width < 100:
            return _NARROW
        return _MEDIUM if width < 150 else _WIDE

    def cells(self, row: SLABreach, columns: tuple[Column, ...], now: datetime) -> list[Cell]:
        """Return the row at this moment."""
        return [self._cell(row, column, now) for column in columns]

    def _cell(self, row: SLABreach, column: Column, now: datetime) -> Cell:
        text: str | None
        look = "text"
        match column.key:
            case "number":
                text, look = row.display_id or row.ticket_id, "strong"
            case "client":
                text = row.client
            case "subject":
                text = row.subject
            case "priority":
                text = row.priority
            case "promise":
                short = "response" if row.breach_type is BreachType.RESPONSE else "resolution"
                text = row.breach_type.words if column.width >= 14 else short
            case "late":
                text = self._late(row, now)
                look = "text" if row.state is BreachState.ACKNOWLEDGED else "breached"
            case "state":
                return self._state(row)
            case "next" | "who" | "reason":
                said = {"next": what_next(row, now), "who": _who(row), "reason": row.note}
                text = said[column.key]
            case _:
                text = row.technician or "nobody"
                look = "text" if row.technician else "muted"
        return Cell(text, look) if text else Cell(self.symbols.nothing, "muted")

    def _late(self, row: SLABreach, now: datetime) -> str:
        """How late in promised time where the ticket is known, else in wall time."""
        judged = self._calendars.by_id.get(row.ticket_id)
        if judged is not None:
            for clock in judged.clocks:
                left = clock.remaining(now)
                if clock.target is row.breach_type and left is not None and clock.due:
                    return words(abs(left))
        return words(max(now - row.breach_time, now - now))

    def _state(self, row: SLABreach) -> Cell:
        symbols = self.symbols
        word = self.pending.get(row.id)
        if word is not None:
            return Cell(f"{symbols.acknowledged} {word}{symbols.ellipsis}", "acked")
        sign = {
            BreachState.ACKNOWLEDGED: symbols.acknowledged,
            BreachState.ESCALATED: symbols.escalated,
            BreachState.SNOOZED: symbols.held,
        }.get(row.state, symbols.breached)
        return Cell(f"{sign} {row.state}", _STATE_LOOK[row.state])


def what_next(row: SLABreach, now: datetime) -> str | None:
    """Return which step of its escalation was taken and when the next comes, in a few words."""
    escalation_state = row.escalation_state
    if row.state is BreachState.SNOOZED:
        until = row.snoozed_until
        return "till hold changes" if until is None else f"sleeps {_left(until, now)}"
    if escalation_state is None:
        return None
    if row.state is BreachState.ACKNOWLEDGED:
        ends = escalation_state.acknowledged_until
        who = row.acknowledged_by or "somebody"
        # While the ticket waits it does not run out.
        seen = escalation_state.held_since or now
        return who if ends is None else f"{who[:9]} {_left(ends, seen)}"
    return (
        "ticket waits"
        if escalation_state.held_since is not None
        else _next_step(escalation_state, now)
    )


def _next_step(escalation_state: EscalationState, now: datetime) -> str | None:
    if not escalation_state.plan.steps:
        return "no escalation"
    taken = escalation_state.words.replace(" of ", "/")
    at = escalation_state.next_at
    if at is None:
        return f"{taken} last step" if taken else None
    return f"{taken}, next in {_left(at, now)}" if taken else f"first in {_left(at, now)}"


def _left(moment: datetime, now: datetime) -> str:
    return words(max(moment - now, now - now))


def _who(row: SLABreach) -> str | None:
    if row.state is BreachState.ESCALATED:
        return row.escalated_by
    return row.acknowledged_by
