"""Logs as people export them: what is read, how tickets live in them, and what is left out."""

import gzip
import random
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sla_console.domain.errors import UserError
from sla_console.domain.tickets.log_map import PRESETS, LogMap
from sla_console.domain.tickets.ticket import Hold, HoldReason
from sla_console.simulator.incident_log import IncidentLog, load_log
from sla_console.simulator.logs.guess import UnnamedColumnsError
from sla_console.simulator.past import past_tickets
from sla_console.simulator.replay import build_replay_desk

HEADER = (
    "number,incident_state,sys_updated_at,opened_at,priority,assignment_group,assigned_to,"
    "caller_id,location,category,resolved_at,closed_at,made_sla"
)
# Opened at 08:00, taken on at 08:30, resolved at 12:00.
ROWS = (
    "INC1,New,01/03/2016 08:00,01/03/2016 08:00,High,G,Ada,Cal,Loc,net,?,?,true",
    "INC1,Active,01/03/2016 08:30,01/03/2016 08:00,High,G,Ada,Cal,Loc,net,?,?,true",
    "INC1,Resolved,01/03/2016 12:00,01/03/2016 08:00,High,G,Ada,Cal,Loc,net,01/03/2016 12:00,?,true",
)
PLAIN = "\n".join([HEADER, *ROWS]) + "\n"
# A history of statuses, of which nothing but the columns is known.
HISTORY = LogMap({"number": ("ID",), "updated": ("At",), "status": ("Status",)}, rows="events")
TICKETS = LogMap(
    {
        "number": ("ID",),
        "created": ("Created",),
        "updated": ("Updated",),
        "status": ("Status",),
        "first_response": ("Answered",),
        "resolved": ("Resolved",),
        "closed": ("Closed",),
    },
    rows="tickets",
)


def at(hour: int, minute: int = 0, day: int = 1, month: int = 3) -> datetime:
    return datetime(2016, month, day, hour, minute, tzinfo=UTC)


@pytest.fixture
def read(tmp_path: Path):
    """Read a log from its text or bytes."""

    def load(
        content: str | bytes, plan: LogMap | None = None, name: str = "log.csv"
    ) -> IncidentLog:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return load_log(path, plan)

    return load


@pytest.fixture
def lives(read):
    """Read a log and return its tickets by number."""

    def load(content: str | bytes, plan: LogMap | None = None) -> dict:
        return {past.number: past for past in past_tickets(read(content, plan))}

    return load


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(PLAIN.encode(), id="as it is"),
        pytest.param(PLAIN.replace(",", ";").encode(), id="semicolons"),
        pytest.param(PLAIN.replace(",", "\t").encode(), id="tabs"),
        pytest.param(PLAIN.replace(",", "|").encode(), id="bars"),
        pytest.param(b"\xef\xbb\xbf" + PLAIN.encode(), id="byte order mark"),
        pytest.param(PLAIN.encode("utf-16"), id="UTF-16"),
        pytest.param(PLAIN.encode("utf-16-be"), id="UTF-16 without a mark"),
        pytest.param(PLAIN.encode("utf-32"), id="UTF-32"),
        pytest.param(b"sep=,\r\n" + PLAIN.encode(), id="sep= line"),
        pytest.param(b'"sep=;"\n' + PLAIN.replace(",", ";").encode(), id="sep= in quotes"),
        pytest.param(PLAIN.replace("\n", "\r\n").encode(), id="Windows line ends"),
        pytest.param(PLAIN.replace("\n", "\r").encode(), id="old line ends"),
        pytest.param(PLAIN.replace("\n", "\r\n", 2).encode(), id="mixed line ends"),
        pytest.param(b"\n\r\n" + PLAIN.encode(), id="empty lines first"),
        pytest.param(PLAIN.replace(":00,", ":00:00,").encode(), id="seconds"),
        pytest.param(PLAIN.replace("01/03/2016 ", "2016-03-01T").encode(), id="ISO"),
        pytest.param(PLAIN.replace("01/03/2016 ", "2016-03-01 ").encode(), id="ISO with a space"),
        pytest.param(PLAIN.replace("01/03/2016 ", "1.3.16 ").encode(), id="dots"),
        pytest.param(PLAIN.replace("01/03/2016 ", "01/Mar/16 ").encode(), id="month names"),
        pytest.param(PLAIN.replace("true\n", "true,,\n").encode(), id="empty cells at the end"),
        pytest.param(PLAIN.replace(",net,", ',"net\nwork",').encode(), id="quoted line break"),
        pytest.param(PLAIN.replace(",INC1", ',="INC1"').encode(), id="kept from the spreadsheet"),
        pytest.param(gzip.compress(PLAIN.encode()), id="gzip without its ending"),
        pytest.param(
            PLAIN.replace("01/03/2016 08:00", "42430.333333")
            .replace("01/03/2016 08:30", "42430.354167")
            .replace("01/03/2016 12:00", "42430.5")
            .encode(),
            id="spreadsheet numbers",
        ),
        pytest.param(
            # 1 March 2016 00:00 UTC is 1456790400.
            PLAIN.replace("01/03/2016 08:00", "1456819200")
            .replace("01/03/2016 08:30", "1456821000000")
            .replace("01/03/2016 12:00", "1456833600")
            .encode(),
            id="epoch",
        ),
    ],
)
def test_however_it_is_written_it_is_the_same_log(lives, content: bytes) -> None:
    (past,) = lives(content).values()
    assert (past.opened_at, past.responded_at, past.resolved_at) == (at(8), at(8, 30), at(12))
    assert [(state.at, state.status) for state in past.states] == [
        (at(8), "New"), (at(8, 30), "Active"), (at(12), "Resolved")
    ]  # fmt: skip
    assert (past.client, past.states[-1].technician) == ("Loc", "Ada")


