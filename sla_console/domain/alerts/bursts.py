"""Bursts: many tickets of one client or one category at once, held against its own past."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sla_console.domain.alerts.usual_rates import Arrival, DeskRates, GroupKey, GroupKind
from sla_console.domain.names import folded

_AHEAD: Final = timedelta(minutes=1)
"""Lead that SuperOps' clock may have over the one that is asked."""
_BACK: Final = 0.05
"""Chance from which a count is usual again."""
_SPELT_OUT: Final = 1e9


@dataclass(frozen=True, slots=True)
class Burst:
    """Many tickets of one group at once, with the arithmetic. Aware UTC."""

    kind: GroupKind
    name: str
    since: datetime
    """When the first of its tickets came."""
    count: int
    """Tickets within the window."""
    usual: float
    """How many usually come in such a window."""
    chance: float
    """Probability of so many or more."""
    limit: float
    """Probability below which it is a burst."""
    groups: int
    """Clients and categories that are counted, which the limit allows for."""
    window: timedelta
    tickets: tuple[str, ...] = ()
    """Ids, in the order in which they came, also of those that came after it was raised."""
    named: tuple[str, ...] = ()
    """The same as messages name them."""
    shared: str = ""
    """Words for a trait that most of them share beside the group."""

    @property
    def key(self) -> GroupKey:
        """The group."""
        return self.kind, folded(self.name)

    @property
    def id(self) -> str:
        """Tells it from every other burst."""
        return f"burst:{self.kind}:{folded(self.name)}:{int(self.since.timestamp())}"

    @property
    def whose(self) -> str:
        """The group in words, such as ``category Email``; a client by its name alone."""
        return self.name if self.kind is GroupKind.CLIENT else f"category {self.name}"

    @property
    def headline(self) -> str:
        """Return the burst in words, such as ``9 tickets of Acme in 30 min``."""
        return f"{self.count} tickets of {self.whose} in {_minutes(self.window)}"

    @property
    def arithmetic(self) -> str:
        """Why it is one, such as ``usually 1.2; chance 1 in 40,000``."""
        return f"usually {number(self.usual)}; chance {one_in(self.chance)}"

    @property
    def words(self) -> str:
        """All of it in one line."""
        return f"{self.headline}; {self.arithmetic}"


@dataclass(frozen=True, slots=True)
class BurstsView:
    """The bursts that people see."""

    running: tuple[Burst, ...] = ()
    note: str = ""
    """Why some are not looked for, as a sentence; empty: they are."""


def one_in(chance: float) -> str:
    """Return a small probability as people say it, such as ``1 in 40,000``."""
    if chance * _SPELT_OUT < 1:
        return "below 1 in 1,000,000,000"
    odds = 1 / chance
    digits = max(0, math.floor(math.log10(odds)) - 1)
    return f"1 in {round(odds, -digits):,.0f}"


def bursts_of(
    recent: Sequence[Arrival], rates: DeskRates, now: datetime, running: Sequence[Burst] = ()
) -> list[Burst]:
    """Return the bursts that have begun, those with the smallest chance first.

    Of several groups that hold mostly the same tickets one is a burst: the one whose count is the
    least likely, or the one that is running already.

    Args:
        recent: What came lately, in any order; what is older than the window is left out.
        rates: What is usual.
        now: The moment, by SuperOps' clock.
        running: Those that are known.
    """
    settings, known = rates.settings, {one.key for one in running}
    taken = {ticket for one in running for ticket in one.tickets}
    found: list[Burst] = []
    for key, (name, mine) in _grouped(recent, settings.window, now).items():
        past = None if key in known or len(mine) < settings.at_least else rates.of(key)
        chance = past.chance(key[1], len(mine), now) if past is not None else 1.0
        if past is not None and chance < rates.limit:
            burst = Burst(
                key[0], name, mine[0].at, len(mine), past.usual(key[1], now), chance, rates.limit,
                rates.groups, settings.window, shared=_shared(key[0], mine),
            )  # fmt: skip
            found.append(joined(burst, mine))
    chosen: list[Burst] = []
    for one in sorted(found, key=_rank):
        if _mostly_new(one.tickets, taken):
            chosen.append(one)
            taken.update(one.tickets)
    return chosen


def followed(burst: Burst, recent: Sequence[Arrival], now: datetime) -> tuple[Burst, int]:
    """Return a burst with the tickets that joined it, and how many came within the window."""
    _, mine = _grouped(recent, burst.window, now).get(burst.key, ("", []))
    return joined(burst, mine), len(mine)


def is_usual(burst: Burst, count: int, rates: DeskRates, now: datetime) -> bool:
    """Return whether so many tickets of a burst's group are nothing unusual any more."""
    past = rates.of(burst.key)
    return count == 0 or past is None or past.chance(burst.key[1], count, now) >= _BACK


def joined(burst: Burst, arrivals: Sequence[Arrival]) -> Burst:
    """Return a burst with more tickets."""
    new = [one for one in arrivals if one.ticket_id not in burst.tickets]
    if not new:
        return burst
    return replace(
        burst,
        tickets=(*burst.tickets, *(one.ticket_id for one in new)),
        named=(*burst.named, *(one.words for one in new)),
    )


def _grouped(
    recent: Sequence[Arrival], window: timedelta, now: datetime
) -> Mapping[GroupKey, tuple[str, list[Arrival]]]:
    """Return what came within the window by its groups, in the order in which it came."""
    found: dict[GroupKey, tuple[str, list[Arrival]]] = {}
    for one in sorted(recent, key=lambda arrival: (arrival.at, arrival.ticket_id)):
        if now - window < one.at <= now + _AHEAD:
            for kind in GroupKind:
                if (name := one.group(kind)) is not None:
                    found.setdefault((kind, folded(name)), (name, []))[1].append(one)
    return found


def _rank(burst: Burst) -> tuple[float, bool, str]:
    """Return what bursts are sorted by: the least likely first, of equal ones the client's."""
    return burst.chance, burst.kind is not GroupKind.CLIENT, burst.id


def _mostly_new(tickets: Sequence[str], taken: AbstractSet[str]) -> bool:
    return 2 * sum(one in taken for one in tickets) < len(tickets)


def _shared(kind: GroupKind, mine: Sequence[Arrival]) -> str:
    """Return what at least two thirds have in common beside their group, in words."""
    by_client = kind is GroupKind.CLIENT
    other = GroupKind.CATEGORY if by_client else GroupKind.CLIENT
    names = Counter(name for one in mine if (name := one.group(other)))
    name, count = names.most_common(1)[0] if names else ("", 0)
    if 3 * count < 2 * len(mine):
        return ""
    of = "category " if by_client else ""
    return f"{'all' if count == len(mine) else f'{count} of {len(mine)}'} are of {of}{name}"


def _minutes(window: timedelta) -> str:
    return f"{round(window.total_seconds() / 60)} min"


def number(value: float) -> str:
    """Return how many tickets are usual, in two digits."""
    return f"{value:.0f}" if value >= 10 else f"{value:.2g}" if value >= 0.01 else "under 0.01"
