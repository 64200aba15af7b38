"""A back-test as lines for people and as a document for programs."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Final

from sla_console.domain.durations import hours_words
from sla_console.domain.figures.counting import percent_words
from sla_console.domain.sla.breach import BreachType
from sla_console.reporting.backtest import Backtest, ClockTrial, TargetTally, TicketTrial

_WORST: Final = 10
_ROWS: Final = 12
_SHOWN: Final = 10

DIMENSIONS: Final[dict[str, Callable[[TicketTrial], str]]] = {
    "priority": lambda ticket: ticket.priority or "none",
    "client": lambda ticket: ticket.past.client or "none",
    "group": lambda ticket: ticket.group or "none",
    "policy": lambda ticket: ticket.policy.name,
}
"""By what breaches are counted; months are by due date."""


def backtest_lines(backtest: Backtest) -> Iterator[str]:
    """Give the back-test as lines of text."""
    judged = len(backtest.tickets)
    yield f"{judged} tickets judged; history ends {backtest.until:%Y-%m-%d %H:%M} UTC"
    if backtest.without_policy:
        yield f"{backtest.without_policy} tickets match no policy and are left out"
    if backtest.unusable:
        number, why = backtest.unusable[0]
        yield f"{len(backtest.unusable)} tickets cannot be judged, such as {number}: {why}"
    for target in BreachType:
        yield from _promise(backtest, target)
    yield from _worst(backtest)
    yield from _agreement(backtest)


def _promise(backtest: Backtest, target: BreachType) -> Iterator[str]:
    whole = backtest.tally(target, lambda _: "all")
    if not whole:
        return
    yield ""
    yield f"{target.words.capitalize()}: {_figures(whole['all'])}"
    for name, key in DIMENSIONS.items():
        yield from _table(f"by {name}", backtest.tally(target, key))
    yield from _table("by month of the due time, UTC", backtest.tally(target, month_of(target)))


def month_of(target: BreachType) -> Callable[[TicketTrial], str]:
    """Return what names the month in which a ticket's promise was due, such as ``2016-03``."""

    def month(ticket: TicketTrial) -> str:
        clock = ticket.response if target is BreachType.RESPONSE else ticket.resolution
        return f"{clock.due:%Y-%m}" if clock else "none"

    return month


def _table(title: str, rows: dict[str, TargetTally]) -> Iterator[str]:
    yield f"  {title}"
    ordered = list(rows.items())
    if len(ordered) > _ROWS:
        ordered.sort(key=lambda row: (-row[1].missed, row[0]))
    for name, tally in ordered[:_ROWS]:
        yield f"    {name[:30]:<30} {_figures(tally)}"
    if len(ordered) > _ROWS:
        yield f"    and {len(ordered) - _ROWS} more with fewer breaches"


def _figures(tally: TargetTally) -> str:
    share = tally.compliance
    percent = "no verdict" if share is None else f"{percent_words(share):>5} % met"
    running = f", {tally.open} open" if tally.open else ""
    return f"{percent}, {tally.met} met, {tally.missed} missed{running}"


def _worst(backtest: Backtest) -> Iterator[str]:
    worst = backtest.worst(_WORST)
    if not worst:
        return
    yield ""
    yield "Worst"
    for ticket, clock in worst:
        late = hours_words(clock.consumed - clock.allowed)
        yield (
            f"  {ticket.past.number:<12} {ticket.priority or 'none':<14} {clock.target.words:<14} "
            f"due {clock.due:%Y-%m-%d %H:%M}, {late} of promised time late"
        )


def _agreement(backtest: Backtest) -> Iterator[str]:
    whole = backtest.agreement()
    if whole.percent is None:
        return
    yield ""
    yield (
        f"Against the source system's own verdict: {whole.agreed} of {whole.compared} "
        f"resolutions agree ({whole.percent:.2f} %)"
    )
    for priority in sorted({ticket.priority or "" for ticket in backtest.tickets}):
        part = backtest.agreement(priority)
        if part.percent is None:
            continue
        shown = ", ".join(part.differing[:_SHOWN])
        more = ", …" if len(part.differing) > _SHOWN else ""
        differing = f"; differing: {shown}{more}" if part.differing else ""
        yield f"  {priority:<14} {part.agreed} of {part.compared} ({part.percent:.2f} %){differing}"


def backtest_document(backtest: Backtest) -> dict[str, Any]:
    """Return the back-test as plain values for JSON; times are ISO 8601 in UTC."""
    agreement = backtest.agreement()
    return {
        "until": _iso(backtest.until),
        "tickets_without_policy": backtest.without_policy,
        "unusable": [{"number": number, "why": why} for number, why in backtest.unusable],
        "summary": {
            target.name.lower(): {
                "all": _tally(backtest.tally(target, lambda _: "all").get("all", TargetTally())),
                **{
                    f"by_{name}": {k: _tally(v) for k, v in backtest.tally(target, key).items()}
                    for name, key in DIMENSIONS.items()
                },
                "by_month": {
                    k: _tally(v) for k, v in backtest.tally(target, month_of(target)).items()
                },
            }
            for target in BreachType
        },
        "agreement": {
            "compared": agreement.compared,
            "agreed": agreement.agreed,
            "percent": agreement.percent,
            "differing": list(agreement.differing),
        },
        "incidents": [_incident(ticket) for ticket in backtest.tickets],
    }


def _tally(tally: TargetTally) -> dict[str, Any]:
    return {
        "met": tally.met,
        "missed": tally.missed,
        "open": tally.open,
        "compliance_percent": tally.compliance,
    }


def _incident(ticket: TicketTrial) -> dict[str, Any]:
    past = ticket.past
    return {
        "number": past.number,
        "priority": ticket.priority,
        "client": past.client,
        "group": ticket.group,
        "technician": ticket.technician,
        "policy": ticket.policy.name,
        "opened_at": _iso(past.opened_at),
        "made_sla": past.made_sla,
        "clocks": {clock.target.name.lower(): _clock(clock) for clock in ticket.clocks},
    }


def _clock(clock: ClockTrial) -> dict[str, Any]:
    return {
        "due": _iso(clock.due),
        "stopped_at": _iso(clock.stopped_at),
        "allowed_seconds": clock.allowed.total_seconds(),
        "consumed_seconds": clock.consumed.total_seconds(),
        "held_seconds": clock.held.total_seconds(),
        "breached": clock.breached,
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")
