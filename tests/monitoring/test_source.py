"""What a technician opens owes no first response; what others send in does."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sla_console.domain.sla.calendar import BusinessCalendar
from sla_console.domain.sla.lint import source_lints
from sla_console.domain.sla.policy import SLAPolicy
from sla_console.domain.sla.sla_clock import ClockState
from sla_console.domain.tickets.sighting import past_of
from sla_console.domain.tickets.ticket import StatusPhases, Ticket
from sla_console.monitoring.evaluator import Evaluator
from sla_console.reporting.backtest import Trial, run_backtest
from sla_console.service.explanation_text import explanation_document, explanation_lines

NINE = datetime(2026, 10, 12, 9, 0, tzinfo=UTC)
HALF_HOUR = SLAPolicy(
    "d",
    "All",
    default=True,
    response_time_minutes=30,
    resolution_time_hours=4.0,
    business_hours_only=False,
)
PHASES = StatusPhases.of((), ("Closed",))
TICKET = Ticket("1", "T-1", "", source="AGENT", created_at=NINE)


def evaluate(*sources: str) -> Evaluator:
    return Evaluator(PHASES, (HALF_HOUR,), no_response_for=sources)


def test_a_ticket_of_such_a_source_has_no_response_target_and_its_resolution() -> None:
    """Opened 9:00, 4 h: the resolution is due at 13:00; two hours later no response is late."""
    judged = evaluate("agent").evaluate(TICKET)
    assert judged.response.due is None
    assert judged.response.state(NINE + timedelta(hours=2)) is ClockState.NONE
    assert judged.resolution.due == datetime(2026, 10, 12, 13, 0, tzinfo=UTC)


@pytest.mark.parametrize("source", ["EMAIL", None])
def test_one_of_another_source_or_of_none_that_is_known_owes_it(source: str | None) -> None:
    judged = evaluate("AGENT").evaluate(replace(TICKET, source=source))
    assert judged.response.due == datetime(2026, 10, 12, 9, 30, tzinfo=UTC)


def test_nothing_is_left_out_where_no_source_is_named() -> None:
    assert evaluate().evaluate(TICKET).response.due is not None


def test_superops_calling_it_violated_is_shown() -> None:
    judged = evaluate("AGENT").evaluate(replace(TICKET, response_due=NINE, response_violated=True))
    assert judged.response.due is None
    (said,) = judged.degraded
    assert said == (
        "SuperOps calls the first response violated, but its source is AGENT, for which no first "
        "response is owed"
    )


def test_a_back_test_of_the_store_counts_no_response_either() -> None:
    always = BusinessCalendar.always()
    answered = replace(TICKET, status="Closed", updated_at=NINE + timedelta(hours=1))
    past = past_of(answered, (), PHASES)
    trial = Trial((HALF_HOUR,), {}, always, PHASES, no_response_for=frozenset({"agent"}))
    (tried,) = run_backtest([past], trial).tickets
    assert tried.response is None
    assert tried.resolution is not None


async def test_it_is_read_from_superops_kept_and_explained(begin, clock, desk) -> None:
    """SuperOps gives both tickets a first response due after an hour; one was opened inside."""
    console = await begin(no_response_for=("AGENT",))
    due = clock.now() + timedelta(hours=1)
    desk.open("T1", clock.now(), source="AGENT", response_due=due)
    desk.open("T2", clock.now(), source="EMAIL", response_due=due)
    await console.sync()
    explanation = await console.service.explain("T1")
    text = "\n".join(explanation_lines(explanation, UTC))
    assert (
        "First response: none, because its source is AGENT, for which no first response is owed"
    ) in text
    assert "SuperOps gives the due time Mon 12 Oct 10:00, which does not count here" in text
    document = explanation_document(explanation)["clocks"]["response"]
    assert document["due"] is None
    assert "AGENT" in document["exempt"]
    assert {ticket.source for ticket in await console.store.tickets.load_open()} == {
        "AGENT",
        "EMAIL",
    }
    await console.pass_time(clock, hours=2)
    broken = console.board.breaches
    assert [breach.display_id for breach in broken] == ["T2"]


def test_a_source_that_there_is_not_is_told_with_the_nearest() -> None:
    assert source_lints(["AGNT", "phone"], []) == [
        "no_first_response_for names 'AGNT', which SuperOps does not have; did you mean AGENT?"
    ]
