"""Logistic regression with a penalty on large weights, by Newton's method; numpy only.

Source: S. le Cessie and J. C. van Houwelingen, "Ridge Estimators in Logistic Regression", 1992.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

_STEPS: Final = 12
_LONGEST: Final = 4.0
"""A step that changes a weight by more is shortened, so that it cannot run away."""
_CLOSE: Final = 0.005
_INTERCEPT_PENALTY: Final = 1e-3


def probabilities(log_odds: Floats) -> Floats:
    """Return the probabilities of log odds."""
    import numpy as np  # noqa: PLC0415 - loaded when something is forecast

    found: Floats = 1.0 / (1.0 + np.exp(-np.clip(log_odds, -30.0, 30.0)))
    return found


def fit(facts: Floats, said: Floats, weights: Floats, penalty: float) -> Floats:
    """Return the weights of facts that tell best what was said of them.

    Args:
        facts: A row each; the first column is 1.
        said: What happened, 0 to 1; between them where it is expected only.
        weights: How much each row counts.
        penalty: How much large weights cost; the first is free.
    """
    import numpy as np  # noqa: PLC0415 - loaded when something is forecast

    columns = facts.shape[1]
    found = np.zeros(columns)
    mean = (weights @ said + 1.0) / (weights.sum() + 2.0)
    found[0] = np.log(mean / (1.0 - mean))
    cost = np.full(columns, penalty)
    cost[0] = _INTERCEPT_PENALTY
    for _ in range(_STEPS):
        expected = probabilities(facts @ found)
        slope = facts.T @ (weights * (expected - said)) + cost * found
        bend = weights * np.maximum(expected * (1.0 - expected), 1e-5)
        step = np.linalg.solve((facts * bend[:, None]).T @ facts + np.diag(cost), slope)
        longest = np.abs(step).max()
        found -= step * min(1.0, _LONGEST / max(longest, 1e-12))
        if longest < _CLOSE:
            break
    return found


def shift(log_odds: Floats, said: Floats, weights: Floats) -> float:
    """Return what to add to log odds so that their mean is that of what was said.

    Half a row that says they are right already holds it back where rows are few.
    """
    found = 0.0
    for _ in range(_STEPS):
        expected = probabilities(log_odds + found)
        slope = float(weights @ (expected - said)) + 0.5 * found
        bend = float(weights @ (expected * (1.0 - expected))) + 0.5
        step = max(-1.0, min(1.0, slope / bend))
        found -= step
        if abs(step) < _CLOSE:
            break
    return found
