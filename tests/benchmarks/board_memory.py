"""Memory after 1,500 boards of 1,000 tickets, each with a tick: aim, flat.

Prints what the process has in memory after each 250 boards; the last third is held against the
second.
"""

import asyncio
import gc
import os
from pathlib import Path

from board_app import Now, StillLink, board

from sla_console.ui.app import ConsoleApp
from sla_console.ui.session.options import UIOptions

BOARDS = 1_500
EVERY = 250


def resident() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1_048_576


async def main() -> None:
    link = StillLink(board())
    app = ConsoleApp(link, Now(), "benchmark", UIOptions(title="benchmark"))
    found = []
    async with app.run_test(size=(200, 50)) as pilot:
        for number in range(1, BOARDS + 1):
            link.board = board(version=number + 1)
            app._take()
            app.tick()
            if number % 10 == 0:
                await pilot.pause()
            if number % EVERY == 0:
                gc.collect()
                found.append(resident())
                print(f"{number:>5} boards: {found[-1]:.1f} MiB", flush=True)
    third = len(found) // 3
    ratio = max(found[-third:]) / max(found[third:-third])
    print(f"last third against the second: {ratio:.3f} (aim: at most 1.05)")


if __name__ == "__main__":
    asyncio.run(main())
