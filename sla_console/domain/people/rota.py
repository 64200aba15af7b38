"""Changes of who is on call, made by the people themselves, and when they are away."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sla_console.domain.people.on_call import Override, Rotation, on_call

_LONGEST_TURN: Final = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Handover:
    """Somebody takes over for a while, because a person said so. Aware UTC."""

    id: str
    rotation: str
    person: str
    start: datetime
    end: datetime
    author: str
    made_at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Absence:
    """A time in which a person cannot be on call. Aware UTC."""

    person: str
    start: datetime
    end: datetime
    words: str = ""
    """Summary that the calendar gives it."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in which one person is on call without a change. Aware UTC."""

    person: str | None
    """None: nobody is."""
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Uncovered:
    """A time for which nobody on call will answer. Aware UTC."""

    rotation: str
    start: datetime
    end: datetime
    person: str | None = None
    """Person who is on call and away; None: nobody is on call."""
    why: str = ""


def with_handovers(
    rotation: Rotation, handovers: Iterable[Handover], people: Iterable[str]
) -> Rotation:
    """Return a rotation with what people changed; the last that covers a moment wins.

    Args:
        rotation: As the configuration has it.
        handovers: What was changed, oldest first.
        people: Those there are; a change to somebody who is gone holds no more.
    """
    known = set(people)
    made = tuple(
        Override(one.person, one.start, one.end)
        for one in handovers
        if one.rotation == rotation.name and one.person in known
    )
    return replace(rotation, overrides=(*rotation.overrides, *made)) if made else rotation


def stretches(rotation: Rotation, start: datetime, end: datetime) -> Iterator[Stretch]:
    """Yield who is on call from one moment to another, in order and without gaps."""
    who, since = on_call(rotation, start), start
    for moment in rotation.candidates(start):
        if moment >= end:
            break
        now = on_call(rotation, moment)
        if now != who:
            yield Stretch(who, since, moment)
            who, since = now, moment
    yield Stretch(who, since, end)


def stretch_at(rotation: Rotation, at: datetime, *, whole: bool = False) -> Stretch:
    """Return the stretch in which a moment lies, at most a year of it.

    Args:
        rotation: Whose.
        at: The moment.
        whole: From its beginning on; else from the moment on.
    """
    ahead = next(stretches(rotation, at, at + _LONGEST_TURN))
    if not whole:
        return ahead
    days = rotation.turn_days + 1
    before = list(stretches(rotation, at - timedelta(days=days), at))[-1]
    return replace(ahead, start=before.start) if before.person == ahead.person else ahead


def uncovered(
    rotation: Rotation, absences: Sequence[Absence], start: datetime, end: datetime
) -> Iterator[Uncovered]:
    """Yield the times from one moment to another for which nobody on call will answer.

    Args:
        rotation: Who is on call, with what people changed.
        absences: When people are away.
        start: The first moment.
        end: The last.
    """
    for stretch in stretches(rotation, start, end):
        if stretch.person is None:
            yield Uncovered(rotation.name, stretch.start, stretch.end)
            continue
        for away in absences:
            begin, over = max(stretch.start, away.start), min(stretch.end, away.end)
            if away.person == stretch.person and begin < over:
                yield Uncovered(rotation.name, begin, over, away.person, away.words)


@dataclass(frozen=True, slots=True)
class OnCallTurn:
    """A time in which one person is on call, with what is to be known of it. Aware UTC."""

    rotation: str
    person: str | None
    """None: nobody is on call."""
    start: datetime
    end: datetime
    handover: Handover | None = None
    """The change by which the person has it; None: it is as the configuration says."""
    away: tuple[Uncovered, ...] = ()
    """Times within it at which the person is away."""

    @property
    def covered(self) -> bool:
        """Whether somebody will answer all the time."""
        return self.person is not None and not self.away


@dataclass(frozen=True, slots=True)
class OnCallPlan:
    """Turns from now on, the present ones first."""

    turns: tuple[OnCallTurn, ...] = ()
    """Turns by rotation, each in order; the first of each began already."""
    people: tuple[str, ...] = ()
    """Everybody who can take over."""
    me: str | None = None
    """The person who asks; None: it is none of the people."""


def turns(
    rotation: Rotation,
    handovers: Sequence[Handover],
    absences: Sequence[Absence],
    start: datetime,
    end: datetime,
) -> Iterator[OnCallTurn]:
    """Yield the turns from one moment to another; the first as a whole, from its beginning on.

    Args:
        rotation: Who is on call, with what people changed.
        handovers: What they changed, oldest first.
        absences: When people are away.
        start: The first moment.
        end: The last.
    """
    made = [one for one in handovers if one.rotation == rotation.name]
    for place, one in enumerate(stretches(rotation, start, end)):
        since = one.start if place else stretch_at(rotation, start, whole=True).start
        upto = one.end if one.end < end else stretch_at(rotation, one.start).end
        mine = (h for h in reversed(made) if h.start <= one.start < h.end)
        changed = next((h for h in mine if h.person == one.person), None)
        away = tuple(u for u in uncovered(rotation, absences, one.start, upto) if u.person)
        yield OnCallTurn(
            rotation.name, one.person, since, upto, changed,
            tuple(u for u in away if one.start <= u.start < upto),
        )  # fmt: skip


def handed_over(
    rotation: Rotation, mine: Stretch, theirs: Stretch
) -> Mapping[str, tuple[datetime, datetime]]:
    """Return who takes which time where two people swap their turns.

    Args:
        rotation: Whose turns.
        mine: The first, which its person gives away.
        theirs: The second, which its person gives for it.

    Raises:
        ValueError: if nobody has one of them, or one person both.
    """
    if mine.person is None or theirs.person is None:
        raise ValueError(f"nobody is on call for {rotation.name} then")
    if mine.person == theirs.person:
        raise ValueError(f"{mine.person} has both of these turns")
    return {
        theirs.person: (mine.start, mine.end),
        mine.person: (theirs.start, theirs.end),
    }
