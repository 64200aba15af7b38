"""Key to paint with 10,000 tickets while the engine syncs, against a ListView with 100 rows.

Timed from outside, in a pty of 200x50: from the byte of the key to the first byte of its paint.
Aim: 99th percentile under three times the ListView's.
"""

import itertools
import sys
from pathlib import Path

from desk import CONSOLE, configured, simulated_desk
from terminal import Terminal, percentile

PRESSES = 300
ROWS = [sys.executable, str(Path(__file__).with_name("list_app.py"))]
ROW = "● BREACHED".encode()
DOWN, UP = b"\x1b[B", b"\x1b[A"


def presses(terminal: Terminal) -> list[float]:
    keys = itertools.islice(itertools.cycle([DOWN] * 20 + [UP] * 20), PRESSES)
    return [terminal.key_to_paint(key) for key in keys]


def main() -> None:
    with Terminal(ROWS) as terminal:
        terminal.until(lambda seen: b"row number 40" in seen)
        rows = presses(terminal)
    busy = "[sync]\nopen_seconds = 10\nhot_seconds = 5"
    with (
        simulated_desk(10_000) as url,
        configured(url, busy) as environ,
        Terminal([CONSOLE], **environ) as terminal,
    ):
        terminal.until(lambda seen: ROW in seen, 120)
        board = presses(terminal)
    for name, values in (("ListView, 100 rows", rows), ("board, 10,000 tickets, syncing", board)):
        print(
            f"{name}: p50 {percentile(values, 0.5) * 1000:.1f} ms, "
            f"p99 {percentile(values, 0.99) * 1000:.1f} ms"
        )
    ratio = percentile(board, 0.99) / percentile(rows, 0.99)
    print(f"ratio of the 99th percentiles: {ratio:.2f} (aim: under 3)")


if __name__ == "__main__":
    main()
