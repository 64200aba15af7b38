"""A thousand promises that break in the same second, from the due time to the receiver.

The real engine, store, planner, gatherer and dispatcher over one webhook on loopback; only SuperOps
is played. Beside it the same thousand as single messages through the same channel, so that what the
digest saves is a ratio of one run. Aims: queued within a second, the first critical one accepted
within two, one digest beside the first critical one of each client, no body above the limit.
"""

import asyncio
import json
import tempfile
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from aims import settle

from sla_console.alerting.channels import ChannelSpec, build_channel
from sla_console.alerting.grouping import Grouping
from sla_console.alerting.room import AlertingRoom, AlertingSettings
from sla_console.alerting.wording import Composer
from sla_console.cli.clock import SystemClock
from sla_console.config.secrets import Secret
from sla_console.domain.alerts.alert import AlertEvent, OutboxMessage
from sla_console.domain.tickets.ticket import StatusPhases, Ticket
from sla_console.monitoring.evaluator import Evaluator
from sla_console.monitoring.tracker import TicketTracker
from sla_console.store.key import load_or_create_key
from sla_console.store.store import Store

BREACHES, CLIENTS, URGENT_EACH = 1_000, 20, 10
LIMIT = 4_000


class Receiver:
    def __init__(self) -> None:
        self.taken: list[tuple[float, dict]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                receiver.taken.append((time.perf_counter(), body))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/"


class Limited:
    """The webhook, but with the short limits of a chat."""

    def __init__(self, channel) -> None:
        self.name, self.pace_seconds, self.send = channel.name, 0.0, channel.send
        self.limits = replace(channel.limits, title=200, body=LIMIT)


def tickets(due: datetime) -> list[Ticket]:
    return [
        Ticket(
            id=str(number), display_id=f"T{number}", subject="Printer down", status="Open",
            priority="Critical" if number % URGENT_EACH == 0 else "Medium",
            client=f"Client {number // URGENT_EACH % CLIENTS}", created_at=due - timedelta(hours=2),
            updated_at=due - timedelta(hours=1), response_due=due,
        )
        for number in range(BREACHES)
    ]  # fmt: skip


async def main() -> None:
    clock, receiver = SystemClock(), Receiver()
    with tempfile.TemporaryDirectory() as folder:
        key = load_or_create_key(Path(folder) / "key", keyring_entry=None)
        store = await Store.open(Path(folder) / "data" / "sla.db", key)
        channel = build_channel(
            ChannelSpec("ops", "webhook", Secret(receiver.url), allow_private=True)
        )
        evaluator = Evaluator(StatusPhases.of((), ("Closed",)))
        room = AlertingRoom(
            store, {"ops": Limited(channel)}, clock, Composer(), AlertingSettings(("ops",))
        )
        await room.manager.configure_alert_rules([])
        tracker = TicketTracker(store, room.manager, evaluator, clock, lambda: asyncio.sleep(0))
        sender = room.dispatcher
        due = datetime.now(UTC) + timedelta(seconds=1)
        await tracker.take(tickets(due))
        await tracker.process(clock.now())
        running = asyncio.create_task(sender.run())
        await asyncio.sleep((due - datetime.now(UTC)).total_seconds() + 0.05)
        begun = time.perf_counter()
        await tracker.process(clock.now())
        queued = time.perf_counter() - begun
        sender.wake()
        while len(receiver.taken) < CLIENTS:
            await asyncio.sleep(0.002)
        first = receiver.taken[0][0] - begun
        until = time.perf_counter() + 30
        digests: list[dict] = []
        while not digests and time.perf_counter() < until:
            await asyncio.sleep(0.05)
            digests = [body for _, body in receiver.taken if body["event"] == "digest"]
        await asyncio.sleep(1)
        together = len(receiver.taken)
        largest = max(len(body["body"]) for _, body in receiver.taken)
        told = sum(body.get("total") or 1 for _, body in receiver.taken)

        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

        # The same thousand, one message each, where no number of messages is a storm.
        settings = AlertingSettings(("ops",), grouping=Grouping(storm=10 * BREACHES))
        sender = AlertingRoom(
            store, {"ops": Limited(channel)}, clock, Composer(), settings
        ).dispatcher
        single = [
            OutboxMessage(f"single:{n}:ops", "ops", AlertEvent.BREACH, "BREACHED", "x", None,
                          clock.now(), next_at=clock.now())
            for n in range(BREACHES)
        ]  # fmt: skip
        await store.outbox.enqueue(single)
        one_by_one = time.perf_counter()
        running = asyncio.create_task(sender.run())
        while len(receiver.taken) < together + BREACHES:
            await asyncio.sleep(0.01)
        alone = time.perf_counter() - one_by_one
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await store.close()
    print(f"{BREACHES} breaches of {CLIENTS} clients in one second, one channel")
    print(f"stored and queued: {queued * 1000:.0f} ms (aim: under 1000 ms)")
    print(f"first critical one accepted: {first * 1000:.0f} ms (aim: under 2000 ms)")
    print(
        f"messages: {together} ({len(digests)} digest, {together - len(digests)} single) that tell "
        f"of {told}; largest body {largest} of {LIMIT} characters"
    )
    print(f"the same one by one: {BREACHES} messages in {alone:.1f} s on loopback")
    print(f"ratio of messages: {together / BREACHES:.3f}")
    settle(
        {
            "queued within a second": queued < 1,
            "the first critical one accepted within two seconds": first < 2,
            "one digest beside the first critical one of each client": len(digests) == 1
            and together == CLIENTS + 1,
            "every breach told once": told == BREACHES,
            f"no body above {LIMIT} characters": largest <= LIMIT,
        }
    )


if __name__ == "__main__":
    asyncio.run(main())
