"""Counts and sums of targets, and the parts that they fall into."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import Final
from zoneinfo import ZoneInfo

from pydantic import computed_field

from sla_console.domain.figures.counting import (
    WEEKDAYS,
    Count,
    Values,
    compliance_of,
    interval_of,
    nine_of_ten,
)
from sla_console.domain.figures.record import TargetRecord
from sla_console.domain.sla.breach import BreachType
from sla_console.domain.sla.verdict import Outcome
from sla_console.domain.tickets.priority import PriorityRanks

_MINUTE: Final = 60.0
_HOUR: Final = 3600.0
_LAST: Final = frozenset({"none", "unassigned", "others"})
"""What is no name stands behind the names."""
_DIGITS: Final = frozenset("0123456789")
EDGES: Final = (
    *(-24 * _HOUR, -8 * _HOUR, -4 * _HOUR, -2 * _HOUR, -_HOUR, -30 * _MINUTE, 0.0),
    *(30 * _MINUTE, _HOUR, 2 * _HOUR, 4 * _HOUR, 8 * _HOUR, 24 * _HOUR),
)  # fmt: skip
"""Where the bars of the margins part, in seconds of promised time; below zero is late."""


@dataclass(frozen=True, slots=True)
class FigureTally:
    """Promises by what became of them. Fractions where a promise is shared by several people."""

    met: float = 0
    """Kept in time."""
    missed: float = 0
    """Kept late, or broken and still owed."""
    open: float = 0
    """Neither yet; no part of the compliance."""
    in_doubt: float = 0
    """Targets that the known facts do not decide; no part of the compliance either."""

    @property
    def judged(self) -> float:
        """Promises with a verdict: what compliance is a share of."""
        return self.met + self.missed

    @computed_field  # type: ignore[prop-decorator]
    @property
    def compliance(self) -> float | None:
        """Percent met of those judged; None where none was."""
        return compliance_of(self.met, self.missed)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def interval(self) -> tuple[float, float]:
        """Its 95 % interval (Wilson), in percent; 0 to 100 where none was judged."""
        return interval_of(self.met, self.missed)


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of some promises of one kind."""

    tally: FigureTally = FigureTally()
    """Of the period."""
    before: FigureTally = FigureTally()
    """Of the period before."""
    ended: int = 0
    """Of how many it is known how long they took."""
    median: float | None = None
    """Seconds of promised time that half of those took at most."""
    p90: float | None = None
    """And nine of ten."""
    breaches: int = 0
    """Missed ones, each whole; by technician, of tickets that they had when those fell due."""


@dataclass(frozen=True, slots=True)
class FigureGroup:
    """The figures of the promises that share a value."""

    name: str
    """The value that they share."""
    response: Figures
    resolution: Figures


@dataclass(frozen=True, slots=True)
class Week:
    """The promises due in one week."""

    monday: date
    """Its first day."""
    response: FigureTally
    resolution: FigureTally


@dataclass(frozen=True, slots=True)
class MarginBar:
    """The promises whose margin lies in [low, high), in seconds; None: without a limit."""

    low: float | None
    """The least margin that it counts."""
    high: float | None
    """The margin from which on it does not count."""
    met: int
    missed: int


class _Sums:
    """Adds up the records of one kind."""

    def __init__(self) -> None:
        self._now, self._before = Count(), Count()
        self._taken: list[float] = []
        self.breaches = 0

    def add(self, one: TargetRecord, share: float, *, timed: bool) -> None:
        self._now.add(one.outcome, share)
        if timed and one.taken is not None:
            self._taken.append(one.taken)

    def add_before(self, one: TargetRecord, share: float) -> None:
        self._before.add(one.outcome, share)

    def figures(self) -> Figures:
        taken = sorted(self._taken)
        return Figures(
            tally=_tally(self._now),
            before=_tally(self._before),
            ended=len(taken),
            median=median(taken) if taken else None,
            p90=nine_of_ten(taken) if taken else None,
            breaches=self.breaches,
        )


def _tally(count: Count) -> FigureTally:
    whole = count.whole()
    return FigureTally(whole.met, whole.missed, whole.open, whole.in_doubt)


