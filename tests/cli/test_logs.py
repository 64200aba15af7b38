"""Logs of other desks on the command line: the map, the guess, and what is said of both."""

import asyncio
import json
import os
import pty
import select
import subprocess
import sys
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sla_console.cli.main import main
from sla_console.domain.tickets.sighting import Sighting
from sla_console.domain.tickets.ticket import Ticket
from sla_console.store.key import load_or_create_key
from sla_console.store.store import Store

CONSOLE = str(Path(sys.executable).with_name("sla-console"))
# Eight hours around the clock, an hour for the first response.
POLICY = """
stop_at = "resolved"
[statuses]
hold = ["Awaiting User Info", "On Hold"]
closed = ["Resolved", "Closed", "Canceled"]
[[policies]]
name = "Std"
response_minutes = 60
resolution_hours = 8.0
business_hours_only = false
default = true
"""
UCI = (
    "number,incident_state,sys_updated_at,opened_at,priority,assignment_group,assigned_to,"
    "caller_id,location,category,resolved_at,closed_at,made_sla\n"
)
STATES = UCI + "".join(
    f"{number},{state},{at},01/03/2016 08:00,3 - Moderate,G,Ada,Cal,Loc,net,{end},{end},true\n"
    for number, state, at, end in (
        ("INC1", "New", "01/03/2016 08:00", "?"),
        ("INC1", "In Progress", "01/03/2016 08:30", "?"),
        ("INC1", "On Hold", "01/03/2016 09:00", "?"),
        ("INC1", "In Progress", "05/03/2016 09:00", "?"),
        ("INC1", "Resolved", "05/03/2016 10:00", "05/03/2016 10:00"),
        ("INC2", "New", "01/03/2016 08:00", "?"),
        ("INC2", "Canceled", "01/03/2016 20:00", "?"),
    )
)
JIRA = (
    "Summary,Issue key,Issue Type,Status,Project key,Priority,Assignee,Reporter,Created,Updated,"
    "Resolved\nBroken,HD-1,Incident,Resolved,HD,High,ada,cal,01/Mar/16 8:00 AM,"
    "01/Mar/16 12:00 PM,01/Mar/16 12:00 PM\n"
)

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command on a log; gives the exit code, standard output and standard error."""

    def start(command: str, log: str, *words: str, policy: str = POLICY) -> tuple[int, str, str]:
        (tmp_path / "log.csv").write_text(log)
        (tmp_path / "P.toml").write_text(policy)
        given = ["--log", str(tmp_path / "log.csv"), "--policy", str(tmp_path / "P.toml")]
        code = main([command, *given, *words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return start


@pytest.fixture
def clocks(run: Run, tmp_path: Path) -> Callable[..., dict]:
    """Runs a back-test; gives the clocks of each ticket by its number."""

    def tried(log: str, *words: str, policy: str = POLICY) -> dict:
        out = tmp_path / "out.json"
        code, _, err = run("backtest", log, "--json", str(out), *words, policy=policy)
        assert code == 0, err
        found = json.loads(out.read_text())["incidents"]
        return {incident["number"]: incident["clocks"] for incident in found}

    return tried


def test_statuses_of_the_policy_file_count(clocks) -> None:
    """INC1 works 1 h, waits 96 h, works 1 h: 2 of 8 hours. INC2 is never answered until its end.

    INC1 is answered at 08:30, when it is taken on. INC2 ends by being cancelled after 12 hours: its
    response of one hour and its resolution of eight are both missed.
    """
    found = clocks(STATES)
    one, two = found["INC1"], found["INC2"]
    assert one["response"]["stopped_at"] == "2016-03-01T08:30:00Z"
    assert one["resolution"]["held_seconds"] == 96 * 3600
    assert one["resolution"]["consumed_seconds"] == 2 * 3600
    assert not one["resolution"]["breached"]
    assert two["resolution"]["stopped_at"] == "2016-03-01T20:00:00Z"
    assert two["resolution"]["breached"]
    assert two["response"]["breached"]


def test_statuses_of_the_map_count_before_those_of_the_policy_file(clocks, run) -> None:
    """Without a hold INC1 takes 98 hours of 8."""
    policy = POLICY + '[log]\npreset = "uci"\nhold = []\n'
    assert clocks(STATES, policy=policy)["INC1"]["resolution"]["consumed_seconds"] == 98 * 3600


def test_statuses_of_the_policy_file_and_of_the_preset_count_together(run) -> None:
    """Zendesk's Pending holds and its Solved ends; Stuck holds since the policy file says so."""
    log = "ID,Created at,Updated at,Status,Solved at\n" + "".join(
        f"{number},2016-03-01T08:00,2016-03-01T12:00,{status},{end}\n"
        for number, (status, end) in enumerate(
            (("Solved", "2016-03-01T12:00"), ("Pending", ""), ("Stuck", ""), ("Open", ""))
        )
    )
    policy = POLICY.replace('"On Hold"', '"Stuck"') + '[log]\npreset = "zendesk"\n'
    _, _, err = run("backtest", log, policy=policy)
    lines = [line.strip() for line in err.splitlines()]
    assert "ended: Solved" in lines
    assert "on hold: Pending, Stuck" in lines
    assert "running: New, Open" in lines


