"""HTML, CSV, JSON and Markdown: whole, safe to open, and all of the same figures."""

import csv
import io
import json
import re
import sys
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser

import jsonschema
import pytest

from sla_console.reporting.build import report_of
from sla_console.reporting.figures import FigureTally, Week
from sla_console.reporting.forms import FORMS, render
from sla_console.reporting.forms.charts import weeks_chart
from sla_console.reporting.forms.csv import safe
from sla_console.reporting.forms.words import against, same_hours, share_words, span
from sla_console.reporting.period import Period
from sla_console.reporting.records import Exclusion, Version
from sla_console.reporting.report import adapter
from sla_console.reporting.scope import Scope

HOSTILE = (
    "<script>alert(1)</script>", '=HYPERLINK("http://evil")', "a|b `c` *d*", "\"quoted\" & 'so'",
    "</script><img src=x onerror=alert(1)>", "@SUM(A1)", "-2+3", "\u202eevil",
)  # fmt: skip


@pytest.fixture(scope="module")
def report(invent, gather, frame):
    return report_of(gather(invent(200)), frame())


@pytest.fixture(scope="module")
def hostile(ticket, gather, frame):
    """A report whose every name is an attack."""
    lives = [
        ticket(id=str(n), display_id=f"{name}", client=name, priority=name, group=name,
               technician=name, technician_id=name, request_type=name, requester=name,
               sla_name=name)
        for n, name in enumerate(HOSTILE)
    ]  # fmt: skip
    records = gather(lives)
    records.exclusions.append(Exclusion(HOSTILE[0], HOSTILE[1], HOSTILE[2], HOSTILE[4]))
    return report_of(records, frame(source=HOSTILE[0], notes=(HOSTILE[4],)))


class Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict]] = []
        self.text: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text.append(data)


@pytest.mark.parametrize("form", FORMS)
def test_the_same_report_gives_the_same_bytes(report, form) -> None:
    assert render(report, form) == render(report, form)


class TestHtml:
    def test_it_asks_for_nothing_anywhere(self, report) -> None:
        page = render(report, "html").decode()
        tags = Tags(page)
        outside = [
            (tag, attrs) for tag, attrs in tags.found
            if any(str(attrs.get(name, "")).startswith(("http", "//")) for name in ("src", "href"))
        ]  # fmt: skip
        assert not outside
        assert "@import" not in page
        assert "url(http" not in page
        assert not [
            tag
            for tag, _ in tags.found
            if tag in {"img", "iframe", "object", "link"} and tag != "link"
        ]

    def test_names_are_text_and_nothing_else(self, hostile) -> None:
        page = render(hostile, "html").decode()
        tags = Tags(page)
        assert sum(tag == "script" for tag, _ in tags.found) == 2, "the data, and the page's own"
        assert not any("onerror" in attrs for _, attrs in tags.found)
        assert not any(tag == "img" for tag, _ in tags.found)
        assert HOSTILE[0] in "".join(tags.text)

    def test_every_number_names_the_promises_behind_it(self, report) -> None:
        page = render(report, "html").decode()
        links = re.findall(r'href="#list\?([^"]+)">([\d,.]+)</a>', page)
        assert len(links) > 300
        data = json.loads(re.search(r'id="data">(.*?)</script>', page, re.DOTALL)[1])
        first = f"{int(report.response.tally.met):,}"
        assert ("target=RESPONSE&amp;outcome=met", first) in links
        rows = [row for row in data["rows"] if row[11] & 1 and row[1] == 0 and row[2] == 0]
        assert len(rows) == report.response.tally.met

    def test_each_chart_has_a_name_and_no_script(self, report) -> None:
        tags = Tags(render(report, "html").decode())
        charts = [attrs for tag, attrs in tags.found if tag == "svg"]
        assert len(charts) == 5
        assert all(chart["role"] == "img" and chart["aria-label"] for chart in charts)

    def test_a_year_of_weeks_has_days_that_can_be_read(self) -> None:
        first = date(2026, 1, 5)
        weeks = [
            Week(first + timedelta(days=7 * n), FigureTally(9, 1), FigureTally(8, 2))
            for n in range(53)
        ]
        drawn = weeks_chart(weeks)
        assert drawn.count(" Jan<") == 1
        assert 10 < len(re.findall(r">\d\d [A-Z][a-z]{2}<", drawn)) <= 13
        assert "\u2026" not in drawn

    def test_only_what_is_asked_for_is_broken_out(self, report) -> None:
        page = render(report, "html", ("client",)).decode()
        assert "By client" in page
        assert "By hour" not in page


