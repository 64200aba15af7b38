"""Judging the forecast on history: taught what was known then, asked what came after."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sla_console.domain.forecast.judgement import WARNED, band_changes, queue_holding, recall
from sla_console.domain.forecast.lesson import Lesson
from sla_console.domain.forecast.model import ForecastModel, missing_words
from sla_console.domain.forecast.scoring import (
    CalibrationRow,
    auc,
    brier,
    brier_of,
    calibration,
)
from sla_console.domain.forecast.teaching import teach
from sla_console.domain.sla.breach import BreachType
from sla_console.domain.tickets.past_tickets import PastTicket
from sla_console.reporting.backtest import Trial, run_backtest
from sla_console.reporting.lesson_book import AHEAD, ASKED, LessonBook, Question

_DAY: Final = timedelta(days=1)
_WEEKS: Final = timedelta(days=14)
"""Span that counts as the last weeks."""
HELD: Final = 0.87
"""The share of what breaks that the queue is measured for."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One probability given, and what happened."""

    question: Question
    probability: float | None
    """None: not enough history."""
    base_rate: float
    """The share broken of what was decided by the day of asking."""
    recent_rate: float
    """The same of what was decided in the last weeks."""

    @property
    def breached(self) -> bool:
        """Whether the target broke."""
        return self.question.breached


@dataclass(frozen=True, slots=True)
class Score:
    """How good the answers to one kind of question were."""

    asked: int
    answered: int
    broke: int
    brier: float | None
    base_rate: float | None
    """The mean of the base rates known when it was asked."""
    base_brier: float | None
    """Score of always saying the base rate known then."""
    recent_brier: float | None
    """Score of always saying the rate of the last weeks."""
    hindsight_brier: float | None
    """Score of always saying the share that broke in the end, known in hindsight alone."""
    auc: float | None
    recall: float | None
    """The share of what broke that is among the most likely tenth."""

    def better_than(self, other: float | None) -> float | None:
        """Return how much lower the Brier score is than another; 0.2 is 20 percent."""
        return 1.0 - self.brier / other if self.brier is not None and other else None


@dataclass(frozen=True, slots=True)
class Earliness:
    """How much of what broke was known so early."""

    hours: int
    """Promised hours before the due time."""
    running: int
    """Targets that still ran then."""
    warned: int
    """How many were warned of: one in ten of all targets."""
    recall: float | None
    """The share of all that broke that was warned of."""
    possible: float | None
    """The greatest share that so many warnings can be."""


@dataclass(frozen=True, slots=True)
class ForecastTrial:
    """The forecast, judged."""

    began: datetime
    """Tickets opened from then on are asked about."""
    rolling: bool
    days: int
    """How often it was taught."""
    learnt: int
    """Targets it was taught the last time, those still running included."""
    answers: tuple[Answer, ...]
    """At the stages."""
    ahead: tuple[Answer, ...]
    """So many promised hours before the due time."""
    silence: str
    """Why the last question that got no answer got none."""

    def score(self, target: BreachType | None = None, stage: float | None = None) -> Score:
        """Return how good the answers were.

        Args:
            target: Of one promise only; None: of both.
            stage: Asked at one share of the target only; None: at all of them.
        """
        return score_of(
            [
                one
                for one in self.answers
                if target in {None, one.question.target} and stage in {None, one.question.stage}
            ]
        )

    def calibration(self) -> list[CalibrationRow]:
        """Return for each tenth of probability what was said and what happened."""
        return calibration(_pairs(self.answers))

    def earliness(self) -> list[Earliness]:
        """Return how much of what broke was warned of in time, where one in ten is warned of."""
        whole = {(one.question.number, one.question.target): one for one in self.answers}
        broke = sum(one.breached for one in whole.values())
        warned = int(WARNED * len(whole))
        found = []
        for hours in AHEAD:
            mine = [one for one in self.ahead if one.question.ahead == hours]
            pairs = _pairs(mine)
            among = recall(pairs, warned)
            running = sum(happened for _, happened in pairs)
            share = None if among is None or not broke else among * running / broke
            most = min(warned, running) / broke if broke and pairs else None
            found.append(Earliness(hours, len(pairs), warned, share, most))
        return found

    def queue_share(self) -> float | None:
        """Return how much of the queue, in order of risk, holds most of what breaks.

        The queue of a day is what was asked about that day.
        """
        return queue_holding(_pairs(self.answers), HELD)

    def band_changes(self) -> float | None:
        """Return how often the band of a target changes from stage to stage, on average."""
        lives: dict[tuple[str, BreachType], list[float]] = defaultdict(list)
        for one in self.answers:
            if one.probability is not None:
                lives[one.question.number, one.question.target].append(one.probability)
        return band_changes(list(lives.values()))


