"""How the screens look, kept as pictures: a fixed desk, clock and zone."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from sla_console.domain.board import ChannelHealth
from sla_console.ui.app import ConsoleApp

SMALL, USUAL, LARGE = (80, 24), (120, 30), (200, 50)


class SVGExtension(SingleFileSnapshotExtension):
    """One picture a snapshot, without the random id that Rich gives it."""

    file_extension = "svg"
    _write_mode = WriteMode.TEXT

    def serialize(self, data, **_):
        # The fonts are fetched from elsewhere; a picture in a repository needs none of it.
        data = re.sub(r"@font-face \{.*?\}\n", "", data, flags=re.DOTALL)
        return re.sub(r"\bterminal-\d+-", "terminal-", data)


@pytest.fixture
def looks_right(snapshot):
    pictures = snapshot.use_extension(SVGExtension)

    async def look(app, size, *keys) -> bool:
        async with app.run_test(size=size) as pilot:
            await pilot.press(*keys)
            await app.workers.wait_for_complete()
            await pilot.pause()
            return pictures == app.export_screenshot(simplify=True)

    return look


@pytest.mark.parametrize("size", [SMALL, USUAL, LARGE], ids=["small", "usual", "large"])
async def test_board(console, looks_right, size):
    assert await looks_right(console, size)


@pytest.mark.parametrize("size", [SMALL, USUAL], ids=["small", "usual"])
async def test_breaches(console, looks_right, size):
    assert await looks_right(console, size, "2")


async def test_technicians(console, looks_right):
    assert await looks_right(console, USUAL, "3")


@pytest.mark.parametrize("size", [SMALL, USUAL], ids=["small", "usual"])
async def test_detail(console, looks_right, size):
    assert await looks_right(console, size, "enter")


async def test_help(console, looks_right):
    assert await looks_right(console, USUAL, "question_mark")


async def test_escalation(console, looks_right):
    assert await looks_right(console, SMALL, "e")


async def test_light_board(link, clock, options, looks_right):
    light = ConsoleApp(link, clock, "Sam", replace(options, theme="sla-light"))
    assert await looks_right(light, SMALL)


@pytest.mark.parametrize("size", [SMALL, USUAL, LARGE], ids=["small", "usual", "large"])
async def test_alerts(console, looks_right, size):
    assert await looks_right(console, size, "4")


async def test_snooze(console, looks_right):
    assert await looks_right(console, SMALL, "z")


async def test_silence(console, looks_right):
    assert await looks_right(console, SMALL, "S")


async def test_nobody_hears(link, clock, options, looks_right, desk):
    down = (
        ChannelHealth("sms", waiting=3, dead=2, broken="HTTP 401"),
        ChannelHealth("team", waiting=9, open_since=clock.now() - timedelta(minutes=4)),
    )
    withheld = "every alert channel is down"
    link.board = replace(
        link.board,
        health=desk.health(channels=down, alerts_dead=2, alerts_waiting=12, heartbeat=withheld),
    )
    assert await looks_right(ConsoleApp(link, clock, "Sam", options), USUAL)
