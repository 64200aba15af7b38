"""The command line as people start it: a process of its own, in a home of its own."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
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


@pytest.fixture
def start(environ: dict[str, str]) -> Callable[..., Started]:
    """Runs ``sla-console`` to its end, not at a terminal."""

    def run(*words: str, **variables: str) -> Started:
        return subprocess.run(
            [
                sys.executable,
                "-c",
                "import sys; from sla_console.cli import main; sys.exit(main())",
                *words,
            ],
            check=False,
            env=environ | variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )

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
