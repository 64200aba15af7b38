"""A whole board judged at once with arrays, and one ticket changed on the board of objects.

1,000, 100,000 and 1,000,000 tickets under fifty calendars. First ``judge_in_bulk``: time and bytes a
ticket, the ratio to a bare subtraction of two of the same arrays into a third (aim: under 300), and
what is left of the time when nothing but its look-ups is done. Then the board of objects: one ticket
changed, the next deadline, and what still grows with the board. A size of it that would take more
than 8 GiB or three minutes, judged by the size before, is left out.
"""

import gc
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from resource import getpagesize
from statistics import median

import numpy as np

from sla_console.domain.board import Health
from sla_console.domain.bulk import NONE, CalendarTable, JudgedClocks, judge_in_bulk
from sla_console.domain.calendar import WEEKDAYS, BusinessCalendar
from sla_console.domain.judgement import Observed
from sla_console.domain.policy import SLAPolicy
from sla_console.domain.risk import RiskThresholds
from sla_console.domain.sla_clock import ClockState
from sla_console.domain.ticket import Hold, StatusPhases, Ticket
from sla_console.domain.warning import WarningLevel
from sla_console.monitoring.board import BoardKeeper
from sla_console.monitoring.deadlines import Deadlines
from sla_console.monitoring.judging import Judge

SIZES, CALENDARS, ROUNDS, UPDATES = (1_000, 100_000, 1_000_000), 50, 15, 1_000
MOST_BYTES, MOST_SECONDS = 8 * 2**30, 180
NOW = datetime(2026, 11, 24, 13, tzinfo=UTC)
TABLE_DAYS = 60
ZONES = ("Europe/Dublin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Asia/Tokyo")

Arrays = dict[str, np.ndarray]


def calendars() -> list[BusinessCalendar]:
    """Every hour once; else an office week that differs in its zone, hours and holidays."""
    found = [BusinessCalendar.always()]
    for number in range(1, CALENDARS):
        hours = [(f"{7 + number % 3:02}:{number % 4 * 15:02}", "17:30")]
        week = dict.fromkeys(WEEKDAYS[: 5 + number % 2], hours)
        holidays = [date(2026, 11, 2 + number % 20), date(2026, 12, 25)]
        found.append(BusinessCalendar(ZONES[number % 5], week, holidays))
    return found


def board(count: int, table: CalendarTable) -> Arrays:
    """A month's tickets: half with SuperOps' own due time; some wait, some have been answered."""
    chance = np.random.default_rng(1)
    now = int(NOW.timestamp())
    numbers = chance.integers(0, CALENDARS, count)
    created = now - chance.integers(7_200, 30 * 86_400, count)
    target = chance.choice([4, 8, 24, 72], count) * 3600
    waited = np.where(chance.random(count) < 0.1, chance.integers(0, 1_800, count), 0)
    later = created + chance.integers(3_600, 7_200, count)
    held = table.open_time(numbers, created, created + waited)
    due = table.add(numbers, created, target + held)
    fate = chance.random(count)
    return {
        "numbers": numbers,
        "created": created,
        "target": target,
        "held": held,
        "stopped": np.where(fate < 0.1, later, NONE),
        "held_since": np.where(fate > 0.9, later, NONE),
        "due": np.where(chance.random(count) < 0.5, due, NONE),
        "waited": waited,
    }


def per_ticket(work: Callable[[], object], count: int) -> float:
    """Return nanoseconds a ticket, the median of several rounds after one that warms up."""
    work()
    spent = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        spent.append(time.perf_counter() - started)
    return median(spent) / count * 1e9


