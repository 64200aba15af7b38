"""HTML of notes and messages as the lines a reader would see."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_console.superops.markup import plain_lines


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("<p>One</p><p>Two</p>", "One\nTwo"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("<ul><li>first</li><li>second</li></ul>", "- first\n- second"),
        ("<div>a\n  b</div>", "a b"),
        ("<style>p {color: red}</style><script>alert(1)</script>seen", "seen"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ("see <img src=x alt='the error'> here", "see [the error] here"),
        ("plain text\nof two lines", "plain text\nof two lines"),
        ("5 &lt; 6 &amp; 7", "5 < 6 & 7"),
        ("<b>unclosed", "unclosed"),
        ("a <!-- hidden --> b", "a b"),
        ("a <b title='1 > 0'>b</b>", "a b"),
        ("it is <a title=it's>here</a>", "it is here"),
        ("1 < 2 and 3 > 2 <br> so", "1 < 2 and 3 > 2\nso"),
        ("<!DOCTYPE html><html><head><title>T</title></head><body>seen</body></html>", "seen"),
        ("<!--[if mso]><b>outlook</b><![endif]-->seen", "seen"),
        ("a &#" + "9" * 5000 + "; b", "a \ufffd b"),
        ("", ""),
    ],
)
def test_html_is_read_as_a_person_would(content, expected):
    assert plain_lines(content) == expected


@given(st.text() | st.text(alphabet="<>!-/[]ab &;#x1\"'=\n"))
def test_any_text_is_read_without_a_crash(content):
    assert isinstance(plain_lines(content), str)


@pytest.mark.parametrize(
    "piece",
    ["<", "<!", "<!--", "<a ", "</", "<![", "&#", "&#9", "<p>", "<script>", '<a x=">', "<a x='",
     "<a x='>", "<img alt=", "<a b=c ", "<!-->", "\"'", "<a \"'"],
)  # fmt: skip
def test_a_hostile_text_of_great_length_is_read_at_once(piece):
    for text in (piece * (100_000 // len(piece)), "<a " + piece[1:] * 30_000 + ">"):
        started = time.perf_counter()
        plain_lines(text)
        assert time.perf_counter() - started < 1
