"""How long after a change in SuperOps it is on the board, where an event names the ticket.

The console as the command line puts it together, a simulated SuperOps and the receiver, each over
real HTTP, with the usual budget and sweeps. Aim: three seconds in the median.
"""

import asyncio
import socket
import tempfile
from pathlib import Path
from statistics import median
from time import monotonic

import httpx
from aims import settle

from sla_console.cli.clock import SystemClock
from sla_console.cli.compose import open_service
from sla_console.config.load import load_settings
from sla_console.config.paths import resolve_paths
from sla_console.simulator.life import build_desk
from sla_console.simulator.server import SimulatorServer

TICKETS, CHANGES, PAUSE = 300, 20, 2.5
SECRET = "a" * 32


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


async def measure(folder: Path) -> list[float]:
    clock, port = SystemClock(), free_port()
    desk = build_desk(seed=3, tickets=TICKETS, start=clock.now())
    desk.advance = lambda _now: None
    server = SimulatorServer(desk, clock, token="t", subdomain="demo")
    await server.start()
    path = folder / "config.toml"
    path.write_text(
        f'[superops]\nurl = "{server.url}"\nsubdomain = "demo"\ntoken = "t"\n[hooks]\n'
        f'enabled = true\nlisten = "127.0.0.1:{port}"\n[hooks.superops]\ntoken = "{SECRET}"\n'
    )
    path.chmod(0o600)
    settings = load_settings(path, {})
    paths = resolve_paths(path, folder / "data", folder / "key")
    url = f"http://127.0.0.1:{port}/hooks/superops/{SECRET}"
    spent = []
    async with open_service(settings, paths, clock) as service, httpx.AsyncClient() as client:
        while len(service.board().tickets) < TICKETS * 0.9:
            await asyncio.sleep(0.2)
        rows = [one.ticket for one in service.board().tickets if one.ticket.status == "Open"]
        for ticket in rows[:CHANGES]:
            desk.set_status(desk.tickets[ticket.id], "In Progress", clock.now())
            began = monotonic()
            (await client.post(url, json={"ticketId": ticket.id})).raise_for_status()
            while service.board().by_id[ticket.id].ticket.status == "Open":
                await asyncio.sleep(0.01)
            spent.append(monotonic() - began)
            await asyncio.sleep(PAUSE)
    await server.stop()
    return spent


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        spent = asyncio.run(measure(Path(folder)))
    print(f"{len(spent)} changes: median {median(spent):.2f} s, worst {max(spent):.2f} s")
    settle({"on the board within 3 s in the median": median(spent) <= 3.0})


if __name__ == "__main__":
    main()