def test_cp1252_is_read_where_the_map_says_so_and_counted_where_not(read) -> None:
    content = PLAIN.replace("Ada", "Jörg").encode("cp1252")
    plan = replace(PRESETS["uci"], encoding="cp1252")
    assert read(content, plan).events[0].technician == "Jörg"
    log = read(content)
    assert log.events[0].technician == "J\N{REPLACEMENT CHARACTER}rg"
    assert log.report.faults == {"characters that are no UTF-8, replaced": [2, 3, 4]}


class TestDayAndMonth:
    def dates(self, *texts: str) -> str:
        rows = (f"{place},New,{text} 08:00" for place, text in enumerate(texts))
        return "ID,Status,At\n" + "\n".join(rows)

    def test_one_date_proves_all_of_them(self, read) -> None:
        log = read(self.dates("03/02/2016", "03/13/2016"), HISTORY)
        assert [event.at for event in log.events] == [at(8, day=2), at(8, day=13)]
        log = read(self.dates("03/02/2016", "13/02/2016"), HISTORY)
        assert [event.at for event in log.events] == [at(8, 0, 3, 2), at(8, 0, 13, 2)]

    def test_where_none_does_both_readings_are_named(self, read) -> None:
        with pytest.raises(UserError, match="cannot be told apart") as refusal:
            read(self.dates("03/02/2016", "03/03/2016"), HISTORY)
        assert "line 2 is 03 February 2016" in str(refusal.value)
        assert "and 02 March 2016" in str(refusal.value)
        assert "date_format in [log]" in str(refusal.value)

    def test_what_is_the_same_either_way_needs_no_word(self, read) -> None:
        assert read(self.dates("03/03/2016"), HISTORY).first == at(8, day=3)

    def test_a_log_that_proves_both_is_refused_with_both_lines(self, read) -> None:
        with pytest.raises(
            UserError, match=r"line 2 can only be day-month.* line 3 only month-day"
        ):
            read(self.dates("13/03/2016", "03/14/2016"), HISTORY)

    def test_the_map_decides_and_the_others_are_left_out(self, read) -> None:
        plan = replace(HISTORY, date_format="day-month")
        log = read(self.dates("13/03/2016", "03/14/2016", "02/03/2016"), plan)
        assert [event.at for event in log.events] == [at(8, day=2), at(8, day=13)]
        assert log.report.faults == {"unreadable time, left out": [3]}

    def test_a_map_that_the_dates_disprove_is_refused(self, read) -> None:
        plan = replace(HISTORY, date_format="day-month", where="map.toml")
        with pytest.raises(
            UserError, match=r"map.toml: log.date_format: .*line 3 can only be month"
        ):
            read(self.dates("03/02/2016", "03/13/2016"), plan)

    def test_the_public_log_is_day_first_unless_its_dates_prove_otherwise(self, read) -> None:
        us = PLAIN.replace("01/03/2016", "03/01/2016")
        assert read(us).first == at(8, 0, 3, 1)
        assert read(us.replace("03/01/2016 12:00", "03/13/2016 12:00")).first == at(8)

    def test_the_public_log_too_is_refused_where_its_dates_prove_both(self, read) -> None:
        later = ROWS[0].replace("01/03/2016", "13/03/2016"), ROWS[1].replace("01/03", "03/14")
        with pytest.raises(UserError, match=r"mixed: '13/03/2016 08:00' in line 2 .* in line 3"):
            read("\n".join([HEADER, *later]) + "\n")

    def test_half_turned_into_numbers_by_a_spreadsheet_is_refused(self, read) -> None:
        """1 March became 3 January as a number, 13 March stayed text: neither may be believed."""
        content = "ID,Status,At\n1,New,42372.333\n2,New,13/03/2016 08:00\n"
        with pytest.raises(UserError, match=r"written in two ways: .*'42372\.333' in line 2"):
            read(content, HISTORY)

    def test_a_date_without_a_time_is_left_out_and_says_why(self, read) -> None:
        log = read("ID,Status,At\n1,New,2016-03-01\n2,New,2016-03-01 08:00\n", HISTORY)
        assert log.report.faults == {"a date without a time, left out": [2]}

    def test_a_pattern_of_ones_own(self, read) -> None:
        plan = replace(HISTORY, date_format="%Y%m%d %H%M")
        assert read("ID,Status,At\n1,New,20160301 0800\n", plan).first == at(8)


