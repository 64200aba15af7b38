"""A file that is full, damaged, gone or replaced under a running console is noticed and survived."""

import os
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from sla_console.domain.errors import StoreError, StoreFull, StoreGone
from sla_console.store.store import Store
from tests.disks import fill, small_disk

PAGE = 4096


@pytest.fixture
async def open_watched(path, find_key, clock):
    """Opens the database as a console does that looks after it; all are closed at the end."""
    opened: list[Store] = []

    async def open_one(where: Path = path) -> Store:
        opened.append(await Store.open(where, find_key(), clock.now))
        return opened[-1]

    yield open_one
    for store in opened:
        await store.close()


def many(make_ticket, count: int = 800):
    return [make_ticket(str(n), subject=f"{n} " + "x" * 400) for n in range(count)]


async def test_a_sound_file_is_no_trouble(open_watched):
    store = await open_watched()
    await store.meta.set("a", "b")
    state = await store.look(leading=True)
    assert (state.trouble, state.in_memory, state.setback) == (None, False, None)


async def test_a_full_disk_costs_the_reserve_then_goes_on_in_memory_and_comes_back(
    tmp_path, open_watched, make_ticket, make_message, clock
):
    """Nothing that was stored meanwhile is missing afterwards, and nothing needs a restart."""
    folder = tmp_path / "small"
    with small_disk(folder, 12_000):
        store = await open_watched(folder / "a.db")
        await store.meta.set("before", "1")
        assert (await store.look(leading=True)).trouble is None
        assert (folder / "a.db.ballast").exists()
        filler = fill(folder)
        with pytest.raises(StoreFull):
            await store.tickets.save(many(make_ticket, 3000), set())
        state = await store.look(leading=True)
        assert "space" in state.trouble
        assert not state.in_memory
        assert not (folder / "a.db.ballast").exists()
        await store.outbox.enqueue([make_message("first")])
        with pytest.raises(StoreFull):
            await store.tickets.save(many(make_ticket, 3000), set())
        state = await store.look(leading=True)
        assert state.in_memory
        await store.tickets.save(many(make_ticket, 3000), set())
        await store.outbox.enqueue([make_message("second")])
        assert await store.meta.get("before") == "1"
        assert (await store.look(leading=True)).in_memory
        filler.unlink()
        state = await store.look(leading=True)
        assert (state.trouble, state.in_memory) == (None, False)
        other = await open_watched(folder / "a.db")
        assert len(await other.tickets.load_open()) == 3000
        assert await other.outbox.get("second") is not None
        assert (await other.audit.recent(1))[0].action == "store is back"
        for one in (store, other):
            await one.close()


async def test_what_is_sent_from_memory_may_be_a_repeat(open_watched, path, make_message, now):
    store = await open_watched()
    path.rename(path.with_name("away"))
    assert (await store.look(leading=True)).in_memory
    await store.outbox.enqueue([make_message("m")])
    (claimed,) = await store.outbox.claim("mail", now, timedelta(seconds=30), 1)
    assert claimed.attempts == 2


async def test_a_file_that_is_deleted_is_noticed_and_comes_back_with_all_that_was_done(
    open_watched, path, make_ticket, make_message, now
):
    store = await open_watched()
    await store.tickets.save([make_ticket("1")], set())
    await store.outbox.enqueue([make_message("old")])
    away = path.with_name("away")
    path.rename(away)
    state = await store.look(leading=True)
    assert state.in_memory
    assert "deleted or moved" in state.trouble
    await store.tickets.save([make_ticket("2")], set())
    (claimed,) = await store.outbox.claim("mail", now, timedelta(seconds=30), 1)
    await store.outbox.accepted(claimed, now)
    away.rename(path)
    state = await store.look(leading=True)
    assert (state.trouble, state.in_memory, state.setback) == (None, False, None)
    assert {ticket.id for ticket in await store.tickets.load_open()} == {"1", "2"}
    assert (await store.outbox.get("old")).accepted_at == now


