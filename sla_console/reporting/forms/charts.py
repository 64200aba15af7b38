"""The charts of a report as inline SVG, drawn by pygal in the colours of the page around them.

What is missed is hatched, and lines differ by their dashes, so that no chart needs its colours. Each
value is a native tooltip, and each chart stands beside a table of the same figures.
"""

import sys
from collections.abc import Sequence
from math import ceil, sqrt
from typing import TYPE_CHECKING, Any, Final
from xml.etree.ElementTree import Element, SubElement, tostring

from sla_console.domain.figures.counting import WEEKDAYS, percent_words
from sla_console.reporting.figures import FigureGroup, MarginBar, Week
from sla_console.reporting.forms.words import bar_label, percent

if TYPE_CHECKING:
    from pygal.graph.graph import Graph

_KEPT, _MISSED, _INK, _SOFT = "var(--kept)", "var(--missed)", "var(--ink)", "var(--rule)"
_LABELS: Final = 13
"""Weeks that have their day written under them."""
_MOST: Final = 15
"""Technicians in their chart; the table has all of them."""


def weeks_chart(weeks: Sequence[Week]) -> str:
    """Return compliance by week, of first responses and of resolutions."""
    chart = _chart(
        "Line",
        "weeks",
        colours=(_KEPT, _INK),
        range=(0, 100),
        dots_size=4,
        value_formatter=lambda value: f"{percent_words(value, 0)} %",
        # The days of a year of weeks would run into each other.
        x_labels_major_every=ceil(len(weeks) / _LABELS) or 1,
        show_minor_x_labels=False,
        truncate_label=-1,
    )
    chart.x_labels = [f"{week.monday:%d %b}" for week in weeks]
    chart.add(
        "first response (solid)",
        [week.response.compliance for week in weeks],
        formatter=percent,
        stroke_style={"width": 3},
    )
    chart.add(
        "resolution (dashed)",
        [week.resolution.compliance for week in weeks],
        formatter=percent,
        stroke_style={"width": 3, "dasharray": "8, 5"},
    )
    return _svg(chart, "Compliance in percent by week, of first responses and of resolutions")


def margins_chart(name: str, words: str, bars: Sequence[MarginBar]) -> str:
    """Return how much time was left or how late it was, as a histogram.

    Args:
        name: Used once on the page.
        words: Which promises.
        bars: From the latest to the earliest.
    """
    chart = _chart("StackedBar", name, colours=(_KEPT, f"url(#{name}-hatch)"), x_label_rotation=35)
    chart.x_labels = [bar_label(bar) for bar in bars]
    chart.add("kept", [bar.met or None for bar in bars])
    chart.add("missed", [bar.missed or None for bar in bars])
    return _svg(chart, f"Number of {words} by how much promised time was left, or how late")


def heat_chart(heat: Sequence[Sequence[int]]) -> str:
    """Return the missed promises by weekday and hour: the more, the larger the area of the dot."""
    chart = _chart(
        "Dot",
        "heat",
        colours=(_MISSED,) * 7,
        show_legend=False,
        dots_size=11,
        formatter=lambda root: f"{root * root:.0f}",
    )
    chart.x_labels = [f"{hour:02}" for hour in range(24)]
    for day, row in zip(WEEKDAYS, heat, strict=True):
        # The radius is what is drawn, so that one great number does not make all others vanish.
        chart.add(day, [sqrt(number) or None for number in row])
    return _svg(chart, "Missed promises by weekday and hour of their due times")


def technicians_chart(groups: Sequence[FigureGroup]) -> str:
    """Return kept and missed promises of the technicians with the most, by time in hands."""
    sums = sorted(((_sum(one), one.name) for one in groups), key=lambda it: -sum(it[0]))[:_MOST]
    chart = _chart(
        "HorizontalStackedBar",
        "technicians",
        colours=(_KEPT, "url(#technicians-hatch)"),
        height=120 + 26 * len(sums),
        formatter=lambda value: f"{value:.1f}".removesuffix(".0"),
    )
    chart.x_labels = [name for _, name in sums][::-1]
    chart.add("kept", [met for (met, _), _ in sums][::-1])
    chart.add("missed", [missed for (_, missed), _ in sums][::-1])
    return _svg(chart, "Promises kept and missed by technician, each by its time in hands")


def _sum(group: FigureGroup) -> tuple[float, float]:
    one, other = group.response.tally, group.resolution.tally
    return round(one.met + other.met, 3), round(one.missed + other.missed, 3)


def _pygal() -> Any:
    """Return pygal without its finder of map plugins, of which there are none here.

    The finder knows Python's old protocol alone, so that each later import of a module that is not
    there would warn.
    """
    import pygal  # noqa: PLC0415 - only who wants HTML needs it

    sys.meta_path[:] = [one for one in sys.meta_path if type(one) is not pygal.PluginImportFixer]
    return pygal


def _chart(kind: str, name: str, *, colours: tuple[str, ...], **options: Any) -> "Graph":
    pygal = _pygal()
    from pygal.style import Style  # noqa: PLC0415 - only who wants HTML needs it

    style = Style(
        background="transparent",
        plot_background="transparent",
        foreground=_INK,
        foreground_strong=_INK,
        foreground_subtle=_SOFT,
        opacity="1",
        opacity_hover="1",
        colors=colours,
        font_family="inherit",
        label_font_size=14,
        major_label_font_size=14,
        legend_font_size=15,
        no_data_font_size=20,
        transition="0s",
    )
    settings = {
        "style": style,
        "js": (),
        "width": 960,
        "height": 340,
        "legend_at_bottom": True,
        "legend_at_bottom_columns": 2,
        "no_data_text": "nothing to show",
        "pretty_print": False,
        "margin": 12,
    }
    chart = getattr(pygal, kind)(**(settings | options))
    chart.uuid = name  # it would be another one each time
    return chart


def _svg(chart: "Graph", words: str) -> str:
    """Return a chart without scripts, as one picture with a name for who cannot see it."""
    root = chart.render_tree()
    root.set("role", "img")
    root.set("aria-label", words)
    root.set("preserveAspectRatio", "xMidYMid meet")
    _tidy(root)
    _hatch(root, chart.uuid)
    return tostring(root, encoding="unicode", method="html")


def _tidy(element: Element) -> None:
    """Remove scripts, comments and places; make of each value a tooltip."""
    for child in list(element):
        kind = child.tag if isinstance(child.tag, str) else "comment"
        if kind in {"script", "comment", "title"}:
            element.remove(child)
            continue
        if kind == "desc":
            element.remove(child)
            if child.get("class") == "value" and element.find("title") is None:
                tip = Element("title")
                tip.text = child.text
                element.insert(0, tip)
            continue
        _tidy(child)


def _hatch(root: Element, name: str) -> None:
    defs = SubElement(root, "defs")
    pattern = SubElement(
        defs,
        "pattern",
        {
            "id": f"{name}-hatch",
            "width": "7",
            "height": "7",
            "patternUnits": "userSpaceOnUse",
            "patternTransform": "rotate(45)",
        },
    )
    SubElement(
        pattern, "rect", {"width": "7", "height": "7", "style": f"fill:{_MISSED};stroke:none"}
    )
    SubElement(
        pattern, "rect", {"width": "2.5", "height": "7", "style": "fill:var(--page);stroke:none"}
    )
