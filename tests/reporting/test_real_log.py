"""The report of a real incident log, against a second computation with numpy over the same rows.

The log: "Incident management process enriched event log", UCI Machine Learning Repository, dataset
498 (C. A. L. Amaral, M. Fantinato, S. M. Peres), CC BY 4.0.
"""

import csv
import gzip
import math
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from sla_console.domain.sla.calendar import BusinessCalendar
from sla_console.domain.sla.policy import SLAPolicy
from sla_console.domain.tickets.ticket import StatusPhases
from sla_console.reporting.backtest import Trial
from sla_console.reporting.build import Frame, report_of
from sla_console.reporting.collect import Collector
from sla_console.reporting.from_past import end_of, lives_of
from sla_console.reporting.period import Period
from sla_console.reporting.scope import Scope
from sla_console.simulator.incident_log import load_log
from sla_console.simulator.past import past_tickets

LOG = (
    Path(__file__).resolve().parents[2]
    / "../shared/data/incident_event_log_until_2016-03-13.csv.gz"
)
pytestmark = pytest.mark.skipif(not LOG.exists(), reason="the incident log is not here")

DAYS = ("mon", "tue", "wed", "thu", "fri")
MARCH = Period.month(2016, 3, "UTC")
PROMISED = 65.5 * 3600
DAY_SECONDS = 9.5 * 3600


@pytest.fixture(scope="module")
def report():
    office = BusinessCalendar("UTC", {day: [("14:00", "23:30")] for day in DAYS})
    policy = SLAPolicy(
        "m", "Moderate", "3 - Moderate", resolution_time_hours=65.5, calendar="office"
    )
    trial = Trial([policy], {"office": office}, office, StatusPhases.of((), ("Closed",)), "closed")
    history = past_tickets(load_log(LOG))
    until = end_of(history)
    frame = Frame(MARCH, until, Scope(), "the log")
    collector = Collector(frame.wide, MARCH.span, until)
    collector.add(lives_of(history, trial))
    return report_of(collector.finish(), frame)


def office_seconds(moments: np.ndarray) -> np.ndarray:
    """Return the seconds of office hours from Monday 2016-01-04 to each moment (epoch seconds)."""
    start = datetime(2016, 1, 4, tzinfo=UTC).timestamp()
    days, rest = np.divmod(moments - start, 86400)
    weeks, day = np.divmod(days, 7)
    today = np.clip(rest - 14 * 3600, 0, DAY_SECONDS) * (day < 5)
    return (weeks * 5 + np.minimum(day, 5)) * DAY_SECONDS + today


