"""``sla-console report`` as people run it: of a log, and of the store after a real sync."""

import csv
import io
import json
import os
import pty
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jsonschema
import pytest

from sla_console.cli.main import main

CONSOLE = str(Path(sys.executable).with_name("sla-console"))
HEADER = (
    "number,incident_state,sys_updated_at,opened_at,priority,assignment_group,assigned_to,"
    "caller_id,location,category,resolved_at,closed_at,made_sla\n"
)
# Monday 7 March 2016; the promise is four hours around the clock.
LINES = (
    "I1,New,7/3/2016 08:00,7/3/2016 08:00,High,G1,?,C,Acme,Mail,7/3/2016 11:00,8/3/2016 11:00,true",
    "I1,Resolved,7/3/2016 11:00,7/3/2016 08:00,High,G1,Ada,C,Acme,Mail,7/3/2016 11:00,8/3/2016 11:00,true",
    "I2,New,7/3/2016 09:00,7/3/2016 09:00,High,G1,?,C,Acme,Mail,7/3/2016 15:00,7/3/2016 16:00,true",
    "I2,Resolved,7/3/2016 15:00,7/3/2016 09:00,High,G1,Bob,C,Acme,Mail,7/3/2016 15:00,7/3/2016 16:00,true",
    "I3,New,7/3/2016 11:00,7/3/2016 11:00,High,G2,?,C,Blue,Mail,7/3/2016 11:30,7/3/2016 12:00,true",
    "I3,Resolved,7/3/2016 11:30,7/3/2016 11:00,High,G2,Bob,C,Blue,Mail,7/3/2016 11:30,7/3/2016 12:00,true",
    "I4,New,31/3/2016 09:00,31/3/2016 09:00,High,G2,?,C,Blue,Mail,?,?,false",
)
POLICY = """
stop_at = "resolved"
[statuses]
hold = []
closed = ["Resolved", "Closed"]
[[policies]]
name = "Four hours"
priority = "High"
resolution_hours = 4.0
business_hours_only = false
[reports]
timezone = "UTC"
least_people = 1
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log.csv"
    path.write_text(HEADER + "".join(f"{line}\n" for line in LINES))
    return path


@pytest.fixture
def of_log(log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """Run ``report`` on the log; return exit code, standard output and standard error."""
    promises = tmp_path / "P.toml"
    promises.write_text(POLICY)

    def run(*words: str) -> tuple[int, str, str]:
        code = main(["report", "--log", str(log), "--policy", str(promises), *words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


class TestOfALog:
    def test_its_figures_are_those_that_one_counts_by_hand(self, of_log) -> None:
        code, out, _ = of_log("--format", "json")
        assert code == 0
        resolution = json.loads(out)["resolution"]["tally"]
        # I1 and I3 took less than four hours, I2 took six; I4 was opened as the log ends.
        assert (resolution["met"], resolution["missed"], resolution["open"]) == (2, 1, 1)
        assert resolution["compliance"] == pytest.approx(200 / 3)

    def test_without_a_form_it_is_markdown_on_standard_output(self, of_log) -> None:
        code, out, _ = of_log()
        assert code == 0
        assert of_log("-o", "-")[1] == out
        assert out.startswith("# ")
        assert "66.7 %" in out

    @pytest.mark.parametrize(
        ("name", "begins"),
        [("r.html", "<!doctype html>"), ("r.htm", "<!doctype html>"), ("r.md", "# "),
         ("r.json", "{"), ("r.csv", "\ufeff")],
    )  # fmt: skip
    def test_the_ending_of_the_file_chooses_the_form(self, of_log, tmp_path, name, begins) -> None:
        code, out, err = of_log("-o", str(tmp_path / name))
        assert (code, out) == (0, "")
        assert (tmp_path / name).read_text("utf-8").lower().startswith(begins)
        assert f"{name}: " in err

    def test_run_again_it_says_the_same_and_of_another_log_nobody_can_be_linked(
        self, of_log, log
    ) -> None:
        first = of_log("--format", "json")[1]
        assert of_log("--format", "json")[1] == first
        with log.open("a") as file:
            file.write(LINES[0].replace("I1", "I9") + "\n")
        names = [
            {one["requester"] for one in json.loads(text)["promises"]}
            for text in (first, of_log("--format", "json")[1])
        ]
        assert not names[0] & names[1]

    def test_a_form_named_wins_over_the_ending(self, of_log, tmp_path) -> None:
        path = tmp_path / "report.txt"
        assert of_log("-o", str(path), "--format", "json")[0] == 0
        assert json.loads(path.read_text())

    def test_only_what_was_asked_for_is_broken_out(self, of_log) -> None:
        _, out, _ = of_log("--by", "client", "--by", "request-type")
        titles = [line for line in out.splitlines() if line.startswith("#")]
        assert any("client" in title.casefold() for title in titles)
        assert not any("weekday" in title.casefold() for title in titles)

    def test_filters_narrow_it_and_the_report_says_to_what(self, of_log) -> None:
        _, out, _ = of_log("--client", "Blue", "--format", "json")
        document = json.loads(out)
        assert {promise["client"] for promise in document["promises"]} == {"Blue"}
        assert document["resolution"]["tally"]["missed"] == 0

    def test_a_day_of_the_period_is_a_day_of_its_due_times(self, of_log) -> None:
        _, out, _ = of_log("--from", "2016-03-31", "--to", "2016-03-31", "--format", "json")
        tally = json.loads(out)["resolution"]["tally"]
        assert (tally["met"], tally["missed"], tally["open"]) == (0, 0, 1)

    def test_it_says_in_which_hours_of_the_file_a_promise_counts(
        self, log, tmp_path, capsys
    ) -> None:
        promises = tmp_path / "Office.toml"
        office = '[calendars.office]\ntimezone = "UTC"\nmon = [["09:00", "17:00"]]\n'
        promises.write_text(POLICY.replace("business_hours_only = false", "") + office)
        words = ["--log", str(log), "--policy", str(promises), "--format", "json"]
        assert main(["report", *words]) == 0
        document = json.loads(capsys.readouterr().out)
        assert "counted in: calendar office" in document["policies"][0]["text"]
        assert [one["name"] for one in document["calendars"]] == ["office"]

    def test_it_says_which_tickets_the_log_has(self, of_log) -> None:
        notes = json.loads(of_log("--format", "json")[1])["notes"]
        assert notes[0].startswith("The log has tickets opened from 2016-03-07 to 2016-03-31: ")

    def test_rows_that_are_wrong_are_counted_with_their_lines(self, of_log, log) -> None:
        with log.open("a") as file:
            file.write("I5,New,yesterday,?,High,G1,?,C,Acme,Mail,?,?,false\nI6,New\n")
        code, out, err = of_log("--format", "json")
        assert code == 0
        assert json.loads(out)["resolution"]["tally"]["met"] == 2
        assert "lines 9" in err

    def test_a_client_gets_a_pack_of_evidence(self, of_log, tmp_path) -> None:
        path = tmp_path / "pack.zip"
        code, out, err = of_log("--client", "Acme", "--evidence", str(path))
        assert (code, out) == (0, "")
        assert "pack.zip: 1 ledger, 2016-03-07 to 2016-03-31" in err
        with zipfile.ZipFile(path) as pack:
            assert pack.testzip() is None
            names = pack.namelist()
            assert any("I2" in name for name in names)
            assert not any("I1" in name for name in names)

    def test_no_line_of_progress_goes_where_nobody_looks(self, of_log) -> None:
        _, _, err = of_log()
        assert "\r" not in err
        assert "tickets\x1b" not in err


class TestBadInput:
    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (("--period", "2016-04"), "2016-03-07 and 2016-03-31"),
            (("--period", "2016-13"), "2016-13"),
            (("--period", "2016-03", "--from", "2016-03-01"), "one way"),
            (("--from", "2016-03-01"), "--to"),
            (("--from", "2016-03-09", "--to", "2016-03-01"), "2016-03-01"),
            (("--client", "Acmee"), "Acme"),
            (("--group", "G3"), "G1"),
            (("--technician", "Adda"), "Ada"),
            (("--evidence", "pack.zip"), "--client NAME"),
            (("-o", "report.pdf"), ".html, .csv, .json or .md"),
            (("-o", "/nowhere/report.html"), "/nowhere"),
            (("--freeze",), "--freeze"),
            (("--identify",), "--identify"),
        ],
    )
    def test_is_one_sentence_that_helps(self, of_log, words, said) -> None:
        code, out, err = of_log(*words)
        assert (code, out) == (2, "")
        sentence = err.strip().splitlines()[-1]
        assert sentence.startswith("sla-console: ")
        assert said in sentence
        assert "Traceback" not in err

    def test_a_log_that_is_not_there(self, tmp_path, capsys) -> None:
        (tmp_path / "P.toml").write_text(POLICY)
        words = ["report", "--log", "/no/log.csv", "--policy", str(tmp_path / "P.toml")]
        assert main(words) == 2
        assert "/no/log.csv" in capsys.readouterr().err

    def test_a_log_without_promises(self, log, capsys) -> None:
        assert main(["report", "--log", str(log)]) == 2
        assert "--policy FILE" in capsys.readouterr().err

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
    @pytest.mark.parametrize("name", ["report.html", "report.csv"])
    def test_a_full_disk_leaves_the_report_of_before_whole(
        self, of_log, tmp_path, monkeypatch, name
    ) -> None:
        path = tmp_path / name
        path.write_text("the report of last month")

        def full(_: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        code, _, err = of_log("-o", str(path))
        assert code == 2
        assert f"{name}: it cannot be written (No space left on device)" in err
        assert path.read_text() == "the report of last month"
        assert [one.name for one in tmp_path.iterdir() if "report" in one.name] == [name]

    def test_a_reader_that_leaves_early_is_no_fault(self, of_log, log, tmp_path) -> None:
        promises = tmp_path / "P.toml"
        line = f"'{CONSOLE}' report --log '{log}' --policy '{promises}' --format html | head -c 1"
        done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
        assert "Traceback" not in done.stderr


def test_the_schema_is_printed_and_describes_what_is_written(of_log, capsys) -> None:
    assert main(["report", "--schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(of_log("--format", "json")[1]), schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    margin = schema["$defs"]["TargetRecord"]["properties"]["margin"]["description"]
    assert margin.startswith("Seconds left when it was met; below zero: late by as many")


@pytest.fixture(scope="module")
def desk(simulate) -> str:
    return simulate(120)


@pytest.fixture(scope="module")
def home(desk, started, tmp_path_factory) -> Path:
    """A home whose console has synced once."""
    path = tmp_path_factory.mktemp("home")
    (path / "config.toml").write_text(
        f'[superops]\nurl = "{desk}"\nsubdomain = "demo"\n'
        '[ui]\noperator = "Sam"\ntimezone = "UTC"\n'
        '[reports]\nmay_identify = ["Marta"]\nleast_people = 2\n'
    )
    done = started(path, "status", "--sync")
    assert done.returncode == 0, done.stderr
    return path


def environ_of(home: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("SLA_CONSOLE", "XDG_"))}
    return kept | {"HOME": str(home), "SLA_CONSOLE_TOKEN": "demo-token"}


@pytest.fixture(scope="session")
def started(run_at):
    return lambda home, *words: run_at(home, *words, SLA_CONSOLE_TOKEN="demo-token")


@pytest.fixture
def report(home, started) -> Callable[..., subprocess.CompletedProcess[str]]:
    return lambda *words: started(home, "report", *words)


def day(back: int) -> str:
    return f"{datetime.now(UTC) - timedelta(days=back):%Y-%m-%d}"


class TestOfTheStore:
    def around(self) -> tuple[str, ...]:
        return ("--from", day(20), "--to", day(-20))

    def past(self) -> tuple[str, ...]:
        """Days that are over, with promises of the simulated desk in them."""
        return ("--from", day(20), "--to", day(1))

    def test_it_counts_each_promise_of_the_desk_once(self, report) -> None:
        done = report(*self.around(), "--format", "json")
        assert done.returncode == 0, done.stderr
        document = json.loads(done.stdout)
        promises = document["promises"]
        assert len({(one["number"], one["target"]) for one in promises}) == len(promises)
        for target in ("RESPONSE", "RESOLUTION"):
            tally = document[target.lower()]["tally"]
            of_it = [one for one in promises if one["target"] == target]
            assert tally["met"] + tally["missed"] + tally["open"] == len(of_it)

    def test_csv_opens_in_a_spreadsheet(self, report) -> None:
        done = report(*self.around(), "--format", "csv")
        rows = list(csv.reader(io.StringIO(done.stdout.removeprefix("\ufeff"))))
        assert len({len(row) for row in rows if row}) == 1
        assert not [cell for row in rows for cell in row if cell[:1] in {"=", "@", "\t", "\r"}]

    def test_a_client_that_is_not_known_is_named_with_the_nearest(self, report) -> None:
        document = json.loads(report(*self.around(), "--format", "json").stdout)
        known = document["promises"][0]["client"]
        done = report(*self.around(), "--client", known[:-1])
        assert done.returncode == 2
        assert known in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1

    def test_a_period_in_the_future_and_one_without_tickets_are_one_sentence(self, report) -> None:
        for words, said in (
            (("--period", "2090-01"), "has not begun"),
            (("--period", "2019-01"), "no promise was due in it"),
            (("--period", f"{datetime.now(UTC):%Y}", "--freeze"), "is not over before"),
        ):
            done = report(*words)
            assert (done.returncode, done.stdout) == (2, "")
            assert said in done.stderr
            assert len(done.stderr.strip().splitlines()) == 1

    def test_names_of_requesters_need_a_permission(self, report) -> None:
        done = report(*self.around(), "--identify")
        assert done.returncode == 2
        assert "Sam may not see the requesters' names" in done.stderr

    def test_without_it_they_have_pseudonyms(self, report) -> None:
        document = json.loads(report(*self.around(), "--format", "json").stdout)
        names = {one["requester"] for one in document["promises"]} - {""}
        assert names
        assert all(name.startswith("requester-") for name in names)

    def test_frozen_it_stays_and_is_listed(self, report, tmp_path) -> None:
        refused = report(*self.past(), "--freeze")
        assert refused.returncode == 2
        assert "was never read, so some of it would be missing for ever" in refused.stderr
        first = report(*self.past(), "--freeze", "--sync", "--format", "json")
        assert first.returncode == 0, first.stderr
        again = report(*self.past(), "--format", "json")
        assert again.returncode == 0, again.stderr
        one, other = json.loads(first.stdout), json.loads(again.stdout)
        assert one["frozen"]["figures"] == other["frozen"]["figures"]
        assert one["resolution"] == other["resolution"]
        assert "by Sam; nothing has changed" in again.stderr
        assert day(20) in report("--frozen").stdout

    def test_a_pack_of_evidence_holds_report_ledgers_policies_and_calendars(
        self, report, tmp_path
    ) -> None:
        document = json.loads(report(*self.around(), "--format", "json").stdout)
        missed = next(one for one in document["promises"] if one["outcome"] == "missed")
        path = tmp_path / "pack.zip"
        done = report(*self.around(), "--client", missed["client"], "--evidence", str(path))
        assert done.returncode == 0, done.stderr
        with zipfile.ZipFile(path) as pack:
            names = pack.namelist()
        assert any(missed["number"] in name for name in names)
        for what in ("report.html", "report.json", "polic", "calendar"):
            assert any(what in name for name in names), (what, names)

    def test_at_a_terminal_it_says_how_far_it_is(self, home) -> None:
        master, slave = pty.openpty()
        done = subprocess.run(
            [CONSOLE, "--config", str(home / "config.toml"), "report", "--sync", *self.around()],
            env=environ_of(home),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=slave,
            timeout=60,
            check=False,
        )
        os.close(slave)
        said = os.read(master, 65536).decode()
        os.close(master)
        assert done.returncode == 0, said
        assert re.search(r"\r[\d,]+ of [\d,]+ tickets", said)
        assert "\rasking SuperOps\x1b[K" in said
        assert "\rreading what was closed\x1b[K" in said
        assert said.endswith("\r\x1b[K")


class TestCheck:
    @pytest.fixture
    def checked(self, home, tmp_path) -> Callable[[str], str]:
        """Returns what ``check`` says of reports, with something added to the configuration."""

        def check(more: str) -> str:
            config = (home / "config.toml").read_text() + more
            (tmp_path / "config.toml").write_text(config)
            done = subprocess.run(
                [CONSOLE, "--config", str(tmp_path / "config.toml"), "check"],
                env=environ_of(home) | {"MAIL": "mailto://u:p@mail.example?to=a@b.example"},
                capture_output=True,
                text=True,
                stdin=subprocess.DEVNULL,
                timeout=60,
                check=False,
            )
            return "\n".join(line for line in done.stdout.splitlines() if " report " in line)

        return check

    CHANNELS = """
