"""A burst is notified once, ends by the record of who was notified, and holds nothing else back."""

from datetime import timedelta

import pytest

from sla_console.domain.alerts.alert import AlertRule, SendResult
from sla_console.domain.alerts.silence import Silence
from sla_console.domain.alerts.usual_rates import BurstSettings
from sla_console.domain.board import SourceState
from sla_console.domain.matcher import Matcher
from sla_console.domain.tickets.operation import AuditEntry

KNOWN = "history known from"
ONE = [("burst", "6 tickets of Harbour in 30 min")]


async def looked(console) -> bool:
    """One look of the alert loop, and what it sends."""
    news = await console.engine.alert_loop.look(SourceState.LIVE, console.clock.now(), None)
    await console.send()
    return news


async def with_past(console, days: int = 40) -> None:
    """A ticket of Harbour every day at noon, closed long ago, all of them known."""
    now = console.clock.now()
    for day in range(1, days):
        at = now - timedelta(days=day, hours=-3)
        console.desk.open(f"P{day}", at, status="Closed", category="Email", updated=at, resolved=at)
    console.engine.history._back = timedelta(days=60)
    await console.sync()
    await console.engine.history.read()
    await console.store.meta.set(KNOWN, (now - timedelta(days=days)).isoformat())


def came(console, count: int, **fields) -> None:
    now = console.clock.now()
    for n in range(count):
        number = f"T{len(console.desk.tickets)}"
        console.desk.open(number, now - timedelta(minutes=n), **fields)


@pytest.fixture
async def console(begin):
    """A console with forty days of one ticket a day."""
    found = await begin(warn_at=())
    await with_past(found)
    return found


async def test_many_tickets_of_one_client_are_one_message_that_names_them(console) -> None:
    came(console, 6, category="Email")
    await console.sync()
    assert await looked(console)
    (message,) = console.ops.seen
    notification = message.notification
    assert notification.headline == "6 tickets of Harbour in 30 min"
    assert notification.lines[0] == "Usually under 0.01; chance below 1 in 1,000,000,000."
    assert any("Subject of T" in line for line in notification.lines)
    came(console, 3)
    await console.sync()
    await looked(console)
    assert len(console.ops.seen) == 1, "those that join it are no news"
    (running,) = (await console.engine._publisher._alerts.view(console.clock.now())).bursts.running
    assert len(running.tickets) == 9


async def test_it_is_over_for_those_who_were_notified_once_the_rate_is_back(console) -> None:
    came(console, 6)
    await console.sync()
    await looked(console)
    assert console.ops.rang() == ONE
    for _ in range(35):
        console.clock.advance(minutes=2)
        await looked(console)
    assert console.ops.rang() == [("burst", "Over after 1 h 5 m: 6 tickets of Harbour in 30 min")]
    for _ in range(35):
        console.clock.advance(minutes=2)
        await looked(console)
    assert console.ops.rang() == []


async def test_a_pager_closes_what_it_opened(begin) -> None:
    console = await begin(
        channels=("ops", "pager"),
        pagers=("pager",),
        warn_at=(),
        rules=[AlertRule("all", ("ops", "pager"))],
    )
    await with_past(console)
    came(console, 6)
    await console.sync()
    await looked(console)
    await console.engine.alerting.closer.step(console.clock.now())
    await console.send()
    assert len(console.phones["pager"].open) == 1
    for _ in range(35):
        console.clock.advance(minutes=2)
        await looked(console)
    assert console.phones["pager"].open == {}


async def test_it_neither_hides_nor_delays_nor_replaces_a_critical_breach(console) -> None:
    """Six critical tickets break at the moment at which they are a burst: each is notified."""
    now = console.clock.now()
    for n in range(6):
        ticket = console.desk.open(f"C{n}", now - timedelta(minutes=n), priority="Critical")
        ticket.response_due = now + timedelta(seconds=30)
    await console.sync()
    console.clock.advance(seconds=31)
    await console.engine.alert_loop.process()
    await looked(console)
    seen = console.ops.seen
    critical = {
        member.display_id
        for message in seen
        for member in (message.notification.members or (message.notification,))
        if member.breach_id and member.display_id
    }
    assert critical == {f"C{n}" for n in range(6)}
    events = [str(message.event) for message in seen]
    assert events.count("burst") == 1
    assert events.index("burst") > 0, "what is urgent goes first"


