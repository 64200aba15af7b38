"""``alerts`` and ``silences`` as people run them: real processes, receivers on loopback."""

import asyncio
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from sla_console.domain.alerts.alert import ChannelRecord
from sla_console.store.key import load_or_create_key
from sla_console.store.store import Store

CONSOLE = str(Path(sys.executable).with_name("sla-console"))
SECRET = "s3cretpath"


class Receiver:
    """Takes what is posted; refuses where the path says so."""

    def __init__(self) -> None:
        self.taken: list[dict] = []
        self.over = threading.Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                refuse = "refuse" in self.path
                if "hang" in self.path:
                    receiver.over.wait(30)
                if not refuse:
                    receiver.taken.append(json.loads(body))
                self.send_response(401 if refuse else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        self.address = f"127.0.0.1:{self.server.server_address[1]}"


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.over.set()
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture(scope="module")
def desk(simulate) -> str:
    return simulate(40)


@pytest.fixture(scope="module")
def home(tmp_path_factory, receiver, desk, run_with_data) -> Path:
    """A home whose console has read the desk once."""
    home = tmp_path_factory.mktemp("home")
    path = home / "config.toml"
    path.write_text(f"""
[superops]
url = "{desk}"
subdomain = "demo"
token = "demo-token"
[ui]
timezone = "Europe/Dublin"
operator = "Ada"
[alerts.channels.team]
service = "webhook"
url = "http://{receiver.address}/{SECRET}"
allow_private = true
[alerts.channels.sms]
url = "json://{receiver.address}/refuse/{SECRET}"
allow_private = true
[alerts.channels.wall]
service = "terminal"
[alerts.people.ada]
channels = ["team"]
[alerts.on_call.primary]
timezone = "Europe/Dublin"
starts = 2026-01-05
people = ["ada"]
[[alerts.rules]]
name = "Night"
hours = "outside"
on_call = ["primary"]
channels = ["sms"]
[[alerts.rules]]
name = "Day"
channels = ["team"]
[[alerts.rules]]
name = "Never"
channels = ["sms"]
[alerts.escalations.standard]
steps = [{{ after_minutes = 15, channels = ["sms"] }}]
""")
    path.chmod(0o600)
    done = run_with_data(home, "status", "--sync")
    assert done.returncode == 0, done.stderr
    return home


@pytest.fixture(scope="session")
def run_with_data(run_at):
    return lambda home, *words: run_at(home, *words, SLA_CONSOLE_DATA_DIR=str(home / "d"))


@pytest.fixture
def run(home, run_with_data):
    def start(*words: str) -> subprocess.CompletedProcess[str]:
        done = run_with_data(home, *words)
        for text in (done.stdout, done.stderr):
            assert SECRET not in text, "an address is printed nowhere"
            assert "Traceback" not in text
        return done

    return start


def refused(done) -> str:
    assert done.returncode == 2
    assert done.stdout == ""
    return done.stderr.strip()


def a_ticket(run) -> str:
    found = json.loads(run("status", "--json").stdout)["tickets"]
    return next(t["display_id"] for t in found if t["resolution"]["state"] == "running")


class TestTest:
    def test_a_channel_is_sent_a_marked_message_that_arrives(self, run, receiver) -> None:
        done = run("alerts", "test", "team")
        assert done.returncode == 0
        assert re.fullmatch(r"team: accepted \(\d+\.\d s\)\n", done.stdout)
        assert receiver.taken[-1]["title"].startswith("TEST")
        assert receiver.taken[-1]["event"] == "test"

    def test_a_rule_tries_whom_it_would_reach_now_and_says_who_refused(self, run) -> None:
        done = run("alerts", "test", "Night")
        assert done.returncode == 1
        assert "sms: refused: " in done.stdout
        assert "HTTP 401" in done.stdout
        assert "team: accepted" in done.stdout, "whoever is on call"

    def test_what_was_taken_stands_among_the_alerts_so_that_a_screen_rings(self, run, home) -> None:
        begun = datetime.now(UTC) - timedelta(seconds=1)
        for name in ("team", "wall", "sms"):
            run("alerts", "test", name)
        found = json.loads(run("alerts", "status", "--json").stdout)["channels"]
        last = {one["name"]: one["last_accepted_at"] for one in found}
        assert last["sms"] is None, "it refused"
        assert all(datetime.fromisoformat(last[name]) > begun for name in ("team", "wall"))
        ((_, channel, title, urgent),) = asyncio.run(_rings(home, begun))
        assert (channel, title, urgent) == ("wall", "TEST: nothing is wrong", False)

    def test_one_that_takes_it_is_known_to_work_again(self, run, home) -> None:
        asyncio.run(_mark_broken(home, "team"))
        assert "broken" in run("alerts").stdout
        assert run("alerts", "test", "team").returncode == 0
        assert "broken" not in run("alerts").stdout

    def test_one_that_never_ends_its_answer_is_waited_for_as_long_as_a_message_may_take(
        self, tmp_path, receiver, run_with_data
    ) -> None:
        path = tmp_path / "config.toml"
        path.write_text(f"""
[alerts]
send_timeout_seconds = 1
[alerts.channels.hung]
url = "json://{receiver.address}/hang/{SECRET}"
allow_private = true
""")
        path.chmod(0o600)
        done = run_with_data(tmp_path, "alerts", "test", "hung")
        assert done.returncode == 1
        said, noted = done.stdout.splitlines()
        assert said.startswith("hung: unknown: no answer in time; it may have arrived")
        assert noted == "No console has run here yet, so no screen rings and nothing is noted."

    def test_an_unknown_name_is_one_sentence_with_the_nearest(self, run) -> None:
        assert refused(run("alerts", "test", "tean")).endswith("did you mean team?")


class TestExplain:
    def test_it_says_who_would_be_told_what_and_sends_nothing(self, run, receiver) -> None:
        before = len(receiver.taken)
        done = run("alerts", "explain", a_ticket(run))
        assert done.returncode == 0
        assert "Would be told, if nothing happens:" in done.stdout
        assert re.search(r"the resolution is broken: (team|sms)", done.stdout)
        assert "by rule " in done.stdout
        assert len(receiver.taken) == before

    def test_as_json_nobody_is_null(self, run) -> None:
        found = json.loads(run("alerts", "explain", a_ticket(run), "--json").stdout)
        assert found["schema_version"] == 1
        first = found["would_be_told"][0]
        assert {"at", "event", "what", "channel", "person", "why", "held_back"} == set(first)

    def test_a_ticket_that_is_not_known_is_one_sentence(self, run) -> None:
        assert "is not known here" in refused(run("alerts", "explain", "999999"))
        assert "found no ticket" in refused(run("alerts", "explain"))


class TestStatus:
    def test_each_channel_has_a_line_also_those_that_were_never_used(self, run) -> None:
        done = run("alerts")
        lines = [line.split()[0] for line in done.stdout.splitlines()]
        assert max(len(line) for line in done.stdout.splitlines() if line[0] != " ") <= 80
        assert {"CHANNEL", "sms", "team", "wall"} <= set(lines)

    def test_as_json_it_is_documented_and_stable(self, run) -> None:
        found = json.loads(run("alerts", "status", "--json").stdout)
        assert [one["name"] for one in found["channels"]] == ["sms", "team", "wall"]
        assert {"state", "waiting", "dead", "dwell_p50", "dwell_p95", "dwell_max"} <= set(
            found["channels"][0]
        )


class TestSilences:
    def running(self, run) -> dict:
        found = json.loads(run("status", "--json").stdout)["tickets"]
        return next(t for t in found if t["resolution"]["state"] == "running")

    def test_one_is_added_listed_and_ended(self, run) -> None:
        ticket = self.running(run)
        client = ticket["client"]
        done = run("silences", "add", "--client", client, "--for", "30d", "--reason", "new switch")
        assert done.returncode == 0, done.stderr
        (one,) = json.loads(run("silences", "--json").stdout)["silences"]
        assert (one["words"], one["author"], one["reason"], one["active"]) == (
            f"client {client}", "Ada", "new switch", True,
        )  # fmt: skip
        assert "held back: silenced by Ada" in run("alerts", "explain", ticket["display_id"]).stdout
        assert run("silences", "end", one["id"]).returncode == 0
        assert run("silences").stdout == "Nothing is silenced.\n"
        assert one["id"] in run("silences", "--past").stdout

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (("--for", "2h", "--reason", "x"), "found nothing to silence"),
            (("--all", "--reason", "x"), "every silence has an end"),
            (("--all", "--for", "2h", "--until", "2026-01-01T00:00", "--reason", "x"), "one of"),
            (("--all", "--for", "soon", "--reason", "x"), "such as 30m, 2h or 1d"),
            (("--all", "--until", "2020-01-01T00:00", "--reason", "x"), "end in the future"),
            (("--all", "--until", "noon", "--reason", "x"), "expected a date and time"),
            (("--all", "--for", "90d", "--reason", "x"), "within 31 days"),
            (("--all", "--for", "2h"), "found no reason"),
            (("--all", "--until", "9999-12-31T23:59-12:00", "--reason", "x"), "within 31 days"),
            (("--all", "--until", "0001-01-01T00:00+12:00", "--reason", "x"), "end in the future"),
            (("--client", "Nobody Ltd", "--for", "2h", "--reason", "x"), "not known here"),
            (("--priority", "Critcal", "--for", "2h", "--reason", "x"), "did you mean Critical?"),
            (("--group", "Nobody", "--for", "2h", "--reason", "x"), "not known here"),
            (("--policy", "Nobody", "--for", "2h", "--reason", "x"), "not known here"),
        ],
    )
    def test_what_is_missing_or_wrong_is_one_sentence(self, run, words, said) -> None:
        assert said in refused(run("silences", "add", *words))
        assert run("silences").stdout == "Nothing is silenced.\n", "and nothing is silenced"

    def test_ending_one_that_is_not_there_names_those_that_are(self, run) -> None:
        assert refused(run("silences", "end", "nope")).endswith("there are none")


