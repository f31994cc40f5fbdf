from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sllm_core.prompts import Template, load_template

SCHEMA = {"type": "object", "properties": {"text": {"type": "string", "maxLength": 100}}, "required": ["text"]}
Package = Callable[..., str]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Package]:
    """`package(ask_en="...")`: the name of a package with the file prompts/ask.en.toml."""
    name = f"acme_{tmp_path.name}"

    def made(**texts: str) -> str:
        (tmp_path / name / "prompts").mkdir(parents=True)
        (tmp_path / name / "__init__.py").touch()
        for each, text in texts.items():
            (tmp_path / name / "prompts" / f"{each.replace('_', '.')}.toml").write_text(text, encoding="utf-8")
        monkeypatch.syspath_prepend(tmp_path)
        return name

    yield made
    sys.modules.pop(name, None)


def template(system: str = "Be brief.", user: str = "{{{line}}}") -> str:
    return f"version = '1'\nsystem = '''{system}'''\nuser = '''{user}'''"


def test_a_template_of_any_package_becomes_a_prompt(package: Package) -> None:
    name = package(ask_en=template(user="Why?\n{{{line}}}"))
    prompt = load_template(name, "ask", "en").prompt(SCHEMA, line="disk full")
    assert (prompt.task, prompt.version, prompt.language) == ("ask", "1", "en")
    assert (prompt.system, prompt.user) == ("Be brief.", "Why?\ndisk full")
    assert prompt.length == 65


def test_where_a_language_has_no_template_the_english_one_is_taken(package: Package) -> None:
    name = package(ask_en=template())
    assert load_template(name, "ask", "ko").language == "en"


def test_values_are_no_templates() -> None:
    text = '{{{line}}} {{x}} {y} <b> & " {{#a}}'
    asked = Template("ask", "en", "1", 'Answer {"a": {"b": 1}}', "{{{line}}}").prompt(SCHEMA, line=text)
    assert (asked.system, asked.user) == ('Answer {"a": {"b": 1}}', text)


def test_values_that_the_template_does_not_name_are_refused() -> None:
    with pytest.raises(ValueError, match=r"'ask' takes \['line'\], not \['lines'\]"):
        Template("ask", "en", "1", "", "{{{line}}}").prompt(SCHEMA, lines="a")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (template(system="Be {{{mood}}}"), "belongs into the user part"),
        (template(user="{{line}}"), "become HTML"),
        ("version = '1'", "needs the strings system, user, version"),
        ("version = 1\nsystem = ''\nuser = ''", "needs the strings"),
        ("version = ", "Invalid value"),
    ],
)
def test_what_is_wrong_with_a_file_is_told(package: Package, text: str, told: str) -> None:
    with pytest.raises(ValueError, match=f"prompts/ask.en.toml: .*{told}"):
        load_template(package(ask_en=text), "ask", "en")


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(FileNotFoundError, match=r"nothing\.en\.toml"):
        load_template("sllm_core", "nothing", "ko")
