"""Why a ticket is due when it is, and when it would be due if something were different."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from sla_console.domain.errors import UserError
from sla_console.domain.forecast.forecast import Forecast
from sla_console.domain.names import folded, hint
from sla_console.domain.sla.breach import BreachType
from sla_console.domain.sla.calendar import BusinessCalendar
from sla_console.domain.sla.evaluation import Observed
from sla_console.domain.sla.held_time import due_after, promised_time
from sla_console.domain.sla.ledger import LedgerLine, ledger
from sla_console.domain.sla.policy import PolicyMatch
from sla_console.domain.sla.sla_clock import DueSource, EvaluatedTicket, SLAClock
from sla_console.domain.sla.what_if import WhatIf
from sla_console.domain.tickets.ticket import Hold, Ticket
from sla_console.monitoring.evaluator import Evaluator

_ALWAYS = ("24x7", "always")


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that a due time follows from. All times aware UTC."""

    judged: EvaluatedTicket
    match: PolicyMatch
    calendar_words: str
    """Hours that count for the resolution, in words."""
    response_calendar_words: str
    """The same for the first response."""
    ledgers: Mapping[BreachType, list[LedgerLine]]
    now: datetime
    forecasts: Mapping[BreachType, Forecast]
    """Of the clocks that run, where there is a forecast."""


@dataclass(frozen=True, slots=True)
class Supposition:
    """A ticket as it would be."""

    before: EvaluatedTicket
    after: EvaluatedTicket
    calendar_words: str
    notes: tuple[str, ...]
    """What is worth knowing before anybody does it."""


def explain(
    evaluator: Evaluator,
    ticket: Ticket,
    observed: Observed,
    now: datetime,
    forecasts: Mapping[BreachType, Forecast],
) -> Explanation:
    """Return why a ticket is due when it is."""
    judged = evaluator.evaluate(ticket, observed)
    return Explanation(
        judged=judged,
        match=evaluator.match(ticket),
        calendar_words=evaluator.calendar_words(ticket, judged.policy),
        response_calendar_words=evaluator.calendar_words(
            ticket, judged.policy, BreachType.RESPONSE
        ),
        ledgers={clock.target: ledger(clock, now) for clock in judged.clocks},
        now=now,
        forecasts=forecasts,
    )


def suppose(
    evaluator: Evaluator,
    ticket: Ticket,
    observed: Observed,
    change: WhatIf,
    now: datetime,
    clients: Mapping[str, str],
    technicians: Collection[str] = (),
) -> Supposition:
    """Return what a change would make of a ticket.

    A change of the promise or its hours is computed here, since SuperOps' due times would move. A
    hold alone moves the due times that are there.

    Args:
        evaluator: Evaluates tickets.
        ticket: As it is.
        observed: What was seen of it.
        change: What is thought about.
        now: The moment.
        clients: Client ids by name.
        technicians: The names of technicians.

    Raises:
        UserError: if it names a client, technician or calendar that does not exist.
    """
    before = evaluator.evaluate(ticket, observed)
    calendar = _calendar(evaluator, change.fields.get("calendar"))
    response = _calendar(evaluator, change.fields.get("response calendar"), "response calendar")
    other = _changed(ticket, change, clients, technicians)
    policy = evaluator.match(other).policy
    # What decides is whether the promise itself would be another one.
    anew = policy != before.policy or calendar is not None or bool(change.holidays)
    anew = anew or other.client_id != ticket.client_id
    if anew or response is not None:
        other = replace(other, response_due=None)
    if anew:
        other = replace(other, resolution_due=None)
    seen = _held(observed, change, now)
    after = evaluator.evaluate(other, seen, calendar, response)
    if change.holidays:
        response, calendar = (_closed_on(clock, change.holidays) for clock in after.clocks)
        after = evaluator.evaluate(other, seen, calendar, response)
    if change.hold_from is not None:
        after = _on_hold(after, change)
    if change.resume:
        after = _resumed(after, now)
    words = evaluator.calendar_words(other, after.policy)
    first = evaluator.calendar_words(other, after.policy, BreachType.RESPONSE)
    supposed = [change.fields.get(name) for name in ("calendar", "response calendar")]
    if supposed[0]:
        same = first == words
        words = f"calendar {supposed[0]}, as supposed"
        first = words if same else first
    if supposed[1]:
        first = f"calendar {supposed[1]}, as supposed"
    if first != words:
        words = f"{words}; the first response: {first}"
    notes = tuple(_notes(before, after, now, anew=anew or response is not None))
    return Supposition(before, after, words, notes)