def test_check_finds_rules_that_never_match_and_that_nobody_watches_the_watcher(run) -> None:
    said = run("check").stdout
    assert re.search(r"trouble\s+rule Never\s+it never matches, because 'Day'", said)
    assert re.search(r"note\s+heartbeat\s+none is set", said)


def test_check_finds_rules_and_maintenance_that_can_match_nothing(home, run) -> None:
    path = home / "config.toml"
    whole = path.read_text()
    odd = """
[[alerts.rules]]
name = "Odd"
clients = ["Nobody Ltd"]
priorities = ["Critcal"]
groups = ["Nobody"]
policies = ["Nobody"]
levels = ["42%"]
channels = ["team"]
[[alerts.rules]]
name = "Late"
events = ["breach"]
levels = ["90%"]
channels = ["team"]
"""
    window = """
[[alerts.maintenance]]
name = "Old"
timezone = "Europe/Dublin"
from = 2020-12-24T12:00:00
to = 2020-12-24T13:00:00
priorities = ["Critcal"]
"""
    path.write_text(whole.replace("\n[[alerts.rules]]", f"{odd}[[alerts.rules]]", 1) + window)
    try:
        done = run("check")
    finally:
        path.write_text(whole)
    assert done.returncode == 1
    for said in (
        "trouble  rule Odd       no client is called 'Nobody Ltd'",
        "trouble  rule Odd       no priority is called 'Critcal'; did you mean Critical?",
        "trouble  rule Odd       no group is called 'Nobody'",
        "trouble  rule Odd       no policy is called 'Nobody'",
        "trouble  rule Odd       no warning is given at 42%; [warnings] has 75%, 90%",
        "trouble  rule Late      it never matches, because levels are of warnings",
        "trouble  maintenance Old no priority is called 'Critcal'; did you mean Critical?",
        "note     maintenance Old it is over; remove it",
    ):
        assert said in done.stdout


