"""Any file of the user's may be something else than it should: a true sentence, and what can work works."""

import asyncio
import os
import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sla_console.cli.clock import SystemClock
from sla_console.cli.logs import log_to
from sla_console.cli.main import main
from sla_console.store.key import load_or_create_key
from sla_console.store.store import Store
from sla_console.ui.session.theme_files import ThemeFolder
from sla_console.ui.text.log_tail import log_tail

CONSOLE = str(Path(sys.executable).with_name("sla-console"))
_SECONDS = 20
"""A pipe that is opened without care hangs for ever."""

WORKS = ("", 0)
DATA, DATABASE = "data", "data/sla-console.db"
NO_LOG = "the log cannot be written ("


def put(path: Path, how: str) -> None:
    """Put something else in the place of a file or folder."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    match how:
        case "folder":
            path.mkdir()
        case "empty":
            path.touch(0o600)
        case "rubbish":
            path.write_bytes(bytes(range(255, -1, -1)) * 20)
        case "pipe":
            os.mkfifo(path, 0o600)
        case "link to nothing":
            path.symlink_to("nowhere")
        case "link to itself":
            path.symlink_to(path.name)
        case "huge":
            with path.open("wb") as file:
                file.truncate(1 << 36)
    if path.is_file():
        path.chmod(0o600)


@pytest.fixture(scope="module")
def good(tmp_path_factory) -> Path:
    """The files of a console that works."""
    folder = tmp_path_factory.mktemp("good")

    async def begin() -> None:
        key = load_or_create_key(folder / "key", None, {})
        await (await Store.open(folder / DATABASE, key, SystemClock().now)).close()

    asyncio.run(begin())
    return folder


@pytest.fixture
def home(good, tmp_path) -> Path:
    home = tmp_path / "home"
    shutil.copytree(good, home)
    (home / "config.toml").write_text(
        '[superops]\nurl = "http://127.0.0.1:9/msp"\nsubdomain = "demo"\ntoken = "t"\n'
        f'[store]\ndata_dir = "{home / DATA}"\nkey_file = "{home / "key"}"\n'
    )
    (home / "config.toml").chmod(0o600)
    return home


@pytest.fixture(autouse=True)
def _in_time():
    """Nothing here may wait for anything."""
    signal.alarm(_SECONDS)
    yield
    signal.alarm(0)


@pytest.mark.parametrize(
    ("file", "how", "sentence", "code"),
    [
        ("config.toml", "folder", "the configuration is a folder; give the path of", 2),
        ("config.toml", "empty", "superops.subdomain is missing; write", 2),
        ("config.toml", "rubbish", "line 1 is not UTF-8 text, expected TOML", 2),
        ("config.toml", "pipe", "the configuration is not a regular file", 2),
        ("config.toml", "link to nothing", "the configuration is a symbolic link", 2),
        ("config.toml", "huge", "the configuration is larger than 1 MiB", 2),
        ("key", "folder", "the database key is a folder", 2),
        ("key", "empty", "should hold the database key as 64 hexadecimal digits", 2),
        ("key", "rubbish", "should hold the database key as 64 hexadecimal digits", 2),
        ("key", "pipe", "the database key is not a regular file", 2),
        ("key", "link to nothing", "the database key is a symbolic link", 2),
        ("key", "huge", "the database key is larger than 1 MiB", 2),
        (DATA, "empty", "sla-console.db: it cannot be used (Not a directory)", 1),
        (DATA, "pipe", "sla-console.db: it cannot be used (Not a directory)", 1),
        (DATA, "link to nothing", "data: this is a link to nothing; mend the link", 1),
        (DATA, "link to itself", "Too many levels of symbolic links", 1),
        (DATABASE, "folder", "this is a folder, where the database should be", 1),
        (DATABASE, "empty", "the database is empty, but sla-console.db", 2),
        (DATABASE, "rubbish", "the database is damaged", 1),
        (DATABASE, "pipe", "this is no plain file, where the database should be", 1),
        (DATABASE, "link to nothing", "this is a link to nothing, where the database should", 1),
        (DATABASE, "huge", "the database is damaged", 1),
        (DATABASE + "-wal", "folder", "db-wal: this is a folder, where the database keeps", 1),
        (DATABASE + "-wal", "pipe", "db-wal: this is no plain file, where the database", 1),
        (DATABASE + "-wal", "link to nothing", "db-wal: this is a link to nothing", 1),
        (DATABASE + "-wal", "rubbish", *WORKS),
        (DATABASE + "-shm", "pipe", "db-shm: this is no plain file, where the database", 1),
        (DATABASE + "-shm", "rubbish", *WORKS),
        (DATABASE + ".keycheck", "folder", *WORKS),
        (DATABASE + ".keycheck", "empty", *WORKS),
        (DATABASE + ".keycheck", "rubbish", *WORKS),
        (DATABASE + ".keycheck", "pipe", *WORKS),
        (DATABASE + ".keycheck", "link to nothing", *WORKS),
        (DATABASE + ".keycheck", "huge", *WORKS),
        (DATABASE + ".ballast", "folder", *WORKS),
        (DATABASE + ".ballast", "pipe", *WORKS),
        ("data/log", "empty", f"{NO_LOG}its folder is a file", 0),
        ("data/log", "pipe", f"{NO_LOG}its folder is a file", 0),
        ("data/log", "link to nothing", f"{NO_LOG}its folder is a file or a link to nothing", 0),
        ("data/log/sla-console.log", "folder", f"{NO_LOG}Is a directory)", 0),
        ("data/log/sla-console.log", "pipe", f"{NO_LOG}it is no plain file)", 0),
        ("data/log/sla-console.log", "link to itself", f"{NO_LOG}Too many levels of", 0),
        ("data/log/sla-console.log", "rubbish", *WORKS),
        ("data/log/sla-console.log", "huge", *WORKS),
    ],
)
def test_what_is_not_what_it_should_be_is_named(home, capsys, file, how, sentence, code) -> None:
    put(home / file, how)
    assert main(["--config", str(home / "config.toml"), "status"]) == code
    output = capsys.readouterr()
    lines = output.err.strip().splitlines()
    assert "unexpected" not in output.err
    assert "Traceback" not in output.err
    assert all(line.startswith("sla-console: ") for line in lines)
    assert not sentence if not lines else sentence in lines[-1]
    assert ("0 open" in output.out) is (code == 0)


def test_a_log_that_was_a_pipe_all_along_waits_for_nobody(tmp_path) -> None:
    os.mkfifo(tmp_path / "sla-console.log")
    assert "it is no plain file" in log_to(tmp_path).fault
    with pytest.raises(OSError, match="no plain file"):
        log_tail(tmp_path / "sla-console.log", 5)


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("folder", "it cannot be read ("),
        ("pipe", "it cannot be read ("),
        ("link to nothing", "it cannot be read ("),
        ("rubbish", "it is not UTF-8 text"),
        ("empty", ""),
    ],
)
def test_a_theme_that_is_none_is_named_and_the_others_are_there(tmp_path, how, words) -> None:
    (tmp_path / "good.toml").write_text('inherits = "sla-dark"\n')
    put(tmp_path / "odd.toml", how)
    loaded = ThemeFolder(tmp_path).load()
    assert "good" in {theme.name for theme in loaded.themes}
    assert [str(tmp_path / "odd.toml") in fault and words in fault for fault in loaded.faults] == (
        [True] if words else []
    )


@pytest.mark.parametrize(("limit", "command"), [(8, "status"), (12, "status"), (18, "monitor")])
def test_too_few_files_are_told_as_such(home, limit, command) -> None:
    done = subprocess.run(
        [CONSOLE, "--config", str(home / "config.toml"), command],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit)),
    )
    assert done.returncode in {1, 2}
    assert "raise the limit" in done.stderr, done.stderr
    assert "ulimit -n 256" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
