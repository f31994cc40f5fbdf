"""What a language model is asked about a trouble, and the explanation that is made of its answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sllm_core.findings import Finding
from sllm_core.prompts.answers import text_mistake
from sllm_core.prompts.template import load_template
from sllm_core.safety import plain_text
from sllm_core.summaries.language import chooser

from .shown import PatternTexts, figures, names

if TYPE_CHECKING:
    from sllm_core.models.language_model import Prompt
    from sllm_core.safety import Preparation

HAPPENED, CAUSE = (480, 270), (200, 120)
"""How many characters the parts of an answer may have, in English and in Korean."""

LINE = 200
"""How many characters of a name or a message are shown."""

UNKNOWN = "unknown"
_UNKNOWN = frozenset({"", UNKNOWN, "none", "not known", "알 수 없음", "알 수 없습니다", "없음"})

AREAS = MappingProxyType(
    {
        "service": ("the program that fails or no longer answers", "장애가 난 프로그램의 상태를"),
        "database": ("the database", "데이터베이스 상태를"),
        "network": ("connections and name resolution", "네트워크 연결과 이름 해석을"),
        "disk": ("disk space and storage", "디스크 공간과 저장 장치를"),
        "memory": ("memory use", "메모리 사용량을"),
        "load": ("load, slow work and queues", "부하와 느린 작업, 대기열을"),
        "change": ("recent deployments and changed settings", "최근 배포와 설정 변경을"),
        "certificate": ("certificates and tokens that expire", "인증서와 토큰의 만료 여부를"),
        "access": ("logins and permissions", "로그인 기록과 권한을"),
        "provider": ("the outside service", "외부 서비스 상태를"),
        "hardware": ("the hardware", "장비 상태를"),
        UNKNOWN: ("", ""),
    }
)
"""Where to look next: the labels that a model chooses from, and what a person reads. A model whose prompt holds lines
of strangers says no word of its own on what to do."""


class Questions:
    """Questions about issues and windows that are not normal."""

    def __init__(self, patterns: PatternTexts) -> None:
        self._patterns = patterns

    def question(self, finding: Finding, prepare: Preparation) -> Prompt | None:
        """What happened and why; None for a normal window.

        Figures are written as people shall read them, for the model to copy; what comes from the log stands in the data
        section.
        """
        if finding.label == "normal":
            return None
        session = prepare.session()
        named = [f"{label}: {session.line(name, LINE)}" for label, name in names(finding, self._patterns)]
        return load_template(__package__, "explain", finding.language).prompt(
            _schema(finding.language), figures="\n".join(figures(finding)), names=session.section(named)
        )

    def mistake(self, finding: Finding, values: Mapping[str, Any]) -> str | None:
        """What is wrong with the first of the texts that has something wrong in it; None: nothing."""
        known, hosts = self.known(finding), _hosts(finding)
        for name, limit in _limits(finding.language).items():
            if name == "cause" and _is_unknown(values[name]):
                continue
            if wrong := text_mistake(values[name], finding.facts, finding.language, limit, known, hosts):
                return f"{name}: {wrong}"
        return None

    def known(self, finding: Finding) -> list[str]:
        """What is shown besides the facts: lines with times and figures, names and messages."""
        return [*figures(finding), *(name for _, name in names(finding, self._patterns))]

    def answered(self, finding: Finding, values: Mapping[str, Any]) -> Finding:
        """The finding with what the model said as its explanation."""
        return replace(finding, explanation=" ".join(_sentences(finding, values)))


def _sentences(finding: Finding, values: Mapping[str, Any]) -> Iterator[str]:
    say, limits, hosts = chooser(finding.language), _limits(finding.language), _hosts(finding)
    yield plain_text(values["happened"], limits["happened"], hosts)
    cause = plain_text(values["cause"], limits["cause"], hosts)
    if cause and not _is_unknown(values["cause"]):
        yield say(f"Likely cause (assumed): {cause}", f"추정 원인: {cause}")
    english, korean = AREAS[values["next"]]
    if english:
        yield say(f"Look next at {english}.", f"다음으로 {korean} 확인하시기 바랍니다.")


def _hosts(finding: Finding) -> frozenset[str]:
    """Names in the facts that may be those of hosts."""
    return frozenset(each.lower() for each in [finding.facts.get("target"), *finding.facts.get("services", ())] if each)


def _is_unknown(cause: str) -> bool:
    """Whether a model says that it knows no cause."""
    return cause.strip(" .").lower() in _UNKNOWN


def _limits(language: str) -> dict[str, int]:
    return {name: limits[language == "ko"] for name, limits in (("happened", HAPPENED), ("cause", CAUSE))}


def _schema(language: str) -> dict[str, Any]:
    texts = {name: {"type": "string", "maxLength": limit} for name, limit in _limits(language).items()}
    return {
        "type": "object",
        "properties": {**texts, "next": {"type": "string", "enum": list(AREAS)}},
        "required": [*texts, "next"],
        "additionalProperties": False,
    }
