"""A forecast as it was learned at a moment: what it says of running targets, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from sla_console.domain.forecast.columns import Columns
from sla_console.domain.forecast.forecast import Forecast
from sla_console.domain.forecast.lesson import STAGES
from sla_console.domain.forecast.logistic import probabilities
from sla_console.domain.forecast.moment import ClockMoment
from sla_console.domain.forecast.reasons import fact_words
from sla_console.domain.sla.breach import BreachType

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

Likeness = Mapping[str, tuple[int, int]]
"""How many ended and how many of them broke, by group and status, by status (``|status``), and of
all (an empty key)."""
FORMAT: Final = 1
"""Format of a stored model; one of another format is learned again."""
_REASONS: Final = 3
_LEAST_POINTS: Final = 3
_LIKE: Final = 10
"""Past targets that must be like a running one to be spoken of as such."""


@dataclass(frozen=True, slots=True)
class StageModel:
    """A regression for targets that have used up a stage's share."""

    columns: Columns
    weights: tuple[float, ...]
    usual: tuple[float, ...]
    """The mean of each column."""
    like: Likeness

    def log_odds(self, moments: Sequence[ClockMoment]) -> Floats:
        """Return the log odds of a breach for each moment."""
        found: Floats = self.columns.matrix(moments) @ self.weights
        return found

    def reasons(self, moment: ClockMoment) -> list[tuple[str, float]]:
        """Return by how many log odds each fact moves it against the usual."""
        found: dict[str, float] = defaultdict(float)
        row = self.columns.matrix([moment])[0]
        for name, value, weight, usual in zip(
            self.columns.groups(), row, self.weights, self.usual, strict=True
        ):
            if name:
                found[name] += weight * (value - usual)
        # One fact in two columns is one reason.
        found["group"] += 0.0
        joint = found.pop("group and status", 0.0)
        found["in status"] += joint / 2
        found["group"] += joint / 2
        return sorted(found.items(), key=lambda item: -abs(item[1]))


@dataclass(frozen=True, slots=True)
class TargetModel:
    """Model of one kind of target."""

    ended: int
    """Targets whose due time has passed and whose outcome is certain."""
    broke: int
    stages: tuple[StageModel | None, ...]
    per_day: float = 0.0
    """How many come due a day, of late."""

    @property
    def is_taught(self) -> bool:
        """Whether anything can be said."""
        return any(stage is not None for stage in self.stages)

    @property
    def base_rate(self) -> float | None:
        """The share that broke of those whose due time has passed; None where none has."""
        return self.broke / self.ended if self.ended else None


