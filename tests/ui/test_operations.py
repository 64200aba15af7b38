"""Acknowledge, un-acknowledge, escalate: on the ticket that was meant, whatever moves."""

from datetime import timedelta

import pytest
from textual.widgets import Input

from sla_console.domain.errors import Unreachable
from sla_console.ui.dialogs.form import FormDialog
from sla_console.ui.widgets.breach_table import BreachTable
from sla_console.ui.widgets.ticket_table import TicketTable


def breach_of(link, number: str):
    return next(b for b in link.board.breaches if b.display_id == number)


async def settle(pilot) -> None:
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


async def test_acknowledge_asks_for_a_reason_and_names_the_ticket(console, link, screen_text):
    async with console.run_test(size=(100, 30), notifications=True) as pilot:
        await pilot.press("a")
        await pilot.pause()
        text = screen_text(console)
        assert "1000  Acme Logistics" in text
        assert "VPN drops every ten minutes" in text
        assert "resolution due 10:20" not in text
        assert "resolution due 09:20" in text
        await pilot.press(*"on it", "enter")
        await settle(pilot)
        wanted = breach_of(link, "1000").id
        assert link.service.calls == [("acknowledge", (wanted,), "on it", "Sam")]


async def test_enter_alone_acknowledges_without_a_reason(console, link):
    async with console.run_test() as pilot:
        await pilot.press("a", "enter")
        await settle(pilot)
        assert link.service.calls[0][2] is None


@pytest.mark.slow
async def test_escape_cancels(console, link):
    async with console.run_test() as pilot:
        await pilot.press("a", *"no", "escape")
        await settle(pilot)
        assert link.service.calls == []
        assert console.screen is console.view


async def test_the_board_may_re_sort_while_the_dialog_is_open(console, link, desk):
    async with console.run_test() as pilot:
        await pilot.press("a")
        await pilot.pause()
        meant = breach_of(link, "1000").id
        worse = desk.ticket(900, timedelta(hours=-9))
        link.publish(desk.board([worse, *desk.tickets(40)]))
        await pilot.pause()
        table = console.view.query_one("#tickets", TicketTable)
        assert table.rows[0].ticket.display_id == "1900"
        await pilot.press("enter")
        await settle(pilot)
        assert link.service.calls[0][1] == (meant,)


async def test_it_shows_at_once_and_is_confirmed_by_the_next_board(
    console, link, desk, clock, screen_text
):
    async with console.run_test(size=(100, 30)) as pilot:
        link.hold()
        await pilot.press("a", "enter")
        await pilot.pause()
        assert "✓ ack…" in screen_text(console)
        # A board that does not know of it yet takes nothing back.
        link.publish(desk.board(list(link.board.tickets), list(link.board.breaches)))
        await pilot.pause()
        assert "✓ ack…" in screen_text(console)
        link.release()
        await settle(pilot)
        breaches = [
            b.acknowledge("Sam", None, clock.now()) if b.display_id == "1000" else b
            for b in link.board.breaches
        ]
        link.publish(desk.board(list(link.board.tickets), breaches))
        await pilot.pause()
        line = next(x for x in screen_text(console).splitlines() if x.startswith(" 1000"))
        assert line.endswith("✓ BREACHED")


async def test_it_is_taken_back_when_it_fails_and_the_person_is_told(console, link, screen_text):
    link.service.error = Unreachable("SuperOps does not answer; [red]try[/nope] again later.")
    async with console.run_test(size=(100, 30), notifications=True) as pilot:
        await pilot.press("a", "enter")
        await settle(pilot)
        text = screen_text(console)
        assert "ack…" not in text
        assert "● BREACHED" in text
        assert "1000: ack was not done." in text
        assert "[red]try[/nope]" in text


@pytest.mark.slow
async def test_a_ticket_without_a_breach_says_so(console, link, screen_text):
    async with console.run_test(size=(100, 30), notifications=True) as pilot:
        await pilot.press("G", "a")
        await pilot.pause()
        assert "nothing to acknowledge" in screen_text(console)
        await pilot.press("e", "u")
        await pilot.pause()
        assert link.service.calls == []
        assert console.screen is console.view


@pytest.mark.parametrize("key", ["a", "e", "z"])
async def test_a_breach_that_only_the_countdown_shows_yet_is_not_denied(
    console, link, desk, screen_text, key
):
    """The row counts below zero at once; the engine has the breach a moment later."""
    link.publish(desk.board(list(link.board.tickets), []))
    async with console.run_test(size=(100, 30), notifications=True) as pilot:
        assert "● BREACHED" in screen_text(console)
        await pilot.press(key)
        await pilot.pause()
        text = screen_text(console)
        assert "the breach is being" in text
        assert "nothing to" not in text


