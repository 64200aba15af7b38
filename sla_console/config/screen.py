"""Settings about the screens."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from sla_console.config.base import Name, SettingsGroup
from sla_console.config.on_call import Zone


def _keys(value: Any) -> Any:
    if isinstance(value, str):
        return [value] if value else []
    if isinstance(value, list) and all(isinstance(key, str) and key for key in value):
        return value
    raise PydanticCustomError(
        "keys", 'a key such as "a", several such as ["a", "f5"], or "" for none'
    )


Keys = Annotated[list[str], BeforeValidator(_keys)]
"""The keys of one action; none: it has none."""


class UISettings(SettingsGroup):
    """How the console looks and behaves."""

    theme: Name | None = None
    """Name of the colour theme; not written: the console's own."""
    ascii: bool | None = None
    """Draw with plain ASCII, for terminals and fonts that lack line and block characters; not
    written: where the locale is not UTF-8."""
    mouse: bool = True
    """React to the mouse; false leaves selecting and copying to the terminal."""
    operator: Name | None = None
    """Name written on your acknowledgements; not written: the login name."""
    technician: Name | None = None
    """Name or address of the technician that you are, to take tickets; not written: the operator."""
    timezone: Zone | None = None
    """Time zone of the times shown; not written: this machine's."""
    working_hours: Name | None = None
    """Calendar of the hours worked here, for what falls due next; not written: default_calendar,
    else round the clock."""
    frame_rate: int = Field(default=30, ge=1, le=60)
    """Frames painted a second at most; fewer suit a slow line."""
    read_only: bool = False
    """Change nothing from here: no breach, ticket, alert or silence, and no report is frozen."""
    confirm_quit: bool = False
    """Ask before leaving the console."""
    keys: dict[Name, Keys] = Field(default_factory=dict)
    """Keys of your own by the id of an action, as 'sla-console keys' lists them; "" for none."""
