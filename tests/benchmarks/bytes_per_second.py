"""Bytes to the terminal while every visible countdown ticks, 200x50, against stock DataTable.

Both show the same number of rows whose countdowns change each second. Aim: a tenth or less.
"""

import sys
from pathlib import Path

from terminal import Terminal

SECONDS = 20
HERE = Path(__file__).parent


def rate(program: str, sign: bytes) -> float:
    with Terminal([sys.executable, str(HERE / program)]) as terminal:
        terminal.until(lambda seen: sign in seen)
        terminal.collect(3)
        return terminal.collect(SECONDS) / SECONDS


def main() -> None:
    stock = rate("table_app.py", b"Subject")
    board = rate("board_app.py", b"Ticking")
    print(
        f"board: {board:.0f} B/s; stock DataTable: {stock:.0f} B/s; "
        f"ratio {board / stock:.3f} (aim: at most 0.1)"
    )


if __name__ == "__main__":
    main()
