"""Where Apprise meets the network: every request of its services passes here.

Its services ask with ``requests``, read whole answers into the memory whatever they unpack to, and
tell neither status nor words of an answer. So ``requests`` gets an adapter that goes through the
proxy that all clients of the console use, reads the beginning of an answer alone, and notes it.
"""

import contextlib
import threading
from collections.abc import Iterator, Mapping
from typing import Any, Final

import requests
import requests.sessions
import urllib3
from requests.adapters import HTTPAdapter

from sla_console.alerting.channels.buttons import Rewrite
from sla_console.alerting.channels.clock import machine_time
from sla_console.alerting.channels.replies import Heard
from sla_console.http.bodies import BoundedBody, CannotUnpack, UnknownPacking
from sla_console.http.proxies import proxy_for
from sla_console.http.waits import retry_after

MAX_REPLY: Final = 65_536
"""Bytes of an answer that are looked at."""
_PIECE: Final = 8_192


class _Ear(threading.local):
    heard: list[Heard] | None = None
    rewrite: Rewrite | None = None
    rehearsing = False


_EAR: Final = _Ear()


@contextlib.contextmanager
def listening(rewrite: Rewrite | None = None) -> Iterator[list[Heard]]:
    """Give a list that fills with what becomes of the requests of this thread meanwhile.

    Args:
        rewrite: Changes the body of each request; None: nothing does.
    """
    heard: list[Heard] = []
    _EAR.heard, _EAR.rewrite = heard, rewrite
    try:
        yield heard
    finally:
        _EAR.heard = _EAR.rewrite = None


@contextlib.contextmanager
def rehearsing() -> Iterator[list[Heard]]:
    """Give such a list while no request of this thread goes out: each fails before the network."""
    with listening() as heard:
        _EAR.rehearsing = True
        try:
            yield heard
        finally:
            _EAR.rehearsing = False


def listen() -> None:
    """Have every request of ``requests`` pass here; Apprise alone uses it in this process."""
    # Each of its services calls ``requests.post``, which makes a session of its own: there is no
    # object to hand an adapter to.
    setattr(requests.sessions, "HTTPAdapter", BoundedAdapter)  # noqa: B010 - mypy sees a class


class BoundedAdapter(HTTPAdapter):
    """Sends one request and reads the beginning of its answer."""

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: ARG002
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,  # noqa: ARG002 - read by rules of its own
    ) -> requests.Response:
        """Send one request."""
        if _EAR.rehearsing:
            _note(Heard(failure="rehearsal"))
            raise requests.exceptions.ConnectionError("rehearsal")
        request.headers["Accept-Encoding"] = "identity"
        _rewrite(request)
        proxy = proxy_for(request.url or "")
        try:
            answer = super().send(
                request,
                stream=True,
                timeout=timeout,
                verify=verify,
                cert=cert,
                proxies={"all": proxy} if proxy else {},
            )
            body = _read(answer)
        except requests.RequestException as error:
            _note(Heard(failure=str(error)))
            raise
        wait = retry_after(answer.headers.get("Retry-After"), machine_time())
        _note(Heard(answer.status_code, body, wait))
        return answer


def _rewrite(request: requests.PreparedRequest) -> None:
    body = request.body
    if _EAR.rewrite is None or body is None:
        return
    told = body.encode() if isinstance(body, str) else body
    if isinstance(told, bytes):
        request.body = _EAR.rewrite(request.headers, told)
        request.headers["Content-Length"] = str(len(request.body))


def _note(heard: Heard) -> None:
    if _EAR.heard is not None:
        _EAR.heard.append(heard)


def _read(answer: requests.Response) -> bytes:
    """Read the beginning of an answer, and let that be all of it.

    Raises:
        RequestException: if the connection breaks meanwhile.
    """
    known: Any = answer
    if answer.raw is None:
        return bytes(answer.content or b"")
    try:
        body = BoundedBody(answer.headers.get("Content-Encoding", ""), MAX_REPLY)
        for piece in answer.raw.stream(_PIECE, decode_content=False):
            body.add(piece)
            if body.full:
                break
        content = body.content
    except (UnknownPacking, CannotUnpack):
        content = b""
    except urllib3.exceptions.ProtocolError as error:
        raise requests.exceptions.ChunkedEncodingError(error) from error
    except urllib3.exceptions.HTTPError as error:
        raise requests.exceptions.ConnectionError(error) from error
    finally:
        answer.raw.close()
    known._content, known._content_consumed = content, True  # noqa: SLF001 - its only door
    return content
