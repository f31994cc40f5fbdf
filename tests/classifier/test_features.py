from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.classifier.features import BUCKETS, ngrams

WORDS = st.lists(st.text("abc가나다#", min_size=1, max_size=6), max_size=6)


def buckets(document: list[str]) -> list[int]:
    return sorted(ngrams([document]).bucket.tolist())


def test_one_word_has_itself_and_its_characters() -> None:
    found = ngrams([["abc"]])
    assert len(found.bucket) == 1 + 3 + 2 + 1


def test_no_bigram_crosses_documents() -> None:
    assert len(ngrams([["a"], ["b"]]).bucket) == 2 * len(ngrams([["a"]]).bucket)


@given(st.lists(WORDS, max_size=5))
def test_a_document_is_the_same_in_any_company(documents: list[list[str]]) -> None:
    found = ngrams(documents)
    for place, document in enumerate(documents):
        assert sorted(found.bucket[found.document == place].tolist()) == buckets(document)


@given(st.lists(WORDS, max_size=5))
def test_places_are_in_range(documents: list[list[str]]) -> None:
    found = ngrams(documents)
    assert ((found.bucket >= 0) & (found.bucket < BUCKETS)).all()
    assert ((found.document >= 0) & (found.document < len(documents))).all()


def test_repetition_does_not_shout() -> None:
    weights = np.ones((1, BUCKETS), np.float32)
    once, often = ngrams([["fail"], ["fail"] * 100]).dot(weights, 2)[:, 0]
    assert often == pytest.approx(once * 10, rel=0.5)


def test_hashes_are_the_same_on_every_machine() -> None:
    assert buckets(["ok"]) == [7563, 17658, 21011, 29753]


def test_hashes_fill_the_buckets_evenly() -> None:
    documents = [[f"{a}{b}{c}"] for a in "abcdefghij" for b in "klmnopqrst" for c in "uvwxyz"]
    word_buckets = [ngrams([each]).bucket[0] for each in documents]
    assert len(set(word_buckets)) > 0.97 * len(documents)
