"""How everything that people do is done: asked for, handed to the service's thread, told aloud."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from textual.app import App

from sla_console.domain.errors import SLAConsoleError
from sla_console.ui.actions.selection import Chosen
from sla_console.ui.context import Context
from sla_console.ui.link import ServiceDoor

_log = logging.getLogger(__name__)

Call = Callable[[ServiceDoor], Awaitable[Any]]


def sentence(error: BaseException) -> str:
    """Return what to tell a person about an error; what nobody wrote for people goes to the log."""
    if isinstance(error, SLAConsoleError):
        return str(error)
    if isinstance(error, asyncio.CancelledError):
        return "The console is closing."
    _log.error("an operation failed", exc_info=error)
    return f"Something unexpected went wrong ({type(error).__name__}); the log says where."


class Acting:
    """Base of what people do. Nothing here waits while a key is held.

    Args:
        app: Shows dialogs and notices.
        context: What the screens share.
    """

    def __init__(self, app: App[None], context: Context) -> None:
        self.app, self.context = app, context

    def some(self, chosen: Chosen | None) -> Chosen | None:
        """Return what was chosen; say so where it is nothing."""
        if chosen is None:
            self.say("Nothing is selected.")
        return chosen

    def call(self, call: Call, done: str) -> None:
        """Have the service do something, and say what came of it."""

        async def work() -> None:
            try:
                await self.ask(call)
            except Exception as error:  # noqa: BLE001 - said to the person instead
                self.say(f"It was not done. {sentence(error)}", "error")
                return
            self.say(done)

        self.run(work())

    async def ask(self, call: Call) -> Any:
        """Return what the service answers."""
        return await asyncio.wrap_future(self.context.link.submit(call))

    def run(self, work: Awaitable[None]) -> None:
        """Go on with something beside the screen."""
        self.app.run_worker(work, group="operations", exit_on_error=False)

    def say(self, words: str, severity: str = "information") -> None:
        """Tell the person, who reads an error longer."""
        bad = severity == "error"
        self.app.notify(
            words,
            severity="error" if bad else "information",
            timeout=8 if bad else 3,
            markup=False,
        )
