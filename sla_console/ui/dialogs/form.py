"""Asks a few things about something that was fixed when the dialog opened."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, Static

from sla_console.ui.dialogs.dialog import Dialog

_SEVERAL: Final = 4


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that is asked."""

    name: str
    label: str
    hint: str
    """Shown where nothing was written yet."""
    read: Callable[[str], Any] = str
    """Turns what was written into what is meant; raises ``ValueError`` in words."""
    value: str = ""
    """Written already."""
    longest: int = 300
    """Characters at most."""


class FormDialog(Dialog[Mapping[str, Any] | None]):
    """Answers with what was asked, by the fields' names; None: cancelled.

    What cannot be understood is said in the dialog, and nothing that was written is lost.

    Args:
        title: What will be done.
        about: What it is done to, a line each; the first stands out.
        verb: What enter does.
        fields: What is asked; may be none.
        check: Returns what is wrong with the answers together, None: nothing.
        aside: Said below what it is about, until ``say_aside`` knows more; enter does nothing
            before that. Empty: nothing more is to be known.
    """

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel", show=False),
        Binding("enter", "go", "Go ahead", show=False),
    ]

    def __init__(
        self,
        title: str,
        about: Sequence[str],
        verb: str,
        fields: Sequence[Field] = (),
        check: Callable[[Mapping[str, Any]], str | None] = lambda _: None,
        aside: str = "",
    ) -> None:
        super().__init__()
        self._title, self._about, self._verb = title, tuple(about), verb
        self._fields, self._check = tuple(fields), check
        self._aside, self._waits = aside, bool(aside)

    def compose(self) -> ComposeResult:
        """Lay out what it is about, the fields and the keys."""
        with Vertical(id="dialog") as dialog:
            dialog.border_title = Content(self._title)
            first, *rest = self._about
            yield Static(Content.assemble((first, "bold")), id="dialog-ticket")
            yield Static(Content("\n".join(rest)), id="dialog-about", classes=list_class(rest))
            if self._aside:
                yield Static(Content(self._aside), id="dialog-targets")
            for field in self._fields:
                with Horizontal(classes="dialog-row"):
                    yield Static(Content(field.label), classes="dialog-label")
                    yield Input(
                        field.value,
                        placeholder=field.hint,
                        max_length=field.longest,
                        select_on_focus=False,
                        id=f"field-{field.name}",
                    )
            yield Static("", id="dialog-fault")
            tab = ("tab", "bold") if len(self._fields) > 1 else ""
            yield Static(
                Content.assemble(
                    ("enter", "bold"), f" {self._verb}   ", tab, " next   " if tab else "",
                    ("esc", "bold"), " cancel",
                ),
                id="dialog-keys",
            )  # fmt: skip

    def on_mount(self) -> None:
        """Give the keys to the first field that is empty."""
        for said in self.query("#dialog-targets").results(Static):
            said.update(Content(self._aside))  # it may have become known meanwhile
        fields = list(self.query(Input))
        for field in fields:
            field.cursor_blink = False
        if fields:
            self.set_focus(next((field for field in fields if not field.value), fields[0]))

    def say_aside(self, words: str, *, ready: bool) -> None:
        """Say what is known now; ``ready``: from now on enter goes ahead."""
        self._aside, self._waits = words, not ready
        if self.is_mounted:
            self.query_one("#dialog-targets", Static).update(Content(words))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go ahead."""
        event.stop()
        self.action_go()

    def action_go(self) -> None:
        """Go ahead if everything can be understood."""
        if self._waits:
            return
        found: dict[str, Any] = {}
        for field in self._fields:
            box = self.query_one(f"#field-{field.name}", Input)
            try:
                found[field.name] = field.read(box.value.strip())
            except ValueError as fault:
                self._say(f"{field.label}: {fault}")
                box.focus()
                return
        wrong = self._check(found)
        if wrong is not None:
            self._say(wrong)
            return
        self.dismiss(found)

    def _say(self, fault: str) -> None:
        self.query_one("#dialog-fault", Static).update(Content(fault))


def list_class(lines: Sequence[str]) -> str:
    """Return the class of what a dialog is about: of many lines none takes the place of two."""
    return "list" if len(lines) > _SEVERAL else ""


def needed(text: str) -> str:
    """Read a text that may not be empty.

    Raises:
        ValueError: if it is.
    """
    if not text:
        raise ValueError("This may not stay empty.")
    return text
