"""The life of a clock as one line of signs: what counted, what did not, what is left, what is late."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sla_console.domain.board import TicketDetail
from sla_console.domain.sla.ledger import LedgerLine, ledger
from sla_console.domain.sla.sla_clock import ClockState, EvaluatedTicket, SLAClock
from sla_console.domain.sla.verdict import Outcome
from sla_console.domain.tickets.ticket import HoldReason
from sla_console.ui.terminal.symbols import Symbols

LEGEND: Final = "{full} counted  {empty} left  {dot} closed  {held} held  {late} late  {bar} due"
_HELD: Final = {
    HoldReason.INFERRED: ", inferred: its due time moved",
    HoldReason.CLOSED: ", for it was closed",
}

_LOOKS: Final = {Outcome.MET: "$sla-ok", Outcome.MISSED: "$sla-breached"}


def clock_line(clock: SLAClock, now: datetime, width: int, symbols: Symbols) -> str:
    """Return a clock's life in ``width`` cells, from its start to its due time or its end.

    Each cell stands for the same time on the wall and shows what that mostly was. Empty where
    nothing is promised, or where its hours are not known.

    Args:
        clock: The clock.
        now: The moment.
        width: Cells.
        symbols: The signs to use.
    """
    if clock.state(now) is ClockState.NONE or clock.due is None:
        return ""
    try:
        lines = ledger(clock, now)
    except ValueError:
        return ""
    if not lines:
        return ""
    start, end = lines[0].start, lines[-1].end
    step = (end - start) / width
    reached = clock.end() or clock.held_since or now
    cells = []
    at = 0
    for number in range(width):
        middle = start + (number + 0.5) * step
        while lines[at].end <= middle and at + 1 < len(lines):
            at += 1
        cells.append(_sign(lines[at], middle, reached, symbols))
    due_at = min(width - 1, int((clock.due - start) / step)) if step else 0
    cells[due_at] = symbols.bar
    return "".join(cells)


def _sign(line: LedgerLine, at: datetime, reached: datetime, symbols: Symbols) -> str:
    if not line.counted:
        return symbols.held if "held" in line.why or "closed before" in line.why else symbols.dot
    if line.late:
        return symbols.late if at <= reached else symbols.dot
    return symbols.full if at <= reached else symbols.empty


def legend(symbols: Symbols) -> str:
    """Return what the signs mean."""
    return LEGEND.format(
        full=symbols.full, empty=symbols.empty, dot=symbols.dot, held=symbols.held,
        late=symbols.late, bar=symbols.bar,
    )  # fmt: skip


def story(detail: TicketDetail, now: datetime) -> list[tuple[datetime, str, str]]:
    """Return what happened to a ticket and what is to come: moment, words and look, oldest first."""
    judged = detail.judged
    found = [*_of_clocks(judged, now), *_of_holds(detail, now)]
    found += [
        (breach.breach_time, f"{breach.breach_type.words} due and not kept", "$sla-breached")
        for breach in detail.breaches
    ]
    found += [
        (one.accepted_at or one.created_at, f"{one.channel} was told: {one.event}", "$sla-muted")
        for one in detail.messages
        if one.accepted_at is not None
    ]
    for entry in detail.history:
        did = f"{entry.actor}: {entry.action}{f', {entry.detail}' if entry.detail else ''}"
        found.append((entry.at, did, "$foreground"))
    return sorted(found, key=lambda one: one[0])


def _of_clocks(judged: EvaluatedTicket, now: datetime) -> Sequence[tuple[datetime, str, str]]:
    found: list[tuple[datetime, str, str]] = []
    if judged.ticket.created_at is not None:
        found.append((judged.ticket.created_at, "created", "$foreground"))
    for clock in judged.clocks:
        name = clock.target.words
        for verdict in clock.earlier:
            said = f"{name} {verdict.outcome}, then it was opened again"
            found.append((verdict.stopped_at or verdict.fell_at, said, "$sla-muted"))
        if (ended := clock.end()) is not None and clock.due is not None:
            outcome = clock.ruling(now).outcome
            found.append((ended, f"{name} {outcome}", _LOOKS.get(outcome, "$sla-muted")))
        elif clock.verdict is not None and clock.verdict.outcome is Outcome.MISSED:
            found.append((clock.verdict.fell_at, f"{name} missed", _LOOKS[Outcome.MISSED]))
        if clock.due is not None and not clock.ended() and clock.due > now:
            found.append((clock.due, f"{name} will be due", "$sla-accent"))
    return found


def _of_holds(detail: TicketDetail, now: datetime) -> Sequence[tuple[datetime, str, str]]:
    found: list[tuple[datetime, str, str]] = []
    for hold in detail.holds:
        why = _HELD.get(hold.why, "")
        found.append((hold.start, f"clocks held{why}", "$sla-held"))
        if hold.end is not None:
            found.append((hold.end, "clocks go on", "$sla-held"))
    return [one for one in found if one[0] <= now]
