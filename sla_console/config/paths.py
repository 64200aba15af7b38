"""Where things live: the one place that knows the console's files and folders."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sla_console.domain.errors import UserError

_APP: Final = "sla-console"


@dataclass(frozen=True, slots=True)
class Paths:
    """Every file and folder of one installation. Naming them creates none of them."""

    config_file: Path
    """Settings; need not exist."""
    data_dir: Path
    """Folder of what survives."""
    log_dir: Path
    """Folder of the log."""
    key_file: Path
    """Key of the database. Away from the data, so a backup of the data does not carry it."""
    database: Path
    """The encrypted database."""


def default_config_file() -> Path:
    """Return where the configuration is looked for when nobody says otherwise."""
    import platformdirs  # noqa: PLC0415 - not needed for --help

    return Path(platformdirs.user_config_path(_APP, appauthor=False)) / "config.toml"


def config_file(option: str | Path | None, environ: Mapping[str, str]) -> Path:
    """Return where the configuration is, or would be written: option, environment, default.

    Args:
        option: What ``--config`` was given, if anything.
        environ: Asked for ``SLA_CONSOLE_CONFIG``.
    """
    asked = option or environ.get("SLA_CONSOLE_CONFIG")
    return expand(asked) if asked else default_config_file()


def find_config(option: str | Path | None, environ: Mapping[str, str]) -> Path | None:
    """Return the configuration to read, or None if there is none and none was asked for.

    Args:
        option: What ``--config`` was given, if anything.
        environ: Asked for ``SLA_CONSOLE_CONFIG``.

    Raises:
        UserError: if the file that was asked for is not there.
    """
    path = config_file(option, environ)
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        if not option and not environ.get("SLA_CONSOLE_CONFIG"):
            return None
        asker = "--config" if option else "SLA_CONSOLE_CONFIG"
        raise UserError(
            f"{path}: {asker} names this configuration, but it is not there; check the path, "
            f"or run: sla-console init"
        ) from None
    except (OSError, ValueError):
        pass  # reading it says why it cannot be read
    return path


def resolve_paths(
    config: Path,
    data_dir: str | Path | None = None,
    key_file: str | Path | None = None,
) -> Paths:
    """Return every path of an installation.

    Args:
        config: The configuration, from ``config_file`` or ``find_config``.
        data_dir: Folder for everything that is kept, the log included; None: where the system
            keeps such things.
        key_file: Key of the database; None: beside the default configuration.
    """
    import platformdirs  # noqa: PLC0415 - not needed for --help

    if data_dir:
        data = expand(data_dir)
        log = data / "log"
    else:
        data = Path(platformdirs.user_data_path(_APP, appauthor=False))
        log = Path(platformdirs.user_log_path(_APP, appauthor=False))
    key = expand(key_file) if key_file else default_config_file().with_name("store.key")
    return Paths(
        config_file=config,
        data_dir=data,
        log_dir=log,
        key_file=key,
        database=data / "sla-console.db",
    )


def expand(path: str | Path, folder: Path | None = None) -> Path:
    """Return ``path`` as an absolute path, ``~`` filled in.

    Args:
        path: As a person wrote it.
        folder: What a relative path starts from; None: the working folder.

    Raises:
        UserError: if the home of ``~name`` is not known, or the path holds a null character.
    """
    if "\0" in str(path):
        raise UserError(f"{str(path)!r} is no path, because it holds a null character")
    try:
        full = Path(path).expanduser()
    except RuntimeError:
        raise UserError(
            f"{path}: the home folder it names is not known; write it in full"
        ) from None
    return full if full.is_absolute() else (folder or Path.cwd()) / full
