from __future__ import annotations

import pytest

from sllm_core.figures import wrong_figures

FACTS = {"service": "kafka-2", "address": "10.0.0.7:9092", "p95_ms": 450, "kinds": {"HTTP 502": 3}, "version": "v1.8.2"}
KNOWN = ["blk_1234567890 lost, user=u17 path=/api/v2/users"]


@pytest.mark.parametrize(
    "text",
    [
        "kafka-2에서",
        "(kafka-2)",
        "10.0.0.7:9092",
        "port 9092",
        "p95",
        "p95-latency",
        "HTTP 502",
        "v1.8.2",
        "blk_1234567890",
        "u17",
        "/api/v2/users",
        "blk_123456…",
        "IPv4 and utf-8",
        "5xx",
        "2xx/5xx",
        "“user=u17 path=/api…”",
    ],
)
def test_identifiers_that_occur_are_no_figures(text: str) -> None:
    assert wrong_figures(text, FACTS, "en", known=KNOWN) == []


@pytest.mark.parametrize(
    "text",
    [
        "kafka-9",
        "10.0.0.8:9092",
        "port 9093",
        "p99",
        "p99-latency",
        "HTTP 503",
        "v1.8.3",
        "blk_1234567891",
        "u18",
        "/api/v3/users",
        "node07",
    ],
)
def test_invented_identifiers_are_wrong(text: str) -> None:
    [wrong] = wrong_figures(text, FACTS, "en", known=KNOWN)
    assert text.endswith(wrong)


def test_a_number_in_a_known_text_is_no_licence_for_others() -> None:
    assert wrong_figures("retry 3 of 5, then 4", {}, "en", known=["retry 3 of 5"]) == ["4"]
