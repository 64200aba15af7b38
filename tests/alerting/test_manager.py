"""Who is told what, and why not."""

from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from sla_console.alerting.grouping import Grouping, Groups
from sla_console.alerting.manager import AlertManager
from sla_console.alerting.room import AlertingRoom, AlertingSettings
from sla_console.alerting.wording import Composer
from sla_console.domain.alerts.alert import (
    ASSIGNEE,
    AlertEvent,
    AlertRule,
    DeliveryState,
    Notified,
    Route,
    RuleHours,
    WaitReason,
    Way,
)
from sla_console.domain.alerts.escalation import (
    EscalationPlan,
    Escalations,
    EscalationStep,
    StepPage,
)
from sla_console.domain.alerts.silence import Silence
from sla_console.domain.alerts.timer_events import FiredEvent, TimerEvent, advance
from sla_console.domain.errors import NotAllowed, UserError
from sla_console.domain.forecast.risk import RiskLevel
from sla_console.domain.matcher import Matcher
from sla_console.domain.people.directory import Directory, Person
from sla_console.domain.people.on_call import Rotation, Shift
from sla_console.domain.sla.breach import BreachState, BreachType, SLAWarning
from sla_console.domain.sla.calendar import BusinessCalendar
from sla_console.domain.sla.policy import EscalationRule, SLAPolicy

PLAN = EscalationPlan(
    "standard",
    (
        EscalationStep(timedelta(), Route(("ops",))),
        EscalationStep(timedelta(minutes=15), Route(people=("ada",))),
    ),
)
ADA = Person("ada", ("ada-sms",), "Ada Byron")


class Ledger:
    """Remembers what was stored together."""

    outbox = deliveries = incidents = silences = people = rota = meta = None

    def __init__(self) -> None:
        self.stored: list[tuple] = []
        self.breaches = self

    async def among(self, ids):
        return []

    async def record_breaches(self, found, term):
        self.stored += [(*one, term) for one in found]
        return {breach.id for breach, *_ in found}

    async def record_warning(self, warning, messages, term):
        self.stored.append((warning, messages, term))
        return True

    async def record_step(self, breach, expected, messages, operations, audit, term=None, use=None):
        self.stored.append((breach, expected, messages, audit, term))
        return True


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def make(ledger, clock):
    def made(
        escalations=None,
        grouping=None,
        silences=(),
        channels=("ops", "boss", "mail", "ada-sms"),
        directory=None,
        **settings,
    ) -> AlertManager:
        room = AlertingRoom(
            ledger,
            {},
            clock,
            Composer(),
            AlertingSettings(
                channels,
                directory or Directory({"ada": ADA}, {}),
                grouping or Grouping(wait=timedelta()),
                escalations=escalations or Escalations(),
                **settings,
            ),
        )
        room.mutes.silences = tuple(silences)
        return room.manager

    return made


@pytest.fixture
def manager(make) -> AlertManager:
    return make()


def told(messages) -> list[str]:
    return [m.channel for m in messages if m.state.owed]


def warning(breach, level: str = "75%", **changes) -> SLAWarning:
    made = SLAWarning("w", "77", BreachType.RESPONSE, 75, breach.breach_time, RiskLevel.HIGH)
    return replace(made, level=level, **changes)


