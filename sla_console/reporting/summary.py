"""The handful of figures of a report that its message tells."""

from sla_console.domain.sla.verdict import Outcome
from sla_console.reporting.figures import Figures
from sla_console.reporting.findings import findings_of
from sla_console.reporting.forms.words import count, percent
from sla_console.reporting.report import Report


def summary_of(report: Report) -> tuple[str, ...]:
    """Return what a report comes to, a line each."""
    still = sum(one.outcome is Outcome.OPEN for one in report.promises)
    doubt = sum(one.outcome is Outcome.IN_DOUBT for one in report.promises)
    counted = (
        f"Tickets: {count(report.tickets)}; promises still open: {count(still)}; in doubt: "
        f"{count(doubt)}; tickets excluded: {count(len(report.exclusions))}"
    )
    before = report.before.label
    lines = [
        _line("First response", report.response, before),
        _line("Resolution", report.resolution, before),
        counted,
        *(found.words for found in findings_of(report)),
    ]
    frozen = report.frozen
    if frozen is not None:
        lines.append(
            f"Frozen {frozen.at:%Y-%m-%d %H:%M} UTC by {frozen.by}; SHA-256 of its figures: "
            f"{frozen.figures}"
        )
    if report.changes:
        lines.append(f"Differences to what would be reported now: {count(len(report.changes))}")
    return (*lines, *report.notes)


def _line(name: str, figures: Figures, before: str) -> str:
    now, then = figures.tally, figures.before
    told = f"{name}: no promise has been judged yet"
    if now.judged:
        told = (
            f"{name}: {percent(now.compliance)} met ({count(now.met)} of {count(now.judged)}), "
            f"{count(now.missed)} missed"
        )
    if not then.judged:
        return f"{told}; {before}: nothing to compare with"
    return (
        f"{told}; {before}: {percent(then.compliance)} met ({count(then.met)} of "
        f"{count(then.judged)})"
    )
