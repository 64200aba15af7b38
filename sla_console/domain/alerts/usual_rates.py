"""How many tickets of each client and category usually come, and the chance of more.

What is usual goes by the hour of the week. Older weeks count less, the desk's week stands in
where a group has little of its own, and a desk that grows raises what is usual for everybody. The
chance of a count is the tail of a negative binomial distribution, whose spread is the group's own:
a client who always writes in batches needs a larger batch. The limit is so small that the whole
desk, all its groups and windows together, passes it as seldom by chance as the settings allow.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Final

from sla_console.domain.names import folded

_HOURS: Final = 168
_WEEK: Final = timedelta(days=7)
_YEAR: Final = timedelta(days=365.25)
_HALF_LIFE_WEEKS: Final = 3.0
"""Weeks after which what came then counts half."""
_PRIOR: Final = 3.0
"""Tickets that the desk's week is worth against a group's own hour of the week."""
_USUAL_SPREAD: Final = 0.2
"""Share by which the variance of a group's counts exceeds a Poisson's, relative to the square of
the mean, where a group has shown none of its own."""
_EVEN: Final = 0.1
"""Share of the desk's week that is spread evenly over all hours."""
_GROWTH_PRIOR: Final = 10.0
"""Tickets that a growth of the desk is doubted by."""
LOOK_BACK: Final = timedelta(weeks=8)
"""Time that is learnt from."""
REST: Final = timedelta(days=1)
"""The latest past, which is left out: what comes now is held against what came before."""
LEARN: Final = timedelta(days=14)
"""Past that a desk, and a group, must have before it is held against it."""


class GroupKind(StrEnum):
    """Trait that the tickets of a group share."""

    CLIENT = "client"
    CATEGORY = "category"


GroupKey = tuple[GroupKind, str]
"""A group, by its name as ``folded`` gives it."""


@dataclass(frozen=True, slots=True)
class BurstSettings:
    """How sensitive the count is."""

    enabled: bool = True
    window: timedelta = timedelta(minutes=30)
    at_least: int = 5
    """Tickets below which nothing is a burst."""
    false_alarms_a_year: float = 1.0
    """How many bursts a year chance alone may raise, on the whole desk."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A ticket that came in. Aware UTC."""

    at: datetime
    client: str | None
    category: str | None
    ticket_id: str = ""
    words: str = ""
    """The ticket as messages name it."""

    def group(self, kind: GroupKind) -> str | None:
        """Return the name of the group of a kind that it belongs to; None: to none."""
        return (self.client if kind is GroupKind.CLIENT else self.category) or None


def tail(count: int, mean: float, spread: float) -> float:
    """Return the probability of so many tickets or more.

    Args:
        count: How many.
        mean: How many usually come.
        spread: By how much the variance exceeds the mean, relative to its square; 0 is a Poisson.
    """
    if count <= 0:
        return 1.0
    if mean <= 0:
        return 0.0
    size = 1 / max(spread, 1e-9)
    part = mean / (size + mean)

    def probability(k: int) -> float:
        return math.exp(
            math.lgamma(k + size)
            - math.lgamma(size)
            - math.lgamma(k + 1)
            - size * math.log1p(mean / size)
            + k * math.log(part)
        )

    if count <= mean:
        return max(0.0, 1 - math.fsum(map(probability, range(count))))
    term, found = probability(count), 0.0
    while term > found * 1e-12:
        found += term
        term *= part * (count + size) / (count + 1)
        count += 1
    return min(1.0, found)


