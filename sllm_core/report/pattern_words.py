"""The words of lists and comparisons of patterns in English and Korean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class PatternWords:
    """All texts in one language besides those of every report; those with braces are formats."""

    all_shown: str
    some_shown: str
    some_selected: str
    nothing_selected: str
    nothing_within: str
    untimed: str
    comparison: str
    by: Mapping[str, str]
    kinds: Mapping[str, str]
    notes: Mapping[str, str]
    ratio: str
    chance: str
    example: str
    unchanged: str
    rare_gone: str
    more: str
    none_changed: str
    nothing_common: str


ENGLISH = PatternWords(
    all_shown="{total:,}",
    some_shown="{shown:,} of {total:,}",
    some_selected="{shown:,} of {selected:,} that match, of {total:,}",
    nothing_selected="None of the {:,} patterns is like this; take away a filter.",
    nothing_within="No records in this time; there are records from {} to {}.",
    untimed="the records bear no times that could be read; trends follow their order",
    comparison="Comparison",
    by=MappingProxyType(
        {
            "share": "shares, set against what most patterns do that both have",
            "rate": "records in a length of time",
        }
    ),
    kinds=MappingProxyType(
        {
            "new": "New",
            "gone": "Gone",
            "surging": "Surging",
            "fading": "Fading",
            "rare new": "Rare new",
        }
    ),
    notes=MappingProxyType(
        {
            "new": "only in B",
            "gone": "only in A",
            "surging": "more in B",
            "fading": "fewer in B",
            "rare new": "only in B, but no more than chance or a burst may bring",
        }
    ),
    ratio="Ratio (95 %)",
    chance="q",
    example="e.g. ",
    unchanged="Unchanged: {:,} of {:,} patterns",
    rare_gone="rare and only in A: {:,}",
    more="{:,} more; --limit 0 shows all",
    none_changed="No pattern changed significantly.",
    nothing_common="A and B have no pattern in common; are they logs of the same system?",
)

KOREAN = PatternWords(
    all_shown="{total:,}개",
    some_shown="전체 {total:,}개 중 {shown:,}개",
    some_selected="전체 {total:,}개 중 해당 {selected:,}개, 그중 {shown:,}개",
    nothing_selected="패턴 {:,}개 중 조건에 맞는 것이 없습니다. 필터를 줄여 보십시오.",
    nothing_within="이 시간에는 레코드가 없습니다. 레코드는 {}부터 {}까지 있습니다.",
    untimed="읽을 수 있는 시각이 없는 로그입니다. 추이는 기록 순서를 따릅니다",
    comparison="비교",
    by=MappingProxyType(
        {
            "share": "비율(공통 패턴 대다수의 변화 기준)",
            "rate": "시간당 건수",
        }
    ),
    kinds=MappingProxyType(
        {
            "new": "신규",
            "gone": "소멸",
            "surging": "급증",
            "fading": "감소",
            "rare new": "드문 신규",
        }
    ),
    notes=MappingProxyType(
        {
            "new": "B에만 있음",
            "gone": "A에만 있음",
            "surging": "B에서 늘어남",
            "fading": "B에서 줄어듦",
            "rare new": "B에만 있으나, 우연이나 한 번의 몰림과 구별되지 않음",
        }
    ),
    ratio="배율(95 %)",
    chance="q",
    example="예) ",
    unchanged="변화 없음: 전체 {1:,}개 중 {0:,}개",
    rare_gone="A에만 있는 드문 패턴: {:,}개",
    more="외 {:,}개(--limit 0: 모두 표시)",
    none_changed="의미 있게 변한 패턴이 없습니다.",
    nothing_common="A와 B에 공통된 패턴이 없습니다. 같은 시스템의 로그인지 확인하십시오.",
)


def pattern_words(language: str) -> PatternWords:
    """The words of a language: `ko`, or English for any other."""
    return KOREAN if language == "ko" else ENGLISH
