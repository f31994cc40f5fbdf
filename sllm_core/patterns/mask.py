"""From the text of a fingerprint to the text of a pattern: what is a value by its form alone gives way to `<*>`.

Runs once for each fingerprint never seen before, so it may cost what the pass over all messages may not. It is a
function of the text and nothing else: every replica and every order of messages gives the same. Booleans, paths,
account names and joined runs of values are parameters by the rules of Khan et al., "Guidelines for assessing the
accuracy of log message template identification techniques" (ICSE 2022).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import pairwise
from operator import eq

import pyarrow as pa
import pyarrow.compute as pc

from sllm_core.buffers import rows_of
from sllm_core.patterns.words import DECISIVE, DECISIVE_KEYS, is_decisive, parts

WILD = "<*>"
"""What stands in a template for a value."""

MANY = 20
"""From how many texts on it pays to ask RE2 which of them a rule can change."""

KEYS = 1 << 12
"""For how many keys it is remembered whether their values say what happened."""

_ENDS = r" \t\r\n\x0b\x0c=,;()\[\]{}\"'<>|:"
_OPEN, _CLOSE = f"(?<![^{_ENDS}])", f"(?![^{_ENDS}.])"
_DAY = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)(?:[a-z]*day)?,?"
_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)(?:uary|ruary|ch|il|e|y|ust|t?ember|ober)?,?"
_ZONE = "(?:UTC|GMT|[ECMP][SD]T|CES?T|BST|IST|KST|JST)"
_SCHEME = "(?:https?|ftp|file|hdfs|s3a?|jdbc|redis|amqps?|wss?|tcp|udp|grpc)"
_UNIT = "(?:[KMGTP]i?[Bb]|B|kB|[kmg]b|[KMG]B/s|ms|[umn]?s|µs|secs?|mins?|hrs?|h|%)"
_KEY = r"(?<![\w.-])(?:[^\WA-Za-z_]|[.-])*+(?P<key>[A-Za-z_][\w.-]*+)"

_BLANKS = re.compile(r"[ \t\r\n\x0b\x0c]+")
_UNEVEN_BLANKS = r"[ \t\r\n\x0b\x0c]{2,}|[\t\r\n\x0b\x0c]"
_ACCOUNT = re.compile(
    r"(?i)(?<![\w-])((?:users?|username|for|by|from|to|as|su|account|login)[ =:]+['\"]?|\()"
    r"(?:root|admin|administrator|guest|nobody|anonymous)(?=[ ,;.)\]'\":@]|$)"
)
_QUOTED = re.compile(rf"{_KEY}\"?[:=] ?(?P<quote>[\"'])(?P<value>[^\"']+)(?P=quote)")
_VALUE = r"(?:<\*>|[^\s=,;()\[\]{}\"'<>|])"
_BARE = re.compile(rf"(?!<\*>(?!{_VALUE})){_VALUE}+")
_LAST_KEY = re.compile(rf"{_KEY}\Z")
_RUN = re.compile(r"<\*>(?:(?:[,;] ?|[ :/.|])<\*>)+")
_REPEAT = re.compile(r"(?<![^ ])((?:[^ ]+ ){0,5}?(?>[^ ]*<\*>)[^ ]*+ (?:[^ ]+ ){0,3}?)\1+")


@dataclass(frozen=True)
class Rule:
    """What finds values by their form, and a regular expression for RE2 that finds something wherever it would.

    `needs` looks at texts before the other rules. As these only put `<*>` in place of something, it names what stands
    within one match of this rule, and no `<*>`. Rules that are `rare` are looked for together.
    """

    needs: str
    apply: Callable[[str], str]
    rare: bool = False


def mask(text: str) -> str:
    """The pattern's text. `text` comes from the fingerprint pass: whatever holds a digit is `<*>` already."""
    text = _BLANKS.sub(" ", text).strip()
    for rule in _RULES:
        text = rule.apply(text)
    return _draw_together(text)


def mask_all(texts: pa.Array) -> list[str]:
    """`mask` of each text, five times as fast for many: a rule sees only the texts that have what it needs."""
    if len(texts) < MANY:
        return list(map(mask, texts.to_pylist()))
    spaced = pc.replace_substring_regex(texts, pattern=_UNEVEN_BLANKS, replacement=" ")
    masked = [text.strip() for text in spaced.to_pylist()]
    rare = rows_of(pc.match_substring_regex(spaced, "|".join(rule.needs for rule in _RULES if rule.rare)))
    for rule in _RULES:
        for row in rare if rule.rare else rows_of(pc.match_substring_regex(spaced, rule.needs)):
            masked[row] = rule.apply(masked[row])
    return list(map(_draw_together, masked))


