"""What looks wrong in the settings about the screen, before somebody presses a key in vain."""

from collections.abc import Iterator

from sla_console.cli.findings import CheckFinding
from sla_console.config.settings import Settings


def screen_findings(settings: Settings) -> Iterator[CheckFinding]:
    """Yield the keys that cannot be as wished, and the themes that are not there or left out.

    Args:
        settings: The configuration.
    """
    # Textual takes a tenth of a second, and a configuration without these needs none of it.
    if settings.ui.keys:
        from sla_console.ui.actions.keymap import Keymap

        wished = {name: tuple(keys) for name, keys in settings.ui.keys.items()}
        for fault in Keymap.of(wished).faults:
            yield CheckFinding("trouble", "ui.keys", fault)
    folder = settings.file.parent / "themes" if settings.file else None
    if folder is not None and folder.is_dir():
        from sla_console.ui.session.theme_files import ThemeFolder

        for fault in ThemeFolder(folder).load().faults:
            yield CheckFinding("trouble", "theme", fault)
