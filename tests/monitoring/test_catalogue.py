"""A bad list of technicians, clients or sites blinds nothing, and is said."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from sla_console.domain.board import SourceState
from sla_console.domain.sla.calendar import BusinessCalendar
from sla_console.domain.sla.policy import SLAPolicy
from sla_console.simulator.desk import DeskClient

SITES, CLIENTS, TECHNICIANS = "getClientSiteList", "getClientList", "getTechnicianList"
WORKDAY = (("MONDAY", "09:00", "17:00"),)
POLICY = SLAPolicy("d", "Four", resolution_time_hours=4.0, business_hours_only=True, default=True)
UNKNOWN = "the hours of Harbour could not be read, so every hour counts"


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 10, 12, hour, minute, tzinfo=UTC)


async def read_at(console, clock, moment: datetime) -> None:
    clock.set(moment)
    console.desk.advance(moment)
    await console.sync()


@pytest.fixture
async def office(begin, clock, desk):
    """A console not yet synced; a ticket of Monday 15:00 of a client that closes at 17:00."""
    desk.clients["7"] = replace(desk.clients["7"], hours=WORKDAY)
    console = await begin(policies=(POLICY,))
    clock.set(at(15))
    ticket = desk.open("T1", clock.now(), sla=None)
    assert ticket.resolution_due is None
    return console


def only(console):
    (judged,) = console.board.tickets
    return judged


def concerns(console) -> str:
    return " ".join(console.board.health.concerns)


class TestSites:
    @pytest.mark.parametrize("fault", ["forbidden", "internal_error", "garbage", "null_ids"])
    async def test_where_hours_were_never_known_it_is_said(
        self, office, clock, server, fault
    ) -> None:
        """The ticket is read; its 4 hours would end 19:00 by the clock, which is marked.

        Read again, the hours of Monday 9 to 17 and next Monday count: due the 19th at 11:00.
        """
        server.faults.next(fault, 4, operation=SITES)
        await read_at(office, clock, at(15, 1))
        assert server.faults.fired[fault] > 0
        assert office.board.health.connection is SourceState.LIVE
        assert UNKNOWN in only(office).degraded
        assert "The list of sites is used as it was last known" in concerns(office)
        server.faults.clear()
        await read_at(office, clock, at(15, 2))
        assert only(office).resolution.due == datetime(2026, 10, 19, 11, tzinfo=UTC)
        assert not only(office).degraded
        assert not concerns(office)

    @pytest.mark.parametrize("fault", ["forbidden", "internal_error", "null_ids", "no_rows"])
    async def test_hours_that_were_known_count_on(self, office, clock, server, fault) -> None:
        """Read at 15:01, bad at 16:00: still due on the 19th at 11:00, and no mark."""
        await read_at(office, clock, at(15, 1))
        server.faults.next(fault, 4, operation=SITES)
        await read_at(office, clock, at(16))
        assert server.faults.fired[fault] > 0
        assert only(office).resolution.due == datetime(2026, 10, 19, 11, tzinfo=UTC)
        assert not only(office).degraded

    async def test_it_is_still_known_after_a_restart_what_is_not_known(
        self, office, begin, clock, server
    ) -> None:
        server.faults.next("forbidden", operation=SITES)
        await read_at(office, clock, at(15, 1))
        again = await begin(policies=(POLICY,))
        assert UNKNOWN in only(again).degraded
        assert "list of sites" in concerns(again)

    async def test_of_two_with_one_id_the_second_client_is_marked(
        self, office, clock, desk, server
    ) -> None:
        """Both sites come with Harbour's id 8: Harbour has its hours, Quay's are not known."""
        desk.clients["71"] = DeskClient(
            "71", "Quay", "81", "UTC", WORKDAY, BusinessCalendar.always()
        )
        desk.open("T2", at(15), sla=None, client=desk.clients["71"])
        server.faults.next("same_ids", operation=SITES)
        await read_at(office, clock, at(15, 1))
        harbour, quay = sorted(office.board.tickets, key=lambda j: j.ticket.display_id)
        assert not harbour.degraded
        assert "the hours of Quay could not be read, so every hour counts" in quay.degraded
        assert "two rows have the id 8, of which the first counts" in concerns(office)

    async def test_a_site_whose_hours_cannot_be_read_keeps_those_last_known(
        self, office, clock, desk
    ) -> None:
        """Monday 9 to 17 until 15:01; at 16:00 it opens at "nine": still due the 19th at 11:00."""
        await read_at(office, clock, at(15, 1))
        desk.clients["7"] = replace(desk.clients["7"], hours=(("MONDAY", "nine", "17:00"),))
        await read_at(office, clock, at(16))
        assert only(office).resolution.due == datetime(2026, 10, 19, 11, tzinfo=UTC)
        assert "Harbour HQ cannot be read, so those last known are used" in concerns(office)

    async def test_a_site_that_is_left_out_once_keeps_its_hours(
        self, office, clock, desk, server
    ) -> None:
        for number in range(3):
            key = f"7{number}"
            desk.clients[key] = DeskClient(
                key, f"C{number}", f"8{number}", "UTC", (), BusinessCalendar.always()
            )
        await read_at(office, clock, at(15, 1))
        server.faults.next("first_row_missing", operation=SITES)
        await read_at(office, clock, at(16))
        assert server.faults.fired["first_row_missing"] == 1
        assert only(office).resolution.due == datetime(2026, 10, 19, 11, tzinfo=UTC)


class TestTheOthers:
    @pytest.mark.parametrize("which", [TECHNICIANS, CLIENTS])
    @pytest.mark.parametrize("fault", ["forbidden", "server_error", "null_ids", "no_rows"])
    async def test_the_tickets_are_read_all_the_same(
        self, office, clock, server, which, fault
    ) -> None:
        await read_at(office, clock, at(15, 1))
        server.faults.next(fault, 4, operation=which)
        await read_at(office, clock, at(16))
        assert office.board.health.connection is SourceState.LIVE
        assert office.board.health.last_sync_at == at(16)
        assert len(await office.store.people.technicians()) == 1
        assert len(await office.store.people.clients()) == 1

    async def test_a_list_that_fails_for_ever_keeps_no_other_waiting(
        self, office, clock, server
    ) -> None:
        """Technicians fail from the start: by the second look clients and sites are read."""
        server.faults.next("server_error", 1000, operation=TECHNICIANS)
        await read_at(office, clock, at(15, 1))
        await read_at(office, clock, at(15, 2))
        assert only(office).resolution.due == datetime(2026, 10, 19, 11, tzinfo=UTC)
        assert "list of technicians" in concerns(office)
        assert "list of sites" not in concerns(office)

    async def test_it_is_told_when_it_lasts(self, office, clock, server) -> None:
        """Refused from 15:01 on: told at 15:02, once."""
        server.faults.next("forbidden", 1000, operation=TECHNICIANS)
        await read_at(office, clock, at(15, 1))
        for minute in (1, 2, 3, 4):
            clock.set(at(15, minute))
            await office.engine.alert_loop.look(SourceState.LIVE, clock.now(), None)
        headlines = [m.notification.headline for m in await office.store.deliveries.recent(9)]
        assert headlines == ["The list of technicians is used as it was last known"]
