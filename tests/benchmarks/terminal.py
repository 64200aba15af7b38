"""A program in a pseudo terminal, timed from outside: what a person at the keyboard sees."""

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Sequence
from typing import Self


class Terminal:
    """Runs a command in a pty of the given size and keeps every byte with its moment."""

    def __init__(
        self, command: Sequence[str], columns: int = 200, rows: int = 50, **environ: str
    ) -> None:
        self.started = time.perf_counter()
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            env = os.environ | {"TERM": "xterm-256color", "LANG": "C.UTF-8"} | environ
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            os.execvpe(command[0], list(command), env)
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.output = bytearray()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            os.kill(self.pid, signal.SIGTERM)
            deadline = time.perf_counter() + 5
            while time.perf_counter() < deadline:
                if os.waitpid(self.pid, os.WNOHANG)[0]:
                    return
                self.read(0.05)
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        except (ProcessLookupError, ChildProcessError):
            pass
        finally:
            os.close(self.master)

    def read(self, seconds: float) -> bytes:
        """Return what arrives within so many seconds; at once when something does."""
        ready, _, _ = select.select([self.master], [], [], seconds)
        if not ready:
            return b""
        try:
            chunk = os.read(self.master, 1 << 20)
        except OSError:
            return b""
        self.output += chunk
        return chunk

    def until(self, seen: Callable[[bytes], bool], seconds: float = 30) -> float:
        """Return the seconds since the start at which the output first satisfies ``seen``."""
        deadline = time.perf_counter() + seconds
        while not seen(bytes(self.output)):
            if time.perf_counter() > deadline:
                raise TimeoutError(f"not seen; the last output was {bytes(self.output[-400:])!r}")
            self.read(0.05)
        return time.perf_counter() - self.started

    def collect(self, seconds: float) -> int:
        """Read on for so many seconds and return how many bytes arrived."""
        before = len(self.output)
        deadline = time.perf_counter() + seconds
        while (left := deadline - time.perf_counter()) > 0:
            self.read(left)
        return len(self.output) - before

    def key_to_paint(self, key: bytes, quiet: float = 0.03) -> float:
        """Press a key and return the seconds until the first byte of its paint."""
        while self.read(quiet):
            pass
        pressed = time.perf_counter()
        os.write(self.master, key)
        while not self.read(0.5):
            if time.perf_counter() - pressed > 5:
                raise TimeoutError(f"no answer to {key!r}")
        return time.perf_counter() - pressed


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which ``share`` of the values lie (nearest rank)."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))]
