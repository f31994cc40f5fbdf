from __future__ import annotations

import pytest

from sllm_core.figures import wrong_figures

FACTS = {"start": "2026-03-02T14:05:30+09:00", "end": "2026-03-02T15:00:00+09:00"}


@pytest.mark.parametrize(
    "text",
    [
        "14:05",
        "14:05:30",
        "2:05 pm",
        "3 PM",
        "15:00 KST",
        "05:05 UTC",
        "2026-03-02T14:05:30+09:00",
        "2026-03-02 14:05",
        "2026.03.02",
        "Mar 2",
        "March 2nd, 2026",
        "2 March 2026",
        "the 2nd of March",
        "March 2026",
        "around 2 pm",
        "오후 2시 5분",
        "14시 5분 30초",
        "오후 세 시",
        "3월 2일",
        "2026년 3월 2일 오후 3시",
        "14시 5분경",
        "55 minutes",
        "54분 30초",
    ],
)
def test_moments_and_the_time_between_them_are_right(text: str) -> None:
    assert wrong_figures(text, FACTS, "ko") == []


@pytest.mark.parametrize(
    "text",
    [
        "14:07",
        "14:05:31",
        "2:05 am",
        "4 pm",
        "14:05 UTC",
        "2026-03-03",
        "Mar 3",
        "March 2025",
        "around 5 pm",
        "오전 2시 5분",
        "14시 25분",
        "4월 2일",
        "3월 3일",
        "75 minutes",
        "44분 30초",
    ],
)
def test_other_moments_are_wrong(text: str) -> None:
    assert wrong_figures(text, FACTS, "ko") == [text]


def test_what_is_no_time_is_a_figure() -> None:
    assert wrong_figures("25:61", {}, "en") == ["25", "61"]
