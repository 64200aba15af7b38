"""The facts that move a forecast, in words."""

from sla_console.domain.durations import words
from sla_console.domain.forecast.moment import NAMES, ClockMoment
from sla_console.domain.text import clean

_NAMED = {
    "group": "in {}",
    "request type": "type {}",
    "subcategory": "category {}",
    "subject": "subject {}",
    "client": "client {}",
    "requester": "from {}",
    "technician": "with {}",
    "priority": "priority {}",
    "source": "by {}",
}
_NOBODY = {
    "group": "in no group",
    "technician": "assigned to nobody",
    "client": "of no client",
}
_LONGEST = 30


def fact_words(name: str, moment: ClockMoment) -> str:
    """Return a fact as it is for a target at a moment; empty where there is nothing to say."""
    if name in _NAMED:
        value = moment.names[NAMES.index(name)]
        return _NAMED[name].format(clean(value, _LONGEST)) if value else _NOBODY.get(name, "")
    status = moment.status or "in its status"
    return {
        "untouched": f"untouched for {words(moment.untouched)}",
        "in status": f"{status} for {words(moment.in_status)}",
        "changes": f"changed {_times(moment.changes)}",
        "groups": f"to another group {_times(moment.groups)}",
        "technicians": f"to another technician {_times(moment.technicians)}",
        "left": f"{words(moment.due - moment.at)} to its due time",
        "time of the week": "this time of the week",
    }.get(name, "")


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
