"""All keys, made from the same registry as the keys themselves."""

from textwrap import wrap
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from sla_console.ui.actions.action import GROUPS
from sla_console.ui.actions.catalogue import EVERY
from sla_console.ui.actions.keymap import Keymap
from sla_console.ui.dialogs.scrolling import ScrollingDialog
from sla_console.ui.terminal.symbols import Symbols

_HEAD: Final = 23
"""Cells before what an action does: its keys and its name."""
_INDENT: Final = "\n" + " " * _HEAD


class HelpDialog(ScrollingDialog):
    """The keys by group, and what the signs mean.

    Args:
        symbols: The signs in use.
        keys: The keys in force.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", "Close", show=False),
        Binding("question_mark,f1", "dismiss(None)", "Close", show=False, id="app.help"),
    ]

    def __init__(self, symbols: Symbols, keys: Keymap) -> None:
        super().__init__()
        self._symbols, self._keymap = symbols, keys

    def compose(self) -> ComposeResult:
        """Lay out the text, which scrolls where the terminal is low."""
        with VerticalScroll(id="dialog", classes="large") as dialog:
            dialog.border_title = "Keys"
            dialog.border_subtitle = "esc closes"
            yield Static(id="help-keys")
            yield Static(self._signs())

    @property
    def scrolled(self) -> VerticalScroll:
        """The text."""
        return self.query_one(VerticalScroll)

    def on_resize(self) -> None:
        """Break the lines where there is room for them now."""
        self.call_after_refresh(self._fill)

    def _fill(self) -> None:
        width = self.scrolled.scrollable_content_region.width
        self.query_one("#help-keys", Static).update(self._keys(max(width - _HEAD, 20)))

    def _keys(self, width: int) -> Content:
        """Return all actions.

        Args:
            width: Cells there are for what each does.
        """
        parts: list[Content | tuple[str, str] | str] = []
        for group in GROUPS:
            parts.append((f"{group}\n", "bold $sla-accent"))
            for action in (one for one in EVERY if one.group == group):
                parts.append((f"  {self._keymap.all_shown(action):<8}", "bold"))
                parts.append(f"{action.label:<13}")
                lines = wrap(action.tooltip, width)
                parts.append((f"{_INDENT.join(lines)}\n", "$sla-muted"))
            parts.append("\n")
        return Content.assemble(*parts)

    def _signs(self) -> Content:
        s = self._symbols
        rows = (
            (f"{s.breached} BREACHED", "$sla-breached", "a promise is broken and still owed"),
            (f"{s.acknowledged} BREACHED", "$sla-acked", "somebody has it"),
            (f"{s.escalated} BREACHED", "$sla-breached", "it was handed up"),
            (f"{s.held} BREACHED", "$sla-held", "it was put off"),
            (f"{s.at_risk} AT RISK", "$sla-urgent", "a running clock is close to its end"),
            (f"{s.held} held", "$sla-held", "waiting; promised time does not pass"),
            (f"{s.ok} ok", "$sla-ok", "time enough"),
            (
                f"{s.degraded}",
                "$sla-muted",
                "its clocks are in doubt; enter says why",
            ),
            (f"{s.pending} 1234", "$sla-acked", "SuperOps does not have your change yet"),
            (f"{s.new} 1234", "$sla-accent", "new on the board"),
            (f"{s.changed} 1234", "$sla-accent", "changed a moment ago"),
            (f"{s.marked} 1234", "$sla-accent", "marked: an action is about all that are"),
        )
        parts: list[Content | tuple[str, str] | str] = [("Signs\n", "bold $sla-accent")]
        for sign, style, words in rows:
            parts += [(f"  {sign:<22}", style), (f"{words}\n", "$sla-muted")]
        return Content.assemble(*parts)
