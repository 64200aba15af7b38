"""What a ticket's row says at a moment: countdowns, and its risk in words and colour."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sla_console.domain.durations import countdown, words
from sla_console.domain.forecast.bands import LIKELY_FROM
from sla_console.domain.forecast.risk import RiskLevel, RiskThresholds, risk_of
from sla_console.domain.sla.breach import BreachState, SLABreach
from sla_console.domain.sla.sla_clock import ClockState, EvaluatedTicket, SLAClock
from sla_console.domain.tickets.operation import OperationKind
from sla_console.ui.session.session_state import ChosenColumn
from sla_console.ui.terminal.symbols import UNICODE, Symbols
from sla_console.ui.text.local_time import LocalTime
from sla_console.ui.widgets.columns import Column
from sla_console.ui.widgets.freshness import FreshRows
from sla_console.ui.widgets.paint import Cell

COUNTDOWN_WIDTH = 7
HELD_WIDTH = 12
"""Room for the word ``held`` before the countdown."""


@dataclass(frozen=True, slots=True)
class Attention:
    """What people did about the breaches of one ticket."""

    acknowledged: bool = False
    """All of its breaches are acknowledged."""
    escalated: bool = False
    """One of them was handed up, and nobody acknowledged it since."""
    snoozed: bool = False
    """One of them was put off, and somebody has the others, if there are any."""
    by: str | None = None
    """Who acknowledged."""


@dataclass(slots=True)
class RowFacts:
    """What the rows need to know beside their tickets."""

    symbols: Symbols = UNICODE
    thresholds: RiskThresholds = field(default_factory=RiskThresholds)
    attention: Mapping[str, Attention] = field(default_factory=dict)
    """By ticket id."""
    pending: Mapping[str, str] = field(default_factory=dict)
    """By ticket id: the word for what was asked and is not confirmed yet."""
    changes: Mapping[str, Mapping[OperationKind, str]] = field(default_factory=dict)
    """By ticket id: values that SuperOps does not have yet."""
    chances: Mapping[str, float] = field(default_factory=dict)
    """By ticket id: how likely one of its running clocks breaks, 0 to 1."""
    wall_hours: bool = False
    """Count in hours of the clock on the wall, not in promised ones."""
    columns: Sequence[ChosenColumn] = ()
    """Chosen columns; empty: the usual ones."""
    local: LocalTime = field(default_factory=LocalTime)
    fresh: FreshRows = field(default_factory=FreshRows)


def attention_of(breaches: Sequence[SLABreach]) -> dict[str, Attention]:
    """Return by ticket id what was done about its breaches."""
    by_ticket: dict[str, list[SLABreach]] = {}
    for breach in breaches:
        by_ticket.setdefault(breach.ticket_id, []).append(breach)
    return {
        ticket_id: Attention(
            acknowledged=all(breach.state is BreachState.ACKNOWLEDGED for breach in found),
            escalated=any(breach.state is BreachState.ESCALATED for breach in found),
            snoozed={BreachState.SNOOZED}
            <= {breach.state for breach in found}
            <= {BreachState.SNOOZED, BreachState.ACKNOWLEDGED},
            by=next((breach.acknowledged_by for breach in found if breach.acknowledged_by), None),
        )
        for ticket_id, found in by_ticket.items()
    }


@dataclass(frozen=True, slots=True)
class ClockReading:
    """One clock at one moment."""

    clock: SLAClock
    state: ClockState
    left: timedelta | None
    risk: RiskLevel

    @property
    def owed(self) -> bool:
        """Whether the promise is broken and still owed."""
        return self.state is ClockState.BREACHED and not self.clock.ended()


def read_clock(clock: SLAClock, now: datetime, thresholds: RiskThresholds) -> ClockReading:
    """Read one clock once, for all that is shown of it."""
    state = clock.state(now)
    if state in {ClockState.NONE, ClockState.MET, ClockState.IN_DOUBT}:
        return ClockReading(clock, state, None, RiskLevel.LOW)
    left = clock.remaining(now)
    if state is ClockState.HELD or clock.ended():
        return ClockReading(clock, state, left, RiskLevel.LOW)
    breached = state is ClockState.BREACHED
    consumed = None if breached else clock.consumed(now)
    risk = risk_of(breached=breached, consumed=consumed, left=left, thresholds=thresholds)
    return ClockReading(clock, state, left, risk)


_ENDED: Final = {ClockState.MET: "met", ClockState.IN_DOUBT: "doubt"}


def countdown_cell(
    reading: ClockReading, width: int, symbols: Symbols, wall_at: datetime | None = None
) -> Cell:
    """Return the countdown of one clock.

    Args:
        reading: The clock, read.
        width: Cells there are.
        symbols: The signs to use.
        wall_at: Count to the due time from this moment on the wall; None: in promised hours.
    """
    state = reading.state
    if state is ClockState.NONE:
        return Cell(symbols.nothing, "muted")
    if state in _ENDED:
        return Cell(_ENDED[state], "muted")
    if state is ClockState.BREACHED and reading.clock.ended():
        return Cell("missed", "muted")
    left = reading.left or timedelta()
    if wall_at is not None and reading.clock.due is not None and state is not ClockState.HELD:
        left = reading.clock.due - wall_at
    text = countdown(left).strip()
    if state is ClockState.HELD:
        return Cell(f"held {text}" if width >= HELD_WIDTH else "held", "held")
    if state is ClockState.BREACHED:
        return Cell(text if text.startswith("-") else f"-{text.lstrip()}", "breached")
    return Cell(text, _RISK_LOOK[reading.risk])


_RISK_LOOK = {
    RiskLevel.LOW: "text",
    RiskLevel.MEDIUM: "text",
    RiskLevel.HIGH: "risk",
    RiskLevel.CRITICAL: "urgent",
}


def risk_cell(judged: EvaluatedTicket, readings: Sequence[ClockReading], facts: RowFacts) -> Cell:
    """Return the ticket's state in words, with a sign for those who scan."""
    word = facts.pending.get(judged.ticket.id)
    if word is not None:
        return Cell(f"{facts.symbols.acknowledged} {word}{facts.symbols.ellipsis}", "acked")
    sign, word, look = _state(judged, readings, facts)
    return Cell(f"{sign} {word}{facts.symbols.degraded if judged.degraded else ''}", look)


