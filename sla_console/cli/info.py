"""``sla-console info``: where things are and which versions run. It reads no secret."""

import argparse
import os
import platform
from importlib import metadata
from pathlib import Path

from sla_console.config.paths import Paths, config_file, resolve_paths
from sla_console.domain.errors import UserError

_PACKAGES = ("textual", "httpx", "aiohttp", "apprise", "pydantic", "aiosqlite", "sqlcipher3")


def run(args: argparse.Namespace) -> int:
    """Print the facts, one a line; 1 if the configuration cannot be used."""
    path = config_file(args.config, os.environ)
    fault, paths = _paths(path, args.data_dir)
    print(f"sla-console    {_version('sla-console')}")
    print(f"python         {platform.python_version()} on {platform.system()} {platform.machine()}")
    for package in _PACKAGES:
        print(f"{package:<14} {_version(package)}")
    print(f"configuration  {path} ({fault or _state(path)})")
    print(f"data           {paths.data_dir} ({_state(paths.data_dir)})")
    print(f"database       {paths.database} ({_state(paths.database)})")
    print(f"key            {paths.key_file} ({_state(paths.key_file)})")
    print(f"log            {paths.log_dir} ({_state(paths.log_dir)})")
    return 1 if fault else 0


def _paths(path: Path, data_dir: str | None) -> tuple[str | None, Paths]:
    """Return what is wrong with the configuration, if anything, and the paths in force."""
    from sla_console.config.load import load_settings

    try:
        settings = load_settings(path if os.path.lexists(path) else None, os.environ)
    except UserError as error:
        folder = data_dir or os.environ.get("SLA_CONSOLE_DATA_DIR")
        return f"unusable: {error}", resolve_paths(path, folder)
    store = settings.store
    return None, resolve_paths(path, data_dir or store.data_dir, store.key_file)


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def _state(path: Path) -> str:
    try:
        facts = path.stat()
    except OSError:
        return "not there yet"
    return "there" if path.is_dir() else f"there, {facts.st_size:,} bytes"
