"""``status --watch``: plain lines, only what changes, in a real process over a real simulator."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from sla_console.cli.watch import Speaker
from sla_console.service.changes import BoardChange

pytestmark = pytest.mark.slow

PROGRAM = [sys.executable, "-c", "import sys; from sla_console.cli import main; sys.exit(main())"]


@pytest.fixture
def url(environ) -> Iterator[str]:
    """A simulator that runs by itself."""
    process = subprocess.Popen(
        [*PROGRAM, "simulator", "--port", "0", "--tickets", "30"],
        env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    first = process.stdout.readline()
    yield first.rsplit(" ", 1)[1].strip()
    process.terminate()
    process.communicate(timeout=10)


@pytest.fixture
def watching(environ, url, tmp_path: Path):
    """Starts a watch; ends it when the test does."""
    started: list[subprocess.Popen[str]] = []

    def start(*words: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [*PROGRAM, "--data-dir", str(tmp_path / "data"), "status", "--watch", *words],
            env=environ | {
                "SLA_CONSOLE_SUPEROPS__URL": url, "SLA_CONSOLE_SUPEROPS__SUBDOMAIN": "demo",
                "SLA_CONSOLE_TOKEN": "demo-token",
            },
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        started.append(process)
        return process

    yield start
    for process in started:
        with process:  # closes its pipes
            process.kill()


def test_it_says_how_it_stands_and_ends_well_when_told_to(watching):
    process = watching()
    day, counts = process.stdout.readline(), process.stdout.readline()
    assert "times in " in day
    assert "30 open, " in counts
    assert "\x1b" not in day + counts
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 0
    assert errors == ""


def test_as_json_it_is_one_object_a_line(watching):
    process = watching("--json")
    first = json.loads(process.stdout.readline())
    assert first["kind"] == "counts"
    assert first["at"].endswith("+00:00")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode == 0


def test_when_nobody_reads_any_more_it_ends_silently(watching):
    process = watching()
    process.stdout.readline()
    process.stdout.close()
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=20)
    assert process.returncode == 0
    assert process.stderr.read() == ""


def test_lines_of_the_hour_that_comes_twice_are_told_apart(capsys) -> None:
    """Berlin puts 03:00 back to 02:00 at 01:00 UTC; the heading is said again in winter time."""
    speaker = Speaker(ZoneInfo("Europe/Berlin"), as_json=False)
    for hour in (0, 1):
        speaker([BoardChange("new", "T-1 is new")], datetime(2026, 10, 25, hour, 30, tzinfo=UTC))
    assert capsys.readouterr().out.splitlines() == [
        "Sunday 25 October 2026, times in CEST",
        "02:30+02:00 T-1 is new",
        "Sunday 25 October 2026, times in CET",
        "02:30+01:00 T-1 is new",
    ]
