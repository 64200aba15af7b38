"""Says what has just broken, wherever a person is in the console: all of a board in one notice."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from textual.app import App

from sla_console.domain.alerts.notification import AlertEvent, notification_of
from sla_console.domain.board import Board
from sla_console.domain.sla.breach import BreachState, SLABreach

_NAMED: Final = 3
_REMEMBERED: Final = 10_000
"""Breaches that are over and are still known, should they come again."""


class NewBreachToast:
    """Compares each board with what was told before.

    Args:
        app: Shows the notice.
    """

    def __init__(self, app: App[None]) -> None:
        self._app = app
        self._known: dict[str, None] | None = None
        self._since: datetime | None = None
        """When the first board was shown; what was found before that is no news."""

    def board_arrived(self, board: Board, now: datetime, *, aloud: bool) -> None:
        """Say which breaches are new, silenced ones left out.

        Args:
            board: The board.
            now: The moment.
            aloud: False where nobody sits who reads notices; the breaches are known all the same.
        """
        if not board.version:
            return
        known, begins = self._known or {}, self._known is None
        new = [breach for breach in board.breaches if breach.id not in known]
        self._known, self._since = known, self._since or now
        known.update(dict.fromkeys(breach.id for breach in new))
        while len(known) > _REMEMBERED + len(board.breaches):
            del known[next(iter(known))]
        # What was broken before anybody looked is on the board, and no news.
        if begins or board.health.last_sync_at is None or not aloud:
            return
        told = [
            one
            for one in new
            if one.state is BreachState.OPEN
            and (one.detected_at or now) >= self._since
            and not _quiet(one, board, now)
        ]
        if told:
            self._app.notify(_words(told), severity="warning", timeout=8, markup=False)


def _quiet(breach: SLABreach, board: Board, now: datetime) -> bool:
    notification = notification_of(breach, AlertEvent.BREACH, now)
    return any(
        quiet.active(now) and quiet.matcher is not None and quiet.matcher.matches(notification)
        for quiet in board.alerts.quiets
    )


def _words(breaches: Sequence[SLABreach]) -> str:
    if len(breaches) == 1:
        one = breaches[0]
        client = f" {one.client}" if one.client else ""
        return f"BREACHED: {one.display_id}{client}, {one.breach_type.words}."
    numbers = list(dict.fromkeys(breach.display_id for breach in breaches))
    more = len(numbers) - _NAMED
    rest = f" and {more} more" if more > 0 else ""
    return f"{len(breaches)} BREACHED: {', '.join(numbers[:_NAMED])}{rest}."
