"""The receiver as the command line puts it together, from a configuration file."""

import asyncio
import socket

import httpx

from sla_console.cli.clock import SystemClock
from sla_console.cli.compose import open_service
from sla_console.config.load import load_settings
from sla_console.config.paths import resolve_paths


async def test_a_console_that_monitors_listens_and_ends_with_the_console(
    tmp_path, server, clock
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    path = tmp_path / "config.toml"
    path.write_text(
        f'[superops]\nurl = "{server.url}"\nsubdomain = "acme"\ntoken = "right"\n'
        f'[hooks]\nenabled = true\nlisten = "127.0.0.1:{port}"\n'
        f'public_url = "http://127.0.0.1:{port}"\n[hooks.superops]\ntoken = "{"a" * 32}"\n'
    )
    path.chmod(0o600)
    settings = load_settings(path, {})
    paths = resolve_paths(path, tmp_path / "data", tmp_path / "key")
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        async with open_service(settings, paths, SystemClock()) as service, asyncio.timeout(10):
            while True:
                try:
                    answer = await client.get("/a/nothing")
                except httpx.ConnectError:
                    await asyncio.sleep(0.02)
                else:
                    break
            assert answer.status_code == 404
            event = await client.post(f"/hooks/superops/{'a' * 32}", json={"ticketId": "42"})
            assert event.status_code == 202
            assert "hooks" in [part.name for part in service.board().health.parts]
        try:
            await client.get("/a/nothing")
        except httpx.TransportError:
            return
    raise AssertionError("it still listens")
