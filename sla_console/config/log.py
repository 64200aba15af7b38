"""Settings about logs of tickets: what their columns, times and statuses are called."""

import codecs
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Literal, Self

from pydantic import Field, field_validator, model_validator

from sla_console.config.base import Name, SettingsGroup
from sla_console.config.on_call import Zone
from sla_console.domain.names import folded, nearest
from sla_console.domain.tickets.log_map import DATE_FORMATS, ENCODINGS, FIELDS, PRESETS, LogMap

_A_MOMENT: Final = datetime(2016, 3, 1, 14, 30)  # noqa: DTZ001 - a pattern's wall time
_CODECS: Final = {codecs.lookup(name).name for name in ENCODINGS}


class ColumnSettings(SettingsGroup):
    """The names in a log's first line of the columns that are read."""

    number: Name | None = None
    """The ticket's number."""
    created: Name | None = None
    """When the ticket was opened."""
    updated: Name | None = None
    """When the row's status began; in a row that is a whole ticket, when it was last changed."""
    status: Name | None = None
    """The ticket's status."""
    first_response: Name | None = None
    """When the ticket was first answered."""
    first_response_minutes: Name | None = None
    """Instead of a moment: so many minutes after it was opened."""
    resolved: Name | None = None
    """When the ticket was resolved."""
    resolved_minutes: Name | None = None
    """Instead of a moment: so many minutes after it was opened."""
    closed: Name | None = None
    """When the ticket was closed."""
    priority: Name | None = None
    """The ticket's priority."""
    group: Name | None = None
    """The technician group."""
    technician: Name | None = None
    """The technician."""
    requester: Name | None = None
    """The person who asked."""
    client: Name | None = None
    """The client."""
    request_type: Name | None = None
    """The request type."""
    subcategory: Name | None = None
    """The subcategory, which the forecast looks at."""
    subject: Name | None = None
    """The subject."""
    source: Name | None = None
    """How it came in; what [sla] no_first_response_for names owes no first response."""
    met_sla: Name | None = None
    """The source system's own verdict on the resolution, true or false."""

    @model_validator(mode="after")
    def _name_one_thing(self) -> Self:
        found: dict[str, str] = {}
        for key in FIELDS:
            name = getattr(self, key)
            if name is not None and key != "subject":
                other = found.setdefault(folded(name), key)
                if other != key:
                    raise ValueError(
                        f"found {name!r} for {other} and for {key}, expected a column of its own "
                        f"for each; remove one"
                    )
        return self

    def as_domain(self) -> dict[str, tuple[str, ...]]:
        """Return the names that are written, by field."""
        written = {key: getattr(self, key) for key in FIELDS}
        return {key: (name,) for key, name in written.items() if name is not None}


class LogSettings(SettingsGroup):
    """How ``backtest``, ``report --log`` and ``replay`` read a log of tickets."""

    preset: Literal["uci", "servicenow", "jira", "zendesk"] | None = None
    """Where the log comes from; what is written beside it counts before the preset."""
    columns: ColumnSettings = ColumnSettings()
    """The names of the columns."""
    rows: Literal["tickets", "events"] | None = None
    """The kind of row: a whole ticket, or a ticket after something happened to it. Not written:
    events where the same numbers stand on several rows."""
    date_format: Name | None = None
    """day-month, month-day, iso, excel, epoch, or a pattern such as "%d.%m.%Y %H:%M"; not written:
    found from the dates if they leave no doubt."""
    timezone: Zone = "UTC"
    """Zone of times that name none."""
    delimiter: str | None = None
    """The sign between two cells; not written: comma, semicolon, tab or |, by the first line."""
    encoding: Name | None = None
    """Such as "cp1252" or "utf-16"; not written: by the byte order mark, else UTF-8."""
    missing: list[str] = Field(default=["?", "-", "null", "none", "n/a", "#n/a"])
    """Cells that hold no value, beside empty ones."""
    new: list[Name] = Field(default_factory=list)
    """Statuses of unanswered tickets; none: the first status of each ticket."""
    answered: list[Name] = Field(default_factory=list)
    """Statuses that say that a ticket was answered; none: every one that is not new."""
    hold: list[Name] | None = None
    """All statuses in which time stands still; not written: those of [statuses] and the preset."""
    resolved: list[Name] = Field(default=["Resolved", "Solved"])
    """Those of the ending statuses after which a ticket is still to be closed."""
    closed: list[Name] | None = None
    """All statuses that end a ticket; not written: those of [statuses] and the preset."""

    @field_validator("date_format")
    @classmethod
    def _is_a_format(cls, text: str | None) -> str | None:
        if text is None or text in DATE_FORMATS:
            return text
        try:
            known = "%" in text and datetime.strptime(_A_MOMENT.strftime(text), text) == _A_MOMENT  # noqa: DTZ007
        except ValueError:
            known = False
        if known:
            return text
        meant = nearest(text, DATE_FORMATS)
        advice = f"; did you mean {meant}?" if meant else ""
        raise ValueError(
            f"found {text!r}, expected one of {', '.join(DATE_FORMATS)}, or a pattern with day, "
            f'month, year, hour and minute such as "%d.%m.%Y %H:%M"{advice}'
        )

    @field_validator("delimiter")
    @classmethod
    def _is_one_sign(cls, text: str | None) -> str | None:
        if text is None or (len(text) == 1 and not text.isalnum() and text not in '"\r\n .:'):
            return text
        raise ValueError(f'found {text!r}, expected one sign, such as ";" or "\\t" for a tab')

    @field_validator("encoding")
    @classmethod
    def _is_known(cls, text: str | None) -> str | None:
        if text is None:
            return None
        try:
            if (name := codecs.lookup(text).name.removesuffix("-sig")) in _CODECS:
                return name
        except (LookupError, ValueError):
            pass
        meant = nearest(text, ENCODINGS)
        advice = f"did you mean {meant}?" if meant else f"known are {', '.join(ENCODINGS)}"
        raise ValueError(f"found {text!r}, expected the name of an encoding; {advice}")

    @model_validator(mode="after")
    def _statuses_mean_one_thing(self) -> Self:
        for one, names, other, others in (
            ("hold", self.hold, "closed", self.closed),
            ("new", self.new, "closed", self.closed),
            ("new", self.new, "answered", self.answered),
        ):
            both = set(map(folded, names or ()))
            name = next((name for name in others or () if folded(name) in both), None)
            if name is not None:
                raise ValueError(f"{name!r} stands under {one} and under {other}; leave it in one")
        return self

    def as_domain(self, where: str, statuses: Mapping[str, list[str]]) -> LogMap:
        """Return how a log is to be read: what is written, over the preset if one is named.

        Args:
            where: The file that the table stands in, for messages.
            statuses: The lists of the table of statuses that are written there, ``hold`` and
                ``closed``; a preset adds to them.
        """
        lists = ("missing", "new", "answered", "hold", "resolved", "closed")
        values: dict[str, Any] = {
            key: getattr(self, key)
            for key in ("rows", "date_format", "timezone", "delimiter", "encoding", *lists)
            if key in self.model_fields_set
        }
        for key in lists:
            if values.get(key) is not None:
                values[key] = tuple(values[key])
        columns = self.columns.as_domain()
        written = {key for key, value in values.items() if value is not None}
        written |= {f"columns.{key}" for key in columns}
        mine = LogMap(
            columns,
            where=where,
            written=frozenset(written),
            statuses={key: tuple(names) for key, names in statuses.items()},
            **values,
        )
        return mine.over(LogMap({}) if self.preset is None else PRESETS[self.preset])
