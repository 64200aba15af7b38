"""Judging the forecast on history: taught what was known then, asked about what came after."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sla_console.domain.forecast.forecast import Forecaster, PastClock, RunningClock
from sla_console.domain.forecast.scoring import CalibrationRow, auc, brier, calibration, skill
from sla_console.domain.sla.breach import BreachType
from sla_console.domain.sla.held_time import due_after
from sla_console.domain.tickets.past_tickets import PastTicket
from sla_console.reporting.backtest import Backtest, ClockTrial, TicketTrial, Trial, run_backtest

STAGES: Final = (0.0, 0.25, 0.5, 0.75)
"""Shares of the target at which an open ticket is asked about."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One probability given, and what happened."""

    number: str
    target: BreachType
    stage: float
    probability: float | None
    """None: not enough history."""
    breached: bool


@dataclass(frozen=True, slots=True)
class Score:
    """How good the answers to one kind of question were."""

    asked: int
    answered: int
    brier: float | None
    base_rate: float
    base_rate_brier: float | None
    skill: float | None
    """How much lower the Brier score is than the base rate's; 0.2 is 20 percent."""
    hindsight_brier: float | None
    """Of always saying what share the tickets taught from broke in the end, which nobody knew."""
    auc: float | None


@dataclass(frozen=True, slots=True)
class ForecastTrial:
    """The forecast, judged."""

    train_until: datetime
    learnt: int
    """Clocks it was taught, those still running included."""
    base_rate: float
    """Share of the promises whose verdict was known by then that were broken."""
    hindsight_rate: float
    """Share of the promises of the same tickets that broke in the end."""
    answers: tuple[Answer, ...]

    def score(self, target: BreachType | None = None, stage: float | None = None) -> Score:
        """Return how good the answers were.

        Args:
            target: Of one promise only; None: of both.
            stage: Asked at one share of the target only; None: at all of them.
        """
        asked = [
            answer
            for answer in self.answers
            if target in {None, answer.target} and stage in {None, answer.stage}
        ]
        pairs = [(a.probability, a.breached) for a in asked if a.probability is not None]
        return Score(
            asked=len(asked),
            answered=len(pairs),
            brier=brier(pairs),
            base_rate=self.base_rate,
            base_rate_brier=brier([(self.base_rate, breached) for _, breached in pairs]),
            skill=skill(pairs, self.base_rate),
            hindsight_brier=brier([(self.hindsight_rate, breached) for _, breached in pairs]),
            auc=auc(pairs),
        )

    def calibration(self) -> list[CalibrationRow]:
        """Return for each tenth of probability what was said and what happened."""
        return calibration(
            [(a.probability, a.breached) for a in self.answers if a.probability is not None]
        )


def try_forecast(
    history: Sequence[PastTicket], trial: Trial, train_until: datetime, until: datetime | None
) -> ForecastTrial:
    """Teach the forecast what was known at one moment, and ask it about tickets opened after it.

    What is asked about is known by the state at the moment of asking; the verdict by all of history.

    Args:
        history: All tickets.
        trial: The promises.
        train_until: Until when it may learn, aware UTC.
        until: Where history ends; None: after everything that is known.
    """
    before = [past for past in history if past.opened_at < train_until]
    learnt = run_backtest(before, trial, train_until)
    forecaster = Forecaster(_past(t, c) for t in learnt.tickets for c in t.clocks)
    in_the_end = run_backtest(before, trial, until)
    after = run_backtest([p for p in history if p.opened_at >= train_until], trial, until)
    answers: list[Answer] = []
    for ticket in after.tickets:
        for clock in ticket.clocks:
            # A promise due after the end of history shows its verdict only where it was kept early,
            # which would make every forecast look too dark.
            if clock.judged and clock.due <= after.until:
                answers += _ask(forecaster, trial, ticket, clock)
    return ForecastTrial(
        train_until, len(forecaster), _share(learnt), _share(in_the_end), tuple(answers)
    )


def _share(backtest: Backtest) -> float:
    """Return the share of judged promises that were broken; a half where none was judged."""
    verdicts = [c.breached for ticket in backtest.tickets for c in ticket.clocks if c.judged]
    return sum(verdicts) / len(verdicts) if verdicts else 0.5


def _past(ticket: TicketTrial, clock: ClockTrial) -> PastClock:
    return PastClock(
        ticket_id=ticket.past.number,
        target=clock.target,
        lasted=clock.consumed.total_seconds(),
        ended=clock.stopped_at is not None,
        priority=ticket.priority,
        group=ticket.group,
        client=ticket.past.client,
        kind=ticket.past.request_type,
    )


