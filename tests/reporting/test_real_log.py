"""The report of a real incident log, against a second computation with numpy over the same rows.

The log: "Incident management process enriched event log", UCI Machine Learning Repository, dataset
498 (C. A. L. Amaral, M. Fantinato, S. M. Peres), CC BY 4.0.
"""

import csv
import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from sla_console.domain.calendar import BusinessCalendar
from sla_console.domain.policy import SLAPolicy
from sla_console.domain.ticket import StatusPhases
from sla_console.reporting.backtest import Trial
from sla_console.reporting.build import Frame, report_of
from sla_console.reporting.from_past import end_of, lives_of
from sla_console.reporting.gather import Gatherer
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
    gatherer = Gatherer(frame.wide, MARCH.span, until)
    gatherer.add(lives_of(history, trial))
    return report_of(gatherer.finish(), frame)


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
