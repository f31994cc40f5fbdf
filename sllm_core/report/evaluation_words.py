"""The words of an evaluation in English and Korean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class EvaluationWords:
    """All texts of an evaluation in one language; those with braces are formats."""

    title: str
    questions: Mapping[str, str]
    rows: str
    lines: str
    patterns: str
    all_measured: str
    split: str
    seen: str
    side_by_side: str
    judge: str
    macro_f1: str
    accuracy: str
    mcc: str
    area: str
    share: str
    calibration_error: str
    brier: str
    answered: str
    answered_only: str
    by_class: str
    label: str
    precision: str
    recall: str
    f1: str
    support: str
    confusion: str
    truth: str
    said: str
    reliability: str
    confidence: str
    right: str
    curve: str
    chance: str
    threshold: str
    threshold_of: str
    compared: str
    against: str
    difference: str
    better: str
    worse: str
    costs: str
    calls: str
    hits: str
    failures: str
    p50: str
    p95: str
    per_10k: str
    per_10k_told: str
    seconds: str
    tokens_in: str
    tokens_out: str
    money: str
    sources: str
    source: str
    data: str
    ceiling: str
    repeated: str
    contradictions: str
    contradicting: str
    left_out: str
    more: str
    few: str
    calibrated: str
    baseline: str
    method: str

    def question(self, name: str) -> str:
        """The name of a question."""
        return self.questions.get(name, name)


ENGLISH = EvaluationWords(
    title="Evaluation",
    questions=MappingProxyType({"sentiment": "Sentiment", "severity": "Severity"}),
    rows="{:,} rows",
    lines="{:,.0f} lines",
    patterns="{:,} patterns",
    all_measured="all rows measured, nothing fitted",
    split="split {}: {:,} rows fitted on, {:,} measured",
    seen="{:.0%} of the measured lines have a pattern that was fitted on too",
    side_by_side="Side by side",
    judge="Analyzer",
    macro_f1="macro-F1",
    accuracy="Accuracy",
    mcc="MCC",
    area="PR-AUC of problem",
    share="share of problems {:.0%}",
    calibration_error="Calibration error",
    brier="Brier",
    answered="Answered",
    answered_only="over these",
    by_class="By class",
    label="Class",
    precision="Precision",
    recall="Recall",
    f1="F1",
    support="Support",
    confusion="Confusion",
    truth="Labelled as",
    said="Judged as",
    reliability="Reliability",
    confidence="Confidence",
    right="Right",
    curve="Ranking of problems",
    chance="chance",
    threshold="Threshold of problem",
    threshold_of="from {:.2f} on: precision {}, recall {}, F1 {}",
    compared="{} compared, in macro-F1",
    against="Against",
    difference="Difference",
    better="Only it is right",
    worse="Only the other",
    costs="Costs",
    calls="Calls",
    hits="Cached",
    failures="Failed",
    p50="Call p50",
    p95="Call p95",
    per_10k="per 10k",
    per_10k_told="per 10k: what 10,000 lines like these cost while no answer is known yet",
    seconds="Seconds",
    tokens_in="Tokens in",
    tokens_out="Tokens out",
    money="Price",
    sources="By source, macro-F1",
    source="Source",
    data="Labels",
    ceiling="best accuracy with one verdict for each pattern: {:.2f}",
    repeated="{:,} rows repeat an earlier one in message, level and labels",
    contradictions="{:,} patterns are labelled in several ways",
    contradicting="Patterns labelled in several ways",
    left_out="Left out: {:,} rows",
    more="… and {:,} more",
    few="Only {:,} patterns: too few to say much; intervals are wide or missing.",
    calibrated="{judge}: {question} calibrated on {samples:,} labels, temperature {temperature:.2f}; kept for later",
    baseline="baseline",
    method=(
        "Intervals cover 95 %: percentiles of {resamples:,} resamples of the patterns (seed {seed}). "
        "p is McNemar's exact test over patterns. Calibration error and Brier score are of the confidence in the label."
    ),
)

KOREAN = EvaluationWords(
    title="평가",
    questions=MappingProxyType({"sentiment": "감성", "severity": "심각도"}),
    rows="{:,}행",
    lines="로그 {:,.0f}줄",
    patterns="패턴 {:,}개",
    all_measured="모든 행을 측정, 맞춘 값 없음",
    split="분할 {}: {:,}행으로 맞추고 {:,}행으로 측정",
    seen="측정한 줄의 {:.0%}는 맞출 때 나온 패턴입니다",
    side_by_side="나란히 비교",
    judge="분석기",
    macro_f1="매크로 F1",
    accuracy="정확도",
    mcc="MCC",
    area="문제 PR-AUC",
    share="문제 비율 {:.0%}",
    calibration_error="보정 오차",
    brier="브라이어",
    answered="응답률",
    answered_only="응답한 행만",
    by_class="클래스별",
    label="클래스",
    precision="정밀도",
    recall="재현율",
    f1="F1",
    support="행 수",
    confusion="혼동 행렬",
    truth="정답",
    said="판정",
    reliability="신뢰도 표",
    confidence="확신도",
    right="적중률",
    curve="문제 순위 매기기",
    chance="무작위",
    threshold="문제 기준값",
    threshold_of="{:.2f}부터: 정밀도 {}, 재현율 {}, F1 {}",
    compared="{} 비교(매크로 F1)",
    against="비교 대상",
    difference="차이",
    better="이쪽만 맞음",
    worse="상대만 맞음",
    costs="비용",
    calls="호출",
    hits="캐시",
    failures="실패",
    p50="호출 p50",
    p95="호출 p95",
    per_10k="1만 줄당",
    per_10k_told="1만 줄당: 아직 응답이 저장되지 않은 상태에서 이런 로그 1만 줄의 비용",
    seconds="초",
    tokens_in="입력 토큰",
    tokens_out="출력 토큰",
    money="금액",
    sources="출처별 매크로 F1",
    source="출처",
    data="라벨",
    ceiling="패턴마다 판정이 하나일 때 가능한 최고 정확도: {:.2f}",
    repeated="메시지·수준·라벨이 앞 행과 같은 행 {:,}개",
    contradictions="라벨이 서로 다른 패턴 {:,}개",
    contradicting="라벨이 서로 다른 패턴",
    left_out="제외한 행: {:,}개",
    more="… 외 {:,}개",
    few="패턴이 {:,}개뿐이어서 결론을 내리기 어렵습니다. 구간이 넓거나 없습니다.",
    calibrated="{judge}: 라벨 {samples:,}개로 {question} 확신도 보정, 온도 {temperature:.2f}; 다음 실행에도 적용",
    baseline="기준선",
    method=(
        "구간은 95 % 신뢰구간: 패턴을 {resamples:,}번 다시 뽑은 백분위수(시드 {seed}). "
        "p는 패턴 단위의 맥니마 정확 검정. 보정 오차와 브라이어 점수는 판정한 라벨의 확신도에 대한 값입니다."
    ),
)


def evaluation_words(language: str) -> EvaluationWords:
    """The words of a language: `ko`, or English for any other."""
    return KOREAN if language == "ko" else ENGLISH
