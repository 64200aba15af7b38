"""From a ticket, its promise and what the console saw of it, to both clocks."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sla_console.domain.breach import BreachType
from sla_console.domain.calendar import BusinessCalendar
from sla_console.domain.disagreement import Counted, compare
from sla_console.domain.due_moves import DueMove
from sla_console.domain.held_time import due_after
from sla_console.domain.names import folded
from sla_console.domain.policy import SLAPolicy
from sla_console.domain.priority import BY_NAME, PriorityRanks
from sla_console.domain.sla_clock import DueSource, JudgedTicket, SLAClock, Verdict
from sla_console.domain.ticket import Hold, HoldReason, Phase, StatusPhases, Ticket

SEEN_AT_ONCE: Final = timedelta(minutes=5)
"""A ticket first seen within this time of its creation has hidden nothing worth a word."""


@dataclass(frozen=True, slots=True)
class Observed:
    """What the console saw of a ticket; SuperOps tells no history."""

    holds: tuple[Hold, ...] = ()
    """Oldest first; the last may still be on."""
    since: datetime | None = None
    """When it was first seen, UTC; None: not recorded."""
    verdicts: tuple[Verdict, ...] = ()
    """How its promises ended before it was opened again, oldest first."""
    read_at: datetime | None = None
    """The last moment at which it was read as it is known, UTC; None: not recorded."""
    missing: bool = False
    """SuperOps has left it out since then."""
    moves: tuple[DueMove, ...] = ()
    """How SuperOps' due times moved while nothing else changed, oldest first."""


@dataclass(frozen=True, slots=True)
class _Case:
    """What both clocks of one ticket share."""

    ticket: Ticket
    calendar: BusinessCalendar
    phase: Phase
    observed: Observed
    held_since: datetime | None


def judge(
    ticket: Ticket,
    policy: SLAPolicy | None,
    calendar: BusinessCalendar,
    phases: StatusPhases,
    holds: tuple[Hold, ...] = (),
    observed: Observed | None = None,
    response_calendar: BusinessCalendar | None = None,
    no_response: str = "",
    priorities: PriorityRanks = BY_NAME,
) -> JudgedTicket:
    """Judge one ticket.

    A change of priority, policy or client in mid-life keeps the start and takes the new target.
    A ticket that was opened again runs on; the time it was closed does not count, and its earlier
    verdicts are kept beside the clocks.

    Args:
        ticket: The ticket as it is now.
        policy: The promise it is under, None where nothing matches.
        calendar: The hours in which business-hours promises count.
        phases: What its status means.
        holds: Holds that the console observed, oldest first; the last may still be on.
        observed: All that the console saw; in place of ``holds``.
        response_calendar: The hours in which the first response counts; None: the same.
        no_response: Why no first response is owed; empty: it is.
        priorities: How urgent the desk's priorities are.

    Raises:
        ValueError: for times that no calendar knows.
    """
    seen = observed or Observed(holds)
    phase = phases.phase(ticket.status)
    always = policy is not None and not policy.business_hours_only
    held_since = None
    if phase is Phase.HOLD:
        on = (h.start for h in reversed(seen.holds) if h.end is None)
        held_since = next(on, None) or ticket.updated_at or ticket.created_at
    counting = BusinessCalendar.always() if always else calendar
    case = _Case(ticket, counting, phase, seen, held_since)
    response = _clock(
        case if response_calendar is None else replace(case, calendar=response_calendar),
        BreachType.RESPONSE,
        theirs=ticket.response_due,
        allowed=policy.response_target if policy else None,
        stopped=ticket.responded_at,
        violated=bool(ticket.response_violated),
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
    # A reopened ticket can keep its old resolutionTime, so the status decides, not the time.
    resolution = _clock(
        case,
        BreachType.RESOLUTION,
        theirs=ticket.resolution_due,
        allowed=policy.resolution_target if policy else None,
        stopped=ticket.resolved_at if phase is Phase.CLOSED else None,
        violated=bool(ticket.resolution_violated),
    )
    degraded = list(ticket.degraded)
    if no_response and ticket.response_violated:
        degraded.append(f"SuperOps calls the first response violated, but {no_response}")
    if policy is None and ticket.response_due is None and ticket.resolution_due is None:
        degraded.append("no due times from SuperOps and no policy matches")
    since = _late_seen(case, phases, response, resolution)
    if since is not None:
        degraded.append(
            f"observed since {since:%Y-%m-%d %H:%M} UTC; holds before that are not known"
        )
    severity = priorities.severity(ticket.priority)
    return JudgedTicket(
        ticket, policy, phase, response, resolution, tuple(degraded), since, severity
    )


def exempt_words(ticket: Ticket, sources: Collection[str]) -> str:
    """Return why a ticket owes no first response by its source; empty: it owes one.

    Args:
        ticket: The ticket.
        sources: The sources whose tickets owe none, as ``folded`` gives them.
    """
    if ticket.source is None or folded(ticket.source) not in sources:
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
    stopped: datetime | None,
    violated: bool,
) -> SLAClock:
    ticket, calendar = case.ticket, case.calendar
    start = ticket.created_at
    holds = case.observed.holds
    if stopped is not None:
        # What came after it stopped is no concern of this clock.
        holds = tuple(hold for hold in holds if hold.start < stopped)
    ours = None
    if allowed is not None and start is not None:
        # What was inferred from SuperOps' due time cannot speak against that due time.
        ours = due_after(calendar, start, allowed, _counted(holds, computed=theirs is None))
    disagreement = None
    if theirs is not None and ours is not None and start is not None and allowed is not None:
        unseen = any(hold.why is HoldReason.INFERRED for hold in holds)
        held_due = due_after(calendar, start, allowed, holds) if unseen else None
        counted = Counted(calendar, start, allowed, held_due, case.observed.moves)
        disagreement = compare(kind, theirs, ours, counted)
    return SLAClock(
        target=kind,
        due=ours if theirs is None else theirs,
        source=None if theirs is ours is None else _source(theirs),
        calendar=calendar,
        started_at=start,
        stopped_at=stopped,
        held_since=case.held_since if stopped is None else None,
        violated=violated,
        over=case.phase is Phase.CLOSED and stopped is None,
        allowed=allowed,
        holds=holds,
        disagreement=disagreement,
        earlier=tuple(v for v in case.observed.verdicts if v.target is kind),
    )


def _source(theirs: datetime | None) -> DueSource:
    return DueSource.COMPUTED if theirs is None else DueSource.SUPEROPS


def _counted(holds: tuple[Hold, ...], *, computed: bool) -> tuple[Hold, ...]:
    return holds if computed else tuple(h for h in holds if h.why is not HoldReason.INFERRED)
