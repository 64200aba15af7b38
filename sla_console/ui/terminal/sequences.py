"""The few things that Textual does not say to a terminal; nothing else writes to it."""

from textual.app import App

from sla_console.domain.text import clean

_CLIPBOARD_LIMIT = 50_000


def set_title(app: App[None], title: str) -> None:
    """Name the terminal's window or tab, where there is a terminal."""
    driver = app._driver  # noqa: SLF001 - Textual offers no way to it
    if driver is None or app.is_headless:
        return
    driver.write(f"\x1b]2;{clean(title, 120)}\x07")


def notify_desktop(app: App[None], words: str) -> None:
    """Have the terminal show a notification of the desktop (OSC 9), where it knows how.

    Some take a number and a semicolon after it for a command, such as progress of a task, so none
    of these stays in the words.
    """
    driver = app._driver  # noqa: SLF001 - as above
    if driver is not None and not app.is_headless:
        driver.write(f"\x1b]9;{clean(words, 200).replace(';', ',')}\x07")


def copy(app: App[None], text: str) -> None:
    """Put ``text`` into the clipboard of the terminal that the person sits at, also over SSH."""
    app.copy_to_clipboard(clean(text, _CLIPBOARD_LIMIT))
