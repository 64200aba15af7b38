"""Policies, breaches, rules and figures."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sla_console.domain.alerts.alert import AlertEvent, AlertRule, Notification
from sla_console.domain.errors import NotAllowed
from sla_console.domain.forecast.risk import RiskLevel
from sla_console.domain.people.people import Site
from sla_console.domain.sla.breach import BreachState, BreachType, SLABreach, event_id
from sla_console.domain.sla.policy import PolicyTable, SLAPolicy
from sla_console.domain.tickets.ticket import Ticket

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
TICKET = Ticket("1", "T-1", "Printer down", priority="High", client="Harbour", sla_name="Gold")
BREACH = SLABreach(
    id="b1",
    ticket_id="1",
    breach_type=BreachType.RESPONSE,
    breach_time=NOON,
    sla_policy=None,
    technician_id=None,
    severity=RiskLevel.HIGH,
    customer_impact="Harbour, High",
    escalation_required=True,
    display_id="T-1",
)


class TestMatching:
    ANY = SLAPolicy("any", "Any", default=True)
    HIGH = SLAPolicy("high", "High", priority_level="high")
    GOLD_HIGH = SLAPolicy("gold", "Gold high", sla_name="Gold", priority_level="High")

    def test_the_most_specific_wins_wherever_it_stands(self) -> None:
        assert (
            PolicyTable([self.ANY, self.HIGH, self.GOLD_HIGH]).policy_of(TICKET) is self.GOLD_HIGH
        )
        assert PolicyTable([self.GOLD_HIGH, self.HIGH]).policy_of(TICKET) is self.GOLD_HIGH

    def test_a_condition_that_is_not_met_rules_a_policy_out(self) -> None:
        low = replace(TICKET, priority="Low")
        assert PolicyTable([self.HIGH, self.GOLD_HIGH, self.ANY]).policy_of(low) is self.ANY
        assert PolicyTable([self.HIGH, self.GOLD_HIGH]).policy_of(low) is None

    def test_equals_are_decided_by_their_names_wherever_they_stand(self) -> None:
        first, second = SLAPolicy("a", "A", client="Harbour"), SLAPolicy("b", "B", sla_name="Gold")
        assert PolicyTable([first, second]).policy_of(TICKET) is first
        assert PolicyTable([second, first]).policy_of(TICKET) is first


class TestLifeOfABreach:
    def test_it_is_acknowledged_escalated_and_resolved(self) -> None:
        mine = BREACH.acknowledge("marta", "on it", NOON)
        assert (mine.state, mine.acknowledged_by, mine.note) == (
            BreachState.ACKNOWLEDGED,
            "marta",
            "on it",
        )
        up = mine.escalate("marta", None, NOON)
        assert up.state is BreachState.ESCALATED
        assert up.note == "on it", "the earlier reason is kept"
        assert up.resolve(NOON).state is BreachState.RESOLVED

    def test_unacknowledged_it_is_nobodys_again(self) -> None:
        back = BREACH.acknowledge("marta", None, NOON).unacknowledge("wrong ticket")
        assert (back.state, back.acknowledged_by) == (BreachState.OPEN, None)

    def test_whoever_has_it_may_take_it_again_to_keep_it_and_nobody_else(self) -> None:
        """A reminder at four fifths of an acknowledgement asks for just that."""
        mine = BREACH.acknowledge("marta", "on it", NOON)
        later = NOON + timedelta(minutes=25)
        again = mine.acknowledge("marta", None, later)
        assert (again.acknowledged_at, again.note) == (later, "on it")
        assert again.revision == mine.revision + 1
        with pytest.raises(NotAllowed, match="that is acknowledged cannot become acknowledged"):
            mine.acknowledge("ada", None, later)

    def test_a_resolved_one_takes_no_more_steps(self) -> None:
        with pytest.raises(NotAllowed, match="T-1: a breach that is resolved cannot"):
            BREACH.resolve(NOON).acknowledge("marta", None, NOON)

    def test_the_same_broken_promise_has_the_same_id(self) -> None:
        one = event_id("1", BreachType.RESPONSE, NOON)
        assert one == event_id("1", BreachType.RESPONSE, NOON + timedelta(milliseconds=905))
        others = {
            event_id("2", BreachType.RESPONSE, NOON),
            event_id("1", BreachType.RESOLUTION, NOON),
            event_id("1", BreachType.RESPONSE, NOON + timedelta(hours=1)),
            event_id("1", BreachType.RESPONSE, NOON, threshold=75),
        }
        assert len(others | {one}) == 5


class TestRules:
    def test_an_empty_condition_matches_everything(self) -> None:
        assert AlertRule("all", ("ops",)).matches(Notification(AlertEvent.BREACH, NOON))

    def test_names_are_compared_without_case(self) -> None:
        rule = AlertRule("p1", ("ops",), (AlertEvent.BREACH,), ("critical",), ("HARBOUR",))
        about = Notification(AlertEvent.BREACH, NOON, priority="Critical", client="Harbour")
        assert rule.matches(about)
        assert not rule.matches(replace(about, event=AlertEvent.WARNING))
        assert not rule.matches(replace(about, priority=None))


def test_a_sites_hours_become_its_calendar() -> None:
    site = Site("s", "Main", "c", "Europe/Dublin", hours=(("mon", "09:00", "17:30"),))
    calendar = site.calendar()
    assert calendar is not None
    assert calendar.is_open(datetime(2026, 11, 23, 10, tzinfo=UTC))
    assert Site("s", "Main", "c", None).calendar() is None
    always = Site("s", "Main", "c", None, working_24x7=True).calendar()
    assert always is not None
    assert always.is_open(datetime(2026, 11, 22, 3, tzinfo=UTC))
