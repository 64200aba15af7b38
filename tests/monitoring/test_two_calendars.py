"""One policy whose first response counts in other hours than its resolution."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from sla_console.domain.people.people import Site
from sla_console.domain.sla.breach import BreachType
from sla_console.domain.sla.calendar import WEEKDAYS, BusinessCalendar
from sla_console.domain.sla.policy import CLIENTS_HOURS, ROUND_THE_CLOCK, SLAPolicy
from sla_console.domain.sla.what_if import parse_what_if
from sla_console.domain.tickets.past_tickets import PastState, PastTicket
from sla_console.domain.tickets.ticket import StatusPhases, Ticket
from sla_console.monitoring.evaluator import Evaluator
from sla_console.reporting.backtest import Trial
from sla_console.reporting.versions import policy_words
from sla_console.service.explanation_text import explanation_document, explanation_lines

PHASES = StatusPhases.of((), ("Closed",))
OFFICE = BusinessCalendar("UTC", {day: [("09:00", "17:00")] for day in WEEKDAYS[:5]})
SATURDAY = datetime(2026, 10, 10, 20, 0, tzinfo=UTC)
BOTH = SLAPolicy(
    "g",
    "Gold",
    default=True,
    response_time_minutes=30,
    resolution_time_hours=4.0,
    calendar="office",
    response_calendar=ROUND_THE_CLOCK,
)
TICKET = Ticket("1", "T-1", "", client="Acme", client_id="c", created_at=SATURDAY)


def evaluate(policy: SLAPolicy = BOTH, default: str | None = None) -> Evaluator:
    return Evaluator(PHASES, (policy,), {"office": OFFICE}, default)


def test_the_response_runs_on_saturday_and_the_resolution_from_monday() -> None:
    """Opened Saturday 20:00. Every hour: 20:30. Office from Monday 9:00, 4 h: 13:00."""
    judged = evaluate().evaluate(TICKET)
    assert judged.response.due == datetime(2026, 10, 10, 20, 30, tzinfo=UTC)
    assert judged.resolution.due == datetime(2026, 10, 12, 13, 0, tzinfo=UTC)


def test_the_other_way_round_too() -> None:
    """Office from Monday 9:00, 30 min: 9:30. Every hour, 4 h: Sunday 0:00."""
    policy = replace(BOTH, business_hours_only=False, calendar=None, response_calendar="office")
    judged = evaluate(policy).evaluate(TICKET)
    assert judged.response.due == datetime(2026, 10, 12, 9, 30, tzinfo=UTC)
    assert judged.resolution.due == datetime(2026, 10, 11, 0, 0, tzinfo=UTC)


def test_the_clients_own_hours_can_be_meant_beside_a_calendar() -> None:
    """The client opens Monday at 7:00: 30 min end at 7:30, whatever the default calendar is."""
    policy = replace(BOTH, response_calendar=CLIENTS_HOURS)
    mine = evaluate(policy, default="office")
    mine.use_sites([Site("s", "Main", "c", "UTC", hours=(("mon", "07:00", "19:00"),))])
    assert mine.evaluate(TICKET).response.due == datetime(2026, 10, 12, 7, 30, tzinfo=UTC)


def test_unusable_hours_are_said_only_where_they_would_count() -> None:
    mine = evaluate(replace(BOTH, calendar=None))
    mine.use_sites([Site("s", "Main", "c", "Nowhere/Land", hours=(("mon", "07:00", "19:00"),))])
    assert any("impossible" in reason for reason in mine.evaluate(TICKET).degraded)
    always = evaluate(replace(BOTH, calendar=None, business_hours_only=False))
    always.use_sites([Site("s", "Main", "c", "Nowhere/Land", hours=(("mon", "07:00", "19:00"),))])
    assert always.evaluate(TICKET).degraded == ()


def test_a_calendar_called_24x7_is_no_round_the_clock() -> None:
    """Its name decides nothing: every hour counts by business_hours_only, 4 h from 20:00 on."""
    policy = replace(BOTH, business_hours_only=False, calendar=None, response_calendar=None)
    mine = Evaluator(PHASES, (policy,), {"24x7": OFFICE})
    assert mine.evaluate(TICKET).resolution.due == datetime(2026, 10, 11, 0, 0, tzinfo=UTC)
    named = Evaluator(
        PHASES, (replace(policy, business_hours_only=True, calendar="24x7"),), {"24x7": OFFICE}
    )
    assert named.evaluate(TICKET).resolution.due == datetime(2026, 10, 12, 13, 0, tzinfo=UTC)


def test_a_back_test_judges_each_clock_in_its_own_hours() -> None:
    trial = Trial((BOTH,), {"office": OFFICE}, OFFICE, PHASES)
    past = PastTicket("I1", SATURDAY, (PastState(SATURDAY, "New"),))
    ticket, observed = past.as_ticket(PHASES, "resolved")
    judged = trial.evaluate(ticket, BOTH, observed)
    assert judged.response.due == datetime(2026, 10, 10, 20, 30, tzinfo=UTC)
    assert judged.resolution.due == datetime(2026, 10, 12, 13, 0, tzinfo=UTC)
    assert trial.calendar_of(BOTH, BreachType.RESPONSE).is_always


def test_a_report_says_both_hours_and_of_one_only_what_it_said_before() -> None:
    assert "first response counted in: every hour" in policy_words(BOTH)
    assert "first response counted in" not in policy_words(replace(BOTH, response_calendar=None))


@pytest.fixture
async def told(begin, clock, desk):
    clock.set(SATURDAY)
    console = await begin(policies=(BOTH,), calendars={"office": OFFICE})
    desk.open("T1", SATURDAY, sla=None)
    await console.sync()

    async def tell(what_if: str | None = None) -> tuple[str, dict]:
        explanation = await console.service.explain("t1")
        supposed = None
        if what_if is not None:
            change = parse_what_if(what_if, clock.now())
            supposed = await console.service.suppose("T1", change)
        lines = "\n".join(explanation_lines(explanation, UTC))
        return lines, json.loads(json.dumps(explanation_document(explanation, supposed)))

    return tell


async def test_explain_names_both_calendars(told) -> None:
    text, document = await told()
    assert "Calendar: calendar office, as the policy says" in text
    assert "Calendar of the first response: every hour, as the policy says" in text
    assert document["response_calendar"] == "every hour, as the policy says"
    assert document["clocks"]["response"]["due"] == "2026-10-10T20:30:00Z"


async def test_a_supposed_calendar_moves_the_resolution_and_leaves_the_response(told) -> None:
    """Every hour from Saturday 20:00: 4 h end on Sunday at 0:00."""
    _, document = await told("calendar=24x7")
    assert document["what_if"]["clocks"]["resolution"]["due"] == "2026-10-11T00:00:00Z"
    assert document["what_if"]["clocks"]["response"]["due"] == "2026-10-10T20:30:00Z"


async def test_another_calendar_can_be_supposed_for_the_response_alone(told) -> None:
    """Office from Monday 9:00: the half hour ends at 9:30; the resolution stays at 13:00."""
    _, document = await told("response calendar=office")
    assert document["what_if"]["clocks"]["response"]["due"] == "2026-10-12T09:30:00Z"
    assert document["what_if"]["clocks"]["resolution"]["due"] == "2026-10-12T13:00:00Z"


async def test_a_supposed_holiday_closes_the_office_and_no_24x7_response(told) -> None:
    """Monday closed: the 4 h end on Tuesday at 13:00. Every hour still counts for the response."""
    _, document = await told("holiday=2026-10-12")
    assert document["what_if"]["clocks"]["response"]["due"] == "2026-10-10T20:30:00Z"
    assert document["what_if"]["clocks"]["resolution"]["due"] == "2026-10-13T13:00:00Z"
