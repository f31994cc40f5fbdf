"""What was found to be a secret at one place of a text is one at every other place of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sllm_core.redaction.spans import Span

MANY = 32
"""For so many different secrets of a text others are looked for, so that the time stays linear in its length."""
_SHORTEST = 6
_CREDENTIALS = frozenset({"password", "token", "key", "cookie"})


def echoes(text: str, spans: Iterable[Span]) -> Iterator[Span]:
    """Where the credentials among the spans stand too; words, which may mean something else there, are left."""
    kinds: dict[str, str] = {}
    for each in spans:
        secret = text[each.start : each.end]
        if each.kind in _CREDENTIALS and len(secret) >= _SHORTEST and not secret.isalpha():
            kinds.setdefault(secret, each.kind)
    for secret, kind in list(kinds.items())[:MANY]:
        yield from (Span(start, start + len(secret), kind) for start in _places(text, secret))


def _places(text: str, secret: str) -> Iterator[int]:
    start = text.find(secret)
    while start >= 0:
        end = start + len(secret)
        if not (text[start - 1 : start].isalnum() or text[end : end + 1].isalnum()):
            yield start
        start = text.find(secret, end)
