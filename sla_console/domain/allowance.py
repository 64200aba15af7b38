"""The misses that a client's month still allows before its contractual percentage is lost.

An error budget: of all promises that fall due in a month, a share may be missed. Compliance is
met / (met + missed); what is still open counts as kept until it is missed, so the figure says what
may still go wrong if all else goes right.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction

from sla_console.domain.names import folded
from sla_console.domain.settling import Span, verdict_of
from sla_console.domain.sla_clock import JudgedTicket
from sla_console.domain.times import Times, promised_seconds, times_of


@dataclass(frozen=True, slots=True)
class Contracts:
    """The share of promises that must be kept in a month, 0 to 1."""

    usual: Fraction | None = None
    """Where a client has none of its own; None: nothing is agreed."""
    by_client: Mapping[str, Fraction] = field(default_factory=dict)
    """By the client's name in lower case."""

    def of(self, client: str) -> Fraction | None:
        """Return what is agreed with a client."""
        return self.by_client.get(folded(client), self.usual)


@dataclass(frozen=True, slots=True)
class Month:
    """The promises that fall due in one month."""

    met: int = 0
    missed: int = 0
    open: int = 0
    """Without a verdict yet."""

    @property
    def judged(self) -> int:
        """Promises with a verdict."""
        return self.met + self.missed

    @property
    def compliance(self) -> float | None:
        """Percent of the judged ones that were kept; None where none was judged."""
        return 100.0 * self.met / self.judged if self.judged else None

    def affordable(self, share: Fraction) -> int:
        """Return how many more may be missed, if all others are kept; below zero: lost by as many.

        Args:
            share: What must be kept, 0 to 1; exact, so that 95 % of 20 allows exactly one.
        """
        total = self.met + self.missed + self.open
        return total - _least_kept(total, share) - self.missed


def _least_kept(total: int, share: Fraction) -> int:
    """Return how many of ``total`` must be kept at least."""
    return -((-total * share.numerator) // share.denominator)


@dataclass(frozen=True, slots=True)
class ClientMonth:
    """How a client's month stands."""

    client: str
    month: Month
    share: Fraction | None
    """What is agreed; None: nothing is."""
    response: Times
    """Promised time to the first response, of those answered in the month."""

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
    tickets: Iterable[JudgedTicket], span: Span, contracts: Contracts, now: datetime
) -> list[ClientMonth]:
    """Return how each client's month stands, the worst first.

    A promise belongs to the month in which it falls due.

    Args:
        tickets: All that are open, or ended since the month began or could fall due in it.
        span: The month.
        contracts: What is agreed.
        now: The moment.
    """
    counts: dict[str, list[int]] = {}
    answered: dict[str, list[float]] = {}
    for judged in tickets:
        client = judged.ticket.client or "none"
        count = counts.setdefault(client, [0, 0, 0])
        for clock in judged.clocks:
            if clock.due is None or clock.due not in span:
                continue
            kept = verdict_of(clock, now)
            count[2 if kept is None else 0 if kept else 1] += 1
        response = judged.response
        if response.stopped_at is not None and response.stopped_at in span:
            answered.setdefault(client, []).append(promised_seconds(response))
    found = [
        ClientMonth(client, Month(*count), contracts.of(client), times_of(answered.get(client, ())))
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


def weekly(tickets: Iterable[JudgedTicket], now: datetime, weeks: int) -> list[float | None]:
    """Return the compliance of each of the last weeks in percent, oldest first; None: none judged.

    A promise belongs to the week in which it falls due; weeks end now.
    """
    met, judged = [0] * weeks, [0] * weeks
    for one in tickets:
        for clock in one.clocks:
            if clock.due is None or clock.due > now:
                continue
            week = (now - clock.due) // timedelta(days=7)
            kept = verdict_of(clock, now)
            if week < weeks and kept is not None:
                judged[-1 - week] += 1
                met[-1 - week] += kept
    return [100.0 * m / n if n else None for m, n in zip(met, judged, strict=True)]
