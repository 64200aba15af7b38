"""The forecast of a running target, and the number of targets that have one."""

from dataclasses import dataclass, field

from sla_console.domain.forecast.record import ForecastRecord


@dataclass(frozen=True, slots=True)
class Forecast:
    """A forecast of one running clock, learned from history."""

    probability: float | None
    """That it breaks, 0 to 1; None: not enough history."""
    like_it: int
    """Past targets like it whose outcome is certain."""
    broke: int
    """Number of these that broke."""
    words: str
    """The reason in one line."""


@dataclass(frozen=True, slots=True)
class ForecastCoverage:
    """Number of running clocks for which history can say how likely they are to break."""

    running: int = 0
    """Clocks that run."""
    previewed: int = 0
    """Those among them that history says a probability of."""
    record: ForecastRecord = field(default_factory=ForecastRecord)
    """How the forecast has done here."""
    notes: tuple[str, ...] = ()
    """Sentences on what it rests on, and what it cannot know."""

    @property
    def unknown(self) -> int:
        """Clocks whose end nothing is known about."""
        return self.running - self.previewed

    def nothing_likely(self) -> str:
        """Return what it means that no clock is likely to break, a sentence."""
        if not self.running:
            return "No clock runs, so none is about to break."
        if self.record.is_withdrawn:
            return self.record.words()
        if not self.previewed:
            clocks = "clock" if self.running == 1 else "clocks"
            return (
                f"Nothing can be foretold: too few tickets have ended to compare {self.running} "
                f"running {clocks} with."
            )
        if not self.unknown:
            return "No running promise is likely to break."
        return (
            f"No running promise is likely to break of the {self.previewed} that history can say "
            f"it of; of {self.unknown} too little is known."
        )
