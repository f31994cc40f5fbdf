"""How sure a model was of a label, from the log-probabilities of the tokens that it wrote it with.

Servers give the model's own distribution, of which a grammar may have forbidden the likeliest tokens: at each token
only those count that lead to one of the labels.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import exp

from sllm_core.models.language_model import Token
from sllm_core.models.spans import string_spans

Labels = frozenset[int]
TINY = 1e-300
"""What a token has at least, so that something can be divided by it."""


def label_probabilities(
    text: str, tokens: Sequence[Token] | None, name: str, labels: Sequence[str], item: int | None = None
) -> tuple[float, ...] | None:
    """The probabilities of the labels that the property `name` (or an item of its list) may have, in their order.

    They sum to 1 and are not calibrated. Labels that no given token leads to count as no likelier than the least likely
    token given, and than what was written. A label that was written although another is likelier was forced: the
    grammar left nothing else, or the server did not take the likeliest.

    Args:
        text: the answer.
        tokens: how it was written; where they show bytes that are no characters (U+FFFD), they need not join to it.

    Returns:
        None where it cannot be told: no tokens, no alternatives to them, or another text than theirs.
    """
    joined = "".join(each.text for each in tokens or ())
    span = written = string_spans(joined).get((name, item))
    if joined != text:
        written = string_spans(text).get((name, item))
    if not tokens or span is None or written is None or joined[slice(*span)] != text[slice(*written)]:
        return None
    endings = [json.dumps(each, ensure_ascii=False)[1:] for each in labels]
    if joined[span[0] : span[1] + 1] not in endings:
        return None
    odds = _walk(_steps(tokens, joined, span), endings)
    return None if odds is None else tuple(odds)


@dataclass(frozen=True)
class _Step:
    """One token of a label: what of the label was there before it, what stands in it before the label, and itself."""

    before: str
    head: str
    token: Token

    def reached(self, text: str) -> str | None:
        """How far the label would be with this text in the token's place; None if that does not begin one."""
        wanted = "".join(self.head.split())
        for place, letter in enumerate(text):
            if not wanted:
                return self.before + text[place:]
            if not letter.isspace():
                if letter != wanted[0]:
                    return None
                wanted = wanted[1:]
        return self.before


def _steps(tokens: Sequence[Token], joined: str, span: tuple[int, int]) -> Iterator[_Step]:
    """The tokens from that with the opening quotation mark to that with the closing one."""
    start, end = span
    ends = list(accumulate(len(each.text) for each in tokens))
    for place in range(bisect_left(ends, start), min(bisect_left(ends, end + 1) + 1, len(ends))):
        begin = ends[place - 1] if place else 0
        yield _Step(joined[start:begin], joined[begin:start], tokens[place])


def _walk(steps: Iterable[_Step], endings: Sequence[str]) -> list[float] | None:
    """Of each token, what leads to other labels is theirs; what is left goes on with the next."""
    odds = [0.0] * len(endings)
    left, share = frozenset(range(len(endings))), 1.0
    for step in steps:
        kept = _leading(step, step.token.text, left, endings)
        if kept != left and not step.token.alternatives:
            return None
        written, others = _masses(step, kept, left, endings)
        total = written + sum(others.values())
        for label, mass in others.items():
            odds[label] += share * mass / total
        share *= written / total
        left = kept
        if len(left) == 1:
            break
    return [each + share / len(left) * (label in left) for label, each in enumerate(odds)]


def _leading(step: _Step, text: str, left: Labels, endings: Sequence[str]) -> Labels:
    """Which labels this text in the place of the token may lead to."""
    reached = step.reached(text)
    if reached is None:
        return frozenset()
    return frozenset(each for each in left if endings[each].startswith(reached) or reached.startswith(endings[each]))


def _masses(step: _Step, kept: Labels, left: Labels, endings: Sequence[str]) -> tuple[float, dict[int, float]]:
    """How likely it is to go on as written, and to go to each of the labels at once."""
    written, others = _probability(step.token.logprob), dict[int, float]()
    given = {text: _probability(each) for text, each in step.token.alternatives if text != step.token.text}
    unclear: list[tuple[Labels, float]] = []
    for text, mass in given.items():
        labels = _leading(step, text, left, endings)
        if labels == kept:
            written += mass
        elif len(labels) == 1:
            others[min(labels)] = others.get(min(labels), 0.0) + mass
        elif labels and labels != left:
            unclear.append((labels, mass))
    _divide(unclear, kept, written, others)
    least = min([_probability(step.token.logprob), *given.values()])
    return written, {**dict.fromkeys(left - kept, least), **others}


def _divide(unclear: Iterable[tuple[Labels, float]], kept: Labels, written: float, others: dict[int, float]) -> None:
    """Give what leads to several labels to them, as likely as each is by what leads to it alone."""
    alone = {**others, **{each: written / len(kept) for each in kept}}
    for labels, mass in unclear:
        total = sum(alone.get(each, 0.0) for each in labels)
        for each in labels:
            part = alone.get(each, 0.0) / total if total else 1 / len(labels)
            others[each] = others.get(each, 0.0) + mass * part


def _probability(logprob: float) -> float:
    return max(exp(min(logprob, 0.0)), TINY) if logprob == logprob else TINY
