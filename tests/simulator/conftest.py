"""A simulated desk, served over real HTTP, and a way to ask it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest

from sla_console.simulator.desk import SimulatedDesk
from sla_console.simulator.life import build_desk
from sla_console.simulator.server import SimulatorServer

Ask = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
def desk(clock) -> SimulatedDesk:
    return build_desk(seed=7, tickets=120, start=clock.now())


@pytest.fixture
async def server(desk: SimulatedDesk, clock) -> AsyncIterator[SimulatorServer]:
    server = SimulatorServer(desk, clock, token="right", subdomain="acme")
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def post(server: SimulatorServer) -> AsyncIterator[Callable[..., Awaitable[httpx.Response]]]:
    """Post a body; headers may replace the right ones."""
    async with httpx.AsyncClient() as http:

        async def send(query: str, variables: Any = None, **headers: str) -> httpx.Response:
            right = {"Authorization": "Bearer right", "CustomerSubDomain": "acme"}
            body = {"query": query, "variables": variables or {}}
            return await http.post(server.url, json=body, headers={**right, **headers})

        yield send


@pytest.fixture
def ask(post) -> Ask:
    """Post a query and return the answer's body."""

    async def answer(query: str, variables: Any = None) -> dict[str, Any]:
        response = await post(query, variables)
        assert response.status_code == 200
        return response.json()

    return answer