class TestCsv:
    def test_a_line_a_promise_that_spreadsheets_read_right(self, report) -> None:
        content = render(report, "csv")
        assert content.startswith(b"\xef\xbb\xbfticket,promise,")
        assert content.count(b"\r\n") == content.count(b"\n")
        lines = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
        assert len(lines) == len(report.promises) + len(report.exclusions)
        found, one = lines[0], report.promises[0]
        assert (found["ticket"], found["outcome"]) == (one.number, one.outcome)
        assert found["due"] == one.due.strftime("%Y-%m-%d %H:%M:%S")
        late = next(line for line in lines if line["outcome"] == "missed" and line["left seconds"])
        assert float(late["left seconds"]) <= 0, "a number keeps its minus"

    def test_no_cell_is_a_formula(self, hostile) -> None:
        content = render(hostile, "csv").decode("utf-8-sig")
        for line in csv.reader(io.StringIO(content, newline="")):
            for cell in line:
                number = re.fullmatch(r"-?\d+(\.\d+)?", cell)
                assert number or not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
        assert "'=HYPERLINK" in content

    @pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\tx", "\rx", "\nx", "\uff1d1"])
    def test_what_begins_like_a_formula_gets_an_apostrophe(self, text) -> None:
        assert safe(text) == f"'{text}"

    def test_the_zone_stands_in_every_line(self, report, ticket, gather, frame) -> None:
        period = Period.month(2026, 10, "Europe/Berlin")
        records = gather([ticket()], period=period)
        records.exclusions.append(Exclusion("T-9", "Harbour", "a test", "Ada"))
        berlin = report_of(records, frame(period))
        for by in ((), ("client",)):
            content = render(berlin, "csv", by).decode("utf-8-sig")
            lines = list(csv.DictReader(io.StringIO(content, newline="")))
            assert {line["time zone"] for line in lines} == {"Europe/Berlin"}

    @pytest.mark.parametrize("form", ["csv", "html", "md"])
    def test_two_times_of_the_hour_that_comes_twice_are_told_apart(
        self, form, ticket, gather, frame
    ) -> None:
        """In Berlin it is 02:30 on 25 October at 00:30 UTC and again at 01:30 UTC."""
        period = Period.month(2026, 10, "Europe/Berlin")
        created = datetime(2026, 10, 24, 12, tzinfo=UTC)
        lives = [
            ticket(
                id=str(hour),
                display_id=f"T-{hour}",
                created_at=created,
                updated_at=created,
                response_due=None,
                resolution_due=datetime(2026, 10, 25, hour, 30, tzinfo=UTC),
            )
            for hour in (0, 1)
        ]
        shown = render(report_of(gather(lives, period=period), frame(period)), form).decode()
        seconds = ":00" if form == "csv" else ""
        for offset in ("02:00", "01:00"):
            assert re.search(rf"2026-10-25 02:30{seconds}(\+|\\u002b|&#43;){offset}", shown)

    def test_groups_are_two_lines_each(self, report) -> None:
        content = render(report, "csv", ("client", "hour")).decode("utf-8-sig")
        lines = list(csv.DictReader(io.StringIO(content, newline="")))
        assert len(lines) == 2 * (len(report.groups["client"]) + len(report.groups["hour"]))
        met = sum(float(line["met"]) for line in lines if line["by"] == "client")
        assert met == report.response.tally.met + report.resolution.tally.met