class TestRouting:
    async def test_without_rules_everybody_is_told_of_everything_but_forecasts(
        self, manager, breach
    ) -> None:
        await manager.configure_alert_rules([])
        assert told(manager.planner.plan_breach(breach)) == ["ops", "boss", "mail", "ada-sms"]
        forecast = replace(manager.planner.breach_notice(breach), event=AlertEvent.FORECAST)
        assert manager.planner.plan_forecast(forecast, "f") == []

    async def test_the_first_rule_that_matches_ends_the_search(self, manager, breach) -> None:
        await manager.configure_alert_rules(
            [
                AlertRule("p1", ("boss",), priorities=("Critical",)),
                AlertRule("rest", ("mail",)),
                AlertRule("never", ("ops",)),
            ]
        )
        assert told(manager.planner.plan_breach(breach)) == ["mail"]
        other = replace(breach, priority="critical", ticket_id="78")
        assert told(manager.planner.plan_breach(other)) == ["boss"]

    async def test_unless_it_says_to_go_on(self, manager, breach) -> None:
        await manager.configure_alert_rules(
            [
                AlertRule("all", ("ops",), proceed=True),
                AlertRule("rest", ("ops", "mail")),
            ]
        )
        assert told(manager.planner.plan_breach(breach)) == ["ops", "mail"], "each channel once"

    async def test_a_rule_for_breaches_says_nothing_of_warnings(self, manager, breach) -> None:
        await manager.configure_alert_rules([AlertRule("b", ("ops",), (AlertEvent.BREACH,))])
        assert manager.planner.plan_warning(warning(breach)) == []

    @pytest.mark.parametrize(
        ("rule", "fits"),
        [
            ({"groups": ("network",)}, {"group": "Network"}),
            ({"policies": ("gold",)}, {"sla_policy": SLAPolicy("1", "Gold")}),
            ({"min_risk": RiskLevel.CRITICAL}, {"severity": RiskLevel.CRITICAL}),
            ({"clients": ("acme",)}, {"client": "ACME"}),
        ],
    )
    async def test_a_rule_meets_the_events_of_its_conditions_alone(
        self, manager, breach, rule, fits
    ) -> None:
        await manager.configure_alert_rules([AlertRule("one", ("ops",), **rule)])
        assert told(manager.planner.plan_breach(replace(breach, ticket_id="1"))) == []
        assert told(manager.planner.plan_breach(replace(breach, ticket_id="2", **fits))) == ["ops"]

    async def test_a_rule_may_be_for_one_level_of_warning(self, manager, breach) -> None:
        await manager.configure_alert_rules([AlertRule("late", ("ops",), levels=("90%",))])
        assert manager.planner.plan_warning(warning(breach, "75%")) == []
        assert told(manager.planner.plan_warning(warning(breach, "90%"))) == ["ops"]
        assert manager.planner.plan_breach(breach) == [], "levels are of warnings"

    async def test_a_rule_may_hold_outside_the_clients_hours_alone(
        self, manager, breach, clock, office
    ) -> None:
        await manager.configure_alert_rules(
            [AlertRule("night", ("ada-sms",), hours=RuleHours.OUTSIDE), AlertRule("day", ("ops",))]
        )
        assert told(manager.planner.plan_breach(breach, office)) == ["ops"]
        clock.advance(hours=12)
        other = replace(breach, ticket_id="78")
        assert told(manager.planner.plan_breach(other, office)) == ["ada-sms"]

    async def test_a_route_may_name_whoever_has_the_ticket(self, manager, breach) -> None:
        rule = AlertRule("mine", route=Route(people=(ASSIGNEE,)))
        await manager.configure_alert_rules([rule])
        (message,) = manager.planner.plan_breach(replace(breach, technician="ada byron"))
        assert (message.channel, message.person) == ("ada-sms", "ada")
        assert manager.planner.plan_breach(replace(breach, ticket_id="78", technician=None)) == []

    async def test_a_rule_that_reaches_nobody_hands_on_to_the_next(self, manager, breach) -> None:
        await manager.configure_alert_rules(
            [
                AlertRule("holder", route=Route(people=(ASSIGNEE,))),
                AlertRule("rest", ("mail",)),
                AlertRule("never", ("ops",)),
            ]
        )
        assert told(manager.planner.plan_breach(replace(breach, technician=None))) == ["mail"]
        mine = replace(breach, technician="Ada Byron", ticket_id="78")
        assert told(manager.planner.plan_breach(mine)) == ["ada-sms"]

    async def test_a_rule_that_names_nobody_mutes_what_it_matches(self, manager, breach) -> None:
        await manager.configure_alert_rules([AlertRule("mute"), AlertRule("rest", ("mail",))])
        assert manager.planner.plan_breach(breach) == []

    async def test_a_rule_with_an_unknown_channel_is_refused(self, manager) -> None:
        with pytest.raises(UserError, match="'pager', which does not exist; there are ops, boss"):
            await manager.configure_alert_rules([AlertRule("x", ("pager",))])

    async def test_trouble_of_the_console_goes_everywhere_unless_a_rule_is_for_it(
        self, manager
    ) -> None:
        await manager.configure_alert_rules([AlertRule("b", ("ops",), (AlertEvent.BREACH,))])
        found = manager.planner.plan_monitor("m", "SuperOps does not answer")
        assert told(found) == ["ops", "boss", "mail", "ada-sms"]
        await manager.configure_alert_rules([AlertRule("m", ("boss",), (AlertEvent.MONITOR,))])
        assert told(manager.planner.plan_monitor("m", "SuperOps does not answer")) == ["boss"]
        await manager.configure_alert_rules([AlertRule("m", route=Route(people=(ASSIGNEE,)))])
        everywhere = manager.planner.plan_monitor("m", "SuperOps does not answer")
        assert told(everywhere) == ["ops", "boss", "mail", "ada-sms"], "it reaches nobody"
        await manager.configure_alert_rules([AlertRule("mute", (), (AlertEvent.MONITOR,))])
        assert manager.planner.plan_monitor("m", "SuperOps does not answer") == []

    async def test_a_fallback_waits_a_minute_where_it_is_urgent_else_five(
        self, manager, breach, clock
    ) -> None:
        rule = AlertRule("r", route=Route(("ops",), fallback=("boss",)))
        await manager.configure_alert_rules([rule])
        (usual,) = manager.planner.plan_breach(breach)
        (urgent,) = manager.planner.plan_breach(
            replace(breach, ticket_id="78", severity=RiskLevel.CRITICAL)
        )
        assert usual.fallback == ("boss",)
        assert usual.fallback_at - clock.now() == timedelta(minutes=5)
        assert urgent.fallback_at - clock.now() == timedelta(minutes=1)