def test_check_finds_that_nobody_hears_of_tickets_that_nobody_has(home, run) -> None:
    path = home / "config.toml"
    whole = path.read_text()
    rules = whole.index("[[alerts.rules]]")
    steps = whole.index("[alerts.escalations.standard]")
    holder = '[[alerts.rules]]\nname = "Holder"\npeople = ["assignee"]\n'
    path.write_text(whole[:rules] + holder + whole[steps:])
    try:
        done = run("check")
    finally:
        path.write_text(whole)
    assert (
        "note     rules          breaches of tickets that nobody has may be told to nobody"
        in done.stdout
    )


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (
            'url = "http://8.8.8.8/SECRET"',
            "trouble  heartbeat      alerts.heartbeat: found http://",
        ),
        (
            'url_env = "NOT_SET"',
            "trouble  heartbeat      environment variable NOT_SET: it is not set",
        ),
        (
            'url = "https://8.8.8.8/SECRET"',
            "ok       heartbeat      understood; address from alerts.",
        ),
    ],
)
def test_check_tries_the_heartbeats_address_without_calling_it(home, run, written, said) -> None:
    path = home / "config.toml"
    whole = path.read_text()
    path.write_text(f"{whole}[alerts.heartbeat]\n{written.replace('SECRET', SECRET)}\n")
    try:
        done = run("check")
    finally:
        path.write_text(whole)
    assert said in done.stdout