def _state(
    judged: EvaluatedTicket, readings: Sequence[ClockReading], facts: RowFacts
) -> tuple[str, str, str]:
    """Return sign, word and look."""
    symbols = facts.symbols
    if any(reading.owed for reading in readings):
        sign, look = _attended(facts.attention.get(judged.ticket.id, Attention()), symbols)
        return sign, "BREACHED", look
    worst = max((reading.risk for reading in readings), key=lambda risk: risk.rank)
    if worst.rank >= RiskLevel.HIGH.rank:
        return symbols.at_risk, "AT RISK", _RISK_LOOK[worst]
    states = {reading.state for reading in readings if not reading.clock.ended()}
    if ClockState.HELD in states:
        return symbols.held, "held", "held"
    if ClockState.RUNNING in states:
        if facts.chances.get(judged.ticket.id, 0.0) >= LIKELY_FROM:
            return symbols.at_risk, "likely", "risk"
        return symbols.ok, "ok", "ok"
    return symbols.nothing, "no SLA" if states == {ClockState.NONE} else "met", "muted"


def _attended(attention: Attention, symbols: Symbols) -> tuple[str, str]:
    """Return sign and look of a broken promise by what people did about it."""
    if attention.acknowledged:
        return symbols.acknowledged, "acked"
    if attention.snoozed:
        return symbols.held, "held"
    return symbols.escalated if attention.escalated else symbols.breached, "breached"


