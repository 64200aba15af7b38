"""Settings that rank the names a desk gives its priorities."""

from typing import Literal, Self

from pydantic import Field, model_validator

from sla_console.config.base import Name, SettingsGroup
from sla_console.domain.forecast.risk import RiskLevel
from sla_console.domain.names import folded
from sla_console.domain.tickets.priority import PriorityRanks


class PrioritySettings(SettingsGroup):
    """How urgent each priority is.

    A name that stands in no list is understood by its words, such as "P1 - Critical" or "Not
    urgent"; one that says nothing is taken as critical.
    """

    critical: list[Name] = Field(default_factory=list)
    """Priorities that call people at once, whatever the hour."""
    high: list[Name] = Field(default_factory=list)
    """Priorities that break through quiet hours too, below critical."""
    medium: list[Name] = Field(default_factory=list)
    """Priorities that wait for the client's hours where quiet hours are kept."""
    low: list[Name] = Field(default_factory=list)
    """The least urgent priorities."""
    without: Literal["CRITICAL", "HIGH", "MEDIUM", "LOW"] = "MEDIUM"
    """How urgent a ticket is that has no priority."""

    @model_validator(mode="after")
    def _rank_each_once(self) -> Self:
        seen: dict[str, str] = {}
        for level, names in self._lists().items():
            for name in names:
                where = seen.setdefault(folded(name), level)
                if where != level:
                    raise ValueError(
                        f"{name!r} stands under {where} and under {level}; leave it in one"
                    )
        return self

    def _lists(self) -> dict[str, list[str]]:
        return {
            "critical": self.critical, "high": self.high, "medium": self.medium, "low": self.low
        }  # fmt: skip

    def names(self) -> list[str]:
        """Return all names that are ranked here."""
        return [name for names in self._lists().values() for name in names]

    def as_domain(self) -> PriorityRanks:
        """Return the ranks these settings describe."""
        lists = {RiskLevel(level.upper()): names for level, names in self._lists().items()}
        return PriorityRanks(lists, RiskLevel(self.without))
