"""How urgent a desk's priorities are: ranked by the configuration, else by what their names say.

SuperOps lets each account name its own priorities and does not rank them. This is the one table of
what such names mean: alerts, rules, forecasts, orders and filters all ask here. A name is understood
only where every word of it is; one that is not is ranked as urgent, because silence could hide that
something matters, and noise only says that it has to be ranked.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final

from sla_console.domain.forecast.risk import RiskLevel
from sla_console.domain.names import folded

URGENT: Final = RiskLevel.CRITICAL
"""How a name is ranked that nobody ranked and that says nothing."""
_WORD: Final = re.compile(r"[^\W_]+")
_WORDS: Final[Mapping[RiskLevel, str]] = {
    RiskLevel.CRITICAL: (
        "critical crit urgent emergency blocker blocking highest immediate disaster showstopper "
        "kritisch notfall dringend dringlich hochste critique urgence urgente critico critica "
        "emergencia emergenza kritiek spoed krytyczny pilny 0 1 p0 p1 s0 s1 sev0 sev1 prio1"
    ),
    RiskLevel.HIGH: (
        "high major important elevated hoch wichtig haute haut elevee eleve alta alto hoog "
        "belangrijk wysoki 2 p2 s2 sev2 prio2"
    ),
    RiskLevel.MEDIUM: (
        "medium moderate normal standard average mittel moyenne moyen normale media medio "
        "gemiddeld normaal sredni 3 p3 s3 sev3 prio3"
    ),
    RiskLevel.LOW: (
        "low minor trivial lowest planning planned informational info niedrig gering unwichtig "
        "basse bas faible baja bajo baixa baixo bassa basso laag niski 4 5 p4 p5 s4 s5 sev4 sev5 "
        "prio4 prio5 noncritical nonurgent uncritical unkritisch"
    ),
}
"""Words that stand for each level, without their accents."""
_LEVELS: Final = {word: level for level, text in _WORDS.items() for word in text.split()}
_VERY: Final = frozenset(["very", "sehr", "tres", "muy", "molto", "muito", "zeer", "bardzo"])
_NOT: Final = frozenset(
    [
        "not",
        "non",
        "no",
        "less",
        "nicht",
        "kein",
        "keine",
        "weniger",
        "pas",
        "moins",
        "nao",
        "niet",
        "geen",
        "nie",
    ]
)
_SAYING_NOTHING: Final = frozenset(
    [
        "priority",
        "prio",
        "level",
        "severity",
        "sev",
        "class",
        "ticket",
        "prioritat",
        "stufe",
        "priorite",
        "prioridad",
        "priorita",
        "prioridade",
        "prioriteit",
    ]
)


class PriorityRanks:
    """Ranks the names of priorities.

    Args:
        lists: Names by how urgent they are, as the configuration has them; they come first.
        without: Rank of a ticket that has no priority.
    """

    def __init__(
        self,
        lists: Mapping[RiskLevel, Sequence[str]] | None = None,
        without: RiskLevel = RiskLevel.MEDIUM,
    ) -> None:
        self._configured = {
            folded(name): (level, place)
            for level, names in (lists or {}).items()
            for place, name in enumerate(names)
        }
        self._without = without

    def severity(self, name: str | None) -> RiskLevel:
        """Return how bad a broken target of a ticket with this priority is."""
        if name is None or not name.strip():
            return self._without
        found = self._configured.get(folded(name))
        return found[0] if found is not None else level_of_name(name) or URGENT

    def ranked(self, name: str) -> bool:
        """Return whether a name is in the configuration, or says itself how urgent it is."""
        return folded(name) in self._configured or level_of_name(name) is not None

    def unranked(self, names: Iterable[str]) -> list[str]:
        """Return the names that are ranked as urgent only because nothing says what they are."""
        return sorted({name for name in names if not self.ranked(name)}, key=folded)

    def order(self, name: str) -> tuple[int, int, str]:
        """Return what names are sorted by, the most urgent first."""
        place = self._configured.get(folded(name), (None, len(self._configured)))[1]
        return (-self.severity(name).rank, place, folded(name))


BY_NAME: Final = PriorityRanks()
"""The ranks without a configuration."""


@lru_cache(maxsize=4096)
def level_of_name(name: str) -> RiskLevel | None:
    """Return how urgent a priority is by its name alone; None: a word of it is not understood.

    Of several levels the most urgent counts: ``P4 - Critical`` is critical. ``Not urgent`` is low.
    """
    levels: list[RiskLevel] = []
    negated = very = False
    for word in _WORD.findall(_plain(name)):
        if word in _SAYING_NOTHING:
            continue
        negated, very = negated or word in _NOT, very or word in _VERY
        if word in _NOT or word in _VERY:
            continue
        level = _meant(_LEVELS.get(word), negated=negated, very=very)
        if level is None:
            return None
        levels.append(level)
        negated = very = False
    if negated or very or not levels:
        return None
    return max(levels, key=lambda level: level.rank)


def _meant(level: RiskLevel | None, *, negated: bool, very: bool) -> RiskLevel | None:
    if level is not None and negated:
        # "Not low" may be anything.
        return RiskLevel.LOW if level.rank >= RiskLevel.HIGH.rank else None
    return RiskLevel.CRITICAL if very and level is RiskLevel.HIGH else level


def _plain(name: str) -> str:
    """Return a name in lower case and without accents."""
    apart = unicodedata.normalize("NFKD", folded(name))
    return "".join(char for char in apart if not unicodedata.combining(char))
