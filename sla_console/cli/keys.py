"""``sla-console keys``: every action with its id and keys, as the configuration has them."""

import argparse
import os

from sla_console.config.load import load_settings
from sla_console.config.paths import find_config


def run(args: argparse.Namespace) -> int:
    """Print them; 1 if the configuration asks for what cannot be."""
    from sla_console.ui.actions.catalogue import EVERY
    from sla_console.ui.actions.keymap import Keymap

    settings = load_settings(find_config(args.config, os.environ), os.environ)
    keymap = Keymap.of({name: tuple(keys) for name, keys in settings.ui.keys.items()})
    for action in EVERY:
        keys = " ".join(keymap.keys[action.id]) or "none"
        print(f"{action.id:<21} {keys:<13} {action.label}: {action.tooltip}")
    for fault in keymap.faults:
        print(f"trouble: {fault}")
    return 1 if keymap.faults else 0
