"""From the due time to accepted, at fifty breaches a minute, by the real engine parts.

Two minutes of real time: a hundred promises of fifty clients run out one after the other; each is
found, stored, queued, worded and taken by a webhook on loopback. Once with groups that wait for
nothing, once with the waits that are the default, where the first critical one goes at once and the
rest waits for others of its client. Also what ``alerts status`` says of it.
"""

import asyncio
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles

from aims import settle
from alert_storm import Receiver

from sla_console.alerting.channels import ChannelSpec, build_channel
from sla_console.alerting.grouping import Grouping
from sla_console.alerting.room import AlertingRoom, AlertingSettings
from sla_console.alerting.wording import Composer
from sla_console.cli.clock import SystemClock
from sla_console.config.secrets import Secret
from sla_console.domain.tickets.ticket import StatusPhases, Ticket
from sla_console.monitoring.evaluator import Evaluator
from sla_console.monitoring.tracker import TicketTracker
from sla_console.store.key import load_or_create_key
from sla_console.store.store import Store

BREACHES, EVERY = 50, 1.2


def tickets(begin: datetime) -> list[Ticket]:
    return [
        Ticket(
            id=str(n), display_id=f"T{n}", subject="Printer down", status="Open",
            priority="Critical" if n % 5 == 0 else "Medium", client=f"Client {n % 50}",
            created_at=begin - timedelta(hours=2), updated_at=begin - timedelta(hours=1),
            response_due=begin + timedelta(seconds=EVERY * n),
        )
        for n in range(BREACHES)
    ]  # fmt: skip


async def measured(grouping: Grouping) -> list[float]:
    clock, receiver = SystemClock(), Receiver()
    with tempfile.TemporaryDirectory() as folder:
        key = load_or_create_key(Path(folder) / "key", keyring_entry=None)
        store = await Store.open(Path(folder) / "data" / "sla.db", key)
        channel = build_channel(
            ChannelSpec("ops", "webhook", Secret(receiver.url), allow_private=True)
        )
        evaluator = Evaluator(StatusPhases.of((), ("Closed",)))
        settings = AlertingSettings(("ops",), grouping=grouping)
        room = AlertingRoom(store, {"ops": channel}, clock, Composer(), settings)
        await room.manager.configure_alert_rules([])
        tracker = TicketTracker(store, room.manager, evaluator, clock, lambda: asyncio.sleep(0))
        sender = room.dispatcher
        begin = datetime.now(UTC) + timedelta(seconds=1)
        await tracker.take(tickets(begin))
        running = asyncio.create_task(sender.run())
        wait = grouping.wait.total_seconds()
        while datetime.now(UTC) < begin + timedelta(seconds=EVERY * BREACHES + wait + 3):
            if await tracker.process(clock.now()):
                sender.wake()
            coming = tracker.next_moment()
            left = 1.0 if coming is None else (coming - clock.now()).total_seconds()
            await asyncio.sleep(min(1.0, max(0.0, left) + 0.002))
        dwell = await store.deliveries.dwell(begin - timedelta(hours=1))
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await store.close()
    return [span.total_seconds() for span in dwell["ops"]]


def main() -> None:
    aims: dict[str, bool] = {}
    for name, grouping in (
        ("waiting for nothing", Grouping(wait=timedelta())),
        ("as by default", Grouping()),
    ):
        times = asyncio.run(measured(grouping))
        cuts = quantiles(times, n=100, method="inclusive")
        print(
            f"{name}: {len(times)} accepted; p50 {cuts[49] * 1000:.0f} ms, "
            f"p95 {cuts[94] * 1000:.0f} ms, max {max(times) * 1000:.0f} ms"
        )
        aims[f"{name}: all {BREACHES} accepted"] = len(times) == BREACHES
        most = grouping.wait.total_seconds() + 2
        aims[f"{name}: none later than {most:.0f} s"] = max(times) < most
    settle(aims)


if __name__ == "__main__":
    main()