class TestZones:
    BERLIN = replace(HISTORY, timezone="Europe/Berlin")

    def moments(self, read, *texts: str) -> tuple[list[datetime], dict]:
        rows = (f"1,S{place},{text}" for place, text in enumerate(texts))
        log = read("ID,Status,At\n" + "\n".join(rows), self.BERLIN)
        by_row = {event.state: event.at for event in log.events}
        return [by_row[f"S{place}"] for place in range(len(texts))], dict(log.report.faults)

    def test_times_without_a_zone_are_in_that_of_the_map(self, read) -> None:
        """Berlin is an hour ahead of UTC in March, two in July."""
        found, faults = self.moments(read, "2016-03-01 09:00", "2016-07-01 09:00")
        assert found == [at(8), at(7, month=7)]
        assert not faults

    def test_a_zone_that_is_written_counts(self, read) -> None:
        found, _ = self.moments(read, "2016-03-01T09:00Z", "2016-03-01T09:00-05:00")
        assert found == [at(9), at(14)]

    def test_the_hour_that_comes_twice_is_told_apart_by_what_was_before(self, read) -> None:
        """On 30 October 2016, 02:50 comes before 02:10 only if the second is an hour later."""
        found, faults = self.moments(read, "2016-10-30 02:50", "2016-10-30 02:10")
        assert found == [at(0, 50, 30, 10), at(1, 10, 30, 10)]
        assert faults == {"time in the hour that comes twice, read as the first": [2]}

    def test_the_hour_that_is_skipped_is_counted(self, read) -> None:
        """On 27 March 2016 no clock shows 02:30; half an hour after 01:59 is 03:30 or 01:30 UTC."""
        found, faults = self.moments(read, "2016-03-27 02:30")
        assert found == [at(1, 30, 27)]
        assert faults == {"time in an hour that its zone skips, read as the hour after": [2]}


