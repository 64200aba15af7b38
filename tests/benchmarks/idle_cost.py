"""What an open console costs: bytes a second to a 200x50 terminal, and its share of a core.

Idle: every countdown is above an hour, so it changes once a minute. Ticking: all in sight change
each second. Beside it a stock DataTable of which those in sight change, and htop at its default,
where there is one. Aims: under 1 KiB/s and under 1 % of a core idle; ticking, less than htop.
"""

import os
import shutil
import sys
from pathlib import Path

from terminal import Terminal

SECONDS = 20
HERE = Path(__file__).parent
TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def cost(command: list[str], sign: bytes) -> tuple[float, float]:
    """Return bytes a second and percent of a core."""
    with Terminal(command) as terminal:
        terminal.until(lambda seen: sign in seen)
        terminal.collect(5)
        before = cpu_seconds(terminal.pid)
        rate = terminal.collect(SECONDS) / SECONDS
        return rate, 100 * (cpu_seconds(terminal.pid) - before) / SECONDS


def main() -> None:
    board = [sys.executable, str(HERE / "board_app.py")]
    programs = {
        "board, idle": ([*board, "idle"], b"Ticking"),
        "board, every countdown ticking": (board, b"Ticking"),
        "stock DataTable, ticking": ([sys.executable, str(HERE / "table_app.py")], b"Subject"),
    }
    htop = shutil.which("htop")
    if htop is None:
        print("htop: not installed, so there is nothing to compare with")
    else:
        programs["htop"] = ([htop], b"PID")
    for name, (command, sign) in programs.items():
        rate, share = cost(command, sign)
        print(f"{name}: {rate:.0f} B/s, {share:.1f} % of a core", flush=True)


if __name__ == "__main__":
    main()