def groups_of(
    records: Iterable[TargetRecord],
    before: Iterable[TargetRecord],
    values_of: Values,
    *,
    by_technician: bool = False,
    priorities: PriorityRanks | None = None,
) -> tuple[FigureGroup, ...]:
    """Return the figures by one dimension, in the order of the names.

    Args:
        records: Of the period.
        before: Of the period before.
        values_of: The dimension.
        by_technician: Whether it is that of technicians, to whom a breach belongs whole.
        priorities: How the names are ranked where they are those of priorities.
    """
    counts: dict[str, dict[BreachType, _Sums]] = {}

    def sums(name: str, target: BreachType) -> _Sums:
        if name not in counts:
            counts[name] = {each: _Sums() for each in BreachType}
        return counts[name][target]

    for one in records:
        values = list(values_of(one))
        # As nearly always there is one value alone.
        owner = max(values, key=_share)[0] if len(values) > 1 else values[0][0]
        for name, share in values:
            sums(name, one.target).add(one, share, timed=name == owner)
        if one.outcome is Outcome.MISSED:
            holder = one.assignee.technician if by_technician and one.assignee else owner
            sums(holder, one.target).breaches += 1
    named = set(counts)
    for one in before:
        for name, share in values_of(one):
            if name in named:
                sums(name, one.target).add_before(one, share)
    return tuple(
        FigureGroup(
            name,
            counts[name][BreachType.RESPONSE].figures(),
            counts[name][BreachType.RESOLUTION].figures(),
        )
        for name in _in_order(named, priorities)
    )


def _share(value: tuple[str, float]) -> float:
    return value[1]


def _in_order(names: set[str], priorities: PriorityRanks | None) -> list[str]:
    """Return names as people expect them: days and priorities by rank, numbers by their value."""
    if priorities is not None:
        return sorted(names, key=lambda name: (name in _LAST, priorities.order(name)))
    days = tuple(map(str.casefold, WEEKDAYS))
    if {name.casefold() for name in names - _LAST} <= set(days):
        return sorted(names, key=lambda name: (name in _LAST, _rank(name, days), name))
    return sorted(names, key=_by_name)


def _rank(name: str, ranks: Sequence[str]) -> int:
    folded = name.casefold()
    return ranks.index(folded) if folded in ranks else len(ranks)


def _by_name(name: str) -> tuple[bool, list[tuple[int, str]], str]:
    parts = re.findall(r"[0-9]+|[^0-9]+", name.casefold())
    return (
        name in _LAST,
        [(int(part), "") if part[0] in _DIGITS else (-1, part) for part in parts],
        name,
    )


def whole_of(
    records: Iterable[TargetRecord], before: Iterable[TargetRecord]
) -> tuple[Figures, Figures]:
    """Return the figures of all first responses, and of all resolutions."""
    found = groups_of(records, before, lambda _: (("all", 1.0),))
    return (found[0].response, found[0].resolution) if found else (Figures(), Figures())


def weeks_of(
    records: Iterable[TargetRecord], mondays: Sequence[date], zone: str
) -> tuple[Week, ...]:
    """Return the promises by the week in which they fall due.

    Args:
        records: Any; those of other weeks are left out.
        mondays: The first day of each week, in order.
        zone: Whose calendar it is.
    """
    here = ZoneInfo(zone)
    counts = {monday: {each: Count() for each in BreachType} for monday in mondays}
    for one in records:
        day = one.due.astimezone(here).date()
        week = counts.get(day - timedelta(days=day.weekday()))
        if week is not None:
            week[one.target].add(one.outcome)
    return tuple(
        Week(monday, _tally(week[BreachType.RESPONSE]), _tally(week[BreachType.RESOLUTION]))
        for monday, week in counts.items()
    )


def margins_of(records: Iterable[TargetRecord]) -> tuple[MarginBar, ...]:
    """Return how much time was left, or how late it was, from the latest to the earliest."""
    met, missed = [0] * (len(EDGES) + 1), [0] * (len(EDGES) + 1)
    for one in records:
        if one.margin is None or not one.judged:
            continue
        place = bisect_right(EDGES, one.margin)
        (met if one.outcome is Outcome.MET else missed)[place] += 1
    lows = (None, *EDGES)
    highs = (*EDGES, None)
    return tuple(map(MarginBar, lows, highs, met, missed))


def heat_of(records: Iterable[TargetRecord], zone: str) -> tuple[tuple[int, ...], ...]:
    """Return how many promises were missed by weekday, and in each by hour, of their due times."""
    here = ZoneInfo(zone)
    found = [[0] * 24 for _ in WEEKDAYS]
    for one in records:
        if one.outcome is Outcome.MISSED:
            at = one.due.astimezone(here)
            found[at.weekday()][at.hour] += 1
    return tuple(map(tuple, found))