class TestHistories:
    """A row is an event: holds, response and end follow from the statuses."""

    PLAN = replace(
        HISTORY, new=("New",), hold=("On Hold",), closed=("Resolved", "Closed", "Canceled")
    )

    def past(self, lives, *rows: str, plan: LogMap = PLAN):
        content = "ID,Status,At\n" + "".join(f"1,{row}\n" for row in rows)
        return lives(content, plan)["1"]

    def test_a_status_that_holds_is_a_hold(self, lives) -> None:
        past = self.past(
            lives, "New,2016-03-01 08:00", "In Progress,2016-03-01 08:30", "On Hold,2016-03-01 09:00",
            "In Progress,2016-03-05 09:00", "Resolved,2016-03-05 10:00",
        )  # fmt: skip
        assert past.responded_at == at(8, 30)
        assert past.resolved_at == at(10, day=5)
        assert past.holds(self.PLAN.phases(), past.resolved_at, "resolved") == (
            Hold(at(9), at(9, day=5)),
        )

    def test_without_a_column_of_ends_the_last_status_that_ends_it_counts(self, lives) -> None:
        past = self.past(lives, "New,2016-03-01 08:00", "Canceled,2016-03-01 20:00")
        assert (past.resolved_at, past.closed_at) == (at(20), at(20))

    def test_resolved_is_not_closed_yet(self, lives) -> None:
        rows = ("New,2016-03-01 08:00", "Resolved,2016-03-01 10:00")
        assert self.past(lives, *rows).closed_at is None
        past = self.past(lives, *rows, "Closed,2016-03-03 10:00")
        assert (past.resolved_at, past.closed_at) == (at(10), at(10, day=3))

    def test_reopened_it_ends_with_the_last_end_and_the_gap_is_no_work(self, lives) -> None:
        past = self.past(
            lives, "New,2016-03-01 08:00", "Resolved,2016-03-01 10:00", "In Progress,2016-03-01 15:00",
            "Resolved,2016-03-01 15:05",
        )  # fmt: skip
        assert past.resolved_at == at(15, 5)
        holds = past.holds(self.PLAN.phases(), past.resolved_at, "resolved")
        assert holds == (Hold(at(10), at(15), HoldReason.CLOSED),)

    def test_reopened_and_not_ended_it_is_open(self, lives) -> None:
        past = self.past(
            lives, "New,2016-03-01 08:00", "Closed,2016-03-01 10:00", "In Progress,2016-03-01 15:00"
        )
        assert (past.resolved_at, past.closed_at) == (None, None)

    def test_an_end_that_a_column_kept_from_before_the_reopening_is_none(self, lives) -> None:
        plan = replace(self.PLAN, columns={**HISTORY.columns, "resolved": ("Resolved at",)})
        content = (
            "ID,Status,At,Resolved at\n"
            "1,New,2016-03-01 08:00,\n"
            "1,Resolved,2016-03-01 10:00,2016-03-01 10:00\n"
            "1,In Progress,2016-03-01 15:00,2016-03-01 10:00\n"
        )
        assert lives(content, plan)["1"].resolved_at is None
        content += "1,Resolved,2016-03-01 16:00,2016-03-01 10:00\n"
        assert lives(content, plan)["1"].resolved_at == at(16)

    def test_the_first_status_is_no_answer_where_nobody_says_which_are_new(self, lives) -> None:
        past = self.past(
            lives, "Open,2016-03-01 08:00", "Open,2016-03-01 08:10", "Working,2016-03-01 09:00",
            plan=replace(self.PLAN, new=()),
        )  # fmt: skip
        assert past.responded_at == at(9)

    def test_only_the_statuses_that_answer_do_where_they_are_named(self, lives) -> None:
        past = self.past(
            lives, "New,2016-03-01 08:00", "Assigned,2016-03-01 08:10", "Replied,2016-03-01 09:00",
            plan=replace(self.PLAN, answered=("Replied",)),
        )  # fmt: skip
        assert past.responded_at == at(9)

    def test_a_column_of_first_responses_counts_before_the_statuses(self, lives) -> None:
        plan = replace(self.PLAN, columns={**HISTORY.columns, "first_response": ("Answered",)})
        content = (
            "ID,Status,At,Answered\n1,New,2016-03-01 08:00,\n"
            "1,Working,2016-03-01 08:10,2016-03-01 09:30\n2,New,2016-03-01 08:00,\n"
            "2,Working,2016-03-01 08:10,\n"
        )
        found = lives(content, plan)
        assert (found["1"].responded_at, found["2"].responded_at) == (at(9, 30), None)

    def test_a_priority_that_changes_is_what_it_was_at_each_moment(self, lives) -> None:
        plan = replace(self.PLAN, columns={**HISTORY.columns, "priority": ("P",)})
        content = "ID,Status,At,P\n1,New,2016-03-01 08:00,Low\n1,Open,2016-03-01 09:00,High\n"
        past = lives(content, plan)["1"]
        assert past.state_at(at(8, 59)).priority == "Low"
        assert past.state_at(at(9)).priority == "High"

    def test_the_newest_first_is_as_good_down_to_the_same_minute(self, read) -> None:
        log = read(
            "ID,Status,At\n1,Resolved,2016-03-01 10:00\n1,Open,2016-03-01 09:00\n"
            "1,Assigned,2016-03-01 09:00\n1,New,2016-03-01 08:00\n",
            self.PLAN,
        )
        assert [event.state for event in log.events] == ["New", "Assigned", "Open", "Resolved"]
        assert not log.report.faults


