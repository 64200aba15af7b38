"""The policies and calendars that a report rests on, in words, each with a hash of them."""

import hashlib
from datetime import date
from typing import Final

from sla_console.domain.sla.calendar import WEEKDAYS, BusinessCalendar
from sla_console.domain.sla.policy import SLAPolicy, WhoseHours
from sla_console.domain.sla.sla_clock import EvaluatedTicket
from sla_console.reporting.records import Version

HOURS_OF: Final = "hours of "
"""Before the client in the name of a calendar that is its site's."""


class Versions:
    """Notes which policies and calendars were used."""

    def __init__(self) -> None:
        self._policies: dict[str, SLAPolicy] = {}
        self._calendars: dict[int, tuple[BusinessCalendar, set[str]]] = {}

    def note(self, judged: EvaluatedTicket, client: str) -> None:
        """Note what a ticket was judged by.

        Args:
            judged: The ticket.
            client: Under which name its client is shown.
        """
        policy = judged.policy
        if policy is not None:
            self._policies.setdefault(policy.id, policy)
        for clock, named in (
            (judged.response, policy.response_hours if policy is not None else None),
            (judged.resolution, policy.hours if policy is not None else None),
        ):
            if clock is judged.response and clock.calendar is judged.resolution.calendar:
                continue
            known = self._calendars.setdefault(id(clock.calendar), (clock.calendar, set()))
            known[1].add(named if isinstance(named, str) else f"{HOURS_OF}{client}")

    def policies(self) -> list[Version]:
        """Return the policies by name."""
        found = [_version(one.name, policy_words(one)) for one in self._policies.values()]
        return sorted(found, key=lambda version: (version.name, version.digest))

    def calendars(self) -> list[Version]:
        """Return the calendars by name; one of the same hours stands under each of its names."""
        texts: dict[str, set[str]] = {}
        for calendar, used_by in self._calendars.values():
            text = calendar_words(calendar)
            for name in {"every hour"} if text == _ALWAYS else used_by:
                texts.setdefault(name, set()).add(text)
        found = [_version(name, text) for name, some in texts.items() for text in some]
        return sorted(found, key=lambda version: (version.name, version.digest))


_ALWAYS = "every hour counts"


def _version(name: str, text: str) -> Version:
    return Version(name, text, hashlib.sha256(text.encode()).hexdigest()[:12])


def policy_words(policy: SLAPolicy) -> str:
    """Return all that decides what a policy promises, and to which tickets."""
    minutes, hours = policy.response_time_minutes, policy.resolution_time_hours
    conditions = (
        ("SLA", policy.sla_name),
        ("client", policy.client),
        ("group", policy.group),
        ("priority", policy.priority_level),
        ("request type", policy.request_type),
    )
    where = [f"{name} = {value}" for name, value in conditions if value is not None]
    lines = [
        f"first response: {'not promised' if minutes is None else f'{minutes} minutes'}",
        f"resolution: {'not promised' if hours is None else f'{hours:g} hours'}",
        f"counted in: {_hours_of(policy.hours)}",
        f"for tickets with: {', '.join(where) or 'no condition'}",
    ]
    if policy.response_hours != policy.hours:
        lines.insert(1, f"first response counted in: {_hours_of(policy.response_hours)}")
    if policy.default:
        lines.append("used where no other policy matches")
    if policy.order is not None:
        lines.append(f"order: {policy.order}")
    return "\n".join(lines)


def _hours_of(named: str | WhoseHours | None) -> str:
    if named is WhoseHours.EVERY:
        return "every hour"
    return f"calendar {named}" if isinstance(named, str) else "the hours of the client's site"


def calendar_words(calendar: BusinessCalendar) -> str:
    """Return all that decides when a calendar is open."""
    if calendar.is_always:
        return _ALWAYS
    lines = [f"zone: {calendar.timezone}"]
    lines += [f"{day}: {_spans(spans)}" for day, spans in zip(WEEKDAYS, calendar.week, strict=True)]
    if calendar.holidays:
        lines.append(f"closed on: {', '.join(map(date.isoformat, sorted(calendar.holidays)))}")
    lines += [f"{day}: {_spans(spans)}" for day, spans in sorted(calendar.overrides.items())]
    return "\n".join(lines)


def _spans(spans: tuple[tuple[int, int], ...]) -> str:
    return ", ".join(f"{_clock(begin)} to {_clock(end)}" for begin, end in spans) or "closed"


def _clock(seconds: int) -> str:
    day, rest = ("next day ", seconds - 86_400) if seconds > 86_400 else ("", seconds)
    text = f"{day}{rest // 3600:02}:{rest // 60 % 60:02}"
    return f"{text}:{rest % 60:02}" if rest % 60 else text
