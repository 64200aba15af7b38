"""What a benchmark aimed at, and its exit code, so that a script notices what was missed."""

import sys
from collections.abc import Mapping


def settle(aims: Mapping[str, bool]) -> None:
    """End the program: with 0 if every aim was met, else with 1 and a line for each that was not."""
    missed = [aim for aim, met in aims.items() if not met]
    for aim in missed:
        print(f"MISSED: {aim}")
    sys.exit(1 if missed else 0)
