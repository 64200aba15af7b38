"""``sla-console backtest``: what a promise would have meant on history."""

import gzip
import json
from pathlib import Path

import pytest

from sla_console.cli.main import main

LOG = Path(__file__).parents[3] / "shared" / "data" / ("incident_event_log_until_2016-03-13.csv.gz")
OFFICE = "\n".join(f'{day} = [["14:00", "23:30"]]' for day in ("mon", "tue", "wed", "thu", "fri"))
MODERATE = f"""
stop_at = "closed"
[statuses]
hold = []
closed = ["Closed"]
[calendars.office]
timezone = "UTC"
{OFFICE}
[[policies]]
name = "Moderate"
priority = "3 - Moderate"
resolution_hours = 65.5
"""
HEADER = (
    "number,incident_state,sys_updated_at,opened_at,priority,assignment_group,assigned_to,"
    "caller_id,location,category,resolved_at,closed_at,made_sla\n"
)


def rows(*lines: str) -> str:
    return HEADER + "".join(f"{line}\n" for line in lines)


# Monday 7 March 2016; the promise is four hours around the clock.
DESK = rows(
    "I1,New,7/3/2016 08:00,7/3/2016 08:00,High,G1,?,C,Acme,Mail,7/3/2016 11:00,8/3/2016 11:00,true",
    "I1,Active,7/3/2016 08:30,7/3/2016 08:00,High,G1,Ada,C,Acme,Mail,7/3/2016 11:00,8/3/2016 11:00,true",
    "I1,Resolved,7/3/2016 11:00,7/3/2016 08:00,High,G1,Ada,C,Acme,Mail,7/3/2016 11:00,8/3/2016 11:00,true",
    "I2,New,7/3/2016 09:00,7/3/2016 09:00,High,G1,?,C,Acme,Mail,7/3/2016 15:00,7/3/2016 16:00,true",
    "I2,Waiting,7/3/2016 10:00,7/3/2016 09:00,High,G1,Bob,C,Acme,Mail,7/3/2016 15:00,7/3/2016 16:00,true",
    "I2,Awaiting User Info,7/3/2016 10:00,7/3/2016 09:00,High,G1,Bob,C,Acme,Mail,7/3/2016 15:00,7/3/2016 16:00,true",
    "I2,Active,7/3/2016 12:00,7/3/2016 09:00,High,G1,Bob,C,Acme,Mail,7/3/2016 15:00,7/3/2016 16:00,true",
    "I2,Resolved,7/3/2016 15:00,7/3/2016 09:00,High,G1,Bob,C,Acme,Mail,7/3/2016 15:00,7/3/2016 16:00,true",
    "I3,New,7/3/2016 09:00,7/3/2016 09:00,High,G2,?,C,Blue,Mail,?,?,false",
    "I4,New,7/3/2016 09:00,7/3/2016 09:00,Low,G2,?,C,Blue,Mail,?,?,false",
)
FOUR = """
stop_at = "{stop}"
[statuses]
hold = {hold}
closed = ["Resolved", "Closed"]
[[policies]]
name = "Four hours"
priority = "High"
response_minutes = 60
resolution_hours = 4.0
business_hours_only = false
"""


