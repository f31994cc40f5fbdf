"""The findings on the example log, in the language that they were not worded in."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from sllm_core.cli import sllm
from sllm_core.findings import Finding
from sllm_plugins.anomaly.translation import translated

SHOP = Path(__file__).parents[3] / "examples" / "shop.log"
OTHER = {"en": "ko", "ko": "en"}

Told = dict[str, dict[str, Finding]]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """By language and id, what the analyzer says when it is configured so."""
    return {language: _run(tmp_path_factory.mktemp(language), language) for language in OTHER}


def _run(folder: Path, language: str) -> dict[str, Finding]:
    output = folder / "findings.jsonl"
    config = (
        f'language = "{language}"\n[store]\npath = {str(folder / "store")!r}\n[plugins.file]\npath = {str(SHOP)!r}\n'
    )
    config += f"[plugins.anomaly]\n[plugins.jsonl]\npath = {str(output)!r}\n"
    (folder / "config.toml").write_text(config, encoding="utf-8")
    CliRunner().invoke(sllm, ["run", "-c", str(folder / "config.toml")], standalone_mode=False)
    found = [Finding.from_json(json.loads(line)) for line in output.read_text(encoding="utf-8").splitlines()]
    return {each.id: each for each in found}


@pytest.mark.parametrize("language", OTHER)
def test_a_finding_is_worded_as_if_it_had_been_made_in_the_language_of_its_reader(told: Told, language: str) -> None:
    expected = told[OTHER[language]]
    assert len(expected) >= 10
    assert {id: translated(each, OTHER[language]) for id, each in told[language].items()} == expected


def test_what_a_model_told_stays_as_it_is(told: Told) -> None:
    finding = replace(next(iter(told["en"].values())), told_by="llama3", explanation="It rained.")
    assert translated(finding, "ko") is finding


def test_a_finding_whose_facts_do_not_suffice_stays_as_it_is(told: Told) -> None:
    for each in told["en"].values():
        for facts in ({}, {"issues": 1}, {**each.facts, "records": None, "found": 3, "kinds": []}):
            finding = replace(each, facts=facts)
            assert translated(finding, "ko") == finding


def test_an_issue_that_was_withdrawn_is_said_to_be_none(told: Told) -> None:
    issue = next(each for each in told["en"].values() if each.label == "critical" and "kind" in each.facts)
    assert "정상으로 정정되었습니다" in translated(replace(issue, label="normal"), "ko").explanation
