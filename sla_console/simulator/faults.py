"""Faults to order, so that tests and rehearsals can have a bad day at will."""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """What can go wrong with one request."""

    INTERNAL_ERROR = "internal_error"
    SERVER_ERROR = "server_error"
    BAD_GATEWAY = "bad_gateway"
    DROP = "drop"
    DELAY = "delay"
    HANG = "hang"
    DRIP = "drip"
    HUGE = "huge"
    GARBAGE = "garbage"
    RATE_LIMITED = "rate_limited"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    ROWS_MISSING = "rows_missing"
    WRITTEN_BUT_ERROR = "written_but_error"
    NO_ROWS = "no_rows"
    """A list says that it has no rows at all."""
    FIRST_ROW_MISSING = "first_row_missing"
    """A list leaves its first row out, and does not count it."""
    NULL_IDS = "null_ids"
    """The rows of a list have null for their ids."""
    SAME_IDS = "same_ids"
    """The rows of a list all have the id of the first."""


ALTERED = frozenset({Fault.NO_ROWS, Fault.FIRST_ROW_MISSING, Fault.NULL_IDS, Fault.SAME_IDS})
"""The faults that change what a list says."""

STILL_CARRIED_OUT = ALTERED | {Fault.DELAY, Fault.ROWS_MISSING, Fault.WRITTEN_BUT_ERROR}
"""The faults after which the request has been carried out all the same."""


@dataclass(slots=True)
class FaultOrder:
    """A fault that is wanted."""

    fault: Fault
    times: int
    operation: str
    seconds: float


class Faults:
    """Which faults are ordered, and how often each has fired."""

    def __init__(self) -> None:
        self._ordered: list[FaultOrder] = []
        self.fired: Counter[str] = Counter()

    def next(
        self, fault: str, times: int = 1, *, operation: str = "", seconds: float = 0.2
    ) -> None:
        """Order a fault for the next requests.

        Args:
            fault: One of ``Fault``.
            times: How often.
            operation: Only for requests whose query holds this text; empty: for any.
            seconds: How long a ``delay`` takes, in real seconds.
        """
        self._ordered.append(FaultOrder(Fault(fault), times, operation, seconds))

    def clear(self) -> None:
        """Take back what was ordered."""
        self._ordered.clear()

    def take(self, query: str) -> FaultOrder | None:
        """Return the fault for this request, if one is ordered, and count it."""
        for order in self._ordered:
            if order.operation in query:
                order.times -= 1
                if order.times <= 0:
                    self._ordered.remove(order)
                self.fired[str(order.fault)] += 1
                return order
        return None
