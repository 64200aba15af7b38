"""Finding one's way through the tree of settings by key, for overrides and for messages."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeGuard, get_args, get_origin

from pydantic.fields import FieldInfo

from sla_console.config.base import SECRET_SOURCES, SettingsGroup
from sla_console.config.secrets import Secret
from sla_console.config.settings import Settings


def is_group(annotation: Any) -> TypeGuard[type[SettingsGroup]]:
    """Return whether this type is a group of settings."""
    return isinstance(annotation, type) and issubclass(annotation, SettingsGroup)


def keys_of(group: type[SettingsGroup]) -> dict[str, FieldInfo]:
    """Return the settings of a group by the key that a file uses."""
    return {field.alias or name: field for name, field in group.model_fields.items()}


def type_at(path: Sequence[str | int]) -> Any | None:
    """Return the type of what stands at ``path`` in the settings, or None where nothing can."""
    here: Any = Settings
    for step in path:
        if is_group(here):
            field = keys_of(here).get(str(step))
            here = None if field is None else field.annotation
        elif get_origin(here) is dict:
            here = get_args(here)[1]
        elif get_origin(here) is list:
            here = get_args(here)[0]
        else:
            return None
    return here


def is_table_by_name(annotation: Any) -> bool:
    """Return whether this type is a table whose keys people choose."""
    return get_origin(annotation) is dict


def takes_text(annotation: Any) -> bool:
    """Return whether a setting of this type is written as text."""
    if annotation in {str, Path, Secret}:
        return True
    if isinstance(annotation, str):  # one of the words of a Literal
        return True
    if get_origin(annotation) in {list, dict}:
        return False
    return any(takes_text(part) for part in get_args(annotation))


def is_secret(path: Sequence[str | int]) -> bool:
    """Return whether the setting at ``path`` holds a secret itself."""
    group = type_at(path[:-1])
    return bool(path) and is_group(group) and path[-1] == group.stem


def rival_sources(path: Sequence[str]) -> list[str]:
    """Return the other keys that say where the same secret comes from; none for other settings."""
    group = type_at(path[:-1])
    if not is_group(group) or group.stem is None:
        return []
    keys = [f"{group.stem}{ending}" for ending in SECRET_SOURCES]
    return [key for key in keys if key != path[-1]] if path[-1] in keys else []


def dotted(path: Sequence[str | int]) -> str:
    """Return a path as people write it, such as ``policies[0].name``."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text