class TestRecovery:
    def test_only_those_who_were_told_hear_that_it_is_over(self, manager, breach, clock) -> None:
        heard = [
            was_told("ops", DeliveryState.ACCEPTED, clock),
            was_told("boss", DeliveryState.DEAD, clock),
            was_told("mail", DeliveryState.SUPPRESSED, clock, WaitReason.MUTED),
        ]
        over = breach.resolve(clock.now())
        assert told(manager.planner.plan_recovery(over, heard)) == ["ops"]
        assert manager.planner.plan_recovery(over) == []

    def test_whoever_would_still_have_been_told_hears_both_at_once(
        self, manager, breach, clock
    ) -> None:
        (message,) = manager.planner.plan_recovery(
            breach.resolve(clock.now()), [was_told("ops", DeliveryState.PENDING, clock)]
        )
        assert message.notification.first_told

    def test_what_waited_for_quiet_hours_to_end_is_told_to_nobody(
        self, manager, breach, clock
    ) -> None:
        waits = was_told("ops", DeliveryState.GATHERING, clock, WaitReason.QUIET_HOURS)
        assert manager.planner.plan_recovery(breach.resolve(clock.now()), [waits]) == []

    async def test_a_rule_for_recoveries_that_names_nobody_mutes_them(
        self, manager, breach, clock
    ) -> None:
        heard = [was_told("ops", DeliveryState.ACCEPTED, clock)]
        await manager.configure_alert_rules([AlertRule("none", (), (AlertEvent.RECOVERY,))])
        assert manager.planner.plan_recovery(breach.resolve(clock.now()), heard) == []


def was_told(channel, state, clock, reason=None) -> Notified:
    tries = 0 if state is DeliveryState.SUPPRESSED else 1
    return Notified(
        "b1", channel, None, Way.DIRECT, state, state, reason, tries, False, None, clock.now()
    )


