"""The front door: what is printed, which code it leaves with, and how little it loads."""

import subprocess
import sys
import types
from collections.abc import Callable
from pathlib import Path

import pytest

from sla_console.cli import main as run_main
from sla_console.domain.errors import StoreFull, UserError

Start = Callable[..., subprocess.CompletedProcess[str]]
Refusal = Callable[..., str]


def test_without_anything_it_welcomes_and_names_what_to_do(start: Start) -> None:
    done = start()
    assert done.returncode == 0
    assert done.stderr == ""
    assert "sla-console demo" in done.stdout
    assert "sla-console init" in done.stdout
    assert len(done.stdout.splitlines()) < 12


def test_help_names_every_command(start: Start) -> None:
    done = start("--help")
    assert done.returncode == 0
    commands = "console demo replay simulator monitor status check init info"
    for command in [*commands.split(), "--config", "--data-dir"]:
        assert command in done.stdout


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("demo", "--speed --tickets --seed --ascii --once"),
        ("replay", "LOG --speed --start --ascii --once"),
        ("simulator", "--port --tickets --seed --token --host"),
        ("status", "--json --sync"),
        ("init", "--force"),
        ("console", "--config --data-dir"),
    ],
)
def test_help_of_a_command_names_its_options(start: Start, command: str, options: str) -> None:
    done = start(command, "--help")
    assert done.returncode == 0
    for option in options.split():
        assert option in done.stdout


def test_the_version_is_the_package_s(start: Start) -> None:
    done = start("--version")
    assert done.returncode == 0
    assert done.stdout.split()[0] == "sla-console"
    assert done.stdout.split()[1][0].isdigit()


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        ("dmeo", ["'dmeo' is no command", "did you mean demo?", "'sla-console --help'"]),
        ("xyzzy", ["'xyzzy' is no command", "there are console, wall, demo"]),
        ("demo --sped 3", ["--sped", "did you mean --speed?", "'sla-console demo --help'"]),
        ("demo more", ["'more'", "remove it"]),
        ("demo --speed 0", ["--speed", "found '0'", "above 0"]),
        ("demo --speed nan", ["--speed", "found 'nan'"]),
        ("demo --speed inf", ["--speed", "found 'inf'"]),
        ("demo --speed fast", ["--speed", "found 'fast'"]),
        ("demo --speed 100001", ["--speed", "at most 100000"]),
        ("demo --speed", ["--speed", "expected one argument"]),
        ("demo --tickets -1", ["--tickets", "found '-1'", "0 to 200000"]),
        ("demo --seed x", ["--seed", "found 'x'", "a whole number"]),
        ("simulator --port 65536", ["--port", "found '65536'", "0 to 65535"]),
        ("simulator --port http", ["--port", "found 'http'"]),
        ("simulator --port ٣", ["--port", "a whole number"]),
        ("report --by hours", ["--by: found 'hours'", "did you mean hour?"]),
        ("report --format pdf", ["--format: found 'pdf'", "there are html, csv, json, md"]),
        ("replay", ["LOG"]),
        ("replay log.csv --start yesterday", ["--start", "'yesterday'", "2016-03-01T08:00"]),
        ("--config /no/such.toml", ["/no/such.toml", "--config", "not there"]),
    ],
)
def test_bad_input_gets_one_sentence_and_code_2(
    refusal: Refusal, words: str, parts: list[str]
) -> None:
    sentence = refusal(*words.split())
    for part in parts:
        assert part in sentence


def test_bad_input_reaches_the_terminal_harmless(refusal: Refusal) -> None:
    assert "\x1b" not in refusal("\x1b[2J\x1b]0;x\x07")
    assert "\x1b" not in refusal("demo", "--speed", "\x1b[2J")
    assert "\x1b" not in refusal("demo", "--\x1b[2J")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("words", [("report", "--schema"), ("--version",), ("keys",)])
def test_a_full_disk_under_standard_output_is_one_sentence(
    environ: dict[str, str], words: tuple[str, ...]
) -> None:
    code = "import sys; from sla_console.cli import main; sys.exit(main())"
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", code, *words],
            check=False,
            env=environ,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
        )
    assert done.returncode == 2
    assert "standard output cannot be written (No space left on device)" in done.stderr
    assert done.stderr.count("\n") == 1


def test_help_loads_next_to_nothing(environ: dict[str, str]) -> None:
    code = (
        "import sys\n"
        "from sla_console.cli import main\n"
        "assert main(['--help']) == 0\n"
        "heavy = {'textual', 'rich', 'httpx', 'aiohttp', 'pydantic', 'aiosqlite', 'apprise',\n"
        "         'asyncio', 'platformdirs', 'logging', 'typing', 'dataclasses', 'shutil',\n"
        "         'pathlib', 'importlib.metadata'}\n"
        "found = heavy & set(sys.modules) - before\n"
        "assert not found, found\n"
    )
    code = code.replace("import sys\n", "import sys\nbefore = set(sys.modules)\n", 1)
    subprocess.run([sys.executable, "-c", code], check=True, env=environ, stdout=subprocess.DEVNULL)