@dataclass(frozen=True, slots=True)
class ForecastModel:
    """Models as learned at one moment."""

    taught_at: datetime
    targets: Mapping[BreachType, TargetModel]

    def chances(self, moments: Sequence[ClockMoment]) -> list[float | None]:
        """Return the probability of a breach for each moment; None where too little is known."""
        found: list[float | None] = [None] * len(moments)
        asked: dict[tuple[BreachType, int], list[tuple[int, float]]] = defaultdict(list)
        for place, moment in enumerate(moments):
            target = self.targets.get(moment.target)
            if target is not None:
                for stage, part in _parts(target, moment.share):
                    asked[moment.target, stage].append((place, part))
        for (kind, stage), places in asked.items():
            model = self.targets[kind].stages[stage]
            if model is None:
                continue
            odds = probabilities(model.log_odds([moments[place] for place, _ in places]))
            for (place, part), chance in zip(places, odds, strict=True):
                found[place] = (found[place] or 0.0) + part * float(chance)
        return found

    def explained(self, moment: ClockMoment, chance: float | None) -> Forecast:
        """Return a forecast with the facts that move it and how many were like it.

        Args:
            moment: What is known.
            chance: What ``chances`` says of it.
        """
        target = self.targets.get(moment.target)
        parts = [] if target is None else _parts(target, moment.share)
        if target is None or chance is None or not parts:
            return Forecast(None, 0, 0, missing_words(target, moment.target))
        model = target.stages[max(parts, key=lambda part: part[1])[0]]
        if model is None:
            return Forecast(None, 0, 0, missing_words(target, moment.target))
        said = []
        import numpy as np  # noqa: PLC0415 - loaded when something is forecast

        odds = float(model.log_odds([moment])[0])
        here = float(probabilities(np.array([odds]))[0])
        for name, moved in model.reasons(moment)[:_REASONS]:
            points = 100.0 * (here - float(probabilities(np.array([odds - moved]))[0]))
            words = fact_words(name, moment)
            if words and abs(points) >= _LEAST_POINTS:
                said.append(f"{words}: {points:+.0f}")
        key = next(
            (
                key
                for key in (moment.names[-1], f"|{moment.status}")
                if model.like.get(key, (0, 0))[0] >= _LIKE
            ),
            "",
        )
        like, broke = model.like.get(key, (0, 0))
        end = f"{broke} of {like} like it broke" if like else "none like it has come due yet"
        return Forecast(chance, like, broke, "; ".join([*said, end]))

    def document(self) -> dict[str, Any]:
        """Return it as plain values for JSON."""
        return {
            "format": FORMAT,
            "taught_at": self.taught_at.isoformat(),
            "targets": {
                kind.name: {
                    "ended": target.ended,
                    "broke": target.broke,
                    "per_day": target.per_day,
                    "stages": [None if s is None else _stage_document(s) for s in target.stages],
                }
                for kind, target in self.targets.items()
            },
        }

    @classmethod
    def read(cls, found: Mapping[str, Any]) -> ForecastModel | None:
        """Return what ``document`` gave; None where it is of another format."""
        if found.get("format") != FORMAT:
            return None
        targets = {
            BreachType[kind]: TargetModel(
                target["ended"],
                target["broke"],
                tuple(None if s is None else _read_stage(s) for s in target["stages"]),
                target["per_day"],
            )
            for kind, target in found["targets"].items()
        }
        return cls(datetime.fromisoformat(found["taught_at"]), targets)


def missing_words(target: TargetModel | None, kind: BreachType) -> str:
    """Return what is missing before anything can be said, and how long that will take."""
    from sla_console.domain.forecast.teaching import EACH, MINIMUM  # noqa: PLC0415 - it makes these

    ended = 0 if target is None else target.ended
    what = f"{kind.words}s"
    if target is None or ended < MINIMUM:
        said = f"not enough history: {ended} of {MINIMUM} {what} have come due"
        if target is not None and target.per_day > 0:
            days = (MINIMUM - ended) / target.per_day
            return f"{said}; at {target.per_day:.2g} a day that takes {max(days, 1):.0f} more days"
        return f"{said}; how long that takes is not known, since none came due in two weeks"
    few, how = (
        (target.broke, "broke") if target.broke < EACH else (ended - target.broke, "were kept")
    )
    if few < EACH:
        return f"not enough history: {few} of {ended} {what} {how}; {EACH} must have"
    return f"not enough history: too few {what} lived as long as this one"


def _parts(target: TargetModel, share: float) -> list[tuple[int, float]]:
    """Return the stages that speak of a share, and how much each counts."""
    known = [place for place, stage in enumerate(target.stages) if stage is not None]
    before = [place for place in known if STAGES[place] <= share + 1e-9]
    after = [place for place in known if STAGES[place] > share + 1e-9]
    if not before:
        return [(after[0], 1.0)] if after else []
    if not after:
        return [(before[-1], 1.0)]
    low, high = STAGES[before[-1]], STAGES[after[0]]
    part = (share - low) / (high - low)
    return [(before[-1], 1.0 - part), (after[0], part)]


def _stage_document(stage: StageModel) -> dict[str, Any]:
    return {
        "columns": stage.columns.document(),
        "weights": [round(weight, 6) for weight in stage.weights],
        "usual": [round(usual, 6) for usual in stage.usual],
        "like": {key: list(counts) for key, counts in stage.like.items()},
    }


def _read_stage(found: Mapping[str, Any]) -> StageModel:
    return StageModel(
        Columns.read(found["columns"]),
        tuple(found["weights"]),
        tuple(found["usual"]),
        {key: (counts[0], counts[1]) for key, counts in found["like"].items()},
    )
