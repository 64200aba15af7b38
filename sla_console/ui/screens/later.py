"""The views that the first screen does not need: imported when one of them is opened."""

import importlib
from typing import Final

from sla_console.ui.context import Context
from sla_console.ui.screens.view import View

LATER: Final = {
    "technicians": "TechniciansView",
    "clients": "ClientsView",
    "forecast": "ForecastView",
    "alerts": "AlertsView",
    "policies": "PoliciesView",
    "health": "HealthView",
    "reports": "ReportsView",
    "wall": "WallView",
}
"""Name and class of each; the name is that of its module too."""


def later(name: str, context: Context) -> View:
    """Return a new view.

    Args:
        name: One of ``LATER``.
        context: What the screens share.
    """
    found = importlib.import_module(f"sla_console.ui.screens.{name}")
    made: View = getattr(found, LATER[name])(context)
    return made
