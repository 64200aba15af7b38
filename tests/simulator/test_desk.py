"""A living desk, the same for the same seed, and a desk that lives a recorded life."""

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sla_console.domain.errors import UserError
from sla_console.simulator.incident_log import load_log
from sla_console.simulator.life import build_desk
from sla_console.simulator.replay import build_replay_desk

START = datetime(2026, 10, 12, 9, tzinfo=UTC)
REAL = Path(__file__).parents[3] / "shared" / "data" / "incident_event_log_until_2016-03-13.csv.gz"
HEADER = (
    "number,incident_state,sys_updated_at,opened_at,priority,assignment_group,assigned_to,"
    "caller_id,location,category,resolved_at"
)


def picture(desk) -> list[tuple]:
    return [
        (
            t.number,
            t.subject,
            t.status,
            t.priority,
            t.technician and t.technician.name,
            t.responded,
            t.resolution_due,
            t.resolved,
        )
        for t in desk.tickets.values()
    ]


def waiting(desk, due: str) -> list[datetime]:
    moments = [
        getattr(t, due) for t in desk.tickets.values() if desk.is_open(t) and not t.held_since
    ]
    return [m for m in moments if m is not None]


class TestLife:
    def test_the_same_seed_gives_the_same_desk_however_it_is_brought_forward(self) -> None:
        often, once = build_desk(3, 80, START), build_desk(3, 80, START)
        for minute in range(0, 1440, 7):
            often.advance(START + timedelta(minutes=minute))
        often.advance(START + timedelta(days=1))
        once.advance(START + timedelta(days=1))
        assert picture(often) == picture(once)
        assert picture(build_desk(4, 80, START)) != picture(build_desk(3, 80, START))

    def test_it_begins_with_as_many_open_tickets_as_asked_for(self) -> None:
        desk = build_desk(1, 150, START)
        assert sum(desk.is_open(t) for t in desk.tickets.values()) == 150

    def test_something_falls_due_within_minutes(self) -> None:
        desk = build_desk(1, 60, START)
        soon = START + timedelta(minutes=10)
        dues = waiting(desk, "response_due") + waiting(desk, "resolution_due")
        assert sum(START < due < soon for due in dues) >= 3

    def test_tickets_arrive_wait_come_back_and_are_resolved(self) -> None:
        desk = build_desk(1, 120, START)
        before = set(desk.tickets)
        seen: set[str] = set()
        for hour in range(72):
            desk.advance(START + timedelta(hours=hour))
            seen |= {t.status for t in desk.tickets.values()}
        new = [t for t in desk.tickets.values() if t.id not in before]
        assert len(new) > 100
        assert seen >= {"Open", "In Progress", "On Hold", "Customer Replied", "Resolved"}
        reopened = [t for t in desk.tickets.values() if desk.is_open(t) and t.resolved]
        assert reopened, "some came back, and kept their old resolution time"
        still_open = sum(desk.is_open(t) for t in desk.tickets.values())
        assert 60 < still_open < 240, "the desk neither drowns nor dries up"

    def test_a_hold_moves_the_due_times_when_it_ends(self) -> None:
        desk = build_desk(1, 60, START)
        ticket = next(
            t
            for t in desk.tickets.values()
            if desk.is_open(t)
            and not t.held_since
            and t.client
            and not t.client.hours
            and t.resolution_due
            and t.resolution_due > START + timedelta(hours=1)
        )
        due = ticket.resolution_due
        desk.set_status(ticket, "On Hold", START)
        desk.set_status(ticket, "In Progress", START + timedelta(hours=2))
        assert ticket.resolution_due == due + timedelta(hours=2)

    def test_a_new_priority_does_not_forget_what_was_waited(self) -> None:
        desk = build_desk(1, 60, START)
        ticket = next(
            t for t in desk.tickets.values() if t.client and not t.client.hours and desk.target(t)
        )
        first = ticket.priority
        ticket.held_since = None
        ticket.resolution_waited = timedelta()
        ticket.created = START
        ticket.status = "Open"
        desk.promise(ticket)
        due = ticket.resolution_due
        desk.set_status(ticket, "On Hold", START)
        desk.set_status(ticket, "In Progress", START + timedelta(hours=1))
        other = next(p for p in desk.priorities if p != first)
        desk.set_priority(ticket, other, START + timedelta(hours=1))
        desk.set_priority(ticket, first, START + timedelta(hours=1))
        assert ticket.resolution_due == due + timedelta(hours=1)

    def test_nothing_was_answered_after_the_last_change(self) -> None:
        desk = build_desk(1, 300, START)
        answered = [t for t in desk.tickets.values() if t.responded]
        assert answered
        assert all(t.created <= t.responded <= t.updated <= START for t in answered)