class TestEscalation:
    def test_the_policys_steps_win_then_the_rules_then_the_default(self, make, breach) -> None:
        manager = make(Escalations({"standard": PLAN, "other": EscalationPlan("other")}, "other"))
        assert manager.planner.plan_of(breach).name == "other"
        manager.planner.router.rules = (AlertRule("r", ("ops",), escalation="standard"),)
        assert manager.planner.plan_of(breach).name == "standard"
        policy = SLAPolicy("1", "Gold", escalation_rules=(EscalationRule(15, ("boss",)),))
        assert manager.planner.plan_of(replace(breach, sla_policy=policy)).name == "policy Gold"

    async def test_a_rule_outside_hours_names_the_escalation_of_what_breaks_then(
        self, make, breach, clock, office
    ) -> None:
        plans = {name: EscalationPlan(name, PLAN.steps) for name in ("day", "night")}
        manager = make(Escalations(plans, "day"))
        rule = AlertRule("night", ("ops",), hours=RuleHours.OUTSIDE, escalation="night")
        await manager.configure_alert_rules([rule, AlertRule("rest", ("mail",))])
        assert manager.planner.opened(breach, office).escalation_state.plan.name == "day"
        clock.advance(hours=12)
        assert manager.planner.opened(breach, office).escalation_state.plan.name == "night"
        _, messages = manager.planner.plan_escalation(
            breach.escalate("Bo", None, clock.now()), hours=office
        )
        assert messages[0].rule == "night, step 1"

    def test_a_step_tells_its_route_under_a_key_of_its_own(self, make, breach, clock) -> None:
        manager = make(Escalations({"standard": PLAN}, "standard"))
        opened = manager.planner.opened(breach)
        keys = []
        for minutes in (0, 15):
            clock.advance(minutes=minutes)
            opened, fired = advance(opened, clock.now())
            messages = manager.planner.plan_stirred(opened, fired)
            keys += [(m.channel, m.person, m.notification.step) for m in messages]
        assert keys == [("ops", None, "1 of 2"), ("ada-sms", "ada", "2 of 2")]

    async def test_a_rule_that_names_escalations_is_told_beside_the_step(
        self, make, breach, clock
    ) -> None:
        manager = make(Escalations({"standard": PLAN}, "standard"))
        await manager.configure_alert_rules(
            [
                AlertRule("all", ("mail",)),
                AlertRule("boss", ("boss", "ops"), (AlertEvent.ESCALATION,), ("High",)),
            ]
        )
        high = manager.planner.opened(replace(breach, priority="High"))
        page = FiredEvent(TimerEvent.PAGE, StepPage(timedelta(), 0, 0))
        assert [(m.channel, m.rule) for m in manager.planner.plan_stirred(high, page)] == [
            ("ops", "standard, step 1"),
            ("boss", "rule boss"),
        ]
        _, by_hand = manager.planner.plan_escalation(high.escalate("Bo", None, clock.now()), "Bo")
        assert told(by_hand) == ["ops", "boss"]
        low = manager.planner.opened(replace(breach, id="b2", priority="Low"))
        assert told(manager.planner.plan_stirred(low, page)) == ["ops"]

    async def test_one_that_names_nobody_mutes_them_and_says_so(self, make, breach) -> None:
        manager = make(Escalations({"standard": PLAN}, "standard"))
        await manager.configure_alert_rules(
            [AlertRule("hush", (), (AlertEvent.ESCALATION,)), AlertRule("all", ("mail",))]
        )
        page = FiredEvent(TimerEvent.PAGE, StepPage(timedelta(), 0, 0))
        (message,) = manager.planner.plan_stirred(manager.planner.opened(breach), page)
        assert (message.state, message.why) == (
            DeliveryState.SUPPRESSED, "rule hush names nobody",
        )  # fmt: skip

    async def test_a_rule_that_names_reminders_decides_who_hears_them(
        self, manager, breach
    ) -> None:
        await manager.configure_alert_rules(
            [
                AlertRule("all", ("ops",)),
                AlertRule("mail", ("mail",), (AlertEvent.REMINDER,)),
            ]
        )
        opened = manager.planner.opened(breach)
        assert told(
            manager.planner.plan_stirred(opened, FiredEvent(TimerEvent.EXPIRED, had="Bo"))
        ) == ["mail"]
        mine = manager.planner.plan_stirred(opened, FiredEvent(TimerEvent.REMIND, had="Ada Byron"))
        assert told(mine) == ["ada-sms", "mail"], "whoever has it is always asked"

    def test_a_reminder_goes_to_whoever_has_it(self, make, breach) -> None:
        manager = make(Escalations({"standard": PLAN}, "standard"))
        (message,) = manager.planner.plan_stirred(
            manager.planner.opened(breach), FiredEvent(TimerEvent.REMIND, had="Ada Byron")
        )
        assert (message.channel, message.event) == ("ada-sms", AlertEvent.REMINDER)
        assert message.urgent

    async def test_an_acknowledgement_that_ran_out_is_told_to_those_the_breach_was(
        self, make, breach
    ) -> None:
        manager = make()
        await manager.configure_alert_rules([AlertRule("b", ("mail",), (AlertEvent.BREACH,))])
        expired = FiredEvent(TimerEvent.EXPIRED, had="Bob")
        assert told(manager.planner.plan_stirred(manager.planner.opened(breach), expired)) == [
            "mail"
        ]

    def test_by_hand_the_next_step_is_told_and_named_before(self, make, breach, clock) -> None:
        manager = make(Escalations({"standard": PLAN}, "standard"))
        opened, _ = advance(manager.planner.opened(breach), clock.now())
        assert manager.planner.escalation_targets(opened) == ("ada-sms (ada)",)
        up = opened.escalate("Bob", "help", clock.now())
        after, (message,) = manager.planner.plan_escalation(up, "Bob", "help")
        assert (message.channel, message.notification.by, message.notification.reason) == (
            "ada-sms", "Bob", "help",
        )  # fmt: skip
        assert after.escalation_state.words == "2 of 2"

    def test_without_a_further_step_the_configured_channels_then_the_rules(
        self, make, breach
    ) -> None:
        assert make(Escalations(by_hand=("boss",))).planner.escalation_targets(breach) == ("boss",)
        assert make().planner.escalation_targets(breach) == ("ops", "boss", "mail", "ada-sms")

    async def test_in_the_consoles_own_name_it_is_stored_with_its_messages(
        self, manager, ledger, breach
    ) -> None:
        await manager.escalate_breach(breach)
        ((after, expected, messages, audit, _),) = ledger.stored
        assert (after.state, expected) == (BreachState.ESCALATED, BreachState.OPEN)
        assert messages
        assert audit.action == "escalate"

    async def test_one_that_is_over_cannot_be_handed_up(self, manager, breach, clock) -> None:
        with pytest.raises(NotAllowed):
            await manager.escalate_breach(breach.resolve(clock.now()))


