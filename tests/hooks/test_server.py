"""Whoever is slow, many or wrong holds nobody up; a port in use stops nothing."""

import asyncio
import logging
import socket

import pytest

from sla_console.hooks.server import HookServer


def fault(hooked) -> str | None:
    (part,) = [p for p in hooked.console.engine.supervisor.health() if p.name == "hooks"]
    return part.last_error


async def ended(reader: asyncio.StreamReader, within: float) -> bool:
    """Return whether the other side closes within so many seconds."""
    try:
        async with asyncio.timeout(within):
            await reader.read()
    except TimeoutError:
        return False
    except ConnectionResetError:
        return True
    return True


async def test_headers_that_drip_and_silence_are_cut_off(hook) -> None:
    """A head has 0.2 s here; a byte every 0.05 s makes that no longer."""
    hooked = await hook(head=0.2)
    silent, quiet = await asyncio.open_connection("127.0.0.1", hooked.web.port)
    slow, writer = await asyncio.open_connection("127.0.0.1", hooked.web.port)

    async def drip() -> None:
        for byte in b"POST /a/x HTTP/1.1\r\nHost: " + b"x" * 100:
            writer.write(bytes([byte]))
            await asyncio.sleep(0.05)

    dripping = asyncio.create_task(drip())
    assert await ended(silent, 5.0)
    assert await ended(slow, 5.0)
    dripping.cancel()
    await asyncio.gather(dripping, return_exceptions=True)
    quiet.close()
    writer.close()


async def test_a_body_that_drips_is_cut_off(hook) -> None:
    """A request has 0.3 s here."""
    hooked = await hook(whole=0.3)
    path = "/hooks/superops/0123456789abcdef0123456789abcdef"
    reader, writer = await asyncio.open_connection("127.0.0.1", hooked.web.port)
    writer.write(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n{{".encode())
    async with asyncio.timeout(5.0):
        assert b" 408 " in await reader.readline()
    writer.close()


async def test_a_flood_of_half_open_connections_denies_nobody(hook) -> None:
    hooked = await hook()
    flood = [await asyncio.open_connection("127.0.0.1", hooked.web.port) for _ in range(300)]
    async with asyncio.timeout(2.0):
        assert (await hooked.client.get("/a/nothing")).status_code == 404
    assert hooked.web.connections <= 256
    for _, writer in flood:
        writer.close()


async def test_what_is_no_request_fills_no_log(hook, caplog) -> None:
    caplog.set_level(logging.INFO)
    hooked = await hook()
    for garbage in (
        b"\x16\x03\x01\x02\x00\r\n\r\n",
        b"GET " + b"/x" * 9_000 + b" HTTP/1.1\r\n\r\n",
    ):
        reader, writer = await asyncio.open_connection("127.0.0.1", hooked.web.port)
        writer.write(garbage)
        assert await ended(reader, 5.0)
        writer.close()
    assert not [r for r in caplog.records if r.levelno >= logging.WARNING]
    assert (await hooked.client.get("/a/nothing")).status_code == 404


async def test_a_fault_inside_is_not_told_outside(hook, caplog, monkeypatch) -> None:
    hooked = await hook()

    async def broken(_number: int) -> None:
        raise RuntimeError("the secret of the house")

    monkeypatch.setattr(hooked.console.store.links, "message", broken)
    answer = await hooked.client.get(f"/a/{'A' * 36}")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "could not be answered" in caplog.text


async def test_a_port_in_use_is_one_sentence_and_is_tried_again(hook, caplog) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        hooked = await hook(port=taken.getsockname()[1])
        for _ in range(25):
            await hooked.receiver.step()
        assert not hooked.web.listening
        assert not hooked.links.heard
        said = fault(hooked)
        assert said is not None
        assert "another program has that port" in said
        assert "another port" in said
        assert [r.getMessage() for r in caplog.records].count(said) == 1
    for _ in range(11):
        await hooked.receiver.step()
    assert hooked.web.listening
    assert hooked.links.heard
    assert fault(hooked) is None


async def test_it_moves_with_the_lease(hook) -> None:
    first = await hook()
    second = await hook(port=first.web.port)
    assert first.web.listening
    assert not second.web.listening
    await first.end()
    assert not first.web.listening
    await second.console.engine.leadership.claim()
    await second.receiver.step()
    assert second.web.listening
    assert (await second.client.get("/a/nothing")).status_code == 404


async def test_its_end_waits_for_no_slow_reader() -> None:
    server = HookServer([], "127.0.0.1", 0)
    await server.start()
    _, writer = await asyncio.open_connection("127.0.0.1", server.port)
    async with asyncio.timeout(2.0):
        await server.stop()
    writer.close()
    with pytest.raises(OSError):
        await asyncio.open_connection("127.0.0.1", server.port)
