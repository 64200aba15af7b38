"""What a wall clock shows, as a moment, in hours that are skipped or come twice."""

from datetime import UTC, datetime, timedelta, tzinfo

_SECOND = timedelta(seconds=1)


def first_moment(wall: datetime, zone: tzinfo) -> datetime:
    """Return, in UTC, the first moment at which a local clock shows a time or a later one.

    Args:
        wall: What the clock shows, naive. One that the clock skips is the end of the gap; one that
            comes twice is the first of the two.
        zone: Whose clock.
    """
    moment = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == wall:
        return moment
    # Within a gap the two folds read the time by the offsets of before and after, so the end of the
    # gap lies between them: where the offset changes.
    other = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    low, high = min(moment, other), max(moment, other)
    before = low.astimezone(zone).utcoffset()
    while high - low > _SECOND:
        middle = low + (high - low) // 2
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)


def last_moment(wall: datetime, zone: tzinfo) -> datetime:
    """Return, in UTC, the last moment at which a local clock comes to a time.

    Of one that comes twice, the second; of one that it skips, the end of the gap.
    """
    moment = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == wall:
        return moment
    return first_moment(wall, zone)


def fold_mark(local: datetime) -> str:
    """Return the offset, such as ``+01:00``, of a time that a local clock shows twice.

    Args:
        local: A moment in its zone.

    Returns:
        The offset from UTC in the hour that comes twice; else nothing.
    """
    if local.replace(fold=1 - local.fold).utcoffset() == local.utcoffset():
        return ""
    sign = f"{local:%z}"
    return f"{sign[:3]}:{sign[3:5]}"


def local_text(moment: datetime, zone: tzinfo | None, form: str = "%Y-%m-%d %H:%M") -> str:
    """Return a moment as a local clock shows it, with its offset where it shows that twice.

    Args:
        moment: The moment, aware.
        zone: Whose clock; None: this machine's, whose changes are not known here.
        form: As ``strftime`` takes it; it ends with the time of day.
    """
    local = moment.astimezone(zone)
    return f"{local:{form}}{fold_mark(local)}"
