"""Days drawn from seeds: whatever fails, what was acknowledged stays and what is owed is told.

More of them by hand: ``SLA_SEEDS=20000 pytest -n auto tests/simulation/test_seeds.py``, and from another one
on with ``SLA_FIRST_SEED``. A seed that finds a bug is added to ``FOUND``.
"""

import os

import pytest

from tests.simulation.seeds import POINTS, tell

FIRST = int(os.environ.get("SLA_FIRST_SEED", "1000"))
SEEDS = range(FIRST, FIRST + int(os.environ.get("SLA_SEEDS", "0")))
SHARES = 5
ROUGH = int(os.environ.get("SLA_ROUGH", "2"))
"""Days of bad weather for each share of the points; milder ones and rough ones follow by turns until all were struck."""
MOST = 8
FOUND = {
    1030: "a monitor that woke sent a note that the new leader had on its way: now fenced by the term",
}
"""Seeds that found a bug, and what it was."""


def test_there_are_points_where_faults_strike() -> None:
    assert len(POINTS) >= 40


@pytest.mark.parametrize("share", range(SHARES))
def test_days_full_of_faults_end_well_and_each_point_was_struck(simulated, share) -> None:
    points = POINTS[share::SHARES]
    left = set(points)
    for day in range(MOST):
        if day >= ROUGH and not left:
            break
        # By turns: some points are passed on mild days alone, some after bad weather alone.
        mild = day >= ROUGH and (day - ROUGH) % 2 == 0
        story = tell(simulated, 100 * (share + 1) + day, points, left if day else (), mild=mild)
        left -= story.world.faults.fired.keys()
    assert not left, f"no fault struck at {sorted(left)}"


@pytest.mark.parametrize("seed", [*FOUND, *SEEDS])
def test_a_day_full_of_faults_ends_well(simulated, seed) -> None:
    tell(simulated, seed)
