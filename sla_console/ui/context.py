"""What the screens share."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sla_console.domain.clock import Clock
from sla_console.ui.keymap import Keymap
from sla_console.ui.link import ServiceLink
from sla_console.ui.memory import Memory
from sla_console.ui.moments import LocalTime
from sla_console.ui.options import UIOptions
from sla_console.ui.state import Shown
from sla_console.ui.symbols import Symbols

if TYPE_CHECKING:
    # Only named here: the first screen is painted before it is needed.
    from sla_console.ui.alert_operations import AlertOperations


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
    memory: Memory
    """What is remembered from one start to the next."""
    alert_operations: Callable[[], "AlertOperations"]
