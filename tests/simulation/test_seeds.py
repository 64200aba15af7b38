"""Days drawn from seeds: whatever fails, what was acknowledged stays and what is owed is told."""

import os

import pytest

from tests.simulation.seeds import tell

FIRST = int(os.environ.get("SLA_FIRST_SEED", "0"))
SEEDS = range(FIRST, FIRST + int(os.environ.get("SLA_SEEDS", "8")))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_day_full_of_faults_ends_well(simulated, seed) -> None:
    tell(simulated, seed)
