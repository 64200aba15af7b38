"""What a ticket's row says at a moment: countdowns, and its risk in words and colour."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sla_console.domain.breach import BreachState, SLABreach
from sla_console.domain.durations import countdown
from sla_console.domain.risk import RiskLevel, RiskThresholds, risk_of
from sla_console.domain.sla_clock import ClockState, JudgedTicket, SLAClock
from sla_console.ui.symbols import UNICODE, Symbols
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


@dataclass(slots=True)
class RowFacts:
    """What the rows need to know beside their tickets."""

    symbols: Symbols = UNICODE
    thresholds: RiskThresholds = field(default_factory=RiskThresholds)
    attention: Mapping[str, Attention] = field(default_factory=dict)
    """By ticket id."""
    pending: Mapping[str, str] = field(default_factory=dict)
    """By ticket id: the word for what was asked and is not confirmed yet."""


def attention_of(breaches: Sequence[SLABreach]) -> dict[str, Attention]:
    """Return by ticket id what was done about its breaches."""
    states: dict[str, list[BreachState]] = {}
    for breach in breaches:
        states.setdefault(breach.ticket_id, []).append(breach.state)
    return {
        ticket_id: Attention(
            acknowledged=all(state is BreachState.ACKNOWLEDGED for state in found),
            escalated=BreachState.ESCALATED in found,
        )
        for ticket_id, found in states.items()
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
    if state is ClockState.NONE or state is ClockState.MET:
        return ClockReading(clock, state, None, RiskLevel.LOW)
    left = clock.remaining(now)
    if state is ClockState.HELD or clock.ended():
        return ClockReading(clock, state, left, RiskLevel.LOW)
    breached = state is ClockState.BREACHED
    consumed = None if breached else clock.consumed(now)
    risk = risk_of(breached=breached, consumed=consumed, left=left, thresholds=thresholds)
    return ClockReading(clock, state, left, risk)


def countdown_cell(reading: ClockReading, width: int, symbols: Symbols) -> Cell:
    """Return the countdown of one clock."""
    state = reading.state
    if state is ClockState.NONE:
        return Cell(symbols.nothing, "muted")
    if state is ClockState.MET:
        return Cell("met", "muted")
    if state is ClockState.BREACHED and reading.clock.ended():
        return Cell("missed", "muted")
    text = countdown(reading.left or timedelta()).strip()
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


def risk_cell(judged: JudgedTicket, readings: Sequence[ClockReading], facts: RowFacts) -> Cell:
    """Return the ticket's state in words, with a sign for those who scan."""
    word = facts.pending.get(judged.ticket.id)
    if word is not None:
        return Cell(f"{facts.symbols.acknowledged} {word}{facts.symbols.ellipsis}", "acked")
    sign, word, look = _state(judged, readings, facts)
    return Cell(f"{sign} {word}{facts.symbols.degraded if judged.degraded else ''}", look)


def _state(
    judged: JudgedTicket, readings: Sequence[ClockReading], facts: RowFacts
) -> tuple[str, str, str]:
    """Return sign, word and look."""
    symbols = facts.symbols
    if any(reading.owed for reading in readings):
        attention = facts.attention.get(judged.ticket.id, Attention())
        if attention.acknowledged:
            return symbols.acknowledged, "BREACHED", "acked"
        sign = symbols.escalated if attention.escalated else symbols.breached
        return sign, "BREACHED", "breached"
    worst = max((reading.risk for reading in readings), key=lambda risk: risk.rank)
    if worst.rank >= RiskLevel.HIGH.rank:
        return symbols.at_risk, "AT RISK", _RISK_LOOK[worst]
    states = {reading.state for reading in readings if not reading.clock.ended()}
    if ClockState.HELD in states:
        return symbols.held, "held", "held"
    if ClockState.RUNNING in states:
        return symbols.ok, "ok", "ok"
    return symbols.nothing, "no SLA" if states == {ClockState.NONE} else "met", "muted"
