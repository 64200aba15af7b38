"""Settings from the environment: ``SLA_CONSOLE_<SECTION>__<KEY>`` wins over the file."""

import tomllib
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sla_console.config.faults import unknown_key
from sla_console.config.settings import TOKEN_VARIABLE, Settings
from sla_console.config.tree import (
    is_group,
    is_table_by_name,
    keys_of,
    rival_sources,
    takes_text,
    type_at,
)
from sla_console.domain.errors import UserError
from sla_console.domain.names import nearest

PREFIX: Final = "SLA_CONSOLE_"
DATA_DIR: Final = "SLA_CONSOLE_DATA_DIR"
_OWN: Final = {"SLA_CONSOLE_CONFIG", DATA_DIR, "SLA_CONSOLE_DEBUG", TOKEN_VARIABLE}


class Overrides:
    """What the environment sets, and which variable set it.

    Args:
        environ: The environment. A variable that is empty counts as not set.

    Raises:
        UserError: for a variable that looks like a setting and is none.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._values: dict[tuple[str, ...], tuple[str, str]] = {}
        for variable in sorted(environ):
            text = environ[variable]
            if not variable.startswith(PREFIX) or not text:
                continue
            path = ("store", "data_dir") if variable == DATA_DIR else _path(variable)
            if path is not None:
                self._values[path] = (variable, text)

    def apply(self, table: dict[str, Any]) -> None:
        """Write the overrides into ``table``, as read from the file."""
        for path, (_, text) in self._values.items():
            here: Any = table
            for depth, step in enumerate(path[:-1]):
                here = here.setdefault(_key(here, step, path[:depth]), {})
                if not isinstance(here, dict):
                    break
            if isinstance(here, dict):
                for rival in rival_sources(path):
                    here.pop(rival, None)
                here[path[-1]] = _value(path, text)

    def variable(self, path: Sequence[str | int]) -> str | None:
        """Return the variable that set what stands at ``path``, None if the file did."""
        for own, (name, _) in self._values.items():
            if tuple(str(step).casefold() for step in path[: len(own)]) == own:
                return name
        return None


def _path(variable: str) -> tuple[str, ...] | None:
    """Return the setting that a variable names; None for one that is no setting."""
    if variable in _OWN:
        return None
    path = tuple(variable.removeprefix(PREFIX).lower().split("__"))
    if path[0] not in keys_of(Settings) and len(path) == 1:
        meant = nearest(variable, {own.casefold() for own in _OWN}, cutoff=0.92)
        if meant:
            raise UserError(
                f"environment variable {variable}: found a name that does not exist, expected a "
                f"known one; did you mean {meant.upper()}?"
            )
        return None  # somebody's own, such as one that token_env names
    for depth in range(len(path)):
        group = type_at(path[:depth])
        if is_group(group) and path[depth] not in keys_of(group):
            raise UserError(
                f"environment variable {variable}: {unknown_key(path[depth], keys_of(group))}"
            )
        if type_at(path[: depth + 1]) is None:
            raise UserError(
                f"environment variable {variable}: found more parts than there are settings, "
                f"expected a name such as SLA_CONSOLE_SUPEROPS__SUBDOMAIN"
            )
    return path


def _key(table: dict[str, Any], step: str, path: tuple[str, ...]) -> str:
    """Return the key of a table whose keys people choose, found without case."""
    if not is_table_by_name(type_at(path)):
        return step
    return next((key for key in table if key.casefold() == step), step)


def _value(path: tuple[str, ...], text: str) -> Any:
    if takes_text(type_at(path)):
        return text
    try:
        parsed = tomllib.loads(f"value = {text}")
    except (tomllib.TOMLDecodeError, RecursionError):
        return text  # refused later, in words
    return parsed["value"] if list(parsed) == ["value"] else text
