"""What the console remembers from one start to the next: how somebody left it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from sla_console.domain.text import clean

_VERSION: Final = 1
_LONGEST: Final = 500


@dataclass(frozen=True, slots=True)
class ChosenColumn:
    """One column that a person wants."""

    key: str
    width: int = 0
    """In cells; 0: the column's own."""


@dataclass(slots=True)
class SessionState:
    """How the console was left."""

    view: str = "board"
    filter: str = ""
    sort: str = ""
    """Key of a sort order, empty for the usual one."""
    reverse: bool = False
    wall_hours: bool = False
    """Countdowns in hours of the clock on the wall."""
    pane: bool = False
    """The ticket's story stands beside the list."""
    selected: str | None = None
    """Id of the ticket under the cursor."""
    columns: dict[str, tuple[ChosenColumn, ...]] = field(default_factory=dict)
    """By layout the columns that were chosen."""
    theme: str | None = None
    """Chosen in the console, in place of the configured one."""

    def written(self) -> str:
        """Return it as text."""
        return json.dumps({"version": _VERSION, **asdict(self)}, sort_keys=True)

    @classmethod
    def read(cls, text: str | None) -> "SessionState":
        """Return what was written; what cannot be read is forgotten, for it is only comfort."""
        try:
            found = json.loads(text or "{}")
        except ValueError:
            return cls()
        if not isinstance(found, dict) or found.get("version") != _VERSION:
            return cls()
        return cls(
            view=_text(found, "view") or "board",
            filter=_text(found, "filter"),
            sort=_text(found, "sort"),
            reverse=found.get("reverse") is True,
            wall_hours=found.get("wall_hours") is True,
            pane=found.get("pane") is True,
            selected=_text(found, "selected") or None,
            columns=_columns(found.get("columns")),
            theme=_text(found, "theme") or None,
        )


def _text(found: Mapping[str, Any], name: str) -> str:
    value = found.get(name)
    return clean(value, _LONGEST) if isinstance(value, str) else ""


def _columns(found: Any) -> dict[str, tuple[ChosenColumn, ...]]:
    if not isinstance(found, dict):
        return {}
    return {
        clean(str(layout), 20): tuple(
            ChosenColumn(clean(one["key"], 40), max(0, min(int(one["width"]), 100)))
            for one in columns
            if isinstance(one, dict)
            and isinstance(one.get("key"), str)
            and isinstance(one.get("width"), int)
        )
        for layout, columns in found.items()
        if isinstance(columns, list)
    }
