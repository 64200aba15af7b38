"""How each client's month stands, and the misses that it still allows.

An error budget: of all targets that fall due in a month, a share may be missed. What is still open
counts as kept until it is missed, so the figure says what may still go wrong if all else goes
right. What is in doubt counts neither way.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from sla_console.domain.figures.counting import DurationStats, compliance_of, times_of
from sla_console.domain.figures.names import NameBook
from sla_console.domain.figures.performance import known
from sla_console.domain.figures.record import Span, TargetRecord
from sla_console.domain.names import folded
from sla_console.domain.sla.breach import BreachType
from sla_console.domain.sla.verdict import Outcome


@dataclass(frozen=True, slots=True)
class Contracts:
    """The share of targets that must be met in a month, 0 to 1."""

    usual: Fraction | None = None
    """Where a client has none of its own; None: nothing is agreed."""
    by_client: Mapping[str, Fraction] = field(default_factory=dict)
    """Agreed shares, by the client's name as ``names.folded`` gives it."""

    def of(self, *names: str) -> Fraction | None:
        """Return what is agreed with a client: under the first of its names that has anything."""
        for name in names:
            found = self.by_client.get(folded(name))
            if found is not None:
                return found
        return self.usual


@dataclass(frozen=True, slots=True)
class Month:
    """The targets that fall due in one month."""

    met: int = 0
    missed: int = 0
    open: int = 0
    """Without a verdict yet."""
    in_doubt: int = 0

    @property
    def judged(self) -> int:
        """Targets with a verdict."""
        return self.met + self.missed

    @property
    def compliance(self) -> float | None:
        """Percent of the judged ones that were met; None where none was judged."""
        return compliance_of(self.met, self.missed)

    def affordable(self, share: Fraction) -> int:
        """Return how many more may be missed, if all others are met; below zero: lost by as many.

        Args:
            share: What must be met, 0 to 1; exact, so that 95 % of 20 allows exactly one.
        """
        total = self.met + self.missed + self.open
        return total - _least_met(total, share) - self.missed


def _least_met(total: int, share: Fraction) -> int:
    """Return how many of ``total`` must be met at least."""
    return -((-total * share.numerator) // share.denominator)


@dataclass(frozen=True, slots=True)
class ClientMonth:
    """How a client's month stands."""

    client: str
    month: Month
    share: Fraction | None
    """Agreed share; None: nothing is agreed."""
    response: DurationStats
    """Counted time to the first responses that were due in the month."""

    @property
    def affordable(self) -> int | None:
        """Misses that the month still allows; below zero: lost by as many; None: no contract."""
        return None if self.share is None else self.month.affordable(self.share)

    @property
    def words(self) -> str:
        """The same for people: ``3 more``, ``none left``, ``lost by 2``, ``no contract``."""
        left = self.affordable
        if left is None:
            return "no contract"
        if left < 0:
            return f"lost by {-left}"
        return f"{left} more" if left else "none left"


def client_months(
    records: Iterable[TargetRecord],
    span: Span,
    contracts: Contracts,
    names: NameBook | None = None,
) -> list[ClientMonth]:
    """Return how each client's month stands, the worst first.

    Args:
        records: The records.
        span: The month; a target belongs to it if it is due in it.
        contracts: What is agreed.
        names: All names of clients, since contracts may be written under an earlier one.
    """
    book = names or NameBook()
    counts: dict[str, dict[Outcome, int]] = {}
    answered: dict[str, list[float | None]] = {}
    for one in records:
        if one.due not in span:
            continue
        counts.setdefault(one.client, dict.fromkeys(Outcome, 0))[one.outcome] += 1
        if one.target is BreachType.RESPONSE and one.outcome is not Outcome.OPEN:
            answered.setdefault(one.client, []).append(one.taken)
    found = [
        ClientMonth(
            client,
            Month(
                count[Outcome.MET],
                count[Outcome.MISSED],
                count[Outcome.OPEN],
                count[Outcome.IN_DOUBT],
            ),
            contracts.of(*book.names_of(client)),
            times_of(known(answered.get(client, ()))),
        )
        for client, count in counts.items()
    ]
    return sorted(found, key=_worst_first)


def _worst_first(one: ClientMonth) -> tuple[bool, int, float, str]:
    left, compliance = one.affordable, one.month.compliance
    return (
        left is None,
        left or 0,
        101.0 if compliance is None else compliance,
        one.client.casefold(),
    )
