"""The sign of life that the console sends to the outside."""

import asyncio

import httpx
import pytest

from sla_console.alerting.channels import heartbeat as module
from sla_console.alerting.channels.heartbeat import Heartbeat, quiet_client
from sla_console.config.secrets import Secret
from sla_console.domain.errors import UserError


def heartbeat(receiver, path: str = "/ping/uuid") -> Heartbeat:
    return Heartbeat(Secret(f"http://{receiver.address}{path}"), allow_private=True)


async def test_all_is_well_asks_the_address_itself(receiver) -> None:
    assert await heartbeat(receiver).beat() is None
    assert receiver.requests == [("GET", "/ping/uuid", b"")]


@pytest.mark.parametrize(
    ("path", "failed"),
    [
        ("/ping/uuid", "/ping/uuid/fail"),
        ("/ping/uuid/", "/ping/uuid/fail"),
        ("/ping/uuid?rid=1&x=a%2Fb", "/ping/uuid/fail?rid=1&x=a%2Fb"),
        ("/ping/a%2Fb", "/ping/a%2Fb/fail"),
        ("", "/fail"),
    ],
)
async def test_trouble_is_told_beside_it_and_why(receiver, path, failed) -> None:
    assert await heartbeat(receiver, path).fail("SuperOps is silent \N{SNOWMAN}") is None
    assert receiver.requests == [("POST", failed, "SuperOps is silent \N{SNOWMAN}".encode())]


async def test_a_long_reason_is_cut(receiver) -> None:
    assert await heartbeat(receiver).fail("x" * 1_000_000) is None
    assert len(receiver.requests[0][2]) == 10_000


@pytest.mark.parametrize("status", [404, 429, 500])
async def test_a_refusal_is_told_in_words(receiver, status) -> None:
    receiver.answers = [status, status]
    told = heartbeat(receiver)
    said = f"the heartbeat's receiver answered with HTTP {status}"
    assert (await told.beat(), await told.fail("x")) == (said, said)
    assert receiver.faults_fired == 2


async def test_a_redirect_is_not_followed(receiver) -> None:
    receiver.answers = [302]
    assert "give its final address" in (await heartbeat(receiver).beat() or "")
    assert receiver.faults_fired == 1
    assert len(receiver.requests) == 1


async def test_silence_is_told_in_words(receiver, monkeypatch) -> None:
    monkeypatch.setattr(module, "LIMIT_SECONDS", 0.4)
    receiver.order(fault="silence")
    assert await heartbeat(receiver).beat() == "the heartbeat's receiver did not answer in time"
    assert receiver.faults_fired == 1


async def test_a_receiver_that_drips_is_silence(receiver, monkeypatch) -> None:
    monkeypatch.setattr(module, "LIMIT_SECONDS", 0.4)
    receiver.order(fault="drip headers")
    assert await heartbeat(receiver).beat() == "the heartbeat's receiver did not answer in time"
    assert receiver.faults_fired == 1


async def test_nobody_there_is_told_in_words(receiver) -> None:
    receiver.close()
    said = "the heartbeat's receiver cannot be reached: it refuses the connection"
    assert await heartbeat(receiver).beat() == said


async def test_an_end_of_the_console_is_not_held_up(receiver) -> None:
    receiver.order(fault="silence")
    beating = asyncio.create_task(heartbeat(receiver).beat())
    while not receiver.faults_fired:
        await asyncio.sleep(0.001)
    beating.cancel()
    with pytest.raises(asyncio.CancelledError):
        await beating


async def test_the_client_follows_nothing_and_waits_ten_seconds() -> None:
    async with quiet_client(httpx.URL("https://hc.example/")) as client:
        assert client.follow_redirects is False
        assert client.timeout == httpx.Timeout(10.0)


@pytest.mark.parametrize(
    ("address", "complaint"),
    [
        ("http://8.8.8.8/s3cr3t", "found http://, expected https://"),
        ("s3cr3t", "found no web address"),
        ("https://10.0.0.1/s3cr3t", "set allow_private = true"),
    ],
)
def test_the_address_is_public_and_encrypted(address, complaint) -> None:
    with pytest.raises(UserError, match=complaint) as refusal:
        Heartbeat(Secret(address))
    assert str(refusal.value).startswith("alerts.heartbeat: found ")
    assert "s3cr3t" not in str(refusal.value)
