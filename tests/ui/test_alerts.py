"""Snooze, silence, messages that wait or are lost, and the terminal that rings."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from textual.events import Key
from textual.widgets import Input, Static

from sla_console.domain.alerts.escalation import EscalationPlan
from sla_console.domain.alerts.escalation_state import EscalationState
from sla_console.domain.alerts.timer_events import held
from sla_console.domain.board import AlertsSnapshot as Alerts
from sla_console.domain.board import ChannelHealth, Quiet, Ring
from sla_console.domain.errors import NotAllowed
from sla_console.domain.matcher import Matcher
from sla_console.domain.sla.breach import BreachState
from sla_console.ui.text.local_time import LocalTime
from sla_console.ui.text.parse_until import until
from sla_console.ui.widgets.breach_table import what_next
from sla_console.ui.widgets.message_table import MessageTable
from sla_console.ui.widgets.quiet_table import QuietTable

NOW = datetime(2026, 10, 12, 9, 0, tzinfo=UTC)


async def settle(pilot) -> None:
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


class TestUntil:
    @pytest.mark.parametrize(
        ("text", "minutes"),
        [("30m", 30), ("2h", 120), ("1D", 1440), (" 15:30 ", 330), ("09:00", 23 * 60)],
    )
    def test_a_span_or_the_next_time_a_clock_here_shows_it(self, text, minutes) -> None:
        local = LocalTime("Europe/Dublin")  # an hour ahead of UTC in October
        assert until(text, NOW, local) == NOW + timedelta(minutes=minutes)

    @pytest.mark.parametrize("text", ["", "soon", "0m", "40d", "25:00", "-5m", "9:00"])
    def test_anything_else_is_refused_in_words(self, text) -> None:
        with pytest.raises(ValueError, match=r"Write 30m|must end in the future"):
            until(text, NOW, LocalTime("UTC"))


class TestSnooze:
    async def test_it_asks_until_when_and_why(self, console, link, clock) -> None:
        async with console.run_test(size=(100, 30)) as pilot:
            await pilot.press("z", *"2h", "tab", *"lunch", "enter")
            await settle(pilot)
            ((name, _, end, reason, by),) = link.service.calls
            assert (name, end - clock.now(), reason, by) == (
                "snooze", timedelta(hours=2), "lunch", "Sam",
            )  # fmt: skip

    async def test_hold_means_until_the_ticket_begins_or_ends_to_wait(self, console, link) -> None:
        async with console.run_test(size=(100, 30)) as pilot:
            await pilot.press("z", *"hold", "tab", *"vendor", "enter")
            await settle(pilot)
            assert link.service.calls[0][2] is None

    async def test_what_cannot_be_understood_is_said_and_nothing_is_lost(
        self, console, link, screen_text
    ) -> None:
        async with console.run_test(size=(100, 30)) as pilot:
            await pilot.press("z", *"soon", "tab", *"lunch", "enter")
            await settle(pilot)
            assert "Until: Write 30m, 2h, 1d" in screen_text(console)
            assert "Or hold." in screen_text(console)
            assert [field.value for field in console.screen.query(Input)] == ["soon", "lunch"]
            assert link.service.calls == []

    async def test_it_is_taken_back_aloud_where_it_fails(self, console, link) -> None:
        link.service.error = NotAllowed("1000: Maya was quicker.")
        async with console.run_test(size=(100, 30), notifications=True) as pilot:
            await pilot.press("z", *"2h", "tab", *"lunch", "enter")
            await settle(pilot)
            said = [str(note.message) for note in console._notifications]
            assert any("Maya was quicker" in words for words in said)
            assert console._pending.by_breach() == {}


class TestMessages:
    async def test_a_dead_one_is_tried_again_with_one_key(self, console, link) -> None:
        async with console.run_test(size=(100, 30)) as pilot:
            await pilot.press("6", "R")
            await settle(pilot)
            assert link.service.calls == [("retry", "k0", "Sam")]

    async def test_another_channel_is_named_and_must_exist(
        self, console, link, screen_text
    ) -> None:
        async with console.run_test(size=(100, 30)) as pilot:
            await pilot.press("6", "O", *"pager", "enter")
            await settle(pilot)
            assert "None is like that." in screen_text(console)
            await pilot.press(*["backspace"] * 5, *"team", "enter")
            await settle(pilot)
            assert link.service.calls == [("reroute", "k0", "team", "Sam")]

    @pytest.mark.parametrize(
        ("keys", "calls"),
        [
            (("R",), [("retry", "k0", "Sam"), ("retry", "k1", "Sam")]),
            (("D", *"known", "enter"),
             [("discard", "k0", "known", "Sam"), ("discard", "k1", "known", "Sam")]),
            (("O", *"mail", "enter"),
             [("reroute", "k0", "mail", "Sam"), ("reroute", "k1", "mail", "Sam")]),
        ],
        ids=["retry", "discard", "re-route"],
    )  # fmt: skip
    async def test_of_several_that_are_marked_all_are_meant(
        self, console, link, screen_text, keys, calls
    ) -> None:
        async with console.run_test(size=(100, 30)) as pilot:
            await pilot.press("6", "space", "space")
            await pilot.pause()
            assert "2 marked" in screen_text(console)
            await pilot.press("j", *keys)
            await settle(pilot)
        assert link.service.calls == calls

    async def test_how_many_of_several_were_refused_is_told(self, console, link) -> None:
        link.service.error = NotAllowed("It is on its way.")
        async with console.run_test(notifications=True) as pilot:
            await pilot.press("6", "space", "space", "R")
            await settle(pilot)
            said = [str(note.message) for note in console._notifications]
        assert said == ["It was not done. 2 of 2 not: It is on its way."]

    async def test_discarding_asks_why(self, console, link) -> None:
        async with console.run_test(size=(100, 30)) as pilot:
            await pilot.press("6", "D", *"known", "enter")
            await settle(pilot)
            assert link.service.calls == [("discard", "k0", "known", "Sam")]

    async def test_what_was_taken_cannot_be_discarded(self, console, link) -> None:
        async with console.run_test(size=(100, 30)) as pilot:
            await pilot.press("6", *["down"] * 4, "D")
            await settle(pilot)
            assert console.screen is console.view
            assert link.service.calls == []

    async def test_the_tickets_own_keys_work_on_a_message(self, console, link) -> None:
        async with console.run_test(size=(100, 30)) as pilot:
            await pilot.press("6", "a", "enter")
            await settle(pilot)
            assert link.service.calls[0][0] == "acknowledge"

    @pytest.mark.parametrize(
        "keys",
        [
            ("R",), ("O", *"team", "enter"), ("D", *"known", "enter"), ("tab", "X", "enter"),
            ("S", *"1000", "tab", *"2h", "tab", *"new switch", "enter"),
        ],
        ids=["retry", "reroute", "discard", "end silence", "silence"],
    )  # fmt: skip
    async def test_what_is_refused_is_said_as_it_was_written(self, console, link, keys) -> None:
        link.service.error = NotAllowed("This message is [red]not[/nope] known any more.")
        async with console.run_test(size=(100, 40), notifications=True) as pilot:
            await pilot.press("6", *keys)
            await settle(pilot)
            assert len(link.service.calls) == 1
            assert [str(note.message) for note in console._notifications] == [
                "It was not done. This message is [red]not[/nope] known any more."
            ]

    async def test_the_message_that_was_asked_about_is_meant_whatever_arrives_meanwhile(
        self, console, link
    ) -> None:
        async with console.run_test(size=(100, 30)) as pilot:
            await pilot.press("6", "D")
            await pilot.pause()
            board = link.board
            turned = replace(board.alerts, messages=board.alerts.messages[::-1])
            link.publish(replace(board, version=board.version + 1, alerts=turned))
            await pilot.pause()
            await pilot.press("enter")
            await settle(pilot)
            assert link.service.calls == [("discard", "k0", None, "Sam")]

    async def test_on_a_small_terminal_the_row_under_the_cursor_is_told_in_full(
        self, console, screen_text
    ) -> None:
        async with console.run_test(size=(80, 24)) as pilot:
            await pilot.press("6", *["down"] * 3)
            await pilot.pause()
            text = " ".join(screen_text(console).split())
            assert "BREACHED: resolution of 1004, Kappa Labs" in text
            assert "quiet until Northwind Dental opens in 9 h" in text
            await pilot.press("tab")
            await pilot.pause()
            assert "Silence by Sam, client Acme Logistics: new switch" in screen_text(console)
            await pilot.press("down")
            await pilot.pause()
            assert "Maintenance by configuration, everything: Patch night" in screen_text(console)

    @pytest.mark.parametrize(
        ("size", "in_list"), [((200, 50), 2), ((80, 24), 1)], ids=["large", "small"]
    )
    async def test_outside_text_is_never_read_as_markup(
        self, console, link, screen_text, size, in_list
    ) -> None:
        board = link.board
        first, *rest = board.alerts.messages
        hostile = "[/nope] [@click=app.quit]x[/]"
        messages = (replace(first, title=hostile, last_error=hostile), *rest)
        link.board = replace(board, alerts=replace(board.alerts, messages=messages))
        async with console.run_test(size=size) as pilot:
            await pilot.press("6")
            await pilot.pause()
            assert screen_text(console).count(hostile) >= in_list
            await pilot.press("D")
            await pilot.pause()
            dialog = "\n".join(str(box.render()) for box in console.screen.query(Static))
            assert hostile in dialog

    async def test_elsewhere_the_keys_of_messages_do_nothing(self, console, link) -> None:
        async with console.run_test(size=(100, 30)) as pilot:
            await pilot.press("R", "O", "D", "X")
            await settle(pilot)
            assert console.screen is console.view
            assert link.service.calls == []


class TestSilences:
    async def test_the_selected_tickets_client_is_proposed(self, console, link, clock) -> None:
        async with console.run_test(size=(100, 40)) as pilot:
            await pilot.press("S")
            await pilot.pause()
            assert console.screen.query_one("#field-client", Input).value == "Acme Logistics"
            console.screen.query_one("#field-end", Input).value = "2h"
            console.screen.query_one("#field-reason", Input).value = "switch"
            await pilot.press("enter")
            await settle(pilot)
            assert link.service.calls == [
                (
                    "silence", Matcher(clients=("Acme Logistics",)), "switch",
                    clock.now() + timedelta(hours=2), "Sam",
                )
            ]  # fmt: skip

    async def test_work_that_is_planned_is_silenced_from_then_on(
        self, console, link, clock
    ) -> None:
        async with console.run_test(size=(100, 40)) as pilot:
            await pilot.press("S")
            await pilot.pause()
            for name, value in {"start": "3h", "end": "2h", "reason": "switch"}.items():
                console.screen.query_one(f"#field-{name}", Input).value = value
            await pilot.press("enter")
            await settle(pilot)
        ((_, _, _, end, _, start),) = link.service.calls
        assert (start, end) == (clock.now() + timedelta(hours=3), clock.now() + timedelta(hours=5))

    async def test_an_end_that_is_none_is_told_in_the_dialog(
        self, console, link, screen_text
    ) -> None:
        async with console.run_test(size=(80, 24)) as pilot:
            await pilot.press("S")
            await pilot.pause()
            console.screen.query_one("#field-end", Input).value = "soon"
            console.screen.query_one("#field-reason", Input).value = "switch"
            await pilot.press("enter")
            await settle(pilot)
            assert "Until: Write 30m, 2h, 1d, or a time such as 15:30." in screen_text(console)
            assert link.service.calls == []

    async def test_it_needs_a_reason_and_an_end(self, console, link, screen_text) -> None:
        async with console.run_test(size=(100, 40)) as pilot:
            await pilot.press("S")
            await pilot.pause()
            console.screen.query_one("#field-end", Input).value = "2h"
            await pilot.press("enter")
            await settle(pilot)
            assert "Reason: This may not stay empty." in screen_text(console)
            assert link.service.calls == []

    async def test_it_is_never_for_everything_and_nothing_that_was_written_is_lost(
        self, console, link, screen_text
    ) -> None:
        async with console.run_test(size=(80, 24)) as pilot:
            await pilot.press("S")
            await pilot.pause()
            written = {"client": "", "ticket": "", "end": "2h", "reason": "switch", "start": ""}
            for name, value in written.items():
                console.screen.query_one(f"#field-{name}", Input).value = value
            await pilot.press("enter")
            await settle(pilot)
            text = screen_text(console)
            assert "Write a client or a ticket" in text
            assert "esc cancel" in text
            assert [field.value for field in console.screen.query(Input)] == [*written.values()]
            assert link.service.calls == []

    async def test_a_small_terminal_says_when_each_ends_or_begins(
        self, console, screen_text
    ) -> None:
        async with console.run_test(size=(80, 24)) as pilot:
            await pilot.press("6")
            await pilot.pause()
            text = screen_text(console)
            assert "till 14:00" in text
            assert "from 23:00" in text

    async def test_one_is_ended_after_asking(self, console, link) -> None:
        async with console.run_test(size=(100, 30)) as pilot:
            await pilot.press("6", "tab", "X")
            await settle(pilot)
            assert link.service.calls == []
            await pilot.press("enter")
            await settle(pilot)
            assert link.service.calls == [("end silence", "s1", "Sam")]

    async def test_maintenance_that_lasts_is_ended_after_asking(
        self, console, link, clock, screen_text
    ) -> None:
        now = clock.now()
        lasts = Quiet("Patch night", "maintenance", "everything", "configuration", "Patch night",
                      now, now + timedelta(hours=1))  # fmt: skip
        link.board = replace(link.board, alerts=Alerts(quiets=(lasts,)))
        async with console.run_test(size=(80, 24)) as pilot:
            await pilot.press("6", "tab", "X")
            await settle(pilot)
            assert "Maintenance Patch night" in screen_text(console)
            assert link.service.calls == []
            await pilot.press("enter")
            await settle(pilot)
        assert link.service.calls == [("end maintenance", "Patch night", "Sam")]

    async def test_maintenance_that_has_not_begun_is_planned_elsewhere(
        self, console, link, screen_text
    ) -> None:
        async with console.run_test(size=(100, 30), notifications=True) as pilot:
            await pilot.press("6", "tab", "down", "X")
            await settle(pilot)
            assert console.screen is console.view
            assert "has not begun" in screen_text(console)

    async def test_tab_goes_from_one_list_to_the_other(self, console) -> None:
        async with console.run_test(size=(100, 30)) as pilot:
            await pilot.press("6")
            await pilot.pause()
            assert isinstance(console.focused, MessageTable)
            await pilot.press("tab")
            assert isinstance(console.focused, QuietTable)


class TestWhatNext:
    def test_a_breach_says_its_step_and_when_the_next_comes(self, link, clock) -> None:
        found = [what_next(breach, clock.now()) for breach in link.board.breaches]
        assert found[0] == "first in 8 m"
        assert "1/3, next in" in " ".join(filter(None, found))

    def test_one_that_somebody_has_says_who_and_how_long(self, link, clock) -> None:
        (mine,) = [b for b in link.board.breaches if b.state is BreachState.ACKNOWLEDGED]
        assert what_next(mine, clock.now()) == "Maya 30 m"
        waits, _ = held(mine, clock.now(), waits=True)
        assert what_next(waits, clock.now() + timedelta(hours=1)) == "Maya 30 m", "it stands still"

    def test_one_that_was_found_already_broken_says_that_nothing_comes(self, link, clock) -> None:
        timer = EscalationState.open(EscalationPlan("found already broken"), clock.now())
        found = replace(link.board.breaches[0], escalation_state=timer)
        assert what_next(found, clock.now()) == "no escalation"

    def test_each_fits_the_narrow_column(self, link, clock) -> None:
        for breach in link.board.breaches:
            assert len(what_next(breach, clock.now()) or "") <= 17

    def test_one_that_sleeps_says_until_when(self, link, clock) -> None:
        first = link.board.breaches[0]
        asleep = first.snooze("Sam", None, clock.now(), clock.now() + timedelta(hours=1))
        assert what_next(asleep, clock.now()) == "sleeps 1 h"
        for_ever = first.snooze("Sam", None, clock.now(), None)
        assert what_next(for_ever, clock.now()) == "till hold changes"


class TestNobodyHears:
    @pytest.fixture
    def down(self, link, desk) -> None:
        channels = (
            ChannelHealth("sms", broken="HTTP 401 [/nope]"),
            ChannelHealth("team", open_since=NOW - timedelta(minutes=4)),
        )
        link.board = replace(link.board, health=desk.health(channels=channels))

    @pytest.mark.parametrize("view", ["1", "2", "3", "6"])
    @pytest.mark.usefixtures("down")
    async def test_the_first_line_of_every_view_says_so(self, console, screen_text, view) -> None:
        async with console.run_test(size=(120, 30)) as pilot:
            await pilot.press(view)
            await pilot.pause()
            first = screen_text(console).splitlines()[0]
            assert "NOBODY IS TOLD: every alert channel is down" in first
            assert "(sms: HTTP 401 [/nope]; team: no answer for 4 m)" in first

    @pytest.mark.usefixtures("down")
    async def test_so_does_a_terminal_that_holds_one_sentence(self, console, screen_text) -> None:
        async with console.run_test(size=(50, 12)) as pilot:
            for view in "1234":
                await pilot.press(view)
                await pilot.pause()
                assert "NOBODY IS TOLD" in screen_text(console)
                assert "6 BREACHED" in screen_text(console)

    async def test_one_channel_that_works_is_enough(self, console, link, desk, screen_text) -> None:
        channels = (ChannelHealth("sms", broken="HTTP 401"), ChannelHealth("team"))
        link.board = replace(link.board, health=desk.health(channels=channels))
        async with console.run_test(size=(120, 30)) as pilot:
            await pilot.pause()
            assert "NOBODY IS TOLD" not in screen_text(console)


class TestRinging:
    def rings(self, *positions, signals=("bell", "title", "osc9")):
        return Alerts(rings=tuple(Ring(p, f"BREACHED {p}", False, signals) for p in positions))

    async def test_what_was_told_before_it_was_opened_rings_no_more(
        self, console, link, desk, monkeypatch
    ) -> None:
        rung = []
        monkeypatch.setattr(type(console), "bell", lambda self: rung.append(1))
        link.board = replace(link.board, alerts=self.rings(5))
        async with console.run_test() as pilot:
            await pilot.pause()
            assert rung == []
            link.publish(replace(desk.typical(), alerts=self.rings(5, 6, 7)))
            await pilot.pause()
            assert rung == [1], "many ring once"
            link.publish(replace(desk.typical(), alerts=self.rings(5, 6, 7)))
            await pilot.pause()
            assert rung == [1]

    async def test_the_title_says_it_until_somebody_presses_a_key_or_a_minute_is_over(
        self, console, link, desk, clock
    ) -> None:
        async with console.run_test() as pilot:
            await pilot.pause()
            link.publish(replace(desk.typical(), alerts=self.rings(6)))
            await pilot.pause()
            assert console._ringer.title(clock.now()) == "BREACHED 6"
            assert console._ringer.title(clock.now() + timedelta(seconds=60)) is None
            await pilot.press("j")
            assert console._ringer.title(clock.now()) is None

    async def test_a_terminal_that_is_not_to_ring_does_not(
        self, console, link, desk, monkeypatch
    ) -> None:
        rung = []
        monkeypatch.setattr(type(console), "bell", lambda self: rung.append(1))
        async with console.run_test() as pilot:
            await pilot.pause()
            link.publish(replace(desk.typical(), alerts=self.rings(6, signals=("title",))))
            await pilot.pause()
            assert rung == []


async def test_what_is_typed_ahead_over_a_slow_line_lands_in_the_dialog(console, link) -> None:
    async with console.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        for key in ["z", *"1h", "tab", *"parts", "enter"]:
            console.post_message(Key(key, key if len(key) == 1 else None))
        await settle(pilot)
        await settle(pilot)
        ((name, _, _, reason, _),) = link.service.calls
        assert (name, reason) == ("snooze", "parts")
