"""What could not be read is said: ``--sync`` that failed, and statements that rest on nothing."""

import asyncio
import json
import sys
from dataclasses import dataclass

import pytest

from sla_console.cli.clock import SystemClock
from sla_console.simulator.life import build_desk
from sla_console.simulator.server import SimulatorServer

pytestmark = pytest.mark.slow

RUN = "import sys; from sla_console.cli import main; sys.exit(main())"
SYNCING = (
    ("status",), ("report",), ("forecast",), ("performance",), ("explain", "1"),
    ("alerts", "explain", "1"), ("alerts", "status"),
)  # fmt: skip
REFUSED = ("getClientSiteList", "getTechnicianList", "getSLAList", "getTicketList")


@dataclass
class Done:
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
async def desk():
    clock = SystemClock()
    server = SimulatorServer(
        build_desk(5, 30, clock.now()), clock, token="right", subdomain="demo",
        requests_per_minute=100_000,
    )  # fmt: skip
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
def run(desk, environ, home):
    folder = home / ".config" / "sla-console"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(f'[superops]\nsubdomain = "demo"\nurl = "{desk.url}"\n')

    async def start(*words: str) -> Done:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", RUN, *words,
            env=environ | {"SLA_CONSOLE_TOKEN": "right", "COLUMNS": "200"},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, err = await process.communicate()
        return Done(process.returncode or 0, out.decode(), err.decode())

    return start


def refuse(desk, operation: str) -> None:
    """Let every request of this kind be refused."""
    desk.faults.next("forbidden", times=10_000, operation=operation)


@pytest.mark.parametrize("words", SYNCING, ids=" ".join)
async def test_a_sync_that_failed_in_part_ends_with_one_sentence_and_1(desk, run, words):
    refuse(desk, "getClientSiteList")
    done = await run(*words, "--sync")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("sla-console: SuperOps could not be read whole: ")
    assert done.stderr.count("\n") == 1
    assert "sites were never read (SuperOps refuses" in done.stderr
    assert "--allow-stale" in done.stderr


@pytest.mark.parametrize("operation", REFUSED)
async def test_whichever_list_it_is(desk, run, operation):
    refuse(desk, operation)
    done = await run("forecast", "--sync")
    assert (done.returncode, done.stdout) == (1, "")


async def test_a_server_that_is_gone(desk, run):
    assert (await run("status", "--sync")).returncode == 0
    await desk.stop()
    done = await run("performance", "--sync")
    assert (done.returncode, done.stdout) == (1, "")
    assert "tickets could not be read" in done.stderr


class TestAllowed:
    """With ``--allow-stale`` the document itself says what is old or missing, and since when."""

    @pytest.fixture
    async def number(self, desk, run):
        """A ticket of a desk that was read once; then its sites are refused."""
        done = await run("status", "--sync", "--json")
        assert json.loads(done.stdout)["stale"] == []
        refuse(desk, "getClientSiteList")
        return json.loads(done.stdout)["tickets"][0]["display_id"]

    @pytest.mark.parametrize("form", ["text", "json"])
    async def test_each_command_says_it(self, run, number, form):
        for words in (
            ("status",), ("forecast",), ("performance",), ("explain", number),
            ("alerts", "explain", number), ("alerts", "status"),
        ):  # fmt: skip
            json_too = ["--json"] if form == "json" else []
            done = await run(*words, "--sync", "--allow-stale", *json_too)
            assert done.returncode == 0, (words, done.stderr)
            said = done.stdout
            if form == "json":
                said = "; ".join(json.loads(done.stdout)["stale"])
            assert "sites could not be read (SuperOps refuses" in said, words
            assert "those shown are of 20" in said, words

    async def test_a_report_says_it(self, run, number):
        this_month = SystemClock().now().strftime("%Y-%m")
        words = ("report", "--period", this_month, "--sync", "--allow-stale")
        done = await run(*words)
        assert done.returncode == 0, done.stderr
        assert "> Old or missing: Sites could not be read" in done.stdout

    async def test_it_is_refused_where_superops_is_not_asked(self, run):
        done = await run("forecast", "--allow-stale")
        assert done.returncode == 2
        assert "--allow-stale: it goes with --sync" in done.stderr


class TestFromNothing:
    """No statement of "none" or "all well" where nothing was read."""

    async def test_a_forecast_from_an_empty_store(self, run):
        done = await run("forecast")
        assert (done.returncode, done.stdout) == (1, "")
        assert "SuperOps was never read" in done.stderr

    async def test_a_forecast_that_was_never_taught(self, run):
        done = await run("forecast", "--sync")
        assert done.returncode == 0, done.stderr
        assert "is likely to break." not in done.stdout
        found = json.loads((await run("forecast", "--json")).stdout)
        assert found["running_clocks"] > 0
        assert found["foretold_clocks"] == 0

    async def test_status_and_performance_say_that_nothing_was_read(self, run):
        for words in (("status",), ("performance",)):
            done = await run(*words)
            assert "Old or missing: nothing was ever read from SuperOps" in done.stdout
        found = json.loads((await run("status", "--json")).stdout)
        assert found["stale"] == ["nothing was ever read from SuperOps"]
        assert {one["read_at"] for one in found["health"]["readings"]} == {None}
