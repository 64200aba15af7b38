"""The HTML report in a real browser: looks, accessibility, and the promises behind each number.

Skipped without the extra ``browser`` or without Chromium.
"""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from sla_console.reporting.build import report_of
from sla_console.reporting.forms import render

playwright = pytest.importorskip("playwright.sync_api", reason="needs the extra browser")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs the extra browser")

LOOKS = {
    "wide": (1500, 1000, "light"),
    "wide, dark": (1500, 1000, "dark"),
    "phone": (390, 844, "light"),
    "phone, dark": (390, 844, "dark"),
    "A4": (794, 1123, "light"),
}
CLICK_ALL = """async () => {
  const found = [];
  for (const link of document.querySelectorAll('a[href^="#list?"]')) {
    if (!/^[0-9,]+$/.test(link.textContent.trim())) continue;
    if (location.hash === link.getAttribute("href")) continue;
    const done = new Promise((go) => addEventListener("hashchange", () => setTimeout(go), {once: true}));
    link.click();
    await done;
    const said = document.getElementById("list-note").textContent;
    found.push([link.getAttribute("href"), link.textContent.trim(), said]);
  }
  return found;
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    program = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "chrome"))), None
    )
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with playwright.sync_playwright() as started:
        try:
            found = started.chromium.launch(executable_path=program, args=arguments)
        except playwright.Error as error:
            pytest.skip(f"no Chromium: {error.message.splitlines()[0]}")
        yield found
        found.close()


@pytest.fixture(scope="module")
def file(invent, gather, frame, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("browser") / "report.html"
    path.write_bytes(render(report_of(gather(invent(400)), frame()), "html"))
    return path


@pytest.fixture
def opened(browser, file, request):
    """Opens the report; what it says on the console and asks for is noted."""
    contexts = []

    def open_as(name: str):
        width, height, scheme = LOOKS[name]
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme
        )
        contexts.append(context)
        page = context.new_page()
        said: list[str] = []
        asked: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda wanted: asked.append(wanted.url))
        page.goto(file.as_uri())
        return page, said, asked

    yield open_as
    for context in contexts:
        context.close()


@pytest.mark.parametrize("name", LOOKS)
class TestLook:
    def test_says_nothing_on_the_console_and_asks_nobody(self, opened, file, name) -> None:
        page, said, asked = opened(name)
        page.wait_for_load_state("networkidle")
        assert said == []
        assert [url for url in asked if not url.startswith("data:")] == [file.as_uri()]

    def test_is_no_wider_than_the_window(self, opened, name) -> None:
        page, _, _ = opened(name)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0

    def test_passes_the_accessibility_checker(self, opened, name) -> None:
        page, _, _ = opened(name)
        found = axe.Axe().run(page)
        assert found.violations_count == 0, found.generate_report()


def test_each_number_opens_as_many_promises_as_it_says(opened) -> None:
    page, said, _ = opened("wide")
    found = page.evaluate(CLICK_ALL)
    assert len(found) > 200
    wrong = [
        (href, text, note)
        for href, text, note in found
        # All tickets, and who put on hold, are counted in tickets, all else in promises.
        if int(text.replace(",", ""))
        != int(
            re.findall(r"([0-9,]+) (?:promises|tickets)", note)[
                bool(re.search("held=|late=|span=period$", href))
            ].replace(",", "")
        )
    ]
    assert wrong == []
    assert said == []


def test_what_stands_out_opens_as_many_promises_as_it_says(opened) -> None:
    page, _, _ = opened("wide")
    links = page.locator('li a[href^="#list?"]')
    assert links.count() >= 2
    for link in links.all():
        number = re.match(r"([0-9]+) of the [0-9]+ missed promises", link.inner_text())
        link.click()
        note = page.locator("#list-note").inner_text()
        assert int(note.split(" ")[0]) > 0
        if number is not None:
            assert note.startswith(f"{number[1]} promises")


def test_at_a_desk_no_table_of_figures_has_to_be_scrolled(opened) -> None:
    page, _, _ = opened("wide")
    wide = (
        "[...document.querySelectorAll('.scroll')].filter(one => one.scrollWidth > one.clientWidth)"
    )
    assert page.evaluate(f"{wide}.map(one => one.getAttribute('aria-label'))") == []


def test_on_paper_nothing_is_cut_and_nothing_hides_behind_a_click(opened) -> None:
    page, _, _ = opened("A4")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 703, "height": 1000})  # A4 less its margins
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    closed = "[...document.querySelectorAll('details:not([open])')]"
    assert page.evaluate(f"{closed}.filter(one => one.offsetHeight > 0).length") == 0


def test_the_list_shows_what_it_counts(opened) -> None:
    page, _, _ = opened("wide")
    link = page.locator('a[href^="#list?"][href*="outcome=missed"]').first
    number = int(link.inner_text())
    link.click()
    rows = page.locator("#list-table tbody tr")
    playwright.expect(rows).to_have_count(min(number, 200))
    assert set(page.locator("#list-table tbody tr td:nth-child(3)").all_inner_texts()) == {"missed"}


def test_on_paper_it_is_a4_and_whole(opened) -> None:
    page, _, _ = opened("A4")
    page.emulate_media(media="print")
    paper = page.pdf(format="A4", print_background=True)
    boxes = re.findall(rb"/MediaBox ?\[ ?0 0 ([0-9.]+) ([0-9.]+)", paper)
    assert boxes
    for box in boxes:
        # 210 by 297 mm in points, each rounded as Chromium likes.
        assert [float(side) for side in box] == pytest.approx([595.3, 841.9], abs=1.0)
