"""What every group of settings has in common: strictness, secrets, paths."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self

# Looking through every installed package for plugins costs a fifth of pydantic's start.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainValidator,
    ValidationInfo,
    model_validator,
)
from pydantic_core import PydanticCustomError

from sla_console.config.paths import expand
from sla_console.config.secrets import Secret, SecretSource
from sla_console.domain.names import character_words

SECRET_SOURCES = ("", "_env", "_file", "_command", "_keyring")
"""Endings of the settings that say where one secret comes from; the first holds it itself."""


_WIDE_SPACE = re.compile(r"[^\S\r\n\t\v\f\x1c-\x1f\x85\u2028\u2029]")


class SettingsGroup(BaseModel):
    """A group of settings: no conversion, no unknown keys, no change once read."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)

    stem: ClassVar[str | None] = None
    """The setting that holds this group's secret; its other sources are named after it."""


class SecretGroup(SettingsGroup):
    """A group with one secret, that comes from at most one source."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        written = self.written_sources()
        if len(written) > 1:
            raise ValueError(f"found both {written[0]} and {written[1]}, expected one; remove one")
        return self

    def written_sources(self) -> list[str]:
        """Return the names of the sources that are filled in."""
        names = [f"{self.stem}{ending}" for ending in SECRET_SOURCES]
        return [name for name in names if getattr(self, name) is not None]

    def source(self, where: str, environ: Mapping[str, str] | None = None) -> SecretSource | None:
        """Return where this group's secret comes from, or None if nothing says so.

        Args:
            where: The group's name for people, such as ``superops``.
            environ: The environment to read from; None: the process's own.
        """
        written = self.written_sources()
        if not written:
            return None
        name = written[0]
        value = getattr(self, name)
        if name == f"{self.stem}_env":
            return SecretSource.environment(value, environ)
        if name == f"{self.stem}_file":
            return SecretSource.file(value)
        if name == f"{self.stem}_command":
            return SecretSource.command(value)
        if name == f"{self.stem}_keyring":
            return SecretSource.keyring(value)
        return SecretSource.literal(value, f"{where}.{name}")


def _secret(value: Any) -> Secret:
    if isinstance(value, str) and value.strip() and value.isprintable():
        return Secret(value.strip())
    raise PydanticCustomError("secret", "expected the secret as text on one line")


def _path(value: Any, info: ValidationInfo) -> Path:
    if not isinstance(value, str) or not value.strip():
        raise PydanticCustomError("path", 'expected a path in quotes, such as "~/folder/file"')
    folder = info.context.get("folder") if isinstance(info.context, dict) else None
    return expand(value.strip(), folder)


def _name(value: Any) -> Any:
    if isinstance(value, str):
        # A name that was copied from a page has spaces of other widths.
        name = _WIDE_SPACE.sub(" ", value).strip()
        if not name.isprintable() and len(value.splitlines()) == 1:
            odd = next(c for c in name if not c.isprintable())
            raise PydanticCustomError(
                "name",
                "expected printable text; it holds {odd}, so write it anew",
                {"odd": character_words(odd)},
            )
        if not name or not name.isprintable():
            raise PydanticCustomError("name", "expected some printable text")
        return name
    return value


SecretText = Annotated[Secret, PlainValidator(_secret)]
"""A secret written out; nobody sees it again."""
PathText = Annotated[Path, BeforeValidator(_path)]
"""A path as people write it; a relative one starts at the configuration's folder."""
Name = Annotated[str, BeforeValidator(_name)]
"""Text with something in it, without spaces at its ends."""
