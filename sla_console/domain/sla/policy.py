"""SLA policies: what was promised, and which promise a ticket is under.

Precedence: a policy matches where the ticket meets every condition it has. Of several that match,
the one with the most conditions wins, whichever they are; then the lowest explicit order, one
without an order coming last; then the name, compared without case. The place in the file decides
nothing, so sorting the file changes no due time. Where nothing matches, the default policy is used.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from itertools import combinations
from operator import attrgetter
from typing import Final

from sla_console.domain.matcher import BY_NAMES, Matcher
from sla_console.domain.names import folded
from sla_console.domain.tickets.ticket import Ticket


class WhoseHours(Enum):
    """The hours that count without a calendar; the value is how the configuration writes it."""

    EVERY = "24x7"
    """Every hour counts."""
    CLIENT = "client"
    """The hours of the ticket's client count, whatever the default is."""


ROUND_THE_CLOCK: Final = WhoseHours.EVERY.value
CLIENTS_HOURS: Final = WhoseHours.CLIENT.value


_CONDITIONS: Final = tuple(
    (own, BY_NAMES[names])
    for own, names in (
        ("sla_name", "slas"),
        ("client", "clients"),
        ("group", "groups"),
        ("priority_level", "priorities"),
        ("request_type", "request_types"),
    )
)
"""Each condition, by the policy's field that holds its name."""
_FIELDS: Final = tuple(one.reads[0] for _, one in _CONDITIONS)
_VALUES: Final = attrgetter(*_FIELDS)


@dataclass(frozen=True, slots=True)
class EscalationRule:
    """Who is told when a breach stays unacknowledged."""

    after_minutes: int
    """Minutes of wall time after the breach."""
    channels: tuple[str, ...]
    """Names of alert channels."""


@dataclass(frozen=True, slots=True)
class SLAPolicy:
    """One promise: a first response and a resolution within so much time."""

    id: str
    name: str
    priority_level: str | None = None
    """The priority this promise is for; None: any."""
    response_time_minutes: int | None = None
    """Target of the first response in minutes; None: not promised or not known."""
    resolution_time_hours: float | None = None
    """Target of the resolution in hours; None: not promised or not known."""
    business_hours_only: bool = True
    escalation_rules: tuple[EscalationRule, ...] = ()
    created_at: datetime | None = None
    updated_at: datetime | None = None
    sla_name: str | None = None
    """SuperOps' name of the SLA this promise describes; None: any."""
    client: str | None = None
    """Name of the client this promise is for; None: any."""
    default: bool = False
    """Used where no other policy matches."""
    group: str | None = None
    """Name of the technician group this promise is for; None: any."""
    request_type: str | None = None
    """The request type this promise is for, such as ``Incident``; None: any."""
    order: int | None = None
    """Decides between equally specific matches, the lowest first; None: after those with one."""
    calendar: str | None = None
    """Name of the configured calendar that counts; None: the hours of the ticket's client."""
    response_calendar: str | None = None
    """Hours for the first response, where they differ from those for the resolution: the name of a
    calendar, ``ROUND_THE_CLOCK`` or ``CLIENTS_HOURS``; None: the same."""

    @property
    def response_target(self) -> timedelta | None:
        """Target of the first response."""
        minutes = self.response_time_minutes
        return None if minutes is None else timedelta(minutes=minutes)

    @property
    def resolution_target(self) -> timedelta | None:
        """Target of the resolution."""
        hours = self.resolution_time_hours
        return None if hours is None else timedelta(hours=hours)

    @property
    def targets(self) -> bool:
        """Whether it says how long anything may take; of SuperOps' SLAs only the name is known."""
        return self.response_time_minutes is not None or self.resolution_time_hours is not None

    @property
    def hours(self) -> "str | WhoseHours | None":
        """Hours for the resolution: a calendar by its name, or every hour.

        None: the default calendar, or the hours of the ticket's client where there is none.
        """
        return self.calendar if self.business_hours_only else WhoseHours.EVERY

    @property
    def response_hours(self) -> "str | WhoseHours | None":
        """Hours for the first response: as ``hours``, or the client's own."""
        name = self.response_calendar
        if name in {ROUND_THE_CLOCK, CLIENTS_HOURS}:
            return WhoseHours(name)
        return self.hours if name is None else name

    @property
    def wanted(self) -> dict[str, str]:
        """What a ticket must have, casefolded, by the ticket's field; empty for the default."""
        if self.default:
            return {}
        found = ((one.reads[0], getattr(self, own)) for own, one in _CONDITIONS)
        return {field: folded(name) for field, name in found if name is not None}

    @property
    def matcher(self) -> Matcher:
        """Its conditions, in the form that rules and silences use; the default's match everything."""
        if self.default:
            return Matcher()
        found = ((one.names, getattr(self, own)) for own, one in _CONDITIONS)
        return Matcher(**{names: (value,) for names, value in found if value is not None})

    @property
    def conditions(self) -> tuple[str, ...]:
        """Its conditions in words, such as ``priority is High``; empty where it has none."""
        found = ((one.word, getattr(self, own)) for own, one in _CONDITIONS)
        return tuple(f"{word} is {value}" for word, value in found if value is not None)


