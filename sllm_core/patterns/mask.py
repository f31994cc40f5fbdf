"""From the text of a fingerprint to the text of a pattern: what is a value by its form alone gives way to `<*>`.

Runs once for each fingerprint never seen before, so it may cost what the pass over all messages may not. It is a
function of the text and nothing else: every replica and every order of messages gives the same. Booleans, paths,
account names and joined runs of values are parameters by the rules of Khan et al., "Guidelines for assessing the
accuracy of log message template identification techniques" (ICSE 2022).
"""

from __future__ import annotations

import re

from sllm_core.patterns.words import DECISIVE_KEYS, is_decisive, parts

WILD = "<*>"
"""What stands in a template for a value."""

_ENDS = r" \t\r\n\x0b\x0c=,;()\[\]{}\"'<>|:"
_OPEN, _CLOSE = f"(?<![^{_ENDS}])", f"(?![^{_ENDS}.])"
_DAY = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)(?:[a-z]*day)?,?"
_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)(?:uary|ruary|ch|il|e|y|ust|t?ember|ober)?,?"
_ZONE = "(?:UTC|GMT|[ECMP][SD]T|CES?T|BST|IST|KST|JST)"
_SCHEME = "(?:https?|ftp|file|hdfs|s3a?|jdbc|redis|amqps?|wss?|tcp|udp|grpc)"
_UNIT = "(?:[KMGTP]i?[Bb]|B|kB|[kmg]b|[KMG]B/s|ms|[umn]?s|µs|secs?|mins?|hrs?|h|%)"
_KEY = r"(?P<key>[A-Za-z_][\w.-]*)"

_SPACE = re.compile(r"[ \t\r\n\x0b\x0c]+")
_VALUES = (
    re.compile(rf"{_OPEN}(?:true|false|null|nil|none|undefined|TRUE|FALSE|NULL|True|False|None){_CLOSE}"),
    re.compile(rf"{_OPEN}(?:[0-9a-f]{{6,}}|[0-9A-F]{{8,}}){_CLOSE}"),
    re.compile(rf"{_OPEN}(?:(?:[0-9A-Fa-f]{{1,4}}|<\*>)?:){{3,}}(?:[0-9A-Fa-f]{{1,4}}|<\*>){_CLOSE}"),
    re.compile(rf"{_OPEN}(?:[A-Za-z][A-Za-z+.-]*://|{_SCHEME}:<\*>|[A-Za-z]:\\|\\\\|\.{{0,2}}/)[^{_ENDS}]*"),
    re.compile(rf"(?:{_DAY} )?{_MONTH} <\*>|(?:{_DAY} )?<\*> {_MONTH}(?= <\*>)|{_DAY} (?=<\*>)"),
    re.compile(rf"<\*> ?{_ZONE}{_CLOSE}"),
    re.compile(rf"<\*> ?{_UNIT}{_CLOSE}"),
)
_ACCOUNT = re.compile(
    r"(?i)(?<![\w-])((?:users?|username|for|by|from|to|as|su|account|login)[ =:]+['\"]?|\()"
    r"(?:root|admin|administrator|guest|nobody|anonymous)(?=[ ,;.)\]'\":@]|$)"
)
_QUOTED = re.compile(rf"{_KEY}\"?[:=] ?(?P<quote>[\"'])(?P<value>[^\"']+)(?P=quote)")
_BARE = re.compile(rf"{_KEY}=(?P<value>(?:<\*>|[^\s=,;()\[\]{{}}\"'<>|])+)")
_RUN = re.compile(r"<\*>(?:(?:[,;] ?|[ :/.|])<\*>)+")
_REPEAT = re.compile(r"(?<![^ ])((?:[^ ]+ ){0,5}?[^ ]*<\*>[^ ]* (?:[^ ]+ ){0,3}?)\1+")


def mask(text: str) -> str:
    """The pattern's text. `text` comes from the fingerprint pass: whatever holds a digit is `<*>` already."""
    text = _SPACE.sub(" ", text).strip()
    for values in _VALUES:
        text = values.sub(WILD, text)
    text = _ACCOUNT.sub(rf"\1{WILD}", text)
    for pairs in (_QUOTED, _BARE):
        text = pairs.sub(_mask_pair, text)
    return _REPEAT.sub(r"\1", f"{join_runs(text)} ").rstrip()


def join_runs(text: str) -> str:
    """The text with values that follow one another, as in a list, drawn together to one."""
    return _RUN.sub(WILD, text)


def _mask_pair(pair: re.Match[str]) -> str:
    words = parts(pair["key"])
    named = words and words[-1] in DECISIVE_KEYS
    if named or any(is_decisive(each) for each in [*words, *pair["value"].split()]):
        return pair.group()
    return pair.string[pair.start() : pair.start("value")] + WILD + pair.string[pair.end("value") : pair.end()]
