"""Stories that went wrong once, as short as they can be, under what the console did wrong then."""

import pytest

from tests.model.stories import story, tell

pytestmark = pytest.mark.slow

FOUND = {
    "an alert held for quiet hours went at once when its channel was renamed": [
        ("open", 27, 27, 54), ("pass", 19, 59, 49), ("rename", 2, 53, 25),
    ],
    "the end of an incident waited for ever for a channel that was removed": [
        ("open", 44, 22, 38), ("open", 50, 53, 46), ("pass", 58, 59, 2), ("remove", 8, 21, 6),
    ],
    "a clock set hours ahead ended the quiet hours": [
        ("open", 37, 23, 22), ("pass", 1, 30, 11), ("pass", 23, 54, 24), ("wall", 44, 18, 7),
    ],
    "a ticket read by a clock that was ahead broke hours later": [
        ("wall", 52, 7, 6), ("open", 52, 35, 44),
    ],
    "what was acknowledged by a clock that was ahead stayed so for hours": [
        ("open", 17, 45, 7), ("pass", 29, 7, 21), ("wall", 7, 44, 3), ("ack", 51, 11, 25),
    ],
    "a retry planned by a clock that was ahead waited for hours": [
        ("fault", 31, 56, 15), ("fault", 59, 50, 46), ("wall", 43, 27, 41), ("open", 1, 13, 54),
    ],
    "a new warning took the place of the recovery before it": [
        ("open", 54, 24, 57), ("due", 29, 47, 42), ("pass", 15, 24, 42), ("due", 37, 30, 21),
        ("kill", 59, 20, 29), ("close", 3, 52, 6),
    ],
    "a recovery came after the alert that it is broken again": [
        ("open", 1, 34, 30), ("pass", 12, 32, 21), ("due", 51, 0, 25), ("due", 33, 28, 34),
    ],
    "a ticket that left its maintenance by another client stayed unheard": [
        ("open", 51, 49, 33), ("maintain", 11, 25, 46), ("fault", 34, 48, 21),
        ("pass", 57, 45, 50), ("open", 31, 46, 12), ("move", 42, 11, 35),
    ],
    "a ticket that left the quiet hours by another client stayed unheard": [
        ("open", 51, 27, 30), ("restart", 38, 23, 46), ("move", 24, 56, 5),
    ],
    "what was given back before anybody was notified was told to nobody": [
        ("open", 0, 13, 57), ("pass", 53, 51, 15), ("right", 26, 19, 32), ("restart", 52, 9, 11),
        ("ack", 58, 7, 26), ("ack", 7, 3, 53), ("ack", 46, 28, 48), ("open", 18, 5, 57),
        ("unack", 42, 46, 10),
    ],
    "who had an alert that was refused the second time heard of no end": [
        ("open", 42, 22, 12), ("open", 52, 11, 12), ("fault", 36, 51, 44), ("fault", 0, 39, 21),
    ],
    "who had an alert that was silenced before its second try heard of no end": story(150),
    "a pager that refused the page was told of its end": [
        ("open", 58, 9, 20), ("open", 8, 6, 16), ("kill", 4, 48, 16), ("pass", 47, 46, 50),
        ("fault", 5, 59, 57),
    ],
    "after an outage what was held came in the quiet hours": [
        ("open", 52, 12, 12), ("outage", 57, 18, 47), ("pass", 16, 54, 4), ("open", 43, 29, 1),
        ("open", 52, 43, 2), ("move", 32, 10, 58),
    ],
    "after a silence a channel heard nothing because another had": story(1053),
    "an end that a text message service refused for a while was given up": [
        ("open", 50, 45, 54), ("fault", 24, 29, 25), ("pass", 6, 29, 54), ("fault", 55, 44, 8),
        ("close", 15, 1, 30), ("unack", 13, 29, 33),
    ],
    "an end that a chat refused for a while was given up": [
        ("open", 10, 7, 19), ("pass", 2, 40, 46), ("fault", 54, 19, 46), ("close", 10, 27, 42),
    ],
    "a fallback heard of the end of what its digest had left out as snoozed": [
        ("fault", 57, 11, 0), ("storm", 6, 27, 16), ("pass", 47, 11, 59), ("pass", 31, 54, 27),
        ("snooze", 18, 39, 37),
    ],
    "a fallback heard of the end of what its digest had left out as muted": [
        ("open", 22, 27, 2), ("fault", 24, 12, 36), ("pass", 38, 16, 55), ("storm", 54, 26, 19),
        ("pass", 22, 53, 58), ("maintain", 32, 12, 42), ("move", 2, 59, 42),
    ],
    "what a digest left out as muted was told to nobody once it was not": [
        ("open", 38, 30, 6), ("maintain", 37, 32, 12), ("silence", 43, 37, 1), ("move", 59, 16, 44),
        ("kill", 30, 9, 41), ("open", 13, 26, 14), ("pass", 33, 11, 41), ("pass", 59, 43, 58),
        ("silence", 55, 14, 14), ("move", 47, 5, 54),
    ],
    "what waited for the client to open came after it had closed": [
        ("open", 53, 0, 15), ("maintain", 19, 47, 2), ("pass", 53, 22, 23), ("wall", 52, 55, 7),
        ("outage", 38, 53, 51), ("maintain", 23, 27, 24), ("wall", 38, 26, 3),
    ],
}  # fmt: skip


@pytest.mark.parametrize("what", FOUND)
async def test_it_happens_no_more(what) -> None:
    await tell(FOUND[what])
