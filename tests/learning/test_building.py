from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning_scene import LABELLED, START, Team, label_all, patterns_of, said, team
from sllm_core.learning.building import Builder
from sllm_core.learning.dataset import PARTS, Dataset, part_at
from sllm_core.models.verdict import ModelVerdict
from sllm_core.redaction import Redactor
from sllm_core.review.known import LATEST
from sllm_core.safety import Preparation
from sllm_core.settings.sections import LearningSection
from sllm_core.store.feedback import part_of


@pytest.fixture
def told() -> Iterator[Team]:
    made = team(None)
    with made.store:
        yield made


def build(told: Team, **terms: object) -> Dataset:
    section = LearningSection.model_validate(terms)
    return Builder(told.store, Preparation(Redactor(), (), b"k" * 16), section).build()


def test_what_humans_labelled_is_in_parts_that_do_not_mix(told: Team) -> None:
    label_all(told)
    dataset = build(told)
    assert {each.part for each in dataset.examples} == set(PARTS)
    assert len({(each.task, each.text) for each in dataset.examples}) == len(dataset.examples)
    assert all(each.by == ("kim",) and each.source == "plant" for each in dataset.examples)
    assert sum(len(dataset.of("anomaly", part)) for part in PARTS) == len(dataset.examples)


def test_the_same_labels_give_the_same_dataset_in_any_order(told: Team) -> None:
    label_all(told)
    other = team(None)
    with other.store:
        label_all(other, LABELLED[::-1])
        assert build(other).digest == build(told).digest


def test_a_pattern_stays_in_its_part_when_it_leads_to_another(told: Team) -> None:
    label_all(told, LABELLED[:40])
    before = {each.key: each.part for each in build(told).examples}
    label_all(told, LABELLED[40:])
    after = {each.key: each.part for each in build(told).examples}
    assert [key for key in before.keys() & after.keys() if PARTS.index(after[key]) < PARTS.index(before[key])] == []


def test_opposite_labels_are_set_aside_and_shown(told: Team) -> None:
    label_all(told, LABELLED[:20])
    label_all(told, [(LABELLED[0][0], "normal")], by="lee")
    dataset = build(told)
    (shown,) = dataset.quarantined
    assert (shown.reason, shown.count, shown.detail) == ("flip", 2, "critical by kim, normal by lee")
    assert shown.key not in {each.key for each in dataset.examples}


def test_a_flood_of_one_person_is_set_aside_unless_trusted(told: Team) -> None:
    label_all(told, LABELLED[:30], via="api", by="bot")
    assert (build(told, burst=20).examples, build(told, burst=20).quarantined[0].reason) == ((), "volume")
    assert build(told, burst=20, trusted=["bot"]).quarantined[:1] != build(told, burst=20).quarantined[:1]
    assert len(build(told, burst=30).examples) > 20


def test_labels_at_a_human_pace_are_no_flood(told: Team) -> None:
    ids = patterns_of(told.store, [message for message, _ in LABELLED[:30]])
    for place, (pattern, (_, label)) in enumerate(zip(ids, LABELLED, strict=False)):
        told.learning.feedback.give(said(pattern, label, via="api", at=START + place * timedelta(minutes=1)))
    assert build(told, burst=11).quarantined == ()


def test_no_source_has_more_than_its_share(told: Team) -> None:
    label_all(told)
    dataset = build(told, per_source=10)
    assert (len(dataset.examples), dataset.quarantined[0].reason) == (10, "cap")


def test_private_values_and_control_tokens_are_taken_out(told: Team) -> None:
    label_all(told, [("login of kim@example.com failed", "warning")])
    (example,) = build(told).examples
    assert "kim@example.com" not in json.dumps(example.to_json())


def test_what_a_model_and_the_shipped_classifier_agree_on_is_learnt_but_never_measured_on(told: Team) -> None:
    label_all(told)
    agreed, doubted = patterns_of(told.store, ["FATAL out of memory", "job done"])
    sure, unsure = (0.0, 0.02, 0.98), (0.5, 0.3, 0.2)
    told.store.save_verdicts("m", [ModelVerdict(agreed, "negative", "critical", sure, sure)])
    told.store.save_verdicts("m", [ModelVerdict(doubted, "neutral", "normal", unsure, unsure)])
    told.store.remember(LATEST, "m")
    found = [each for each in build(told).examples if each.origin == "agreement"]
    assert [(each.label, each.part, each.by[1]) for each in found] == [("critical", "train", "m")]
    assert [each for each in build(told, agreement=False).examples if each.origin == "agreement"] == []


def test_the_manifest_tells_what_is_in_it(told: Team) -> None:
    label_all(told)
    manifest = build(told).manifest
    counted = sum(count for part in manifest["tasks"]["anomaly"].values() for count in part.values())
    assert (counted, manifest["labellers"]) == (manifest["examples"], {"kim": manifest["examples"]})
    assert json.loads(json.dumps(manifest)) == manifest


@given(text=st.text())
def test_every_text_is_in_one_part(text: str) -> None:
    assert part_at(part_of(text)) in PARTS
