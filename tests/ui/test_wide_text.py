"""Text that takes more or fewer cells than letters: no line grows longer than the screen."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from rich.cells import cell_len

from sla_console.domain.text import clean
from sla_console.ui.app import ConsoleApp

WIDE = (
    "漢字の件名がとても長いチケットです、プリンターが動かない",
    "ネットワーク障害 office 東京 3階",
    "e\u0301" * 60,
    "👩‍👩‍👧‍👦 family 👍🏽 thumbs 🇮🇪 flag",
    "\u202eright to left\u202c \u2066isolate\u2069 שלום עולם مرحبا",
    "zero\u200bwidth\u200d joined\ufeff",
    "a\tb\nc\r\nd",
    "\uff26\uff55\uff4c\uff4c\uff57\uff49\uff44\uff54\uff48",
    "[bold]x[/bold] [@click=app.quit]y[/] \\[z",
)
KEYS = (
    "1",
    "2",
    "3",
    "4",
    "5",
    "6",
    "7",
    "8",
    "w",
    "enter",
    "enter x",
    "v",
    "3 enter",
    "c",
    "S",
    "a",
)


@pytest.fixture(autouse=True)
def hostile(link, desk):
    texts = [clean(text) for text in WIDE]
    tickets = [
        desk.ticket(
            n, timedelta(minutes=9 * n - 30), subject=text, client=text, technician=text,
            status=text, display_id=text[:9], priority=text[:9], requester=text, group=text,
            sla_name=text, degraded=(text,),
        )
        for n, text in enumerate(texts)
    ]  # fmt: skip
    breaches = [
        desk.breach(one, note=one.ticket.subject) for one in tickets if one.breached(desk.now)
    ]
    breaches[0] = breaches[0].acknowledge(texts[0], texts[1], desk.now)
    team = tuple(
        replace(one, technician_name=text) for one, text in zip(desk.team(), texts, strict=False)
    )
    health = desk.health(leader=texts[0], message=texts[1], heartbeat=texts[3])
    link.board = replace(desk.board(tickets, breaches, health), technicians=team)


@pytest.mark.parametrize("keys", KEYS)
@pytest.mark.parametrize("signs", ["unicode", "ascii"])
@pytest.mark.parametrize("size", [(80, 24), (120, 30), (200, 50)], ids=lambda size: str(size[0]))
async def test_every_line_is_as_wide_as_the_screen(link, clock, options, size, signs, keys):
    app = ConsoleApp(link, clock, "Sam", replace(options, ascii=signs == "ascii"))
    async with app.run_test(size=size) as pilot:
        for key in keys.split():
            await pilot.press(key)
            await app.workers.wait_for_complete()
            await pilot.pause()
        for strip in app.screen._compositor.render_strips():
            assert cell_len(strip.text) == size[0], strip.text
            assert not re.search("[\x00-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069]", strip.text)
