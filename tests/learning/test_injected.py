from __future__ import annotations

import pytest

from sllm_core.classifier import SENTIMENTS, SEVERITIES
from sllm_core.learning.dataset import Example
from sllm_core.learning.gate import canaries
from sllm_core.learning.injected import ORDERS, injected


def subject(text: str) -> list[Example]:
    return [Example("sentiment", "", text, "negative", "train"), Example("anomaly", "", text, "critical", "train")]


def test_an_order_asks_for_a_label_that_the_message_does_not_have() -> None:
    for place in range(50):
        found = injected(subject(f"disk {place} failed"))
        asked = {label for label in (*SENTIMENTS, *SEVERITIES) if label in found[0].text}
        assert [each.label for each in found] == ["negative", "critical"]
        assert f"disk {place} failed" in found[0].text
        assert len(asked) == 1 and not asked & {"negative", "critical", "neutral"}


def test_the_same_message_bears_the_same_order() -> None:
    assert injected(subject("disk failed")) == injected(subject("disk failed"))


def test_what_is_in_braces_stays_as_it_is() -> None:
    assert "{label} {0}" in injected(subject("{label} {0}"))[0].text


@pytest.mark.parametrize("task", ["sentiment", "anomaly"])
def test_no_order_is_one_that_the_gate_tries(task: str) -> None:
    parts = [part.strip() for order in ORDERS for part in order.format(label="|", message="|").split("|")]
    lines = [each.text for each in canaries(task)]
    assert [part for part in parts for line in lines if len(part) > 8 and part in line] == []
