"""Colours by meaning.

Every shade of the console's own themes is one that a terminal of 256 colours has too, and lines,
not shades, give structure, so nothing collapses over a line that carries no more.
"""

from difflib import get_close_matches
from typing import Final

from textual.theme import BUILTIN_THEMES, Theme

from sla_console.domain.errors import UserError

DEFAULT: Final = "sla-dark"
PLAIN: Final = "ansi-dark"
"""The terminal's own sixteen colours; the one that NO_COLOR can take away."""

SLA_TOKENS: Final = {
    "sla-breached": "#ff5f5f",
    "sla-urgent": "#ffaf00",
    "sla-risk": "#ffd75f",
    "sla-ok": "#87d787",
    "sla-held": "#87afd7",
    "sla-acked": "#af87ff",
    "sla-muted": "#949494",
    "sla-rule": "#444444",
    "sla-accent": "#5fd7d7",
}
_LIGHT: Final = {
    "sla-breached": "#af0000",
    "sla-urgent": "#875f00",
    "sla-risk": "#5f5f00",
    "sla-ok": "#005f00",
    "sla-held": "#005f87",
    "sla-acked": "#5f00af",
    "sla-muted": "#585858",
    "sla-rule": "#b2b2b2",
    "sla-accent": "#005f87",
}
_CONTRAST: Final = {
    "sla-breached": "#ff8787",
    "sla-urgent": "#ffaf00",
    "sla-risk": "#ffff5f",
    "sla-ok": "#5fff87",
    "sla-held": "#87d7ff",
    "sla-acked": "#d7afff",
    "sla-muted": "#d0d0d0",
    "sla-rule": "#bcbcbc",
    "sla-accent": "#00ffff",
}
ANSI_TOKENS: Final = {
    "sla-breached": "ansi_bright_red",
    "sla-urgent": "ansi_bright_yellow",
    "sla-risk": "ansi_yellow",
    "sla-ok": "ansi_green",
    "sla-held": "ansi_cyan",
    "sla-acked": "ansi_magenta",
    "sla-muted": "ansi_default",
    "sla-rule": "ansi_default",
    "sla-accent": "ansi_cyan",
}

OWN_THEMES: Final = (
    Theme(
        name=DEFAULT,
        primary="#5fafd7",
        secondary="#af87ff",
        accent="#5fd7d7",
        warning="#ffaf00",
        error="#ff5f5f",
        success="#87d787",
        foreground="#d0d0d0",
        background="#121212",
        surface="#121212",
        panel="#444444",
        variables=SLA_TOKENS,
    ),
    Theme(
        name="sla-light",
        primary="#005f87",
        secondary="#5f00af",
        accent="#005f87",
        warning="#875f00",
        error="#af0000",
        success="#005f00",
        foreground="#121212",
        background="#eeeeee",
        surface="#eeeeee",
        panel="#b2b2b2",
        dark=False,
        variables=_LIGHT,
    ),
    Theme(
        name="sla-contrast",
        primary="#00ffff",
        secondary="#d7afff",
        accent="#00ffff",
        warning="#ffaf00",
        error="#ff8787",
        success="#5fff87",
        foreground="#ffffff",
        background="#000000",
        surface="#000000",
        panel="#444444",
        variables=_CONTRAST,
    ),
)


def theme_names() -> list[str]:
    """Return the names of all themes, the console's own first."""
    return [*(theme.name for theme in OWN_THEMES), *sorted(BUILTIN_THEMES)]


def checked_theme(name: str) -> str:
    """Return ``name`` if there is such a theme.

    Raises:
        UserError: if there is none; it names the nearest.
    """
    names = theme_names()
    if name in names:
        return name
    near = get_close_matches(name, names, 1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(names[:3])} and others."
    raise UserError(f"ui.theme: there is no theme {name!r}; {hint}")
