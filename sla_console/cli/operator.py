"""Whose name stands under what is done."""

import getpass
import os


def operator(configured_name: str | None) -> str:
    """Return the configured name, else the login name."""
    if configured_name:
        return configured_name
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"
