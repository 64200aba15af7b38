"""Makes ``report.png`` from a real incident log: ``python screenshots/make_report.py LOG``.

The log is the "Incident management process enriched event log" (UCI Machine Learning Repository,
dataset 498: C. A. L. Amaral, M. Fantinato, S. M. Peres, 2018; CC BY 4.0). Needs the extra
``browser``, and Chromium.
"""

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from sla_console.cli.main import main as console

HERE = Path(__file__).parent
ATTRIBUTION = (
    "Made from a part of “Incident management process enriched event log” by C. A. L. Amaral, "
    "M. Fantinato and S. M. Peres (UCI Machine Learning Repository, dataset 498), licensed CC BY "
    "4.0. The promises that it is judged by are examples."
)
OFFICE = "\n".join(f'{day} = [["08:00", "18:00"]]' for day in ("mon", "tue", "wed", "thu", "fri"))
PROMISES = (("1 - Critical", 60, 12), ("2 - High", 120, 24), ("3 - Moderate", 240, 65),
            ("4 - Low", 480, 95))  # fmt: skip
POLICY = f"""
stop_at = "resolved"
[statuses]
hold = ["Awaiting User Info", "Awaiting Vendor", "Awaiting Problem", "Awaiting Evidence"]
closed = ["Resolved", "Closed"]
[calendars.office]
timezone = "UTC"
{OFFICE}
""" + "".join(
    f"""[[policies]]
name = "{name.partition(" - ")[2]}"
priority = "{name}"
response_minutes = {minutes}
resolution_hours = {hours}
"""
    for name, minutes, hours in PROMISES
)


def main(log: str) -> int:
    with tempfile.TemporaryDirectory() as folder:
        promises, report = Path(folder, "promises.toml"), Path(folder, "report.html")
        promises.write_text(POLICY)
        words = ["--log", log, "--policy", str(promises), "-o", str(report), "--period", "2016-03"]
        breakdown = ["--by", "priority", "--by", "group", "--by", "technician"]
        if code := console(["report", *words, *breakdown]):
            return code
        with sync_playwright() as started:
            browser = started.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
            )
            page = browser.new_page(viewport={"width": 1240, "height": 1900})
            page.goto(report.as_uri())
            page.evaluate(
                """words => {
                  const said = document.createElement("p");
                  said.textContent = words;
                  document.querySelector("h1").after(said);
                }""",
                ATTRIBUTION,
            )
            page.screenshot(path=HERE / "report.png")
            browser.close()
    print(HERE / "report.png", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