class TestTicketsInOneRow:
    HEAD = "ID,Created,Updated,Status,Answered,Resolved,Closed\n"
    PLAN = replace(TICKETS, hold=("On Hold",), closed=("Resolved", "Closed"))

    def past(self, read, row: str, plan: LogMap = PLAN):
        log = read(self.HEAD + row + "\n", plan)
        return past_tickets(log)[0], dict(log.report.faults)

    def test_it_is_answered_and_resolved_when_its_columns_say(self, read) -> None:
        row = "1,2016-03-01 08:00,2016-03-09 08:00,Closed,2016-03-01 08:20,2016-03-01 12:00,"
        past, faults = self.past(read, row + "2016-03-04 12:00")
        assert (past.responded_at, past.resolved_at) == (at(8, 20), at(12))
        assert past.closed_at == at(12, day=4)
        assert not faults

    def test_its_last_change_is_no_answer(self, read) -> None:
        past, _ = self.past(read, "1,2016-03-01 08:00,2016-03-01 09:00,Working,,,")
        assert past.responded_at is None
        assert past.resolved_at is None

    def test_on_hold_it_waits_from_its_last_change(self, read) -> None:
        past, _ = self.past(read, "1,2016-03-01 08:00,2016-03-01 11:00,On Hold,,,")
        assert past.holds(self.PLAN.phases(), None, "resolved") == (Hold(at(11)),)

    def test_an_end_without_a_time_is_its_last_change_and_counted(self, read) -> None:
        past, faults = self.past(read, "1,2016-03-01 08:00,2016-03-02 08:00,Resolved,,,")
        assert past.resolved_at == at(8, day=2)
        assert faults == {"no time of its end, its last change taken": [2]}

    def test_an_end_that_nothing_dates_is_left_out(self, read) -> None:
        with pytest.raises(
            UserError, match=r"1 x ended, but no time says when, left out \(lines 2\)"
        ):
            self.past(read, "1,2016-03-01 08:00,,Resolved,,,")

    def test_the_status_decides_whether_it_was_opened_again(self, read) -> None:
        row = "1,2016-03-01 08:00,2016-03-03 08:00,Working,,2016-03-01 12:00,"
        past, faults = self.past(read, row)
        assert past.resolved_at is None
        assert faults == {"it has the time of an end and a status that is none, read as open": [2]}

    def test_minutes_count_from_the_opening(self, lives) -> None:
        columns = {"number": ("ID",), "created": ("Created",)}
        columns |= {"first_response_minutes": ("First",), "resolved_minutes": ("Full",)}
        found = lives("ID,Created,First,Full\n7,2016-03-01 08:00,30,240.0\n", LogMap(columns))
        assert (found["7"].responded_at, found["7"].resolved_at) == (at(8, 30), at(12))

    def test_of_two_rows_of_a_ticket_the_later_counts_and_the_other_is_counted(self, read) -> None:
        log = read(
            self.HEAD + "1,2016-03-01 08:00,2016-03-02 08:00,Resolved,,2016-03-02 08:00,\n"
            "1,2016-03-01 08:00,2016-03-01 09:00,Working,,,\n",
            self.PLAN,
        )
        assert past_tickets(log)[0].resolved_at == at(8, day=2)
        assert log.report.faults == {"the ticket on another row too, its last state counts": [3]}

    def test_times_in_an_impossible_order_are_counted(self, read) -> None:
        row = "1,2016-03-01 08:00,2016-03-02 08:00,Resolved,2016-02-28 08:00,2016-02-29 08:00,"
        past, faults = self.past(read, row)
        assert (past.responded_at, past.resolved_at) == (at(8), at(8, day=2))
        assert faults == {
            "first response before it was opened, taken as at the opening": [2],
            "resolved before it was opened": [2],
            "no time of its end, its last change taken": [2],
        }


