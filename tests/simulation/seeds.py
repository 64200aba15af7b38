"""One seed's day, and what it needs to be told."""

import random

from tests.simulation.plan import SeededFaults
from tests.simulation.points import all_points
from tests.simulation.story import Story

POINTS = all_points()
PACES = (60.0, 120.0, 300.0)


def tell(simulated, seed: int, steps: int = 60):
    """Live through the day of a seed; return the story and its world."""
    chance = random.Random(f"plan {seed}")
    points = chance.sample(POINTS, 14)

    def plan(_world):
        return SeededFaults(chance, points, lambda: story.step_clock())

    world = simulated(seed, pace=chance.choice(PACES), make_plan=plan)
    story = Story(world, seed, steps)
    try:
        world.run(story.tell())
    except BaseException as error:
        error.add_note(f"seed {seed}, pace {world.true.pace}")
        error.add_note("\n".join(story.log[-12:]))
        error.add_note("\n".join(world.faults.log[-12:]))
        raise
    return story