class UsualRates:
    """How many tickets of each group of one kind usually come, by the hour of the week.

    Args:
        kind: Which groups.
        arrivals: What came from ``begin`` to ``end``; what came at other times is left out.
        begin: From when on every ticket is known.
        end: Up to when what came is the past.
        settings: Its window is that of the counts whose spread is learnt.
        zone: Whose hours of the week, as a desk's day follows its own clock; None: this machine's.
    """

    def __init__(
        self,
        kind: GroupKind,
        arrivals: Iterable[Arrival],
        begin: datetime,
        end: datetime,
        settings: BurstSettings,
        zone: tzinfo | None = None,
    ) -> None:
        self._kind, self._window, self._zone = kind, settings.window, zone
        self._begin, self._end = begin, end
        self._weight: dict[str, float] = defaultdict(float)
        self._by_hour: dict[str, dict[int, float]] = defaultdict(lambda: defaultdict(float))
        self._first: dict[str, datetime] = {}
        self._counts: dict[str, Counter[int]] = defaultdict(Counter)
        self._weeks = self._exposure()
        self._mean_weeks = sum(self._weeks) / _HOURS
        self._spreads: dict[str, float] = {}
        self._growth = 1.0
        self._shape = self._learn(arrivals)

    def __len__(self) -> int:
        return len(self._weight)

    def has_past(self, name: str) -> bool:
        """Return whether a group has enough of a past to be held against."""
        first = self._first.get(name)
        return first is not None and self._end - first >= LEARN - REST

    def usual(self, name: str, end: datetime) -> float:
        """Return how many tickets of a group usually come in the window up to a moment.

        Args:
            name: The group's, as ``folded`` gives it.
            end: The moment.
        """
        start, found = end - self._window, 0.0
        while start < end:
            next_hour = start.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
            upto = min(next_hour, end)
            found += self._rate(name, self._hour(start)) * ((upto - start) / timedelta(hours=1))
            start = upto
        return found * self._growth

    def chance(self, name: str, count: int, end: datetime) -> float:
        """Return the probability of so many tickets or more in the window up to a moment."""
        if name not in self._spreads:
            self._spreads[name] = self._spread(name)
        return tail(count, self.usual(name, end), self._spreads[name])

    def _hour(self, at: datetime) -> int:
        local = at.astimezone(self._zone)
        return local.weekday() * 24 + local.hour

    def _age_weight(self, at: datetime) -> float:
        return float(0.5 ** ((self._end - at) / _WEEK / _HALF_LIFE_WEEKS))

    def _exposure(self) -> list[float]:
        """Return how many weeks each hour of the week was seen, the older ones counting less."""
        found, at = [1e-9] * _HOURS, self._begin
        while at < self._end:
            found[self._hour(at)] += self._age_weight(at)
            at += timedelta(hours=1)
        return found

    def _learn(self, arrivals: Iterable[Arrival]) -> list[float]:
        """Count, and return the share of each hour in the desk's week."""
        desk, lately, total = [0.0] * _HOURS, 0, 0.0
        window = self._window.total_seconds()
        for one in arrivals:
            if not self._begin <= one.at < self._end:
                continue
            hour, weight = self._hour(one.at), self._age_weight(one.at)
            desk[hour] += weight
            total += weight
            lately += self._end - one.at <= _WEEK
            if (named := one.group(self._kind)) is not None:
                name = folded(named)
                self._weight[name] += weight
                self._by_hour[name][hour] += weight
                self._first[name] = min(self._first.get(name, one.at), one.at)
                self._counts[name][int(one.at.timestamp() // window)] += 1
        rates = [count / weeks for count, weeks in zip(desk, self._weeks, strict=True)]
        # Neighbouring hours are alike, and the clocks change twice a year.
        smooth = [
            (rates[hour - 1] + 2 * rates[hour] + rates[(hour + 1) % _HOURS]) / 4
            for hour in range(_HOURS)
        ]
        week = sum(smooth)
        if self._end - self._begin >= _WEEK:
            # A desk that grows gets more of everything; that is no burst of one group.
            self._growth = max(1.0, (lately + _GROWTH_PRIOR) / (week + _GROWTH_PRIOR))
        even = 1 / _HOURS
        # In an hour in which nothing came yet something may come all the same.
        return [(1 - _EVEN) * (rate / week) + _EVEN * even if week else even for rate in smooth]

    def _rate(self, name: str, hour: int) -> float:
        """Return the tickets of a group in an hour of the week: its own, shrunk to the desk's."""
        share = (self._weight.get(name, 0.0) + 1) / self._mean_weeks
        by_desk = share * self._shape[hour]
        own = self._by_hour[name][hour] if name in self._by_hour else 0.0
        return (_PRIOR + own) / (_PRIOR / by_desk + self._weeks[hour])

    def _spread(self, name: str) -> float:
        """Return how much the counts of a group spread beyond a Poisson's, shrunk to the usual."""
        window, hour = self._window, timedelta(hours=1)
        per_window = [self._rate(name, each) * (window / hour) for each in range(_HOURS)]
        squares = sum(mean * mean for mean in per_window)
        squares *= (self._end - self._begin) / _WEEK * (hour / window)
        beyond = squares
        for slot, count in self._counts.get(name, Counter()).items():
            at = datetime.fromtimestamp(slot * window.total_seconds(), UTC)
            beyond += count * (count - 2 * per_window[self._hour(at)] - 1)
        return (max(0.0, beyond) + _USUAL_SPREAD) / (squares + 1)


class DeskRates:
    """Usual rates of every group of a desk.

    Args:
        arrivals: What came.
        begin: From when on every ticket is known with its client, and with its category.
        now: The moment.
        settings: How sensitive the count is.
        zone: Whose hours of the week; None: this machine's.
    """

    def __init__(
        self,
        arrivals: Sequence[Arrival],
        begin: Mapping[GroupKind, datetime],
        now: datetime,
        settings: BurstSettings,
        zone: tzinfo | None = None,
    ) -> None:
        self.settings = settings
        self.short = {kind: now - at for kind, at in begin.items() if now - at < LEARN}
        """The past of each kind of group that is too short to be held against."""
        self._kinds = {
            kind: UsualRates(kind, arrivals, max(at, now - LOOK_BACK), now - REST, settings, zone)
            for kind, at in begin.items()
            if kind not in self.short
        }

    @property
    def groups(self) -> int:
        """How many clients and categories are counted."""
        return sum(map(len, self._kinds.values()))

    @property
    def limit(self) -> float:
        """The chance below which a count is a burst."""
        windows = _YEAR / self.settings.window
        return self.settings.false_alarms_a_year / (windows * max(1, self.groups))

    def of(self, key: GroupKey) -> UsualRates | None:
        """Return the rates that a group is held against; None: it has too short a past."""
        rates = self._kinds.get(key[0])
        return rates if rates is not None and rates.has_past(key[1]) else None
