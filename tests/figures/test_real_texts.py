"""What code itself says of real logs is right, and is wrong as soon as a figure in it is changed."""

from __future__ import annotations

import os
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest

from sllm_core.figures import wrong_figures

SHOP = Path(__file__).parents[2] / "examples" / "shop.log"
NUMBER = re.compile(r"(?<![\w.,:/<*-])(\d[\d,]*(?:\.\d+)?)(?![\w.:/-]*\d)")
QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"|\d{4}-\d\d-\d\d|\d\d:\d\d(?::\d\d)?|\d+xx")


class Said(Protocol):
    """What an analyzer says; see conftest.py."""

    language: str
    text: str
    facts: dict[str, object]
    known: tuple[str, ...]


Analyzed = Callable[..., list[Said]]


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("window", ["10m", "1h"])
def test_what_code_says_of_the_example_log_is_right(analyzed: Analyzed, language: str, window: str) -> None:
    assert wrong(analyzed(SHOP, language, window)) == []


@pytest.mark.parametrize("language", ["en", "ko"])
def test_what_code_says_of_other_logs_is_right(analyzed: Analyzed, language: str) -> None:
    for log in other_logs():
        assert wrong(analyzed(log, language)) == []


@pytest.mark.parametrize(("window", "least"), [("1h", 0.97), ("10m", 0.96)])
def test_a_changed_figure_is_found(analyzed: Analyzed, window: str, least: float) -> None:
    """In ten minutes most figures are below 10, and a wrong one is often true of something else in its sentence."""
    texts = [each for language in ("en", "ko") for each in analyzed(SHOP, language, window)]
    assert share_found(texts) >= least


def test_a_changed_figure_is_found_in_other_logs(analyzed: Analyzed) -> None:
    texts = [each for log in other_logs() for language in ("en", "ko") for each in analyzed(log, language)]
    assert share_found(random.Random(5).sample(texts, min(2000, len(texts)))) >= 0.97


def share_found(texts: list[Said]) -> float:
    """Of texts with one figure changed, by a digit or a fifth and more, how many are found wrong."""
    pairs = list(changed(texts, random.Random(5)))
    found = [bool(wrong_figures(text, each.facts, each.language, known=each.known)) for each, text in pairs]
    print(f"{len(found)} changed figures, {sum(found) / len(found):.3f} found")
    return sum(found) / len(found)


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
