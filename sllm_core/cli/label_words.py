"""What `sllm label` says while it asks, in English and Korean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class LabelWords:
    """All texts in one language; those with braces are formats."""

    title: Mapping[str, str]
    labels: Mapping[str, str]
    nothing: str
    place: str
    given: str
    seen: str
    now: str
    also: str
    by: str
    example: str
    disputed: str
    skip: str
    undo: str
    note: str
    help: str
    quit: str
    about: str
    ask_note: str
    noted: str
    unknown: str
    undone: str
    unskipped: str
    nothing_to_undo: str
    end: str
    enough: str
    lacking: str
    lacks: Mapping[str, str]


ENGLISH = LabelWords(
    title=MappingProxyType({"anomaly": "How bad is it?", "sentiment": "How does it sound?"}),
    labels=MappingProxyType({}),
    nothing="There is nothing to label: every pattern has a label, or no window is closed yet.",
    place="{} of {}",
    given="{} given · {} skipped",
    seen="seen",
    now="now",
    also="but",
    by="by {}",
    example="e.g.",
    disputed="disputed",
    skip="skip",
    undo="undo",
    note="note",
    help="help",
    quit="quit",
    about=(
        "A digit gives the label; it holds at once, and `sllm tune` learns from it. Asked first is what two judges "
        "call by different names, then what is doubtful and frequent. s leaves a pattern for another time, u takes "
        "the last answer back, n adds a note to the next label, q or Ctrl-C ends. What was given is kept."
    ),
    ask_note="Note: ",
    noted="The note goes with the next label.",
    unknown="There is no key {}; ? tells what there is.",
    undone="taken back: {}",
    unskipped="back to what was skipped",
    nothing_to_undo="There is nothing to take back.",
    end="Labels given: {}.",
    enough="There are labels enough for `sllm tune`.",
    lacking="`sllm tune` needs {} more {} ({} of {}).",
    lacks=MappingProxyType({}),
)
KOREAN = LabelWords(
    title=MappingProxyType({"anomaly": "얼마나 심각한가요?", "sentiment": "어떤 어조인가요?"}),
    labels=MappingProxyType(
        {
            "normal": "정상",
            "warning": "경고",
            "critical": "심각",
            "positive": "긍정",
            "neutral": "중립",
            "negative": "부정",
        }
    ),
    nothing="지정할 것이 없습니다. 모든 패턴에 라벨이 있거나 아직 닫힌 구간이 없습니다.",
    place="{} / {}",
    given="지정 {} · 건너뜀 {}",
    seen="관측",
    now="현재",
    also="반면",
    by="{}",
    example="예시",
    disputed="의견 엇갈림",
    skip="건너뛰기",
    undo="취소",
    note="메모",
    help="도움말",
    quit="끝내기",
    about=(
        "숫자를 누르면 라벨이 지정됩니다. 곧바로 적용되고 `sllm tune` 이 학습합니다. 두 판단이 엇갈리는 패턴을 "
        "먼저, 그다음 의심스럽고 잦은 패턴을 묻습니다. s 는 다음으로 미루기, u 는 마지막 답 취소, n 은 다음 라벨에 "
        "메모 추가, q 나 Ctrl-C 는 끝내기입니다. 지정한 것은 보관됩니다."
    ),
    ask_note="메모: ",
    noted="다음 라벨에 메모를 붙입니다.",
    unknown="{} 키는 없습니다. ? 를 누르면 알려 줍니다.",
    undone="취소함: {}",
    unskipped="건너뛴 것으로 돌아갑니다",
    nothing_to_undo="취소할 것이 없습니다.",
    end="지정한 라벨: {}개.",
    enough="`sllm tune` 에 필요한 라벨이 모두 있습니다.",
    lacking="`sllm tune` 에 {}개가 더 필요합니다: {} ({} / {}).",
    lacks=MappingProxyType(
        {
            "labelled patterns to learn from": "학습할 라벨(패턴)",
            "labelled patterns to measure on": "측정할 라벨(패턴)",
        }
    ),
)


def label_words(language: str) -> LabelWords:
    """The texts of a language, en or ko."""
    return KOREAN if language == "ko" else ENGLISH
