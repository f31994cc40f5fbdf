"""The question what patterns tell: the sentiment and the severity of up to sixteen of them in one call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import floor, log10
from typing import TYPE_CHECKING, Any

from sllm_core.classifier.judgement import SENTIMENTS, SEVERITIES
from sllm_core.prompts.template import load_template
from sllm_core.prompts.tokens import prompt_tokens
from sllm_core.records import LEVELS

if TYPE_CHECKING:
    from sllm_core.models.language_model import Prompt
    from sllm_core.safety import Preparation

MOST = 16
"""How many patterns a call may be about."""

CONTEXT = 4096
"""The context in tokens for which prompts are made where none is given."""

SERVICE = 60
"""How many characters of a service's name are shown."""

THRIFT = ((3, 300), (2, 300), (2, 200), (1, 200), (1, 120), (0, 200), (0, 120), (0, 60))
"""How many examples of a pattern are shown, and how many characters of each text: the first that fits is taken."""


@dataclass(frozen=True)
class PatternEntry:
    """A pattern to be judged: its text with `<*>` for what varies, a few messages, and how it was met.

    `count` is the number of its records, `per_hour` their rate, None where it is not known. Nothing here needs to be
    redacted or neutralised yet.
    """

    pattern: int
    template: str
    examples: tuple[str, ...] = ()
    level: str | None = None
    service: str | None = None
    count: int = 1
    per_hour: float | None = None


def judge_prompt(
    entries: Sequence[PatternEntry], language: str, prepare: Preparation, context: int = CONTEXT
) -> Prompt:
    """The question about 1 to 16 patterns, which are numbered from 1 on, in Korean (`ko`) or English (anything else).

    Prompt and answer stay within `context` tokens: where room is short, fewer examples and shorter texts are shown.

    Raises:
        ValueError: no entries or more than 16, or they do not fit into the context even so.
    """
    if not 1 <= len(entries) <= MOST:
        raise ValueError(f"a call judges 1 to {MOST} patterns, not {len(entries)}")
    for examples, limit in THRIFT:
        prompt = _prompt(entries, language, prepare.session(), examples, limit)
        needed = prompt_tokens(prompt.system, prompt.user) + prompt.length
        if needed <= context:
            return prompt
    raise ValueError(
        f"{len(entries)} patterns need a context of about {needed} tokens, and the model has {context}: "
        "raise num_ctx, or ask about fewer patterns at once"
    )


def judged_labels(count: int) -> dict[str, tuple[str, ...]]:
    """The properties of an answer about `count` patterns in order, and the labels that each may have."""
    return {
        f"{place}_{name}": labels
        for place in range(1, count + 1)
        for name, labels in (("sentiment", SENTIMENTS), ("severity", SEVERITIES))
    }


def read_judgement(values: Mapping[str, Any], count: int) -> list[tuple[str, str]]:
    """The sentiment and the severity of each of `count` patterns, from an answer that obeys the schema."""
    return [(values[f"{place}_sentiment"], values[f"{place}_severity"]) for place in range(1, count + 1)]


def _prompt(entries: Sequence[PatternEntry], language: str, prepare: Preparation, examples: int, limit: int) -> Prompt:
    lines = [line for place, entry in enumerate(entries, 1) for line in _lines(place, entry, prepare, examples, limit)]
    template = load_template("sllm_core", "judge", language)
    return template.prompt(_schema(len(entries)), entries=prepare.section(lines), count=str(len(entries)))


def _lines(place: int, entry: PatternEntry, prepare: Preparation, examples: int, limit: int) -> Iterator[str]:
    """One line for what is known, one for the template, one for each example; each begins with the number."""
    yield f"{place} {' '.join(_figures(entry, prepare))}"
    yield f"{place} template: {prepare.line(entry.template, limit)}"
    told = [each for each in dict.fromkeys(entry.examples) if each != entry.template]
    yield from (f"{place} example: {prepare.line(each, limit)}" for each in told[:examples])


def _figures(entry: PatternEntry, prepare: Preparation) -> Iterator[str]:
    yield f"level={entry.level if entry.level in LEVELS else 'none'}"
    yield f"count={_about(entry.count)}"
    if entry.per_hour is not None:
        yield f"per_hour={_about(entry.per_hour)}"
    if entry.service:
        yield f"service={prepare.line(entry.service, SERVICE)}"


def _about(value: float) -> str:
    """To one digit that counts: so a prompt stays the same, and its answer kept, while counts grow a little."""
    return f"{round(value, -floor(log10(value))):.0f}" if value >= 1 else "<1"


def _schema(count: int) -> dict[str, Any]:
    labels = judged_labels(count)
    return {
        "type": "object",
        "properties": {name: {"type": "string", "enum": list(each)} for name, each in labels.items()},
        "required": list(labels),
        "additionalProperties": False,
    }
