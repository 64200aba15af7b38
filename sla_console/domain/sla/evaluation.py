"""From a ticket, its policy and what the console saw of it, to both clocks."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sla_console.domain.names import folded
from sla_console.domain.sla.breach import BreachType
from sla_console.domain.sla.calendar import BusinessCalendar
from sla_console.domain.sla.disagreement import Counted, Disagreement, compare
from sla_console.domain.sla.due_calendar import CountedHours, KnownHours, hours_of_due
from sla_console.domain.sla.due_moves import TOLERANCE, DueMove
from sla_console.domain.sla.held_time import due_after, moved_by_closing
from sla_console.domain.sla.policy import SLAPolicy
from sla_console.domain.sla.sla_clock import DueSource, EvaluatedTicket, SLAClock
from sla_console.domain.sla.verdict import Verdict
from sla_console.domain.tickets.priority import BY_NAME, PriorityRanks
from sla_console.domain.tickets.ticket import Hold, HoldReason, Phase, StatusPhases, Ticket

SEEN_AT_ONCE: Final = timedelta(minutes=5)
"""A ticket first seen within this time of its creation has hidden nothing worth a word."""


Known = Mapping[BreachType, KnownHours]
"""The hours that SuperOps may have counted each target in, its own first."""


@dataclass(frozen=True, slots=True)
class Observed:
    """What the console saw of a ticket; SuperOps tells no history."""

    holds: tuple[Hold, ...] = ()
    """Oldest first; the last may still be on."""
    since: datetime | None = None
    """When it was first seen, UTC; None: not recorded."""
    verdicts: tuple[Verdict, ...] = ()
    """Stored verdicts on its targets."""
    read_at: datetime | None = None
    """The last moment at which it was read as it is known, UTC; None: not recorded."""
    missing: bool = False
    """SuperOps has left it out since then."""
    moves: tuple[DueMove, ...] = ()
    """How SuperOps' due times moved while nothing else changed, oldest first."""
    open_until: datetime | None = None
    """Last moment at which a ticket that has ended was seen open; None: never."""
    ended_at: datetime | None = None
    """The first moment at which it was known to have ended, where it has."""


@dataclass(frozen=True, slots=True)
class _Case:
    """What both clocks of one ticket share."""

    ticket: Ticket
    known: Known
    phase: Phase
    observed: Observed
    held_since: datetime | None
    closed: tuple[Hold, ...]
    """The spans in which it was closed before it was opened again, oldest first."""


@dataclass(frozen=True, slots=True)
class _End:
    """Known facts about the end of a clock."""

    stopped: datetime | None = None
    over: bool = False
    open_until: datetime | None = None
    ended_at: datetime | None = None


_NOT_ENDED: Final = _End()


