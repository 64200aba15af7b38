"""What a colleague reads from a screen printed in grey: state, time left and who has it."""

import re
from dataclasses import replace

import pytest
from textual.app import App

from sla_console.ui.app import ConsoleApp
from sla_console.ui.session.themes import PLAIN

COUNTDOWN = re.compile(r"-?(\d+d \d+h|\d+h \d+m|\d+:\d\d)")


@pytest.fixture(params=["nocolor", "linux", "ascii"])
def grey(request, link, clock, options, monkeypatch):
    """A console at a terminal without colours, or with few signs."""
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(vars(App)["theme"], "_default", PLAIN)
    signs = {"linux": {"linux": True}, "ascii": {"ascii": True}}.get(request.param, {})
    return ConsoleApp(link, clock, "Sam", replace(options, **signs))


async def settle(pilot) -> None:
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


async def test_each_ticket_says_its_state_its_time_and_who_has_it(grey, link, screen_text):
    async with grey.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        rows = {line[1:9].strip(): line for line in screen_text(grey).splitlines()}
        seen = [judged for judged in link.board.tickets if judged.ticket.display_id in rows]
        assert len(seen) > 12
        for judged in seen:
            row = rows[judged.ticket.display_id]
            now = grey.context.clock.now()
            who = (judged.ticket.technician or "nobody")[:6]
            assert who in row
            assert COUNTDOWN.search(row) or judged.held
            state = "BREACHED" if judged.breached(now) else "held" if judged.held else None
            assert re.search(state or r"AT RISK|ok", row), row


async def test_an_acknowledged_and_an_escalated_breach_have_signs_of_their_own(
    grey, link, screen_text
):
    async with grey.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        rows = {line[1:9].strip(): line for line in screen_text(grey).splitlines()}
        signs = {
            breach.state: re.search(r"(\S) BREACHED", rows[breach.display_id])[1]
            for breach in link.board.breaches
        }
        assert len(set(signs.values())) == len(signs) == 3


async def test_the_breaches_say_it_in_words(grey, link, screen_text):
    async with grey.run_test(size=(80, 24)) as pilot:
        await pilot.press("2")
        await settle(pilot)
        text = screen_text(grey)
        assert {"open", "acknowledged", "escalated"} <= set(text.split())
