"""Reports leave the house, so people who asked for help do not stand in them by name.

- Requesters get a pseudonym: the beginning of an HMAC-SHA256 of their name under a secret key and
  the name of a family of reports. Within a family somebody keeps the pseudonym; across families, or
  without the key, nobody can tell that two are the same.
- Free text (subjects, notes) never gets into the records.
- A group, type or priority whose tickets of the period come from fewer than so many people is not
  broken out: its tickets stand under ``others``. ``others`` can be had by subtraction, so it is a
  group as well: the next smallest go with it until it holds two at least, and enough people
  (M. Elliot et al., "The Anonymisation Decision-Making Framework", 2nd ed., on secondary
  disclosure).
"""

import base64
import hmac
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from typing import Final

from sla_console.domain.copies import copy_with
from sla_console.domain.figures.record import Credit, TargetRecord
from sla_console.domain.figures.report import DateRange
from sla_console.domain.names import folded
from sla_console.reporting.records import Breach, InHand, LateHold, Part, ReportRecords

OTHERS: Final = "others"
_LENGTH: Final = 8

_FOLDED: Final[Mapping[str, Callable[[TargetRecord], Collection[str]]]] = {
    "group": lambda one: (one.group,),
    "priority": lambda one: (one.priority,),
    "policy": lambda one: (one.policy,),
    "request_type": lambda one: (one.request_type,),
    "technician": lambda one: [credit.technician for credit in one.credit],
}


class Pseudonyms:
    """Names that stand for people.

    Args:
        key: Secret; whoever has it can find out who a pseudonym is by trying names.
        family: Reports of one family call the same person the same.
    """

    def __init__(self, key: bytes, family: str) -> None:
        self._key, self._family = key, family
        self._known: dict[str, str] = {}

    def of(self, name: str) -> str:
        """Return the pseudonym of somebody."""
        if name not in self._known:
            message = f"{self._family}\0{folded(name)}".encode()
            digest = hmac.digest(self._key, message, "sha256")
            short = base64.b32encode(digest).decode().lower()[:_LENGTH]
            self._known[name] = f"requester-{short}"
        return self._known[name]


def protect(
    records: ReportRecords, pseudonyms: Pseudonyms, least: int, span: DateRange
) -> ReportRecords:
    """Return the same records without names of requesters and without groups that are too small.

    Args:
        records: As gathered.
        pseudonyms: What requesters are called.
        least: So many people a group must come from; 1 folds nothing.
        span: The due times that the report is about.
    """
    asked = [(one, _asked(one), span.start <= one.due < span.end) for one in records.promises]
    folded = {name: _small(asked, of, least) for name, of in _FOLDED.items()}
    technicians = folded["technician"]
    holders = technicians | _uncredited(records.promises) if least > 1 else technicians
    promises = [
        copy_with(
            one,
            requester=pseudonyms.of(one.requester) if one.requester else None,
            credit=_credit(one.credit, technicians),
            assignee=None if one.assignee is None else _credit((one.assignee,), holders)[0],
            group=_shown(one.group, folded["group"]),
            priority=_shown(one.priority, folded["priority"]),
            policy=_shown(one.policy, folded["policy"]),
            request_type=_shown(one.request_type, folded["request_type"]),
        )
        for one in records.promises
    ]
    return ReportRecords(
        promises=promises,
        exclusions=records.exclusions,
        breaches=[_breach(one, technicians) for one in records.breaches],
        in_hand=[_in_hand(one, technicians) for one in records.in_hand],
        late_holds=[_late_hold(one, technicians) for one in records.late_holds],
        policies=[one for one in records.policies if one.name not in folded["policy"]],
        calendars=records.calendars,
    )


def _uncredited(records: Iterable[TargetRecord]) -> frozenset[str]:
    """Return who had tickets when targets fell due, and has a share of none."""
    credited = {credit.technician for one in records for credit in one.credit}
    holders = {one.assignee.technician for one in records if one.assignee is not None}
    return frozenset(holders - credited)


def _shown(value: str, folded: frozenset[str]) -> str:
    return OTHERS if value in folded else value


def _small(
    asked: Iterable[tuple[TargetRecord, str, bool]],
    values_of: Callable[[TargetRecord], Collection[str]],
    least: int,
) -> frozenset[str]:
    """Return the values under which no promise may stand.

    Args:
        asked: Each promise with who asked, and whether it is of the period.
        values_of: The values under which a promise stands.
        least: So many people it must be.
    """
    here: defaultdict[str, set[str]] = defaultdict(set)
    ever: defaultdict[str, set[str]] = defaultdict(set)
    for one, who, inside in asked:
        for value in values_of(one):
            ever[value].add(who)
            if inside:
                here[value].add(who)
    return _to_fold({value: here.get(value, people) for value, people in ever.items()}, here, least)


def _asked(one: TargetRecord) -> str:
    """Return who asked; where that is not known, somebody for each ticket."""
    return one.requester or f"\0{one.number}"


def _to_fold(
    people: Mapping[str, set[str]], here: Mapping[str, set[str]], least: int
) -> frozenset[str]:
    """Return which values to fold.

    Args:
        people: Who stands behind each value: in the period, or else around it.
        here: The same of the period alone.
        least: So many it must be.
    """
    # One group that is all there is hides behind nothing, and tells nothing more than the whole.
    if len(people) < 2:
        return frozenset()
    order = sorted(people, key=lambda value: (len(people[value]), value))
    folded = [value for value in order if len(people[value]) < least]
    if not folded:
        return frozenset()
    hidden: set[str] = set().union(*(here.get(value, ()) for value in folded))
    for value in order[len(folded) :]:
        if len(folded) > 1 and (not hidden or len(hidden) >= least):
            break
        folded.append(value)
        hidden |= here.get(value, set())
    return frozenset(folded)


def _credit(credit: tuple[Credit, ...], folded: frozenset[str]) -> tuple[Credit, ...]:
    if not any(one.technician in folded for one in credit):
        return credit
    shown = [one for one in credit if one.technician not in folded]
    hidden = [one for one in credit if one.technician in folded]
    others = Credit(OTHERS, sum(one.share for one in hidden), None, sum(o.assumed for o in hidden))
    return tuple(sorted((*shown, others), key=lambda one: one.technician))


def _breach(one: Breach, folded: frozenset[str]) -> Breach:
    if not any(part.technician in folded for part in one.parts):
        return one
    spent: dict[tuple[str, str, bool], float] = {}
    for part in one.parts:
        name = OTHERS if part.technician in folded else part.technician
        key = name, part.status, part.waiting
        spent[key] = spent.get(key, 0.0) + part.seconds
    parts = (Part(name, status, s, waiting) for (name, status, waiting), s in spent.items())
    return replace(one, parts=tuple(parts))


def _in_hand(one: InHand, folded: frozenset[str]) -> InHand:
    return replace(one, technician=OTHERS) if one.technician in folded else one


def _late_hold(one: LateHold, folded: frozenset[str]) -> LateHold:
    return replace(one, technician=OTHERS) if one.technician in folded else one
