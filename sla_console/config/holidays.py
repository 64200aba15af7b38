"""Public holidays of a country or region, from the optional ``holidays`` package.

The package is imported only where a calendar names a country: import and dates cost a tenth of a
second of the start, and those without a country shall not pay it.
"""

import difflib
import warnings
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from sla_console.domain.names import folded

if TYPE_CHECKING:
    from types import ModuleType

FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2060
"""The years whose holidays are known. This room has no clock, so the range is fixed: from before
any ticket that SuperOps can hold to decades after any due time."""


def known_country(country: str) -> str:
    """Return the two letters of a country as the package has them.

    Raises:
        ValueError: if the package is missing or does not know the country, in words.
    """
    codes = {folded(code): code for code in _regions(_package(country))}
    code = codes.get(folded(country))
    if code is None:
        from holidays.registry import COUNTRIES  # noqa: PLC0415 - optional, and known to be here

        # People write the name where the code belongs; the names lead to the codes as well.
        named = {name.replace("_", " "): row[1] for name, row in COUNTRIES.items()}
        meant = _nearest(country.replace("_", " "), {**codes, **named})
        advice = f"did you mean {meant}?" if meant else f"{len(codes)} countries are known"
        raise ValueError(
            f"found {country!r}, expected the two letters of a country, such as IE; {advice}"
        )
    return code


def known_region(country: str, region: str) -> str:
    """Return a region of this country as the package has it.

    Args:
        country: As ``known_country`` gives it.
        region: Its code or its name, in any case.

    Raises:
        ValueError: if the package is missing or does not know the region, in words.
    """
    package = _package(country)
    regions = _regions(package)[country]
    if not regions:
        raise ValueError(
            f"found {region!r}, expected none, because the holidays of {country} are the same "
            f"everywhere; remove it"
        )
    named = {folded(code): code for code in regions}
    for code, names in package.country_holidays(country).get_subdivision_aliases().items():
        named.update((folded(name), code) for name in names)
    found = named.get(folded(region))
    if found is None:
        meant = _nearest(region, named)
        advice = f"did you mean {meant}?" if meant else f"known are {', '.join(regions)}"
        raise ValueError(f"found {region!r}, expected a region of {country}; {advice}")
    return found


@lru_cache(maxsize=64)
def public_holidays(country: str, region: str | None = None) -> frozenset[date]:
    """Return the public holidays from ``FIRST_YEAR`` to ``LAST_YEAR``, with days given in lieu.

    Args:
        country: As ``known_country`` gives it.
        region: As ``known_region`` gives it; None: those of the whole country only.

    Raises:
        ValueError: if the package is missing.
    """
    package = _package(country)
    with warnings.catch_warnings():
        # It warns where a country's data covers fewer years; a lint tells of empty ones.
        warnings.simplefilter("ignore")
        days = package.country_holidays(
            country, subdiv=region, years=range(FIRST_YEAR, LAST_YEAR + 1)
        )
    return frozenset(days)


def _package(country: str) -> "ModuleType":
    try:
        import holidays  # noqa: PLC0415 - optional and slow to import
    except ImportError:
        raise ValueError(
            f"found {country!r}, which needs a package that is not installed; run "
            f"pip install '.[holidays]', or list the dates under holidays"
        ) from None
    return holidays


def _regions(package: "ModuleType") -> dict[str, list[str]]:
    """Return the codes of the regions that have holidays of their own, by country."""
    found: dict[str, list[str]] = package.list_supported_countries()
    return found


def _nearest(word: str, known: Mapping[str, str]) -> str | None:
    names = {folded(name): code for name, code in known.items()}
    close = difflib.get_close_matches(folded(word), names, n=1)
    return names[close[0]] if close else None
