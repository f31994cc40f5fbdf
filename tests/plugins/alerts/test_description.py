from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from alert_scene import START, finding
from sllm_core.findings import Finding
from sllm_core.redaction import Redactor
from sllm_plugins.alerts.description import Describer, key
from sllm_plugins.alerts.harmless import Harmless
from sllm_plugins.alerts.notice import Notice


class Table:
    """Some patterns, with a message of each."""

    messages: Mapping[int, str] = {
        1: "connect to db-1:5432 failed for kim@shop.co.kr\n\tat Order.java:12",
        2: "connect to db-2:5432 failed for lee@shop.co.kr",
        3: "결제 실패 <!everyone> http://evil.example",
    }

    def example(self, pattern: int) -> str:
        return self.messages[pattern]


def described(found: Finding, language: str = "en") -> Notice:
    return Describer(Harmless(Redactor()), Table(), language).describe(found, now=5.0)


def test_an_issue_is_described_by_its_facts() -> None:
    first, last = "2026-05-04T08:12:00+00:00", "2026-05-04T08:50:00+00:00"
    facts = {"kinds": {"connection": 40}, "target": "db-1", "usual": 2.5, "services": ["orders"], "first": first}
    notice = described(finding(facts={**facts, "last": last, "pattern_count": 2, "new_patterns": 2}))
    assert (notice.name, notice.count, notice.usual, notice.new) == ("Connection failure (db-1)", 40, 2.5, True)
    assert (notice.services, notice.shards, notice.source) == (("orders",), ("app.log",), "file")
    assert notice.first == START.timestamp() - 48 * 60 and notice.last == START.timestamp() - 600


def test_examples_are_the_first_lines_of_patterns_that_do_not_look_alike() -> None:
    notice = described(finding((1, 2, 3, 4)))
    assert notice.examples == (
        "connect to db-1:5432 failed for ‹email:1›",
        "결제 실패 ‹!everyone› http:\u200b//evil.\u200bexample",
    )


def test_names_come_from_logs_and_are_harmless_too() -> None:
    facts = {"services": ["<@all>"], "target": "kim@shop.co.kr"}
    notice = described(finding(shard="`a`", facts=facts, issues=("**boom**", "password=hunter22secret")))
    assert notice.name == "∗∗boom∗∗ (‹email:1›)" and notice.others == ("password=‹password:1›",)
    assert notice.services == ("‹@\u200ball›",) and notice.shards == ("ʼaʼ",)


def test_the_kinds_of_trouble_are_named_in_the_language_of_the_messages() -> None:
    facts = {"kinds": {"connection": 3, "timeout": 1, "NoSuchThing": 1}}
    notice = described(finding(facts=facts), "ko")
    assert (notice.name, notice.others) == ("연결 실패", ("시간 초과", "“NoSuchThing”"))


@pytest.mark.parametrize(("language", "name"), [("en", "Unusually many errors"), ("ko", "오류 비율 급증")])
def test_a_share_of_errors_has_a_name(language: str, name: str) -> None:
    assert described(finding((), facts={"reason": ["error_share"]}, issues=()), language).name == name


def test_what_has_no_facts_is_told_in_the_words_of_its_analyzer() -> None:
    notice = described(replace(finding((), facts={}, issues=()), explanation="Lines are [too](http://x.io) long."))
    assert notice.name == "anomaly" and notice.text.startswith("Lines are [too]\u200b(")


def test_the_words_of_a_model_are_told_and_those_of_code_are_not() -> None:
    by_code = replace(finding(), explanation="Words.")
    assert described(by_code).text == ""
    assert described(replace(by_code, told_by="llama3")).text == "Words."


@pytest.mark.parametrize(
    "facts",
    [
        {"kinds": 3, "services": "orders", "usual": "many", "first": "yesterday", "last": 5, "target": ["a"]},
        {"kinds": {}, "services": [1, None, ""], "usual": None, "first": "2026-05-04T08:12:00", "reason": 1},
    ],
)
def test_facts_of_other_analyzers_may_be_anything(facts: dict[str, Any]) -> None:
    notice = described(finding(facts=facts))
    assert (notice.services, notice.usual, notice.first) == ((), None, START.timestamp() - 3600)


def test_the_same_trouble_is_known_by_its_worst_pattern_wherever_it_occurs() -> None:
    assert key(finding((1, 2))) == key(finding((1, 3), hour=5, shard="b.log")) != key(finding((2, 1)))


def test_without_patterns_trouble_is_known_by_where_it_is() -> None:
    assert key(finding(())) == key(finding((), hour=5)) != key(finding((), shard="b.log"))
