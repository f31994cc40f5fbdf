from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from sllm_core.figures import describe_wrong, wrong_figures
from sllm_core.figures.facts import support

HOSTILE = (
    "9",
    "1,",
    "1 ",
    "a1",
    "one ",
    "일이삼",
    "1만 ",
    '"',
    "(",
    "12:",
    "3월 ",
    "Mar ",
    "1/",
    "x-",
    "~",
    "1h",
    "한 ",
    "1. \n",
)


@pytest.mark.parametrize("part", HOSTILE)
def test_long_and_odd_texts_are_read_to_the_end(part: str) -> None:
    text = (part * 10_000)[:10_000] + " 77777 errors"
    assert "77777" in " ".join(wrong_figures(text, {"errors": 3}, "ko"))


def test_figures_are_named_as_written_in_order_and_once() -> None:
    text = "About 1,250 errors, then 17 %, ３０초, 17 % and 1,250 errors."
    assert wrong_figures(text, {"errors": 3}, "en") == ["About 1,250", "17 %", "３０초", "1,250"]


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("in 1.5 s", {"mean_ms": 1500}),
        ("1.5초", {"mean_ms": 1500}),
        ("1500 ms", {"elapsed_seconds": 1.5}),
        ("2 MiB, 2.1 MB", {"size_bytes": 2_097_152}),
        ("three errors", {"errors": 3}),
        ("at least 100 errors", {"errors": 116}),
        ("오류 100건 이상", {"errors": 116}),
        ("오류 120건 미만", {"errors": 116}),
        ("between 110 and 116 errors", {"errors": 116, "failures": 110}),
        ("3-5 retries", {"least": 3, "most": 5}),
        ("+12 %", {"change": 0.12}),
        ("12 % fewer than before", {"change": -0.12}),
    ],
)
def test_a_figure_is_supported(text: str, facts: dict[str, Any]) -> None:
    assert wrong_figures(f"{text} more", facts, "en") == []


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("1.6 s", {"mean_ms": 1500}),
        ("1500 s", {"mean_ms": 1500}),
        ("over 120", {"errors": 116}),
        ("120건 이상", {"errors": 116}),
        ("116건 미만", {"errors": 116}),
        ("-12 %", {"change": 0.12}),
        ("17", {"levels": [1, 2, 17, 3, 4, 5, 6, 7, 8]}),
    ],
)
def test_a_figure_is_not_supported(text: str, facts: dict[str, Any]) -> None:
    assert wrong_figures(f"errors: {text} more", facts, "en") == [text]


def test_what_a_figure_counts_is_looked_at() -> None:
    facts = {"errors": 116, "warnings": 105}
    assert wrong_figures("105 errors and 116 warnings", facts, "en") == ["105", "116"]
    assert wrong_figures("오류 105건, 경고 116건", facts, "ko") == ["105건", "116건"]


def test_facts_may_be_anything() -> None:
    facts = [{"at": datetime(2026, 3, 2, 14, 5, tzinfo=UTC), 7: (1, None, True, 10**400, float("nan"))}, "12 of 13"]
    assert wrong_figures("12 of 13 at 14:05, not 14", facts, "en") == ["14"]


def test_what_is_derived_is_bounded() -> None:
    many = {f"count_{number}": number for number in range(500)}
    assert support(many, [], "en").size == 500
    assert wrong_figures("997 together", many, "en") == ["997"]
    assert wrong_figures("errors and warnings together 221", {"errors": 116, "warnings": 105}, "en") == []


def test_the_message_names_the_wrong_figures() -> None:
    assert "“12%”, “kafka-9”" in describe_wrong(["12%", "kafka-9"], "en")
    assert "‘12%’, ‘kafka-9’" in describe_wrong(["12%", "kafka-9"], "ko")
    assert "\n" not in describe_wrong(["1\n2"], "en")
