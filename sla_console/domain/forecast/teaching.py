"""How a forecast is learned from the targets of the past.

A regression for each target and stage is learned anew from what is known now. Stages are learned
from the last to the first: a target whose due time has not passed yet says what the stages after it
expect of it. So what came to a stage a day ago teaches already, and not only what came to it a whole
target ago; and all that came to the next stage is taken, whether it has ended or not, so nothing is
taken for better than it is because what ends early is known early.

What is older counts less. The half-life is short where many targets end, since a desk changes, and
long where few do, since a few teach nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from sla_console.domain.forecast.columns import learn_columns
from sla_console.domain.forecast.lesson import STAGES, Lesson, StageView, outcomes
from sla_console.domain.forecast.logistic import fit, probabilities, shift
from sla_console.domain.forecast.model import ForecastModel, Likeness, StageModel, TargetModel
from sla_console.domain.forecast.moment import ClockMoment
from sla_console.domain.sla.breach import BreachType

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

MINIMUM: Final = 60
"""Targets of a kind whose due time must have passed before anything is said."""
EACH: Final = 8
"""How many of them must have broken, and how many must not have."""
_PENALTY: Final = 1.0
_SHORTEST: Final = 2.0
_LONGEST: Final = 60.0
"""Days of the half-life."""
_ENOUGH: Final = 1100.0
"""Targets that shall count, weighed by their age."""
_RECENT: Final = 1.0 / 3.0
"""The half-life for how often targets break at all, as a part of that for what makes them break."""
_LEAST: Final = 1.0 / 64.0
"""Least weight of a lesson that is used."""
_DAY: Final = 86_400.0


def teach(
    lessons: Iterable[Lesson], now: datetime, half_life: float | None = None
) -> ForecastModel:
    """Return what the past teaches at a moment; nothing that was stamped later is looked at.

    Args:
        lessons: The targets of the past, those that run included.
        now: The moment.
        half_life: Days after which a target counts half; None: by how many there are.
    """
    by_target: dict[BreachType, list[Lesson]] = defaultdict(list)
    for lesson in lessons:
        by_target[lesson.target].append(lesson)
    targets = {
        target: _teach_target(found, now, half_life) for target, found in sorted(by_target.items())
    }
    return ForecastModel(now, targets)


def _teach_target(lessons: Sequence[Lesson], now: datetime, half_life: float | None) -> TargetModel:
    ended = outcomes(lessons, now)
    broke = sum(ended)
    recent = sum(now - timedelta(days=14) < lesson.due <= now for lesson in lessons) / 14
    if len(ended) < MINIMUM or not EACH <= broke <= len(ended) - EACH:
        return TargetModel(len(ended), broke, (None,) * len(STAGES), round(recent, 2))
    days = half_life or min(max(_ENOUGH * 0.69 / max(recent, 0.1), _SHORTEST), _LONGEST)
    rows: list[list[tuple[Lesson, StageView]]] = [[] for _ in STAGES]
    oldest = now - timedelta(days=6 * days) if days < _LONGEST * 10 else None
    for lesson in lessons:
        for view in lesson.views:
            if view.moment.at <= now and (oldest is None or view.until > oldest):
                rows[view.stage].append((lesson, view))
    expected: dict[str, float] = {}
    stages: list[StageModel | None] = [None] * len(STAGES)
    for stage in range(len(STAGES) - 1, -1, -1):
        stages[stage] = _teach_stage(rows[stage], now, days, expected)
    return TargetModel(len(ended), broke, tuple(stages), round(recent, 2))


def _teach_stage(
    rows: Sequence[tuple[Lesson, StageView]], now: datetime, days: float, expected: dict[str, float]
) -> StageModel | None:
    """Learn one stage; what it expects of targets that run is noted for the stages before it."""
    import numpy as np  # noqa: PLC0415 - loaded when something is forecast

    taught: list[ClockMoment] = []
    said: list[float] = []
    ages: list[float] = []
    certain: list[bool | None] = []
    running: list[ClockMoment] = []
    for lesson, view in rows:
        outcome = lesson.outcome(now)
        if view.until <= now:
            known = expected.get(lesson.ticket_id) if outcome is None else float(outcome)
            if known is not None:
                taught.append(view.moment)
                said.append(known)
                ages.append((now - view.until).total_seconds() / _DAY)
                certain.append(outcome)
        if outcome is None and lesson.ticket_id not in expected:
            running.append(view.moment)
    if len(taught) < MINIMUM // 2:
        return None
    happened, age = np.array(said), np.array(ages)
    weights = 0.5 ** (age / days)
    keep = weights >= _LEAST
    taught = [moment for moment, kept in zip(taught, keep, strict=True) if kept]
    if len(taught) < MINIMUM // 2:
        return None
    columns, matrix = learn_columns(taught, happened[keep], weights[keep])
    found = fit(matrix, happened[keep], weights[keep], _PENALTY)
    found[0] += shift(matrix @ found, happened[keep], 0.5 ** (age[keep] / (days * _RECENT)))
    usual = weights[keep] @ matrix / weights[keep].sum()
    like = _likeness([m for m, k in zip(certain, keep, strict=True) if k], taught)
    model = StageModel(columns, tuple(map(float, found)), tuple(map(float, usual)), like)
    if running:
        chances = probabilities(columns.matrix(running) @ found)
        expected.update(zip((m.ticket_id for m in running), map(float, chances), strict=True))
    return model


def _likeness(certain: Sequence[bool | None], moments: Sequence[ClockMoment]) -> Likeness:
    """Count those whose end is certain by status, and by group and status."""
    found: dict[str, list[int]] = {}
    for broke, moment in zip(certain, moments, strict=True):
        if broke is None:
            continue
        for key in {moment.names[-1], f"|{moment.status}", ""}:
            counts = found.setdefault(key, [0, 0])
            counts[0] += 1
            counts[1] += broke
    return {key: (counts[0], counts[1]) for key, counts in found.items()}
