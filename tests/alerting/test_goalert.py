"""A pager that speaks GoAlert's generic API over HTTP: at the end of every scenario none is open.

The console posts ``summary``, ``details`` and ``dedup``, and ``action: close`` to end an incident,
with the integration's key as its token. The receiver keeps an incident open by its ``dedup`` until
it is told to close it; a post without one would open an incident that nothing could ever close.
"""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest

from sla_console.alerting.channels import ChannelSpec, build_channel
from sla_console.config.secrets import Secret
from sla_console.domain.alerts.alert import AlertEvent
from tests.alerting.conftest import Receiver
from tests.model.world import World

TOKEN = "ab12cd34-ab12-4c5d-8e9f-0123456789ab"
MINUTE = timedelta(minutes=1)


class GoAlert(Receiver):
    """Counts incidents by their key."""

    def posts(self) -> list[dict]:
        """Everything that was taken, oldest first."""
        assert all(one["Authorization"] == f"Bearer {TOKEN}" for one in self.headers)
        return [json.loads(body) for body in self.bodies]

    def follow(self) -> tuple[dict[str, str], int, int]:
        """What is open by its key, how often an incident was opened, and how often one was closed."""
        left, opened, closed = {}, 0, 0
        for post in self.posts():
            key = post.get("dedup", "")
            if post.get("action") == "close":
                closed += key in left
                left.pop(key, None)
            else:
                opened += key not in left
                left[key] = post["summary"]
        return left, opened, closed

    @property
    def open(self) -> dict[str, str]:
        return self.follow()[0]

    @property
    def opened(self) -> int:
        return self.follow()[1]

    @property
    def closed(self) -> int:
        return self.follow()[2]


class OverHttp(World):
    """A world whose pager is reached over real HTTP."""

    def __init__(self, goalert: GoAlert) -> None:
        super().__init__()
        self.goalert = goalert

    def channel(self, place, name):
        if place != "pager":
            return super().channel(place, name)
        url = Secret(f"goalert://{self.goalert.address}/{TOKEN}")
        return build_channel(
            ChannelSpec(name, "apprise", url, pace_seconds=0.0, allow_private=True)
        )

    async def live(self, looks: int, seconds: float = 60) -> None:
        for _ in range(looks):
            await self.tick(seconds)

    def close_all(self) -> None:
        for ticket in list(self.desk.tickets.values()):
            self.change(ticket.id, status="Closed", resolved_at=self.now())

    async def tell(self, message) -> None:
        await self.store.outbox.enqueue(message)
        await self.live(1)


@pytest.fixture
def goalert() -> Iterator[GoAlert]:
    receiver = GoAlert()
    yield receiver
    receiver.close()


@pytest.fixture
async def world(goalert):
    world = await OverHttp(goalert).open()
    yield world
    world.room.dispatcher.close()
    assert goalert.open == {}, "none is left open, whatever happened"
    assert all(post.get("dedup") for post in goalert.posts()), "each can be closed"


async def test_a_breach_opens_one_incident_and_its_recovery_closes_it(world, goalert) -> None:
    world.open_ticket(0, "Critical", 3 * MINUTE)
    await world.live(6)
    assert list(goalert.open.values()) != []
    world.close_all()
    await world.live(3)
    assert (goalert.opened, goalert.closed) == (1, 1)


async def test_three_told_together_are_closed_one_by_one(world, goalert) -> None:
    """All three are told to people in one digest, and to the pager each under its own key."""
    for _ in range(3):
        world.open_ticket(0, "Medium", 3 * MINUTE)
    await world.live(8)
    assert [m.message.event for m in world.places["team"].arrived][-1] is AlertEvent.DIGEST
    assert len(goalert.open) == 3
    world.close_all()
    await world.live(5)
    assert (goalert.opened, goalert.closed) == (3, 3)


async def test_a_warning_whose_target_was_met_is_closed(world, goalert) -> None:
    world.open_ticket(0, "Critical", 20 * MINUTE)
    await world.live(17)
    assert len(goalert.open) == 1
    world.close_all()
    await world.live(3)
    assert goalert.closed == 1


@pytest.mark.parametrize("identity", ["canary:2026-10-12", "test:by hand"])
async def test_a_canary_and_a_test_by_hand_open_none(world, goalert, identity) -> None:
    await world.tell(world.room.planner.plan_test(identity, ("pager",)))
    assert len(goalert.bodies) == 1
    assert (goalert.open, goalert.opened) == ({}, 0)


async def test_a_storm_is_one_incident_that_ends_with_the_last_of_its_tickets(
    world, goalert
) -> None:
    for _ in range(30):
        world.open_ticket(0, "Medium", 3 * MINUTE)
    await world.live(8)
    assert any("broken" in title for title in goalert.open.values())
    for ticket in list(world.desk.tickets.values())[:29]:
        world.change(ticket.id, status="Closed", resolved_at=world.now())
    await world.live(4)
    assert goalert.open
    world.close_all()
    await world.live(12)


async def test_a_process_that_is_killed_while_it_pages_closes_what_it_opened(
    world, goalert
) -> None:
    """The page arrived and nobody noted it; it comes again under the same key, and is closed."""
    world.open_ticket(0, "Critical", 3 * MINUTE)
    await world.live(2)
    world.connection.crash_in = 60
    await world.live(3)
    await world.restart()
    await world.live(3)
    assert world.fired["crash"] == 1
    assert len(goalert.open) == 1
    world.close_all()
    await world.restart()
    await world.live(4)
    assert goalert.opened == 1


async def test_what_a_channel_opened_is_closed_under_its_new_name(world, goalert) -> None:
    world.open_ticket(0, "Critical", 3 * MINUTE)
    await world.live(6)
    assert len(goalert.open) == 1
    world.names["pager"] = world.renamed["pager"] = "duty"
    await world.restart()
    world.close_all()
    await world.live(3)
    assert goalert.closed == 1


async def test_an_end_that_waited_for_a_channel_goes_to_its_new_name(world, goalert) -> None:
    """The pager is down when the ticket closes, and has another name when it works again."""
    world.open_ticket(0, "Critical", 3 * MINUTE)
    await world.live(6)
    assert len(goalert.open) == 1
    goalert.answers = [503] * 50
    world.close_all()
    await world.live(2)
    assert len(goalert.open) == 1
    goalert.answers = []
    world.names["pager"] = world.renamed["pager"] = "duty"
    await world.restart()
    await world.live(3)
    assert goalert.closed == 1


async def test_what_came_as_a_fallback_is_closed_there(world, goalert) -> None:
    """The pager takes over what the first channel refuses, and hears of its end."""
    rule = world.room.manager.planner.router.rules[0]
    await world.room.manager.configure_alert_rules(
        [type(rule)("team first", ("team",), route=type(rule.route)(fallback=("pager",)))]
    )
    world.places["team"].fault = "denied"
    world.open_ticket(0, "Critical", 3 * MINUTE)
    await world.live(6)
    assert len(goalert.open) == 1
    world.places["team"].fault = ""
    world.close_all()
    await world.live(3)
    assert goalert.closed == 1


async def test_a_page_that_was_refused_opened_nothing_so_nothing_is_closed(world, goalert) -> None:
    goalert.answers = [401] * 50
    world.open_ticket(0, "Critical", 3 * MINUTE)
    await world.live(6)
    goalert.answers = []
    world.close_all()
    await world.live(4)
    assert goalert.bodies == []
