"""Text from outside is made harmless once, at the edge."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_console.domain.text import clean, clean_lines


@pytest.mark.parametrize(
    "hostile",
    [
        "\x1b]0;PWNED\x07",
        "\x1b]52;c;ZXZpbA==\x07",
        "\x1bP1;1|x\x1b\\",
        "\x9b31m",
        "\u202eevil",
        "\u200bzero",
        "\u2066isolate\u2069",
        "tag\U000e0041",
        "soft\u00adhyphen",
        "\ud800lone",
        "\ue000private",
        "\u3164filler",
        "line\u2028separator",
    ],
)
def test_nothing_that_steers_a_terminal_or_a_reader_is_left(hostile: str) -> None:
    assert not unsafe(clean(hostile))


def test_plain_text_and_other_scripts_are_left_alone() -> None:
    for text in (
        "Printer [bold]3rd floor[/] down",
        "Größe prüfen: naïve café",
        "打印机坏了",
        "Принтер",
    ):
        assert clean(text) == text


def test_line_ends_become_spaces_and_length_is_bounded() -> None:
    assert clean("a\r\n\tb") == "a b"
    assert clean("x" * 900, limit=10) == "x" * 9 + "…"
    assert clean_lines("one\x1b[2J\ntwo") == "one\N{REPLACEMENT CHARACTER}[2J\ntwo"


def test_towers_of_combining_marks_are_cut_to_three() -> None:
    assert clean("e" + "\u0301" * 40) == "e" + "\u0301" * 3


def test_every_unsafe_character_of_this_unicode_is_caught() -> None:
    for point in range(sys.maxunicode + 1):
        char = chr(point)
        if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}:
            assert not unsafe(clean(f"a{char}b")), hex(point)


@given(st.text(st.characters(codec=None), max_size=80))
def test_whatever_comes_in_what_goes_out_is_safe_and_stays_so(text: str) -> None:
    once = clean(text)
    assert not unsafe(once)
    assert clean(once) == once


def unsafe(text: str) -> list[str]:
    return [c for c in text if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}]
