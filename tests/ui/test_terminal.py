"""What really reaches a terminal: a pseudo terminal on one side, the whole console on the other."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import textwrap
import time
from pathlib import Path

import pyte
import pytest

pytestmark = pytest.mark.slow

HOSTILE = (
    "\x1b]52;c;cHduZWQ=\x07", "\x1b]2;PWNED-TITLE\x07", "\x1bP1;2q\x1b\\", "\x9b31m", "\x1b[2J",
    "\u202egnp.exe", "zero\u200bwidth", "[@click=app.quit]click[/]", "[/nope]",
    "[link=http://evil.example]x[/link]", "[red]not red[/red]", "$(reboot)", "\x07\x08\x7f",
)  # fmt: skip

PROGRAM = """
    import fcntl, importlib.util, sys, termios

    # Its controlling terminal, as a shell's, so that closing it sends what that sends.
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    from dataclasses import replace
    from datetime import timedelta

    def load(name, path):
        spec = importlib.util.spec_from_file_location(name, path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    from sla_console.ui.session.options import UIOptions
    from sla_console.ui.run import prepare_environment, run_console

    options = UIOptions(timezone="Europe/Dublin")
    prepare_environment(options)
    kit = load("kit", {kit!r})
    clock = load("clock", {clock!r}).ManualClock(kit.START)
    desk = kit.Desk(kit.START)
    from sla_console.domain.text import clean
    from sla_console.domain.tickets.ticket import TicketNote
    hostile = [clean(text) for text in {hostile!r}]
    tickets = [
        desk.ticket(n, timedelta(minutes=n - 4), subject=text, client=text, technician=text,
                    status=text, display_id=text, priority=text, requester=text)
        for n, text in enumerate(hostile)
    ]
    breaches = [desk.breach(t, note=t.ticket.subject, acknowledged_by=t.ticket.subject)
                for t in tickets if t.breached(desk.now)]
    board = desk.board(tickets, breaches, desk.health(leader=hostile[0], leading=False))
    link = kit.FakeLink({board})
    link.service.notes = [TicketNote(str(n), text, desk.now, text) for n, text in enumerate(hostile)]
    {more}
    from sla_console.domain.errors import SLAConsoleError
    try:
        code = run_console(link, clock, "Sam", options)
    except SLAConsoleError as error:
        code = error
    print("ENDED", code)
"""


class Console:
    """The console in a pseudo terminal, every byte of which is kept."""

    def __init__(self, board: str = "board", more: str = "", **environ: str) -> None:
        here = Path(__file__).parent
        program = textwrap.dedent(PROGRAM).format(
            kit=str(here / "conftest.py"), clock=str(here.parent / "conftest.py"),
            hostile=HOSTILE, board=board, more=more,
        )  # fmt: skip
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        env = {k: v for k, v in os.environ.items() if k not in {"NO_COLOR", "COLORTERM"}}
        self.process = subprocess.Popen(
            [sys.executable, "-c", program], stdin=slave, stdout=slave, stderr=slave,
            env=env | {"TERM": "xterm-256color", "COLUMNS": "", "LINES": ""} | environ,
            start_new_session=True,
        )  # fmt: skip
        os.close(slave)
        self.size = (100, 30)
        self.output = bytearray()

    def read(self, seconds: float) -> bool:
        ready, _, _ = select.select([self.master], [], [], seconds)
        if not ready:
            return False
        try:
            chunk = os.read(self.master, 1 << 16)
        except OSError:
            return False
        self.output += chunk
        return bool(chunk)

    def until(self, words: str, seconds: float = 20, *, gone: bool = False) -> str:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.read(0.05)
            screen = self.screen()
            if (words in screen) is not gone:
                return screen
        raise AssertionError(
            f"{words!r} was {'still' if gone else 'not'} shown; the screen was:\n{self.screen()}"
        )

    def resize(self, columns: int, rows: int) -> None:
        """Change the size as a terminal does; what is read from now on is of that size."""
        while self.read(0.1):
            pass
        self.output.clear()
        self.size = (columns, rows)
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def state(self) -> str:
        """The process' state as the kernel has it: R, S, T..."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text()
        return stat.rpartition(")")[2].split()[0]

    def press(self, keys: str) -> None:
        os.write(self.master, keys.encode())

    def screen(self) -> str:
        screen = pyte.Screen(*self.size)
        text = self.output.decode(errors="replace")
        # pyte knows no private parameters of these two; a terminal takes them as no output.
        text = re.sub(r"\x1b\[[<>=?][0-9;]*[a-zA-Z$]*[a-z]", "", text)
        pyte.Stream(screen).feed(text)
        return "\n".join(screen.display)

    def end(self, how: signal.Signals | None = None) -> int:
        if how is not None:
            self.process.send_signal(how)
        deadline = time.monotonic() + 10
        while self.process.poll() is None and time.monotonic() < deadline:
            self.read(0.05)
        while self.read(0.05):
            pass
        return self.process.wait(1)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(5)
        if self.master >= 0:
            os.close(self.master)

    def hang_up(self) -> None:
        """Close the terminal, as when a connection is lost."""
        os.close(self.master)
        self.master = -1


@pytest.fixture
def console(request):
    opened: list[Console] = []

    def start(**how: str) -> Console:
        opened.append(Console(**how))
        return opened[-1]

    yield start
    for one in opened:
        one.close()


def test_hostile_ticket_text_reaches_the_terminal_as_plain_text_in_every_view(console):
    terminal = console()
    terminal.until("BREACHED")
    for keys, words in (
        ("2", "[2 Breaches"), ("3", "[3 Technicians"), ("4", "[4 Clients"), ("5", "[5 Forecast"),
        ("6", "[6 Alerts"), ("7", "[7 Policies"), ("8", "[8 Health"), ("w", "NEXT BREACH"),
        ("1", "[1 Board"), ("v", "First response"), ("v", ""), ("a", "Acknowledge"),
        ("\x1b", ""), ("e", "Will be told"), ("\x1b", ""), ("\r", "First response"),
        ("c", "Messages and notes"), ("\x1b", ""), ("/zero\r", "1 of 13"), ("\x1b", ""),
        ("?", "Hand it up"), ("\x1b", ""), ("y", "Copied"),
    ):  # fmt: skip
        terminal.press(keys)
        if words:
            terminal.until(words)
            opened = words
        else:
            terminal.until(opened, gone=True)
    assert "[/nope]" in terminal.until("[/nope]")
    terminal.press("q")
    assert terminal.end() == 0
    seen = bytes(terminal.output)
    # Its own: the title's, and the clipboard that was asked for.
    own = re.findall(rb"\x1b\]52;c;([A-Za-z0-9+/=]*)\x07", seen)
    assert len(own) == 1
    assert b"cHduZWQ=" not in own
    titles = re.findall(rb"\x1b\]2;([^\x07]*)\x07", seen)
    assert titles
    assert all(b"PWNED" not in title for title in titles)
    for raw in (
        b"\x1bP1;2q", b"\x9b31m", b"\xc2\x9b", b"\x7f", b"\x08", b"\x1b[2J",
        "\u202e".encode(), "\u200b".encode(), b"\x1b]8;",
    ):  # fmt: skip
        assert raw not in seen, raw


def test_a_new_alert_rings_once_and_its_words_cannot_be_a_command(console):
    more = """
    from sla_console.domain.board import AlertsSnapshot, Ring
    def later():
        title = "4;3;50 \\x1b]52;c;cHduZWQ=\\x07" + "x" * 300
        rings = tuple(Ring(n, title, True, ("bell", "osc9")) for n in (1, 2, 3))
        link.publish(replace(board, version=board.version + 1, alerts=AlertsSnapshot(rings=rings),
                             counts=replace(board.counts, open=77)))
    options = replace(options, on_painted=later)
    """
    terminal = console(more=textwrap.dedent(more))
    terminal.until("77 open")
    terminal.press("q")
    assert terminal.end() == 0
    seen = bytes(terminal.output)
    (told,) = re.findall(rb"\x1b\]9;([^\x07]*)\x07", seen)
    assert told.startswith(b"4,3,50 ")
    assert b";" not in told
    assert b"\x1b" not in told
    assert len(told.decode()) <= 200
    assert b"\x1b]52;" not in seen
    # What is left, beside the ends of such sequences, is the bell.
    assert re.sub(rb"\x1b\][^\x07]*\x07", b"", seen).count(b"\x07") == 1


def test_no_color_takes_every_colour_away_and_leaves_the_words(console):
    terminal = console(NO_COLOR="1")
    screen = terminal.until("BREACHED")
    assert "AT RISK" in screen
    terminal.press("j")
    terminal.press("q")
    assert terminal.end() == 0
    codes = re.findall(rb"\x1b\[([0-9;]*)m", bytes(terminal.output))
    used = {code for group in codes for code in group.split(b";") if code}
    assert b"7" in used
    assert not {code for code in used if 30 <= int(code) <= 38 or 40 <= int(code) <= 48}
    assert not {code for code in used if int(code) >= 90}


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_cleanly_and_gives_the_terminal_back(console, how):
    terminal = console()
    terminal.until("BREACHED")
    assert terminal.end(how) == 0
    seen = bytes(terminal.output)
    assert b"ENDED 0" in seen
    assert seen.rindex(b"\x1b[?1049l") > seen.rindex(b"\x1b[?1049h")
    assert seen.rindex(b"\x1b[?1003l") > seen.rindex(b"\x1b[?1003h")
    assert seen.rindex(b"\x1b[23;2t") > seen.rindex(b"\x1b[22;2t")


FAILING = textwrap.dedent("""
    from sla_console.ui.screens.board import BoardView
    whole, failures = BoardView.tick_body, []
    def broken(self, shown):
        token = "canary-7f3a"
        failures.append(token)
        if len(failures) <= TIMES:
            raise ZeroDivisionError(token)
        whole(self, shown)
    BoardView.tick_body = broken
    options = replace(options, log_file="the.log")
""")


def test_a_screen_that_fails_is_started_again_and_says_so(console):
    terminal = console(more=FAILING.replace("TIMES", "2"))
    terminal.until("The screen failed")
    assert "BREACHED" in terminal.until("ZeroDivisionError")
    terminal.press("q")
    assert terminal.end() == 0
    assert b"ENDED 0" in terminal.output
    assert b"canary" not in terminal.output


def test_one_that_fails_again_and_again_ends_with_one_sentence_and_no_local_variable(console):
    terminal = console(more=FAILING.replace("TIMES", "99"))
    assert terminal.end() == 0
    after = bytes(terminal.output).rpartition(b"\x1b[?1049l")[2].replace(b"\r\n", b" ")
    assert b"the screen failed 4 times" in after
    assert b"ZeroDivisionError" in after
    assert b"Nobody watches from here now" in after
    assert b"where it happened is in the.log" in after
    assert b"canary" not in terminal.output
    assert b"Traceback" not in terminal.output


def test_a_ticking_board_writes_a_few_bytes(console):
    more = "clock.now = lambda base=kit.START, t=__import__('time').monotonic(): base + timedelta(seconds=__import__('time').monotonic() - t)"
    terminal = console(more=more)
    terminal.until("BREACHED")
    deadline = time.monotonic() + 1.5
    while time.monotonic() < deadline:
        terminal.read(0.1)
    before = len(terminal.output)
    deadline = time.monotonic() + 3
    while time.monotonic() < deadline:
        terminal.read(0.1)
    assert 0 < (len(terminal.output) - before) / 3 < 900
    terminal.press("q")
    assert terminal.end() == 0


def test_it_follows_the_size_of_its_terminal(console):
    terminal = console()
    terminal.until("BREACHED")
    for size, words in (
        ((200, 50), "Breaches"), ((60, 15), "[1 Board]"), ((50, 10), "BREACHED:"),
        ((100, 30), "[1 Board]"),
    ):  # fmt: skip
        terminal.resize(*size)
        screen = terminal.until(words)
        assert len(screen.splitlines()) == size[1]
    terminal.press("q")
    assert terminal.end() == 0


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="asks Linux for its state")
def test_ctrl_z_gives_the_terminal_back_and_fg_takes_it_again(console):
    terminal = console()
    terminal.until("BREACHED")
    terminal.press("\x1a")
    deadline = time.monotonic() + 10
    while terminal.state() != "T" and time.monotonic() < deadline:
        terminal.read(0.05)
    assert terminal.state() == "T"
    while terminal.read(0.1):
        pass
    seen = bytes(terminal.output)
    assert seen.rindex(b"\x1b[?1049l") > seen.rindex(b"\x1b[?1049h")
    assert seen.rindex(b"\x1b[?1003l") > seen.rindex(b"\x1b[?1003h")
    terminal.output.clear()
    terminal.process.send_signal(signal.SIGCONT)
    terminal.until("BREACHED")
    assert b"\x1b[?1049h" in terminal.output
    terminal.press("2")
    terminal.until("[2 Breaches")
    terminal.press("q")
    assert terminal.end() == 0