class TestJson:
    def test_it_is_what_its_schema_says(self, report) -> None:
        schema = adapter().json_schema(mode="serialization")
        document = json.loads(render(report, "json"))
        jsonschema.Draft202012Validator.check_schema(schema)
        jsonschema.validate(document, schema)
        assert document["schema_version"] == 2
        missing = dict(document)
        del missing["promises"]
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(missing, schema)

    def test_it_reads_back_as_the_same_report(self, report) -> None:
        assert adapter().validate_json(render(report, "json")) == report


class TestMarkdown:
    def test_its_tables_are_whole_whatever_the_names_hold(self, hostile) -> None:
        text = render(hostile, "md").decode()
        for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
            bars = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}
            assert len(bars) == 1, table
        assert "<script>" not in text.replace("\\<", "")

    def test_it_says_the_headline(self, report) -> None:
        text = render(report, "md").decode()
        assert text.startswith("# SLA report: October 2026")
        assert f"| {report.response.tally.compliance:.1f} % |" in text


def test_drawing_charts_leaves_the_search_for_modules_as_it_was(report) -> None:
    render(report, "html")
    assert all(hasattr(finder, "find_spec") for finder in sys.meta_path)


class TestWords:
    def test_one_of_several_has_neither_all_of_it_nor_nothing(self) -> None:
        assert [share_words(share) for share in (0.001, 0.5, 0.999)] == ["<1 %", "50 %", ">99 %"]

    def test_long_spans_have_their_thousands_apart(self) -> None:
        assert span(1029 * 3600 + 18 * 60) == "1,029 h 18 m"
        assert (span(59), span(3600), span(None)) == ("59 s", "1 h", "\u2013")

    def test_calendars_of_the_same_hours_stand_as_one_with_the_first_names(self) -> None:
        versions = [Version(f"hours of {n}", "mon: closed", "a" * 12) for n in range(40)]
        versions.append(Version("office", "every day", "b" * 12))
        assert [name for name, _ in same_hours(versions)] == [
            "hours of 0, hours of 1, hours of 2 and 37 more", "office",
        ]  # fmt: skip

    def test_the_period_before_is_named_before_chance_is(self) -> None:
        said = against(FigureTally(9, 1), FigureTally(8, 2), "October 2026")
        assert said == "10.0 points better than 80.0 % in October 2026, which may be chance"


@pytest.mark.parametrize("form", ["html", "md"])
def test_who_asked_stands_with_what_was_missed(ticket, gather, frame, form) -> None:
    named = report_of(gather([ticket(requester="Rita Ray")]), frame(identified=True))
    page = render(named, form).decode()
    assert "Rita Ray" in page.split("Missed promises")[-1]
    assert "Requesters stand here by their names" in page


def test_what_a_report_is_limited_to_is_not_broken_out_again(invent, gather, frame) -> None:
    scope = Scope({"client": ("Harbour",)})
    made = report_of(gather(invent(100), scope=scope), frame(scope=scope))
    assert "## By client" not in render(made, "md").decode()
    assert "## By client" in render(made, "md", ("client",)).decode()


def test_of_many_misses_the_page_shows_the_latest_first(ticket, gather, frame) -> None:
    at = datetime(2026, 10, 12, 9, tzinfo=UTC)
    lives = [
        ticket(id=str(n), display_id=f"T-{n}", response_due=None, status="Closed",
               resolution_due=at, resolved_at=at + timedelta(minutes=1 + n))
        for n in range(230)
    ]  # fmt: skip
    page = render(report_of(gather(lives), frame()), "html").decode()
    table = page.split('id="list-table"')[1].split("</table>")[0]
    numbers = re.findall(r'<th scope="row">(T-\d+)</th>', table)
    assert numbers == [f"T-{n}" for n in range(229, 29, -1)]
    assert "230 promises; the 200 that were latest are shown here" in page
