"""How the store is, as whoever looks after it sees it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StoreState:
    """The condition of the store at one moment."""

    trouble: str | None = None
    """What is wrong with it, a sentence; None: nothing is."""
    in_memory: bool = False
    """Whether it goes on in memory, because the file cannot be used."""
    setback: str | None = None
    """What it has lost, found within the last day, a sentence; None: nothing."""
