"""Who is on call, and what people change about it, in the console: over a real store."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from sla_console.domain.errors import NotAllowed
from sla_console.domain.people.directory import Directory, Person
from sla_console.domain.people.on_call import Rotation, Shift
from sla_console.domain.people.rota import Absence
from sla_console.domain.tickets.operation import AuditEntry
from sla_console.service.on_call_actions import OnCallActions
from sla_console.store.key import load_or_create_key
from sla_console.store.store import Store
from sla_console.ui.app import ConsoleApp
from sla_console.ui.dialogs.on_call import OnCallDialog, TurnTable

DUBLIN = ZoneInfo("Europe/Dublin")
MONDAY = datetime(2026, 10, 12, 8, 0, tzinfo=UTC)
"""Nine in Dublin, when Bo's turn began; it ends a week later."""


async def settle(pilot) -> None:
    for _ in range(3):
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()


@pytest.fixture
def directory() -> Directory:
    """Ada and Bo take weeks from Monday 5 October at nine in Dublin; the clock shows the 12th.

    Bo is Sam in SuperOps, who sits at the console.
    """
    people = {
        "ada": Person("ada", ("phone",)),
        "bo": Person("bo", ("phone",), technician="Sam"),
    }
    weekly = Rotation("primary", DUBLIN, date(2026, 10, 5), shifts=(Shift(("ada", "bo")),))
    return Directory(people, {"primary": weekly})


@pytest.fixture
async def store(tmp_path: Path):
    key = load_or_create_key(tmp_path / "key", keyring_entry=None)
    store = await Store.open(tmp_path / "data" / "sla.db", key)
    yield store
    await store.close()


@pytest.fixture
def rota(store, link, clock, directory):
    link.service.on_call = OnCallActions(store.rota, directory, clock)
    return store.rota


def rows(console) -> list[tuple[str | None, datetime, datetime]]:
    turns = console.screen.query_one(TurnTable).rows
    return [(one.person, one.start, one.end) for one in turns]


async def test_it_shows_who_is_on_call_now_and_next_in_the_viewers_zone(
    console, rota, screen_text
) -> None:
    async with console.run_test(size=(100, 30)) as pilot:
        await pilot.press("0")
        await settle(pilot)
        assert isinstance(console.screen, OnCallDialog)
        text = screen_text(console)
        assert rows(console)[:2] == [
            ("bo", MONDAY, MONDAY + timedelta(days=7)),
            ("ada", MONDAY + timedelta(days=7), MONDAY + timedelta(days=14, hours=1)),
        ], "the clocks go back on the 25th, so the third turn begins an hour later in UTC"
        assert "Mon 19 Oct 09:00" in text
        assert "now" in text


async def test_an_absence_within_a_turn_is_marked_and_told(console, rota, clock, screen_text):
    start = clock.now() + timedelta(days=4)
    away = Absence("bo", start, start + timedelta(days=2), "Skiing")
    entry = AuditEntry(clock.now(), "bo", "import absences", "bo")
    await rota.replace_absences("bo", [away], entry)
    async with console.run_test(size=(100, 30)) as pilot:
        await pilot.press("0")
        await settle(pilot)
        text = screen_text(console)
        assert "AWAY Skiing" in text
        assert "Away from Fri 16 Oct 10:00 to Sun 18 Oct 10:00: Skiing" in text


async def test_a_time_for_which_nobody_is_on_call_is_marked(
    console, rota, link, store, clock, screen_text
) -> None:
    days = Shift(("ada",), frozenset({0}), 0, 12 * 60)  # Mondays until noon
    rotation = Rotation("desk", DUBLIN, date(2026, 10, 5), shifts=(days,))
    people = {"ada": Person("ada", ("phone",))}
    link.service.on_call = OnCallActions(store.rota, Directory(people, {"desk": rotation}), clock)
    async with console.run_test(size=(100, 30)) as pilot:
        await pilot.press("0")
        await settle(pilot)
        assert "NOBODY" in screen_text(console)
        assert "nobody will answer" in screen_text(console)


async def test_t_takes_a_turn_until_a_time(console, rota, clock) -> None:
    """Sam is Bo; he takes two hours of Ada's turn, which begins on the 19th."""
    async with console.run_test(size=(100, 40)) as pilot:
        await pilot.press("0")
        await settle(pilot)
        await pilot.press("down", "t")
        await settle(pilot)
        await pilot.press(*"2h", "tab", *"dentist", "enter")
        await settle(pilot)
        (made,) = await rota.handovers(clock.now())
        begin = MONDAY + timedelta(days=7)
        assert (made.person, made.start, made.end) == ("bo", begin, begin + timedelta(hours=2))
        assert (made.author, made.reason) == ("Sam", "dentist")