def test_what_each_status_means_is_said(run) -> None:
    _, _, err = run("backtest", STATES)
    lines = [line.strip() for line in err.splitlines()]
    assert "on hold: On Hold" in lines
    assert "ended: Canceled, Resolved" in lines
    assert "running: New, In Progress" in lines


class TestAGuess:
    def test_without_a_terminal_it_is_refused_with_a_map_that_works(
        self, run, clocks, tmp_path
    ) -> None:
        """HD-1 is resolved four hours after it was opened."""
        code, out, err = run("backtest", JIRA)
        *proposed, last = err.rstrip().splitlines()
        assert (code, out) == (2, "")
        assert last.startswith(
            f"sla-console: {tmp_path / 'log.csv'}: nothing says what its columns"
        )
        table = tomllib.loads("\n".join(proposed))["log"]
        assert table["preset"] == "jira"
        assert table["columns"]["number"] == "Issue key"
        (tmp_path / "map.toml").write_text("\n".join(proposed))
        by_file = clocks(JIRA, "--map", str(tmp_path / "map.toml"))
        pasted = clocks(JIRA, policy=POLICY + "\n".join(proposed))
        assert by_file == pasted
        assert by_file["HD-1"]["resolution"]["consumed_seconds"] == 4 * 3600

    def test_the_map_alone_prints_it(self, run) -> None:
        code, out, _ = run("backtest", JIRA, "--map")
        assert code == 0
        assert tomllib.loads(out)["log"]["rows"] == "tickets"
        assert main(["replay", "/nowhere.csv", "--map"]) == 2

    def test_what_is_known_needs_no_guess_and_its_map_says_so(self, run) -> None:
        _, out, _ = run("report", STATES, "--map")
        assert tomllib.loads(out)["log"]["preset"] == "uci"

    @pytest.mark.parametrize("command", ["backtest", "report"])
    def test_day_and_month_that_nothing_tells_apart_are_refused_in_both_readings(
        self, run, command: str
    ) -> None:
        log = JIRA.replace("01/Mar/16", "03/02/2016")
        code, _, err = run(command, log)
        assert code == 2
        assert "is 03 February 2016" in err
        assert "and 02 March 2016" in err
        code, _, err = run(command, log, policy=POLICY + '[log]\npreset = "jira"\n')
        assert code == 2
        assert len(err.strip().splitlines()) == 1
        assert "write one of them as date_format" in err

    @pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 2), ("", 2)])
    def test_at_a_terminal_it_is_asked_for(self, tmp_path: Path, answer: str, code: int) -> None:
        (tmp_path / "log.csv").write_text(JIRA)
        (tmp_path / "P.toml").write_text(POLICY)
        keyboard, terminal = pty.openpty()
        words = ["backtest", "--log", "log.csv", "--policy", "P.toml"]
        with subprocess.Popen(
            [CONSOLE, *words],
            cwd=tmp_path,
            stdin=terminal,
            stdout=subprocess.DEVNULL,
            stderr=terminal,
        ) as asked:
            os.close(terminal)
            said = b""
            while b"[y/N]" not in said:
                assert select.select([keyboard], [], [], 60)[0]
                said += os.read(keyboard, 4096)
            os.write(keyboard, f"{answer}\n".encode())
            assert asked.wait(60) == code
        os.close(keyboard)
        assert b'preset = "jira"' in said


