"""Whatever becomes of the database under a running monitor, people are alerted and told of it."""

import asyncio
import contextlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from sla_console.domain.board import SourceState
from sla_console.domain.errors import StoreError
from tests.disks import fill, small_disk


@pytest.fixture(autouse=True)
def _quick(monkeypatch) -> None:
    """What happens every two seconds happens at once."""
    for name in (
        "store_watch._LOOK_SECONDS",
        "alert_loop._LOOK_SECONDS",
        "alert_loop._FOLLOW_SECONDS",
        "engine._FOLLOW_SECONDS",
        "lease_keeper.RENEW_SECONDS",
        "supervisor._SOON",
    ):
        monkeypatch.setattr(f"sla_console.monitoring.{name}", 0.05)


@pytest.fixture
def data(tmp_path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def database(data) -> Path:
    return data / "sla.db"


@pytest.fixture
async def run():
    """Starts a console with all its parts, which are stopped at the end."""
    running = []

    async def start(console):
        await console.engine.start_monitoring()
        running.append(console)
        await until(lambda: console.engine.leadership.holder and console.board.known)
        return console

    yield start
    for console in running:
        await console.engine.stop_monitoring()


async def until(true: Callable[[], object], seconds: float = 6.0) -> None:
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.02)


def heard(console) -> list[str]:
    return [m.notification.display_id or m.notification.headline for m in console.ops.seen]


def says(console, words: str) -> bool:
    return any(words in concern for concern in console.board.health.concerns)


async def test_a_full_disk_holds_back_no_alert_and_everybody_is_told(
    begin, run, clock, desk, data, database
) -> None:
    """T1 breaks while nothing at all can be written: the disk is full and its reserve used up."""
    with small_disk(data, 3000):
        desk.open("T1", clock.now())
        console = await run(await begin())
        await until((data / "sla.db.ballast").exists)
        watch = console.engine.store_watch
        for number in range(2000):
            fill(data)
            with contextlib.suppress(StoreError):
                await console.store.meta.set(f"{number}", "x" * 9000)
            if watch.state.in_memory:
                break
            await asyncio.sleep(0.01 if watch.state.trouble else 0)
        assert watch.state.in_memory
        clock.advance(hours=1, seconds=1)
        await until(lambda: "T1" in heard(console))
        (alert,) = [m for m in console.ops.seen if m.notification.display_id == "T1"]
        assert alert.attempts > 1, "it says that it may be a repeat"
        await until(
            lambda: (
                "The database is in trouble" in heard(console)
                or "The database cannot be used" in heard(console)
            )
        )
        assert says(console, "no space is left")
        assert console.board.health.leading
        await until(lambda: "no space is left" in console.engine.alert_loop.faults()["store"])
        # Where the hour that passed made the last read too old, it is read again first.
        await until(lambda: console.service.board().health.connection is SourceState.IN_DOUBT)
        (data / "filler").unlink()
        await until(lambda: not console.engine.store_watch.state.trouble)
        assert (await console.store.outbox.get(alert.key)).state == "accepted"
        other = await begin()
        assert [one.display_id for one in other.board.breaches] == ["T1"]
        assert heard(console).count("T1") == 1


@pytest.mark.parametrize("share", [1.0, 0.5])
async def test_a_database_damaged_in_mid_run_holds_back_no_alert(
    begin, run, clock, desk, database, share
) -> None:
    """All of the file, or its second half, is overwritten; then it is put back as it was."""
    desk.open("T1", clock.now())
    console = await run(await begin())
    await until(lambda: console.engine.store_watch.state.trouble is None and console.board.tickets)
    await console.engine.data.records._database.fold()
    sound = database.read_bytes()
    begins = len(sound) - int(len(sound) * share) // 4096 * 4096
    database.write_bytes(sound[:begins] + os.urandom(len(sound) - begins))
    await until(lambda: console.engine.store_watch.state.in_memory)
    clock.advance(hours=1, seconds=1)
    await until(lambda: "T1" in heard(console))
    await until(
        lambda: (
            "The database is in trouble" in heard(console)
            or "The database cannot be used" in heard(console)
        )
    )
    assert says(console, "is damaged")
    database.write_bytes(sound)
    await until(lambda: not console.engine.store_watch.state.trouble)
    assert [one.display_id for one in await console.store.breaches.load_active()] == ["T1"]
    assert heard(console).count("T1") == 1


async def test_who_escalates_a_breach_of_before_does_so_though_nothing_can_be_read(
    begin, run, clock, desk, database
) -> None:
    desk.open("T1", clock.now())
    console = await run(await begin())
    clock.advance(hours=1, seconds=1)
    await until(lambda: "T1" in heard(console))
    await console.engine.data.records._database.fold()
    database.write_bytes(os.urandom(database.stat().st_size))
    await until(lambda: console.engine.store_watch.state.in_memory)
    await until(lambda: console.board.breaches)
    (breach,) = console.board.breaches
    await console.service.acknowledge([breach.id], "on it", "ada")
    assert console.engine.tracker.board.breaches()[0].acknowledged_by == "ada"


async def test_a_deleted_database_is_said_and_a_follower_does_not_begin_to_lead(
    begin, run, clock, desk, database
) -> None:
    desk.open("T1", clock.now())
    console = await run(await begin())
    other = await run(await begin())
    assert not other.board.health.leading
    away = database.with_name("away")
    database.rename(away)
    await until(lambda: says(console, "deleted or moved") and says(other, "deleted or moved"))
    await asyncio.sleep(0.1)
    # Its lease in the file runs out, since who leads renews it in memory.
    other.engine.leadership._clock_ms = lambda: 10**15
    await asyncio.sleep(0.3)
    assert console.board.health.leading
    assert not other.board.health.leading
    away.rename(database)
    await until(lambda: not console.engine.store_watch.state.trouble)


async def test_a_store_that_lost_changes_says_so_for_a_day(begin, clock, desk, database) -> None:
    console = await begin()
    await console.sync()
    await console.store._database.fold()
    copy = database.read_bytes()
    await console.store.meta.set("a", "b")
    await console.store.close()
    database.write_bytes(copy)
    again = await begin()
    await again.engine.store_watch.step()
    again.engine.refresh_board()
    assert says(again, "changes are missing")
    clock.advance(hours=25)
    await again.engine.store_watch.step()
    again.engine.refresh_board()
    assert not says(again, "changes are missing")
