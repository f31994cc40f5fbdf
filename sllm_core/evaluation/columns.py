"""Which column of a labelled file holds what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from types import MappingProxyType

COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "message": ("message", "msg", "text", "log", "line", "content", "메시지", "로그", "내용"),
        "sentiment": ("sentiment", "sentiment_label", "sentiment_status", "감성", "감정"),
        "severity": ("severity", "anomaly_status", "anomaly", "status", "심각도", "이상", "상태"),
        "level": ("level", "loglevel", "log_level", "log.level", "수준", "레벨", "로그레벨"),
        "time": ("time", "timestamp", "@timestamp", "datetime", "date", "시각", "시간", "일시"),
        "source": ("source", "service", "system", "software", "출처", "소스", "서비스", "시스템"),
        "weight": ("weight", "count", "가중치", "건수"),
        "pattern": ("pattern", "pattern_id", "event_id", "패턴"),
    }
)
"""What each column may be called, the best name first."""


def known_columns(headers: Iterable[str]) -> dict[str, str]:
    """The header of each column that is there, by what it holds; where several fit, the best name goes first."""
    given: dict[str, str] = {}
    for header in headers:
        given.setdefault(header.strip().lower(), header)
    found = {}
    for column, names in COLUMNS.items():
        if (name := next((each for each in names if each in given), None)) is not None:
            found[column] = given[name]
    return found


def near_column(column: str, headers: Iterable[str]) -> str | None:
    """The header that may have been meant as the column."""
    near = (each for each in headers if get_close_matches(each.strip().lower(), COLUMNS[column], 1, 0.7))
    return next(near, None)
