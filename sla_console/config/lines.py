"""On which line of a file a setting stands, for messages; tomllib itself does not tell."""

import re
import tomllib
from collections.abc import Iterator
from typing import Any, Final

Path = tuple[str | int, ...]
_LONGEST: Final = 500
"""Lines of one value, beyond which it is not looked into."""
_STEPS: Final = re.compile(r"[^.\[\]]+|\[\d+\]")


def line_of(text: str, key: str) -> int | None:
    """Return the line of a setting, or of the nearest table around it; None: it is not there.

    Args:
        text: Valid TOML.
        key: As messages name it, such as ``policies[0].name``.
    """
    path = tuple(int(step[1:-1]) if step.startswith("[") else step for step in _STEPS.findall(key))
    found: dict[Path, int] = {}
    for place, number in _places(text):
        # A table that is only written by its parts begins with the first of them.
        for length in range(1, len(place) + 1):
            found.setdefault(place[:length], number)
    for length in range(len(path), 0, -1):
        if (line := found.get(path[:length])) is not None:
            return line
    return None


def _places(text: str) -> Iterator[tuple[Path, int]]:
    """Yield where each table and each setting begins."""
    table: Path = ()
    counts: dict[Path, int] = {}
    for number, statement, value in _statements(text):
        steps = _steps(value)
        if statement.lstrip().startswith("["):
            table = _placed(steps, counts)
            if statement.lstrip().startswith("[["):
                counts[table] = counts.get(table, -1) + 1
                table = (*table, counts[table])
            yield table, number
        else:
            yield (*table, *steps), number


def _placed(steps: Path, counts: dict[Path, int]) -> Path:
    """Return the path of a table; where a list of tables is on its way, inside the latest one."""
    *outer, last = steps
    path: Path = ()
    for step in outer:
        path = (*path, step)
        if path in counts:
            path = (*path, counts[path])
    return (*path, last)


def _statements(text: str) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Yield each statement with its line and what it says; a value may go over many lines."""
    lines = text.splitlines()
    at = 0
    while at < len(lines):
        for end in range(at + 1, min(len(lines), at + _LONGEST) + 1):
            statement = "\n".join(lines[at:end])
            try:
                value = tomllib.loads(statement)
            except tomllib.TOMLDecodeError:
                continue
            if value:
                yield at + 1, statement, value
            break
        else:
            return
        at = end


def _steps(value: dict[str, Any]) -> Path:
    """Return the keys of a statement, down to what it sets: a value, or an empty table."""
    path: list[str] = []
    here: Any = value
    while isinstance(here, dict) and len(here) == 1:
        (key,) = here
        path.append(key)
        here = here[key]
        if isinstance(here, list):
            break
    return tuple(path)
