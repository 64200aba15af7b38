"""Settings about what is agreed with clients."""

from fractions import Fraction
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from sla_console.config.base import Name, SettingsGroup
from sla_console.config.promises import repeated
from sla_console.domain.figures.clients import Contracts
from sla_console.domain.names import folded


def _percent(value: Any) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 100:
        return float(value)
    raise PydanticCustomError("percent", "a percentage above 0 and up to 100, such as 95 or 99.5")


Percent = Annotated[float, BeforeValidator(_percent)]
"""A share of promises that must be kept."""


class ClientContract(SettingsGroup):
    """What is agreed with one client."""

    client: Name
    """Name of the client."""
    target_percent: Percent
    """Percent of the promises due in a month that must be kept."""


class ContractSettings(SettingsGroup):
    """Percentages of promises that must be kept in a month."""

    target_percent: Percent | None = None
    """With every client that has none of its own; not written: nothing is agreed."""
    clients: list[ClientContract] = Field(default_factory=list)
    """Clients with a percentage of their own."""

    @model_validator(mode="after")
    def _each_once(self) -> "ContractSettings":
        twice = repeated([one.client for one in self.clients])
        if twice:
            raise ValueError(f"found the client {twice!r} more than once; remove one")
        return self

    def as_domain(self) -> Contracts:
        """Return what is agreed, exactly as it was written."""
        usual = self.target_percent
        return Contracts(
            None if usual is None else _share(usual),
            {folded(one.client): _share(one.target_percent) for one in self.clients},
        )


def _share(percent: float) -> Fraction:
    # By its decimal digits: 99.9 as a binary fraction is a little less.
    return Fraction(str(percent)) / 100
