"""Every action a person can take, once: keys, key line, help and palette are made from this.

An id and the meaning of a default key stay as they are from version to version.
"""

from typing import Final

from sla_console.ui.actions.action import (
    ALERT,
    CONSOLE,
    DETAIL,
    LIST,
    MOVE,
    ON_CALL,
    TICKET,
    VIEWS,
    Action,
)

ACTIONS: Final = (
    Action("view.board", ("1",), "view('board')", "Board", "All open tickets", VIEWS),
    Action(
        "view.breaches", ("2",), "view('breaches')", "Breaches",
        "Broken promises, unacknowledged first", VIEWS,
    ),
    Action(
        "view.technicians", ("3",), "view('technicians')", "Technicians",
        "How well each technician's promises are kept, and what they have in hand", VIEWS,
    ),
    Action(
        "view.clients", ("4",), "view('clients')", "Clients",
        "How each client stands, and the misses this month still allows", VIEWS,
    ),
    Action(
        "view.forecast", ("5",), "view('forecast')", "Forecast",
        "Promises that will probably break", VIEWS,
    ),
    Action(
        "view.alerts", ("6",), "view('alerts')", "Alerts",
        "What was told, what waits, what is silenced", VIEWS,
    ),
    Action(
        "view.policies", ("7",), "view('policies')", "Policies",
        "What is promised, and to what it applies", VIEWS,
    ),
    Action(
        "view.health", ("8",), "view('health')", "Health",
        "How the console itself is, and its log", VIEWS,
    ),
    Action(
        "view.reports", ("9",), "view('reports')", "Reports",
        "What was promised and kept, a month at a time, with charts", VIEWS,
    ),
    Action(
        "view.on-call", ("0",), "on_call", "On call",
        "Who is on call now and next; there: take, give, swap, end", VIEWS,
    ),
    Action(
        "view.wall", ("w",), "view('wall')", "Wall", "Large, for a screen on the wall", VIEWS,
        key_line=7,
    ),
    Action(
        "ticket.acknowledge", ("a",), "ticket('acknowledge')", "Ack",
        "Say that you have it: escalation stops", TICKET, key_line=0, writes=True,
    ),
    Action(
        "ticket.unacknowledge", ("u",), "ticket('unacknowledge')", "Un-ack",
        "Give it back, or wake what was put off: it is nobody's again", TICKET, key_line=9, writes=True,
    ),
    Action(
        "ticket.escalate", ("e",), "ticket('escalate')", "Escalate",
        "Hand it up; names who is told and asks first", TICKET, key_line=1, writes=True,
    ),
    Action(
        "ticket.snooze", ("z",), "ticket('snooze')", "Snooze",
        "Put it off until a time, or until its ticket begins or ends to wait", TICKET, key_line=6, writes=True,
    ),
    Action(
        "ticket.silence", ("S",), "ticket('silence')", "Silence",
        "Tell nobody of this client or ticket for a while, now or later", TICKET, key_line=9, writes=True,
    ),
    Action(
        "ticket.assign", ("t",), "ticket('assign')", "Assign",
        "Give it to a technician, in SuperOps too", TICKET, key_line=2, writes=True,
    ),
    Action(
        "ticket.take", ("T",), "ticket('take')", "Take", "Assign it to yourself", TICKET, key_line=8, writes=True,
    ),
    Action(
        "ticket.note", ("n",), "ticket('note')", "Note", "Write a private note", TICKET, key_line=4, writes=True,
    ),
    Action(
        "ticket.status", ("m",), "ticket('status')", "Status", "Move it to another status", TICKET,
        key_line=7, writes=True,
    ),
    Action(
        "ticket.priority", ("P",), "ticket('priority')", "Priority", "Set its priority", TICKET,
        key_line=9, writes=True,
    ),
    Action(
        "ticket.browser", ("o",), "ticket('browse')", "Open",
        "Open it in a graphical browser; where there is none, copy its address", TICKET, key_line=8,
    ),
    Action(
        "ticket.copy-number", ("y",), "ticket('copy_number')", "Copy number",
        "Copy the ticket's number", TICKET,
    ),
    Action(
        "ticket.copy-link", ("Y",), "ticket('copy_link')", "Copy link",
        "Copy the ticket's address", TICKET,
    ),
    Action(
        "ticket.changes", ("C",), "changes", "Changes",
        "What SuperOps does not have yet, or did not take", TICKET,
    ),
    Action(
        "alert.retry", ("R",), "screen.retry_alert", "Retry",
        "Send the message again now", ALERT, key_line=1, writes=True,
    ),
    Action(
        "alert.reroute", ("O",), "screen.reroute_alert", "Re-route",
        "Send the message through another channel", ALERT, key_line=2, writes=True,
    ),
    Action(
        "alert.discard", ("D",), "screen.discard_alert", "Discard",
        "End the message: it shall not be sent", ALERT, key_line=2, writes=True,
    ),
    Action(
        "silence.end", ("X",), "screen.end_silence", "End silence",
        "Tell people again: ends a silence, or maintenance that lasts", ALERT, key_line=2, writes=True,
    ),
    Action(
        "view.filter", ("/",), "screen.filter", "Filter",
        "text !text @technician #client p1 left<30m risk>=high state:held", LIST, key_line=1,
    ),
    Action(
        "view.clear-filter", ("esc",), "screen.clear_filter", "Clear filter",
        "Show everything again", LIST,
    ),
    Action("view.sort", ("s",), "screen.sort", "Sort", "By what the list is sorted", LIST, key_line=4),
    Action(
        "view.columns", ("c",), "screen.columns", "Columns",
        "Which columns, in which order, how wide", LIST, key_line=7,
    ),
    Action(
        "view.pause", ("p",), "screen.pause", "Pause",
        "Stop re-ordering; countdowns go on", LIST, key_line=6,
    ),
    Action(
        "view.hours", ("h",), "screen.hours", "Hours",
        "Count in promised hours, or in hours of the clock on the wall", LIST,
    ),
    Action(
        "view.pane", ("v",), "screen.pane", "Pane",
        "Keep the ticket's story beside the list; in the reports: the charts", LIST,
    ),
    Action(
        "report.by", ("b",), "screen.by", "By",
        "By what the report's table tells the promises apart", LIST, key_line=1,
    ),
    Action(
        "report.chart", ("d",), "screen.chart", "Chart", "Another chart of the report", LIST,
        key_line=2,
    ),
    Action(
        "view.earlier", ("[",), "screen.period(-1)", "Earlier", "The period before", LIST, key_line=3,
    ),
    Action(
        "view.later", ("]",), "screen.period(1)", "Later", "The period after", LIST, key_line=3,
    ),
    Action("view.refresh", ("r",), "refresh_now", "Refresh", "Ask SuperOps now", LIST, key_line=7),
    Action(
        "alarm.mute", ("M",), "mute", "Mute",
        "Keep the bell quiet for 15 minutes; again: let it ring", CONSOLE,
    ),
    Action("app.help", ("?", "f1"), "help", "Help", "All keys", CONSOLE, key_line=1),
    Action(
        "app.palette", ("ctrl+p", ":"), "command_palette", "Palette",
        "Find an action by its name", CONSOLE, key_line=5, palette=False,
    ),
    Action("app.theme", (), "theme", "Theme", "Choose the colours", CONSOLE),
    Action(
        "app.suspend", ("ctrl+z",), "suspend_process", "Suspend",
        "Back to the shell; refused while this console monitors", CONSOLE, palette=False,
    ),
    Action("app.quit", ("q",), "quit", "Quit", "Leave the console", CONSOLE, key_line=2),
)  # fmt: skip
"""What works wherever no dialog is open."""

