"""Who is told of what time does to a breach, and what: pages, reminders, snoozes that end."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sla_console.alerting.planner import Planner, Sending, distinct
from sla_console.domain.alert import ASSIGNEE, AlertEvent, Notice, Route
from sla_console.domain.breach import SLABreach
from sla_console.domain.calendar import BusinessCalendar
from sla_console.domain.episode import Episode
from sla_console.domain.escalating import Stir, Stirred
from sla_console.domain.escalation import Page
from sla_console.domain.notice import notice_of

_ANEW: Final = "it is escalated anew"
_ANEW_LATER: Final = "it is escalated anew when its ticket waits no more"
_REMINDERS: Final[Mapping[Stir, str]] = {
    Stir.REMIND: "the acknowledgement runs out soon; acknowledge again to keep it",
    Stir.EXPIRED: "the acknowledgement ran out; it is nobody's again, and {anew}",
    Stir.WOKE: "the snooze is over; {anew}",
    Stir.WORSE: "its ticket became more urgent; it is nobody's again, and {anew}",
}


@dataclass(frozen=True, slots=True)
class Telling:
    """What is to be told, and whom."""

    notice: Notice
    identity: str
    """What makes it one event and no other."""
    sendings: tuple[Sending, ...]
    route: Route | None = None
    """Of a page: whom its step means."""
    muted: str | None = None
    """Why nobody is told all the same; None: somebody is."""


def telling(
    planner: Planner, breach: SLABreach, stirred: Stirred, hours: BusinessCalendar, now: datetime
) -> Telling:
    """Return what there is to tell of what time did to a breach.

    Args:
        planner: Knows who is reached through what.
        breach: As it is then.
        stirred: What happened.
        hours: The business hours of the client.
        now: The moment.
    """
    if stirred.page is not None and breach.episode is not None:
        return _page(planner, breach, breach.episode, stirred.page, hours, now)
    held = breach.episode is not None and breach.episode.held_since is not None
    reason = _REMINDERS[stirred.stir].format(anew=_ANEW_LATER if held else _ANEW)
    notice = notice_of(breach, AlertEvent.REMINDER, now)
    notice = replace(notice, by=stirred.had, reason=reason)
    sendings: list[Sending] = []
    if stirred.stir is Stir.REMIND:
        asked = replace(notice, technician=stirred.had)
        sendings = planner.by_route(Route(people=(ASSIGNEE,)), asked, now, "reminder")
    named, muted = planner.by_name(notice, hours, now)
    told_of = replace(notice, event=AlertEvent.BREACH)
    sendings = distinct([*sendings, *named]) or planner.by_rules(told_of, hours, now)
    identity = f"{breach.id}:{stirred.stir}:{breach.revision}"
    return Telling(notice, identity, tuple(sendings), muted=muted)


def _page(
    planner: Planner,
    breach: SLABreach,
    episode: Episode,
    page: Page,
    hours: BusinessCalendar,
    now: datetime,
) -> Telling:
    step, count = episode.plan.steps[page.step], len(episode.plan.steps)
    notice = replace(
        notice_of(breach, AlertEvent.ESCALATION, episode.base + page.after),
        step=f"{page.step + 1} of {count}" + (f", again {page.repeat}" if page.repeat else ""),
    )
    name = f"{episode.plan.name}, step {page.step + 1}"
    quiet = hours if planner.quieting.quiet_hours else None
    sendings = planner.by_route(step.route, notice, now, name, quiet)
    named, muted = planner.by_name(notice, hours, now)
    identity = f"{breach.id}:{episode.round}:{page.step}:{page.repeat}"
    return Telling(notice, identity, tuple(distinct([*sendings, *named])), step.route, muted)
