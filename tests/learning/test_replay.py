from __future__ import annotations

from collections import Counter
from math import ceil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning_scene import LABELLED, label_all, team
from sllm_core.learning.asking import subjects_of
from sllm_core.learning.dataset import Example
from sllm_core.learning.dataset_files import keep_dataset, read_examples
from sllm_core.learning.parts import part_of_text
from sllm_core.learning.replay import learnable_corpus, replayed
from sllm_core.redaction import Redactor
from sllm_core.safety import Preparation

PREPARE = Preparation(Redactor(), (), b"k" * 16)


def learnt(count: int, first: int = 0, label: str = "critical") -> list[Example]:
    return [
        Example("anomaly", f"{place:016x}", f"pump {place}", label, "train") for place in range(first, first + count)
    ]


@given(count=st.integers(1, 40), share=st.sampled_from([0.1, 0.25, 0.5]))
def test_replay_is_its_share_of_all_that_is_learnt(count: int, share: float) -> None:
    found = subjects_of(replayed(learnt(count), (), learnt(50, 100), PREPARE, share))
    assert len(found) == ceil(count * share / (1 - share))


def test_half_comes_from_what_earlier_versions_learnt() -> None:
    found = replayed(learnt(60), (), learnt(50, 100), PREPARE, 0.25)
    assert Counter(bool(each.key) for each in found) == {True: 10, False: 20}


def test_what_has_a_label_now_is_not_replayed_with_that_of_before() -> None:
    earlier = learnt(20, 100)
    found = replayed(learnt(60), {each.key for each in earlier[:15]}, earlier, PREPARE, 0.25)
    assert {each.key for each in found if each.key} == {each.key for each in earlier[15:]}


def test_what_was_measured_on_is_never_replayed() -> None:
    held = [Example("anomaly", "f" * 16, "fan", "normal", "golden")]
    assert [each for each in replayed(learnt(60), (), held, PREPARE, 0.25) if each.key] == []
    assert {part_of_text(each.text) for each in learnable_corpus()} >= {"train"}


def test_every_kind_of_label_is_replayed_alike() -> None:
    found = replayed(learnt(90), (), (), PREPARE, 0.25)
    counts = Counter(tuple(each.label for each in subject) for subject in subjects_of(found))
    assert len(counts) > 4
    assert max(counts.values()) - min(counts.values()) <= 1


def test_some_of_the_corpus_bears_an_order_and_keeps_its_label() -> None:
    plain = {each.text: each for each in learnable_corpus()}
    found = replayed(learnt(600), (), (), PREPARE, 0.25)
    bearing = [subject for subject in subjects_of(found) if subject[0].text not in plain]
    assert 0.1 < len(bearing) / len(subjects_of(found)) < 0.4
    labels = {tuple(each.label for each in subject) for subject in bearing}
    assert len(labels) > 3


def test_nothing_learnt_nothing_replayed() -> None:
    assert replayed((), (), learnt(9), PREPARE, 0.25) == ()


def test_a_version_that_served_leaves_its_examples_to_be_replayed(tmp_path: Path) -> None:
    made = team(tmp_path)
    with made.store:
        label_all(made, LABELLED[:60])
        builder = made.learning.tuning._bench.builder
        dataset = builder.build()
        folder = keep_dataset(dataset, tmp_path / "models")
        assert read_examples(folder) == list(dataset.examples)
        assert keep_dataset(dataset, tmp_path / "models") == folder


@pytest.mark.parametrize("text", ["", "{", '{"task": "anomaly"}\n'])
def test_what_was_damaged_is_not_replayed(tmp_path: Path, text: str) -> None:
    (tmp_path / "examples.jsonl").write_text(text)
    assert read_examples(tmp_path) == []
    assert read_examples(tmp_path / "none") == []
