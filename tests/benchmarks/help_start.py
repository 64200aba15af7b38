"""``sla-console --help`` against ``python -c pass``, whole processes. Aim: at most three times."""

import subprocess
import sys
import time
from statistics import median

from desk import CONSOLE

ROUNDS = 25


def seconds(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def main() -> None:
    bare, shown = [], []
    for _ in range(ROUNDS):
        bare.append(seconds([sys.executable, "-c", "pass"]))
        shown.append(seconds([CONSOLE, "--help"]))
    print(
        f"sla-console --help: {median(shown) * 1000:.1f} ms; "
        f"python -c pass: {median(bare) * 1000:.1f} ms; "
        f"ratio {median(shown) / median(bare):.2f} (aim: at most 3)"
    )


if __name__ == "__main__":
    main()
