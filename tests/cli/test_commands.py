"""The commands as a user runs them, against the simulator over real HTTP, with real files."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

CONSOLE = str(Path(sys.executable).with_name("sla-console"))
LOG = """number,incident_state,sys_updated_at,opened_at,priority,assignment_group,assigned_to,caller_id,location,category
INC1,New,1/3/2016 14:00,1/3/2016 14:00,3 - Moderate,G1,?,Caller 1,Location 1,C1
INC1,Active,nonsense,1/3/2016 14:00,3 - Moderate,G1,R1,Caller 1,Location 1,C1
INC1,Active,1/3/2016 20:00,1/3/2016 14:00,3 - Moderate,G1,R1,Caller 1,Location 1,C1
"""

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def desk(simulate) -> str:
    return simulate(120)


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("SLA_CONSOLE")}
    return kept | {
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "XDG_STATE_HOME": str(tmp_path / "state"),
    }


@pytest.fixture
def run(environ, fork_server) -> Run:
    return lambda *arguments, **more: fork_server.run(arguments, environ | more)


@pytest.fixture
def configured(desk, environ, tmp_path) -> Path:
    path = tmp_path / "config" / "sla-console" / "config.toml"
    path.parent.mkdir(parents=True)
    path.write_text(f'[superops]\nurl = "{desk}"\nsubdomain = "demo"\n')
    environ["SLA_CONSOLE_TOKEN"] = "demo-token"
    return path


class TestDemo:
    def test_without_a_terminal_it_prints_the_board_once(self, run) -> None:
        done = run("demo", "--tickets", "40")
        assert done.returncode == 0, done.stderr
        lines = done.stdout.splitlines()
        assert re.fullmatch(r"40 open, \d+ breached .*", lines[0])
        assert lines[1].startswith("SuperOps: live")
        assert "\x1b" not in done.stdout, "hostile subjects are cleaned"

    def test_it_leaves_nothing_behind(self, run, tmp_path) -> None:
        assert run("demo", "--tickets", "5", TMPDIR=str(tmp_path)).returncode == 0
        assert not list(tmp_path.glob("sla-console-*"))

    def test_a_data_dir_is_kept(self, run, tmp_path) -> None:
        folder = tmp_path / "kept"
        assert run("--data-dir", str(folder), "demo", "--tickets", "5").returncode == 0
        assert (folder / "sla-console.db").exists()
        assert (folder / "store.key").stat().st_mode & 0o777 == 0o600


class TestReplay:
    def test_it_counts_dirty_rows_and_goes_on(self, run, tmp_path) -> None:
        log = tmp_path / "log.csv"
        log.write_text(LOG)
        done = run("replay", str(log), "--start", "2016-03-01T19:00")
        assert done.returncode == 0, done.stderr
        assert "1 x unreadable time, left out (lines 3)" in done.stderr
        assert "INC1" in done.stdout
        assert "BREACHED" in done.stdout

    def test_bad_input_is_one_sentence_and_exit_code_2(self, run, tmp_path) -> None:
        (tmp_path / "bad.csv").write_text("number\n")
        for arguments in ((str(tmp_path / "bad.csv"),), ("nowhere.csv",)):
            done = run("replay", *arguments)
            assert done.returncode == 2
            assert len(done.stderr.strip().splitlines()) == 1
            assert "Traceback" not in done.stderr


class TestStatus:
    def test_json_has_what_is_documented(self, run, configured) -> None:
        done = run("status", "--json", "--sync")
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        assert found["data_age_seconds"] < 30
        assert set(found["counts"]) == {
            "open",
            "at_risk",
            "breached",
            "unacknowledged",
            "held",
            "degraded",
        }
        assert found["counts"]["open"] == len(found["tickets"]) > 100
        ticket = found["tickets"][0]
        assert set(ticket) == {
            "ticket_id",
            "display_id",
            "subject",
            "client",
            "technician",
            "status",
            "priority",
            "policy",
            "risk",
            "degraded",
            "response",
            "resolution",
        }
        for row in found["tickets"]:
            for promise in (row["response"], row["resolution"]):
                assert set(promise) == {
                    "due", "remaining_seconds", "state", "source", "hours", "verdict",
                }  # fmt: skip
                assert promise["state"] in {
                    "met", "running", "held", "breached", "in doubt", "none",
                }  # fmt: skip
                assert promise["verdict"] in {"met", "missed", "in doubt", None}
                assert promise["source"] in {"superops", "computed", None}
                if promise["due"]:
                    assert promise["due"].endswith("Z")
        assert found["breaches"]
        assert set(found["breaches"][0]) == {
            "id",
            "ticket_id",
            "type",
            "breach_time",
            "severity",
            "state",
            "acknowledged_by",
        }
        late = [
            t
            for t in found["tickets"]
            if "breached" in {t["response"]["state"], t["resolution"]["state"]}
        ]
        assert any(
            min(t["response"]["remaining_seconds"] or 0, t["resolution"]["remaining_seconds"] or 0)
            < 0
            for t in late
        )

    def test_without_asking_it_shows_the_cache(self, run, configured, environ) -> None:
        assert run("status", "--sync").returncode == 0
        cached = run("status", "--json", SLA_CONSOLE_SUPEROPS__URL="http://127.0.0.1:9/msp")
        assert cached.returncode == 0
        assert json.loads(cached.stdout)["counts"]["open"] > 100

    def test_when_superops_cannot_be_asked_it_says_so_and_exits_1(self, run, configured) -> None:
        done = run("status", "--sync", SLA_CONSOLE_TOKEN="wrong")
        assert (done.returncode, done.stdout) == (1, "")
        assert "SuperOps could not be read whole: nothing was ever read" in done.stderr
        stale = run("status", "--sync", "--allow-stale", SLA_CONSOLE_TOKEN="wrong")
        assert stale.returncode == 0
        assert "cannot sign in" in stale.stdout


class TestCheck:
    def test_one_line_a_finding(self, run, configured) -> None:
        done = run("check", SLA_CONSOLE_STATUSES__CLOSED='["Resolved", "Closed"]')
        assert done.returncode == 0, done.stdout + done.stderr
        assert "signed in; 12 technicians" in done.stdout
        assert all(line.split()[0] in {"ok", "note"} for line in done.stdout.splitlines())

    def test_names_in_policies_are_held_against_those_of_superops(self, run, configured) -> None:
        policy = (
            '[[policies]]\nname = "Net"\ngroup = "Netwrok"\nsla = "Gould"\nresponse_minutes = 5\n'
        )
        configured.write_text(configured.read_text() + policy)
        done = run("check")
        assert done.returncode == 0, done.stdout + done.stderr
        assert "'Net' is for SLA 'Gould', which SuperOps does not have" in done.stdout
        assert (
            "'Net' is for group 'Netwrok', which SuperOps does not have; did you mean Network?"
            in (done.stdout)
        )

    def test_trouble_is_exit_code_1(self, run, configured) -> None:
        done = run("check", SLA_CONSOLE_TOKEN="wrong")
        assert done.returncode == 1
        assert "trouble" in done.stdout
        assert "wrong" not in done.stdout.replace("it is wrong", "")

    def test_an_unknown_apprise_scheme_is_named_without_its_secret(self, run, configured) -> None:
        configured.write_text(configured.read_text() + '[alerts.channels.chat]\nurl_env = "CHAT"\n')
        for command in ("check", "monitor"):
            done = run(command, CHAT="pigeon://hunter2@coop")
            assert done.returncode in {1, 2}
            assert "pigeon://" in done.stdout + done.stderr
            assert "hunter2" not in done.stdout + done.stderr


class TestCheckOfTheScreen:
    def test_keys_and_themes_that_cannot_be_are_told(self, run, configured) -> None:
        with configured.open("a") as file:
            file.write('[ui.keys]\n"ticket.acknowlege" = ["a"]\n"ticket.note" = ["a"]\n')
        (configured.parent / "themes").mkdir()
        (configured.parent / "themes" / "night.toml").write_text('breeched = "#ff0000"\n')
        done = run("check")
        assert done.returncode == 1
        for said in (
            "did you mean 'ticket.acknowledge'?",
            "'a' is wanted for 'ticket.note' (Note) and taken by 'ticket.acknowledge' (Ack)",
            "night.toml: breeched: there is no such setting of a theme; did you mean 'breached'?",
        ):
            assert said in done.stdout


class TestMonitor:
    def test_it_says_what_changes_and_ends_when_told(self, environ, configured) -> None:
        process = subprocess.Popen(
            [CONSOLE, "monitor"], env=environ, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        seen = ""
        while "live, monitored here" not in seen:
            line = process.stdout.readline()
            assert line, seen
            seen += line
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0
        process.stdout.close()
        assert "monitoring demo" in seen

    def test_it_leaves_textual_alone(self, environ, configured) -> None:
        code = (
            "import sys, sla_console.cli.monitor, sla_console.cli.compose, "
            "sla_console.service.sla_service, sla_console.superops.client, "
            "sla_console.alerting.dispatcher; "
            "print([m for m in sys.modules if m.split('.')[0] == 'textual'])"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == "[]"


class TestBadInput:
    @pytest.mark.parametrize(
        ("arguments", "complaint"),
        [
            (("simulator", "--port", "70000"), "--port"),
            (("demo", "--speed", "0"), "--speed"),
            (("replay", "x.csv", "--start", "noon"), "--start"),
            (("statsu",), "did you mean status"),
        ],
    )
    def test_one_sentence_and_exit_code_2(self, run, arguments, complaint) -> None:
        done = run(*arguments)
        assert done.returncode == 2
        assert complaint in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1

    def test_a_port_in_use(self, run, desk) -> None:
        port = desk.rsplit(":", 1)[1].split("/")[0]
        done = run("simulator", "--port", port, "--tickets", "1")
        assert done.returncode == 2
        assert f"--port {port}" in done.stderr

    def test_the_store_says_what_is_wrong_with_it_and_deletes_nothing(
        self, run, configured, tmp_path
    ) -> None:
        assert run("status", "--sync").returncode == 0
        (database,) = (tmp_path / "data").rglob("*.db")
        key = tmp_path / "config" / "sla-console" / "store.key"
        right = key.read_text()
        key.write_text("0" * 64 + "\n")
        wrong = run("status")
        assert wrong.returncode == 1
        assert "key" in wrong.stderr
        key.write_text(right)
        size = database.stat().st_size
        damaged = bytearray(database.read_bytes())
        damaged[20:400] = os.urandom(380)
        database.write_bytes(damaged)
        broken = run("status")
        assert broken.returncode == 1
        assert len(broken.stderr.strip().splitlines()) == 1
        assert broken.stderr != wrong.stderr
        assert database.stat().st_size == size


PROMISES = """
default_calendar = "office"
[calendars.office]
timezone = "UTC"
mon = [["00:00", "24:00"]]
wed = [["09:00", "17:00"]]
sat = [["09:00", "17:00"]]
[[policies]]
name = "Rest"
default = true
response_minutes = 60
resolution_hours = 8.0
"""


class TestPromises:
    """Commands about due times, on a store filled over real HTTP."""

    @pytest.fixture
    def promised(self, run, configured) -> Path:
        text = configured.read_text()
        # Top-level keys stand before the first table.
        first, rest = PROMISES.strip().split("\n", 1)
        configured.write_text(f"{first}\n{text}{rest}\n")
        done = run("status", "--sync")
        assert done.returncode == 0, done.stderr
        return configured

    def ticket(self, run) -> str:
        tickets = json.loads(run("status", "--json").stdout)["tickets"]
        return next(t["display_id"] for t in tickets if t["resolution"]["state"] == "running")

    def test_a_ticket_is_explained_and_its_ledger_adds_up(self, run, promised) -> None:
        number = self.ticket(run)
        done = run("explain", number, "--json")
        assert done.returncode == 0, done.stderr
        clock = json.loads(done.stdout)["clocks"]["resolution"]
        rows = clock["ledger"]
        assert rows[0]["start"] == clock["started_at"]
        assert sum(row["seconds"] for row in rows) == pytest.approx(rows[-1]["total_seconds"])
        assert all(one["end"] == two["start"] for one, two in pairwise(rows))
        text = run("explain", number, "--what-if", "holiday=2026-12-25, hold from now for 1h")
        assert text.returncode == 0, text.stderr
        assert "Policy: Rest, because no other policy matches" in text.stdout
        assert "What if" in text.stdout

    def test_an_unknown_ticket_and_an_unknown_change_are_one_sentence(self, run, promised) -> None:
        for words in (("explain", "nothing"), ("explain", "1", "--what-if", "colour=red")):
            done = run(*words)
            assert done.returncode == 2
            assert len(done.stderr.strip().splitlines()) == 1
            assert "Traceback" not in done.stderr

    def test_the_forecast_admits_that_it_knows_nothing_yet(self, run, promised) -> None:
        done = run("forecast", "--json")
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        assert all(one["probability"] is None for one in found["potential_breaches"])
        assert "not enough" in run("forecast").stdout

    def test_performance_adds_up(self, run, promised) -> None:
        whole = json.loads(run("performance", "--by", "policy", "--json").stdout)["figures"]
        parts = json.loads(run("performance", "--by", "client", "--json").stdout)["figures"]
        assert set(whole) == {"Rest"}
        for key in ("tickets", "met", "missed", "open"):
            assert sum(part[key] for part in parts.values()) == whole["Rest"][key]
        assert "95 % BETWEEN" in run("performance").stdout

    def test_the_store_is_history_to_try_a_promise_on(self, run, promised, tmp_path) -> None:
        policy = tmp_path / "P.toml"
        policy.write_text('stop_at = "resolved"\n' + PROMISES.replace("8.0", "0.1"))
        out = tmp_path / "out.json"
        done = run("backtest", "--policy", str(policy), "--history", "--json", str(out))
        assert done.returncode == 0, done.stderr
        found = json.loads(out.read_text())
        assert len(found["incidents"]) > 100
        assert found["summary"]["resolution"]["all"]["missed"] > 0
