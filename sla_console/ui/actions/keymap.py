"""Which keys run which action: the defaults, and what a person wants instead."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from sla_console.ui.actions.action import Action, shown, spelled, spellings
from sla_console.ui.actions.catalogue import EVERY


@dataclass(frozen=True, slots=True)
class Keymap:
    """The keys in force."""

    keys: Mapping[str, tuple[str, ...]] = field(
        default_factory=lambda: {action.id: action.keys for action in EVERY}
    )
    """By action id, as people write them; none: it has no key."""
    faults: tuple[str, ...] = ()
    """What was asked for and is not so, a sentence each."""

    @classmethod
    def of(cls, wanted: Mapping[str, Sequence[str]]) -> "Keymap":
        """Return the defaults with what a person wants in their place.

        What cannot be is left as it was and said in ``faults``: an action that there is not, a key
        that there is not. A key that two actions would have goes to the one that a person wants it
        for, and is said too.

        Args:
            wanted: By action id its keys; none: it has none.
        """
        faults: list[str] = []
        known = {action.id: action for action in EVERY}
        taken = dict(cls().keys)
        asked: dict[str, tuple[str, ...]] = {}
        for name, keys in wanted.items():
            if name not in known:
                near = get_close_matches(name, known, 1)
                hint = (
                    f"; did you mean {near[0]!r}?" if near else "; 'sla-console keys' lists them."
                )
                faults.append(f"keys: there is no action {name!r}{hint}")
                continue
            try:
                for key in keys:
                    spellings(key)
            except ValueError as fault:
                faults.append(
                    f"keys.{name!r}: {fault}; write such as a, A, /, ctrl+a, f5 or space."
                )
                continue
            asked[name] = tuple(keys)
        taken.update(asked)
        while (clash := _clash(taken, asked)) is not None:
            name, loser, key = clash
            taken[loser] = tuple(one for one in taken[loser] if one != key)
            has = " and ".join(taken[loser]) or "no key"
            faults.append(
                f"keys: {key!r} is wanted for {name!r} ({known[name].label}) and taken by {loser!r} "
                f"({known[loser].label}), which has {has} now. Give one of them another key."
            )
        return cls(taken, tuple(faults))

    def shown(self, action: Action) -> str:
        """Return the first key of an action as it is shown, empty where it has none."""
        return self.shown_of(action.id)

    def shown_of(self, name: str) -> str:
        """Return the first key of an action by its id, likewise."""
        keys = self.keys[name]
        return shown(keys[0]) if keys else ""

    def all_shown(self, action: Action) -> str:
        """Return all keys of an action as they are shown."""
        return " ".join(map(shown, self.keys[action.id])) or "none"

    def for_textual(self) -> dict[str, str]:
        """Return what differs from the defaults, in the form of ``App.set_keymap``."""
        return {
            action.id: spelled(self.keys[action.id])
            for action in EVERY
            if self.keys[action.id] != action.keys
        }


def _clash(
    taken: Mapping[str, tuple[str, ...]], asked: Mapping[str, tuple[str, ...]]
) -> tuple[str, str, str] | None:
    """Return an action, another one that works where it does and has the same key, and that key.

    The other is to lose it: what nobody asked for, else what was asked for later. So an update that
    brings an action of its own takes nobody's keys.
    """
    known = {action.id: action for action in EVERY}
    owners: dict[str, list[str]] = {}
    for name in (*asked, *(one for one in taken if one not in asked)):
        for key in taken[name]:
            for name_of in spellings(key):
                for other in owners.setdefault(name_of, []):
                    if other != name and known[name].meets(known[other]):
                        return other, name, key
                owners[name_of].append(name)
    return None