def in_bulk(count: int, table: CalendarTable) -> None:
    arrays = board(count, table)
    del arrays["waited"]
    created, target = arrays["created"], arrays["target"]
    kept = np.empty_like(created)

    def judged() -> JudgedClocks:
        return judge_in_bulk(table, now=NOW, **arrays)

    spent = per_ticket(judged, count)
    bare = per_ticket(lambda: np.subtract(created, target, out=kept), count)
    tracemalloc.start()
    results = judged()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    given = sum(array.nbytes for array in arrays.values())
    print(
        f"{count:,} tickets: {spent:.1f} ns a ticket, {spent * count / 1e6:.2f} ms in all; "
        f"bare subtraction {bare:.3f} ns; ratio {spent / bare:.0f} (aim: under 300)"
    )
    beside = (peak - results.nbytes) / 2**20
    print(
        f"  {given / count:.0f} bytes a ticket given, {results.nbytes / count:.0f} found, and at "
        f"most {beside:.1f} MiB beside them while it runs"
    )
    # The same look-ups with nothing around them: where it began, what it is due by, its own due
    # time, and the moment it is judged at.
    cells = np.random.default_rng(2).integers(0, 2**30, table.nbytes // 4, np.int32)
    places = arrays["numbers"] * (len(cells) // CALENDARS) + (created - created.min()) // 900
    looked = np.empty(count, np.int32)
    gathers = 4 * per_ticket(lambda: cells.take(places, out=looked, mode="clip"), count)

    def fill() -> list[np.ndarray]:
        fresh = [np.empty(count, kind) for kind in ("i8", "i8", "i8", "f8", "?", "i1")]
        for array in fresh:
            array[:] = 0
        return fresh

    filled = per_ticket(fill, count)
    print(
        f"  of it four bare look-ups in a table of {table.nbytes / 2**20:.0f} MiB {gathers:.1f} ns, "
        f"fresh memory for the results {filled:.1f} ns; the rest is arithmetic"
    )


def ticket(number: int, row: dict[str, int]) -> Ticket:
    def moment(name: str) -> datetime | None:
        return None if row[name] == NONE else datetime.fromtimestamp(row[name], UTC)

    held = row["held_since"] != NONE
    return Ticket(
        str(number),
        f"T-{number}",
        "Printer down",
        status="On Hold" if held else "Open",
        priority="High",
        client=f"Client {row['numbers']}-{row['target']}",
        technician_id=f"t{number % 40}",
        technician=f"Technician {number % 40}",
        created_at=moment("created"),
        updated_at=moment("held_since") or moment("created"),
        response_due=moment("due"),
        responded_at=moment("stopped"),
    )


def make_judge(hours: list[BusinessCalendar]) -> Judge:
    policies = [
        SLAPolicy(
            f"{number}-{target}",
            f"{number}-{target}",
            client=f"Client {number}-{target * 3600}",
            response_time_minutes=target * 60,
            resolution_time_hours=target * 2,
            calendar=str(number),
        )
        for number in range(CALENDARS)
        for target in (4, 8, 24, 72)
    ]
    return Judge(
        StatusPhases.of(("On Hold",), ("Closed",)),
        policies,
        {str(number): calendar for number, calendar in enumerate(hours)},
        thresholds=RiskThresholds(),
        warn_at=(WarningLevel(percent=75), WarningLevel(percent=90)),
    )


def rows_of(arrays: Arrays) -> list[dict[str, int]]:
    names = list(arrays)
    values = zip(*(array.tolist() for array in arrays.values()), strict=True)
    return [dict(zip(names, row, strict=True)) for row in values]


def check(table: CalendarTable, judge: Judge, count: int = 2_000) -> None:
    """Print how many tickets are judged otherwise one at a time."""
    arrays = board(count, table)
    rows = rows_of(arrays)
    del arrays["waited"]
    found = judge_in_bulk(table, now=NOW, **arrays)
    differ = 0
    for number, row in enumerate(rows):
        start = datetime.fromtimestamp(row["created"], UTC)
        holds = (Hold(start, start + timedelta(seconds=row["waited"])),) if row["waited"] else ()
        clock = judge.judge(ticket(number, row), Observed(holds)).response
        assert clock.due is not None
        left = clock.remaining(NOW)
        assert left is not None
        differ += (
            int(clock.due.timestamp()) != found.due[number]
            or left.total_seconds() != found.remaining[number]
            or (clock.state(NOW) is ClockState.BREACHED) != found.breached[number]
            or clock.consumed(NOW) != found.share[number]
        )
    late = int(found.breached.sum())
    print(f"{differ} of {count:,} tickets ({late:,} breached) differ when judged one at a time")


def resident() -> int:
    """Return the bytes that this process holds in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * getpagesize()


def milliseconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def of_objects(count: int, table: CalendarTable, judge: Judge) -> tuple[float, float]:
    """Return the bytes and the seconds a ticket of a board of objects of this size."""
    rows = rows_of(board(count, table))
    keeper, deadlines, found = BoardKeeper(judge.thresholds), Deadlines(), []

    def take(one: Ticket) -> None:
        judged = judge.judge(one)
        keeper.put(judged, NOW)
        deadlines.set(one.id, judge.deadlines(judged, NOW))

    gc.collect()
    before, started = resident(), time.perf_counter()
    for number, row in enumerate(rows):
        found.append(ticket(number, row))
        take(found[-1])
    seconds = (time.perf_counter() - started) / count
    size = (resident() - before) / count
    gc.collect()
    spent, asked = [], []
    chance = np.random.default_rng(3)
    for number in chance.integers(0, count, UPDATES).tolist():
        old = found[number]
        assert old.created_at is not None
        earlier = old.created_at - timedelta(seconds=number % 3_600 + 1)
        changed = replace(old, created_at=earlier, response_due=None)
        spent.append(milliseconds(lambda changed=changed: take(changed)))
        asked.append(milliseconds(deadlines.next))
    print(
        f"{count:,} tickets as objects: {size:.0f} bytes and {seconds * 1e6:.0f} µs a ticket; one "
        f"changed: {median(spent) * 1000:.0f} µs, worst of {UPDATES} {max(spent):.2f} ms; "
        f"next deadline: {median(asked) * 1000:.1f} µs, worst {max(asked):.3f} ms"
    )
    health = Health()
    snapshot = milliseconds(lambda: keeper.snapshot(NOW, health))
    removal = median(
        milliseconds(lambda one=one: keeper.remove(one.id)) for one in found[: min(count // 10, 25)]
    )
    soon = milliseconds(lambda: deadlines.until(NOW + timedelta(minutes=30)))
    sweep = milliseconds(deadlines._sweep)
    print(
        f"  grows with the board: a snapshot after them {snapshot:.1f} ms, dropping a ticket "
        f"{removal:.3f} ms, what is due within half an hour {soon:.2f} ms, sweeping old deadlines "
        f"{sweep:.1f} ms (once in about {count:,} changes)"
    )
    return size, seconds


def main() -> None:
    hours = calendars()
    started = time.perf_counter()
    span = timedelta(days=TABLE_DAYS)
    table = CalendarTable(hours, NOW - span, NOW + span)
    print(
        f"a table of {CALENDARS} calendars over {2 * TABLE_DAYS} days: "
        f"{(time.perf_counter() - started) * 1000:.0f} ms, {table.nbytes / 2**20:.1f} MiB"
    )
    judge = make_judge(hours)
    check(table, judge)
    print("judged at once with arrays:")
    for count in SIZES:
        in_bulk(count, table)
    print("judged one at a time, as the console does when a ticket changes:")
    size = seconds = 0.0
    for count in SIZES:
        if size * count > MOST_BYTES or seconds * count > MOST_SECONDS:
            print(
                f"{count:,} tickets as objects: left out; at the last size's rate they would take "
                f"{size * count / 2**30:.1f} GiB and {seconds * count:.0f} s"
            )
            continue
        size, seconds = of_objects(count, table, judge)


if __name__ == "__main__":
    main()
