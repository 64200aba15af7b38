"""The file that goes with a message, and what the message says where it cannot."""

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from sla_console.domain.alerts.alert import Limits, OutboxMessage

MEGABYTE: Final = 1_000_000
# Of Apprise's services: those that take pictures alone and pass over any other file, and those
# that do so unless they speak as a bot. Each calls that a success.
_PICTURES: Final = frozenset(
    {
        "NotifyBlueSky",
        "NotifyDot",
        "NotifyGroupMe",
        "NotifyMastodon",
        "NotifyPushSafer",
        "NotifyPushover",
        "NotifySMSEagle",
        "NotifyTwitter",
    }
)
_BOTS: Final = {"NotifySlack": "bot", "NotifyWebexTeams": "bot", "NotifyMatrix": "off"}
_TAKES_NONE: Final = "this channel takes no files"
_LINE_END: Final = 2


@dataclass(frozen=True, slots=True)
class Attached:
    """A message, and its file if it goes with it."""

    message: OutboxMessage
    path: Path | None = None


def attached(message: OutboxMessage, limits: Limits, most: int | None) -> Attached:
    """Return a message with its file; where it goes without, the message says why.

    Args:
        message: In words.
        limits: What the channel can carry.
        most: The largest file that the channel takes, in bytes; None: it takes none.
    """
    if message.attachment is None:
        return Attached(message)
    path = Path(message.attachment)
    if most is None:
        return _without(message, limits, f"{path.name} is not attached: {_TAKES_NONE}.")
    size = _size(path)
    if size is None:
        return _without(message, limits, f"{path.name} is not attached: it is no longer there.")
    if size > most:
        why = (
            f"it has {size / MEGABYTE:.1f} MB, more than the {most // MEGABYTE} MB that go through"
        )
        return _without(message, limits, f"{path.name} is not attached: {why}.")
    return Attached(message, path)


def _size(path: Path) -> int | None:
    """Return how many bytes can be read from a file; None: it is gone, or may not be read."""
    try:
        if not path.is_absolute() or not path.is_file():
            return None
        with path.open("rb") as file:
            return os.fstat(file.fileno()).st_size
    except (OSError, ValueError):
        return None


def _without(message: OutboxMessage, limits: Limits, why: str) -> Attached:
    room = max(limits.body - len(why) - _LINE_END, 0)
    body = f"{message.body[:room].rstrip()}\n\n{why}".strip()[: max(limits.body, 1)]
    return Attached(replace(message, body=body))


def takes_files(plugin: Any, limits: Limits) -> bool:
    """Return whether a service of Apprise's passes on files of any kind.

    Args:
        plugin: The Apprise object that knows the service.
        limits: What it can carry.
    """
    name = type(plugin).__name__
    if not plugin.attachment_support or limits.short or name in _PICTURES:
        return False
    return name not in _BOTS or str(getattr(plugin, "mode", "")) == _BOTS[name]
