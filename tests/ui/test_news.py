"""What a person is told without asking: what has just broken, once, and nothing twice."""

from dataclasses import replace
from datetime import timedelta

from sla_console.domain.board import AlertsSnapshot, Quiet, Ring
from sla_console.domain.matcher import Matcher


def told(app) -> list[str]:
    return [notification.message for notification in app._notifications]


def rows(app) -> int:
    return len(app.screen.query_one("#all-breaches").rows)


async def test_forty_breaches_in_one_poll_are_one_notice_one_bell_and_forty_rows(
    console, link, desk, monkeypatch
):
    rung = []
    monkeypatch.setattr(type(console), "bell", lambda self: rung.append(1))
    fine = [desk.ticket(n, timedelta(hours=5)) for n in range(40)]
    link.board = desk.board(fine)
    async with console.run_test(size=(120, 50), notifications=True) as pilot:
        await pilot.press("2")
        late = [desk.ticket(n, timedelta(minutes=-1)) for n in range(40)]
        rings = tuple(Ring(n, f"BREACHED {n}", False, ("bell",)) for n in range(1, 41))
        link.publish(replace(desk.board(late), alerts=AlertsSnapshot(rings=rings)))
        await pilot.pause()
        assert told(console) == ["40 BREACHED: 1000, 1001, 1002 and 37 more."]
        assert rung == [1]
        assert rows(console) == 40


async def test_a_new_breach_is_told_in_every_view_though_a_filter_hides_it(
    console, link, desk, screen_text
):
    fine = [desk.ticket(n, timedelta(hours=5)) for n in range(10)]
    link.board = desk.board(fine)
    async with console.run_test(size=(80, 24), notifications=True) as pilot:
        await pilot.press("/", *"@nobody", "enter")
        late = desk.ticket(4, timedelta(minutes=-1), priority="Critical")
        link.publish(desk.board([late, *fine[:4], *fine[5:]]))
        await pilot.pause()
        assert "1 breach hidden by filter" in screen_text(console)
        assert told(console) == ["BREACHED: 1004 Kappa Labs, resolution."]


async def test_what_was_broken_before_is_no_news_nor_what_comes_again(console, link, desk):
    async with console.run_test(notifications=True) as pilot:
        await pilot.pause()
        broken = link.board.tickets
        link.publish(desk.board(list(broken)))
        link.publish(desk.board([]))
        link.publish(desk.board(list(broken)))
        await pilot.pause()
        assert told(console) == []


async def test_what_the_first_reading_finds_is_no_news(console, link, desk):
    health = desk.health(last_sync_at=None)
    link.board = desk.board([], health=health)
    async with console.run_test(notifications=True) as pilot:
        link.publish(desk.board(desk.tickets(40), health=health))
        await pilot.pause()
        assert told(console) == []


async def test_a_silenced_client_is_not_told_of(console, link, desk, clock):
    now = clock.now()
    quiet = Quiet("s", "silence", "", "Sam", "new switch", now, now + timedelta(hours=1),
                  Matcher(clients=("Kappa Labs",)))  # fmt: skip
    link.board = desk.board([])
    async with console.run_test(notifications=True) as pilot:
        await pilot.pause()
        late = [desk.ticket(n, timedelta(minutes=-1)) for n in (4, 5)]
        link.publish(replace(desk.board(late), alerts=AlertsSnapshot(quiets=(quiet,))))
        await pilot.pause()
        assert told(console) == ["BREACHED: 1005 Acme Logistics, resolution."]


async def test_the_wall_shows_no_notice(console, link, desk):
    link.board = desk.board([])
    async with console.run_test(notifications=True) as pilot:
        await pilot.press("w")
        await pilot.pause()
        link.publish(desk.board([desk.ticket(4, timedelta(minutes=-1))]))
        await pilot.pause()
        assert told(console) == []


async def test_a_notice_in_sight_is_not_shown_twice(console):
    async with console.run_test(notifications=True) as pilot:
        await pilot.press("G", "u", "u", "u")
        await pilot.pause()
        assert len(told(console)) == 1


async def test_what_a_console_reads_from_its_store_after_the_first_board_is_no_news(
    console, link, desk
):
    """The first board holds a screenful; the other breaches, weeks old, follow a moment later."""
    link.board = desk.board([desk.ticket(1, timedelta(minutes=-1))])
    async with console.run_test(notifications=True) as pilot:
        await pilot.pause()
        old = [desk.ticket(n, timedelta(days=-20)) for n in range(2, 90)]
        found = desk.now - timedelta(days=20)
        breaches = [desk.breach(one, detected_at=found) for one in old]
        link.publish(desk.board([*link.board.tickets, *old], [*link.board.breaches, *breaches]))
        await pilot.pause()
        assert told(console) == []
