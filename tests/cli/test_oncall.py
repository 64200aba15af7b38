"""``sla-console oncall``: who is on call, and what people change about it themselves."""

import json

import pytest

CONFIG = """
[superops]
url = "http://127.0.0.1:9/msp"
subdomain = "demo"
[ui]
operator = "Ada Byron"
timezone = "Europe/Dublin"
[alerts.channels.screen]
service = "terminal"
[alerts.people.ada]
channels = ["screen"]
technician = "Ada Byron"
[alerts.people.bo]
channels = ["screen"]
[alerts.on_call.primary]
timezone = "Europe/Dublin"
starts = 2026-01-05
people = ["ada", "bo"]
[[alerts.rules]]
name = "All"
on_call = ["primary"]
"""
AWAY = """BEGIN:VCALENDAR
BEGIN:VEVENT
DTSTART;VALUE=DATE:20990105
DTEND;VALUE=DATE:20990110
SUMMARY:Skiing
END:VEVENT
END:VCALENDAR
"""


@pytest.fixture
def oncall(start, home, environ):
    """Runs ``oncall`` on a store that a first command has made."""
    path = home / "config.toml"
    path.write_text(CONFIG)
    environ |= {
        "SLA_CONSOLE_CONFIG": str(path),
        "SLA_CONSOLE_DATA_DIR": str(home / "data"),
        "SLA_CONSOLE_TOKEN": "hunter2",
    }
    assert start("status").returncode == 0

    def run(*words: str):
        return start("oncall", *words)

    return run


def turns(oncall) -> list[dict]:
    return json.loads(oncall("who", "--json").stdout)["turns"]


def test_what_is_taken_is_had_until_it_ends_and_given_back_by_its_id(oncall) -> None:
    (before, *_) = turns(oncall)
    other = {"ada": "bo", "bo": "ada"}[before["person"]]
    made = oncall("take", "--person", other, "--for", "2h", "--reason", "dentist")
    assert made.returncode == 0, made.stderr
    changed = turns(oncall)
    assert [one["person"] for one in changed[:2]] == [other, before["person"]]
    assert "by Ada Byron: dentist" in oncall("who").stdout
    assert oncall("end", made.stdout.partition(":")[0]).returncode == 0
    assert turns(oncall)[0]["person"] == before["person"]


def test_turns_are_swapped_whole(oncall) -> None:
    """Turns begin on Mondays; of two that follow each other, one is Ada's and one Bo's."""
    weeks = [one for one in turns(oncall) if one["end"] != one["start"]][1:3]
    mine, theirs = sorted(weeks, key=lambda one: one["person"])
    done = oncall("swap", "bo", "--mine", mine["start"], "--theirs", theirs["start"])
    assert done.returncode == 0, done.stderr
    handed = json.loads(oncall("who", "--json").stdout)["handovers"]
    assert {one["person"]: one["start"] for one in handed} == {
        "bo": mine["start"],
        "ada": theirs["start"],
    }


def test_the_operator_is_found_by_their_name_in_superops(oncall) -> None:
    assert oncall("take", "--for", "1h").stdout.partition(": ")[2].startswith("ada has primary")


def test_absences_are_read_and_replaced(oncall, home) -> None:
    file = home / "away.ics"
    file.write_text(AWAY)
    assert oncall("absent", "ada", str(file)).stdout.startswith("ada: absences to come: 1")
    assert oncall("absent").stdout.startswith("ada is away from Mon 2099-01-05 00:00 GMT")
    file.write_text("BEGIN:VCALENDAR\nEND:VCALENDAR\n")
    assert oncall("absent", "ada", str(file)).returncode == 0
    assert oncall("absent").stdout == ""


def test_turns_are_printed_for_other_calendars(oncall) -> None:
    found = oncall("ical", "--days", "14").stdout
    assert found.startswith("BEGIN:VCALENDAR")
    assert found.count("BEGIN:VEVENT") in {2, 3}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("give", "zed"), "found 'zed'"),
        (("give", "bo", "second"), "found 'second'"),
        (("give",), "expected the person who takes over"),
        (("take", "--for", "soon"), "such as 30m, 2h or 1d"),
        (("take", "--until", "2020-01-01T00:00"), "must end in the future"),
        (("take", "--until", "noon"), "expected a date and time"),
        (("take", "--until", "9999-12-31T00:00"), "within a year"),
        (("take", "--for", "2h", "--until", "2099-01-01"), "expected one of them"),
        (("swap", "bo"), "a time in your turn"),
        (("end", "nope"), "expected the id of a change"),
        (("who", "--days", "0"), "expected 1 to 366"),
        (("absent", "ada"), "found no file"),
        (("absent", "ada", "/nowhere.ics"), "cannot be read"),
    ],
)
def test_what_cannot_be_is_one_sentence(oncall, words, said) -> None:
    done = oncall(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_what_may_only_look_changes_nothing(oncall, home) -> None:
    path = home / "config.toml"
    path.write_text(CONFIG.replace("[ui]", "[ui]\nread_only = true"))
    for words in (
        ("take", "--for", "2h"),
        ("give", "bo", "--for", "2h"),
        ("swap", "bo", "--mine", "2099-01-05T12:00", "--theirs", "2099-01-12T12:00"),
        ("end", "abcd"),
        ("absent", "ada", "away.ics"),
    ):
        refused = oncall(*words)
        assert refused.returncode == 2
        assert "ui.read_only is true, so this command changes nothing" in refused.stderr
    assert oncall("absent").returncode == 0