class TestPresets:
    def test_servicenow_with_its_labels_and_no_history(self, lives) -> None:
        content = (
            '"Number","Opened","Short description","Caller","Priority","State","Category",'
            '"Assignment group","Assigned to","Updated","Resolved","Closed"\n'
            '"INC1","2016-03-01 08:00:00","Mail","Cal","2 - High","Closed","net","Desk","Ada",'
            '"2016-03-08 12:00:00","2016-03-01 12:00:00","2016-03-08 12:00:00"\n'
            '"INC2","2016-03-01 08:00:00","Mail","Cal","2 - High","On Hold","net","Desk","Ada",'
            '"2016-03-01 09:00:00","",""\n'
        )
        found = lives(content, PRESETS["servicenow"])
        assert (found["INC1"].resolved_at, found["INC1"].closed_at) == (at(12), at(12, day=8))
        assert found["INC2"].holds(PRESETS["servicenow"].phases(), None, "resolved") == (
            Hold(at(9)),
        )

    def test_servicenow_with_the_history_of_a_metric(self, lives) -> None:
        content = (
            "ID,Definition,Value,Start,End\n"
            "INC1,State,New,2016-03-01 08:00:00,2016-03-01 08:30:00\n"
            "INC1,State,In Progress,2016-03-01 08:30:00,2016-03-01 12:00:00\n"
            "INC1,State,Resolved,2016-03-01 12:00:00,\n"
        )
        past = lives(content, PRESETS["servicenow"])["INC1"]
        assert (past.opened_at, past.responded_at, past.resolved_at) == (at(8), at(8, 30), at(12))

    def test_jira(self, lives) -> None:
        content = (
            "Summary,Issue key,Issue id,Issue Type,Status,Project key,Priority,Resolution,Assignee,"
            "Reporter,Created,Updated,Resolved\n"
            "Broken,HD-1,10001,Incident,Resolved,HD,High,Done,ada,cal,01/Mar/16 8:00 AM,"
            "01/Mar/16 12:00 PM,01/Mar/16 12:00 PM\n"
        )
        past = lives(content, PRESETS["jira"])["HD-1"]
        assert (past.opened_at, past.resolved_at, past.client) == (at(8), at(12), "HD")

    def test_zendesk_with_minutes(self, lives) -> None:
        content = (
            "ID,Requester,Subject,Status,Priority,Group,Assignee,Created at,Updated at,"
            "First reply time in minutes,Solved at\n"
            "7,Cal,Mail,Closed,High,Desk,Ada,2016-03-01 08:00,2016-03-05 08:00,30,2016-03-01 12:00\n"
        )
        past = lives(content, PRESETS["zendesk"])["7"]
        assert (past.responded_at, past.resolved_at) == (at(8, 30), at(12))

    def test_the_columns_of_the_map_count_before_the_preset(self, lives) -> None:
        mine = LogMap(
            {"client": ("Kunde",)}, written=frozenset({"columns.client", "hold"}), hold=("Wartet",)
        ).over(PRESETS["jira"])
        found = lives("Key,Created,Status,Kunde\nA-1,2016-03-01 08:00,Open,Acme\n", mine)
        assert found["A-1"].client == "Acme"
        assert mine.hold == ("Wartet",)
        assert "Done" in (mine.closed or ())


class TestGuesses:
    CONTENT = (
        "Ticket No;Opened on;State;Solved at;Customer\n7;13/03/2016 08:00;Done;13/03/2016 09:00;A\n"
    )

    def test_a_guess_is_raised_with_its_map_and_not_used(self, read) -> None:
        with pytest.raises(UnnamedColumnsError) as guess:
            read(self.CONTENT)
        assert guess.value.doubt is None
        assert guess.value.map.startswith("[log]\n")
        for line in ('delimiter = ";"', 'date_format = "day-month"', 'number = "Ticket No"'):
            assert line in guess.value.map

    def test_a_guess_cannot_decide_between_day_and_month(self, read) -> None:
        with pytest.raises(UnnamedColumnsError) as guess:
            read(self.CONTENT.replace("13/03", "03/04"))
        assert "is 03 April 2016" in str(guess.value.doubt)
        assert '# date_format = "month-day"' in guess.value.map

    def test_windows_letters_in_a_row_are_part_of_the_guess(self, read) -> None:
        with pytest.raises(UnnamedColumnsError) as guess:
            read(self.CONTENT.replace(";A\n", ";Jörg\n").encode("cp1252"))
        assert 'encoding = "cp1252"' in guess.value.map

    def test_windows_letters_in_the_first_line_are_part_of_the_guess(self, read) -> None:
        content = self.CONTENT.replace("Customer", "Priorität;Customer").replace(";A\n", ";1;A\n")
        with pytest.raises(UnnamedColumnsError) as guess:
            read(content.encode("cp1252"))
        assert 'encoding = "cp1252"' in guess.value.map

    def test_nothing_known_is_refused_with_what_is_there(self, read) -> None:
        with pytest.raises(UserError, match="columns missing in the first line: number"):
            read("colour,shape\nred,round\n")

    @pytest.mark.parametrize(
        ("columns", "complaint"),
        [
            ({"number": "Isue"}, "log.columns.number: found 'Isue', .* did you mean 'Issue'"),
            ({"number": "Issue"}, "no column is known for created or updated"),
            ({"number": "Issue", "created": "Made", "resolved": "Twice"}, "'Twice' 2 times"),
        ],
    )
    def test_a_map_that_does_not_fit_says_what_is_wrong(self, read, columns, complaint) -> None:
        plan = LogMap(
            {field: (name,) for field, name in columns.items()},
            written=frozenset(f"columns.{field}" for field in columns),
            where="map.toml",
        )
        with pytest.raises(UserError, match=complaint) as refusal:
            read("Issue,Made,Twice,twice\n1,2016-03-01 08:00,,\n", plan)
        assert "\n" not in str(refusal.value)