@pytest.fixture(scope="module")
def rows():
    """The last row of each incident, read with nothing of the console's own."""

    def stamp(text: str) -> float:
        if text == "?":
            return np.nan
        return datetime.strptime(text, "%d/%m/%Y %H:%M").replace(tzinfo=UTC).timestamp()

    last: dict[str, dict[str, str]] = {}
    opened: dict[str, float] = {}
    with gzip.open(LOG, "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            last[row["number"]] = row
            at = stamp(row["opened_at"])
            opened[row["number"]] = min(opened.get(row["number"], at), at)
    numbers = [n for n, row in last.items() if row["priority"] == "3 - Moderate"]
    return (
        np.array(numbers),
        np.array([opened[n] for n in numbers]),
        np.array([stamp(last[n]["closed_at"]) for n in numbers]),
        np.array([last[n]["location"] for n in numbers]),
    )


def test_the_same_promises_are_kept_and_missed(report, rows) -> None:
    numbers, opened, closed, _ = rows
    taken = office_seconds(closed) - office_seconds(opened)
    wanted = dict(zip(numbers, taken > PROMISED, strict=True))
    found = {one.number: one.outcome == "missed" for one in report.promises}
    assert len(found) > 3000
    assert found == {number: bool(wanted[number]) for number in found}


def test_the_same_are_due_in_the_month(report, rows) -> None:
    numbers, opened, _, _ = rows
    # The latest moment at which so much is used up, minute by minute from the opening on.
    need = office_seconds(opened) + PROMISED
    end = office_seconds(np.array([MARCH.span.end.timestamp()]))[0]
    start = office_seconds(np.array([MARCH.span.start.timestamp()]))[0]
    wanted = {n for n, used in zip(numbers, need, strict=True) if start < used <= end}
    assert {one.number for one in report.promises} == wanted


def test_the_same_times_and_margins(report, rows) -> None:
    numbers, opened, closed, _ = rows
    place = {number: at for at, number in enumerate(numbers)}
    index = np.array([place[one.number] for one in report.promises])
    taken = (office_seconds(closed) - office_seconds(opened))[index]
    assert report.resolution.median == pytest.approx(np.median(taken))
    assert report.resolution.p90 == pytest.approx(np.quantile(taken, 0.9))
    margins = PROMISED - taken
    assert [one.margin for one in report.promises] == pytest.approx(margins)
    edges = [bar.high for bar in report.resolution_margins[:-1]]
    counts = np.bincount(np.searchsorted(edges, margins, side="right"), minlength=len(edges) + 1)
    assert [bar.met + bar.missed for bar in report.resolution_margins] == counts.tolist()


def test_the_same_by_client_and_by_weekday(report, rows) -> None:
    numbers, _, _, locations = rows
    where = dict(zip(numbers, locations, strict=True))
    for group in report.groups["client"]:
        place = "?" if group.name == "none" else group.name
        mine = [one for one in report.promises if where[one.number] == place]
        missed = sum(one.outcome == "missed" for one in mine)
        assert (group.resolution.tally.judged, group.resolution.tally.missed) == (len(mine), missed)
    days = [one.due.strftime("%a") for one in report.promises]
    for group in report.groups["weekday"]:
        assert group.resolution.tally.judged == days.count(group.name)


def test_nobody_gets_more_or_less_credit_than_there_is(report) -> None:
    whole = report.resolution.tally
    people = [group.resolution.tally for group in report.groups["technician"]]
    assert sum(tally.judged for tally in people) == pytest.approx(whole.judged)
    for one in report.promises:
        assert sum(credit.share for credit in one.credit) == pytest.approx(1)


def test_where_the_time_went_is_all_the_time_it_took(report) -> None:
    taken = {one.number: one.taken for one in report.promises}
    for breach in report.breaches:
        spent = timedelta(seconds=sum(part.seconds for part in breach.parts if not part.waiting))
        assert spent.total_seconds() == pytest.approx(taken[breach.number])


OFFICE = (8 * 3600, 18 * 3600)
TARGETS = {
    "1 - Critical": (1, 12),
    "2 - High": (2, 24),
    "3 - Moderate": (4, 65),
    "4 - Low": (8, 95),
}
HOLDS = ("Awaiting User Info", "Awaiting Vendor", "Awaiting Problem", "Awaiting Evidence")
ENDS = ("Resolved", "Closed")


@pytest.fixture(scope="module")
def whole():
    office = BusinessCalendar("UTC", {day: [("08:00", "18:00")] for day in DAYS})
    policies = [
        SLAPolicy(name, name, name, 60 * hours, resolution, calendar="office")
        for name, (hours, resolution) in TARGETS.items()
    ]
    phases = StatusPhases.of(HOLDS, ENDS)
    trial = Trial(policies, {"office": office}, office, phases, "resolved")
    history = past_tickets(load_log(LOG))
    until = end_of(history)
    frame = Frame(MARCH, until, Scope(), "the log")
    collector = Collector(frame.wide, MARCH.span, until)
    collector.add(lives_of(history, trial))
    return report_of(collector.finish(), frame)


@pytest.fixture(scope="module")
def bare():
    """What each incident was from when on, when it was answered and when it was over."""
    events: dict[str, list[dict[str, str]]] = {}
    with gzip.open(LOG, "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            events.setdefault(row["number"], []).append(row)
    return {number: Bare(rows) for number, rows in events.items()}


class TestWithHoldsAndHands:
    """All priorities, both promises, with holds: the same by arithmetic on the bare rows."""

    def test_each_promise_is_due_kept_and_late_as_by_hand(self, whole, bare) -> None:
        for one in (*whole.promises, *whole.around):
            incident = bare[one.number]
            response, resolution = TARGETS[incident.priority]
            answered = one.target == "RESPONSE"
            need = 3600 * (response if answered else resolution)
            end = incident.answered if answered else incident.over
            taken = incident.counted(incident.opened, end)
            assert one.taken == pytest.approx(taken)
            assert one.margin == pytest.approx(need - taken)
            assert (one.outcome == "missed") is (taken > need)
            holds = [hold for hold in incident.holds if hold[0] < end]
            due = one.due.timestamp()
            assert incident.counted(incident.opened, due, holds) == pytest.approx(need)
            assert incident.counted(incident.opened, due - 1, holds) < need

    def test_where_the_time_of_each_breach_went(self, whole, bare) -> None:
        assert len(whole.breaches) > 2000
        for one in whole.breaches:
            incident = bare[one.number]
            end = incident.answered if one.target == "RESPONSE" else incident.over
            found = {(p.technician, p.status, p.waiting): p.seconds for p in one.parts}
            assert found == pytest.approx(incident.parts(end))

    def test_each_promise_is_credited_by_the_time_in_hands(self, whole, bare) -> None:
        for one in whole.promises:
            incident = bare[one.number]
            end = incident.answered if one.target == "RESPONSE" else incident.over
            # What comes after the due time cannot change the verdict, and moves no credit.
            end = min(end, one.due.timestamp())
            spent: dict[str, float] = {}
            for (who, _, waiting), seconds in incident.parts(end).items():
                if not waiting:
                    spent[who] = spent.get(who, 0.0) + seconds
            wanted = {who: seconds / sum(spent.values()) for who, seconds in spent.items()}
            if wanted:
                found = {credit.technician: credit.share for credit in one.credit}
                assert found == pytest.approx(wanted)

    def test_held_time_by_technician(self, whole, bare) -> None:
        wanted: dict[str, list[float]] = {}
        for number in {one.number for one in whole.promises}:
            for (who, _, waiting), seconds in bare[number].parts(bare[number].over).items():
                mine = wanted.setdefault(who, [0.0, 0.0])
                mine[0] += seconds * waiting
                mine[1] += seconds
        found = {one.technician: [one.held, one.total] for one in whole.held}
        assert found.keys() == wanted.keys()
        for who, times in found.items():
            assert times == pytest.approx(wanted[who])


class Bare:
    """One incident, read from its rows with nothing of the console's own."""

    def __init__(self, rows: list[dict[str, str]]) -> None:
        self.opened = min(_stamp(row["opened_at"]) for row in rows)
        self.states: list[tuple[float, str, str]] = []
        self.answered = None
        status, self.priority, who = "New", "", "unassigned"
        priorities = []
        for row in sorted(rows, key=lambda row: _stamp(row["sys_updated_at"])):
            at = max(_stamp(row["sys_updated_at"]), self.opened)
            if not self.states and at > self.opened:
                self.states.append((self.opened, "New", who))
            status = _known(row["incident_state"]) or status
            who = _known(row["assigned_to"]) or who
            self.priority = _known(row["priority"]) or self.priority
            priorities.append((at, self.priority))
            self.states.append((at, status, who))
            if self.answered is None and status != "New":
                self.answered = at
        ends = [
            _stamp(row[field]) for field in ("closed_at", "resolved_at") for row in rows
            if row[field] != "?" and _stamp(row[field]) >= self.opened
        ]  # fmt: skip
        self.over = ends[-1]
        self.priority = [name for at, name in priorities if at <= self.over][-1]
        self.holds = self._holds()

    def _holds(self) -> list[tuple[float, float]]:
        found = []
        for (start, status, _), (end, _, _) in pairwise([*self.states, (math.inf, "", "")]):
            # Closed for good is no hold, and neither is what comes after the end.
            waits = status in HOLDS or (status in ENDS and self._opened_again(start))
            if waits and start < self.over:
                found.append((start, end))
        return found

    def _opened_again(self, moment: float) -> bool:
        return any(at > moment and status not in ENDS for at, status, _ in self.states)

    def counted(self, start: float, end: float, holds=None) -> float:
        """Return the office time of a span without its holds."""
        passed = _office(end) - _office(start)
        for low, high in self.holds if holds is None else holds:
            if max(low, start) < min(high, end):
                passed -= _office(min(high, end)) - _office(max(low, start))
        return passed

    def parts(self, end: float) -> dict[tuple[str, str, bool], float]:
        found: dict[tuple[str, str, bool], float] = {}
        for (start, status, who), (after, _, _) in pairwise([*self.states, (math.inf, "", "")]):
            until = min(after, end)
            if start >= until:
                continue
            counts = self.counted(start, until)
            held = _office(until) - _office(start) - counts
            for seconds, waiting in ((counts, False), (held, True)):
                if seconds:
                    key = who, status, waiting
                    found[key] = found.get(key, 0.0) + seconds
        return found


def _known(text: str) -> str | None:
    return None if text in {"?", "", "-100"} else text


def _stamp(text: str) -> float:
    return datetime.strptime(text, "%d/%m/%Y %H:%M").replace(tzinfo=UTC).timestamp()


def _office(moment: float) -> float:
    """Return the seconds from 08:00 to 18:00 of weekdays since Monday 2015-12-28."""
    start = datetime(2015, 12, 28, tzinfo=UTC).timestamp()
    days, rest = divmod(moment - start, 86400)
    weeks, day = divmod(days, 7)
    opens, closes = OFFICE
    today = min(max(rest - opens, 0), closes - opens) if day < 5 else 0
    return (weeks * 5 + min(day, 5)) * (closes - opens) + today
