"""The zone of this machine, by its IANA name."""

import contextlib
import os
from pathlib import Path


def local_zone() -> str | None:
    """Return the IANA name of this machine's zone, None where nothing tells it."""
    from zoneinfo import available_timezones

    # Where /etc/localtime points is the systemd way; /etc/timezone is Debian's.
    named = os.environ.get("TZ", "").removeprefix(":")
    linked = os.path.realpath("/etc/localtime").partition("zoneinfo/")[2]
    written = ""
    with contextlib.suppress(OSError, UnicodeDecodeError):
        written = Path("/etc/timezone").read_text(encoding="utf-8").strip()
    known = available_timezones()
    return next((zone for zone in (named, linked, written) if zone in known), None)