class TestSeedSteps:
    async def test_a_breach_is_stored_with_its_timer_and_its_messages(
        self, manager, ledger, breach
    ) -> None:
        await manager.send_breach_alert(breach)
        ((stored, messages, audit, _),) = ledger.stored
        assert stored.escalation_state is not None
        assert len(messages) == 4
        assert audit.action == "breach"

    async def test_a_warning_is_stored_with_its_messages(self, manager, ledger, breach) -> None:
        await manager.send_warning_alert(warning(breach))
        assert len(ledger.stored[0][1]) == 4

    async def test_a_warning_is_of_no_use_once_it_is_due(self, manager, breach) -> None:
        assert {m.expires_at for m in manager.planner.plan_warning(warning(breach))} == {
            breach.breach_time
        }


class TestQuiet:
    def test_what_is_silenced_is_kept_with_the_reason(self, make, breach, clock) -> None:
        until = clock.now() + timedelta(hours=5)
        silence = Silence("s1", Matcher(), "ada", "switch", clock.now(), until)
        manager = make(silences=[silence])
        messages = manager.planner.plan_breach(breach)
        assert {(m.state, m.why) for m in messages} == {
            (DeliveryState.SUPPRESSED, "silenced by ada until 14:00 UTC: switch")
        }

    def test_at_night_what_is_below_high_waits_for_the_clients_hours(
        self, make, breach, clock, office
    ) -> None:
        manager = make(quiet_hours=True)
        clock.advance(hours=12)
        low = replace(breach, severity=RiskLevel.MEDIUM)
        for message in manager.planner.plan_breach(low, office):
            assert message.state is DeliveryState.GATHERING
            assert message.next_at == office.next_opening(clock.now())
            assert message.why.startswith("quiet until Harbour Dental opens")
        loud = manager.planner.plan_breach(replace(breach, ticket_id="78"), office)
        assert {m.state for m in loud} == {DeliveryState.PENDING}

    def test_what_waits_reaches_whoever_is_on_call_when_it_is_told(
        self, make, breach, clock, office
    ) -> None:
        night = Shift(("ada",), start=17 * 60, end=8 * 60)
        turns = Rotation(
            "primary", ZoneInfo("UTC"), date(2026, 1, 5), shifts=(night, Shift(("bo",)))
        )
        directory = Directory({"ada": ADA, "bo": Person("bo", ("bo-sms",))}, {"primary": turns})
        step = EscalationStep(timedelta(), Route(on_call=("primary",)))
        plans = Escalations({"p": EscalationPlan("p", (step,))}, "p")
        manager = make(plans, channels=("ada-sms", "bo-sms"), directory=directory, quiet_hours=True)
        clock.advance(hours=12)
        page = FiredEvent(TimerEvent.PAGE, StepPage(timedelta(), 0, 0))
        (held,) = manager.planner.plan_stirred(
            manager.planner.opened(replace(breach, severity=RiskLevel.LOW)), page, office
        )
        assert (held.person, held.next_at) == ("bo", office.next_opening(clock.now()))
        (at_once,) = manager.planner.plan_stirred(manager.planner.opened(breach), page, office)
        assert (at_once.person, at_once.state) == ("ada", DeliveryState.PENDING)

    async def test_a_rule_may_opt_out(self, make, breach, clock, office) -> None:
        manager = make(quiet_hours=True)
        await manager.configure_alert_rules([AlertRule("always", ("ops",), quiet=False)])
        clock.advance(hours=12)
        low = replace(breach, severity=RiskLevel.LOW)
        assert {m.state for m in manager.planner.plan_breach(low, office)} == {
            DeliveryState.PENDING
        }

    def test_while_superops_does_not_answer_what_follows_from_old_data_waits(
        self, manager, breach, clock
    ) -> None:
        manager.planner.pipeline.freshness.blind_since = clock.now()
        for message in manager.planner.plan_breach(breach):
            assert (message.state, message.next_at) == (DeliveryState.GATHERING, None)
            assert "has not answered since 09:00 UTC" in message.why
        _, messages = manager.planner.plan_escalation(breach, "Ada", "now")
        assert {m.state for m in messages} == {DeliveryState.PENDING}, "what a person says goes"
        assert {m.state for m in manager.planner.plan_monitor("m", "x")} == {DeliveryState.PENDING}


