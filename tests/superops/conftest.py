"""A SuperOps to program: what it answers next, and what it was asked."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from sla_console.domain.errors import UserError
from sla_console.superops.budget import RequestBudget
from sla_console.superops.client import SuperOpsClient

TOKEN = "tok-4f1c9a7e-very-secret"


class PlainSecret:
    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value


class Source:
    """A token source whose content the test changes."""

    def __init__(self, value: str | None = TOKEN) -> None:
        self.value = value
        self.reads = 0

    def read(self) -> PlainSecret:
        self.reads += 1
        if self.value is None:
            raise UserError("file /run/token: it cannot be read; check its path")
        return PlainSecret(self.value)

    def describe(self) -> str:
        return "file /run/token"


class ProgrammedDesk:
    """Gives the answers it was told, in order; the last one again and again."""

    def __init__(self) -> None:
        self.answers: list[Any] = []
        self.requests: list[httpx.Request] = []

    def will(self, *answers: Any) -> None:
        self.answers = list(answers)

    def asked(self, index: int = -1) -> dict[str, Any]:
        return json.loads(self.requests[index].content)

    def asked_input(self, index: int = -1) -> dict[str, Any]:
        return self.asked(index)["variables"]["input"]

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        if callable(answer):
            answer = answer(request)
        if isinstance(answer, int):
            return httpx.Response(answer, stream=httpx.ByteStream(b""))
        if isinstance(answer, httpx.Response):
            return answer
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        # A body given whole counts as read already; off the wire it never is.
        return httpx.Response(200, stream=httpx.ByteStream(body))


@pytest.fixture
def desk() -> ProgrammedDesk:
    return ProgrammedDesk()


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def sleeps() -> list[float]:
    """How long the budget slept, in real seconds."""
    return []


@pytest.fixture
def make_budget(clock, sleeps) -> Callable[..., RequestBudget]:
    """A budget whose sleeping moves the clock and takes no time."""

    async def sleep(seconds: float) -> None:
        sleeps.append(seconds)
        clock.advance(seconds=seconds)
        await asyncio.sleep(0)

    def make(per_minute: int = 100) -> RequestBudget:
        return RequestBudget(per_minute, clock, sleep)

    return make


@pytest.fixture
def make_client(clock, source, desk, make_budget) -> Callable[..., SuperOpsClient]:
    def make(**changes: Any) -> SuperOpsClient:
        options = {
            "url": "https://api.example.test/msp",
            "subdomain": " northwind-msp ",
            "token": source,
            "clock": clock,
            "budget": make_budget(),
            "timeout_seconds": 5.0,
            "max_bytes": 1_000_000,
            "transport": httpx.MockTransport(desk),
            "backoff": lambda failures: 0.0,
        }
        return SuperOpsClient(**(options | changes))

    return make


@pytest.fixture
def client(make_client) -> SuperOpsClient:
    return make_client()


@pytest.fixture
def ticket_row() -> Callable[..., dict[str, Any]]:
    """A sound row of the ticket list, as SuperOps sends it."""

    def make(ticket_id: Any = "6120987711204352000", **changes: Any) -> dict[str, Any]:
        row = {
            "ticketId": ticket_id,
            "displayId": "121026-0003",
            "subject": "Front desk Wi-Fi drops every few minutes",
            "requestType": "Incident",
            "client": {"accountId": "6120045519930011648", "name": "Harbour Dental Group"},
            "site": {"id": "6120045519930015744", "name": "Harbour Main"},
            "requester": {"userId": "6120045519930022144", "name": "Ines Okafor"},
            "techGroup": {"groupId": "6120045519930030336", "name": "Service Desk"},
            "technician": {"userId": "6120045519930041088", "name": "Marta Lindqvist"},
            "status": "Open",
            "priority": "Medium",
            "sla": {"id": "6120045519930050304", "name": "Standard SLA"},
            "createdTime": "2026-10-12T07:41:09.312",
            "updatedTime": "2026-10-12T08:02:55",
            "firstResponseDueTime": "2026-10-12T08:41:09.312",
            "firstResponseTime": "2026-10-12T08:02:54.771",
            "firstResponseViolated": False,
            "resolutionDueTime": "2026-10-12T15:41",
            "resolutionTime": None,
            "resolutionViolated": False,
        }
        return row | changes

    return make


@pytest.fixture
def ticket_page(ticket_row) -> Callable[..., dict[str, Any]]:
    """An answer of the ticket list with these ids."""

    def make(ids: Any, total: Any, more: Any = None, **changes: Any) -> dict[str, Any]:
        rows = [ticket_row(ticket_id, **changes) for ticket_id in ids]
        info = {"page": 1, "hasMore": more, "totalCount": total}
        return {"data": {"getTicketList": {"tickets": rows, "listInfo": info}}}

    return make


@pytest.fixture
def refusal() -> Callable[..., dict[str, Any]]:
    """An answer that names codes the way SuperOps documents it."""

    def make(*codes: str, message: str | None = None) -> dict[str, Any]:
        errors = [{"code": code, "param": {}} for code in codes]
        return {
            "errors": [{"message": message, "extensions": {"clientError": errors}}],
            "data": {},
        }

    return make
