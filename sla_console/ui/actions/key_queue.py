"""Gives keys to the screens one at a time, so that a key meets what the key before it opened.

A slow line delivers several keys in one packet. Textual hands each to whatever has the focus at that
moment, before the one before has done its work: ``Enter q`` would open a ticket and leave the
console. Here a key waits until the one before has gone all the way from the widget to the app and
the dialog that it opened, if any, is there.
"""

from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final

from textual.app import App
from textual.events import Key, Paste
from textual.message_pump import MessagePump

_LONGEST: Final = 0.5
"""Seconds after which the next key goes on, although the one before left no trace of its end."""
_ALT: Final = "alt+"


class KeyQueue:
    """The keys that were typed and not given to a screen yet.

    Args:
        app: Whose screens.
        give: Hands one key to the widget that has the focus.
    """

    def __init__(self, app: App[None], give: Callable[[Key | Paste], Awaitable[None]]) -> None:
        self._app, self._give = app, give
        self._typed: deque[Key | Paste] = deque()
        self._turn = 0
        """Counts the keys given; a late end of an earlier one means nothing."""
        self._busy = False

    async def take(self, event: Key | Paste) -> None:
        """Take what was typed; it is given at once if no earlier key is still at work."""
        self._typed.extend(_apart(event))
        if not self._busy:
            await self._next()

    async def _next(self) -> None:
        self._busy = bool(self._typed)
        if not self._typed:
            return
        self._turn += 1
        turn = self._turn
        self._app.set_timer(_LONGEST, lambda: self._done(turn))
        screen = self._app.screen
        if not screen.is_mounted and screen.call_later(self._give_one, turn):
            return  # a dialog that something else opened has no field yet that could take it
        await self._give_one(turn)

    async def _give_one(self, turn: int) -> None:
        if turn != self._turn or not self._typed:
            return
        event = self._typed.popleft()
        target: MessagePump = self._app.focused or self._app.screen
        await self._give(event)
        # Twice through the widget: what it posts to itself while it handles the key comes first.
        self._through([target, *_pumps(target)], turn)

    def _through(self, pumps: list[MessagePump], turn: int) -> None:
        """Go on when each of these has dealt with what it has by now."""
        if not pumps:
            self._settle(turn)
            return
        first, *rest = pumps
        if not first.call_later(self._through, rest, turn):
            self._through(rest, turn)  # it is gone, such as a dialog that the key closed

    def _settle(self, turn: int) -> None:
        """Wait for a screen that the key opened until it has the keys."""
        screen = self._app.screen_stack[-1] if self._app.screen_stack else None
        if (
            screen is None
            or screen.is_mounted
            or not screen.call_later(self._through, [screen, self._app], turn)
        ):
            self._app.call_later(self._done, turn)

    async def _done(self, turn: int) -> None:
        if turn == self._turn and self._busy:
            self._turn += 1
            await self._next()


def _pumps(target: MessagePump) -> list[MessagePump]:
    """Return a widget and all that its messages pass on their way to the app, the app last."""
    found: list[MessagePump] = [target]
    while (parent := found[-1]._parent) is not None:  # noqa: SLF001 - Textual names it nowhere else
        found.append(parent)
    return found


def _apart(event: Key | Paste) -> list[Key | Paste]:
    """Return Esc and the letter behind it as the two keys that they are; no key here has alt."""
    if not isinstance(event, Key) or not event.key.startswith(_ALT):
        return [event]
    rest = event.key.removeprefix(_ALT)
    character = event.character if event.character and event.character.isprintable() else None
    if character is None and len(rest) == 1:
        character = rest
    return [Key("escape", "\x1b"), Key(rest, character)]
