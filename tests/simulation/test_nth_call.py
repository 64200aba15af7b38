"""In the main scenarios the n-th call of the store or of SuperOps fails, for all n.

All of them: ``SLA_EVERY_CALL=1 pytest tests/simulation/test_nth_call.py``; in CI some of each, spread over
the scenario. Afterwards nothing fails, and all must come to the same good end.
"""

import contextlib
import os
from collections.abc import Callable
from datetime import date, timedelta

import httpx
import pytest

from sla_console.domain.errors import SLAConsoleError
from sla_console.domain.sla.policy import SLAPolicy
from sla_console.reporting.period import Period
from sla_console.service.report_service import ReportRequest
from tests.simulation.plan import NthCall, driver_error
from tests.simulation.virtual import InlineDriver
from tests.simulation.world import START, World

ALL = bool(os.environ.get("SLA_EVERY_CALL"))
SPREAD = {"store": (0.15, 0.7), "asked": (0.3,), "answered": (0.5,)}
"""Where in a scenario a call fails in CI, as shares of all of its calls."""
FAULTS: dict[str, Callable[[], BaseException]] = {
    "store": lambda: driver_error("SQLITE_FULL"),
    "asked": lambda: httpx.ConnectError("no route"),
    "answered": lambda: httpx.ReadError("reset"),
}
YESTERDAY = Period(date(2026, 10, 11), date(2026, 10, 11), "UTC")


class Scenario:
    """One scenario in a world of its own.

    Args:
        world: Where.
        calls: Count the calls, and let one fail.
    """

    monitors = 1

    def __init__(self, world: World, calls: dict[str, NthCall]) -> None:
        self.world, self._calls = world, calls
        self.done: object = None

    async def tell(self) -> None:
        await self.before()
        self.count(True)
        await self.during()
        self.count(False)
        await self.after()

    def count(self, now: bool) -> None:
        for call in self._calls.values():
            call.on = now

    async def before(self) -> None:
        """Have a ticket on the board, and one that is late already."""
        self.late = self.world.desk.open("T1", START - timedelta(minutes=70))
        self.other = self.world.desk.open("T2", START)
        await self.world.keep_up(self.monitors)
        await self.world.live(minutes=16)

    async def during(self) -> None:
        raise NotImplementedError

    async def after(self) -> None:
        """Let all that failed be done."""
        world = self.world
        await world.keep_up(self.monitors)
        await world.live(minutes=50)
        world.checks.all_is_well()

    @property
    def service(self):
        return self.world.up()[0].service

    async def person(self, doing, keep) -> None:
        """Let a person do something, and note what they are told is done."""
        monitor = self.world.up()[0]
        try:
            done = await monitor.task(doing)
        except SLAConsoleError:
            return
        keep(done)

    def breach(self) -> str:
        return next(b.id for b in self.service.board().breaches)

    async def step(self, name: str, doing) -> None:
        steps = self.world.checks.steps
        await self.person(doing, lambda _: steps.update({"ada#1": name}))
        await self.world.live(minutes=3)

    async def change(self, doing) -> None:
        queued = self.world.checks.operations
        await self.person(doing, lambda done: queued.update({o.id: str(o.kind) for o in done}))
        await self.world.live(minutes=3)


class FirstSync(Scenario):
    async def before(self) -> None:
        self.world.desk.open("T1", START - timedelta(minutes=70))
        self.world.desk.open("T2", START)

    async def during(self) -> None:
        await self.world.keep_up(1)
        await self.world.live(minutes=6)


class ChangeSeen(Scenario):
    async def during(self) -> None:
        desk, now = self.world.desk, self.world.true.now()
        desk.set_status(self.other, "On Hold", now)
        desk.answer(self.late, now)
        await self.world.live(minutes=5)
        desk.set_status(self.late, "Closed", self.world.true.now())
        await self.world.live(minutes=5)


