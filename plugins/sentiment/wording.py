"""What code says of the sentiment of a window, in English and Korean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sllm_core.records import Window
from sllm_core.summaries.language import listing, number, percent, plural, shorten, span

_NAMED, _LENGTH = 3, 80


def explanation(
    label: str, facts: dict[str, Any], worst: Sequence[tuple[str, int]], window: Window, language: str
) -> str:
    """Two or three sentences from the facts; `worst` are the texts of the most frequent negative patterns."""
    patterns = [(shorten(text, _LENGTH), count) for text, count in worst[:_NAMED]]
    when = span(window.start, window.end, language)
    write = _korean if language == "ko" else _english
    return " ".join(write(label, facts, patterns, _loudest(facts), when))


def _loudest(facts: dict[str, Any]) -> tuple[str, int] | None:
    """The service with the most negative records, when there are several services."""
    negative = {name: counts["negative"] for name, counts in facts["services"].items()}
    name = max(negative, key=negative.__getitem__, default=None)
    return (name, negative[name]) if name is not None and len(negative) > 1 and negative[name] else None


def _share(facts: dict[str, Any], name: str) -> str:
    return percent(facts[name] / facts["records"])


def _english(
    label: str, facts: dict[str, Any], patterns: Sequence[tuple[str, int]], loudest: tuple[str, int] | None, when: str
) -> list[str]:
    counts = [f"{number(facts[name])} {name} ({_share(facts, name)})" for name in ("positive", "neutral", "negative")]
    said = [f"The mood {when} is {label}: of {plural(facts['records'], 'record')} {listing(counts, 'en')}."]
    if loudest:
        said.append(f"The service with the most negative records is {loudest[0]} ({number(loudest[1])}).")
    if patterns:
        named = [f'"{text}" ({number(count)})' for text, count in patterns]
        said.append(f"The most frequent negative messages: {listing(named, 'en')}.")
    return said


def _korean(
    label: str, facts: dict[str, Any], patterns: Sequence[tuple[str, int]], loudest: tuple[str, int] | None, when: str
) -> list[str]:
    names = {"positive": "긍정", "neutral": "중립", "negative": "부정"}
    counts = [f"{korean} {number(facts[name])}건({_share(facts, name)})" for name, korean in names.items()]
    said = [f"{when} 로그의 분위기는 {names[label]}입니다: 총 {number(facts['records'])}건 중 {listing(counts, 'ko')}."]
    if loudest:
        said.append(f"부정 로그가 가장 많은 서비스는 {loudest[0]}({number(loudest[1])}건)입니다.")
    if patterns:
        named = [f'"{text}"({number(count)}건)' for text, count in patterns]
        said.append(f"가장 잦은 부정 메시지: {listing(named, 'ko')}.")
    return said
