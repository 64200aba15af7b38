"""The parts of the engine, one by one."""

import asyncio
import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_console.domain.board import Health
from sla_console.domain.forecast.risk import RiskLevel, RiskThresholds
from sla_console.domain.people.people import Client, HolidayRule, Site
from sla_console.domain.sla.breach import BreachType
from sla_console.domain.sla.calendar import BusinessCalendar
from sla_console.domain.sla.policy import SLAPolicy
from sla_console.domain.store_state import StoreState
from sla_console.domain.tickets.priority import PriorityRanks
from sla_console.domain.tickets.ticket import StatusPhases, Ticket
from sla_console.monitoring.board import BoardKeeper
from sla_console.monitoring.deadlines import Deadline, Deadlines, Matter
from sla_console.monitoring.evaluator import Evaluator
from sla_console.monitoring.leadership import TTL_MS, Leadership
from sla_console.monitoring.proofs import Proofs
from sla_console.monitoring.store_watch import StoreWatch
from sla_console.monitoring.supervisor import Supervisor
from sla_console.store.key import load_or_create_key
from sla_console.store.store import Store

START = datetime(2026, 10, 12, 9, tzinfo=UTC)
PHASES = StatusPhases.of(("On Hold",), ("Closed",))


def deadline(ticket: str, minutes: int) -> Deadline:
    return Deadline(START + timedelta(minutes=minutes), ticket, BreachType.RESPONSE, Matter.BREACH)


class TestDeadlines:
    def test_they_come_out_in_order_when_their_moment_has_come(self) -> None:
        queue = Deadlines()
        queue.set("a", [deadline("a", 30), deadline("a", 10)])
        queue.set("b", [deadline("b", 20)])
        assert queue.next() == START + timedelta(minutes=10)
        assert [d.ticket_id for d in queue.due(START + timedelta(minutes=20))] == ["a", "b"]
        assert queue.next() == START + timedelta(minutes=30)

    def test_what_was_set_before_no_longer_counts(self) -> None:
        queue = Deadlines()
        queue.set("a", [deadline("a", 10)])
        queue.set("a", [deadline("a", 40)])
        queue.set("b", [deadline("b", 5)])
        queue.forget("b")
        assert queue.due(START + timedelta(minutes=30)) == []
        assert queue.next() == START + timedelta(minutes=40)

    @given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 60)), max_size=300))
    def test_it_never_holds_much_more_than_what_counts(self, changes) -> None:
        queue = Deadlines()
        latest: dict[str, int] = {}
        for ticket, minute in changes:
            queue.set(str(ticket), [deadline(str(ticket), minute)])
            latest[str(ticket)] = minute
        assert len(queue) <= 64 + 12 * 6 + 1
        found = {d.ticket_id: d.at for d in queue.due(START + timedelta(days=1))}
        assert found == {t: START + timedelta(minutes=m) for t, m in latest.items()}


class TestTheBoard:
    def ticket(self, number: int, due_minutes: int | None, **fields: object) -> Ticket:
        due = None if due_minutes is None else START + timedelta(minutes=due_minutes)
        return Ticket(
            str(number),
            str(number),
            "x",
            status="Open",
            created_at=START - timedelta(days=1),
            resolution_due=due,
            **fields,
        )

    def test_it_is_ordered_by_due_time_with_waiting_and_undated_ones_last(self) -> None:
        keeper, evaluator = BoardKeeper(RiskThresholds()), Evaluator(PHASES)
        rows = [self.ticket(1, 60), self.ticket(2, None), self.ticket(3, -10), self.ticket(4, 5)]
        rows.append(Ticket("5", "5", "x", status="On Hold", resolution_due=START, created_at=START))
        for ticket in rows:
            keeper.put(evaluator.evaluate(ticket), START)
        board = keeper.snapshot(START, Health())
        assert [j.ticket.id for j in board.tickets][:3] == ["3", "4", "1"]
        assert set(board.by_id) == {"1", "2", "3", "4", "5"}
        assert (board.counts.open, board.counts.breached, board.counts.held) == (5, 1, 1)
        assert board.counts.at_risk == 2

    def test_a_board_once_given_out_never_changes(self) -> None:
        keeper, evaluator = BoardKeeper(RiskThresholds()), Evaluator(PHASES)
        keeper.put(evaluator.evaluate(self.ticket(1, 60)), START)
        before = keeper.snapshot(START, Health())
        keeper.remove("1")
        after = keeper.snapshot(START, Health())
        assert (len(before.tickets), len(before.by_id)) == (1, 1)
        assert (len(after.tickets), after.counts.open) == (0, 0)
        assert after.version == before.version + 1

    def test_its_counts_are_those_of_a_fresh_count_after_any_changes(self) -> None:
        chance, evaluator = random.Random(4), Evaluator(PHASES)
        keeper = BoardKeeper(RiskThresholds())
        kept: dict[int, Ticket] = {}
        for _ in range(400):
            number = chance.randrange(40)
            if chance.random() < 0.3:
                kept.pop(number, None)
                keeper.remove(str(number))
                continue
            kept[number] = self.ticket(
                number, chance.choice([None, -30, 5, 600]), degraded=chance.choice([(), ("why",)])
            )
            keeper.put(evaluator.evaluate(kept[number]), START)
        fresh = BoardKeeper(RiskThresholds())
        for ticket in kept.values():
            fresh.put(evaluator.evaluate(ticket), START)
        assert keeper.snapshot(START, Health()).counts == fresh.snapshot(START, Health()).counts


