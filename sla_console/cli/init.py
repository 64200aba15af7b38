"""``sla-console init``: writes a first configuration, and asks nothing that it can find out."""

import argparse
import contextlib
import getpass
import os
import re
import sys
from pathlib import Path
from typing import Final

from sla_console.cli.proposed_priorities import priorities_of_desk, table_of
from sla_console.cli.zone import local_zone
from sla_console.config.paths import config_file
from sla_console.domain.errors import UserError

_TEMPLATE: Final = """\
# Settings of SLA Console. config.example.toml in its repository shows every one with its reason.
# Check what stands here with: sla-console check

[superops]
# Accounts in the EU: https://euapi.superops.ai/msp
url = "https://api.superops.ai/msp"
{subdomain}
# Where the API token comes from; it does not belong into this file. SuperOps makes one under
# My Profile, API token. Keep one of these lines:
token_env = "SLA_CONSOLE_TOKEN"
# token_command = "pass show superops"
# token_file = "~/.config/sla-console/token"        # must be of mode 0600
# token_keyring = "sla-console/superops"            # pip install '.[keyring]'

[statuses]
# What your desk calls them; SuperOps does not say which statuses stop the clock.
hold = ["On Hold", "Waiting on customer", "Waiting on third party"]
closed = ["Resolved", "Closed", "Closed (no response)"]

{priorities}
[ui]
{operator}
{timezone}

# Where alerts go, as Apprise URLs (https://github.com/caronc/apprise); the URL holds a password,
# so name the place it comes from:
# [alerts.channels.team]
# url_env = "SLA_ALERT_TEAM_URL"
"""
_BLANK: Final = '# FILL IN: the name before .superops.ai\nsubdomain = ""'
_SUBDOMAIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,62}")


def run(args: argparse.Namespace) -> int:
    """Write the file for its owner alone, and say what comes next."""
    path = config_file(args.config, os.environ)
    exists = os.path.lexists(path)
    if exists and not args.force:
        raise UserError(
            f"{path}: there is a configuration already, and it is left as it is; "
            f"edit it, or replace it with --force, which keeps a copy"
        )
    subdomain = _subdomain()
    priorities, fault = priorities_of_desk(subdomain)
    if fault is not None:
        print(f"The desk's priorities could not be read, so none are proposed: {fault}")
    text = _TEMPLATE.format(
        subdomain=f'subdomain = "{subdomain}"' if subdomain else _BLANK,
        priorities=table_of(priorities),
        operator=_line("operator", _login(), "Name written on your acknowledgements."),
        timezone=_line("timezone", local_zone(), "Zone of the times shown."),
    )
    try:
        copy = None
        if exists:
            copy = _replace(path, text)
        else:
            _write(path, text)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UserError(
            f"{path}: the configuration cannot be written ({reason}); "
            f"name another place with --config"
        ) from None
    _say_next(path, copy, filled=bool(subdomain))
    return 0


def _subdomain() -> str | None:
    """Return the subdomain from the environment, else from the person at the terminal."""
    name = os.environ.get("SLA_CONSOLE_SUPEROPS__SUBDOMAIN", "").strip()
    if not name and sys.stdin.isatty() and sys.stdout.isatty():
        with contextlib.suppress(EOFError):
            name = input("Subdomain of your SuperOps account (the name before .superops.ai): ")
        name = name.strip().removeprefix("https://").partition(".superops.ai")[0]
    if not name:
        return None
    if not _SUBDOMAIN.fullmatch(name):
        raise UserError(
            f"the subdomain {name[:60]!a} is none, expected the name alone, such as acme for "
            f"acme.superops.ai; nothing was written"
        )
    return name


def _line(key: str, value: str | None, reason: str) -> str:
    return f'# {reason}\n{key} = "{value}"' if value else f'# {reason}\n# {key} = ""'


def _login() -> str | None:
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a user id without a name, as in some containers
        return None
    return name if name.isprintable() and not set(name) & {'"', "\\"} else None


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def _replace(path: Path, text: str) -> Path:
    """Put the new file in place of the one there, and return where that is now."""
    fresh = _free(path, "new")
    _write(fresh, text)
    copy = _free(path, "bak")
    path.rename(copy)
    fresh.rename(path)
    return copy


def _free(path: Path, ending: str) -> Path:
    """Return a name beside ``path`` that nothing has yet."""
    names = (path.with_name(f"{path.name}.{ending}{n}") for n in ("", *range(2, 10_000)))
    return next(name for name in names if not os.path.lexists(name))


def _say_next(path: Path, copy: Path | None, *, filled: bool) -> None:
    print(f"Wrote {path}, readable by you alone.")
    if copy is not None:
        print(f"The one before is now {copy}.")
    steps = [] if filled else [f"fill in the subdomain in {path}"]
    steps += [
        "make an API token in SuperOps (My Profile, API token) and: export SLA_CONSOLE_TOKEN=...",
        "see whether it works: sla-console check",
        "open the console: sla-console",
    ]
    print("Next:")
    for number, step in enumerate(steps, 1):
        print(f"  {number}. {step}")
