"""What people do to breaches: shown at once, done in the service, taken back if that fails."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from textual.app import App

from sla_console.domain.durations import words
from sla_console.domain.sla.breach import SLABreach
from sla_console.ui.actions.base import Acting, sentence
from sla_console.ui.actions.pending import Pending
from sla_console.ui.actions.selection import Chosen, shortened
from sla_console.ui.context import Context
from sla_console.ui.dialogs.form import Field, FormDialog
from sla_console.ui.link import ServiceDoor
from sla_console.ui.text.parse_until import SHORT_FORMS, until

Step = Callable[[ServiceDoor, tuple[str, ...]], Awaitable[list[SLABreach]]]


class Operations(Acting):
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
        super().__init__(app, context)
        self._pending = pending
        self._changed = changed

    def acknowledge(self, chosen: Chosen | None) -> None:
        """Ask for a reason and until when, then acknowledge what was chosen."""
        if (chosen := self.some(chosen)) is None:
            return
        breaches = chosen.to_acknowledge(self.context.operator)
        if not breaches:
            self.nothing(chosen, "acknowledge", "no breach that nobody has")
            return
        by, fields = self.context.operator, (
            Field("reason", "Reason", "May stay empty"),
            Field("until", "Until", f"Empty: as configured; or {SHORT_FORMS}", self._until),
        )  # fmt: skip

        def step(found: Mapping[str, Any]) -> Step:
            reason, lasts = found["reason"] or None, found["until"]
            return lambda service, ids: service.acknowledge(ids, reason, by, lasts)

        self._ask("Acknowledge", chosen, breaches, "acknowledges", fields, "ack", step)

    def unacknowledge(self, chosen: Chosen | None) -> None:
        """Ask for a reason, then give back what was chosen."""
        if (chosen := self.some(chosen)) is None:
            return
        breaches = chosen.acknowledged()
        if not breaches:
            self.nothing(chosen, "give back", "no breach that somebody has or put off")
            return
        by, fields = self.context.operator, (Field("reason", "Reason", "May stay empty"),)

        def step(found: Mapping[str, Any]) -> Step:
            reason = found["reason"] or None
            return lambda service, ids: service.unacknowledge(ids, reason, by)

        self._ask("Un-acknowledge", chosen, breaches, "gives it back", fields, "un-ack", step)

    def escalate(self, chosen: Chosen | None) -> None:
        """Name who will be told and ask, then hand up what was chosen."""
        if (chosen := self.some(chosen)) is None:
            return
        breaches = chosen.breaches
        if not breaches:
            self.nothing(chosen, "escalate", "no breach")
            return
        by, fields = self.context.operator, (Field("reason", "Reason", "May stay empty"),)

        def step(found: Mapping[str, Any]) -> Step:
            reason = found["reason"] or None
            return lambda service, ids: service.escalate(ids, reason, by)

        dialog = self._ask(
            "Escalate", chosen, breaches, "escalates", fields, "escalate", step,
            aside="Asking who will be told",
        )  # fmt: skip
        self.run(self._name_targets(dialog, breaches))

    def refresh(self) -> None:
        """Ask SuperOps now."""
        self.say("Asking SuperOps now.")
        self.run(self._refresh())

    def run_step(
        self, chosen: Chosen, breaches: tuple[SLABreach, ...], word: str, step: Step
    ) -> None:
        """Mark these breaches at once, do it in the service, and take the mark back if it fails."""
        self._pending.begin(breaches, word)
        self._changed()
        self.run(self._do(chosen, breaches, word, step))

    def about(self, chosen: Chosen, breaches: tuple[SLABreach, ...]) -> list[str]:
        """Return whose breaches they are and how they stand, for the head of a dialog."""
        now = self.context.clock.now()
        if not chosen.several:
            return chosen.lines() + [
                f"{breach.breach_type.words} due "
                f"{self.context.local.moment(breach.breach_time, now)} "
                f"({words(abs(now - breach.breach_time))} ago), {breach.state}"
                for breach in breaches
            ]
        noun = "breach" if len(breaches) == 1 else "breaches"
        named = [
            f"{breach.display_id}  {breach.client or ''}, {breach.breach_type.words} "
            f"{words(abs(now - breach.breach_time))} ago, {breach.state}"
            for breach in breaches
        ]
        return [f"{chosen.name}, {len(breaches)} {noun}", *shortened(named)]

    def nothing(self, chosen: Chosen, verb: str, lacks: str) -> None:
        """Say why there is nothing to do: no breach, or one that only the countdown shows yet."""
        shown = self.context.shown()
        rows = (shown.board.by_id.get(ticket_id) for ticket_id in chosen.ids)
        if any(row and row.breached(shown.now) for row in rows) and not chosen.breaches:
            self.say(f"{chosen.name}: the breach is being noted just now; press again.")
            return
        has = "they have" if chosen.several else "it has"
        self.say(f"{chosen.name}: nothing to {verb}; {has} {lacks}.")

    def _until(self, text: str) -> timedelta | None:
        """Return how long an acknowledgement shall hold; None: as configured."""
        if not text:
            return None
        now: datetime = self.context.clock.now()
        return until(text, now, self.context.local) - now

    def _ask(
        self,
        title: str,
        chosen: Chosen,
        breaches: tuple[SLABreach, ...],
        verb: str,
        fields: tuple[Field, ...],
        word: str,
        step: Callable[[Mapping[str, Any]], Step],
        aside: str = "",
    ) -> FormDialog:
        dialog = FormDialog(title, self.about(chosen, breaches), verb, fields, aside=aside)

        def answered(found: Mapping[str, Any] | None) -> None:
            if found is not None:
                self.run_step(chosen, breaches, word, step(found))

        self.app.push_screen(dialog, answered)
        return dialog

    async def _do(
        self, chosen: Chosen, breaches: tuple[SLABreach, ...], word: str, step: Step
    ) -> None:
        ids = tuple(breach.id for breach in breaches)
        try:
            await self.ask(lambda service: step(service, ids))
        except Exception as error:  # noqa: BLE001 - said to the person instead
            self._pending.undo(ids)
            self._changed()
            why = sentence(error).removeprefix(f"{chosen.name}: ")
            self.say(f"{chosen.name}: {word} was not done. {why}", "error")
            return
        self._pending.answered(ids)
        done = {"ack": "acknowledged", "un-ack": "given back", "snooze": "snoozed"}.get(
            word, "escalated"
        )
        self.say(f"{chosen.name}: {done}.")

    async def _name_targets(self, dialog: FormDialog, breaches: tuple[SLABreach, ...]) -> None:
        async def ask(service: ServiceDoor) -> tuple[str, ...]:
            named = (service.escalation_targets(breach.id) for breach in breaches)
            return tuple(dict.fromkeys(name for names in named for name in names))

        try:
            targets = await self.ask(ask)
        except Exception as error:  # noqa: BLE001 - said to the person instead
            dialog.say_aside(f"Who is told is not known: {sentence(error)}", ready=False)
            return
        said = (
            f"Will be told: {', '.join(targets)}"
            if targets
            else "No channel is set for escalations: it will only be marked."
        )
        dialog.say_aside(said, ready=True)

    async def _refresh(self) -> None:
        try:
            await self.ask(lambda service: service.refresh())
        except Exception as error:  # noqa: BLE001 - said to the person instead
            self.say(sentence(error), "error")
