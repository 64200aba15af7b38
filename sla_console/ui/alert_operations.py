"""What people do about alerts: snooze, silence, and messages that wait or are lost."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from textual.app import App

from sla_console.domain.alert import DeliveryState, OutboxMessage
from sla_console.domain.board import Quiet
from sla_console.domain.silence import Matcher
from sla_console.ui.acting import Acting
from sla_console.ui.context import Context
from sla_console.ui.dialogs.form import Field, FormDialog, needed
from sla_console.ui.dialogs.pick import Choice, PickDialog
from sla_console.ui.operations import Operations
from sla_console.ui.selection import Chosen
from sla_console.ui.until import FORMS, SHORT_FORMS, until

_ABOUT_SILENCES: Final = (
    "Both written: both must match. At its end one message says what is still broken. Work that "
    "comes again belongs in alerts.maintenance."
)
_HOLD: Final = "hold: until the ticket begins or ends to wait"


class AlertOperations(Acting):
    """Asks, then hands the work to the service's own thread.

    Args:
        app: Shows dialogs and notices.
        context: What the screens share.
        operations: Marks and does what is done to breaches.
    """

    def __init__(self, app: App[None], context: Context, operations: Operations) -> None:
        super().__init__(app, context)
        self._operations = operations

    def snooze(self, chosen: Chosen | None) -> None:
        """Ask until when and why, then put off what was chosen."""
        if (chosen := self.some(chosen)) is None:
            return
        breaches = chosen.breaches
        if not breaches:
            self.say(f"{chosen.name}: nothing to snooze; there is no breach.")
            return
        fields = (
            Field("until", "Until", f"{FORMS}, or hold", self._until),
            Field("reason", "Reason", "Why it can wait", needed),
        )
        about = (*self._operations.about(chosen, breaches), _HOLD)
        by = self.context.operator

        def answered(found: Any) -> None:
            if found is not None:
                self._operations.run_step(
                    chosen,
                    breaches,
                    "snooze",
                    lambda door, ids: door.snooze(ids, found["until"], found["reason"], by),
                )

        self.app.push_screen(FormDialog("Snooze", about, "snoozes", fields), answered)

    def silence(self, chosen: Chosen | None) -> None:
        """Ask what, how long and why, then silence it."""
        one = chosen.first if chosen else None
        client, ticket = (one.client, one.display_id) if one else (None, "")
        fields = (
            Field("client", "Client", "Name of the client; empty: any", value=client or ""),
            Field("ticket", "Ticket", f"Number, such as {ticket or '1234'}; empty: any"),
            Field("end", "Until", FORMS, needed),
            Field("reason", "Reason", "Why nobody shall be told", needed),
            Field("start", "From", f"Empty: now; for planned work {SHORT_FORMS}", self._start),
        )
        about = ("Nothing is told of what matches, until it ends.", _ABOUT_SILENCES)
        by = self.context.operator

        def answered(found: Any) -> None:
            if found is None:
                return
            wanted = Matcher(
                clients=(found["client"],) if found["client"] else (),
                tickets=(found["ticket"],) if found["ticket"] else (),
            )
            start, end = found["start"], self._end(found)
            self.call(
                lambda door: door.add_silence(wanted, found["reason"], end, by, start),
                f"Silenced{' from then on' if start else ''}: {wanted.words()}.",
            )

        dialog = FormDialog("Silence", about, "silences", fields, self._wrong)
        self.app.push_screen(dialog, answered)

    def end_silence(self, quiet: Quiet | None) -> None:
        """Ask, then end a silence."""
        if quiet is None:
            self.say("No silence is selected; tab goes to the list of them.")
            return
        if quiet.kind != "silence":
            self._end_maintenance(quiet)
            return
        about = (quiet.words, f"by {quiet.author}: {quiet.reason}")
        by = self.context.operator

        def answered(found: Any) -> None:
            if found is not None:
                self.call(
                    lambda door: door.end_silence(quiet.id, by),
                    f"Ended: {quiet.words} is told again.",
                )

        self.app.push_screen(FormDialog("End the silence", about, "ends it"), answered)

    def retry(self, message: OutboxMessage | None) -> None:
        """Try a message again now."""
        if message is None:
            self.say("No message is selected.")
            return
        by = self.context.operator
        self.call(
            lambda door: door.retry_alert(message.key, by), f"{message.channel} is tried again."
        )

    def reroute(self, message: OutboxMessage | None) -> None:
        """Ask through which channel, then send a message there."""
        if message is None:
            self.say("No message is selected.")
            return
        others = [
            name for name in self.context.shown().board.alerts.channels if name != message.channel
        ]
        if not others:
            self.say("There is no other channel.")
            return

        about = (message.title, f"instead of {message.channel}")
        by = self.context.operator

        def answered(choice: Choice | None) -> None:
            if choice is not None:
                self.call(
                    lambda door: door.reroute_alert(message.key, choice.value, by),
                    f"Sent through {choice.name}.",
                )

        down = {one.name for one in self.context.shown().board.health.channels if one.down}
        choices = [Choice(name, name, "down" if name in down else "") for name in others]
        dialog = PickDialog("Send through another channel", about, "Channel", choices)
        self.app.push_screen(dialog, answered)

    def discard(self, message: OutboxMessage | None) -> None:
        """Ask why, then end a message."""
        if message is None:
            self.say("No message is selected.")
            return
        if not message.state.owed and message.state is not DeliveryState.DEAD:
            self.say(f"It is {message.state}: there is nothing to discard.")
            return
        fields = (Field("reason", "Reason", "Why nobody needs it"),)
        about = (message.title, f"to {message.channel}, {message.state}")
        by = self.context.operator

        def answered(found: Any) -> None:
            if found is not None:
                reason = found["reason"] or None
                self.call(lambda door: door.discard_alert(message.key, reason, by), "Discarded.")

        dialog = FormDialog("Discard the message", about, "discards", fields)
        self.app.push_screen(dialog, answered)

    def _end_maintenance(self, quiet: Quiet) -> None:
        now, by = self.context.clock.now(), self.context.operator
        if not quiet.active(now):
            self.say(f"{quiet.id} has not begun; alerts.maintenance in the configuration plans it.")
            return
        local = self.context.local
        about = (
            f"Maintenance {quiet.id}",
            f"{quiet.words} until {local.moment(quiet.end, now)}",
            "People are told again, first of what is still broken. The next one comes as planned.",
        )

        def answered(found: Any) -> None:
            if found is not None:
                self.call(lambda door: door.end_maintenance(quiet.id, by), f"Ended: {quiet.id}.")

        self.app.push_screen(FormDialog("End maintenance", about, "ends it"), answered)

    def _start(self, text: str) -> datetime | None:
        """Return from when a silence holds; None: from now."""
        return self._moment(text) if text else None

    def _end(self, found: Mapping[str, Any]) -> datetime:
        """Return until when a silence holds that begins as was written."""
        start = found["start"] or self.context.clock.now()
        return until(found["end"], start, self.context.local)

    def _wrong(self, found: Mapping[str, Any]) -> str | None:
        """Return what is wrong with a silence; None: nothing."""
        if not found["client"] and not found["ticket"]:
            return "Write a client or a ticket: a silence is never for everything."
        try:
            self._end(found)
        except ValueError as fault:
            return f"Until: {fault}"
        return None

    def _until(self, text: str) -> datetime | None:
        if text.lower() == "hold":
            return None
        try:
            return self._moment(text)
        except ValueError as fault:
            raise ValueError(f"{fault} Or hold.") from None

    def _moment(self, text: str) -> datetime:
        return until(text, self.context.clock.now(), self.context.local)
