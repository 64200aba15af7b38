"""True terminal runs: the installed command in a pseudo terminal, read by a terminal emulator."""

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyte
import pytest

CONSOLE = str(Path(sys.executable).with_name("sla-console"))


class Session:
    """One run of the console at one terminal."""

    def __init__(
        self, arguments: list[str], columns: int, rows: int, environ: dict[str, str]
    ) -> None:
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)
        self.raw = bytearray()
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            os.execve(CONSOLE, [CONSOLE, *arguments], environ)
        self.resize(columns, rows)
        self.exit_code: int | None = None

    def resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.screen.resize(rows, columns)

    def pump(self, seconds: float) -> None:
        """Read what arrives within so many seconds."""
        ready, _, _ = select.select([self.master], [], [], seconds)
        if not ready:
            return
        try:
            chunk = os.read(self.master, 1 << 16)
        except OSError:
            return
        self.raw += chunk
        # pyte knows no private sequences beyond the usual ones; it skips what it cannot read.
        self.stream.feed(chunk)

    @property
    def text(self) -> str:
        return "\n".join(self.screen.display)

    def press(self, keys: str) -> None:
        os.write(self.master, keys.encode())

    def wait_for(self, seen: str | Callable[[str], bool], seconds: float = 20) -> str:
        """Return the screen once it shows what is awaited."""
        shows = (lambda text: seen in text) if isinstance(seen, str) else seen
        deadline = time.monotonic() + seconds
        while not shows(self.text):
            assert time.monotonic() < deadline, f"{seen!r} never appeared:\n{self.text}"
            self.pump(0.1)
        return self.text

    def signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def wait_for_end(self, seconds: float = 10) -> int:
        """Return the exit code; a signal's is negative."""
        deadline = time.monotonic() + seconds
        while self.exit_code is None:
            assert time.monotonic() < deadline, f"it did not end:\n{self.text}"
            self.pump(0.05)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.exit_code = os.waitstatus_to_exitcode(status)
        return self.exit_code

    def close(self) -> None:
        if self.exit_code is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.master)


Start = Callable[..., Session]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start the console; everything it writes stays under the test's own folder."""
    sessions: list[Session] = []

    def begin(*arguments: str, columns: int = 100, rows: int = 30, **environ: str) -> Session:
        clean = {
            name: value for name, value in os.environ.items() if not name.startswith("SLA_CONSOLE")
        }
        home = {
            "HOME": str(tmp_path),
            "XDG_CONFIG_HOME": str(tmp_path / "config"),
            "XDG_DATA_HOME": str(tmp_path / "data"),
            "XDG_STATE_HOME": str(tmp_path / "state"),
            "XDG_CACHE_HOME": str(tmp_path / "cache"),
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
        }
        session = Session(list(arguments), columns, rows, {**clean, **home, **environ})
        sessions.append(session)
        return session

    yield begin
    for session in sessions:
        session.close()
