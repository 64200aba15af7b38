"""The documentation can be followed: its links lead somewhere, its commands and settings exist."""

import importlib
import inspect
import re
import shlex
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from textwrap import dedent

import pytest

from sla_console.cli.clock import SystemClock
from sla_console.cli.hosting import hosted_simulator
from sla_console.cli.main import main
from sla_console.cli.parser import PROGRAM, parse
from sla_console.config.settings import Settings
from sla_console.config.tree import keys_of, type_at
from sla_console.domain import errors
from sla_console.simulator.life import build_desk

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "sla_console" / "docs"
PAGES = sorted(FOLDER.glob("*.md"))
TEXTS = [ROOT / "README.md", *PAGES, *sorted((ROOT / ".github").glob("*.md"))]
FENCED = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
VARIABLE = re.compile(r"SLA_CONSOLE_[A-Z]+(?:__[A-Z_]*[A-Z])+")
OTHER_FILES = re.compile(r"# (themes/|map)\w*\.toml")
"""The first line of a block that shows another file than the configuration or a policy file."""


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def blocks(path: Path, *languages: str) -> list[str]:
    return [dedent(m[3]) for m in FENCED.finditer(path.read_text()) if m[2] in languages]


@cache
def prose(path: Path) -> str:
    """The text without its fenced blocks."""
    return FENCED.sub("", path.read_text())


@cache
def anchors(path: Path) -> frozenset[str]:
    """What a link may have after ``#``, as GitHub makes it of the headings."""
    headings = re.findall(r"^#+ (.+)$", prose(path), re.MULTILINE)
    return frozenset(re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings)


def words_of(line: str) -> list[str]:
    reader = shlex.shlex(line, posix=True, punctuation_chars=True)
    reader.whitespace_split = True
    return list(reader)


def commands(text: str) -> Iterator[list[str]]:
    """The words after ``sla-console`` of each command line that runs it."""
    for line in text.replace("\\\n", " ").splitlines():
        words = words_of(line)
        while words:
            end = next((n for n, word in enumerate(words) if set(word) <= set("|&;<>")), len(words))
            command, words = words[:end], words[end + 1 :]
            names = [word.rpartition("/")[2] for word in command]
            if PROGRAM in names and names[0] not in {"git", "cd"}:
                yield command[names.index(PROGRAM) + 1 :]


def refusal(words: list[str], capsys: pytest.CaptureFixture[str]) -> str | None:
    """What the command line's parser says against these words."""
    try:
        parse(words)
    except SystemExit as leaving:
        said = capsys.readouterr().err
        return f"{shlex.join(words)}: {said}" if leaving.code else None
    return None


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_a_page_begins_with_its_title(path) -> None:
    assert re.match(r"# \S.*\n\n", path.read_text())


@pytest.mark.parametrize("path", TEXTS, ids=name_of)
def test_every_link_leads_to_a_file_and_to_a_heading_of_it(path) -> None:
    lost = []
    for target in LINK.findall(prose(path)):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = (path.parent / name).resolve() if name else path
        if not file.exists() or (anchor and anchor not in anchors(file)):
            lost.append(target)
    assert not lost


@pytest.mark.parametrize("path", TEXTS, ids=name_of)
def test_every_command_in_a_block_is_understood(path, capsys) -> None:
    text = "\n".join(blocks(path, "sh", "ini"))
    assert not [said for words in commands(text) if (said := refusal(words, capsys))]


@pytest.mark.parametrize("path", TEXTS, ids=name_of)
def test_every_command_in_a_sentence_is_understood(path, capsys) -> None:
    """Those that only show the form, such as ``docs [PAGE]``, are left out."""
    lines = [" ".join(code.split()) for code in INLINE.findall(prose(path))]
    text = "\n".join(one for one in lines if one.startswith(f"{PROGRAM} ") and "[" not in one)
    assert not [said for words in commands(text) if (said := refusal(words, capsys))]


@pytest.mark.parametrize("path", TEXTS, ids=name_of)
def test_every_page_that_is_named_is_there(path) -> None:
    named = re.findall(rf"`{PROGRAM} docs ([a-z-]+)`", prose(path))
    assert not set(named) - {page.stem for page in PAGES}


