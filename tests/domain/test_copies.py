"""A copy of a record is what ``dataclasses.replace`` would make of it."""

from dataclasses import FrozenInstanceError, dataclass, replace

import pytest

from sla_console.domain.copies import copy_with


@dataclass(frozen=True, slots=True)
class Record:
    name: str
    count: int = 0
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Derived:
    name: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", self.name.upper())


def test_a_copy_has_the_new_values_and_the_others_as_they_were() -> None:
    record = Record("a", 1, ("x",))
    assert copy_with(record, count=2) == replace(record, count=2) == Record("a", 2, ("x",))
    assert record == Record("a", 1, ("x",)), "the original stays"


def test_a_copy_is_as_frozen_as_its_original() -> None:
    with pytest.raises(FrozenInstanceError):
        copy_with(Record("a"), count=2).count = 3  # type: ignore[misc]


def test_a_field_that_is_none_is_refused() -> None:
    with pytest.raises(AttributeError, match="Record has no field size"):
        copy_with(Record("a"), size=2)


def test_a_class_that_works_its_fields_out_is_refused() -> None:
    with pytest.raises(TypeError, match="Derived"):
        copy_with(Derived("a"), name="b")
