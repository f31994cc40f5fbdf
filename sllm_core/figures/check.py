"""Checks the figures of a text against facts."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sllm_core.figures.facts import support
from sllm_core.figures.reader import Reader
from sllm_core.figures.support import Support
from sllm_core.figures.surroundings import Surroundings

_QUOTED = re.compile(r"“([^“”]*)”|\"([^\"]*)\"|‘([^‘’]*)’|`([^`]*)`")


def wrong_figures(text: str, facts: object, language: str, *, known: Iterable[str] = ()) -> list[str]:
    """The figures of the text, as written, that no fact supports: in order, each once.

    `facts` are JSON values of any nesting; `known` other texts that the writer of the text was shown, such as example
    lines. Figures are numbers in digits and words, with units, magnitudes, bounds and signs, shares, factors, rates,
    dates and times, and identifiers with digits, which must occur in facts or `known`. A figure is supported by a fact
    that it equals or to which it is rounded to the digits shown, by what follows from facts (see `derived`), and by any
    figure in their texts.
    """
    held = support(facts, known, language)
    unquoted = _without_quotations(text, held)
    places = Surroundings(text, held.entries)
    wrong = [
        text[each.start : each.end]
        for each in Reader(unquoted, held.names).figures()
        if each.name or not held.holds(each, places.near(each.start), places.head(each))
    ]
    return list(dict.fromkeys(each.strip() for each in wrong))


def _without_quotations(text: str, held: Support) -> str:
    """The text with blanks in place of quotations that stand word for word, or cut off, in what is known."""
    known = "\0".join(held.texts)

    def blanked(found: re.Match[str]) -> str:
        quoted = " ".join(found[0][1:-1].split()).rstrip("…").strip()
        verbatim = bool(quoted) and quoted in known
        return found[0][0] + " " * (len(found[0]) - 2) + found[0][-1] if verbatim else found[0]

    return _QUOTED.sub(blanked, text)


def describe_wrong(wrong: Iterable[str], language: str) -> str:
    """One line for whoever wrote the text: which figures no fact supports, and what to do."""
    shown = (" ".join(each.split()) for each in wrong)
    named = ", ".join(f"‘{each}’" if language == "ko" else f"“{each}”" for each in shown)
    if language == "ko":
        return f"사실에 없는 수치입니다: {named}. 주어진 사실에 있는 수치만 그대로 쓰고, 다른 수치는 빼십시오."
    return f"No fact supports these figures: {named}. Use only figures from the facts given, and leave out all others."
