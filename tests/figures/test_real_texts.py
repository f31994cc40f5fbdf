"""What code itself says of real logs is right, and is wrong as soon as a figure in it is changed."""

from __future__ import annotations

import os
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sllm_core.figures import wrong_figures

Analyzed = Callable[..., list["Said"]]
NUMBER = re.compile(r"(?<![\w.,:/<*-])(\d[\d,]*(?:\.\d+)?)(?![\w.:/-]*\d)")
QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"|\d{4}-\d\d-\d\d|\d\d:\d\d(?::\d\d)?|\d+xx")


class Said:
    """What conftest.py gives; see there."""

    language: str
    text: str
    facts: dict[str, object]
    known: tuple[str, ...]


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("window", ["10m", "1h"])
def test_what_code_says_of_the_example_log_is_right(analyzed: Analyzed, language: str, window: str) -> None:
    assert wrong(analyzed(language=language, window=window)) == []


@pytest.mark.parametrize("language", ["en", "ko"])
def test_what_code_says_of_other_logs_is_right(analyzed: Analyzed, language: str) -> None:
    for log in other_logs():
        assert wrong(analyzed(log, language)) == []


def test_a_changed_figure_is_found(analyzed: Analyzed) -> None:
    """Numbers changed by a digit or by a tenth and more; where windows are short, most are below 10."""
    chance = random.Random(5)
    texts = [each for language in ("en", "ko") for window in ("1h", "10m") for each in analyzed(language=language, window=window)]
    caught = [bool(wrong_figures(text, each.facts, each.language, known=each.known)) for each, text in changed(texts, chance)]
    print(f"{len(caught)} changed figures, {sum(caught) / len(caught):.3f} found")
    assert len(caught) >= 1000
    assert sum(caught) / len(caught) >= 0.97


def test_a_changed_figure_is_found_in_other_logs(analyzed: Analyzed) -> None:
    chance = random.Random(5)
    texts = [each for log in other_logs() for language in ("en", "ko") for each in analyzed(log, language)]
    pairs = list(changed(chance.sample(texts, min(2000, len(texts))), chance))
    caught = [bool(wrong_figures(text, each.facts, each.language, known=each.known)) for each, text in pairs]
    print(f"{len(caught)} changed figures, {sum(caught) / len(caught):.3f} found")
    assert sum(caught) / len(caught) >= 0.97


def wrong(texts: list[Said]) -> list[tuple[str, list[str]]]:
    found = [(each.text, wrong_figures(each.text, each.facts, each.language, known=each.known)) for each in texts]
    return [each for each in found if each[1]]


def other_logs() -> list[Path]:
    if not (folder := os.environ.get("SLLM_LOGHUB")):
        pytest.skip("set SLLM_LOGHUB to the folder of the Loghub samples (<name>.log) to run this")
    return sorted(Path(folder).glob("*.log"))


def changed(texts: list[Said], chance: random.Random) -> Iterator[tuple[Said, str]]:
    """Each text with one of its figures changed, for each of them; figures in quotations and times stay."""
    for each in texts:
        bare = QUOTED.sub(lambda found: " " * len(found[0]), each.text)
        for found in NUMBER.finditer(bare):
            number = found[1].rstrip(",")
            if other := another(number, chance):
                yield each, each.text[: found.start()] + other + each.text[found.start() + len(number) :]


def another(number: str, chance: random.Random) -> str | None:
    """The number with another digit, or times something, in the same notation."""
    digits = number.replace(",", "")
    decimals = len(digits.partition(".")[2])
    for _ in range(20):
        place = chance.choice([index for index, each in enumerate(digits) if each != "."])
        new = digits[:place] + chance.choice("0123456789") + digits[place + 1 :]
        value = float(chance.choice([new, str(float(digits) * chance.choice([0.5, 0.8, 1.2, 1.9]))]))
        value = round(value, decimals)
        if abs(value - float(digits)) >= 0.1 * float(digits) and value != float(digits):
            return f"{value:,.{decimals}f}"
    return None