def score_of(answers: Sequence[Answer]) -> Score:
    """Return how good some answers were."""
    known = [one for one in answers if one.probability is not None]
    pairs = _pairs(known)
    broke = sum(happened for _, happened in pairs)
    end = broke / len(pairs) if pairs else 0.0
    return Score(
        asked=len(answers),
        answered=len(pairs),
        broke=broke,
        brier=brier(pairs),
        base_rate=sum(one.base_rate for one in known) / len(known) if known else None,
        base_brier=brier([(one.base_rate, one.breached) for one in known]),
        recent_brier=brier([(one.recent_rate, one.breached) for one in known]),
        hindsight_brier=brier_of(end, pairs),
        auc=auc(pairs),
        recall=recall(pairs, int(WARNED * len(pairs))),
    )


def _pairs(answers: Iterable[Answer]) -> list[tuple[float, bool]]:
    return [(one.probability, one.breached) for one in answers if one.probability is not None]


def try_forecast(
    history: Sequence[PastTicket],
    trial: Trial,
    begin: datetime,
    until: datetime | None,
    *,
    rolling: bool,
) -> ForecastTrial:
    """Ask the forecast about tickets opened from a moment on, by what was known when it was asked.

    Args:
        history: All tickets.
        trial: The promises.
        begin: From when on tickets are asked about, aware UTC; what was known by then is taught.
        until: Where history ends; None: after everything that is known.
        rolling: Teach it anew at the beginning of each day, UTC; else once.
    """
    book = LessonBook(history, trial)
    verdicts = run_backtest(history, trial, until)
    days: dict[datetime, list[Question]] = defaultdict(list)
    for question in book.questions(verdicts, begin):
        midnight = question.at.replace(hour=0, minute=0, second=0, microsecond=0)
        days[max(midnight, begin) if rolling else begin].append(question)
    answers: list[Answer] = []
    learnt, silence = 0, ""
    for day, asked in sorted(days.items()):
        lessons = book.known(day)
        model, rates = teach(lessons, day), _Rates(lessons, day)
        learnt = len(lessons)
        chances = iter(model.chances([q.moment for q in asked if q.moment is not None]))
        for question in asked:
            chance = None if question.moment is None else next(chances)
            if chance is None:
                silence = _silence(model, question)
            base, recent = rates.of(question.target)
            answers.append(Answer(question, chance, base, recent))
    return ForecastTrial(
        begin,
        rolling,
        len(days),
        learnt,
        tuple(one for one in answers if one.question.stage is not None),
        tuple(one for one in answers if one.question.stage is None),
        silence,
    )


def _silence(model: ForecastModel, question: Question) -> str:
    if question.moment is None:
        return "the ticket was under another promise then"
    return missing_words(model.targets.get(question.target), question.target)


class _Rates:
    """The shares of targets that broke, of those decided by a day.

    Args:
        lessons: The targets known then.
        day: The day.
    """

    def __init__(self, lessons: Sequence[Lesson], day: datetime) -> None:
        self._counts: dict[tuple[BreachType, bool], list[int]] = defaultdict(lambda: [0, 0])
        for lesson in lessons:
            outcome = lesson.outcome(day)
            if outcome is None:
                continue
            ended = lesson.ended_at or lesson.due
            decided = lesson.due if outcome else min(ended, lesson.due)
            for recent in (False, True):
                if not recent or decided > day - _WEEKS:
                    counts = self._counts[lesson.target, recent]
                    counts[0] += 1
                    counts[1] += outcome

    def of(self, target: BreachType) -> tuple[float, float]:
        """Return the rate of all and that of the last weeks; a half where nothing was decided."""
        whole, recent = self._counts[target, False], self._counts[target, True]
        rate = whole[1] / whole[0] if whole[0] else 0.5
        return rate, recent[1] / recent[0] if recent[0] else rate


def stages_of(trial: ForecastTrial) -> list[float]:
    """Return the stages at which anything was asked."""
    return [stage for stage in ASKED if any(a.question.stage == stage for a in trial.answers)]
