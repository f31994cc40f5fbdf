"""The classifier trained anew: on the corpus of the package, and on what a team has labelled."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sllm_core.classifier import evaluation
from sllm_core.classifier.corpus import Labelled, read_corpus
from sllm_core.classifier.lexicon import Lexicon
from sllm_core.classifier.model import Classifier, Weights
from sllm_core.classifier.train import Data, Linear, fit, prior_shift, split, weights_of

ROUNDS, GROWTH = 3, 2.0
"""How often weights are fitted at most, and by how much more what was lost counts in the next."""

STEPS = evaluation.FOLDS + 2
"""How many steps a training has, as `tell` counts them."""


@dataclass(frozen=True)
class Told:
    """A text with what is known of it; None where a question was not answered."""

    text: str
    level: str | None
    sentiment: str | None
    severity: str | None
    weight: float = 1.0


def retrain(
    learnt: Sequence[Told], held: Sequence[Told], tell: Callable[[int], None]
) -> tuple[Weights, dict[str, Any]]:
    """The weights fitted to the corpus and to what was learnt, and figures of the training.

    What the shipped weights have right in the corpus counts more where it would be lost, unless it is among what was
    learnt. They are calibrated on the corpus, each kind of software by a model that has not seen it, and on what was
    `held` back; so the same texts give the same weights. `tell` is called with the number of each step that is done.
    """
    corpus = read_corpus()
    data = Data.of([*corpus, *map(_as_labelled, learnt)])
    data = replace(data, known=_known(len(corpus), learnt))
    tell(1)
    own = np.arange(len(corpus))
    unseen = np.empty((len(own), 6))
    for number, (others, here) in enumerate(evaluation.folds(data.software[own]), 2):
        model = fit(data, np.concatenate([others, np.arange(len(corpus), len(data.sentiment))]))
        unseen[here] = model.logits(data, here)
        tell(number)
    calibrate = partial(_temperatures, unseen, data.at(own), held=held)
    weights, temperatures = _keeping(corpus, data, {each.text for each in learnt}, calibrate)
    tell(STEPS)
    return weights, {"learnt": len(learnt), "held": len(held), "temperatures": temperatures[[0, 3]].round(4).tolist()}


def _keeping(
    corpus: Sequence[Labelled], data: Data, learnt: Set[str], calibrate: Callable[[Linear], NDArray[np.float64]]
) -> tuple[Weights, NDArray[np.float64]]:
    """Weights and temperatures that keep what the shipped ones have right in the corpus, as far as that can be had."""
    own, every, counts = np.arange(len(corpus)), np.arange(len(data.sentiment)), np.array(data.known)
    shift, free = prior_shift(data.at(own)), np.array([each.message in learnt for each in corpus])
    right = _right(Classifier.load().weights, corpus) & ~free
    for _ in range(ROUNDS):
        model = fit(replace(data, known=counts), every)
        temperatures = calibrate(model)
        weights = weights_of(model, temperatures, shift)
        lost = right & ~_right(weights, corpus)
        if not lost.any():
            break
        counts[:, own] *= np.where(lost, GROWTH, 1.0)
    return weights, temperatures


def _right(weights: Weights, corpus: Sequence[Labelled]) -> NDArray[np.bool_]:
    """Of which messages the sentiment and the severity are right, (2, n)."""
    said = Classifier(weights, Lexicon.load()).judge([e.message for e in corpus], [e.level for e in corpus])
    found = said.sentiment_labels, said.severity_labels
    truth = [each.sentiment for each in corpus], [each.severity for each in corpus]
    return np.array([labels == np.array(known) for labels, known in zip(found, truth, strict=True)])


def _temperatures(
    unseen: NDArray[np.float64], corpus: Data, model: Linear, held: Sequence[Told]
) -> NDArray[np.float64]:
    """By what to multiply the logits, (6,), from those of the corpus out of fold and of the examples held back."""
    held_data = Data.of([_as_labelled(each) for each in held]) if held else None
    found = []
    for place, logits in enumerate(split(unseen)):
        labels, rows = corpus.labels[place], [logits]
        if held_data is not None:
            answered = _known(0, held)[place] > 0
            rows.append(split(model.logits(held_data, np.arange(len(held))))[place][answered])
            labels = np.concatenate([labels, held_data.labels[place][answered]])
        found.append(evaluation.temperature(np.concatenate(rows), labels))
    return np.repeat(found, 3)


def _known(corpus: int, told: Sequence[Told]) -> NDArray[np.float64]:
    """How much each answer counts, (2, n): 1 for the corpus, 0 for what was not answered."""
    rows = [[each.weight * (each.sentiment is not None), each.weight * (each.severity is not None)] for each in told]
    return np.hstack([np.ones((2, corpus)), np.array(rows, np.float64).reshape(-1, 2).T])


def _as_labelled(told: Told) -> Labelled:
    return Labelled("", told.level, "", told.sentiment or "neutral", told.severity or "normal", told.text)