async def test_no_new_database_begins_beside_one_that_was_deleted_and_is_still_open(
    open_watched, path, monkeypatch
):
    monkeypatch.setattr("sla_console.store.database.PATIENCE", 0.0)
    await open_watched()
    for file in path.parent.iterdir():
        file.unlink()
    with pytest.raises(StoreGone, match="a console that is running has one open"):
        await open_watched()
    assert not path.exists()


async def test_a_follower_says_it_and_does_not_go_on_in_memory(open_watched, path):
    store = await open_watched()
    path.rename(path.with_name("away"))
    state = await store.look(leading=False)
    assert not state.in_memory
    assert "deleted or moved" in state.trouble


async def test_others_read_what_the_one_that_monitors_finds(open_watched, path):
    leader, other = await open_watched(), await open_watched()
    leader._database.blame(StoreFull("the disk is full."))
    state = await leader.look(leading=True)
    assert state.in_memory
    assert "the disk is full" in (await other.look(leading=False)).trouble


async def test_an_emptied_file_is_noticed(open_watched, path):
    store = await open_watched()
    await store.meta.set("a", "b")
    sound = path.read_bytes()
    os.truncate(path, 0)
    state = await store.look(leading=True)
    assert state.in_memory
    assert "was emptied" in state.trouble
    path.write_bytes(sound)


async def test_damage_that_nobody_has_read_is_found_and_what_is_readable_goes_on(
    open_watched, path, make_ticket
):
    store = await open_watched()
    await store.tickets.save(many(make_ticket), set())
    await store.look(leading=True)
    sound = path.read_bytes()
    os.utime(path, ns=(1, 1))  # so that the damage shows whatever the clock's grain
    with path.open("r+b") as file:
        file.seek(40 * PAGE)
        file.write(os.urandom(PAGE))
    state = await store.look(leading=True)
    assert state.in_memory
    assert "damaged" in state.trouble
    await store.meta.set("during", "1")
    assert len(await store.tickets.load_open()) > 700
    path.write_bytes(sound)
    state = await store.look(leading=True)
    assert (state.trouble, state.in_memory) == (None, False)
    assert await store.meta.get("during") == "1"
    assert len(await store.tickets.load_open()) == 800


async def test_an_older_copy_in_its_place_is_used_and_the_loss_is_said(
    open_watched, path, make_ticket
):
    store = await open_watched()
    await store.tickets.save([make_ticket("1")], set())
    await store.look(leading=True)
    await store._database.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    copy = path.with_name("copy")
    shutil.copyfile(path, copy)
    await store.tickets.save([make_ticket("2")], set())
    copy.replace(path)
    state = await store.look(leading=True)
    assert not state.in_memory
    assert "the last 1 changes are missing" in state.setback
    assert [ticket.id for ticket in await store.tickets.load_open()] == ["1"]
    assert (await store.audit.recent(1))[0].action == "lost commits"
    assert (await store.look(leading=True)).setback == state.setback


async def test_an_error_that_is_none_of_the_file_changes_nothing(open_watched):
    store = await open_watched()
    with pytest.raises(StoreError, match="refused"):
        await store._database.rows("SELECT * FROM nothing_of_the_kind")
    state = await store.look(leading=True)
    assert (state.trouble, state.in_memory) == (None, False)


async def test_a_new_database_in_a_new_folder_is_said_to_be_another(
    open_watched, path, find_key, clock
):
    """The whole folder was removed, so no lock keeps a second console from beginning anew."""
    store = await open_watched()
    await store.meta.set("a", "b")
    path.parent.rename(path.parent.with_name("away"))
    assert (await store.look(leading=True)).in_memory
    other = await open_watched()
    state = await store.look(leading=True)
    assert not state.in_memory
    assert "another database stands in the place" in state.setback
    assert "another database" in (await other.look(leading=False)).setback
    lease = await other.lease.acquire("other", 1_000, 500)
    assert (await store.lease.acquire("store", 1_000, 500)).holder == lease.holder