class TestDirt:
    """A spoilt row is counted with its line and costs no other row."""

    def faults(self, read, *rows: str | bytes) -> dict:
        dirt = b"\n".join(row.encode() if isinstance(row, str) else row for row in rows)
        log = read(b"\n".join([HEADER.encode(), dirt, *(row.encode() for row in ROWS)]) + b"\n")
        assert {event.number for event in log.events} >= {"INC1"}
        assert len({p.number: p for p in past_tickets(log)}["INC1"].states) == 3
        return dict(log.report.faults)

    @pytest.mark.parametrize(
        ("row", "fault"),
        [
            ("x," * 400_000, "wrong number of columns, left out"),
            ("x" * 2_000_000, "a line of more than 1,000,000 characters, left out"),
            (
                "INC9," + "y" * 200_000 + "," * 11,
                "a cell of more than 131,072 characters, left out",
            ),
            ('INC9,"New' + "," * 11, "quotes that do not match, left out"),
            (HEADER, "the names of the columns again, left out"),
            ("\ufeff" + HEADER, "the names of the columns again, left out"),
            ("INC9,New,03/2016,01/03/2016 08:00" + "," * 9, "unreadable time, left out"),
            (",New,01/03/2016 08:00,01/03/2016 08:00" + "," * 9, "no incident number, left out"),
        ],
    )
    def test_a_row_that_is_no_use_is_left_out(self, read, row: str, fault: str) -> None:
        assert self.faults(read, row) == {fault: [2]}

    def test_the_same_row_again_is_counted(self, read) -> None:
        log = read(PLAIN + "\n".join(ROWS))
        assert log.report.faults["the same row again"] == [5, 6, 7]
        assert past_tickets(log)[0].resolved_at == at(12)

    def test_the_same_row_again_may_be_one_more_event_of_that_minute(self, read) -> None:
        """On hold and back within a minute: the third row is like the first and ends the hold."""
        plan = replace(HISTORY, hold=("On Hold",), closed=())
        content = "ID,Status,At\n" + "".join(
            f"1,{s},2016-03-01 08:00\n" for s in ("Open", "On Hold", "Open")
        )
        (past,) = past_tickets(read(content, plan))
        assert past.states[-1].status == "Open"

    def test_quotes_that_nobody_closes_cost_little_time(self, read) -> None:
        """Each of 3,000 long lines opens a quote that could go on over the next 200."""
        spoilt = 'I,"""' + "x" * 4_000 + "\n"
        log = read(PLAIN + spoilt * 3_000)
        assert len(log.report.faults["quotes that do not match, left out"]) >= 2_900
        assert len(log.events) == 3

    def test_a_forgotten_quote_swallows_no_row_though_later_ones_have_quotes(self, read) -> None:
        spoilt = ROWS[1].replace("INC1", "INC8").replace("net", '"net')
        quoted = ROWS[1].replace("INC1", "INC7").replace("net", '"net, work"')
        assert self.faults(read, spoilt, quoted) == {"quotes that do not match, left out": [2]}

    def test_a_row_over_three_lines_counts_by_its_first(self, read) -> None:
        long = ROWS[1].replace("INC1", "").replace("net", '"a ""b""\r\n\nc"')
        assert self.faults(read, long)["no incident number, left out"] == [2]

    def test_zeros_and_marks_in_a_row_are_taken_out_of_it(self, read) -> None:
        found = self.faults(
            read, ROWS[1].replace("INC1", "I\0"), "\ufeff" + ROWS[1].replace("1", "2")
        )
        assert found["characters with the value zero, replaced"] == [2]
        assert found["a byte order mark inside the log, taken away"] == [3]

    def test_what_looks_like_a_formula_is_text(self, read) -> None:
        row = ROWS[1].replace("INC1", "=1+1").replace("Ada", "=HYPERLINK(0)")
        log = read(f"{HEADER}\n{row}")
        assert (log.events[0].number, log.events[0].technician) == ("=1+1", "=HYPERLINK(0)")

    def test_a_log_of_nothing_else_says_all_that_was_left_out(self, read) -> None:
        content = f"{HEADER}\nINC1,New\nINC2,Old\n,New,{'01/03/2016 08:00,' * 2}" + "," * 8
        with pytest.raises(UserError, match="3 rows") as refusal:
            read(content)
        assert "2 x wrong number of columns, left out (lines 2, 3)" in str(refusal.value)
        assert "1 x no incident number, left out (lines 4)" in str(refusal.value)

    @pytest.mark.parametrize(
        ("content", "complaint"),
        [
            (",".join(f"c{n}" for n in range(200_000)), "more than 1,000,000 characters"),
            (",".join("abc" for _ in range(9_000)), "names 9,000 columns"),
            (b"PK\x03\x04" + b"\0" * 40, "a workbook or an archive; expected CSV"),
            (b"\x89PNG\r\n\x1a\n" + b"\0\1\2" * 40, "no text"),
        ],
    )
    def test_what_is_no_log_is_refused(self, read, content, complaint: str) -> None:
        with pytest.raises(UserError, match=complaint):
            read(content)


