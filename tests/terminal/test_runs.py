"""The console in a true terminal: start, keys, size, signals, a reader that stalls."""

import json
import os
import platform
import re
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

CONSOLE = str(Path(sys.executable).with_name("sla-console"))
ALT_SCREEN_OFF = b"\x1b[?1049l"
DEMO = ("demo", "--tickets", "60", "--seed", "1", "--speed", "1")


def demo(start, **size):
    session = start(*DEMO, **size)
    session.wait_for("BREACHED")
    return session


@pytest.fixture(scope="module")
def desk() -> Iterator[str]:
    command = [CONSOLE, "simulator", "--port", "0", "--tickets", "50", "--seed", "3"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    found = re.search(r"http://\S+", process.stdout.readline())
    assert found
    yield found[0]
    process.terminate()
    process.wait(10)
    process.stdout.close()


@pytest.fixture
def environ(desk, tmp_path) -> dict[str, str]:
    return {
        "SLA_CONSOLE_SUPEROPS__URL": desk,
        "SLA_CONSOLE_SUPEROPS__SUBDOMAIN": "demo",
        "SLA_CONSOLE_TOKEN": "demo-token",
        "SLA_CONSOLE_DATA_DIR": str(tmp_path / "kept"),
    }


def test_it_is_used_with_the_keyboard_alone_at_80_by_24(start) -> None:
    session = demo(start, columns=80, rows=24)
    session.wait_for(lambda text: re.search(r"[1-9]\d* unacknowledged", text) is not None)
    unacknowledged = int(re.search(r"(\d+) unacknowledged", session.text)[1])
    session.press("a")
    session.wait_for("Reason")
    session.press("on it\r")
    session.wait_for(f"{unacknowledged - 1} unacknowledged")
    session.press("2")
    session.wait_for("✓ acknowledged")
    session.press("?")
    session.wait_for("─ Keys ─")
    session.press("\x1b")
    session.wait_for(lambda text: "─ Keys ─" not in text)
    session.press("q")
    assert session.wait_for_end() == 0
    assert ALT_SCREEN_OFF in session.raw


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (200, 60), (300, 80)])
def test_it_fits_every_size_and_follows_a_change(start, columns, rows) -> None:
    session = demo(start, columns=columns, rows=rows)
    assert "quit" in session.text.lower()
    session.resize(40, 10)
    session.wait_for(lambda text: "60x15" in text or "breached" in text.lower())
    session.resize(columns, rows)
    session.wait_for("● BREACHED")


def test_a_size_that_the_shell_exported_once_is_not_believed(start) -> None:
    session = start(*DEMO, columns=120, rows=30, COLUMNS="80", LINES="24")
    screen = session.wait_for(lambda text: "Quit" in text)
    assert "Quit" in screen.splitlines()[-1]
    session.resize(100, 26)
    session.wait_for(lambda text: "Quit" in text.splitlines()[-1])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_with_the_terminal_restored(start, number) -> None:
    session = demo(start)
    session.signal(number)
    assert session.wait_for_end() == 0
    assert ALT_SCREEN_OFF in session.raw


def test_even_killed_outright_it_gives_the_terminal_back(start) -> None:
    session = demo(start)
    session.signal(signal.SIGKILL)
    assert session.wait_for_end() == -signal.SIGKILL
    session.wait_for(lambda _: ALT_SCREEN_OFF in session.raw)
    after = bytes(session.raw).rpartition(b"\x1b[?1000l")[2]
    assert b"\x1b[?25h" in after
    assert b"\x1b[?2004l" in after


def test_left_in_order_it_gives_the_terminal_back_once(start) -> None:
    session = demo(start)
    session.press("q")
    assert session.wait_for_end() == 0
    for _ in range(10):
        session.pump(0.05)
    assert session.raw.count(ALT_SCREEN_OFF) == 1


