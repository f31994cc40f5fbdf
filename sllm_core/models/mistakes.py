"""What is told a model whose answer cannot be used."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from sllm_core.models.language_model import Prompt

LONGEST = 500
"""How many characters of what was wrong are told."""

_TEXTS = MappingProxyType(
    {
        "json": ("it was not one JSON object", "JSON 객체 하나가 아니었습니다"),
        "cut": ("it was not finished: write less", "끝까지 쓰지 못했습니다. 더 짧게 쓰세요"),
        "missing": ("{name} is missing", "{name} 항목이 없습니다"),
        "unknown": ("it had a property that was not asked for", "요청하지 않은 항목이 있습니다"),
        "choice": ("{name} must be one of: {choices}", "{name} 값은 다음 중 하나여야 합니다: {choices}"),
        "integer": (
            "{name} must be a whole number from {low} to {high}",
            "{name} 값은 {low}부터 {high}까지의 정수여야 합니다",
        ),
        "boolean": ("{name} must be true or false", "{name} 값은 true 또는 false여야 합니다"),
        "string": (
            "{name} must be a text of {low} to {high} characters",
            "{name} 값은 {low}자 이상 {high}자 이하의 문자열이어야 합니다",
        ),
        "array": (
            "{name} must be a list of {low} to {high} items",
            "{name} 값은 항목이 {low}개 이상 {high}개 이하인 목록이어야 합니다",
        ),
        "again": (
            "Your last answer could not be used: {mistake}. Answer once more, with one JSON object of the form that"
            " was asked for and nothing else.",
            "방금 한 답은 쓸 수 없었습니다: {mistake}. 요청한 형식의 JSON 객체 하나로만 다시 답하세요.",
        ),
    }
)
"""In English and in Korean."""


def told(what: str, language: str, **values: object) -> str:
    """The text for a mistake in Korean (`ko`) or English (anything else)."""
    return _TEXTS[what][language == "ko"].format(**values)


def repaired(prompt: Prompt, mistake: str) -> Prompt:
    """The same question, which tells what was wrong with the last answer; that answer itself is not repeated."""
    short = "".join(each if each.isprintable() else " " for each in mistake)[:LONGEST].rstrip(" .")
    return replace(prompt, user=f"{prompt.user}\n\n{told('again', prompt.language, mistake=short)}")
