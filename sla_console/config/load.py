"""Reading the configuration: strict, safe, and every fault in one sentence."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from sla_console.config.environment import Overrides
from sla_console.config.faults import sentence
from sla_console.config.lines import line_of
from sla_console.config.references import reference_faults
from sla_console.config.safe_file import FileContent, read_file
from sla_console.config.settings import Settings
from sla_console.domain.errors import UserError
from sla_console.domain.text import clean
from sla_console.domain.tickets.log_map import LogMap

STOPS: Final = ("resolved", "closed")
"""What may end a promise that is tried on history."""


def load_settings(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """Return the settings: defaults, then the file, then ``SLA_CONSOLE_<SECTION>__<KEY>``.

    Args:
        path: The file to read, as ``paths.find_config`` gives it; None: no file.
        environ: The environment.

    Raises:
        UserError: for the first fault, in one sentence, with the number of further ones.
    """
    overrides = Overrides(environ)
    table: dict[str, Any] = {}
    content = None
    if path is not None:
        content = read_file(path, "the configuration")
        table = _parse(content)
        _check_access(content, table)
    overrides.apply(table)
    return _validated(content, table, overrides)


def load_trial(path: Path) -> tuple[Settings, str]:
    """Return the promises of a file to be tried on history, and what ends them.

    The file has the tables of the configuration, so that what was tried can be pasted into it, and
    ``stop_at = "resolved"`` or ``"closed"`` beside them. The environment changes nothing in it.

    Raises:
        UserError: for the first fault, in one sentence.
    """
    content = read_file(path, "the policy file")
    table = _parse(content)
    _check_access(content, table)
    stop_at = table.pop("stop_at", STOPS[0])
    if stop_at not in STOPS:
        found = clean(str(stop_at), 60)
        raise UserError(f'{path}: stop_at: found "{found}", expected one of "resolved", "closed"')
    settings = _validated(content, table, Overrides({}))
    if not settings.policies:
        raise UserError(
            f"{path}: policies: found none, expected at least one [[policies]] to try, with "
            f"response_minutes, resolution_hours or both"
        )
    return settings, stop_at


def load_log_map(path: Path, statuses: Mapping[str, list[str]]) -> LogMap:
    """Return how a log is read, from a file with nothing but a table ``[log]``.

    Args:
        path: The file.
        statuses: What statuses mean by the policy file, ``hold`` and ``closed``.

    Raises:
        UserError: for the first fault, in one sentence.
    """
    content = read_file(path, "the map")
    table = _parse(content)
    other = next((key for key in table if key != "log"), None)
    if other is not None:
        raise UserError(
            f"{_place(content, other)}: {clean(other, 60)}: found a key that a map has not, "
            f"expected the table [log] alone; move it to the policy file"
        )
    if not table:
        raise UserError(f"{path}: found no table [log], expected one that names the columns")
    return _validated(content, table, Overrides({})).log.as_domain(str(path), statuses)


def _validated(
    content: FileContent | None, table: dict[str, Any], overrides: Overrides
) -> Settings:
    path = None if content is None else content.path
    folder = None if path is None else path.absolute().parent
    try:
        settings = Settings.model_validate(table, context={"folder": folder})
    except ValidationError as error:
        details = error.errors(include_url=False)
        faults = [sentence(detail, overrides.variable) for detail in details]
    else:
        faults = list(reference_faults(settings))
        if not faults:
            return settings.read_from(path)
    # Raised here, not in the handler: the cause would carry what the file holds.
    raise UserError(_one_sentence(content, faults))


def _parse(content: FileContent) -> dict[str, Any]:
    path = content.path
    try:
        return tomllib.loads(content.data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = content.data[: error.start].count(b"\n") + 1
        raise UserError(
            f"{path}: line {line} is not UTF-8 text, expected TOML in UTF-8; save it as UTF-8"
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise UserError(
            f"{path}: it is not valid TOML: {error}; compare it with config.example.toml"
        ) from None
    except RecursionError:
        raise UserError(
            f"{path}: its values are nested too deeply, expected the tables of config.example.toml"
        ) from None


def _check_access(content: FileContent, table: dict[str, Any]) -> None:
    keys = set(_written(table))
    secrets = sorted(key for key in keys if key.endswith((".token", ".url", ".key")))
    if secrets:
        content.require_private(f"{secrets[0]} holds a secret")
    commands = sorted(key for key in keys if key.endswith("_command"))
    if commands:
        content.require_unwritable(f"{commands[0]} names a program that is run")


def _written(table: dict[str, Any]) -> list[str]:
    """Return the keys of the file that hold a secret or name a command."""
    found = [f"superops.{key}" for key in _table(table, "superops") if key.startswith("token")]
    channels = _table(_table(table, "alerts"), "channels")
    for name in channels:
        channel = _table(channels, name)
        found += [f"alerts.channels.{name}.{key}" for key in channel]
        found += [f"alerts.channels.{name}.signing.{key}" for key in _table(channel, "signing")]
    found += [f"alerts.heartbeat.{key}" for key in _table(_table(table, "alerts"), "heartbeat")]
    return found


def _table(table: dict[str, Any], key: str) -> dict[str, Any]:
    value = table.get(key)
    return value if isinstance(value, dict) else {}


def _one_sentence(content: FileContent | None, faults: list[str]) -> str:
    first = faults[0]
    if not first.startswith("environment variable"):
        first = f"{_place(content, first.partition(':')[0])}: {first}"
    more = len(faults) - 1
    first = first.replace("\n", " ")
    return f"{first} (and {more} more fault{'s' if more > 1 else ''})" if more else first


def _place(content: FileContent | None, key: str) -> str:
    """Return where a setting stands: the file, and its line where it is written there."""
    if content is None:
        return "the environment"
    line = line_of(content.data.decode("utf-8-sig"), key)
    return f"{content.path}: line {line}" if line else str(content.path)


def place_of(path: Path | None, key: str) -> str:
    """Return where a setting stands, as messages name it; for faults that are found elsewhere.

    Args:
        path: The configuration's file, None where there is none.
        key: Such as ``ui.theme``.

    Raises:
        UserError: if the file can be read no more.
    """
    return _place(None if path is None else read_file(path, "the configuration"), key)
