"""Whether a message is still true at the moment at which it is to be sent."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sla_console.alerting.digest import still_true
from sla_console.alerting.ports import Ended
from sla_console.domain.alert import AlertEvent, DeliveryState, Notice, OutboxMessage, WaitReason
from sla_console.domain.breach import BreachState, SLABreach
from sla_console.domain.silence import Hush
from sla_console.domain.sla_clock import ClockState
from sla_console.monitoring.board import BoardKeeper
from sla_console.monitoring.judging import clock_of

_ALWAYS_TRUE = frozenset(
    {AlertEvent.MONITOR, AlertEvent.TEST, AlertEvent.RECOVERY, AlertEvent.REPORT}
)


class Gate:
    """Looks at each message once more before it leaves.

    Args:
        board: What is known of tickets and breaches now.
        hush: Returns the silence or maintenance window that a notice falls under.
    """

    def __init__(self, board: BoardKeeper, hush: Callable[[Notice, datetime], Hush | None]) -> None:
        self._board = board
        self._hush = hush

    def __call__(self, message: OutboxMessage, now: datetime) -> OutboxMessage | Ended:
        """Return the message, a digest without what is over, or why it is not sent."""
        notice = message.notice
        if notice is None:
            return message
        if notice.event is AlertEvent.DIGEST and notice.members:
            kept = [one for one in notice.members if self._why_not(one, now) is None]
            if not kept and notice.total <= len(notice.members):
                return Ended(DeliveryState.SUPERSEDED, "all that it tells of is over")
            return still_true(message, kept)
        return self._why_not(notice, now) or message

    def _why_not(self, notice: Notice, now: datetime) -> Ended | None:
        if notice.event in _ALWAYS_TRUE or notice.ticket_id is None:
            return None
        hush = None if notice.by_hand else self._hush(notice, now)
        if hush is not None:
            return Ended(DeliveryState.SUPPRESSED, hush.words, WaitReason.MUTED)
        why = self._past(notice, now)
        return None if why is None else Ended(DeliveryState.SUPERSEDED, why)

    def _past(self, notice: Notice, now: datetime) -> str | None:
        """Return why a notice is true no more."""
        if notice.breach_id is None:
            return self._no_longer_runs(notice, now)
        if notice.breach_id in self._board.changing:
            return None
        breach = self._board.breach(notice.breach_id)
        if breach is None:
            return "the breach is over"
        return None if notice.event is AlertEvent.REMINDER else _taken(breach, notice)

    def _no_longer_runs(self, notice: Notice, now: datetime) -> str | None:
        judged = self._board.get(notice.ticket_id or "")
        if judged is None or notice.target is None:
            return "the ticket is closed"
        clock = clock_of(judged, notice.target)
        if _differ(clock.due, notice.due):
            return "it is due at another time by now"
        state = clock.state(now)
        return None if state is ClockState.RUNNING else f"its clock is {state} by now"


def _differ(one: datetime | None, other: datetime | None) -> bool:
    """Return whether two due times differ; the store keeps milliseconds only."""
    if one is None or other is None:
        return one is not other
    return abs(one - other) >= timedelta(seconds=1)


def _taken(breach: SLABreach, notice: Notice) -> str | None:
    if breach.state is BreachState.ACKNOWLEDGED:
        return f"{breach.acknowledged_by} has it by now"
    if breach.state is BreachState.SNOOZED:
        return "it was snoozed meanwhile"
    held = breach.episode is not None and breach.episode.held_since is not None
    if held and notice.event is AlertEvent.ESCALATION and not notice.by_hand:
        return "the ticket waits by now"
    return None