class TestLimits:
    def test_the_document_has_each_line_that_was_left_out(self, run) -> None:
        code, out, _ = run("backtest", STATES + "INC9,New\n" * 7, "--json", "-")
        assert code == 0
        log = json.loads(out)["log"]
        assert (log["rows"], log["incidents"]) == (14, 2)
        assert log["faults"] == {"wrong number of columns, left out": list(range(9, 16))}

    def test_a_log_without_responses_judges_none_and_says_so(self, clocks, run) -> None:
        policy = POLICY + '[log]\npreset = "jira"\n'
        assert clocks(JIRA, policy=policy)["HD-1"].get("response") is None
        _, out, err = run("report", JIRA, policy=policy)
        for said in ("does not say when tickets were first answered", "no history of statuses"):
            assert said in err
            assert said in out

    def test_what_a_technician_opens_owes_no_first_response(self, clocks) -> None:
        """Both are first answered after two hours of one; only the one that came by mail owes it."""
        log = "No,Created,First,Solved,Via\n" + "".join(
            f"{via},2016-03-01 08:00,2016-03-01 10:00,2016-03-01 11:00,{via}\n"
            for via in ("mail", "agent")
        )
        policy = POLICY + (
            '[log.columns]\nnumber = "No"\ncreated = "Created"\nfirst_response = "First"\n'
            'resolved = "Solved"\nsource = "Via"\n'
        )
        found = clocks(log, policy=policy)
        assert found["mail"]["response"]["breached"]
        assert found["agent"].get("response") is None
        assert not found["agent"]["resolution"]["breached"]

    def test_all_that_was_left_out_is_said_when_nothing_is_left(self, run) -> None:
        code, _, err = run("backtest", UCI + "INC1,New\nINC2,New\n")
        assert code == 2
        assert "no usable event in this log: 2 rows, 2 x wrong number of columns" in err
        assert "(lines 2, 3)" in err

    def test_a_report_is_in_the_zone_of_the_log(self, run) -> None:
        """23:30 in Auckland on 31 March is 10:30 UTC that day; midnight UTC is 13:00 in Auckland."""
        policy = POLICY + '[log]\npreset = "jira"\ntimezone = "Pacific/Auckland"\n'
        log = JIRA.replace("01/Mar/16 8:00 AM", "31/Mar/16 11:30 PM").replace(
            "01/Mar/16 12:00 PM", "01/Apr/16 12:30 AM"
        )
        code, out, err = run("report", log, "--format", "json", policy=policy)
        assert code == 0, err
        document = json.loads(out)
        assert document["period"]["zone"] == "Pacific/Auckland"
        assert document["resolution"]["tally"]["met"] == 1


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        (
            '[log]\npreset = "jira"\ntimezon = "UTC"',
            "line 3: log.timezon: .* did you mean timezone",
        ),
        (
            '[log]\ndate_format = "daymonth"',
            "log.date_format: found 'daymonth'.*did you mean day-mo",
        ),
        ('[log]\nencoding = "cp1225"', "log.encoding: found 'cp1225'.* did you mean cp12"),
        ('[log]\ndelimiter = "::"', "log.delimiter: found '::', expected one sign"),
        ('[log]\ntimezone = "Europe/Berln"', "log.timezone: .* did you mean Europe/Berlin"),
        ('[log]\nhold = ["A"]\nclosed = ["a"]', "'a' stands under hold and under closed"),
        ('[log.columns]\nnumber = "Isue key"', "found 'Isue key', .* did you mean 'Issue key'"),
        ('[log.columns]\nnumber = "a"\nstatus = "A"', "found 'A' for number and for status"),
        ('[lg]\npreset = "jira"', "lg: found a key that a map has not"),
        ("", r"found no table \[log\]"),
        ("[log", "not valid TOML"),
    ],
)
def test_a_bad_map_gets_one_sentence(run, tmp_path: Path, table: str, complaint: str) -> None:
    (tmp_path / "map.toml").write_text(table)
    code, _, err = run("backtest", JIRA, "--map", str(tmp_path / "map.toml"))
    (said,) = err.splitlines()
    assert code == 2
    assert said.startswith(f"sla-console: {tmp_path / 'map.toml'}: ")
    with pytest.raises(AssertionError, match=complaint):
        raise AssertionError(said)


def test_a_map_without_a_log_is_refused(tmp_path: Path, capsys) -> None:
    (tmp_path / "P.toml").write_text(POLICY)
    policy = str(tmp_path / "P.toml")
    for words in (["report"], ["backtest", "--policy", policy, "--history"]):
        assert main([*words, "--map", policy]) == 2
        assert "--map: it is for --log" in capsys.readouterr().err


def test_replay_reads_other_logs_too(start, tmp_path: Path) -> None:
    """At 08:10 HD-1 is open; its targets are examples, and that is said."""
    (tmp_path / "log.csv").write_text(JIRA)
    (tmp_path / "map.toml").write_text('[log]\npreset = "jira"\n')
    words = ["--map", str(tmp_path / "map.toml"), "--once", "--start", "2016-03-01T08:10"]
    done = start("replay", str(tmp_path / "log.csv"), *words)
    assert done.returncode == 0, done.stderr
    assert "1 open" in done.stdout
    assert "HD-1" in done.stdout
    assert "its targets are examples" in done.stderr


def test_the_store_is_not_held_before_it_was_first_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    """Eight hours are promised; first seen on hold 100 hours after the opening: missed by 92 h."""
    created = datetime(2026, 11, 2, 8, tzinfo=UTC)
    seen = created + timedelta(hours=100)

    async def fill() -> None:
        key = load_or_create_key(tmp_path / "store.key", None)
        store = await Store.open(tmp_path / "data" / "sla-console.db", key)
        held = Ticket("1", "1", "x", "On Hold", created_at=created, updated_at=created)
        await store.tickets.save([held])
        await store.lives.add_sightings([("1", Sighting(seen, "On Hold"))])
        await store.close()

    asyncio.run(fill())
    for name in [name for name in os.environ if name.startswith("SLA_CONSOLE_")]:
        monkeypatch.delenv(name)
    (tmp_path / "config.toml").write_text('[store]\ndata_dir = "data"\nkey_file = "store.key"\n')
    (tmp_path / "P.toml").write_text(POLICY)
    words = ["--config", str(tmp_path / "config.toml"), "--policy", str(tmp_path / "P.toml")]
    assert main(["backtest", "--history", "--json", "-", *words]) == 0
    (incident,) = json.loads(capsys.readouterr().out)["incidents"]
    clock = incident["clocks"]["resolution"]
    assert clock["breached"]
    assert clock["consumed_seconds"] == 100 * 3600
    assert clock["held_seconds"] == 0