def evaluate(
    ticket: Ticket,
    policy: SLAPolicy | None,
    calendar: BusinessCalendar,
    phases: StatusPhases,
    holds: tuple[Hold, ...] = (),
    observed: Observed | None = None,
    response_calendar: BusinessCalendar | None = None,
    known: Known | None = None,
    no_response: str = "",
    priorities: PriorityRanks = BY_NAME,
) -> EvaluatedTicket:
    """Judge one ticket.

    A change of priority, policy or client in mid-life keeps the start and takes the new target.
    A ticket that was opened again runs on in a new cycle; the time it was closed does not count.

    Args:
        ticket: The ticket as it is now.
        policy: The policy it is under, None where nothing matches.
        calendar: The hours in which business-hours targets count.
        phases: What its status means.
        holds: Holds that the console observed, oldest first; the last may still be on.
        observed: All that the console saw; in place of ``holds``.
        response_calendar: The hours in which the first response counts; None: the same.
        known: The hours that count, and those that SuperOps may have counted in; None: those of
            the calendar, or every hour where the policy says so.
        no_response: Why no first response is owed; empty: it is.
        priorities: How urgent the desk's priorities are.

    Raises:
        ValueError: for times that no calendar knows.
    """
    seen = observed or Observed(holds)
    phase = phases.phase(ticket.status)
    held_since = None
    if phase is Phase.HOLD:
        on = (h.start for h in reversed(seen.holds) if h.end is None)
        held_since = next(on, None) or ticket.updated_at or ticket.created_at
    if known is None:
        always = policy is not None and not policy.business_hours_only
        counting = BusinessCalendar.always() if always else calendar
        known = {
            BreachType.RESPONSE: KnownHours(CountedHours(response_calendar or counting)),
            BreachType.RESOLUTION: KnownHours(CountedHours(counting)),
        }
    closed = tuple(h for h in seen.holds if h.why is HoldReason.CLOSED and h.end is not None)
    case = _Case(ticket, known, phase, seen, held_since, closed)
    response = _clock(
        case,
        BreachType.RESPONSE,
        theirs=ticket.response_due,
        allowed=policy.response_target if policy else None,
        end=_end_of_response(case),
        violated=ticket.response_violated,
    )
    if no_response:
        response = SLAClock(
            BreachType.RESPONSE,
            None,
            None,
            response.calendar,
            response.started_at,
            exempt=no_response,
        )
    resolution = _clock(
        case,
        BreachType.RESOLUTION,
        theirs=ticket.resolution_due,
        allowed=policy.resolution_target if policy else None,
        end=_end_of_resolution(case),
        violated=ticket.resolution_violated,
    )
    degraded = list(ticket.degraded)
    if no_response and ticket.response_violated:
        degraded.append(f"SuperOps calls the first response violated, but {no_response}")
    if policy is None and ticket.response_due is None and ticket.resolution_due is None:
        degraded.append("no due times from SuperOps and no policy matches")
    degraded += [
        f"SuperOps calls the {clock.target.words} missed, but gives no due time"
        for clock in (response, resolution)
        if clock.violated and clock.due is None
    ]
    since = _late_seen(case, phases, response, resolution)
    if since is not None:
        degraded.append(
            f"observed since {since:%Y-%m-%d %H:%M} UTC; holds before that are not known"
        )
    if (before := _resolved_before(case)) is not None:
        degraded.append(
            f"was resolved before, on {before:%Y-%m-%d %H:%M} UTC; when it was opened again is not "
            f"known"
        )
    severity = priorities.severity(ticket.priority)
    judged = EvaluatedTicket(
        ticket, policy, phase, response, resolution, tuple(degraded), since, severity, calendar
    )
    return judged.with_verdicts(seen.verdicts) if seen.verdicts else judged


def _end_of_response(case: _Case) -> _End:
    """Return how the first response ended: it has one cycle only, which the ticket's end ends."""
    ticket, first = case.ticket, case.closed[0] if case.closed else None
    answered = ticket.responded_at
    if answered is not None and (first is None or answered <= first.start):
        return _End(answered)
    if first is not None:
        return _End(over=True, open_until=first.start, ended_at=first.start)
    return _without_stop(case, ticket.resolved_at) if case.phase is Phase.CLOSED else _NOT_ENDED


def _end_of_resolution(case: _Case) -> _End:
    # A reopened ticket can keep its old resolutionTime, so the status decides, not the time.
    if case.phase is not Phase.CLOSED:
        return _NOT_ENDED
    resolved, last = case.ticket.resolved_at, case.closed[-1] if case.closed else None
    if resolved is not None and (last is None or last.end is None or resolved > last.end):
        return _End(resolved)
    return _without_stop(case, None)


def _without_stop(case: _Case, known: datetime | None) -> _End:
    """Return the end of a clock that nobody stopped: between the last two looks at its ticket."""
    if known is not None:
        return _End(over=True, open_until=known, ended_at=known)
    seen = case.observed
    ended = seen.ended_at or case.ticket.updated_at
    if ended is not None and seen.open_until is not None:
        ended = max(ended, seen.open_until)
    return _End(over=True, open_until=seen.open_until, ended_at=ended)


def _resolved_before(case: _Case) -> datetime | None:
    """Return when a ticket was resolved that was open, for reasons unknown, at the first sight."""
    first = case.closed[0] if case.closed else None
    return None if first is None or first.end != case.observed.since else first.start


