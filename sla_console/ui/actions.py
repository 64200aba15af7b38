"""Every action a person can take, once: keys, key line, help and palette are made from this.

An id and the meaning of a default key stay as they are from version to version.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from textual.binding import Binding


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a person can do.

    ``keys`` are Textual's names; the first is the one that is shown.
    """

    id: str
    keys: tuple[str, ...]
    run: str
    """Textual's action string."""
    label: str
    tooltip: str
    group: str
    shown_key: str
    """The keys as people write them."""
    key_line: int | None = None
    """Its rank in the key line: 0 stays, higher goes first where it is narrow; None: not there."""
    palette: bool = True
    """Offered by the command palette."""

    def binding(self) -> Binding:
        """Return the key binding of this action.

        All are handled in the order in which they were pressed, before the next key is looked at:
        what is typed ahead over a slow line meets the ticket, dialog or field it was meant for.
        """
        return Binding(
            ",".join(self.keys),
            self.run,
            self.label,
            show=False,
            priority=True,
            key_display=self.shown_key,
            tooltip=self.tooltip,
            id=self.id,
        )


VIEWS: Final = "Views"
TICKET: Final = "Ticket"
ALERT: Final = "Alert"
LIST: Final = "List"
MOVE: Final = "Move"
CONSOLE: Final = "Console"

ACTIONS: Final = (
    Action("view.board", ("1",), "view('board')", "Board", "All open tickets", VIEWS, "1"),
    Action(
        "view.breaches", ("2",), "view('breaches')", "Breaches",
        "Broken promises, unacknowledged first", VIEWS, "2",
    ),
    Action(
        "view.technicians", ("3",), "view('technicians')", "Technicians",
        "How well each technician's promises are kept", VIEWS, "3",
    ),
    Action(
        "view.alerts", ("4",), "view('alerts')", "Alerts",
        "What was told, what waits, what is silenced", VIEWS, "4",
    ),
    Action(
        "ticket.acknowledge", ("a",), "acknowledge", "Ack",
        "Say that you have it: escalation stops", TICKET, "a", key_line=0,
    ),
    Action(
        "ticket.unacknowledge", ("u",), "unacknowledge", "Un-ack",
        "Give it back: it is nobody's again", TICKET, "u", key_line=6,
    ),
    Action(
        "ticket.escalate", ("e",), "escalate", "Escalate",
        "Hand it up; names who is told and asks first", TICKET, "e", key_line=1,
    ),
    Action(
        "ticket.snooze", ("z",), "snooze", "Snooze",
        "Put it off until a time, or until its ticket begins or ends to wait", TICKET, "z",
        key_line=3,
    ),
    Action(
        "ticket.silence", ("S", "shift+s"), "silence", "Silence",
        "Tell nobody of this client or ticket for a while", TICKET, "S", key_line=6,
    ),
    Action(
        "ticket.copy-number", ("y",), "copy_number", "Copy number",
        "Copy the ticket's number", TICKET, "y",
    ),
    Action(
        "ticket.copy-link", ("Y", "shift+y"), "copy_link", "Copy link",
        "Copy the ticket's address", TICKET, "Y",
    ),
    Action(
        "alert.retry", ("t",), "retry_alert", "Retry",
        "Send the message again now", ALERT, "t", key_line=1,
    ),
    Action(
        "alert.reroute", ("o",), "reroute_alert", "Re-route",
        "Send the message through another channel", ALERT, "o", key_line=2,
    ),
    Action(
        "alert.discard", ("d",), "discard_alert", "Discard",
        "End the message: it shall not be sent", ALERT, "d", key_line=2,
    ),
    Action(
        "silence.end", ("x",), "end_silence", "End silence",
        "Tell people again", ALERT, "x", key_line=2,
    ),
    Action(
        "view.filter", ("slash",), "filter", "Filter",
        "Text, !text, @technician, #client, p1", LIST, "/", key_line=1,
    ),
    Action(
        "view.clear-filter", ("escape",), "clear_filter", "Clear filter",
        "Show everything again", LIST, "esc",
    ),
    Action(
        "view.sort", ("s",), "sort", "Sort",
        "Next due, risk, number, client", LIST, "s", key_line=4,
    ),
    Action(
        "view.pause", ("p",), "pause", "Pause",
        "Stop re-ordering; countdowns go on", LIST, "p", key_line=5,
    ),
    Action(
        "view.refresh", ("r",), "refresh_now", "Refresh",
        "Ask SuperOps now", LIST, "r", key_line=5,
    ),
    Action(
        "app.help", ("question_mark", "f1"), "help", "Help", "All keys", CONSOLE, "?", key_line=1,
    ),
    Action(
        "app.palette", ("ctrl+p",), "command_palette", "Palette",
        "Find an action by its name", CONSOLE, "^p", key_line=3, palette=False,
    ),
    Action(
        "app.suspend", ("ctrl+z",), "suspend_process", "Suspend",
        "Back to the shell; fg returns", CONSOLE, "^z", palette=False,
    ),
    Action("app.quit", ("q",), "quit", "Quit", "Leave the console", CONSOLE, "q", key_line=2),
)  # fmt: skip
"""What works wherever no dialog is open."""

MOVES: Final = (
    Action(
        "ticket.open", ("enter",), "open", "Detail",
        "Everything known about the ticket", TICKET, "enter", key_line=1, palette=False,
    ),
    Action("move.down", ("down", "j"), "move(1)", "Down", "One row down", MOVE, "down j"),
    Action("move.up", ("up", "k"), "move(-1)", "Up", "One row up", MOVE, "up k"),
    Action(
        "move.page-down", ("pagedown",), "page(1.0)", "Page down", "One page down", MOVE, "PgDn",
    ),
    Action("move.page-up", ("pageup",), "page(-1.0)", "Page up", "One page up", MOVE, "PgUp"),
    Action(
        "move.half-down", ("ctrl+d",), "page(0.5)", "Half down", "Half a page down", MOVE, "^d",
    ),
    Action("move.half-up", ("ctrl+u",), "page(-0.5)", "Half up", "Half a page up", MOVE, "^u"),
    Action(
        "move.first", ("g", "home"), "first", "First",
        "To the most urgent, and stay at the top", MOVE, "g home",
    ),
    Action(
        "move.last", ("G", "shift+g", "end"), "last", "Last", "To the last row", MOVE, "G end",
    ),
)  # fmt: skip
"""What works in a list."""

GROUPS: Final = (VIEWS, TICKET, ALERT, LIST, MOVE, CONSOLE)


def bindings(actions: Iterable[Action]) -> list[Binding]:
    """Return the key bindings of these actions."""
    return [action.binding() for action in actions]


def in_group(group: str) -> list[Action]:
    """Return the actions that the help lists together."""
    return [action for action in (*ACTIONS, *MOVES) if action.group == group]
