"""Tells what became of a target: the times decide, and SuperOps' flag can put them in doubt."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sla_console.domain.sla.due_moves import TOLERANCE
from sla_console.domain.sla.verdict import Outcome

_ZERO: Final = timedelta()


@dataclass(frozen=True, slots=True)
class Ruling:
    """Outcome that a clock gives for its target at a moment, with the reason of any doubt."""

    outcome: Outcome
    by_times: Outcome | None = None
    """Outcome by the times alone, where SuperOps' flag contradicts them."""
    reason: str = ""


def rule_on_stop(
    *, late: bool, violated: bool | None, after: timedelta | None, moved: bool, waited: bool
) -> Ruling:
    """Return what became of a target whose clock was stopped.

    Args:
        late: Whether it stopped late, by the hours that count.
        violated: SuperOps' flag; None: it does not say.
        after: From SuperOps' own due time to the stop; None: it gives no due time.
        moved: Whether the due time in force is another one than SuperOps'.
        waited: Whether the ticket waited when it was due.
    """
    times = Outcome.MISSED if late else Outcome.MET
    if after is None or violated is None:
        return Ruling(times)
    if violated and after <= _ZERO:
        return _doubt(times, "SuperOps calls it missed, but it stopped before its due time")
    if not violated and late and after > TOLERANCE:
        return _doubt(times, "SuperOps calls it met, but it stopped after its due time")
    if violated and not late and not moved:
        # Stopped after SuperOps' due time, in hours that do not count here: its word stands.
        why = "SuperOps calls it missed, but the ticket waited when it was due"
        return _doubt(times, why) if waited else Ruling(Outcome.MISSED)
    return Ruling(times)


def rule_without_stop(
    *, late_when_open: bool, late_at_end: bool | None, violated: bool | None, moved: bool
) -> Ruling:
    """Return what became of a target whose ticket ended without a time at which it stopped.

    Args:
        late_when_open: Whether it was late at the last moment at which the ticket was known open.
        late_at_end: Whether it was late when the ticket was known to have ended; None: unknown.
        violated: SuperOps' flag; None: it does not say.
        moved: Whether the due time in force is another one than SuperOps'.
    """
    if late_when_open:
        return Ruling(Outcome.MISSED)
    if late_at_end is False:
        if violated and not moved:
            why = "SuperOps calls it missed, but the ticket ended before it was due"
            return _doubt(Outcome.MET, why)
        return Ruling(Outcome.MET)
    if violated:
        return Ruling(Outcome.MISSED)
    return Ruling(Outcome.IN_DOUBT, reason="SuperOps gives no time at which it stopped")


def rule_without_due(*, called_missed: bool) -> Ruling:
    """Return what became of a target without a due time: nothing, unless SuperOps' flag says so.

    Args:
        called_missed: Whether it has ended and SuperOps calls it missed.
    """
    if not called_missed:
        return Ruling(Outcome.OPEN)
    why = "SuperOps calls it missed, but gives no due time, and no policy does"
    return Ruling(Outcome.IN_DOUBT, reason=why)


def _doubt(times: Outcome, reason: str) -> Ruling:
    return Ruling(Outcome.IN_DOUBT, times, reason)
