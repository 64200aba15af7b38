"""Who would be told what of a ticket, when and why, if nothing happened."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sla_console.alerting.alert import Sending
from sla_console.alerting.planner import AlertPlanner
from sla_console.alerting.timer_alerts import timer_alert
from sla_console.domain.alert import AlertEvent, Notice
from sla_console.domain.breach import SLABreach
from sla_console.domain.calendar import BusinessCalendar
from sla_console.domain.episode import Episode
from sla_console.domain.escalating import Stir, Stirred, advance, next_moment
from sla_console.domain.sla_clock import JudgedTicket, SLAClock
from sla_console.monitoring.events import breach_of, notice_for
from sla_console.monitoring.judging import Judge

_LATE: Final = timedelta(days=30)
_MOST: Final = 200
"""Things that time does to one breach."""


@dataclass(frozen=True, slots=True)
class Foretold:
    """One message that would be sent. Times aware UTC."""

    at: datetime
    event: AlertEvent
    what: str
    """Such as ``90% of the first response`` or ``step 2 of 3``."""
    channel: str | None
    """None: nobody would be told."""
    person: str | None
    why: str
    """Which rule or step."""
    held_back: str | None
    """What would keep it back; None: nothing."""


class Foretelling:
    """Looks ahead. Nothing is sent, and nothing stored.

    Args:
        planner: Who is told.
        judge: Knows the levels of warnings, and the hours of a ticket's client.
    """

    def __init__(self, planner: AlertPlanner, judge: Judge) -> None:
        self._planner, self._router, self._judge = planner, planner.router, judge

    def of(
        self, judged: JudgedTicket, breaches: Sequence[SLABreach], now: datetime
    ) -> list[Foretold]:
        """Return what would be told, in order of time.

        Args:
            judged: The ticket.
            breaches: Its breaches that are not over.
            now: The moment.
        """
        hours = self._judge.calendar_of(judged.ticket)
        found: list[Foretold] = []
        for clock in judged.clocks:
            if clock.due is None or clock.ended():
                continue
            breach = next((b for b in breaches if b.breach_type is clock.target), None)
            if breach is None:
                found += self._before(judged, clock, now, hours)
                breach = self._supposed(judged, clock, now, hours)
            if breach is not None:
                found += self._after(breach, hours)
        return sorted(found, key=lambda one: (one.at, one.channel or ""))

    def _before(
        self, judged: JudgedTicket, clock: SLAClock, now: datetime, hours: BusinessCalendar
    ) -> Iterator[Foretold]:
        """Yield the warnings to come, and the breach."""
        for level in self._judge.warn_at:
            at = level.moment(clock)
            if at is not None and at > now:
                notice = notice_for(judged, clock.target, AlertEvent.WARNING, at, level.key)
                yield from self._by_rules(notice, f"{level.key} of the {clock.target.words}", hours)
        at = clock.breaks_at()
        if at is not None:
            notice = notice_for(judged, clock.target, AlertEvent.BREACH, max(at, now))
            yield from self._by_rules(notice, f"the {clock.target.words} is broken", hours)

    def _supposed(
        self, judged: JudgedTicket, clock: SLAClock, now: datetime, hours: BusinessCalendar
    ) -> SLABreach | None:
        """Return the breach there will be, with its timer."""
        at = clock.breaks_at()
        breach = None if at is None else breach_of(judged, clock.target, max(now, at + _LATE))
        if at is None or breach is None:
            return None
        begins = max(at, now)
        plan = self._planner.plan_of(breach, in_hours=hours.is_open(begins))
        return replace(breach, episode=Episode.open(plan, begins))

    def _after(self, breach: SLABreach, hours: BusinessCalendar) -> Iterator[Foretold]:
        """Yield what time does to a breach, by letting it do so."""
        for _ in range(_MOST):
            at = next_moment(breach)
            breach, stirred = (breach, None) if at is None else advance(breach, at)
            if at is None or stirred is None:
                return
            alert, route = timer_alert(self._router, breach, stirred, hours, at)
            notice = replace(alert.notice, at=at)
            missing = self._router.directory.missing(route, at, notice.technician) if route else ()
            muted = alert.held_back.words if alert.held_back else None
            sendings = alert.sendings or ()
            yield from self._told(notice, _what(breach, stirred), sendings, hours, missing, muted)

    def _by_rules(self, notice: Notice, what: str, hours: BusinessCalendar) -> Iterator[Foretold]:
        router, at = self._router, notice.at
        missing = [
            f"rule {rule.name}: {why}"
            for rule in router.meeting(notice, hours, at)
            for why in router.directory.missing(rule.whole_route, at, notice.technician)
        ]
        yield from self._told(notice, what, router.by_rules(notice, hours, at), hours, missing)

    def _told(
        self,
        notice: Notice,
        what: str,
        sendings: Sequence[Sending],
        hours: BusinessCalendar,
        missing: Sequence[str],
        muted: str | None = None,
    ) -> Iterator[Foretold]:
        at, event = notice.at, notice.event
        if not sendings and not missing:
            missing = ("no rule matches, or it names nobody",)
        for why in missing:
            yield Foretold(at, event, what, None, None, why, None)
        for one in sendings:
            held = muted or self._planner.pipeline.held_back(notice, one, at, hours)
            whom = one.recipient
            yield Foretold(at, event, what, whom.channel, whom.person, one.rule, held)


def _what(breach: SLABreach, stirred: Stirred) -> str:
    words = breach.breach_type.words
    if stirred.page is not None and breach.episode is not None:
        plan, page = breach.episode.plan, stirred.page
        again = f", again {page.repeat}" if page.repeat else ""
        return f"{plan.name}: step {page.step + 1} of {len(plan.steps)}{again}"
    had = f"{stirred.had}'s" if stirred.had else "the"
    if stirred.stir is Stir.REMIND:
        return f"{had} acknowledgement of the {words} runs out soon"
    if stirred.stir is Stir.EXPIRED:
        return f"{had} acknowledgement of the {words} has run out"
    return f"the snooze of the {words} is over"
