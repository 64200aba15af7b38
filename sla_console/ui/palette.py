"""The command palette: the same actions as the keys, found by name."""

from collections.abc import Callable
from functools import partial
from typing import Any

from textual.command import DiscoveryHit, Hit, Hits, Provider

from sla_console.ui.actions import ACTIONS, Action


class ActionCommands(Provider):
    """Offers every action of the registry, and nothing else."""

    async def discover(self) -> Hits:
        """Offer all of them before anything is typed."""
        for action in ACTIONS:
            if action.palette:
                yield DiscoveryHit(_name(action), self._runner(action), help=action.tooltip)

    async def search(self, query: str) -> Hits:
        """Offer those whose name is like ``query``."""
        matcher = self.matcher(query)
        for action in ACTIONS:
            name = _name(action)
            if action.palette and (score := matcher.match(name)) > 0:
                yield Hit(score, matcher.highlight(name), self._runner(action), help=action.tooltip)

    def _runner(self, action: Action) -> Callable[[], Any]:
        name = action.run.partition("(")[0]
        home = self.screen if hasattr(self.screen, f"action_{name}") else self.app
        return partial(home.run_action, action.run)


def _name(action: Action) -> str:
    return f"{action.label} ({action.shown_key})"
