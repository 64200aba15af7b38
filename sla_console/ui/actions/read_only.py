"""The guard of a console that may only look: no key, click or command runs what changes something."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from textual.actions import parse
from textual.binding import Binding
from textual.dom import DOMNode

from sla_console.ui.actions.catalogue import ACTIONS, WRITING
from sla_console.ui.context import Context
from sla_console.ui.shutdown import EndingApp

if TYPE_CHECKING:
    from textual.actions import ActionParseResult

_WRITES: Final = frozenset(parse(action.run)[1:] for action in ACTIONS if action.writes)
"""Name and parameters of the actions that change something."""


class GuardedApp(EndingApp):
    """An app whose actions that change something do nothing while it may only look."""

    context: Context
    """Says whether it may only look; set by the app itself."""

    def refuses(self, name: str, parameters: tuple[object, ...]) -> bool:
        """Return whether an action changes something and this console may only look."""
        return self.context.options.read_only and (name, parameters) in _WRITES

    async def run_action(
        self,
        action: "str | ActionParseResult",
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Run an action, unless it changes something and this console may only look.

        Every key, click and command of the palette comes this way, whichever view or dialog has it.
        """
        home = default_namespace or self
        target, name, parameters = self._parse_action(action, home, namespaces)
        if self.refuses(name, parameters) or (
            self.context.options.read_only and _is_writing_key(target, name)
        ):
            return False
        return await super().run_action(action, default_namespace, namespaces)


def _is_writing_key(target: DOMNode, name: str) -> bool:
    """Return whether a screen's own key stands for an action that changes something, by its id."""
    return any(
        isinstance(binding, Binding) and binding.id in WRITING and parse(binding.action)[1] == name
        for binding in target.BINDINGS
    )
