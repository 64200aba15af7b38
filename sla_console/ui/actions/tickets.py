"""What people do to tickets in SuperOps: shown at once, queued, and told of where it is not taken."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from textual.app import App

from sla_console.domain.board import Board, SourceState
from sla_console.domain.names import folded
from sla_console.domain.people.people import Technician
from sla_console.domain.tickets.operation import Operation, OperationKind, OperationState
from sla_console.ui.actions.base import Acting, sentence
from sla_console.ui.actions.pending import Pending
from sla_console.ui.actions.selection import Chosen
from sla_console.ui.context import Context
from sla_console.ui.dialogs.form import Field, FormDialog, needed
from sla_console.ui.dialogs.pick import Choice, PickDialog
from sla_console.ui.link import ServiceDoor
from sla_console.ui.terminal.browser import open_link
from sla_console.ui.terminal.sequences import copy

_MOST_OPENED: Final = 5
_DONE: Final = {
    OperationKind.ASSIGN: "assigned to {}",
    OperationKind.STATUS: "moved to {}",
    OperationKind.PRIORITY: "priority is {}",
    OperationKind.NOTE: "note written",
}


class TicketOperations(Acting):
    """Assign, take, note, status, priority, and what leads to the ticket in the browser.

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
        self._pending, self._changed = pending, changed
        self._told: set[str] | None = None

    def assign(self, chosen: Chosen | None) -> None:
        """Ask whom, then assign what was chosen."""
        if (chosen := self.some(chosen)) is not None:
            self._pick(chosen, OperationKind.ASSIGN, "Assign", "Technician", self._technicians)

    def take(self, chosen: Chosen | None) -> None:
        """Assign what was chosen to whoever sits here; ask who that is where it is not known."""
        if (chosen := self.some(chosen)) is not None:
            self.run(self._take(chosen))

    def status(self, chosen: Chosen | None) -> None:
        """Ask to which status, then move what was chosen."""
        if (chosen := self.some(chosen)) is not None:
            self._pick(chosen, OperationKind.STATUS, "Status", "Status", _statuses)

    def priority(self, chosen: Chosen | None) -> None:
        """Ask which priority, then set it."""
        if (chosen := self.some(chosen)) is not None:
            self._pick(chosen, OperationKind.PRIORITY, "Priority", "Priority", _priorities)

    def note(self, chosen: Chosen | None) -> None:
        """Ask for a private note, then write it."""
        if (chosen := self.some(chosen)) is None:
            return
        fields = (Field("text", "Note", "Only technicians see it", needed, longest=2000),)

        def answered(found: Any) -> None:
            if found is not None:
                text = found["text"]
                self._send(chosen, OperationKind.NOTE, text, text)

        self.app.push_screen(
            FormDialog("Private note", chosen.lines(), "writes it", fields), answered
        )

    def copy_number(self, chosen: Chosen | None) -> None:
        """Copy the numbers."""
        if (chosen := self.some(chosen)) is not None:
            self._copy([one.display_id for one in chosen.tickets])

    def copy_link(self, chosen: Chosen | None) -> None:
        """Copy the addresses."""
        if (chosen := self.some(chosen)) is not None and (links := self._links(chosen)):
            self._copy(links)

    def browse(self, chosen: Chosen | None) -> None:
        """Open the tickets in a graphical browser; where none is certain, copy their addresses."""
        if (chosen := self.some(chosen)) is None or not (links := self._links(chosen)):
            return
        opened = [link for link in links[:_MOST_OPENED] if open_link(link)]
        if not opened:
            self._copy(links, " (there is no graphical browser here)")
            return
        rest = len(links) - len(opened)
        self.say(f"Opened {opened[0]}{f'; {rest} more are not opened' if rest else ''}")

    def board_arrived(self, board: Board) -> None:
        """Say aloud, once each, which changes were not taken."""
        lost = [one for one in board.operations if one.state is not OperationState.PENDING]
        before, self._told = self._told, {one.id for one in lost}
        if before is None:
            return  # what was lost before this console was opened stands under "changes"
        for one in [one for one in lost if one.id not in before][:3]:
            judged = board.by_id.get(one.ticket_id)
            number = judged.ticket.display_id if judged else one.ticket_id
            key = self.context.keys.keys["ticket.changes"]
            hint = f" {key[0]} decides." if key else ""
            self.say(f"{number}: {one.words} was not done. {one.last_error or ''}{hint}", "error")

    def retry(self, operation: Operation) -> None:
        """Insist on a change."""
        by = self.context.operator
        self.call(lambda door: door.retry_operation(operation.id, by), "It is tried again.")

    def discard(self, operation: Operation) -> None:
        """Give a change up."""
        by = self.context.operator
        self.call(lambda door: door.discard_operation(operation.id, by), "Given up.")

    # How.

    def _pick(
        self,
        chosen: Chosen,
        kind: OperationKind,
        title: str,
        what: str,
        choices: Callable[[ServiceDoor], Awaitable[list[Choice]]],
    ) -> None:
        dialog = PickDialog(title, chosen.lines(), what)

        def answered(choice: Choice | None) -> None:
            if choice is not None:
                self._send(chosen, kind, choice.value, choice.name)

        async def fill() -> None:
            try:
                dialog.offer(await self.ask(choices))
            except Exception as error:  # noqa: BLE001 - said to the person instead
                dialog.refuse(sentence(error))

        self.app.push_screen(dialog, answered)
        self.run(fill())

    async def _technicians(self, door: ServiceDoor) -> list[Choice]:
        loads = {one.technician_id: one for one in self.context.shown().board.technicians}
        choices = []
        for person in sorted(await door.technicians(), key=lambda one: one.name.casefold()):
            load = loads.get(person.id)
            said = f"{load.open_tickets} open, {load.at_risk} at risk" if load else "nothing open"
            choices.append(Choice(person.id, person.name, said))
        return choices

    async def _take(self, chosen: Chosen) -> None:
        me = folded(self.context.options.technician or self.context.operator)
        try:
            people = await self.ask(lambda door: door.technicians())
        except Exception as error:  # noqa: BLE001 - said to the person instead
            self.say(sentence(error), "error")
            return
        mine = [p for p in people if me in {folded(p.name), folded(p.email or "")}]
        if len(mine) == 1:
            self._take_as(chosen, mine[0])
            return
        self.say("Which technician you are is not known; ui.technician says it. Choose one.")
        self.assign(chosen)

    def _take_as(self, chosen: Chosen, me: Technician) -> None:
        """Take one at once; of several say first which they are."""

        def answered(found: Any) -> None:
            if found is not None:
                self._send(chosen, OperationKind.ASSIGN, me.id, me.name)

        if not chosen.several:
            answered({})
            return
        self.app.push_screen(
            FormDialog("Take", chosen.lines(), f"assigns them to {me.name}"), answered
        )

    def _send(self, chosen: Chosen, kind: OperationKind, value: str, shown: str) -> None:
        if kind is not OperationKind.NOTE:
            self._pending.change(chosen.ids, kind, shown, self.context.clock.now())
            self._changed()
        self.run(self._do(chosen, kind, value, shown))

    async def _do(self, chosen: Chosen, kind: OperationKind, value: str, shown: str) -> None:
        by = self.context.operator
        send = _SENDS[kind]
        try:
            await self.ask(lambda door: send(door, chosen.ids, value, by))
        except Exception as error:  # noqa: BLE001 - said to the person instead
            self._pending.unchange(chosen.ids, kind)
            self._changed()
            self.say(f"{chosen.name}: {kind} was not done. {sentence(error)}", "error")
            return
        self._pending.changed(chosen.ids, kind)
        live = self.context.shown().board.health.connection is SourceState.LIVE
        queued = "" if live else " Queued: SuperOps will have it as soon as it answers."
        self.say(f"{chosen.name}: {_DONE[kind].format(shown)}.{queued}")

    def _links(self, chosen: Chosen) -> list[str]:
        link = self.context.options.ticket_link
        found = [link(ticket_id) for ticket_id in chosen.ids] if link else []
        links = [one for one in found if one]
        if not links:
            self.say("There is no address: superops.portal is not set.")
        return links

    def _copy(self, texts: list[str], why: str = "") -> None:
        copy(self.app, " ".join(texts))
        said = texts[0] if len(texts) == 1 else f"{len(texts)} of them"
        self.say(f"Copied {said}{why}")


async def _statuses(door: ServiceDoor) -> list[Choice]:
    return [Choice(name, name) for name in await door.statuses()]


async def _priorities(door: ServiceDoor) -> list[Choice]:
    return [Choice(name, name) for name in await door.priorities()]


_SENDS: Final[
    dict[OperationKind, Callable[[ServiceDoor, Sequence[str], str, str], Awaitable[Any]]]
] = {
    OperationKind.ASSIGN: lambda door, ids, value, by: door.assign(ids, value, by),
    OperationKind.STATUS: lambda door, ids, value, by: door.change_status(ids, value, by),
    OperationKind.PRIORITY: lambda door, ids, value, by: door.set_priority(ids, value, by),
    OperationKind.NOTE: lambda door, ids, value, by: door.add_note(ids, value, by),
}
