"""What a model wrote, as plain text: without markup, links and requests to the reader."""

from __future__ import annotations

import html
import re
from collections.abc import Container, Iterator

from sllm_core.safety.folding import Folded
from sllm_core.safety.invisible import visible
from sllm_core.safety.links import links
from sllm_core.safety.markers import known_markers
from sllm_core.safety.requests import asks_reader

LONGEST = 8_000
"""Of a text with more characters nothing is kept: it is no short answer."""

PASSES = 8
"""How often a text is gone through before it is given up, when each pass brings up something new."""

_BLOCK = re.compile(
    r"(?is)(?P<fence>```|~~~).*?(?:(?P=fence)|\Z)|<!--.*?(?:-->|\Z)|<(?P<tag>script|style)\b.*?(?:</(?P=tag)\s*>|\Z)"
)
_STYLE = re.compile(r"(?i)</?(?:b|i|u|em|strong|code|span|tt|small)\s*/?>|`+|~~|[\u0334-\u0338]")
_LAYOUT = re.compile(r"(?i)</?(?:p|br|ul|ol|li|div|h[1-6])\s*/?>")
_EMPHASIS = re.compile(r"(?<![\w<*])(\*{1,3})(?=[^\s*])([^*\n]{1,1000})(?<=[^\s*])\1(?![\w>*])")
_LINE_START = re.compile(r"(?m)^[ ]*(?:(?:#{1,6}|[-+*•▪◦>]|\d{1,2}[.)])[ ]+|[-=*_#]{3,}[ ]*$)+")
_END = re.compile(
    r"(?<=[.!?。！？])(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bvs\.)(?<!\bNo\.)[\"'”’)\]]*\s+|(?<=[가-힣][.!?])(?=[가-힣])|\n+"
)
_TAG = re.compile(
    r"</\s?[a-z]|<[!?%]|<[a-z][\w:-]*(?:\s[^<>]*=|\s*/>)|<[a-z]+-[a-z-]*>|<(?:script|style|iframe|img|a|svg|math|object|embed|"
    r"form|input|button|link|meta|base|video|audio|html|head|body|table|tr|td|th|details|dialog|marquee|template|font|center|pre)\b"
)
_NOTATION = re.compile(
    r"\]\s?\(|\]:\s|!\[|\{\s*[\"']|[\"']\s*:\s*[\"'\[{]|\\u[0-9a-f]{4}|%[0-9a-f]{2}%[0-9a-f]{2}|&#?\w{1,31};"
)
_SPEAKER = re.compile(r"^\W{0,3}(?:system|assistant|user|human|시스템|사용자|어시스턴트)\W{0,3}:")


def plain_text(text: str, limit: int, known: Container[str] = frozenset()) -> str:
    """At most `limit` characters of plain text in one line, from what a model wrote; "" if nothing of it is left.

    Emphasis, headings, bullets and tags that only lay out are taken off; blocks of code go. A sentence goes as a whole
    if it has a link, a mail address or the name of a host, other markup, a control token, JSON, a command, or asks the
    reader for something, in English or Korean. Addresses that are in `known`, in lower case, may stay: hosts that the
    facts name. What is longer than `limit` ends with the last sentence that fits, or within the first one with `…`.

    What it does not promise: that what is said is true; that a request in other words, in another language, or spelt
    out (`example dot com`) is found; that no harmless sentence goes. Markup must be escaped all the same where the
    text is shown.
    """
    if len(text) > LONGEST:
        return ""
    for _ in range(PASSES):
        before, text = text, _passed(text, known)
        if text == before:
            short = _shortened(text, limit)
            return short if _passed(short, known) == short else ""
    return ""


def _passed(text: str, known: Container[str]) -> str:
    text = _BLOCK.sub("\n", visible(html.unescape(text)))
    text = _LINE_START.sub("", _EMPHASIS.sub(r"\2", _LAYOUT.sub("\n", _STYLE.sub("", text))))
    return " ".join(sentence for sentence in _sentences(text) if _is_plain(sentence, known))


def _sentences(text: str) -> Iterator[str]:
    start = 0
    for end in _END.finditer(text):
        yield from _words(text[start : end.end()])
        start = end.end()
    yield from _words(text[start:])


def _words(sentence: str) -> Iterator[str]:
    if words := " ".join(sentence.split()):
        yield words


def _is_plain(sentence: str, known: Container[str]) -> bool:
    folded = Folded.of(sentence).text
    marked = (
        _TAG.search(folded) or _NOTATION.search(folded) or _SPEAKER.search(folded) or known_markers().search(folded)
    )
    return (
        not marked
        and any(map(str.isalnum, folded))
        and not asks_reader(folded)
        and next(links(folded, known), None) is None
    )


def _shortened(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    ends = [match.start() for match in re.finditer(r"(?<=[.!?。！？])\s", text[: limit + 1])]
    if ends:
        return text[: ends[-1]]
    blank = text.rfind(" ", 0, limit - 1)
    return f"{text[:blank]} …" if blank > 0 else ""