def ticket_cell(
    column: Column,
    row: EvaluatedTicket,
    readings: Sequence[ClockReading],
    facts: RowFacts,
    now: datetime,
) -> Cell:
    """Return what a column says of a ticket at a moment."""
    key = column.key
    if key in {"response", "resolution"}:
        wall = now if facts.wall_hours else None
        return countdown_cell(readings[key == "resolution"], column.width, facts.symbols, wall)
    if key == "risk":
        return risk_cell(row, readings, facts)
    if key == "used":
        return _used(row, column.width, facts.symbols, now)
    if key in _CHANGED_BY:
        return _changeable(column, row, facts)
    text = _PLAIN[key](row, facts, now)
    look = "strong" if key == "number" else "text"
    return Cell(text, look) if text else Cell(facts.symbols.nothing, "muted")


_CHANGED_BY: Final = {
    "technician": OperationKind.ASSIGN,
    "status": OperationKind.STATUS,
    "priority": OperationKind.PRIORITY,
}


def _changeable(column: Column, row: EvaluatedTicket, facts: RowFacts) -> Cell:
    ticket, key = row.ticket, column.key
    wanted = facts.changes.get(ticket.id, {}).get(_CHANGED_BY[key])
    if wanted is not None:
        room = max(1, column.width - 1)
        return Cell(f"{wanted[:room]}{facts.symbols.ellipsis}", "acked")
    if key == "technician":
        return Cell(ticket.technician) if ticket.technician else Cell("nobody", "muted")
    if key == "status":
        nothing = Cell(facts.symbols.nothing, "muted")
        return Cell(ticket.status, "muted") if ticket.status else nothing
    text = (ticket.priority or "")[: 4 if column.width == 4 else None]
    return Cell(text) if text else Cell(facts.symbols.nothing, "muted")


def _used(row: EvaluatedTicket, width: int, symbols: Symbols, now: datetime) -> Cell:
    """Return the share of the next promise that is used up, as a bar and a number."""
    clock = row.next_clock()
    share = clock.consumed(now) if clock is not None else None
    if share is None:
        return Cell(symbols.nothing, "muted")
    number = f"{min(999, int(100 * max(0.0, share)))}%"
    room = width - 5
    if room < 2:
        return Cell(number)
    full = round(min(1.0, max(0.0, share)) * room)
    bar = symbols.full * full + symbols.empty * (room - full)
    return Cell(f"{bar} {number:>4}", "breached" if share > 1.0 else "text")


def _chance(row: EvaluatedTicket, facts: RowFacts, _now: datetime) -> str | None:
    chance = facts.chances.get(row.ticket.id)
    return None if chance is None else f"{chance:.0%}"


def _ago(at: datetime | None, now: datetime) -> str | None:
    return None if at is None else words(now - at)


def _moment(at: datetime | None, facts: RowFacts, now: datetime) -> str | None:
    return None if at is None else facts.local.moment(at, now)


_PLAIN: Final[Mapping[str, Callable[[EvaluatedTicket, RowFacts, datetime], str | None]]] = {
    "number": lambda row, _, __: row.ticket.display_id,
    "client": lambda row, _, __: row.ticket.client,
    "subject": lambda row, _, __: row.ticket.subject,
    "chance": _chance,
    "due": lambda row, facts, now: _moment(row.next_due(), facts, now),
    "policy": lambda row, _, __: row.policy.name if row.policy else row.ticket.sla_name,
    "created": lambda row, facts, now: _moment(row.ticket.created_at, facts, now),
    "age": lambda row, _, now: _ago(row.ticket.created_at, now),
    "updated": lambda row, _, now: _ago(row.ticket.updated_at, now),
    "who": lambda row, facts, _: facts.attention.get(row.ticket.id, Attention()).by,
    "group": lambda row, _, __: row.ticket.group,
    "type": lambda row, _, __: row.ticket.request_type,
    "requester": lambda row, _, __: row.ticket.requester,
}
"""What columns say that are nothing but text."""
