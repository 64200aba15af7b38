"""Turns that nobody will answer are told days before; what people change is followed at once."""

from datetime import UTC, date, timedelta
from zoneinfo import ZoneInfo

import pytest

from sla_console.domain.alerts.route import Route
from sla_console.domain.people.directory import Directory, Person
from sla_console.domain.people.on_call import Rotation, Shift
from sla_console.domain.people.rota import Absence, Handover
from sla_console.domain.tickets.operation import AuditEntry

ROUTE = Route(on_call=("primary",))


@pytest.fixture
def directory() -> Directory:
    """Ada and Bo take turns of a week from Monday 5 October 2026 at nine; the clock shows the 12th."""
    people = {name: Person(name, ("ops",)) for name in ("ada", "bo")}
    rotation = Rotation(
        "primary", ZoneInfo("UTC"), date(2026, 10, 5), shifts=(Shift(("ada", "bo")),)
    )
    return Directory(people, {"primary": rotation})


def audit(clock) -> AuditEntry:
    return AuditEntry(clock.now(), "Sam", "test", "primary")


def handover(clock, person: str, **span: float) -> Handover:
    now = clock.now()
    return Handover("h1", "primary", person, now, now + timedelta(**span), "Sam", now)


async def test_a_turn_on_an_absence_is_told_once_days_before(begin, clock, directory) -> None:
    """Bo has it from the 12th to the 19th, and is away from the 16th to the 18th."""
    console = await begin(directory=directory)
    start = clock.now().astimezone(UTC).replace(day=16, hour=0)
    away = Absence("bo", start, start + timedelta(days=2), "Skiing")
    await console.store.rota.replace_absences("bo", [away], audit(clock))
    tracker = console.engine.alerting.rota
    assert await tracker.step(clock.now())
    for _ in range(5):
        clock.advance(hours=3)
        assert not await tracker.step(clock.now())
    (message,) = await console.store.deliveries.recent(9)
    assert message.notification.headline == (
        "bo is on call and away for primary from 2026-10-16 00:00 to 2026-10-18 00:00 UTC"
    )
    assert "Skiing" in message.notification.lines[0]


async def test_nothing_is_told_of_one_that_is_further_away_or_covered(
    begin, clock, directory
) -> None:
    """Ada's next turn begins on the 19th, more than a week ahead of the 12th at nine."""
    console = await begin(directory=directory)
    start = clock.now() + timedelta(days=8)
    away = Absence("ada", start, start + timedelta(days=1))
    await console.store.rota.replace_absences("ada", [away], audit(clock))
    tracker = console.engine.alerting.rota
    assert not await tracker.step(clock.now())
    clock.advance(days=2)
    directory.take([handover(clock, "bo", days=20)])
    assert not await tracker.step(clock.now()), "somebody took it"
    directory.take([])
    clock.advance(hours=1)
    assert await tracker.step(clock.now())


async def test_what_one_console_changes_the_others_follow_with_their_next_look(
    begin, clock, directory
) -> None:
    """The loop that looks at what others stored does so every second."""
    console = await begin(directory=directory)
    other = await begin()
    await console.engine.follow_once()
    assert [one.person for one in directory.recipients(ROUTE, clock.now(), None)] == ["bo"]
    await other.store.rota.hand_over([handover(clock, "ada", hours=2)], audit(clock))
    await console.engine.follow_once()
    assert [one.person for one in directory.recipients(ROUTE, clock.now(), None)] == ["ada"]
    await other.store.rota.end("h1", clock.now(), audit(clock))
    await console.engine.follow_once()
    assert [one.person for one in directory.recipients(ROUTE, clock.now(), None)] == ["bo"]
    assert len(await console.store.audit.recent(9)) == 2, "each change is on record"