def join_runs(text: str) -> str:
    """The text with values that follow one another, as in a list, drawn together to one."""
    return _RUN.sub(WILD, text)


def _draw_together(text: str) -> str:
    """The text without runs of values, and without repetitions of what holds a value."""
    if text.count(WILD) > 1 and (text := join_runs(text)).count(WILD) > 1 and _may_repeat(text):
        return _REPEAT.sub(r"\1", f"{text} ").rstrip()
    return text


def _may_repeat(text: str) -> bool:
    """Whether a word, or a pair of words, stands twice: much cheaper to see than a repetition, and part of any."""
    words = text.split(" ")
    if len(set(words)) == len(words):
        return False
    pairs = list(pairwise(words))
    return len(set(pairs)) < len(pairs) or any(map(eq, words, words[1:]))


def _mask_pair(pair: re.Match[str]) -> str:
    if _key_tells(pair["key"]) or any(map(is_decisive, pair["value"].split())):
        return pair.group()
    return pair.string[pair.start() : pair.start("value")] + WILD + pair.string[pair.end("value") : pair.end()]


def _mask_bare(text: str) -> str:
    """The same for values without quotes: to look around each `=` is faster than to look for keys."""
    first, *rest = text.split("=")
    masked, before = [first], first
    for part in rest:
        value = _BARE.match(part)
        key = _LAST_KEY.search(before.rpartition(" ")[2]) if value and before else None
        if value and key:
            tells = _key_tells(key["key"]) or is_decisive(value.group())
            before = part[value.end() :]
            masked.append(part if tells else WILD + before)
        else:
            masked.append(part)
            before = part
    return "=".join(masked)


@lru_cache(KEYS)
def _key_tells(key: str) -> bool:
    """Whether the value of such a key says what happened."""
    words = parts(key)
    return bool(words and words[-1] in DECISIVE_KEYS) or not DECISIVE.isdisjoint(words)


def _rule(needs: str, pattern: str, rare: bool = False) -> Rule:
    return Rule(needs, partial(re.compile(pattern).sub, WILD), rare)


_RULES = (
    _rule(
        "true|false|null|nil|none|undefined|TRUE|FALSE|NULL|True|False|None",
        rf"{_OPEN}(?:true|false|null|nil|none|undefined|TRUE|FALSE|NULL|True|False|None){_CLOSE}",
    ),
    _rule("[0-9a-f]{6}|[0-9A-F]{8}", rf"{_OPEN}(?:[0-9a-f]{{6,}}|[0-9A-F]{{8,}}){_CLOSE}"),
    _rule(
        ":[^ :]*:[^ :]*:",
        rf"{_OPEN}(?:(?:[0-9A-Fa-f]{{1,4}}|<\*>)?:){{3,}}(?:[0-9A-Fa-f]{{1,4}}|<\*>){_CLOSE}",
        rare=True,
    ),
    _rule(
        rf"[/\\]|{_SCHEME}:",
        rf"{_OPEN}(?:[A-Za-z][A-Za-z+.-]*://|{_SCHEME}:<\*>|[A-Za-z]:\\|\\\\|\.{{0,2}}/)[^{_ENDS}]*",
    ),
    _rule(
        "Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec",
        rf"(?:{_DAY} )?{_MONTH} <\*>|(?:{_DAY} )?<\*> {_MONTH}(?= <\*>)|{_DAY} (?=<\*>)",
        rare=True,
    ),
    _rule(_ZONE, rf"<\*> ?{_ZONE}{_CLOSE}", rare=True),
    _rule(_UNIT, rf"<\*> ?{_UNIT}{_CLOSE}"),
    _rule(r"(?:^|[ (=:,]|[^\x00-\x7f])[<>][^*]", r"(?<![^ (=:,])[<>]=?<\*>(?!>)", rare=True),
    Rule("(?i:root|adm[iİı]n|guest|nobody|anonymous)", partial(_ACCOUNT.sub, rf"\1{WILD}"), rare=True),
    Rule("[:=] ?[\"']", partial(_QUOTED.sub, _mask_pair)),
    Rule("=", _mask_bare),
)
