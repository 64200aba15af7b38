"""Opens a link in a graphical browser, and in no other: one in this terminal would take the screen."""

import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from typing import Final

_REMOTE: Final = ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT")
_PASSED_ON: Final = (
    "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "XDG_RUNTIME_DIR", "XDG_CURRENT_DESKTOP",
    "XDG_SESSION_TYPE", "DBUS_SESSION_BUS_ADDRESS", "HOME", "PATH", "LANG", "USER", "LOGNAME",
    "SYSTEMROOT",
)  # fmt: skip
"""A browser needs these of the environment; tokens and keys stay here."""
_OPENERS: Final = {"darwin": "/usr/bin/open", "linux": "/usr/bin/xdg-open"}


def has_display(environ: Mapping[str, str]) -> bool:
    """Return whether a graphical display of this very machine is certain.

    Args:
        environ: The environment of the process. Over SSH a display may be forwarded, which says
            nothing about a browser there, so that none is opened.
    """
    if any(environ.get(name) for name in _REMOTE):
        return False
    if sys.platform == "darwin":
        return True
    return bool(environ.get("WAYLAND_DISPLAY") or environ.get("DISPLAY"))


def open_link(link: str) -> bool:
    """Open a link in a graphical browser and return whether one was started.

    Args:
        link: A URL of http or https.
    """
    environ = os.environ
    if not link.startswith(("https://", "http://")) or not has_display(environ):
        return False
    # BROWSER may name one that runs in a terminal, so it is neither read nor passed on.
    opener = _OPENERS.get(sys.platform, "")
    if not os.access(opener, os.X_OK):
        return False
    try:
        process = subprocess.Popen(  # noqa: S603 - the program is fixed, and the link is one argument
            [opener, link],
            env={name: environ[name] for name in _PASSED_ON if name in environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        return False
    threading.Thread(target=process.wait, daemon=True).start()  # or it stays a zombie for weeks
    return True
