"""Where services and webhooks meet the network: proxies, limits, and what headers can carry."""

import gzip
import tracemalloc
import zlib
from dataclasses import replace

import pytest

from sla_console.alerting.channels import ChannelSpec, build_channel
from sla_console.alerting.channels.heartbeat import Heartbeat
from sla_console.config.secrets import Secret
from sla_console.domain.errors import UserError

MEGABYTE = 1_000_000
EVERY = ["json", "form", "xml", "webhook", "heartbeat"]


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        for written in (name, name.upper()):
            monkeypatch.delenv(written, raising=False)


def build(service: str, address: str):
    if service == "webhook":
        return build_channel(
            ChannelSpec("ops", "webhook", Secret(f"http://{address}/"), allow_private=True)
        )
    return build_channel(
        ChannelSpec("ops", "apprise", Secret(f"{service}://{address}/"), allow_private=True)
    )


async def reached(service: str, receiver, message) -> bool:
    """Return whether one of the console's clients gets through to a receiver."""
    if service == "heartbeat":
        url = Secret(f"http://{receiver.address}/ping")
        return await Heartbeat(url, allow_private=True).beat() is None
    return bool(build(service, receiver.address).send(message).accepted)


@pytest.mark.parametrize("service", EVERY)
@pytest.mark.parametrize(
    "environ",
    [
        {"ALL_PROXY": "socks://proxy.example:1080"},
        {"all_proxy": "socks5://proxy.example:1080"},
        {"HTTP_PROXY": "http://127.0.0.1:9", "NO_PROXY": "[::1],10.0.0.0/8"},
        {"http_proxy": "http://:port"},
    ],
)
async def test_this_machine_is_reached_whatever_the_proxy_variables_say(
    monkeypatch, receiver, message, service, environ
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert await reached(service, receiver, message)


@pytest.mark.parametrize("service", EVERY)
def test_a_proxy_that_cannot_be_used_is_found_when_a_client_is_built(monkeypatch, service) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks://proxy.example:1080")
    make = {
        "heartbeat": lambda: Heartbeat(Secret("https://hc.example/ping")),
        "webhook": lambda: build_channel(
            ChannelSpec("ops", "webhook", Secret("https://hook.example/"))
        ),
    }.get(service, lambda: build(service, "8.8.8.8"))
    with pytest.raises(UserError, match=r"^ALL_PROXY: found a proxy of socks://"):
        make()


def test_mail_needs_no_proxy_so_none_is_looked_at(monkeypatch, mailbox, message) -> None:
    box, port = mailbox
    monkeypatch.setenv("ALL_PROXY", "socks://proxy.example:1080")
    url = f"mailto://127.0.0.1:{port}/?from=a@b.example&to=c@d.example&mode=insecure"
    told = build_channel(ChannelSpec("ops", "apprise", Secret(url), allow_private=True))
    assert told.send(message).accepted
    assert len(box.mails) == 1


@pytest.mark.parametrize("service", ["json", "webhook", "heartbeat"])
async def test_another_host_is_asked_through_the_proxy(
    monkeypatch, receiver, message, service
) -> None:
    """The receiver stands in for the proxy, which is asked for the whole address."""
    monkeypatch.setenv("HTTP_PROXY", f"http://{receiver.address}")
    if service == "heartbeat":
        assert await Heartbeat(Secret("http://10.9.8.7/ping"), allow_private=True).beat() is None
    else:
        assert build(service, "10.9.8.7").send(message).accepted
    ((_, path, _),) = receiver.requests
    assert path.startswith("http://10.9.8.7/")


@pytest.mark.parametrize("service", ["json", "form", "xml", "webhook"])
@pytest.mark.parametrize("name", ["стойка", "アラート", "Zürich", "équipe №1", "a\nb"])
def test_a_channel_may_be_named_in_any_alphabet(receiver, message, service, name) -> None:
    """Its name is part of the key of each message, which goes out in a header."""
    key = f"breach:b1:{name}"
    told = build(service, receiver.address)
    assert all(told.send(replace(message, key=key, channel=name)).accepted for _ in range(2))
    first, again = (headers["X-SLA-Key"] for headers in receiver.headers)
    assert first == again
    assert first.isascii()


@pytest.mark.parametrize("service", ["json", "webhook"])
def test_an_answer_that_unpacks_to_gigabytes_is_read_to_its_limit(
    receiver, message, service
) -> None:
    """200 MB of zeros, packed to 200 kB; a few hundred kB are held at most."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(bytes(MEGABYTE)) for _ in range(200)) + packer.flush()
    told = build(service, receiver.address)
    assert told.send(message).accepted
    receiver.order(200, {"Content-Encoding": "gzip"}, body=bomb)
    tracemalloc.start()
    assert told.send(message).accepted
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert receiver.asked == 2
    assert peak < 4 * MEGABYTE


@pytest.mark.parametrize("service", ["json", "webhook"])
def test_a_long_answer_is_read_to_its_limit(receiver, message, service) -> None:
    receiver.order(200, body=b" " * MEGABYTE + b'{"ok": false}')
    assert build(service, receiver.address).send(message).accepted, "what is not read says nothing"


@pytest.mark.parametrize("service", ["json", "webhook"])
def test_an_answer_that_is_packed_unasked_is_understood_all_the_same(
    receiver, message, service
) -> None:
    packed = gzip.compress(b'{"ok": false}')
    receiver.order(200, {"Content-Encoding": "gzip"}, body=packed)
    assert not build(service, receiver.address).send(message).accepted
    receiver.order(200, {"Content-Encoding": "br"}, body=packed)
    assert build(service, receiver.address).send(message).accepted
    receiver.order(200, {"Content-Encoding": "gzip"}, body=b"not packed")
    assert build(service, receiver.address).send(message).accepted
