"""Moments as people read them, in the zone they chose."""

from datetime import UTC, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sla_console.domain.errors import UserError

_DAY = timedelta(days=1)


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

    def hour(self, moment: datetime) -> str:
        """Return the time of day in hours and minutes."""
        return f"{moment.astimezone(self._zone):%H:%M}"

    def day_of_month(self, moment: datetime) -> str:
        """Return the day of the week and of the month."""
        return f"{moment.astimezone(self._zone):%a %d %b}"

    def day(self, moment: datetime) -> str:
        """Return the day of the week."""
        return f"{moment.astimezone(self._zone):%a}"

    def midnight(self, now: datetime) -> datetime:
        """Return where the day began, aware UTC."""
        naive = datetime.combine(now.astimezone(self._zone).date(), time())
        here = naive.replace(tzinfo=self._zone) if self._zone else naive.astimezone()
        return here.astimezone(UTC)

    def month(self, now: datetime, back: int = 0) -> tuple[datetime, datetime]:
        """Return where the month begins and ends, aware UTC.

        Args:
            now: The moment.
            back: So many months before.
        """
        here = now.astimezone(self._zone)
        months = here.year * 12 + here.month - 1 - back
        return self._first(months), self._first(months + 1)

    def _first(self, months: int) -> datetime:
        """Return where a month begins, counted from the year 0."""
        naive = datetime(months // 12, months % 12 + 1, 1)  # noqa: DTZ001 - the zone comes next
        here = naive.replace(tzinfo=self._zone) if self._zone else naive.astimezone()
        return here.astimezone(UTC)

    def month_name(self, moment: datetime) -> str:
        """Return the name of a month with its year."""
        return f"{moment.astimezone(self._zone):%B %Y}"

    def zone_at(self, moment: datetime) -> tzinfo:
        """Return the zone, as it is at a moment where it is the machine's own."""
        return self._zone or moment.astimezone().tzinfo or UTC

    def next_time(self, wall: time, now: datetime) -> datetime:
        """Return the next moment at which a clock here shows a time of day."""
        here = now.astimezone(self._zone)
        day = here.date() if wall > here.time().replace(tzinfo=None) else here.date() + _DAY
        naive = datetime.combine(day, wall)
        return naive.replace(tzinfo=self._zone) if self._zone else naive.astimezone()

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
