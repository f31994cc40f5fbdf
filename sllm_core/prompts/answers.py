"""What is wrong with a text that a model wrote of facts: told in the language of the question, for another try."""

from __future__ import annotations

from collections.abc import Container, Iterable
from types import MappingProxyType

from sllm_core.figures import describe_wrong, wrong_figures
from sllm_core.safety import plain_text

FOREIGN, SPOKEN = 0.02, 0.25
"""Up to which share of its letters a text may be of scripts of which the facts have none; from which share on Korean
letters make a text Korean."""

_MISTAKES = MappingProxyType(
    {
        "empty": ("has no plain sentence", "일반 문장이 없습니다"),
        "long": ("is too long: write fewer and shorter sentences", "너무 깁니다. 더 적고 짧은 문장으로 쓰세요"),
        "language": ("is not in English: write English", "한국어가 아닙니다. 한국어로 쓰세요"),
    }
)


def text_mistake(
    text: str,
    facts: object,
    language: str,
    limit: int,
    known: Iterable[str] = (),
    hosts: Container[str] = frozenset(),
) -> str | None:
    """What is wrong with a text in Korean (`ko`) or English (anything else) that tells of `facts`; None: nothing.

    It must have fewer than `limit` characters (a text that has as many was cut), and some words once it is plain text
    (with the names `hosts`), in its language, with no figure beyond the `facts`, which are JSON values, and the texts
    `known`.
    """
    known = list(known)
    if len(text) >= limit:
        return _told("long", language)
    text = plain_text(text, limit, hosts)
    if not any(map(str.isalpha, text)):
        return _told("empty", language)
    if not speaks(text, language, f"{facts}{known}"):
        return _told("language", language)
    wrong = wrong_figures(text, facts, language, known=known)
    return describe_wrong(wrong, language) if wrong else None


def speaks(text: str, language: str, known: str = "") -> bool:
    """Whether a text is in Korean (`ko`) or English (anything else), by its letters.

    Letters of other scripts are names, if they occur in the text `known`.
    """
    letters = [each for each in text if each.isalpha()]
    korean = sum("가" <= each <= "힣" for each in letters) / max(len(letters), 1)
    foreign = sum(not _is_usual(each) and each not in known for each in letters)
    return foreign <= FOREIGN * len(letters) and (korean >= SPOKEN if language == "ko" else korean < SPOKEN)


def _is_usual(letter: str) -> bool:
    return letter < "\u0250" or "가" <= letter <= "힣" or letter in "μΩ"


def _told(mistake: str, language: str) -> str:
    return _MISTAKES[mistake][language == "ko"]