@dataclass(frozen=True, slots=True)
class PolicyMatch:
    """The promise a ticket is under, and why it is this one."""

    policy: SLAPolicy | None
    """None: nothing matches, and there is no default."""
    others: tuple[SLAPolicy, ...] = ()
    """Others that match too, best first, without the default."""
    reasons: tuple[str, ...] = ()
    """Why, in words: the conditions that are met, then what decided against the next best."""
    fell_to_default: bool = False
    """No policy with conditions matches, so the default is used."""
    conflict: SLAPolicy | None = None
    """One of ``others`` that is as specific and lost by its order or name alone."""


_Rank = tuple[int, bool, int, str, str, str]


def _rank(policy: SLAPolicy) -> _Rank:
    """Return what policies are sorted by, the winner first. The id makes it the same every time."""
    order = policy.order
    return (
        -len(policy.wanted),
        order is None,
        order or 0,
        folded(policy.name),
        policy.name,
        policy.id,
    )


def match_order(policies: Sequence[SLAPolicy]) -> list[SLAPolicy]:
    """Return the policies in the order in which a ticket tries them; defaults come last."""
    return sorted(policies, key=_rank)


class PolicyTable:
    """Policies made ready to be matched against many tickets.

    Args:
        policies: In any sequence. One without conditions that is not marked ``default`` matches
            nothing.
    """

    __slots__ = ("_by_fields", "_default")

    def __init__(self, policies: Sequence[SLAPolicy]) -> None:
        ranked = match_order(policies)
        self._default = next((policy for policy in ranked if policy.default), None)
        # By which fields a policy asks about, then by what it wants there: a ticket costs a lookup
        # for each combination of fields in use, however many policies there are.
        self._by_fields: dict[
            tuple[int, ...], dict[tuple[str | None, ...], list[tuple[_Rank, SLAPolicy]]]
        ] = {}
        for policy in ranked:
            wanted = policy.wanted
            if wanted:
                asked = tuple(i for i, field in enumerate(_FIELDS) if field in wanted)
                values: tuple[str | None, ...] = tuple(wanted[_FIELDS[i]] for i in asked)
                rows = self._by_fields.setdefault(asked, {})
                rows.setdefault(values, []).append((_rank(policy), policy))

    def policy_of(self, ticket: Ticket) -> SLAPolicy | None:
        """Return the promise that a ticket is under, or None."""
        matching = self._matching(ticket)
        return matching[0][1] if matching else self._default

    def match(self, ticket: Ticket) -> PolicyMatch:
        """Return the promise that a ticket is under, with the reasons."""
        matching = self._matching(ticket)
        if not matching:
            if self._default is None:
                return PolicyMatch(None, reasons=("no policy matches, and there is no default",))
            return PolicyMatch(
                self._default, reasons=("no other policy matches",), fell_to_default=True
            )
        (rank, policy), *rest = matching
        if not rest:
            return PolicyMatch(policy, reasons=policy.conditions)
        (next_rank, next_best), *_ = rest
        conflict = next_best if next_rank[0] == rank[0] else None
        decided = _decided(policy, next_best, equal=conflict is not None)
        return PolicyMatch(
            policy,
            others=tuple(other for _, other in rest),
            reasons=(*policy.conditions, decided),
            conflict=conflict,
        )

    def _matching(self, ticket: Ticket) -> list[tuple[_Rank, SLAPolicy]]:
        """Return the policies whose every condition the ticket meets, the winner first."""
        has = [None if value is None else folded(value) for value in _VALUES(ticket)]
        found: list[tuple[_Rank, SLAPolicy]] = []
        for asked, rows in self._by_fields.items():
            rows_here = rows.get(tuple([has[i] for i in asked]))
            if rows_here is not None:
                found += rows_here
        if len(found) > 1:
            found.sort(key=_by_rank)
        return found


def _by_rank(row: tuple[_Rank, SLAPolicy]) -> _Rank:
    return row[0]


def _decided(winner: SLAPolicy, loser: SLAPolicy, *, equal: bool) -> str:
    """Return what put one policy before another, in words."""
    if not equal:
        return f"it has more conditions than {loser.name}"
    if winner.order == loser.order:
        return f"{loser.name} matches as well and comes later by name alone"
    if loser.order is None:
        return f"{loser.name} matches as well and has no order, this one has {winner.order}"
    return f"{loser.name} matches as well and has order {loser.order}, this one {winner.order}"


def conflicts(policies: Sequence[SLAPolicy]) -> list[tuple[SLAPolicy, SLAPolicy]]:
    """Return the pairs that can match the same ticket equally well, with only a name between them.

    A pair is left out where one of the two has an order that the other has not, or where a more
    specific policy takes every ticket that both match. The winner stands first in each pair.
    """
    ranked = [(policy, policy.wanted.items()) for policy in match_order(policies) if policy.wanted]
    found = []
    for (first, mine), (second, theirs) in combinations(ranked, 2):
        together = mine | theirs
        compatible = len(dict(together)) == len(together)
        if len(mine) != len(theirs) or first.order != second.order or not compatible:
            continue
        if not any(len(more) > len(mine) and more <= together for _, more in ranked):
            found.append((first, second))
    defaults = [policy for policy in match_order(policies) if policy.default]
    return found + [
        (one, other) for one, other in combinations(defaults, 2) if one.order == other.order
    ]
