"""First painted screen from a cache of 10,000 tickets, against an empty Textual app.

Aim: at most three times. Run it with the project's Python: ``python tests/benchmarks/first_paint.py``.
"""

import contextlib
import sys
from pathlib import Path
from statistics import median

from desk import CONSOLE, configured, simulated_desk, sync_once
from terminal import Terminal

ROUNDS = 7
ROW = "● BREACHED".encode()
EMPTY = [sys.executable, str(Path(__file__).with_name("empty_app.py"))]


def main() -> None:
    with contextlib.ExitStack() as stack:
        with simulated_desk(10_000) as url:
            environ = stack.enter_context(configured(url))
            sync_once(environ)
        # The desk is gone now: whatever is painted comes from the cache.
        measure(environ)


def measure(environ: dict[str, str]) -> None:
    empty, console = [], []
    for _ in range(ROUNDS):
        with Terminal(EMPTY) as terminal:
            empty.append(terminal.until(lambda seen: b"first paint" in seen))
        with Terminal([CONSOLE], **environ) as terminal:
            console.append(terminal.until(lambda seen: ROW in seen))
    print(
        f"first paint from cache, 10,000 tickets: {median(console) * 1000:.0f} ms; "
        f"empty Textual app: {median(empty) * 1000:.0f} ms; "
        f"ratio {median(console) / median(empty):.2f} (aim: at most 3)"
    )


if __name__ == "__main__":
    main()
