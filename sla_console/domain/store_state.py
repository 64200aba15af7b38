"""How the store is, as whoever looks after it sees it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StoreState:
    """The condition of the store at one moment."""

    trouble: str | None = None
    """Sentence about the trouble with it; None: there is none."""
    in_memory: bool = False
    """Whether it goes on in memory, because the file cannot be used."""
    setback: str | None = None
    """Sentence about a loss found within the last day; None: there was none."""