MOVES: Final = (
    Action(
        "ticket.open", ("enter",), "open", "Detail",
        "Everything known about the ticket", TICKET, key_line=1,
    ),
    Action(
        "ticket.mark", ("space",), "mark", "Mark",
        "Mark it: an action is then about all that are marked", TICKET, key_line=9,
    ),
    Action("ticket.unmark-all", ("U",), "unmark", "Unmark all", "Mark none", TICKET),
    Action("move.down", ("down", "j"), "move(1)", "Down", "One row down", MOVE, palette=False),
    Action("move.up", ("up", "k"), "move(-1)", "Up", "One row up", MOVE, palette=False),
    Action(
        "move.page-down", ("pagedown",), "page(1.0)", "Page down", "One page down", MOVE,
        palette=False,
    ),
    Action(
        "move.page-up", ("pageup",), "page(-1.0)", "Page up", "One page up", MOVE, palette=False,
    ),
    Action(
        "move.half-down", ("ctrl+d",), "page(0.5)", "Half down", "Half a page down", MOVE,
        palette=False,
    ),
    Action(
        "move.half-up", ("ctrl+u",), "page(-0.5)", "Half up", "Half a page up", MOVE, palette=False,
    ),
    Action(
        "move.first", ("g", "home"), "first", "First",
        "To the most urgent, and stay at the top", MOVE, palette=False,
    ),
    Action("move.last", ("G", "end"), "last", "Last", "To the last row", MOVE, palette=False),
)  # fmt: skip
"""What works in a list."""

IN_TICKET: Final = (
    Action(
        "detail.messages", ("c",), "conversation", "Messages",
        "Its messages and notes, asked of SuperOps", DETAIL, palette=False,
    ),
    Action(
        "detail.explain", ("x",), "explain", "Explain", "The ledger behind its times", DETAIL,
        palette=False,
    ),
    Action(
        "detail.what-if", ("i",), "suppose", "What if",
        "What a change would give; nothing is changed", DETAIL, palette=False,
    ),
    Action(
        "detail.whole", ("f",), "whole", "Whole", "Take the whole screen, or give it back", DETAIL,
        palette=False,
    ),
)  # fmt: skip
"""What works in a ticket that is open, beside the actions on tickets."""

IN_ON_CALL: Final = (
    Action(
        "on-call.take", ("t",), "take", "Take", "Take the turn, or a part of it, yourself", ON_CALL,
        palette=False, writes=True,
    ),
    Action(
        "on-call.give", ("h",), "give", "Give", "Hand the turn, or a part of it, to somebody", ON_CALL,
        palette=False, writes=True,
    ),
    Action(
        "on-call.swap", ("s",), "swap", "Swap", "Change the turn for another", ON_CALL, palette=False,
        writes=True,
    ),
    Action(
        "on-call.end", ("x",), "end", "End", "End a change: the turn is as it was before", ON_CALL,
        palette=False, writes=True,
    ),
)  # fmt: skip
"""Keys of the on-call list."""

EVERY: Final = (*ACTIONS, *MOVES, *IN_TICKET, *IN_ON_CALL)

WRITING: Final = frozenset(action.id for action in EVERY if action.writes)
"""Ids of the actions that change something, by which a dialog's own keys are known too."""
