"""The configuration as the commands need it: found, read, and its paths worked out."""

import argparse
import os
from dataclasses import dataclass

from sla_console.config.load import load_settings
from sla_console.config.paths import Paths, config_file, find_config, resolve_paths
from sla_console.config.settings import Settings
from sla_console.domain.errors import UserError


@dataclass(frozen=True, slots=True)
class Configuration:
    """Checked settings with the paths that follow from them."""

    settings: Settings
    paths: Paths


def configured(arguments: argparse.Namespace) -> Configuration:
    """Return the configuration that this command line and environment choose.

    ``--data-dir`` wins over the environment, which wins over the file.

    Raises:
        UserError: for a fault in it, or if there is none and the environment names no desk.
    """
    file = find_config(arguments.config, os.environ)
    settings = load_settings(file, os.environ)
    path = file or config_file(arguments.config, os.environ)
    if file is None and not settings.superops.subdomain:
        raise UserError(
            f"{path}: there is no configuration yet; run 'sla-console init' to write one, or "
            f"'sla-console demo' to look around without"
        )
    store = settings.store
    folder = arguments.data_dir or store.data_dir
    return Configuration(settings, resolve_paths(path, folder, store.key_file))
