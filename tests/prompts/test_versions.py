"""The templates that sllm ships: each version of each of them is known by its digest."""

from __future__ import annotations

import hashlib
import re
from importlib.resources import files

import pytest

from sllm_core.prompts import Template, load_template
from sllm_core.prompts.tokens import prose_tokens

TEMPLATES = [
    (package, task, language)
    for package, task in (("sllm_core", "judge"), ("sllm_core", "narrate"), ("sllm_plugins.anomaly", "explain"))
    for language in ("en", "ko")
]
DIGESTS = {
    ("judge", "en", "1"): "cad9f6455600c637",
    ("judge", "ko", "1"): "489f0dba7d24a6ff",
    ("narrate", "en", "1"): "e3170bde3ca682ed",
    ("narrate", "ko", "1"): "2478554be586ed33",
    ("explain", "en", "1"): "e08aa11cdee9cee2",
    ("explain", "ko", "1"): "ea86a919ee9530f8",
}
"""The first hexadecimal digits of SHA-256 over both parts. Answers are kept by version: a template that says anything
else has another version, and its line here."""


def digest(template: Template) -> str:
    return hashlib.sha256(f"{template.system}\0{template.user}".encode()).hexdigest()[:16]


@pytest.mark.parametrize("named", TEMPLATES, ids=" ".join)
def test_a_changed_template_has_another_version(named: tuple[str, str, str]) -> None:
    template = load_template(*named)
    key = (template.task, template.language, template.version)
    assert DIGESTS.get(key) == digest(template), f"{key}: raise the version, and add its digest here"


@pytest.mark.parametrize("named", TEMPLATES, ids=" ".join)
def test_each_language_has_its_own_template(named: tuple[str, str, str]) -> None:
    assert load_template(*named).language == named[2]


def test_every_template_file_is_tested() -> None:
    found = {
        (package, each.name)
        for package in ("sllm_core", "sllm_plugins.anomaly")
        for each in files(package).joinpath("prompts").iterdir()
        if each.name.endswith(".toml")
    }
    assert found == {(package, f"{task}.{language}.toml") for package, task, language in TEMPLATES}


@pytest.mark.parametrize("named", TEMPLATES, ids=" ".join)
def test_the_fixed_part_is_short(named: tuple[str, str, str]) -> None:
    """About 900 tokens; the estimates err upwards by a fifth and more."""
    assert prose_tokens(load_template(*named).system) <= 1200


@pytest.mark.parametrize("named", [each for each in TEMPLATES if each[2] == "ko"], ids=" ".join)
def test_korean_templates_have_no_english_sentences(named: tuple[str, str, str]) -> None:
    """But for messages of logs in examples, labels, and names of levels."""
    template = load_template(*named)
    prose = [line for line in f"{template.system}\n{template.user}".split("\n") if not line.startswith("| ")]
    assert re.findall(r"[A-Za-z]+(?:[ ,]+[A-Za-z]+){3,}", "\n".join(prose)) == []


@pytest.mark.parametrize("named", TEMPLATES, ids=" ".join)
def test_worked_examples_answer_as_the_schema_asks(named: tuple[str, str, str]) -> None:
    package, task, language = named
    keys = {"narrate": ["summary"], "explain": ["happened", "cause", "next"]}.get(task)
    answers = re.findall(r"^\{.*\}$", load_template(package, task, language).system, re.MULTILINE)
    assert answers and all(re.findall(r'"(\w+)": "', each) == (keys or re.findall(r"\d_\w+", each)) for each in answers)
