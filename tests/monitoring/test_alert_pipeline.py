"""What must hold between the stages of an alert: nothing is lost, doubled or forgotten on the way."""

from datetime import timedelta

import pytest

from sla_console.alerting.groups import Grouping
from sla_console.domain.alert import AlertEvent, AlertRule, Route, SendResult
from sla_console.domain.board import Connection
from sla_console.domain.escalation import EscalationPlan, Escalations, EscalationStep

MINUTE = timedelta(minutes=1)
STEPS = Escalations(
    {"standard": EscalationPlan("standard", (EscalationStep(15 * MINUTE, Route(("ops",))),))},
    "standard",
)
REFUSED = SendResult(False, permanent=True, error="HTTP 401", broken=True)


class TestOnlyAMessageThatCanGoSupersedes:
    """The breach of a ticket opened at 0 with a target of 60 min is found at minute 61.

    From minute 60 to 90 the channel is down. From minute 74 on SuperOps does not answer, so the step
    that is due at minute 76 is held back. The channel is tried at least every five
    minutes, so the breach, known from fresh data, arrives by minute 96.
    """

    @pytest.mark.parametrize("escalations", [None, STEPS], ids=["no plan", "a plan"])
    async def test_a_step_held_for_fresh_data_takes_no_ready_breach_with_it(
        self, begin, desk, clock, escalations
    ) -> None:
        console = await begin(warn_at=(), escalations=escalations)
        desk.open("T1", clock.now(), priority="Critical")
        await console.sync()
        await console.engine.duties.process()
        await console.live(59)
        console.ops.down = True
        await console.live(14)
        await console.engine.duties.look(
            Connection.STALE, clock.now() - timedelta(minutes=4), "no answer"
        )
        await console.live(16)
        assert console.ops.rang() == []
        console.ops.down = False
        await console.live(6)
        assert [each for each in console.ops.rang() if each[1] == "T1"] == [("breach", "T1")]


class TestAFallbackCountsAsNotified:
    @pytest.fixture
    async def console(self, begin):
        return await begin(
            warn_at=(),
            channels=("ops", "sms"),
            grouping=Grouping(wait=timedelta(seconds=20)),
            rules=[AlertRule("all", ("ops",), route=Route(fallback=("sms",)))],
        )

    async def refusing(self, console, minutes: int, step: int = 60) -> list[tuple[str, str]]:
        """Live on while the first channel refuses; return what rang through the second."""
        for _ in range(minutes):
            console.ops.answers = [REFUSED] * 50
            await console.live(1, step)
        console.ops.answers = []
        return console.phones["sms"].rang()

    async def test_it_is_repeated_after_four_hours_and_no_sooner(
        self, console, desk, clock
    ) -> None:
        """Broken at minute 60 and told by SMS; told again once, about four hours later."""
        desk.open("T1", clock.now())
        await console.sync()
        assert await self.refusing(console, 62) == [("breach", "T1")]
        assert await self.refusing(console, 60 * 2) == []
        rang = await self.refusing(console, 60 * 4)
        assert len([each for each in rang if each[0] == "digest"]) == 1, rang

    async def test_three_told_in_a_digest_that_went_another_way_are_known_to_be_over(
        self, console, desk, clock
    ) -> None:
        tickets = [desk.open(f"T{n}", clock.now()) for n in (1, 2, 3)]
        await console.sync()
        rang = await self.refusing(console, 62)
        assert rang == [("digest", "3 broken: Harbour")]
        for ticket in tickets:
            desk.answer(ticket, clock.advance(seconds=1))
        await console.sync()
        await console.live(2)
        (over,) = console.phones["sms"].seen
        assert (over.event, over.notice.total) == (AlertEvent.DIGEST, 3)
        assert {one.event for one in over.notice.members} == {AlertEvent.RECOVERY}