def _ask(
    forecaster: Forecaster, trial: Trial, ticket: TicketTrial, clock: ClockTrial
) -> Iterator[Answer]:
    past, calendar = ticket.past, trial.calendar_of(ticket.policy, clock.target)
    holds = past.holds(trial.phases, clock.stopped_at, trial.stop_at)
    for stage in STAGES:
        spent: timedelta = clock.allowed * stage
        at = due_after(calendar, past.opened_at, spent, holds)
        if clock.stopped_at is not None and clock.stopped_at <= at:
            return
        then = past.state_at(at)
        asked = RunningClock(
            ticket_id=past.number,
            target=clock.target,
            consumed=spent.total_seconds(),
            allowed=clock.allowed.total_seconds(),
            priority=then.priority,
            group=then.group,
            client=past.client,
            kind=past.request_type,
        )
        probability = forecaster.ask(asked).probability
        yield Answer(past.number, clock.target, stage, probability, clock.breached)


def forecast_lines(trial: ForecastTrial) -> Iterator[str]:
    """Give the judgement as lines of text."""
    whole = trial.score()
    yield (
        f"Forecast: taught {trial.learnt} clocks as known on {trial.train_until:%Y-%m-%d %H:%M} UTC, "
        f"asked {whole.asked} times about tickets opened after it"
    )
    if whole.brier is None or whole.base_rate_brier is None:
        yield f"  not enough history for any of {whole.asked} questions"
        return
    yield f"  {'ASKED':<22} {'ANSWERS':>7} {'BRIER':>7} {'BASE':>7} {'BETTER BY':>9} {'AUC':>6}"
    yield _row("all", whole)
    for target in BreachType:
        if any(answer.target is target for answer in trial.answers):
            yield _row(target.words, trial.score(target))
    for stage in STAGES:
        name = "at creation" if not stage else f"at {stage:.0%} of the target"
        yield _row(name, trial.score(stage=stage))
    yield f"  base: always saying {trial.base_rate:.1%}, the share broken of what was decided by then"
    if whole.hindsight_brier is not None:
        yield (
            f"  hindsight: those taught from broke {trial.hindsight_rate:.1%} in the end; always "
            f"saying that would score {whole.hindsight_brier:.4f}"
        )
    yield f"  {'SAID':<12} {'ANSWERS':>7} {'MEAN':>7} {'BROKE':>7}"
    for row in trial.calibration():
        yield (
            f"  {row.low:>4.0%} - {row.high:<5.0%} {row.answers:>7} {row.predicted:>7.1%} "
            f"{row.happened:>7.1%}"
        )


def _row(name: str, score: Score) -> str:
    def cell(value: float | None, pattern: str) -> str:
        return "-" if value is None else format(value, pattern)

    return (
        f"  {name:<22} {score.answered:>7} {cell(score.brier, '.4f'):>7} "
        f"{cell(score.base_rate_brier, '.4f'):>7} {cell(score.skill, '.1%'):>9} "
        f"{cell(score.auc, '.3f'):>6}"
    )


def forecast_document(trial: ForecastTrial) -> dict[str, Any]:
    """Return the judgement as plain values for JSON."""
    return {
        "train_until": trial.train_until.isoformat().replace("+00:00", "Z"),
        "learnt": trial.learnt,
        "hindsight_rate": trial.hindsight_rate,
        **_score(trial.score()),
        "stages": {str(stage): _score(trial.score(stage=stage)) for stage in STAGES},
        "clocks": {
            target.name.lower(): _score(trial.score(target))
            for target in BreachType
            if any(answer.target is target for answer in trial.answers)
        },
        "calibration": [
            {
                "low": row.low,
                "high": row.high,
                "answers": row.answers,
                "predicted": row.predicted,
                "happened": row.happened,
            }
            for row in trial.calibration()
        ],
        "answers": [
            {
                "number": answer.number,
                "clock": answer.target.name.lower(),
                "stage": answer.stage,
                "probability": answer.probability,
                "breached": answer.breached,
            }
            for answer in trial.answers
        ],
    }


def _score(score: Score) -> dict[str, Any]:
    return {
        "asked": score.asked,
        "answered": score.answered,
        "brier": score.brier,
        "base_rate": score.base_rate,
        "base_rate_brier": score.base_rate_brier,
        "skill": score.skill,
        "hindsight_rate_brier": score.hindsight_brier,
        "auc": score.auc,
    }
