"""Alerts of what time does to a breach: escalation steps, reminders, snoozes that end."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from sla_console.alerting.alert import Alert, HeldBack, Sending
from sla_console.alerting.routing import Router, distinct
from sla_console.domain.alert import ASSIGNEE, AlertEvent, Route
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


def timer_alert(
    router: Router, breach: SLABreach, stirred: Stirred, hours: BusinessCalendar, now: datetime
) -> tuple[Alert, Route | None]:
    """Return the alert of what time did to a breach, and of a page whom its step means.

    Args:
        router: Knows who is reached through what.
        breach: As it is then.
        stirred: What happened.
        hours: The business hours of the client.
        now: The moment.
    """
    if stirred.page is not None and breach.episode is not None:
        return _page(router, breach, breach.episode, stirred.page, hours, now)
    held = breach.episode is not None and breach.episode.held_since is not None
    reason = _REMINDERS[stirred.stir].format(anew=_ANEW_LATER if held else _ANEW)
    notice = notice_of(breach, AlertEvent.REMINDER, now)
    notice = replace(notice, by=stirred.had, reason=reason)
    quiet = hours if router.quiet_hours else None
    sendings: list[Sending] = []
    if stirred.stir is Stir.REMIND:
        asked = replace(notice, technician=stirred.had)
        sendings = router.by_route(Route(people=(ASSIGNEE,)), asked, now, "reminder", quiet)
    named, muted = router.by_name(notice, hours, now)
    told_of = replace(notice, event=AlertEvent.BREACH)
    sendings = distinct([*sendings, *named]) or router.by_rules(told_of, hours, now)
    identity = f"{breach.id}:{stirred.stir}:{breach.revision}"
    held_back = HeldBack(muted) if muted else None
    return Alert(notice, identity, now, hours, tuple(sendings), held_back), None


def _page(
    router: Router,
    breach: SLABreach,
    episode: Episode,
    page: Page,
    hours: BusinessCalendar,
    now: datetime,
) -> tuple[Alert, Route]:
    step, count = episode.plan.steps[page.step], len(episode.plan.steps)
    notice = replace(
        notice_of(breach, AlertEvent.ESCALATION, episode.base + page.after),
        step=f"{page.step + 1} of {count}" + (f", again {page.repeat}" if page.repeat else ""),
    )
    name = f"{episode.plan.name}, step {page.step + 1}"
    quiet = hours if router.quiet_hours else None
    sendings = router.by_route(step.route, notice, now, name, quiet)
    named, muted = router.by_name(notice, hours, now)
    gone = router.gone(step.route)
    if gone:
        # What a running plan names may have left the configuration since it was copied.
        why = f"its step names what is no longer configured ({', '.join(gone)})"
        notice = replace(notice, reason=why)
        if not sendings and muted is None:
            sendings = router.instead(notice, hours, now)
    identity = f"{breach.id}:{episode.round}:{page.step}:{page.repeat}"
    held_back = HeldBack(muted) if muted else None
    found = tuple(distinct([*sendings, *named]))
    return Alert(notice, identity, now, hours, found, held_back), step.route
