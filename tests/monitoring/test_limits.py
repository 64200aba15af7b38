"""A SuperOps that wants no requests, or refuses the token for once."""

from datetime import UTC, datetime, timedelta

from sla_console.domain.board import SourceState


def at(hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 10, 12, hour, minute, second, tzinfo=UTC)


async def test_being_limited_is_shown_at_once_and_told_within_a_minute(begin, clock, desk) -> None:
    """Limited at 9:00:10 until 9:01: shown at 9:00:10, told by 9:00:42, over by 9:12."""
    console = await begin()
    desk.open("T1", clock.now())
    await console.sync()
    look = console.engine.alert_loop.look
    clock.set(at(9, 0, 10))
    console.engine.data.desk.budget.close_for_window()
    console.engine.refresh_board()
    (said,) = console.board.health.concerns
    assert said.startswith("SuperOps answers no more requests for now")
    assert "asked again at 09:01:00 UTC" in said
    for second in (10, 26, 42):
        clock.set(at(9, 0, second))
        await look(SourceState.LIVE, clock.now(), None)
    told = [m.notification.headline for m in await console.store.deliveries.recent(9)]
    assert told == ["SuperOps answers no more requests for now"]
    clock.set(at(9, 12))
    await look(SourceState.LIVE, clock.now(), None)
    console.engine.refresh_board()
    assert console.board.health.concerns == ()
    told = [m.notification.headline for m in await console.store.deliveries.recent(9)]
    assert told[0] == "Over after 32 s: SuperOps answers no more requests for now"


async def test_a_limit_that_passes_is_not_worth_a_message(begin, clock, desk) -> None:
    """Limited at 9:00:40 until 9:01, which is 20 seconds."""
    console = await begin()
    clock.set(at(9, 0, 40))
    console.engine.data.desk.budget.close_for_window()
    for second in range(40, 120, 2):
        clock.set(at(9) + timedelta(seconds=second))
        await console.engine.alert_loop.look(SourceState.LIVE, clock.now(), None)
    assert await console.store.deliveries.recent(9) == []


async def test_one_passing_401_ends_by_itself(begin, clock, desk, server) -> None:
    """Read 9:00; refused once at 9:01; read again at 9:02."""
    console = await begin()
    desk.open("T1", clock.now())
    sync = console.engine.sync
    await console.sync()
    clock.set(at(9, 1))
    server.faults.next("unauthorized")
    await sync.step()
    assert sync.connection is SourceState.CANNOT_SIGN_IN
    clock.set(at(9, 2))
    await sync.step()
    assert sync.connection is SourceState.LIVE
    assert sync.last_sync == at(9, 2)


async def test_r_tries_a_refused_token_at_once(begin, clock, desk, server) -> None:
    """Refused at 9:01; the person presses r at 9:01:05: read."""
    console = await begin()
    sync = console.engine.sync
    await console.sync()
    clock.set(at(9, 1))
    server.faults.next("unauthorized")
    await sync.step()
    clock.set(at(9, 1, 5))
    await console.service.refresh()
    await sync.step()
    assert sync.connection is SourceState.LIVE
