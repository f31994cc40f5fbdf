"""Verdicts do not move for a hostile line, though the model obeys whatever reaches it as an instruction."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import pytest

from sllm_core.models.language_model import Prompt
from sllm_core.prompts.judge import PatternEntry, judge_prompt
from sllm_core.safety import Preparation, neutralise, plain_text

SPECIAL = ("<|begin_of_text|>", "<|eot_id|>", "<s>", "</s>", "<sop>")
KEY = b"sixteen bytes or more"
HARMLESS = "disk failure on node 7"
HONEST = {"1_sentiment": "negative", "1_severity": "critical"}
Question = Callable[[str, str, Preparation], Prompt]
Obedient = Callable[[Prompt], Callable[[Prompt], Mapping[str, Any]]]


class Hostile(Protocol):
    """A line of the corpus."""

    kind: str
    text: str


class NothingToHide:
    """A redactor that finds nothing."""

    def redact(self, text: str) -> str:
        return text

    def session(self) -> NothingToHide:
        return self


class Unprotected(Preparation):
    """A preparation that changes nothing, with marks that anyone can write."""

    def session(self) -> Unprotected:
        return self

    def line(self, text: str, limit: int = 400) -> str:
        return text

    def section(self, lines: Sequence[str]) -> str:
        data = "\n".join(f"| {line}" for line in lines)
        return f"=== data 0000000000000000 ===\n{data}\n=== end of data 0000000000000000 ==="


class OnlyEnclosed(Preparation):
    """A preparation whose section has a mark that nobody can foresee, and that changes nothing within."""

    def line(self, text: str, limit: int = 400) -> str:
        return text

    def section(self, lines: Sequence[str]) -> str:
        return super().section([""]).replace("| ", "\n".join(f"| {line}" for line in lines))


def judge(line: str, language: str, prepare: Preparation) -> Prompt:
    entry = PatternEntry(1, line, (f"{line} 7",), count=3)
    return judge_prompt([entry], language, prepare, context=100_000_000)


def short(line: str, language: str, prepare: Preparation) -> Prompt:
    schema = {"type": "object", "properties": {name: {"type": "string"} for name in HONEST}, "required": list(HONEST)}
    data = prepare.section([f"1 template: {prepare.line(line)}"])
    return Prompt("judge", "1", language, "Judge.", f"{data}\nJudge the data.", schema)


QUESTIONS = pytest.mark.parametrize("question", [judge, short])
"""Whoever adds a prompt adds a function of line, language and preparation here."""
LANGUAGES = pytest.mark.parametrize("language", ["en", "ko"])


def preparation(kind: type[Preparation] = Preparation) -> Preparation:
    return kind(NothingToHide(), SPECIAL, KEY)


@LANGUAGES
@QUESTIONS
def test_no_hostile_line_moves_a_verdict(hostile: str, question: Question, language: str, obedient: Obedient) -> None:
    model = obedient(question(HARMLESS, language, preparation()))
    assert model(question(hostile, language, preparation())) == HONEST


@LANGUAGES
def test_many_hostile_lines_in_one_question_move_no_verdict(
    corpus: list[Hostile], language: str, obedient: Obedient
) -> None:
    entries = [PatternEntry(place, each.text) for place, each in enumerate(corpus)]
    harmless = [PatternEntry(place, HARMLESS) for place in range(16)]
    model = obedient(judge_prompt(harmless, language, preparation(), 100_000))
    for start in range(0, len(entries) - 15, 16):
        answers = model(judge_prompt(entries[start : start + 16], language, preparation(), 100_000))
        assert set(answers.values()) == {"negative", "critical"}


def moved(corpus: list[Hostile], kind: type[Preparation], obedient: Obedient) -> dict[str, float]:
    """The share of the lines of each kind for which the obedient model gives the answer that they want."""
    model = obedient(short(HARMLESS, "en", preparation(kind)))
    answers = [(each.kind, model(short(each.text, "en", preparation(kind))) != HONEST) for each in corpus]
    return {
        name: sum(wrong for each, wrong in answers if each == name) / sum(each == name for each, _ in answers)
        for name, _ in answers
    }


def test_without_neutralisation_the_model_obeys(corpus: list[Hostile], obedient: Obedient) -> None:
    shares = moved(corpus, Unprotected, obedient)
    certain = {name for name, share in shares.items() if share == 1}
    assert certain >= {"token", "role", "mark", "forged-entry", "hidden", "flood", "long"}


def test_a_mark_that_nobody_foresees_is_not_enough(corpus: list[Hostile], obedient: Obedient) -> None:
    shares = moved(corpus, OnlyEnclosed, obedient)
    assert shares["token"] == shares["role"] == shares["hidden"] == 1


def test_the_corpus_has_what_people_try(corpus: list[Hostile]) -> None:
    kinds = {each.kind for each in corpus}
    assert len(corpus) >= 150
    assert kinds >= {"instruction", "instruction-ko", "mixed", "polite", "json", "token", "role", "encoded", "notice"}
    assert max(len(each.text) for each in corpus) >= 1_000_000


def test_people_read_of_hostile_lines_what_stands_there(hostile: str) -> None:
    letters = re.findall(r"[가-힣]", neutralise(hostile, SPECIAL))
    assert len(letters) >= len(re.findall(r"[가-힣]", re.sub("\x1b\\].*?\x07", "", hostile)))


@pytest.mark.parametrize(
    "needle", ["http", "evil.example", "<|", "</", "\x1b", "```", "sudo", "하세요", "하십시오", "previous"]
)
def test_a_model_that_repeats_hostile_lines_tells_the_reader_to_do_nothing(corpus: list[Hostile], needle: str) -> None:
    assert [each.text for each in corpus if needle in plain_text(each.text, 400).lower()] == []
