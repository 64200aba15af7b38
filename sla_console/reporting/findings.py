"""What stands out in a report, a sentence each: what somebody would look for first in its tables.

A group stands out if fewer of its promises were kept than of all others and chance alone would do
that less than one time in twenty, the number of groups looked at taken into account (Bonferroni).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt
from statistics import NormalDist
from typing import Final

from sla_console.domain.figures.record import NONE, UNASSIGNED, TargetRecord
from sla_console.domain.figures.trend import fisher
from sla_console.domain.sla.breach import BreachType
from sla_console.domain.sla.verdict import Outcome
from sla_console.reporting.figures import FigureGroup, FigureTally
from sla_console.reporting.forms.words import count, percent
from sla_console.reporting.privacy import OTHERS
from sla_console.reporting.report import Report

_DIMENSIONS: Final = ("client", "group", "request type", "priority", "policy")
"""In which groups are looked for; not among technicians, whose tickets are not of their choosing."""
_ALPHA: Final = 0.05
_EXACT: Final = 400
_MOST: Final = 3
"""Groups that are told of."""
_NARROWLY: Final = 1800.0
_A_GOOD_PART: Final = 0.2
_NAMED: Final = 3
_NOUNS: Final = {BreachType.RESPONSE: "first responses", BreachType.RESOLUTION: "resolutions"}


@dataclass(frozen=True, slots=True)
class ReportFinding:
    """One sentence, and the promises that it is about."""

    words: str
    about: Mapping[str, str] = field(default_factory=dict)
    """By what the page picks them, as in its links; empty: by nothing."""


@dataclass(frozen=True, slots=True)
class _Behind:
    """A group that keeps less than the others do."""

    dimension: str
    name: str
    target: BreachType
    tally: FigureTally
    rest: FigureTally

    @property
    def excess(self) -> float:
        """Misses more than it would have if it were like the others."""
        return self.tally.missed - self.tally.judged * self.rest.missed / self.rest.judged


def findings_of(report: Report) -> tuple[ReportFinding, ...]:
    """Return what stands out, the most important first; nothing where nothing does."""
    missed = [one for one in report.promises if one.outcome is Outcome.MISSED]
    return (
        *_contracts(report),
        *_owed(missed),
        *_groups(report),
        *_narrow(missed),
        *_unassigned(report),
        *_holds(report),
    )


def _contracts(report: Report) -> Iterator[ReportFinding]:
    agreed = [one for one in report.allowances if one.target is not None]
    month = report.period.last_month().label
    if len(agreed) == 1 and len(report.allowances) == 1:
        (one,) = agreed
        judged = one.met + one.missed
        kept = f"{percent(100 * one.met / judged)} of {count(judged)}" if judged else "none yet"
        yield ReportFinding(
            f"Agreed with {one.client} for {month} are {percent(one.target)} of the promises; kept "
            f"are {kept}, and {_left_words(one.left or 0)}."
        )
        return
    lost = [one for one in agreed if (one.left or 0) < 0]
    if lost:
        names = ", ".join(f"{one.client} ({one.words})" for one in lost[:_NAMED])
        more = f" and {len(lost) - _NAMED} more" if len(lost) > _NAMED else ""
        yield ReportFinding(
            f"{count(len(lost))} of {count(len(agreed))} clients with an agreed percentage have "
            f"lost {month}: {names}{more}."
        )


def _left_words(left: int) -> str:
    if left < 0:
        return f"the month is lost by {-left}"
    return f"{left} more may be missed" if left else "no more may be missed"


def _owed(missed: Sequence[TargetRecord]) -> Iterator[ReportFinding]:
    owed = sum(one.owed for one in missed)
    if owed:
        yield ReportFinding(
            f"{count(owed)} of the {count(len(missed))} missed promises are owed still.",
            {"outcome": "missed", "owed": "1"},
        )


def _groups(report: Report) -> Iterator[ReportFinding]:
    found = [one for name in _DIMENSIONS for one in _behind(report, name)]
    found.sort(key=lambda one: -one.excess)
    told: set[tuple[BreachType, FigureTally]] = set()
    for one in found:
        # A policy is often nothing but a priority; the same tickets are told of once.
        if (one.target, one.tally) in told or len(told) == _MOST:
            continue
        told.add((one.target, one.tally))
        plain = one.name.casefold().startswith(one.dimension)
        name = one.name if plain else f"{one.dimension.capitalize()} {one.name}"
        yield ReportFinding(
            f"{name}: {percent(one.tally.compliance)} of "
            f"{count(one.tally.judged)} {_NOUNS[one.target]} were kept, of all others "
            f"{percent(one.rest.compliance)}.",
            {
                one.dimension.replace(" ", "-"): one.name,
                "target": one.target,
                "outcome": "missed",
            },
        )


def _behind(report: Report, dimension: str) -> Iterator[_Behind]:
    groups = report.groups.get(dimension, ())
    for target, whole in (
        (BreachType.RESPONSE, report.response.tally),
        (BreachType.RESOLUTION, report.resolution.tally),
    ):
        for group in groups:
            tally = _tally(group, target)
            rest = FigureTally(whole.met - tally.met, whole.missed - tally.missed)
            if group.name in {OTHERS, NONE} or not tally.judged or not rest.judged:
                continue
            one = _Behind(dimension, group.name, target, tally, rest)
            if one.excess > 0 and _chance(tally, rest) < _ALPHA / len(groups):
                yield one


def _tally(group: FigureGroup, target: BreachType) -> FigureTally:
    return (group.response if target is BreachType.RESPONSE else group.resolution).tally


def _chance(one: FigureTally, other: FigureTally) -> float:
    """Return how likely two shares differ so much if they are alike; for great counts nearly."""
    met, n, others, m = (round(v) for v in (one.met, one.judged, other.met, other.judged))
    if n + m <= _EXACT:
        return fisher(met, n, others, m)
    whole = (met + others) / (n + m)
    spread = sqrt(whole * (1 - whole) * (1 / n + 1 / m))
    return 2 * NormalDist().cdf(-abs(met / n - others / m) / spread) if spread else 1.0


def _narrow(missed: Sequence[TargetRecord]) -> Iterator[ReportFinding]:
    narrow = sum(one.margin is not None and one.margin >= -_NARROWLY for one in missed)
    if narrow and narrow >= _A_GOOD_PART * len(missed):
        yield ReportFinding(
            f"{count(narrow)} of the {count(len(missed))} missed promises were late by half an "
            f"hour or less.",
            {"outcome": "missed", "low": f"{-_NARROWLY:g}", "high": "1"},
        )


def _unassigned(report: Report) -> Iterator[ReportFinding]:
    spent = report.attribution.technicians
    whole = sum(one.counted for one in spent)
    nobody = sum(one.counted for one in spent if one.name == UNASSIGNED)
    if whole and nobody / whole >= _A_GOOD_PART:
        yield ReportFinding(
            f"{nobody / whole:.0%} of the time of the missed promises passed while nobody had the "
            f"ticket.".replace("%", " %", 1),
            {"outcome": "missed", "hand": UNASSIGNED},
        )


def _holds(report: Report) -> Iterator[ReportFinding]:
    if report.late_holds:
        number = len(report.late_holds)
        began = "hold began" if number == 1 else "holds began"
        yield ReportFinding(
            f"{count(number)} {began} shortly before the resolution was due.", {"late": ""}
        )
