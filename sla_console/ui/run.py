"""Starts the screens: what Textual reads from the environment is settled before it is imported."""

import os
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sla_console.domain.clock import Clock
from sla_console.domain.errors import SLAConsoleError, UserError
from sla_console.ui.link import ServiceLink
from sla_console.ui.session.options import UIOptions
from sla_console.ui.terminal.terminal_guard import last_resort

_RESTARTS: Final = 3
"""How many times a screen that fails is started again."""
_FORGIVEN: Final = 600.0
"""Seconds after which a failure does not count any more."""


def run_console(link: ServiceLink, clock: Clock, operator: str, options: UIOptions) -> int:
    """Show the console until a person or a signal ends it, and return the exit code.

    Call it in the main thread of a process whose standard input and error are a terminal.

    Args:
        link: The service, running or about to.
        clock: Tells the moment that is shown.
        operator: Whose name stands under what is done here.
        options: How it looks.

    Raises:
        UserError: if the options name a theme or zone that does not exist.
        SLAConsoleError: if the screen fails again and again.
    """
    prepare_environment(options)
    from sla_console.ui.app import ConsoleApp  # noqa: PLC0415 - reads the environment on import
    from sla_console.ui.wall.app import WallApp  # noqa: PLC0415 - as above

    check_theme(options)
    failures: list[datetime] = []
    with last_resort():
        while True:
            app = (WallApp if options.wall else ConsoleApp)(link, clock, operator, options)
            app.run(mouse=options.mouse and not options.wall)
            if app.failed is None:
                return app.return_code or 0
            now = clock.now()
            failures = [at for at in failures if _recent(clock, now, at)] + [now]
            where = f"where it happened is in {options.log_file}" if options.log_file else ""
            if len(failures) > _RESTARTS:
                break
            # The engine goes on in its own thread; only what is seen of it begins anew.
            options = replace(
                options,
                notification=f"The screen failed ({app.failed}) and was started again; {where}.",
            )
    raise SLAConsoleError(
        f"the screen failed {len(failures)} times in a few minutes ({app.failed}), so it was given "
        f"up. Nobody watches from here now: start sla-console again, or run 'sla-console monitor'; "
        f"{where}."
    )


def _recent(clock: Clock, now: datetime, at: datetime) -> bool:
    return clock.real_seconds(max(now - at, timedelta())) < _FORGIVEN


def check_theme(options: UIOptions) -> None:
    """Look whether the theme that the options name is there and can be used.

    Raises:
        UserError: if not, in one sentence.
    """
    from sla_console.ui.session.theme_files import (  # noqa: PLC0415 - imports Textual too
        LoadedThemes,
        ThemeFolder,
    )
    from sla_console.ui.session.themes import checked_theme  # noqa: PLC0415 - as above

    if options.theme is None:
        return
    own = LoadedThemes() if options.themes is None else ThemeFolder(options.themes).load()
    wrong = next((one for one in own.faults if f"{options.theme}.toml:" in one), None)
    if wrong is not None:
        raise UserError(wrong)
    checked_theme(options.theme, [theme.name for theme in own.themes])


def prepare_environment(options: UIOptions) -> None:
    """Set what Textual reads once, on import; what a person set already stands."""
    environ = os.environ
    for size in ("COLUMNS", "LINES"):
        # Some shells export what the size was once; it would stand whatever the terminal becomes.
        environ.pop(size, None)
    environ.setdefault("TEXTUAL_FPS", str(options.frame_rate))
    environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    environ.setdefault("TEXTUAL_SMOOTH_SCROLL", "0")
    if environ.get("SSH_CONNECTION"):
        # Over a slow line the parts of one key come apart; this many milliseconds hold them together.
        environ.setdefault("ESCDELAY", "250")
    if options.linux:
        # This terminal never had the protocol that tells keys apart.
        environ.setdefault("TEXTUAL_DISABLE_KITTY_KEY", "1")
    # Only with a theme of the terminal's own colours does NO_COLOR take all of them away.
    if environ.get("NO_COLOR"):
        environ["TEXTUAL_THEME"] = "ansi-dark"
    elif options.theme and options.theme.startswith("ansi-"):
        environ["TEXTUAL_THEME"] = options.theme
    else:
        environ.pop("TEXTUAL_THEME", None)
