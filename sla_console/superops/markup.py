"""The HTML of notes and messages as plain lines. It is text for people, so nothing is rendered."""

from html import unescape
from html.parser import HTMLParser
from typing import Final

_LONGEST: Final = 100_000
_BREAKS: Final = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "br",
        "dd",
        "div",
        "dl",
        "dt",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tr",
        "ul",
    ]
)
_UNSEEN: Final = frozenset(["head", "script", "style", "template", "title"])


def plain_lines(content: str) -> str:
    """Return the text that a reader of this HTML would see, a paragraph on each line.

    Args:
        content: HTML, or plain text; cut after a hundred thousand characters. Not yet cleaned.
    """
    content = content[:_LONGEST]
    if "<" not in content:
        return unescape(content)
    reader = _Reader()
    try:
        reader.feed(content)
        reader.close()
    except AssertionError:
        # The parser's own way of giving up on a malformed declaration.
        return content
    lines = (" ".join(line.split()) for line in "".join(reader.parts).split("\n"))
    return "\n".join(line for line in lines if line)


class _Reader(HTMLParser):
    """Collects what is seen."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN and self._hidden is None:
            self._hidden = tag
        elif tag in _BREAKS:
            self.parts.append("\n- " if tag == "li" else "\n")
        elif tag in {"td", "th"}:
            self.parts.append(" ")
        elif tag == "img" and self._hidden is None:
            self.parts.append(f"[{dict(attrs).get('alt') or 'image'}]")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _UNSEEN:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag == self._hidden:
            self._hidden = None
        elif tag in _BREAKS and tag != "br":
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if self._hidden is None:
            # A line end in HTML is a space; only tags end a line.
            self.parts.append(data.replace("\r", " ").replace("\n", " "))
