"""What people do to breaches: shown at once, done in the service, taken back if that fails.

Nothing here waits while a key is held: each step hands its work to the service's own thread.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from textual.app import App

from sla_console.domain.breach import SLABreach
from sla_console.domain.durations import words
from sla_console.domain.errors import SLAConsoleError
from sla_console.ui.context import Context
from sla_console.ui.dialogs.reason import ReasonDialog
from sla_console.ui.link import ServiceDoor
from sla_console.ui.pending import Pending
from sla_console.ui.selection import Selection

_log = logging.getLogger(__name__)

Step = Callable[[ServiceDoor, tuple[str, ...], str | None], Awaitable[list[SLABreach]]]


def sentence(error: BaseException) -> str:
    """Return what to tell a person about an error; what nobody wrote for people goes to the log."""
    if isinstance(error, SLAConsoleError):
        return str(error)
    if isinstance(error, asyncio.CancelledError):
        return "The console is closing."
    _log.error("an operation failed", exc_info=error)
    return f"Something unexpected went wrong ({type(error).__name__}); the log says where."


class Operations:
    """Acknowledge, un-acknowledge, escalate, refresh.

    Args:
        app: Shows dialogs and notices.
        context: What the screens share.
        pending: Where what is not confirmed yet is marked.
        changed: Called when a mark came or went.
    """

    def __init__(
        self, app: App[None], context: Context, pending: Pending, changed: Callable[[], None]
    ) -> None:
        self._app = app
        self._context = context
        self._pending = pending
        self._changed = changed

    def acknowledge(self, selection: Selection | None) -> None:
        """Ask for a reason, then acknowledge what was selected."""
        if (chosen := self._chosen(selection)) is None:
            return
        breaches = chosen.to_acknowledge()
        if not breaches:
            self._nothing(chosen, "acknowledge", "it has no breach that nobody has")
            return
        dialog = ReasonDialog("Acknowledge", chosen, self._about(breaches), "acknowledges")
        self._ask(dialog, breaches, "ack", _acknowledge(self._context.operator))

    def unacknowledge(self, selection: Selection | None) -> None:
        """Ask for a reason, then give back what was selected."""
        if (chosen := self._chosen(selection)) is None:
            return
        breaches = chosen.acknowledged()
        if not breaches:
            self._nothing(chosen, "give back", "it has no acknowledged breach")
            return
        dialog = ReasonDialog("Un-acknowledge", chosen, self._about(breaches), "gives it back")
        self._ask(dialog, breaches, "un-ack", _unacknowledge(self._context.operator))

    def escalate(self, selection: Selection | None) -> None:
        """Name who will be told and ask, then hand up what was selected."""
        if (chosen := self._chosen(selection)) is None:
            return
        breaches = chosen.breaches
        if not breaches:
            self._nothing(chosen, "escalate", "it has no breach")
            return
        dialog = ReasonDialog("Escalate", chosen, self._about(breaches), "escalates", waits=True)
        self._ask(dialog, breaches, "escalate", _escalate(self._context.operator))
        self._run(self._name_targets(dialog, breaches))

    def refresh(self) -> None:
        """Ask SuperOps now."""
        self._say("Asking SuperOps now.")
        self._run(self._refresh())

    def _chosen(self, selection: Selection | None) -> Selection | None:
        if selection is None:
            self._say("Nothing is selected.")
        return selection

    def _nothing(self, chosen: Selection, verb: str, why: str) -> None:
        self._say(f"{chosen.display_id}: nothing to {verb}; {why}.")

    def _about(self, breaches: tuple[SLABreach, ...]) -> tuple[str, ...]:
        now = self._context.clock.now()
        return tuple(
            f"{breach.breach_type.words} due {self._context.local.moment(breach.breach_time, now)}"
            f" ({words(abs(now - breach.breach_time))} ago), {breach.state}"
            for breach in breaches
        )

    def _ask(
        self, dialog: ReasonDialog, breaches: tuple[SLABreach, ...], word: str, step: Step
    ) -> None:
        def answered(reason: str | None) -> None:
            if reason is not None:
                self._pending.begin(breaches, word)
                self._changed()
                self._run(self._do(dialog.selection, breaches, reason or None, word, step))

        self._app.push_screen(dialog, answered)

    def run_step(
        self, chosen: Selection, breaches: tuple[SLABreach, ...], word: str, step: Step
    ) -> None:
        """Mark these breaches at once, do it in the service, and take the mark back if it fails."""
        self._pending.begin(breaches, word)
        self._changed()
        self._run(self._do(chosen, breaches, None, word, step))

    async def _do(
        self,
        chosen: Selection,
        breaches: tuple[SLABreach, ...],
        reason: str | None,
        word: str,
        step: Step,
    ) -> None:
        ids = tuple(breach.id for breach in breaches)
        future = self._context.link.submit(lambda service: step(service, ids, reason))
        try:
            await asyncio.wrap_future(future)
        except Exception as error:  # noqa: BLE001 - said to the person instead
            self._pending.undo(ids)
            self._changed()
            self._say(f"{chosen.display_id}: {word} was not done. {sentence(error)}", "error")
            return
        self._pending.answered(ids)
        done = {"ack": "acknowledged", "un-ack": "given back", "snooze": "snoozed"}.get(
            word, "escalated"
        )
        self._say(f"{chosen.display_id}: {done}.")

    async def _name_targets(self, dialog: ReasonDialog, breaches: tuple[SLABreach, ...]) -> None:
        async def ask(service: ServiceDoor) -> tuple[str, ...]:
            named = (service.escalation_targets(breach.id) for breach in breaches)
            return tuple(dict.fromkeys(name for names in named for name in names))

        try:
            targets = await asyncio.wrap_future(self._context.link.submit(ask))
        except Exception as error:  # noqa: BLE001 - said to the person instead
            dialog.name_targets(f"Who is told is not known: {sentence(error)}", ready=False)
            return
        if targets:
            dialog.name_targets(f"Will be told: {', '.join(targets)}", ready=True)
        else:
            dialog.name_targets(
                "No channel is set for escalations: it will only be marked.", ready=True
            )

    async def _refresh(self) -> None:
        future = self._context.link.submit(lambda service: service.refresh())
        try:
            await asyncio.wrap_future(future)
        except Exception as error:  # noqa: BLE001 - said to the person instead
            self._say(sentence(error), "error")

    def _run(self, work: Awaitable[None]) -> None:
        self._app.run_worker(work, group="operations", exit_on_error=False)

    def _say(self, words: str, severity: str = "information") -> None:
        self._app.notify(
            words,
            severity="error" if severity == "error" else "information",
            timeout=8 if severity == "error" else 3,
            markup=False,
        )


def _acknowledge(by: str) -> Step:
    return lambda service, ids, reason: service.acknowledge(ids, reason, by)


def _unacknowledge(by: str) -> Step:
    return lambda service, ids, reason: service.unacknowledge(ids, reason, by)


def _escalate(by: str) -> Step:
    return lambda service, ids, reason: service.escalate(ids, reason, by)
