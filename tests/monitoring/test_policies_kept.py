"""SuperOps' SLAs: read, kept with their dates, and read again when that is due or a ticket asks."""

import pytest

from sla_console.domain.readings import POLICIES
from sla_console.domain.sla.policy import SLAPolicy

GOLD = SLAPolicy("config:Gold", "Gold", "High", 60, 8, sla_name="Gold")
URGENT = SLAPolicy("config:Gold urgent", "Gold urgent", "Critical", 15, 2, sla_name="Gold")


@pytest.fixture
def asked(server, monkeypatch):
    """How often SuperOps was asked for its SLAs."""
    counted = []
    take = server.faults.take

    def count(query):
        counted.extend([1] * ("getSLAList" in query))
        return take(query)

    monkeypatch.setattr(server.faults, "take", count)
    return counted


async def names(console) -> list[str]:
    return [policy.name for policy in await console.service.get_sla_policies()]


class TestInForce:
    async def test_after_a_sync_the_desks_slas_are_in_force(self, begin, desk):
        """Two SLAs in SuperOps and none in the configuration: two, where [] was given."""
        desk.slas["2"] = "Silver"
        console = await begin()
        assert await names(console) == []
        await console.sync()
        assert await names(console) == ["Gold", "Silver"]
        assert [p.name for p in await console.store.policies.load()] == ["Gold", "Silver"]

    async def test_the_configurations_come_first_and_stand_for_the_sla_they_name(self, begin, desk):
        desk.slas["2"] = "Silver"
        console = await begin(policies=[GOLD])
        assert await names(console) == ["Gold"]
        await console.sync()
        assert await names(console) == ["Gold", "Silver"]
        first = (await console.service.get_sla_policies())[0]
        assert first.resolution_time_hours == 8

    async def test_one_that_describes_an_sla_in_part_leaves_it_in_force_for_the_rest(self, begin):
        """The policy "Gold urgent" is for Critical tickets under Gold; Gold goes on for all others."""
        console = await begin(policies=[URGENT])
        await console.sync()
        assert await names(console) == ["Gold urgent", "Gold"]

    async def test_a_changed_configuration_is_seen_at_the_next_start(self, begin, desk):
        console = await begin(policies=[GOLD])
        await console.sync()
        changed = SLAPolicy("config:Gold", "Gold", "High", 60, 6, sla_name="Gold")
        again = await begin(policies=[changed])
        (found,) = await again.service.get_sla_policies()
        assert found.resolution_time_hours == 6

    async def test_one_that_the_configuration_drops_is_no_longer_in_force(self, begin, desk):
        console = await begin(policies=[URGENT])
        await console.sync()
        again = await begin()
        assert await names(again) == ["Gold"]

    async def test_an_sla_that_superops_has_no_more_goes(self, begin, desk, clock):
        desk.slas["2"] = "Silver"
        console = await begin()
        await console.sync()
        del desk.slas["2"]
        clock.advance(minutes=31)
        await console.sync()
        assert await names(console) == ["Gold"]


class TestDates:
    async def test_each_says_since_when_it_is_known_and_as_it_is(self, begin, desk, clock):
        """Seen at T; renamed in SuperOps and read at T + 31 min: known since T, so since then."""
        first = clock.now()
        console = await begin()
        await console.sync()
        (gold,) = await console.service.get_sla_policies()
        assert (gold.created_at, gold.updated_at) == (first, first)
        later = clock.advance(minutes=31)
        await console.sync()
        (gold,) = await console.service.get_sla_policies()
        assert (gold.created_at, gold.updated_at) == (first, first)
        desk.slas["1"] = "Gold plus"
        later = clock.advance(minutes=31)
        await console.sync()
        (plus,) = await console.service.get_sla_policies()
        assert (plus.name, plus.created_at, plus.updated_at) == ("Gold plus", first, later)

    async def test_a_changed_target_is_dated_by_the_first_look_at_it(self, begin, clock):
        first = clock.now()
        await (await begin(policies=[GOLD])).sync()
        changed = SLAPolicy("config:Gold", "Gold", "High", 60, 6, sla_name="Gold")
        later = clock.advance(hours=1)
        (found,) = await (await begin(policies=[changed])).service.get_sla_policies()
        assert (found.created_at, found.updated_at) == (first, later)


class TestWhenTheyAreRead:
    async def test_no_more_often_than_the_other_lists(self, begin, clock, asked):
        """Every 30 minutes: at 0 and 30, not at 1 and 29."""
        console = await begin()
        for minutes in (0, 1, 28, 1):
            clock.advance(minutes=minutes)
            await console.sync()
        assert len(asked) == 2

    async def test_at_once_when_a_ticket_names_an_unknown_one(self, begin, desk, clock, asked):
        console = await begin()
        await console.sync()
        desk.slas["3"] = "Bronze"
        clock.advance(minutes=2)
        desk.open("T9", clock.now(), sla=("3", "Bronze"))
        await console.sync()
        assert await names(console) == ["Gold", "Bronze"]
        assert len(asked) == 2

    async def test_one_that_superops_does_not_list_is_asked_for_once(
        self, begin, desk, clock, asked
    ):
        """An SLA that was deleted stays on its tickets."""
        console = await begin()
        desk.open("T9", clock.now(), sla=("4", "Deleted"))
        for _ in range(5):
            clock.advance(minutes=1)
            await console.sync()
        assert len(asked) == 1

    async def test_a_refused_list_keeps_no_ticket_back_and_is_noted(
        self, begin, desk, clock, server
    ):
        console = await begin()
        server.faults.next("forbidden", operation="getSLAList")
        desk.open("T9", clock.now())
        unread = await console.engine.sync_once()
        assert console.board.counts.open == 1
        assert [one.name for one in unread] == [POLICIES]
        assert unread[0].read_at is None
        assert unread[0].error

    async def test_and_is_asked_for_again_within_a_minute(self, begin, desk, clock, server):
        console = await begin()
        server.faults.next("forbidden", operation="getSLAList")
        await console.sync()
        clock.advance(seconds=61)
        assert await console.engine.sync_once() == ()
        assert await names(console) == ["Gold"]
        assert console.board.health.readings[3].read_at == clock.now()


class TestWhatWasRead:
    async def test_it_is_known_after_a_restart(self, begin, clock):
        console = await begin()
        await console.sync()
        again = await begin()
        assert [one.read_at for one in again.board.health.readings] == [clock.now()] * 5

    async def test_a_list_that_fails_keeps_when_it_was_last_read(self, begin, clock, server):
        console = await begin()
        await console.sync()
        first = clock.now()
        clock.advance(minutes=31)
        server.faults.next("forbidden", operation="getClientSiteList")
        unread = {one.name: one for one in await console.engine.sync_once()}
        assert (unread["sites"].read_at, unread["sites"].failed_at) == (first, clock.now())

    async def test_a_desk_that_is_gone_leaves_the_tickets_unread_too(self, begin, server, clock):
        """Nothing more is asked for once the tickets got no answer."""
        console = await begin()
        await console.sync()
        clock.advance(minutes=31)
        await server.stop()
        unread = [one.name for one in await console.engine.sync_once()]
        assert unread == ["technicians", "clients", "sites", "tickets"]
