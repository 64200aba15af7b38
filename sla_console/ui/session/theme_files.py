"""Themes of a person's own: files beside the configuration, checked before they are used.

``themes/night.toml`` is the theme ``night``::

    inherits = "sla-dark"     # what is not said here is as it is there
    breached = "#ff5f5f"
    background = "#000000"

Textual takes a theme with a bad colour without a word and then ends the app, so everything is
checked here first; a file with a fault is told of, and the others still work.
"""

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from textual.color import Color, ColorParseError
from textual.theme import BUILTIN_THEMES, Theme

from sla_console.config.safe_file import open_plain
from sla_console.ui.session.themes import DEFAULT, OWN_THEMES, theme_of

_MEANINGS: Final = {
    "breached": "sla-breached", "urgent": "sla-urgent", "risk": "sla-risk", "ok": "sla-ok",
    "held": "sla-held", "acknowledged": "sla-acked", "muted": "sla-muted", "rule": "sla-rule",
    "accent": "sla-accent",
}  # fmt: skip
_GROUNDS: Final = ("text", "background", "panel")
_KEYS: Final = ("inherits", "dark", *_GROUNDS, *_MEANINGS)
_LEAST_CONTRAST: Final = 3.0
"""What anything that is read must have (WCAG 2.2, 1.4.3, for large text)."""
_LARGEST: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class LoadedThemes:
    """What a folder of themes holds."""

    themes: tuple[Theme, ...] = ()
    faults: tuple[str, ...] = ()
    """Why others are left out, a sentence each."""


class ThemeFolder:
    """A folder of themes that somebody may be working on.

    Args:
        folder: The folder; it need not be there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: tuple[tuple[str, int, int], ...] | None = None

    def changed(self) -> bool:
        """Return whether a file came, went or changed since this was asked last."""
        seen = tuple(_stamps(self._folder))
        before, self._seen = self._seen, seen
        return seen != before

    def load(self) -> LoadedThemes:
        """Return the themes in the folder, by name."""
        themes, faults = [], []
        for path in sorted(self._folder.glob("*.toml")):
            try:
                themes.append(_read(path))
            except ValueError as fault:
                faults.append(str(fault))
        return LoadedThemes(tuple(themes), tuple(faults))


def _stamps(folder: Path) -> Iterator[tuple[str, int, int]]:
    for path in sorted(folder.glob("*.toml")):
        try:
            found = path.stat()
        except OSError:
            continue  # it has just gone
        yield path.name, found.st_mtime_ns, found.st_size


def _read(path: Path) -> Theme:
    """Return the theme in a file.

    Raises:
        ValueError: with one sentence, if it cannot be one.
    """
    name = path.stem
    if name in BUILTIN_THEMES or name in {theme.name for theme in OWN_THEMES}:
        raise ValueError(f"{path}: {name!r} is a theme already; give the file another name.")
    table = _table(path)
    for key in table:
        if key not in _KEYS:
            near = get_close_matches(key, _KEYS, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(_KEYS)}."
            raise ValueError(f"{path}: {key}: there is no such setting of a theme; {hint}")
    base = _base(path, table)
    dark = table.get("dark", base.dark)
    if dark not in {True, False}:
        raise ValueError(f"{path}: dark: found {dark!r}, expected true or false.")
    grounds = {
        "text": base.foreground or "#d0d0d0",
        "background": base.background or "#121212",
        "panel": base.panel or "#444444",
    }
    tokens = dict(base.variables)
    for key, value in table.items():
        if key in _GROUNDS:
            grounds[key] = _colour(path, key, value)
        elif key in _MEANINGS:
            tokens[_MEANINGS[key]] = _colour(path, key, value)
    _check_contrast(path, grounds, tokens)
    return theme_of(
        name,
        tokens,
        text=grounds["text"],
        background=grounds["background"],
        panel=grounds["panel"],
        dark=dark,
    )


def _table(path: Path) -> Mapping[str, Any]:
    try:
        with os.fdopen(open_plain(path), "rb") as file:
            return tomllib.loads(file.read(_LARGEST).decode("utf-8"))
    except OSError as error:
        raise ValueError(f"{path}: it cannot be read ({error.strerror}).") from None
    except UnicodeDecodeError:
        raise ValueError(f"{path}: it is not UTF-8 text; save it as such.") from None
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{path}: it is no TOML: {error}.") from None


def _base(path: Path, table: Mapping[str, Any]) -> Theme:
    own = {theme.name: theme for theme in OWN_THEMES}
    name = table.get("inherits", DEFAULT)
    if not isinstance(name, str) or name not in own:
        raise ValueError(f"{path}: inherits: found {name!r}, expected one of {', '.join(own)}.")
    return own[name]


def _colour(path: Path, key: str, value: Any) -> str:
    try:
        return Color.parse(value if isinstance(value, str) else "").hex6
    except ColorParseError:
        raise ValueError(
            f'{path}: {key}: found {value!r}, expected a colour such as "#ff5f5f" or "red".'
        ) from None


def _check_contrast(path: Path, grounds: Mapping[str, str], tokens: Mapping[str, str]) -> None:
    background = Color.parse(grounds["background"])
    read = {key: tokens[token] for key, token in _MEANINGS.items() if key != "rule"}
    for key, colour in {"text": grounds["text"], **read}.items():
        ratio = contrast(Color.parse(colour), background)
        if ratio < _LEAST_CONTRAST:
            raise ValueError(
                f"{path}: {key}: {colour} on {grounds['background']} has a contrast of "
                f"{ratio:.1f}, expected {_LEAST_CONTRAST:g} or more, or nobody reads it; make one "
                "of them lighter."
            )


def contrast(one: Color, other: Color) -> float:
    """Return how well a colour reads on another, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Color) -> float:
    """Return the relative luminance (WCAG 2.2)."""
    red, green, blue = (_linear(part / 255) for part in colour.rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
