"""A report as Markdown, for a wiki or a mail."""

import re
from collections.abc import Sequence

from sla_console.reporting.findings import findings_of
from sla_console.reporting.forms.environment import agreed, environment, local
from sla_console.reporting.report import Report

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~&!])")


def markdown_of(report: Report, by: Sequence[str]) -> str:
    """Return the report; ``by`` says which dimensions are broken out."""
    made = environment(html=False)
    made.filters["md"] = plain
    template = made.get_template("report.md.j2")
    return template.render(
        r=report,
        by=by,
        moment=local(report),
        agreed=agreed(report),
        findings=findings_of(report),
    )


def plain(text: object) -> str:
    """Return a text of which nothing is read as Markdown or HTML, on one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(str(text).split()))
