from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learning_scene import LABELLED, START, Team, label_all, patterns_of, said, team
from sllm_core.learning.asking import entry_of
from sllm_core.learning.building import Builder
from sllm_core.learning.dataset import PARTS, Dataset, Example, part_at
from sllm_core.learning.parts import part_of_text
from sllm_core.models.verdict import ModelVerdict
from sllm_core.redaction import Redactor
from sllm_core.review.known import LATEST
from sllm_core.safety import Preparation
from sllm_core.settings.sections import LearningSection
from sllm_core.store.feedback import part_of
from sllm_core.store.versions import VersionRow


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
    assert {each.part for each in dataset.examples} == {"train", "dev", "test", "golden"}
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


def test_what_a_tuned_model_says_is_no_independent_label(told: Team) -> None:
    label_all(told)
    (agreed,) = patterns_of(told.store, ["FATAL out of memory"])
    sure = (0.0, 0.02, 0.98)
    told.store.versions.keep(VersionRow("sllm-tuned:1@abc", "lora", "promoted", START, {}))
    told.store.save_verdicts("sllm-tuned:1@abc judge-1.en", [ModelVerdict(agreed, "negative", "critical", sure, sure)])
    told.store.remember(LATEST, "sllm-tuned:1@abc judge-1.en")
    assert [each for each in build(told).examples if each.origin == "agreement"] == []


def test_the_manifest_tells_what_is_in_it(told: Team) -> None:
    label_all(told)
    manifest = build(told).manifest
    counted = sum(count for part in manifest["tasks"]["anomaly"].values() for count in part.values())
    assert (counted, manifest["labellers"]) == (manifest["examples"], {"kim": manifest["examples"]})
    assert json.loads(json.dumps(manifest)) == manifest


@given(text=st.text())
def test_every_text_is_in_one_part(text: str) -> None:
    assert part_at(part_of(text)) in PARTS


def test_a_pattern_is_in_one_part_for_all_tasks(told: Team) -> None:
    label_all(told, LABELLED[:60])
    label_all(told, [(message, "negative") for message, _ in LABELLED[:60]], task="sentiment")
    parts = {(each.key, each.part) for each in build(told).examples}
    assert len(parts) == len({key for key, _ in parts}) == 60


def test_the_newest_are_measured_on_and_not_learnt(told: Team) -> None:
    ids = patterns_of(told.store, [message for message, _ in LABELLED[:50]])
    for place, (pattern, (_, label)) in enumerate(zip(ids, LABELLED, strict=False)):
        told.learning.feedback.give(said(pattern, label, at=START + place * timedelta(hours=2)))
    learnt = {each.key for each in build(told, time_slice=0).of_parts("train", "dev")}
    newest = {f"{each:016x}" for each in ids[-10:]}
    dataset = build(told)
    assert {each.key for each in dataset.of_parts("recent")} == learnt & newest
    assert {each.key for each in dataset.of_parts("train", "dev")} == learnt - newest


def test_no_more_statements_on_a_pattern_count_than_allowed(told: Team) -> None:
    for place in range(5):
        label_all(told, LABELLED[:1], by=f"kim {place}")
    dataset = build(told, per_pattern=3)
    assert [each.count for each in dataset.examples] == [3]
    assert [(each.reason, each.count) for each in dataset.quarantined] == [("cap", 2)]


def test_many_labels_turned_round_by_one_person_are_set_aside_with_the_reason(told: Team) -> None:
    label_all(told, LABELLED[:30])
    turned = [(message, "normal" if label != "normal" else "critical") for message, label in LABELLED[:30]]
    label_all(told, turned, by="eve", via="api", at=START + timedelta(days=1))
    dataset = build(told)
    assert [(each.reason, each.key, each.count) for each in dataset.quarantined] == [("reversal", "eve", 30)]
    assert {each.text: each.label for each in dataset.examples}[LABELLED[0][0]] == LABELLED[0][1]


def test_what_a_model_is_shown_is_made_ready_as_for_its_prompts(told: Team) -> None:
    label_all(told, [("login of kim@example.com failed", "warning")])
    (example,) = build(told).examples
    assert (example.template, "kim@example.com" in json.dumps(example.to_json())) == (
        "login of <email:1> failed",
        False,
    )
    entry = entry_of(example)
    prepare = Preparation(Redactor(), (), b"k" * 16)
    assert [prepare.session().line(each) for each in (entry.template, *entry.examples)] == [
        entry.template,
        *entry.examples,
    ]


def test_what_is_made_ready_twice_is_as_made_ready_once() -> None:
    prepare = Preparation(Redactor(), (), b"k" * 16)
    for message, _ in [*LABELLED[:20], ("password=hunter2hunter2 of kim@example.com at 10.1.2.3 ↵ <|eot_id|>", "")]:
        once = prepare.session().line(message, 300)
        assert prepare.session().line(once, 300) == once


def test_agreement_on_what_would_be_measured_on_is_left_alone(told: Team) -> None:
    label_all(told)
    sure = (0.0, 0.02, 0.98)
    texts = [f"FATAL out of memory in pool {word}" for word in "abcdefghijklmnop"]
    ids = patterns_of(told.store, texts)
    told.store.save_verdicts("m", [ModelVerdict(each, "negative", "critical", sure, sure) for each in ids])
    told.store.remember(LATEST, "m")
    agreed = [each for each in build(told).examples if each.origin == "agreement"]
    assert all(part_of_text(told.store.patterns.template(int(each.key, 16))) == "train" for each in agreed)


def test_what_is_replayed_is_no_part_of_the_digest(told: Team) -> None:
    label_all(told)
    with_replay, without = build(told), build(told, replay=0)
    assert (len(without.replay), with_replay.digest == without.digest) == (0, True)
    assert {each.part for each in with_replay.replay} == {"train"}


def test_an_example_is_read_as_it_was_written(told: Team) -> None:
    label_all(told, LABELLED[:5])
    for each in build(told).examples:
        assert Example.from_json(json.loads(json.dumps(each.to_json()))) == each
        earlier = {name: value for name, value in each.to_json().items() if name not in ("template", "shown", "window")}
        assert Example.from_json(earlier).label == each.label


@settings(max_examples=10)
@given(order=st.permutations(range(12)))
def test_equal_labels_give_an_equal_digest_in_whatever_order_they_came(order: list[int]) -> None:
    digests = set()
    for places in (range(12), order):
        made = team(None)
        with made.store:
            ids = patterns_of(made.store, [message for message, _ in LABELLED[:12]])
            for place in places:
                when = START + timedelta(hours=place)
                made.learning.feedback.give(said(ids[place % 9], LABELLED[place % 9][1], at=when, by=f"kim {place}"))
            digests.add(build(made, replay=0).digest)
    assert len(digests) == 1
