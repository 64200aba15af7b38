"""The HTML of notes and messages as plain lines. It is text for people, so nothing is rendered.

The standard parser needs a minute for a hundred kilobytes of unclosed tags, which any sender of a
mail could write. One pass that never looks beyond the next ``<`` takes the same time for all.
"""

import re
from html import unescape
from typing import Final

_LONGEST: Final = 100_000
_TAG: Final = re.compile(
    r"<(?P<end>/?)(?P<name>[a-z][a-z0-9:-]*+)"
    r"(?P<rest>(?:[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+')*+|[^<>]*+)>"
    r"|<[!?][^<>]*+>",
    re.IGNORECASE,
)
_ALT: Final = re.compile(r"\balt\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'>]++))", re.IGNORECASE)
# More digits than any character has; Python refuses to read thousands of them.
_NO_CHARACTER: Final = re.compile(r"&#x?[0-9a-f]{8,}+;?", re.IGNORECASE)
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
_UNSEEN: Final = frozenset({"script", "style", "template", "title"})


def plain_lines(content: str) -> str:
    """Return the text that a reader of this HTML would see, a paragraph on each line.

    Args:
        content: HTML, or plain text; cut after a hundred thousand characters. Not yet cleaned.
    """
    content = content[:_LONGEST]
    if "<" not in content:
        return _text(content)
    content = _without_comments(content)
    parts: list[str] = []
    hidden = ""
    at = 0
    for tag in _TAG.finditer(content):
        if not hidden:
            # A line end in HTML is a space; only tags end a line.
            parts.append(_text(content[at : tag.start()]).replace("\n", " "))
        at = tag.end()
        name, ends = (tag["name"] or "").casefold(), bool(tag["end"])
        if hidden:
            hidden = "" if ends and name == hidden else hidden
        elif name in _UNSEEN and not ends:
            hidden = name
        else:
            parts.append(_shown(name, ends, tag["rest"] or ""))
    if not hidden:
        parts.append(_text(content[at:]).replace("\n", " "))
    lines = (" ".join(line.split()) for line in "".join(parts).split("\n"))
    return "\n".join(line for line in lines if line)


def _shown(name: str, ends: bool, attributes: str) -> str:
    """Return what a tag looks like in plain text."""
    if name == "li" and not ends:
        return "\n- "
    if name in _BREAKS:
        return "\n"
    if name in {"td", "th"}:
        return " "
    if name == "img":
        alt = _ALT.search(attributes)
        words = next((group for group in alt.groups() if group), "") if alt else ""
        return f"[{_text(words).replace(chr(10), ' ') or 'image'}]"
    return ""


def _text(content: str) -> str:
    return unescape(_NO_CHARACTER.sub("\N{REPLACEMENT CHARACTER}", content))


def _without_comments(content: str) -> str:
    parts: list[str] = []
    at = 0
    while (start := content.find("<!--", at)) >= 0:
        end = content.find("-->", start + 4)
        if end < 0:
            break
        parts.append(content[at:start])
        at = end + 3
    return "".join(parts) + content[at:]
