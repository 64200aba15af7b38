"""The command line as people start it: a process of its own, in a home of its own."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

CONSOLE = str(Path(sys.executable).with_name("sla-console"))
Started = subprocess.CompletedProcess[str]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    path = tmp_path / "home"
    path.mkdir()
    return path


@pytest.fixture
def environ(home: Path) -> dict[str, str]:
    """This environment without anything of the console's, at home in ``home``."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SLA_CONSOLE_", "XDG_"))
    }
    return kept | {"HOME": str(home), "COLUMNS": "100", "TZ": "Europe/Dublin"}


class ForkServer:
    """Runs ``sla-console`` to its end, not at a terminal, without importing it anew each time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[str] | None = None

    def run(self, words: Sequence[str], environ: Mapping[str, str]) -> Started:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name("fork_server.py"))],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
        process, out, err = self._process, self._folder / "out", self._folder / "err"
        request = {
            "words": words, "environ": dict(environ), "cwd": str(Path.cwd()),
            "out": str(out), "err": str(err),
        }  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        print(json.dumps(request), file=process.stdin, flush=True)
        code = int(process.stdout.readline())
        return Started([*words], code, out.read_text("utf-8"), err.read_text("utf-8"))

    def close(self) -> None:
        if self._process is not None:
            with self._process as process:
                assert process.stdin is not None
                process.stdin.close()


@pytest.fixture(scope="session")
def fork_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForkServer]:
    server = ForkServer(tmp_path_factory.mktemp("forks"))
    yield server
    server.close()


@pytest.fixture(scope="session")
def run_at(fork_server: ForkServer) -> Callable[..., Started]:
    """Runs ``sla-console`` with the configuration of a home, in that home."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("SLA_CONSOLE_", "XDG_"))}

    def run(home: Path, *words: str, **variables: str) -> Started:
        environ = kept | {"HOME": str(home), "COLUMNS": "120"} | variables
        return fork_server.run(["--config", str(home / "config.toml"), *words], environ)

    return run


@pytest.fixture
def start(environ: dict[str, str], fork_server: ForkServer) -> Callable[..., Started]:
    """Runs ``sla-console`` to its end, not at a terminal."""

    def run(*words: str, **variables: str) -> Started:
        return fork_server.run(words, environ | variables)

    return run


@pytest.fixture
def refusal(start: Callable[..., Started]) -> Callable[..., str]:
    """Returns the one sentence on standard error of a command line that ends with 2."""

    def refuse(*words: str, **variables: str) -> str:
        done = start(*words, **variables)
        assert done.returncode == 2
        assert done.stdout == ""
        assert done.stderr.startswith("sla-console: ")
        assert done.stderr.count("\n") == 1
        assert "Traceback" not in done.stderr
        return done.stderr.strip()

    return refuse


@pytest.fixture(scope="module")
def simulate() -> Iterator[Callable[[int], str]]:
    """Runs simulators of so many open tickets as processes of their own; returns an address."""
    with ExitStack() as stack:

        def start(tickets: int) -> str:
            words = ["simulator", "--port", "0", "--tickets", str(tickets), "--seed", "5"]
            process = subprocess.Popen([CONSOLE, *words], stdout=subprocess.PIPE, text=True)
            stack.callback(end, process)
            assert process.stdout is not None
            found = re.search(r"http://\S+", process.stdout.readline())
            assert found
            return found[0]

        def end(process: subprocess.Popen[str]) -> None:
            with process:
                process.terminate()
            assert process.returncode == 0

        yield start
