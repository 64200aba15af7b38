"""Limits on what comes from outside: how often, and how deep."""

from collections import OrderedDict
from datetime import timedelta
from typing import Final

from sla_console.domain.token_bucket import TokenBucket

_MINUTE: Final = timedelta(minutes=1)
_SOURCES: Final = 1_000
"""Sources that are remembered; the ones not seen for longest are forgotten."""


class RateLimit:
    """So many requests a minute from one source, and so many from all together.

    Args:
        each: From one source.
        all_together: From everybody.
        now: Elapsed time at the beginning.
    """

    def __init__(self, each: int, all_together: int, now: timedelta) -> None:
        self._each = each
        self._together = TokenBucket(all_together, _MINUTE, now)
        self._sources: OrderedDict[str, TokenBucket] = OrderedDict()

    def allows(self, source: str, now: timedelta) -> bool:
        """Count one request; return False if it is one too many.

        Args:
            source: Where it comes from.
            now: Elapsed time.
        """
        mine = self._sources.pop(source, None) or TokenBucket(self._each, _MINUTE, now)
        self._sources[source] = mine
        if len(self._sources) > _SOURCES:
            self._sources.popitem(last=False)
        # A source that asks too often uses up nothing of the others' share.
        return mine.take(now) and self._together.take(now)


def is_deeper(document: bytes, most: int) -> bool:
    """Return whether JSON nests objects and lists deeper than so many; it need not be valid."""
    depth, quoted, escaped = 0, False, False
    for byte in document:
        if quoted:
            if escaped:
                escaped = False
            elif byte == 0x5C:  # \
                escaped = True
            elif byte == 0x22:  # "
                quoted = False
        elif byte == 0x22:
            quoted = True
        elif byte in b"[{":
            depth += 1
            if depth > most:
                return True
        elif byte in b"]}":
            depth -= 1
    return False
