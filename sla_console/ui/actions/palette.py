"""The command palette: the same actions as the keys, found by name."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from textual.app import App
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.widget import Widget

from sla_console.ui.actions.action import Action
from sla_console.ui.actions.catalogue import ACTIONS, MOVES
from sla_console.ui.widgets.line_table import LineTable

if TYPE_CHECKING:
    from sla_console.ui.app import ConsoleApp


class ActionCommands(Provider):
    """Offers every action of the registry that works where it is asked for."""

    async def discover(self) -> Hits:
        """Offer all of them before anything is typed."""
        for action in self._offered():
            yield DiscoveryHit(self._name(action), self._runner(action), help=action.tooltip)

    async def search(self, query: str) -> Hits:
        """Offer those whose name is like ``query``."""
        matcher = self.matcher(query)
        for action in self._offered():
            name = self._name(action)
            if (score := matcher.match(name)) > 0:
                yield Hit(score, matcher.highlight(name), self._runner(action), help=action.tooltip)

    def _offered(self) -> Iterator[Action]:
        for action in (*ACTIONS, *MOVES):
            home = self._home(action)
            if action.palette and hasattr(home, f"action_{action.name}"):
                yield action

    def _home(self, action: Action) -> Widget | App[Any] | None:
        """Return what runs an action: the console, the view, or the list that has the keys."""
        if action not in MOVES:
            return self.screen if action.of_view else self.app
        focused = self.focused
        return focused if isinstance(focused, LineTable) else None

    def _runner(self, action: Action) -> Callable[[], Any]:
        home = self._home(action) or self.app
        return partial(home.run_action, action.run.removeprefix("screen."))

    def _name(self, action: Action) -> str:
        key = cast("ConsoleApp", self.app).context.keys.shown(action)
        return f"{action.label} ({key})" if key else action.label
