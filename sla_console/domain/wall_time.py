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
