from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from sllm_core.summaries import describe

Facts = Callable[..., dict[str, Any]]


def told(facts: dict[str, Any], language: str) -> str:
    return describe(facts, language, *(datetime.fromisoformat(facts[each]) for each in ("start", "end")))


def test_korean_summary_of_requests(facts: Facts) -> None:
    text = told(facts(), "ko")
    assert text.startswith("지난 1시간 동안 총 1,245개의 요청이 처리되었습니다. 평균 응답 시간은 180ms(p95 ")
    assert "가장 많이 요청된 엔드포인트는 /api/users(450회)입니다. 5건의 오류가 발생했습니다" in text
    assert "주요 오류는 연결 실패(3건)입니다." in text


def test_english_summary_of_requests(facts: Facts) -> None:
    text = told(facts(), "en")
    assert text.startswith("In the past hour, 1,245 requests were processed. The mean response time was 180ms (p95 ")
    assert "The most requested endpoint was /api/users (450 requests)." in text
    assert "5 errors occurred (0.38% of 1,300 records), mostly Connection failure (3)" in text


def test_without_requests_records_levels_and_messages_are_told(facts: Facts) -> None:
    plain = facts(requests=0, latency=None, endpoints=[])
    assert "1,300 records were logged (1,293 INFO, 2 WARN, 5 ERROR)" in told(plain, "en")
    assert "가장 많이 기록된 메시지는 “GET <*>”(1,245건)입니다." in told(plain, "ko")


def test_a_quiet_window_is_told(facts: Facts) -> None:
    assert told(facts(records=0), "ko") == "지난 1시간 동안 기록된 로그가 없습니다."
    assert "There were no errors and no warnings." in told(facts(errors=0, warnings=0), "en")
    assert "오류와 경고는 없었습니다." in told(facts(errors=0, warnings=0), "ko")


@pytest.mark.parametrize(
    ("records", "words"), [(1000, "30% 늘었습니다"), (1300, "거의 같습니다"), (2600, "50% 줄었습니다")]
)
def test_the_window_before_is_compared(facts: Facts, records: int, words: str) -> None:
    before = {"start": "a", "end": "b", "records": records, "errors": 1}
    assert words in told(facts(before=before), "ko")


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_figure_is_a_fact(facts: Facts, language: str) -> None:
    before = {"start": "a", "end": "b", "records": 1000, "errors": 1}
    every = facts(before=before)
    known = set(figures(every)) | {1, 95}
    text = re.sub(r"5xx|/api/users", "", told(every, language))
    for figure in re.findall(r"\d[\d,.]*", text):
        value = float(figure.rstrip(".,").replace(",", ""))
        assert any(value in (each, round(each), round(100 * abs(each)), round(100 * each, 2)) for each in known)


def figures(value: object) -> Iterator[float]:
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from figures(each)
    elif isinstance(value, int | float):
        yield value
