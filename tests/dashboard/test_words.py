from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, nodes

from sllm_core.web import dashboard
from sllm_core.web.dashboard.page import NAVIGATION, environment
from sllm_core.web.dashboard.words import counted, words

FOLDER = Path(str(dashboard.__file__)).parent


def flat(table: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from flat(value, f"{path}{name}.")
        else:
            yield f"{path}{name}", value


def holes(text: str) -> int:
    return sum(name is not None for _, name, *_ in string.Formatter().parse(text))


def test_both_languages_have_the_same_texts() -> None:
    english, korean = (dict(flat(words(each))) for each in ("en", "ko"))
    assert {each for each in english if not each.endswith("_one")} == {
        each for each in korean if not each.endswith("_one")
    }


def test_the_same_values_stand_in_both() -> None:
    korean = dict(flat(words("ko")))
    assert [name for name, text in flat(words("en")) if name in korean and holes(text) != holes(korean[name])] == []


@pytest.mark.parametrize("template", sorted(each.name for each in FOLDER.glob("*.html")))
def test_templates_name_only_texts_that_there_are(template: str) -> None:
    made: Environment = environment()
    tree, known = made.parse((FOLDER / template).read_text(encoding="utf-8")), words("ko")
    pairs = [(each.node, each.attr) for each in tree.find_all(nodes.Getattr) if isinstance(each.node, nodes.Getattr)]
    named = [(where.attr, name) for where, name in pairs if getattr(where.node, "name", "") == "t" and name != "get"]
    assert [each for each in named if each[1] not in known[each[0]]] == []


@pytest.mark.parametrize("template", sorted(each.name for each in FOLDER.glob("*.html")))
def test_nothing_stands_in_a_template_that_the_policy_forbids(template: str) -> None:
    text = (FOLDER / template).read_text(encoding="utf-8")
    assert " style=" not in text and " on" + "click=" not in text and "<style" not in text and "|safe" not in text


def test_every_page_of_the_menu_has_a_name() -> None:
    assert {name for name, _ in NAVIGATION} == set(words("ko")["navigation"])


def test_one_thing_is_told_otherwise_than_many() -> None:
    counts = words("en")["counts"]
    assert [counted(counts, "records", number) for number in (0, 1, 1234)] == ["0 records", "1 record", "1,234 records"]
