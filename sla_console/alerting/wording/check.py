"""What is wrong with the user's templates, before an alert has to do without them."""

import re
from datetime import UTC
from pathlib import Path
from typing import Final

from sla_console.alerting.wording.composer import Composer
from sla_console.alerting.wording.facts import facts_of
from sla_console.alerting.wording.samples import NOW, samples
from sla_console.domain.alerts.alert import AlertEvent, Limits

_FORMS: Final = (Limits(), Limits(short=True, title=60, body=160))
_PAGES: Final = {"b1": "https://sla.example/a/link"}
_NOT_OURS: Final = re.compile(r"[._].*|.*~|README(\..*)?", re.IGNORECASE)


def check_templates(folder: Path) -> list[str]:
    """Return one sentence for each faulty template: its file, its line and what is wrong.

    Each is tried with messages of every kind, long and short. A name that begins with an
    underscore is free for what templates include; hidden files and a README are passed over.

    Args:
        folder: The user's.
    """
    from sla_console.alerting.wording.sources import EVENTS, NAMES, SHARED, nearest  # noqa: PLC0415

    if not folder.is_dir():
        return [f"{folder}: found no folder, expected one with templates; make it"]
    try:
        present = sorted(path.name for path in folder.iterdir())
    except OSError as error:
        return [f"{folder}: it cannot be read ({error.strerror or error})"]
    faults = [
        f"{name}: no message uses a template of this name{nearest(name, NAMES)}; expected one of "
        f"{', '.join(NAMES)}"
        for name in present
        if name not in NAMES and not _NOT_OURS.fullmatch(name)
    ]
    # What is shared may spoil any event's words; what is not is tried with its own event alone.
    everything = any(name in SHARED for name in present)
    tried = [
        event
        for event, name in zip(AlertEvent, EVENTS, strict=True)
        if everything or name in present
    ]
    found = [fault for event in tried if (fault := _fault(folder, event))]
    return [*faults, *dict.fromkeys(found)]


def _fault(folder: Path, event: AlertEvent) -> str | None:
    composer = Composer(folder)
    for message in samples(event):
        if message.notification is None:
            continue
        facts = facts_of(message, message.notification, NOW, "https://desk.example/77", UTC, _PAGES)
        for limits in _FORMS:
            _, fault = composer.own(message.notification, facts, message, limits)
            if fault is not None:
                return fault
    return None
