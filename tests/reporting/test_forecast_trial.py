"""The forecast judged on history: nothing that is stamped later reaches an answer."""

import gzip
import os
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import pytest

from sla_console.domain.sla.calendar import BusinessCalendar
from sla_console.domain.sla.policy import SLAPolicy
from sla_console.domain.tickets.log_map import UCI
from sla_console.domain.tickets.past_tickets import PastState, PastTicket
from sla_console.domain.tickets.ticket import StatusPhases
from sla_console.reporting.backtest import Trial
from sla_console.reporting.forecast_text import forecast_document, forecast_lines
from sla_console.reporting.forecast_trial import ForecastTrial, try_forecast
from sla_console.simulator.incident_log import load_log
from sla_console.simulator.past import past_tickets

START = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
TRIAL = Trial(
    [
        SLAPolicy("h", "High", priority_level="High", resolution_time_hours=8.0,
                  business_hours_only=False),
        SLAPolicy("l", "Low", priority_level="Low", resolution_time_hours=24.0,
                  business_hours_only=False),
    ],
    {},
    BusinessCalendar.always(),
    StatusPhases.of(("Waiting",), ("Closed",)),
)  # fmt: skip
LOGS = os.environ.get("SLA_CONSOLE_INCIDENT_LOG")
"""A whole real log; the tests that read it run where it is named."""


def life(number: int, chance: random.Random) -> PastTicket:
    """A ticket an hour; a third are Slow, of which most break; some change their priority."""
    opened = START + number * HOUR
    group = chance.choice(["Slow", "Quick", "Quick"])
    late = chance.random() < (0.8 if group == "Slow" else 0.15)
    end = opened + HOUR * (chance.uniform(9, 30) if late else chance.uniform(0.5, 7))
    first = PastState(opened, "New", "High", group, None, "Acme", "Mail")
    states = [first]
    if chance.random() < 0.4:
        at = opened + (end - opened) * chance.random()
        states.append(replace(first, at=at, status="Active", technician="Ada"))
    if chance.random() < 0.15:
        at = states[-1].at + (end - states[-1].at) * chance.random()
        states.append(replace(states[-1], at=at, priority="Low"))
    states.append(replace(states[-1], at=end, status="Closed"))
    return PastTicket(f"T{number}", opened, tuple(states), "Acme", "Mail", resolved_at=end)


def history(count: int = 220) -> list[PastTicket]:
    chance = random.Random(7)
    return [life(number, chance) for number in range(count)]


def permuted(tickets: list[PastTicket], now: datetime) -> list[PastTicket]:
    """Everything stamped after a moment is dealt out anew: states, priorities, groups and ends."""
    chance = random.Random(11)
    found = []
    for past in tickets:
        before = [state for state in past.states if state.at <= now]
        if len(before) == len(past.states) or not before:
            found.append(past)
            continue
        end = now + chance.uniform(0.1, 90) * HOUR
        other = replace(
            before[-1],
            at=now + (end - now) * chance.random(),
            priority=chance.choice(["High", "Low", "None"]),
            group=chance.choice(["Slow", "Quick", "New one"]),
            technician=chance.choice(["Bob", "Eve"]),
            client=chance.choice(["Acme", "Blue"]),
        )
        states = (*before, other, replace(other, at=end, status="Closed"))
        ends = [
            at if at is not None and at <= now else end for at in (past.resolved_at, past.closed_at)
        ]
        found.append(
            replace(
                past,
                states=states,
                resolved_at=ends[0],
                closed_at=ends[1],
                client=other.client,
                made_sla=False,
            )
        )
    return found


def tried(tickets: list[PastTicket], begin: datetime, **how: bool) -> ForecastTrial:
    return try_forecast(tickets, TRIAL, begin, None, rolling=how.get("rolling", True))


def said(trial: ForecastTrial, until: datetime) -> dict[tuple[str, datetime], float | None]:
    return {
        (one.question.number, one.question.at): one.probability
        for one in (*trial.answers, *trial.ahead)
        if one.question.at <= until
    }


BEGIN = START + timedelta(days=5)


def test_everything_stamped_after_now_may_be_permuted_and_no_answer_changes() -> None:
    now = START + timedelta(days=7)
    one = said(tried(history(), BEGIN), now)
    other = said(tried(permuted(history(), now), BEGIN), now)
    common = one.keys() & other.keys()
    assert len(common) > 60
    assert any(one[key] is not None for key in common)
    assert {key: one[key] for key in common} == {key: other[key] for key in common}


def test_it_is_better_than_what_anybody_could_say_of_all() -> None:
    score = tried(history(), BEGIN).score()
    assert score.auc is not None
    assert score.auc > 0.75
    assert (score.better_than(score.base_brier) or 0) > 0.2


def test_the_document_holds_what_the_lines_say() -> None:
    trial = tried(history(), BEGIN)
    document, lines = forecast_document(trial), "\n".join(forecast_lines(trial))
    assert document["without_meaning"] is None
    assert sum(row["answers"] for row in document["calibration"]) == document["answered"]
    assert document["rolling"] is True
    assert "87% of what broke is in the first" in lines
    assert "the band of a target changes" in lines
    assert {row["hours"] for row in document["earliness"]} == {1, 2, 4, 8}


def test_nobody_is_asked_before_the_source_has_the_ticket() -> None:
    late = [replace(past, recorded_at=past.opened_at + 3 * HOUR) for past in history()]
    asked = [one.question for one in tried(late, BEGIN).answers]
    assert min(one.at - one.opened_at for one in asked) == 3 * HOUR


def test_what_ends_of_the_log_nobody_saw_is_not_asked_about() -> None:
    """A target due after the end of history shows its end only where it came early."""
    trial = tried(history(), BEGIN)
    last = max(past.resolved_at for past in history() if past.resolved_at)
    assert all(one.question.opened_at + 8 * HOUR <= last for one in trial.answers)


@pytest.mark.skipif(LOGS is None, reason="SLA_CONSOLE_INCIDENT_LOG names no log")
def test_on_the_real_log_no_answer_changes_either(tmp_path: Path) -> None:
    """The first week and a half, to *resolved* after four hours round the clock."""
    assert LOGS is not None
    opener = gzip.open if LOGS.endswith(".gz") else open
    with opener(LOGS, "rt", encoding="utf-8") as lines:
        (tmp_path / "log.csv").write_text("".join(islice(lines, 9000)))
    log = load_log(tmp_path / "log.csv", UCI)
    tickets = past_tickets(log)
    policy = SLAPolicy(
        "f", "Four", default=True, resolution_time_hours=4.0, business_hours_only=False
    )
    trial = Trial([policy], {}, BusinessCalendar.always(), log.plan.phases())
    now, begin = datetime(2016, 3, 3, 12, tzinfo=UTC), datetime(2016, 3, 2, tzinfo=UTC)
    one = said(try_forecast(tickets, trial, begin, None, rolling=True), now)
    other = said(try_forecast(permuted(tickets, now), trial, begin, None, rolling=True), now)
    common = one.keys() & other.keys()
    assert len(common) > 200
    assert {key: one[key] for key in common} == {key: other[key] for key in common}