def test_output_that_nobody_reads_any_more_ends_quietly(environ: dict[str, str]) -> None:
    code = "import sys; from sla_console.cli import main; sys.exit(main(['--help']))"
    process = subprocess.Popen(
        ["/bin/sh", "-c", 'exec 3>&1; { "$0" -c "$1"; echo $? >&3; } | true', sys.executable, code],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    out, err = process.communicate(timeout=60)
    assert err == ""
    assert out.strip() in {"141", "0"}  # 0 where the reader left after the last byte


class Command:
    """A command module in the place of a real one."""

    def __init__(self) -> None:
        self.arguments = None
        self.answer: int | BaseException = 0

    def run(self, arguments: object) -> int:
        self.arguments = arguments
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], Command]:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "SLA_CONSOLE_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SLA_CONSOLE_DATA_DIR", str(tmp_path / "data"))

    def stand_in(name: str) -> Command:
        made = Command()
        module = types.ModuleType(f"sla_console.cli.{name}")
        module.run = made.run
        monkeypatch.setitem(sys.modules, module.__name__, module)
        return made

    return stand_in


def test_the_command_gets_its_arguments_and_gives_the_code(
    command: Callable[[str], Command],
) -> None:
    replay = command("replay")
    replay.answer = 1
    code = run_main(
        ["--config", "a.toml", "replay", "log.csv", "--speed", "60x", "--start", "2016-03-01T08:00"]
    )
    assert code == 1
    given = replay.arguments
    assert (given.config, given.log, given.speed) == ("a.toml", "log.csv", 60.0)
    assert given.start.isoformat() == "2016-03-01T08:00:00+00:00"
    assert (given.ascii, given.once, given.data_dir) == (False, False, None)


def test_common_options_may_stand_behind_the_command(command: Callable[[str], Command]) -> None:
    status = command("status")
    run_main(["--config", "before", "status", "--data-dir", "behind", "--json"])
    assert (status.arguments.config, status.arguments.data_dir) == ("before", "behind")
    assert status.arguments.json
    assert not status.arguments.sync


def test_a_user_s_mistake_is_one_sentence_and_code_2(
    command: Callable[[str], Command], capsys: pytest.CaptureFixture[str]
) -> None:
    command("check").answer = UserError("config.toml: wrong\nand more")
    assert run_main(["check"]) == 2
    assert capsys.readouterr().err == "sla-console: config.toml: wrong and more\n"


def test_trouble_is_one_sentence_and_code_1(
    command: Callable[[str], Command], capsys: pytest.CaptureFixture[str]
) -> None:
    command("check").answer = StoreFull("no space is left")
    assert run_main(["check"]) == 1
    assert capsys.readouterr().err == "sla-console: no space is left\n"


@pytest.fixture
def crash(environ: dict[str, str], tmp_path: Path) -> Callable[[], str]:
    """Runs a command that fails as no command should; returns what standard error shows."""
    code = (
        "import sys, types\n"
        "from sla_console.cli import main\n"
        "module = sys.modules['sla_console.cli.check'] = types.ModuleType('check')\n"
        "module.run = lambda arguments: {}['internal detail']\n"
        "sys.exit(main(['check']))\n"
    )

    def run() -> str:
        done = subprocess.run(
            [sys.executable, "-c", code],
            check=False,
            env=environ | {"SLA_CONSOLE_DATA_DIR": str(tmp_path / "data")},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 1
        assert done.stderr.count("\n") == 1
        return done.stderr

    return run


def test_the_unexpected_is_one_sentence_and_the_log_holds_the_rest(
    crash: Callable[[], str], tmp_path: Path
) -> None:
    shown = crash()
    log = tmp_path / "data" / "log" / "sla-console.log"
    assert "KeyError" in shown
    assert str(log) in shown
    assert "internal detail" not in shown
    assert "Traceback" in log.read_text()
    assert "internal detail" in log.read_text()


def test_a_log_that_cannot_be_written_does_not_hide_the_trouble(
    crash: Callable[[], str], tmp_path: Path
) -> None:
    (tmp_path / "data").write_text("a file in the folder's place")
    shown = crash()
    assert "KeyError" in shown
    assert "the log cannot be written" in shown


def test_debugging_shows_the_traceback(
    command: Callable[[str], Command],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SLA_CONSOLE_DEBUG", "1")
    command("check").answer = UserError("wrong")
    assert run_main(["check"]) == 2
    assert "Traceback" in capsys.readouterr().err


def test_ctrl_c_leaves_with_130(command: Callable[[str], Command]) -> None:
    command("monitor").answer = KeyboardInterrupt()
    assert run_main(["monitor"]) == 130


@pytest.mark.parametrize("words", [[], ["console"]])
def test_without_a_terminal_the_board_is_printed_in_the_console_s_place(
    command: Callable[[str], Command],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
) -> None:
    monkeypatch.setenv("SLA_CONSOLE_SUPEROPS__SUBDOMAIN", "acme")
    status = command("status")
    assert run_main(words) == 0
    assert "this is not a terminal" in capsys.readouterr().err
    assert (status.arguments.json, status.arguments.sync) == (False, False)


def test_at_a_terminal_the_console_opens(
    command: Callable[[str], Command], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        monkeypatch.setattr(stream, "isatty", lambda: True)
    config = tmp_path / "config.toml"
    config.touch()
    console = command("console")
    console.answer = 1
    assert run_main(["--config", str(config)]) == 1
    assert console.arguments.config == str(config)
