"""Reports leave the house, so people who asked for help do not stand in them by name.

- Requesters get a pseudonym: the beginning of an HMAC-SHA256 of their name under a secret key and
  the name of a family of reports. Within a family somebody keeps the pseudonym; across families, or
  without the key, nobody can tell that two are the same.
- Free text (subjects, notes) never gets into the records.
- A group, type or priority whose tickets come from fewer than so many people is not broken out: its
  tickets stand under ``others``. Where that would leave one such group alone, the next smallest
  goes with it, since it could be had by subtraction (M. Elliot et al., "The Anonymisation
  Decision-Making Framework", 2nd ed., on secondary disclosure).
"""

import base64
import hmac
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Final

from sla_console.reporting.records import Breach, Credit, InHand, LateHold, Part, Promise, Records

OTHERS: Final = "others"
_LENGTH: Final = 8

_FOLDED: Final[Mapping[str, Callable[[Promise], str]]] = {
    "group": lambda one: one.group,
    "priority": lambda one: one.priority,
    "policy": lambda one: one.policy,
    "request_type": lambda one: one.request_type,
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
            message = f"{self._family}\0{name.casefold()}".encode()
            digest = hmac.digest(self._key, message, "sha256")
            short = base64.b32encode(digest).decode().lower()[:_LENGTH]
            self._known[name] = f"requester-{short}"
        return self._known[name]


def protect(records: Records, pseudonyms: Pseudonyms, least: int) -> Records:
    """Return the same records without names of requesters and without groups that are too small.

    Args:
        records: As gathered.
        pseudonyms: What requesters are called.
        least: So many people a group must come from; 1 folds nothing.
    """
    folded = {name: _small(records.promises, of, least) for name, of in _FOLDED.items()}
    technicians = _small_hands(records.promises, least)
    promises = [
        replace(
            one,
            requester=pseudonyms.of(one.requester) if one.requester else None,
            credit=_credit(one.credit, technicians),
            group=_shown(one.group, folded["group"]),
            priority=_shown(one.priority, folded["priority"]),
            policy=_shown(one.policy, folded["policy"]),
            request_type=_shown(one.request_type, folded["request_type"]),
        )
        for one in records.promises
    ]
    return Records(
        promises=promises,
        exclusions=records.exclusions,
        breaches=[_breach(one, technicians) for one in records.breaches],
        in_hand=[_in_hand(one, technicians) for one in records.in_hand],
        late_holds=[_late_hold(one, technicians) for one in records.late_holds],
        policies=[one for one in records.policies if one.name not in folded["policy"]],
        calendars=records.calendars,
    )


def _shown(value: str, folded: frozenset[str]) -> str:
    return OTHERS if value in folded else value


def _small(
    promises: Iterable[Promise], value_of: Callable[[Promise], str], least: int
) -> frozenset[str]:
    people: dict[str, set[str]] = {}
    for one in promises:
        people.setdefault(value_of(one), set()).add(_asked(one))
    return _to_fold({value: len(some) for value, some in people.items()}, least)


def _small_hands(promises: Iterable[Promise], least: int) -> frozenset[str]:
    people: dict[str, set[str]] = {}
    for one in promises:
        for credit in one.credit:
            people.setdefault(credit.technician, set()).add(_asked(one))
    return _to_fold({name: len(some) for name, some in people.items()}, least)


def _asked(one: Promise) -> str:
    """Return who asked; where that is not known, somebody for each ticket."""
    return one.requester or f"\0{one.number}"


def _to_fold(sizes: Mapping[str, int], least: int) -> frozenset[str]:
    small = [value for value, size in sizes.items() if size < least]
    if len(small) == 1 and len(sizes) > 1:
        others = (value for value in sizes if value != small[0])
        small.append(min(others, key=lambda value: (sizes[value], value)))
    # One group that is all there is hides behind nothing, and tells nothing more than the whole.
    return frozenset(small) if len(sizes) > 1 else frozenset()


def _credit(credit: tuple[Credit, ...], folded: frozenset[str]) -> tuple[Credit, ...]:
    if not any(one.technician in folded for one in credit):
        return credit
    shares: dict[str, float] = {}
    for one in credit:
        name = OTHERS if one.technician in folded else one.technician
        shares[name] = shares.get(name, 0.0) + one.share
    return tuple(Credit(name, shares[name]) for name in sorted(shares))


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
