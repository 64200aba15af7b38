"""Commands against a SuperOps that wants to be left alone, or leaves most of the desk out."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


class _Limited(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.send_response(429)
        self.send_header("Retry-After", "999999999")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def limited() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Limited)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/msp"
    server.shutdown()
    thread.join()
    server.server_close()


def configure(home: Path, url: str) -> None:
    path = home / ".config" / "sla-console" / "config.toml"
    path.parent.mkdir(parents=True)
    path.write_text(f'[superops]\nurl = "{url}"\nsubdomain = "demo"\n')


def test_a_wait_of_thirty_years_is_not_waited_for(start, home, limited) -> None:
    """Retry-After: 999999999. ``status --sync`` says so and ends with 1 within seconds."""
    configure(home, limited)
    begun = time.monotonic()
    done = start("status", "--sync", SLA_CONSOLE_TOKEN="demo-token")
    assert done.returncode == 1
    assert time.monotonic() - begun < 30
    assert "that is not waited for. Try again after" in done.stdout + done.stderr


def test_a_drop_can_be_confirmed_where_a_console_has_run(start, home, simulate) -> None:
    configure(home, simulate(20))
    token = {"SLA_CONSOLE_TOKEN": "demo-token"}
    early = start("status", "--accept-drop", **token)
    assert early.returncode == 1
    assert early.stderr == "No console has run here yet, so there is nothing to confirm.\n"
    assert start("status", "--sync", **token).returncode == 0
    done = start("status", "--accept-drop", **token)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("20 open")
