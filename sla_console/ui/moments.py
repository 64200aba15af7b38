"""Moments as people read them, in the zone they chose."""

from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sla_console.domain.errors import UserError


class LocalTime:
    """Writes aware UTC moments in one zone.

    Args:
        timezone: IANA name; None: the machine's own zone.

    Raises:
        UserError: if there is no such zone.
    """

    def __init__(self, timezone: str | None = None) -> None:
        self._zone: tzinfo | None = None
        if timezone is not None:
            try:
                self._zone = ZoneInfo(timezone)
            except (ZoneInfoNotFoundError, ValueError, OSError):
                raise UserError(
                    f"ui.timezone: {timezone!r} is not a known zone; "
                    "use an IANA name such as Europe/Dublin."
                ) from None

    def clock(self, moment: datetime) -> str:
        """Return the time of day with its zone, such as ``14:03:07 CEST``."""
        return f"{moment.astimezone(self._zone):%H:%M:%S %Z}"

    def moment(self, moment: datetime | None, now: datetime) -> str:
        """Return day and time, without the day where it is today; a dash for None."""
        if moment is None:
            return "-"
        local, today = moment.astimezone(self._zone), now.astimezone(self._zone)
        if local.date() == today.date():
            return f"{local:%H:%M}"
        if local.year == today.year:
            return f"{local:%a %d %b %H:%M}"
        return f"{local:%d %b %Y %H:%M}"
