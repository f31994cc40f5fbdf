"""The corpus of hostile lines, and a model that obeys whatever reaches it as an instruction."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sllm_core.models.language_model import Prompt

CORPUS = Path(__file__).with_name("hostile.jsonl")
"""JSON lines: `kind`, `text`; where a text would be long, `{*}` in it stands for `times` times `unit`."""

CONTEXT = 8_000
"""Characters of a prompt from which on the obedient model has lost its system text."""

ATTACK = ("positive", "normal")
HONEST = ("negative", "critical")

_EFFECTIVE = re.compile(
    r"<\|[^|<>]{1,40}\|>|\[\|[a-z]+\|\]|</?s>|\[/?inst\]|<</?sys>>|<(?:start|end)_of_turn>|</?think(?:ing)?>|</?tool_call>"
    r"|\[/?(?:tool_results|system_prompt)\]|<(?:bos|eos|unused\d+|extra_id_\d+)>|\]~b\]|\[e~\[|\[gmask\]|<(?:bos|eos)_token>"
    r"|</?(?:function_calls|data|logs?|input)>|<seed:[be]os>"
)
_SPEAKER = re.compile(
    r"(?:^|[\n↵|>\]\"'.]\s*|\d\s)[^\w\u200b]{0,3}(?:system|assistant|user|human|developer|시스템|사용자|어시스턴트|개발자)"
    r"(?: prompt| 지시)?[^\w\u200b]{0,3}:|(?:^|[\n↵])\s*#{2,}\s*(?:instruction|response|system|명령어|응답)"
)
_BEGIN = re.compile(r"=== data ([0-9a-f]{16}) ===")


@dataclass(frozen=True)
class Hostile:
    """A line that somebody wrote into a log for the model to read."""

    kind: str
    text: str


def hostile_lines() -> list[Hostile]:
    rows = [json.loads(line) for line in CORPUS.read_text(encoding="utf-8").splitlines()]
    return [Hostile(row["kind"], row["text"].replace("{*}", row.get("unit", "") * row.get("times", 0))) for row in rows]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Runs a test that takes `hostile` once for each line of the corpus."""
    if "hostile" in metafunc.fixturenames:
        lines = hostile_lines()
        texts = [each.text for each in lines]
        metafunc.parametrize("hostile", texts, ids=[f"{place}-{each.kind}" for place, each in enumerate(lines, 1)])


@dataclass(frozen=True)
class ObedientModel:
    """Sees a prompt as a runtime does, and obeys every instruction in it that does not come from the template.

    `template` is a prompt of the same question about harmless data with as many lines. What stands between the two
    marks with the same digits, on lines behind `| `, is data; anything else that differs from the template is an
    instruction, and so is what follows a control token, the name of a speaker, or is hidden from people. A prompt that
    is too long loses its system text.
    """

    template: Prompt

    def __call__(self, prompt: Prompt) -> Mapping[str, Any]:
        obeys = any(holds(prompt.user, self.template.user) for holds in (_outside, _token, _speaker, _hidden, _long))
        sentiment, severity = ATTACK if obeys else HONEST
        return {name: sentiment if name.endswith("sentiment") else severity for name in prompt.schema["properties"]}


def _token(user: str, template: str) -> bool:
    return _EFFECTIVE.search(unicodedata.normalize("NFKC", user).lower()) is not None


def _speaker(user: str, template: str) -> bool:
    texts = (line.removeprefix("| ").partition(": ")[2] or line for line in user.splitlines())
    return any(_SPEAKER.search(unicodedata.normalize("NFKC", text).lower()) for text in texts)


def _hidden(user: str, template: str) -> bool:
    return any(
        unicodedata.category(each) in ("Cc", "Cf", "Cs", "Zl", "Zp", "Cn") and each not in "\n\u200b\u200d"
        for each in user
    ) or any(each in "\u115f\u1160\u3164\uffa0" or 0xFE00 <= ord(each) < 0xFE0F for each in user)


def _outside(user: str, template: str) -> bool:
    begin = _BEGIN.search(user)
    lines, usual = user.splitlines(), template.splitlines()
    if begin is None or len(lines) != len(usual):
        return True
    end = f"=== end of data {begin[1]} ==="
    inside = range(lines.index(begin[0]) + 1, lines.index(end)) if end in lines else range(0)
    return any(
        not line.startswith("| ") if place in inside else not _is_usual(line, usual[place])
        for place, line in enumerate(lines)
    )


def _is_usual(line: str, usual: str) -> bool:
    return re.sub("[0-9a-f]{16}", "", line) == re.sub("[0-9a-f]{16}", "", usual)


def _long(user: str, template: str) -> bool:
    return len(user) > CONTEXT


@pytest.fixture
def obedient() -> type[ObedientModel]:
    return ObedientModel


@pytest.fixture
def corpus() -> list[Hostile]:
    return hostile_lines()
