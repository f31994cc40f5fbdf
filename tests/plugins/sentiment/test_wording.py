from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sllm_core.records import Window
from sllm_plugins.sentiment.wording import explanation

START = datetime(2024, 1, 1, tzinfo=UTC)
WINDOW = Window(START, START + timedelta(hours=1))


@pytest.fixture
def facts() -> dict[str, Any]:
    services = {
        "web": {"positive": 100, "neutral": 900, "negative": 0},
        "pay": {"positive": 0, "neutral": 1, "negative": 300},
    }
    return {"positive": 100, "neutral": 901, "negative": 300, "records": 1301, "services": services}


def test_english(facts: dict[str, Any]) -> None:
    assert explanation("negative", facts, [("db <*> down", 200)], WINDOW, "en") == (
        "The mood in the past hour is negative: of 1,301 records 100 positive (7.7%), 901 neutral (69%) and"
        " 300 negative (23%). The service with the most negative records is pay (300). The most frequent negative"
        ' messages: "db <*> down" (200).'
    )


def test_korean(facts: dict[str, Any]) -> None:
    assert explanation("negative", facts, [("연결 실패 <*>", 200)], WINDOW, "ko") == (
        "지난 1시간 동안 로그의 분위기는 부정입니다: 총 1,301건 중 긍정 100건(7.7%), 중립 901건(69%), 부정 300건(23%)."
        ' 부정 로그가 가장 많은 서비스는 pay(300건)입니다. 가장 잦은 부정 메시지: "연결 실패 <*>"(200건).'
    )


def test_one_service_is_not_compared(facts: dict[str, Any]) -> None:
    facts["services"].pop("web")
    assert "service" not in explanation("negative", facts, [], WINDOW, "en")


def test_control_characters_and_long_texts_are_cut(facts: dict[str, Any]) -> None:
    text = explanation("negative", facts, [("\x1b[31m" + "x" * 500, 1)], WINDOW, "en")
    assert "\x1b" not in text
    assert len(text) < 400