[alerts.channels.mail]
url_env = "MAIL"
[alerts.channels.screen]
service = "terminal"
[alerts.channels.off]
url_env = "MAIL"
enabled = false
[[reports.schedule]]
name = "Monthly"
"""

    def test_says_through_what_a_report_goes_out(self, checked) -> None:
        said = checked(self.CHANNELS + 'channels = ["mail"]\n')
        assert said.startswith("ok ")
        assert "goes out each month through mail" in said

    def test_tells_of_a_channel_that_takes_no_files_or_is_off(self, checked) -> None:
        said = checked(self.CHANNELS + 'channels = ["screen", "off"]\n')
        assert "its channel screen takes no files" in said
        assert "its channel off is switched off" in said

    def test_tells_of_a_client_that_is_not_there_with_the_nearest(self, checked, report) -> None:
        around = ("--from", day(20), "--to", day(-20), "--format", "json")
        name = json.loads(report(*around).stdout)["promises"][0]["client"]
        said = checked(self.CHANNELS + f'channels = ["mail"]\nclients = ["{name}x"]\n')
        assert f"no client is called '{name}x'; did you mean {name}?" in said

    def test_a_channel_that_does_not_exist_is_refused(self, home, tmp_path, started) -> None:
        config = (home / "config.toml").read_text() + self.CHANNELS + 'channels = ["mial"]\n'
        (tmp_path / "config.toml").write_text(config)
        done = started(tmp_path, "status")
        assert done.returncode == 2
        assert "mial" in done.stderr
        assert "mail" in done.stderr
