"""What people do about alerts: snooze, silence, and messages that wait or are lost."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from textual.app import App

from sla_console.domain.alerts.alert import DeliveryState, OutboxMessage
from sla_console.domain.board import Quiet
from sla_console.domain.errors import NotAllowed
from sla_console.domain.matcher import Matcher
from sla_console.ui.actions.base import Acting, Call
from sla_console.ui.actions.breaches import Operations
from sla_console.ui.actions.selection import Chosen, shortened
from sla_console.ui.context import Context
from sla_console.ui.dialogs.form import Field, FormDialog, needed
from sla_console.ui.dialogs.pick import Choice, PickDialog
from sla_console.ui.link import ServiceDoor
from sla_console.ui.text.parse_until import FORMS, SHORT_FORMS, until

Messages = Sequence[OutboxMessage]

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
            self._operations.nothing(chosen, "snooze", "no breach")
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

    def retry(self, messages: Messages) -> None:
        """Try messages again now."""
        if not messages:
            self.say("No message is selected.")
            return
        by = self.context.operator
        said = f"{messages[0].channel} is tried again."
        if len(messages) > 1:
            said = f"{len(messages)} messages are tried again."
        self.call(_each(messages, lambda door, one: door.retry_alert(one.key, by)), said)

    def reroute(self, messages: Messages) -> None:
        """Ask through which channel, then send messages there."""
        if not messages:
            self.say("No message is selected.")
            return
        before = {message.channel for message in messages}
        channels = self.context.shown().board.alerts.channels
        others = [name for name in channels if before != {name}]
        if not others:
            self.say("There is no other channel.")
            return
        about = (*_names(messages), f"instead of {' and '.join(sorted(before))}")
        by = self.context.operator

        def answered(choice: Choice | None) -> None:
            if choice is not None:
                wanted = [one for one in messages if one.channel != choice.value]
                self.call(
                    _each(wanted, lambda door, one: door.reroute_alert(one.key, choice.value, by)),
                    f"Sent through {choice.name}.",
                )

        down = {one.name for one in self.context.shown().board.health.channels if one.down}
        choices = [Choice(name, name, "down" if name in down else "") for name in others]
        dialog = PickDialog("Send through another channel", about, "Channel", choices)
        self.app.push_screen(dialog, answered)

    def discard(self, messages: Messages) -> None:
        """Ask why, then end messages."""
        if not messages:
            self.say("No message is selected.")
            return
        over = [one for one in messages if not one.state.owed]
        over = [one for one in over if one.state is not DeliveryState.DEAD]
        if len(over) == len(messages):
            self.say(f"It is {over[0].state}: there is nothing to discard.")
            return
        wanted = [one for one in messages if one not in over]
        fields = (Field("reason", "Reason", "Why nobody needs it"),)
        about = _names(wanted)
        if len(wanted) == 1:
            about = [*about, f"to {wanted[0].channel}, {wanted[0].state}"]
        by = self.context.operator

        def answered(found: Any) -> None:
            if found is not None:
                reason = found["reason"] or None
                self.call(
                    _each(wanted, lambda door, one: door.discard_alert(one.key, reason, by)),
                    "Discarded." if len(wanted) == 1 else f"{len(wanted)} messages are discarded.",
                )

        title = "Discard the message" if len(wanted) == 1 else "Discard messages"
        self.app.push_screen(FormDialog(title, about, "discards", fields), answered)

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


def _names(messages: Messages) -> list[str]:
    """Return what the messages say, for the head of a dialog."""
    titles = [message.title for message in messages]
    return titles if len(titles) == 1 else [f"{len(titles)} messages", *shortened(titles)]


def _each(messages: Messages, do: Callable[[ServiceDoor, OutboxMessage], Awaitable[None]]) -> Call:
    """Return a call that does the same to each message, whatever becomes of the others.

    Raises:
        NotAllowed: when it is run, in words, if some could not be.
    """

    async def run(door: ServiceDoor) -> None:
        faults: list[NotAllowed] = []
        for message in messages:
            try:
                await do(door, message)
            except NotAllowed as fault:
                faults.append(fault)
        if faults and len(messages) > 1:
            raise NotAllowed(f"{len(faults)} of {len(messages)} not: {faults[0]}")
        if faults:
            raise faults[0]

    return run
