"""A judged forecast as lines for people and as a document for programs."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from sla_console.domain.sla.breach import BreachType
from sla_console.reporting.forecast_trial import HELD, Answer, ForecastTrial, Score, stages_of
from sla_console.reporting.lesson_book import stage_words

_FEW: Final = 30
"""Answers below which a score means nothing."""


def forecast_lines(trial: ForecastTrial) -> Iterator[str]:
    """Give the judgement as lines of text."""
    whole, began = trial.score(), f"{trial.began:%Y-%m-%d %H:%M} UTC"
    if trial.rolling:
        yield (
            f"Forecast: taught anew on each of {trial.days} days by what was known then, asked "
            f"{whole.asked} times about tickets opened from {began} on"
        )
    else:
        yield (
            f"Forecast: taught {trial.learnt} targets as known on {began}, asked {whole.asked} "
            f"times about tickets opened after it"
        )
    if (why := _meaningless(trial)) is not None:
        yield f"  {why}"
        return
    yield (
        f"  {'ASKED':<22} {'ANSWERS':>7} {'BROKE':>6} {'BRIER':>7} {'BASE':>7} {'BETTER':>7} "
        f"{'WEEKS':>7} {'HINDSIGHT':>9} {'AUC':>6} {'1 IN 10':>7}"
    )
    yield _row("all", whole)
    for target in BreachType:
        if any(answer.question.target is target for answer in trial.answers):
            yield _row(target.words, trial.score(target))
    for stage in stages_of(trial):
        yield _row(stage_words(stage), trial.score(stage=stage))
    if silent := whole.asked - whole.answered:
        yield f"  {silent} questions got no answer, such as: {trial.silence}"
    yield "  base: Brier score of always saying the share broken of what was decided by then"
    yield "  better, weeks, hindsight: how much lower the score is than that of the base rate, of the"
    yield "  rate of the last two weeks, and of the rate that all of these had in the end"
    yield "  1 in 10: the share of what broke that is among the most likely tenth of the answers"
    yield f"  {'SAID':<12} {'ANSWERS':>7} {'MEAN':>7} {'BROKE':>7}  95 % INTERVAL"
    for row in trial.calibration():
        low, high = row.interval
        yield (
            f"  {row.low:>4.0%} - {row.high:<5.0%} {row.answers:>7} {row.predicted:>7.1%} "
            f"{row.happened:>7.1%}  {low:.1%} to {high:.1%}"
        )
    yield from _usefulness(trial)


def _usefulness(trial: ForecastTrial) -> Iterator[str]:
    for early in trial.earliness():
        if early.recall is not None and early.possible is not None:
            yield (
                f"  {early.hours} promised hours before it was due, one warning for ten targets "
                f"named {early.recall:.1%} of what broke (at best {early.possible:.1%}; "
                f"{early.running} still ran)"
            )
    queue, changes = trial.queue_share(), trial.band_changes()
    if queue is not None:
        yield f"  {HELD:.0%} of what broke is in the first {queue:.1%} of the queue in order of risk"
    if changes is not None:
        yield f"  from stage to stage the band of a target changes {changes:.2f} times in its life"


def _meaningless(trial: ForecastTrial) -> str | None:
    """Return why no figure is given; None: the figures mean something."""
    score = trial.score()
    if not score.asked:
        return (
            "nothing to ask: no ticket opened since then has a target that fell due before history "
            "ends; expected a longer log or an earlier moment"
        )
    if not score.answered:
        return f"no answer: {trial.silence}"
    if score.answered < _FEW:
        return f"only {score.answered} answers, and fewer than {_FEW} judge nothing"
    if score.broke in {0, score.answered}:
        what = "none" if not score.broke else "all"
        return (
            f"{what} of the {score.answered} targets asked about broke, so nothing tells a good "
            f"forecast from a bad one; try another target"
        )
    return None


def _row(name: str, score: Score) -> str:
    def cell(value: float | None, pattern: str) -> str:
        return "-" if value is None else format(value, pattern)

    return (
        f"  {name:<22} {score.answered:>7} {score.broke:>6} {cell(score.brier, '.4f'):>7} "
        f"{cell(score.base_brier, '.4f'):>7} "
        f"{cell(score.better_than(score.base_brier), '.1%'):>7} "
        f"{cell(score.better_than(score.recent_brier), '.1%'):>7} "
        f"{cell(score.better_than(score.hindsight_brier), '.1%'):>9} "
        f"{cell(score.auc, '.3f'):>6} {cell(score.recall, '.1%'):>7}"
    )


def forecast_document(trial: ForecastTrial) -> dict[str, Any]:
    """Return the judgement as plain values for JSON; times are ISO 8601 in UTC."""
    return {
        "train_until": _iso(trial.began),
        "rolling": trial.rolling,
        "days": trial.days,
        "learnt": trial.learnt,
        "without_meaning": _meaningless(trial),
        **_score(trial.score()),
        "stages": {str(stage): _score(trial.score(stage=stage)) for stage in stages_of(trial)},
        "clocks": {
            target.name.lower(): _score(trial.score(target))
            for target in BreachType
            if any(answer.question.target is target for answer in trial.answers)
        },
        "calibration": [
            {
                "low": row.low,
                "high": row.high,
                "answers": row.answers,
                "predicted": row.predicted,
                "happened": row.happened,
                "interval": list(row.interval),
            }
            for row in trial.calibration()
        ],
        "earliness": [
            {
                "hours": early.hours,
                "running": early.running,
                "warned": early.warned,
                "recall": early.recall,
                "possible": early.possible,
            }
            for early in trial.earliness()
        ],
        "queue_share": trial.queue_share(),
        "band_changes": trial.band_changes(),
        "answers": [_answer(answer) for answer in trial.answers],
    }


def _answer(answer: Answer) -> dict[str, Any]:
    question = answer.question
    return {
        "number": question.number,
        "clock": question.target.name.lower(),
        "stage": question.stage,
        "opened_at": _iso(question.opened_at),
        "asked_at": _iso(question.at),
        "probability": answer.probability,
        "base_rate": answer.base_rate,
        "recent_rate": answer.recent_rate,
        "breached": answer.breached,
    }


def _score(score: Score) -> dict[str, Any]:
    return {
        "asked": score.asked,
        "answered": score.answered,
        "broke": score.broke,
        "brier": score.brier,
        "base_rate": score.base_rate,
        "base_rate_brier": score.base_brier,
        "skill": score.better_than(score.base_brier),
        "recent_rate_brier": score.recent_brier,
        "recent_skill": score.better_than(score.recent_brier),
        "hindsight_rate_brier": score.hindsight_brier,
        "hindsight_skill": score.better_than(score.hindsight_brier),
        "auc": score.auc,
        "recall_one_in_ten": score.recall,
    }


def _iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
