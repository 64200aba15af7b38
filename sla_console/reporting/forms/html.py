"""A report as one HTML file that needs nothing else: printable, light and dark, every number opens.

The promises stand in the page as data; a number is a link that names the ones behind it, and a few
lines of script show those as a table. Without script, and on paper, the missed ones stand there.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from sla_console.domain.figures.counting import WEEKDAYS
from sla_console.domain.figures.record import TargetRecord
from sla_console.domain.sla.breach import BreachType
from sla_console.domain.sla.verdict import Outcome
from sla_console.domain.wall_time import local_text
from sla_console.reporting.findings import findings_of
from sla_console.reporting.forms import charts, words
from sla_console.reporting.forms.environment import agreed, environment, local
from sla_console.reporting.records import Breach
from sla_console.reporting.report import Report

_OUTCOMES: Final = (Outcome.MET, Outcome.MISSED, Outcome.OPEN, Outcome.IN_DOUBT)
"""Outcomes in the order of their numbers in the page's data."""
_STATIC: Final = 200
"""Missed promises that stand on the page without script: all, or the latest ones."""
_ON_PAPER: Final = 20
"""Rows of a long table that are printed."""
_PARTS: Final = 6
"""Parts of a breach's time that are told; the others are short."""


def html_of(report: Report, by: Sequence[str]) -> str:
    """Return the page; ``by`` says which dimensions are broken out."""
    made = environment(html=True)
    made.globals.update(number=_number, link=_link)
    missed = [one for one in report.promises if one.outcome is Outcome.MISSED]
    breaches = {(one.number, one.target, one.cycle): one for one in report.breaches}
    shown = missed
    if len(missed) > _STATIC:
        shown = sorted(missed, key=lambda one: one.margin if one.margin is not None else 0.0)
    return made.get_template(
        "report.html.j2"
    ).render(
        r=report,
        by=by,
        moment=local(report),
        agreed=agreed(report),
        weeks_chart=Markup(charts.weeks_chart(report.weeks)),  # noqa: S704 - drawn here
        heat_chart=Markup(charts.heat_chart(report.heat)),  # noqa: S704
        technicians_chart=Markup(charts.technicians_chart(report.groups["technician"])),  # noqa: S704
        margins=[
            (name, Markup(charts.margins_chart(f"margins-{place}", name, bars)), bars, target)  # noqa: S704
            for place, (name, bars, target) in enumerate(
                (
                    ("first responses", report.response_margins, BreachType.RESPONSE),
                    ("resolutions", report.resolution_margins, BreachType.RESOLUTION),
                )
            )
        ],
        heat=_heat(report),
        missed=[
            (one, _spent(breaches.get((one.number, one.target, one.cycle))))
            for one in shown[:_STATIC]
        ],
        missed_count=len(missed),
        hours=[f"{hour:02}" for hour in range(24)],
        most=_ON_PAPER,
        findings=findings_of(report),
        data=_data(report, breaches),
    )


def _link(**wanted: object) -> str:
    """Return the address, within the page, of the promises that have all this."""
    return "#list?" + urlencode({name.rstrip("_"): value for name, value in wanted.items()})


def _number(value: float, **wanted: object) -> Markup:
    """Return a number as a link to what is behind it; nothing is behind a zero."""
    text = words.count(value)
    if not value:
        return Markup("<span>{}</span>").format(text)
    return Markup('<a href="{}">{}</a>').format(_link(**wanted), text)


def _heat(report: Report) -> list[tuple[str, list[tuple[int, int]]]]:
    """Return each weekday with its hours: how many were missed, and that in percent of the most."""
    most = max((number for row in report.heat for number in row), default=0) or 1
    return [
        (day, [(number, round(100 * number / most)) for number in row])
        for day, row in zip(WEEKDAYS, report.heat, strict=True)
    ]


def _spent(breach: Breach | None) -> str:
    if breach is None:
        return ""
    parts = sorted(breach.parts, key=lambda part: -part.seconds)
    said = [
        f"{part.status}, {part.technician}: {words.span(part.seconds)}"
        f"{' on hold' if part.waiting else ''}"
        for part in parts[:_PARTS]
    ]
    more = len(parts) - _PARTS
    return "; ".join([*said, *([f"and {more} shorter"] if more > 0 else [])])


class _Names:
    """Names by number, so that each stands in the page once."""

    def __init__(self) -> None:
        self.all: list[str] = []
        self._places: dict[str, int] = {}

    def __call__(self, name: str) -> int:
        place = self._places.get(name)
        if place is None:
            place = self._places[name] = len(self.all)
            self.all.append(name)
        return place


def _data(report: Report, breaches: dict[tuple[str, BreachType, int], Breach]) -> Markup:
    """Return the promises as the page's script reads them: JSON that is safe in HTML."""
    name, zone = _Names(), ZoneInfo(report.period.zone)
    now, before, month = (
        period.span for period in (report.period, report.before, report.period.last_month())
    )

    def row(one: TargetRecord) -> list[Any]:
        due = one.due.astimezone(zone)
        breach = breaches.get((one.number, one.target, one.cycle))
        spans = (now, before, month)
        flags = sum(2**bit for bit, s in enumerate(spans) if s.start <= one.due < s.end)
        return [
            one.number,
            int(one.target is BreachType.RESOLUTION),
            _OUTCOMES.index(one.outcome),
            local_text(one.due, zone),
            name(one.client),
            name(one.policy),
            name(one.priority),
            name(one.group),
            name(one.request_type),
            [[name(credit.technician), round(credit.share, 3)] for credit in one.credit],
            None if one.margin is None else _short(one.margin),
            flags,
            due.weekday(),
            str(_monday(due)),
            [[name(p.technician), name(p.status), round(p.seconds), int(p.waiting)]
             for p in (breach.parts if breach is not None else ())],
            name("; ".join(one.degraded)) if one.degraded else -1,
            None if one.requester is None else name(one.requester),
            int(one.owed),
            one.cycle,
        ]  # fmt: skip

    # Under no name stand all of them.
    late: dict[str, list[str]] = {"": [hold.number for hold in report.late_holds]}
    for hold in report.late_holds:
        late.setdefault(hold.technician, []).append(hold.number)
    # One by one, since the lists of a year would be several times as large as their text.
    rows = ",".join(htmlsafe_json_dumps(row(one)) for one in (*report.promises, *report.around))
    rest = htmlsafe_json_dumps(
        {
            "held": {one.technician: one.numbers for one in report.held},
            "late": late,
            "names": name.all,
        }
    )
    return Markup('{{"rows": [{}], "rest": {}}}').format(Markup(rows), rest)  # noqa: S704 - escaped


def _short(seconds: float) -> float:
    """Return seconds in few characters, and still on their side of every edge."""
    whole = int(seconds)
    return whole if whole == seconds else round(seconds, 3)


def _monday(moment: datetime) -> str:
    return f"{moment - timedelta(days=moment.weekday()):%Y-%m-%d}"