class TestReadingALog:
    def log(self, tmp_path: Path, *rows: str) -> Path:
        path = tmp_path / "log.csv"
        path.write_text("\n".join([HEADER, *rows]) + "\n")
        return path

    def test_dirty_rows_are_counted_with_their_lines_and_stop_nothing(self, tmp_path) -> None:
        log = load_log(
            self.log(
                tmp_path,
                "INC1,New,1/3/2016 10:00,1/3/2016 09:00,3 - Moderate,G1,?,Caller 1,Location 1,C1,?",
                "INC1,-100,1/3/2016 11:00,1/3/2016 09:00,3 - Moderate,G1,R1,Caller 1,Location 1,C1,?",
                "INC1,Active,yesterday,1/3/2016 09:00,3 - Moderate,G1,R1,Caller 1,Location 1,C1,?",
                "INC1,Active",
                "INC1,Active,1/3/2016 10:30,1/3/2016 09:00,2 - High,G1,?,Caller 1,Location 1,C1,?",
                "?,Active,1/3/2016 10:30,1/3/2016 09:00,2 - High,G1,R1,Caller 1,Location 1,C1,?",
            )
        )
        report = log.report
        assert (report.rows, report.incidents, len(log.events)) == (6, 1, 3)
        assert dict(report.faults.items()) == {
            "unknown state -100, the one before kept": [3],
            "unreadable time, left out": [4],
            "wrong number of columns, left out": [5],
            "technician missing": [6],
            "event out of order, put in its place": [6],
            "no incident number, left out": [7],
        }
        assert "1 x unreadable time, left out (lines 4)" in report.lines()

    @pytest.mark.parametrize(
        ("spoilt", "fault", "kept"),
        [
            (b'INC2,Active,1/3/2016 10:00,1/3/2016 09:00,3,G,R,C,L,"open\n', "quotes", 0),
            (b"INC2,Active,1/3/2016 10:00,1/3/2016 09:00,3,G,R,C,L,caf\xe9,?\n", "no UTF-8", 1),
            (b"INC2,Active,1/3/2016 10:00,1/1/0001 09:00,3,G,R,C,L,K,?\n", "outside 2000", 0),
            (b"INC2,Active,31/12/9999 10:00,1/3/2016 09:00,3,G,R,C,L,K,?\n", "outside 2000", 0),
            (b"\n", None, 0),
        ],
    )
    def test_one_spoilt_row_costs_no_other(self, tmp_path, spoilt, fault, kept) -> None:
        rows = [
            b"INC%d,Active,1/3/2016 10:00,1/3/2016 09:00,3,G,R,C,L,K,?\n" % n
            for n in range(10, 3000)
        ]
        path = tmp_path / "log.csv"
        path.write_bytes(b"\n".join([HEADER.encode(), spoilt + b"".join(rows)]))
        log = load_log(path)
        assert len(log.events) == len(rows) + kept
        assert [(fault in kind, lines) for kind, lines in log.report.faults.items()] == (
            [(True, [2])] if fault else []
        )
        assert len(build_replay_desk(log, log.last).tickets) == len(rows) + kept

    def test_a_byte_order_mark_hides_no_column(self, tmp_path) -> None:
        path = self.log(
            tmp_path, "INC1,New,1/3/2016 10:00,1/3/2016 09:00,3,G1,?,Caller 1,Location 1,C1,?"
        )
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
        assert load_log(path).report.incidents == 1

    @pytest.mark.parametrize(
        ("content", "complaint"),
        [
            (b"number,opened_at\n", "columns missing in the first line: incident_state"),
            (b"", "columns missing"),
            (HEADER.encode() + b"\n", "no usable event"),
            (b"\xff\xfe\x00\x01", "no text"),
        ],
    )
    def test_what_is_no_such_log_is_refused_in_one_sentence(
        self, tmp_path, content, complaint
    ) -> None:
        path = tmp_path / "log.csv"
        path.write_bytes(content)
        with pytest.raises(UserError, match=complaint) as refusal:
            load_log(path)
        assert str(path) in str(refusal.value)
        assert "\n" not in str(refusal.value)

    def test_a_missing_or_broken_file_is_refused(self, tmp_path) -> None:
        with pytest.raises(UserError, match="no such file"):
            load_log(tmp_path / "nothing.csv")
        (tmp_path / "log.csv.gz").write_bytes(b"not gzip at all")
        with pytest.raises(UserError, match="cannot be read"):
            load_log(tmp_path / "log.csv.gz")
        whole = gzip.compress(HEADER.encode() * 100)
        (tmp_path / "cut.csv.gz").write_bytes(whole[: len(whole) // 2])
        with pytest.raises(UserError, match="cannot be read"):
            load_log(tmp_path / "cut.csv.gz")

    def test_a_start_outside_the_log_is_refused_with_its_range(self, tmp_path) -> None:
        log = load_log(
            self.log(
                tmp_path,
                "INC1,New,1/3/2016 10:00,1/3/2016 09:00,3 - Moderate,G1,?,Caller 1,Location 1,C1,?",
            )
        )
        with pytest.raises(UserError, match="runs from 2016-03-01T09:00 to 2016-03-01T10:00"):
            log.require(datetime(2020, 1, 1, tzinfo=UTC))


class TestReplay:
    @pytest.fixture
    def desk(self, tmp_path):
        path = tmp_path / "log.csv"
        common = "Caller 1,Location 1,Network,?"
        path.write_text(
            "\n".join(
                [
                    HEADER,
                    f"INC1,New,1/3/2016 14:00,1/3/2016 14:00,3 - Moderate,G1,?,{common}",
                    f"INC1,Active,1/3/2016 15:00,1/3/2016 14:00,3 - Moderate,G1,R1,{common}",
                    f"INC1,Awaiting User Info,1/3/2016 16:00,1/3/2016 14:00,3 - Moderate,G1,R1,{common}",
                    f"INC1,Active,1/3/2016 18:00,1/3/2016 14:00,2 - High,G2,R2,{common}",
                    f"INC1,Resolved,1/3/2016 20:00,1/3/2016 14:00,2 - High,G2,R2,{common}",
                ]
            )
        )
        return build_replay_desk(load_log(path), datetime(2016, 3, 1, 14, 30, tzinfo=UTC))

    def test_an_incident_becomes_a_ticket_that_lives_as_recorded(self, desk) -> None:
        (ticket,) = desk.tickets.values()

        def at(hour: int) -> datetime:
            moment = datetime(2016, 3, 1, hour, tzinfo=UTC)
            desk.advance(moment)
            return moment

        assert (ticket.number, ticket.status, ticket.responded) == ("INC1", "New", None)
        assert ticket.client is not None
        assert ticket.client.name == "Location 1"
        assert ticket.responded is None
        answered = at(15)
        assert (ticket.status, ticket.responded) == ("Active", answered)
        assert ticket.technician is not None
        assert ticket.technician.name == "R1"
        held = at(16)
        assert ticket.held_since == held
        due = ticket.resolution_due
        at(18)
        assert ticket.held_since is None
        assert ticket.priority == "2 - High"
        assert ticket.resolution_due != due, "a new priority, a new promise"
        assert ticket.technician.name == "R2"
        at(20)
        assert not desk.is_open(ticket)

    @pytest.mark.skipif(not REAL.exists(), reason="the real incident log is not beside the project")
    def test_the_real_log_is_read_whole_and_breaches(self) -> None:
        log = load_log(REAL)
        assert (log.report.rows, log.report.incidents) == (28_071, 3_931)
        start = log.default_start()
        desk = build_replay_desk(log, start)
        open_now = [t for t in desk.tickets.values() if desk.is_open(t)]
        assert len(open_now) > 500
        soon = start + timedelta(hours=6)
        dues = waiting(desk, "response_due")
        assert any(start < due < soon for due in dues)
