"""What the screens share."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sla_console.domain.clock import Clock
from sla_console.ui.actions.keymap import Keymap
from sla_console.ui.link import ServiceLink
from sla_console.ui.session.options import UIOptions
from sla_console.ui.session.session_state import SessionState
from sla_console.ui.state import Shown
from sla_console.ui.terminal.symbols import Symbols
from sla_console.ui.text.local_time import LocalTime

if TYPE_CHECKING:
    # Only named here: the first screen is painted before it is needed.
    from sla_console.ui.actions.alerts import AlertOperations


@dataclass(slots=True)
class Context:
    """Handed to every screen by the app, which alone changes it."""

    link: ServiceLink
    clock: Clock
    operator: str
    """Whose name stands under what is done here."""
    options: UIOptions
    symbols: Symbols
    local: LocalTime
    shown: Callable[[], Shown]
    """Gives the board in hand at this moment."""
    keys: Keymap
    memory: SessionState
    """What is remembered from one start to the next."""
    alert_operations: Callable[[], "AlertOperations"]
