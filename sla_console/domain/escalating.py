"""What time does to a breach: pages, reminders, acknowledgements that run out, snoozes that end.

Pure steps: each takes a breach and the moment, and returns the breach as it is then with what there
is to tell about it.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sla_console.domain.breach import BreachState, SLABreach
from sla_console.domain.episode import Episode
from sla_console.domain.escalation import Page
from sla_console.domain.risk import RiskLevel


class Stir(StrEnum):
    """What happened to a breach by the mere passing of time."""

    PAGE = "page"
    """A step of its escalation is due."""
    REMIND = "remind"
    """Whoever has it will soon have it no more."""
    EXPIRED = "expired"
    """The acknowledgement ran out: it is nobody's again."""
    WOKE = "woke"
    """The snooze is over."""
    WORSE = "worse"
    """Its ticket became more urgent, so whoever had it is asked again."""


@dataclass(frozen=True, slots=True)
class Stirred:
    """What there is to tell."""

    stir: Stir
    page: Page | None = None
    had: str | None = None
    """Who had it until now."""


def next_moment(breach: SLABreach) -> datetime | None:
    """Return when the mere passing of time will next do something to a breach."""
    episode = breach.episode
    if breach.state is BreachState.SNOOZED:
        return breach.snoozed_until
    if episode is None or breach.state is BreachState.RESOLVED:
        return None
    if breach.state is BreachState.ACKNOWLEDGED:
        waits = episode.held_since is not None
        return None if waits else episode.remind_at or episode.acknowledged_until
    return episode.next_at


def advance(breach: SLABreach, now: datetime) -> tuple[SLABreach, Stirred | None]:
    """Return a breach as it is at ``now``, and what there is to tell.

    One thing at a time: ask again until there is nothing more.
    """
    due = next_moment(breach)
    if due is None or due > now:
        return breach, None
    if breach.state is BreachState.SNOOZED:
        return breach.unacknowledge(None, now), Stirred(Stir.WOKE)
    if breach.state is BreachState.ACKNOWLEDGED:
        return _runs_out(breach, now)
    after, page = breach.episode.advance(now) if breach.episode else (None, None)
    if after is None or page is None:
        return breach, None
    return _changed(breach, episode=after), Stirred(Stir.PAGE, page)


def _runs_out(breach: SLABreach, now: datetime) -> tuple[SLABreach, Stirred | None]:
    episode, had = breach.episode, breach.acknowledged_by
    if episode is None:
        return breach, None
    if episode.acknowledged_until is not None and episode.acknowledged_until <= now:
        return breach.unacknowledge(None, now), Stirred(Stir.EXPIRED, had=had)
    return _changed(breach, episode=episode.reminded()), Stirred(Stir.REMIND, had=had)


def hasten(breach: SLABreach, now: datetime) -> tuple[SLABreach, Page | None]:
    """Return a breach whose next step was taken now, because a person asked for it."""
    if breach.episode is None:
        return breach, None
    after, page = breach.episode.hasten(now)
    return replace(breach, episode=after), page


def held(breach: SLABreach, now: datetime, *, waits: bool) -> tuple[SLABreach, Stirred | None]:
    """Return a breach whose ticket waits, or does no more; unchanged where that is known.

    A snooze without an end lasts until this changes, and then there is that to tell.
    """
    episode = breach.episode
    if episode is None or breach.state is BreachState.RESOLVED:
        return breach, None
    if waits == (episode.held_since is not None):
        return breach, None
    after = episode.hold(now) if waits else episode.release(now)
    if breach.state is BreachState.SNOOZED and breach.snoozed_until is None:
        breach = replace(breach, episode=after)
        return breach.unacknowledge(None, now), Stirred(Stir.WOKE)
    return _changed(breach, episode=after), None


def worsened(
    breach: SLABreach, severity: RiskLevel, priority: str | None, now: datetime
) -> tuple[SLABreach, Stirred | None]:
    """Return a breach whose ticket has another priority now.

    One that becomes more urgent while somebody has it is asked about again (ALERTA's rule that a
    higher severity opens what was acknowledged).
    """
    if (severity, priority) == (breach.severity, breach.priority):
        return breach, None
    rises = severity.rank > breach.severity.rank
    had = breach.acknowledged_by
    changed = replace(breach, severity=severity, priority=priority)
    if rises and breach.state in {BreachState.ACKNOWLEDGED, BreachState.SNOOZED}:
        return changed.unacknowledge(None, now), Stirred(Stir.WORSE, had=had)
    return replace(changed, revision=breach.revision + 1), None


def _changed(breach: SLABreach, *, episode: Episode) -> SLABreach:
    return replace(breach, episode=episode, revision=breach.revision + 1)
