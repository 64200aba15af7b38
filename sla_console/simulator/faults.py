"""Faults to order, so that tests and rehearsals can have a bad day at will."""

from collections import Counter
from enum import StrEnum


class Fault(StrEnum):
    """What can go wrong with one request."""

    INTERNAL_ERROR = "internal_error"
    SERVER_ERROR = "server_error"
    BAD_GATEWAY = "bad_gateway"
    DROP = "drop"
    HANG = "hang"
    DRIP = "drip"
    HUGE = "huge"
    GARBAGE = "garbage"
    RATE_LIMITED = "rate_limited"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    ROWS_MISSING = "rows_missing"
    WRITTEN_BUT_ERROR = "written_but_error"


class Faults:
    """Which faults are ordered, and how often each has fired."""

    def __init__(self) -> None:
        self._ordered: list[list[object]] = []
        self.fired: Counter[str] = Counter()

    def next(self, fault: str, times: int = 1, *, operation: str = "") -> None:
        """Order a fault for the next requests.

        Args:
            fault: One of ``Fault``.
            times: How often.
            operation: Only for requests whose query holds this text; empty: for any.
        """
        self._ordered.append([Fault(fault), times, operation])

    def clear(self) -> None:
        """Take back what was ordered."""
        self._ordered.clear()

    def take(self, query: str) -> Fault | None:
        """Return the fault for this request, if one is ordered, and count it."""
        for order in self._ordered:
            fault, times, operation = order
            if str(operation) in query:
                if int(str(times)) <= 1:
                    self._ordered.remove(order)
                else:
                    order[1] = int(str(times)) - 1
                self.fired[str(fault)] += 1
                return Fault(str(fault))
        return None
