"""A simulated service desk and a console's configuration for it, as a user would set them up."""

import contextlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

CONSOLE = str(Path(sys.executable).with_name("sla-console"))


@contextlib.contextmanager
def simulated_desk(tickets: int, seed: int = 1, limit: int = 100_000) -> Iterator[str]:
    """Run the simulator as a process of its own; give its address."""
    process = subprocess.Popen(
        [
            CONSOLE,
            "simulator",
            "--port",
            "0",
            "--tickets",
            str(tickets),
            "--seed",
            str(seed),
            "--requests-per-minute",
            str(limit),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        found = re.search(r"http://\S+", line)
        if not found:
            raise RuntimeError(f"the simulator did not start: {line!r}")
        yield found[0]
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


@contextlib.contextmanager
def configured(url: str, extra: str = "") -> Iterator[dict[str, str]]:
    """Give the environment of a console that watches the desk at ``url``, with its own store."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.toml"
        config.write_text(
            f'[superops]\nurl = "{url}"\nsubdomain = "demo"\nrequests_per_minute = 800\n{extra}\n'
        )
        config.chmod(0o600)
        yield {
            **os.environ,
            "SLA_CONSOLE_CONFIG": str(config),
            "SLA_CONSOLE_DATA_DIR": str(Path(folder) / "data"),
            "SLA_CONSOLE_TOKEN": "demo-token",
        }


def sync_once(environ: dict[str, str]) -> None:
    """Fill the console's cache from the desk."""
    subprocess.run(
        [CONSOLE, "status", "--json", "--sync"], env=environ, check=True, stdout=subprocess.DEVNULL
    )
