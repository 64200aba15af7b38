"""A burst stands on every screen with its arithmetic, in health and in ``status``."""

from dataclasses import replace
from datetime import timedelta

import pytest

from sla_console.domain.alerts.bursts import Burst, BurstsView
from sla_console.domain.alerts.usual_rates import GroupKind
from sla_console.domain.board import AlertsSnapshot
from sla_console.domain.forecast.risk import RiskThresholds
from sla_console.service.status import status_document, status_lines

WORDS = "9 tickets of Acme in 30 min; usually 1.2; chance 1 in 40,000"


@pytest.fixture
def bursting(link, clock):
    """A quiet desk on which nine tickets of Acme came within half an hour, eleven by now."""
    burst = Burst(
        GroupKind.CLIENT, "Acme", clock.now() - timedelta(minutes=20), 9, 1.2, 1 / 40_000, 1e-4, 12,
        timedelta(minutes=30), tuple(map(str, range(11))), shared="all are of category Email",
    )  # fmt: skip
    note = (
        "Bursts of one category are not looked for yet: 3 days of tickets are known, 14 are needed."
    )
    board = link.board
    health = replace(board.health, channels=(), concerns=())
    link.board = replace(
        board, health=health, alerts=AlertsSnapshot(bursts=BurstsView((burst,), note))
    )
    return link.board


async def test_it_stands_on_every_screen(console, bursting, screen_text) -> None:
    async with console.run_test(size=(120, 30)) as pilot:
        await pilot.pause()
        assert WORDS in screen_text(console)


async def test_health_tells_all_of_it_and_what_is_not_looked_for(console, bursting, screen_text):
    async with console.run_test(size=(160, 50)) as pilot:
        await pilot.press("8")
        for _ in range(3):
            await pilot.app.workers.wait_for_complete()
            await pilot.pause()
        text = " ".join(screen_text(console).split())
        assert "11 tickets" in text
        assert "category Email" in text
        assert "are not looked for yet" in text


def test_status_tells_it_in_words_and_as_data(bursting, clock) -> None:
    lines = status_lines(bursting, clock.now(), RiskThresholds())
    assert f"Burst: {WORDS}." in lines
    (found,) = status_document(bursting, clock.now(), RiskThresholds())["bursts"]
    assert (found["kind"], found["name"], found["count"]) == ("client", "Acme", 9)
    assert (found["window_minutes"], len(found["tickets"])) == (30, 11)
