"""What people do about alerts: snooze, silence, and messages that wait or are lost."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Final

from textual.app import App

from sla_console.domain.alert import DeliveryState, OutboxMessage
from sla_console.domain.board import Quiet
from sla_console.domain.silence import Matcher
from sla_console.ui.context import Context
from sla_console.ui.dialogs.form import Field, FormDialog, needed
from sla_console.ui.link import ServiceDoor
from sla_console.ui.operations import Operations, sentence
from sla_console.ui.selection import Selection
from sla_console.ui.until import FORMS, until

_ABOUT_SILENCES: Final = (
    "Both written: both must match. Work at a client now is a silence too; what comes again "
    "belongs in alerts.maintenance. At its end one message says what is still broken."
)
_HOLD: Final = "hold: until the ticket begins or ends to wait"

Call = Callable[[ServiceDoor], Awaitable[Any]]


class AlertOperations:
    """Asks, then hands the work to the service's own thread.

    Args:
        app: Shows dialogs and notices.
        context: What the screens share.
        operations: Marks and does what is done to breaches.
    """

    def __init__(self, app: App[None], context: Context, operations: Operations) -> None:
        self._app, self._context, self._operations = app, context, operations

    def snooze(self, chosen: Selection | None) -> None:
        """Ask until when and why, then put off what was selected."""
        if chosen is None:
            self._say("Nothing is selected.")
            return
        breaches = chosen.breaches
        if not breaches:
            self._say(f"{chosen.display_id}: nothing to snooze; it has no breach.")
            return
        fields = (
            Field("until", "Until", f"{FORMS}, or hold", self._until),
            Field("reason", "Reason", "Why it can wait", needed),
        )
        promises = ", ".join(f"{b.breach_type.words} ({b.state})" for b in breaches)
        about = (
            f"{chosen.display_id}  {chosen.client or ''}", chosen.subject, promises, _HOLD,
        )  # fmt: skip
        by = self._context.operator

        def answered(found: Any) -> None:
            if found is not None:
                self._operations.run_step(
                    chosen,
                    breaches,
                    "snooze",
                    lambda door, ids, _: door.snooze(ids, found["until"], found["reason"], by),
                )

        self._app.push_screen(FormDialog("Snooze", about, "snoozes", fields), answered)

    def silence(self, chosen: Selection | None) -> None:
        """Ask what, how long and why, then silence it."""
        client = chosen.client if chosen else None
        ticket = chosen.display_id if chosen else ""
        fields = (
            Field("client", "Client", "Name of the client; empty: any", value=client or ""),
            Field("ticket", "Ticket", f"Number, such as {ticket or '1234'}; empty: any"),
            Field("end", "Until", FORMS, self._moment),
            Field("reason", "Reason", "Why nobody shall be told", needed),
        )
        about = ("Nothing is told of what matches, until it ends.", _ABOUT_SILENCES)
        by = self._context.operator

        def answered(found: Any) -> None:
            if found is None:
                return
            wanted = Matcher(
                clients=(found["client"],) if found["client"] else (),
                tickets=(found["ticket"],) if found["ticket"] else (),
            )
            self._call(
                lambda door: door.add_silence(wanted, found["reason"], found["end"], by),
                f"Silenced: {wanted.words()}.",
            )

        dialog = FormDialog("Silence", about, "silences", fields, _narrows)
        self._app.push_screen(dialog, answered)

    def end_silence(self, quiet: Quiet | None) -> None:
        """Ask, then end a silence."""
        if quiet is None:
            self._say("No silence is selected; tab goes to the list of them.")
            return
        if quiet.kind != "silence":
            self._say("Maintenance is ended in the configuration, alerts.maintenance.")
            return
        about = (quiet.words, f"by {quiet.author}: {quiet.reason}")
        by = self._context.operator

        def answered(found: Any) -> None:
            if found is not None:
                self._call(
                    lambda door: door.end_silence(quiet.id, by),
                    f"Ended: {quiet.words} is told again.",
                )

        self._app.push_screen(FormDialog("End the silence", about, "ends it"), answered)

    def retry(self, message: OutboxMessage | None) -> None:
        """Try a message again now."""
        if message is None:
            self._say("No message is selected.")
            return
        by = self._context.operator
        self._call(
            lambda door: door.retry_alert(message.key, by), f"{message.channel} is tried again."
        )

    def reroute(self, message: OutboxMessage | None) -> None:
        """Ask through which channel, then send a message there."""
        if message is None:
            self._say("No message is selected.")
            return
        others = [
            name for name in self._context.shown().board.alerts.channels if name != message.channel
        ]
        if not others:
            self._say("There is no other channel.")
            return

        def known(text: str) -> str:
            if text not in others:
                raise ValueError(f"Write one of {', '.join(others)}.")
            return text

        fields = (Field("channel", "Channel", " or ".join(others), known),)
        about = (message.title, f"instead of {message.channel}")
        by = self._context.operator

        def answered(found: Any) -> None:
            if found is not None:
                self._call(
                    lambda door: door.reroute_alert(message.key, found["channel"], by),
                    f"Sent through {found['channel']}.",
                )

        dialog = FormDialog("Send through another channel", about, "sends", fields)
        self._app.push_screen(dialog, answered)

    def discard(self, message: OutboxMessage | None) -> None:
        """Ask why, then end a message."""
        if message is None:
            self._say("No message is selected.")
            return
        if not message.state.owed and message.state is not DeliveryState.DEAD:
            self._say(f"It is {message.state}: there is nothing to discard.")
            return
        fields = (Field("reason", "Reason", "Why nobody needs it"),)
        about = (message.title, f"to {message.channel}, {message.state}")
        by = self._context.operator

        def answered(found: Any) -> None:
            if found is not None:
                reason = found["reason"] or None
                self._call(lambda door: door.discard_alert(message.key, reason, by), "Discarded.")

        dialog = FormDialog("Discard the message", about, "discards", fields)
        self._app.push_screen(dialog, answered)

    def _until(self, text: str) -> datetime | None:
        if text.lower() == "hold":
            return None
        try:
            return self._moment(text)
        except ValueError as fault:
            raise ValueError(f"{fault} Or hold.") from None

    def _moment(self, text: str) -> datetime:
        return until(text, self._context.clock.now(), self._context.local)

    def _call(self, call: Call, done: str) -> None:
        async def work() -> None:
            try:
                await asyncio.wrap_future(self._context.link.submit(call))
            except Exception as error:  # noqa: BLE001 - said to the person instead
                self._say(f"It was not done. {sentence(error)}", "error")
                return
            self._say(done)

        self._app.run_worker(work(), group="operations", exit_on_error=False)

    def _say(self, words: str, severity: str = "information") -> None:
        bad = severity == "error"
        self._app.notify(
            words,
            severity="error" if bad else "information",
            timeout=8 if bad else 3,
            markup=False,
        )


def _narrows(found: Mapping[str, Any]) -> str | None:
    """Return why what was written names nothing; None: it does."""
    named = found["client"] or found["ticket"]
    return None if named else "Write a client or a ticket: a silence is never for everything."