def test_after_a_kill_it_comes_back_from_the_cache(start, environ) -> None:
    session = start(**environ)
    session.wait_for("live")
    # The row counts below zero a moment before the breach is there to be acknowledged.
    session.wait_for(lambda text: re.search(r"[1-9]\d* unacknowledged", text) is not None)
    session.press("a")
    session.wait_for("Reason")
    session.press("mine\r")
    session.wait_for("✓ BREACHED")
    session.signal(signal.SIGKILL)
    assert session.wait_for_end() == -signal.SIGKILL
    again = start(**environ | {"SLA_CONSOLE_SUPEROPS__URL": "http://127.0.0.1:9/msp"})
    again.wait_for("✓ BREACHED")
    again.wait_for("stale")
    again.press("q")
    assert again.wait_for_end() == 0


@pytest.mark.skipif(
    (sys.platform, platform.machine()) != ("linux", "x86_64"),
    reason="that the terminal really stalled is read from this kernel's tables",
)
def test_a_stalled_terminal_does_not_stop_the_engine(start, environ, tmp_path) -> None:
    """Nobody reads the terminal, so what is written to it waits; the engine syncs on."""
    session = start(**environ, SLA_CONSOLE_SYNC__OPEN_SECONDS="10")
    session.wait_for("live")
    for turn in range(80):
        # Whole repaints fill the terminal's buffer and then the screen's queue of writes.
        session.resize(*((300, 80) if turn % 2 else (200, 60)))
        session.press("j")
        select.select([], [], [], 0.05)
    calls = [
        Path(task / "syscall").read_text() for task in Path(f"/proc/{session.pid}/task").iterdir()
    ]
    # select or pselect6, with nothing to read and something to write: the terminal takes no more.
    waits = re.compile(r"(23|270) 0x[0-9a-f]+ 0x0 0x[1-9a-f]")
    assert any(waits.match(call) for call in calls), "the terminal never stalled"

    def last_sync() -> str:
        done = subprocess.run(
            [CONSOLE, "status", "--json"],
            env=os.environ
            | environ
            | {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "config")},
            capture_output=True,
            text=True,
            check=True,
        )
        return json.loads(done.stdout)["health"]["last_sync_at"]

    first, deadline = last_sync(), time.monotonic() + 30
    while last_sync() == first:
        assert time.monotonic() < deadline, "the engine stood still with the screen"
    session.resize(100, 30)
    session.wait_for("live")
    session.press("q")
    assert session.wait_for_end() == 0


def test_hostile_ticket_text_reaches_the_terminal_harmless(start) -> None:
    session = demo(start, columns=200, rows=60)
    session.wait_for("Printer says [bold]PC")
    assert b"hello\x07" not in session.raw
    assert "\u202e".encode() not in session.raw
    session.press("q")
    assert session.wait_for_end() == 0


def test_the_title_tells_the_breaches(start) -> None:
    session = demo(start)
    session.wait_for(lambda _: re.search(rb"\x1b\]2;\d+ BREACHED", bytes(session.raw)) is not None)


def test_a_dumb_terminal_is_refused_in_one_sentence(start) -> None:
    session = start(*DEMO, TERM="dumb")
    assert session.wait_for_end() == 2
    assert "this terminal can show no screen" in session.text.replace("\n", "")


def test_no_screen_shows_a_channels_address(start, desk, tmp_path) -> None:
    """No secret on a screen: what they show of channels that fail, byte for byte."""
    path = tmp_path / "config.toml"
    path.write_text(f"""
[superops]
url = "{desk}"
subdomain = "demo"
token = "demo-token"
[alerts]
canary_at = "00:00"
[alerts.heartbeat]
url = "http://127.0.0.1:9/s3cret-beat"
every_seconds = 10
allow_private = true
[alerts.channels.chat]
url = "json://s3cret-user:s3cret-word@127.0.0.1:9/s3cret-path?token=s3cret-query"
allow_private = true
[alerts.channels.hook]
service = "webhook"
url = "http://127.0.0.1:9/s3cret-path"
signing = {{ key = "s3cret-key-of-more-than-24-bytes" }}
allow_private = true
""")
    path.chmod(0o600)
    session = start("--config", str(path), columns=160, rows=50)
    session.wait_for("unacknowledged")
    session.press("8")
    session.wait_for(lambda text: text.count("it refuses the connection") >= 2)
    session.press("6")
    session.wait_for(lambda text: "it refuses the connection" in text and "gathering" in text)
    session.press("\r")
    session.wait_for("Who was told")
    for secret in (b"s3cret", b"demo-token"):
        assert secret not in session.raw


