"""The console as it stands on a wall."""

from sla_console.ui.app import ConsoleApp


class WallApp(ConsoleApp):
    """Opens with the wall, and does nothing until somebody unlocks it."""

    DEFAULT_MODE = "wall"
