"""Named points at which a test lets a fault happen; in production nothing does.

A point stands where a real fault can strike: before and after a commit, between two requests, around
a send. Passing one costs a call that returns at once.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Plan = Callable[[str], None]
"""Is called with the name of each point that is passed; what it raises is the fault."""


def _nothing(_: str) -> None:
    """Let everything pass."""


hit: Plan = _nothing
"""Passes a point by its name, such as ``store.commit.before``."""


@contextmanager
def planned(plan: Plan) -> Iterator[None]:
    """Let a plan decide at each point within the block."""
    global hit  # noqa: PLW0603 - one plan for a process is all that a test needs
    before, hit = hit, plan
    try:
        yield
    finally:
        hit = before
