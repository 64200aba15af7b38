"""Settings about what is agreed with clients."""

from fractions import Fraction
from pathlib import Path

import pytest

from sla_console.config.load import load_settings
from sla_console.domain.errors import UserError


def settings(tmp_path: Path, text: str):
    path = tmp_path / "config.toml"
    path.write_text(text)
    return load_settings(path, {})


def test_percentages_are_exact(tmp_path):
    text = "[contracts]\ntarget_percent = 99.9\n[[contracts.clients]]\nclient = 'Acme'\ntarget_percent = 95\n"
    found = settings(tmp_path, text).contracts.as_domain()
    assert found.of("anybody") == Fraction(999, 1000)
    assert found.of("acme") == Fraction(95, 100)


def test_without_any_nothing_is_agreed(tmp_path):
    assert settings(tmp_path, "").contracts.as_domain().of("Acme") is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[contracts]\ntarget_percent = 0", ["contracts.target_percent", "found 0", "above 0"]),
        ("[contracts]\ntarget_percent = 101", ["contracts.target_percent", "found 101"]),
        ("[contracts]\ntarget_percent = '95'", ["contracts.target_percent", "percentage"]),
        ("[contracts]\ntarget_percent = true", ["contracts.target_percent", "percentage"]),
        ("[[contracts.clients]]\nclient = 'A'", ["contracts.clients", "target_percent"]),
        (
            (
                "[[contracts.clients]]\nclient = 'A'\ntarget_percent = 9\n"
                "[[contracts.clients]]\nclient = 'a'\ntarget_percent = 8"
            ),
            ["more than once", "remove one"],
        ),
    ],
)
def test_each_mistake_is_one_sentence(tmp_path, text, words):
    with pytest.raises(UserError) as caught:
        settings(tmp_path, text)
    for word in words:
        assert word in str(caught.value)