def test_a_stray_sigcont_starts_nothing_twice(console):
    terminal = console()
    terminal.until("BREACHED")
    terminal.process.send_signal(signal.SIGCONT)
    terminal.press("2")
    terminal.until("[2 Breaches")
    threads = Path(f"/proc/{terminal.process.pid}/task")
    names = [(task / "comm").read_text() for task in threads.iterdir()] if threads.exists() else []
    terminal.press("q")
    assert terminal.end() == 0
    assert len(names) < 12


def test_a_terminal_that_closes_leaves_no_process_behind(console):
    terminal = console()
    terminal.until("BREACHED")
    terminal.hang_up()
    assert terminal.process.wait(15) is not None


FAST = """
    import threading, time
    from sla_console.ui.app import ConsoleApp
    beats = [0]
    def faster(self):
        def beat():
            beats[0] += 1
            open({path!r}, "w").write(str(beats[0]))
            self.screen.refresh()
        self.set_interval(0.02, beat)
    ConsoleApp.on_ready = faster
    print = lambda *_: None  # it would wait for the terminal itself
"""


@pytest.fixture
def stalled(console, tmp_path):
    """A console that paints all the time, on a terminal that is not read for a while."""
    path = tmp_path / "beats"
    path.write_text("0")
    terminal = console(more=textwrap.dedent(FAST.format(path=str(path))))
    terminal.until("BREACHED")

    def beats() -> int:
        return int(path.read_text() or 0)

    return terminal, beats


def test_a_terminal_that_is_not_read_stops_nothing_and_is_painted_anew_after(stalled):
    terminal, beats = stalled
    time.sleep(1.0)  # real time: the kernel's buffer must fill
    full = beats()
    deadline = time.monotonic() + 10
    while beats() < full + 50 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert beats() >= full + 50  # Textual alone stands still after thirty writes
    terminal.press("2")
    screen = terminal.until("[2 Breaches")
    assert "Number" in screen
    terminal.press("q")
    assert terminal.end() == 0


def test_a_terminal_that_is_not_read_does_not_keep_it_from_ending(stalled):
    terminal, _ = stalled
    time.sleep(1.0)  # as above
    terminal.process.send_signal(signal.SIGTERM)
    assert terminal.process.wait(15) is not None