async def test_h_gives_the_rest_of_the_turn_to_somebody(console, rota, clock, screen_text) -> None:
    async with console.run_test(size=(100, 40)) as pilot:
        await pilot.press("0")
        await settle(pilot)
        await pilot.press("h")
        await settle(pilot)
        await pilot.press(*"ADA", "enter")
        await settle(pilot)
        (made,) = await rota.handovers(clock.now())
        assert (made.person, made.start, made.end) == (
            "ada",
            clock.now(),
            MONDAY + timedelta(days=7),
        )
        assert rows(console)[0][0] == "ada"
        assert "by Sam" in screen_text(console)


async def test_a_name_that_nobody_has_is_said_in_the_form(
    console, rota, clock, screen_text
) -> None:
    async with console.run_test(size=(100, 40)) as pilot:
        await pilot.press("0")
        await settle(pilot)
        await pilot.press("h")
        await settle(pilot)
        await pilot.press(*"adda", "enter")
        await settle(pilot)
        assert "did you mean ada?" in screen_text(console)
        assert await rota.handovers(clock.now()) == []


async def test_s_swaps_two_turns_whole(console, rota, clock) -> None:
    async with console.run_test(size=(100, 40)) as pilot:
        await pilot.press("0")
        await settle(pilot)
        await pilot.press("s")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        made = {one.person: one for one in await rota.handovers(clock.now())}
        assert made["ada"].end == MONDAY + timedelta(days=7)
        assert made["bo"].start == MONDAY + timedelta(days=7)


async def test_x_ends_a_change_and_only_a_change(console, rota, clock) -> None:
    async with console.run_test(size=(100, 40)) as pilot:
        await pilot.press("0")
        await settle(pilot)
        await pilot.press("x")
        await settle(pilot)
        assert isinstance(console.screen, OnCallDialog), "there is no change to end"
        await pilot.press("h", *"ada", "enter")
        await settle(pilot)
        await pilot.press("x")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert await rota.handovers(clock.now()) == []
        assert rows(console)[0][0] == "bo"


async def test_a_console_that_may_only_look_shows_it_and_changes_nothing(
    link, clock, options, rota, screen_text
) -> None:
    console = ConsoleApp(link, clock, "Sam", replace(options, read_only=True))
    async with console.run_test(size=(100, 40)) as pilot:
        await pilot.press("0")
        await settle(pilot)
        for key in "thsx":
            await pilot.press(key)
            await settle(pilot)
            assert isinstance(console.screen, OnCallDialog)
        assert "take" not in screen_text(console)
        assert rows(console)


async def test_the_service_refuses_to_change_it_where_people_may_only_look(
    store, clock, directory
) -> None:
    actions = OnCallActions(store.rota, directory, clock, only_looks=lambda: True)
    span = (clock.now(), clock.now() + timedelta(hours=1))
    for call in (
        actions.hand_over("primary", {"ada": span}, "Sam"),
        actions.swap("primary", *span, "Sam"),
        actions.end("h1", "Sam"),
    ):
        with pytest.raises(NotAllowed, match="read_only"):
            await call
    assert (await actions.plan("Sam")).me == "bo"


@pytest.mark.parametrize(
    ("rotation", "person", "hours", "words"),
    [
        ("primary", "cy", 1, "cy is not among alerts.people"),
        ("other", "ada", 1, "There is no rotation other"),
        ("primary", "ada", -1, "It must end in the future"),
        ("primary", "ada", 24 * 400, "within a year"),
    ],
)
async def test_what_cannot_be_is_refused_in_words(
    store, clock, directory, rotation, person, hours, words
) -> None:
    actions = OnCallActions(store.rota, directory, clock)
    span = (clock.now(), clock.now() + timedelta(hours=hours))
    with pytest.raises(NotAllowed, match=words):
        await actions.hand_over(rotation, {person: span}, "Sam")
    assert await store.rota.handovers(clock.now()) == []


async def test_without_a_rotation_it_says_how_to_add_one(console, link, store, clock, screen_text):
    link.service.on_call = OnCallActions(store.rota, Directory({}, {}), clock)
    async with console.run_test(size=(100, 30)) as pilot:
        await pilot.press("0")
        await settle(pilot)
        assert "There is no rotation; add one under [alerts.on_call]." in screen_text(console)


class TurnsExtension(SingleFileSnapshotExtension):
    """One text a snapshot."""

    file_extension = "txt"
    _write_mode = WriteMode.TEXT


async def test_it_looks_right(console, rota, clock, screen_text, snapshot) -> None:
    start = clock.now() + timedelta(days=9)
    entry = AuditEntry(clock.now(), "ada", "import absences", "ada")
    await rota.replace_absences("ada", [Absence("ada", start, start + timedelta(days=1))], entry)
    async with console.run_test(size=(80, 24)) as pilot:
        await pilot.press("0")
        await settle(pilot)
        await pilot.press("down")
        await settle(pilot)
        assert snapshot(extension_class=TurnsExtension) == screen_text(console)