class TestFlapping:
    def test_what_comes_and_goes_is_told_once_then_hourly_and_how_it_ends(
        self, manager, breach, clock
    ) -> None:
        states = []
        for number in range(12):
            messages = manager.planner.plan_breach(replace(breach, id=f"b{number}"))
            states.append((messages[0].state, messages[0].notification.reason is not None))
            clock.advance(minutes=10)
        news, begins = (DeliveryState.PENDING, False), (DeliveryState.PENDING, True)
        muted = (DeliveryState.SUPPRESSED, False)
        assert states == [news, news, begins, *[muted] * 5, begins, *[muted] * 3]
        assert manager.planner.pipeline.flaps.calmed(clock.now()) == []
        clock.advance(minutes=25)
        assert manager.planner.pipeline.flaps.calmed(clock.now()) == ["77:RESPONSE"]

    def test_one_break_that_could_not_be_stored_is_one_break(self, manager, breach) -> None:
        tries = [manager.planner.plan_breach(breach)[0] for _ in range(5)]
        assert {(m.state, m.notification.reason) for m in tries} == {(DeliveryState.PENDING, None)}

    def test_of_what_comes_and_goes_a_step_at_once_is_muted_but_no_later_one(
        self, make, breach, clock
    ) -> None:
        steps = (
            EscalationStep(timedelta(), Route(("boss",))),
            EscalationStep(timedelta(minutes=5), Route(("boss",))),
        )
        manager = make(escalations=Escalations({"p": EscalationPlan("p", steps)}, "p"))
        states = []
        for number in range(4):
            mine = manager.planner.opened(replace(breach, id=f"b{number}"))
            manager.planner.plan_breach(mine)
            states += [
                m.state
                for step in (0, 1)
                for m in manager.planner.plan_stirred(
                    mine, FiredEvent(TimerEvent.PAGE, StepPage(steps[step].after, step, 0))
                )
            ]
            clock.advance(minutes=6)
        assert states == [DeliveryState.PENDING] * 6 + [
            DeliveryState.SUPPRESSED, DeliveryState.PENDING,
        ]  # fmt: skip


