"""Random stories over the real engine, room and store, held against a simple oracle.

A story is a seed: a few breaches, people, faults of channels, of SuperOps, of the clock and of the
process, in whatever order. After each look the oracle says whether all who should have heard have,
and nobody who should not. What goes wrong is shortened to the steps that matter and shown as such.

``SLA_CONSOLE_MODEL_SEEDS=20000`` tries so many seeds, and ``SLA_CONSOLE_MODEL_FROM`` says from which.
"""

import os
from collections import Counter

import pytest

from tests.model.receivers import FAULTS
from tests.model.stories import fault_of, shortened, story, tell

pytestmark = pytest.mark.slow

BATCH = 125
IN_CI = 500
"""Seeds that are always tried; in each batch of them every kind of fault happens."""
SEEDS = int(os.environ.get("SLA_CONSOLE_MODEL_SEEDS", str(IN_CI)))
FROM = int(os.environ.get("SLA_CONSOLE_MODEL_FROM", "0"))
ALL = {
    *FAULTS,
    "a due time moved",
    "a ticket moved",
    "acknowledged",
    "clock ahead",
    "clock behind",
    "crash",
    "escalated",
    "killed while it sends",
    "maintenance",
    "outage",
    "removed",
    "renamed",
    "restart",
    "silence",
    "snoozed",
    "stood still",
    "storm",
}


@pytest.mark.parametrize("start", range(FROM, FROM + SEEDS, BATCH))
async def test_whoever_is_owed_a_message_has_it_in_time_and_nobody_else(start) -> None:
    """Stories of which no two are alike; every kind of fault happens in some of them."""
    fired: Counter = Counter()
    for seed in range(start, start + BATCH):
        try:
            fired += await tell(story(seed))
        except Exception as error:  # noqa: BLE001 - shown below, with the steps that matter
            steps = await shortened(story(seed))
            found = await fault_of(steps) or str(error)
            pytest.fail(f"seed {seed}: {found}\nSTORY = {steps}", pytrace=False)
    if start < IN_CI:
        assert ALL - fired.keys() == set(), "kinds of fault that did not happen"