def test_each_edit_of_the_configuration_is_taken_up_or_told_with_its_line(
    start, environ, tmp_path
) -> None:
    file = tmp_path / "config" / "sla-console" / "config.toml"
    file.parent.mkdir(parents=True)
    good = '[superops]\nsubdomain = "demo"\n[ui]\nascii = false\n'
    file.write_text(good)
    session = start(**environ)
    session.wait_for("● BREACHED")
    file.write_text(good + "[sync\n")
    session.wait_for("line 5")
    session.wait_for("● BREACHED")
    file.write_text(good.replace("false", "true"))
    session.wait_for("* BREACHED")
    file.write_text(good.replace("ascii = false", 'theme = "sla-lihgt"'))
    session.wait_for("line 4: ui.theme")
    session.wait_for("did you mean")
    file.write_text(good)
    session.wait_for("● BREACHED")
    session.press("q")
    assert session.wait_for_end() == 0


@pytest.mark.parametrize(
    ("environ", "sign", "encoding"),
    [
        ({"LANG": "C", "LC_ALL": "C"}, "* BREACHED", "ascii"),
        ({"TERM": "linux", "LANG": "", "LC_ALL": ""}, "* BREACHED", "cp437"),
    ],
    ids=["no UTF-8", "Linux console"],
)
def test_the_screen_has_only_signs_that_the_terminal_can_show(start, environ, sign, encoding):
    session = start("demo", "--tickets", "12", "--seed", "5", **environ)
    text = session.wait_for(lambda text: sign in text and "live" in text)
    # Between these stand the tickets, in whatever people write.
    lines = text.splitlines()
    "".join([*lines[:2], *lines[-2:]]).encode(encoding)
    session.press("q")
    assert session.wait_for_end() == 0


def test_while_superops_is_away_it_is_said_with_its_age_and_mends_itself(start, tmp_path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [CONSOLE, "simulator", "--port", str(port), "--tickets", "20", "--seed", "3"]

    def simulator() -> subprocess.Popen:
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    desk = simulator()
    session = start(
        SLA_CONSOLE_SUPEROPS__URL=f"http://127.0.0.1:{port}/msp",
        SLA_CONSOLE_SUPEROPS__SUBDOMAIN="demo",
        SLA_CONSOLE_TOKEN="demo-token",
        SLA_CONSOLE_SYNC__OPEN_SECONDS="10",
        SLA_CONSOLE_DATA_DIR=str(tmp_path / "away"),
    )
    try:
        session.wait_for("· live", 40)
        desk.terminate()
        desk.wait(10)
        session.wait_for(lambda text: re.search(r"stale \d+ s", text), 60)
        age = re.search(r"stale (\d+) s", session.text)[1]
        session.wait_for(lambda text: f"stale {age} s" not in text)
        session.press("2")
        session.wait_for("[2 Breaches")
        desk = simulator()
        session.wait_for("· live", 90)
    finally:
        desk.terminate()
        desk.wait(10)
    session.press("q")
    assert session.wait_for_end() == 0
    log = next(tmp_path.rglob("sla-console.log")).read_text()
    # What was being read when it went away may say so once more.
    assert log.count("monitoring.sync") == 2, log
    assert len(log.splitlines()) <= 3, log