def forecast_notes(
    before: Mapping[BreachType, Forecast], after: Mapping[BreachType, Forecast]
) -> Iterator[str]:
    """Say how a forecast would differ: what goes with such tickets, not what the change would do."""
    for target, then in after.items():
        now = before.get(target)
        if now is None or now.probability is None or then.probability is None:
            continue
        said = f"{then.probability:.0%} instead of {now.probability:.0%}"
        if f"{then.probability:.0%}" != f"{now.probability:.0%}":
            yield (
                f"{target.words}: {said} to break; that is how tickets like it fared (association), "
                f"not what the change would cause"
            )


def _changed(
    ticket: Ticket, change: WhatIf, clients: Mapping[str, str], technicians: Collection[str]
) -> Ticket:
    wanted = change.fields
    other = replace(
        ticket,
        priority=wanted.get("priority", ticket.priority),
        group=wanted.get("group", ticket.group),
        request_type=wanted.get("type", ticket.request_type),
        sla_name=wanted.get("sla", ticket.sla_name),
    )
    if "technician" in wanted:
        known = {folded(one): one for one in technicians}
        chosen = known.get(folded(wanted["technician"]))
        if chosen is None:
            raise UserError(
                f"--what-if: technician={wanted['technician']} is not known"
                f"{_near(wanted['technician'], list(technicians))}"
            )
        other = replace(other, technician=chosen)
    name = change.fields.get("client")
    if name is not None:
        known = {folded(client): client for client in clients}
        found = known.get(folded(name))
        if found is None:
            raise UserError(f"--what-if: client={name} is not known{_near(name, clients)}")
        other = replace(other, client=found, client_id=clients[found], site_id=None)
    return other


def _closed_on(clock: SLAClock, holidays: Collection[date]) -> BusinessCalendar:
    """Return a clock's hours with more holidays; who works around the clock works on them."""
    return clock.calendar if clock.calendar.is_always else clock.calendar.with_holidays(holidays)


def _calendar(
    evaluator: Evaluator, name: str | None, key: str = "calendar"
) -> BusinessCalendar | None:
    if name is None:
        return None
    if name.casefold() in _ALWAYS:
        return BusinessCalendar.always()
    if name not in evaluator.calendars:
        known = [*evaluator.calendars, _ALWAYS[0]]
        raise UserError(f"--what-if: {key}={name} is not configured{_near(name, known)}")
    return evaluator.calendars[name]


def _near(name: str, known: Mapping[str, str] | list[str]) -> str:
    advice = hint(name, known)
    if advice:
        return f"; {advice}"
    return f"; known are {', '.join(sorted(known)[:10])}" if known else ""


def _held(observed: Observed, change: WhatIf, now: datetime) -> Observed:
    """Return what would have been seen: a hold that ends is part of the story."""
    holds = observed.holds
    if change.resume:
        holds = tuple(h if h.end is not None else replace(h, end=now) for h in holds)
    if change.hold_from is not None and change.hold_until is not None:
        holds = (*holds, Hold(change.hold_from, change.hold_until))
    return replace(observed, holds=holds)


def _on_hold(judged: EvaluatedTicket, change: WhatIf) -> EvaluatedTicket:
    """Move SuperOps' due times by a hold with an end; without one the clocks stand still."""
    start, end = change.hold_from, change.hold_until

    def held(clock: SLAClock) -> SLAClock:
        if clock.due is None or clock.ended() or start is None or start >= clock.due:
            return clock
        if end is None:
            return replace(clock, held_since=start)
        if clock.source is DueSource.COMPUTED:
            return clock
        left = promised_time(clock.calendar, start, clock.due)
        return replace(clock, due=due_after(clock.calendar, end, left))

    return replace(judged, response=held(judged.response), resolution=held(judged.resolution))


def _resumed(judged: EvaluatedTicket, now: datetime) -> EvaluatedTicket:
    """Let clocks that wait go on; SuperOps' due times move by the wait."""

    def going(clock: SLAClock) -> SLAClock:
        if clock.held_since is None or clock.due is None:
            return clock
        if clock.source is DueSource.COMPUTED:
            return replace(clock, held_since=None)
        left = promised_time(clock.calendar, clock.held_since, clock.due)
        return replace(clock, held_since=None, due=due_after(clock.calendar, now, left))

    return replace(judged, response=going(judged.response), resolution=going(judged.resolution))


def _notes(
    before: EvaluatedTicket, after: EvaluatedTicket, now: datetime, *, anew: bool
) -> list[str]:
    notes = []
    if anew and after.policy is None:
        notes.append("no policy says what would be promised then, so there is no due time")
    elif anew and DueSource.SUPEROPS in {before.response.source, before.resolution.source}:
        notes.append("computed here; SuperOps may see it otherwise")
    for old, new in zip(before.clocks, after.clocks, strict=True):
        if new.ended() or new.due is None:
            continue
        if new.is_late(now) and not old.is_late(now):
            notes.append(f"the {new.target.words} would be overdue at once")
    return notes