def exempt_words(ticket: Ticket, sources: Collection[str]) -> str:
    """Return why a ticket owes no first response by its source; empty: it owes one.

    Args:
        ticket: The ticket.
        sources: The sources whose tickets owe none, as ``folded`` gives them.
    """
    if not sources or ticket.source is None or folded(ticket.source) not in sources:
        return ""
    return f"its source is {ticket.source}, for which no first response is owed"


def _late_seen(case: _Case, phases: StatusPhases, *clocks: SLAClock) -> datetime | None:
    """Return since when a ticket is watched, where what was before could change a computed clock."""
    since, created = case.observed.since, case.ticket.created_at
    if since is None or created is None or since - created <= SEEN_AT_ONCE or not phases.hold:
        return None
    unsure = any(c.source is DueSource.COMPUTED and not _ended_before(c, created) for c in clocks)
    return since if unsure else None


def _ended_before(clock: SLAClock, moment: datetime) -> bool:
    return clock.stopped_at is not None and clock.stopped_at <= moment


def _clock(
    case: _Case,
    kind: BreachType,
    *,
    theirs: datetime | None,
    allowed: timedelta | None,
    end: _End,
    violated: bool | None,
) -> SLAClock:
    start = case.ticket.created_at
    holds = _until(case.observed.holds, end.stopped or end.ended_at)
    cycle = 1
    if kind is BreachType.RESOLUTION:
        cycle += len(case.closed)
    known, due = case.known[kind], theirs
    own = counted = known.own
    ours = None
    if allowed is not None and start is not None:
        # What was inferred from SuperOps' due time cannot speak against that due time.
        ours = due_after(own.calendar, start, allowed, _counted(holds, computed=theirs is None))
    if theirs is not None:
        alike = ours is not None and abs(theirs - ours) <= TOLERANCE
        if start is None or theirs <= start or not alike:
            counted = hours_of_due(known, start, theirs, allowed, holds)
        if cycle > 1:
            due = moved_by_closing(counted.calendar, theirs, holds)
    return SLAClock(
        target=kind,
        due=ours if due is None else due,
        source=None if theirs is ours is None else _source(theirs),
        calendar=counted.calendar,
        started_at=start,
        stopped_at=end.stopped,
        held_since=None if end.stopped is not None or end.over else case.held_since,
        violated=violated,
        over=end.over,
        allowed=allowed,
        holds=holds,
        disagreement=_disagreement(case, kind, due, ours, allowed, holds),
        open_until=end.open_until,
        ended_at=end.ended_at,
        theirs=theirs,
        hours=counted.words,
        cycle=cycle,
    )


def _disagreement(
    case: _Case,
    kind: BreachType,
    theirs: datetime | None,
    ours: datetime | None,
    allowed: timedelta | None,
    holds: tuple[Hold, ...],
) -> Disagreement | None:
    """Return how SuperOps' due time, closed time added, differs from the policy's."""
    start, calendar = case.ticket.created_at, case.known[kind].own.calendar
    if theirs is None or ours is None or start is None or allowed is None:
        return None
    if abs(theirs - ours) <= TOLERANCE:
        return None  # as nearly always, so nothing else is looked at
    unseen = any(hold.why is HoldReason.INFERRED for hold in holds)
    held_due = due_after(calendar, start, allowed, holds) if unseen else None
    counted = Counted(calendar, start, allowed, held_due, case.observed.moves)
    return compare(kind, theirs, ours, counted)


def _until(holds: Sequence[Hold], end: datetime | None) -> tuple[Hold, ...]:
    """Return the holds that began before the end of a clock; one that is still on ends with it."""
    if end is None:
        return tuple(holds)
    return tuple(
        replace(hold, end=end) if hold.end is None else hold for hold in holds if hold.start < end
    )


def _source(theirs: datetime | None) -> DueSource:
    return DueSource.COMPUTED if theirs is None else DueSource.SUPEROPS


def _counted(holds: tuple[Hold, ...], *, computed: bool) -> tuple[Hold, ...]:
    return holds if computed else tuple(h for h in holds if h.why is not HoldReason.INFERRED)