def test_check_finds_a_template_that_fails_and_a_rule_that_reaches_nobody(home, run) -> None:
    path = home / "config.toml"
    whole = path.read_text()
    folder = home / "templates"
    folder.mkdir()
    (folder / "breach.j2").write_text("{% block title %}{{ tickte.number }}{% endblock %}")
    muted = whole.replace('on_call = ["primary"]\nchannels = ["sms"]', "")
    path.write_text(
        muted.replace(
            "[alerts.channels.team]", f'[alerts]\ntemplates = "{folder}"\n[alerts.channels.team]', 1
        )
    )
    try:
        done = run("check")
    finally:
        path.write_text(whole)
    assert done.returncode == 1
    assert re.search(r"trouble\s+templates\s+breach\.j2, line 1: ", done.stdout)
    assert re.search(r"note\s+rule Night\s+it names nobody", done.stdout)


def _key_file(home: Path) -> Path:
    return next(home.rglob("store.key"))


async def _open(home: Path) -> Store:
    key = load_or_create_key(_key_file(home), keyring_entry=None)
    return await Store.open(home / "d" / "sla-console.db", key)


async def _rings(home: Path, since: datetime) -> list[tuple[int, str, str, bool]]:
    store = await _open(home)
    found = await store.deliveries.rings(["wall"], since)
    await store.close()
    return found


async def _mark_broken(home: Path, name: str) -> None:
    store = await _open(home)
    await store.deliveries.save_channel(ChannelRecord(name, broken="HTTP 401"))
    await store.close()


SECRETS = ("s3cret-path", "s3cret-query", "s3cret-user", "s3cret-word", "s3cret-beat")
SIGNING = "whsec_czNjcmV0c2lnbmluZ2tleXMzY3JldHNpZ25pbmc="
TOLD = """
[alerts]
canary_at = "00:00"
[alerts.heartbeat]
url = "http://{address}/s3cret-beat"
every_seconds = 10
allow_private = true
[alerts.channels.good]
service = "webhook"
url = "http://{address}/s3cret-path?token=s3cret-query"
allow_private = true
signing = {{ key = "{signing}" }}
[alerts.channels.bad]
url = "json://s3cret-user:s3cret-word@{address}/refuse/s3cret-path"
allow_private = true
[alerts.channels.gone]
url = "json://s3cret-user:s3cret-word@127.0.0.1:9/s3cret-path"
allow_private = true
"""


def test_no_secret_reaches_the_database_the_log_or_what_is_printed(
    tmp_path, desk, receiver, run_with_data
) -> None:
    """No secret anywhere: channels that take, refuse and cannot be reached, and a heartbeat; then look everywhere."""
    path = tmp_path / "config.toml"
    told = TOLD.format(address=receiver.address, signing=SIGNING)
    path.write_text(
        f'[superops]\nurl = "{desk}"\nsubdomain = "demo"\ntoken = "demo-token"\n'
        f'[logging]\nlevel = "DEBUG"\n{told}'
    )
    path.chmod(0o600)
    before = len(receiver.taken)
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("SLA_CONSOLE", "XDG_"))}
    process = subprocess.Popen(
        [CONSOLE, "--config", str(path), "monitor"],
        env=kept | {"HOME": str(tmp_path), "SLA_CONSOLE_DATA_DIR": str(tmp_path / "d")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        until = time.monotonic() + 40
        while time.monotonic() < until:
            found = json.loads(run_with_data(tmp_path, "alerts", "status", "--json").stdout or "{}")
            states = {one["name"]: one for one in found.get("channels", ())}
            if states and states["bad"]["why"] and states["gone"]["last_error"]:
                break
            time.sleep(0.2)
    finally:
        process.terminate()
        printed = process.communicate(timeout=20)[0]
    assert len(receiver.taken) > before, "one took it"
    assert states["bad"]["why"], "one refused it"
    assert states["gone"]["last_error"], "one was not there"
    for words in (
        ("check",),
        ("info",),
        ("alerts",),
        ("status", "--json"),
        ("alerts", "test", "bad"),
    ):
        done = run_with_data(tmp_path, *words)
        printed += done.stdout + done.stderr
    logs = "".join(file.read_text() for file in (tmp_path / "d").rglob("*.log*"))
    assert "alerts" in logs or "channel" in logs, "there is a log to look into"
    everything = printed + logs + asyncio.run(_dumped(tmp_path))
    for secret in (*SECRETS, SIGNING, "demo-token"):
        assert secret not in everything


async def _dumped(home: Path) -> str:
    """Every row of every table."""
    store = await _open(home)
    tables = await store._database.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
    rows = [await store._database.rows(f"SELECT * FROM {name}") for (name,) in tables]
    await store.close()
    assert sum(map(len, rows)) > 100
    return repr(rows)
