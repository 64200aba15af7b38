"""Decides what became of a target, and what corrects a verdict: the one place that judges.

A verdict falls when its clock stops in time or breaks, and is written then. What happens to the
ticket afterwards changes nothing; only evidence about the time before the fall corrects it.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sla_console.domain.sla.breach import BreachType
from sla_console.domain.sla.sla_clock import EvaluatedTicket, SLAClock
from sla_console.domain.sla.verdict import Outcome, Verdict
from sla_console.domain.tickets.ticket import HoldReason

_ZERO: Final = timedelta()


def decide(judged: EvaluatedTicket, target: BreachType, now: datetime) -> Verdict | None:
    """Return what became of a target in the ticket's latest cycle, from its clock alone.

    None while it is open, where nothing is promised or called missed, and in each cycle of a resolution that was
    missed in a cycle before: the miss is counted once.

    Args:
        judged: The ticket with its clocks and the verdicts of earlier cycles.
        target: Which target.
        now: The moment.
    """
    clock = judged.clock(target)
    if clock.verdict is not None:
        clock = replace(clock, verdict=None)
    if any(verdict.outcome is Outcome.MISSED for verdict in clock.earlier):
        return None
    ruling, end = clock.ruling(now), clock.end()
    # Without a due time there is nothing to judge by, but SuperOps' word is not passed over.
    due = clock.due or (end if ruling.outcome is Outcome.IN_DOUBT else None)
    if due is None or ruling.outcome is Outcome.OPEN:
        return None
    fell = clock.broke_at() if ruling.outcome is Outcome.MISSED else end
    known = clock.stopped_at is not None or ruling.outcome is not Outcome.IN_DOUBT
    late = None
    if end is not None and known:
        missed = (ruling.by_times or ruling.outcome) is Outcome.MISSED
        late = clock.late(end) if missed else _ZERO
    ticket, policy = judged.ticket, judged.policy
    return Verdict(
        ticket_id=ticket.id,
        target=target,
        cycle=clock.cycle,
        outcome=ruling.outcome,
        due=due,
        fell_at=fell or due,
        stopped_at=end,
        allowed=clock.target_time(),
        used=clock.used() if known else None,
        late=late,
        source=clock.source or "",
        hours=clock.hours,
        policy_id=policy.id if policy else ticket.sla_id,
        policy=policy.name if policy else ticket.sla_name,
        by_times=ruling.by_times,
        reason=ruling.reason,
        written_at=now,
        display_id=ticket.display_id,
        client_id=ticket.client_id,
        client=ticket.client,
        priority=ticket.priority,
        group=ticket.group,
        request_type=ticket.request_type,
        technician_id=ticket.technician_id,
        technician=ticket.technician,
    )


def verdict_of(judged: EvaluatedTicket, target: BreachType, now: datetime) -> Verdict | None:
    """Return the verdict of a target in the latest cycle: the stored one, else what its clock says.

    None while it is open.
    """
    return judged.clock(target).verdict or decide(judged, target, now)


def verdicts_of(judged: EvaluatedTicket, now: datetime) -> tuple[Verdict, ...]:
    """Return the verdicts of all cycles of both targets, stored or decided now, oldest first."""
    found: list[Verdict] = []
    for clock in judged.clocks:
        latest = verdict_of(judged, clock.target, now)
        found += clock.earlier if latest is None else (*clock.earlier, latest)
    return tuple(found)


def stop_of(known: Verdict, then: SLAClock) -> Verdict | None:
    """Return a verdict of a missed target with the stop that came later; None: there is none.

    Args:
        known: The verdict in force.
        then: The clock with the due time of the verdict.
    """
    end = then.end()
    if known.stopped_at is not None or known.outcome is not Outcome.MISSED or end is None:
        return None
    return replace(known, stopped_at=end, used=then.used(), late=then.late(end))


def correction_of(
    known: Verdict, then: EvaluatedTicket, judged: EvaluatedTicket, now: datetime
) -> Verdict | None:
    """Return what corrects a verdict; None: nothing that is known does.

    Only evidence about the time before it fell does: a stop or a hold that SuperOps dates before
    and that was read after, or a flag that makes or removes a contradiction.

    Args:
        known: The verdict in force.
        then: The ticket judged with the due time of the verdict.
        judged: The ticket as it is now.
        now: The moment.
    """
    past = then.clock(known.target)
    reason = ""
    if known.outcome is Outcome.IN_DOUBT and known.stopped_at is None:
        # Until now it was only known that it waited when it was due.
        anew = decide(judged, known.target, now)
    elif known.outcome is Outcome.MISSED and known.stopped_at is None and _held_over(known, past):
        anew = decide(then, known.target, now) if past.ended() else None
        anew = anew or replace(known, outcome=Outcome.IN_DOUBT)
        reason = "it was held when it was due, which was read only afterwards"
    elif _stopped_before(known, past):
        anew, reason = decide(then, known.target, now), "its stop was read only afterwards"
    else:
        anew = _by_flag(known, past, decide(then, known.target, now))
    if anew is None or (anew.outcome, anew.by_times) == (known.outcome, known.by_times):
        return None
    return replace(
        known,
        outcome=anew.outcome,
        due=anew.due,
        fell_at=anew.fell_at,
        stopped_at=anew.stopped_at,
        used=anew.used,
        late=anew.late,
        by_times=anew.by_times,
        reason="; ".join(part for part in (reason, anew.reason) if part)
        or f"SuperOps' own word is read as {anew.outcome} by now",
        revision=known.revision + 1,
        written_at=now,
    )


def _by_flag(known: Verdict, past: SLAClock, anew: Verdict | None) -> Verdict | None:
    """Return the new verdict where SuperOps' flag, and nothing else, changes it."""
    same_stop = known.stopped_at in {None, past.stopped_at}
    if anew is None or past.stopped_at is None or past.violated is None or not same_stop:
        return None
    doubt = Outcome.IN_DOUBT in {known.outcome, anew.outcome}
    # Where the times alone say something else than before, hours or targets have changed.
    told = known.by_times or known.outcome, anew.by_times or anew.outcome
    return anew if doubt and told[0] is told[1] else None


def _stopped_before(known: Verdict, past: SLAClock) -> bool:
    stop = past.stopped_at
    return stop is not None and stop <= known.fell_at and stop != known.stopped_at


def _held_over(known: Verdict, past: SLAClock) -> bool:
    """Return whether the ticket waited at the moment at which a verdict fell."""
    return not past.violated and any(
        hold.why is HoldReason.STATUS
        and hold.start < known.fell_at
        # One that ended as it fell was known then: the target broke because the wait was over.
        and (hold.end is None or hold.end > known.fell_at)
        for hold in past.holds
    )