class TestGroups:
    def test_the_first_urgent_one_goes_at_once_and_the_next_waits_a_moment(
        self, make, breach, clock
    ) -> None:
        manager = make(grouping=Grouping())
        urgent = replace(breach, severity=RiskLevel.CRITICAL)
        first = manager.planner.plan_breach(urgent)
        second = manager.planner.plan_breach(replace(urgent, ticket_id="78"))
        other = manager.planner.plan_breach(replace(urgent, ticket_id="79", client="Acme"))
        assert {m.state for m in first + other} == {DeliveryState.PENDING}
        assert {m.next_at - clock.now() for m in second} == {timedelta(seconds=20)}

    def test_what_is_not_urgent_waits_for_others_and_then_for_the_interval(
        self, make, breach, clock
    ) -> None:
        manager = make(grouping=Grouping())
        (first, *_) = manager.planner.plan_breach(breach)
        assert first.next_at - clock.now() == timedelta(seconds=20)
        manager.planner.pipeline.groups.told(first.group, first.next_at)
        clock.advance(minutes=1)
        (later, *_) = manager.planner.plan_breach(replace(breach, ticket_id="78"))
        assert later.next_at == first.next_at + timedelta(minutes=5)

    def test_an_urgent_one_goes_at_once_although_something_else_was_told_before(
        self, make, breach, clock
    ) -> None:
        manager = make(grouping=Grouping())
        (first, *_) = manager.planner.plan_breach(breach)
        manager.planner.pipeline.groups.told(first.group, clock.now())
        clock.advance(seconds=30)
        urgent = replace(breach, ticket_id="78", severity=RiskLevel.CRITICAL)
        assert {m.state for m in manager.planner.plan_breach(urgent)} == {DeliveryState.PENDING}
        again = manager.planner.plan_breach(replace(urgent, ticket_id="79"))
        assert {m.state for m in again} == {DeliveryState.GATHERING}

    def test_two_clocks_and_two_clients_are_two_groups(self, make, breach) -> None:
        key = Groups.key
        notification = make().planner.breach_notice(breach)
        keys = {
            key(notification, "ops"),
            key(replace(notification, target=BreachType.RESOLUTION), "ops"),
            key(replace(notification, client="Acme"), "ops"),
            key(notification, "mail"),
        }
        assert len(keys) == 4


@pytest.fixture
def office() -> BusinessCalendar:
    days = ("mon", "tue", "wed", "thu", "fri")
    return BusinessCalendar("UTC", {day: [("09:00", "17:00")] for day in days})
