"""Judging a whole board at once, with arrays instead of objects.

To the second, everything here is what ``sla_clock`` says of one ticket. numpy is loaded with this
module, so import it when it is used.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

from sla_console.domain.calendar_table import (
    NONE,
    CalendarTable,
    Integers,
    Numbers,
    alike,
    blocks,
    stamp,
)
from sla_console.domain.risk import RiskLevel, RiskThresholds

__all__ = ["NONE", "CalendarTable", "JudgedClocks", "judge_in_bulk"]


@dataclass(frozen=True, slots=True)
class JudgedClocks:
    """What is true of many clocks at one moment; a place in each array for each clock."""

    due: Integers
    """In seconds since 1970; ``NONE`` where nothing is promised."""
    consumed: Integers
    """Promised seconds used up: open time since the clock started, less what was held."""
    remaining: Integers
    """Promised seconds left, negative when late. Both are 0 where nothing is promised."""
    share: npt.NDArray[np.float64]
    """Share of the target used up (1.0 is due), as ``SLAClock.consumed``; nan where unknown."""
    breached: npt.NDArray[np.bool_]
    risk: npt.NDArray[np.int8]
    """``RiskLevel.rank``: 0 for LOW to 3 for CRITICAL."""

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays."""
        return sum(getattr(self, field.name).nbytes for field in fields(self))


def judge_in_bulk(
    table: CalendarTable,
    numbers: Numbers,
    now: datetime,
    *,
    created: Numbers,
    target: Numbers,
    held: Numbers = 0,
    held_by_due: Numbers | None = None,
    stopped: Numbers = NONE,
    held_since: Numbers = NONE,
    due: Numbers = NONE,
    violated: npt.ArrayLike = False,
    thresholds: RiskThresholds | None = None,
) -> JudgedClocks:
    """Judge many clocks at one moment. Each argument is an array, or one value for all.

    A clock is judged at the moment it stopped, else at the moment since which it is held, else
    now. It is breached only when counted time has passed since it was due, or SuperOps says so of
    one that is past its due time; how late it is, is counted to now, held or not. A ticket that is
    closed, but without a moment at which it was, has no clock to judge and does not belong here,
    nor does SuperOps' flag on a clock that has stopped.

    Args:
        table: The calendars.
        numbers: Which of the table's calendars counts.
        now: The moment, cut to whole seconds.
        created: When the clock started, or ``NONE``.
        target: Seconds promised, or ``NONE``.
        held: Open seconds from the start to that moment within holds that have ended, those that
            overlap counted once; where SuperOps gives the due time, only holds begun by then.
        held_by_due: The same from the start to the due time, by which a computed one moves; None:
            as ``held``, which is right as long as no clock was held when it was due or later.
        stopped: When the promise was kept, or ``NONE`` while it is owed.
        held_since: Since when the ticket has been waiting, or ``NONE`` while it runs.
        due: SuperOps' own due time, which wins over the target, or ``NONE``.
        violated: Whether SuperOps says that the promise is broken.
        thresholds: Where risk begins.

    Raises:
        ValueError: as ``CalendarTable.add``, naming no ticket: one that asks for what its calendar
            never gives stops the others.
        TypeError: for anything but whole numbers.
    """
    flags = np.asarray(violated, np.int8)
    by_due = held if held_by_due is None else held_by_due
    rows = alike(numbers, created, target, held, by_due, stopped, held_since, due, flags)
    table.check(rows[0])
    count = len(rows[0])
    found = JudgedClocks(
        due=np.empty(count, np.int64),
        consumed=np.empty(count, np.int64),
        remaining=np.empty(count, np.int64),
        share=np.empty(count),
        breached=np.empty(count, np.bool_),
        risk=np.empty(count, np.int8),
    )
    for part in blocks(count):
        _judge_block(
            table,
            stamp(now),
            thresholds or RiskThresholds(),
            [row[part] for row in rows],
            JudgedClocks(*(getattr(found, field.name)[part] for field in fields(found))),
        )
    return found


def _judge_block(
    table: CalendarTable,
    now: int,
    thresholds: RiskThresholds,
    rows: Sequence[Integers],
    found: JudgedClocks,
) -> None:
    """Judge a block of clocks into its part of the result."""
    which, created, target, held, held_by_due, stopped, held_since, given, violated = rows
    known, is_given = created >= 0, given >= 0
    is_computed = known & (target >= 0) & ~is_given
    promised = is_computed | is_given
    began = table.open_before_block(which, _or_else(created, known, table.first))
    wanted = _or_else(target + held_by_due, is_computed, 0)
    due = table.add_block(which, created, began, wanted)
    until = began + wanted
    if is_given.any():
        given_until = table.open_before_block(which, _or_else(given, is_given, table.first))
        due, until = np.where(is_given, given, due), np.where(is_given, given_until, until)
    owed, waits = stopped < 0, held_since >= 0
    moments = np.where(waits, np.minimum(held_since, now), now)
    if not owed.all():
        moments = np.where(owed, moments, stopped)

    # Promised time is open time less what was held; both are counted from the table's start.
    passed = table.open_before_block(which, moments) - held
    until -= held_by_due
    by_flag = owed & (violated != 0) & (now > due)
    overdue = owed & ((passed > until) | by_flag)
    late = overdue | (passed > until)
    if overdue.any():
        reached = table.open_before_block(which, np.where(overdue, now, moments))
        reached -= np.where(by_flag & is_given, held_by_due, held)
        passed = np.where(overdue, reached, passed)
    # An answer before the creation took no time.
    passed -= began
    if (impossible := (passed < 0) & known & ~overdue).any():
        passed[impossible] = 0
    until -= began
    left = np.subtract(until, passed, out=found.remaining)
    if (outside := by_flag & (left == 0)).any():
        left[outside] = (due - now)[outside]
    passed = np.maximum(passed, 0)
    found.consumed[:], found.due[:], found.breached[:] = passed, due, late
    allowed = until.astype(np.float64)
    unknown = (until <= 0) | ~(promised & known)
    if unknown.any():
        allowed[unknown] = np.nan
    np.subtract(1.0, np.divide(left, allowed, out=found.share), out=found.share)
    # What has ended or waits is LOW, whose rank is 0.
    runs = owed & (late | ~waits)
    np.multiply(_risk(found.share, left, late, thresholds), runs, out=found.risk)
    if not known.all():
        found.consumed[~known] = 0
    if not promised.all():
        nothing = ~promised
        found.due[nothing] = NONE
        for array in (found.consumed, found.remaining, found.breached, found.risk):
            array[nothing] = 0


def _or_else(array: Integers, there: npt.NDArray[np.bool_], other: int) -> Integers:
    """Return the array with something else where it holds nothing."""
    return array if there.all() else np.where(there, array, other)


def _risk(
    share: npt.NDArray[np.float64],
    left: Integers,
    late: npt.NDArray[np.bool_],
    thresholds: RiskThresholds,
) -> npt.NDArray[np.int8]:
    """As ``risk_of``; a share that is not known is nan, and reaches no threshold."""
    second = timedelta(seconds=1)
    critical = late | (share >= thresholds.critical_share)
    critical |= left <= thresholds.critical_left // second
    high = (share >= thresholds.high_share) | (left <= thresholds.high_left // second)
    risk = (share >= thresholds.medium_share).astype(np.int8)
    np.maximum(risk, high * np.int8(RiskLevel.HIGH.rank), out=risk)
    return np.maximum(risk, critical * np.int8(RiskLevel.CRITICAL.rank))
