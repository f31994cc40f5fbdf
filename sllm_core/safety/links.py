"""Links and addresses in text, also those without a scheme."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator

_DOMAINS = """
com net org biz gov edu mil arpa io dev ai me tv gg ly co xyz top site online shop club click icu vip win bid loan onion
kr jp cn tw hk sg vn th in eu us uk ca au nz de fr nl ch es it pt se fi dk pl cz ro gr tr ru su ua ir za br ar cl mx
asia world today news blog wiki website download racing party casino lol monster example invalid 한국 닷컴 닷넷
"""
_TOP = frozenset(_DOMAINS.split())
_CODE = frozenset({"java", "javax", "jakarta", "sun", "system", "kotlin", "scala", "socket"})
_SCHEME = re.compile(
    r"(?<![a-z0-9])[a-z][a-z0-9+.-]{1,20}:\s?/\s?/\S*|(?<![\w.-])www\d?[.。]\S*"
    r"|(?<![\w:/])//[\w-]{1,63}[.。]\S*"
    r"|(?<![\w-])(?:mailto|javascript|vbscript|tel|sms|skype|magnet|tg|whatsapp):[^\s:]\S*|\bdata:[a-z]+/\S*"
    r"|[\w.+-]{1,64}@(?:[\w-]{1,63}[.。]){1,8}[^\W\d_][\w-]{1,62}"
    r"|(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?/[a-z]\S*"
)
_HOST = re.compile(
    r"(?<![\w.。@/])(?P<first>\w[\w-]{0,62})[.。](?:\w[\w-]{0,62}[.。])*"
    r"(?P<top>[^\W\d_][\w-]{1,62})(?![\w-])(?P<path>(?::\d{1,5})?/\S*)?"
)


def links(text: str, known: Container[str] = frozenset()) -> Iterator[str]:
    """The links, mail addresses and names of hosts in folded text, other than those that are `known` as a whole.

    A word with dots is the name of a host if a path follows, or if it ends in a common top-level domain, with the
    exception of packages such as `java.io`. Domains that are endings of files (`.sh`, `.py`) or fields (`.id`, `.name`)
    as well are not looked for.
    """
    for match in _SCHEME.finditer(text):
        yield from _unknown(match[0], known)
    for match in _HOST.finditer(text):
        if match["path"] or _is_domain(match["first"], match["top"]):
            yield from _unknown(match[0], known)


def _is_domain(first: str, top: str) -> bool:
    return top.startswith("xn--") or (top in _TOP and first not in _CODE)


def _unknown(word: str, known: Container[str]) -> Iterator[str]:
    if word not in known and word.rstrip(".,;:!?)]}\"'") not in known:
        yield word
