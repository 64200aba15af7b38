"""How the console looks and behaves, as the configuration says, also while that is being changed."""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from sla_console.cli.zone import local_zone
from sla_console.config.settings import Settings
from sla_console.domain.errors import UserError
from sla_console.domain.sla.calendar import BusinessCalendar
from sla_console.ui.session.options import Reloaded, UIOptions

_TAKEN_UP: Final = frozenset({
    "theme", "ascii", "timezone", "technician", "working_hours", "read_only", "confirm_quit", "keys",
})  # fmt: skip
"""Settings of ``ui`` that the screens take up while they are open."""


def screen_options(settings: Settings, environ: Mapping[str, str] = os.environ) -> UIOptions:
    """Return what the configuration says of the screens, and where it is silent the terminal.

    Args:
        settings: The configuration.
        environ: Says which terminal and which locale it is.
    """
    ui = settings.ui
    silent, on_linux = ui.ascii is None, environ.get("TERM", "").partition("-")[0] == "linux"
    working = ui.working_hours or settings.default_calendar
    return UIOptions(
        theme=ui.theme,
        # The Linux console takes UTF-8 whatever the locale, but its fonts have few signs.
        ascii=not on_linux and not _speaks_utf8(environ) if silent else bool(ui.ascii),
        linux=silent and on_linux,
        mouse=ui.mouse,
        timezone=ui.timezone or local_zone(),
        technician=ui.technician,
        frame_rate=ui.frame_rate,
        thresholds=settings.risk.as_domain(),
        working=(settings.calendars_as_domain()[working] if working else BusinessCalendar.always()),
        keys={name: tuple(keys) for name, keys in ui.keys.items()},
        themes=settings.file.parent / "themes" if settings.file else None,
        read_only=ui.read_only,
        confirm_quit=ui.confirm_quit,
    )


def _speaks_utf8(environ: Mapping[str, str]) -> bool:
    """Return whether the locale is one of UTF-8; the first of these that is set says it (POSIX)."""
    names = (environ.get(name) for name in ("LC_ALL", "LC_CTYPE", "LANG"))
    locale = next((name for name in names if name), "")
    return "utf8" in locale.casefold().replace("-", "")


@dataclass(frozen=True, slots=True)
class _Seen:
    modified_ns: int
    size: int
    file: int

    @classmethod
    def of(cls, path: Path) -> "_Seen | None":
        try:
            found = path.stat()
        except OSError:
            return None
        return cls(found.st_mtime_ns, found.st_size, found.st_ino)


class ConfigurationWatch:
    """Looks whether the configuration's file changed.

    A broken edit changes nothing: the settings in force stay, and the fault is told once.

    Args:
        path: The file.
        settings: As they were read at the start.
        options: How the console looked then.
        read: Reads the file again.
    """

    def __init__(
        self,
        path: Path,
        settings: Settings,
        options: UIOptions,
        read: Callable[[], Settings],
    ) -> None:
        self._path, self._read = path, read
        self._started = dict(_flat(settings.model_dump()))
        self._options = options
        self._forced = options.ascii and not screen_options(settings).ascii
        """ASCII was asked for at the start, whatever the configuration says."""
        self._seen = _Seen.of(path)

    def __call__(self) -> Reloaded | None:
        """Return what came of a change since this was asked last, None where there was none."""
        seen = _Seen.of(self._path)
        if seen is None or seen == self._seen:
            return None
        self._seen = seen
        try:
            settings = self._read()
            options = self._taken_up(screen_options(settings))
            self._check(options)
        except UserError as fault:
            return Reloaded(fault=str(fault))
        now = dict(_flat(settings.model_dump()))
        restart = sorted(
            key
            for key in now.keys() | self._started.keys()
            if now.get(key) != self._started.get(key) and not _is_taken_up(key)
        )
        self._options = options
        return Reloaded(options, _groups(restart))

    def _taken_up(self, wanted: UIOptions) -> UIOptions:
        changes = {name: getattr(wanted, _FIELDS.get(name, name)) for name in _TAKEN_UP}
        changes["working"] = changes.pop("working_hours")
        changes["ascii"] = wanted.ascii or self._forced
        changes["linux"] = wanted.linux and not self._forced
        return replace(self._options, reload=self, **changes)

    def _check(self, options: UIOptions) -> None:
        """Refuse what only the screens can tell to be wrong.

        Raises:
            UserError: with file and line.
        """
        from sla_console.config.load import place_of
        from sla_console.ui.run import check_theme

        try:
            check_theme(options)
        except UserError as fault:
            raise UserError(f"{place_of(self._path, 'ui.theme')}: {fault}") from None


_FIELDS: Final = {"working_hours": "working"}
"""Settings that the options call otherwise."""


def _is_taken_up(key: str) -> bool:
    group, _, rest = key.partition(".")
    return group == "ui" and rest.partition(".")[0] in _TAKEN_UP


def _groups(keys: list[str]) -> tuple[str, ...]:
    """Return a few keys, or of many the groups they are in."""
    if len(keys) <= 4:
        return tuple(keys)
    return tuple(dict.fromkeys(key.partition(".")[0] for key in keys))


def _flat(table: Mapping[str, Any], at: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        if isinstance(value, dict) and value:
            yield from _flat(value, f"{at}{key}.")
        else:
            yield f"{at}{key}", value
