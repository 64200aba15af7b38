"""One POST, limited in time and in size, and what its outcome means for the message."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx

from sla_console.alerting.channels.clock import Now
from sla_console.alerting.channels.quiet import keep_quiet
from sla_console.alerting.channels.replies import Heard
from sla_console.alerting.channels.services import refused
from sla_console.domain.alerts.alert import SendResult
from sla_console.http.bodies import BoundedBody, CannotUnpack, UnknownPacking
from sla_console.http.proxies import client_options
from sla_console.http.waits import retry_after

TOTAL_SECONDS: Final = 30.0
CONNECT_SECONDS: Final = 4.0
READ_SECONDS: Final = 10.0
MAX_REPLY: Final = 65_536
"""Bytes of a reply that are looked at."""
_CAUSES: Final[tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...]] = (
    (ssl.SSLCertVerificationError, "its certificate is not trusted"),
    (ssl.SSLError, "it does not speak TLS as it should"),
    (socket.gaierror, "its name is not known"),
    (ConnectionRefusedError, "it refuses the connection"),
    ((ConnectionResetError, BrokenPipeError), "it broke off the connection"),
    ((TimeoutError, httpx.TimeoutException), "no connection in time"),
)


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long one exchange may take, in real seconds."""

    connect: float = CONNECT_SECONDS
    read: float = READ_SECONDS
    """Between two pieces of the answer."""
    total: float = TOTAL_SECONDS
    """For the whole, however slowly it drips."""


class PostConnection:
    """Posts to one receiver over a connection that is kept open between two messages.

    A lane leaves a thread behind that hangs in here, and goes on with another: whoever posts has
    the connection to himself meanwhile, and a second one gets his own.

    Args:
        now: The real moment.
        timeouts: How long it may take.
        transport: What carries the bytes, instead of the network.
    """

    def __init__(
        self,
        now: Now,
        timeouts: Timeouts | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        keep_quiet()
        self._now = now
        self._timeouts = timeouts or Timeouts()
        self._transport = transport
        self._lock = threading.Lock()
        self._idle: _Line | None = None

    def post(
        self, url: httpx.URL, content: bytes, headers: Mapping[str, str]
    ) -> Heard | SendResult:
        """Post once. What was heard means a status of success; else it is a result already.

        Never raises: a failure of any kind is an answer in words, without the address.
        """
        line: _Line | None = None
        watchdog: threading.Timer | None = None
        try:
            line = self._swap(None) or _Line(_open(url, self._timeouts, self._transport))
            watchdog = threading.Timer(self._timeouts.total, line.cut)
            watchdog.daemon = True
            watchdog.start()
            outcome = self._post(line.http, url, content, headers, line.watch)
        except Exception as error:  # noqa: BLE001 - a channel that raises would end its lane
            if line is None:
                return _failed(error)
            line.close()
            return _LATE if line.was_cut else _failed(error)
        finally:
            if watchdog is not None:
                watchdog.cancel()
        spare = line if line.was_cut else self._swap(line)
        if spare is not None:
            spare.close()
        return outcome

    def close(self) -> None:
        """Close the connection. A later post opens another."""
        line = self._swap(None)
        if line is not None:
            line.close()

    def _swap(self, line: "_Line | None") -> "_Line | None":
        """Put down a connection that nobody uses, or none, and take up what was there."""
        with self._lock:
            found, self._idle = self._idle, line
        return found

    def _post(
        self,
        http: httpx.Client,
        url: httpx.URL,
        content: bytes,
        headers: Mapping[str, str],
        watch: Callable[[str, dict[str, Any]], None],
    ) -> Heard | SendResult:
        request = http.build_request(
            "POST", url, content=content, headers=dict(headers), extensions={"trace": watch}
        )
        response = http.send(request, stream=True)
        try:
            # Of a refusal as well, or the connection could not be used again.
            body = _read(response)
        finally:
            response.close()
        wait = retry_after(response.headers.get("Retry-After"), self._now())
        heard = Heard(response.status_code, body, wait)
        return heard if response.is_success else refused("", heard)


class _Line:
    """One client with one connection, and the means to cut it off from another thread."""

    def __init__(self, http: httpx.Client) -> None:
        self.http = http
        self.was_cut = False
        self._socket: socket.socket | None = None

    def watch(self, event: str, info: dict[str, Any]) -> None:
        """Remember the connection's socket, the one thing by which a drip can be ended."""
        # TLS takes the socket over into one of its own.
        if event in {"connection.connect_tcp.complete", "connection.start_tls.complete"}:
            stream = info.get("return_value")
            self._socket = stream.get_extra_info("socket") if stream is not None else None

    def cut(self) -> None:
        """End what goes on now; the thread in it finds its connection closed."""
        self.was_cut = True
        if self._socket is not None:
            # As a plain socket, so that the TLS state in use by the other thread stays whole.
            with contextlib.suppress(OSError):
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the connection."""
        with contextlib.suppress(Exception):
            self.http.close()


def _open(
    url: httpx.URL, timeouts: Timeouts, transport: httpx.BaseTransport | None
) -> httpx.Client:
    return httpx.Client(
        **client_options(str(url), direct=transport is not None),
        transport=transport,
        headers={
            "User-Agent": "sla-console",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
        },
        timeout=httpx.Timeout(timeouts.read, connect=timeouts.connect),
        limits=httpx.Limits(max_connections=1, max_keepalive_connections=1),
    )


def _failed(error: Exception) -> SendResult:
    if isinstance(error, httpx.ReadTimeout):
        return _unknown("did not answer in time")
    if isinstance(error, httpx.ReadError | httpx.RemoteProtocolError):
        return _unknown("broke off the connection before it answered")
    if isinstance(error, httpx.HTTPError):
        words = f"the channel cannot be reached: {reason(error)}"
        no_line = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.ProxyError)
        return SendResult(False, error=words, unreached=no_line)
    return SendResult(False, error=f"the channel failed ({type(error).__name__})")


def reason(error: BaseException) -> str:
    """Return why a connection failed, in plain words and without the address."""
    cause: BaseException | None = error
    while cause is not None:
        for kinds, words in _CAUSES:
            if isinstance(cause, kinds):
                return words
        cause = cause.__cause__ or cause.__context__
    return "the network failed"


def _read(response: httpx.Response) -> bytes:
    """Read the beginning of the body; the rest of a longer one is left with its connection."""
    try:
        body = BoundedBody(response.headers.get("Content-Encoding", ""), MAX_REPLY)
        for piece in response.iter_raw():
            body.add(piece)
            if body.full:
                break
    except (UnknownPacking, CannotUnpack):
        return b""
    return body.content


def _unknown(words: str) -> SendResult:
    return SendResult(False, error=f"the channel {words}; it may have arrived", unknown=True)


_LATE: Final = _unknown("did not finish its answer in time")
