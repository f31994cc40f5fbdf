"""The words of a report in English and Korean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Words:
    """All texts of a report in one language; those with braces are formats."""

    language: str
    title: str
    labels: Mapping[str, str]
    sentiments: Mapping[str, str]
    no_records: str
    healthy: str
    unjudged: str
    untimed: str
    incident_count: str
    incident_count_one: str
    record_count: str
    record_count_one: str
    pattern_count: str
    pattern_count_one: str
    partition_count: str
    partition_count_one: str
    summary: str
    timeline: str
    incidents: str
    sentiment: str
    sentiment_column: str
    patterns: str
    pattern_tile: str
    patterns_shown: str
    notes: str
    records: str
    errors: str
    warnings: str
    each_bar: str
    count: str
    share: str
    level: str
    problem: str
    pattern: str
    trend: str
    first: str
    last: str
    services: str
    confidence: str
    method: str
    model: str
    looked: str
    unreached: str
    cost: str
    told: str
    worst: str
    new: str
    usual: str
    evidence: str
    more_incidents: str
    more_inputs: str
    repaired: str
    garbled: str
    late: str
    failed: str
    made: str

    def label(self, name: str) -> str:
        """A status (normal, warning, critical) in this language; one that is unknown stays as it is."""
        return self.labels.get(name, name)

    def counted(self, what: str, number: int) -> str:
        """`1 record`, `2 records`: what is records, patterns, partitions or incidents."""
        one = f"{what}_count_one" if number == 1 else f"{what}_count"
        return str(getattr(self, one)).format(number)


ENGLISH = Words(
    language="en",
    title="Log report",
    labels=MappingProxyType({"normal": "normal", "warning": "warning", "critical": "critical"}),
    sentiments=MappingProxyType({"positive": "positive", "neutral": "neutral", "negative": "negative"}),
    no_records="The input holds no records.",
    healthy="Nothing stands out: no incidents.",
    unjudged="Not judged: no anomalies were looked for, or the analyzer failed.",
    untimed="The records bear no times that could be read; all count as of when they were read",
    incident_count="{:,} incidents",
    incident_count_one="{:,} incident",
    record_count="{:,} records",
    record_count_one="{:,} record",
    pattern_count="{:,} patterns",
    pattern_count_one="{:,} pattern",
    partition_count="{:,} partitions",
    partition_count_one="{:,} partition",
    summary="Summary",
    timeline="Timeline",
    incidents="Incidents",
    sentiment="Sentiment",
    sentiment_column="Sentiment",
    patterns="Top patterns",
    pattern_tile="Patterns",
    patterns_shown="{shown:,} of {total:,}",
    notes="Notes",
    records="Records",
    errors="Errors",
    warnings="Warnings",
    each_bar="one bar = {}",
    count="Count",
    share="Share",
    level="Level",
    problem="Problem",
    pattern="Pattern",
    trend="Trend",
    first="First seen",
    last="Last seen",
    services="Services",
    confidence="confidence {:.0%}",
    method="made without a language model",
    model="Language model",
    looked="{model} judged {judged:,} of {all:,} patterns; what it did not judge keeps the classifier's verdict.",
    unreached="No language model answered; all verdicts are the classifier's.",
    cost="{calls:,} calls ({cached:,} more answered from memory), {tokens:,} tokens, {seconds:.0f} s.",
    told="in the words of {}",
    worst="At its worst ({}):",
    new="new",
    usual="usually {}",
    evidence="Evidence",
    more_incidents="{:,} more in the HTML and JSON reports",
    more_inputs="{} and {:,} more",
    repaired="Repaired records (bad bytes, NUL bytes or over-long lines): {:,}.",
    garbled="Most of the input is no text. Is it a log?",
    late="Records that came after their window had closed, and count in the next one: {:,}.",
    failed="Failures of the analyzer {}: {:,}. Its part of this report is incomplete.",
    made="Made by sllm",
)

KOREAN = Words(
    language="ko",
    title="로그 보고서",
    labels=MappingProxyType({"normal": "정상", "warning": "주의", "critical": "심각"}),
    sentiments=MappingProxyType({"positive": "긍정", "neutral": "중립", "negative": "부정"}),
    no_records="입력에 로그 레코드가 없습니다.",
    healthy="눈에 띄는 문제가 없습니다.",
    unjudged="판정 없음: 이상 탐지를 실행하지 않았거나 분석기가 실패했습니다.",
    untimed="읽을 수 있는 시각이 없는 로그입니다. 모든 레코드를 읽은 시각으로 집계했습니다",
    incident_count="이상 {:,}건",
    incident_count_one="이상 {:,}건",
    record_count="레코드 {:,}건",
    record_count_one="레코드 {:,}건",
    pattern_count="패턴 {:,}개",
    pattern_count_one="패턴 {:,}개",
    partition_count="파티션 {:,}개",
    partition_count_one="파티션 {:,}개",
    summary="요약",
    timeline="시간대별 추이",
    incidents="이상 징후",
    sentiment="감성 분포",
    sentiment_column="감성",
    patterns="주요 패턴",
    pattern_tile="패턴",
    patterns_shown="전체 {total:,}개 중 {shown:,}개",
    notes="참고",
    records="레코드",
    errors="오류",
    warnings="경고",
    each_bar="막대 하나 = {}",
    count="건수",
    share="비율",
    level="수준",
    problem="문제도",
    pattern="패턴",
    trend="추이",
    first="처음",
    last="마지막",
    services="서비스",
    confidence="신뢰도 {:.0%}",
    method="언어 모델 없이 작성",
    model="언어 모델",
    looked="{model}: 패턴 {all:,}개 중 {judged:,}개를 판정했습니다. 나머지는 내장 분류기의 판정을 따릅니다.",
    unreached="언어 모델이 응답하지 않아 모든 판정은 내장 분류기의 것입니다.",
    cost="호출 {calls:,}회(저장된 답변 {cached:,}건), 토큰 {tokens:,}개, {seconds:.0f}초.",
    told="{}의 설명",
    worst="가장 심한 때({}):",
    new="신규",
    usual="평소 {}건",
    evidence="근거 로그",
    more_incidents="나머지 {:,}건은 HTML·JSON 보고서에 있습니다",
    more_inputs="{} 외 {:,}개",
    repaired="레코드 {:,}건을 복구했습니다(깨진 문자, NUL 문자, 지나치게 긴 줄).",
    garbled="입력의 대부분이 텍스트가 아닙니다. 로그 파일이 맞는지 확인하십시오.",
    late="집계 창이 닫힌 뒤 도착한 레코드 {:,}건은 다음 창에 포함했습니다.",
    failed="{} 분석기가 {:,}번 실패하여 이 보고서의 해당 부분은 완전하지 않습니다.",
    made="sllm 작성",
)


def words(language: str) -> Words:
    """The words of a language: `ko`, or English for any other."""
    return KOREAN if language == "ko" else ENGLISH