@pytest.mark.parametrize("path", TEXTS, ids=name_of)
def test_every_setting_that_is_shown_exists(path) -> None:
    for text in blocks(path, "toml"):
        table = tomllib.loads(text)
        table.pop("stop_at", None)  # what a policy file has beside the tables of the configuration
        if not OTHER_FILES.match(text):
            Settings.model_validate(table, context={"folder": None})


@pytest.mark.parametrize("path", TEXTS, ids=name_of)
def test_every_variable_that_is_shown_names_a_setting(path) -> None:
    found = VARIABLE.findall(path.read_text())
    strange = {one for one in found if type_at(one[12:].lower().split("__")) is None}
    assert not strange


def test_the_page_on_the_configuration_has_every_section() -> None:
    rows = re.findall(r"^\| `\[*(\w+)", prose(FOLDER / "configuration.md"), re.MULTILINE)
    assert set(rows) >= set(keys_of(Settings))


class TestProgramming:
    """The page for programmers."""

    PAGE = FOLDER / "programming.md"

    def section(self, title: str) -> str:
        return self.PAGE.read_text().partition(f"\n## {title}\n")[2].partition("\n## ")[0]

    @pytest.mark.parametrize(
        ("room", "name"),
        [
            ("service.sla_service", "SLAService"),
            ("monitoring.data_access", "SLADataAccess"),
            ("monitoring.engine", "SLAMonitoringEngine"),
            ("alerting.manager", "AlertManager"),
        ],
    )
    def test_each_method_has_the_arguments_that_are_shown(self, room, name) -> None:
        kind = getattr(importlib.import_module(f"sla_console.{room}"), name)
        shown = re.findall(r"`([a-z]\w+)\((.*?)\)`", self.section(name))
        assert shown
        wrong = [
            method
            for method, arguments in shown
            if not set(re.findall(r"\w+", arguments))
            <= set(inspect.signature(getattr(kind, method)).parameters)
        ]
        assert not wrong

    def test_each_model_is_where_the_page_says(self) -> None:
        rows = re.findall(r"^\| (.+?) \| `([\w.]+)`", self.section("Models"), re.MULTILINE)
        assert rows
        lost = [
            f"{module}.{name}"
            for names, module in rows
            for name in re.findall(r"`(\w+)`", names)
            if not hasattr(importlib.import_module(module), name)
        ]
        assert not lost

    def test_each_error_is_there(self) -> None:
        found = re.findall(r"`([A-Z]\w+)`", self.section("Errors"))
        assert set(found) == {
            name
            for name, kind in vars(errors).items()
            if isinstance(kind, type) and kind.__module__ == errors.__name__
        } | {"KeyError"}

    @pytest.mark.slow
    def test_the_example_runs_against_the_simulator(self, tmp_path, monkeypatch, capsys) -> None:
        """The page's own settings, with the address of a simulator of twelve tickets."""
        clock = SystemClock()
        desk = build_desk(seed=1, tickets=12, start=clock.now())
        monkeypatch.chdir(tmp_path)
        with hosted_simulator(desk, clock) as server:
            settings = blocks(self.PAGE, "toml")[0].replace("http://127.0.0.1:8600/msp", server.url)
            file = tmp_path / "config.toml"
            file.write_text(settings)
            file.chmod(0o600)
            exec(blocks(self.PAGE, "python")[0], {})
        assert "12 open tickets" in capsys.readouterr().out


class TestCommand:
    """``sla-console docs``."""

    def test_without_a_name_it_lists_each_page_with_its_title(self, capsys) -> None:
        assert main(["docs"]) == 0
        shown = dict(re.split(r" {2,}", line) for line in capsys.readouterr().out.splitlines())
        assert shown == {page.stem: page.read_text().partition("\n")[0][2:] for page in PAGES}

    @pytest.mark.parametrize("name", ["glossary", "Glossary", "glossary.md"])
    def test_a_page_is_printed_as_it_is(self, name, capsys) -> None:
        assert main(["docs", name]) == 0
        assert capsys.readouterr().out == (FOLDER / "glossary.md").read_text()

    def test_a_page_that_there_is_not_is_refused_with_the_nearest(self, capsys) -> None:
        assert main(["docs", "glosary"]) == 2
        said = capsys.readouterr().err
        assert "'glosary'" in said
        assert "glossary" in said.replace("'glosary'", "")
