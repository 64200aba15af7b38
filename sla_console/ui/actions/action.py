"""What an action is: an id, keys, words, and what it runs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from textual.binding import Binding

VIEWS: Final = "Views"
TICKET: Final = "Ticket"
DETAIL: Final = "In a ticket"
ALERT: Final = "Alert"
ON_CALL: Final = "In the list of who is on call"
LIST: Final = "List"
MOVE: Final = "Move"
CONSOLE: Final = "Console"
GROUPS: Final = (VIEWS, TICKET, DETAIL, ALERT, ON_CALL, LIST, MOVE, CONSOLE)


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a person can do.

    ``keys`` are as people write them: ``a``, ``A``, ``/``, ``ctrl+p``, ``space``; the first is the
    one that is shown.
    """

    id: str
    keys: tuple[str, ...]
    run: str
    """Textual's action string; ``screen.`` in front: only views that know it."""
    label: str
    tooltip: str
    group: str
    key_line: int | None = None
    """Its rank in the key line: 0 stays, higher goes first where it is narrow; None: not there."""
    palette: bool = True
    """Offered by the command palette."""
    writes: bool = False
    """Changes something, so a console that may only look does not do it."""

    @property
    def name(self) -> str:
        """The method it runs, without ``action_``."""
        return self.run.partition("(")[0].removeprefix("screen.")

    def meets(self, other: "Action") -> bool:
        """Return whether both work in one place, so that a key can be of one of them only."""
        groups = {self.group, other.group}
        if ON_CALL in groups:
            return groups <= {ON_CALL, MOVE}
        return len(groups) == 1 or DETAIL not in groups or bool(groups & {TICKET, MOVE})

    @property
    def of_view(self) -> bool:
        """Whether only some views know it."""
        return self.run.startswith("screen.")

    def binding(self) -> Binding:
        """Return the key binding of this action.

        All are handled in the order in which they were pressed, before the next key is looked at:
        what is typed ahead over a slow line meets the ticket, dialog or field it was meant for.
        """
        return Binding(
            spelled(self.keys),
            self.run,
            self.label,
            show=False,
            priority=True,
            tooltip=self.tooltip,
            id=self.id,
        )


def bindings(actions: Iterable[Action]) -> list[Binding]:
    """Return the key bindings of these actions."""
    return [action.binding() for action in actions]


_NAMES: Final = {
    "esc": "escape", "pgup": "pageup", "pgdn": "pagedown", "del": "delete", "return": "enter",
    "/": "slash", "?": "question_mark", ",": "comma", ".": "full_stop", ":": "colon", ";": "semicolon",
    "!": "exclamation_mark", "#": "number_sign", "@": "at", "+": "plus", "-": "minus", "=": "equals_sign",
    "*": "asterisk", "[": "left_square_bracket", "]": "right_square_bracket", "(": "left_parenthesis",
    ")": "right_parenthesis", "<": "less_than_sign", ">": "greater_than_sign", "_": "underscore",
    "'": "apostrophe", '"': "quotation_mark", "%": "percent_sign", "&": "ampersand", "|": "vertical_line",
    "~": "tilde", "`": "grave_accent", "^": "circumflex_accent", "$": "dollar_sign", "\\": "backslash",
    "{": "left_curly_bracket", "}": "right_curly_bracket",
}  # fmt: skip
"""How people write a key, and Textual's name of it."""
_SHOWN: Final = {"escape": "esc", "pageup": "PgUp", "pagedown": "PgDn", "ctrl+": "^"}
NAMED: Final = frozenset({
    "escape", "enter", "space", "tab", "backspace", "delete", "insert", "home", "end", "pageup",
    "pagedown", "up", "down", "left", "right", *(f"f{number}" for number in range(1, 13)),
})  # fmt: skip
"""Keys that have a name instead of a character."""


def spellings(key: str) -> tuple[str, ...]:
    """Return the names under which terminals may deliver a key that a person wrote.

    Args:
        key: Such as ``a``, ``A``, ``/``, ``ctrl+p``, ``f5``, ``space``.

    Raises:
        ValueError: if there is no such key, or terminals do not deliver it.
    """
    *modifiers, last = key.split("+") if key not in {"+", "ctrl++"} else (*key[:-1].split("+"), "+")
    modifiers = [part.lower() for part in modifiers if part]
    if set(modifiers) - {"ctrl", "shift", "alt"}:
        raise ValueError(f"{key!r} is not a key")
    if len(last) == 1:
        if last.isalpha() and last.isupper() and not modifiers:
            return (last, f"shift+{last.lower()}")
        if modifiers == ["shift"] and last.isalpha():
            return (last.upper(), f"shift+{last.lower()}")
        last = _NAMES.get(last, last.lower() if modifiers else last)
    else:
        last = _NAMES.get(last.lower(), last.lower())
        if last not in NAMED and last not in _NAMES.values():
            raise ValueError(f"{key!r} is not a key")
    name = "+".join((*modifiers, last))
    if name in _NEVER:
        raise ValueError(f"terminals deliver {key!r} as {_NEVER[name]}")
    return (name,)


_NEVER: Final = {
    "ctrl+h": "backspace", "ctrl+i": "tab", "ctrl+m": "enter", "ctrl+s": "a stop of all output",
    "ctrl+q": "a start of all output", "ctrl+[": "escape", "ctrl+left_square_bracket": "escape",
}  # fmt: skip


def spelled(keys: Sequence[str]) -> str:
    """Return keys as Textual takes them; for none, a name that no terminal delivers."""
    return ",".join(name for key in keys for name in spellings(key)) or "no-key"


def shown(key: str) -> str:
    """Return how a key is shown: ``^p`` for ``ctrl+p``, ``esc`` for ``escape``."""
    for name, short in _SHOWN.items():
        key = key.replace(name, short)
    return key