@pytest.fixture
def tried(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    def run(policy: str, log: str | Path = DESK, *options: str) -> tuple[dict, str]:
        (tmp_path / "P.toml").write_text(policy)
        path = log
        if isinstance(log, str):
            path = tmp_path / "log.csv"
            path.write_text(log)
        out = tmp_path / "out.json"
        words = ["--policy", str(tmp_path / "P.toml"), "--log", str(path), "--json", str(out)]
        code = main(["backtest", *words, *options])
        printed = capsys.readouterr()
        assert code == 0, printed.err
        return json.loads(out.read_text()), printed.out

    return run


def clock(document: dict, number: str, target: str = "resolution") -> dict:
    found = {incident["number"]: incident for incident in document["incidents"]}
    return found[number]["clocks"][target]


def test_each_ticket_and_clock_has_its_verdict(tried) -> None:
    document, _ = tried(FOUR.format(stop="resolved", hold="[]"))
    assert clock(document, "I1") == {
        "due": "2016-03-07T12:00:00Z",
        "stopped_at": "2016-03-07T11:00:00Z",
        "allowed_seconds": 14_400.0,
        "consumed_seconds": 10_800.0,
        "held_seconds": 0.0,
        "breached": False,
    }
    assert clock(document, "I1", "response")["consumed_seconds"] == 1_800.0
    assert clock(document, "I2")["breached"] is True


def test_a_status_that_holds_stops_the_clock(tried) -> None:
    document, _ = tried(FOUR.format(stop="resolved", hold='["Awaiting User Info"]'))
    assert clock(document, "I2")["held_seconds"] == 7_200.0
    assert clock(document, "I2")["consumed_seconds"] == 14_400.0
    assert clock(document, "I2")["breached"] is False


def test_a_promise_that_runs_to_the_closing_counts_on_while_resolved(tried) -> None:
    document, _ = tried(FOUR.format(stop="closed", hold="[]"))
    assert clock(document, "I1")["stopped_at"] == "2016-03-08T11:00:00Z"
    assert clock(document, "I1")["breached"] is True


def test_nothing_after_until_is_known(tried) -> None:
    document, _ = tried(
        FOUR.format(stop="resolved", hold="[]"), DESK, "--until", "2016-03-07T10:00"
    )
    assert clock(document, "I1")["stopped_at"] is None
    assert clock(document, "I1")["consumed_seconds"] == 7_200.0
    assert clock(document, "I1")["breached"] is False
    assert clock(document, "I3", "response")["breached"] is False, "it is due just then"


def test_an_open_ticket_that_is_late_is_missed_and_one_in_time_is_neither(tried) -> None:
    document, out = tried(FOUR.format(stop="resolved", hold="[]"))
    assert clock(document, "I3")["stopped_at"] is None
    assert clock(document, "I3")["breached"] is True
    assert document["tickets_without_policy"] == 1
    assert "1 tickets match no policy" in out


@pytest.mark.skipif(not LOG.exists(), reason="the real incident log is not beside the project")
def test_the_policy_that_fits_the_real_log_agrees_with_its_own_verdicts(tried) -> None:
    document, out = tried(MODERATE, LOG)
    compared = [i for i in document["incidents"] if i["made_sla"] is not None]
    agreed = sum(i["made_sla"] is not i["clocks"]["resolution"]["breached"] for i in compared)
    assert len(compared) > 3_500
    assert agreed / len(compared) >= 0.999
    assert f"{agreed} of {len(compared)} resolutions agree" in out


@pytest.mark.parametrize(
    ("policy", "complaint"),
    [
        (FOUR.format(stop="sometime", hold="[]"), 'stop_at: found "sometime"'),
        ('stop_at = "closed"', "expected at least one [[policies]]"),
        (FOUR.format(stop="closed", hold="[]").replace("High", "Tall"), "none of the 4 tickets"),
        ("[[policies]", "not valid TOML"),
        (FOUR.format(stop="closed", hold="[]").replace("4.0", "0"), "more than 0"),
    ],
)
def test_a_policy_file_that_cannot_be_tried_gets_one_sentence(
    policy: str, complaint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "P.toml").write_text(policy)
    (tmp_path / "log.csv").write_text(DESK)
    words = ["--policy", str(tmp_path / "P.toml"), "--log", str(tmp_path / "log.csv")]
    assert main(["backtest", *words]) == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert complaint in error
    assert "P.toml" in error


def test_an_unwritable_answer_leaves_nothing_behind(tmp_path: Path, capsys) -> None:
    (tmp_path / "P.toml").write_text(FOUR.format(stop="closed", hold="[]"))
    (tmp_path / "log.csv").write_text(DESK)
    words = ["--policy", str(tmp_path / "P.toml"), "--log", str(tmp_path / "log.csv")]
    assert main(["backtest", *words, "--json", str(tmp_path / "no" / "out.json")]) == 2
    assert "cannot be written" in capsys.readouterr().err


REAL = pytest.mark.skipif(
    not LOG.exists(), reason="the real incident log is not beside the project"
)


@pytest.fixture
def part(tmp_path: Path) -> Path:
    """The incidents of the real log that were opened on the first four days."""
    with gzip.open(LOG, "rt", encoding="utf-8") as log:
        lines = log.readlines()
    opened = lines[0].split(",").index("opened_at")
    first = ("29/2/2016", "1/3/2016", "2/3/2016", "3/3/2016")
    mine = [line for line in lines[1:] if line.split(",")[opened].split(" ")[0] in first]
    (tmp_path / "part.csv").write_text("".join([lines[0], *mine]))
    return tmp_path / "part.csv"


@REAL
def test_before_the_first_due_time_it_says_one_sentence_and_no_figure(tried, part: Path) -> None:
    """A target of 65.5 office hours takes seven working days; the log begins on 29 February."""
    document, out = tried(MODERATE, part, "--forecast", "--train-until", "2016-03-02T12:00")
    assert document["forecast"]["brier"] is None
    assert "no answer: not enough history: 0 of 60 resolutions have come due" in out
    assert "BRIER" not in out


def a_life(number: str, opened: str, resolved: str) -> list[str]:
    tail = f"{resolved},{resolved},true"
    who = "High,G1,Ada,C,Acme,Mail"
    return [
        f"{number},New,{opened},{opened},{who},{tail}",
        f"{number},Resolved,{resolved},{opened},{who},{tail}",
    ]


@pytest.mark.parametrize("how", [(), ("--rolling",)])
def test_the_forecast_learns_nothing_from_what_came_after(tried, how: tuple[str, ...]) -> None:
    """Of the known ones those of six and of seven hours broke the promise of four."""

    def answers(later: str) -> list[dict]:
        known = [
            a_life(f"K{n}", f"{1 + n % 5}/3/2016 08:00", f"{1 + n % 5}/3/2016 {9 + n % 7:02}:00")
            for n in range(90)
        ]
        still_open = [a_life(f"O{n}", "6/3/2016 23:30", later) for n in range(20)]
        asked = [a_life("A1", "7/3/2016 08:00", "7/3/2016 20:00")]
        log = rows(*(line for life in [*known, *still_open, *asked] for line in life))
        policy = FOUR.format(stop="resolved", hold="[]")
        options = ("--forecast", *how, "--train-until", "2016-03-07T00:00")
        document, _ = tried(policy, log, *options)
        return document["forecast"]["answers"]

    soon, late = answers("7/3/2016 00:30"), answers("9/3/2016 00:30")
    assert [answer["probability"] for answer in soon].count(None) < len(soon)
    assert soon == late


def test_a_policy_under_which_nothing_breaks_gets_one_sentence(tried) -> None:
    lives = [
        a_life(f"K{n}", f"{1 + n % 9}/3/2016 08:00", f"{1 + n % 9}/3/2016 09:00")
        for n in range(200)
    ]
    log = rows(*(line for life in lives for line in life))
    policy = FOUR.format(stop="resolved", hold="[]")
    document, out = tried(policy, log, "--forecast", "--rolling", "--train-until", "2016-03-05")
    assert "first responses broke; 8 must have" in out
    assert "BRIER" not in out
    assert document["forecast"]["without_meaning"] is not None


def test_a_log_that_covers_too_little_gets_one_sentence(tried) -> None:
    policy = FOUR.format(stop="resolved", hold="[]")
    _, out = tried(policy, DESK, "--forecast", "--rolling")
    assert "no answer: not enough history: 0 of 60" in out
    assert "BRIER" not in out


def test_a_forecast_needs_a_moment_to_learn_until(tmp_path: Path, capsys) -> None:
    (tmp_path / "P.toml").write_text(FOUR.format(stop="closed", hold="[]"))
    (tmp_path / "log.csv").write_text(DESK)
    words = ["--policy", str(tmp_path / "P.toml"), "--log", str(tmp_path / "log.csv")]
    assert main(["backtest", *words, "--forecast"]) == 2
    assert "--train-until" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--until", "2010-01-01"), "no ticket had been opened by then"),
        (
            ("--forecast", "--train-until", "2030-01-01"),
            "expected a moment between 2016-03-07T08:00",
        ),
        (
            ("--forecast", "--train-until", "2010-01-01"),
            "expected a moment between 2016-03-07T08:00",
        ),
    ],
)
def test_a_moment_outside_history_gets_one_sentence(
    options: tuple[str, ...], complaint: str, tmp_path: Path, capsys
) -> None:
    (tmp_path / "P.toml").write_text(FOUR.format(stop="closed", hold="[]"))
    (tmp_path / "log.csv").write_text(DESK)
    words = ["--policy", str(tmp_path / "P.toml"), "--log", str(tmp_path / "log.csv")]
    assert main(["backtest", *words, *options]) == 2
    assert complaint in capsys.readouterr().err
