"""How likely a running clock is to break, from how long clocks like it ran before.

The estimate is that of a survival curve: of the past clocks that had lived as long as this one,
the share that went on past the target. Clocks that were still running when last seen count for as
long as they were seen (E. L. Kaplan and P. Meier, "Nonparametric Estimation from Incomplete
Observations", 1958): P(T > allowed | T >= consumed): a clock that has used up
nothing yet, created outside hours, may still stop without having used up anything. Clocks that were
already old when first seen count only from that age on: their like that ended sooner were never
seen, and without this every forecast would be too dark.

Curves are kept for all clocks of a promise, for those of one priority, and for those of one
priority and group. Each is drawn towards the one above it as if that had been seen on ``PRIOR``
clocks, so a thin history says little of its own: p = (n q + PRIOR p_above) / (n + PRIOR), where n
is how many past clocks tell something about the time between now and the target. The topmost is
drawn towards a half by two clocks (Laplace's rule of succession), so nothing is ever certain.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from sla_console.domain.sla.breach import BreachType

MINIMUM: Final = 30
"""Past clocks of a promise that must have ended; with fewer nothing is said."""
PRIOR: Final = 80.0
"""How many clocks the curve above counts for. Chosen on real incidents of the time before those on
which the forecast is judged; anything from 10 to 160 does about as well."""
_LIVED: Final = 5
"""Clocks that must have lived so long; fewer say nothing about what comes after."""
_TOLD: Final = 10
"""Clocks with a known end that a group must have to be spoken of by itself."""

_Key = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class PastClock:
    """One clock of one ticket of the past. Spans are seconds of promised time."""

    ticket_id: str
    target: BreachType
    lasted: float
    """From its start to its stop, or until it was last seen."""
    ended: bool
    """False: it still ran when last seen."""
    entered: float = 0.0
    """How old it was when first seen."""
    priority: str | None = None
    group: str | None = None
    client: str | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class RunningClock:
    """A clock to be asked about. Spans are seconds of promised time."""

    ticket_id: str
    target: BreachType
    consumed: float
    allowed: float
    priority: str | None = None
    group: str | None = None
    client: str | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class Forecast:
    """What history says about a running clock."""

    probability: float | None
    """That it breaks, 0 to 1; None: not enough history."""
    like_it: int
    """Past clocks like it that had lived as long and whose end is known."""
    took_longer: int
    """Of these, those that went on past the target."""
    words: str
    """The reason in one line."""


@dataclass(frozen=True, slots=True)
class ForecastCoverage:
    """Number of running clocks for which history can say how likely they are to break."""

    running: int = 0
    """Clocks that run."""
    previewed: int = 0
    """Those among them that history says a probability of."""

    @property
    def unknown(self) -> int:
        """Clocks whose end nothing is known about."""
        return self.running - self.previewed

    def nothing_likely(self) -> str:
        """Return what it means that no clock is likely to break, a sentence."""
        if not self.running:
            return "No clock runs, so none is about to break."
        if not self.previewed:
            clocks = "clock" if self.running == 1 else "clocks"
            return (
                f"Nothing can be foretold: too few tickets have ended to compare {self.running} "
                f"running {clocks} with."
            )
        if not self.unknown:
            return "No running promise is likely to break."
        return (
            f"No running promise is likely to break of the {self.previewed} that history can say "
            f"it of; of {self.unknown} too little is known."
        )


@dataclass(slots=True)
class _Curve:
    """A survival curve over past clocks, made anew when asked after a change."""

    rows: list[tuple[float, bool]] = field(default_factory=list)
    """How long each lasted, and whether it ended; sorted."""
    entries: list[float] = field(default_factory=list)
    """How old those were that were not seen from their start; sorted."""
    times: list[float] = field(default_factory=list)
    shares: list[float] = field(default_factory=list)
    """Share that lives on after each of ``times``."""
    ends: list[int] = field(default_factory=list)
    """How many have ended by each of ``times``."""
    is_current: bool = False

    def add(self, past: PastClock) -> None:
        insort(self.rows, (past.lasted, past.ended))
        if past.entered > 0:
            insort(self.entries, past.entered)
        self.is_current = False

    def remove(self, past: PastClock) -> None:
        self.rows.remove((past.lasted, past.ended))
        if past.entered > 0:
            self.entries.remove(past.entered)
        self.is_current = False

    def reached(self, span: float) -> int:
        """Return how many were watched at this age and lasted at least as long."""
        lasted = len(self.rows) - bisect_left(self.rows, (span, False))
        return lasted - (len(self.entries) - bisect_right(self.entries, span))

    def outlived(self, span: float) -> int:
        """Return how many were watched at this age and lasted longer."""
        lasted = len(self.rows) - bisect_right(self.rows, (span, True))
        return lasted - (len(self.entries) - bisect_right(self.entries, span))

    def ended(self) -> int:
        """Return how many have ended."""
        self._draw()
        return self.ends[-1] if self.ends else 0

    def informed(self, consumed: float, allowed: float) -> int:
        """Return how many tell about the time between: they ended in it, or outlived it."""
        self._draw()
        first, last = bisect_left(self.times, consumed), bisect_right(self.times, allowed)
        ended = (self.ends[last - 1] if last else 0) - (self.ends[first - 1] if first else 0)
        return self.outlived(allowed) + ended

    def conditional(self, consumed: float, allowed: float) -> float | None:
        """Return the share of those that reached ``consumed`` that live past ``allowed``."""
        self._draw()
        first, last = bisect_left(self.times, consumed), bisect_right(self.times, allowed)
        before = self.shares[first - 1] if first else 1.0
        after = self.shares[last - 1] if last else 1.0
        return after / before if before else None

    def _draw(self) -> None:
        if self.is_current:
            return
        self.times, self.shares, self.ends = [], [], []
        share, left, over = 1.0, len(self.rows), 0
        for lasted, group in groupby(self.rows, key=lambda row: row[0]):
            ends = [ended for _, ended in group]
            if any(ends):
                watched = left - (len(self.entries) - bisect_left(self.entries, lasted))
                # One that is the last to be watched ends the curve for itself alone: others may
                # yet be watched at a greater age.
                share *= 1.0 - sum(ends) / max(watched, sum(ends) + 1)
                over += sum(ends)
                self.times.append(lasted)
                self.shares.append(share)
                self.ends.append(over)
            left -= len(ends)
        self.is_current = True


class Forecaster:
    """Learns how long clocks ran, and answers for those that run.

    Args:
        past: What is known to begin with.
        minimum: Past clocks of a promise that must have ended; with fewer nothing is said.
    """

    def __init__(self, past: Iterable[PastClock] = (), minimum: int = MINIMUM) -> None:
        self._minimum = minimum
        self._known: dict[tuple[str, BreachType], PastClock] = {}
        self._curves: dict[_Key, _Curve] = {}
        for one in past:
            self._known[one.ticket_id, one.target] = one
        for one in self._known.values():
            for key in _keys(one):
                curve = self._curves.setdefault(key, _Curve())
                curve.rows.append((one.lasted, one.ended))
                if one.entered > 0:
                    curve.entries.append(one.entered)
        for curve in self._curves.values():
            curve.rows.sort()
            curve.entries.sort()

    def __len__(self) -> int:
        return len(self._known)

    def learn(self, past: PastClock) -> None:
        """Take in one clock, in place of what was known of it."""
        before = self._known.get((past.ticket_id, past.target))
        if before is not None:
            for key in _keys(before):
                self._curves[key].remove(before)
        self._known[past.ticket_id, past.target] = past
        for key in _keys(past):
            self._curves.setdefault(key, _Curve()).add(past)

    def ask(self, clock: RunningClock) -> Forecast:
        """Return how likely a clock is to break; one that is late already surely has."""
        if clock.consumed > clock.allowed:
            return Forecast(1.0, 0, 0, "it is late already")
        curves = [self._curves[key] for key in _keys(clock) if key in self._curves]
        ended = curves[0].ended() if curves else 0
        if ended < self._minimum:
            return Forecast(
                None, 0, 0, f"not enough history: {ended} of {self._minimum} clocks have ended"
            )
        lived = curves[0].reached(clock.consumed)
        if lived < _LIVED:
            return Forecast(None, 0, 0, f"not enough history: {lived} lived as long as this one")
        probability, prior = 0.5, 2.0
        like_it = took_longer = 0
        for curve in curves:
            informed = curve.informed(clock.consumed, clock.allowed)
            share = curve.conditional(clock.consumed, clock.allowed)
            if share is not None:
                probability = (informed * share + prior * probability) / (informed + prior)
            if informed >= _TOLD or curve is curves[0]:
                like_it, took_longer = informed, curve.outlived(clock.allowed)
            prior = PRIOR
        return Forecast(
            probability, like_it, took_longer, f"{took_longer} of {like_it} like it took longer"
        )


def _keys(clock: PastClock | RunningClock) -> tuple[_Key, _Key, _Key]:
    """Return the curves that a clock belongs to, the widest first."""
    return (
        (clock.target,),
        (clock.target, clock.priority),
        (clock.target, clock.priority, clock.group),
    )
