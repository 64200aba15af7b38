"""What is said: plain text that fits every channel, with outside text made harmless."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from sla_console.alerting.ports import Subject
from sla_console.domain.breach import SLABreach, SLAWarning
from sla_console.domain.durations import words
from sla_console.domain.text import clean

_MENTION: Final = re.compile(r"@(?=\w)|<(?=[!@#])")


def outside(text: str | None, missing: str) -> str:
    """Return text from outside so that no chat reads a mention or a command in it.

    ``@everyone`` becomes ``(at)everyone`` and ``<!here>`` becomes ``(!here>``.
    """
    if not text:
        return missing
    return _MENTION.sub(lambda found: "(at)" if found[0] == "@" else "(", clean(text, 200))


def breach_text(breach: SLABreach, now: datetime, link: str | None) -> tuple[str, str]:
    """Return title and body of "this promise is broken"."""
    late = words(now - breach.breach_time)
    title = f"BREACHED: {breach.breach_type.words} of {_name(breach)}"
    lines = [
        f"The {breach.breach_type.words} was due {_utc(breach.breach_time)}, {late} ago.",
        *_facts(breach),
        "Acknowledge it in the SLA console, or answer and resolve the ticket.",
    ]
    return title, _body(lines, link)


def warning_text(warning: SLAWarning, now: datetime, link: str | None) -> tuple[str, str]:
    """Return title and body of "this promise is about to break"."""
    left = words(max(warning.due - now, timedelta()))
    title = f"{left} left: {warning.breach_type.words} of {_name(warning)}"
    lines = [
        (
            f"{warning.threshold_percent} % of the time for the {warning.breach_type.words} is used; "
            f"it is due {_utc(warning.due)}, in {left}."
        ),
        *_facts(warning),
    ]
    return title, _body(lines, link)


def escalation_text(
    breach: SLABreach, now: datetime, by: str | None, reason: str | None, link: str | None
) -> tuple[str, str]:
    """Return title and body of "somebody hands this up to you"."""
    title = f"ESCALATED: {breach.breach_type.words} of {_name(breach)}"
    lines = [
        (
            f"{outside(by, 'The console')} escalated this breach: the {breach.breach_type.words} was "
            f"due {_utc(breach.breach_time)}, {words(now - breach.breach_time)} ago."
        ),
        *([f"Reason: {outside(reason, '')}"] if reason else []),
        *_facts(breach),
        "It needs somebody with more means; please take it over.",
    ]
    return title, _body(lines, link)


def recovery_text(breach: SLABreach, link: str | None) -> tuple[str, str]:
    """Return title and body of "this breach is over"."""
    title = f"Over: {breach.breach_type.words} of {_name(breach)}"
    at = breach.resolved_at
    after = f" after {words(at - breach.breach_time)}" if at else ""
    return title, _body([f"The breach is over{after}.", *_facts(breach)], link)


def repeated(body: str, attempt: int) -> str:
    """Return a body marked as one that may have arrived before."""
    return f"{body}\n(This may be a repeat: attempt {attempt}.)"


def _name(about: Subject) -> str:
    return f"{outside(about.display_id, about.ticket_id)} ({outside(about.client, 'no client')})"


def _facts(about: Subject) -> list[str]:
    return [
        f"Subject: {outside(about.subject, '-')}",
        f"Client: {outside(about.client, 'unknown')}   Priority: {outside(about.priority, 'none')}",
        f"Technician: {outside(about.technician, 'nobody has it')}",
    ]


def _body(lines: list[str], link: str | None) -> str:
    return "\n".join([*lines, *([link] if link else [])])


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
