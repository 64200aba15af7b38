"""From records to a report: the one place where its figures are made."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import dropwhile
from typing import Final
from zoneinfo import ZoneInfo

from sla_console.domain.figures.clients import ClientMonth, Contracts, client_months
from sla_console.domain.figures.counting import dimensions
from sla_console.domain.figures.names import NameBook
from sla_console.domain.figures.record import Span, TargetRecord
from sla_console.domain.figures.report import DateRange
from sla_console.domain.sla.breach import BreachType
from sla_console.domain.sla.verdict import Outcome
from sla_console.domain.tickets.priority import BY_NAME, PriorityRanks
from sla_console.domain.wall_time import local_text
from sla_console.reporting.figures import (
    FigureTally,
    Week,
    groups_of,
    heat_of,
    margins_of,
    weeks_of,
    whole_of,
)
from sla_console.reporting.period import Period
from sla_console.reporting.records import Breach, ReportRecords
from sla_console.reporting.report import Allowance, HeldTime, Report, Spent, TimeAttribution
from sla_console.reporting.scope import Scope

WEEKS: Final = 13
"""Weeks that a trend looks at, at least."""
_WEEK: Final = timedelta(days=7)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Frame:
    """Everything about a report but its tickets."""

    period: Period
    as_of: datetime
    scope: Scope
    source: str
    contracts: Contracts = field(default_factory=Contracts)
    least: int = 1
    identified: bool = False
    notes: tuple[str, ...] = ()
    priorities: PriorityRanks = BY_NAME
    """In which order the desk's priorities stand."""
    clients: NameBook = field(default_factory=NameBook)
    """All names of clients; contracts may be written under an earlier one."""

    @property
    def wide(self) -> DateRange:
        """All due times that matter to some figure."""
        period, mondays = self.period, self.mondays
        weeks = Period(mondays[0], mondays[-1] + _WEEK - _DAY, period.zone)
        spans = [one.span for one in (period, period.before(), period.last_month(), weeks)]
        return DateRange(min(span.start for span in spans), max(span.end for span in spans))

    @property
    def mondays(self) -> tuple[date, ...]:
        """The weeks of the trend: those of the period, and so many before that they are enough.

        None that has not begun: of what falls due in it, only what is kept early has a verdict.
        """
        today = self.as_of.astimezone(ZoneInfo(self.period.zone)).date()
        first, last = _monday(self.period.first), _monday(min(self.period.last, today))
        count = max(WEEKS, (last - first) // _WEEK + 1)
        return tuple(last - _WEEK * (count - 1 - place) for place in range(count))


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def report_of(records: ReportRecords, frame: Frame) -> Report:
    """Return the report of some records; the order of the records makes no difference.

    Args:
        records: What was gathered, protected already if it shall be.
        frame: What else stands in it.
    """
    period, zone = frame.period, frame.period.zone
    here, past = period.span, period.before().span
    promises = [one for one in records.promises if here.start <= one.due < here.end]
    before = [one for one in records.promises if past.start <= one.due < past.end]
    response, resolution = whole_of(promises, before)
    by_target = {target: [one for one in promises if one.target is target] for target in BreachType}
    return Report(
        period=period,
        before=period.before(),
        as_of=frame.as_of,
        scope=dict(frame.scope.filters),
        source=frame.source,
        least=frame.least,
        identified=frame.identified,
        tickets=len({one.number for one in promises}),
        response=response,
        resolution=resolution,
        groups={
            name: groups_of(
                promises,
                before,
                values_of,
                by_technician=name == "technician",
                priorities=frame.priorities if name == "priority" else None,
            )
            for name, values_of in dimensions(zone).items()
        },
        weeks=_known_weeks(weeks_of(records.promises, frame.mondays, zone), period),
        heat=heat_of(promises, zone),
        response_margins=margins_of(by_target[BreachType.RESPONSE]),
        resolution_margins=margins_of(by_target[BreachType.RESOLUTION]),
        allowances=_allowances(records.promises, period.last_month(), frame),
        attribution=_attribution(records.breaches),
        held=_held(records),
        late_holds=tuple(records.late_holds),
        breaches=tuple(records.breaches),
        promises=tuple(promises),
        around=tuple(one for one in records.promises if not here.start <= one.due < here.end),
        exclusions=tuple(records.exclusions),
        policies=tuple(records.policies),
        calendars=tuple(records.calendars),
        notes=(*frame.notes, *_notes(promises, frame)),
    )


def _known_weeks(weeks: tuple[Week, ...], period: Period) -> tuple[Week, ...]:
    """Return the weeks without those before the period and before anything is known."""
    first = _monday(period.first)
    return tuple(
        dropwhile(
            lambda week: (
                week.monday < first and {week.response, week.resolution} == {FigureTally()}
            ),
            weeks,
        )
    )


def _notes(promises: Sequence[TargetRecord], frame: Frame) -> Iterator[str]:
    """Say what would mislead whoever does not know it."""
    if any(one.due > frame.as_of for one in promises):
        at = local_text(frame.as_of, ZoneInfo(frame.period.zone))
        yield (
            f"Not over yet: of what is due after {at}, only what was kept early counts, "
            f"so the percentages can still fall."
        )
    doubt = sum(one.outcome is Outcome.IN_DOUBT for one in promises)
    if doubt:
        they = "verdict is" if doubt == 1 else "verdicts are"
        yield f"{doubt} {they} in doubt: in no percentage, and listed with the reason."
    gone = len({one.number for one in promises if one.gone_at is not None})
    if gone:
        yield (
            f"{gone} of the tickets {'is' if gone == 1 else 'are'} no longer in SuperOps; what was "
            f"met and missed of them counts."
        )
    people = {one.requester or one.number for one in promises}
    if promises and not frame.identified and len(people) < frame.least:
        yield (
            f"These tickets come from fewer than {frame.least} people, so who knows the client may "
            f"know who they are."
        )


def _allowances(
    records: Iterable[TargetRecord], month: Period, frame: Frame
) -> tuple[Allowance, ...]:
    span = Span(month.span.start, month.span.end)
    stand = client_months(records, span, frame.contracts, frame.clients)
    return tuple(
        sorted(
            (_allowance(one, month.label) for one in stand),
            key=lambda one: (one.left is None, one.left or 0, one.client.casefold()),
        )
    )


def _allowance(one: ClientMonth, month: str) -> Allowance:
    return Allowance(
        client=one.client,
        month=month,
        met=one.month.met,
        missed=one.month.missed,
        open=one.month.open,
        target=None if one.share is None else float(one.share * 100),
        left=one.affordable,
        words=one.words,
        in_doubt=one.month.in_doubt,
    )


def _attribution(breaches: Iterable[Breach]) -> TimeAttribution:
    technicians: dict[str, list[float]] = {}
    statuses: dict[str, list[float]] = {}
    for breach in breaches:
        for sums, names in (
            (technicians, [part.technician for part in breach.parts]),
            (statuses, [part.status for part in breach.parts]),
        ):
            for name, part in zip(names, breach.parts, strict=True):
                sums.setdefault(name, [0.0, 0.0, 0])[part.waiting] += part.seconds
            for name in set(names):
                sums[name][2] += 1
    return TimeAttribution(_spent(technicians), _spent(statuses))


def _spent(sums: Mapping[str, Sequence[float]]) -> tuple[Spent, ...]:
    found = (
        Spent(name, counted, waiting, int(breaches))
        for name, (counted, waiting, breaches) in sums.items()
    )
    return tuple(sorted(found, key=lambda one: (-one.counted, -one.waiting, one.name)))


def _held(records: ReportRecords) -> tuple[HeldTime, ...]:
    sums: dict[str, list[float]] = {}
    numbers: dict[str, dict[str, None]] = {}
    for one in records.in_hand:
        mine = sums.setdefault(one.technician, [0.0, 0.0])
        mine[0] += one.held
        mine[1] += one.total
        numbers.setdefault(one.technician, {})[one.number] = None
    late: dict[str, int] = {}
    for hold in records.late_holds:
        late[hold.technician] = late.get(hold.technician, 0) + 1
    found = [
        HeldTime(name, held, total, tuple(numbers[name]), late.get(name, 0))
        for name, (held, total) in sums.items()
    ]
    return tuple(sorted(found, key=lambda one: (-one.share, one.technician)))
