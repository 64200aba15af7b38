"""The words of a ticket's story. Outside text only ever becomes ``Content``, never markup."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from textual.content import Content

from sla_console.domain.board import TicketDetail
from sla_console.domain.durations import hours_words, words
from sla_console.domain.sla.breach import SLABreach
from sla_console.domain.sla.policy import SLAPolicy, WhoseHours
from sla_console.domain.sla.sla_clock import ClockState, DueSource, EvaluatedTicket, SLAClock
from sla_console.domain.tickets.ticket import TicketNote
from sla_console.ui.context import Context
from sla_console.ui.text.timeline import clock_line, legend, story
from sla_console.ui.text.wrap import fold, hang

Part = Content | tuple[str, str] | str
_TWO_COLUMNS: Final = 65
"""Cells from which on there is room for two facts side by side."""
_NAME: Final = 15
"""Cells of a clock's name, and before its time line."""
_STATE: Final = 25
_LINE: Final = 70
"""Cells of a time line at most."""
_MOMENT: Final = 19
"""Cells of a moment in the story, and before it."""


class TicketText:
    """Writes the parts of a ticket's story.

    Args:
        context: What the screens share.
    """

    def __init__(self, context: Context) -> None:
        self._local = context.local
        self._symbols = context.symbols

    def head(self, judged: EvaluatedTicket, now: datetime, width: int = 80) -> Content:
        """Return who and what, and both clocks, each with the line of its life.

        Args:
            judged: The ticket.
            now: The moment.
            width: Cells there are.
        """
        ticket = judged.ticket
        parts: list[Part] = [(f"{ticket.subject}\n", "bold"), "\n"]
        created = self._local.moment(ticket.created_at, now)
        pairs = (
            ("Client", ticket.client), ("Status", ticket.status),
            ("Requester", ticket.requester), ("Priority", ticket.priority),
            ("Technician", ticket.technician or "nobody"), ("Created", created),
            ("Group", ticket.group), ("Type", ticket.request_type),
        )  # fmt: skip
        beside = width >= _TWO_COLUMNS
        for number, (name, value) in enumerate(pairs):
            end = "\n" if number % 2 or not beside else ""
            shown = (value or self._symbols.nothing)[:26]
            parts += [(f"{name:<11}", "$sla-muted"), f"{shown:<27}{end}"]
        parts += [
            ("Promise    ", "$sla-muted"),
            f"{hang(_policy(judged.policy, ticket.sla_name), 11, width)}\n",
            "\n",
        ]
        drawn = False
        for clock in judged.clocks:
            parts += self._clock(clock, now, width)
            line = clock_line(clock, now, max(20, min(width - _NAME - 1, _LINE)), self._symbols)
            if line:
                drawn = True
                parts += [(" " * _NAME, ""), (f"{line}\n", "$sla-accent")]
        if drawn:
            meaning = hang(legend(self._symbols), _NAME, width)
            parts.append((f"{' ' * _NAME}{meaning}\n", "$sla-muted"))
        parts += [
            (f"{self._symbols.degraded} {hang(why, 2, width)}\n", "$sla-risk")
            for why in judged.degraded
        ]
        return Content.assemble(*parts)

    def record(self, detail: TicketDetail, now: datetime, width: int = 80) -> Content:
        """Return holds, breaches, messages sent and what was done."""
        moment = self._local.moment
        parts: list[Part] = []
        parts += self._forecasts(detail)
        parts.append(("Story\n", "bold $sla-accent"))
        for at, said, look in story(detail, now):
            parts += [(f"  {moment(at, now):<{_MOMENT - 2}}", "$sla-muted")]
            parts += [(f"{hang(said, _MOMENT, width)}\n", look)]
        if detail.breaches:
            parts.append(("Breaches\n", "bold $sla-accent"))
            parts += [f"{fold(self._breach(breach, now), width)}\n" for breach in detail.breaches]
        parts.append(("Who was told\n", "bold $sla-accent"))
        told = [
            f"  {moment(m.accepted_at or m.created_at, now)}  {m.channel}"
            f"{f' ({m.person})' if m.person else ''}: {m.event}, {m.state}"
            f"{f' ({m.last_error or m.why})' if m.last_error or m.why else ''}"
            for m in detail.messages
        ]
        parts += [f"{fold(line, width)}\n" for line in told]
        if not told:
            parts.append(("  Nobody yet.\n", "$sla-muted"))
        waiting = [op for op in detail.operations if op.state.value != "done"]
        if waiting:
            parts.append(("Not in SuperOps yet\n", "bold $sla-accent"))
            parts += [
                f"  {op.words} by {op.by}, {op.state}"
                f"{f': {op.last_error}' if op.last_error else ''}\n"
                for op in waiting
            ]
        return Content.assemble(*parts)

    def talk(self, notes: Sequence[TicketNote], now: datetime) -> Content:
        """Return messages and notes as SuperOps has them."""
        parts: list[Part] = [("Messages and notes\n", "bold $sla-accent")]
        for note in notes:
            kind = "note" if note.private else "message"
            parts.append((f"  {note.author}", "bold"))
            parts.append((f", {kind}, {self._local.moment(note.at, now)}\n", "$sla-muted"))
            parts += [f"    {line}\n" for line in note.text.splitlines()]
        if not notes:
            parts.append(("  None.\n", "$sla-muted"))
        return Content.assemble("\n", *parts)

    def ledger(self, lines: Sequence[str], width: int = 80) -> Content:
        """Return an explanation, as lines made elsewhere."""
        first, *rest = [fold(line, width) for line in lines if line] or [""]
        return Content.assemble("\n", (f"{first}\n", "bold $sla-accent"), "\n".join(rest), "\n")

    def _clock(self, clock: SLAClock, now: datetime, width: int) -> list[Part]:
        name = clock.target.words.capitalize()
        state = clock.state(now)
        left = clock.remaining(now)
        parts: list[Part] = [(f"{name:<{_NAME}}", "bold")]
        if state is ClockState.NONE or clock.due is None:
            said = "not owed, by its source" if clock.exempt else "not promised"
            return [*parts, (f"{said}\n", "$sla-muted")]
        span = words(abs(left or timedelta()))
        said, style = {
            ClockState.MET: ("met", "$sla-ok"),
            ClockState.IN_DOUBT: ("in doubt", "$sla-muted"),
            ClockState.HELD: (f"held, {span} left", "$sla-held"),
            ClockState.RUNNING: (f"{span} left", "$foreground"),
        }.get(state, (f"BREACHED, {span} late", "bold $sla-breached"))
        source = "by SuperOps" if clock.source is DueSource.SUPEROPS else "computed here"
        due = f"due {self._local.moment(clock.due, now)}, {source}"
        end = f"\n{' ' * _NAME}" if _NAME + _STATE + len(due) > width else ""
        shown: list[Part] = [(f"{said:<{_STATE}}", style), (f"{end}{due}\n", "$sla-muted")]
        return [*parts, *shown, *self._aside(clock, now, width)]

    def _forecasts(self, detail: TicketDetail) -> list[Part]:
        if not detail.forecasts:
            return []
        parts: list[Part] = [("Forecast\n", "bold $sla-accent")]
        for target, forecast in detail.forecasts.items():
            chance = forecast.probability
            said = "" if chance is None else f"{chance:.0%} to break, "
            parts.append(f"  {target.words}: {said}{forecast.words}\n")
        return parts

    def _aside(self, clock: SLAClock, now: datetime, width: int) -> list[Part]:
        """Return what else there is to say of a clock: another due time, an earlier verdict."""
        told = []
        if clock.disagreement is not None:
            one = clock.disagreement
            why = f": {one.words}" if one.words else ""
            told.append(f"by the policy here {self._local.moment(one.ours, now)}{why}")
        if clock.state(now) is ClockState.IN_DOUBT:
            told.append(clock.ruling(now).reason)
        for verdict in clock.earlier:
            at = self._local.moment(verdict.stopped_at or verdict.fell_at, now)
            told.append(f"{verdict.outcome} at {at}, then opened again")
        if (stays := clock.verdict) is not None and not clock.ended():
            at = self._local.moment(stays.fell_at, now)
            told.append(
                f"{stays.outcome} at {at}, which stays{f': {r}' if (r := stays.reason) else ''}"
            )
        return [(f"{' ' * _NAME}{hang(line, _NAME, width)}\n", "$sla-muted") for line in told]

    def _breach(self, breach: SLABreach, now: datetime) -> str:
        moment = self._local.moment
        text = f"  {moment(breach.breach_time, now)}  {breach.breach_type.words}, {breach.state}"
        if breach.acknowledged_by:
            text += f" by {breach.acknowledged_by}"
        elif breach.escalated_by:
            text += f" by {breach.escalated_by}"
        if breach.note:
            text += f": {breach.note}"
        return text


def _policy(policy: SLAPolicy | None, sla_name: str | None) -> str:
    if policy is None:
        return sla_name or "no policy matches"
    parts = [policy.name]
    if policy.response_target is not None:
        own = policy.response_hours != policy.hours
        said = f" in {_hours(policy.response_hours)}" if own else ""
        parts.append(f"respond in {hours_words(policy.response_target)}{said}")
    if policy.resolution_target is not None:
        parts.append(f"resolve in {hours_words(policy.resolution_target)}")
    parts.append(_hours(policy.hours))
    return ", ".join(parts)


def _hours(named: str | WhoseHours | None) -> str:
    if named is WhoseHours.EVERY:
        return "around the clock"
    return "business hours"
