"""Facts as columns of numbers: names by how often their like broke, statuses by their age.

A name stands for the log odds by which those that bear it broke more often than usual, drawn
towards the usual as if that had been seen ``_PRIOR`` times. While learning, a row must not see
itself in that rate, so each fifth of the tickets is encoded by the other four.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

from sla_console.domain.forecast.moment import NAMES, NUMBERS, ClockMoment

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

_PRIOR: Final = 5.0
_FOLDS: Final = 5
_WEEKDAYS: Final = 7
_HOURS: Final = 8
"""Parts of the day, of three hours each."""
_KNOTS: Final = (
    0.25, 0.5, 1, 2, 4, 8, 16, 24, 36, 48, 72, 96, 120, 144, 168, 192, 240, 336, 504, 720,
)  # fmt: skip
"""Hours from the beginning of a status to the due time, about which the risk may turn."""
_STATUS_ROWS: Final = 30
"""Rows that a status must have to get columns of its own."""
_EDGE: Final = 0.01


@dataclass(frozen=True, slots=True)
class Columns:
    """How facts become numbers, as learned from rows."""

    rates: tuple[Mapping[str, float], ...]
    """For each of ``NAMES``, a name's log odds against the usual."""
    centre: tuple[float, ...]
    """For each of ``NUMBERS``, what is usual."""
    spread: tuple[float, ...]
    knots: Mapping[str, tuple[float, ...]]
    """For each status with columns of its own, where the risk may turn."""

    def matrix(
        self, moments: Sequence[ClockMoment], names: Sequence[Floats] | None = None
    ) -> Floats:
        """Return a row for each moment; the first column is 1.

        Args:
            moments: The rows.
            names: The columns of the names, where they are known already.
        """
        import numpy as np  # noqa: PLC0415 - loaded when something is forecast

        rows = len(moments)
        if names is None:
            names = [
                np.fromiter((rates.get(m.names[place], 0.0) for m in moments), np.float64, rows)
                for place, rates in enumerate(self.rates)
            ]
        numbers = np.array([m.numbers for m in moments], np.float64).reshape(rows, len(NUMBERS))
        scaled = np.clip((numbers - self.centre) / self.spread, -4.0, 4.0)
        weekdays = np.fromiter((m.weekday for m in moments), np.int64, rows)
        hours = np.fromiter((m.hour // 3 for m in moments), np.int64, rows)
        span = np.fromiter((m.span for m in moments), np.float64, rows)
        parts = [np.ones(rows), *names, *scaled.T]
        parts += [(weekdays == day).astype(np.float64) for day in range(_WEEKDAYS)]
        parts += [(hours == part).astype(np.float64) for part in range(_HOURS)]
        statuses = np.array([m.status for m in moments], dtype=object)
        for status, knots in self.knots.items():
            mine = (statuses == status).astype(np.float64)
            parts.append(mine)
            for knot in knots:
                width = min(24.0, knot)
                parts.append(mine * np.clip((span - knot) / width, -0.5, 0.5))
        return np.column_stack(parts)

    def groups(self) -> list[str]:
        """Return which fact each column tells, in the columns' order."""
        found = ["", *NAMES, *NUMBERS]
        found += ["time of the week"] * (_WEEKDAYS + _HOURS)
        for knots in self.knots.values():
            found += ["in status"] * (1 + len(knots))
        return found

    def document(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "rates": [dict(rates) for rates in self.rates],
            "centre": list(self.centre),
            "spread": list(self.spread),
            "knots": {status: list(knots) for status, knots in self.knots.items()},
        }

    @classmethod
    def read(cls, found: Mapping[str, Any]) -> Columns:
        """Return what ``document`` gave."""
        return cls(
            tuple(found["rates"]),
            tuple(found["centre"]),
            tuple(found["spread"]),
            {status: tuple(knots) for status, knots in found["knots"].items()},
        )


def learn_columns(
    moments: Sequence[ClockMoment], said: Floats, weights: Floats
) -> tuple[Columns, Floats]:
    """Return how facts become numbers, and the numbers of the rows it was learned from.

    Args:
        moments: The rows.
        said: What happened to each, 0 to 1.
        weights: How much each row counts.
    """
    import numpy as np  # noqa: PLC0415 - loaded when something is forecast

    rows = len(moments)
    usual = float(np.clip(weights @ said / weights.sum(), _EDGE, 1.0 - _EDGE))
    fold = np.fromiter((crc32(m.ticket_id.encode()) % _FOLDS for m in moments), np.int64, rows)
    tables: list[dict[str, float]] = []
    unseen: list[Floats] = []
    for place in range(len(NAMES)):
        codes: dict[str, int] = {}
        mine = np.fromiter(
            (codes.setdefault(m.names[place], len(codes)) for m in moments), np.int64, rows
        )
        cells = mine + fold * len(codes)
        size = len(codes) * _FOLDS
        broke = np.bincount(cells, weights * said, size).reshape(_FOLDS, len(codes))
        count = np.bincount(cells, weights, size).reshape(_FOLDS, len(codes))
        whole = _log_odds(broke.sum(0), count.sum(0), usual)
        tables.append(dict(zip(codes, map(float, np.round(whole, 5)), strict=True)))
        others = _log_odds(broke.sum(0) - broke, count.sum(0) - count, usual)
        unseen.append(others[fold, mine])
    numbers = np.array([m.numbers for m in moments], np.float64).reshape(rows, len(NUMBERS))
    centre = weights @ numbers / weights.sum()
    spread = np.maximum(numbers.std(0), 1e-6)
    columns = Columns(
        tuple(tables), tuple(map(float, centre)), tuple(map(float, spread)), _knots(moments)
    )
    return columns, columns.matrix(moments, unseen)


def _log_odds(broke: Floats, count: Floats, usual: float) -> Floats:
    import numpy as np  # noqa: PLC0415 - loaded when something is forecast

    share = np.clip((broke + _PRIOR * usual) / (count + _PRIOR), 0.005, 0.995)
    found: Floats = np.log(share / (1.0 - share)) - np.log(usual / (1.0 - usual))
    return found


def _knots(moments: Sequence[ClockMoment]) -> dict[str, tuple[float, ...]]:
    """Return where the risk may turn in each status that is seen often enough."""
    found = {}
    for status, rows in sorted(Counter(m.status for m in moments).items()):
        if rows < _STATUS_ROWS:
            continue
        spans = sorted(m.span for m in moments if m.status == status)
        low, high = spans[len(spans) // 50], spans[-1 - len(spans) // 50]
        found[status] = tuple(float(knot) for knot in _KNOTS if low <= knot <= high)
    return found