async def test_unacknowledge_gives_it_back(console, link):
    async with console.run_test() as pilot:
        await pilot.press("j", "u", *"wrong one", "enter")
        await settle(pilot)
        wanted = breach_of(link, "1001").id
        assert link.service.calls == [("unacknowledge", (wanted,), "wrong one", "Sam")]


async def test_what_was_put_off_by_mistake_is_given_back_likewise(console, link, desk, clock):
    first = link.board.breaches[0]
    asleep = first.snooze("Sam", "parts", clock.now(), clock.now() + timedelta(hours=1))
    link.board = desk.board(list(link.board.tickets), [asleep, *link.board.breaches[1:]])
    async with console.run_test() as pilot:
        await pilot.press("u", "enter")
        await settle(pilot)
        assert link.service.calls == [("unacknowledge", (first.id,), None, "Sam")]


@pytest.mark.slow
async def test_escalate_names_who_is_told_and_asks_first(console, link, screen_text):
    async with console.run_test(size=(100, 30)) as pilot:
        await pilot.press("e")
        await settle(pilot)
        assert "Will be told: on-call phone, service lead" in screen_text(console)
        assert link.service.calls == []
        await pilot.press(*"vendor", "enter")
        await settle(pilot)
        wanted = breach_of(link, "1000").id
        assert link.service.calls == [("escalate", (wanted,), "vendor", "Sam")]


async def test_escalate_waits_until_it_is_known_who_is_told(console, link):
    async with console.run_test() as pilot:
        link.hold()
        await pilot.press("e", "enter")
        await pilot.pause()
        assert isinstance(console.screen, FormDialog)
        link.release()
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert [call[0] for call in link.service.calls] == ["escalate"]


async def test_escalate_without_targets_says_that_nobody_is_told(console, link, screen_text):
    link.service.targets = ()
    async with console.run_test(size=(100, 30)) as pilot:
        await pilot.press("e")
        await settle(pilot)
        assert "No channel is set for escalations" in screen_text(console)


async def test_in_the_breach_view_the_one_breach_is_meant(console, link):
    async with console.run_test() as pilot:
        await pilot.press("2", "j", "j")
        await pilot.pause()
        row = console.screen.query_one(BreachTable).selected
        await pilot.press("a", "enter")
        await settle(pilot)
        assert link.service.calls == [("acknowledge", (row.id,), None, "Sam")]


async def test_keys_typed_into_a_reason_do_nothing_else(console, link):
    async with console.run_test() as pilot:
        await pilot.press("a", *"q2 sue/")
        await pilot.pause()
        assert console.screen.query_one(Input).value == "q2 sue/"
        assert console.is_running


async def test_refresh_asks_the_service(console, link):
    async with console.run_test() as pilot:
        await pilot.press("r")
        await settle(pilot)
        assert link.service.calls == [("refresh",)]


LONG = "Anhang überschritten, bitte prüfen und dem Kunden noch heute sagen, was zu tun ist: " * 3


@pytest.mark.slow
@pytest.mark.parametrize(
    ("keys", "seen"),
    [
        (("a",), ("enter acknowledges", "Reason", "Empty: as configured; or 30m, 2h, 1d, 15:30 ")),
        (("e",), ("enter escalates", "Reason", "Will be told: on-call phone")),
        (("z", *"soon", "enter"), ("enter snoozes", "Reason", "Until: Write 30m, 2h, 1d")),
        (("S", "enter"), ("enter silences", "Reason", "Until: This may not stay empty.")),
        (("t",), ("enter takes it", "Maya Fischer", "Tom O'Brien")),
        (("m",), ("enter takes it", "In Progress", "On Hold")),
        (("n", "enter"), ("enter writes it", "This may not stay empty.")),
    ],
    ids=["acknowledge", "escalate", "snooze", "silence", "assign", "status", "note"],
)
@pytest.mark.parametrize("marked", [1, 7])
async def test_at_80x24_a_dialog_shows_all_that_it_asks_and_says(
    console, link, desk, screen_text, keys, seen, marked
):
    late = [desk.ticket(n, timedelta(hours=-9, minutes=n), subject=LONG) for n in range(9)]
    link.board = desk.board(late)
    async with console.run_test(size=(80, 24)) as pilot:
        await pilot.press(*["space"] * marked, keys[0])
        await settle(pilot)
        await pilot.press(*keys[1:])
        await settle(pilot)
        text = screen_text(console)
    for words in (*seen, "╰──"):
        assert words in text


async def test_of_several_each_breach_is_named_with_its_state_and_the_rest_are_counted(
    console, screen_text
):
    async with console.run_test(size=(80, 24)) as pilot:
        await pilot.press(*["space"] * 7, "e")
        await settle(pilot)
        text = screen_text(console)
    assert "7 tickets, 6 breaches" in text
    assert "1000  Acme Logistics, resolution" in text
    assert ", acknowledged" in text
    assert "and 2 more" in text
