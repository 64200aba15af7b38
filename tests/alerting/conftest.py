"""Real receivers on loopback: an HTTP server with faults to order, and an SMTP server."""

import asyncio
import email
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from aiosmtpd.controller import Controller

from sla_console.domain.alert import AlertEvent, OutboxMessage
from sla_console.domain.breach import BreachType, SLABreach
from sla_console.domain.risk import RiskLevel

NOW = datetime(2026, 10, 12, 9, 0, tzinfo=UTC)


class Receiver:
    """Takes what is posted; ``answers`` are given first, then 200 with ``reply``."""

    def __init__(self) -> None:
        self.asked = 0
        self.reply = b""
        self.bodies: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self.answers: list[int] = []
        self.faults_fired = 0
        self.hang = threading.Event()
        self.hang.set()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.asked += 1
                receiver.hang.wait(10)
                status = receiver.answers.pop(0) if receiver.answers else 200
                receiver.faults_fired += status != 200
                if status == 200:
                    receiver.bodies.append(body)
                    receiver.headers.append(dict(self.headers))
                self.send_response(status)
                if status in {301, 302, 307}:
                    self.send_header("Location", "/elsewhere")
                self.end_headers()
                self.wfile.write(receiver.reply)

            def do_GET(self) -> None:
                receiver.bodies.append(b"redirected")
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.block_on_close = False
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server.server_address[1]}"

    def close(self) -> None:
        self.hang.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


class Mailbox:
    def __init__(self) -> None:
        self.mails: list[Message] = []

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:
        self.mails.append(email.message_from_bytes(envelope.content))
        return "250 kept"


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    box = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield box, port
    controller.stop()


@pytest.fixture
def breach() -> SLABreach:
    return SLABreach(
        id="b1",
        ticket_id="77",
        breach_type=BreachType.RESPONSE,
        breach_time=NOW - timedelta(minutes=12),
        sla_policy=None,
        technician_id=None,
        severity=RiskLevel.HIGH,
        customer_impact="Harbour, High",
        escalation_required=True,
        display_id="T-77",
        subject="Printer down",
        client="Harbour Dental",
        priority="High",
        technician="Marta Lindqvist",
    )


@pytest.fixture
def message() -> OutboxMessage:
    return OutboxMessage(
        key="breach:b1:ops",
        channel="ops",
        event=AlertEvent.BREACH,
        title="BREACHED: T-77",
        body="It was due.",
        ticket_id="77",
        created_at=NOW,
        next_at=NOW,
    )


@pytest.fixture
def spin():
    """Let the loop turn until a condition holds; threads get their share."""

    async def until(holds, seconds: float = 5.0) -> None:
        async with asyncio.timeout(seconds):
            while not holds():
                await asyncio.sleep(0.001)

    return until
