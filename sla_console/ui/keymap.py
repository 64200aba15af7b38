"""Which keys run which action: the defaults, and what a person wants instead."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from sla_console.ui.action import Action, shown, spelled, spellings
from sla_console.ui.actions import EVERY


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
        that there is not, a key that two actions would have.

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
            name, other, key = clash
            faults.append(
                f"keys: {key!r} is wanted for {name!r} ({known[name].label}) and taken by {other!r} "
                f"({known[other].label}); {name!r} keeps {_words(known[name])}. Give {other!r} "
                "another key, or none."
            )
            taken[name] = known[name].keys
            del asked[name]
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
    """Return an action that was asked for, the other one that has its key, and the key."""
    owner: dict[str, str] = {}
    # Those that were not asked for come first: of two, the one that a person wrote is told of.
    for name in sorted(taken, key=lambda one: one in asked):
        for key in taken[name]:
            for name_of in spellings(key):
                if owner.setdefault(name_of, name) != name:
                    return name, owner[name_of], key
    return None


def _words(action: Action) -> str:
    return " and ".join(action.keys) or "no key"
