"""Key to paint with 1,000, 10,000 and 100,000 tickets while the engine syncs, against stock DataTable.

Timed from outside, in a pty of 200x50: from the byte of the key to the first byte of its paint. The
DataTable has 1,000 rows, of which those in sight change each second. Aim: faster at 100,000 tickets
than the DataTable at 1,000, the 99th percentile under 16 ms on an idle machine. Sizes may be given
as arguments.
"""

import itertools
import sys
from pathlib import Path

from desk import CONSOLE, configured, simulated_desk
from terminal import Terminal, percentile

PRESSES = 300
STOCK = [sys.executable, str(Path(__file__).with_name("table_app.py")), "1000"]
ROW = "● BREACHED".encode()
DOWN, UP = b"\x1b[B", b"\x1b[A"


def presses(terminal: Terminal) -> list[float]:
    keys = itertools.islice(itertools.cycle([DOWN] * 20 + [UP] * 20), PRESSES)
    return [terminal.key_to_paint(key) for key in keys]


def stock() -> list[float]:
    with Terminal(STOCK) as terminal:
        terminal.until(lambda seen: b"Subject 40" in seen)
        return presses(terminal)


def board(tickets: int) -> list[float]:
    busy = "[sync]\nopen_seconds = 10\nhot_seconds = 5"
    with (
        simulated_desk(tickets) as url,
        configured(url, busy) as environ,
        Terminal([CONSOLE], **environ) as terminal,
    ):
        terminal.until(lambda seen: ROW in seen, 300)
        return presses(terminal)


def main() -> None:
    sizes = [int(word) for word in sys.argv[1:]] or [1_000, 10_000, 100_000]
    found = {"stock DataTable, 1,000 rows": stock()}
    for size in sizes:
        found[f"board, {size:,} tickets, syncing"] = board(size)
    first = next(iter(found.values()))
    for name, values in found.items():
        p50, p99 = (percentile(values, share) * 1000 for share in (0.5, 0.99))
        ratio = p50 / (percentile(first, 0.5) * 1000)
        print(f"{name}: p50 {p50:.1f} ms, p99 {p99:.1f} ms, p50 ratio {ratio:.2f}", flush=True)
    print("aim: ratio under 1 at every size, p99 under 16 ms on an idle machine")


if __name__ == "__main__":
    main()
