"""The forms that a report can have: HTML, CSV, JSON, Markdown. Each is loaded when it is used."""

from collections.abc import Sequence
from typing import Final

from sla_console.domain.figures.counting import DIMENSIONS
from sla_console.reporting.report import Report

FORMS: Final = ("html", "csv", "json", "md")


def render(report: Report, form: str, by: Sequence[str] = ()) -> bytes:
    """Return a report as a whole file.

    Args:
        report: The report.
        form: One of ``FORMS``.
        by: The dimensions that are broken out; none: all but those that have one value by what
            the report is about. CSV: none gives a line a promise, one or more a line a group.

    Raises:
        KeyError: if there is no such form.
    """
    shown = tuple(by) or tuple(name for name in DIMENSIONS if len(report.scope.get(name, ())) != 1)
    match form:
        case "html":
            from sla_console.reporting.forms.html import html_of  # noqa: PLC0415

            return html_of(report, shown).encode()
        case "csv":
            from sla_console.reporting.forms.csv import groups_csv, promises_csv  # noqa: PLC0415

            return groups_csv(report, by) if by else promises_csv(report)
        case "json":
            from sla_console.reporting.report import adapter  # noqa: PLC0415

            return adapter().dump_json(report, indent=1) + b"\n"
        case "md":
            from sla_console.reporting.forms.markdown import markdown_of  # noqa: PLC0415

            return markdown_of(report, shown).encode()
    raise KeyError(form)
