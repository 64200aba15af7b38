"""Makes the pictures in this folder from the demo: ``python screenshots/make.py``.

Seed, moment and time zone are fixed, so the same code gives the same pictures.
"""

import asyncio
import os
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

os.environ["TZ"] = "UTC"
time.tzset()

HERE = Path(__file__).parent
START = datetime(2026, 10, 12, 9, 0, tzinfo=UTC)
SHOTS = (
    # name, width, height, theme, keys
    ("board", 180, 44, None, ()),
    ("board-80x24", 80, 24, None, ()),
    ("breaches", 140, 30, None, ("2",)),
    ("technicians", 140, 24, None, ("3",)),
    ("clients", 140, 24, None, ("4",)),
    ("forecast", 140, 30, None, ("5",)),
    ("alerts", 140, 30, None, ("6",)),
    ("reports", 160, 44, None, ("9", "[", "b", "b")),
    ("wall", 140, 40, None, ("w",)),
    ("ticket", 140, 40, None, ("enter",)),
    ("pane", 180, 44, None, ("j", "v")),
    ("light", 140, 30, "sla-light", ()),
    ("contrast", 140, 30, "sla-contrast-dark", ()),
    ("deuteranopia", 140, 30, "sla-deuteranopia", ()),
    ("ascii-80x24", 80, 24, None, ()),
)


class StillClock:
    """Stands at a moment until it is moved."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment

    def real_seconds(self, span: timedelta) -> float:
        return max(0.0, span.total_seconds())


async def picture(link, clock, name, width, height, theme, keys) -> None:
    from sla_console.domain.calendar import BusinessCalendar
    from sla_console.ui.options import UIOptions

    from sla_console.ui.app import ConsoleApp

    options = UIOptions(
        theme=theme,
        timezone="UTC",
        title="demo",
        working=BusinessCalendar.always(),
        ascii=name.startswith("ascii"),
    )
    # Another name each time: nobody left the console in any way that it would recall.
    app = ConsoleApp(link, clock, f"marta at {name}", options)
    async with app.run_test(size=(width, height)) as pilot:
        for key in keys:
            await pilot.press(key)
        for _ in range(3):
            await asyncio.sleep(0.3)
            await app.workers.wait_for_complete()
            await pilot.pause()
        (HERE / f"{name}.svg").write_text(app.export_screenshot())


def main() -> None:
    from sla_console.cli.compose import open_service
    from sla_console.cli.demo import configuration_for
    from sla_console.cli.hosting import hosted_simulator
    from sla_console.service.thread import ServiceThread
    from sla_console.simulator.life import build_desk

    clock = StillClock(START)
    desk = build_desk(seed=1, tickets=120, start=START)
    with tempfile.TemporaryDirectory() as folder, hosted_simulator(desk, clock) as server:
        made = configuration_for(server.url, desk, Path(folder), None)
        link = ServiceThread(lambda: open_service(made.settings, made.paths, clock))
        link.start(timeout=30)

        def act(operation):
            return link.submit(operation).result(30)

        def settle() -> None:
            """Wait until the engine has seen this moment and has nothing left to do."""
            act(lambda service: service.refresh())
            for _ in range(300):
                health = link.board.health
                if health.last_sync_at == clock.moment and not health.operations_waiting:
                    return
                time.sleep(0.1)
            raise TimeoutError("the engine did not come to rest")

        settle()
        act(lambda service: service.read_history())
        clock.moment += timedelta(minutes=14, seconds=7)
        settle()
        breaches = act(lambda service: service.monitor_sla_breaches())
        act(lambda s: s.acknowledge([b.id for b in breaches[1:3]], "calling the site", "marta"))
        act(lambda service: service.escalate([breaches[4].id], "needs a spare part", "dev"))
        clock.moment += timedelta(seconds=20)
        settle()
        time.sleep(1.5)
        for shot in SHOTS:
            asyncio.run(picture(link, clock, *shot))
            print(HERE / f"{shot[0]}.svg", file=sys.stderr)
        link.stop()


if __name__ == "__main__":
    main()
