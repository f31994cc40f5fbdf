"""The kinds of columns that a learnt header is made of: their regular expressions, and what speaks for each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from sllm_core.reading.levels import level_pattern
from sllm_core.reading.time_layouts import time_layout

_GAP = r"(?:[ \t]+|$)"
_CLOSED = r"[\])>}]+[:,;|]?[ \t]*"
_LEVEL_END = rf"(?:[ \t]+(?:{_CLOSED})?|{_CLOSED}|[:,;]{_GAP}|\|[ \t]*|$)"
_IDENTIFIER = r"[A-Za-z_$][\w$-]*"

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "dash": r"(?:-{1,3}|[:;>,*#]|=>|->|–|::)" + _GAP,
        "bar": r"\|[ \t]*",
        "level": r"[\[(<{]?{level}" + _LEVEL_END,
        "hangul": r"[\[(<{]?{hangul}" + _LEVEL_END,
        "letter": r"\[?(?P<level>[VTDIWEFCN])(?:\]:?[ \t]*|[:/|]?" + _GAP + r"|\|[ \t]*)",
        "barred": r"(?:[^|\s\[\]\"][^|\[\]\"]*)?\|[ \t]*",
        "marked": r"[\[(<]?{level} *(?:[\])>]+:?[ \t]*|:" + _GAP + ")",
        "capitals": r"(?P<level>TRACE|DEBUG|INFO|NOTICE|WARNING|WARN|ERROR|SEVERE|CRITICAL|FATAL)" + _GAP,
        "number": r"[\[(<#]?(?:0x[0-9a-fA-F]+|-?\d+(?:[:/#]\d+)?)[\])>]?[:,]?" + _GAP,
        "bracket": r"\[[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*\]:?[ \t]*",
        "paren": r"\([^()]*\):?[ \t]*",
        "angle": r"<[^<>]*>:?[ \t]*",
        "brace": r"\{[^{}]*\}:?[ \t]*",
        "tagged": r"(?P<logger>[^\s:\[\](){}=,\"']+)(?:\([^)\s]*\))?(?:\[[^\]\s]*\])?:" + _GAP,
        "titled": r"(?P<logger>"
        + _IDENTIFIER
        + r"(?:(?:[./#]|::)"
        + _IDENTIFIER
        + r")+|[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]*)+|[^\s:\[\](){}=,\"']+\[\d+\])(?:\([^)\s]*\))?:"
        + _GAP,
        "tabbed": r"(?P<logger>[\w.$/:-]{1,64})\t[ \t]*",
        "located": r"(?P<logger>[\w.$<>/-]+(?::[\w.$<>/-]+)+)[ \t]+-" + _GAP,
        "placed": r"(?P<logger>[^\s:\[\](){}=,\"']+:\d+)(?::\w+)?(?:\]|:)?" + _GAP,
        "dashed": r"(?P<service>[^\s:=\"'-][^\s:=\"']*(?: [^\s:=\"'-][^\s:=\"']*){0,2}?)[ \t]+-" + _GAP,
        "dotted": r"(?P<logger>" + _IDENTIFIER + r"(?:(?:[./#]|::)[\w$-]+)+)(?:\(\))?" + _GAP,
        "camel": r"(?P<logger>[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]*)+)" + _GAP,
        "padded": r"[\w.$-]+ {2,}",
        "word": r"[^\s\[(|]\S*[ \t]+",
        "any": r"\S+[ \t]+",
        "day": r"\d{4}[-/.]\d\d[-/.]\d\d[,:]?[ \t]+",
    }
)
"""RE2 of each kind, with what separates it from the next column, decided character by
character wherever that is possible, since RE2 is fastest then. {level} and {hangul} stand for words of severity."""

OPEN = r"[\[(<{\"']?"
CLOSE = r"(?:[\])>}\"'][,:;]?[ \t]*|[,:;|]+[ \t]*|[ \t]+|$)"
"""What may stand around a time."""

LEVELS = ("level", "hangul", "letter")
"""The kinds of level behind a time."""

MARKED = ("marked", "capitals")
"""The kinds of level that are none of the words of a sentence, even where there is no time."""


def kind_pattern(kind: str) -> str:
    """The regular expression of the kind, for RE2 and `re` alike; `time:` and a layout's name is a kind too.

    Raises:
        KeyError: there is no such kind.
    """
    if kind.startswith("time:"):
        return f"{OPEN}(?P<timestamp>{time_layout(kind[5:]).plain}){CLOSE}"
    pattern = KINDS[kind].replace("{level}", f"(?P<level>{level_pattern()})")
    return pattern.replace("{hangul}", f"(?P<level>{level_pattern(korean=True)})")


@cache
def kind_matcher(kind: str) -> re.Pattern[str]:
    """The compiled regular expression of the kind."""
    return re.compile(kind_pattern(kind))