class TestJudging:
    HOURS = (("mon", "09:00", "17:00"),)

    def test_the_clients_site_gives_the_hours_and_one_calendar_is_shared(self) -> None:
        evaluator = Evaluator(PHASES, [SLAPolicy("p", "P", resolution_time_hours=4, default=True)])
        evaluator.use_sites(
            [
                Site("s1", "HQ", "c1", "UTC", hours=self.HOURS, hq=True),
                Site("s2", "HQ", "c2", "UTC", hours=self.HOURS, hq=True),
            ]
        )
        made = datetime(2026, 10, 12, 16, tzinfo=UTC)
        one, two = (
            evaluator.evaluate(Ticket(c, c, "x", client_id=c, created_at=made))
            for c in ("c1", "c2")
        )
        assert one.resolution.due == datetime(2026, 10, 19, 12, tzinfo=UTC)
        assert one.resolution.calendar is two.resolution.calendar

    @pytest.mark.parametrize(
        ("site", "reason"),
        [
            (Site("s", "HQ", "c", "Mars/Base", hours=HOURS), "are impossible"),
            (Site("s", "HQ", "c", "UTC"), "has no hours"),
        ],
    )
    def test_hours_that_cannot_be_used_are_said_never_silently_24x7(self, site, reason) -> None:
        evaluator = Evaluator(PHASES)
        evaluator.use_sites([site])
        judged = evaluator.evaluate(Ticket("1", "1", "x", client_id="c", resolution_due=START))
        assert any(reason in why for why in judged.degraded)

    def test_a_configured_calendar_goes_before_the_clients(self) -> None:
        office = BusinessCalendar("UTC", {"mon": [("08:00", "12:00")]})
        evaluator = Evaluator(PHASES, calendars={"office": office}, default_calendar="office")
        evaluator.use_sites([Site("s", "HQ", "c", "UTC", hours=self.HOURS)])
        judged = evaluator.evaluate(Ticket("1", "1", "x", client_id="c", resolution_due=START))
        assert judged.resolution.calendar is office

    @pytest.mark.parametrize(("priority", "severity"), [("P2", "HIGH"), (None, "MEDIUM")])
    def test_severity_follows_from_the_priority(self, priority, severity) -> None:
        judged = Evaluator(PHASES).evaluate(Ticket("1", "1", "x", priority=priority))
        assert judged.severity == severity

    def test_the_configuration_ranks_before_the_name_does(self) -> None:
        ranks = PriorityRanks({RiskLevel.LOW: ["Urgent"]})
        judged = Evaluator(PHASES, priorities=ranks).evaluate(
            Ticket("1", "1", "x", priority="Urgent")
        )
        assert judged.severity is RiskLevel.LOW

    def test_a_name_that_nothing_ranks_is_urgent_and_said_once(self, caplog) -> None:
        evaluator = Evaluator(PHASES)
        for number in ("1", "2"):
            judged = evaluator.evaluate(Ticket(number, number, "x", priority="Zack"))
            assert judged.severity is RiskLevel.CRITICAL
        assert evaluator.unranked == {"Zack"}
        (said,) = [record.getMessage() for record in caplog.records]
        assert said.startswith("priority 'Zack' is not ranked, so its tickets are taken as urgent")


class TestLeadership:
    @pytest.fixture
    async def store(self, tmp_path):
        key = load_or_create_key(tmp_path / "key", keyring_entry=None)
        store = await Store.open(tmp_path / "d" / "sla.db", key)
        yield store
        await store.close()

    async def test_one_leads_and_the_next_takes_over_when_it_goes_silent(self, store) -> None:
        now = [1_000_000]
        first, second = (Leadership(store.lease, lambda: now[0]) for _ in range(2))
        assert await first.claim()
        assert not await second.claim()
        assert second.holder == first.me
        now[0] += TTL_MS - 1
        assert not await second.claim()
        now[0] += 2
        assert await second.claim()
        assert not await first.claim(), "the one that woke up follows"
        assert second.term != 1

    async def test_one_that_leaves_lets_the_next_in_at_once(self, store) -> None:
        first, second = (Leadership(store.lease, lambda: 5_000_000) for _ in range(2))
        await first.claim()
        await first.release()
        assert await second.claim()


