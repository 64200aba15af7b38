"""Real processes, really killed: nothing is lost, nothing is told twice without saying so.

``SLA_CONSOLE_KILLS=100`` kills the sender so often, in place of a dozen times.
"""

import asyncio
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from sla_console.domain.alerts.alert import AlertEvent, OutboxMessage
from sla_console.domain.alerts.escalation import EscalationPlan, EscalationStep
from sla_console.domain.alerts.escalation_state import EscalationState
from sla_console.domain.alerts.route import Route
from sla_console.domain.forecast.risk import RiskLevel
from sla_console.domain.sla.breach import BreachType, SLABreach
from sla_console.store.key import load_or_create_key
from sla_console.store.store import Store

HERE = Path(__file__).parent
PACE = 20
KILLS = int(os.environ.get("SLA_CONSOLE_KILLS", "12"))


class Counting:
    """Takes messages, refuses one in five, and counts what it took by its key."""

    def __init__(self, chance: random.Random, refuse: float) -> None:
        self.taken: list[tuple[str, str]] = []
        self.refused = 0
        self.slow = 0.004
        self.answers = threading.Event()
        self.answers.set()
        self.waiting = 0
        """Requests that have no answer yet."""
        counting, lock = self, threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                body = self.rfile.read(length).decode()
                if len(body.encode()) < length:
                    return  # killed amid its request: no receiver takes half a message
                with lock:
                    ill = chance.random() < refuse
                    counting.refused += ill
                    if not ill:
                        # Counted before the answer: the worst case for a sender that is killed.
                        counting.taken.append((self.headers["Idempotency-Key"], body))
                    counting.waiting += 1
                time.sleep(counting.slow)
                counting.answers.wait(20)
                with lock:
                    counting.waiting -= 1
                self.send_response(500 if ill else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.block_on_close = False
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


STARTED: list[subprocess.Popen] = []


@pytest.fixture(autouse=True)
def none_is_left():
    """A test that fails leaves no sender behind."""
    yield
    for process in STARTED:
        if process.poll() is None:
            process.kill()
            process.wait()
    STARTED.clear()


def started(script: str, *words: object) -> subprocess.Popen:
    command = [sys.executable, str(HERE / script), *map(str, words)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    STARTED.append(process)
    assert process.stdout.readline().startswith("ready")
    return process


def killed(process: subprocess.Popen) -> None:
    process.send_signal(signal.SIGKILL)
    assert process.wait(10) == -signal.SIGKILL
    process.stdout.close()


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path


async def opened(folder: Path) -> Store:
    key = load_or_create_key(folder / "key", keyring_entry=None)
    return await Store.open(folder / "data" / "sla.db", key)


def messages(count: int, lanes: int) -> list[OutboxMessage]:
    # Now, by the hurried clock of the sender.
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=time.time() % 1e7 * PACE)
    return [
        OutboxMessage(
            f"breach:{n}:lane{n % lanes}", f"lane{n % lanes}", AlertEvent.BREACH,
            f"BREACHED {n}", "It was due.", str(n), at, next_at=at,
        )
        for n in range(count)
    ]  # fmt: skip


async def owed(folder: Path) -> int:
    store = await opened(folder)
    found = sum(record.waiting for record in await store.outbox.records())
    await store.close()
    return found


def test_a_thousand_messages_survive_a_dozen_kills_and_a_receiver_that_refuses_one_in_five(
    folder,
) -> None:
    """The sender is killed again and again amid faults: nothing is lost, repeats are marked."""
    count, lanes, kills = max(1000, 25 * KILLS), 4, KILLS
    chance = random.Random(12)
    receiver = Counting(random.Random(7), 0.2)

    async def fill() -> None:
        store = await opened(folder)
        await store.outbox.enqueue(messages(count, lanes))
        await store.close()

    asyncio.run(fill())
    for _ in range(kills):
        process = started("kill_sender.py", folder, receiver.url, lanes)
        before = len(receiver.taken)
        while len(receiver.taken) < before + 5:
            time.sleep(0.005)
        time.sleep(chance.uniform(0.0, 0.25))
        killed(process)
        assert asyncio.run(owed(folder)), "killed amid its work"
    process = started("kill_sender.py", folder, receiver.url, lanes)
    until = time.monotonic() + 120
    while asyncio.run(owed(folder)) and time.monotonic() < until:
        time.sleep(0.3)
    killed(process)
    receiver.close()

    by_key = Counter(key for key, _ in receiver.taken)
    assert set(by_key) == {message.key for message in messages(count, lanes)}, "none is lost"
    assert receiver.refused > count / 10, "the receiver did refuse"
    repeats = len(receiver.taken) - count
    print(
        f"{kills} kills, {count} messages: 0 lost, {repeats} repeats, {receiver.refused} refusals"
    )
    assert repeats <= kills * lanes, "one in hand for each lane and kill, at most"
    seen: set[str] = set()
    for key, body in receiver.taken:
        if key in seen:
            assert "This may be a repeat" in body, "and it says so"
        seen.add(key)


def test_each_step_of_five_hundred_escalations_is_queued_once_over_ten_kills(folder) -> None:
    """The timers are killed again and again: each step is queued once."""
    count, kills = 500, 10
    chance = random.Random(3)
    begin = datetime(2026, 10, 12, 9, tzinfo=UTC)
    plan = EscalationPlan(
        "standard",
        tuple(
            EscalationStep(timedelta(seconds=after), Route(("ops",))) for after in (0.0, 2.5, 5.0)
        ),
    )

    async def fill() -> None:
        store = await opened(folder)
        breaches = []
        for number in range(count):
            at = begin + timedelta(milliseconds=4 * number)
            breaches.append(
                SLABreach(
                    f"b{number}", str(number), BreachType.RESPONSE, at, None, None, RiskLevel.HIGH,
                    "x", escalation_required=True, escalation_state=EscalationState.open(plan, at),
                )
            )  # fmt: skip
        await store.record_breaches([(breach, [], None) for breach in breaches], None)
        await store.close()

    async def queued() -> list[OutboxMessage]:
        store = await opened(folder)
        found = await store.deliveries.recent(10 * count)
        await store.close()
        return found

    (folder / "clock").write_text(begin.isoformat())
    asyncio.run(fill())
    before = 0
    for _ in range(kills):
        # Slowly, so that even a busy machine's kills all come before the end.
        process = started("kill_escalation.py", folder, 0.25)
        while len(asyncio.run(queued())) == before:
            time.sleep(0.01)
        time.sleep(chance.uniform(0.0, 0.2))
        killed(process)
        before = len(asyncio.run(queued()))
        assert 0 < before < 3 * count, "killed amid its work"
    process = started("kill_escalation.py", folder, 4)
    until = time.monotonic() + 120
    while len(found := asyncio.run(queued())) < 3 * count and time.monotonic() < until:
        time.sleep(0.3)
    killed(process)
    assert len({message.key for message in found}) == len(found) == 3 * count
    steps = Counter((m.notification.breach_id, m.notification.step) for m in found)
    assert set(steps.values()) == {1}
    late = [m.created_at - m.notification.at for m in found]
    assert min(late) >= timedelta(), "none before its time"
    assert max(late) < timedelta(seconds=1), "and none later than the time that nobody ran"


def test_a_sender_that_was_stopped_and_lost_its_lease_sends_nothing_when_it_goes_on(
    folder,
) -> None:
    """Two senders on one store; the first is stopped while both its lanes wait for an answer, so that nothing is on its way by then."""
    receiver = Counting(random.Random(1), 0.0)
    receiver.slow = 0.02

    async def fill() -> None:
        store = await opened(folder)
        await store.outbox.enqueue(messages(400, 2))
        await store.close()

    async def take_over() -> int:
        store = await opened(folder)
        lease = await store.lease.acquire("second", 10_000, 1_000)
        await store.close()
        assert lease.holder == "second"
        return lease.term

    asyncio.run(fill())
    first = started("kill_sender.py", folder, receiver.url, 2, "first")
    while len(receiver.taken) < 20:
        time.sleep(0.005)
    receiver.answers.clear()
    while receiver.waiting < 2:
        time.sleep(0.005)
    first.send_signal(signal.SIGSTOP)
    term = asyncio.run(take_over())
    time.sleep(1.5)  # its claims and the time of its sends run out
    before = len(receiver.taken)
    assert before < 400
    receiver.answers.set()
    first.send_signal(signal.SIGCONT)
    assert first.wait(20) == 3
    said = first.stdout.read()
    first.stdout.close()
    assert f"(term {term}, this one led term {term - 1})" in said
    assert len(receiver.taken) == before, "nothing more came from it"
    receiver.close()