class BreachOpened(Scenario):
    async def before(self) -> None:
        await super().before()
        await self.world.live(minutes=50)

    async def during(self) -> None:
        await self.world.live(minutes=5)


class Acknowledge(Scenario):
    async def during(self) -> None:
        await self.step("acknowledge", self.service.acknowledge([self.breach()], "mine", "ada#1"))


class Snooze(Scenario):
    async def during(self) -> None:
        until = self.world.clock.now() + timedelta(minutes=20)
        await self.step("snooze", self.service.snooze([self.breach()], until, None, "ada#1"))


class Escalate(Scenario):
    async def during(self) -> None:
        await self.step("escalate", self.service.escalate([self.breach()], "now", "ada#1"))


class Assign(Scenario):
    async def during(self) -> None:
        await self.change(self.service.assign([self.other.id], "9", "ada#1"))


class Note(Scenario):
    async def during(self) -> None:
        await self.change(self.service.add_note([self.other.id], "on it", "ada#1"))


class ReportFrozen(Scenario):
    async def before(self) -> None:
        self.world.desk.open("T0", START - timedelta(hours=12))
        await super().before()

    async def during(self) -> None:
        doing = self.service.reports.freeze(ReportRequest(YESTERDAY), "ada#1")
        await self.person(doing, lambda report: setattr(self, "done", report))

    async def after(self) -> None:
        await super().after()
        again = self.world.up()[0]
        report = await again.task(again.service.reports.freeze(ReportRequest(YESTERDAY), "ada#2"))
        frozen = self.world.checks.rows("SELECT COUNT(*) FROM frozen_report")
        assert frozen == [(1,)], "a period is frozen once"
        if self.done is not None:
            assert report.frozen == self.done.frozen, "and stays what people were shown"


class PolicyEdited(Scenario):
    async def during(self) -> None:
        world = self.world
        world.policies = (
            SLAPolicy(
                "gold", "Gold", sla_name="Gold", response_time_minutes=60, resolution_time_hours=4
            ),
        )
        await world.up()[0].stop_gently()
        world.up()[0].dead = True
        await world.keep_up(1)
        await world.live(minutes=5)


class Takeover(Scenario):
    monitors = 2

    async def during(self) -> None:
        leader = next(one for one in self.world.up() if one.engine.leadership.leading)
        leader.kill()
        await self.world.live(minutes=12)


class Shutdown(Scenario):
    async def during(self) -> None:
        monitor = self.world.up()[0]
        with contextlib.suppress(SLAConsoleError):
            await monitor.stop_gently()
        monitor.dead = True
        await monitor.close()


SCENARIOS = (
    FirstSync, ChangeSeen, BreachOpened, Acknowledge, Snooze, Escalate, Assign, Note, ReportFrozen,
    PolicyEdited, Takeover, Shutdown,
)  # fmt: skip


def play(simulated, scenario, where: str, nth: int) -> dict[str, NthCall]:
    """Play a scenario in which one call fails; return how often each kind was made."""
    world = simulated(0, pace=120.0)
    calls = {kind: NthCall(nth if kind == where else 0, FAULTS[kind]) for kind in FAULTS}
    store = calls["store"]
    InlineDriver.before = staticmethod(lambda driver, _sql: store() if driver.process else None)
    world.network.fails = calls
    world.run(scenario(world, calls).tell())
    return calls


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: one.__name__)
def test_a_call_that_fails_spoils_nothing(simulated, scenario) -> None:
    made = {kind: one.calls for kind, one in play(simulated, scenario, "none", 0).items()}
    for where, calls in made.items():
        some = {1 + int(calls * at) for at in SPREAD[where] if calls}
        for nth in range(1, calls + 1) if ALL else sorted(some):
            try:
                fired = play(simulated, scenario, where, nth)[where].fired
            except BaseException as error:
                error.add_note(f"call {nth} of {calls} ({where}) in {scenario.__name__}")
                raise
            assert fired, f"call {nth} of {calls} ({where}) was there to fail"
