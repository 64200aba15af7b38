"""Moments as people read them, in the zone they chose."""

from datetime import UTC, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sla_console.domain.errors import UserError
from sla_console.domain.wall_time import fold_mark, local_text

_DAY = timedelta(days=1)
_TIME = len("02:30")


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
        return self._time(moment)

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
        for day in (here.date(), here.date() + _DAY):
            for fold in (0, 1):
                naive = datetime.combine(day, wall).replace(fold=fold)
                found = naive.replace(tzinfo=self._zone) if self._zone else naive.astimezone()
                if found.astimezone(UTC) > now:
                    return found
        raise AssertionError("a clock shows every time of day within two days")

    def moment(self, moment: datetime | None, now: datetime) -> str:
        """Return day and time, without the day where it is today; a dash for None."""
        if moment is None:
            return "-"
        local, today = moment.astimezone(self._zone), now.astimezone(self._zone)
        time_of_day = self._time(moment)
        if local.date() == today.date():
            return time_of_day
        if local.year != today.year:
            return f"{local:%d %b %Y} {time_of_day}"
        # The offset takes the room of the day of the week.
        return (
            f"{local:%d %b} {time_of_day}"
            if fold_mark(local)
            else f"{local:%a %d %b} {time_of_day}"
        )

    def _time(self, moment: datetime) -> str:
        """Return the time of day, with the offset in the hour that comes twice."""
        shown = local_text(moment, self._zone, "%H:%M")
        return shown if len(shown) == _TIME else shown.removesuffix(":00")
