"""Who is told what."""

from dataclasses import replace
from datetime import timedelta

import pytest

from sla_console.alerting.manager import AlertManager
from sla_console.domain.alert import AlertEvent, AlertRule
from sla_console.domain.breach import BreachState, BreachType, SLABreach, SLAWarning
from sla_console.domain.errors import NotAllowed, UserError
from sla_console.domain.policy import EscalationRule, SLAPolicy
from sla_console.domain.risk import RiskLevel


class Ledger:
    """Remembers what was stored together."""

    def __init__(self) -> None:
        self.stored: list[tuple] = []

    async def record_breach(self, breach, messages, audit, term):
        self.stored.append((breach, messages, audit, term))
        return True

    async def record_warning(self, warning, messages, term):
        self.stored.append((warning, messages, term))
        return True

    async def record_step(self, breach, expected, messages, operations, audit, term=None):
        self.stored.append((breach, expected, messages, audit, term))
        return True


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def manager(ledger, clock) -> AlertManager:
    return AlertManager(ledger, ("ops", "boss", "mail"), clock, lambda i: f"https://desk/{i}")


def told(messages) -> list[str]:
    return [m.channel for m in messages]


class TestRouting:
    async def test_without_rules_everybody_is_told_of_everything(self, manager, breach) -> None:
        await manager.configure_alert_rules([])
        assert told(manager.plan_breach(breach)) == ["ops", "boss", "mail"]

    async def test_the_first_rule_that_matches_ends_the_search(self, manager, breach) -> None:
        await manager.configure_alert_rules(
            [
                AlertRule("p1", ("boss",), priorities=("Critical",)),
                AlertRule("rest", ("mail",)),
                AlertRule("never", ("ops",)),
            ]
        )
        assert told(manager.plan_breach(breach)) == ["mail"]
        assert told(manager.plan_breach(replace(breach, priority="critical"))) == ["boss"]

    async def test_unless_it_says_to_go_on(self, manager, breach) -> None:
        await manager.configure_alert_rules(
            [
                AlertRule("all", ("ops",), proceed=True),
                AlertRule("rest", ("ops", "mail")),
            ]
        )
        assert told(manager.plan_breach(breach)) == ["ops", "mail"], "each channel once"

    async def test_a_rule_for_breaches_says_nothing_of_warnings(self, manager, breach) -> None:
        await manager.configure_alert_rules([AlertRule("b", ("ops",), (AlertEvent.BREACH,))])
        warning = SLAWarning("w", "77", BreachType.RESPONSE, 75, breach.breach_time, RiskLevel.HIGH)
        assert manager.plan_warning(warning) == []

    async def test_recovery_is_told_only_where_a_rule_names_it(
        self, manager, breach, clock
    ) -> None:
        over = breach.resolve(clock.now())
        await manager.configure_alert_rules([AlertRule("all", ("ops",))])
        assert manager.plan_recovery(over) == []
        await manager.configure_alert_rules([AlertRule("r", ("ops",), (AlertEvent.RECOVERY,))])
        assert told(manager.plan_recovery(over)) == ["ops"]

    async def test_a_rule_with_an_unknown_channel_is_refused(self, manager) -> None:
        with pytest.raises(
            UserError, match="'pager', which does not exist; there are ops, boss, mail"
        ):
            await manager.configure_alert_rules([AlertRule("x", ("pager",))])


