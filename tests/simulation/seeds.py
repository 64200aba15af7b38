"""One seed's day, and what it needs to be told."""

import random
from collections.abc import Collection, Iterable

from tests.simulation.plan import SeededFaults
from tests.simulation.points import all_points
from tests.simulation.story import Story

POINTS = all_points()
PACES = (60.0, 120.0, 300.0)
ALWAYS = ("store.read", "superops.send")
"""Where faults strike on every day, as other points are passed only after them."""


def tell(
    simulated,
    seed: int,
    points: Iterable[str] | None = None,
    wanted: Collection[str] = (),
    *,
    mild: bool = False,
) -> Story:
    """Live through the day of a seed.

    Args:
        simulated: Makes a world.
        seed: Decides everything.
        points: Where faults strike; None: the seed chooses.
        wanted: Points at which one strikes for certain if they are passed.
        mild: Whether nothing else is wrong.
    """
    chance = random.Random(f"plan {seed}")
    where = [*ALWAYS, *(chance.sample(POINTS, 14) if points is None else points)]

    def plan(world):
        return SeededFaults(chance, where, world.step_clock, wanted)

    world = simulated(seed, pace=chance.choice(PACES), make_plan=plan)
    story = Story(world, seed, mild=mild)
    try:
        world.run(story.tell())
    except BaseException as error:
        error.add_note(f"seed {seed}, pace {world.true.pace}")
        error.add_note("\n".join(story.log[-12:]))
        error.add_note("\n".join(world.faults.log[-12:]))
        raise
    return story
