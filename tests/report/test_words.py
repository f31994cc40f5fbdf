from __future__ import annotations

import re
from dataclasses import fields

import pytest

from sllm_core.report.words import ENGLISH, KOREAN, words


@pytest.mark.parametrize("name", [each.name for each in fields(ENGLISH) if each.name not in ("language", "method")])
def test_both_languages_say_something_of_their_own(name: str) -> None:
    english, korean = getattr(ENGLISH, name), getattr(KOREAN, name)
    assert english and korean and english != korean


@pytest.mark.parametrize("name", [each.name for each in fields(ENGLISH) if each.type == "str"])
def test_both_languages_have_the_same_places_for_figures(name: str) -> None:
    english, korean = (sorted(re.findall(r"{[^}]*}", getattr(each, name))) for each in (ENGLISH, KOREAN))
    assert english == korean


@pytest.mark.parametrize("name", ["labels", "sentiments"])
def test_both_languages_name_the_same_things(name: str) -> None:
    assert getattr(ENGLISH, name).keys() == getattr(KOREAN, name).keys()


def test_one_is_not_several() -> None:
    assert (ENGLISH.counted("record", 1), ENGLISH.counted("record", 2_000)) == ("1 record", "2,000 records")


def test_an_unknown_language_is_english() -> None:
    assert words("fr") is ENGLISH
