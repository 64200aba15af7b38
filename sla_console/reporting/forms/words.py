"""Figures of a report as people read them; the same in every form."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from sla_console.domain.durations import hours_words
from sla_console.domain.figures.counting import percent_words
from sla_console.domain.figures.record import TargetRecord
from sla_console.domain.figures.trend import fisher, newcombe
from sla_console.domain.sla.verdict import Outcome
from sla_console.reporting.figures import FigureTally, MarginBar
from sla_console.reporting.records import Version
from sla_console.reporting.report import Report

_ALPHA: Final = 0.05
_EXACT: Final = 400
"""Promises up to which Fisher's exact test is worked out; above it Newcombe's interval says it."""
_NAMED: Final = 3
"""Names that a list gives before it only counts."""
NOTHING: Final = "\N{EN DASH}"


def percent(share: float | None) -> str:
    """Return a percentage with one digit, 100 only if it is all; a dash where there is none."""
    return NOTHING if share is None else f"{percent_words(share)} %"


def between(tally: FigureTally) -> str:
    """Return the 95 % interval of a compliance."""
    if tally.compliance is None:
        return NOTHING
    low, high = tally.interval
    return f"{low:.0f} to {high:.0f} %"


def count(value: float) -> str:
    """Return a number of promises; one with a fraction was shared by several people."""
    return f"{value:,.0f}" if value == round(value) else f"{value:,.1f}"


def span(seconds: float | None) -> str:
    """Return promised time in hours and minutes."""
    if seconds is None:
        return NOTHING
    hours, unit, rest = hours_words(timedelta(seconds=seconds)).partition(" h")
    return f"{int(hours):,}{unit}{rest}" if unit else hours


def margin(seconds: float | None) -> str:
    """Return how much was left, or how late it was."""
    if seconds is None:
        return NOTHING
    return f"{span(seconds)} {'left' if seconds >= 0 else 'late'}"


def against(now: FigureTally, before: FigureTally, when: str = "") -> str:
    """Return how a compliance has changed since the period before, in percentage points.

    Args:
        now: Of the period.
        before: Of the one before.
        when: What that is called; empty: the reader sees it.
    """
    then = f" in {when}" if when else ""
    if now.compliance is None or before.compliance is None:
        return f"Nothing to compare with{then}"
    change = now.compliance - before.compliance
    if abs(change) < 0.05:
        return f"As before: {percent(before.compliance)}{then}"
    words = "better" if change > 0 else "worse"
    said = f"{abs(change):.1f} points {words} than {percent(before.compliance)}{then}"
    return said if is_real(now, before) else f"{said}, which may be chance"


def is_real(now: FigureTally, before: FigureTally) -> bool:
    """Return whether so great a change would come by chance less than one time in twenty."""
    met, count, old, old_count = (
        round(value) for value in (now.met, now.judged, before.met, before.judged)
    )
    if not count or not old_count:
        return False
    if count + old_count <= _EXACT:
        return fisher(met, count, old, old_count) < _ALPHA
    low, high = newcombe(old, old_count, met, count)
    return low > 0 or high < 0


def bar_label(bar: MarginBar) -> str:
    """Return which margins a bar of the histogram counts."""
    if bar.low is None:
        return f"> {_edge(bar.high)} late"
    if bar.high is None:
        return f"> {_edge(bar.low)} left"
    if bar.high <= 0:
        return f"{_edge(bar.high)} to {_edge(bar.low)} late"
    return f"{_edge(bar.low)} to {_edge(bar.high)} left"


def _edge(seconds: float | None) -> str:
    whole = abs(round(seconds or 0))
    if whole == 0:
        return "0"
    return f"{whole // 3600} h" if whole % 3600 == 0 else f"{whole // 60} min"


def counts(report: Report) -> list[tuple[str, int]]:
    """Return how many promises and tickets are in no compliance, or may be a little off."""
    still = sum(one.outcome is Outcome.OPEN for one in report.promises)
    doubt = sum(one.outcome is Outcome.IN_DOUBT for one in report.promises)
    return [
        ("promises still open", still),
        ("verdicts in doubt", doubt),
        ("tickets excluded", len(report.exclusions)),
        ("tickets degraded", len(degraded(report))),
    ]


def doubtful(report: Report) -> list[TargetRecord]:
    """Return the targets whose verdict is in doubt."""
    return [one for one in report.promises if one.outcome is Outcome.IN_DOUBT]


def gone(report: Report) -> list[TargetRecord]:
    """Return one target of each ticket that SuperOps no longer has."""
    found = {one.number: one for one in report.promises if one.gone_at is not None}
    return [found[number] for number in sorted(found)]


def target(one: TargetRecord) -> str:
    """Return which target of its ticket it is; a cycle after the first is named."""
    return one.target.words if one.cycle == 1 else f"{one.target.words}, cycle {one.cycle}"


def degraded(report: Report) -> list[tuple[str, tuple[str, ...]]]:
    """Return the tickets whose figures may be a little off, each once, with why."""
    found: dict[str, dict[str, None]] = {}
    for one in report.promises:
        if one.degraded:
            found.setdefault(one.number, {}).update(dict.fromkeys(one.degraded))
    return [(number, tuple(why)) for number, why in sorted(found.items())]


def hands(one: TargetRecord) -> str:
    """Return who had a ticket, with shares where there were several."""
    if len(one.credit) == 1:
        return one.credit[0].technician
    ordered = sorted(one.credit, key=lambda credit: -credit.share)
    return ", ".join(f"{credit.technician} {share_words(credit.share)}" for credit in ordered)


def share_words(share: float) -> str:
    """Return a share of several in percent; none of them is all of it, or nothing."""
    if share < 0.005:
        return "<1 %"
    return ">99 %" if share >= 0.995 else f"{100 * share:.0f} %"


def same_hours(versions: Iterable[Version]) -> list[tuple[str, Version]]:
    """Return versions of the same text as one, with the names of the first few that share it."""
    shared: dict[str, list[Version]] = {}
    for one in versions:
        shared.setdefault(one.digest, []).append(one)
    return [
        (
            ", ".join(one.name for one in some[:_NAMED])
            + (f" and {len(some) - _NAMED} more" if len(some) > _NAMED else ""),
            some[0],
        )
        for some in shared.values()
    ]