async def test_a_restart_neither_repeats_nor_forgets_it(console, begin) -> None:
    came(console, 6)
    await console.sync()
    await looked(console)
    assert console.ops.rang() == ONE
    other = await begin(warn_at=())
    await other.engine.alert_loop.begin()
    await other.sync()
    await looked(other)
    assert other.ops.rang() == []
    for _ in range(35):
        other.clock.advance(minutes=2)
        await looked(other)
    assert [event for event, _ in other.ops.rang()] == ["burst"]


async def test_one_that_was_kept_and_not_queued_is_notified_after_a_restart(console, begin) -> None:
    async def fails(*_: object) -> bool:
        raise RuntimeError("killed here")

    came(console, 6)
    await console.sync()
    console.engine.alert_loop._bursts._manager.send_burst = fails
    with pytest.raises(RuntimeError):
        await looked(console)
    other = await begin(warn_at=())
    await other.engine.alert_loop.begin()
    await other.send()
    assert other.ops.rang() == ONE


async def test_a_clock_that_is_set_back_neither_ends_nor_repeats_it(console) -> None:
    came(console, 6)
    await console.sync()
    await looked(console)
    assert console.ops.rang() == ONE
    console.clock.step(hours=-3)
    await console.sync()
    for _ in range(5):
        await looked(console)
    assert "burst" not in [event for event, _ in console.ops.rang()]


async def test_a_history_that_is_too_short_raises_nothing_and_says_so(begin) -> None:
    console = await begin(warn_at=())
    await with_past(console, days=10)
    came(console, 12)
    await console.sync()
    await looked(console)
    assert console.ops.rang() == []
    view = await console.engine._publisher._alerts.view(console.clock.now())
    assert view.bursts.note == (
        "Bursts are not looked for yet: tickets are known for 10 of the 14 days that are needed."
    )


async def test_what_is_known_by_now_is_looked_at_again_without_a_new_ticket(begin) -> None:
    """The tickets that ended before the first start are read some minutes after it."""
    console = await begin(warn_at=())
    await console.sync()
    await looked(console)
    view = await console.engine._publisher._alerts.view(console.clock.now())
    assert "known for 0 of the 14 days" in view.bursts.note
    await with_past(console)
    console.clock.advance(minutes=11)
    await looked(console)
    view = await console.engine._publisher._alerts.view(console.clock.now())
    assert view.bursts.note == ""


async def test_categories_that_are_known_only_lately_wait_for_a_past_of_their_own(console) -> None:
    """As in a store of an earlier version, which had none."""
    now = console.clock.now()
    await console.store.meta.set("categories known from", (now - timedelta(days=3)).isoformat())
    came(console, 1, category="Email")
    await console.sync()
    await looked(console)
    view = await console.engine._publisher._alerts.view(now)
    assert view.bursts.note == (
        "Bursts of one category are not looked for yet: tickets are known for 3 of the 14 days that are needed."
    )


async def test_a_silence_holds_it_back_until_it_ends(console) -> None:
    now = console.clock.now()
    silence = Silence(
        "s1", Matcher(clients=("harbour",)), "Ada", "move", now, now + timedelta(minutes=10)
    )
    await console.store.silences.add(silence, AuditEntry(now, "Ada", "silence", "s1"))
    await console.engine.alerting.mutes.refresh(now)
    came(console, 6)
    await console.sync()
    await looked(console)
    assert console.ops.rang() == []
    console.clock.advance(minutes=11)
    await console.engine.alerting.mutes.refresh(console.clock.now())
    await looked(console)
    assert console.ops.rang() == ONE


async def test_a_channel_that_refuses_it_is_not_asked_again_and_again(console) -> None:
    came(console, 6)
    await console.sync()
    console.ops.answers = [SendResult(False, permanent=True, error="no")]
    for _ in range(5):
        console.clock.advance(minutes=2)
        await looked(console)
    assert console.ops.rang() == []
    messages = await console.store.deliveries.recent(50)
    assert sum(str(one.event) == "burst" for one in messages) == 1


async def test_what_is_known_of_it_and_cannot_be_read_stops_nothing(console) -> None:
    await console.store.meta.set("bursts", '{"running": [{"kind": "moon"}]}')
    await console.engine.alert_loop.begin()
    came(console, 6)
    await console.sync()
    await looked(console)
    assert console.ops.rang() == ONE


async def test_off_it_looks_for_none_and_ends_what_ran(console, begin) -> None:
    came(console, 6)
    await console.sync()
    await looked(console)
    assert console.ops.rang() == ONE
    console.engine.alert_loop._bursts._settings = BurstSettings(enabled=False)
    await looked(console)
    ((event, headline),) = console.ops.rang()
    assert (event, headline[:10]) == ("burst", "Over after")
