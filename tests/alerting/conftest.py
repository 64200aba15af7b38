"""Real receivers on loopback: an HTTP server with faults to order, and an SMTP server."""

import asyncio
import contextlib
import email
import socket
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal

import pytest
from aiosmtpd.controller import Controller

from sla_console.domain.alerts.alert import AlertEvent, OutboxMessage
from sla_console.domain.forecast.risk import RiskLevel
from sla_console.domain.sla.breach import BreachType, SLABreach

NOW = datetime(2026, 10, 12, 9, 0, tzinfo=UTC)


@dataclass
class Answer:
    """One answer to order, or one way of not giving it."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    fault: Literal["", "silence", "reset", "drip", "drip headers"] = ""


class Receiver:
    """Takes what is posted; ``answers`` are given first, then 200 with ``reply``."""

    def __init__(self) -> None:
        self.asked = 0
        self.reply = b""
        self.bodies: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self.answers: list[int | Answer] = []
        self.faults_fired = 0
        self.hang = threading.Event()
        self.hang.set()
        self.over = threading.Event()
        self.requests: list[tuple[str, str, bytes]] = []
        """Method, path and body of everything that was asked, refused or not."""
        self.connections = 0
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def setup(self) -> None:
                super().setup()
                receiver.connections += 1

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.asked += 1
                receiver.requests.append((self.command, self.path, body))
                receiver.hang.wait(10)
                answer = receiver.next_answer()
                if answer.status == 200 and not answer.fault:
                    receiver.bodies.append(body)
                    receiver.headers.append(dict(self.headers))
                self.give(answer)

            def do_GET(self) -> None:
                receiver.requests.append((self.command, self.path, b""))
                receiver.bodies.append(b"redirected")
                self.give(receiver.next_answer())

            def give(self, answer: Answer) -> None:
                if answer.fault == "silence":
                    receiver.over.wait(10)
                elif answer.fault == "reset":
                    linger = struct.pack("ii", 1, 0)
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                    # The files of the handler hold the socket open as well.
                    self.rfile.close()
                    self.connection.close()
                elif answer.fault == "drip headers":
                    self.drip(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"." * 100)
                else:
                    body = answer.body or receiver.reply
                    self.send_response(answer.status)
                    for name, value in answer.headers.items():
                        self.send_header(name, value)
                    if answer.status in {301, 302, 307}:
                        self.send_header("Location", "/elsewhere")
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    if answer.fault == "drip":
                        self.drip(body)
                    else:
                        self.wfile.write(body)
                    return
                self.close_connection = True

            def drip(self, content: bytes) -> None:
                for byte in content:
                    if receiver.over.wait(0.01):
                        return
                    try:
                        self.wfile.write(bytes([byte]))
                        self.wfile.flush()
                    except OSError:
                        return

            def finish(self) -> None:
                with contextlib.suppress(OSError, ValueError):
                    super().finish()

            def log_message(self, *_: object) -> None:
                pass

        self.handler = Handler
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.block_on_close = False
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def order(
        self,
        status: int = 200,
        headers: dict[str, str] | None = None,
        *,
        body: bytes = b"",
        fault: Literal["", "silence", "reset", "drip", "drip headers"] = "",
    ) -> None:
        """Order one answer."""
        self.answers.append(Answer(status, headers or {}, body, fault))

    def keep_connections(self) -> None:
        """Speak HTTP/1.1, so that one connection serves many requests."""
        self.handler.protocol_version = "HTTP/1.1"

    def next_answer(self) -> Answer:
        ordered = self.answers.pop(0) if self.answers else Answer()
        answer = Answer(ordered) if isinstance(ordered, int) else ordered
        self.faults_fired += answer.status != 200 or bool(answer.fault)
        return answer

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server.server_address[1]}"

    def close(self) -> None:
        self.hang.set()
        self.over.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


class Mailbox:
    """Keeps what is sent to it; ``refusals`` and ``fault`` are given instead when ordered."""

    def __init__(self) -> None:
        self.mails: list[Message] = []
        self.at_recipient: dict[str, str] = {}
        """Answers to the mention of an address, instead of 250."""
        self.at_data: str | None = None
        """Answer to the mail itself, instead of 250."""
        self.fault: Literal["", "drop", "late", "silence"] = ""
        """What happens after the mail was kept, instead of an answer at once."""
        self.faults_fired = 0

    async def handle_RCPT(
        self, server: object, session: object, envelope: object, address: str, options: object
    ) -> str:
        refusal = self.at_recipient.get(address)
        if refusal:
            self.faults_fired += 1
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:
        if self.at_data:
            self.faults_fired += 1
            return self.at_data
        self.mails.append(email.message_from_bytes(envelope.content))
        if self.fault:
            self.faults_fired += 1
        if self.fault == "drop":
            server.transport.abort()
        if self.fault == "late":
            await asyncio.sleep(0.05)
        while self.fault == "silence":
            await asyncio.sleep(0.005)
        return "250 kept"


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    box = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield box, port
    box.fault = ""
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
