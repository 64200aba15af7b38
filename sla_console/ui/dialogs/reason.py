"""Asks for the reason of a step on a ticket that was fixed when the dialog opened."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from sla_console.ui.narrow import NarrowCompositor
from sla_console.ui.selection import Selection


class ReasonDialog(ModalScreen[str | None]):
    """Answers with the reason, empty where none was given; None: cancelled.

    Args:
        title: What will be done.
        selection: What it is done to.
        about: The breaches that are meant, a line each.
        verb: What enter does.
        waits: Enter does nothing before ``name_targets`` was called.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel", show=False)
    ]

    def __init__(
        self,
        title: str,
        selection: Selection,
        about: tuple[str, ...],
        verb: str,
        *,
        waits: bool = False,
    ) -> None:
        super().__init__()
        self._compositor = NarrowCompositor()
        self._title = title
        self.selection = selection
        self._about = about
        self._verb = verb
        self._names_targets = self._waits = waits
        self._targets = "Asking who will be told"

    def compose(self) -> ComposeResult:
        """Lay out ticket, reason and keys."""
        chosen = self.selection
        client = f"  {chosen.client}" if chosen.client else ""
        with Vertical(id="dialog") as dialog:
            dialog.border_title = Content(self._title)
            yield Static(
                Content.assemble((chosen.display_id, "bold"), client, "\n", chosen.subject),
                id="dialog-ticket",
            )
            yield Static(Content("\n".join(self._about)), id="dialog-about")
            if self._names_targets:
                yield Static(Content(self._targets), id="dialog-targets")
            yield Input(placeholder="Reason (may stay empty)", max_length=300)
            yield Static(
                Content.assemble(
                    ("enter", "bold"), f" {self._verb}   ", ("esc", "bold"), " cancel"
                ),
                id="dialog-keys",
            )

    def on_mount(self) -> None:
        """Give the keys to the reason."""
        if self._names_targets:
            self.query_one("#dialog-targets", Static).update(Content(self._targets))
        field = self.query_one(Input)
        field.cursor_blink = False
        field.focus()

    def name_targets(self, words: str, *, ready: bool) -> None:
        """Say who will be told; ``ready``: from now on enter goes ahead."""
        self._targets = words
        if self.is_mounted:
            self.query_one("#dialog-targets", Static).update(Content(words))
        self._waits = not ready

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go ahead."""
        event.stop()
        if not self._waits:
            self.dismiss(event.value.strip())