def test_a_log_of_tickets_can_be_replayed_with_its_answers_and_holds(read) -> None:
    """HD-1 is answered at 08:20 and resolved at 12:00; HD-2 waits from 09:00 on."""
    log = read(
        "Key,Created,Updated,Status,Priority,First response,Resolved\n"
        "HD-1,2016-03-01 08:00,2016-03-01 12:00,Done,Highest,2016-03-01 08:20,2016-03-01 12:00\n"
        "HD-2,2016-03-01 08:00,2016-03-01 09:00,Waiting for customer,Low,,\n",
        PRESETS["jira"],
    )
    desk = build_replay_desk(log, at(8, 30))
    by_number = {ticket.number: ticket for ticket in desk.tickets.values()}
    assert by_number["HD-1"].responded == at(8, 20)
    assert by_number["HD-1"].resolution_due == at(16)
    assert by_number["HD-2"].responded is None
    assert desk.priorities == ("Highest", "Low")
    desk.advance(at(12))
    assert not desk.is_open(by_number["HD-1"])
    assert by_number["HD-2"].held_since == at(9)


def test_whatever_is_broken_in_a_log_it_is_read_or_refused_in_one_sentence(read) -> None:
    """A hundred logs, each with a few pieces cut out or put in; the seed is fixed."""
    chance = random.Random(13)
    pieces = (
        b'"', b"\0", b"\xff", b"\r", b"\n", b",", b";", b"\xef\xbb\xbf", b"9999-12-31 23:59",
        b"0001-01-01 00:00", b"99999.9", b"9999999999999", b"=1+1", b"2016-03-01T08:00+99:99",
        b"\x1b[31m", b"31/02/2016 08:00", b"01/0/2016 08:00", b"1" * 70,
    )  # fmt: skip
    whole = (PLAIN.encode(), PLAIN.encode("utf-16"), TestTicketsInOneRow.HEAD.encode() + b"1,,,,,,")
    said = set()
    for _ in range(100):
        content = bytearray(chance.choice(whole))
        for _ in range(chance.randint(1, 5)):
            place = chance.randrange(len(content))
            content[place : place + chance.choice((0, 1, 12))] = chance.choice((b"", *pieces))
        for plan in (None, replace(TICKETS, timezone="Europe/Berlin")):
            try:
                log = read(bytes(content), plan)
                build_replay_desk(log, log.last)
                said.add("")
            except UserError as refusal:
                said.add(str(refusal))
    assert "" in said
    assert len(said) > 5
    assert not any("\n" in sentence for sentence in said)