class TestSupervision:
    async def test_a_part_that_fails_is_shown_and_started_again(self, clock) -> None:
        runs, changes = [], []
        never = asyncio.Event()

        async def work() -> None:
            runs.append(1)
            if len(runs) < 3:
                raise ZeroDivisionError("by zero")
            await never.wait()

        waits: list[float] = []

        async def sleep(seconds: float) -> None:
            waits.append(seconds)
            await asyncio.sleep(0)

        supervisor = Supervisor(clock, lambda: changes.append(1), Proofs(clock), sleep)
        supervisor.add("sync", work)
        supervisor.start()
        while len(runs) < 3:
            await asyncio.sleep(0)
        (part,) = supervisor.health()
        assert (part.name, part.running, part.restarts) == ("sync", True, 2)
        assert part.last_error == "ZeroDivisionError: by zero"
        assert len(changes) == 2
        await supervisor.stop()
        assert not supervisor.health()[0].running

    async def test_one_that_fails_again_and_again_is_tried_less_often_but_for_ever(
        self, clock
    ) -> None:
        waits: list[float] = []
        enough = asyncio.Event()

        async def sleep(seconds: float) -> None:
            waits.append(seconds)
            if len(waits) == 12:
                enough.set()
            await asyncio.sleep(0)

        async def work() -> None:
            raise OSError

        supervisor = Supervisor(clock, lambda: None, Proofs(clock), sleep)
        supervisor.add("sync", work)
        supervisor.start()
        await enough.wait()
        await supervisor.stop()
        assert waits[:4] == [1.0] * 4
        assert set(waits[5:]) == {30.0}

    async def test_one_failing_part_leaves_the_others_alone(self, clock) -> None:
        ticks = []

        async def bad() -> None:
            raise OSError

        async def good() -> None:
            while True:
                ticks.append(1)
                await asyncio.sleep(0)

        supervisor = Supervisor(clock, lambda: None, Proofs(clock), lambda _: asyncio.sleep(0))
        supervisor.add("bad", bad)
        supervisor.add("good", good)
        supervisor.start()
        while len(ticks) < 50:
            await asyncio.sleep(0)
        await supervisor.stop()
        assert supervisor.health()[1].restarts == 0


class TestSiteHolidays:
    """SuperOps gives the hours of sites, but not their holidays."""

    DAY = date(2026, 10, 12)
    HOURS = tuple((day, "09:00", "17:00") for day in ("mon", "tue", "wed", "thu", "fri"))

    def due(self, *rules: HolidayRule, always: bool = False) -> datetime:
        policy = SLAPolicy("d", "All", resolution_time_hours=4.0, default=True)
        evaluator = Evaluator(StatusPhases.of((), ("Closed",)), (policy,), holidays=rules)
        site = Site("s", "Belfast", "c", "UTC", working_24x7=always, hours=self.HOURS)
        evaluator.use_sites([site], [Client("c", "Acme")])
        created = datetime(2026, 10, 12, 9, tzinfo=UTC)
        ticket = Ticket("1", "1", "", site_id="s", client_id="c", created_at=created)
        due = evaluator.evaluate(ticket).resolution.due
        assert due is not None
        return due

    def test_a_rule_for_all_closes_every_site(self) -> None:
        assert self.due().day == 12
        assert self.due(HolidayRule(frozenset({self.DAY}))).day == 13

    def test_who_works_around_the_clock_works_on_holidays(self) -> None:
        assert self.due(HolidayRule(frozenset({self.DAY})), always=True).day == 12

    def test_the_days_of_a_narrower_rule_come_to_those_of_the_wider_ones(self) -> None:
        everybody = HolidayRule(frozenset({self.DAY}))
        theirs = HolidayRule(frozenset({date(2026, 12, 25)}), client="ACME")
        here = HolidayRule(frozenset({self.DAY}), site="belfast")
        elsewhere = HolidayRule(frozenset({self.DAY}), site="Dublin")
        assert self.due(everybody, theirs).day == 13
        assert self.due(everybody, replace(theirs, replace=True)).day == 12
        assert self.due(theirs, elsewhere).day == 12
        assert self.due(theirs, here).day == 13

    def test_a_half_day_moves_what_does_not_fit_to_the_next_day(self) -> None:
        """Open 9 to 12 that Monday: 3 of the 4 hours fit, the last one ends Tuesday at 10:00."""
        half = HolidayRule(frozenset(), client="Acme", overrides={self.DAY: (("09:00", "12:00"),)})
        assert self.due(half) == datetime(2026, 10, 13, 10, tzinfo=UTC)


async def test_a_fault_that_every_look_at_the_store_runs_into_leaves_time_for_others(
    begin, clock
) -> None:
    """The look comes every second; before, it came again at once and nothing else ever ran."""
    console = await begin()
    looks = []

    async def look(*, leading: bool) -> StoreState:
        looks.append(leading)
        console.store.faulted.set()
        return StoreState()

    console.store.look = look
    watch = StoreWatch(
        console.store,
        console.engine.leadership,
        console.engine.sync,
        console.engine.tracker,
        lambda: None,
    )
    task = asyncio.create_task(watch.run())
    for _ in range(20):
        await asyncio.sleep(0)
    task.cancel()
    assert len(looks) == 1
