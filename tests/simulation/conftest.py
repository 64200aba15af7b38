"""A whole world in one thread."""

from tests.simulation.world import simulated

__all__ = ["simulated"]