class TestEscalation:
    def test_the_policy_says_whom_first_then_the_configuration(self, ledger, clock, breach) -> None:
        policy = SLAPolicy("p", "Gold", escalation_rules=(EscalationRule(30, ("boss",)),))
        manager = AlertManager(ledger, ("ops", "boss", "mail"), clock, None, ("mail",))
        assert manager.escalation_targets(replace(breach, sla_policy=policy)) == ("boss",)
        assert manager.escalation_targets(breach) == ("mail",)

    def test_else_those_who_are_told_of_the_breach(self, manager, breach) -> None:
        assert manager.escalation_targets(breach) == ("ops", "boss", "mail")

    async def test_or_those_whose_rule_names_escalations(self, manager, breach) -> None:
        await manager.configure_alert_rules(
            [
                AlertRule("b", ("ops",), (AlertEvent.BREACH,)),
                AlertRule("e", ("boss",), (AlertEvent.ESCALATION,)),
            ]
        )
        assert manager.escalation_targets(breach) == ("boss",)
        assert told(manager.plan_escalation(breach, "dev", None)) == ["boss"]

    async def test_without_any_channel_there_is_nobody(self, ledger, clock, breach) -> None:
        assert AlertManager(ledger, (), clock).escalation_targets(breach) == ()

    def test_it_says_who_and_why(self, manager, breach) -> None:
        message = manager.plan_escalation(breach, "dev", "client is furious")[0]
        assert "dev escalated" in message.body
        assert "Reason: client is furious" in message.body
        assert message.urgent

    async def test_a_resolved_breach_cannot_be_escalated(self, manager, breach, clock) -> None:
        with pytest.raises(NotAllowed):
            await manager.escalate_breach(breach.resolve(clock.now()))


class TestStoring:
    async def test_a_breach_and_its_messages_go_in_together_under_the_term(
        self, manager, ledger, breach
    ) -> None:
        manager.term = 4
        await manager.send_breach_alert(breach)
        ((stored, messages, audit, term),) = ledger.stored
        assert (stored, len(messages), audit.action, term) == (breach, 3, "breach", 4)

    async def test_so_does_an_escalation(self, manager, ledger, breach) -> None:
        await manager.escalate_breach(breach)
        ((after, expected, messages, audit, _),) = ledger.stored
        assert (after.state, expected) == (BreachState.ESCALATED, BreachState.OPEN)
        assert len(messages) == 3
        assert audit.action == "escalate"

    async def test_so_does_a_warning(self, manager, ledger, breach) -> None:
        warning = SLAWarning("w", "77", BreachType.RESPONSE, 75, breach.breach_time, RiskLevel.HIGH)
        await manager.send_warning_alert(warning)
        assert ledger.stored[0][0] is warning

    def test_the_same_event_has_the_same_key_each_time(self, manager, breach) -> None:
        assert (
            [m.key for m in manager.plan_breach(breach)]
            == [m.key for m in manager.plan_breach(breach)]
            == ["breach:b1:ops", "breach:b1:boss", "breach:b1:mail"]
        )


class TestWords:
    def test_a_breach_says_all_that_one_needs(self, manager, breach) -> None:
        message = manager.plan_breach(breach)[0]
        assert message.title == "BREACHED: first response of T-77 (Harbour Dental)"
        for fact in (
            "due 2026-10-12 08:48 UTC, 12 m ago",
            "Printer down",
            "Harbour Dental",
            "High",
            "Marta Lindqvist",
            "Acknowledge",
            "https://desk/77",
        ):
            assert fact in message.body

    def test_a_warning_says_how_long_is_left(self, manager, breach, clock) -> None:
        due = clock.now() + timedelta(minutes=23)
        warning = SLAWarning("w", "77", BreachType.RESOLUTION, 75, due, RiskLevel.HIGH)
        message = manager.plan_warning(warning)[0]
        assert message.title.startswith("23 m left: resolution of 77")
        assert "75 % of the time" in message.body

    @pytest.mark.parametrize("hostile", ["@everyone", "@here", "<!channel>", "<@U123>", "<#C1>"])
    def test_mentions_from_outside_are_defused(self, manager, breach: SLABreach, hostile) -> None:
        message = manager.plan_breach(replace(breach, subject=f"hi {hostile}", client=hostile))[0]
        assert hostile not in message.body + message.title

    def test_escape_sequences_never_reach_a_channel(self, manager, breach) -> None:
        nasty = replace(
            breach, subject="\x1b]52;c;x\x07 \u202e", client="\x9b31m", technician="\u200b"
        )
        message = manager.plan_breach(nasty)[0]
        assert not set("\x1b\x07\u202e\x9b\u200b") & set(message.title + message.body)
