"""Whose name stands under what is done."""

import getpass
import os

from sla_console.config.settings import Settings
from sla_console.domain.errors import UserError


def operator(configured_name: str | None) -> str:
    """Return the configured name, else the login name."""
    if configured_name:
        return configured_name
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


def author(settings: Settings) -> str:
    """Return the name that stands under what a command changes.

    Raises:
        UserError: where the configuration lets nobody change anything from here.
    """
    if settings.ui.read_only:
        raise UserError(
            f"{settings.file or 'the environment'}: ui.read_only is true, so this command changes "
            f"nothing; set it to false, or use a configuration that may change things"
        )
    return operator(settings.ui.operator)
