"""Colours by meaning.

Every shade of the console's own themes is one that a terminal of 256 colours has too, and lines,
not shades, give structure, so nothing collapses over a line that carries no more.
"""

from collections.abc import Iterable, Mapping
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
_CONTRAST_LIGHT: Final = {
    "sla-breached": "#af0000",
    "sla-urgent": "#870000",
    "sla-risk": "#87005f",
    "sla-ok": "#005f00",
    "sla-held": "#005f87",
    "sla-acked": "#5f0087",
    "sla-muted": "#303030",
    "sla-rule": "#585858",
    "sla-accent": "#0000d7",
}
# The two below were looked for: of all colours a terminal of 256 has and that read well on the
# background, those whose least distance from each other is greatest as such eyes see them (G. M.
# Machado and others, "A Physiologically-based Model for Simulation of Color Vision Deficiency",
# 2009). The tests hold them to it.
_DEUTERANOPIA: Final = SLA_TOKENS | {
    "sla-breached": "#d78787",
    "sla-urgent": "#ffd700",
    "sla-risk": "#ffffaf",
    "sla-ok": "#0087ff",
    "sla-held": "#afffff",
    "sla-acked": "#d75fd7",
}
_TRITANOPIA: Final = SLA_TOKENS | {
    "sla-breached": "#ff5f00",
    "sla-urgent": "#ffaf00",
    "sla-risk": "#d7ff87",
    "sla-ok": "#00ffaf",
    "sla-held": "#0087ff",
    "sla-acked": "#af87d7",
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


def theme_of(
    name: str, tokens: Mapping[str, str], *, text: str, background: str, panel: str, dark: bool
) -> Theme:
    """Return a theme from the colours by meaning.

    Args:
        name: Its name.
        tokens: By meaning, such as ``sla-breached``.
        text: Of what means nothing special.
        background: Of everything.
        panel: Of what stands out.
        dark: Whether the background is dark.
    """
    return Theme(
        name=name,
        primary=tokens["sla-accent"],
        secondary=tokens["sla-acked"],
        accent=tokens["sla-accent"],
        warning=tokens["sla-urgent"],
        error=tokens["sla-breached"],
        success=tokens["sla-ok"],
        foreground=text,
        background=background,
        surface=background,
        panel=panel,
        dark=dark,
        variables=dict(tokens),
    )


def _dark(name: str, tokens: Mapping[str, str]) -> Theme:
    return theme_of(name, tokens, text="#d0d0d0", background="#121212", panel="#444444", dark=True)


OWN_THEMES: Final = (
    _dark(DEFAULT, SLA_TOKENS),
    theme_of(
        "sla-light", _LIGHT, text="#121212", background="#eeeeee", panel="#b2b2b2", dark=False
    ),
    theme_of(
        "sla-contrast-dark", _CONTRAST, text="#ffffff", background="#000000", panel="#444444",
        dark=True,
    ),
    theme_of(
        "sla-contrast-light", _CONTRAST_LIGHT, text="#000000", background="#ffffff",
        panel="#b2b2b2", dark=False,
    ),
    _dark("sla-deuteranopia", _DEUTERANOPIA),
    _dark("sla-tritanopia", _TRITANOPIA),
)  # fmt: skip
"""Beside them stand Textual's own; ``ansi-dark`` and ``ansi-light`` are the terminal's sixteen
colours."""


def theme_names(others: Iterable[str] = ()) -> list[str]:
    """Return the names of all themes, the console's own first.

    Args:
        others: A person's own.
    """
    return [*(theme.name for theme in OWN_THEMES), *sorted(others), *sorted(BUILTIN_THEMES)]


def checked_theme(name: str, others: Iterable[str] = ()) -> str:
    """Return ``name`` if there is such a theme.

    Args:
        name: Of a theme.
        others: A person's own.

    Raises:
        UserError: if there is none; it names the nearest.
    """
    names = theme_names(others)
    if name in names:
        return name
    near = get_close_matches(name, names, 1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(names[:3])} and others."
    raise UserError(f"ui.theme: there is no theme {name!r}; {hint}")
