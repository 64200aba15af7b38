"""The board as a person at the keyboard meets it."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from sla_console.domain.board import Board, Health, PartHealth, SourceState
from sla_console.ui.screens.board import BoardView
from sla_console.ui.widgets.ticket_table import TicketTable


def table(app) -> TicketTable:
    return app.screen.query_one("#tickets", TicketTable)


def ids(app) -> list[str]:
    return [judged.ticket.display_id for judged in table(app).rows]


async def test_shows_number_client_state_and_both_countdowns_at_80x24(console, screen_text):
    async with console.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        line = screen_text(console).splitlines()[4]
        assert line.split() == [
            "1000", "Acme", "Logi…", "VPN", "drops", "every…", "Crit", "Maya", "Fis…",
            "met", "-39:40", "●", "BREACHED",
        ]  # fmt: skip


@pytest.mark.parametrize("size", [(80, 24), (100, 30), (120, 30), (160, 45), (200, 50), (300, 80)])
async def test_no_column_is_cut_off_at_any_width(console, screen_text, size):
    async with console.run_test(size=size) as pilot:
        await pilot.pause()
        lines = screen_text(console).splitlines()
        assert any("Risk" in line for line in lines)
        assert any("● BREACHED" in line for line in lines)
        assert any("▲ AT RISK~" in line for line in lines)
        assert all(len(line) <= size[0] for line in lines)


async def test_below_60x15_one_sentence_says_what_is_breached(console, screen_text):
    async with console.run_test(size=(50, 12)) as pilot:
        await pilot.pause()
        said = " ".join(screen_text(console).split())
        assert said == "6 BREACHED: 1000, 1002, 1003, 1004, 1006, 1001. · live data 4 s old"
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert "Subject" in screen_text(console)


async def test_states_are_told_in_words_without_colour(console, screen_text):
    async with console.run_test(size=(120, 50)) as pilot:
        await pilot.pause()
        text = screen_text(console)
    for words in ("● BREACHED", "✓ BREACHED", "↑ BREACHED", "▲ AT RISK", "‖ held", "· ok", "held "):
        assert words in text


async def test_counts_down_by_the_clock_and_repaints_only_what_changed(console, clock):
    async with console.run_test(size=(120, 30)) as pilot:
        await pilot.pause()
        clock.advance(seconds=1)
        painted = []
        table(console).refresh = lambda *regions, **_: painted.extend(regions)
        console.tick()
        first = table(console)._line(0, table(console).laid_out).texts[7]
        assert first.strip() == "-39:41"
        assert painted
        assert all(region.height == 1 and region.width <= 12 for region in painted)
        assert sum(region.width for region in painted) < 60


@pytest.mark.slow
async def test_the_cursor_stays_on_its_ticket_through_a_hundred_re_sorts(
    console, link, desk, screen_text
):
    rng = random.Random(3)
    async with console.run_test(size=(120, 30)) as pilot:
        for _ in range(6):
            await pilot.press("j")
        chosen = table(console).cursor
        for _ in range(100):
            moved = [
                desk.ticket(number, timedelta(minutes=rng.randint(-60, 600)))
                for number in range(40)
            ]
            link.publish(desk.board(moved))
            await pilot.pause()
            assert table(console).cursor == chosen
            assert table(console).selected.ticket.id == chosen
            shown = screen_text(console)
            assert table(console).selected.ticket.display_id in shown


@pytest.mark.slow
async def test_the_cursor_stays_on_its_line_of_the_screen_while_its_ticket_is_amid_the_list(
    console, link, desk
):
    rng = random.Random(5)
    link.board = desk.board([desk.ticket(n, timedelta(minutes=n - 40)) for n in range(300)])
    async with console.run_test(size=(80, 24)) as pilot:
        await pilot.press(*["pagedown"] * 6, "k", "k", "k")
        chosen, line = table(console).cursor, table(console)._index - table(console).scroll_offset.y
        assert line > 3
        for _ in range(30):
            ahead = rng.sample(range(300), 120)
            moved = [
                desk.ticket(number, timedelta(minutes=number - 40 - 200 * (number in ahead)))
                for number in range(300)
            ]
            link.publish(desk.board(moved))
            await pilot.pause()
            board = table(console)
            assert board.selected.ticket.id == chosen
            assert board._index - board.scroll_offset.y in {line, board._index}


async def test_an_untouched_cursor_stays_on_the_most_urgent(console, link, desk):
    async with console.run_test() as pilot:
        await pilot.pause()
        worse = desk.ticket(900, timedelta(hours=-3))
        link.publish(desk.board([*desk.tickets(40), worse]))
        await pilot.pause()
        assert table(console).cursor == worse.ticket.id


async def test_moves_by_rows_pages_and_to_both_ends(console):
    async with console.run_test(size=(80, 24)) as pilot:
        await pilot.press("j", "down", "k")
        assert table(console)._index == 1
        await pilot.press("G")
        assert table(console)._index == 39
        await pilot.press("ctrl+u")
        assert table(console)._index < 39
        await pilot.press("g")
        assert table(console)._index == 0
        await pilot.press("pagedown", "ctrl+d", "pageup", "up")
        assert 0 <= table(console)._index < 39


async def test_a_click_selects_and_the_wheel_scrolls(console):
    async with console.run_test(size=(80, 24)) as pilot:
        await pilot.click("#tickets", offset=(20, 5))
        assert table(console)._index == 4
        table(console).scroll_down(animate=False)
        await pilot.pause()
        assert table(console).scroll_offset.y > 0
        assert table(console)._index == 4


async def test_the_filter_narrows_while_typing_and_says_what_it_hides(console, screen_text):
    async with console.run_test(size=(120, 30)) as pilot:
        await pilot.press("slash", *"acme")
        await pilot.pause()
        assert {judged.ticket.client for judged in table(console).rows} == {"Acme Logistics"}
        text = screen_text(console)
        assert "8 of 40" in text
        assert "5 breaches hidden by filter" in text
        await pilot.press("enter", "j")
        assert table(console)._index == 1
        assert "8 of 40" in screen_text(console)
        await pilot.press("escape")
        await pilot.pause()
        assert len(table(console).rows) == 40
        assert "of 40" not in screen_text(console)


async def test_a_filter_without_a_match_says_so(console, screen_text):
    async with console.run_test() as pilot:
        await pilot.press("slash", *"zzz")
        await pilot.pause()
        assert "No ticket matches the filter; esc clears it." in screen_text(console)


async def test_at_80x24_a_word_that_is_not_understood_is_told_in_full(console, screen_text):
    async with console.run_test(size=(80, 24)) as pilot:
        await pilot.press("slash", *"acme left<soon")
        await pilot.pause()
        text = screen_text(console)
        assert "left takes a span such as left<30m, left<2h, left<1d" in text
        assert "8 of 40  5 breaches hidden by filter" in text
        await pilot.press(*["backspace"] * 4, *"9h")
        await pilot.pause()
        assert "left takes" not in screen_text(console)


async def test_by_risk_what_is_broken_comes_before_what_is_about_to_break(console, link, desk):
    held = desk.ticket(1, timedelta(hours=-2), status="On Hold")
    soon = desk.ticket(2, timedelta(minutes=1))
    tickets = (soon, held, desk.ticket(3, timedelta(hours=9)))
    link.board = replace(desk.board([]), tickets=tickets)
    async with console.run_test(size=(120, 30)) as pilot:
        await pilot.press("s", *"risk", "enter")
        await pilot.pause()
        assert held.breached(desk.now)
        assert ids(console) == ["1001", "1002", "1003"]


async def test_what_was_put_off_says_so_in_its_row(console, link, desk, clock, screen_text):
    board = desk.typical()
    until = clock.now() + timedelta(hours=1)
    breaches = [
        one.snooze("Sam", "parts", clock.now(), until) if one.display_id == "1003" else one
        for one in board.breaches
    ]
    link.board = desk.board(list(board.tickets), breaches)
    async with console.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        line = next(x for x in screen_text(console).splitlines() if x.startswith(" 1003"))
        assert line.endswith("‖ BREACHED")


async def test_what_falls_due_is_counted_again_as_soon_as_more_tickets_are_known(
    console, link, desk, screen_text
):
    link.board = desk.board([])
    async with console.run_test(size=(120, 30)) as pilot:
        await pilot.pause()
        link.publish(desk.board([desk.ticket(n, timedelta(minutes=20)) for n in range(9)]))
        await pilot.pause()
        assert "11:00 9" in screen_text(console)


async def test_the_pane_follows_the_row_that_the_cursor_is_on_when_the_list_moves(
    console, link, desk
):
    async with console.run_test(size=(160, 45)) as pilot:
        await pilot.press("v")
        await console.workers.wait_for_complete()
        worse = desk.ticket(900, timedelta(hours=-99))
        link.publish(desk.board([worse, *desk.tickets(40)]))
        await pilot.pause()
        assert console.screen.query_one("#pane").ticket_id == worse.ticket.id
        assert console.view.selection().ticket_id == worse.ticket.id


@pytest.mark.slow
async def test_the_order_is_chosen_and_the_same_again_turns_it_round(console, screen_text):
    async with console.run_test(size=(120, 30)) as pilot:
        await pilot.press("s", *"client", "enter")
        await pilot.pause()
        assert "by client" in screen_text(console)
        clients = [judged.ticket.client for judged in table(console).rows]
        assert clients == sorted(clients)
        await pilot.press("s", *"client", "enter")
        await pilot.pause()
        assert "by client, reversed" in screen_text(console)
        assert [judged.ticket.client for judged in table(console).rows] == sorted(
            clients, reverse=True
        )
        await pilot.press("s", *"next", "enter")
        await pilot.pause()
        assert "by next due" in screen_text(console)


async def test_a_click_on_a_title_sorts_by_that_column(console, screen_text):
    async with console.run_test(size=(120, 30)) as pilot:
        await pilot.click(table(console), offset=(3, 0))
        await pilot.pause()
        assert "by number" in screen_text(console)
        assert "Number▲" in screen_text(console)
        await pilot.click(table(console), offset=(3, 0))
        await pilot.pause()
        assert ids(console)[0] == "1039"


async def test_pausing_keeps_the_order_but_not_the_countdown(
    console, link, desk, clock, screen_text
):
    async with console.run_test(size=(120, 30)) as pilot:
        await pilot.press("p")
        before = ids(console)
        tickets = desk.tickets(40)
        tickets[30] = desk.ticket(30, timedelta(hours=-9))
        link.publish(desk.board([*tickets, desk.ticket(50, timedelta(hours=-10))]))
        await pilot.pause()
        assert ids(console) == [*before, "1050"]
        assert "order paused" in screen_text(console)
        clock.advance(seconds=5)
        console.tick()
        await pilot.pause()
        assert "-39:45" in screen_text(console)
        await pilot.press("p")
        await pilot.pause()
        assert ids(console)[:2] == ["1050", "1030"]


async def test_before_the_first_board_the_frame_says_that_it_loads(
    console, link, desk, screen_text
):
    console._board = link.board = Board()
    async with console.run_test() as pilot:
        await pilot.pause()
        text = screen_text(console)
        assert "Loading from cache…" in text
        assert "Number" in text
        assert "q Quit" in text
        link.publish(desk.typical())
        await pilot.pause()
        assert "1000" in screen_text(console)


async def test_an_empty_desk_says_so(console, link, desk, screen_text):
    async with console.run_test() as pilot:
        link.publish(desk.board([]))
        await pilot.pause()
        assert "No open tickets." in screen_text(console)


async def test_lost_network_dims_the_board_but_it_lives_on(console, link, desk, clock, screen_text):
    async with console.run_test(size=(120, 30)) as pilot:
        stale = desk.health(
            connection=SourceState.STALE,
            last_sync_at=clock.now() - timedelta(minutes=4),
            next_poll_at=clock.now() + timedelta(seconds=30),
            message="SuperOps does not answer.",
        )
        link.publish(desk.board(desk.tickets(40), health=stale))
        await pilot.pause()
        text = screen_text(console)
        assert "stale 4" in text
        assert "retry in 30" in text
        assert "SuperOps does not answer." in text
        assert table(console).faded
        clock.advance(seconds=2)
        console.tick()
        await pilot.press("j")
        assert "-39:42" in screen_text(console)
        link.publish(desk.board(desk.tickets(40)))
        await pilot.pause()
        assert not table(console).faded
        assert "SuperOps does not answer." not in screen_text(console)


async def test_cannot_sign_in_says_what_to_do(console, link, desk, screen_text):
    refused = desk.health(
        connection=SourceState.CANNOT_SIGN_IN, message="SuperOps refuses the token."
    )
    async with console.run_test(size=(120, 30)) as pilot:
        link.publish(desk.board(desk.tickets(4), health=refused))
        await pilot.pause()
        text = screen_text(console)
        assert "SuperOps refuses the token. Mend the token or subdomain; r tries again." in text
        assert "cannot sign in" in text


async def test_a_stopped_part_of_the_engine_is_shown(console, link, desk, screen_text):
    broken = desk.health(parts=(PartHealth("sync", running=False, last_error="disk full"),))
    async with console.run_test(size=(120, 30)) as pilot:
        link.publish(desk.board(desk.tickets(4), health=broken))
        await pilot.pause()
        assert "The part 'sync' has stopped: disk full" in screen_text(console)


async def test_an_ended_engine_is_shown_by_the_next_tick(console, link, screen_text):
    async with console.run_test(size=(200, 30)) as pilot:
        link.failure = RuntimeError("boom")
        console.tick()
        await pilot.pause()
        assert "The engine has ended" in screen_text(console)


async def test_the_status_line_tells_about_the_console_itself(console, link, desk, screen_text):
    health = desk.health(alerts_waiting=3, alerts_dead=2, operations_waiting=1, leading=False)
    async with console.run_test(size=(160, 30)) as pilot:
        link.publish(desk.board(desk.tickets(4), health=health))
        await pilot.pause()
        status = screen_text(console).splitlines()[-2]
        for words in (
            "live", "data 4", "next poll 16", "requests 52/60", "2 alerts failed",
            "alerts waiting 3", "changes to send 1", "monitored by desk-1",
        ):  # fmt: skip
            assert words in status


async def test_a_burst_of_boards_from_the_engines_thread_ends_on_the_last(console, link, desk):
    async with console.run_test() as pilot:
        boards = [desk.board(desk.tickets(n)) for n in range(1, 60)]
        link.publish_from_thread(boards)
        await pilot.pause()
        assert len(table(console).rows) == 59


async def test_no_boards_pile_up_while_the_screens_cannot_read(console, link, desk):
    async with console.run_test() as pilot:
        await pilot.pause()
        told = []
        console.post_message, post = told.append, console.post_message
        for n in range(1, 50):
            link.publish(desk.board(desk.tickets(n)))
        console.post_message = post
        assert len(told) == 1
        post(told[0])
        await pilot.pause()
        assert len(table(console).rows) == 49


async def test_views_switch_and_keep_their_selection(console, screen_text):
    async with console.run_test(size=(120, 30)) as pilot:
        await pilot.press("j", "j")
        chosen = table(console).cursor
        await pilot.press("2")
        await pilot.pause()
        assert "[2 Breaches 5]" in screen_text(console)
        assert "acknowledged" in screen_text(console)
        await pilot.press("3")
        await pilot.pause()
        assert "Maya Fischer" in screen_text(console)
        assert "improving" in screen_text(console)
        await pilot.press("1")
        await pilot.pause()
        assert isinstance(console.screen, BoardView)
        assert table(console).cursor == chosen


async def test_a_hidden_view_catches_up_when_it_is_opened(console, link, desk, screen_text):
    async with console.run_test(size=(120, 30)) as pilot:
        await pilot.press("2", "1")
        tickets = desk.tickets(40)
        late = replace(desk.ticket(77, timedelta(hours=-2)))
        link.publish(desk.board([*tickets, late]))
        await pilot.pause()
        await pilot.press("2")
        await pilot.pause()
        assert "1077" in screen_text(console)


@pytest.mark.slow
async def test_ten_thousand_tickets_cost_no_more_a_second_than_forty(console, link, desk, clock):
    async with console.run_test(size=(120, 30)) as pilot:
        link.publish(desk.board([desk.ticket(n, timedelta(minutes=n)) for n in range(10_000)], []))
        await pilot.pause()
        asked = []
        board = table(console)
        inner = board.cells
        board.cells = lambda row, columns, now: asked.append(row) or inner(row, columns, now)
        painted = []
        board.refresh = lambda *regions, **_: painted.append(regions)
        clock.advance(seconds=1)
        console.tick()
        assert 0 < len(asked) < 60
        assert len(painted) < 60


@pytest.mark.slow
async def test_plain_ascii_has_nothing_else(link, clock, options, screen_text):
    from sla_console.ui.app import ConsoleApp

    app = ConsoleApp(link, clock, "Sam", replace(options, ascii=True))
    async with app.run_test(size=(80, 24)) as pilot:
        for keys in (["a"], ["escape", "question_mark"], ["escape", "enter"], ["escape"]):
            await pilot.press(*keys)
            await pilot.pause()
            text = screen_text(app).replace("ł", "l")
            assert text.isascii(), [c for c in text if not c.isascii()]


def test_health_without_a_sync_has_no_age(clock):
    assert Health().data_age(clock.now()) is None


async def press_at_once(console, pilot, keys: str) -> None:
    """Press keys as a slow line delivers them: all in one go."""
    from textual.events import Key
    from textual.keys import _character_to_key

    for key in keys:
        name = "enter" if key == "\n" else _character_to_key(key)
        console.post_message(Key(name, None if key == "\n" else key))
    await pilot.pause()
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


async def test_what_is_typed_ahead_behind_the_slash_never_acts_on_a_ticket(console, link):
    async with console.run_test() as pilot:
        await pilot.pause()
        await press_at_once(console, pilot, "/ea\n")
        assert link.service.calls == []
        assert isinstance(console.screen, BoardView)
        assert console.screen._wish.filter.text == "ea"


async def test_what_is_typed_ahead_acts_in_the_order_it_was_pressed(console, link):
    async with console.run_test() as pilot:
        await pilot.pause()
        await press_at_once(console, pilot, "jja")
        await pilot.press("enter")
        await pilot.app.workers.wait_for_complete()
        third = link.board.tickets[2].ticket
        meant = {b.id for b in link.board.breaches if b.ticket_id == third.id}
        assert [set(call[1]) for call in link.service.calls] == [meant]


async def test_keys_of_the_board_do_nothing_under_a_dialog(console, link):
    async with console.run_test() as pilot:
        await pilot.press("question_mark")
        help_dialog = console.screen
        await pilot.press("a", "e", "u", "r", "2", "slash", "s", "p", "y")
        await pilot.pause()
        assert console.screen is help_dialog
        assert link.service.calls == []
        await pilot.press("q")
        assert isinstance(console.screen, BoardView)
