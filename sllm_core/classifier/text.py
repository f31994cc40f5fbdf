"""From the text of a message to its words: numbers masked, the shapes of numbers that matter kept."""

from __future__ import annotations

import re
from collections.abc import Sequence

LIMIT = 2000
"""How many characters of a message are read; what a message is about stands at its beginning."""

_GOES_ON = " ↵"
_MASKED = re.compile(
    r"(?<![^ \t\r\n\x0b\x0c=,;()\[\]{}\"'<>|가-힣])"
    r"[^ \t\r\n\x0b\x0c=,;()\[\]{}\"'<>|가-힣0-9]*+[0-9][^ \t\r\n\x0b\x0c=,;()\[\]{}\"'<>|가-힣]*+"
)
_WORD = re.compile(r"\d\S*|-?#|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[가-힣]+|[^\W\d_A-Za-z가-힣]+")
_NUMBER = re.compile(r"(?P<zero>0(?:\.0+)?)|(?P<percent>\d+(?:\.\d+)?)%|(?P<part>\d+)/(?P<whole>\d+)|(?P<minus>-)\d+")
_HTTP = re.compile(r"HTTP|http|[Ss]tatus|code|GET |POST |returned|Completed|응답|상태|코드")
_STATUS = re.compile(r"(?<![^\s\"'=:(])([1-5])\d\d(?![^\s\"',;)])")
_CLASS = re.compile(r"[1-5]xx")


def words(text: str) -> list[str]:
    """The words of a message in lower case, identifiers split at their humps.

    A token with a digit becomes `#`, as does `<*>` of a template, except for: `0`; percentages (`0%`, `50%` for less
    than 80, `90%` for less than 95, `99%`); shares (`0/1` none, `1/2` some, `1/1` all); negative numbers (`-#`); and
    the first number of three digits in a message that speaks of HTTP or of codes (`2xx` to `5xx`).
    """
    text = text[:LIMIT].replace("<*>", "#").replace("n't", " not")
    if _HTTP.search(text):
        text = _STATUS.sub(r"\1xx", text, count=1)
    text = _MASKED.sub(lambda match: f" {_shape(match[0].strip('.:!?~'))} ", text)
    return [word.lower() for word in _WORD.findall(text)]


def _shape(token: str) -> str:
    if _CLASS.fullmatch(token):
        return token
    match = _NUMBER.fullmatch(token)
    if match is None:
        return "#"
    if match["percent"]:
        return _percentage(float(match["percent"]))
    if match["whole"]:
        return _share(int(match["part"]), int(match["whole"]))
    return "0" if match["zero"] else "-#"


def _percentage(value: float) -> str:
    return "0%" if value == 0 else "50%" if value < 80 else "90%" if value < 95 else "99%"


def _share(part: int, whole: int) -> str:
    return "0/1" if part == 0 else "1/1" if part == whole else "1/2"


def filled(template: str, example: str) -> str:
    """The first line of the example with `<*>` where its template has it, except for values with digits.

    Those have shapes that may matter. What the template says of further lines (after `↵`) follows. When template and
    example do not fit, the template speaks for the pattern.
    """
    line, _, further = template.partition(_GOES_ON)
    lines = example.splitlines() or [""]
    text = _filled(line.split("<*>"), " ".join(lines[0].split()))
    return template if text is None else f"{text}{further}"


def _filled(literals: Sequence[str], example: str) -> str | None:
    if not example.startswith(literals[0]):
        return None
    place, parts, last = len(literals[0]), [literals[0]], len(literals) - 1
    for nth, literal in enumerate(literals[1:], 1):
        end = example.find(literal, place) if nth < last else len(example) - len(literal)
        if end < place or not example.startswith(literal, end):
            return None
        value = example[place:end]
        parts += [value if any(map(str.isdigit, value)) else "<*>", literal]
        place = end + len(literal)
    return "".join(parts) if place == len(example) else None
