from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sllm_core.summaries.language import between, duration, number, particle, percent, plural, shorten, span

ONE = datetime(2024, 3, 4, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("word", "pair", "expected"),
    [
        ("연결 실패", "이/가", "연결 실패가"),
        ("시간 초과", "은/는", "시간 초과는"),
        ("인증", "을/를", "인증을"),
        ("서울", "으로/로", "서울로"),
        ("부산", "으로/로", "부산으로"),
        ("9.6%", "으로/로", "9.6%로"),
        ("직전 구간(1,505건)", "과/와", "직전 구간(1,505건)과"),
        ("api-3", "이/가", "api-3이"),
        ("node-2", "이/가", "node-2가"),
        ("", "이/가", "가"),
    ],
)
def test_particle_fits_the_last_sound(word: str, pair: str, expected: str) -> None:
    assert particle(word, pair) == expected


@pytest.mark.parametrize(
    ("value", "text"), [(1245, "1,245"), (0, "0"), (0.25, "0.25"), (9.999, "10"), (3.0, "3"), (12.6, "13")]
)
def test_number(value: float, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("share", "text"), [(0, "0%"), (0.004, "0.4%"), (0.0958, "9.6%"), (1.78, "178%"), (0.0001, "0.01%")]
)
def test_percent(share: float, text: str) -> None:
    assert percent(share) == text


def test_durations_turn_to_seconds() -> None:
    assert (duration(180), duration(12_500)) == ("180ms", "12.5s")


def test_span_of_one_hour() -> None:
    assert span(ONE, ONE + timedelta(hours=1), "ko") == "지난 1시간 동안"
    assert span(ONE, ONE + timedelta(hours=1), "en") == "in the past hour"


def test_span_of_no_round_time_names_both_ends() -> None:
    end = ONE + timedelta(minutes=61, seconds=30)
    assert span(ONE, end, "ko") == "2024-03-04 01:00부터 02:01:30까지"


def test_between_names_the_date_twice_when_it_differs() -> None:
    assert between(ONE, ONE + timedelta(days=1), "en") == "from 2024-03-04 01:00 to 2024-03-05 01:00"


def test_plural() -> None:
    assert (plural(1, "record"), plural(2, "record")) == ("1 record", "2 records")


def test_shortened_text_is_one_line_without_control_characters() -> None:
    assert shorten("a\x1b[31m\n\tb" + "c" * 99, 10) == "a [31m bc…"
