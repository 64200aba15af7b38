"""What ``check`` finds in the store: escalations and messages that name what is gone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sla_console.cli.alert_findings import stored_name_findings
from sla_console.config.settings import Settings
from sla_console.domain.alerts.escalation import EscalationPlan, EscalationStep
from sla_console.domain.alerts.escalation_state import EscalationState
from sla_console.domain.alerts.route import Route
from sla_console.domain.forecast.risk import RiskLevel
from sla_console.domain.sla.breach import BreachType, SLABreach

AT = datetime(2026, 10, 12, 9, 0, tzinfo=UTC)
STEP = EscalationStep(timedelta(minutes=15), Route(("ops",), on_call=("primary",)))
BREACH = SLABreach(
    "b1", "77", BreachType.RESPONSE, AT, None, None, RiskLevel.HIGH, "x",
    escalation_required=True, display_id="T-77",
    escalation_state=EscalationState.open(EscalationPlan("standard", (STEP,)), AT),
)  # fmt: skip


@pytest.fixture
def settings():
    def made(**team: object) -> Settings:
        channel = {"service": "terminal", **team}
        return Settings.model_validate({"alerts": {"channels": {"team": channel}}})

    return made


def test_a_running_escalation_that_names_a_channel_and_a_rotation_that_are_gone(settings) -> None:
    found = list(stored_name_findings(settings(), [BREACH], []))
    assert [one.level for one in found] == ["trouble", "trouble"]
    assert "name the channel ops, which is no longer configured (T-77)" in found[0].line()
    assert "rotation primary" in found[1].line()


def test_a_channel_that_says_what_it_was_called_is_no_trouble(settings) -> None:
    step = replace(STEP, route=Route(("ops",)))
    timer = EscalationState.open(EscalationPlan("standard", (step,)), AT)
    found = stored_name_findings(
        settings(renamed_from=["ops"]), [replace(BREACH, escalation_state=timer)], ["ops"]
    )
    assert list(found) == []


def test_messages_that_wait_for_a_channel_that_is_gone(settings) -> None:
    (found,) = stored_name_findings(settings(), [], ["ops"])
    assert (found.level, found.subject) == ("trouble", "channel ops")
